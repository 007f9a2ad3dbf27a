"""Small changes of one place of an expression: transposes, signs, factors, orders, inverses.

Each generator takes the places of an expression and gives edits, those of small parts first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    hadamard,
    inverse,
    matmul,
    number,
    rebuild,
    scale,
    transpose,
)
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.service.repairs.place import CLOSED, Place, Spot, coefficient, times


class Kind(StrEnum):
    """What an edit does, for the sentence that tells it."""

    REPLACED = "replaced"
    TURNED = "turned"  # the whole side transposed
    SIGN = "sign"
    EXCHANGED = "exchanged"  # shown: the two
    EVERYWHERE = "everywhere"  # shown: a symbol and the one that should stand for it
    TERM_MISSING = "term missing"  # shown: the term
    TERM_EXTRA = "term too many"  # shown: the term
    FACTOR_MISSING = "factor missing"  # shown: the factor
    FACTOR_EXTRA = "factor too many"  # shown: the factor
    DERIVED = "derived"  # nothing local: the derivative as it is derived


class Edit(Struct, frozen=True):
    """``new`` in a place where ``old`` stands; ``shown`` is what the sentence names."""

    kind: Kind
    place: Place
    old: Expr
    new: Expr
    shown: tuple[Expr, ...] = ()


# a number times one of their arguments is that number times the node
_HOMOGENEOUS = frozenset(
    {
        Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.HDIV, Op.TRANSPOSE, Op.TRACE, Op.KRON, Op.VEC,
        Op.UNVEC, Op.DIAG, Op.DIAGONAL, Op.TRIANGLE, Op.ENTRY, Op.ROW, Op.COLUMN, Op.INDEX_SUM,
        Op.EXPECTATION, Op.INVERSE, Op.POWER, Op.HPOWER, Op.NORM, Op.CROSS,
    }
)  # fmt: skip
_MARKS = frozenset({Op.TRANSPOSE, Op.INVERSE})
_SYMMETRIC = ("symmetric", "positive definite", "diagonal")
_FACTORS = tuple(
    Fraction(*pair)
    for pair in ((2, 1), (1, 2), (-2, 1), (-1, 2), (4, 1), (1, 4), (3, 1), (1, 3), (-1, 3))
)
_COEFFICIENTS = tuple(Fraction(*pair) for pair in ((2, 1), (1, 2), (3, 1), (4, 1), (3, 2)))


def is_turned_itself(node: Expr) -> bool:
    """Is the transpose no other thing?"""
    if node.is_scalar or node.op in (Op.IDENTITY, Op.DIAG):
        return True
    return node.op is Op.SYMBOL and any(map(node.assumed, _SYMMETRIC))


def turned(node: Expr) -> Expr:
    """The transpose, without one of a transpose."""
    if node.op is Op.TRANSPOSE:
        return node.args[0]
    if node.op is Op.SCALE:
        return scale(node.args[0], turned(node.args[1]))
    if node.op is Op.INVERSE and node.args[0].op is Op.TRANSPOSE:
        return inverse(node.args[0].args[0])
    return transpose(node)


def turned_inside(node: Expr) -> Expr:
    """The transpose, as sums and products of transposes."""
    if is_turned_itself(node):
        return node
    if node.op is Op.SCALE:
        return scale(node.args[0], turned_inside(node.args[1]))
    if node.op is Op.SUM:
        return add(*map(turned_inside, node.args))
    if node.op is Op.MATMUL:
        return matmul(*map(turned_inside, reversed(node.args)))
    return turned(node)


def by_size(places: Iterable[Spot]) -> list[Spot]:
    """Small parts first."""
    return sorted(places, key=lambda spot: spot.node.size)


def weighable(places: Sequence[Spot]) -> list[Spot]:
    """The places where a number in front says something of its own: terms, arguments, the whole."""
    return [spot for spot in places if spot.parent not in _HOMOGENEOUS]


def transposes(places: Sequence[Spot]) -> Iterator[Edit]:
    """A transpose put in or taken out."""
    for spot in by_size(places):
        node = spot.node
        if spot.parent in _MARKS or node.op is Op.SCALE or is_turned_itself(node):
            continue
        if spot.parent is Op.ENTRY and (node.op is Op.SYMBOL or node.is_vector):
            continue
        pair = node.op is Op.MATMUL and len(node.args) == 2
        yield Edit(Kind.REPLACED, spot.place, node, (turned_inside if pair else turned)(node))


def layouts(places: Sequence[Spot]) -> Iterator[Edit]:
    """The whole transposed."""
    whole = places[0]
    if not is_turned_itself(whole.node):
        yield Edit(Kind.TURNED, whole.place, whole.node, turned_inside(whole.node))


def signs(places: Sequence[Spot]) -> Iterator[Edit]:
    """A sign reversed; one that stands inside a product first, where there is one."""
    for spot in by_size(places):
        value, rest = coefficient(spot.node)
        inside = spot.parent in _HOMOGENEOUS and spot.parent is not Op.SCALE
        if value < 0 and rest is not number(1) and inside:
            yield Edit(Kind.SIGN, spot.place, spot.node, times(Fraction(-1), spot.node))
    for spot in by_size(weighable(places)):
        yield Edit(Kind.SIGN, spot.place, spot.node, times(Fraction(-1), spot.node))


def factors(places: Sequence[Spot]) -> Iterator[Edit]:
    """Another number in front."""
    for spot in by_size(places):
        node = spot.node
        own, rest = coefficient(node)
        if abs(own) != 1 and rest is not number(1):
            for value in (Fraction(1), *_COEFFICIENTS):
                yield Edit(Kind.REPLACED, spot.place, node, times(value / abs(own), node))
    for spot in by_size(weighable(places)):
        node = spot.node
        for value in _FACTORS:
            yield Edit(Kind.REPLACED, spot.place, node, times(value, node))


def orders(places: Sequence[Spot]) -> Iterator[Edit]:
    """Two factors exchanged, neighbours first; a product reversed or turned round."""
    for spot in by_size(places):
        node, args = spot.node, spot.node.args
        if spot.place.stop:
            continue
        if node.op in (Op.MATMUL, Op.HDIV, Op.KRON, Op.CROSS, Op.BLOCK):
            pairs = sorted(combinations(range(len(args)), 2), key=lambda pair: pair[1] - pair[0])
            for i, j in pairs:
                new = list(args)
                new[i], new[j] = new[j], new[i]
                if (product := remade(node, new)) is not None:
                    yield Edit(Kind.EXCHANGED, spot.place, node, product, (args[i], args[j]))
        if node.op is Op.MATMUL and len(args) > 2:
            runs = [(*args[k:], *args[:k]) for k in range(1, len(args))]
            for run in (args[::-1], *runs):
                if (product := remade(node, run)) is not None:
                    yield Edit(Kind.REPLACED, spot.place, node, product)


def inverses(places: Sequence[Spot]) -> Iterator[Edit]:
    """An inverse taken out, put in, or taken for a transpose."""
    for spot in sorted(by_size(places), key=lambda spot: spot.node.op is not Op.INVERSE):
        node = spot.node
        if node.is_scalar or node.shape[0] != node.shape[1] or node.op is Op.SCALE:
            continue
        if spot.parent in _MARKS:
            continue
        inner = node
        while inner.op in _MARKS:
            inner = inner.args[0]
        forms = [inner, inverse(inner)]
        if not is_turned_itself(inner):
            forms += [transpose(inner), transpose(inverse(inner))]
        for form in forms:
            if form is not node and form is not turned(node):
                yield Edit(Kind.REPLACED, spot.place, node, form)


def symmetrised(places: Sequence[Spot]) -> Iterator[Edit]:
    """``A + A^T`` for ``2A``, ``A`` for ``(A + A^T)/2``, and back."""
    for spot in by_size(places):
        value, body = coefficient(spot.node)
        args = body.args if body.op is Op.MATMUL else (body,)
        for position, factor in enumerate(args):
            square = factor.shape[0] == factor.shape[1] and not is_turned_itself(factor)
            if value == 2 and square and factor.op is not Op.SUM:
                both = add(factor, turned(factor))
                new = matmul(*args[:position], both, *args[position + 1 :])
                yield Edit(Kind.REPLACED, spot.place, spot.node, new)
    for spot in by_size(places):
        node = spot.node
        if node.op is Op.SUM:
            for term in node.args:
                yield Edit(Kind.REPLACED, spot.place, node, times(Fraction(len(node.args)), term))
        if node.is_scalar or node.shape[0] != node.shape[1] or is_turned_itself(node):
            continue
        if spot.parent is Op.TRANSPOSE or node.op is Op.SUM:
            continue
        value, body = coefficient(node)
        both = add(body, turned(body))
        yield Edit(Kind.REPLACED, spot.place, node, times(value / 2, both))


def throughout(places: Sequence[Spot]) -> Iterator[Edit]:
    """What occurs more than once transposed or inverted everywhere."""
    whole = places[0]
    closed = {*_MARKS, Op.ENTRY}
    plain = (spot for spot in places if not spot.place.stop and spot.parent not in closed)
    counts = Counter(spot.node for spot in plain)
    for node, count in sorted(counts.items(), key=lambda item: item[0].size):
        if count < 2 or node.op is Op.SCALE:
            continue
        forms = [] if is_turned_itself(node) else [turned(node)]
        if not node.is_scalar and node.shape[0] == node.shape[1] and node.op is not Op.IDENTITY:
            forms += [node.args[0] if node.op is Op.INVERSE else inverse(node)]
        for form in forms:
            try:
                new = substitute(whole.node, {node: form})
            except MdiffError:
                continue
            yield Edit(Kind.EVERYWHERE, whole.place, whole.node, new, (node, form))


def difference(wrong: Expr, right: Expr) -> Edit:
    """The smallest part in which two expressions differ; ``DERIVED`` where that is the whole."""
    path: list[int] = []
    old, new = wrong, right
    while old.op is new.op and old.data == new.data and len(old.args) == len(new.args):
        pairs = zip(old.args, new.args, strict=True)
        unlike = [position for position, (a, b) in enumerate(pairs) if a is not b]
        if len(unlike) != 1 or old.op in CLOSED:
            break
        path += unlike
        old, new = old.args[unlike[0]], new.args[unlike[0]]
    kind = Kind.REPLACED if path else Kind.DERIVED
    return Edit(kind, Place(tuple(path)), old, new)


def remade(node: Expr, args: Sequence[Expr]) -> Expr | None:
    """A node with other arguments, or fewer factors; None where they do not conform."""
    try:
        return rebuild(node, args) if len(args) == len(node.args) else _fewer(node, args)
    except MdiffError:
        return None


def _fewer(node: Expr, args: Sequence[Expr]) -> Expr | None:
    if len(args) == 1:
        return args[0]
    return hadamard(*args) if node.op is Op.HADAMARD else matmul(*args)
