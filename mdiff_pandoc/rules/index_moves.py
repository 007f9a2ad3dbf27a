"""Derivatives by an entry: how the index rules apply.

As in `entries`, indices that a function introduces are called ``#1``, ``#2``.
"""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Index,
    Op,
    Range,
    add,
    delta,
    function,
    index_sum,
    inverse,
    is_variable,
    mul,
    neg,
    number,
    power,
    rebuild,
    softmax,
)
from mdiff_pandoc.expr import derivative as slope_of
from mdiff_pandoc.rules.entries import FIRST, SECOND, norm_exponent, part, place_in
from mdiff_pandoc.rules.functions import CONSTANT_PIECES
from mdiff_pandoc.rules.functions import derivative as slope_of_function
from mdiff_pandoc.rules.rule import Varies

_ZERO, _ONE = number(0), number(1)


def asked_of(node: Expr) -> tuple[Expr, Expr] | None:
    """A scalar and what it is differentiated by, a scalar symbol or an entry; else None."""
    if node.op is not Op.DERIVATIVE or not node.args[0].is_scalar or not node.args[1].is_scalar:
        return None
    return node.args[0], node.args[1]


def constant(node: Expr, varies: Varies) -> Expr | None:
    """What does not depend on the variable has the derivative 0."""
    asked = asked_of(node)
    return _ZERO if asked is not None and not varies(asked[0]) else None


def entry_by_entry(node: Expr, varies: Varies) -> Expr | None:
    """``∂X_ij/∂X_pq = δ_ip δ_jq``; of a vector, ``∂x_i/∂x_p = δ_ip``; ``∂t/∂t = 1``"""
    asked = asked_of(node)
    if asked is None:
        return None
    f, variable = asked
    if f is variable:
        return _ONE
    if f.op is not Op.ENTRY or variable.op is not Op.ENTRY or f.args[0] is not variable.args[0]:
        return None
    pairs = zip(f.data, variable.data, strict=True)  # type: ignore[call-overload]
    deltas = [delta(left, right) for left, right in pairs if left != right]
    return mul(*deltas) if deltas else _ONE


def sum_rule(node: Expr, varies: Varies) -> Expr | None:
    """The derivative of a sum, and of a sum over an index."""
    asked = asked_of(node)
    if asked is None:
        return None
    f, variable = asked
    if f.op is Op.SUM:
        return add(*(slope_of(term, variable) for term in f.args if varies(term)))
    if f.op is Op.INDEX_SUM and isinstance(f.data, Range) and f.data.index not in variable.free:
        return rebuild(f, (slope_of(f.args[0], variable),))
    return None


def product_rule(node: Expr, varies: Varies) -> Expr | None:
    """The derivative of a product of scalars, a term for every factor that varies."""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.MUL:
        return None
    f, variable = asked
    terms = [
        mul(*f.args[:i], slope_of(factor, variable), *f.args[i + 1 :])
        for i, factor in enumerate(f.args)
        if varies(factor)
    ]
    return add(*terms)


def power_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ a^k = k a^{k-1} ∂a``, and with a varying exponent ``∂ a^b = a^b ∂(b log a)``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.POWER:
        return None
    f, variable = asked
    base, exponent = f.args
    if varies(exponent):
        grown = mul(exponent, function("log", base))
        return mul(f, slope_of(grown, variable))
    less = _lowered(exponent)
    slope = slope_of(base, variable)
    if less is _ZERO:
        return slope
    if base.op is Op.FUNC and base.data == "abs" and exponent.data != 2:
        inner = base.args[0]
        size = power(base, _lowered(less))
        return mul(exponent, inner, size, slope_of(inner, variable))
    return mul(exponent, base if less is _ONE else power(base, less), slope)


def logsumexp_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ logsumexp(z) = Σ_k softmax(z)_k ∂z_k``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.LOGSUMEXP:
        return None
    return _weighted(asked[0].args[0], asked[1])


