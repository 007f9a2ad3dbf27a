"""Rules for sums over an index: what does not depend on it goes in front, vectors are joined."""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.expr import (
    Expr,
    Op,
    Range,
    add,
    basis,
    column,
    dimension,
    entry,
    index_sum,
    kron,
    matmul,
    meta,
    neg,
    number,
    scale,
)
from mdiff_pandoc.expr.matrix_form import summed_lines
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.commutative import split_coefficient, with_coefficient
from mdiff_pandoc.rules.rule import Rule, Table, Varies

_A = meta("A", "m", "n")
_B = meta("B", "n", "p")
_D = meta("D", "n", "p")
_c = meta("c", "n")


def _factor_in_front(expr: Expr) -> Expr | None:
    """``Σ_i A b_i C = A (Σ_i b_i) C``, and ``Σ_i A = n A``."""
    if expr.op is not Op.INDEX_SUM or not isinstance(expr.data, Range) or expr.has_diff:
        return None
    body, index = expr.args[0], expr.data.index
    if index not in body.free:
        return scale(dimension(expr.data.upper), body) if expr.data.lower == 1 else None
    coefficient, body = body.args if body.op is Op.SCALE else (None, body)
    if body.op is Op.KRON:
        return _kron_in_front(expr.data, coefficient, body)
    if body.op is not Op.MATMUL:
        return None
    inside = [place for place, factor in enumerate(body.args) if index in factor.free]
    if not inside or (inside[0] == 0 and inside[-1] == len(body.args) - 1):
        return None
    start, stop = inside[0], inside[-1] + 1
    summand = matmul(*body.args[start:stop])
    if coefficient is not None:
        summand = scale(coefficient, summand)
    total = index_sum(index, expr.data.upper, summand, expr.data.lower)
    return matmul(*body.args[:start], total, *body.args[stop:])


def _kron_in_front(span: Range, coefficient: Expr | None, body: Expr) -> Expr | None:
    """``Σ_i (b_i ⊗ A) = (Σ_i b_i) ⊗ A``."""
    inside = [span.index in arg.free for arg in body.args]
    if all(inside):
        return None
    place = inside.index(True) if any(inside) else 0
    part = body.args[place] if coefficient is None else scale(coefficient, body.args[place])
    total = index_sum(span.index, span.upper, part, span.lower)
    return kron(total, body.args[1]) if place == 0 else kron(body.args[0], total)


def _sums_merged(expr: Expr) -> Expr | None:
    """``Σ_i A_i + Σ_i B_i = Σ_i (A_i + B_i)``."""
    if expr.op is not Op.SUM:
        return None
    groups: dict[Range, list[int]] = {}
    for position, term in enumerate(expr.args):
        span = split_coefficient(term)[1].data
        if isinstance(span, Range):
            groups.setdefault(span, []).append(position)
    for span, members in groups.items():
        if len(members) == 1:
            continue
        parts = [split_coefficient(expr.args[position]) for position in members]
        if any(part.op is not Op.INDEX_SUM for _, part in parts):
            continue
        sign = -1 if all(value < 0 for value, _ in parts) else 1
        body = add(*(with_coefficient(sign * value, part.args[0]) for value, part in parts))
        total = index_sum(span.index, span.upper, body, span.lower)
        others = [term for position, term in enumerate(expr.args) if position not in members]
        others.insert(members[0], total if sign > 0 else neg(total))
        return add(*others)
    return None


def _one_body(expr: Expr) -> Expr | None:
    """``αA + βA = (α + β)A`` where all terms of a sum are multiples of one vector or matrix."""
    if expr.op is not Op.SUM or expr.is_scalar:
        return None
    scaled = [term.args if term.op is Op.SCALE else (number(1), term) for term in expr.args]
    if len({body for _, body in scaled}) > 1:
        return None
    new = scale(add(*(coefficient for coefficient, _ in scaled)), scaled[0][1])
    return new if length(new) <= length(expr) else None


def _rule(
    name: str, left: Expr, right: Expr, rewrite: Callable[[Expr], Expr | None], on: Op
) -> Rule:
    def apply(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    source = "linearity, MN ch. 1 §3"
    return Rule(name, Table.SHORTENING, left, right, source, rewrite=apply, roots=frozenset({on}))


SUMS: tuple[Rule, ...] = (
    _rule(
        "multiples of one matrix",
        add(scale(meta("alpha"), _A), scale(meta("beta"), _A)),
        scale(add(meta("alpha"), meta("beta")), _A),
        _one_body,
        Op.SUM,
    ),
    _rule(
        "sum of unit vectors",
        index_sum("i", "n", scale(entry(_c, "i"), basis("i", "n"))),
        _c,
        summed_lines,
        Op.INDEX_SUM,
    ),
    _rule(
        "constant factor of a sum",
        index_sum("i", "p", matmul(_A, column(_D, "i"))),
        matmul(_A, index_sum("i", "p", column(_D, "i"))),
        _factor_in_front,
        Op.INDEX_SUM,
    ),
    _rule(
        "sums over one index",
        add(index_sum("i", "p", column(_B, "i")), index_sum("i", "p", column(_D, "i"))),
        index_sum("i", "p", add(column(_B, "i"), column(_D, "i"))),
        _sums_merged,
        Op.SUM,
    ),
)
