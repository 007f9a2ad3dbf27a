"""A slow evaluator for tests, over lists of dual numbers.

An inverse is found by elimination, a determinant by permutations. Shares no code with the judge.
Entries are `Dual` over any numbers, floats or fractions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

from mdiff_pandoc.expr import Expr, Op

Matrix = list[list["Dual"]]


@dataclass(frozen=True)
class Dual:
    """``value + slope ε`` with ``ε² = 0``; the parts may be such numbers with another ε."""

    value: Any
    slope: Any = 0

    def __add__(self, other: Any) -> Dual:
        other = _dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Any) -> Dual:
        other = _dual(other)
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Any) -> Dual:
        other = _dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other: Any) -> Dual:
        other = _dual(other)
        ratio = self.value / other.value
        return Dual(ratio, (self.slope - ratio * other.slope) / other.value)

    def __radd__(self, other: Any) -> Dual:
        return self + other

    def __rsub__(self, other: Any) -> Dual:
        return _dual(other) - self

    def __rmul__(self, other: Any) -> Dual:
        return self * other

    def __rtruediv__(self, other: Any) -> Dual:
        return _dual(other) / self

    def __abs__(self) -> Any:
        return abs(self.value)


def _dual(number: Any) -> Dual:
    return number if isinstance(number, Dual) else Dual(number)


ONE, ZERO = Dual(Fraction(1)), Dual(Fraction(0))

# value and slope of each function of one number
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "log": (math.log, lambda x: 1 / x),
    "exp": (math.exp, math.exp),
    "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "abs": (abs, lambda x: math.copysign(1, x)),
    "sin": (math.sin, math.cos),
    "cos": (math.cos, lambda x: -math.sin(x)),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "arctan": (math.atan, lambda x: 1 / (1 + x * x)),
    "sigma": (
        lambda x: 1 / (1 + math.exp(-x)),
        lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
    ),
    "softplus": (lambda x: math.log1p(math.exp(x)), lambda x: 1 / (1 + math.exp(-x))),
}


class Reference:
    """Values of expressions for given sizes, and given values and directions of the symbols."""

    def __init__(self, sizes: Mapping[str, int], symbols: Mapping[Expr, Matrix]) -> None:
        self.sizes = sizes
        self.symbols = symbols
        self.env: dict[str, int] = {}

    def value(self, node: Expr) -> Matrix:
        """The matrix of a node; a differential gives the slopes of its argument."""
        if node.op is Op.SYMBOL:
            return self.symbols[node]
        if node.op is Op.INDEX_SUM:
            return self._index_sum(node)
        if node.op is Op.DIFF:
            return [[Dual(x.slope) for x in row] for row in self.value(node.args[0])]
        return self._apply(node, [self.value(arg) for arg in node.args])

    def _apply(self, node: Expr, args: list[Matrix]) -> Matrix:
        rows, columns = (dim.at(self.sizes) for dim in node.shape)
        data: Any = node.data
        first = args[0] if args else []
        match node.op:
            case Op.NAMED:
                return first
            case Op.COMMUTATION:
                m, n = (dim.at(self.sizes) for dim in data)
                flat = [[i * n + j for i in range(m)] for j in range(n)]
                order = [place for column in flat for place in column]
                return [
                    [ONE if order[k] == i else ZERO for k in range(m * n)] for i in range(m * n)
                ]
            case Op.BLOCK:
                wide = data[1]
                bands = [args[start : start + wide] for start in range(0, len(args), wide)]
                return [
                    [x for row in rows for x in row] for b in bands for rows in zip(*b, strict=True)
                ]
            case Op.ADJUGATE:
                size = range(len(first))
                return [[_cofactor(first, j, i) for j in size] for i in size]
            case Op.PSEUDO_INVERSE:
                across = [list(row) for row in zip(*first, strict=True)]
                if len(first) >= len(across):
                    return _product([inverse(_product([across, first])), across])
                return _product([across, inverse(_product([first, across]))])
            case Op.NUMBER:
                return [[Dual(data)]]
            case Op.DIMENSION:
                return [[Dual(Fraction(data.at(self.sizes)))]]
            case Op.IDENTITY:
                return _identity(rows)
            case Op.ONES | Op.ZERO:
                fill = ONE if node.op is Op.ONES else ZERO
                return [[fill] * columns for _ in range(rows)]
            case Op.SUM:
                return _fold(args, lambda x, y: x + y)
            case Op.HADAMARD:
                return _fold(args, lambda x, y: x * y)
            case Op.HDIV:
                return _fold(args, lambda x, y: x / y)
            case Op.MUL | Op.SCALE:
                last = args[-1]
                for factor in args[:-1]:
                    last = [[factor[0][0] * x for x in row] for row in last]
                return last
            case Op.MATMUL:
                return _product(args)
            case Op.TRANSPOSE:
                return [list(row) for row in zip(*first, strict=True)]
            case Op.INVERSE:
                return inverse(first)
            case Op.DET:
                return [[determinant(first)]]
            case Op.TRACE:
                return [[_total([first[i][i] for i in range(len(first))])]]
            case Op.POWER:
                return self._power(first, args[1][0][0].value)
            case Op.HPOWER:
                exponent = int(args[1][0][0].value)
                return [[self._power([[x]], exponent)[0][0] for x in row] for row in first]
            case Op.NORM:
                return [[_norm(first, data)]]
            case Op.FUNC:
                return [[_call(data, x) for x in row] for row in first]
            case Op.DIAG:
                return [[first[i][0] if i == j else ZERO for j in range(rows)] for i in range(rows)]
            case Op.DIAGONAL:
                return [[first[i][i]] for i in range(rows)]
            case Op.KRON:
                return [[x * y for x in r for y in s] for r in first for s in args[1]]
            case Op.VEC:
                return [[x] for column in zip(*first, strict=True) for x in column]
            case Op.UNVEC:
                return [[first[j * rows + i][0] for j in range(columns)] for i in range(rows)]
            case Op.ENTRY:
                i, j = (self.env[k] if isinstance(k, str) else k for k in data)
                return [[first[i - 1][j - 1]]]
            case Op.ROW:
                return [first[data - 1]]
            case Op.COLUMN:
                return [[row[data - 1]] for row in first]
        raise NotImplementedError(node.op)

    def _power(self, base: Matrix, exponent: Any) -> Matrix:
        if exponent != int(exponent):
            x = base[0][0]
            value = float(x.value) ** float(exponent)
            return [[Dual(value, float(exponent) * value / x.value * x.slope)]]
        base = base if exponent >= 0 else inverse(base)
        return _product([_identity(len(base)), *[base] * abs(int(exponent))])

    def _index_sum(self, node: Expr) -> Matrix:
        data: Any = node.data
        terms = []
        for value in range(data.lower, data.upper.at(self.sizes) + 1):
            self.env[data.index] = value
            terms.append(self.value(node.args[0]))
        return _fold(terms, lambda x, y: x + y)


def inverse(matrix: Matrix) -> Matrix:
    """The inverse by Gauss and Jordan's elimination over the dual numbers."""
    size = len(matrix)
    work = [list(row) + unit for row, unit in zip(matrix, _identity(size), strict=True)]
    for k in range(size):
        pivot = max(range(k, size), key=lambda i: abs(work[i][k].value))
        work[k], work[pivot] = work[pivot], work[k]
        head = work[k][k]
        work[k] = [x / head for x in work[k]]
        for i in range(size):
            if i != k:
                factor = work[i][k]
                work[i] = [x - factor * y for x, y in zip(work[i], work[k], strict=True)]
    return [row[size:] for row in work]


