"""Parts of matrices: the block of an expression that meets a block of another one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mdiff_pandoc.expr import (
    ONE,
    Dim,
    Expr,
    Op,
    block,
    blocks,
    entry,
    identity,
    matmul,
    number,
    ones,
    rebuild,
    transpose,
    zero,
)
from mdiff_pandoc.rules.transposes import transposed


class Span(Struct, frozen=True):
    """One part of a dimension that is cut into ``sizes``."""

    sizes: tuple[Dim, ...]
    position: int

    @property
    def is_whole(self) -> bool:
        """Is the dimension not cut at all?"""
        return len(self.sizes) == 1

    @property
    def size(self) -> Dim:
        """The size of the part."""
        return self.sizes[self.position]

    @property
    def first(self) -> int | None:
        """The number of its first row, counted from 1, where that is an integer."""
        before = [size.value for size in self.sizes[: self.position]]
        return None if None in before else 1 + sum(n for n in before if n is not None)


def heights(expr: Expr) -> tuple[Dim, ...]:
    """The heights of the rows of blocks."""
    return tuple(row[0].shape[0] for row in blocks(expr))


def widths(expr: Expr) -> tuple[Dim, ...]:
    """The widths of the columns of blocks."""
    return tuple(part.shape[1] for part in blocks(expr)[0])


def part_of(expr: Expr, rows: Span, columns: Span) -> Expr:
    """The block of ``expr`` in these rows and columns."""
    if rows.is_whole and columns.is_whole:
        return expr
    match expr.op:
        case Op.TRANSPOSE:
            inner = part_of(expr.args[0], columns, rows)
            return inner if inner.is_scalar else transpose(inner)
        case Op.BLOCK if _fits(rows, heights(expr)) and _fits(columns, widths(expr)):
            chosen = blocks(expr)
            chosen = chosen if rows.is_whole else [chosen[rows.position]]
            return block([row if columns.is_whole else (row[columns.position],) for row in chosen])
        case Op.SUM | Op.HADAMARD | Op.HDIV | Op.FUNC:
            return rebuild(expr, [part_of(arg, rows, columns) for arg in expr.args])
        case Op.HPOWER:
            return rebuild(expr, [part_of(expr.args[0], rows, columns), expr.args[1]])
        case Op.SCALE:
            return rebuild(expr, [expr.args[0], part_of(expr.args[1], rows, columns)])
        case Op.MATMUL:
            return _of_product(expr, rows, columns)
        case Op.IDENTITY if rows.sizes == columns.sizes:
            same = rows.position == columns.position
            return _unit(rows.size) if same else zero(rows.size, columns.size)
        case Op.ZERO | Op.ONES:
            return _like(expr, rows, columns)
    return _selected(expr, rows, columns)


def _fits(span: Span, sizes: tuple[Dim, ...]) -> bool:
    return span.is_whole or span.sizes == sizes


def _like(expr: Expr, rows: Span, columns: Span) -> Expr:
    shape = rows.size, columns.size
    if expr.op is Op.ZERO:
        return zero(*shape)
    return number(1) if shape == (ONE, ONE) else ones(*shape)


def _of_product(expr: Expr, rows: Span, columns: Span) -> Expr:
    """The rows of the first factor and the columns of the last."""
    first, *middle, last = expr.args
    inner = Span((first.shape[1],), 0), Span((last.shape[0],), 0)
    return matmul(part_of(first, rows, inner[0]), *middle, part_of(last, inner[1], columns))


def _selected(expr: Expr, rows: Span, columns: Span) -> Expr:
    """A single entry, or the product with selections of rows and columns."""
    if rows.size == columns.size == ONE and rows.first and columns.first:
        return entry(expr, rows.first, columns.first)
    factors = [expr]
    if not rows.is_whole:
        factors.insert(0, block([_selection(rows)]))
    if not columns.is_whole:
        factors.append(block([[transposed(part)] for part in _selection(columns)]))
    return matmul(*factors)


def _selection(span: Span) -> Sequence[Expr]:
    """``0 … I … 0``, with the identity at the part."""
    return [
        _unit(size) if position == span.position else zero(span.size, size)
        for position, size in enumerate(span.sizes)
    ]


def _unit(size: Dim) -> Expr:
    return number(1) if size == ONE else identity(size)


def placed(part: Expr, around: Expr, i: int, j: int, *, apart: bool = False) -> Expr:
    """A matrix with ``part`` in row i and column j of the blocks of ``around``, else zeros.

    ``apart``: as the product of the part with a selection of rows and one of columns.
    """
    if not apart:
        rows = [[zero(*other.shape) for other in row] for row in blocks(around)]
        rows[i][j] = part
        return block(rows)
    rows_span, columns_span = Span(heights(around), i), Span(widths(around), j)
    factors = [part]
    if not rows_span.is_whole:
        factors.insert(0, block([[transposed(unit)] for unit in _selection(rows_span)]))
    if not columns_span.is_whole:
        factors.append(block([_selection(columns_span)]))
    return matmul(*factors)
