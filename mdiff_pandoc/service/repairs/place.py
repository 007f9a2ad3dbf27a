"""Places in an expression, and what becomes of the whole when something else stands there."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr, Op, matmul, mul, number, rebuild, scale

# what an author writes as one sign: nothing inside is changed
CLOSED = frozenset({Op.DIFF, Op.SLOPE, Op.NAMED, Op.META})
LINEAR = frozenset(
    {Op.TRANSPOSE, Op.TRACE, Op.VEC, Op.UNVEC, Op.DIAG, Op.DIAGONAL, Op.INDEX_SUM, Op.ENTRY}
)
# more places than this are not tried
MOST = 300
_LONGEST_RUN = 5


class Place(Struct, frozen=True):
    """The node at ``path``; where ``stop`` is not 0, a run of its factors, of a product."""

    path: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0

    def put(self, root: Expr, new: Expr) -> Expr:
        """``root`` with ``new`` in this place. Raises ShapeError where it does not conform."""
        nodes = [root]
        for position in self.path:
            nodes.append(nodes[-1].args[position])
        if self.stop:
            args = nodes[-1].args
            new = matmul(*args[: self.start], new, *args[self.stop :])
        for node, position in zip(reversed(nodes[:-1]), reversed(self.path), strict=True):
            args = node.args
            new = rebuild(node, (*args[:position], new, *args[position + 1 :]))
        return new

    def above(self) -> Place | None:
        """The place of what this one is a part of."""
        if self.stop:
            return Place(self.path)
        return Place(self.path[:-1]) if self.path else None

    def found(self, root: Expr) -> Expr | None:
        """What stands there, if there is such a place."""
        try:
            return self.at(root)
        except (IndexError, MdiffError):
            return None

    def at(self, root: Expr) -> Expr:
        """What stands there."""
        for position in self.path:
            root = root.args[position]
        return matmul(*root.args[self.start : self.stop]) if self.stop else root


class Spot(Struct, frozen=True):
    """A place, what stands there, and the kind of node that it is a direct part of."""

    place: Place
    node: Expr
    parent: Op | None


def spots(root: Expr) -> list[Spot]:
    """The places of an expression, the whole first, runs of factors of a product among them."""
    found: list[Spot] = []
    queue: deque[Spot] = deque([Spot(Place(), root, None)])
    while queue and len(found) < MOST:
        spot = queue.popleft()
        found.append(spot)
        node, path = spot.node, spot.place.path
        if node.op in CLOSED:
            continue
        # what a derivative is taken by stays what it is
        args = node.args[:1] if node.op is Op.DERIVATIVE else node.args
        for position, arg in enumerate(args):
            queue.append(Spot(Place((*path, position)), arg, node.op))
        if node.op is Op.MATMUL:
            count = len(node.args)
            for length in range(2, min(count, _LONGEST_RUN)):
                for start in range(count - length + 1):
                    place = Place(path, start, start + length)
                    found.append(Spot(place, matmul(*node.args[start : start + length]), node.op))
    return found


def coefficient(expr: Expr) -> tuple[Fraction, Expr]:
    """The number in front, and the rest."""
    if expr.op is Op.NUMBER and isinstance(expr.data, Fraction):
        return expr.data, number(1)
    if expr.op is Op.SCALE:
        value, scalars = coefficient(expr.args[0])
        body = expr.args[1]
        return value, body if scalars is number(1) else scale(scalars, body)
    if expr.op is Op.MUL:
        value, rest = Fraction(1), []
        for factor in expr.args:
            found = _number(factor)
            if found is None:
                rest.append(factor)
            else:
                value *= found
        return value, mul(*rest) if rest else number(1)
    found = _number(expr)
    return (Fraction(1), expr) if found is None else (found, number(1))


def times(value: Fraction, expr: Expr) -> Expr:
    """A number times an expression, with one number in front."""
    own, rest = coefficient(expr)
    value *= own
    if rest is number(1):
        return number(value)
    return rest if value == 1 else scale(number(value), rest)


def _number(expr: Expr) -> Fraction | None:
    if expr.op is Op.NUMBER and isinstance(expr.data, Fraction):
        return expr.data
    if expr.op is Op.POWER:
        base, exponent = expr.args
        if exponent is number(-1) and isinstance(base.data, Fraction) and base.data:
            return 1 / base.data
    return None
