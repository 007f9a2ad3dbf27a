"""Steps that slides show one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import panflute as pf

from mdiff_pandoc.document.layout import Page, Row, block, height
from mdiff_pandoc.document.writers.kinds import REVEAL_SIZE

_SIZES = ((1.0, ""), (0.91, r"\small"), (0.82, r"\footnotesize"), (0.73, r"\scriptsize"))
_LEAST = 0.42  # of the type of a slide: smaller formulas cannot be read


def uncovered(rows: Sequence[Row]) -> list[Row]:
    r"""Rows that beamer uncovers step by step; covered ones keep their room.

    ``+`` and ``.`` count on from what was uncovered on the frame before, as in pandoc's lists.
    """
    begun: set[int] = set()
    made = []
    for row in rows:
        cells = []
        for cell in (row.lhs, row.formula.strip(), row.label):
            overlay = "." if row.step in begun else "+"
            cells.append(rf"\uncover<{overlay}->{{{cell}}}" if cell else "")
            begun |= {row.step} if cell else set()
        lhs, formula, label = cells
        made.append(replace(row, lhs=lhs, formula=formula, label=label))
    return made


def small_enough(rows: Sequence[Row], page: Page) -> str:
    """The command for the largest type in which the rows fit on a frame; the least if none."""
    total = sum(map(height, rows))
    return next((name for size, name in _SIZES if size * total <= page.height), _SIZES[-1][1])


def in_type(size: str, blocks: Sequence[pf.Element]) -> list[pf.Element]:
    """Blocks of a LaTeX document in type of another size."""
    if not size:
        return list(blocks)
    return [
        pf.RawBlock(rf"\begingroup{size}", format="latex"),
        *blocks,
        pf.RawBlock(r"\par\endgroup", format="latex"),
    ]


def layers(rows: Sequence[Row]) -> pf.Div:
    """One block for each step, one above the other: each shows its step, and room for the others.

    So they are aligned, in whatever way the page sets its formulas.
    """
    steps = dict.fromkeys(row.step for row in rows)
    shown = [pf.Div(pf.Para(_only(rows, step))) for step in steps]
    for layer in shown[1:]:
        layer.classes = ["fragment"]
    return pf.Div(*shown, classes=["r-stack"])


def reveal_style(rows: Sequence[Row], page: Page) -> str:
    """The size of the type in which the rows fit on a slide of reveal.js."""
    total = sum(map(height, rows))
    size = REVEAL_SIZE * min(1.0, page.height / total)
    return f"font-size: {max(size, _LEAST):.2f}em"


def _only(rows: Sequence[Row], step: int) -> pf.Math:
    text = block([row if row.step == step else _hidden(row) for row in rows])
    return pf.Math(text, format="DisplayMath")


def _hidden(row: Row) -> Row:
    """The row without ink; the empty group gives a sign of equality the space that it has."""
    cells = (row.lhs, row.formula, row.label)
    lhs, formula, label = (rf"\phantom{{{{}}{cell}}}" if cell.strip() else cell for cell in cells)
    return replace(row, lhs=lhs, formula=formula, label=label)
