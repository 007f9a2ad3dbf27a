"""Transposes pushed inward, one kind of node at a time."""

from __future__ import annotations

from functools import lru_cache

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Range,
    block,
    blocks,
    commutation,
    index_sum,
    kron,
    matmul,
    neg,
    ones,
    power,
    rebuild,
    scale,
    transpose,
    triangle,
    zero,
)
from mdiff_pandoc.expr.measure import length

SYMMETRIC = ("symmetric", "positive definite", "diagonal")
_KEPT = 1024  # results, which may hold what they are the result of


def is_symmetric_symbol(expr: Expr) -> bool:
    """A symbol that is declared to equal its transpose, or the differential of one."""
    expr = expr.args[0] if expr.op is Op.DIFF else expr
    return any(expr.assumed(word) for word in SYMMETRIC)


def is_skew_symbol(expr: Expr) -> bool:
    """A symbol that is declared to equal minus its transpose, or the differential of one."""
    expr = expr.args[0] if expr.op is Op.DIFF else expr
    return expr.assumed("skew")


@lru_cache(maxsize=_KEPT)
def transposed(expr: Expr) -> Expr:
    """``expr^T`` with the transposes pushed inward as far as that is no longer."""
    if expr.is_scalar or is_symmetric_symbol(expr):
        return expr
    if is_skew_symbol(expr):
        return neg(expr)
    match expr.op:
        case Op.TRANSPOSE:
            return expr.args[0]
        case Op.IDENTITY | Op.DIAG:
            return expr
        case Op.COMMUTATION if isinstance(expr.data, tuple):
            return commutation(expr.data[1], expr.data[0])
        case Op.ZERO:
            return zero(expr.shape[1], expr.shape[0])
        case Op.ONES if expr.shape[0] != ONE and expr.shape[1] != ONE:
            return ones(expr.shape[1], expr.shape[0])
        case Op.MATMUL if is_projector(expr):
            return expr
        case Op.MATMUL:
            return matmul(*(transposed(factor) for factor in reversed(expr.args)))
        case Op.SCALE:
            return scale(expr.args[0], transposed(expr.args[1]))
        case Op.KRON:
            return kron(*(transposed(arg) for arg in expr.args))
        case Op.TRIANGLE:
            side = "upper" if expr.data == "lower" else "lower"
            return triangle(transposed(expr.args[0]), side)
        case Op.POWER:
            base = transposed(expr.args[0])
            if base.op is Op.TRANSPOSE and base.args[0].op is not Op.SYMBOL:
                return transpose(expr)
            return power(base, expr.args[1])
        case Op.INVERSE | Op.PSEUDO_INVERSE | Op.ADJUGATE | Op.MATRIX_FUNCTION:
            return _transposed_function(expr)
        case Op.BLOCK:
            rows = zip(*blocks(expr), strict=True)
            return block([[transposed(part) for part in row] for row in rows])
        case Op.EXPECTATION:
            return rebuild(expr, [transposed(expr.args[0])])
        case Op.INDEX_SUM if isinstance(expr.data, Range):
            body = transposed(expr.args[0])
            return index_sum(expr.data.index, expr.data.upper, body, expr.data.lower)
        case Op.HADAMARD if any(map(is_diagonal, expr.args)):
            return expr
        case Op.SUM | Op.HADAMARD | Op.HDIV | Op.HPOWER | Op.FUNC:
            return _entry_by_entry(expr)
    return transpose(expr)


def is_diagonal(expr: Expr) -> bool:
    """Is it a diagonal matrix whatever the values of its symbols are?"""
    if expr.op in (Op.INVERSE, Op.TRANSPOSE, Op.POWER) and not expr.is_scalar:
        return is_diagonal(expr.args[0])
    return expr.op in (Op.IDENTITY, Op.DIAG) or expr.assumed("diagonal")


def _transposed_function(expr: Expr) -> Expr:
    """Of an inverse or another function that a transpose goes through."""
    body = expr.args[0]
    if body.op is Op.TRANSPOSE:
        return rebuild(expr, body.args)
    other = transposed(body)
    return expr if other is body else transpose(expr)


def _entry_by_entry(expr: Expr) -> Expr:
    """Of a sum or an elementwise operation: each argument transposed, if that is no longer."""
    if expr.op is Op.SUM and _is_its_transpose(expr):
        return expr
    parts = expr.args[:1] if expr.op is Op.HPOWER else expr.args
    args = [transposed(arg) for arg in parts]
    if all(new is old for new, old in zip(args, parts, strict=True)):
        return expr
    inner = rebuild(expr, [*args, *expr.args[len(parts) :]])
    if _same_terms(inner, expr):
        return expr
    if expr.has_diff and expr.op is not Op.SUM:
        return inner
    return inner if sum(map(length, args)) <= sum(map(length, parts)) else transpose(expr)


def _is_its_transpose(total: Expr) -> bool:
    """``A + B + (A + B)^T``?"""
    for term in total.args:
        if term.op is Op.TRANSPOSE and term.args[0].op is Op.SUM:
            return set(term.args[0].args) == {other for other in total.args if other is not term}
    return False


def _same_terms(left: Expr, right: Expr) -> bool:
    return left.op is right.op is Op.SUM and set(left.args) == set(right.args)


def is_pseudo_inverse_pair(left: Expr, right: Expr) -> bool:
    """Is one of the two the pseudo-inverse of the other?"""
    return (left.op is Op.PSEUDO_INVERSE and left.args[0] is right) or (
        right.op is Op.PSEUDO_INVERSE and right.args[0] is left
    )


def is_projector(expr: Expr) -> bool:
    """``X X^+`` or ``X^+ X``, which are symmetric."""
    return expr.op is Op.MATMUL and len(expr.args) == 2 and is_pseudo_inverse_pair(*expr.args)
