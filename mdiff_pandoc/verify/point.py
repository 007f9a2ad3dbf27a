"""Points: sizes for the dimensions and values for the symbols, drawn when first needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence, Set
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import SCALAR, Dim, Expr, Meta, Op, Shape, Symbol
from mdiff_pandoc.verify.sample import POOL, RedrawError, Sizes, draw_direction, draw_value, full

if TYPE_CHECKING:
    from mdiff_pandoc.verify.evaluate import Evaluator

Pair = tuple[Any, Any]


class Move(NamedTuple):
    """A direction: the variable that moves, a name for the direction, and a matrix of its shape.

    Without a ``base`` every symbol moves in the direction that it has at the point. The part of
    ``test`` that is tangent to what the base is assumed to be is the direction.
    """

    base: Expr | None = None
    place: Hashable = "d"
    test: Any = None


DIFFERENTIAL = Move()
LARGEST_EXPONENT = 5
# by symbol and point; neighbouring points get exponents of different parity
_EXPONENTS = ((3, 4, 2, 5), (2, 5, 4, 3), (5, 2, 3, 4), (4, 3, 5, 2))


class Setting(Struct):
    """What all points of a judge share.

    ``entries``: a derivative by a symmetric or skew matrix is one by its free entries; ``small``:
    all sizes are, because the work is large; ``moving``: the symbol nodes that have a direction;
    ``bases``: the symbols, names and functions that derivatives are taken by; ``metas``:
    metavariables occur, and each moves on its own; ``expectations``: there are some, which leave
    the ``bases`` as they are; ``exponents``: scalar symbols that stand in exponents and take
    integer values, ``matrix_exponents`` those of them whose base is a matrix; ``ties``: pairs of
    free indices that take equal values alone (True), or different ones.
    """

    variable: Expr | None = None
    entries: bool = False
    small: bool = False
    moving: set[Expr] = field(default_factory=set)
    bases: set[Expr] = field(default_factory=set)
    metas: bool = False
    expectations: bool = False
    exponents: set[Expr] = field(default_factory=set)
    matrix_exponents: set[Expr] = field(default_factory=set)
    ties: tuple[tuple[str, str, bool], ...] = ()
    _held: dict[Expr, dict[Expr, bool]] = field(default_factory=dict)

    def holds(self, part: Expr, node: Expr) -> bool:
        """Does ``part`` occur in ``node``, or another member of its family?"""
        if part.op is Op.SYMBOL:
            if part in node.symbols:
                return True
            assert isinstance(part.data, Symbol)
            return bool(part.data.indices) and any(relatives(x, part) for x in node.symbols)
        found = self._held.setdefault(part, {part: True})
        stack = [node]
        while stack:
            top = stack[-1]
            waiting = [arg for arg in top.args if arg not in found]
            if top not in found and waiting and part.symbols <= top.symbols:
                stack.extend(waiting)
                continue
            found.setdefault(top, any(found.get(arg, False) for arg in top.args))
            stack.pop()
        return found[node]


def relatives(node: Expr, variable: Expr) -> bool:
    """Are they one symbol, or members of one indexed family?"""
    if node is variable:
        return True
    one, other = node.data, variable.data
    return (
        isinstance(one, Symbol)
        and isinstance(other, Symbol)
        and bool(one.indices)
        and bool(other.indices)
        and (one.name, one.assumptions, node.shape)
        == (other.name, other.assumptions, variable.shape)
    )


class Point(ABC):
    """Sizes of the dimensions and values of the symbols at one random point.

    ``env`` holds the values of the indices. ``number`` tells points apart. A ``degenerate`` one is
    where a determinant was found to vanish, so that its sign and its factors do not show.
    """

    ordered = False
    root: Evaluator

    def __init__(self, setting: Setting, sizes: Sizes, rng: Random, number: int) -> None:
        self.setting = setting
        self.sizes = sizes
        self.rng = rng
        self.number = number
        self.degenerate = False
        self.reflected = number % 4 in (1, 2)
        # which member of its family the variable is; what is kept of this point depends on it
        free = () if setting.variable is None else setting.variable.free
        self.env: dict[str, int] = dict.fromkeys(free, 1 + number % min(POOL))
        self.values: dict[object, Pair] = {}
        self.functions: dict[object, Any] = {}
        self._tests: dict[object, Any] = {}
        self._dims: dict[Dim, int] = {}

    @abstractmethod
    def scalar(self, value: int | Fraction) -> Any:
        """A rational number as an element of the ring."""

    @abstractmethod
    def matrix(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """The matrix with these entries, row by row."""

    @abstractmethod
    def random(self) -> Any:
        """A random element of the ring."""

    def value(self, node: Expr) -> Any:
        """The value of an expression. Raises RedrawError, ZeroDivisionError, UnsupportedError."""
        return self.root.get(node)[0]

    @property
    def differential(self) -> Move:
        """The move of ``d(·)``."""
        variable = self.setting.variable
        if variable is None or variable.op is Op.SYMBOL:
            return DIFFERENTIAL
        return Move(variable, "d", self.test("d", variable.shape))

    def test(self, name: Hashable, shape: Shape) -> Any:
        """A random matrix or scalar of a shape, the same for the same name."""
        found = self._tests.get((name, shape))
        if found is None:
            found = self.random() if shape == SCALAR else full(self, *self.shape(shape))
            self._tests[name, shape] = found
        return found

    @property
    def integers(self) -> Set[Expr]:
        """The scalar symbols that take small positive integers as values."""
        return self.setting.exponents

    def dim(self, dim: Dim) -> int:
        """The size of a dimension at this point."""
        size = self._dims.get(dim)
        if size is None:
            size = self._dims[dim] = dim.at(self.sizes)
            if size < 1:
                raise RedrawError(f"the dimension {dim} is not positive")
        return size

    def shape(self, shape: Shape) -> tuple[int, int]:
        """The sizes of a shape at this point."""
        return self.dim(shape[0]), self.dim(shape[1])

    def index(self, index: object) -> int:
        """The value of an index."""
        value = self.env.get(index) if isinstance(index, str) else index
        if not isinstance(value, int):
            raise UnsupportedError(f"the index {index} has no value")
        return value

    def within(self, index: int, upper: int) -> None:
        """Raise RedrawError when there is no such row or column."""
        if not 1 <= index <= upper:
            raise RedrawError(f"the index {index} is outside 1…{upper}")

    def random_for(self, node: Expr) -> Any:
        """A random element, as the symbol or unspecified function needs it."""
        return self.random()

    def filled(self, shape: Shape, value: int) -> Any:
        """A matrix of equal entries."""
        if shape == SCALAR:
            return self.scalar(value)
        rows, columns = self.shape(shape)
        return self.matrix(rows, columns, [value] * (rows * columns))

    def identity(self, dim: Dim) -> Any:
        """The identity matrix."""
        if dim == SCALAR[0]:
            return self.scalar(1)
        size = self.dim(dim)
        return self.matrix(size, size, [int(k % (size + 1) == 0) for k in range(size * size)])

    def symbol(self, node: Expr) -> Pair:
        """Value and direction of a symbol or metavariable; the direction may be None."""
        key = self.key(node)
        pair = self.values.get(key)
        if pair is None:
            pair = self.values[key] = self._draw(node, key)
        return pair

    def integer(self, exponent: Expr) -> int | None:
        """The value of an exponent made of integers, dimensions and integer symbols."""
        value = self._rational(exponent)
        return value.numerator if value is not None and value.denominator == 1 else None

    def draw_element(self, node: Expr, assumed: Set[str]) -> Any:
        """A random value for a scalar or matrix symbol."""
        if node.is_scalar:
            value = self.random()
            return abs(value) if self.ordered and "positive" in assumed else value
        rows, columns = self.shape(node.shape)
        return draw_value(self, rows, columns, assumed)

    def draw_step(self, node: Expr, value: Any, assumed: Set[str]) -> Any:
        """A random direction; None for a constant."""
        if "constant" in assumed:
            return None
        if node.is_scalar:
            return self.random()
        rows, columns = self.shape(node.shape)
        return draw_direction(self, value, rows, columns, assumed)

    def _rational(self, node: Expr) -> Fraction | None:
        data = node.data
        if isinstance(data, Fraction) and node.op is Op.NUMBER:
            return data
        if isinstance(data, Dim):
            return Fraction(self.dim(data))
        if isinstance(data, Symbol):
            return Fraction(self._exponent(node)) if node in self.integers else None
        if node.op not in (Op.SUM, Op.MUL):
            return None
        total = Fraction(int(node.op is Op.MUL))
        for arg in node.args:
            part = self._rational(arg)
            if part is None:
                return None
            total = total * part if node.op is Op.MUL else total + part
        return total

    def _exponent(self, node: Expr) -> int:
        """The value of an integer symbol: different ones for different symbols and points."""
        order = sorted(repr(symbol) for symbol in self.integers)
        values = _EXPONENTS[order.index(repr(node)) % len(_EXPONENTS)]
        return values[self.number % len(values)]

    def key(self, node: Expr) -> object:
        """What tells the node from others at the present values of the indices."""
        data = node.data
        if isinstance(data, Symbol) and data.indices:
            own = tuple(self.index(index) for index in data.indices)
            return data.name, node.shape, data.assumptions, own
        if node.free and not isinstance(data, Symbol):
            return (node, *[self.env.get(index) for index in sorted(node.free)])
        return node

    def _draw(self, node: Expr, key: object) -> Pair:
        data = node.data
        assert isinstance(data, Symbol | Meta)
        assumed = data.assumptions if isinstance(data, Symbol) else data.requires
        exponent = self._rational(node)
        value = self.draw_element(node, assumed) if exponent is None else self.scalar(exponent)
        variable = self.setting.variable
        if variable is None:
            moves = node.op is Op.META or node in self.setting.moving
        else:
            moves = node.op is Op.META or key == self.key(variable)
        if moves:
            return value, self.draw_step(node, value, assumed)
        return value, None
