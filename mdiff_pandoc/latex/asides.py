r"""Remarks at the end of rows: ``&& X \text{ is constant}`` says why the row holds."""

from __future__ import annotations

import re

from msgspec import Struct

from mdiff_pandoc.latex.request import DISPLAY, LEXEME, SEPARATING_WORDS
from mdiff_pandoc.patterns import regex

_POSSIBLE = regex(r"(?:&\s*&|\\q?quad(?![A-Za-z]))[^&=]*(?:\\(?:text|mbox)|[^&]*\\\\)")
_SPACES = regex(r"(?:\s|\\q?quad(?![A-Za-z])|\\[,;:! ])*\Z")
_RELATES = regex(
    r"[=<>≤≥≈∝≠∈≔≜≡]|\\(?:in|notin|le|leq|ge|geq|lt|gt|neq?|approx|sim|propto|to|equiv|triangleq"
    r"|coloneqq|implies|iff|Rightarrow|stackrel|overset)(?![A-Za-z])"
)


def without_asides(latex: str) -> str:
    r"""The formula, as long as before, without the remarks at the ends of its rows.

    A remark stands behind an empty cell or a wide space, and has words. Either it states nothing,
    or it names a rule and quotes it, which is no claim about the formula:
    ``&& \text{chain rule: } \dot y = y' \dot x``. It may go on in the same place of the next row.
    """
    if not _POSSIBLE.search(latex):
        return latex
    open_ended = False  # the remark before ended with its colon
    for cell in _Cells(latex).found:
        goes_on = open_ended and cell.alone
        remark = goes_on or cell.remark
        open_ended = cell.remark and cell.names and not cell.relates
        if remark:
            start = cell.row if cell.alone else cell.start
            latex = latex[:start] + " " * (cell.end - start) + latex[cell.end :]
    return latex


class _Cell(Struct):
    """What ends a row: its words, whether they name a rule, and whether it states anything.

    ``alone`` tells that nothing stands before it in its row, which begins behind the end of the
    row before: at ``row``, with that end.
    """

    start: int
    end: int
    row: int
    alone: bool
    prose: str = ""
    names: bool = False
    relates: bool = False

    @property
    def remark(self) -> bool:
        """Is it none of the statements of the formula?"""
        introduces = self.prose.strip(" ,.;:").lower() in SEPARATING_WORDS
        return bool(self.prose) and not introduces and (self.names or not self.relates)


class _Cells:
    """Finds what stands at the end of each row, behind an empty cell or a wide space."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.found: list[_Cell] = []
        self.cell: _Cell | None = None
        self.before = self.row = self.edge = 0  # the end of the row before; row and cell begin
        self.depth = 0
        for match in LEXEME.finditer(latex):
            self._step(match)
        self._end_of_row(len(latex), len(latex))

    def _step(self, match: re.Match[str]) -> None:
        kind, piece = match.lastgroup, match.group()
        if kind == "env" and match["env"] in DISPLAY:
            self._end_of_row(match.start(), match.end())
            return
        opens = piece == "{" or (kind == "env" and match["edge"] == "begin")
        closes = piece == "}" or (kind == "env" and match["edge"] == "end")
        self.depth = max(0, self.depth + opens - closes)
        if self.depth == 0 and kind == "row":
            self._end_of_row(match.start(), match.end())
        elif self.depth == 0 and piece == "&":
            self._begin(match, self.edge > self.row and self._empty(self.edge, match.start()))
            self.edge = match.end()
        elif self.depth == 0 and piece in (r"\quad", r"\qquad"):
            self._begin(match, True)
        elif self.cell:
            self._take(self.cell, match)

    def _empty(self, start: int, end: int) -> bool:
        return not self.latex[start:end].replace("&", " ").strip()

    def _begin(self, match: re.Match[str], possible: bool) -> None:
        alone = not re.sub(r"\\q?quad(?![A-Za-z])", "", self.latex[self.row : match.start()]).strip(
            " \t\n&"
        )
        start = match.end() if match.group() == "&" else match.start()
        self.cell = _Cell(start, start, self.before, alone) if possible else None

    def _take(self, cell: _Cell, match: re.Match[str]) -> None:
        """A lexeme of a cell that may be a remark."""
        if match.lastgroup == "words":
            prose = match["prose"].replace("~", " ").strip()
            first = _SPACES.match(self.latex[cell.start : match.start()])
            cell.names = cell.names or (bool(first) and prose.endswith(":"))
            cell.prose += prose
        elif match.lastgroup != "skip" and _RELATES.match(self.latex, match.start()):
            cell.relates = True

    def _end_of_row(self, end: int, behind: int) -> None:
        if self.cell:
            self.cell.end = end
            self.found.append(self.cell)
        self.cell = None
        self.before, self.row, self.edge = end, behind, behind
