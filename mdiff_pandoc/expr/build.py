"""Constructors: each checks shapes and raises; none simplifies or reorders.

The only liberties are those of notation: a sum of sums is one flat sum, a chain of chains one
flat chain, and a scalar factor of a chain stands apart as its coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from mdiff_pandoc.errors import NotSquareError, ShapeError, UnsupportedError
from mdiff_pandoc.expr.dims import ONE, SCALAR, Dim, Shape, show_shape
from mdiff_pandoc.expr.node import Expr, Index, Meta, Op, Range, Symbol, Unknown, make

Number = int | Fraction


@lru_cache(maxsize=1024)
def number(value: Number) -> Expr:
    """A rational number."""
    return make(Op.NUMBER, data=Fraction(value))


def dimension(dim: Dim | str) -> Expr:
    """A dimension used as a number, as in ``1/(2n)``."""
    return make(Op.DIMENSION, data=Dim.of(dim))


def constant(name: str) -> Expr:
    """The constant ``pi`` or ``e``."""
    return make(Op.CONSTANT, data=name)


def symbol(
    name: str,
    rows: Dim | int | str = 1,
    columns: Dim | int | str = 1,
    assumptions: Sequence[str] | frozenset[str] = frozenset(),
    indices: tuple[Index, ...] = (),
) -> Expr:
    """A named scalar, column vector or matrix."""
    data = Symbol(name, frozenset(assumptions), indices)
    return make(Op.SYMBOL, data=data, shape=(Dim.of(rows), Dim.of(columns)))


def meta(
    name: str,
    rows: Dim | int | str = 1,
    columns: Dim | int | str = 1,
    *,
    segment: bool = False,
    optional: bool = False,
    active: bool = False,
    requires: Sequence[str] = (),
) -> Expr:
    """A metavariable of a rule; see `Meta`."""
    data = Meta(name, segment or optional, optional, active, frozenset(requires))
    return make(Op.META, data=data, shape=(Dim.of(rows), Dim.of(columns)))


def identity(size: Dim | int | str) -> Expr:
    """The n×n identity matrix."""
    dim = Dim.of(size)
    return make(Op.IDENTITY, shape=(dim, dim))


def ones(rows: Dim | int | str, columns: Dim | int | str = 1) -> Expr:
    """A vector or matrix of ones."""
    return make(Op.ONES, shape=(Dim.of(rows), Dim.of(columns)))


def zero(rows: Dim | int | str = 1, columns: Dim | int | str = 1) -> Expr:
    """A vector or matrix of zeros; of shape 1×1 it is the number 0."""
    shape = (Dim.of(rows), Dim.of(columns))
    return number(0) if shape == SCALAR else make(Op.ZERO, shape=shape)


def basis(index: Index, size: Dim | int | str) -> Expr:
    """The unit vector e_i of length ``size``."""
    return make(Op.BASIS, data=index, shape=(Dim.of(size), ONE))


def add(*terms: Expr) -> Expr:
    """A sum of terms of one shape. Raises ShapeError."""
    flat: list[Expr] = []
    for term in terms:
        flat.extend(term.args if term.op is Op.SUM else (term,))
    if len(flat) == 1:
        return flat[0]
    first = flat[0]
    for term in flat[1:]:
        if term.shape != first.shape:
            raise ShapeError(
                f"cannot add a {show_shape(first.shape)} and a {show_shape(term.shape)} term"
            )
    return make(Op.SUM, tuple(flat), shape=first.shape)


def neg(expr: Expr) -> Expr:
    """``-expr``, as the coefficient -1."""
    if expr.op is Op.NUMBER and isinstance(expr.data, Fraction):
        return number(-expr.data)
    return scale(number(-1), expr)


def sub(left: Expr, right: Expr) -> Expr:
    """``left - right``."""
    return add(left, neg(right))


def scale(coefficient: Expr, expr: Expr) -> Expr:
    """A scalar times anything: a flat scalar product, or a coefficient of a matrix."""
    if not coefficient.is_scalar:
        raise ShapeError(f"the coefficient is {show_shape(coefficient.shape)}, not a scalar")
    if expr.is_scalar:
        return mul(coefficient, expr)
    if expr.op is Op.SCALE:
        inner, body = expr.args
        return make(Op.SCALE, (mul(coefficient, inner), body), shape=expr.shape)
    return make(Op.SCALE, (coefficient, expr), shape=expr.shape)


def mul(*factors: Expr) -> Expr:
    """A product of scalars. Raises ShapeError for anything else."""
    flat: list[Expr] = []
    for factor in factors:
        if not factor.is_scalar:
            raise ShapeError(f"a factor is {show_shape(factor.shape)}, not a scalar")
        flat.extend(factor.args if factor.op is Op.MUL else (factor,))
    if len(flat) == 1:
        return flat[0]
    return make(Op.MUL, tuple(flat))


def matmul(*factors: Expr) -> Expr:
    """A matrix product; scalar factors and coefficients come out in front.

    Raises ShapeError when neighbouring factors do not conform.
    """
    scalars: list[Expr] = []
    chain: list[Expr] = []
    for factor in factors:
        body = factor
        if body.op is Op.SCALE:
            scalars.append(body.args[0])
            body = body.args[1]
        if body.is_scalar:
            scalars.append(body)
        else:
            chain.extend(body.args if body.op is Op.MATMUL else (body,))
    for left, right in pairwise(chain):
        if left.shape[1] != right.shape[0]:
            raise ShapeError(
                f"cannot multiply a {show_shape(left.shape)} by a {show_shape(right.shape)} factor"
            )
    if not chain:
        return mul(*scalars)
    if len(chain) == 1:
        product = chain[0]
    else:
        product = make(Op.MATMUL, tuple(chain), shape=(chain[0].shape[0], chain[-1].shape[1]))
    return scale(mul(*scalars), product) if scalars else product


def power(base: Expr, exponent: Expr | Number) -> Expr:
    """A scalar, or a square matrix, to a scalar power. Raises NotSquareError."""
    if isinstance(exponent, int | Fraction):
        exponent = number(exponent)
    if not exponent.is_scalar:
        raise ShapeError(f"the exponent is {show_shape(exponent.shape)}, not a scalar")
    require_square(base, "a power")
    return make(Op.POWER, (base, exponent), shape=base.shape)


def divide(expr: Expr, denominator: Expr) -> Expr:
    """``expr / denominator`` for a scalar denominator."""
    if not denominator.is_scalar:
        raise ShapeError(f"the denominator is {show_shape(denominator.shape)}, not a scalar")
    return scale(power(denominator, -1), expr)


def inverse(expr: Expr) -> Expr:
    """The inverse of a square matrix; of a scalar, its reciprocal."""
    if expr.is_scalar:
        return power(expr, -1)
    require_square(expr, "an inverse")
    return make(Op.INVERSE, (expr,), shape=expr.shape)


def transpose(expr: Expr) -> Expr:
    """The transpose."""
    return make(Op.TRANSPOSE, (expr,), shape=(expr.shape[1], expr.shape[0]))


def trace(expr: Expr) -> Expr:
    """The trace of a square matrix. Raises NotSquareError."""
    require_square(expr, "a trace")
    return make(Op.TRACE, (expr,))


def det(expr: Expr) -> Expr:
    """The determinant of a square matrix. Raises NotSquareError."""
    require_square(expr, "a determinant")
    return make(Op.DET, (expr,))


def norm(expr: Expr, kind: str | Number = "F") -> Expr:
    """A norm: ``"F"`` Frobenius, ``"2"`` Euclidean (of a vector) or spectral, ``"*"``
    nuclear, ``"inf"`` the largest absolute entry of a vector, or a number p >= 1.

    A p-norm of a matrix is the entrywise one. Raises UnsupportedError for other kinds.
    """
    if isinstance(kind, int | Fraction):
        if kind < 1:
            raise UnsupportedError(f"a p-norm needs p >= 1, not {kind}")
        kind = Fraction(kind)
    elif kind not in ("F", "2", "*", "inf"):
        raise UnsupportedError(f"the norm {kind!r} is not known")
    return make(Op.NORM, (expr,), data=kind)


def hadamard(*factors: Expr) -> Expr:
    """The elementwise product of factors of one shape. Raises ShapeError."""
    flat: list[Expr] = []
    for factor in factors:
        flat.extend(factor.args if factor.op is Op.HADAMARD else (factor,))
    for factor in flat[1:]:
        if factor.shape != flat[0].shape:
            raise ShapeError(
                f"an elementwise product of {show_shape(flat[0].shape)} "
                f"and {show_shape(factor.shape)}"
            )
    if len(flat) == 1:
        return flat[0]
    if flat[0].is_scalar:
        return mul(*flat)
    return make(Op.HADAMARD, tuple(flat), shape=flat[0].shape)


def hdivide(left: Expr, right: Expr) -> Expr:
    """The elementwise quotient of two expressions of one shape."""
    if left.shape != right.shape:
        raise ShapeError(
            f"an elementwise quotient of {show_shape(left.shape)} by {show_shape(right.shape)}"
        )
    if left.is_scalar:
        return divide(left, right)
    return make(Op.HDIV, (left, right), shape=left.shape)


def hpower(base: Expr, exponent: Expr | Number) -> Expr:
    """The elementwise power."""
    if isinstance(exponent, int | Fraction):
        exponent = number(exponent)
    if base.is_scalar:
        return power(base, exponent)
    if not exponent.is_scalar:
        raise ShapeError(f"the exponent is {show_shape(exponent.shape)}, not a scalar")
    return make(Op.HPOWER, (base, exponent), shape=base.shape)


def function(name: str | Unknown, argument: Expr) -> Expr:
    """An elementwise function, known by name (see `functions`) or unspecified."""
    return make(Op.FUNC, (argument,), data=name, shape=argument.shape)


def diag(expr: Expr) -> Expr:
    """The diagonal matrix with a given vector on its diagonal."""
    if not expr.is_vector:
        raise ShapeError(f"Diag needs a column vector, not {show_shape(expr.shape)}")
    return make(Op.DIAG, (expr,), shape=(expr.shape[0], expr.shape[0]))


def diagonal(expr: Expr) -> Expr:
    """The diagonal of a square matrix, as a vector."""
    require_square(expr, "a diagonal")
    return make(Op.DIAGONAL, (expr,), shape=(expr.shape[0], ONE))


def triangle(expr: Expr, side: str) -> Expr:
    """The ``lower`` or ``upper`` triangular part of a square matrix, with its diagonal."""
    require_square(expr, f"the {side} triangular part")
    return make(Op.TRIANGLE, (expr,), side, expr.shape)


def kron(left: Expr, right: Expr) -> Expr:
    """The Kronecker product."""
    if left.is_scalar or right.is_scalar:
        return scale(left, right) if left.is_scalar else scale(right, left)
    shape = (left.shape[0] * right.shape[0], left.shape[1] * right.shape[1])
    return make(Op.KRON, (left, right), shape=shape)


def vec(expr: Expr) -> Expr:
    """The columns of a matrix, stacked."""
    return make(Op.VEC, (expr,), shape=(expr.shape[0] * expr.shape[1], ONE))


def unvec(expr: Expr, shape: Shape) -> Expr:
    """The matrix of the given shape whose ``vec`` is ``expr``. Raises ShapeError."""
    if expr.shape != (shape[0] * shape[1], ONE):
        raise ShapeError(f"a {show_shape(expr.shape)} vector cannot become {show_shape(shape)}")
    return make(Op.UNVEC, (expr,), shape=shape)


def entry(expr: Expr, row: Index, column: Index = 1) -> Expr:
    """The entry in a row and column, counted from 1."""
    return make(Op.ENTRY, (expr,), data=(row, column))


def row(expr: Expr, index: Index) -> Expr:
    """A row, as a 1×n matrix."""
    return make(Op.ROW, (expr,), data=index, shape=(ONE, expr.shape[1]))


def column(expr: Expr, index: Index) -> Expr:
    """A column, as a vector."""
    return make(Op.COLUMN, (expr,), data=index, shape=(expr.shape[0], ONE))


def index_sum(index: str, upper: Dim | int | str, body: Expr, lower: int = 1) -> Expr:
    """The sum of ``body`` over ``index`` from ``lower`` to ``upper``."""
    data = Range(index, Dim.of(upper), lower)
    return make(Op.INDEX_SUM, (body,), data=data, shape=body.shape)


def delta(left: Index, right: Index) -> Expr:
    """The Kronecker delta."""
    return make(Op.DELTA, data=(left, right))


def diff(expr: Expr) -> Expr:
    """The differential ``d(expr)``."""
    return make(Op.DIFF, (expr,), shape=expr.shape)


def require_square(expr: Expr, what: str) -> None:
    """Raise NotSquareError unless ``expr`` is square; ``what`` is named in the message."""
    if expr.shape[0] != expr.shape[1]:
        raise NotSquareError(
            f"{what} needs a square matrix, but this one is {show_shape(expr.shape)}"
        )
