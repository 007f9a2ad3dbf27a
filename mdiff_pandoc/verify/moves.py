"""What moves in a derivative, and the derivative from its definition.

A derivative is that along every entry of its variable. Where only its product with a random matrix
is wanted, one direction does: ``⟨∇f, T⟩`` is the derivative of f along T, and ``u^T J v`` that of
``u^T f`` along v. Of a symbol that is assumed to have a structure, the directions are projected on
those that keep it; so the gradient is the one that is tangent itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

from mdiff_pandoc.expr import SCALAR, Expr, Layout, Meta, Op, Symbol
from mdiff_pandoc.verify.arithmetic import linear, together
from mdiff_pandoc.verify.point import Move, Pair, Point
from mdiff_pandoc.verify.sample import projected

if TYPE_CHECKING:
    from mdiff_pandoc.verify.evaluate import Evaluator

Places = list[list[tuple[int, int]]]
_WRAPPED = (Op.TRANSPOSE, Op.VEC, Op.ENTRY)
# what the free entries of these decide stands in the matrix twice
_TWICE = {"symmetric", "positive definite", "skew"}


class Probe(NamedTuple):
    """A random matrix of a derivative's shape, and what it is made of."""

    dense: Any
    inner: Probe | None = None
    move: Move | None = None


def base_of(variable: Expr) -> Expr:
    """The symbol, name or function that a variable is an entry, transpose or vec of."""
    while variable.op in _WRAPPED:
        variable = variable.args[0]
    return variable


def tangent(point: Point, move: Move, value: Any) -> Any:
    """The direction of a move of a base with a value; None for a constant."""
    base, direction = move.base, move.test
    assert base is not None
    data = base.data
    assumed = data.assumptions if isinstance(data, Symbol) else frozenset()
    if isinstance(data, Meta):
        assumed = data.requires
    if "constant" in assumed:
        return None
    if base.is_scalar or not assumed:
        return direction
    if point.setting.entries and not assumed.isdisjoint(_TWICE):
        direction = direction + direction - _diagonal(point, direction)
    return projected(point, direction, assumed, value)


def _diagonal(point: Point, matrix: Any) -> Any:
    size = matrix.ncols()
    kept = [x if k % (size + 1) == 0 else 0 for k, x in enumerate(matrix.entries())]
    return point.matrix(size, size, kept)


def unit_move(point: Point, base: Expr, place: tuple[int, int]) -> Move:
    """The move of one entry."""
    if base.shape == SCALAR:
        return Move(base, place, point.scalar(1))
    rows, columns = point.shape(base.shape)
    entries = [0] * (rows * columns)
    entries[place[0] * columns + place[1]] = 1
    return Move(base, place, point.matrix(rows, columns, entries))


def places(point: Point, variable: Expr) -> Places:
    """Which entry of its base stands at each place of a variable, counted from 0."""
    if variable.op not in _WRAPPED:
        rows, columns = point.shape(variable.shape)
        return [[(i, j) for j in range(columns)] for i in range(rows)]
    grid = places(point, variable.args[0])
    if variable.op is Op.TRANSPOSE:
        return [list(line) for line in zip(*grid, strict=True)]
    if variable.op is Op.VEC:
        return [[place] for column in zip(*grid, strict=True) for place in column]
    assert isinstance(variable.data, tuple)
    i, j = (point.index(index) for index in variable.data)
    point.within(i, len(grid))
    point.within(j, len(grid[0]))
    return [[grid[i - 1][j - 1]]]


