"""Where formulas stand in a text, by its own rules: delimiters, code, comments."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mdiff_pandoc.document.macros import Definition
from mdiff_pandoc.patterns import regex

if TYPE_CHECKING:
    from mdiff_pandoc.document.blocks import Blocks

MATH_ENVIRONMENTS = frozenset(
    "equation align alignat aligned alignedat eqnarray flalign gather gathered multline split "
    "displaymath math dmath dgroup darray".split()
)
_NAMES = "|".join(sorted(MATH_ENVIRONMENTS, key=len, reverse=True))
_OPENS = regex(rf"\s*\\begin\s*\{{\s*({_NAMES})(\*?)\s*\}}(?:\s*\{{\s*\d+\s*\}}|\s*\[[tbc]\])?")
_CLOSES = regex(rf"\\end\s*\{{\s*({_NAMES})(\*?)\s*\}}\s*\Z")
_TAIL = 40  # characters that a closing environment fits in


class Spot(Struct, frozen=True):
    """A formula between its delimiters, or an environment with its own ones.

    ``order`` sorts spots as a reader meets them: a footnote where it is referred to.
    """

    start: int
    end: int
    display: bool
    order: tuple[int, ...]


class Spots(Struct, frozen=True):
    """What was found in a text.

    ``veil`` is the text, as long as it was, with everything blanked out that is no part of a
    formula though it stands between its lines, such as the marks of a block quote. ``apart`` are
    the ranges of code, comments and the like; ``blocks`` is there for Markdown.
    """

    veil: str
    spots: list[Spot] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    apart: list[tuple[int, int]] = field(default_factory=list)
    blocks: Blocks | None = None


def body_of(text: str) -> tuple[int, int]:
    """The range of a formula inside its outermost environment, which pandoc may rename."""
    opened = _OPENS.match(text)
    closed = _CLOSES.search(text, max(0, len(text) - _TAIL)) if opened else None
    if opened and closed and closed.start() >= opened.end() and opened.groups() == closed.groups():
        return opened.end(), closed.start()
    return 0, len(text)


class Marks:
    """Ranges of a text that are blanked out, in any order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ranges: list[tuple[int, int, str]] = []

    def blank(self, start: int, end: int) -> None:
        """Make it white space, which ends a paragraph where it fills a line."""
        self.ranges.append((start, end, " "))

    def hide(self, start: int, end: int) -> None:
        """Make it text that means nothing."""
        self.ranges.append((start, end, "\0"))

    def veil(self) -> str:
        """The text with these ranges replaced and its lines as they were."""
        pieces: list[str] = []
        last = 0
        for start, end, char in sorted(self.ranges):
            if end > last:
                pieces.append(self.text[last : max(last, start)])
                lines = self.text[max(last, start) : end].split("\n")
                pieces.append("\n".join(char * len(line) for line in lines))
                last = end
        return "".join(pieces) + self.text[last:]


class Regions:
    """Ranges that do not overlap, in order."""

    def __init__(self, ranges: list[tuple[int, int, str]]) -> None:
        self.ranges = sorted(ranges)
        self._starts = [start for start, _, _ in self.ranges]

    def around(self, place: int) -> tuple[int, int, str] | None:
        """The range that ``place`` lies in."""
        index = bisect_right(self._starts, place) - 1
        if index >= 0 and place < self.ranges[index][1]:
            return self.ranges[index]
        return None
