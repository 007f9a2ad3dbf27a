"""Constructors of derivatives, names, unspecified functions and functions of whole matrices.

Like those of `build`, each checks shapes and raises; none simplifies.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.errors import ShapeError, UnsupportedError
from mdiff_pandoc.expr.build import require_square
from mdiff_pandoc.expr.dims import ONE, SCALAR, Dim, Shape, show_shape
from mdiff_pandoc.expr.node import Expr, Index, Layout, Op, make

# analytic functions that a square matrix can be put into
MATRIX_FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "sinh", "cosh")
_VARIABLES = frozenset({Op.SYMBOL, Op.NAMED, Op.APPLY})


def derivative(f: Expr, variable: Expr, layout: Layout = Layout.NUMERATOR) -> Expr:
    """The derivative of ``f`` by ``variable``, unevaluated.

    The variable is a symbol, a name or an unspecified function, one of its entries, or the
    transpose or vec of one. A scalar ``f`` gives its gradient, in the shape of the variable. By a
    scalar variable the shape is that of ``f``; a column vector ``f`` lies down in the layout
    ``denominator``. A column of length m by one of length n gives the Jacobian, m×n in the layout
    ``numerator``, n×m in the other. Raises ShapeError for a matrix by a matrix (take ``vec`` or
    entries of both) and UnsupportedError for another kind of variable.
    """
    if not is_variable(variable):
        raise UnsupportedError("a derivative is taken by a symbol or one of its entries")
    if f.is_scalar:
        shape = variable.shape
    elif variable.is_scalar:
        down = layout is Layout.DENOMINATOR and f.is_vector
        shape = (f.shape[1], f.shape[0]) if down else f.shape
    elif f.is_vector and variable.is_vector:
        shape = (f.shape[0], variable.shape[0])
        if layout is Layout.DENOMINATOR:
            shape = shape[::-1]
    else:
        raise ShapeError(
            f"the derivative of a {show_shape(f.shape)} by a {show_shape(variable.shape)} "
            "expression has four indices"
        )
    return make(Op.DERIVATIVE, (f, variable), layout, shape)


def is_variable(expr: Expr) -> bool:
    """Can a derivative be taken by this expression?"""
    while expr.op in (Op.TRANSPOSE, Op.VEC, Op.ENTRY):
        expr = expr.args[0]
    return expr.op in _VARIABLES


def named(name: str, value: Expr) -> Expr:
    """``value`` under a name, as in ``C = AB``."""
    return make(Op.NAMED, (value,), name, value.shape)


def apply(name: str, args: Sequence[Expr], shape: Shape = SCALAR) -> Expr:
    """An unspecified function of its arguments, with a value of the given shape."""
    return make(Op.APPLY, tuple(args), name, shape)


def slope(call: Expr, argument: int = 0) -> Expr:
    """The gradient of an unspecified scalar function by one argument, at its arguments.

    Raises UnsupportedError for anything else.
    """
    if call.op is not Op.APPLY or not call.is_scalar:
        raise UnsupportedError("only an unspecified scalar function has a gradient to name")
    return make(Op.SLOPE, (call,), argument, call.args[argument].shape)


def commutation(rows: Dim | int | str, columns: Dim | int | str) -> Expr:
    """The commutation matrix K_{m,n}: ``vec(X^T) = K_{m,n} vec(X)`` for X of shape m×n.

    Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 3 §7.
    """
    m, n = Dim.of(rows), Dim.of(columns)
    return make(Op.COMMUTATION, data=(m, n), shape=(m * n, m * n))


def block(rows: Sequence[Sequence[Expr]]) -> Expr:
    """A matrix made of blocks, or of entries. Raises ShapeError where they do not fit."""
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise ShapeError("the rows of a matrix have different numbers of entries")
    for row in rows:
        for part in row:
            if part.shape[0] != row[0].shape[0]:
                raise ShapeError("the blocks of one row have different heights")
    for column in zip(*rows, strict=True):
        for part in column:
            if part.shape[1] != column[0].shape[1]:
                raise ShapeError("the blocks of one column have different widths")
    height, breadth = rows[0][0].shape[0], rows[0][0].shape[1]
    for row in rows[1:]:
        height = height + row[0].shape[0]
    for part in rows[0][1:]:
        breadth = breadth + part.shape[1]
    if len(rows) == width == 1:
        return rows[0][0]
    parts = tuple(part for row in rows for part in row)
    return make(Op.BLOCK, parts, (len(rows), width), (height, breadth))


def blocks(expr: Expr) -> list[tuple[Expr, ...]]:
    """The rows of blocks of a block matrix."""
    assert isinstance(expr.data, tuple)
    width = expr.data[1]
    return [expr.args[start : start + width] for start in range(0, len(expr.args), width)]


def matrix_function(name: str, expr: Expr) -> Expr:
    """An analytic function of a square matrix, by its power series or its eigenvalues.

    Raises NotSquareError, and UnsupportedError for an unknown name.
    """
    if name not in MATRIX_FUNCTIONS:
        raise UnsupportedError(f"{name} is not a function of matrices that is known")
    require_square(expr, f"the matrix function {name}")
    return make(Op.MATRIX_FUNCTION, (expr,), name, expr.shape)


def pseudo_inverse(expr: Expr) -> Expr:
    """The Moore-Penrose inverse, n×m for an m×n matrix; of full column or row rank."""
    return make(Op.PSEUDO_INVERSE, (expr,), shape=(expr.shape[1], expr.shape[0]))


def adjugate(expr: Expr) -> Expr:
    """The adjugate, the transposed matrix of cofactors. Raises NotSquareError."""
    require_square(expr, "an adjugate")
    return make(Op.ADJUGATE, (expr,), shape=expr.shape)


def cross(left: Expr, right: Expr) -> Expr:
    """The cross product of two vectors of length 3. Raises ShapeError."""
    three = (Dim.of(3), ONE)
    for factor in (left, right):
        if factor.shape != three:
            raise ShapeError(f"a cross product of a {show_shape(factor.shape)} factor")
    return make(Op.CROSS, (left, right), shape=three)


def softmax(expr: Expr) -> Expr:
    """``exp(x) / (1^T exp(x))`` of a vector. Raises ShapeError."""
    return make(Op.SOFTMAX, (_vector(expr, "softmax"),), shape=expr.shape)


def logsumexp(expr: Expr) -> Expr:
    """``log(1^T exp(x))`` of a vector. Raises ShapeError."""
    return make(Op.LOGSUMEXP, (_vector(expr, "logsumexp"),))


def eigenvalue(expr: Expr, which: Index = "max") -> Expr:
    """A simple eigenvalue of a symmetric matrix: ``max``, ``min`` or by its number."""
    require_square(expr, "an eigenvalue")
    return make(Op.EIGENVALUE, (expr,), which)


def eigenvector(expr: Expr, which: Index = "max") -> Expr:
    """The unit eigenvector of a simple eigenvalue of a symmetric matrix; its sign is free."""
    require_square(expr, "an eigenvector")
    return make(Op.EIGENVECTOR, (expr,), which, (expr.shape[0], ONE))


def singular_vector(expr: Expr, side: str) -> Expr:
    """The unit singular vector, ``left`` or ``right``, of the largest singular value.

    The sign of both together is free.
    """
    size = expr.shape[0] if side == "left" else expr.shape[1]
    return make(Op.SINGULAR_VECTOR, (expr,), side, (size, ONE))


def largest(expr: Expr) -> Expr:
    """The unit vector e_k, where the entry k of a vector has the largest absolute value.

    Raises ShapeError.
    """
    return make(Op.LARGEST, (_vector(expr, "the largest entry"),), shape=expr.shape)


def expectation(body: Expr, random: Sequence[str] = ()) -> Expr:
    """The expectation of ``body`` over the symbols named, of the shape of ``body``."""
    return make(Op.EXPECTATION, (body,), tuple(random), body.shape)


def _vector(expr: Expr, what: str) -> Expr:
    if not expr.is_vector:
        raise ShapeError(f"{what} needs a column vector, not {show_shape(expr.shape)}")
    return expr
