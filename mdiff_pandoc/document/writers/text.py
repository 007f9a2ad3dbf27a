"""A derivation in columns of plain text, for writers that have no formulas."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining

from mdiff_pandoc.document.layout import Row
from mdiff_pandoc.document.plain_math import plain_math

_GAP = 4
_BEHIND = r"\qquad"  # what separates a label from the formula in front of it


def columns(rows: Sequence[Row], tag: str = "") -> str:
    """Left-hand sides, formulas and labels, each in its column; ``tag`` ends the last line."""
    lines = [_cells(row) for row in rows]
    heads = max(_width(lhs) for lhs, _, _ in lines)
    formulas = max((_width(formula) for _, formula, label in lines if label), default=0) + _GAP
    text = (
        f"{_padded(lhs, heads)} {_padded(formula, formulas if label else 0)}{label}".rstrip()
        for lhs, formula, label in lines
    )
    shown = "\n".join(text)
    return f"{shown}{' ' * _GAP}{tag}" if tag else shown


def _cells(row: Row) -> tuple[str, str, str]:
    formula, _, behind = row.formula.partition(_BEHIND)
    shown = plain_math(formula)
    if not row.first:
        shown = f"    {shown}" if shown else ""
    return plain_math(row.lhs), shown, plain_math(row.label or behind)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(not combining(letter) for letter in text)
