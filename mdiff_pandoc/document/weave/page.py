"""The text that derivations are woven into, and where formulas stand in its lines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.blocks import Fence
from mdiff_pandoc.document.locate import Place
from mdiff_pandoc.document.spots import MATH_ENVIRONMENTS, Spots
from mdiff_pandoc.document.weave.dialects import Dialect, Directive
from mdiff_pandoc.document.weave.own_macros import in_macros
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.patterns import regex

_DELIMITERS = (("$$", "$$"), ("$`", "`$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"))
_OPENS = regex(r"\\begin\s*\{\s*(displaymath|math)\s*\}\s*\Z")
_CLOSES = regex(r"\\end\s*\{\s*(displaymath|math)\s*\}")
_LONGEST = 40  # characters of a command that begins an environment
_ROLE = "{math}"  # MyST's, before the formula
_BORDER = regex(r"[ \t>]*\+[-=+:]{3,}")  # of a table that is drawn with spaces
_INNER = frozenset("aligned alignedat gathered split darray".split())
_ENVIRONMENT = regex(rf"\\begin\s*\{{\s*({'|'.join(sorted(MATH_ENVIRONMENTS - _INNER))})\*?\s*\}}")
_ATTACHED = regex(
    r"(?:[ \t]*(?:[.,;:]|\(\d+\w?\)|\{#eq[^{}\n]*\}))+(?=[ \t]*(?:\n|\Z))"
    r"|[ \t]*\([\w:.-]+\)(?=[ \t]*(?:\n|\Z))"  # MyST's label
)
_ATTRIBUTES = regex(r"[ \t]*\n[ \t>]*\{:[^{}\n]*\}(?=[ \t]*(?:\n|\Z))")  # kramdown's


class Range(Struct, frozen=True):
    """A formula of a text with all that is replaced along with it.

    It reaches from ``start`` to ``end``; ``opening`` and ``closing`` are its delimiters, empty
    where it is an environment by itself (``bare``) or where they cannot be told (``inside``);
    ``rest`` is what belongs to it behind them, from ``stop`` on.
    """

    start: int
    stop: int
    end: int
    opening: str = ""
    closing: str = ""
    rest: str = ""
    bare: bool = False
    inside: bool = False


def delimited(text: str, start: int, end: int) -> Range | None:
    """The formula that is all that stands between its delimiters, or None."""
    before, after = _edges(text, start, end)
    for opening, closing in _DELIMITERS:
        if text.endswith(opening, 0, before) and text.startswith(closing, after):
            start, end = before - len(opening), after + len(closing)
            return Range(start, end, end, opening, closing)
    return None


def _edges(text: str, start: int, end: int) -> tuple[int, int]:
    """A range with the white space around it."""
    while start > 0 and text[start - 1].isspace():
        start -= 1
    while end < len(text) and text[end].isspace():
        end += 1
    return start, end


class Page(Struct, frozen=True, dict=True):
    """A text with what was found in its parts, each with its offset.

    ``original`` is what is kept of a range of the author's text, ``eol`` the line end that is told
    in short there.
    """

    file: FileText
    dialect: Dialect
    parts: Sequence[tuple[int, Spots]]
    directives: Sequence[Directive]
    original: Callable[[int, int], str]
    eol: str

    @property
    def text(self) -> str:
        """The text with line ends ``\\n``."""
        return self.file.text

    def part(self, place: int) -> tuple[int, Spots]:
        """The part around a place, with its offset."""
        index = bisect_right(self.parts, place, key=lambda part: part[0]) - 1
        return self.parts[max(index, 0)]

    @cached_property
    def fences(self) -> list[Fence]:
        """All fenced code, with places in the whole text."""
        return [
            Fence(fence.start + offset, fence.end + offset, fence.info, fence.text)
            for offset, spots in self.parts
            if spots.blocks is not None
            for fence in spots.blocks.fences
        ]

    def in_macros(self, latex: str, place: int) -> str:
        """LaTeX that is to stand at a place, in the macros that are defined before it."""
        known = (
            new
            for offset, spots in self.parts
            for new in spots.definitions
            if new.start + offset < place
        )
        return in_macros(latex, known)

    def line(self, place: int) -> tuple[int, int]:
        """The range of the line around a place."""
        end = self.text.find("\n", place)
        return self.text.rfind("\n", 0, place) + 1, end if end >= 0 else len(self.text)

    def margin(self, place: int) -> tuple[int, str]:
        """Where the text of the line around a place begins, and how a line below it begins."""
        start, end = self.line(place)
        offset, spots = self.part(place)
        if spots.blocks is not None and (known := spots.blocks.prefixes.get(start - offset)):
            return start + known[0], known[1]
        line = self.text[start:end]
        indent = len(line) - len(line.lstrip(" \t"))
        return start + indent, line[:indent]

    def is_blank(self, place: int, step: int) -> bool:
        """Is the line before (``step`` -1) or behind (1) the one around a place blank, or none?"""
        start, end = self.line(place)
        near = start - 1 if step < 0 else end + 1
        if near < 0 or near > len(self.text):
            return True
        start, end = self.line(near)
        return not self.text[start:end].strip(" \t>")

    def in_pipes(self, place: int) -> bool:
        """Does the line around a place belong to a table whose cells may have any length?"""
        start, end = self.line(place)
        if "|" not in self.text[start:place] + self.text[place:end].partition("$")[2]:
            return False
        while start > 0 and not self.is_blank(start, -1):
            start, end = self.line(start - 1)
            if _BORDER.match(self.text, start, end):
                return False
        return True

    def range_of(self, place: Place) -> Range | None:
        """The range of a formula; None where its delimiters are not where they should be."""
        for directive in self.directives:
            if directive.start <= place.start < directive.end:
                return self._fenced(directive.start, directive.first, directive.last, directive.end)
        for fence in self.fences:
            if fence.start <= place.start < fence.end:
                return self.fenced(fence)
        veil = place.veil
        if found := delimited(veil, place.start, place.end):
            if self.text.endswith(_ROLE, 0, found.start):
                found = replace(found, start=found.start - len(_ROLE))
            return self._with_rest(found.start, found.end, found.opening, found.closing)
        before, after = _edges(veil, place.start, place.end)
        head = max(before - _LONGEST, 0)
        opened, closed = _OPENS.search(veil, head, before), _CLOSES.match(veil, after)
        if opened and closed:
            return self._with_rest(opened.start(), closed.end(), opened[0], closed[0])
        if _ENVIRONMENT.match(veil, place.start):
            found = self._with_rest(place.start, place.end, "", "")
            return replace(found, bare=True)
        if self.dialect.tex:
            return Range(place.start, place.end, place.end, inside=True)
        return None

    def fenced(self, fence: Fence) -> Range:
        """The range of fenced code."""
        first = self.line(fence.start)[1] + 1
        last = self.line(fence.end)[0]
        return self._fenced(fence.start, first, last, fence.end)

    def _fenced(self, start: int, first: int, last: int, end: int) -> Range:
        opening, *options = self.text[start:first].removesuffix("\n").split("\n")
        options = [line.lstrip(" \t>") for line in options]
        closing = self.text[last:end].lstrip(" \t>")
        return Range(start, end, end, "\n".join([opening, *options]), closing)

    def _with_rest(self, start: int, end: int, opening: str, closing: str) -> Range:
        stop = end
        if found := _ATTACHED.match(self.text, stop):
            stop = found.end()
        if not self.dialect.tex and (found := _ATTRIBUTES.match(self.text, stop)):
            stop = found.end()
        first, *lines = self.text[end:stop].split("\n")
        rest = "\n".join([first, *(line.lstrip(" \t>") for line in lines)])
        return Range(start, end, stop, opening, closing, rest)
