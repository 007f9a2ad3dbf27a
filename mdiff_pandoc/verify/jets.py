"""Dual numbers as elements of a ring, so that dual numbers can be taken over them in turn.

``Jet(k, a, b)`` stands for ``a + b ε_k`` with ``ε_k² = 0``; a and b may hold ε's of lower numbers.
The numbers keep the nilpotents of nested derivatives apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def jet(level: int, value: Any, slope: Any) -> Any:
    """The dual number of a value and its slope; the value alone where the slope is None."""
    if slope is None:
        return value
    return (JetMatrix if hasattr(value, "entries") else Jet)(level, value, slope)


def split(number: Any, level: int) -> tuple[Any, Any]:
    """The two parts of a dual number by one nilpotent; the second is None if it has none."""
    return (number.value, number.slope) if level_of(number) == level else (number, None)


def level_of(number: Any) -> int:
    """The number of the outermost nilpotent, 0 where there is none."""
    return number.level if isinstance(number, Jet) else 0


def jet_matrix(
    build: Callable[[int, int, Sequence[Any]], Any], rows: int, columns: int, entries: Sequence[Any]
) -> Any:
    """A matrix from entries of which some are dual numbers."""
    level = max(map(level_of, entries), default=0)
    if level == 0:
        raise TypeError("a matrix of entries that are no numbers")
    parts = [split(entry, level) for entry in entries]
    value = build(rows, columns, [x for x, _ in parts])
    return JetMatrix(level, value, build(rows, columns, [0 if s is None else s for _, s in parts]))


class Jet:
    """A dual number whose parts are scalars."""

    __slots__ = ("level", "slope", "value")

    def __init__(self, level: int, value: Any, slope: Any) -> None:
        self.level = level
        self.value = value
        self.slope = slope

    def _with(self, other: Any) -> tuple[int, Any, Any, Any, Any]:
        """Both numbers by the higher of their nilpotents."""
        level = max(self.level, level_of(other))
        return level, *split(self, level), *split(other, level)

    def __add__(self, other: Any) -> Any:
        level, x, s, y, t = self._with(other)
        return jet(level, x + y, t if s is None else (s if t is None else s + t))

    __radd__ = __add__

    def __neg__(self) -> Any:
        return jet(self.level, -self.value, -self.slope)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        level, x, s, y, t = self._with(other)
        return jet(level, x * y, _sum(None if s is None else s * y, None if t is None else x * t))

    def __rmul__(self, other: Any) -> Any:
        # a product of matrices keeps its order
        return jet(self.level, other * self.value, other * self.slope)

    def __truediv__(self, other: Any) -> Any:
        level, x, s, y, t = self._with(other)
        quotient = x / y
        rest = _sum(s, None if t is None else -(quotient * t))
        return jet(level, quotient, rest / y)

    def __rtruediv__(self, other: Any) -> Any:
        quotient = other / self.value
        return jet(self.level, quotient, -(quotient * self.slope) / self.value)


class JetMatrix(Jet):
    """A dual number whose parts are matrices, with the interface of python-flint's."""

    __slots__ = ()

    def nrows(self) -> int:
        """The number of rows."""
        return int(self.value.nrows())

    def ncols(self) -> int:
        """The number of columns."""
        return int(self.value.ncols())

    def entries(self) -> list[Any]:
        """The entries, row by row."""
        pairs = zip(self.value.entries(), self.slope.entries(), strict=True)
        return [Jet(self.level, x, s) for x, s in pairs]

    def tolist(self) -> list[list[Any]]:
        """The rows of entries."""
        flat, width = self.entries(), self.ncols()
        return [flat[start : start + width] for start in range(0, len(flat), width)]

    def __getitem__(self, place: tuple[int, int]) -> Any:
        return Jet(self.level, self.value[place], self.slope[place])

    def transpose(self) -> Any:
        """The transpose."""
        return jet(self.level, self.value.transpose(), self.slope.transpose())

    def inv(self) -> Any:
        """The dual number C that solves ``A C = 1``."""
        inverse = self.value.inv()
        return jet(self.level, inverse, -(inverse * self.slope * inverse))


def _sum(left: Any, right: Any) -> Any:
    return left if right is None else (right if left is None else left + right)
