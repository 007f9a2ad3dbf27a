"""Sums over indices arranged so that their values are found in few steps.

By the distributive law alone: ``Σ_i Σ_j Σ_k a_ij b_jk c_ki`` is ``Σ_i Σ_j a_ij Σ_k b_jk c_ki``, in
which the inner sum depends on two indices and is evaluated once for each pair.
"""

from __future__ import annotations

from functools import lru_cache

from mdiff_pandoc.expr import Expr, Op, Range, mul, rebuild, walk

_KEPT = 1024  # results


@lru_cache(maxsize=_KEPT)
def factored(expr: Expr) -> Expr:
    """``expr`` with every factor outside the sums whose index it does not carry."""
    held = any(node.op is Op.INDEX_SUM for node in walk(expr))
    return _factored(expr) if held else expr


def _factored(expr: Expr) -> Expr:
    new = rebuild(expr, [factored(arg) for arg in expr.args])
    span = new.data
    if new.op is not Op.INDEX_SUM or not isinstance(span, Range) or new.args[0].op is not Op.MUL:
        return new
    factors = new.args[0].args
    inside = [factor for factor in factors if span.index in factor.free]
    if not inside or len(inside) == len(factors):
        return new
    outside = [factor for factor in factors if span.index not in factor.free]
    return mul(*outside, rebuild(new, (mul(*inside),)))
