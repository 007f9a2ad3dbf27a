"""Points: sizes for the dimensions and values for the symbols, drawn when first needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import SCALAR, Dim, Expr, Meta, Op, Shape, Symbol
from mdiff_pandoc.verify.sample import RedrawError, Sizes, draw_direction, draw_value

Pair = tuple[Any, Any]

LARGEST_EXPONENT = 5
# by symbol and point; neighbouring points get exponents of different parity
_EXPONENTS = ((3, 4, 2, 5), (2, 5, 4, 3), (5, 2, 3, 4), (4, 3, 5, 2))


@dataclass(slots=True)
class Setting:
    """What all points of a judge share.

    ``moving``: the symbol nodes that have a direction; ``metas``: metavariables occur, and each
    moves on its own; ``exponents``: scalar symbols that stand in exponents and take integer
    values, ``matrix_exponents`` those of them whose base is a matrix.
    """

    variable: Expr | None = None
    moving: set[Expr] = field(default_factory=set)
    metas: bool = False
    exponents: set[Expr] = field(default_factory=set)
    matrix_exponents: set[Expr] = field(default_factory=set)


class Point(ABC):
    """Sizes of the dimensions and values of the symbols at one random point.

    ``env`` holds the values of the indices. ``number`` tells points apart.
    """

    ordered = False

    def __init__(self, setting: Setting, sizes: Sizes, rng: Random, number: int) -> None:
        self.setting = setting
        self.sizes = sizes
        self.rng = rng
        self.number = number
        self.reflected = number % 4 in (1, 2)
        self.env: dict[str, int] = {}
        self.values: dict[object, Pair] = {}
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

    @abstractmethod
    def value(self, node: Expr) -> Any:
        """The value of an expression. Raises RedrawError, ZeroDivisionError, UnsupportedError."""

    @abstractmethod
    def again(self) -> Point:
        """A point of the same kind and sizes, without values."""

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
        key = self._key(node)
        pair = self.values.get(key)
        if pair is None:
            pair = self.values[key] = self._draw(node, key)
        return pair

    def redirected(self, direction: Any) -> Point:
        """This point with another direction of the variable."""
        assert self.setting.variable is not None
        point = self.again()
        value = self.symbol(self.setting.variable)[0]
        key = self._key(self.setting.variable)
        point.values = {**self.values, key: (value, direction)}
        point.env = self.env
        return point

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

    def _key(self, node: Expr) -> object:
        data = node.data
        if isinstance(data, Symbol) and data.indices:
            own = tuple(self.index(index) for index in data.indices)
            return data.name, node.shape, data.assumptions, own
        return node

    def _draw(self, node: Expr, key: object) -> Pair:
        data = node.data
        assert isinstance(data, Symbol | Meta)
        assumed = data.assumptions if isinstance(data, Symbol) else data.requires
        exponent = self._rational(node)
        value = self.draw_element(node, assumed) if exponent is None else self.scalar(exponent)
        variable = self.setting.variable
        if node.op is Op.META or (variable is not None and key == self._key(variable)):
            return value, self.draw_step(node, value, assumed)
        return value, None
