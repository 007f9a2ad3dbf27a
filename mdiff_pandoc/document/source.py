"""A document file as text: its encoding, its dialect, and its lines and columns."""

from __future__ import annotations

import os
from bisect import bisect_right
from typing import ClassVar

from msgspec import Struct, field

from mdiff_pandoc.document.notebook import Cell, read_cells
from mdiff_pandoc.errors import MdiffError

# by ending: pandoc's reader that leaves macros as they stand, and the one that expands them
_MARKDOWN = ("markdown-latex_macros", "markdown")
_LATEX = ("latex-latex_macros", "latex")
_NOTEBOOK = ("ipynb+raw_tex", "ipynb+raw_tex+latex_macros")
_OTHERS = {
    "rst": "rst",
    "org": "org",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "docx": "docx",
    "odt": "odt",
    "epub": "epub",
    "textile": "textile",
    "wiki": "mediawiki",
    "typ": "typst",
    "muse": "muse",
    "t2t": "t2t",
    "dj": "djot",
    "db": "docbook",
    "dbk": "docbook",
    "fb2": "fb2",
    "opml": "opml",
    "native": "native",
    "json": "json",
}
_BINARY = frozenset(("docx", "odt", "epub"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class SourceError(MdiffError):
    """A file that cannot be read as a document; ``line`` counts from 1 where it is known."""

    code: ClassVar[str] = "source"
    advice: ClassVar[str] = "mdiff reads what pandoc reads, as UTF-8"

    def __init__(self, message: str, hint: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.line = line


class Source(Struct, frozen=True):
    """A document: ``data`` is what pandoc is given, ``text`` what formulas are located in.

    ``reader`` names pandoc's reader, with macros left as the author wrote them; ``expanding`` the
    one that expands them, as a build does. ``text`` has line ends ``\\n`` and no byte order mark;
    of a notebook it holds the Markdown cells, of a binary format nothing.
    """

    name: str
    data: bytes
    text: str
    reader: str
    expanding: str
    cells: tuple[Cell, ...] = ()
    _lines: list[int] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        """``markdown``, ``gfm``, ``latex`` or another reader's name without its extensions."""
        name = self.reader.split("-")[0].split("+")[0]
        if name.startswith(("gfm", "commonmark")):
            return "gfm"
        return "markdown" if name == "ipynb" or name.startswith("markdown") else name

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The ranges of ``text`` that are parsed by themselves: cells, or all of it."""
        return [(cell.start, cell.end) for cell in self.cells] or [(0, len(self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in the file, both from 1, of an offset in ``text``.

        A column counts characters: a tab is one, a byte order mark none.
        """
        place = cell.in_file(offset) if (cell := self._cell(offset)) else offset
        line = bisect_right(self._lines, place)
        return line, place - self._lines[line - 1] + 1

    def cell(self, offset: int) -> int | None:
        """The number of the notebook's cell, from 1 and over all kinds of cells."""
        cell = self._cell(offset)
        return cell.number if cell else None

    def line(self, offset: int) -> tuple[str, int]:
        """The line of ``text`` around an offset, and where the offset stands in it, from 0."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return self.text[start : end if end >= 0 else len(self.text)], offset - start

    def _cell(self, offset: int) -> Cell | None:
        index = bisect_right(self.cells, offset, key=lambda cell: cell.start)
        return self.cells[max(index - 1, 0)] if self.cells else None


def read_source(data: bytes, name: str) -> Source:
    """The document in ``data``; the ending of ``name`` tells its format, Markdown if unknown.

    SourceError: it is not UTF-8.
    """
    ending = os.path.splitext(name)[1].lower().lstrip(".")
    if ending in _BINARY:
        return Source(name, data, "", _OTHERS[ending], _OTHERS[ending], (), [0])
    text = decode(data, name).replace("\r\n", "\n").replace("\r", "\n")
    lines = [0]
    while found := text.find("\n", lines[-1]) + 1:
        lines.append(found)
    clean = text.encode()
    if ending == "ipynb":
        cells = read_cells(text)
        virtual = "\n\n".join(cell.text for cell in cells)
        return Source(name, clean, virtual, *_NOTEBOOK, cells, lines)
    if ending in ("tex", "latex", "ltx"):
        return Source(name, clean, text, *_LATEX, (), lines)
    readers = (_OTHERS[ending],) * 2 if ending in _OTHERS else _MARKDOWN
    return Source(name, clean, text, *readers, (), lines)


def decode(data: bytes, name: str) -> str:
    """The text of a file without its byte order mark. SourceError: it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # decode() speaks of the bytes after the byte order mark
        place = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        before = data[:place]
        line = before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r") + 1
        utf16 = data.startswith(_UTF16)
        what = f"byte 0x{data[place]:02x} at offset {place}"
        raise SourceError(
            "it is UTF-16, not UTF-8" if utf16 else f"it is not UTF-8: line {line}, {what}",
            f"convert it: iconv -f {'utf-16' if utf16 else 'latin1'} -t utf-8 {name}",
            line,
        ) from None
