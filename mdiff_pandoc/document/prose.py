"""The text around the formulas of a paragraph, and the facts that it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import panflute as pf
from msgspec import Struct, field

from mdiff_pandoc.document.assertion import may_suppose
from mdiff_pandoc.document.clauses import Reader
from mdiff_pandoc.document.plain import plain_sizes
from mdiff_pandoc.document.shadow import FIRST, LAST
from mdiff_pandoc.latex.ties import tie
from mdiff_pandoc.patterns import regex

# a word that begins a sentence behind a formula without a full stop
_OPENING = regex(rf"[{chr(FIRST)}-{chr(LAST)}]\s+([A-Z][a-z]+)")
_FOLLOWS = regex(r"\s*(?:[Ww]here|[Hh]ere|with|for|in which)\b")


class Prose(Struct):
    """A run of text: ``text`` has one private character for each formula in ``math``.

    ``places`` gives the place of every element that is a formula, by its ``id``.
    """

    text: str = ""
    math: list[str] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)

    def equations(self) -> Iterator[int]:
        """The places of the formulas with an equals sign."""
        for place, char in enumerate(self.text):
            formula = ord(char) - FIRST
            if 0 <= formula < len(self.math) and "=" in self.math[formula]:
                yield place

    def follows_up(self) -> bool:
        """Does this text explain the symbols of what stands before it ("where …")?"""
        return _FOLLOWS.match(self.text) is not None


def read_prose(inlines: Iterable[pf.Element]) -> Prose:
    """The text of ``inlines`` with its formulas; footnotes and skipped spans are left out."""
    prose = Prose()
    parts: list[str] = []
    place = 0
    for words, element in _parts(inlines):
        text = words
        if element is not None:
            prose.places[id(element)] = place
            if FIRST + len(prose.math) < LAST:
                text = chr(FIRST + len(prose.math))
                prose.math.append(element.text)
        parts.append(text)
        place += len(text)
    prose.text = "".join(parts)
    return prose


def _parts(inlines: Iterable[pf.Element]) -> Iterator[tuple[str, pf.Element | None]]:
    """Pieces of text, and formulas."""
    for inline in inlines:
        if isinstance(inline, pf.Str):
            yield inline.text, None
        elif isinstance(inline, pf.Space | pf.SoftBreak | pf.LineBreak):
            yield " ", None
        elif isinstance(inline, pf.Math) or (
            isinstance(inline, pf.RawInline) and inline.format in ("tex", "latex")
        ):
            yield "", inline
        elif "mdiff-mark" in getattr(inline, "classes", ()):  # says nothing of the author's
            continue
        elif isinstance(inline, pf.Note | pf.Image) or "mdiff-skip" in getattr(
            inline, "classes", ()
        ):
            yield " ", None
        elif hasattr(inline, "content"):
            yield from _parts(inline.content)


def facts_of(prose: Prose) -> list[tuple[int, str]]:
    """The facts of a text with their places, in reading order."""
    reader = Reader(prose.text, prose.math)
    found = [
        *reader.products(),
        *plain_sizes(prose.text),
        *reader.primed(),
        *reader.formulas(),
        *reader.clauses(),
        *reader.parts(),
        *reader.generalised(),
    ]
    return sorted(found, key=lambda item: item[0])


def supposed_in(prose: Prose) -> list[tuple[int, str]]:
    """What a text supposes, as in "if A is symmetric", with the places."""
    if not may_suppose(prose.text.lower()):
        return []
    reader = Reader(prose.text, prose.math, supposed=True)
    found = [*reader.formulas(), *reader.clauses(), *reader.parts()]
    return sorted(found, key=lambda item: item[0])


def sentence_at(prose: Prose, place: int) -> tuple[int, int]:
    """Where the sentence around ``place`` begins and ends; a formula may hold its full stop."""
    start, end = 0, len(prose.text)
    for stop in _stops(prose):
        if stop > place:
            return start, stop
        start = stop
    return start, end


def conditions_at(prose: Prose, place: int) -> str:
    r"""The conditions on indices (:math:`i \ne j`) in the sentence around ``place``, one a line.

    The nearest one before it comes first, but where they follow what they are conditions of.
    """
    start, end = sentence_at(prose, place)
    for opening in _OPENING.finditer(prose.text, start, end):
        start, end = (
            (opening.start(1), end) if opening.end() <= place else (start, opening.start(1))
        )
        if opening.end() > place:
            break
    before: list[str] = []
    behind: list[str] = []
    leads: bool | None = None
    for here in range(start, end):
        formula = ord(prose.text[here]) - FIRST
        if not 0 <= formula < len(prose.math):
            continue
        if tie(prose.math[formula]) is not None:
            (before if here < place else behind).append(prose.math[formula])
            leads = True if leads is None else leads
        elif "=" in prose.math[formula]:
            leads = False if leads is None else leads
    return "\n".join((*before[::-1], *behind) if leads else (*behind, *before[::-1]))


def is_open(prose: Prose) -> bool:
    """Does the last sentence go on behind the text?"""
    return bool(prose.text.strip()) and len(prose.text.rstrip()) not in _stops(prose)


def _stops(prose: Prose) -> Iterator[int]:
    """Where sentences end."""
    for place, char in enumerate(prose.text):
        formula = ord(char) - FIRST
        ends = char in ".?!" and prose.text[place + 1 : place + 2] in ("", " ")
        if 0 <= formula < len(prose.math):
            ends = prose.math[formula].rstrip().endswith(".")
        if ends:
            yield place + 1
