"""The blocks of Markdown as far as formulas care: containers, code, comments, metadata."""

from __future__ import annotations

import re

from msgspec import Struct

from mdiff_pandoc.document.spots import Marks
from mdiff_pandoc.patterns import regex

_MARKER = regex(
    r"(?:[-+*]|[:~]|\(?(?:\d{1,9}|[ivxlcdm]{1,6}|[IVXLCDM]{1,6}|[A-Za-z]|#|@[\w-]*)[.)])(?=\s|$)"
)
_NOTE = regex(r"\[\^([^\]\s]+)\]:")
_LINK = regex(r"\[(?!\^)[^\]\n]+\]:[ \t]+\S")
_FENCE = regex(r"(`{3,})[^`]*$|(~{3,})")
_RAW = regex(r"<(script|style|pre|textarea)[\s>]", re.I)
_COMMENT = regex(r"(`+)(?!`).*?(?<!`)\1(?!`)|(<!--)")
_YAML_END = regex(r"(?:---|\.\.\.)\s*")
_QUOTE = ">"
_CODE = 4  # the indentation that makes code


class Fence(Struct, frozen=True):
    """Fenced code from its first mark to its last, with the text behind the first: ``mdiff``."""

    start: int
    end: int
    info: str
    text: str


class Container(Struct, frozen=True):
    """A block quote, or what asks for an indentation of ``width`` columns: an item, a note."""

    kind: str
    width: int = 0
    label: str = ""
    start: int = 0


