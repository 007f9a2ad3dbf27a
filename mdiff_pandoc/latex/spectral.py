"""Functions of whole matrices, eigenvalues, expectations: what they mean, and their shapes."""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.errors import ShapeError, UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Dim,
    Expr,
    Index,
    adjugate,
    commutation,
    cross,
    eigenvalue,
    eigenvector,
    expectation,
    largest,
    logsumexp,
    matrix_function,
    norm,
    pseudo_inverse,
    singular_vector,
    softmax,
    transpose,
)
from mdiff_pandoc.latex.draft import Draft
from mdiff_pandoc.latex.elaborate import product
from mdiff_pandoc.latex.elaboration import Elaboration, Handler
from mdiff_pandoc.latex.indexed import dim_of
from mdiff_pandoc.latex.powers import elementwise
from mdiff_pandoc.latex.surface import Kind, Term


def column_argument(this: Elaboration, term: Term) -> Draft:
    """The argument of a function of vectors. Raises ShapeError."""
    argument = this.draft(term.args[0])
    if not this.shapes.is_column(argument):
        if ONE not in argument.shape:
            raise UnsupportedError(
                f"{term.text} of a matrix, row by row or column by column, is not supported",
                argument.span,
            )
        raise ShapeError(
            f"{term.text} needs a column vector, but {this.text(argument)} has the shape "
            f"{this.shapes.show(argument.shape)}",
            argument.span,
        )
    return argument


def _softmax(this: Elaboration, term: Term) -> Draft:
    argument = column_argument(this, term)
    return Draft(argument.shape, term.span, lambda settle: softmax(argument.build(settle)))


def _logsumexp(this: Elaboration, term: Term) -> Draft:
    argument = column_argument(this, term)
    return Draft(SCALAR, term.span, lambda settle: logsumexp(argument.build(settle)))


def square_function(make: Callable[[Expr], Expr], what: str) -> Handler:
    """A function from square matrices to square matrices."""

    def handler(this: Elaboration, term: Term) -> Draft:
        argument = this.draft(term.args[0])
        this.shapes.square(argument, what)
        return Draft(argument.shape, term.span, lambda settle: make(argument.build(settle)))

    return handler


def _matrix(name: str) -> Handler:
    return square_function(lambda expr: matrix_function(name, expr), f"the matrix function {name}")


