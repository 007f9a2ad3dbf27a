"""Sums over indices that differ in the order of sums, factors and terms, and in names alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from mdiff_pandoc.expr import Expr, Op, Range, Symbol

_TRIES = 20_000
_LARGEST_POWER = 8
_SYMMETRIC = ("symmetric", "positive definite", "diagonal")
_INDEXED = frozenset({Op.SYMBOL, Op.ENTRY, Op.DELTA, Op.ROW, Op.COLUMN, Op.BASIS})

Names = Mapping[str, str]


class Product(Struct, frozen=True):
    """A coefficient, the sums in front, and the factors under them."""

    coefficient: Fraction
    ranges: tuple[Range, ...]
    factors: tuple[Expr, ...]


class Unifier:
    """Finds the names for the indices of one expression that make it another one.

    With ``powers`` a power is the product that it stands for, with ``symmetry`` the entries
    ``A_ij`` and ``A_ji`` of a symmetric A are one. All sums must have names of their own.
    """

    def __init__(self, *, powers: bool = False, symmetry: bool = False) -> None:
        self._powers = powers
        self._symmetry = symmetry
        self._tries = 0
        self._keys: dict[Expr, Hashable] = {}

    def names(self, old: Expr, new: Expr, fixed: Sequence[str] = ()) -> Names | None:
        """Names for the indices of ``old``, which keeps the ``fixed`` ones; None if unequal."""
        self._tries = 0
        return next(self._equal(old, new, {index: index for index in fixed}), None)

    def product(self, expr: Expr) -> Product:
        """The expression as a product under sums."""
        coefficient = Fraction(1)
        ranges: list[Range] = []
        factors: list[Expr] = []
        stack = [expr]
        while stack:
            node = stack.pop()
            if node.op is Op.NUMBER and isinstance(node.data, Fraction):
                coefficient *= node.data
            elif node.op is Op.MUL:
                stack += reversed(node.args)
            elif node.op is Op.INDEX_SUM and isinstance(node.data, Range):
                ranges.append(node.data)
                stack.append(node.args[0])
            elif count := self._repeats(node):
                stack += [node.args[0]] * count
            else:
                factors.append(node)
        return Product(coefficient, tuple(ranges), tuple(factors))

    def _repeats(self, node: Expr) -> int:
        """How often the base of a power stands in the product that it is."""
        if not self._powers or node.op is not Op.POWER:
            return 0
        base, exponent = node.args
        count = exponent.data
        if not isinstance(count, Fraction) or count.denominator != 1 or base.op is Op.INDEX_SUM:
            return 0
        return int(count) if 1 < count <= _LARGEST_POWER else 0

    def _equal(self, old: Expr, new: Expr, names: Names) -> Iterator[Names]:
        self._tries += 1
        if self._tries > _TRIES or self._key(old) != self._key(new):
            return
        left, right = self.product(old), self.product(new)
        if left.factors == (old,) and right.factors == (new,):
            yield from self._same(old, new, names)
            return
        if left.coefficient != right.coefficient or len(left.ranges) != len(right.ranges):
            return
        sizes = {span.index: (span.upper, span.lower) for span in right.ranges}
        for found in self._in_any_order(left.factors, right.factors, names):
            if all(
                sizes.get(found.get(span.index, "")) == (span.upper, span.lower)
                for span in left.ranges
            ):
                yield found

    def _in_any_order(
        self, old: Sequence[Expr], new: Sequence[Expr], names: Names
    ) -> Iterator[Names]:
        if len(old) != len(new):
            return
        if not old:
            yield names
            return
        first, *rest = old
        for place, other in enumerate(new):
            others = (*new[:place], *new[place + 1 :])
            for found in self._equal(first, other, names):
                yield from self._in_any_order(rest, others, found)

    def _same(self, old: Expr, new: Expr, names: Names) -> Iterator[Names]:
        """Two factors of one kind."""
        if old is new and not old.free and not _has_sums(old):
            yield names
        elif old.op is Op.SUM:
            yield from self._in_any_order(old.args, new.args, names)
        elif old.op not in _INDEXED:
            yield from self._arguments(old.args, new.args, names)
        else:
            for data in self._spellings(old):
                found = _renamed(data, new.data, names)
                if found is not None:
                    yield from self._arguments(old.args, new.args, found)

    def _spellings(self, node: Expr) -> Iterator[Hashable]:
        yield node.data
        if self._symmetry and node.op is Op.ENTRY and isinstance(node.data, tuple):
            row, column = node.data
            if row != column and any(map(node.args[0].assumed, _SYMMETRIC)):
                yield (column, row)

    def _arguments(self, old: Sequence[Expr], new: Sequence[Expr], names: Names) -> Iterator[Names]:
        if not old:
            yield names
            return
        for found in self._equal(old[0], new[0], names):
            yield from self._arguments(old[1:], new[1:], found)

    def _key(self, expr: Expr) -> Hashable:
        """What does not change with names and order."""
        key = self._keys.get(expr)
        if key is None:
            key = self._keys[expr] = self._made_key(expr)
        return key

    def _made_key(self, expr: Expr) -> Hashable:
        product = self.product(expr)
        if product.factors != (expr,):
            factors = sorted(map(self._key, product.factors), key=repr)
            return product.coefficient, len(product.ranges), tuple(factors)
        keys = tuple(map(self._key, expr.args))
        if expr.op is Op.SUM:
            return Op.SUM, tuple(sorted(keys, key=repr))
        if isinstance(expr.data, Symbol):
            return Op.SYMBOL, expr.data.name, expr.shape
        return expr.op, None if expr.op in _INDEXED else expr.data, expr.shape, keys


def _has_sums(expr: Expr) -> bool:
    return expr.op is Op.INDEX_SUM or any(map(_has_sums, expr.args))


def _renamed(old: Hashable, new: Hashable, names: Names) -> Names | None:
    """More names, with which one datum is the other; None if there are none."""
    if isinstance(old, Symbol) and isinstance(new, Symbol):
        if old.name != new.name or old.assumptions != new.assumptions:
            return None
        return _renamed(old.indices, new.indices, names)
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        found: Names | None = names
        for one, other in zip(old, new, strict=True):
            found = None if found is None else _renamed(one, other, found)
        return found
    if not isinstance(old, str) or not isinstance(new, str):
        return names if old == new else None
    if old in names:
        return names if names[old] == new else None
    return None if new in names.values() else {**names, old: new}
