"""How each kind of node is evaluated: one function per kind, on pairs (value, tangent)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mdiff_pandoc.expr import SCALAR, Dim, Expr, Op, Range
from mdiff_pandoc.verify.arithmetic import linear, plus, reciprocal, times
from mdiff_pandoc.verify.evaluate import Evaluator, Handler
from mdiff_pandoc.verify.matrices import (
    adjugate,
    block,
    commutation,
    cross,
    expectation,
    pseudo_inverse,
)
from mdiff_pandoc.verify.moves import derivative_value
from mdiff_pandoc.verify.point import Pair
from mdiff_pandoc.verify.sample import RedrawError
from mdiff_pandoc.verify.unspecified import gradient_of_applied


def _sum(ev: Evaluator, node: Expr) -> Pair:
    total = ev.get(node.args[0])
    for arg in node.args[1:]:
        total = plus(total, ev.get(arg))
    return total


def _product(ev: Evaluator, node: Expr) -> Pair:
    total = ev.get(node.args[0])
    for arg in node.args[1:]:
        total = times(total, ev.get(arg))
    return total


def _matmul(ev: Evaluator, node: Expr) -> Pair:
    args = node.args
    if args[-1].shape[1] == SCALAR[1]:
        total = ev.get(args[-1])
        for arg in args[-2::-1]:
            total = times(ev.get(arg), total)
    else:
        total = _product(ev, node)
    return linear(total, _corner) if node.shape == SCALAR else total


def _corner(matrix: Any) -> Any:
    return matrix[0, 0]


def _inverse(ev: Evaluator, node: Expr) -> Pair:
    return reciprocal(ev.get(node.args[0]))


def _transpose(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    return pair if node.is_scalar else linear(pair, _flip)


def _flip(matrix: Any) -> Any:
    return matrix.transpose()


def _trace(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    return pair if node.args[0].is_scalar else linear(pair, trace_of)


def trace_of(matrix: Any) -> Any:
    """The sum of the diagonal."""
    total = matrix[0, 0]
    for i in range(1, matrix.nrows()):
        total = total + matrix[i, i]
    return total


def _det(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    return pair if node.args[0].is_scalar else ev.determinant(*pair)


def _hadamard(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    for arg in node.args[1:]:
        (x, s), (y, t) = pair, ev.get(arg)
        left = None if s is None else _times_entries(ev, s, y)
        right = None if t is None else _times_entries(ev, x, t)
        pair = _times_entries(ev, x, y), _plus(left, right)
    return pair


def _plus(left: Any, right: Any) -> Any:
    return left if right is None else (right if left is None else left + right)


def _times_entries(ev: Evaluator, left: Any, right: Any) -> Any:
    entries = [x * y for x, y in zip(left.entries(), right.entries(), strict=True)]
    return ev.entrywise(left, entries)


def _hdiv(ev: Evaluator, node: Expr) -> Pair:
    (x, s), (y, t) = ev.get(node.args[0]), ev.get(node.args[1])
    below = y.entries()
    quotient = [a / b for a, b in zip(x.entries(), below, strict=True)]
    value = ev.entrywise(x, quotient)
    if s is None and t is None:
        return value, None
    # the tangent r solves (q + rε)(y + tε) = x + sε
    rest = ([ev.point.scalar(0)] * len(below)) if s is None else s.entries()
    if t is not None:
        rest = [c - q * d for c, q, d in zip(rest, quotient, t.entries(), strict=True)]
    return value, ev.entrywise(x, [r / b for r, b in zip(rest, below, strict=True)])


def _diag(ev: Evaluator, node: Expr) -> Pair:
    def spread(vector: Any) -> Any:
        size = vector.nrows()
        entries = [0] * (size * size)
        entries[:: size + 1] = vector.entries()
        return ev.point.matrix(size, size, entries)

    return linear(ev.get(node.args[0]), spread)


def _diagonal(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    if node.is_scalar:
        return pair

    def diagonal(matrix: Any) -> Any:
        size = matrix.nrows()
        return ev.point.matrix(size, 1, [matrix[i, i] for i in range(size)])

    return linear(pair, diagonal)


def _triangle(ev: Evaluator, node: Expr) -> Pair:
    lower = node.data == "lower"

    def part(matrix: Any) -> Any:
        size = matrix.nrows()
        places = [(i, j) for i in range(size) for j in range(size)]
        kept = [matrix[i, j] if i == j or (i > j) is lower else 0 for i, j in places]
        return ev.point.matrix(size, size, kept)

    return linear(ev.get(node.args[0]), part)


def _kron(ev: Evaluator, node: Expr) -> Pair:
    def kron(left: Any, right: Any) -> Any:
        rows, columns = left.nrows() * right.nrows(), left.ncols() * right.ncols()
        a, b = left.tolist(), right.tolist()
        entries = [x * y for r in a for s in b for x in r for y in s]
        return ev.point.matrix(rows, columns, entries)

    (x, s), (y, t) = ev.get(node.args[0]), ev.get(node.args[1])
    left = None if s is None else kron(s, y)
    right = None if t is None else kron(x, t)
    return kron(x, y), _plus(left, right)


def _vec(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    if node.is_scalar:
        return pair

    def stack(matrix: Any) -> Any:
        length = matrix.nrows() * matrix.ncols()
        return ev.point.matrix(length, 1, matrix.transpose().entries())

    return linear(pair, stack)


def _unvec(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    if node.is_scalar:
        return pair
    rows, columns = ev.point.shape(node.shape)
    return linear(pair, lambda v: ev.point.matrix(columns, rows, v.entries()).transpose())


def _entry(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    assert isinstance(node.data, tuple)
    i, j = (ev.point.index(index) for index in node.data)
    rows, columns = ev.point.shape(node.args[0].shape)
    ev.point.within(i, rows)
    ev.point.within(j, columns)
    return pair if node.args[0].is_scalar else linear(pair, lambda m: m[i - 1, j - 1])


def _row(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    i = ev.point.index(node.data)
    rows, columns = ev.point.shape(node.args[0].shape)
    ev.point.within(i, rows)
    if node.args[0].is_scalar:
        return pair
    if node.is_scalar:
        return linear(pair, lambda m: m[i - 1, 0])
    return linear(
        pair, lambda m: ev.point.matrix(1, columns, [m[i - 1, j] for j in range(columns)])
    )


def _column(ev: Evaluator, node: Expr) -> Pair:
    pair = ev.get(node.args[0])
    j = ev.point.index(node.data)
    rows, columns = ev.point.shape(node.args[0].shape)
    ev.point.within(j, columns)
    if node.args[0].is_scalar:
        return pair
    if node.is_scalar:
        return linear(pair, lambda m: m[0, j - 1])
    return linear(pair, lambda m: ev.point.matrix(rows, 1, [m[i, j - 1] for i in range(rows)]))


def _index_sum(ev: Evaluator, node: Expr) -> Pair:
    data = node.data
    assert isinstance(data, Range)
    if data.lower > data.upper.at(ev.point.sizes):
        raise RedrawError(f"no sizes for which the sum from {data.lower} has terms were found")
    env = ev.point.env
    outer = env.get(data.index)
    total: Pair | None = None
    try:
        for value in range(data.lower, data.upper.at(ev.point.sizes) + 1):
            env[data.index] = value
            term = ev.get(node.args[0])
            total = term if total is None else plus(total, term)
    finally:
        if outer is None:
            env.pop(data.index, None)
        else:
            env[data.index] = outer
    assert total is not None
    return total


def _delta(ev: Evaluator, node: Expr) -> Pair:
    assert isinstance(node.data, tuple)
    left, right = (ev.point.index(index) for index in node.data)
    return ev.point.scalar(int(left == right)), None


def _basis(ev: Evaluator, node: Expr) -> Pair:
    size, index = ev.point.dim(node.shape[0]), ev.point.index(node.data)
    ev.point.within(index, size)
    if node.is_scalar:
        return ev.point.scalar(1), None
    return ev.point.matrix(size, 1, [int(k + 1 == index) for k in range(size)]), None


def _number(ev: Evaluator, node: Expr) -> Pair:
    assert isinstance(node.data, Fraction)
    return ev.point.scalar(node.data), None


def _dimension(ev: Evaluator, node: Expr) -> Pair:
    assert isinstance(node.data, Dim)
    return ev.point.scalar(node.data.at(ev.point.sizes)), None


HANDLERS: dict[Op, Handler] = {
    Op.NUMBER: _number,
    Op.DIMENSION: _dimension,
    Op.SYMBOL: lambda ev, node: ev.leaf(node),
    Op.META: lambda ev, node: ev.leaf(node),
    Op.NAMED: lambda ev, node: ev.leaf(node),
    Op.APPLY: lambda ev, node: ev.leaf(node),
    Op.SLOPE: gradient_of_applied,
    Op.DERIVATIVE: derivative_value,
    Op.COMMUTATION: commutation,
    Op.BLOCK: block,
    Op.CROSS: cross,
    Op.ADJUGATE: adjugate,
    Op.PSEUDO_INVERSE: pseudo_inverse,
    Op.EXPECTATION: expectation,
    Op.IDENTITY: lambda ev, node: (ev.point.identity(node.shape[0]), None),
    Op.ONES: lambda ev, node: (ev.point.filled(node.shape, 1), None),
    Op.ZERO: lambda ev, node: (ev.point.filled(node.shape, 0), None),
    Op.BASIS: _basis,
    Op.SUM: _sum,
    Op.MUL: _product,
    Op.SCALE: _product,
    Op.MATMUL: _matmul,
    Op.POWER: lambda ev, node: ev.raised(node),
    Op.INVERSE: _inverse,
    Op.TRANSPOSE: _transpose,
    Op.TRACE: _trace,
    Op.DET: _det,
    Op.HADAMARD: _hadamard,
    Op.HDIV: _hdiv,
    Op.HPOWER: lambda ev, node: ev.raised_entries(node),
    Op.DIAG: _diag,
    Op.DIAGONAL: _diagonal,
    Op.TRIANGLE: _triangle,
    Op.KRON: _kron,
    Op.VEC: _vec,
    Op.UNVEC: _unvec,
    Op.ENTRY: _entry,
    Op.ROW: _row,
    Op.COLUMN: _column,
    Op.INDEX_SUM: _index_sum,
    Op.DELTA: _delta,
    Op.DIFF: lambda ev, node: ev.differential(node),
}
