"""Exact evaluation: values and directional derivatives over fields of p elements, p near 2⁶¹.

Derivatives are the ε-parts of dual numbers; those of derivatives, of dual numbers over dual
numbers. A determinant of dual numbers is a polynomial in ε, so its ε-part is found from its values
at 0, …, n by interpolation.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import comb
from random import Random
from typing import Any

from mdiff_pandoc.expr import ONE, SCALAR, Expr, Op
from mdiff_pandoc.verify.arithmetic import linear, times
from mdiff_pandoc.verify.evaluate import Evaluator, Values
from mdiff_pandoc.verify.handlers import HANDLERS, trace_of
from mdiff_pandoc.verify.jets import JetMatrix, jet, jet_matrix, level_of, split
from mdiff_pandoc.verify.point import DIFFERENTIAL, Move, Pair, Point, Setting
from mdiff_pandoc.verify.sample import Sizes

# of no special form, and different at neighbouring points: no number is taken for another
PRIMES = (2228670085773948787, 1868220624504847153)
# a random element takes each value with probability at most 2/2⁶¹
SPREAD = 2.0**-60


class DualPoint(Point):
    """A point over a field, where derivatives are taken with dual numbers."""

    def __init__(self, setting: Setting, sizes: Sizes, rng: Random, number: int) -> None:
        super().__init__(setting, sizes, rng, number)
        self.root = _Exact(self)

    @abstractmethod
    def plain(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """The matrix of elements of the field. Raises TypeError for dual numbers."""

    @abstractmethod
    def weights(self, degree: int) -> Sequence[Any]:
        """Weights w with ``q'(0) = Σ w_k q(k)`` for polynomials q of a degree."""

    def matrix(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """See `Point`."""
        try:
            return self.plain(rows, columns, entries)
        except TypeError:
            return jet_matrix(self.matrix, rows, columns, entries)


class ExactPoint(DualPoint):
    """A point over GF(p)."""

    def __init__(self, setting: Setting, sizes: Sizes, rng: Random, number: int) -> None:
        from flint import nmod, nmod_mat

        super().__init__(setting, sizes, rng, number)
        self.prime = PRIMES[number % 2]
        self._element = nmod
        self._matrix = nmod_mat

    def scalar(self, value: int | Fraction) -> Any:
        """See `Point`."""
        element = self._element(value.numerator, self.prime)
        return element if value.denominator == 1 else element / value.denominator

    def plain(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """See `DualPoint`."""
        return self._matrix(rows, columns, entries, self.prime)

    def weights(self, degree: int) -> Sequence[Any]:
        """See `DualPoint`."""
        return slope_weights(degree, self.prime)

    def random(self) -> Any:
        """See `Point`."""
        return self._element(self.rng.getrandbits(61), self.prime)


class _Exact(Evaluator):
    """``level`` tells how many nilpotents its values hold, its own among them."""

    point: DualPoint
    handlers = HANDLERS

    def __init__(
        self, point: DualPoint, constants: Values | None = None, move: Move = DIFFERENTIAL
    ) -> None:
        super().__init__(point, constants, move)
        self.level = 0
        self._moves: dict[object, _Exact] = {}
        self._lifted: _Lifted | None = None

    def moved(self, value: Any, direction: Any) -> Pair:
        return value, direction

    def slope(self, move: Move, body: Callable[[Evaluator], Pair]) -> Pair:
        key = (move.base and self.point.key(move.base), move.place)
        ahead = self._moves.get(key)
        if ahead is None:
            if self.level and self._lifted is None:
                self._lifted = _Lifted(self)
            ahead = _Exact(self.point, self._lifted or self, move)
            ahead.level = self.level + 1
            self._moves[key] = ahead
        value, slope = body(ahead)
        slope = value * 0 if slope is None else slope
        return split(slope, self.level) if self.level else (slope, None)

    def raised(self, node: Expr) -> Pair:
        base = node.args[0]
        if base.op is not Op.NORM:
            return super().raised(node)
        order = norm_order(base)
        total = self.power_sum(self.get(base.args[0]), order)
        return self.integer_power(total, self.exponent(node) // order, node.shape)

    def power_sum(self, pair: Pair, order: int) -> Pair:
        """The sum of the entries, each to an even power."""
        if not hasattr(pair[0], "entries"):
            return self.integer_power(pair, order, SCALAR)
        if order == 2:
            return linear(times(linear(pair, _flip), pair), trace_of)
        return linear(self.entry_power(pair, order), _total)

    def determinant(self, matrix: Any, tangent: Any) -> Pair:
        value = self._det(matrix)
        if not isinstance(matrix, JetMatrix) and value == 0:
            self.point.degenerate = True
        return value, None if tangent is None else self._det_slope(value, matrix, tangent)

    def _det(self, matrix: Any) -> Any:
        if not isinstance(matrix, JetMatrix):
            return matrix.det()
        value = self._det(matrix.value)
        slope = self._det_slope(value, matrix.value, matrix.slope)
        return jet(level_of(matrix), value, slope)

    def _det_slope(self, value: Any, matrix: Any, tangent: Any) -> Any:
        slope = value * 0
        for weight in self.point.weights(matrix.nrows()):
            slope = slope + self._det(matrix) * weight
            matrix = matrix + tangent
        return slope


def _flip(matrix: Any) -> Any:
    return matrix.transpose()


def _total(matrix: Any) -> Any:
    entries = matrix.entries()
    return sum(entries[1:], entries[0])


class _Lifted:
    """The values of an evaluator of dual numbers, each as one element."""

    def __init__(self, dual: _Exact) -> None:
        self.dual = dual
        self.independent = dual.independent

    def get(self, node: Expr) -> Pair:
        """The value of a node."""
        return jet(self.dual.level, *self.dual.get(node)), None


@cache
def slope_weights(degree: int, prime: int) -> tuple[int, ...]:
    """`rational_weights` modulo ``prime``."""
    weights = rational_weights(degree)
    return tuple(w.numerator * pow(w.denominator, -1, prime) % prime for w in weights)


def rational_weights(degree: int) -> tuple[Fraction, ...]:
    """Weights w with ``q'(0) = Σ w_k q(k)`` over k = 0…degree, for polynomials q."""
    ahead = [Fraction((-1) ** (k + 1) * comb(degree, k), k) for k in range(1, degree + 1)]
    return -sum(ahead, Fraction(0)), *ahead


def norm_order(norm: Expr) -> int:
    """The p of a norm; 2 for the Frobenius and the Euclidean one, 0 when it is no even integer."""
    kind = norm.data
    if kind == "inf" or spectral(norm):
        return 0
    if not isinstance(kind, Fraction):
        return 2
    return 0 if kind.denominator != 1 or kind.numerator % 2 else kind.numerator


def spectral(norm: Expr) -> bool:
    """Is it made of singular values: the nuclear norm, or the spectral norm of a matrix?"""
    return norm.data == "*" or (norm.data == "2" and ONE not in norm.args[0].shape)


def rational_norm(power: Expr) -> bool:
    """Is this power of a norm a polynomial in the entries: ``norm(x)^4``, but not ``norm(x)``?"""
    order, exponent = norm_order(power.args[0]), power.args[1].data
    return (
        order > 0
        and isinstance(exponent, Fraction)
        and exponent.denominator == 1
        and exponent.numerator % order == 0
    )
