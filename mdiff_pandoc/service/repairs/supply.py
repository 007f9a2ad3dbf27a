"""Changes that take their material from both sides: lost terms and factors, slips of a letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    Index,
    Op,
    Range,
    Symbol,
    Unknown,
    add,
    basis,
    column,
    delta,
    dimension,
    entry,
    function,
    identity,
    index_sum,
    inverse,
    matmul,
    mul,
    number,
    ones,
    power,
    row,
    scale,
    symbol,
    trace,
    transpose,
    walk,
)
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.service.repairs.edits import (
    Edit,
    Kind,
    by_size,
    is_turned_itself,
    turned,
    weighable,
)
from mdiff_pandoc.service.repairs.expansion import terms_of
from mdiff_pandoc.service.repairs.place import Place, Spot, coefficient, times

# so many parts, of so many nodes, are tried as factors or terms that were lost
_PARTS = 24
_LARGEST = 9
_FACTORS_TURNED = 5
_COEFFICIENTS = tuple(map(Fraction, (1, -1, 2, -2)))
_NO_PART = frozenset({Op.DIFF, Op.DERIVATIVE, Op.META, Op.NUMBER, Op.SCALE, Op.ZERO})


class Supply(Struct, frozen=True, dict=True):
    """The material of both sides; ``known`` gives what the wrong side should be, in some form."""

    left: Expr
    right: Expr
    known: Callable[[], Expr | None]

    @cached_property
    def nodes(self) -> tuple[Expr, ...]:
        """The distinct nodes of both sides, small ones first; not what is wanted itself."""
        both = dict.fromkeys((*walk(self.right), *walk(self.left)))
        both.pop(self.left)
        return tuple(sorted(both, key=lambda node: node.size))

    @cached_property
    def symbols(self) -> tuple[Expr, ...]:
        """The symbols."""
        return tuple(node for node in self.nodes if node.op is Op.SYMBOL)

    @cached_property
    def sums(self) -> tuple[Expr, ...]:
        """The sums, and their transposes."""
        plain = [node for node in self.nodes if node.op is Op.SUM]
        flipped = [add(*map(turned, node.args)) for node in plain if not node.is_scalar]
        return tuple(dict.fromkeys((*plain, *flipped)))

    @cached_property
    def matrices(self) -> tuple[Expr, ...]:
        """What may stand in a product: the parts, their transposes and inverses."""
        found: dict[Expr, None] = {}
        for node in self._parts(scalar=False):
            forms = [node] if is_turned_itself(node) else [node, turned(node)]
            if node.shape[0] == node.shape[1] and node.op is not Op.INVERSE:
                forms += [inverse(form) for form in forms[:1]]
                if len(forms) == 3:
                    forms.append(transpose(inverse(node)))
            found.update(dict.fromkeys(forms))
        return tuple(found)

    @cached_property
    def scalars(self) -> tuple[Expr, ...]:
        """What may stand in front: scalar parts, dimensions, deltas of the free indices."""
        names = {name for node in self.symbols for dim in node.shape for name in dim.names}
        found = dict.fromkeys(self._parts(scalar=True))
        found.update(dict.fromkeys(dimension(name) for name in sorted(names)))
        free = sorted(self.left.free | self.right.free)[:4]
        found.update(dict.fromkeys(delta(i, j) for i, j in combinations(free, 2)))
        return tuple(found)

    @cached_property
    def functions(self) -> tuple[str | Unknown, ...]:
        """The elementwise functions."""
        data = (node.data for node in self.nodes if node.op is Op.FUNC)
        return tuple(dict.fromkeys(name for name in data if isinstance(name, str | Unknown)))

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """The indices, free and bound."""
        bound = {node.data.index for node in self.nodes if isinstance(node.data, Range)}
        return tuple(sorted(self.left.free | self.right.free | bound))

    @cached_property
    def terms(self) -> tuple[Expr, ...]:
        """The terms of what the wrong side should be."""
        if self.truth is None:
            return ()
        whole = self.truth.args if self.truth.op is Op.SUM else ()
        return tuple(dict.fromkeys((*whole, *terms_of(self.truth))))

    @cached_property
    def truth(self) -> Expr | None:
        """What the wrong side should be."""
        return self.known()

    def _parts(self, *, scalar: bool) -> Iterator[Expr]:
        fit = (
            node
            for node in self.nodes
            if node.is_scalar is scalar and node.size <= _LARGEST and node.op not in _NO_PART
            if not scalar or coefficient(node)[1] is not number(1)
        )
        return islice(fit, _PARTS)


def known_terms(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A term of the truth put in."""
    whole = places[0]
    present = whole.node.args if whole.node.op is Op.SUM else (whole.node,)
    for term in supply.terms:
        if term not in present and term.shape == whole.node.shape:
            yield _with_term(whole, term)


