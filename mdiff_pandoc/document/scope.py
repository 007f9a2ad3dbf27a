"""The facts in force at a place of a document."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from mdiff_pandoc.document.assertion import IN_GENERAL
from mdiff_pandoc.document.facts import (
    ANEW,
    DEFINITION,
    FREE,
    HELD,
    KINDS,
    MEMBER,
    PROPERTY,
    SIZE,
    SIZES,
    UNREAD,
    key_of,
)
from mdiff_pandoc.latex.definienda import listed_names
from mdiff_pandoc.latex.names import Name

# the number of the facts that metadata and options state of a whole document
_WHOLE = 1


class _Held(Struct, frozen=True):
    """A fact in force and the number of the paragraph that stated it."""

    fact: str
    paragraph: int


class Scope:
    """The facts in force at a place: later ones replace earlier ones about the same symbol."""

    def __init__(self, inherited: Mapping[tuple[str, str], _Held] | None = None) -> None:
        self._inherited = dict(inherited or {})
        self._facts = dict(self._inherited)
        self._sections = False
        self._ended: dict[tuple[str, str], _Held] = {}
        self._paragraph = max((held.paragraph for held in self._facts.values()), default=0)

    def add_all(self, facts: Iterable[str]) -> None:
        """Put the facts of a paragraph in force, in order."""
        self._paragraph += 1
        for fact in facts:
            self._add(fact)

    def _add(self, fact: str) -> None:
        name, kind = _subject(fact)
        if kind == IN_GENERAL:
            for key, held in list(self._facts.items()):
                if held.fact.startswith(HELD):
                    del self._facts[key]
            return
        if kind in (FREE, ANEW):
            self._forget(name, () if kind == FREE else ("shape",))
            return
        if sized := SIZES.fullmatch(fact):
            self._resize(sized[1].split(" = "), sized[2])
            return
        known = self._facts.get((name, kind))
        if known and known.fact == fact.removeprefix(HELD):
            return
        if known and kind == "definition" and (rows := listed_names(fact.partition("=")[2])):
            self._name_entries(known.fact.partition("=")[2].strip(), rows)
            return
        shape = self._facts.get((name, "shape"))
        if shape and kind in KINDS:
            if _agrees(kind, shape.fact):
                return
            self._redeclare(name, shape)
        elif shape and kind == "shape" and shape.fact != fact:
            self._redeclare(name, shape)
        for other in (kind, *(KINDS if kind == "shape" else ())):
            self._facts.pop((name, other), None)
        self._facts[name, kind] = _Held(fact, self._paragraph)

    def _name_entries(self, matrix: str, rows: list[list[Name]]) -> None:
        """Names for the entries of a matrix that has a definition."""
        for row, names in enumerate(rows, 1):
            for column, name in enumerate(names, 1):
                key = (key_of(name.latex), "definition")
                fact = f"let {name.latex} = ({matrix})_{{{row}{column}}}"
                self._facts.setdefault(key, _Held(fact, self._paragraph))

    def _resize(self, letters: Iterable[str], number: str) -> None:
        """Put a number for the dimensions ``letters`` into the shapes that are declared."""
        dimension = re.compile(rf"(?<![A-Za-z\\])(?:{'|'.join(letters)})(?![A-Za-z])")
        for key, held in list(self._facts.items()):
            if r"\mathbb" in held.fact:
                fact = SIZE.sub(lambda found: dimension.sub(number, found[0]), held.fact)
                self._facts[key] = _Held(fact, held.paragraph)

    def _forget(self, name: str, kept: Collection[str]) -> None:
        """End what earlier paragraphs told of ``name``, but its definition and the ``kept`` kinds.

        What metadata and options tell of the whole document stays.
        """
        for key, held in list(self._facts.items()):
            old = held.paragraph not in (_WHOLE, self._paragraph)
            if key[0] == name and old and key[1] not in ("definition", *kept):
                del self._facts[key]

    def _redeclare(self, name: str, shape: _Held) -> None:
        """Forget what ``name`` was, and the shapes that were declared along with it."""
        for key, held in list(self._facts.items()):
            along = key[1] == "shape" and held.paragraph == shape.paragraph != self._paragraph
            if key[0] == name or along:
                del self._facts[key]

    def open_section(self) -> None:
        """Begin a section: what earlier sections said is over, what stood before them holds."""
        if not self._sections:
            self._sections, self._inherited = True, dict(self._facts)
        self._ended = self._ended | self._facts
        self._facts = dict(self._inherited)

    def earlier(self) -> tuple[str, ...]:
        """What earlier sections said of symbols of which nothing is said in this one."""
        told = {name for name, _ in self._facts}
        return tuple(
            held.fact.removeprefix(HELD) for key, held in self._ended.items() if key[0] not in told
        )

    def child(self) -> Scope:
        """A scope that starts with these facts and keeps its own to itself."""
        inner = Scope(self._facts)
        inner._ended = self._ended
        return inner

    def facts(self) -> tuple[str, ...]:
        """All facts in force, the oldest first."""
        return tuple(held.fact.removeprefix(HELD) for held in self._facts.values())


def _agrees(kind: str, shape: str) -> bool:
    """Does a declared shape make its symbol a ``vector``, ``matrix`` or ``square`` matrix?"""
    sizes = SIZE.search(shape.rpartition("}")[0] + "}")
    rows, times, columns = (sizes[1].strip("{}") if sizes else "").partition(r"\times")
    if kind == "vector":
        return not times and bool(rows)
    return bool(times) and (kind == "matrix" or rows.strip() == columns.strip())


def _subject(fact: str) -> tuple[str, str]:
    fact = fact.removeprefix(HELD)
    if match := UNREAD.fullmatch(fact):
        return key_of(match["name"]), fact[match.end("name") :].strip()
    if match := MEMBER.fullmatch(fact):
        return key_of(match[1]), "shape"
    if match := PROPERTY.fullmatch(fact):
        return key_of(match[1]), fact[match.end(1) :].strip()
    if match := DEFINITION.match(fact):
        return key_of(match[1].split("(")[0]), "definition"
    return "", fact
