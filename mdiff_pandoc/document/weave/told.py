"""Where the places of the author's text stand in a file that holds derivations between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from mdiff_pandoc.document.source import Source, read_source
from mdiff_pandoc.document.weave.markers import find
from mdiff_pandoc.document.weave.text import FileText

Apart = Callable[[str], Sequence[tuple[int, int]]]


class _Told(Source, frozen=True):
    """The author's text, whose places are told as they stand in ``target``.

    ``starts`` are the places from which on the text stands there in one piece, or is kept in one
    comment, and ``moves`` where these begin there; ``kept`` tells which are in a comment.
    """

    target: Source | None = None
    starts: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()
    kept: tuple[bool, ...] = ()

    def position(self, offset: int) -> tuple[int, int]:
        assert self.target is not None
        return self.target.position(self._moved(offset))

    def line(self, offset: int) -> tuple[str, int]:
        assert self.target is not None
        return self.target.line(self._moved(offset))

    def _moved(self, offset: int) -> int:
        index = bisect_right(self.starts, offset) - 1
        return self.moves[index] + (0 if self.kept[index] else offset - self.starts[index])


def told_in(file: FileText, source: Source, apart: Apart) -> Source | None:
    """The bare ``source``, with its places told as they stand in ``file``.

    None where it is not certain that this is the same text with derivations in it.
    """
    name = "note.ipynb" if source.cells else "note.tex" if source.dialect == "latex" else "note.md"
    target = read_source(file.encode(), name)
    parts = [(start, target.text[start:end]) for start, end in target.parts]
    pieces: list[tuple[int, int, bool]] = []
    for (begin, end), (start, text) in zip(source.parts, parts, strict=False):
        length = 0
        for size, place, kept in _pieces(text, apart):
            pieces.append((begin + length, start + place, kept))
            length += size
        if length != end - begin:
            return None
    if len(parts) != len(source.parts):
        return None
    starts, moves, kepts = zip(*pieces, strict=True)
    values = {name: getattr(source, name) for name in Source.__struct_fields__}
    return _Told(**values, target=target, starts=starts, moves=moves, kept=kepts)


def _pieces(text: str, apart: Apart) -> Iterator[tuple[int, int, bool]]:
    """How long each piece of the author's text is, where it stands, and whether in a comment."""
    last = 0
    for woven in find(text, "\n", apart)[0]:
        yield woven.start - last, last, False
        original = woven.original.replace("\r\n", "\n").replace("\r", "\n")
        yield len(original), woven.start, True
        last = woven.end
    yield len(text) - last, last, False