def derivative_value(ev: Evaluator, node: Expr) -> Pair:
    """A derivative, one entry of the variable after the other."""
    f, variable = node.args
    point, base = ev.point, base_of(variable)
    if not point.setting.holds(base, f):
        return point.filled(node.shape, 0), None
    flat = [place for line in places(point, variable) for place in line]
    slopes = [ev.slope(unit_move(point, base, place), lambda e: e.get(f)) for place in flat]
    down = node.data is Layout.DENOMINATOR
    if variable.is_scalar:
        turned = down and f.is_vector
        return linear(slopes[0], lambda m: m.transpose()) if turned else slopes[0]
    rows, columns = point.shape(node.shape)
    if f.is_scalar:
        return together(slopes, lambda values: point.matrix(rows, columns, values))

    def jacobian(values: Any) -> Any:
        size = values[0].nrows()
        entries = [x for value in values for x in value.entries()]
        matrix = point.matrix(len(values), size, entries)
        return matrix if down else matrix.transpose()

    return together(slopes, jacobian)


def is_probed(node: Expr) -> bool:
    """Is it a derivative, or the differential, transpose or vec of one?"""
    while node.op in (Op.DIFF, Op.TRANSPOSE, Op.VEC):
        node = node.args[0]
    return node.op is Op.DERIVATIVE


def probe(point: Point, node: Expr, name: Hashable = ()) -> Probe:
    """A random matrix for a node, of rank one where two directions make it."""
    deeper = (name, node.op)
    if node.op is Op.DIFF:
        inner = probe(point, node.args[0], deeper)
        return Probe(inner.dense, inner)
    if node.op in (Op.TRANSPOSE, Op.VEC):
        inner = probe(point, node.args[0], deeper)
        return Probe(_wrapped(point, node, inner.dense), inner)
    if node.op is not Op.DERIVATIVE:
        return Probe(point.test(name, node.shape))
    f, variable = node.args
    move, along = _move(point, variable, (name, "along"))
    if f.is_scalar:
        return Probe(along, None, move)
    inner = probe(point, f, deeper)
    down = node.data is Layout.DENOMINATOR
    if variable.is_scalar:
        dense = inner.dense.transpose() if down and f.is_vector else inner.dense
    elif down:
        dense = along * inner.dense.transpose()
    else:
        dense = inner.dense * along.transpose()
    return Probe(dense, inner, move)


def _move(point: Point, variable: Expr, name: Hashable) -> tuple[Move, Any]:
    """A random move of a variable, and its direction in the shape of the variable."""
    base = base_of(variable)
    if variable.is_scalar:
        place = places(point, variable)[0][0]
        return unit_move(point, base, place), point.scalar(1)
    direction = point.test(name, base.shape)
    chain = [variable]
    while chain[-1] is not base:
        chain.append(chain[-1].args[0])
    along = direction
    for node in chain[-2::-1]:
        along = _wrapped(point, node, along)
    return Move(base, (name, "test"), direction), along


def _wrapped(point: Point, node: Expr, matrix: Any) -> Any:
    if node.args[0].is_scalar:
        return matrix
    turned = matrix.transpose()
    if node.op is Op.TRANSPOSE:
        return turned
    return point.matrix(matrix.nrows() * matrix.ncols(), 1, turned.entries())


def pairing(ev: Evaluator, node: Expr, with_: Probe) -> Pair:
    """``⟨node, T⟩`` for the matrix T of a probe that was made for this node."""
    inner = with_.inner
    if with_.move is not None:
        f = node.args[0]
        if inner is None:
            return ev.slope(with_.move, lambda e: e.get(f))
        return ev.slope(with_.move, lambda e: pairing(e, f, inner))
    body = node.args[0] if inner is not None else node
    if inner is None:
        return linear(ev.get(node), lambda value: product_sum(value, with_.dense))
    if node.op is Op.DIFF:
        return ev.slope(ev.point.differential, lambda e: pairing(e, body, inner))
    return pairing(ev, body, inner)


def product_sum(left: Any, right: Any) -> Any:
    """The sum of the products of corresponding entries."""
    if not hasattr(left, "entries"):
        return left * right
    pairs = zip(left.entries(), right.entries(), strict=True)
    terms = [x * y for x, y in pairs]
    return sum(terms[1:], terms[0])
