"""Inner-product rules for cross products, block matrices and expectations.

Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN); Horn & Johnson, *Matrix
Analysis*, 2nd ed. (HJ).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    Expr,
    Op,
    block,
    blocks,
    cross,
    expectation,
    identity,
    matmul,
    meta,
    mul,
    rebuild,
    scale,
    symbol,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.rules.parts import Span, heights, part_of, widths
from mdiff_pandoc.rules.randomness import expected, is_random
from mdiff_pandoc.rules.rule import Rule, Table, Varies


def _block(expr: Expr, _: Varies) -> Expr | None:
    """``tr(P M) = tr(P_{ji} Z)`` where Z, in row i and column j of M, is all that moves in M."""
    inner = expr.args[0] if expr.op is Op.TRACE else expr
    if not expr.is_scalar or inner.op not in (Op.MATMUL, Op.BLOCK):
        return None
    chain = inner.args if inner.op is Op.MATMUL else (inner,)
    whole = chain[-1]
    if whole.op is not Op.BLOCK or not whole.has_diff or any(f.has_diff for f in chain[:-1]):
        return None
    places = [
        (i, j) for i, row in enumerate(blocks(whole)) for j, z in enumerate(row) if z.has_diff
    ]
    if len(places) != 1:
        return None
    ((i, j),) = places
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(whole.shape[1])
    part = part_of(before, Span(widths(whole), j), Span(heights(whole), i))
    product = matmul(part, blocks(whole)[i][j])
    return product if product.is_scalar else trace(product)


def through_expectation(expr: Expr, _: Varies) -> Expr | None:
    """``f(E[Z]) = E[f(Z)]`` for a linear f that is not random itself."""
    for position, arg in enumerate(expr.args):
        if arg.op is Op.EXPECTATION and arg.has_diff:
            others = (*expr.args[:position], *expr.args[position + 1 :])
            if expr.op is Op.EXPECTATION or any(is_random(other, arg) for other in others):
                return None
            args = [*expr.args[:position], arg.args[0], *expr.args[position + 1 :]]
            return expectation(rebuild(expr, args), arg.data)  # type: ignore[arg-type]
    return None


def _expectation_in_front(expr: Expr, _: Varies) -> Expr | None:
    """``E[c tr(P Z)] = tr(E[c P] Z)`` for a differential Z that is not random."""
    if expr.op is not Op.EXPECTATION or not expr.has_diff:
        return None
    body = expr.args[0]
    factors = body.args if body.op is Op.MUL else (body,)
    active = next(factor for factor in factors if factor.has_diff)
    coefficients = [factor for factor in factors if factor is not active]
    inner = active.args[0] if active.op is Op.TRACE else active
    chain = inner.args if inner.op is Op.MATMUL else (inner,)
    if is_random(chain[-1], expr) or not chain[-1].has_diff:
        return None
    if active is chain[-1]:
        return mul(expected(mul(*coefficients), expr), active) if coefficients else active
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(chain[-1].shape[0])
    product = matmul(expected(matmul(*coefficients, before), expr), chain[-1])
    return trace(product) if active.op is Op.TRACE else product


_p = meta("p", 1, 3, segment=True)
_q = meta("q", 3)
_z = meta("z", 3, active=True)
_P = meta("P", "n", "m")
_Q = meta("Q", "n", "k")
_A = meta("A", "k", "m")
_Z = meta("Z", "m", "n", active=True)
_a = meta("a", "n")
_b = meta("b", "n", active=True)
_r = symbol("rho")

SPECIAL: tuple[Rule, ...] = (
    Rule(
        "triple product",
        Table.INNER_PRODUCT,
        matmul(_p, cross(_q, _z)),
        matmul(transpose(cross(transpose(_p), _q)), _z),
        "HJ §0.7; scalar triple product",
    ),
    Rule(
        "triple product, from the right",
        Table.INNER_PRODUCT,
        matmul(_p, cross(_z, _q)),
        matmul(transpose(cross(_q, transpose(_p))), _z),
        "HJ §0.7; scalar triple product",
    ),
    Rule(
        "block under a trace",
        Table.INNER_PRODUCT,
        trace(matmul(block([[_P], [_A]]), block([[_Z, zero("m", "k")]]))),
        trace(matmul(_P, _Z)),
        "MN ch. 1 §11",
        rewrite=_block,
    ),
    Rule(
        "linearity of the expectation",
        Table.INNER_PRODUCT,
        matmul(transpose(_a), expectation(scale(_r, _b), ("rho",))),
        expectation(mul(_r, matmul(transpose(_a), _b)), ("rho",)),
        "linearity of the expectation",
        quiet=True,
        rewrite=through_expectation,
    ),
    Rule(
        "expectation in front",
        Table.INNER_PRODUCT,
        expectation(mul(_r, matmul(transpose(_a), _b)), ("rho",)),
        mul(expectation(_r, ("rho",)), matmul(transpose(_a), _b)),
        "linearity of the expectation",
        quiet=True,
        rewrite=_expectation_in_front,
    ),
)