def determinant(matrix: Matrix) -> Dual:
    """Leibniz's sum over permutations."""
    total = ZERO
    for order in permutations(range(len(matrix))):
        product = ONE
        for i, j in enumerate(order):
            product = product * matrix[i][j]
        odd = sum(a > b for a, b in combinations(order, 2)) % 2
        total = total - product if odd else total + product
    return total


def _cofactor(matrix: Matrix, i: int, j: int) -> Dual:
    minor = [[x for c, x in enumerate(row) if c != j] for r, row in enumerate(matrix) if r != i]
    return determinant(minor) * (-1) ** (i + j)


def _identity(size: int) -> Matrix:
    return [[ONE if i == j else ZERO for j in range(size)] for i in range(size)]


def _fold(args: list[Matrix], combine: Callable[[Dual, Dual], Dual]) -> Matrix:
    total = args[0]
    for arg in args[1:]:
        total = [
            [combine(x, y) for x, y in zip(r, s, strict=True)]
            for r, s in zip(total, arg, strict=True)
        ]
    return total


def _product(factors: list[Matrix]) -> Matrix:
    total = factors[0]
    for factor in factors[1:]:
        columns = list(zip(*factor, strict=True))
        total = [
            [_total([x * y for x, y in zip(row, column, strict=True)]) for column in columns]
            for row in total
        ]
    return total


def _total(entries: list[Dual]) -> Dual:
    total = entries[0]
    for entry in entries[1:]:
        total = total + entry
    return total


def _call(name: str, x: Dual) -> Dual:
    value, slope = FUNCTIONS[name]
    point = float(x.value)
    return Dual(value(point), slope(point) * float(x.slope))


def _norm(matrix: Matrix, kind: str | Fraction) -> Dual:
    order = 2.0 if isinstance(kind, str) else float(kind)
    entries = [x for row in matrix for x in row]
    total = sum(abs(float(x.value)) ** order for x in entries)
    slope = sum(
        order * abs(float(x.value)) ** (order - 1) * math.copysign(1, x.value) * float(x.slope)
        for x in entries
    )
    value = total ** (1 / order)
    return Dual(value, value / total / order * slope)
