"""A document part by part; what an earlier build made of the same part is not made again."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mdiff_pandoc.document.scope import Scope

if TYPE_CHECKING:
    from mdiff_pandoc.document.cache.store import Store
    from mdiff_pandoc.document.position import Place
    from mdiff_pandoc.document.rewrite import Rewriter

# what a walk counts: its parts add to it, and depend on it in nothing but messages
_COUNTS = (("responder", "equation"), ("marker", "count"), ("report", "answered"))
_OWNERS = ("", "responder", "checking", "marker")
_APART = frozenset(("equation", "count", "checks", "outline"))
_FOLLOWING = ("Para", "Plain")  # the blocks that the one before them looks into


class ManyError(Exception):
    """More parts had to be made than should be made one after another."""


class Part(Struct, frozen=True):
    """Blocks or inlines that are rewritten together, in pandoc's JSON.

    ``following`` is the block behind one of the ``body``.
    """

    nodes: list[Any]
    following: Any = None
    inlines: bool = False
    body: bool = False


class Made(Struct, frozen=True):
    """What stands in the place of a part: JSON, the items joined by commas.

    ``changes`` are those of the scope, ``counts`` what was added to ``_COUNTS``, and ``state`` what
    the rest of the document goes on with.
    """

    text: str
    changes: tuple[tuple[str, ...] | None, ...]
    counts: tuple[int, ...]
    state: str

    def encoded(self) -> bytes:
        """As bytes that ``decoded`` reads."""
        head = json.dumps([self.changes, self.counts, self.state], separators=(",", ":"))
        return f"{head}\n{self.text}".encode("utf-8", "surrogatepass")

    @staticmethod
    def decoded(data: bytes) -> Made | None:
        """What ``encoded`` has written, or None."""
        try:
            head, _, text = data.decode("utf-8", "surrogatepass").partition("\n")
            changes, counts, state = json.loads(head)
            facts = (None if change is None else tuple(change) for change in changes)
            return Made(text, tuple(facts), tuple(map(int, counts)), str(state))
        except (TypeError, ValueError):
            return None


class _Noted(Scope):
    """A scope that notes how it changes, and has a digest of all its changes."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[str, ...] | None] = []
        self.digest = b""

    def add_all(self, facts: Iterable[str]) -> None:
        """Put the facts of a paragraph in force, in order."""
        told = tuple(facts)
        if told:
            self._note(told)
        super().add_all(told)

    def open_section(self) -> None:
        """Begin a section."""
        self._note(None)
        super().open_section()

    def _note(self, change: tuple[str, ...] | None) -> None:
        self.changes.append(change)
        self.digest = _after(self.digest, change)


def _after(digest: bytes, change: tuple[str, ...] | None) -> bytes:
    """The digest of a scope after one more change."""
    return hashlib.sha256(digest + repr(change).encode("utf-8", "surrogatepass")).digest()


