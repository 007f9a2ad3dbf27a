"""The Markdown cells of a notebook, and where their text stands in its JSON."""

from __future__ import annotations

import re
from bisect import bisect_right

from msgspec import Struct

from mdiff_pandoc.patterns import regex

_TOKEN = regex(r'"(?:[^"\\]|\\.)*+"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.S)
_ESCAPE = regex(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))",
    re.S,
)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Cell(Struct, frozen=True):
    """One Markdown cell: number ``number`` (from 1), at ``start`` in the text of all cells.

    ``strings`` are the ranges of its strings in the file, without their quotes. ``_here`` and
    ``_there`` are matching offsets in ``text`` and in the file, where runs begin.
    """

    number: int
    start: int
    text: str
    strings: tuple[tuple[int, int], ...]
    _here: list[int]
    _there: list[int]

    @property
    def end(self) -> int:
        """The offset after the cell in the text of all cells."""
        return self.start + len(self.text)

    def in_file(self, offset: int) -> int:
        """The offset in the notebook's JSON of an offset in the text of all cells."""
        inside = min(max(offset - self.start, 0), len(self.text))
        run = bisect_right(self._here, inside) - 1
        return self._there[run] + inside - self._here[run]

    def range_in_file(self, notebook: str, start: int, end: int) -> tuple[int, int]:
        """The range in the JSON of a range, not empty, in the text of all cells.

        It reaches to what follows: into the next string, where a string ends with it.
        """
        if end < self.end:
            return self.in_file(start), self.in_file(end)
        last = self.in_file(end - 1)
        escape = _ESCAPE.match(notebook, last)
        return self.in_file(start), escape.end() if escape else last + 1


def read_cells(notebook: str) -> tuple[Cell, ...]:
    """The Markdown cells of a notebook; none where it is no JSON, which is pandoc's to say."""
    cells: list[Cell] = []
    start = 0
    for number, (kind, strings) in enumerate(_cells(notebook), 1):
        if kind != "markdown":
            continue
        pieces: list[str] = []
        here: list[int] = []
        there: list[int] = []
        length = 0
        for begin, end in strings:
            for place, piece in _runs(notebook, begin, end):
                here.append(length)
                there.append(place)
                pieces.append(piece)
                length += len(piece)
        if here:
            cells.append(Cell(number, start, "".join(pieces), tuple(strings), here, there))
            start += length + 2
    return tuple(cells)


def _cells(notebook: str) -> list[tuple[str, list[tuple[int, int]]]]:
    """For each cell its type and the ranges of its source's strings, without their quotes."""
    found: list[tuple[str, list[tuple[int, int]]]] = []
    path: list[str | int] = []
    value = False  # whether a string here is a value, or the key of an object
    for match in _TOKEN.finditer(notebook):
        token = match[0]
        if token in "{[":
            path.append("" if token == "{" else 0)
            value = token == "["
            if token == "{" and _is_cell(path[:-1]):
                found.append(("", []))
        elif token in "}]":
            path = path[:-1]
        elif token == ",":
            value = bool(path) and isinstance(path[-1], int)
            if path and isinstance(path[-1], int):
                path[-1] += 1
        elif token == ":":
            value = True
        elif token[0] == '"' and not value and path:
            path[-1] = token[1:-1]
        elif token[0] == '"' and found:
            owner = path[:-1] if path and isinstance(path[-1], int) else path
            if _is_cell(owner[:-1]):
                if owner[-1] == "cell_type":
                    found[-1] = (token[1:-1], found[-1][1])
                elif owner[-1] == "source":
                    found[-1][1].append((match.start() + 1, match.end() - 1))
    return found


def _is_cell(path: list[str | int]) -> bool:
    """Does this path lead to a cell? Older notebooks keep theirs in worksheets."""
    return len(path) in (2, 4) and path[-2] == "cells" and isinstance(path[-1], int)


def _runs(notebook: str, begin: int, end: int) -> list[tuple[int, str]]:
    """The pieces of a JSON string with their offsets: plain runs, and one for each escape."""
    runs: list[tuple[int, str]] = []
    last = begin
    for match in _ESCAPE.finditer(notebook, begin, end):
        if match.start() > last:
            runs.append((last, notebook[last : match.start()]))
        high, low, code, char = match.groups()
        if high:
            pair = 0x10000 + (int(high, 16) - 0xD800) * 0x400 + int(low, 16) - 0xDC00
            runs.append((match.start(), chr(pair)))
        else:
            runs.append((match.start(), chr(int(code, 16)) if code else _ESCAPED.get(char, char)))
        last = match.end()
    if last < end:
        runs.append((last, notebook[last:end]))
    return runs
