"""Products and sums where order does not matter: scalars, and entries taken one by one.

A product is kept as a monomial (a rational coefficient and atoms with exponents), a sum as
monomials with merged coefficients. Both serve scalar products and elementwise products alike.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Expr,
    Op,
    Shape,
    add,
    function,
    hadamard,
    hdivide,
    hpower,
    matmul,
    mul,
    number,
    ones,
    power,
    scale,
    zero,
)

Key = Hashable
_KEPT = 1024  # keys, which hold expressions
_ROTATIONS = 12
_OPAQUE = frozenset({Op.NAMED, Op.APPLY, Op.SLOPE, Op.DERIVATIVE})


@lru_cache(maxsize=_KEPT)
def key(expr: Expr) -> Key:
    """A key that is the same for expressions that differ only in the order of commuting parts.

    A scalar chain and its transpose, and the rotations under a trace, have one key too.
    """
    match expr.op:
        case Op.SUM | Op.MUL | Op.HADAMARD:
            parts = [key(arg) for arg in expr.args]
            return (expr.op, frozenset((part, parts.count(part)) for part in parts))
        case Op.MATMUL if expr.is_scalar:
            return (expr.op, frozenset({_chain(expr.args), _flipped(expr.args)}))
        case Op.TRACE if expr.args[0].op is Op.MATMUL:
            factors = expr.args[0].args
            if len(factors) > _ROTATIONS:
                return (expr.op, _chain(factors))
            turns = [(*factors[i:], *factors[:i]) for i in range(len(factors))]
            both = {_chain(turn) for turn in turns} | {_flipped(turn) for turn in turns}
            return (expr.op, frozenset(both))
        case _ if not expr.args or expr.op in _OPAQUE:
            return expr
        case _:
            return (expr.op, expr.data, expr.shape, _chain(expr.args))


def _chain(factors: Sequence[Expr]) -> Key:
    return tuple(key(factor) for factor in factors)


def _flipped(factors: Sequence[Expr]) -> Key:
    return tuple(_transposed_key(factor) for factor in reversed(factors))


def _transposed_key(expr: Expr) -> Key:
    from mdiff_pandoc.rules.transposes import transposed

    return key(transposed(expr))


class Monomial(Struct):
    """``coefficient · Π atom^exponent``, the atoms in order of first appearance."""

    coefficient: Fraction
    powers: dict[Key, tuple[Expr, Fraction]]

    @property
    def signature(self) -> Key:
        """The same for monomials that differ in their coefficient only."""
        return frozenset((atom, exponent) for atom, (_, exponent) in self.powers.items())

    def times(self, atom: Expr, exponent: Fraction) -> None:
        """Multiply by a power of an atom, in place."""
        name = key(atom)
        old = self.powers.get(name)
        total = exponent + (old[1] if old else 0)
        if total:
            self.powers[name] = (old[0] if old else atom, total)
        elif old:
            del self.powers[name]

    def product(self, other: Monomial) -> Monomial:
        """The product of two monomials."""
        result = Monomial(self.coefficient * other.coefficient, dict(self.powers))
        for atom, exponent in other.powers.values():
            result.times(atom, exponent)
        return result


def monomial(expr: Expr) -> Monomial:
    """The commutative product that ``expr`` is; sums in it are atoms."""
    result = Monomial(Fraction(1), {})
    _collect(expr, Fraction(1), result)
    return result


def _collect(expr: Expr, exponent: Fraction, into: Monomial) -> None:
    whole = exponent.denominator == 1
    match expr.op:
        case Op.NUMBER if isinstance(expr.data, Fraction) and whole and expr.data:
            into.coefficient *= expr.data ** int(exponent)
        case Op.MUL | Op.HADAMARD if whole:
            for arg in expr.args:
                _collect(arg, exponent, into)
        case Op.SCALE if whole and not expr.is_scalar:
            _collect(expr.args[0], exponent, into)
            _collect(expr.args[1], exponent, into)
        case Op.HDIV if whole and not _has_zeros(expr.args[1]):
            _collect(expr.args[0], exponent, into)
            _collect(expr.args[1], -exponent, into)
        case Op.ONES:
            return
        case Op.MATMUL if _is_all_ones(expr):
            return
        case Op.FUNC if expr.data == "sqrt":
            _collect(expr.args[0], exponent / 2, into)
        case Op.POWER if not expr.is_scalar:
            into.times(expr, exponent)
        case Op.POWER if exponent == 1 and expr.args[1].op is Op.SUM:
            base, power_of = expr.args
            count, rest = _split_number(power_of)
            into.times(power(base, rest) if count else expr, exponent)
            _collect(base, count, into)
        case Op.POWER | Op.HPOWER if isinstance(value := expr.args[1].data, Fraction) and (
            (value.denominator == 1 or expr.args[0].op not in (Op.MUL, Op.HADAMARD))
            and (whole or value.numerator % 2 or _keeps_sign(expr.args[0], exponent * value))
        ):
            _collect(expr.args[0], exponent * value, into)
        case _:
            into.times(expr, exponent)


def _keeps_sign(expr: Expr, total: Fraction) -> bool:
    """Is a root of an even power the power ``total``, whatever the sign of the base?"""
    return (
        (total / 2).denominator == 1
        or expr.op is Op.NORM
        or expr.assumed("positive")
        or (expr.op is Op.FUNC and expr.data in ("exp", "abs", "sqrt", "sigma", "softplus"))
    )


def _has_zeros(expr: Expr) -> bool:
    """Are entries 0 for every value of the symbols? Then nothing cancels in a quotient."""
    if expr.op in _SPARSE or any(map(expr.assumed, _SPARSE_WORDS)):
        return True
    return expr.op in _ENTRYWISE and any(map(_has_zeros, expr.args))


_SPARSE = frozenset({Op.IDENTITY, Op.ZERO, Op.DIAG, Op.BASIS, Op.DELTA})
_ENTRYWISE = frozenset(
    {Op.HADAMARD, Op.HDIV, Op.HPOWER, Op.SCALE, Op.TRANSPOSE, Op.FUNC, Op.KRON, Op.INVERSE}
)
_SPARSE_WORDS = ("diagonal", "skew", "lower triangular", "upper triangular")


def _split_number(exponent: Expr) -> tuple[Fraction, Expr]:
    """``k - 1`` as -1 and ``k``."""
    numbers = [term.data for term in exponent.args if isinstance(term.data, Fraction)]
    rest = [term for term in exponent.args if not isinstance(term.data, Fraction)]
    return sum(numbers, Fraction(0)), add(*rest) if rest else number(0)


def _joined(powers: Iterable[tuple[Expr, Fraction]]) -> Iterator[tuple[Expr, Fraction]]:
    """``b^k b^{-1}`` joined to ``b^{k-1}`` again."""
    found = {key(atom): (atom, exponent) for atom, exponent in powers}
    for name, (atom, exponent) in list(found.items()):
        power_of = atom.op is Op.POWER and atom.is_scalar and exponent == 1
        base = key(atom.args[0]) if power_of else None
        if base in found and base != name and found[base][1].denominator == 1:
            _, count = found.pop(base)
            found[name] = (power(atom.args[0], add(atom.args[1], number(count))), Fraction(1))
    yield from found.values()


def _is_all_ones(expr: Expr) -> bool:
    """``1 1^T``."""
    if len(expr.args) != 2:
        return False
    left, right = expr.args
    return left.op is Op.ONES and right.op is Op.TRANSPOSE and right.args[0].op is Op.ONES


def _raised(atom: Expr, exponent: Fraction) -> Expr:
    """A power of a scalar or, entry by entry, of a matrix, as it is usually written."""
    raise_to = power if atom.is_scalar else hpower
    if exponent == 1:
        return atom
    if exponent == Fraction(1, 2):
        return function("sqrt", atom)
    if exponent == Fraction(-1, 2):
        return raise_to(function("sqrt", atom), -1)
    return raise_to(atom, exponent)


def from_monomial(part: Monomial, shape: Shape) -> Expr:
    """The expression of a monomial whose value has the given shape."""
    scalars: list[Expr] = []
    above: list[Expr] = []
    below: list[Expr] = []
    for atom, exponent in _joined(part.powers.values()):
        if atom.is_scalar:
            scalars.append(_raised(atom, exponent))
        elif exponent > 0:
            above.append(_raised(atom, exponent))
        else:
            below.append(_raised(atom, -exponent))
    coefficient = part.coefficient
    if shape != SCALAR and below and coefficient.denominator != 1:
        below = [scale(number(coefficient.denominator), hadamard(*below))]
        coefficient = Fraction(coefficient.numerator)
    if coefficient != 1:
        scalars.insert(0, number(coefficient))
    if shape == SCALAR:
        return mul(*scalars) if scalars else number(1)
    body = hadamard(*above) if above else ones(*shape)
    if below:
        body = hdivide(body, hadamard(*below))
    return scale(mul(*scalars), body) if scalars else body


def expanded(expr: Expr, limit: int) -> list[Monomial] | None:
    """``expr`` multiplied out into monomials, or None when there would be more than ``limit``."""
    match expr.op:
        case Op.SUM:
            parts: list[Monomial] = []
            for term in expr.args:
                more = expanded(term, limit)
                if more is None or len(parts) + len(more) > limit:
                    return None
                parts += more
            return parts
        case Op.MUL | Op.HADAMARD | Op.SCALE:
            total = [Monomial(Fraction(1), {})]
            for factor in expr.args:
                more = expanded(factor, limit)
                if more is None or len(total) * len(more) > limit:
                    return None
                total = [left.product(right) for left in total for right in more]
            return total
        case _:
            return [monomial(expr)]


def collected(parts: Sequence[Monomial]) -> Iterator[Monomial]:
    """Monomials of the same atoms merged; those that cancel are left out."""
    merged: dict[Key, Monomial] = {}
    for part in parts:
        old = merged.get(part.signature)
        if old is None:
            merged[part.signature] = Monomial(part.coefficient, part.powers)
        else:
            old.coefficient += part.coefficient
    return (part for part in merged.values() if part.coefficient)


def split_coefficient(term: Expr) -> tuple[Fraction, Expr]:
    """A term as a rational coefficient and the rest."""
    if term.op is Op.NUMBER and isinstance(term.data, Fraction):
        return term.data, number(1)
    if term.op is Op.SCALE:
        value, rest = split_coefficient(term.args[0])
        return value, term.args[1] if rest == number(1) else scale(rest, term.args[1])
    if term.op is Op.MUL:
        value = Fraction(1)
        others: list[Expr] = []
        for factor in term.args:
            if isinstance(factor.data, Fraction) and factor.op is Op.NUMBER:
                value *= factor.data
            else:
                others.append(factor)
        return value, mul(*others) if others else number(1)
    return Fraction(1), term


def with_coefficient(value: Fraction, rest: Expr) -> Expr:
    """``value · rest`` without a factor 1."""
    if rest.op is Op.NUMBER and isinstance(rest.data, Fraction):
        return number(value * rest.data)
    return rest if value == 1 else scale(number(value), rest)


def like_terms(terms: Sequence[Expr], shape: Shape) -> Expr | None:
    """A sum with like terms merged and zeros dropped; None when there is nothing to do."""
    merged: dict[Key, tuple[Fraction, Expr]] = {}
    for term in terms:
        if term.op is Op.ZERO:
            continue
        value, rest = split_coefficient(term)
        if not value:
            continue
        name = key(rest)
        old = merged.get(name)
        merged[name] = (value + old[0], old[1]) if old else (value, rest)
    kept = [(value, rest) for value, rest in merged.values() if value]
    if len(kept) == len(terms):
        return None
    if not kept:
        return zero(*shape)
    return add(*(with_coefficient(value, rest) for value, rest in kept))


def chain_of(expr: Expr) -> tuple[Expr, ...]:
    """The factors of a chain; of anything else, itself."""
    return expr.args if expr.op is Op.MATMUL else (expr,)


def product_of(factors: Sequence[Expr], shape: Shape) -> Expr:
    """A chain of factors; the identity when there is none."""
    from mdiff_pandoc.expr import identity

    if factors:
        return matmul(*factors)
    return identity(shape[0]) if shape[0] != ONE else number(1)
