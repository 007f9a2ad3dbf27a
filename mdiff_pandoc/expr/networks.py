r"""Products of entries as networks: arrays that share indices, some of them summed over.

A network is a graph: indices are its vertices, matrices its edges, vectors weights on its
vertices. A sum over an index with two neighbours joins two matrices into a product, with one
neighbour it gives a vector, with none a number. That finds the matrix form of every network
that is series-parallel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct, field

from mdiff_pandoc.expr.build import (
    add,
    delta,
    diag,
    diagonal,
    dimension,
    entry,
    hadamard,
    hdivide,
    hpower,
    index_sum,
    matmul,
    mul,
    norm,
    number,
    ones,
    power,
    scale,
    trace,
    transpose,
)
from mdiff_pandoc.expr.dims import ONE, Dim
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.node import Expr, Op, Range
from mdiff_pandoc.expr.special import derivative

_SYMMETRIC = ("symmetric", "positive definite", "diagonal")
Sizes = Mapping[str, Dim]


class NoForm(Exception):
    """There is no matrix form, or none that is short."""


class Outside(NoForm):
    """There is a form once the sum over ``index`` stands outside it."""

    def __init__(self, index: str) -> None:
        super().__init__(index)
        self.index = index


class Array(Struct, frozen=True):
    """An array over one or two indices: a column vector, or a matrix (rows, columns)."""

    indices: tuple[str, ...]
    expr: Expr

    def oriented(self, rows: str) -> Expr:
        """The matrix with ``rows`` as its row index."""
        return self.expr if self.indices[0] == rows else flipped(self.expr)

    def other(self, index: str) -> str:
        """The index of a matrix that is not ``index``."""
        return self.indices[1] if self.indices[0] == index else self.indices[0]

    def entry(self) -> Expr:
        """The entry as a scalar with free indices."""
        place, expr = self.indices, self.expr
        if expr.op is Op.TRANSPOSE and len(place) > 1:
            place, expr = place[::-1], expr.args[0]
        if expr.op is Op.ONES:
            return number(1)
        if expr.op is Op.IDENTITY:
            return delta(place[0], place[1])
        if expr.op is Op.DIAG:
            weight = Array(place[:1], expr.args[0]).entry()
            return mul(delta(place[0], place[1]), weight)
        if expr.op is Op.BASIS:
            return delta(place[0], expr.data)  # type: ignore[arg-type]
        if expr.op is Op.INDEX_SUM and isinstance(expr.data, Range):
            span = expr.data
            body = Array(place, expr.args[0]).entry()
            return index_sum(span.index, span.upper, body, span.lower)
        if expr.op is Op.SCALE:
            return mul(expr.args[0], Array(place, expr.args[1]).entry())
        if expr.op is Op.DERIVATIVE and expr.args[0].is_scalar:
            by = entry(expr.args[1], *place)
            return derivative(expr.args[0], by)
        if len(place) == 1:
            return _vector_entry(expr, place[0])
        if expr.op is Op.MATMUL and len(expr.args) == 2 and expr.args[0].is_vector:
            column, line = expr.args
            return mul(Array(place[:1], column).entry(), Array(place[1:], flipped(line)).entry())
        return entry(expr, place[0], place[1])


def _vector_entry(expr: Expr, index: str) -> Expr:
    if expr.op is Op.TRANSPOSE and expr.args[0].op is Op.ROW:
        return entry(expr.args[0].args[0], expr.args[0].data, index)  # type: ignore[arg-type]
    if expr.op is Op.COLUMN:
        return entry(expr.args[0], index, expr.data)  # type: ignore[arg-type]
    return entry(expr, index)


class Network(Struct):
    """A product of scalars and arrays, summed over the indices of ``sums``."""

    scalars: list[Expr] = field(default_factory=list)
    arrays: list[Array] = field(default_factory=list)
    sums: dict[str, Dim] = field(default_factory=dict)

    def contracted(self) -> Network:
        """The network with every sum carried out. Raises NoForm, or Outside."""
        while self.sums:
            index = min(reversed(self.sums), key=lambda name: len(self._neighbours(name)))
            if len(self._neighbours(index)) > 2:
                hub = max(self.sums, key=lambda name: len(self._neighbours(name)))
                raise Outside(hub)
            self._eliminate(index, self.sums.pop(index))
        return self

    def collapsed(self) -> Array:
        """The whole network as one array over at most two indices. Raises NoForm."""
        self.contracted()
        indices = tuple(dict.fromkeys(i for array in self.arrays for i in array.indices))
        coefficient = mul(*self.scalars) if self.scalars else None
        if not indices:
            return Array((), coefficient if coefficient is not None else number(1))
        if len(indices) > 2:
            raise NoForm
        options = [(self._joint(place), place) for place in dict.fromkeys((indices, indices[::-1]))]
        expr, indices = min(options, key=lambda option: length(option[0]))
        return Array(indices, expr if coefficient is None else _scaled(coefficient, expr))

    def _joint(self, indices: tuple[str, ...]) -> Expr:
        vectors = {
            index: [a.expr for a in self.arrays if a.indices == (index,)] for index in indices
        }
        if len(indices) == 1:
            return entrywise(vectors[indices[0]])
        rows, columns = indices
        matrices = [a for a in self.arrays if len(a.indices) == 2]
        left = entrywise(vectors[rows]) if vectors[rows] else None
        right = entrywise(vectors[columns]) if vectors[columns] else None
        if not matrices:
            assert left is not None
            assert right is not None
            return matmul(left, flipped(right))
        factors = [_merged(matrices).oriented(rows)]
        if left is not None:
            factors.insert(0, diag(left))
        if right is not None:
            factors.append(diag(right))
        return without_identities(factors)

    def _neighbours(self, index: str) -> set[str]:
        return {
            array.other(index)
            for array in self.arrays
            if len(array.indices) == 2 and index in array.indices
        }

    def _eliminate(self, index: str, size: Dim) -> None:
        carrying = [array for array in self.arrays if index in array.indices]
        place = next((k for k, array in enumerate(self.arrays) if index in array.indices), 0)
        self.arrays = [array for array in self.arrays if index not in array.indices]
        vectors = [array.expr for array in carrying if len(array.indices) == 1]
        matrices = [array for array in carrying if len(array.indices) == 2]
        if not carrying:
            self.scalars.append(dimension(size))
        elif not matrices:
            self.scalars.append(total(vectors, size))
        else:
            weight = entrywise(vectors) if vectors else None
            self.arrays.insert(place, _joined(matrices, index, weight, size))


def _joined(matrices: list[Array], index: str, weight: Expr | None, size: Dim) -> Array:
    """The sum over ``index`` of matrices between it and one or two neighbours."""
    groups: dict[str, list[Array]] = {}
    for array in matrices:
        groups.setdefault(array.other(index), []).append(array)
    if len(groups) == 1:
        ((other, arrays),) = groups.items()
        side = _merged(arrays).oriented(other)
        options = [matmul(side, ones(size) if weight is None else weight)]
        if len(arrays) == 2:
            pairs = (arrays, arrays[::-1])
            options += [diagonal(_product(a, b, index, weight, other)) for a, b in pairs]
            options.append(options.pop(0))
        return Array((other,), min(options, key=length))
    (first, before), (second, after) = groups.items()
    left, right = _merged(before), _merged(after)
    forward = _product(left, right, index, weight, first)
    backward = _product(right, left, index, weight, second)
    if length(backward) < length(forward):
        return Array((second, first), backward)
    return Array((first, second), forward)


def _merged(arrays: list[Array]) -> Array:
    """Parallel matrices, multiplied entry by entry, as most of them are oriented."""
    places = [array.indices for array in arrays]
    place = max(places, key=places.count)
    return Array(place, entrywise([array.oriented(place[0]) for array in arrays]))


def _product(left: Array, right: Array, index: str, weight: Expr | None, rows: str) -> Expr:
    factors = [left.oriented(rows), right.oriented(index)]
    if weight is not None:
        factors.insert(1, diag(weight))
    return without_identities(factors)


def _scaled(coefficient: Expr, expr: Expr) -> Expr:
    """A multiple; the denominator of a number joins that of a quotient."""
    value = coefficient.data
    if not isinstance(value, Fraction) or value.denominator == 1:
        return scale(coefficient, expr)
    if _is_reciprocal(expr):
        expr = hdivide(ones(*expr.shape), expr.args[0])
    if expr.op is not Op.HDIV:
        return scale(coefficient, expr)
    above, below = expr.args
    quotient = hdivide(above, scale(number(value.denominator), below))
    return quotient if value.numerator == 1 else scale(number(value.numerator), quotient)


def without_identities(factors: Sequence[Expr]) -> Expr:
    """The product, in which identity matrices are left out."""
    kept = [factor for factor in factors if factor.op is not Op.IDENTITY]
    return matmul(*kept) if kept else factors[0]


def flipped(expr: Expr) -> Expr:
    """The transpose, put inside products."""
    if expr.op is Op.TRANSPOSE:
        return expr.args[0]
    if expr.op in (Op.IDENTITY, Op.DIAG) or any(map(expr.assumed, _SYMMETRIC)):
        return expr
    if expr.op is Op.MATMUL:
        return matmul(*(flipped(factor) for factor in reversed(expr.args)))
    if expr.op is Op.SCALE:
        return scale(expr.args[0], flipped(expr.args[1]))
    if expr.op is Op.INDEX_SUM and isinstance(expr.data, Range):
        span = expr.data
        return index_sum(span.index, span.upper, flipped(expr.args[0]), span.lower)
    return transpose(expr)


def entrywise(factors: Sequence[Expr]) -> Expr:
    """The elementwise product; reciprocals become a quotient, factors of ones fall away."""
    factors = [f for f in factors if f.op is not Op.ONES] or list(factors[:1])
    above = [f for f in factors if not _is_reciprocal(f)]
    below = [f.args[0] for f in factors if _is_reciprocal(f)]
    if not above or not below:
        return hadamard(*factors)
    return hdivide(hadamard(*above), hadamard(*below))


def _is_reciprocal(expr: Expr) -> bool:
    return expr.op is Op.HPOWER and expr.args[1] is number(-1)


def added(parts: list[Array], sizes: Sizes) -> Network:
    """A sum of arrays, each repeated along the indices that it does not carry."""
    indices = tuple(dict.fromkeys(i for part in parts for i in part.indices))
    if not indices:
        return Network([add(*(part.expr for part in parts))])
    if len(indices) > 2:
        raise NoForm
    return Network([], [Array(indices, add(*(spread(p, indices, sizes) for p in parts)))])


def spread(part: Array, indices: tuple[str, ...], sizes: Sizes) -> Expr:
    """An array over the given indices, repeated along those that it does not carry."""
    if len(part.indices) == len(indices):
        return part.expr if len(indices) == 1 else part.oriented(indices[0])
    lengths = [sizes[index] for index in indices]
    if not part.indices:
        whole = ones(lengths[0], lengths[1] if len(lengths) == 2 else ONE)
        return whole if part.expr is number(1) else scale(part.expr, whole)
    if part.indices[0] == indices[0]:
        return matmul(part.expr, transpose(ones(lengths[1])))
    return matmul(ones(lengths[0]), transpose(part.expr))


def total(vectors: list[Expr], size: Dim) -> Expr:
    """The sum of the entries of an elementwise product, in its usual form."""
    if len(vectors) > 1:
        vectors = [f for f in vectors if f.op is not Op.ONES] or vectors[:1]
    if len(vectors) > 1:
        if not any(map(_is_reciprocal, vectors)):
            return matmul(transpose(vectors[0]), hadamard(*vectors[1:]))
        return matmul(transpose(ones(size)), entrywise(vectors))
    (vector,) = vectors
    if vector.op is Op.DIAGONAL:
        return trace(vector.args[0])
    if vector.op is Op.HPOWER and vector.args[1] is number(2):
        return power(norm(vector.args[0], "2"), 2)
    if vector.op is Op.MATMUL and len(vector.args) == 2 and vector.args[1].op is Op.ONES:
        matrix = vector.args[0]
        if matrix.op is Op.TRANSPOSE:
            matrix = matrix.args[0]
        if matrix.op is Op.HPOWER and matrix.args[1] is number(2):
            return power(norm(matrix.args[0], "F"), 2)
        if matrix.op is Op.HADAMARD and len(matrix.args) == 2:
            return trace(matmul(flipped(matrix.args[0]), matrix.args[1]))
    if vector.op is Op.SCALE:
        return mul(vector.args[0], total([vector.args[1]], size))
    return matmul(transpose(ones(size)), vector)


def powered(base: Array, exponent: Expr) -> Network:
    """A power of every entry."""
    if not base.indices:
        return Network([power(base.expr, exponent)])
    return Network([], [Array(base.indices, hpower(base.expr, exponent))])
