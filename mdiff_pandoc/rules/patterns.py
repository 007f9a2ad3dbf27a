"""What follows from a known pattern of zeros, from symmetry, signs and length.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN), ch. 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    add,
    function,
    hadamard,
    identity,
    matmul,
    meta,
    number,
    ones,
    scale,
    sub,
    symbol,
    trace,
    transpose,
    triangle,
    zero,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.algebra_moves import cancelled, without_neutral
from mdiff_pandoc.rules.commutative import key, like_terms, product_of, split_coefficient
from mdiff_pandoc.rules.rule import Rewrite, Rule, Table, Varies
from mdiff_pandoc.rules.transposes import transposed

_MOST_TERMS = 48
_BOTH = frozenset({"lower", "upper"})
_NEITHER: frozenset[str] = frozenset()
_OTHER = {"lower": "upper", "upper": "lower"}


def triangles(expr: Expr) -> frozenset[str]:
    """The triangles, ``lower`` and ``upper``, that all non-zero entries of a matrix lie in."""
    match expr.op:
        case Op.IDENTITY | Op.DIAG | Op.ZERO:
            return _BOTH
        case Op.SYMBOL | Op.META:
            if expr.assumed("diagonal"):
                return _BOTH
            return frozenset(side for side in _BOTH if expr.assumed(f"{side} triangular"))
        case Op.TRANSPOSE:
            return frozenset(_OTHER[side] for side in triangles(expr.args[0]))
        case Op.INVERSE | Op.POWER:
            return triangles(expr.args[0])
        case Op.SCALE:
            return triangles(expr.args[1])
        case Op.MATMUL | Op.SUM | Op.KRON:
            return _BOTH.intersection(*map(triangles, expr.args))
        case Op.HADAMARD:
            return _NEITHER.union(*map(triangles, expr.args))
        case Op.TRIANGLE:
            return triangles(expr.args[0]) | {str(expr.data)}
    return _NEITHER


def is_diagonal(expr: Expr) -> bool:
    """Are all entries off the diagonal 0?"""
    return not expr.is_scalar and expr.shape[1] != ONE and triangles(expr) == _BOTH


def _triangular_part(expr: Expr, _: Varies) -> Expr | None:
    """``tril(L) = L``, and ``tril(U) = U ⊙ I``."""
    if expr.op is not Op.TRIANGLE:
        return None
    body = expr.args[0]
    found = triangles(body)
    if expr.data in found:
        return body
    return hadamard(body, identity(body.shape[0])) if found else None


def _with_identity(expr: Expr, _: Varies) -> Expr | None:
    """``D ⊙ I = D``, ``A^T ⊙ I = A ⊙ I``."""
    if expr.op is not Op.HADAMARD or all(arg.op is not Op.IDENTITY for arg in expr.args):
        return None
    if len(expr.args) == 2:
        body = next((arg for arg in expr.args if arg.op is not Op.IDENTITY), expr.args[0])
        if is_diagonal(body):
            return body
    args = [arg if arg.op is Op.IDENTITY else _shorter_transpose(arg) for arg in expr.args]
    new = hadamard(*args)
    return None if new is expr else new


def _shorter_transpose(expr: Expr) -> Expr:
    other = transposed(expr)
    return other if length(other) < length(expr) else expr


def _commuted(expr: Expr, _: Varies) -> Expr | None:
    """``D A E D^{-1}``, with diagonal neighbours in one order, so that they merge or cancel."""
    if expr.has_diff or not any(map(_has_diagonal_factors, (expr, *expr.args))):
        return None
    if expr.op is Op.MATMUL:
        new = product_of(_without_inverses(_in_order(expr.args)), expr.shape)
        return new if length(new) < length(expr) else None
    merged: dict[object, tuple[Fraction, Expr]] = {}
    for term in expr.args:
        value, rest = split_coefficient(term)
        factors = rest.args if rest.op is Op.MATMUL else (rest,)
        name = tuple(map(key, _in_order(factors)))
        old = merged.get(name)
        merged[name] = (value + old[0], old[1]) if old else (value, rest)
    if len(merged) == len(expr.args):
        return None
    kept = [scale(number(v), rest) if v != 1 else rest for v, rest in merged.values() if v]
    return add(*kept) if kept else zero(*expr.shape)


def _has_diagonal_factors(expr: Expr) -> bool:
    """Can two factors of a product be diagonal?"""
    chain = expr.args[1] if expr.op is Op.SCALE else expr
    if chain.op is not Op.MATMUL:
        return False
    marked = (f.op is Op.DIAG or any(s.assumed("diagonal") for s in f.symbols) for f in chain.args)
    return sum(marked) > 1


def _in_order(factors: Sequence[Expr]) -> list[Expr]:
    """The factors with each run of diagonal ones sorted, every inverse beside its matrix."""
    result: list[Expr] = []
    run: list[Expr] = []
    for factor in factors:
        if is_diagonal(factor):
            run.append(factor)
            continue
        result += sorted(run, key=_place)
        result.append(factor)
        run = []
    return result + sorted(run, key=_place)


def _place(factor: Expr) -> tuple[str, str]:
    base = factor.args[0] if factor.op in (Op.INVERSE, Op.POWER) else factor
    return repr(base), factor.op.value


def _without_inverses(factors: Sequence[Expr]) -> list[Expr]:
    kept: list[Expr] = []
    for factor in factors:
        last = kept[-1] if kept else None
        if last is not None and (_is_inverse(last, factor) or _is_inverse(factor, last)):
            kept.pop()
        else:
            kept.append(factor)
    return kept


def _is_inverse(one: Expr, other: Expr) -> bool:
    return one.op is Op.INVERSE and one.args[0] is other and is_diagonal(other)


def unit_length(expr: Expr) -> Expr | None:
    """``u^T u = 1`` and ``‖u‖ = 1``."""
    if expr.op is Op.NORM:
        body = expr.args[0]
        return (
            number(1)
            if body.is_vector and body.assumed("unit") and expr.data in ("F", "2")
            else None
        )
    if expr.op is not Op.MATMUL:
        return None
    for place, (left, right) in enumerate(zip(expr.args, expr.args[1:], strict=False)):
        if right.assumed("unit") and left.op is Op.TRANSPOSE and left.args[0] is right:
            rest = (*expr.args[:place], *expr.args[place + 2 :])
            return matmul(*rest) if rest else number(1)
    return None


def _cancelling(expr: Expr, _: Varies) -> Expr | None:
    """``Q (Q^T A + B) = A + Q B``: multiplied out, where factors of known length cancel."""
    if expr.is_scalar or expr.has_diff or not any(map(_has_known_length, expr.symbols)):
        return None
    terms = _spread(expr)
    if terms is None or len(terms) < 2:
        return None
    reduced = [_reduced(term) for term in terms]
    if all(new is old for new, old in zip(reduced, terms, strict=True)):
        return None
    total = like_terms(reduced, expr.shape) or add(*reduced)
    return total if length(total) < length(expr) else None


def _has_known_length(symbol: Expr) -> bool:
    return symbol.assumed("orthogonal") or symbol.assumed("unit")


def _spread(expr: Expr) -> list[Expr] | None:
    """The terms of an expression multiplied out; None where there are too many."""
    match expr.op:
        case Op.SUM:
            parts = [_spread(term) for term in expr.args]
            terms = [term for part in parts if part is not None for term in part]
            return None if None in parts or len(terms) > _MOST_TERMS else terms
        case Op.SCALE:
            inner = _spread(expr.args[1])
            return None if inner is None else [scale(expr.args[0], term) for term in inner]
        case Op.TRANSPOSE if expr.args[0].op is Op.SUM:
            inner = _spread(expr.args[0])
            return None if inner is None else [transposed(term) for term in inner]
        case Op.MATMUL:
            chains: list[tuple[Expr, ...]] = [()]
            for factor in expr.args:
                inner = _spread(factor)
                if inner is None or len(inner) * len(chains) > _MOST_TERMS:
                    return None
                chains = [(*chain, term) for chain in chains for term in inner]
            return [matmul(*chain) for chain in chains]
        case _:
            return [expr]


def _reduced(term: Expr) -> Expr:
    """A product without neighbours that cancel."""
    if term.op is Op.SCALE:
        return scale(term.args[0], _reduced(term.args[1]))
    while (new := without_neutral(term) or cancelled(term) or unit_length(term)) is not None:
        term = new
    return term


def _off_the_sphere(expr: Expr, _: Varies) -> Expr | None:
    """``(I - u u^T) u = 0`` for a unit vector u."""
    for left, right in zip(expr.args, expr.args[1:], strict=False):
        if right.assumed("unit") and left is _tangent(right):
            return zero(*expr.shape)
        if left.op is Op.TRANSPOSE and right is _tangent(left.args[0]):
            return zero(*expr.shape)
    return None


def _tangent(normal: Expr) -> Expr | None:
    if not normal.assumed("unit"):
        return None
    return sub(identity(normal.shape[0]), matmul(normal, transpose(normal)))


def _skew_form(expr: Expr, _: Varies) -> Expr | None:
    """``x^T K x = 0``, ``tr(K S) = 0``: a scalar that is its own negative."""
    if expr.has_diff or not expr.is_scalar:
        return None
    chain = expr.args[0] if expr.op is Op.TRACE else expr
    factors = chain.args if chain.op is Op.MATMUL else (chain,)
    if not any(factor.assumed("skew") for factor in factors):
        return None
    turned = matmul(*(transposed(factor) for factor in reversed(factors)))
    value, rest = split_coefficient(turned)
    same = rest if expr.op is Op.MATMUL else trace(rest)
    return number(0) if value == -1 and key(same) == key(expr) else None


def _positive(expr: Expr, _: Varies) -> Expr | None:
    """``|x| = x`` and ``sign(x) = 1`` for positive x."""
    if expr.op is not Op.FUNC or not expr.args[0].assumed("positive"):
        return None
    body = expr.args[0]
    if expr.data == "abs":
        return body
    if expr.data == "sign":
        return number(1) if body.is_scalar else ones(*body.shape)
    return None


_A = meta("A", "n", "n")
_B = meta("B", "n", "n")
_Q = symbol("Q", "n", "n", ("orthogonal",))
_D = symbol("D", "n", "n", ("diagonal", "symmetric"))
_E = symbol("E", "n", "n", ("diagonal", "symmetric"))
_L = symbol("L", "n", "n", ("lower triangular",))
_K = symbol("K", "n", "n", ("skew",))
_u = symbol("u", "n", 1, ("unit",))
_x = meta("x", "n")
_y = symbol("y", "n", 1, ("positive",))


def _rule(name: str, left: Expr, right: Expr, rewrite: Rewrite, *, on: str) -> Rule:
    roots = frozenset(Op[word] for word in on.split())
    return Rule(name, Table.SHORTENING, left, right, "MN ch. 1", rewrite=rewrite, roots=roots)


UNIT_LENGTH = Rule(
    "unit length",
    Table.ALGEBRA,
    matmul(transpose(_u), _u),
    number(1),
    "MN ch. 1 §4",
    rewrite=lambda expr, _: unit_length(expr),
    roots=frozenset({Op.MATMUL, Op.NORM}),
)
PATTERNS: tuple[Rule, ...] = (
    _rule(
        "triangular part of a triangular matrix",
        triangle(_L, "lower"),
        _L,
        _triangular_part,
        on="TRIANGLE",
    ),
    _rule(
        "diagonal matrix entry by entry",
        hadamard(_D, identity("n")),
        _D,
        _with_identity,
        on="HADAMARD",
    ),
    _rule(
        "diagonal matrices commute",
        add(matmul(_D, _E, _A), matmul(_E, _D, _A)),
        scale(number(2), matmul(_D, _E, _A)),
        _commuted,
        on="SUM MATMUL",
    ),
    _rule(
        "cancelling products",
        matmul(_Q, add(matmul(transpose(_Q), _A), _B)),
        add(_A, matmul(_Q, _B)),
        _cancelling,
        on="SUM SCALE MATMUL",
    ),
    _rule(
        "a unit vector has no tangent part",
        matmul(sub(identity("n"), matmul(_u, transpose(_u))), _u),
        zero("n"),
        _off_the_sphere,
        on="MATMUL",
    ),
    _rule(
        "skew-symmetric form",
        matmul(transpose(_x), _K, _x),
        number(0),
        _skew_form,
        on="MATMUL TRACE",
    ),
    _rule(
        "positive entries",
        function("abs", _y),
        _y,
        _positive,
        on="FUNC",
    ),
)
