"""vec rules for cross products.

Source: Horn & Johnson, *Matrix Analysis*, 2nd ed. (HJ).
"""

from __future__ import annotations

from mdiff_pandoc.expr import Expr, Op, block, cross, entry, matmul, meta, neg, number
from mdiff_pandoc.rules.rule import Rule, Table, Varies


def _skew(vector: Expr) -> Expr:
    """``[a]_×``, the matrix with ``[a]_× b = a × b``."""
    first, second, third = (entry(vector, k) for k in (1, 2, 3))
    none = number(0)
    return block(
        [[none, neg(third), second], [third, none, neg(first)], [neg(second), first, none]]
    )


def _after(expr: Expr, _: Varies) -> Expr | None:
    """``a × z = [a]_× z``"""
    if expr.op is not Op.CROSS or not expr.args[1].has_diff:
        return None
    return matmul(_skew(expr.args[0]), expr.args[1])


def _before(expr: Expr, _: Varies) -> Expr | None:
    """``z × a = -[a]_× z``"""
    if expr.op is not Op.CROSS or not expr.args[0].has_diff:
        return None
    return neg(matmul(_skew(expr.args[1]), expr.args[0]))


_a = meta("a", 3)
_z = meta("z", 3, active=True)

SPECIAL_VEC: tuple[Rule, ...] = (
    Rule(
        "cross product as a matrix",
        Table.VEC,
        cross(_a, _z),
        matmul(_skew(_a), _z),
        "HJ §0.7",
        rewrite=_after,
    ),
    Rule(
        "cross product as a matrix, turned",
        Table.VEC,
        cross(_z, _a),
        neg(matmul(_skew(_a), _z)),
        "HJ §0.7",
        rewrite=_before,
    ),
)
