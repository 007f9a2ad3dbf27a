"""A sum of products out of a product of sums."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod

from mdiff_pandoc.expr import Expr, Op, matmul, power, rebuild, trace, transpose
from mdiff_pandoc.service.repairs.place import LINEAR, coefficient, times

_MOST = 24
_PRODUCTS = frozenset({Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.KRON})


def terms_of(expr: Expr) -> list[Expr]:
    """The terms that an expression has when its products are multiplied out.

    What would give too many of them stays as it is.
    """
    if expr.op is Op.SUM:
        return [term for arg in expr.args for term in terms_of(arg)]
    if expr.op in LINEAR:
        return [
            times(value, rebuild(expr, (body,)))
            for value, body in map(coefficient, terms_of(expr.args[0]))
        ]
    if expr.op in _PRODUCTS:
        return _multiplied(expr, [terms_of(arg) for arg in expr.args])
    if expr.op is Op.POWER and expr.args[1].data == Fraction(2):
        base = expr.args[0]
        if base.op is Op.NORM and base.data in ("F", "2") and base.args[0].op is Op.SUM:
            inner = base.args[0]
            square = matmul(transpose(inner), inner)
            return terms_of(square if square.is_scalar else trace(square))
        terms = terms_of(base)
        if len(terms) > 1:
            return _multiplied(expr, [terms, terms])
    return [expr]


def _multiplied(expr: Expr, choices: Sequence[Sequence[Expr]]) -> list[Expr]:
    if prod(map(len, choices)) > _MOST:
        return [expr]
    if expr.op is Op.POWER:
        return [
            power(one, 2) if one is other else matmul(one, other)
            for one, other in product(*choices)
        ]
    return [_tidy(rebuild(expr, picked)) for picked in product(*choices)]


def _tidy(expr: Expr) -> Expr:
    return times(Fraction(1), expr)
