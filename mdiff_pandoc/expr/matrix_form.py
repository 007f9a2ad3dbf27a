r"""Sums over entries in matrix form: :math:`\sum_i a_i \log x_i` is :math:`a^T \log(x)`.

A scalar with free indices is held as a network: scalar factors, and arrays that carry one or two
of the indices. A sum over an index joins the arrays that carry it into a matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr.build import (
    add,
    diag,
    diagonal,
    dimension,
    hadamard,
    hdivide,
    hpower,
    identity,
    matmul,
    mul,
    norm,
    number,
    ones,
    power,
    row,
    scale,
    trace,
    transpose,
)
from mdiff_pandoc.expr.build import column as column_of
from mdiff_pandoc.expr.dims import ONE, Dim
from mdiff_pandoc.expr.node import Expr, Op, Range, walk
from mdiff_pandoc.expr.rebuild import rebuild


class _NoForm(Exception):
    """There is no matrix form, or none that is short."""


@dataclass(frozen=True, slots=True)
class _Array:
    """An array over one or two indices: a column vector, or a matrix (rows, columns)."""

    indices: tuple[str, ...]
    expr: Expr

    def oriented(self, rows: str) -> Expr:
        """The matrix with ``rows`` as its row index."""
        return self.expr if self.indices[0] == rows else _transposed(self.expr)


@dataclass(frozen=True, slots=True)
class _Network:
    """A product of scalars and arrays."""

    scalars: tuple[Expr, ...] = ()
    arrays: tuple[_Array, ...] = ()


def has_index_sum(expr: Expr) -> bool:
    """Does a sum over an index occur?"""
    return any(node.op is Op.INDEX_SUM for node in walk(expr))


def to_matrix_form(expr: Expr) -> Expr | None:
    """``expr`` with sums over indices in matrix form, or None where no sum has such a form."""
    form = _rewrite(expr)
    return None if form is expr else form


def summed_lines(expr: Expr) -> Expr | None:
    r"""A sum of vectors or matrices in matrix form, or None where it has none.

    The summand holds unit vectors, rows or columns with the index of the sum:
    :math:`\sum_i c_i e_i = c`, :math:`\sum_i A_{:i} B_{i:} = A B`.
    """
    if expr.op is not Op.INDEX_SUM or expr.is_scalar or not isinstance(expr.data, Range):
        return None
    try:
        return _lines_joined(expr.args[0], expr.data)
    except (_NoForm, MdiffError):
        return None


def _rewrite(expr: Expr) -> Expr:
    if not has_index_sum(expr):
        return expr
    if expr.op is Op.INDEX_SUM and expr.is_scalar:
        try:
            network = _network(expr, {})
        except (_NoForm, MdiffError):
            network = None
        if network is not None and not network.arrays:
            return mul(*network.scalars) if network.scalars else number(1)
    return rebuild(expr, [_rewrite(arg) for arg in expr.args])


def _lines_joined(body: Expr, span: Range) -> Expr:
    index, size = span.index, span.upper
    coefficient, body = body.args if body.op is Op.SCALE else (None, body)
    chain = body.args if body.op is Op.MATMUL else (body,)
    places = [place for place, factor in enumerate(chain) if index in factor.free]
    if span.lower != 1 or not places or len(places) > 2:
        raise _NoForm
    weight = None
    if coefficient is not None:
        weight = _collapsed(_network(coefficient, {index: size}))
    if weight is not None and not weight.indices:
        raise _NoForm
    first, last = places[0], places[-1]
    left = _column_source(chain[first], index)
    right = _row_source(chain[last], index)
    if len(places) == 2:
        if last != first + 1 or left is None or right is None:
            raise _NoForm
        middle = [left, right] if weight is None else [left, diag(weight.expr), right]
    else:
        vector = ones(size) if weight is None else weight.expr
        if left is not None:
            middle = [left, vector]
        elif right is not None:
            middle = [transpose(vector), right]
        else:
            raise _NoForm
    factors = [*chain[:first], *middle, *chain[last + 1 :]]
    kept = [factor for factor in factors if factor.op is not Op.IDENTITY]
    return matmul(*kept) if kept else factors[0]


def _column_source(factor: Expr, index: str) -> Expr | None:
    """The matrix of which ``factor`` is the column with that index."""
    if factor.op is Op.BASIS and factor.data == index:
        return identity(factor.shape[0])
    if factor.op is Op.COLUMN and factor.data == index and index not in factor.args[0].free:
        return factor.args[0]
    if factor.op is Op.TRANSPOSE and factor.args[0].op is Op.ROW:
        source = _row_source(factor.args[0], index)
        return None if source is None else _transposed(source)
    return None


def _row_source(factor: Expr, index: str) -> Expr | None:
    """The matrix of which ``factor`` is the row with that index."""
    if factor.op is Op.ROW and factor.data == index and index not in factor.args[0].free:
        return factor.args[0]
    if factor.op is Op.TRANSPOSE and factor.args[0].op in (Op.BASIS, Op.COLUMN):
        source = _column_source(factor.args[0], index)
        return source if source is None or source.op is Op.IDENTITY else _transposed(source)
    return None


Sizes = Mapping[str, Dim]


def _network(expr: Expr, sizes: Sizes) -> _Network:
    if expr.free.isdisjoint(sizes) and not has_index_sum(expr):
        if not expr.is_scalar:
            raise _NoForm
        return _Network((expr,))
    match expr.op:
        case Op.ENTRY:
            return _Network((), (_entry(expr, sizes),))
        case Op.MUL:
            parts = [_network(arg, sizes) for arg in expr.args]
            return _Network(
                tuple(s for part in parts for s in part.scalars),
                tuple(a for part in parts for a in part.arrays),
            )
        case Op.INDEX_SUM:
            return _summed(expr, sizes)
        case Op.SUM:
            return _added([_collapsed(_network(arg, sizes)) for arg in expr.args], sizes)
        case Op.POWER:
            if not expr.args[1].free.isdisjoint(sizes):
                raise _NoForm
            base = _collapsed(_network(expr.args[0], sizes))
            if not base.indices:
                return _Network((power(base.expr, expr.args[1]),))
            return _Network((), (_Array(base.indices, hpower(base.expr, expr.args[1])),))
        case Op.FUNC:
            base = _collapsed(_network(expr.args[0], sizes))
            applied = rebuild(expr, (base.expr,))
            if not base.indices:
                return _Network((applied,))
            return _Network((), (_Array(base.indices, applied),))
        case Op.MATMUL:
            return _Network((), (_bilinear(expr, sizes),))
    raise _NoForm


def _entry(expr: Expr, sizes: Sizes) -> _Array:
    (whole,) = expr.args
    assert isinstance(expr.data, tuple)
    rows, columns = expr.data
    if not whole.free.isdisjoint(sizes):
        raise _NoForm
    if rows in sizes and columns in sizes:
        if rows == columns:
            return _Array((rows,), diagonal(whole))
        return _Array((rows, columns), whole)
    if rows in sizes:
        return _Array((rows,), whole if whole.shape[1] == ONE else column_of(whole, columns))
    return _Array((columns,), _transposed(whole if whole.shape[0] == ONE else row(whole, rows)))


def _bilinear(expr: Expr, sizes: Sizes) -> _Array:
    """A row times matrices times a column, such as ``A_{i:} B_{:j}``: entries of a product."""
    first, *middle, last = expr.args
    if not expr.is_scalar or any(not part.free.isdisjoint(sizes) for part in middle):
        raise _NoForm
    rows, left = _line(first, Op.ROW, Op.COLUMN, sizes)
    columns, right = _line(last, Op.COLUMN, Op.ROW, sizes)
    product = matmul(left, *middle, right)
    if rows and columns:
        return (
            _Array((rows, columns), product)
            if rows != columns
            else _Array((rows,), diagonal(product))
        )
    return _Array((rows,), product) if rows else _Array((columns,), _transposed(product))


def _line(expr: Expr, direct: Op, turned: Op, sizes: Sizes) -> tuple[str, Expr]:
    """The matrix that ``expr`` is a row (or column) of, with its index."""
    if expr.free.isdisjoint(sizes):
        return "", expr
    inner = expr.args[0] if expr.op is Op.TRANSPOSE else expr
    wanted = turned if expr.op is Op.TRANSPOSE else direct
    if inner.op is not wanted or inner.data not in sizes or not isinstance(inner.data, str):
        raise _NoForm
    if not inner.args[0].free.isdisjoint(sizes):
        raise _NoForm
    return inner.data, _transposed(inner.args[0]) if expr.op is Op.TRANSPOSE else inner.args[0]


def _transposed(expr: Expr) -> Expr:
    return expr.args[0] if expr.op is Op.TRANSPOSE else transpose(expr)


def _collapsed(network: _Network) -> _Array:
    """The network as one array over at most two indices."""
    indices = tuple(dict.fromkeys(i for array in network.arrays for i in array.indices))
    coefficient = mul(*network.scalars) if network.scalars else None
    if not indices:
        return _Array((), coefficient if coefficient is not None else number(1))
    if len(indices) > 2:
        raise _NoForm
    vectors = {
        index: [a.expr for a in network.arrays if a.indices == (index,)] for index in indices
    }
    if len(indices) == 1:
        expr = _entrywise(vectors[indices[0]])
    else:
        rows, columns = indices
        matrices = [a.oriented(rows) for a in network.arrays if len(a.indices) == 2]
        left = _entrywise(vectors[rows]) if vectors[rows] else None
        right = _entrywise(vectors[columns]) if vectors[columns] else None
        if matrices:
            factors = [_entrywise(matrices)]
            if left is not None:
                factors.insert(0, diag(left))
            if right is not None:
                factors.append(diag(right))
            expr = matmul(*factors)
        else:
            assert left is not None
            assert right is not None
            expr = matmul(left, transpose(right))
    return _Array(indices, expr if coefficient is None else scale(coefficient, expr))


def _entrywise(factors: list[Expr]) -> Expr:
    """The elementwise product; reciprocals become a quotient."""
    above = [f for f in factors if not _is_reciprocal(f)]
    below = [f.args[0] for f in factors if _is_reciprocal(f)]
    if not above or not below:
        return hadamard(*factors)
    return hdivide(hadamard(*above), hadamard(*below))


def _is_reciprocal(expr: Expr) -> bool:
    return expr.op is Op.HPOWER and expr.args[1] is number(-1)


def _added(parts: list[_Array], sizes: Sizes) -> _Network:
    indices = tuple(dict.fromkeys(i for part in parts for i in part.indices))
    if not indices:
        return _Network((add(*(part.expr for part in parts)),))
    if len(indices) > 2:
        raise _NoForm
    return _Network((), (_Array(indices, add(*(_spread(p, indices, sizes) for p in parts))),))


def _spread(part: _Array, indices: tuple[str, ...], sizes: Sizes) -> Expr:
    """An array repeated along the indices that it does not carry."""
    if len(part.indices) == len(indices):
        return part.expr if len(indices) == 1 else part.oriented(indices[0])
    lengths = [sizes[index] for index in indices]
    if not part.indices:
        whole = ones(lengths[0], lengths[1] if len(lengths) == 2 else ONE)
        return whole if part.expr is number(1) else scale(part.expr, whole)
    if part.indices[0] == indices[0]:
        return matmul(part.expr, transpose(ones(lengths[1])))
    return matmul(ones(lengths[0]), transpose(part.expr))


def _summed(expr: Expr, sizes: Sizes) -> _Network:
    assert isinstance(expr.data, Range)
    index, size = expr.data.index, expr.data.upper
    if expr.data.lower != 1 or index in sizes:
        raise _NoForm
    network = _network(expr.args[0], {**sizes, index: size})
    carrying = [array for array in network.arrays if index in array.indices]
    others = tuple(array for array in network.arrays if index not in array.indices)
    vectors = [array.expr for array in carrying if len(array.indices) == 1]
    matrices = _merged([array for array in carrying if len(array.indices) == 2], index)
    if not carrying:
        return _Network((*network.scalars, dimension(size)), others)
    if not matrices:
        return _Network((*network.scalars, _total(vectors, size)), others)
    weight = _entrywise(vectors) if vectors else None
    joined = _joined(matrices, index, weight, size)
    return _Network(network.scalars, (*others, joined))


def _merged(matrices: list[_Array], index: str) -> list[_Array]:
    """Matrices over the same two indices and in the same orientation, multiplied entrywise."""
    groups: dict[tuple[str, ...], list[Expr]] = {}
    for array in matrices:
        groups.setdefault(array.indices, []).append(array.expr)
    return [_Array(indices, _entrywise(found)) for indices, found in groups.items()]


def _joined(matrices: list[_Array], index: str, weight: Expr | None, size: Dim) -> _Array:
    """The sum over ``index`` of a product of one or two matrices and a vector of weights."""
    others = [next(i for i in array.indices if i != index) for array in matrices]
    left = matrices[0].oriented(others[0])
    if len(matrices) == 1:
        return _Array((others[0],), matmul(left, ones(size) if weight is None else weight))
    if len(matrices) > 2:
        raise _NoForm
    right = matrices[1].oriented(index)
    product = matmul(left, right) if weight is None else matmul(left, diag(weight), right)
    if others[0] == others[1]:
        return _Array((others[0],), diagonal(product))
    return _Array((others[0], others[1]), product)


def _total(vectors: list[Expr], size: Dim) -> Expr:
    """The sum of the entries of an elementwise product, in its usual form."""
    if len(vectors) > 1:
        above = [f for f in vectors if not _is_reciprocal(f)]
        if len(above) == len(vectors):
            return matmul(transpose(vectors[0]), hadamard(*vectors[1:]))
        return matmul(transpose(ones(size)), _entrywise(vectors))
    (vector,) = vectors
    if vector.op is Op.DIAGONAL:
        return trace(vector.args[0])
    if vector.op is Op.HPOWER and vector.args[1] is number(2):
        return power(norm(vector.args[0], "2"), 2)
    if vector.op is Op.MATMUL and len(vector.args) == 2 and vector.args[1].op is Op.ONES:
        matrix = vector.args[0]
        if matrix.op is Op.HPOWER and matrix.args[1] is number(2):
            return power(norm(matrix.args[0], "F"), 2)
        if matrix.op is Op.HADAMARD and len(matrix.args) == 2:
            return trace(matmul(_transposed(matrix.args[0]), matrix.args[1]))
    if vector.op is Op.SCALE:
        return mul(vector.args[0], _total([vector.args[1]], size))
    return matmul(transpose(ones(size)), vector)
