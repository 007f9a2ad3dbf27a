"""The texts that a formula is read from: its own, and those of the definitions put into it."""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct, field

from mdiff_pandoc.errors import MdiffError, Span
from mdiff_pandoc.latex.scope import Definition


class _Part(Struct):
    """The text of a definition, from ``start``, and where the definition is used."""

    start: int
    definition: Definition
    occurrence: Span | None

    @property
    def place(self) -> Span:
        """Where it is used; the beginning of the formula where nobody said so."""
        return self.occurrence or Span(0, 1)


class Sources(Struct):
    """The formula and, behind it, the texts of the definitions that were put in.

    Spans of a definition's terms lie behind the formula, so that every span has a text;
    `relocate` turns them back into places that an author can be shown.
    """

    text: str
    parts: list[_Part] = field(default_factory=list)

    def add(self, definition: Definition, occurrence: Span | None) -> int:
        """Take in the text of a definition; returns where it begins."""
        start = len(self.text)
        self.text += definition.source
        self.parts.append(_Part(start, definition, occurrence))
        return start

    def occurs(self, definition: Definition, occurrence: Span) -> None:
        """Say where a definition is used whose text was taken in before."""
        for part in self.parts:
            if part.definition is definition and part.occurrence is None:
                part.occurrence = occurrence

    def relocate(self, error: MdiffError) -> MdiffError:
        """The error with a span in the formula, or in the declaration it comes from."""
        while error.span is not None and error.source is None:
            first, last = self._part(error.span.start), self._part(max(0, error.span.end - 1))
            if first is None and last is None:
                break
            if first is last and first is not None:
                definition = first.definition
                if definition.own:
                    error.span = Span(error.span.start - first.start, error.span.end - first.start)
                    error.source = definition.source
                    break
                error.message += f", in the definition of {definition.name.latex}"
                error.args = (error.message,)
                error.span = first.place
            else:
                start = error.span.start if first is None else first.place.start
                end = error.span.end if last is None else last.place.end
                error.span = Span(min(start, end), max(start, end))
        return error

    def _part(self, position: int) -> _Part | None:
        """The definition whose text stands at a position."""
        place = bisect_right(self.parts, position, key=lambda part: part.start)
        return self.parts[place - 1] if place else None
