r"""Sums over all rows of a matrix as one product: ``Σ_k B_{k:}^T r_k = B^T [r_1; …; r_K]``."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.rewriting import Path, replaced
from mdiff_pandoc.expr import Expr, Op, Range, basis, index_sum, matmul, transpose

ROWS = "rows below each other"


def with_stacked_rows(derivation: Derivation) -> Derivation:
    """The derivation with one line more, where its result holds a sum over all rows of a matrix.

    The matrix with the rows ``r_k`` is ``Σ_k e_k r_k``; the line is marked with it. The result
    stays the sum.
    """
    found = next(_sums(derivation.result, ()), None)
    if found is None:
        return derivation
    path, total, (whole, matrix) = found
    product = matmul(transpose(whole), matrix)
    new = replaced(derivation.result, path, product)
    line = Line(derivation.asked, new, (ROWS,), (Step(ROWS, path, total, product),), stack=matrix)
    return replace(derivation, lines=(*derivation.lines, line))


def _sums(expr: Expr, path: Path) -> Iterator[tuple[Path, Expr, tuple[Expr, Expr]]]:
    """The sums over all rows that a result is a multiple of, or a product or sum with."""
    stack = _stack(expr)
    if stack is not None:
        yield path, expr, stack
    elif expr.op in (Op.SCALE, Op.MATMUL, Op.SUM):
        for position, arg in enumerate(expr.args):
            yield from _sums(arg, (*path, position))


def _stack(total: Expr) -> tuple[Expr, Expr] | None:
    """Of ``Σ_k B_{k:}^T r_k`` over all rows of B: B and the matrix with the rows ``r_k``."""
    span = total.data
    if total.op is not Op.INDEX_SUM or not isinstance(span, Range) or span.lower != 1:
        return None
    body = total.args[0]
    if body.op is not Op.MATMUL or body.args[0].op is not Op.TRANSPOSE:
        return None
    first, *rest = body.args
    line = first.args[0]
    if line.op is not Op.ROW or line.data != span.index or span.index in line.args[0].free:
        return None
    (whole,) = line.args
    row = matmul(*rest) if len(rest) > 1 else rest[0]
    named = str(span.upper).isalnum()
    if not named or whole.shape[0] != span.upper or span.index not in row.free:
        return None
    unit = basis(span.index, span.upper)
    return whole, index_sum(span.index, span.upper, matmul(unit, row))
