"""Comparisons of two sides at one point, and what to say when they differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Any

from msgspec import Struct

from mdiff_pandoc.expr import UNRESTRICTING, Expr, Op, Symbol, walk
from mdiff_pandoc.verify.exact import ExactPoint
from mdiff_pandoc.verify.moves import pairing, probe, product_sum
from mdiff_pandoc.verify.point import Point
from mdiff_pandoc.verify.precise import PrecisePoint
from mdiff_pandoc.verify.sample import POOL, RedrawError, projected

# relative difference that counts as equal, and below which too few digits remain
TOLERANCE = 1e-60
CERTAIN = 1e-25
# stands for what is smaller than a float can be
LEAST = 1e-300
# truncation of a difference quotient, in radii of its rounding error
TRUNCATION = 2**80
# values of the free indices that are tried
CASES = 1024


class Mismatch(Struct, frozen=True):
    """Two unequal values: where, and how they read; ``certain`` unless digits were lost."""

    sizes: dict[str, int]
    sides: tuple[str, str]
    place: str
    values: tuple[str, str]
    drawn: str = ""
    certain: bool = True
    relative: float = 1.0

    def text(self) -> str:
        """One sentence."""
        given = [f"{name} = {size}" for name, size in sorted(self.sizes.items())]
        given += [self.drawn] if self.drawn else []
        before = f"with {', '.join(given)}: " if given else ""
        place = f"{self.place} of " if self.place else ""
        (one, other), (a, b) = self.sides, self.values
        return f"{before}{place}{one} is {a}, but {place}{other} is {b}"


class LostError(Exception):
    """Rounding errors are as large as all values that are compared."""


class Comparison(ABC):
    """A statement that can be tested at a point.

    ``claimed`` are the two sides that it is about, and ``called`` what they are called.
    """

    called = "the two sides"

    def __init__(self, left: Expr, right: Expr) -> None:
        self.claimed = left, right

    @abstractmethod
    def exactly(self, point: ExactPoint) -> Mismatch | None:
        """Test over GF(p). Raises RedrawError, ZeroDivisionError, UnsupportedError."""

    @abstractmethod
    def precisely(self, point: PrecisePoint) -> Mismatch | float:
        """Test over the reals; the largest relative difference if it holds."""


class Equality(Comparison):
    """``left = right``, for all values of the free indices."""

    sides = ("the left side", "the right side")

    def __init__(self, left: Expr, right: Expr) -> None:
        super().__init__(left, right)
        self.left = left
        self.right = right

    def exactly(self, point: ExactPoint) -> Mismatch | None:
        """See `Comparison`."""
        for _ in assignments(point, self.left, self.right):
            left, right = self._values(point)
            if left != right:
                return _exact_mismatch(point, self.sides, left, right)
        return None

    def precisely(self, point: PrecisePoint) -> Mismatch | float:
        """See `Comparison`."""
        largest = 0.0
        for _ in assignments(point, self.left, self.right):
            outcome = _compare(point, self.sides, *self._values(point))
            if isinstance(outcome, Mismatch):
                return outcome
            largest = max(largest, outcome)
        return largest

    def _values(self, point: Point) -> tuple[Any, Any]:
        return point.value(self.left), point.value(self.right)


class Probed(Equality):
    """``⟨left, T⟩ = ⟨right, T⟩`` for a random T, where the left side is a derivative."""

    sides = ("the derivative times a random matrix", "the formula times it")
    called = "the derivative and the formula"

    def _values(self, point: Point) -> tuple[Any, Any]:
        test = probe(point, self.left)
        left = pairing(point.root, self.left, test)[0]
        return left, product_sum(point.value(self.right), test.dense)


class Gradient(Equality):
    """``⟨gradient, V⟩ = df(V)``, where the gradient has the pattern of the variable."""

    sides = ("the formula along a random direction", "the derivative along it")
    called = "the derivative and the formula"

    def __init__(self, inner: Expr, slope: Expr, asked: Expr, gradient: Expr, base: Expr) -> None:
        super().__init__(inner, slope)
        self.claimed = asked, gradient
        self.gradient = gradient
        self.variable = asked.args[1]
        self.base = base
        assert isinstance(base.data, Symbol)
        self.assumed = base.data.assumptions
        if self.assumed - UNRESTRICTING:
            self.called = "the derivative with the pattern of the variable and the formula"

    def exactly(self, point: ExactPoint) -> Mismatch | None:
        """See `Comparison`."""
        mismatch = super().exactly(point)
        if mismatch is not None:
            return mismatch
        if self.gradient.is_scalar or self.gradient.free:
            return None
        value, wanted = self._pattern(point)
        if value != wanted:
            return _exact_mismatch(point, self._pattern_sides(), value, wanted)
        return None

    def precisely(self, point: PrecisePoint) -> Mismatch | float:
        """See `Comparison`."""
        outcome = super().precisely(point)
        if isinstance(outcome, Mismatch):
            return outcome
        if self.gradient.is_scalar or self.gradient.free:
            return outcome
        value, wanted = self._pattern(point)
        pattern = _compare(point, self._pattern_sides(), value, wanted)
        return pattern if isinstance(pattern, Mismatch) else max(pattern, outcome)

    def _pattern(self, point: Point) -> tuple[Any, Any]:
        value = point.value(self.gradient)
        node = self.variable
        while node is not self.base:
            node = node.args[0]
            if node.is_scalar:
                break
            if value.ncols() == 1:
                rows, columns = point.shape(node.shape)
                value = point.matrix(columns, rows, value.entries()).transpose()
            else:
                value = value.transpose()
        return value, projected(point, value, self.assumed, point.value(self.base))

    def _pattern_sides(self) -> tuple[str, str]:
        return "the gradient", "its part with the pattern of the variable"


def assignments(point: Point, left: Expr, right: Expr) -> Iterator[None]:
    """Set the free indices to every value in turn, or to some if that is too many.

    Raises RedrawError where the ties between them leave none.
    """
    names = sorted((left.free | right.free) - point.env.keys())
    if not names:
        yield
        return
    upper = dict.fromkeys(names, min(POOL))
    found: dict[str, int] = {}
    for side in (left, right):
        for node in walk(side):
            for index, size in _ranges(point, node):
                if index in upper:
                    found[index] = min(size, found.get(index, size))
    uppers = [(upper | found)[name] for name in names]
    choices: Iterable[tuple[int, ...]] = product(*(range(1, top + 1) for top in uppers))
    if prod(uppers) > CASES:
        choices = [tuple(point.rng.randint(1, top) for top in uppers) for _ in range(CASES)]
    ties = [tie for tie in point.setting.ties if tie[0] in names and tie[1] in names]
    met = False
    try:
        for values in choices:
            chosen = dict(zip(names, values, strict=True))
            if all((chosen[one] == chosen[other]) == equal for one, other, equal in ties):
                met = True
                point.env.update(chosen)
                yield
        if not met:
            raise RedrawError("no values of the indices were found")
    finally:
        for name in names:
            point.env.pop(name, None)


def _ranges(point: Point, node: Expr) -> Iterator[tuple[str, int]]:
    if node.op is Op.ENTRY and isinstance(node.data, tuple):
        for index, dim in zip(node.data, node.args[0].shape, strict=True):
            yield index, point.dim(dim)
    elif node.op is Op.ROW:
        yield str(node.data), point.dim(node.args[0].shape[0])
    elif node.op is Op.COLUMN:
        yield str(node.data), point.dim(node.args[0].shape[1])
    elif node.op in (Op.EIGENVALUE, Op.EIGENVECTOR):
        yield str(node.data), point.dim(node.args[0].shape[0])
    elif node.op is Op.BASIS:
        yield str(node.data), point.dim(node.shape[0])


def _entries(value: Any) -> list[Any]:
    return value.entries() if hasattr(value, "entries") else [value]


def _place(value: Any, position: int) -> str:
    if not hasattr(value, "entries"):
        return ""
    row, column = divmod(position, value.ncols())
    return f"entry ({row + 1}, {column + 1})"


def _exact_mismatch(point: ExactPoint, sides: tuple[str, str], left: Any, right: Any) -> Mismatch:
    pairs = enumerate(zip(_entries(left), _entries(right), strict=True))
    position, (a, b) = next((k, pair) for k, pair in pairs if pair[0] != pair[1])
    values, drawn = (f"{int(a)}", f"{int(b)}"), f"values modulo {point.prime}"
    return Mismatch(point.sizes | point.env, sides, _place(left, position), values, drawn)


def _compare(
    point: PrecisePoint, sides: tuple[str, str], left: Any, right: Any
) -> Mismatch | float:
    largest, told = 0.0, False
    for position, (a, b) in enumerate(zip(_entries(left), _entries(right), strict=True)):
        relative = _difference(a, b)
        if _is_nothing(point, a) and _is_nothing(point, b):
            told = True
            continue
        if relative > TOLERANCE:
            return _unequal(point, sides, _place(left, position), a, b)
        largest = max(largest, relative)
        told = told or relative > 0 or bool(a == b) or bool(a == 0) or bool(b == 0)
    if not told:
        raise LostError
    return largest


def _difference(a: Any, b: Any) -> float:
    """An upper bound of the relative difference; 0 for a mere rest of cancellation.

    The radius of the difference is as small as the terms that it was made of are large.
    """
    gap = a - b
    if not gap.is_finite():
        raise RedrawError("no point with finite values was found")
    upper = gap.abs_upper()
    if upper == 0:
        return 0.0
    size = (abs(a) + abs(b)).abs_upper()
    relative = max(float(upper / size), LEAST)
    return 0.0 if relative > TOLERANCE and upper <= gap.rad() * TRUNCATION else relative


def _unequal(point: PrecisePoint, sides: tuple[str, str], place: str, a: Any, b: Any) -> Mismatch:
    gap, size = (a - b).abs_lower(), (abs(a) + abs(b)).abs_upper()
    values = f"{float(a):.6g}", f"{float(b):.6g}"
    certain = bool(gap > CERTAIN * size) and not _is_tiny(point, a - b)
    return Mismatch(
        point.sizes | point.env, sides, place, values, "", certain, float(abs(a - b) / size)
    )


def _is_tiny(point: PrecisePoint, value: Any) -> bool:
    """Is it as small as the error of a difference quotient?"""
    return bool(value.abs_upper() <= point.truncation)


def _is_nothing(point: PrecisePoint, value: Any) -> bool:
    """Is it 0, or what the errors leave of 0 at the finest step? A small value has more digits."""
    if value == 0:
        return True
    from flint import ctx

    return point.finest and _is_tiny(point, value) and value.rel_accuracy_bits() < ctx.prec // 2
