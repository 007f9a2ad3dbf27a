"""Which expressions are positive, and which matrices positive definite, by their form."""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.rules.transposes import transposed

__all__ = ["is_definite", "is_positive"]

_ALWAYS_POSITIVE = frozenset({"exp", "sigma", "softplus", "cosh"})
_NEVER_NEGATIVE = _ALWAYS_POSITIVE | {"abs", "relu", "sqrt", "step"}
_MONOTONE = frozenset(
    {
        Op.MUL, Op.SCALE, Op.MATMUL, Op.HADAMARD, Op.HDIV, Op.KRON, Op.POWER, Op.HPOWER,
        Op.TRANSPOSE, Op.TRACE, Op.DIAGONAL, Op.VEC, Op.UNVEC, Op.ENTRY, Op.ROW, Op.COLUMN,
        Op.INDEX_SUM, Op.EXPECTATION, Op.NAMED,
    }
)  # fmt: skip


def is_positive(expr: Expr) -> bool:
    """Are all entries positive wherever the expression has a value, as far as its form tells?"""
    if expr.op is Op.SUM:
        signs = [(is_positive(arg), _is_not_negative(arg)) for arg in expr.args]
        return all(known for _, known in signs) and any(strict for strict, _ in signs)
    if expr.op in (Op.DIMENSION, Op.CONSTANT, Op.ONES, Op.SOFTMAX):
        return True
    if expr.op is Op.NUMBER:
        return isinstance(expr.data, Fraction) and expr.data > 0
    if expr.op is Op.FUNC:
        return expr.data in _ALWAYS_POSITIVE
    if expr.op is Op.DET:
        return is_definite(expr.args[0])
    if expr.op in (Op.POWER, Op.HPOWER):
        return is_positive(expr.args[0])
    return expr.assumed("positive") or (
        expr.op in _MONOTONE and bool(expr.args) and all(map(is_positive, expr.args))
    )


def _is_not_negative(expr: Expr) -> bool:
    if expr.op is Op.FUNC:
        return expr.data in _NEVER_NEGATIVE
    if expr.op in (Op.POWER, Op.HPOWER) and isinstance(expr.args[1].data, Fraction):
        whole = expr.is_scalar or expr.op is Op.HPOWER
        return is_positive(expr) or (whole and expr.args[1].data % 2 == 0)
    if expr.op is Op.MATMUL and expr.is_scalar:
        return _is_square_form(expr)
    if expr.op in (Op.MUL, Op.SCALE, Op.HADAMARD, Op.SUM):
        return all(map(_is_not_negative, expr.args))
    return expr.op is Op.NORM or is_positive(expr)


def is_definite(expr: Expr) -> bool:
    """Is this symmetric matrix positive definite wherever it has a value, as far as its form tells?

    Of the form are sums, positive multiples, inverses and squares ``B^T B``: Horn and Johnson,
    Matrix Analysis, section 7.1.
    """
    if expr.op is Op.SUM:
        signs = [(is_definite(arg), _is_semidefinite(arg)) for arg in expr.args]
        return all(known for _, known in signs) and any(strict for strict, _ in signs)
    if expr.op is Op.SCALE:
        return is_positive(expr.args[0]) and is_definite(expr.args[1])
    if expr.op in (Op.INVERSE, Op.TRANSPOSE):
        return is_definite(expr.args[0])
    if expr.op is Op.DIAG:
        return is_positive(expr.args[0])
    return expr.op is Op.IDENTITY or expr.assumed("positive definite")


def _is_semidefinite(expr: Expr) -> bool:
    if expr.op is Op.SUM:
        return all(map(_is_semidefinite, expr.args))
    if expr.op is Op.SCALE:
        return _is_not_negative(expr.args[0]) and _is_semidefinite(expr.args[1])
    if expr.op is Op.DIAG:
        return _is_not_negative(expr.args[0])
    return is_definite(expr) or (expr.op is Op.MATMUL and _is_square_form(expr))


def _is_square_form(product: Expr) -> bool:
    """Is it ``B^T B`` or ``B^T M B`` with a positive semidefinite ``M``?"""
    factors = product.args
    half, odd = divmod(len(factors), 2)
    mirrored = all(
        transposed(left) is right
        for left, right in zip(factors[:half], reversed(factors), strict=False)
    )
    return mirrored and (not odd or _is_semidefinite(factors[half]))
