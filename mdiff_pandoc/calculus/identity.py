"""Identities by sums over indices: both sides written out in entries until they meet.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 1 §3, §4 and §10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Line, Step
from mdiff_pandoc.calculus.entries import Entries, Names, renamed_sums
from mdiff_pandoc.calculus.index_road import Place, indices_needed
from mdiff_pandoc.calculus.rewriting import Path
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.calculus.unify import Unifier
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    Range,
    add,
    delta,
    entry,
    index_sum,
    make,
    mul,
    number,
    power,
    rebuild,
    walk,
)
from mdiff_pandoc.expr.indices import bound_as, fresh_name, index_names, reindexed

ORDER = "order of sums and factors"
POWERS = "arithmetic"
MULTIPLIED_OUT = "distributive law"
LIKE_TERMS = "like terms"
DELTA = "Kronecker delta"
EQUAL_ENTRIES = "equal entries"
_TRACE = "trace in entries"
_IN_FRONT = "sums in front"
_LIMIT = 200
_TERMS = 500
_LARGEST_POWER = 4


class _Stage(Struct, frozen=True):
    """A form of one side, and the steps that led to it from the form before."""

    expr: Expr
    labels: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    relied: tuple[tuple[Expr, str], ...] = ()


def by_sums(left: Expr, right: Expr, tables: Tables | None = None) -> tuple[Line, ...]:
    """The lines from the left side to the right one, over sums of entries.

    The sides have one shape; of matrices and vectors an entry is followed, and the last line
    states the equality of the wholes. Raises UnsupportedError where no such road leads from one
    side to the other.
    """
    tables = tables or default_tables()
    if left is right:
        return (Line(left, right, ()),)
    fresh = _Fresh(left, right)
    indices = tuple(fresh.fresh() for _ in range(indices_needed(left)))
    start, end = (_entry_of(side, indices) for side in (left, right))
    road = _Road(tables, fresh)
    forward, backward = road.written_out(start), road.written_out(end)
    fixed = (*indices, *sorted(left.free | right.free))
    there, back = _met(forward, backward, fixed, fresh)
    stages = [*there]
    stages += [replace(later, expr=stage.expr) for later, stage in pairwise(reversed(back))]
    stages = _without_loops([replace(stage, expr=fresh.restored(stage.expr)) for stage in stages])
    lines = [Line(start, s.expr, s.labels, s.steps, relied=s.relied) for s in stages]
    if indices:
        lines.append(Line(left, right, (EQUAL_ENTRIES,)))
    return tuple(lines)


def _without_loops(stages: Sequence[_Stage]) -> list[_Stage]:
    """The forms in order, each but once: what leads from one back to itself is left out."""
    kept: list[_Stage] = []
    for stage in stages:
        place = next((k for k, other in enumerate(kept) if other.expr is stage.expr), None)
        kept = [*kept, stage] if place is None else kept[: place + 1]
    return kept


def _entry_of(side: Expr, indices: tuple[str, ...]) -> Expr:
    return Place(side, indices).entry


class _Fresh(Names):
    """Names for indices; of those of a copy it is known which ones they were copied from."""

    def __init__(self, *exprs: Expr) -> None:
        super().__init__(*exprs)
        self.origin: dict[str, str] = {}
        self._kept = frozenset(self.taken)

    def copied(self, name: str) -> str:
        """A name for the index of a copy."""
        new = self.fresh()
        self.origin[new] = self.origin.get(name, name)
        return new

    def restored(self, expr: Expr) -> Expr:
        """Each term with the names that its sums were copied from, or with the next free ones."""
        if expr.op is Op.SUM:
            return add(*map(self.restored, expr.args))
        for name in sorted(set(_bound(expr)) & set(self.origin)):
            used = index_names(expr)
            origin = self.origin[name]
            new = fresh_name(self._kept | used) if origin in used else origin
            expr = renamed_sums(expr, {name: new})
        return expr


class _Road:
    """Writes one side out in entries, a line for every operation."""

    def __init__(self, tables: Tables, fresh: _Fresh) -> None:
        self._entries = Entries(tables, fresh, lambda expr: True)
        self._fresh = fresh

    def written_out(self, start: Expr) -> list[_Stage]:
        """All forms of a side, the last one without any whole that has a rule for its entries."""
        stages = [_Stage(start, ())]
        for _ in range(_LIMIT):
            expr = stages[-1].expr
            steps: list[Step] = []
            new = self._opened(expr, (), steps)
            if new is expr:
                new, steps = self._entries.rules.plain.run(expr)
            if new is expr:
                new, steps = self._entries.once(expr)
            if new is expr:
                return stages
            spoken = [s.rule for s in steps if s.rule != _IN_FRONT] or [_IN_FRONT]
            stages.append(_Stage(new, tuple(dict.fromkeys(spoken)), tuple(steps)))
        raise UnsupportedError("the formula is too large to write out in entries")

    def _opened(self, node: Expr, path: Path, steps: list[Step]) -> Expr:
        """The trace of a transpose with the entries of the transpose, which are to be shown."""
        if node.op is Op.TRACE and node.args[0].op is Op.TRANSPOSE:
            (whole,) = node.args
            index = self._fresh.fresh()
            new = index_sum(index, whole.shape[0], entry(whole, index, index))
            steps.append(Step(_TRACE, path, node, new))
            return new
        if node.op not in (Op.SUM, Op.MUL, Op.INDEX_SUM):
            return node
        args = [self._opened(arg, (*path, i), steps) for i, arg in enumerate(node.args)]
        return rebuild(node, args)


def _met(
    forward: list[_Stage], backward: list[_Stage], indices: tuple[str, ...], fresh: _Fresh
) -> tuple[list[_Stage], list[_Stage]]:
    """Both roads up to one and the same form, the indices named as on the first road."""
    for stages in (forward, backward):
        stages[-1] = replace(stages[-1], expr=_each_its_own(stages[-1].expr, fresh, set()))
    found = _joined(forward[-1].expr, backward[-1].expr, indices)
    if found is None:
        forward, backward = (
            [*stages, *_multiplied_out(stages[-1].expr, indices, fresh)]
            for stages in (forward, backward)
        )
        found = _joined(forward[-1].expr, backward[-1].expr, indices)
    if found is None:
        raise UnsupportedError(
            "sums over entries do not lead from one side to the other",
            hint="an identity is derived by writing both sides out in entries, and not by rules "
            "for inverses or determinants",
        )
    names, label, relied = found
    backward = _renamed(backward, names, forward, fresh)
    meeting = _Stage(backward[-1].expr, (label,), relied=relied)
    return [*forward, meeting], backward


def _joined(
    left: Expr, right: Expr, indices: tuple[str, ...]
) -> tuple[Mapping[str, str], str, tuple[tuple[Expr, str], ...]] | None:
    """The names that make the right form the left one, and what else it takes."""
    symmetric = tuple(
        (symbol, "symmetric")
        for symbol in sorted(left.symbols, key=repr)
        if not symbol.is_scalar and symbol.assumed("symmetric")
    )
    for powers, symmetry in ((False, False), (True, False), (True, True)):
        names = Unifier(powers=powers, symmetry=symmetry).names(right, left, indices)
        if names is not None:
            label = POWERS if powers and not symmetry else ORDER
            return names, label, symmetric if symmetry else ()
    return None


def _renamed(
    stages: list[_Stage], names: Mapping[str, str], others: Sequence[_Stage], fresh: _Fresh
) -> list[_Stage]:
    """The forms with the names of the other road for their indices; no two sums share one."""
    taken = {name for stage in others for name in _bound(stage.expr)}
    new = {old: name for old, name in names.items() if old != name}
    used = set(new.values())
    for old in sorted({name for stage in stages for name in _bound(stage.expr)}):
        if old not in names and old in used | taken:
            new[old] = fresh.fresh()
    aside = {old: f"#{place}" for place, old in enumerate(new)}
    back = {aside[old]: name for old, name in new.items()}
    return [
        replace(stage, expr=renamed_sums(renamed_sums(stage.expr, aside), back)) for stage in stages
    ]


def _bound(expr: Expr) -> Iterator[str]:
    return (node.data.index for node in walk(expr) if isinstance(node.data, Range))


def _multiplied_out(expr: Expr, indices: tuple[str, ...], fresh: _Fresh) -> Iterator[_Stage]:
    """The form as a sum of products under sums, and the same with like terms merged."""
    terms = list(_terms(expr, fresh))
    spread = _each_its_own(add(*terms) if len(terms) > 1 else terms[0], fresh, set())
    yield _Stage(spread, (MULTIPLIED_OUT,))
    terms = list(spread.args) if spread.op is Op.SUM else [spread]
    along = [_along_deltas(term) for term in terms]
    if along != terms:
        terms = along
        yield _Stage(add(*terms) if len(terms) > 1 else terms[0], (DELTA,))
    merged = _merged(terms, indices)
    if len(merged) < len(terms):
        yield _Stage(add(*merged) if len(merged) > 1 else merged[0], (LIKE_TERMS,))


def _terms(expr: Expr, fresh: _Fresh) -> Iterator[Expr]:
    """The terms of a form when all its products and sums are multiplied out."""
    match expr.op:
        case Op.SUM:
            for arg in expr.args:
                yield from _terms(arg, fresh)
        case Op.INDEX_SUM:
            for place, body in enumerate(_terms(expr.args[0], fresh)):
                term = make(Op.INDEX_SUM, (body,), expr.data)
                yield _in_front(_apart(term, fresh) if place else term)
        case Op.MUL:
            yield from _products([list(_terms(arg, fresh)) for arg in expr.args], fresh)
        case Op.POWER if _is_repeated(expr):
            base, exponent = expr.args
            assert isinstance(exponent.data, Fraction)
            terms = list(_terms(base, fresh))
            yield from _products([terms] * int(exponent.data), fresh)
        case _:
            yield expr


def _is_repeated(expr: Expr) -> bool:
    base, exponent = expr.args
    count = exponent.data
    return (
        base.op in (Op.SUM, Op.INDEX_SUM, Op.MUL)
        and isinstance(count, Fraction)
        and count.denominator == 1
        and 1 < count <= _LARGEST_POWER
    )


def _products(factors: list[list[Expr]], fresh: _Fresh) -> Iterator[Expr]:
    products: list[Expr] = [number(1)]
    used: set[Expr] = set()
    for terms in factors:
        made = []
        for before in products:
            for term in terms:
                copy = _apart(term, fresh) if term in used else term
                made.append(_in_front(_times(before, copy)))
                used.add(term)
        products = made
        if len(products) > _TERMS:
            raise UnsupportedError("the formula is too large to multiply out")
    yield from products


def _times(left: Expr, right: Expr) -> Expr:
    kept = [arg for arg in (left, right) if arg is not number(1)]
    return mul(*kept) if kept else number(1)


def _each_its_own(expr: Expr, fresh: _Fresh, seen: set[str]) -> Expr:
    """The same with another name for the index of a sum wherever another sum has it too."""
    data = expr.data
    if isinstance(data, Range):
        if data.index in seen:
            expr = bound_as(expr, fresh.copied(data.index))
        assert isinstance(expr.data, Range)
        seen.add(expr.data.index)
    return rebuild(expr, [_each_its_own(arg, fresh, seen) for arg in expr.args])


def _apart(term: Expr, fresh: _Fresh) -> Expr:
    """A copy of a term with names of its own for the indices of its sums."""
    for name in list(_bound(term)):
        term = renamed_sums(term, {name: fresh.copied(name)})
    return term


def _in_front(term: Expr) -> Expr:
    """A product with numbers and factors without index first, then the sums."""
    product = Unifier(powers=True).product(term)
    counts = Counter(product.factors)
    factors = [power(factor, count) if count > 1 else factor for factor, count in counts.items()]
    outside = [factor for factor in factors if not factor.free]
    inside = [factor for factor in factors if factor.free]
    total = mul(*inside) if inside else number(1)
    for span in reversed(product.ranges):
        total = make(Op.INDEX_SUM, (total,), span)
    if product.coefficient != 1:
        outside.insert(0, number(product.coefficient))
    if not inside and not product.ranges:
        return mul(*outside) if outside else number(1)
    return mul(*outside, total) if outside else total


def _along_deltas(term: Expr) -> Expr:
    """``δ_ij x_i`` for ``δ_ij x_j``, where no sum runs over i or j."""
    product = Unifier().product(term)
    factors = list(product.factors)
    for place, factor in enumerate(factors):
        if factor.op is not Op.DELTA or not factor.free <= term.free or len(factor.free) < 2:
            continue
        first, second = sorted(factor.free)
        factors = [reindexed(other, {second: first}) for other in factors]
        factors[place] = delta(first, second)
    if tuple(factors) == product.factors:
        return term
    total = mul(number(product.coefficient), *factors)
    for span in reversed(product.ranges):
        total = make(Op.INDEX_SUM, (total,), span)
    return _in_front(total)


def _merged(terms: Sequence[Expr], indices: tuple[str, ...]) -> list[Expr]:
    """Terms that differ in names and order alone, added up."""
    found: list[tuple[Fraction, Expr]] = []
    for term in terms:
        value = Unifier().product(term).coefficient
        bare = _in_front(_scaled(term, 1 / value)) if value else term
        for place, (before, other) in enumerate(found):
            if Unifier(powers=True).names(bare, other, indices) is not None:
                found[place] = before + value, other
                break
        else:
            found.append((value, bare))
    kept = [_in_front(_scaled(bare, value)) for value, bare in found if value]
    return kept or [number(0)]


def _scaled(term: Expr, value: Fraction) -> Expr:
    return term if value == 1 else mul(number(value), term)
