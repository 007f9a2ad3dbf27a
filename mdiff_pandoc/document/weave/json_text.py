"""Edits of a notebook: new text in its JSON strings, written as the rest of the file is."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from mdiff_pandoc.document.notebook import Cell
from mdiff_pandoc.document.weave.text import Edit, FileText

AS_IN_FILE = '"'  # begins a kept text that is a piece of the JSON itself


def cell_at(cells: Sequence[Cell], place: int) -> Cell:
    """The cell around a place in the text of all cells."""
    return cells[max(bisect_right(cells, place, key=lambda cell: cell.start) - 1, 0)]


def piece(file: FileText, cells: Sequence[Cell], start: int, end: int) -> str:
    """What the file has for a range in the text of all cells."""
    begin, stop = cell_at(cells, start).range_in_file(file.raw, start, end)
    return file.raw[begin:stop]


def written(file: FileText, cell: Cell, text: str) -> str:
    """A text inside the strings of a cell: a string for each line, where the cell has it so."""
    ascii_only = file.raw.isascii()
    quoted = [json.dumps(line, ensure_ascii=ascii_only)[1:-1] for line in text.split("\n")]
    parting = _parting(file.raw, cell) if len(quoted) > 1 else ""
    return (rf'\n"{parting}"' if parting else r"\n").join(quoted)


def _parting(raw: str, cell: Cell) -> str:
    """What stands between two strings of a cell; nothing where its text is one string."""
    first, *others = cell.strings
    if others:
        return raw[first[1] + 1 : others[0][0] - 1]
    before = raw[: first[0] - 1]
    head = before.rstrip()
    return "," + before[len(head) :] if head.endswith("[") else ""


def edited(file: FileText, cells: Sequence[Cell], edits: Iterable[Edit]) -> FileText:
    """The notebook with edits of the text of all cells."""
    pieces: list[str] = []
    last = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        cell = cell_at(cells, edit.start)
        begin, stop = cell.range_in_file(file.raw, edit.start, edit.end)
        as_in_file = edit.verbatim and edit.new.startswith(AS_IN_FILE)
        new = edit.new[1:] if as_in_file else written(file, cell, edit.new)
        pieces += [file.raw[last:begin], new]
        last = stop
    return FileText("".join([*pieces, file.raw[last:]]), file.mark)