def _pseudo_inverse(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    rows, columns = argument.shape
    return Draft((columns, rows), term.span, lambda settle: pseudo_inverse(argument.build(settle)))


def _eigenvalue(this: Elaboration, term: Term) -> Draft:
    """``\\lambda_{\\max}(A)``; the second argument says which. Raises UnsupportedError."""
    argument, place = this.draft(term.args[0]), term.args[1]
    this.shapes.square(argument, "an eigenvalue")
    which: Index = int(place.text) if place.text.isdigit() else place.text
    if isinstance(which, str) and which not in ("max", "min") and which not in this.ranges:
        this.note(f"$\\lambda_{{{which}}}$ is any simple eigenvalue of ${this.text(argument)}$")
    elif which in this.ranges:
        upper, lower = this.ranges[str(which)]
        if lower == 1 and this.shapes.is_open(upper):  # a sum without limits is over all of them
            this.shapes.equal(upper, argument.shape[0])
    return Draft(SCALAR, term.span, lambda settle: eigenvalue(argument.build(settle), which))


def _eigenvector(this: Elaboration, term: Term) -> Draft:
    """``v_{\\max}(A)``, of unit length; the second argument says of which eigenvalue."""
    argument, place = this.draft(term.args[0]), term.args[1]
    this.shapes.square(argument, "an eigenvector")
    which: Index = int(place.text) if place.text.isdigit() else place.text
    shape = (argument.shape[0], ONE)
    return Draft(shape, term.span, lambda settle: eigenvector(argument.build(settle), which))


def _singular_vector(this: Elaboration, term: Term) -> Draft:
    """``u_1(X)`` and ``v_1(X)``; the second argument says on which side."""
    argument, side = this.draft(term.args[0]), term.args[1].text
    size = argument.shape[0 if side == "left" else 1]
    return Draft(
        (size, ONE), term.span, lambda settle: singular_vector(argument.build(settle), side)
    )


def _largest_singular_value(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    return Draft(SCALAR, term.span, lambda settle: norm(argument.build(settle), "2"))


def _expectation(this: Elaboration, term: Term) -> Draft:
    body = this.draft(term.args[0])
    if term.latex.strip() == "E":
        this.note("$E[\\cdot]$ is read as an expectation")
    random = tuple(this.key(arg.text, arg.bold) for arg in term.args[1:])
    return Draft(body.shape, term.span, lambda settle: expectation(body.build(settle), random))


def _commutation(this: Elaboration, term: Term) -> Draft:
    rows, columns = (dim_of(this, arg) for arg in term.args)
    size = rows * columns
    return Draft((size, size), term.span, lambda settle: commutation(settle(rows), settle(columns)))


_THREE = Dim.of(3)


def _cross(this: Elaboration, term: Term) -> Draft:
    """``a \\times b`` of vectors of length 3; of anything else it is a product."""
    left, right = this.drafts(term)
    columns = this.shapes.is_column(left) and this.shapes.is_column(right)
    lengths = [this.shapes.resolve(side.shape)[0] for side in (left, right)]
    if not columns or _THREE not in lengths:
        if not (this.shapes.is_scalar(left) and this.shapes.is_scalar(right)):
            this.note(
                "$\\times$ is read as a product; a cross product is one of two vectors in "
                r"$\mathbb{R}^3$"
            )
        return product(this, term)
    if not this.shapes.equal(left.shape[0], right.shape[0]):
        raise ShapeError(
            f"a cross product of {this.shapes.named(left)} and {this.shapes.named(right)}",
            term.span,
            "both factors are vectors of length 3",
        )
    return Draft(
        (_THREE, ONE), term.span, lambda settle: cross(left.build(settle), right.build(settle))
    )


def _largest(this: Elaboration, term: Term) -> Draft:
    """``e_{\\max}(x)``: the unit vector of the entry of largest absolute value."""
    argument = this.draft(term.args[0])
    this.shapes.equal(argument.shape[1], ONE)
    return Draft(argument.shape, term.span, lambda settle: largest(argument.build(settle)))


def _maximum(this: Elaboration, term: Term) -> Draft:
    """``\\max(0, x)``. Raises UnsupportedError for any other maximum."""
    others = [arg for arg in term.args if not (arg.kind is Kind.NUMBER and arg.text == "0")]
    if len(term.args) != 2 or len(others) != 1:
        raise UnsupportedError(
            "the maximum is not differentiable everywhere and is not supported",
            term.span,
            r"\max(0, x) is read, as \operatorname{relu}(x)",
        )
    return elementwise(this, "relu", this.draft(others[0]), term.span)


HEADS: dict[str, Handler] = {
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "expm": _matrix("exp"),
    "logm": _matrix("log"),
    "sqrtm": _matrix("sqrt"),
    "sinm": _matrix("sin"),
    "cosm": _matrix("cos"),
    "sinhm": _matrix("sinh"),
    "coshm": _matrix("cosh"),
    "adj": square_function(adjugate, "an adjugate"),
    "cof": square_function(lambda expr: transpose(adjugate(expr)), "a matrix of cofactors"),
    "pinv": _pseudo_inverse,
    "eigenvalue": _eigenvalue,
    "eigenvector": _eigenvector,
    "singular_vector": _singular_vector,
    "largest": _largest,
    "singular_value": _largest_singular_value,
    "expectation": _expectation,
    "commutation": _commutation,
    "max": _maximum,
}
HANDLERS: dict[Kind, Handler] = {
    Kind.PSEUDO_INVERSE: _pseudo_inverse,
    Kind.CROSS: _cross,
}
