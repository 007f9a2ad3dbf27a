"""vec rules for block matrices and expectations.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    Expr,
    Op,
    block,
    blocks,
    expectation,
    identity,
    matmul,
    meta,
    number,
    scale,
    symbol,
    zero,
)
from mdiff_pandoc.rules.inner_products_special import through_expectation
from mdiff_pandoc.rules.parts import placed
from mdiff_pandoc.rules.randomness import expected, is_random
from mdiff_pandoc.rules.rule import Rewrite, Rule, Table, Varies


def _block(expr: Expr, _: Varies) -> Expr | None:
    """The block that moves, between selections of its rows and columns."""
    if expr.op is not Op.BLOCK or not expr.has_diff:
        return None
    places = [(i, j) for i, row in enumerate(blocks(expr)) for j, z in enumerate(row) if z.has_diff]
    if len(places) != 1:
        return None
    ((i, j),) = places
    z = blocks(expr)[i][j]
    if z.is_scalar:
        return scale(z, placed(number(1), expr, i, j))
    if not expr.is_vector:
        return placed(z, expr, i, j, apart=True)
    chain = z.args if z.op is Op.MATMUL else (z,)
    if not chain[-1].has_diff or any(factor.has_diff for factor in chain[:-1]):
        return None
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(z.shape[0])
    rows = [[before if k == i else zero(row[0].shape[0], before.shape[1])]
            for k, row in enumerate(blocks(expr))]  # fmt: skip
    return matmul(block(rows), chain[-1])


def _in_front(expr: Expr, _: Varies) -> Expr | None:
    """``E[c P z] = E[c P] z`` for a differential z that is not random; ``E[ζ P] = ζ E[P]``."""
    if expr.op is not Op.EXPECTATION or not expr.has_diff:
        return None
    coefficient, body = expr.args[0].args if expr.args[0].op is Op.SCALE else (None, expr.args[0])
    if coefficient is not None and coefficient.has_diff:
        factors = coefficient.args if coefficient.op is Op.MUL else (coefficient,)
        active = next(factor for factor in factors if factor.has_diff)
        rest = [factor for factor in factors if factor is not active]
        if is_random(active, expr):
            return None
        return scale(active, expected(matmul(*rest, body), expr))
    *before, last = body.args if body.op is Op.MATMUL else (body,)
    if is_random(last, expr) or not last.has_diff:
        return None
    front = matmul(*before) if before else identity(last.shape[0])
    return matmul(expected(front if coefficient is None else scale(coefficient, front), expr), last)


def _rule(
    name: str, left: Expr, right: Expr, source: str, rewrite: Rewrite, *, quiet: bool = False
) -> Rule:
    return Rule(name, Table.VEC, left, right, source, quiet, rewrite)


_z = meta("z", "n", active=True)
_A = meta("A", "m", "n")
_P = meta("P", "p", "m")
_r = symbol("rho")

VEC_BLOCKS: tuple[Rule, ...] = (
    _rule(
        "block as a product",
        block([[matmul(_A, _z)], [zero("p")]]),
        matmul(block([[_A], [zero("p", "n")]]), _z),
        "MN ch. 1 §11",
        _block,
    ),
    _rule(
        "linearity of the expectation, of a vector",
        matmul(_P, expectation(scale(_r, matmul(_A, _z)), ("rho",))),
        expectation(scale(_r, matmul(_P, _A, _z)), ("rho",)),
        "linearity of the expectation",
        through_expectation,
        quiet=True,
    ),
    _rule(
        "expectation of a vector, in front",
        expectation(scale(_r, matmul(_A, _z)), ("rho",)),
        matmul(expectation(scale(_r, _A), ("rho",)), _z),
        "linearity of the expectation",
        _in_front,
        quiet=True,
    ),
)