def softmax_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ softmax(z)_i = softmax(z)_i (∂z_i - Σ_k softmax(z)_k ∂z_k)``"""
    asked = asked_of(node)
    found = None if asked is None else place_in(asked[0], Op.SOFTMAX)
    if asked is None or found is None:
        return None
    vector, i = found[0].args[0], found[1]
    return mul(asked[0], add(slope_of(part(vector, i), asked[1]), neg(_weighted(vector, asked[1]))))


def _weighted(vector: Expr, variable: Expr) -> Expr:
    slope = slope_of(part(vector, FIRST), variable)
    return index_sum(FIRST, vector.shape[0], mul(part(softmax(vector), FIRST), slope))


def through_arguments(node: Expr, varies: Varies) -> Expr | None:
    """``∂ g(C) = Σ_k Σ_l ∂g/∂C_kl ∂C_kl``, over the arguments that have a name"""
    asked = asked_of(node)
    if asked is None:
        return None
    f, variable = asked
    call = f.args[0] if f.op is Op.NAMED else f
    if call.op is not Op.APPLY or any(arg is _whole(variable) for arg in call.args):
        return None
    terms = []
    for arg in call.args:
        if not varies(arg):
            continue
        if not is_variable(arg):
            return None
        columns = arg.shape[1] != ONE
        one = part(arg, FIRST, SECOND) if columns else part(arg, FIRST)
        term = mul(slope_of(f, one), slope_of(one, variable))
        if not arg.is_scalar:
            term = index_sum(SECOND, arg.shape[1], term) if columns else term
            term = index_sum(FIRST, arg.shape[0], term)
        terms.append(term)
    return add(*terms) if terms else None


def _lowered(exponent: Expr) -> Expr:
    """The exponent less 1."""
    if isinstance(exponent.data, Fraction) and exponent.op is Op.NUMBER:
        return number(exponent.data - 1)
    return add(exponent, number(-1))


def norm_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂‖A‖_p = ‖A‖_p^{1-p} ∂(‖A‖_p^p) / p``"""
    asked = asked_of(node)
    kind = None if asked is None else norm_exponent(asked[0])
    if asked is None or kind is None:
        return None
    f, variable = asked
    slope = slope_of(power(f, kind), variable)
    return slope if kind == 1 else mul(number(1 / kind), power(f, 1 - kind), slope)


def chain_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ f(a) = f'(a) ∂a``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.FUNC:
        return None
    f, variable = asked
    if f.data in CONSTANT_PIECES:
        return _ZERO
    slope = slope_of_function(f.data, f.args[0])
    return None if slope is None else mul(slope, slope_of(f.args[0], variable))


def _indices(node: Expr) -> tuple[Index, Index]:
    """Row and column of an entry, or the two indices of a delta."""
    assert isinstance(node.data, tuple)
    return node.data


def _whole(variable: Expr) -> Expr:
    return variable.args[0] if variable.op is Op.ENTRY else variable


def _inverse_of(node: Expr) -> tuple[Expr, Index, Index, Expr] | None:
    asked = asked_of(node)
    found = None if asked is None else place_in(asked[0], Op.INVERSE)
    return None if asked is None or found is None else (*found, asked[1])


def inverse_of_variable(node: Expr, varies: Varies) -> Expr | None:
    """``∂(X^{-1})_ij/∂X_pq = -(X^{-1})_ip (X^{-1})_qj``"""
    found = _inverse_of(node)
    if found is None:
        return None
    whole, i, j, variable = found
    if variable.op is not Op.ENTRY or whole.args[0] is not variable.args[0]:
        return None
    p, q = _indices(variable)
    return neg(mul(part(whole, i, p), part(whole, q, j)))


def inverse_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂(Z^{-1})_ij = -Σ_k Σ_l (Z^{-1})_ik ∂Z_kl (Z^{-1})_lj``"""
    found = _inverse_of(node)
    if found is None:
        return None
    whole, i, j, variable = found
    inner = slope_of(part(whole.args[0], FIRST, SECOND), variable)
    body = mul(part(whole, i, FIRST), inner, part(whole, SECOND, j))
    size = whole.shape[0]
    return neg(index_sum(FIRST, size, index_sum(SECOND, size, body)))


def _det_slope(whole: Expr, variable: Expr) -> Expr:
    """``Σ_k Σ_l (Z^{-1})_lk ∂Z_kl``, for X itself ``(X^{-1})_qp``"""
    if variable.op is Op.ENTRY and whole is variable.args[0]:
        p, q = _indices(variable)
        return part(inverse(whole), q, p)
    inner = slope_of(part(whole, FIRST, SECOND), variable)
    body = mul(part(inverse(whole), SECOND, FIRST), inner)
    size = whole.shape[0]
    return index_sum(FIRST, size, index_sum(SECOND, size, body))


def det_of_variable(node: Expr, varies: Varies) -> Expr | None:
    """``∂ det X/∂X_pq = det X (X^{-1})_qp``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.DET or asked[0].args[0] is not _whole(asked[1]):
        return None
    return mul(asked[0], _det_slope(asked[0].args[0], asked[1]))


def det_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ det Z = det Z Σ_k Σ_l (Z^{-1})_lk ∂Z_kl``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.DET:
        return None
    return mul(asked[0], _det_slope(asked[0].args[0], asked[1]))


def log_det_rule(node: Expr, varies: Varies) -> Expr | None:
    """``∂ log det Z = Σ_k Σ_l (Z^{-1})_lk ∂Z_kl``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.FUNC or asked[0].data != "log":
        return None
    inner = asked[0].args[0]
    if inner.op is Op.FUNC and inner.data == "abs":
        inner = inner.args[0]
    return _det_slope(inner.args[0], asked[1]) if inner.op is Op.DET else None
