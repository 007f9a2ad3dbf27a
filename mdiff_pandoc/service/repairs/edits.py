"""Small changes of one place of an expression: transposes, signs, factors, orders, inverses.

Each generator takes the places of an expression and gives edits, those of small parts first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    Unknown,
    add,
    det,
    diag,
    diagonal,
    function,
    hadamard,
    hdivide,
    hpower,
    inverse,
    kron,
    matmul,
    neg,
    number,
    power,
    rebuild,
    scale,
    trace,
    transpose,
    vec,
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


@dataclass(frozen=True, slots=True)
class Edit:
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
    Fraction(*pair) for pair in ((2, 1), (1, 2), (-2, 1), (-1, 2), (4, 1), (1, 4), (3, 1), (1, 3))
)


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
        yield Edit(Kind.REPLACED, spot.place, node, turned(node))


def layouts(places: Sequence[Spot]) -> Iterator[Edit]:
    """The whole transposed."""
    whole = places[0]
    if not is_turned_itself(whole.node):
        yield Edit(Kind.TURNED, whole.place, whole.node, turned_inside(whole.node))


def signs(places: Sequence[Spot]) -> Iterator[Edit]:
    """A sign reversed; one that stands inside a product first, where there is one."""
    for spot in by_size(places):
        value, rest = coefficient(spot.node)
        if value < 0 and rest is not number(1) and spot.parent in _HOMOGENEOUS:
            yield Edit(Kind.SIGN, spot.place, spot.node, times(Fraction(-1), spot.node))
    for spot in by_size(weighable(places)):
        yield Edit(Kind.SIGN, spot.place, spot.node, times(Fraction(-1), spot.node))


def factors(places: Sequence[Spot]) -> Iterator[Edit]:
    """Another number in front."""
    for spot in by_size(places):
        node = spot.node
        own, rest = coefficient(node)
        if abs(own) != 1 and rest is not number(1):
            yield Edit(Kind.REPLACED, spot.place, node, times(1 / abs(own), node))
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
                if (made := _made(node, new)) is not None:
                    yield Edit(Kind.EXCHANGED, spot.place, node, made, (args[i], args[j]))
        if node.op is Op.MATMUL and len(args) > 2:
            runs = [(*args[k:], *args[:k]) for k in range(1, len(args))]
            for run in (args[::-1], *runs):
                if (made := _made(node, run)) is not None:
                    yield Edit(Kind.REPLACED, spot.place, node, made)


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
            if form is not node:
                yield Edit(Kind.REPLACED, spot.place, node, form)


def surplus_terms(places: Sequence[Spot]) -> Iterator[Edit]:
    """A term taken out."""
    for spot in places:
        if spot.node.op is Op.SUM:
            for position, term in enumerate(spot.node.args):
                rest = [*spot.node.args[:position], *spot.node.args[position + 1 :]]
                yield Edit(Kind.TERM_EXTRA, spot.place, spot.node, add(*rest), (term,))


def surplus_factors(places: Sequence[Spot]) -> Iterator[Edit]:
    """A factor taken out: of a product, in front of a matrix, below a line."""
    for spot in places:
        node, args = spot.node, spot.node.args
        if spot.place.stop or node.op not in (Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.HDIV):
            continue
        if node.op is Op.HDIV:
            yield Edit(Kind.FACTOR_EXTRA, spot.place, node, args[0], (args[1],))
            continue
        for position, factor in enumerate(args):
            rest = [*args[:position], *args[position + 1 :]]
            if node.op is Op.SCALE and position == 1:
                continue
            if (made := _made(node, rest)) is not None:
                yield Edit(Kind.FACTOR_EXTRA, spot.place, node, made, (factor,))


def powers(places: Sequence[Spot]) -> Iterator[Edit]:
    """Exponents one off, halved, doubled, negative; a square or a reciprocal put in."""
    half = Fraction(1, 2)
    for spot in places:
        node = spot.node
        if node.op in (Op.POWER, Op.HPOWER):
            base, exponent = node.args
            make = power if node.op is Op.POWER else hpower
            for new in (
                _plus(exponent, -1), _plus(exponent, 1), times(Fraction(-1), exponent),
                times(half, exponent), times(Fraction(2), exponent),
            ):  # fmt: skip
                value = base if new is number(1) else make(base, new)
                yield Edit(Kind.REPLACED, spot.place, node, value)
        elif spot.parent is not Op.POWER and node.op not in (Op.NUMBER, Op.SCALE, Op.MUL):
            if node.is_scalar:
                for exponent in (number(2), number(-1), number(half)):
                    yield Edit(Kind.REPLACED, spot.place, node, power(node, exponent))
            elif node.shape[0] == node.shape[1] and node.op is Op.SYMBOL:
                yield Edit(Kind.REPLACED, spot.place, node, power(node, 2))


def kinds_of_product(places: Sequence[Spot]) -> Iterator[Edit]:
    """Matrix, entrywise and Kronecker products and quotients, one for another."""
    for spot in places:
        node, args = spot.node, spot.node.args
        ways: list[tuple[object, tuple[Expr, ...]]] = []
        if node.op is Op.HADAMARD and len(args) == 2:
            ways = [(matmul, args), (matmul, args[::-1]), (hdivide, args), (hdivide, args[::-1])]
        elif node.op is Op.HDIV:
            ways = (
                [(hadamard, args), (matmul, (args[0], inverse(args[1])))]
                if _square(args)
                else [(hadamard, args)]
            )
        elif node.op is Op.KRON:
            ways = [(hadamard, args), (matmul, args)]
        elif node.op is Op.MATMUL and len(args) == 2:
            ways = [(hadamard, args), (kron, args), (hdivide, args)]
            ways.append((kron, args[::-1]))
        for way, parts in ways:
            made = _called(way, parts)
            if made is not None:
                yield Edit(Kind.REPLACED, spot.place, node, made)


def wrappings(places: Sequence[Spot]) -> Iterator[Edit]:
    """A trace, a determinant, a diagonal, a vec put in or taken out, or one for another."""
    for spot in places:
        node = spot.node
        unary: tuple[object, ...] = ()
        if node.op in _UNARY:
            yield Edit(Kind.REPLACED, spot.place, node, node.args[0])
            unary = tuple(way for op, way in _UNARY.items() if op is not node.op)
            node = node.args[0]
        elif not node.is_scalar and spot.parent not in _UNARY:
            unary = tuple(_UNARY.values())
        for way in unary:
            made = _called(way, (node,))
            if made is not None:
                yield Edit(Kind.REPLACED, spot.place, spot.node, made)


_UNARY = {Op.TRACE: trace, Op.DET: det, Op.DIAG: diag, Op.DIAGONAL: diagonal, Op.VEC: vec}
_PARTNERS = {
    "sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "log": "exp", "exp": "log",
    "sigma": "tanh", "tanh": "sigma", "abs": "sign", "sign": "abs", "relu": "step", "step": "relu",
    "softplus": "sigma",
}  # fmt: skip


def functions(places: Sequence[Spot]) -> Iterator[Edit]:
    """A function for its derivative, for the one that is taken for it, or left out."""
    from mdiff_pandoc.rules.functions import derivative

    for spot in places:
        node = spot.node
        if node.op is not Op.FUNC:
            continue
        argument = node.args[0]
        forms: list[Expr | None] = [derivative(node.data, argument)]
        if isinstance(node.data, Unknown):
            if node.data.order:
                forms.append(function(Unknown(node.data.name, node.data.order - 1), argument))
        else:
            partner = _PARTNERS.get(str(node.data))
            if partner is not None:
                forms += [function(partner, argument), neg(function(partner, argument))]
            if node.data == "sigma":
                forms += [hadamard(argument, form) for form in forms[:1] if form is not None]
        for form in (*forms, argument):
            if form is not None:
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
    plain = (spot for spot in places if not spot.place.stop and spot.parent not in _MARKS)
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


def _square(args: Sequence[Expr]) -> bool:
    return args[1].shape[0] == args[1].shape[1]


def _plus(exponent: Expr, value: int) -> Expr:
    if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
        return number(exponent.data + value)
    return add(exponent, number(value))


def _made(node: Expr, args: Sequence[Expr]) -> Expr | None:
    try:
        return rebuild(node, args) if len(args) == len(node.args) else _fewer(node, args)
    except MdiffError:
        return None


def _fewer(node: Expr, args: Sequence[Expr]) -> Expr | None:
    if len(args) == 1:
        return args[0]
    return hadamard(*args) if node.op is Op.HADAMARD else matmul(*args)


def _called(way: object, args: Sequence[Expr]) -> Expr | None:
    assert callable(way)
    try:
        made = way(*args)
    except MdiffError:
        return None
    assert isinstance(made, Expr)
    return made
