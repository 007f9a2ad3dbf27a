"""Points of small integers, at which a reader can follow both sides of an equality."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from fractions import Fraction
from itertools import combinations, product
from random import Random
from typing import Any

from mdiff_pandoc.expr import Dim, Expr, Op, Range, Shape, walk
from mdiff_pandoc.verify.exact import DualPoint, rational_weights
from mdiff_pandoc.verify.point import Pair, Setting
from mdiff_pandoc.verify.precise import PrecisePoint
from mdiff_pandoc.verify.sample import TOTALS, RedrawError, Sizes

# names whose sizes are chosen one by one; others repeat them
CHOSEN = 5
_NUMERATORS: dict[str, tuple[int, ...]] = {
    "mixed": (-2, -1, -1, 0, 1, 1, 2, 3),
    "nonzero": (-3, -2, -1, 1, 2, 3),
    "positive": (1, 2, 3),
    "dominant": (-1, 0, 1, 2),
    "fractions": (-3, -2, -1, 1, 2, 3),
    "negative": (-3, -2, -1),
    "small": (-2, -1, 1, 2),
    "small positive": (1, 2),
    "slack": (10, 11, 12, 13, 14),
    "great slack": (100, 110, 120, 130, 140),
    "turned": (-2, -1, 1, 2, 3),
    "root": (-1, 0, 1, 1, 2),
}
_BELOW = {"fractions": 4, "small": 4, "small positive": 4}
# ways of drawing that are tried at sizes, one after the other
STYLES = ("mixed", "mixed", "nonzero", "positive", "dominant", "fractions")


class SmallPoint(DualPoint):
    """A point over the rational numbers whose values are small integers where they can be.

    ``style`` says how values are drawn, ``styles`` for which symbols otherwise.
    """

    ordered = True

    def __init__(
        self, setting: Setting, sizes: Sizes, number: int, style: str, styles: Mapping[Expr, str]
    ) -> None:
        from flint import fmpq, fmpq_mat

        super().__init__(setting, sizes, Random(number), number)
        self._element = fmpq
        self._matrix = fmpq_mat
        self._usual = self._style = style
        self._styles = styles
        self._left: list[int] = []

    def scalar(self, value: int | Fraction) -> Any:
        """See `Point`."""
        return self._element(value.numerator, value.denominator)

    def plain(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """See `DualPoint`."""
        return self._matrix(rows, columns, entries)

    def weights(self, degree: int) -> Sequence[Any]:
        """See `DualPoint`."""
        return [self.scalar(weight) for weight in rational_weights(degree)]

    def random(self) -> Any:
        """See `Point`."""
        # without repetition, so that the entries of a matrix can be told apart
        if not self._left:
            self._left = list(_NUMERATORS[self._style])
            self.rng.shuffle(self._left)
        return self._element(self._left.pop(), _BELOW.get(self._style, 1))

    def draw_element(self, node: Expr, assumed: Set[str]) -> Any:
        """See `Point`."""
        style = self._styles.get(node, self._usual)
        if not assumed.isdisjoint({"orthogonal", "unit"}):
            style = "turned"
        elif "positive definite" in assumed and "diagonal" not in assumed:
            style = "root"
        elif style == "mixed" and (node.is_scalar or not assumed.isdisjoint(_WITHOUT_ZERO)):
            style = "nonzero"
        self._style = style if style in _NUMERATORS else "mixed"
        self._left = []
        value = super().draw_element(node, assumed)
        rows, columns = self.shape(node.shape)
        if style == "dominant" and rows == columns > 1 and not assumed:
            value = value + self.identity(node.shape[0]) * (2 * rows)
        if "binary" in assumed:
            value = self._binary(rows, columns, assumed, scalar=node.is_scalar)
        if "invertible" in assumed and not node.is_scalar and value.det() == 0:
            raise RedrawError("a singular matrix", node)
        if style == "root" and rows > 1 and value[0, 1] == 0:
            raise RedrawError("a matrix like a diagonal one", node)
        return value

    def _binary(self, rows: int, columns: int, assumed: Set[str], *, scalar: bool) -> Any:
        """Entries 0 and 1; a single 1 in each column, or row, where these add up to 1."""
        if scalar:
            return self.scalar(self.rng.randrange(2))
        if assumed.isdisjoint(TOTALS):
            entries = [self.rng.randrange(2) for _ in range(rows * columns)]
            return self.matrix(rows, columns, entries)
        by_rows = "rows sum to one" in assumed
        size, count = (columns, rows) if by_rows else (rows, columns)
        places = [self.rng.randrange(size) for _ in range(count)]
        lines = [[int(place == chosen) for place in range(size)] for chosen in places]
        made = self.matrix(count, size, [entry for line in lines for entry in line])
        return made if by_rows else made.transpose()


_WITHOUT_ZERO = {"positive", "diagonal", "lower triangular", "upper triangular"}


class RealPoint(PrecisePoint):
    """The same values in high precision."""

    def __init__(self, source: SmallPoint) -> None:
        super().__init__(source.setting, source.sizes, source.rng, source.number)
        self._source = source
        self.env = source.env

    def test(self, name: Hashable, shape: Shape) -> Any:
        """See `Point`."""
        return self._real(self._source.test(name, shape))

    def _draw(self, node: Expr, key: object) -> Pair:
        value, direction = self._source.symbol(node)
        return self._real(value), None if direction is None else self._real(direction)

    def _exponent(self, node: Expr) -> int:
        return int(self._source.symbol(node)[0])

    def _real(self, value: Any) -> Any:
        return self._matrix(value) if hasattr(value, "entries") else self._element(value)


def small_sizes(names: Sequence[str]) -> Iterator[dict[str, int]]:
    """Sizes for dimension names, the clearest first: different ones, of 2 and 3, then smaller.

    At last come some larger ones.
    """
    chosen = names[:CHOSEN]

    def unclear(sizes: tuple[int, ...]) -> tuple[int, ...]:
        alike = sum(x == y for x, y in combinations(sizes, 2))
        ones = sizes.count(1)
        flat = [size == 1 for size in sizes]
        return int(ones == len(sizes)), alike, ones, sum(sizes), *flat, *sizes

    for sizes in sorted(product((1, 2, 3), repeat=len(chosen)), key=unclear):
        yield {name: sizes[k % len(chosen)] for k, name in enumerate(names)}
    if names:
        for number in range(4):
            larger = Sizes(number)
            yield {name: larger[name] for name in names}


def dimension_names(*exprs: Expr) -> list[str]:
    """The names of all dimensions, in the order in which they occur."""
    found: dict[str, None] = {}
    for expr in exprs:
        for node in walk(expr):
            dims: list[object] = [*node.shape, node.data]
            if isinstance(node.data, Range):
                dims.append(node.data.upper)
            elif node.op is Op.COMMUTATION and isinstance(node.data, tuple):
                dims += node.data
            for dim in dims:
                if isinstance(dim, Dim):
                    found |= dict.fromkeys(sorted(dim.names))
    return list(found)
