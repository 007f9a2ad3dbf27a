"""Powers, inverses, transposes and elementwise functions: what they mean, and their shapes."""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.errors import ShapeError, Span, UnsupportedError
from mdiff_pandoc.expr import ONE, SCALAR, Expr, function, inverse, power, transpose
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaborate import Elaboration, Handler
from mdiff_pandoc.latex.surface import Kind, Term


def _power(this: Elaboration, term: Term) -> Draft:
    base, exponent = term.args
    if base.kind is Kind.NAME and base.text == "e" and this.key("e", base.bold) not in this.letters:
        return exponential(this, this.draft(exponent), term.span)
    below, above = this.draft(base), this.draft(exponent)
    if not this.shapes.is_scalar(above):
        raise ShapeError(
            f"the exponent {this.shapes.named(above)} has not the shape of a scalar", above.span
        )
    numeric = below.numeric and above.numeric
    if not this.shapes.is_scalar(below):
        _check_matrix_power(this, below, above, exponent, term.span)
    return Draft(
        below.shape,
        term.span,
        lambda settle: power(below.build(settle), above.build(settle)),
        numeric,
    )


def _check_matrix_power(
    this: Elaboration, base: Draft, above: Draft, exponent: Term, span: Span
) -> None:
    text = this.text(base)
    if this.shapes.is_column(base) or this.shapes.is_row(base):
        raise ShapeError(
            f"{text} is a vector of shape {this.shapes.show(base.shape)} and has no power",
            span,
            f"write {text} \\odot {text} entry by entry, or \\|{text}\\|^2",
        )
    this.shapes.square(base, "a power")
    if above.numeric:
        value = above.build(lambda dim: dim)
        if isinstance(value.data, Fraction) and value.data.denominator != 1:
            raise UnsupportedError("fractional powers of a matrix are not supported", span)
    elif exponent.kind is Kind.NAME:
        letter = this.letters.get(this.key(exponent.text, exponent.bold))
        if letter is not None:
            letter.exponent = True


def exponential(this: Elaboration, argument: Draft, span: Span) -> Draft:
    """``exp`` entry by entry; of a square matrix only when functions are elementwise."""
    return elementwise(this, "exp", argument, span)


def elementwise(this: Elaboration, name: str, argument: Draft, span: Span) -> Draft:
    """A known function, applied to every entry.

    Whether the argument is a matrix shows only when all shapes are settled.
    """

    def build(settle: Settle) -> Expr:
        expr = argument.build(settle)
        if ONE not in expr.shape and name in _MATRIX_FUNCTIONS:
            if this.matrix_functions:
                raise UnsupportedError(
                    f"the matrix function {name} is not supported yet",
                    span,
                    "with functions: elementwise, it is applied to every entry",
                )
            if expr.shape[0] == expr.shape[1] and name in ("exp", "log", "sqrt"):
                this.note(f"{name} of a matrix is applied to every entry")
        return function(name, expr)

    return Draft(argument.shape, span, build)


_MATRIX_FUNCTIONS = frozenset(["exp", "log", "sqrt", "sin", "cos", "sinh", "cosh"])


def _transpose(this: Elaboration, term: Term) -> Draft:
    part = this.draft(term.args[0])
    shape = (part.shape[1], part.shape[0])
    if this.shapes.is_scalar(part):
        return Draft(SCALAR, term.span, part.build, part.numeric)
    return Draft(shape, term.span, lambda settle: transpose(part.build(settle)))


def _inverse(this: Elaboration, term: Term) -> Draft:
    part = this.draft(term.args[0])
    if not this.shapes.is_scalar(part):
        this.shapes.square(part, "an inverse")
    return Draft(part.shape, term.span, lambda settle: inverse(part.build(settle)), part.numeric)


def _inverse_transpose(this: Elaboration, term: Term) -> Draft:
    part = _inverse(this, term)
    if this.shapes.is_scalar(part):
        return part
    return Draft(part.shape, term.span, lambda settle: transpose(part.build(settle)))


HANDLERS: dict[Kind, Handler] = {
    Kind.POWER: _power,
    Kind.TRANSPOSE: _transpose,
    Kind.INVERSE: _inverse,
    Kind.INVERSE_TRANSPOSE: _inverse_transpose,
}
