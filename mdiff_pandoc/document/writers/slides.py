"""Steps that slides show one after another."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import panflute as pf
from msgspec.structs import replace

from mdiff_pandoc.document.layout import Page, Row, block, height, rows
from mdiff_pandoc.document.writers.kinds import REVEAL_SIZE
from mdiff_pandoc.service import StepText

# of beamer's type of eleven points
_COMMANDS = {1.0: "", 0.91: r"\small", 0.82: r"\footnotesize", 0.73: r"\scriptsize", 0.55: r"\tiny"}
_SIZES = (1.0, 0.9, 0.8, 0.7, 0.6)  # times REVEAL_SIZE: smaller formulas cannot be read
_LETTER, _LINE, _SPACE = 4.6, 13.0, 9.0  # of text, in points for type of ten points
_FORMULA = 42.0  # a display formula of one line


def uncovered(lines: Sequence[Row]) -> list[Row]:
    r"""Rows that beamer uncovers step by step; covered ones keep their room.

    ``+`` and ``.`` count on from what was uncovered on the frame before, as in pandoc's lists.
    """
    begun: set[int] = set()
    made = []
    for row in lines:
        cells = []
        for cell in (row.lhs, row.formula.strip(), row.label):
            overlay = "." if row.step in begun else "+"
            cells.append(rf"\uncover<{overlay}->{{{cell}}}" if cell else "")
            begun |= {row.step} if cell else set()
        lhs, formula, label = cells
        made.append(replace(row, lhs=lhs, formula=formula, label=label))
    return made


def on_frame(
    steps: Sequence[StepText], punctuation: str, page: Page, below: Sequence[pf.Element]
) -> tuple[list[Row], str]:
    """The rows in the largest type in which they fit on a frame with what stands ``below`` them.

    The second value is the command for this type.
    """
    lines, size = _fitted(steps, punctuation, page, below, tuple(_COMMANDS))
    return uncovered(lines), _COMMANDS[size]


def on_slide(
    steps: Sequence[StepText], punctuation: str, page: Page, below: Sequence[pf.Element]
) -> tuple[list[Row], str]:
    """The rows in the largest type in which they fit on a slide of reveal.js, and its style."""
    lines, size = _fitted(steps, punctuation, page, below, _SIZES)
    return lines, f"font-size: {size * REVEAL_SIZE:.2f}em"


def in_type(size: str, blocks: Sequence[pf.Element]) -> list[pf.Element]:
    """Blocks of a LaTeX document in type of another size."""
    if not size:
        return list(blocks)
    return [
        pf.RawBlock(rf"\begingroup{size}", format="latex"),
        *blocks,
        pf.RawBlock(r"\par\endgroup", format="latex"),
    ]


def layers(lines: Sequence[Row]) -> pf.Div:
    """One block for each step, one above the other: each shows its step, and room for the others.

    So they are aligned, in whatever way the page sets its formulas.
    """
    steps = dict.fromkeys(row.step for row in lines)
    shown = [pf.Div(pf.Para(_only(lines, step))) for step in steps]
    for layer in shown[1:]:
        layer.classes = ["fragment"]
    return pf.Div(*shown, classes=["r-stack"])


def _fitted(
    steps: Sequence[StepText],
    punctuation: str,
    page: Page,
    below: Sequence[pf.Element],
    sizes: Sequence[float],
) -> tuple[list[Row], float]:
    """Smaller type makes the page wider, too, so that fewer rows go on in the next line."""
    lines: list[Row] = []
    for size in sizes:
        room = Page(page.width / size, page.height / size)
        lines = rows(steps, punctuation, room)
        if sum(map(height, lines)) + _text_height(below, room) <= room.height:
            return lines, size
    return lines, sizes[-1]


def _text_height(blocks: Sequence[pf.Element], page: Page) -> float:
    total = 0.0
    for element in blocks:
        formulas = [it for it in element.content if getattr(it, "format", "") == "DisplayMath"]
        lines = ceil(len(pf.stringify(element)) * _LETTER / page.width)
        total += _FORMULA if formulas else lines * _LINE + _SPACE
    return total


def _only(lines: Sequence[Row], step: int) -> pf.Math:
    text = block([row if row.step == step else _hidden(row) for row in lines])
    return pf.Math(text, format="DisplayMath")


def _hidden(row: Row) -> Row:
    """The row without ink; the empty group gives a sign of equality the space that it has."""
    cells = (row.lhs, row.formula, row.label)
    lhs, formula, label = (rf"\phantom{{{{}}{cell}}}" if cell.strip() else cell for cell in cells)
    return replace(row, lhs=lhs, formula=formula, label=label)