class Blocks:
    """Walks through the lines of a document once.

    ``marks`` blanks out what holds no formulas; ``notes`` has the ranges of footnotes, with their
    labels; ``math`` those of fenced code of the language ``math``, where ``fenced`` says that it
    is a formula; ``fences`` has all fenced code, ``apart`` also the ranges of other code, of
    comments and metadata; ``prefixes`` tell for each line where its text begins, and what a line
    inserted below it begins with, to stand in the same containers.
    """

    def __init__(self, text: str, *, fenced: bool = False) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts: list[int] = []
        offset = 0
        for line in self.lines:
            self.starts.append(offset)
            offset += len(line) + 1
        self.marks = Marks(text)
        self.notes: list[tuple[int, int, str]] = []
        self.math: list[tuple[int, int]] = []
        self.fences: list[Fence] = []
        self.apart: list[tuple[int, int]] = []
        self.prefixes: dict[int, tuple[int, str]] = {}
        self._fenced = fenced
        self._stack: list[Container] = []
        self._blank = True  # was the line before blank?
        self._code = False  # was it indented code?
        self._own = True
        self._listed = False  # was the line before in a list?
        self._unclosed: dict[str, int] = {}
        self._last_comment = text.rfind("-->")  # where the last one ends
        index = 0 if fenced else self._metadata()
        while index < len(self.lines):
            index = self._line(index)
        self._close(0, len(text))

    def _end(self, index: int) -> int:
        return self.starts[index] + len(self.lines[index])

    def _metadata(self) -> int:
        """Hide a title block of lines that begin with a percent sign."""
        index = 0
        while self.lines[index].startswith("%" if index == 0 else ("%", " ")):
            self.marks.blank(self.starts[index], self._end(index))
            index += 1
            if index == len(self.lines):
                break
        return index

    def _close(self, depth: int, end: int) -> None:
        """End the containers from ``depth`` on."""
        for container in self._stack[depth:]:
            if container.kind == "note":
                self.notes.append((container.start, end, container.label))
        del self._stack[depth:]

    def _line(self, index: int) -> int:
        """Read one line, or the block that begins there; the line to go on with."""
        line, start = self.lines[index], self.starts[index]
        self._listed = any(container.kind == "item" for container in self._stack)
        place, column, base = self._continue(line, start)
        own = self._own
        fresh = self._blank
        while True:
            place, column = _skip(line, place, column)
            if place == len(line) or column - base >= _CODE:
                break
            opened = self._open(line, place, column, start, fresh)
            if opened is None:
                break
            place, column, base = opened
            fresh, own = True, False
        if place == len(line):
            self._blank = True
            return index + 1
        self.prefixes[start] = place, line[:place] if own else self._indentation()
        if column - base >= _CODE and (fresh or self._code):
            self.marks.blank(start, start + len(line))
            self.apart.append((start, start + len(line)))
            self._code = self._blank = True
            return index + 1
        self._code = False
        return self._leaf(index, place)

    def _continue(self, line: str, start: int) -> tuple[int, int, int]:
        """Go through the marks of the open containers: place, column, and where text begins."""
        place = column = base = 0
        self._own = True  # has the line the marks of all its containers?
        next_place, next_column = _skip(line, 0, 0)
        for depth, container in enumerate(self._stack):
            if container.kind == _QUOTE:
                if line.startswith(_QUOTE, next_place) and next_column - base < _CODE:
                    place, column = self._quote(line, next_place, next_column, start)
                    next_place, next_column = _skip(line, place, column)
                    base = column
                    continue
            elif next_place == len(line) or next_column >= container.width:
                base = container.width
                continue
            if self._blank or _MARKER.match(line, next_place) or _NOTE.match(line, next_place):
                self._close(depth, start)
            else:
                self._own = False
            break
        return place, column, base

    def _indentation(self) -> str:
        """The marks and spaces that a line in all the open containers begins with."""
        made = ""
        for container in self._stack:
            made = f"{made}> " if container.kind == _QUOTE else made.ljust(container.width)
        return made

    def _quote(self, line: str, place: int, column: int, start: int) -> tuple[int, int]:
        self.marks.blank(start + place, start + place + 1)
        place, column = place + 1, column + 1
        if line.startswith(" ", place):
            return place + 1, column + 1
        return place, column

    def _open(
        self, line: str, place: int, column: int, start: int, fresh: bool
    ) -> tuple[int, int, int] | None:
        """Open the container that begins at ``place``, if one does."""
        if line[place] == _QUOTE and fresh:
            self._stack.append(Container(_QUOTE))
            place, column = self._quote(line, place, column, start)
            return place, column, column
        if note := _NOTE.match(line, place):
            self._stack.append(Container("note", column + _CODE, note[1], start + place))
            return note.end(), column + len(note[0]), column + len(note[0])
        marker = _MARKER.match(line, place)
        if marker and (fresh or self._listed or marker[0] in (":", "~")):
            after, next_column = _skip(line, marker.end(), column + len(marker[0]))
            width = next_column
            if after == len(line) or next_column - column - len(marker[0]) > _CODE:
                width = column + len(marker[0]) + 1
            self._stack.append(Container("item", width))
            return marker.end(), column + len(marker[0]), width
        return None

    def _leaf(self, index: int, place: int) -> int:
        """A line of text, or the code, comment, raw HTML or metadata that begins with it."""
        line, start = self.lines[index], self.starts[index]
        if line == "---" and self._blank and (end := self._yaml(index)):
            self.marks.blank(start, self._end(end))
            self.apart.append((start, self._end(end)))
            self._blank = True
            return end + 1
        fence = _FENCE.match(line, place)
        mark = (fence[1] or fence[2]) if fence else ""
        if mark and (end := self._fence_end(index, mark)):
            info = line[place + len(mark) :].strip()
            inside = self.text[start + len(line) + 1 : self.starts[end]]
            self.fences.append(Fence(start + place, self._end(end), info, inside))
            self.apart.append((start + place, self._end(end)))
            if self._fenced and info == "math":
                self.math.append((start + len(line) + 1, self.starts[end]))
                self.marks.blank(start, start + len(line))
                self.marks.blank(self.starts[end], self._end(end))
            else:
                self.marks.blank(start, self._end(end))
            self._blank = True
            return end + 1
        self._blank = False
        if _LINK.match(line, place):
            self.marks.hide(start + place, start + len(line))
            return index + 1
        if raw := _RAW.match(line, place):
            closer = re.compile(rf"</{raw[1]}\s*>", re.I).search(self.text, start + place)
            return self._hidden(index, start + place, closer.end() if closer else -1)
        if "<!--" not in line or start > self._last_comment:
            return index + 1
        for match in _COMMENT.finditer(line, place):
            if match[2]:
                begin = start + match.start()
                stop = self.text.find("-->", begin)
                if stop >= self._end(index):
                    return self._hidden(index, begin, stop + 3)
        return index + 1

    def _hidden(self, index: int, begin: int, end: int) -> int:
        """Hide what reaches over several lines; the first line after it."""
        if end < 0:
            return index + 1
        self.marks.hide(begin, end)
        self.apart.append((begin, end))
        while index < len(self.lines) and self._end(index) < end:
            index += 1
        return index + 1

    def _yaml(self, index: int) -> int:
        """The last line of the metadata that begin here; 0 when they do not."""
        if index + 1 == len(self.lines) or not self.lines[index + 1].strip():
            return 0
        ends = (i for i in range(index + 1, len(self.lines)) if _YAML_END.fullmatch(self.lines[i]))
        return next(ends, 0)

    def _fence_end(self, index: int, fence: str) -> int:
        """The line that closes the code that begins here; 0 when none does."""
        if len(fence) >= self._unclosed.get(fence[0], len(fence) + 1):
            return 0
        closing = re.compile(rf"[\s>]*{fence[0]}{{{len(fence)},}}\s*")
        for end in range(index + 1, len(self.lines)):
            if closing.fullmatch(self.lines[end]):
                return end
        self._unclosed[fence[0]] = len(fence)
        return 0


def _skip(line: str, place: int, column: int) -> tuple[int, int]:
    """Over white space, in columns of four for a tab."""
    while place < len(line) and line[place] in " \t":
        column += 4 - column % 4 if line[place] == "\t" else 1
        place += 1
    if place < len(line) and line[place].isspace() and not line[place:].strip():
        return len(line), column
    return place, column
