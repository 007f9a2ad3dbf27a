"""Values of expressions at a point, over any commutative ring.

A value is a pair ``(a, b)`` standing for the dual number ``a + b ε`` with ``ε² = 0``; ``b`` is None
where it is zero. Scalars are ring elements, everything else is a matrix of python-flint, whose
`nmod_mat` and `arb_mat` have one interface. Nothing here knows a derivative of a matrix function: a
product is a product of dual numbers, an inverse is what solves ``(a + bε)(c + dε) = 1``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import SCALAR, Expr, Op, Shape
from mdiff_pandoc.verify.point import Pair, Point

Handler = Callable[[Any, Expr], Pair]


class Evaluator:
    """Memoised evaluation at one point.

    ``constants`` evaluates what does not depend on the variable; it is None in the evaluator that
    takes every symbol at its value alone.
    """

    handlers: ClassVar[dict[Op, Handler]] = {}

    def __init__(self, point: Point, constants: Evaluator | None = None) -> None:
        self.point = point
        self.constants = constants
        self.memo: dict[object, Pair] = {}

    def get(self, node: Expr) -> Pair:
        """The value of a node, as a pair."""
        key: object = node
        if node.free:
            env = self.point.env
            key = (node, *[env.get(index) for index in sorted(node.free)])
        found = self.memo.get(key)
        if found is None:
            if self.constants is not None and self._constant(node):
                found = (self.constants.get(node)[0], None)
            else:
                found = self.handlers[node.op](self, node)
            self.memo[key] = found
        return found

    def _constant(self, node: Expr) -> bool:
        setting = self.point.setting
        return not setting.metas and node.symbols.isdisjoint(setting.moving)

    def symbol(self, node: Expr) -> Pair:
        """A symbol: its value, and its direction where this evaluator carries one."""
        return self.point.symbol(node)[0], None

    def differential(self, node: Expr) -> Pair:
        """The value of ``d(·)``. Raises UnsupportedError for a differential in a differential."""
        raise UnsupportedError("a differential of a differential cannot be evaluated")

    def determinant(self, matrix: Any, tangent: Any) -> Pair:
        """The determinant of a matrix of dual numbers."""
        assert tangent is None
        return matrix.det(), None

    def raised(self, node: Expr) -> Pair:
        """A scalar or matrix power."""
        exponent = self.exponent(node)
        return self.integer_power(self.get(node.args[0]), exponent, node.shape)

    def raised_entries(self, node: Expr) -> Pair:
        """An elementwise power."""
        return self.entry_power(self.get(node.args[0]), self.exponent(node))

    def exponent(self, node: Expr) -> int:
        """The exponent of a power. Raises UnsupportedError when it is no integer."""
        exponent = self.point.integer(node.args[1])
        if exponent is None:
            raise UnsupportedError("the exponent is not an integer")
        return exponent

    def integer_power(self, pair: Pair, exponent: int, shape: Shape) -> Pair:
        """A power by repeated squaring."""
        if exponent < 0:
            pair, exponent = reciprocal(pair), -exponent
        result: Pair | None = None
        while exponent:
            if exponent & 1:
                result = pair if result is None else times(result, pair)
            exponent >>= 1
            if exponent:
                pair = times(pair, pair)
        return result if result is not None else (self.point.identity(shape[0]), None)

    def entry_power(self, pair: Pair, exponent: int) -> Pair:
        """An elementwise power by repeated multiplication."""
        value, tangent = pair
        slopes = [None] * len(value.entries()) if tangent is None else tangent.entries()
        entries = zip(value.entries(), slopes, strict=True)
        powers = [self.integer_power(entry, exponent, SCALAR) for entry in entries]
        raised = self.entrywise(value, [x for x, _ in powers])
        if tangent is None:
            return raised, None
        return raised, self.entrywise(value, [0 if t is None else t for _, t in powers])

    def entrywise(self, like: Any, entries: Sequence[Any]) -> Any:
        """A matrix of the shape of ``like``."""
        return self.point.matrix(like.nrows(), like.ncols(), entries)


def times(left: Pair, right: Pair) -> Pair:
    """The product of two dual numbers, scalars or matrices."""
    x, s = left
    y, t = right
    if s is None:
        return x * y, None if t is None else x * t
    return x * y, s * y if t is None else s * y + x * t


def plus(left: Pair, right: Pair) -> Pair:
    """The sum of two dual numbers."""
    x, s = left
    y, t = right
    return x + y, t if s is None else (s if t is None else s + t)


def reciprocal(pair: Pair) -> Pair:
    """The dual number ``c + dε`` that solves ``(a + bε)(c + dε) = 1``."""
    a, b = pair
    if not hasattr(a, "inv"):
        c = 1 / a
        return c, None if b is None else -(b * c) / a
    c = a.inv()
    return c, None if b is None else a.solve(-(b * c))


def linear(pair: Pair, change: Callable[[Any], Any]) -> Pair:
    """A linear map applied to both parts."""
    value, tangent = pair
    return change(value), None if tangent is None else change(tangent)
