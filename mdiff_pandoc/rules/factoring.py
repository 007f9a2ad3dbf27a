"""Sums written with fewer symbols: common factors, common coefficients, products multiplied out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm

from msgspec import Struct

from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Expr,
    Op,
    Shape,
    add,
    identity,
    matmul,
    mul,
    number,
    scale,
    transpose,
    zero,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.algebra_moves import sum_of_ones
from mdiff_pandoc.rules.commutative import (
    Key,
    Monomial,
    chain_of,
    collected,
    expanded,
    from_monomial,
    like_terms,
    monomial,
    split_coefficient,
)
from mdiff_pandoc.rules.transposes import transposed

_LIMIT = 48
_FACTOR_LIMIT = 24
_WORTH_AN_IDENTITY = 5  # symbols to gain before an identity matrix is brought in


def shorter(old: Expr, new: Expr | None, by: int = 1) -> Expr | None:
    """The new form if it is shorter by that much."""
    return new if new is not None and length(new) + by <= length(old) else None


class _Term(Struct, frozen=True):
    """``coefficient · factors``, the factors a chain of non-scalars (none in a scalar sum)."""

    coefficient: Monomial
    factors: tuple[Expr, ...]


def _terms(expr: Expr) -> list[_Term]:
    result = []
    for term in expr.args if expr.op is Op.SUM else (expr,):
        if expr.is_scalar:
            result.append(_Term(monomial(term), ()))
        elif term.op is Op.SCALE:
            result.append(_Term(monomial(term.args[0]), chain_of(term.args[1])))
        else:
            result.append(_Term(Monomial(Fraction(1), {}), chain_of(term)))
    return result


def _with(coefficient: Monomial, body: Expr) -> Expr:
    factor = from_monomial(coefficient, SCALAR)
    if factor == number(1):
        return body
    return factor if body == number(1) else scale(factor, body)


def total_of(terms: Sequence[Expr]) -> Expr:
    """A sum with like terms merged."""
    total = add(*terms)
    merged = like_terms(total.args, total.shape) if total.op is Op.SUM else None
    total = total if merged is None else merged
    return positive_first(total) or total


def positive_first(expr: Expr) -> Expr | None:
    """``-A + B = B - A``."""
    if expr.op is not Op.SUM or split_coefficient(expr.args[0])[0] > 0:
        return None
    place = next((i for i, t in enumerate(expr.args) if split_coefficient(t)[0] > 0), None)
    if place is None:
        return None
    return add(expr.args[place], *expr.args[:place], *expr.args[place + 1 :])


def common_factor(expr: Expr) -> Expr | None:
    """``A B + A C = A (B + C)``, from the left or from the right, over the terms that share."""
    if expr.op is not Op.SUM or expr.is_scalar or len(expr.args) > _FACTOR_LIMIT:
        return None
    terms = _terms(expr)
    best: Expr | None = None
    for from_left in (True, False):
        found: dict[Expr, list[int]] = {}
        for position, term in enumerate(terms):
            found.setdefault(term.factors[0 if from_left else -1], []).append(position)
        groups = list(_groups(terms, found.values(), from_left))
        together = [group for group in groups if not group.lone]
        for pulled in ([group] for group in groups if not group.symbolic):
            new = _pulled(expr, pulled)
            gain = length(best or expr) - length(new)
            group = pulled[0]
            clean = not group.lone and best is None and (group.simple or new.op is not Op.SUM)
            if gain >= (_WORTH_AN_IDENTITY if group.lone else 2) or (gain >= 0 and clean):
                best = new
        if len(together) > 1:
            new = _pulled(expr, together)
            if length(new) < length(best or expr) and length(expr) - length(new) >= 2:
                best = new
    return best


def _groups(
    terms: Sequence[_Term], found: Iterable[list[int]], from_left: bool
) -> Iterator[_Group]:
    """The terms that share factors; where nothing remains of one, also the others alone."""
    for members in found:
        if len(members) < 2:
            continue
        group = _Group(terms, members, from_left)
        yield group
        longer = [i for i in members if len(terms[i].factors) > len(group.shared)]
        if 2 <= len(longer) < len(members):
            yield _Group(terms, longer, from_left)


class _Group:
    """Terms of a sum that begin, or end, with the same ``shared`` factors.

    ``lone``: of one term nothing remains; ``symbolic``: and that one has a symbol as coefficient;
    ``simple``: of each one factor remains.
    """

    def __init__(self, terms: Sequence[_Term], members: list[int], from_left: bool) -> None:
        self.members = members
        self.from_left = from_left
        self.terms = [terms[i] for i in members]
        chains = [term.factors for term in self.terms]
        count = _shared(chains, from_left)
        self.shared = chains[0][:count] if from_left else chains[0][-count:]
        lone = [term for term in self.terms if len(term.factors) == count]
        self.lone = bool(lone)
        self.symbolic = any(term.coefficient.powers for term in lone)
        self.simple = all(len(chain) == count + 1 for chain in chains)

    def product(self) -> Expr:
        """The terms as one product."""
        count = len(self.shared)
        size = self.shared[-1].shape[1] if self.from_left else self.shared[0].shape[0]
        unit = number(1) if size == ONE else identity(size)
        inner = []
        for term in self.terms:
            rest = term.factors[count:] if self.from_left else term.factors[:-count]
            inner.append(_with(term.coefficient, matmul(*rest) if rest else unit))
        body = total_of(inner)
        body = common_coefficient(body, always=True) or body
        return matmul(*self.shared, body) if self.from_left else matmul(body, *self.shared)


def _pulled(expr: Expr, groups: Sequence[_Group]) -> Expr:
    """``expr`` with the factors that the terms of each group share taken out of them."""
    products = {group.members[0]: group.product() for group in groups}
    taken = {place for group in groups for place in group.members}
    kept = ((i, term) for i, term in enumerate(expr.args) if i in products or i not in taken)
    return add(*(products.get(i, term) for i, term in kept))


def _shared(chains: Sequence[tuple[Expr, ...]], from_left: bool) -> int:
    """How many factors all chains have in common at one end."""
    count = 0
    for place in range(min(len(chain) for chain in chains)):
        at = place if from_left else -1 - place
        if any(chain[at] is not chains[0][at] for chain in chains):
            break
        count += 1
    return count


def common_coefficient(expr: Expr, *, always: bool = False) -> Expr | None:
    """``αA + αB = α(A + B)``, with numbers: ``-2A + 2B = -2(A - B)``.

    ``always``: also where that by itself is no shorter.
    """
    if expr.op is not Op.SUM or len(expr.args) > _FACTOR_LIMIT:
        return None
    terms = _terms(expr)
    outside = Monomial(Fraction(1), {})
    values = [term.coefficient.coefficient for term in terms]
    if len({abs(value) for value in values}) == 1 and all(values):
        mixed = min(values) < 0 < max(values)
        outside.coefficient = abs(values[0]) if mixed and abs(values[0]) == 1 else values[0]
    elif all(values):
        below = lcm(*(value.denominator for value in values))
        outside.coefficient = Fraction(gcd(*(int(value * below) for value in values)), below)
        if max(values) < 0:
            outside.coefficient *= -1
    for name, (atom, _) in terms[0].coefficient.powers.items():
        found = [term.coefficient.powers.get(name) for term in terms]
        exponents = [pair[1] if pair else Fraction(0) for pair in found]
        if all(e > 0 for e in exponents):
            outside.times(atom, min(exponents))
        elif all(e < 0 for e in exponents):
            outside.times(atom, max(exponents))
    if outside.coefficient == 1 and not outside.powers:
        return None
    inverse = Monomial(1 / outside.coefficient, {})
    for atom, exponent in outside.powers.values():
        inverse.times(atom, -exponent)
    inner = [
        _with(
            term.coefficient.product(inverse),
            matmul(*term.factors) if term.factors else number(1),
        )
        for term in terms
    ]
    new = _with(outside, total_of(inner))
    return new if always else shorter(expr, new, by=5 if expr.is_scalar else 1)


def coefficient_of_transpose(expr: Expr) -> Expr | None:
    """``(αA + αB)^T = α(A + B)^T``: the brackets stand there already."""
    if expr.op is not Op.TRANSPOSE or expr.args[0].op is not Op.SUM:
        return None
    new = common_coefficient(expr.args[0], always=True)
    if new is None or new.op is not Op.SCALE:
        return None
    return shorter(expr, scale(new.args[0], transpose(new.args[1])))


def partly_common_coefficient(expr: Expr) -> Expr | None:
    """``αA + αB + C = α(A + B) + C`` for a compound α."""
    if expr.op is not Op.SUM or expr.is_scalar or len(expr.args) > _FACTOR_LIMIT:
        return None
    groups: dict[Key, list[int]] = {}
    for position, term in enumerate(_terms(expr)):
        if term.coefficient.powers:
            groups.setdefault(term.coefficient.signature, []).append(position)
    for members in groups.values():
        part = add(*(expr.args[i] for i in members))
        new = common_coefficient(part) if 1 < len(members) < len(expr.args) else None
        if new is not None:
            kept = [
                new if i == members[0] else term
                for i, term in enumerate(expr.args)
                if i == members[0] or i not in members
            ]
            return shorter(expr, add(*kept), by=2)
    return None


def multiplied_out(expr: Expr) -> Expr | None:
    """Commuting products multiplied out, terms collected, common factors taken out again."""
    if expr.op not in (Op.SUM, Op.MUL, Op.HADAMARD, Op.SCALE):
        return None
    parts = expanded(expr, _LIMIT)
    if parts is None or (expr.op is not Op.SUM and len(parts) == 1):
        return None
    found = list(collected(parts))
    terms = [from_monomial(part, expr.shape) for part in found]
    if not terms:
        return zero(*expr.shape)
    total = add(*terms)
    new = shorter(expr, refactored(positive_first(total) or total), by=3)
    return new or shorter(expr, _over_one_denominator(found, expr.shape))


def _over_one_denominator(parts: Sequence[Monomial], shape: Shape) -> Expr | None:
    """``a/(1 + b) - ab/(1 + b)^2 = a/(1 + b)^2``, where denominators are powers of one another."""
    found: dict[Key, set[Fraction]] = {}
    below = Monomial(Fraction(1), {})
    for part in parts:
        for name, (atom, exponent) in part.powers.items():
            if exponent < 0:
                found.setdefault(name, set()).add(exponent)
                old = below.powers.get(name, (atom, Fraction(0)))[1]
                below.times(atom, max(-exponent - old, Fraction(0)))
    if all(len(exponents) == 1 for exponents in found.values()):
        return None
    above = expanded(add(*(from_monomial(p.product(below), shape) for p in parts)), _LIMIT)
    kept = list(collected(above or ()))
    if len(kept) != 1:
        return None
    bottom = Monomial(Fraction(1), {})
    for atom, exponent in below.powers.values():
        bottom.times(atom, -exponent)
    return from_monomial(bottom.product(kept[0]), shape)


def distributed(expr: Expr) -> Expr | None:
    """Matrix products multiplied out, terms collected, common factors taken out again."""
    if expr.op not in (Op.SUM, Op.SCALE, Op.MATMUL):
        return None
    if expr.is_scalar:
        return _inner_product(expr) if expr.op is Op.MATMUL else None
    parts = _chains(expr, _LIMIT)
    if parts is None or len(parts) < 2:
        return None
    total = total_of([_with(term.coefficient, matmul(*term.factors)) for term in parts])
    transposes = expr.op is Op.SUM and any(_inside(term) is not term for term in expr.args)
    return shorter(expr, refactored(total), by=1 if transposes else 2)


def _chains(expr: Expr, limit: int) -> list[_Term] | None:
    """``expr`` as a list of terms without sums among their factors."""
    result: list[_Term] = []
    for term in _terms(expr):
        parts = _spread(_Term(term.coefficient, _opened(term.factors)), limit)
        if parts is None or len(result) + len(parts) > limit:
            return None
        result += parts
    return result


def _spread(term: _Term, limit: int) -> list[_Term] | None:
    """One term multiplied out."""
    partial = [_Term(term.coefficient, ())]
    for factor in term.factors:
        if factor.op is Op.SUM:
            inner = _chains(factor, limit)
            if inner is None or len(partial) * len(inner) > limit:
                return None
        else:
            inner = [_Term(Monomial(Fraction(1), {}), (factor,))]
        partial = [
            _Term(left.coefficient.product(right.coefficient), (*left.factors, *right.factors))
            for left in partial
            for right in inner
        ]
    return partial


def _inner_product(expr: Expr) -> Expr | None:
    """``(a + b)^T c = a^T c + b^T c``, collected, where that is shorter."""
    factors = tuple(map(_inside, expr.args))
    if all(factor.op is not Op.SUM for factor in factors):
        return None
    parts = _spread(_Term(Monomial(Fraction(1), {}), factors), _LIMIT)
    if parts is None:
        return None
    found = [term.coefficient.product(_scalar(term.factors)) for term in parts]
    terms = [from_monomial(part, SCALAR) for part in collected(found)]
    return shorter(expr, total_of(terms) if terms else number(0), by=2)


def _inside(factor: Expr) -> Expr:
    """``A^T + B^T`` for ``(A + B)^T``."""
    if factor.op is Op.TRANSPOSE and factor.args[0].op is Op.SUM:
        return add(*map(transposed, factor.args[0].args))
    return factor


def _scalar(factors: Sequence[Expr]) -> Monomial:
    """A chain of shape 1×1 as the product of the scalars it consists of."""
    cuts = [i for i, factor in enumerate(factors) if factor.shape[0] == ONE]
    chains = [matmul(*factors[i:j]) for i, j in zip(cuts, [*cuts[1:], None], strict=True)]
    return monomial(mul(*(sum_of_ones(chain) or chain for chain in chains)))


def _opened(factors: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """``(A + B)^T`` as ``A^T + B^T`` where it is a term by itself."""
    return (_inside(factors[0]),) if len(factors) == 1 else factors


def refactored(expr: Expr) -> Expr:
    """Common factors and coefficients taken out as long as that shortens."""
    while True:
        new = common_factor(expr) or common_coefficient(expr) or partly_common_coefficient(expr)
        if new is None:
            return expr
        expr = new
