"""Powers, inverses, transposes and elementwise functions: what they mean, and their shapes."""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.errors import ShapeError, Span, UnsupportedError
from mdiff_pandoc.expr import (
    MATRIX_FUNCTIONS,
    ONE,
    SCALAR,
    Expr,
    function,
    hpower,
    inverse,
    matrix_function,
    power,
    transpose,
)
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaboration import Elaboration, Handler
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
        half = _half(above)
        if half and not (this.shapes.is_column(below) or this.shapes.is_row(below)):
            return _root(this, below, term.span, inverted=half < 0)
        line = this.shapes.is_column(below) or this.shapes.is_row(below)
        inner = base.kind is Kind.APPLY and exponent.span.end <= base.args[0].span.start
        if line and (inner or base.kind is Kind.BARS or this.lenient):  # \tanh^2(x), |x|^p
            if not inner:
                this.note(f"the power of ${this.text(below)}$ is taken entry by entry")
            return Draft(
                below.shape,
                term.span,
                lambda settle: hpower(below.build(settle), above.build(settle)),
            )
        _check_matrix_power(this, below, above, exponent, term.span)
    return Draft(
        below.shape,
        term.span,
        lambda settle: power(below.build(settle), above.build(settle)),
        numeric,
    )


def _half(above: Draft) -> int:
    """1 for the exponent 1/2, -1 for -1/2, else 0."""
    value = above.build(lambda dim: dim).data if above.numeric else None
    return 1 if value == Fraction(1, 2) else -1 if value == Fraction(-1, 2) else 0


def _root(this: Elaboration, base: Draft, span: Span, *, inverted: bool) -> Draft:
    """``X^{1/2}`` and ``X^{-1/2}`` of a square matrix."""
    this.shapes.square(base, "a square root")
    this.heads["sqrtm"] = "^{1/2}"

    def build(settle: Settle) -> Expr:
        found = matrix_function("sqrt", base.build(settle))
        return inverse(found) if inverted else found

    return Draft(base.shape, span, build)


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
    """A known function, applied to every entry, or to a square matrix as a whole.

    Whether the argument is a matrix may show only when all shapes are settled.
    """
    whole = this.matrix_functions and name in MATRIX_FUNCTIONS
    line = this.shapes.is_column(argument) or this.shapes.is_row(argument)
    if whole and not line and not this.shapes.is_scalar(argument):
        this.shapes.square(argument, f"the matrix function {name}")
        written = this.shapes.source[span.start : span.end]
        this.heads.setdefault(name + "m", _spelling(name, written))

    def build(settle: Settle) -> Expr:
        expr = argument.build(settle)
        if ONE not in expr.shape and name in MATRIX_FUNCTIONS:
            if whole:
                return matrix_function(name, expr)
            if expr.shape[0] == expr.shape[1] and name in ("exp", "log", "sqrt"):
                this.note(f"{name} of a matrix is applied to every entry")
        return function(name, expr)

    return Draft(argument.shape, span, build)


def _spelling(name: str, written: str) -> str:
    """How the author writes a function of a whole matrix."""
    if name == "exp" and written.startswith(("e", r"\mathrm")):
        return "e" if written[0] == "e" else r"\mathrm{e}"
    return rf"\{name}"


def _transpose(this: Elaboration, term: Term) -> Draft:
    part = this.draft(term.args[0])
    shape = (part.shape[1], part.shape[0])
    if this.shapes.is_scalar(part):
        return Draft(SCALAR, term.span, part.build, part.numeric)
    kron = tuple((columns, rows) for rows, columns in part.kron)
    return Draft(shape, term.span, lambda settle: transpose(part.build(settle)), kron=kron)


def _inverse(this: Elaboration, term: Term) -> Draft:
    part = this.draft(term.args[0])
    if not this.shapes.is_scalar(part):
        this.shapes.square(part, "an inverse")
    return Draft(
        part.shape,
        term.span,
        lambda settle: inverse(part.build(settle)),
        part.numeric,
        kron=part.kron,
    )


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
