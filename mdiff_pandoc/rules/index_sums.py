"""Sums over indices and Kronecker deltas: how the rules for them apply."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from mdiff_pandoc.expr import (
    Expr,
    Index,
    Op,
    Range,
    add,
    dimension,
    index_sum,
    make,
    mul,
    number,
    rebuild,
    walk,
)
from mdiff_pandoc.expr.indices import reindexed

_ZERO, _ONE = number(0), number(1)
_PAIR = 2  # a sum of terms with more indices is no matrix


def sum_in_front(node: Expr) -> Expr | None:
    """``a_k Σ_i b_i = Σ_i a_k b_i``; what has no index stays in front"""
    if node.op is not Op.MUL:
        return None
    for place, factor in enumerate(node.args):
        span = factor.data
        if factor.op is Op.INDEX_SUM and isinstance(span, Range):
            others = (*node.args[:place], *node.args[place + 1 :])
            if not any(map(_has_indices, others)):
                continue
            if any(span.index in other.free for other in others):
                continue
            inside = [arg for arg in others if _has_indices(arg)]
            before = sum(map(_has_indices, node.args[:place]))
            body = mul(*inside[:before], factor.args[0], *inside[before:])
            total = index_sum(span.index, span.upper, body, span.lower)
            return mul(*(arg for arg in others if not _has_indices(arg)), total)
    return None


def _has_indices(expr: Expr) -> bool:
    return bool(expr.free) or expr.op in (Op.INDEX_SUM, Op.DERIVATIVE)


def coefficient_in_front(node: Expr) -> Expr | None:
    """``Σ_i α a_i = α Σ_i a_i`` for a coefficient without any index"""
    if node.op is not Op.INDEX_SUM or node.args[0].op is not Op.MUL:
        return None
    factors = node.args[0].args
    outside = [factor for factor in factors if not _has_indices(factor)]
    inside = [factor for factor in factors if _has_indices(factor)]
    if not outside or not inside:
        return None
    return mul(*outside, rebuild(node, (mul(*inside),)))


def sum_of_constant(node: Expr) -> Expr | None:
    """``Σ_i a = n a``"""
    span = node.data
    if node.op is not Op.INDEX_SUM or not isinstance(span, Range) or span.lower != 1:
        return None
    (body,) = node.args
    if span.index in body.free or any(arg.op is Op.DERIVATIVE for arg in walk(body)):
        return None
    return _ZERO if body is _ZERO else mul(dimension(span.upper), body)


def known_delta(node: Expr) -> Expr | None:
    """``δ_ii = 1``, ``δ_12 = 0``"""
    if node.op is not Op.DELTA or not isinstance(node.data, tuple):
        return None
    left, right = node.data
    if left == right:
        return _ONE
    return _ZERO if isinstance(left, int) and isinstance(right, int) else None


def delta_power(node: Expr) -> Expr | None:
    """``δ_ij^k = δ_ij``, for k > 0"""
    if node.op is not Op.POWER or node.args[0].op is not Op.DELTA:
        return None
    exponent = node.args[1].data
    return node.args[0] if isinstance(exponent, Fraction) and exponent > 0 else None


def contracted(node: Expr) -> Expr | None:
    """``Σ_k δ_ik a_k = a_i``, for an index k that runs over all that i may be"""
    span = node.data
    if node.op is not Op.INDEX_SUM or not isinstance(span, Range) or span.lower != 1:
        return None
    body = node.args[0]
    for found in _deltas(body):
        left, right = _indices(found)
        if span.index in (left, right) and left != right:
            other = right if left == span.index else left
            return reindexed(_without(body, found), {span.index: other})
    return None


def _deltas(body: Expr) -> Iterator[Expr]:
    """The deltas that are factors of the whole."""
    if body.op is Op.DELTA:
        yield body
    elif body.op in (Op.MUL, Op.INDEX_SUM):
        for arg in body.args:
            yield from _deltas(arg)


def _without(body: Expr, factor: Expr) -> Expr:
    """The product without one factor."""
    if body is factor:
        return _ONE
    if body.op is Op.INDEX_SUM:
        return rebuild(body, (_without(body.args[0], factor),))
    if body.op is not Op.MUL:
        return body
    args = list(body.args)
    for place, arg in enumerate(args):
        if factor in _deltas(arg):
            args[place] = _without(arg, factor)
            break
    kept = [arg for arg in args if arg is not _ONE]
    return mul(*kept) if kept else _ONE


def _mentions(expr: Expr, index: str) -> bool:
    return any(
        node.op is Op.DELTA and isinstance(node.data, tuple) and index in node.data
        for node in walk(expr)
    )


def terms_apart(node: Expr) -> Expr | None:
    """``Σ_i (a_i + b_i) = Σ_i a_i + Σ_i b_i``, of terms with deltas or many indices"""
    span = node.data
    if node.op is not Op.INDEX_SUM or not isinstance(span, Range):
        return None
    body = node.args[0]
    if body.op is not Op.SUM:
        return None
    if len(body.free) <= _PAIR and not any(arg.op is Op.DELTA for arg in walk(body)):
        return None
    return add(*(make(Op.INDEX_SUM, (term,), span, term.shape) for term in body.args))


def multiplied_out(node: Expr) -> Expr | None:
    """``Σ_i a (δ_i + b) = Σ_i (a δ_i + a b)``"""
    span = node.data
    if node.op is not Op.INDEX_SUM or not isinstance(span, Range):
        return None
    body = node.args[0]
    if body.op is not Op.MUL:
        return None
    for place, factor in enumerate(body.args):
        if factor.op is not Op.SUM:
            continue
        if _mentions(factor, span.index) or len(factor.free) > _PAIR:
            terms = [mul(*body.args[:place], term, *body.args[place + 1 :]) for term in factor.args]
            return make(Op.INDEX_SUM, (add(*terms),), span, node.shape)
    return None


def _indices(node: Expr) -> tuple[Index, Index]:
    """Row and column of an entry, or the two indices of a delta."""
    assert isinstance(node.data, tuple)
    return node.data
