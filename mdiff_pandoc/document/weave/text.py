"""The text of a file with line ends of one kind, and the same edits in the file as it is."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from mdiff_pandoc.document.source import SourceError, decode
from mdiff_pandoc.patterns import regex

_EOL = regex(r"\r\n|\r|\n")


class Edit(Struct, frozen=True):
    """``new`` in the place of the text from ``start`` to ``end``.

    Its line ends ``\\n`` become those of the file, unless it is ``verbatim``.
    """

    start: int
    end: int
    new: str
    verbatim: bool = False


class FileText(Struct, frozen=True, dict=True):
    """A decoded file, ``raw``, with the byte order ``mark`` that stood before it."""

    raw: str
    mark: bytes = b""

    @staticmethod
    def decode(data: bytes, name: str) -> FileText:
        """A file in UTF-8, with a byte order mark or without. SourceError: it is none."""
        if b"\0" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError("it is a binary file", hint="mdiff weaves into text and notebooks")
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        return FileText(decode(data, name), mark)

    def encode(self) -> bytes:
        """The bytes of the file."""
        return self.mark + self.raw.encode("utf-8")

    @cached_property
    def text(self) -> str:
        """The file with line ends ``\\n``."""
        return self.raw.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def eol(self) -> str:
        """The line end that most of its lines have."""
        found = _EOL.findall(self.raw)
        return max(("\n", "\r\n", "\r"), key=found.count)

    @cached_property
    def _pairs(self) -> list[int]:
        """For each ``\\r\\n`` of the file, the offset of its line end in ``text``."""
        starts = (match.start() for match in re.finditer("\r\n", self.raw))
        return [start - number for number, start in enumerate(starts)]

    def in_file(self, offset: int) -> int:
        """The offset in ``raw`` of an offset in ``text``."""
        return offset + bisect_left(self._pairs, offset)

    def slice(self, start: int, end: int) -> str:
        """What stands in the file from ``start`` to ``end`` of ``text``."""
        return self.raw[self.in_file(start) : self.in_file(end)]

    def edited(self, edits: Iterable[Edit]) -> FileText:
        """The file with ``edits``, which do not overlap."""
        pieces: list[str] = []
        last = 0
        for edit in sorted(edits, key=lambda edit: edit.start):
            new = edit.new if edit.verbatim else edit.new.replace("\n", self.eol)
            pieces += [self.raw[last : self.in_file(edit.start)], new]
            last = self.in_file(edit.end)
        return FileText("".join([*pieces, self.raw[last:]]), self.mark)
