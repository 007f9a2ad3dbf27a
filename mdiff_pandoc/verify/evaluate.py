"""Values of expressions at a point, over any commutative ring.

A value is a pair ``(a, b)`` standing for the dual number ``a + b ε`` with ``ε² = 0``; ``b`` is None
where it is zero. Scalars are ring elements, everything else is a matrix of python-flint, whose
`nmod_mat` and `arb_mat` have one interface. Nothing here knows a derivative of a matrix function: a
product is a product of dual numbers, an inverse is what solves ``(a + bε)(c + dε) = 1``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import SCALAR, Expr, Op, Shape
from mdiff_pandoc.verify.arithmetic import reciprocal, times
from mdiff_pandoc.verify.moves import tangent
from mdiff_pandoc.verify.point import DIFFERENTIAL, Move, Pair, Point
from mdiff_pandoc.verify.unspecified import applied

# size of an expression that can be evaluated by recursion, whatever its depth
SHALLOW = 100
# their arguments are evaluated at other places
_APART = frozenset({Op.DIFF, Op.DERIVATIVE, Op.EXPECTATION, Op.INDEX_SUM})

Handler = Callable[[Any, Expr], Pair]


class Values(Protocol):
    """What an evaluator for a move takes the values from that do not move."""

    independent: frozenset[object]

    def get(self, node: Expr) -> Pair:
        """The value of a node, as a pair without a tangent."""


class Evaluator(ABC):
    """Memoised evaluation at one point, or at a point that moves.

    ``constants`` evaluates what does not move; it is None in the evaluator that takes everything
    at its value alone. An evaluator for a move has its ``base``, the node that moves, or None
    where every symbol moves in its direction at the point.
    """

    handlers: ClassVar[dict[Op, Handler]] = {}

    def __init__(
        self, point: Point, constants: Values | None = None, move: Move = DIFFERENTIAL
    ) -> None:
        self.point = point
        self.constants = constants
        self.memo: dict[object, Pair] = {}
        self.base = move.base
        # the names and functions that move as variables of their own, here or further out
        self.independent: frozenset[object] = frozenset()
        self.direction: Any = None
        if constants is not None:
            self.independent = constants.independent
            if move.base is not None:
                self.key = point.key(move.base)
                value = constants.get(move.base)[0]
                self.direction = tangent(point, move, value)
                if move.base.op is not Op.SYMBOL:
                    self.independent |= {self.key}

    @abstractmethod
    def slope(self, move: Move, body: Callable[[Evaluator], Pair]) -> Pair:
        """The derivative of ``body`` along a move, by its definition."""

    @abstractmethod
    def moved(self, value: Any, direction: Any) -> Pair:
        """A value that moves in a direction."""

    def get(self, node: Expr) -> Pair:
        """The value of a node, as a pair."""
        key: object = node
        if node.free:
            env = self.point.env
            key = (node, *[env.get(index) for index in sorted(node.free)])
        found = self.memo.get(key)
        if found is None:
            if node.size > SHALLOW:
                self._prepare(node)
            found = self.memo[key] = self._evaluated(node)
        return found

    def _evaluated(self, node: Expr) -> Pair:
        if self.constants is not None and not self.varies(node):
            return self.constants.get(node)[0], None
        return self.handlers[node.op](self, node)

    def _prepare(self, root: Expr) -> None:
        """Evaluate what stands in an expression from the bottom up, however deep it is."""
        memo, stack, seen = self.memo, [root], {root}
        while stack:
            node = stack[-1]
            still = self.constants is not None and not self.varies(node)
            if not still and node.op not in _APART:
                waiting = [arg for arg in node.args if arg not in seen and arg not in memo]
                waiting = [arg for arg in waiting if not arg.free]
                if waiting:
                    seen.update(waiting)
                    stack.extend(waiting)
                    continue
            stack.pop()
            if node is not root and node not in memo and node.op in self.handlers:
                memo[node] = self._evaluated(node)

    def varies(self, node: Expr) -> bool:
        """Can the value of a node change in the move of this evaluator?"""
        setting = self.point.setting
        if self.base is not None:
            return setting.holds(self.base, node)
        return setting.metas or not node.symbols.isdisjoint(setting.moving)

    def leaf(self, node: Expr) -> Pair:
        """A symbol, a metavariable, a name or an unspecified function."""
        if self.constants is None:
            return self._unmoved(node)
        if self.base is None:
            if node.op in (Op.SYMBOL, Op.META):
                value, direction = self.constants.get(node)[0], self.point.symbol(node)[1]
                return (value, None) if direction is None else self.moved(value, direction)
        elif node.op is self.base.op and self.point.key(node) == self.key:
            return self.moved(self.constants.get(node)[0], self.direction)
        if node.op in (Op.SYMBOL, Op.META) or self.point.key(node) in self.independent:
            return self.constants.get(node)[0], None
        return self._unmoved(node)

    def _unmoved(self, node: Expr) -> Pair:
        if node.op is Op.NAMED:
            return self.get(node.args[0])
        if node.op is Op.APPLY:
            return applied(self, node)
        return self.point.symbol(node)[0], None

    def differential(self, node: Expr) -> Pair:
        """The value of ``d(·)``, along the direction of the variable."""
        body = node.args[0]
        return self.slope(self.point.differential, lambda ev: ev.get(body))

    @abstractmethod
    def determinant(self, matrix: Any, tangent: Any) -> Pair:
        """The determinant of a matrix of dual numbers."""

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
        value, slope = pair
        slopes = [None] * len(value.entries()) if slope is None else slope.entries()
        entries = zip(value.entries(), slopes, strict=True)
        powers = [self.integer_power(entry, exponent, SCALAR) for entry in entries]
        raised = self.entrywise(value, [x for x, _ in powers])
        if slope is None:
            return raised, None
        return raised, self.entrywise(value, [0 if t is None else t for _, t in powers])

    def entrywise(self, like: Any, entries: Sequence[Any]) -> Any:
        """A matrix of the shape of ``like``."""
        return self.point.matrix(like.nrows(), like.ncols(), entries)
