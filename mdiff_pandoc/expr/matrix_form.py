r"""Sums over entries in matrix form: :math:`\sum_i a_i \log x_i` is :math:`a^T \log(x)`.

A scalar with free indices is read as a network (see `networks`), whose sums are carried out.
"""

from __future__ import annotations

from mdiff_pandoc.errors import MdiffError, UnsupportedError
from mdiff_pandoc.expr.build import (
    basis,
    diag,
    diagonal,
    identity,
    index_sum,
    matmul,
    mul,
    number,
    ones,
    row,
    transpose,
)
from mdiff_pandoc.expr.build import column as column_of
from mdiff_pandoc.expr.dims import ONE
from mdiff_pandoc.expr.indices import distinct
from mdiff_pandoc.expr.networks import (
    Array,
    Network,
    NoForm,
    Outside,
    Sizes,
    added,
    flipped,
    powered,
    without_identities,
)
from mdiff_pandoc.expr.node import Expr, Op, Range, walk
from mdiff_pandoc.expr.rebuild import rebuild
from mdiff_pandoc.expr.special import derivative


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
    except (NoForm, MdiffError):
        return None


def _rewrite(expr: Expr) -> Expr:
    if not has_index_sum(expr):
        return expr
    if expr.op is Op.INDEX_SUM and expr.is_scalar:
        try:
            network = _read(distinct(expr), {}).contracted()
        except (NoForm, MdiffError):
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
        raise NoForm
    weight = None
    if coefficient is not None:
        weight = _read(distinct(coefficient, (index,)), {index: size}).collapsed()
    if weight is not None and not weight.indices:
        raise NoForm
    first, last = places[0], places[-1]
    left = _column_source(chain[first], index)
    right = _row_source(chain[last], index)
    if len(places) == 2:
        if last != first + 1 or left is None or right is None:
            raise NoForm
        middle = [left, right] if weight is None else [left, diag(weight.expr), right]
    else:
        vector = ones(size) if weight is None else weight.expr
        if left is not None:
            middle = [left, vector]
        elif right is not None:
            middle = [transpose(vector), right]
        else:
            raise NoForm
    factors = [*chain[:first], *middle, *chain[last + 1 :]]
    return without_identities(factors)


def _column_source(factor: Expr, index: str) -> Expr | None:
    """The matrix of which ``factor`` is the column with that index."""
    if factor.op is Op.BASIS and factor.data == index:
        return identity(factor.shape[0])
    if factor.op is Op.COLUMN and factor.data == index and index not in factor.args[0].free:
        return factor.args[0]
    if factor.op is Op.TRANSPOSE and factor.args[0].op is Op.ROW:
        source = _row_source(factor.args[0], index)
        return None if source is None else flipped(source)
    return None


def _row_source(factor: Expr, index: str) -> Expr | None:
    """The matrix of which ``factor`` is the row with that index."""
    if factor.op is Op.ROW and factor.data == index and index not in factor.args[0].free:
        return factor.args[0]
    if factor.op is Op.TRANSPOSE and factor.args[0].op in (Op.BASIS, Op.COLUMN):
        source = _column_source(factor.args[0], index)
        return source if source is None or source.op is Op.IDENTITY else flipped(source)
    return None


def network_of(expr: Expr, sizes: Sizes) -> Network:
    """A scalar with the free indices ``sizes`` as a network without sums.

    A sum that has no matrix form by itself, such as one over samples, is kept around the arrays
    that depend on its index. Raises MdiffError where even that is not possible.
    """
    expr = distinct(expr, sizes)
    outside: set[str] = set()
    while True:
        try:
            return _read(expr, sizes, frozenset(outside)).contracted()
        except Outside as found:
            if found.index in sizes or found.index in outside:
                raise UnsupportedError("these sums over entries have no matrix form") from None
            outside.add(found.index)
        except NoForm:
            raise UnsupportedError("these sums over entries have no matrix form") from None


_NONE: frozenset[str] = frozenset()


