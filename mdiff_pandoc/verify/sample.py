"""Random values that keep what a symbol is assumed to be, and directions tangent to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from fractions import Fraction
from random import Random
from typing import Any, Protocol

# sizes for dimension names; those beyond the first few are used only where there are many names
FEW = 4
POOL = (3, 2, 4, 5, 7, 6)
SMALL = (2, 3)
# no sign that odd sizes change, and no sum or product of two sizes, is the same in all orders
_ORDERS = (POOL, (2, 5, 3, 4, 6, 7), (5, 3, 2, 4, 7, 6), (4, 3, 2, 5, 6, 7))


class RedrawError(Exception):
    """This point does not serve: a singular matrix, a value outside a domain, an unfit shape.

    ``node`` is the expression whose value is at fault, where that is known.
    """

    def __init__(self, reason: str, node: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node


class Source(Protocol):
    """A ring with random elements.

    ``ordered`` says whether it knows positive numbers; ``reflected`` chooses between the two
    components of the orthogonal group.
    """

    ordered: bool
    reflected: bool

    def random(self) -> Any:
        """A random element."""

    def scalar(self, value: int | Fraction) -> Any:
        """A rational number as an element."""

    def matrix(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """The matrix with these entries, row by row."""


class Sizes(dict[str, int]):
    """Sizes of dimension names, given out in the order of asking, different while that lasts.

    Without ``rng`` the order is fixed; the first two points see one tall and one wide matrix, the
    first four all combinations of even and odd. Where all sizes are ``small``, any two of up to
    fifteen names differ at one of the first four points, and the other way round at one of the
    next.
    """

    def __init__(self, number: int, rng: Random | None = None, *, small: bool = False) -> None:
        super().__init__()
        self._number = number
        self._rng = rng
        self._small = small
        pool = list(_ORDERS[number % len(_ORDERS)])
        if rng is not None:
            few, more = pool[:FEW], pool[FEW:]
            rng.shuffle(few)
            pool = few + more
        self._pool = pool
        self._shift = 1 + number % 2

    def __missing__(self, name: str) -> int:
        if self._small:
            digit = (len(self) + 1 >> self._number % 4 ^ self._number // 4) & 1
            size = self[name] = SMALL[digit if self._rng is None else self._rng.randrange(2)]
            return size
        lap, place = divmod(len(self), len(self._pool))
        size = self[name] = self._pool[(place + lap * self._shift) % len(self._pool)]
        return size


def same_sizes(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Have all names the same sizes?"""
    return bool(one) and all(other.get(name, size) == size for name, size in one.items())


def same_parities(sizes: Mapping[str, int], earlier: Sequence[Mapping[str, int]]) -> bool:
    """Do these sizes show no sign that the ``earlier`` ones did not show?

    A sign that depends on sizes is -1 to a sum of some of them; it shows unless the parities of
    these lie in the affine hull of those before.
    """
    names = sorted(sizes)
    if not earlier or len(earlier) > len(names):
        return False
    parities = [
        sum((other.get(name, sizes[name]) & 1) << i for i, name in enumerate(names))
        for other in (*earlier, sizes)
    ]
    hull: set[int] = {0}
    for vector in parities[1:-1]:
        hull |= {vector ^ parities[0] ^ other for other in hull}
    return parities[-1] ^ parities[0] in hull


def draw_value(source: Source, rows: int, columns: int, assumed: Set[str]) -> Any:
    """A random matrix with the assumptions. Raises RedrawError where the shape forbids them."""
    if assumed.isdisjoint(_STRUCTURED):
        value = full(source, rows, columns)
    elif "orthogonal" in assumed:
        value = _orthogonal(source, rows, columns, symmetric="symmetric" in assumed)
    elif "unit" in assumed:
        value = _unit(source, rows, columns)
    elif source.ordered and "positive definite" in assumed and "diagonal" not in assumed:
        root = full(source, _square(rows, columns), columns)
        value = root * root.transpose() + _identity(source, rows)
    else:
        value = _patterned(source, rows, columns, assumed)
    if source.ordered and ("positive" in assumed or assumed >= {"positive definite", "diagonal"}):
        value = source.matrix(rows, columns, [abs(x) for x in value.entries()])
    return value if assumed.isdisjoint(TOTALS) else _with_totals(source, value, assumed)


def draw_direction(source: Source, value: Any, rows: int, columns: int, assumed: Set[str]) -> Any:
    """A random direction that keeps the assumptions to first order."""
    if assumed.isdisjoint(_STRUCTURED):
        return full(source, rows, columns)
    if "orthogonal" in assumed:
        if "symmetric" in assumed:
            raise RedrawError("no linear space of directions keeps a matrix a reflection")
        return _patterned(source, rows, rows, {"skew"}) * value
    if "unit" in assumed:
        step = full(source, rows, columns)
        pairs = zip(value.entries(), step.entries(), strict=True)
        along = sum((x * y for x, y in pairs), source.scalar(0))
        return step - value * along
    return _patterned(source, rows, columns, assumed)