class Walk:
    """Takes the parts of one document in order.

    ``begin`` makes the rewriter and the place at the start of the document, in a given scope, when
    a part is met that is not in the ``store``; ``elements`` makes panflute's elements of JSON.
    ``base`` is what all parts depend on; claims are checked where ``checks`` is set. Parts in
    ``seen`` were read from the store before. A walk ``ahead`` only asks: what it makes is nothing
    to keep. ManyError: more than ``most`` parts had to be made.
    """

    def __init__(
        self,
        begin: Callable[[Scope], tuple[Rewriter, Place]],
        elements: Callable[[Any], Any],
        base: str = "",
        store: Store | None = None,
        seen: dict[bytes, Made] | None = None,
        *,
        most: int = sys.maxsize,
        ahead: bool = False,
    ) -> None:
        self.reused = 0
        self.checks = False
        self._begin, self._elements = begin, elements
        self._base, self._store, self._most, self._ahead = base, store, most, ahead
        self._count = 0
        self._seen = {} if seen is None else seen
        self._new: dict[bytes, Made] = {}
        self._scope = _Noted()
        self._begun: tuple[Rewriter, Place] | None = None
        self._state: str | None = ""  # None where it cannot be written down
        self._digest = b""
        self._skipped: list[Made] = []  # of which the rewriter knows nothing yet
        self._next: tuple[Any, Any] | None = None  # the block that comes next, and its element

    def part(self, part: Part) -> Any:
        """What stands in the place of a part; ``text_of`` gives it as text."""
        key = self._key(part)
        made = self._found(key)
        if made is not None:
            self.reused += 1
            self._skipped.append(made)
            self._state = made.state
            for change in made.changes:
                self._digest = _after(self._digest, change)
            return made.text
        return self._made(part, key)

    @property
    def begun(self) -> bool:
        """Was there a part that had to be made?"""
        return self._begun is not None

    def rewriter(self) -> Rewriter:
        """The rewriter, as it is behind the last part."""
        rewriter, _ = self._resumed()
        return rewriter

    def keep(self) -> None:
        """Leave what was made to later builds."""
        from mdiff_pandoc.document.cache.store import BLOCK

        if self._store is not None:
            self._store.put(BLOCK, ((key, made.encoded()) for key, made in self._new.items()))

    def _key(self, part: Part) -> bytes | None:
        from mdiff_pandoc.document.cache.keys import key_of
        from mdiff_pandoc.document.cache.store import BLOCK

        if self._store is None or self._state is None:
            return None
        following = part.following
        if following is not None and following["t"] not in _FOLLOWING:
            following = None
        told = json.dumps([part.nodes, following, part.inlines, self.checks], check_circular=False)
        return key_of(BLOCK, self._base, told, self._state, self._digest)

    def _found(self, key: bytes | None) -> Made | None:
        if key is None or self._store is None:
            return None
        made = self._seen.get(key)
        if made is None and (data := self._store.get(key)) is not None:
            made = Made.decoded(data)
            if made is not None:
                self._seen[key] = made
        return made

    def _made(self, part: Part, key: bytes | None) -> Any:
        self._count += 1
        if self._count > self._most:
            raise ManyError
        rewriter, place = self._resumed()
        rewriter.checks = self.checks
        noted, before = rewriter.report.noted, _counts(rewriter)
        self._scope.changes.clear()
        if part.body:
            [node] = part.nodes
            ahead = self._next
            element = ahead[1] if ahead and ahead[0] is node else self._elements(node)
            following = part.following and self._elements(part.following)
            self._next = (part.following, following)
            out = rewriter.block(element, place, following)
        elif part.inlines:
            out = rewriter.inlines(self._elements(part.nodes), place)
        else:
            out = rewriter.blocks(self._elements(part.nodes), place)
        self._state, self._digest = _state(rewriter), self._scope.digest
        silent = rewriter.report.noted == noted
        if key is not None and self._state is not None and silent and not self._ahead:
            counts = (now - then for now, then in zip(_counts(rewriter), before, strict=True))
            made = Made(text_of(out), tuple(self._scope.changes), tuple(counts), self._state)
            self._new[key] = made
            return made.text
        return out

    def _resumed(self) -> tuple[Rewriter, Place]:
        """The rewriter and its place, after all parts that were taken from the store."""
        if self._begun is None:
            self._begun = self._begin(self._scope)
            self._scope.digest = b""  # what holds everywhere belongs to the base
        rewriter, place = self._begun
        for made in self._skipped:
            for change in made.changes:
                if change is None:
                    self._scope.open_section()
                else:
                    self._scope.add_all(change)
            for (owner, name), count in zip(_COUNTS, made.counts, strict=True):
                held = getattr(rewriter, owner)
                setattr(held, name, getattr(held, name) + count)
        if self._skipped:
            _resume(rewriter, self._skipped[-1].state)
            self._skipped.clear()
        return rewriter, place


def text_of(made: Any) -> str:
    """The JSON of what stands for a part, the items joined by commas."""
    return made if isinstance(made, str) else dumps(made)[1:-1]


def dumps(value: Any) -> str:
    """A value with panflute's elements in it as JSON."""
    return json.dumps(
        value,
        default=lambda element: element.to_json(),
        ensure_ascii=False,
        check_circular=False,
        separators=(",", ":"),
    )


def _counts(rewriter: Rewriter) -> list[int]:
    return [getattr(getattr(rewriter, owner), name) for owner, name in _COUNTS]


def _owners(rewriter: Rewriter) -> Iterator[tuple[str, Any]]:
    for name in _OWNERS:
        yield name, getattr(rewriter, name) if name else rewriter


def _state(rewriter: Rewriter) -> str | None:
    """What one part leaves to the next, beside the scope and the counts, as text.

    These are all attributes with plain values; None where a tuple holds something else.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, owner in _owners(rewriter):
        values = found[name] = {}
        for key, value in vars(owner).items():
            if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
                return None
            if isinstance(value, bool | int | str | tuple) and key not in _APART:
                values[key] = value
    return json.dumps(found, separators=(",", ":"))


def _resume(rewriter: Rewriter, state: str) -> None:
    """Give the rewriter the attributes that another one had."""
    told: Mapping[str, Mapping[str, Any]] = json.loads(state)
    for name, owner in _owners(rewriter):
        for key, value in told.get(name, {}).items():
            if key not in _APART:
                setattr(owner, key, tuple(value) if isinstance(value, list) else value)