def _read(expr: Expr, sizes: Sizes, outside: frozenset[str] = _NONE) -> Network:
    if expr.free.isdisjoint(sizes) and not has_index_sum(expr):
        if not expr.is_scalar:
            raise NoForm
        return Network([expr])
    match expr.op:
        case Op.ENTRY:
            return Network([], [_entry(expr, sizes)])
        case Op.DELTA:
            return Network([], [_delta(expr, sizes)])
        case Op.DERIVATIVE if expr.args[1].op is Op.ENTRY and expr.args[0].free.isdisjoint(sizes):
            return Network([], [_slope(expr, sizes)])
        case Op.MUL:
            return _multiplied(expr, sizes, outside)
        case Op.INDEX_SUM:
            return _summed(expr, sizes, outside)
        case Op.SUM:
            return added([_read(arg, sizes, outside).collapsed() for arg in expr.args], sizes)
        case Op.POWER if expr.args[1].free.isdisjoint(sizes):
            return powered(_read(expr.args[0], sizes, outside).collapsed(), expr.args[1])
        case Op.FUNC:
            base = _read(expr.args[0], sizes, outside).collapsed()
            applied = rebuild(expr, (base.expr,))
            if not base.indices:
                return Network([applied])
            return Network([], [Array(base.indices, applied)])
        case Op.EXPECTATION:
            inner = _read(expr.args[0], sizes, outside).collapsed()
            average = rebuild(expr, (inner.expr,))
            return (
                Network([], [Array(inner.indices, average)])
                if inner.indices
                else (Network([average]))
            )
        case Op.MATMUL if not expr.free.isdisjoint(sizes):
            try:
                return Network([], [_bilinear(expr, sizes)])
            except NoForm:
                raise _outside(expr, sizes) from None
    if expr.free.isdisjoint(sizes):
        return Network([expr])
    raise _outside(expr, sizes)


def _outside(expr: Expr, sizes: Sizes) -> Outside:
    """The innermost index that an expression without a form depends on."""
    return Outside([index for index in sizes if index in expr.free][-1])


def _multiplied(expr: Expr, sizes: Sizes, outside: frozenset[str]) -> Network:
    product = Network()
    for arg in expr.args:
        part = _read(arg, sizes, outside)
        product.scalars += part.scalars
        product.arrays += part.arrays
        product.sums |= part.sums
    return product


def _summed(expr: Expr, sizes: Sizes, outside: frozenset[str]) -> Network:
    span, body = expr.data, expr.args[0]
    assert isinstance(span, Range)
    if span.lower == 1 and span.index not in outside:
        network = _read(body, {**sizes, span.index: span.upper}, outside)
        network.sums = {span.index: span.upper, **network.sums}
        return network
    if span.index not in outside:
        raise Outside(span.index)
    whole = _read(body, sizes, outside).collapsed()
    kept = index_sum(span.index, span.upper, whole.expr, span.lower)
    return Network([], [Array(whole.indices, kept)]) if whole.indices else Network([kept])


def _entry(expr: Expr, sizes: Sizes) -> Array:
    (whole,) = expr.args
    assert isinstance(expr.data, tuple)
    rows, columns = expr.data
    if not whole.free.isdisjoint(sizes):
        raise _outside(whole, sizes)
    if rows in sizes and columns in sizes:
        if rows == columns:
            return Array((rows,), diagonal(whole))
        return Array((rows, columns), whole)
    if rows in sizes:
        return Array((rows,), whole if whole.shape[1] == ONE else column_of(whole, columns))
    return Array((columns,), flipped(whole if whole.shape[0] == ONE else row(whole, rows)))


def _slope(expr: Expr, sizes: Sizes) -> Array:
    """The derivative of a scalar by an entry, which is an entry of its gradient."""
    f, variable = expr.args
    if not f.is_scalar:
        raise NoForm
    gradient = derivative(f, variable.args[0])
    return _entry(rebuild(variable, (gradient,)), sizes)


def _delta(expr: Expr, sizes: Sizes) -> Array:
    assert isinstance(expr.data, tuple)
    left, right = expr.data
    if left not in sizes:
        left, right = right, left
    if right not in sizes:
        return Array((left,), basis(right, sizes[left]))
    if sizes[left] != sizes[right] or left == right:
        raise NoForm
    return Array((left, right), identity(sizes[left]))


def _bilinear(expr: Expr, sizes: Sizes) -> Array:
    """A row times matrices times a column, such as ``A_{i:} B_{:j}``: entries of a product."""
    first, *middle, last = expr.args
    if not expr.is_scalar or any(not part.free.isdisjoint(sizes) for part in middle):
        raise NoForm
    rows, left = _line(first, Op.ROW, Op.COLUMN, sizes)
    columns, right = _line(last, Op.COLUMN, Op.ROW, sizes)
    product = matmul(left, *middle, right)
    if rows and columns:
        return (
            Array((rows, columns), product)
            if rows != columns
            else Array((rows,), diagonal(product))
        )
    return Array((rows,), product) if rows else Array((columns,), flipped(product))


def _line(expr: Expr, direct: Op, turned: Op, sizes: Sizes) -> tuple[str, Expr]:
    """The matrix that ``expr`` is a row (or column) of, with its index."""
    if expr.free.isdisjoint(sizes):
        return "", expr
    inner = expr.args[0] if expr.op is Op.TRANSPOSE else expr
    wanted = turned if expr.op is Op.TRANSPOSE else direct
    if inner.op is not wanted or inner.data not in sizes or not isinstance(inner.data, str):
        raise NoForm
    if not inner.args[0].free.isdisjoint(sizes):
        raise NoForm
    return inner.data, flipped(inner.args[0]) if expr.op is Op.TRANSPOSE else inner.args[0]
