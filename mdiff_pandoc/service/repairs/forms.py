"""Changes of what a place is: powers, kinds of product, functions, traces, and what is too many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

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
    trace,
    vec,
)
from mdiff_pandoc.service.repairs.edits import Edit, Kind, by_size, remade
from mdiff_pandoc.service.repairs.place import Spot, times
from mdiff_pandoc.service.repairs.supply import Supply

_Way = Callable[..., Expr]


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
        if spot.place.stop or spot.parent in (Op.POWER, Op.HPOWER):
            continue
        if node.op not in (Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.HDIV):
            continue
        if node.op is Op.HDIV:
            yield Edit(Kind.FACTOR_EXTRA, spot.place, node, args[0], (args[1],))
            continue
        for position, factor in enumerate(args):
            rest = [*args[:position], *args[position + 1 :]]
            if node.op is Op.SCALE and position == 1:
                continue
            if (product := remade(node, rest)) is not None:
                yield Edit(Kind.FACTOR_EXTRA, spot.place, node, product, (factor,))


def powers(places: Sequence[Spot]) -> Iterator[Edit]:
    """Exponents one off, halved, doubled, negative; a square or a reciprocal put in."""
    half = Fraction(1, 2)
    for spot in by_size(places):
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
        elif node.op is Op.INVERSE:
            yield Edit(Kind.REPLACED, spot.place, node, power(node.args[0], -2))
            yield Edit(Kind.REPLACED, spot.place, node, power(node.args[0], -3))
        elif spot.parent is not Op.POWER and node.op not in (Op.NUMBER, Op.SCALE, Op.MUL):
            if node.is_scalar:
                for exponent in (number(2), number(-1), number(half)):
                    yield Edit(Kind.REPLACED, spot.place, node, power(node, exponent))
            elif node.shape[0] == node.shape[1] and node.op is Op.SYMBOL:
                yield Edit(Kind.REPLACED, spot.place, node, power(node, 2))


def kinds_of_product(places: Sequence[Spot], supply: Supply) -> Iterator[Edit]:
    """Matrix, entrywise and Kronecker products and quotients, one for another.

    Kronecker products and quotients only where such stand in the sides; the trace of a product for
    a product of traces.
    """
    kinds = {node.op for node in supply.nodes}
    for spot in places:
        node, args = spot.node, spot.node.args
        ways: list[tuple[_Way, Sequence[Expr]]] = []
        if node.op is Op.HADAMARD and len(args) == 2:
            ways = [(matmul, args), (matmul, args[::-1]), (hdivide, args), (hdivide, args[::-1])]
        elif node.op is Op.HDIV:
            ways = [(hadamard, args), (_divided, args)]
        elif node.op is Op.KRON:
            ways = [(hadamard, args), (matmul, args)]
        elif node.op is Op.MATMUL and len(args) == 2:
            ways = [(hadamard, args)]
            ways += [(hdivide, args)] * (Op.HDIV in kinds)
            ways += [(kron, args), (kron, args[::-1])] * (Op.KRON in kinds)
        elif node.op is Op.MUL and [arg.op for arg in args] == [Op.TRACE, Op.TRACE]:
            ways = [(_trace_of_product, [arg.args[0] for arg in args])]
        yield from _called(spot, ways)


def wrappings(places: Sequence[Spot]) -> Iterator[Edit]:
    """A trace, a determinant, a diagonal, a vec put in or taken out, or one for another."""
    for spot in places:
        node = spot.node
        unary: tuple[_Way, ...] = ()
        if node.op in _UNARY:
            yield Edit(Kind.REPLACED, spot.place, node, node.args[0])
            unary = tuple(way for op, way in _UNARY.items() if op is not node.op)
            node = node.args[0]
        elif not node.is_scalar and spot.parent not in _UNARY:
            unary = tuple(_UNARY.values())
        yield from _called(spot, [(way, (node,)) for way in unary])


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


def _plus(exponent: Expr, value: int) -> Expr:
    if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
        return number(exponent.data + value)
    return add(exponent, number(value))


def _divided(left: Expr, right: Expr) -> Expr:
    return matmul(left, inverse(right))


def _trace_of_product(left: Expr, right: Expr) -> Expr:
    return trace(matmul(left, right))


def _called(spot: Spot, ways: Iterable[tuple[_Way, Sequence[Expr]]]) -> Iterator[Edit]:
    """Each of the constructors called, where the shapes let it."""
    for way, args in ways:
        try:
            new = way(*args)
        except MdiffError:
            continue
        yield Edit(Kind.REPLACED, spot.place, spot.node, new)