def lost_parts(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A sum that stands elsewhere, in place of some of its terms."""
    for spot in by_size(places):
        node = spot.node
        if spot.parent is Op.SUM:
            continue
        present = set(node.args if node.op is Op.SUM else (node,))
        opposite = {times(Fraction(-1), term) for term in present}
        for whole in supply.sums:
            if whole.shape != node.shape or whole is node:
                continue
            terms = set(whole.args)
            for sign, found in ((Fraction(1), present), (Fraction(-1), opposite)):
                if found < terms:
                    lost = [times(sign, term) for term in whole.args if term not in found]
                    new = add(node, *lost)
                    yield Edit(Kind.TERM_MISSING, spot.place, node, new, (add(*lost),))


def lost_terms(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A term put in: a multiple of one of the truth, a form of one there, a part of the sides."""
    for spot in places:
        node = spot.node
        if spot.parent is Op.SUM or (node.op is not Op.SUM and spot.parent is not None):
            continue
        present = node.args if node.op is Op.SUM else (node,)
        tried = dict.fromkeys(supply.terms if spot.parent is None else ())
        tried.update(dict.fromkeys(form for term in present for form in _forms(term)))
        tried.update(dict.fromkeys(_plain_terms(node, supply)))
        for value in _COEFFICIENTS:
            for term in tried:
                new = times(value, term)
                if new.shape == node.shape and times(Fraction(-1), new) not in present:
                    yield _with_term(spot, new)


def lost_inner_terms(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A transpose, an identity, a one or a product put in as a second term, inside a product."""
    for spot in by_size(places):
        node = spot.node
        if spot.parent in (None, Op.SUM, Op.TRANSPOSE) or node.op in (Op.SUM, Op.SCALE, Op.NUMBER):
            continue
        tried: list[Expr] = []
        if not node.is_scalar and node.shape[0] == node.shape[1]:
            tried = [identity(node.shape[0])] + [turned(node)] * (not is_turned_itself(node))
        elif node.is_scalar and spot.parent not in (Op.MATMUL, Op.MUL, Op.SCALE):
            tried = [number(1), *_products(node, supply)]
        for term in tried:
            for new in (term, times(Fraction(-1), term)):
                yield _with_term(spot, new)


def _with_term(spot: Spot, term: Expr) -> Edit:
    new = add(spot.node, term)
    return Edit(Kind.TERM_MISSING, spot.place, spot.node, new, (term,))


def _products(node: Expr, supply: Supply) -> Iterator[Expr]:
    """Products of two symbols that have the shape of a node."""
    forms = [*supply.symbols, *(turned(x) for x in supply.symbols if not is_turned_itself(x))]
    for one, other in product(forms, repeat=2):
        if one.shape[1] == other.shape[0]:
            made = matmul(one, other)
            if node.is_scalar and made.shape[0] == made.shape[1]:
                yield made if made.is_scalar else trace(made)
            elif made.shape == node.shape:
                yield made


def other_terms(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A term of the truth in place of one that is there."""
    whole = places[0]
    terms = whole.node.args if whole.node.op is Op.SUM else ()
    for position, old in enumerate(terms):
        for new in supply.terms:
            if new is not old and new.shape == old.shape:
                yield Edit(Kind.REPLACED, Place((position,)), old, new)


def _forms(term: Expr) -> Iterator[Expr]:
    """The term with some of its factors transposed, in this order and in the other."""
    value, body = coefficient(term)
    scalars, chain = body.args if body.op is Op.SCALE else (number(1), body)
    args = chain.args if chain.op is Op.MATMUL else (chain,)
    if len(args) > _FACTORS_TURNED or body.is_scalar:
        args = (chain,)
    choices = [(arg,) if is_turned_itself(arg) else (arg, turned(arg)) for arg in args]
    for picked in product(*choices):
        for run in (picked, picked[::-1]):
            try:
                made = matmul(*run)
            except MdiffError:
                continue
            yield times(value, made if scalars is number(1) else scale(scalars, made))


def _plain_terms(node: Expr, supply: Supply) -> Iterator[Expr]:
    if node.is_scalar:
        yield number(1)
        yield from supply.scalars
        letters = [part for part in supply.scalars if part.op is Op.SYMBOL]
        yield from (function(name, part) for name in supply.functions for part in letters)
        yield from _products(node, supply)
        return
    if node.shape[0] == node.shape[1]:
        yield identity(node.shape[0])
    for part in supply.matrices:
        if part.shape == node.shape:
            yield part
            if part.op is Op.SYMBOL:
                yield from (function(name, part) for name in supply.functions)
    yield ones(*node.shape)
    yield from _products(node, supply)


def lost_factors(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A matrix put in, into a product or beside what is none."""
    for spot in by_size(places):
        node = spot.node
        if node.is_scalar or spot.place.stop or node.op is Op.SCALE or spot.parent is Op.TRANSPOSE:
            continue
        for factor in supply.matrices:
            if node.op is Op.IDENTITY:
                if factor.shape == node.shape:
                    yield Edit(Kind.REPLACED, spot.place, node, factor)
                continue
            if factor.shape[1] == node.shape[0]:
                new = matmul(factor, node)
                yield Edit(Kind.FACTOR_MISSING, spot.place, node, new, (factor,))
            if factor.shape[0] == node.shape[1] and spot.parent is not Op.MATMUL:
                new = matmul(node, factor)
                yield Edit(Kind.FACTOR_MISSING, spot.place, node, new, (factor,))


def lost_scalars(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A scalar put in front or below, also in place of the number that stands there."""
    for spot in by_size(weighable(places)):
        node = spot.node
        value, rest = coefficient(node)
        for scalar in supply.scalars:
            if scalar is node:
                continue
            for factor in (scalar, power(scalar, -1)):
                new = _scaled(factor, node)
                yield Edit(Kind.FACTOR_MISSING, spot.place, node, new, (factor,))
                if abs(value) != 1 and rest is not number(1):
                    sign = Fraction(-1 if value < 0 else 1)
                    new = times(sign, _scaled(factor, rest))
                    yield Edit(Kind.REPLACED, spot.place, node, new)


def _scaled(factor: Expr, node: Expr) -> Expr:
    value, rest = coefficient(node)
    if rest is number(1):
        return times(value, factor)
    return times(value, mul(factor, rest) if rest.is_scalar else scale(factor, rest))


def letters(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """A symbol written for another one of its shape; the two exchanged throughout."""
    for spot in places:
        node = spot.node
        if node.op is not Op.SYMBOL:
            continue
        for other in supply.symbols:
            if other is not node and other.shape == node.shape:
                yield Edit(Kind.REPLACED, spot.place, node, other)
    whole = places[0].node
    for one, other in combinations(supply.symbols, 2):
        if one.shape == other.shape and not whole.symbols.isdisjoint((one, other)):
            new = substitute(whole, {one: other, other: one})
            yield Edit(Kind.EXCHANGED, Place(), whole, new, (one, other))
            for old, instead in ((one, other), (other, one)):
                new = substitute(whole, {old: instead})
                yield Edit(Kind.EVERYWHERE, Place(), whole, new, (old, instead))


def indices(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """Two indices exchanged, one for another, a sum up to another size, a delta for a 1."""
    free = sorted(supply.left.free | supply.right.free)[:4]
    for spot in places:
        node = spot.node
        if node is number(1) and spot.parent is Op.SUM:
            for pair in combinations(free, 2):
                yield Edit(Kind.REPLACED, spot.place, node, delta(*pair))
        if node.op is Op.INDEX_SUM and isinstance(node.data, Range):
            uppers = dict.fromkeys(dim for other in supply.symbols for dim in other.shape)
            for upper in uppers:
                if upper != node.data.upper:
                    new = index_sum(node.data.index, upper, node.args[0], node.data.lower)
                    yield Edit(Kind.REPLACED, spot.place, node, new)
            continue
        own = _own(node)
        if len(own) == 2 and own[0] != own[1] and not (node.args and node.args[0].is_vector):
            yield Edit(Kind.REPLACED, spot.place, node, _indexed(node, own[::-1]))
        for position, old in enumerate(own):
            for name in supply.indices:
                if isinstance(old, str) and name != old:
                    other = (*own[:position], name, *own[position + 1 :])
                    yield Edit(Kind.REPLACED, spot.place, node, _indexed(node, other))


def _own(node: Expr) -> tuple[Index, ...]:
    data = node.data
    if isinstance(data, Symbol):
        return data.indices
    if node.op in (Op.ENTRY, Op.DELTA) and isinstance(data, tuple):
        return data
    if node.op in (Op.BASIS, Op.ROW, Op.COLUMN) and isinstance(data, int | str):
        return (data,)
    return ()


def _indexed(node: Expr, own: Iterable[Index]) -> Expr:
    own = tuple(own)
    match node.op:
        case Op.ENTRY:
            return entry(node.args[0], *own)
        case Op.DELTA:
            return delta(*own)
        case Op.BASIS:
            return basis(own[0], node.shape[0])
        case Op.ROW:
            return row(node.args[0], own[0])
        case Op.COLUMN:
            return column(node.args[0], own[0])
        case _:
            assert isinstance(node.data, Symbol)
            rows, columns = node.shape
            return symbol(node.data.name, rows, columns, node.data.assumptions, own)