def projected(source: Source, matrix: Any, assumed: Set[str], value: Any) -> Any:
    """The part of ``matrix`` in the linear space of directions at ``value``.

    On the orthogonal matrices that is ``M - Q (Q^T M + M^T Q)/2``, for orthonormal columns too.
    Source: Edelman, Arias & Smith, *The Geometry of Algorithms with Orthogonality Constraints*
    (1998), §2.2.1.
    """
    half = source.scalar(Fraction(1, 2))
    if "orthogonal" in assumed:
        if not assumed.isdisjoint(_PATTERNED):
            raise RedrawError("no linear space of directions keeps a matrix a reflection")
        inner = value.transpose() * matrix
        return matrix - value * (inner + inner.transpose()) * half
    if "unit" in assumed:
        pairs = zip(value.entries(), matrix.entries(), strict=True)
        along = sum((x * y for x, y in pairs), source.scalar(0))
        return matrix - value * along
    if assumed.isdisjoint(_PATTERNED):
        return matrix
    size = _square(matrix.nrows(), matrix.ncols())
    entries = matrix.tolist()
    wanted = []
    for i in range(size):
        for j in range(size):
            here = _cell(assumed, i, j)
            sign = here or _cell(assumed, j, i)
            if here == 0:
                wanted.append(0)
            elif sign:
                wanted.append((entries[i][j] + sign * entries[j][i]) * half)
            else:
                wanted.append(entries[i][j])
    return source.matrix(size, size, wanted)


def full(source: Source, rows: int, columns: int) -> Any:
    """A random matrix without structure."""
    return source.matrix(rows, columns, [source.random() for _ in range(rows * columns)])


def _cell(assumed: Set[str], i: int, j: int) -> int | None:
    """None: a free entry; 0: zero; 1 or -1: the entry across the diagonal with this sign."""
    lower, upper = "lower triangular" in assumed, "upper triangular" in assumed
    if "diagonal" in assumed or (lower and upper):
        return None if i == j else 0
    if lower or upper:
        return None if i == j or (i > j) is lower else 0
    if "skew" in assumed:
        return 0 if i == j else (None if i < j else -1)
    return None if i <= j else 1


def _patterned(source: Source, rows: int, columns: int, assumed: Set[str]) -> Any:
    size = _square(rows, columns)
    grid: list[list[Any]] = [[0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            sign = _cell(assumed, i, j)
            grid[i][j] = source.random() if sign is None else sign * grid[j][i] if sign else 0
    return source.matrix(size, size, [entry for line in grid for entry in line])


def _orthogonal(source: Source, rows: int, columns: int, *, symmetric: bool) -> Any:
    if rows < columns:
        raise RedrawError("orthonormal columns need at least as many rows")
    one = _identity(source, rows)
    if symmetric:
        normal = full(source, _square(rows, columns), 1 + source.reflected)
        gram = (normal.transpose() * normal).inv()
        return one - normal * gram * normal.transpose() * source.scalar(2)
    # Cayley's transform of a skew matrix is a rotation over every field
    skew = _patterned(source, rows, rows, {"skew"})
    lines = ((one - skew) * (one + skew).inv()).tolist()
    if source.reflected:
        lines[0] = [-x for x in lines[0]]
    return source.matrix(rows, columns, [x for line in lines for x in line[:columns]])


def _with_totals(source: Source, value: Any, assumed: Set[str]) -> Any:
    """The matrix with other last entries in its columns, or rows, so that each adds up to 1.

    Positive entries are divided by their sum instead, unless rows and columns add up to 1.
    """
    if assumed >= TOTALS:
        _square(value.nrows(), value.ncols())
    positive = source.ordered and "positive" in assumed and not assumed >= TOTALS
    one, zero = source.scalar(1), source.scalar(0)
    for word in sorted(TOTALS & assumed, reverse=True):  # rows after columns, which stay so
        by_rows = word == "rows sum to one"
        lines = (value if by_rows else value.transpose()).tolist()
        for line in lines:
            if positive:
                total = sum(line, zero)
                line[:] = [x / total for x in line]
            else:
                line[-1] = one - sum(line[:-1], zero)
        value = source.matrix(len(lines), len(lines[0]), [x for line in lines for x in line])
        value = value if by_rows else value.transpose()
    return value


def _unit(source: Source, rows: int, columns: int) -> Any:
    # the stereographic projection reaches the sphere by rational functions alone
    flat = [source.random() for _ in range(rows * columns - 1)]
    square = sum((x * x for x in flat), source.scalar(0))
    below = square + source.scalar(1)
    last = (square - source.scalar(1)) / below
    return source.matrix(rows, columns, [(x + x) / below for x in flat] + [last])


def _identity(source: Source, size: int) -> Any:
    return source.matrix(size, size, [int(k % (size + 1) == 0) for k in range(size * size)])


def _square(rows: int, columns: int) -> int:
    if rows != columns:
        raise RedrawError(f"a {rows}×{columns} matrix cannot have a structure of square ones")
    return rows


_PATTERNED = {
    "symmetric",
    "positive definite",
    "diagonal",
    "skew",
    "lower triangular",
    "upper triangular",
}
TOTALS = frozenset({"sums to one", "rows sum to one"})
_STRUCTURED = _PATTERNED | {"orthogonal", "unit"}
