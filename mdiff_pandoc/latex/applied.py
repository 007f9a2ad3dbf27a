"""Functions, norms and bars: what they mean, and their shapes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.errors import ShapeError, UnknownCommandError, UnsupportedError
from mdiff_pandoc.expr import (
    FUNCTIONS,
    ONE,
    SCALAR,
    Dim,
    Expr,
    Op,
    det,
    diag,
    diagonal,
    divide,
    function,
    hdivide,
    hpower,
    matmul,
    norm,
    number,
    ones,
    power,
    trace,
    transpose,
    triangle,
    unvec,
    vec,
    zero,
)
from mdiff_pandoc.latex import spectral
from mdiff_pandoc.latex.arrays import block_diagonal
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaboration import Elaboration, Handler
from mdiff_pandoc.latex.indexed import dim_of
from mdiff_pandoc.latex.powers import elementwise
from mdiff_pandoc.latex.spectral import column_argument
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.unspecified import call, inner_derivative

_NOT_YET = {
    "rank": "the rank is not differentiable",
    "min": "the minimum is not differentiable everywhere and is not supported",
    "arcosh": "the inverse hyperbolic cosine is not supported yet",
}
_QUOTIENTS = {"cot": ("cos", "sin"), "sec": ("", "cos"), "csc": ("", "sin")}


def _apply(this: Elaboration, term: Term) -> Draft:
    head = term.text
    special = _HEADS.get(head)
    if special is not None:
        return special(this, term)
    if head in _NOT_YET:
        raise UnsupportedError(_NOT_YET[head], term.span)
    argument = this.draft(term.args[0])
    if head in _QUOTIENTS:
        above, below = _QUOTIENTS[head]
        return Draft(
            argument.shape, term.span, lambda settle: _ratio(above, below, argument.build(settle))
        )
    if head not in FUNCTIONS:
        raise UnknownCommandError(f"the function {head} is not known", term.span)
    return elementwise(this, head, argument, term.span)


def _ratio(above: str, below: str, argument: Expr) -> Expr:
    denominator = function(below, argument)
    numerator = function(above, argument) if above else None
    if argument.is_scalar:
        return power(denominator, -1) if numerator is None else divide(numerator, denominator)
    return hdivide(ones(*argument.shape) if numerator is None else numerator, denominator)


def _trace(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    this.shapes.square(argument, "a trace")
    return Draft(SCALAR, term.span, lambda settle: trace(argument.build(settle)))


def _det(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    this.shapes.square(argument, "a determinant")
    return Draft(SCALAR, term.span, lambda settle: det(argument.build(settle)))


def _logdet(this: Elaboration, term: Term) -> Draft:
    inner = _det(this, term)
    return Draft(SCALAR, term.span, lambda settle: function("log", inner.build(settle)))


def _diag(this: Elaboration, term: Term) -> Draft:
    if len(term.args) > 1:
        return block_diagonal(this, term)
    argument = this.draft(term.args[0])
    if this.shapes.is_scalar(argument):
        return argument
    if this.shapes.is_column(argument):
        size = argument.shape[0]
        return Draft((size, size), term.span, lambda settle: diag(argument.build(settle)))
    if this.shapes.is_row(argument):
        size = argument.shape[1]
        return Draft((size, size), term.span, lambda settle: diag(_column(argument.build(settle))))
    if term.text == "Diag":
        raise ShapeError(
            f"Diag needs a vector, but {this.shapes.named(argument)} has the shape of a matrix",
            argument.span,
            "\\operatorname{diag} of a matrix is the vector of its diagonal",
        )
    size = this.shapes.square(argument, "a diagonal")
    if this.square_diagonals:
        this.note(f"${this.shapes.source[term.span.start : term.span.end]}$ is read as a matrix")
        return Draft((size, size), term.span, lambda settle: diag(diagonal(argument.build(settle))))
    return Draft((size, ONE), term.span, lambda settle: diagonal(argument.build(settle)))


def _prod(this: Elaboration, term: Term) -> Draft:
    r"""The product of entries; only equalities may speak of it. Raises UnsupportedError."""
    if not this.lenient:
        raise UnsupportedError(r"\prod is not read", term.span, "write the expression without it")
    entries = this.draft(term.args[0])
    return Draft(SCALAR, term.span, lambda settle: det(diag(entries.build(settle))))


def _triangle(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    side = "lower" if term.text == "tril" else "upper"
    size = this.shapes.square(argument, "a triangular part")
    return Draft((size, size), term.span, lambda settle: triangle(argument.build(settle), side))


def _column(row: Expr) -> Expr:
    """The column vector of a row."""
    return row.args[0] if row.op is Op.TRANSPOSE else transpose(row)


def _vec(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    if this.shapes.is_unit(argument.shape[1]):
        return argument
    length = this.shapes.unifier.resolve(argument.shape[0]) * this.shapes.unifier.resolve(
        argument.shape[1]
    )
    return Draft((length, ONE), term.span, lambda settle: vec(argument.build(settle)))


def _unvec(this: Elaboration, term: Term) -> Draft:
    argument, *sizes = term.args
    vector = column_argument(this, Term(term.kind, term.span, (argument,), "vec^{-1}"))
    rows, columns = [dim_of(this, size) for size in sizes] or [
        this.shapes.fresh(),
        this.shapes.fresh(),
    ]
    this.shapes.reshaped(vector, (rows, columns))
    return Draft(
        (rows, columns),
        term.span,
        lambda settle: unvec(vector.build(settle), (settle(rows), settle(columns))),
    )


def _sqrt(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    if len(term.args) == 1:
        return elementwise(this, "sqrt", argument, term.span)
    degree = this.draft(term.args[1])

    def build(settle: Settle) -> Expr:
        base, root = argument.build(settle), degree.build(settle)
        exponent = power(root, -1)
        if isinstance(root.data, Fraction) and root.data:
            exponent = number(1 / root.data)
        return hpower(base, exponent)

    return Draft(argument.shape, term.span, build)


def _hpower(this: Elaboration, term: Term) -> Draft:
    base, exponent = this.drafts(term)
    if not this.shapes.is_scalar(exponent):
        raise ShapeError(
            f"the exponent {this.shapes.named(exponent)} has not the shape of a scalar",
            exponent.span,
        )
    return Draft(
        base.shape, term.span, lambda settle: hpower(base.build(settle), exponent.build(settle))
    )


def _constant_matrix(make: Callable[[Dim, Dim], Expr]) -> Handler:
    def handler(this: Elaboration, term: Term) -> Draft:
        sizes = [dim_of(this, arg) for arg in term.args]
        rows = sizes[0] if sizes else this.shapes.fresh()
        columns = sizes[1] if len(sizes) > 1 else ONE
        return Draft((rows, columns), term.span, lambda settle: make(settle(rows), settle(columns)))

    return handler


_HEADS: dict[str, Handler] = {
    "trace": _trace,
    "det": _det,
    "logdet": _logdet,
    "diag": _diag,
    "Diag": _diag,
    "prod": _prod,
    "tril": _triangle,
    "triu": _triangle,
    "vec": _vec,
    "unvec": _unvec,
    "sqrt": _sqrt,
    "hpower": _hpower,
    "ones": _constant_matrix(ones),
    "zeros": _constant_matrix(zero),
    "blkdiag": block_diagonal,
    **spectral.HEADS,
}


def _bars(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    if this.shapes.is_scalar(argument):
        return Draft(SCALAR, term.span, lambda settle: function("abs", argument.build(settle)))
    vector = this.shapes.is_column(argument) or this.shapes.is_row(argument)
    if vector and this.entrywise_bars:
        this.note(f"the bars round ${this.text(argument)}$, a vector, are read entry by entry")
        return Draft(
            argument.shape, term.span, lambda settle: function("abs", argument.build(settle))
        )
    if vector:
        this.note(
            f"the bars round ${this.text(argument)}$, a vector, are read as its Euclidean norm"
        )
        return Draft(SCALAR, term.span, lambda settle: norm(argument.build(settle), "2"))
    this.shapes.square(argument, "a determinant")
    return Draft(SCALAR, term.span, lambda settle: det(argument.build(settle)))


def _norm(this: Elaboration, term: Term) -> Draft:
    argument = this.draft(term.args[0])
    order = this.letters.get(this.key(term.text, False)) if this.lenient else None
    if order is not None and order.shape == SCALAR and this.shapes.is_column(argument):
        return _letter_norm(argument, this.letter(order, term.span), term)
    kind = _norm_kind(term)
    if this.shapes.is_scalar(argument):
        return Draft(SCALAR, term.span, lambda settle: function("abs", argument.build(settle)))
    vector = this.shapes.is_column(argument) or this.shapes.is_row(argument)
    if not isinstance(kind, str):
        if not vector:
            this.note(f"the norm of ${this.text(argument)}$ is read as that of its entries")
    elif (kind == "*" and vector) or (kind == "inf" and not vector):
        of = "matrix" if vector else "vector"
        raise UnsupportedError(f"this norm is one of a {of}", term.span, _KNOWN_NORMS)
    elif kind == "" and not vector:
        this.note(f"the norm of ${this.text(argument)}$ is read as the Frobenius norm")
        kind = "F"
    elif vector and kind != "inf":
        kind = "2"
    return Draft(SCALAR, term.span, lambda settle: norm(argument.build(settle), kind))


def _letter_norm(argument: Draft, order: Draft, term: Term) -> Draft:
    r"""The norm :math:`\|x\|_p` for a letter p: the root of a sum of powers."""

    def build(settle: Settle) -> Expr:
        x, p = argument.build(settle), order.build(settle)
        powers = hpower(function("abs", x), p)
        return power(matmul(transpose(ones(*x.shape)), powers), power(p, -1))

    return Draft(SCALAR, term.span, build)


_KINDS = {
    "nuc": "*",
    "asterisk": "*",
    "op": "2",
    "sigma": "2",
    "spec": "2",
    "inf": "inf",
    "infty": "inf",
}
_KNOWN_NORMS = (
    "known are \\|x\\|, \\|x\\|_2, \\|x\\|_\\infty, \\|x\\|_p for a number p ≥ 1, and of matrices "
    "\\|X\\|_F, \\|X\\|_2 and \\|X\\|_*"
)


def _norm_kind(term: Term) -> str | Fraction:
    """The kind of a norm by what stands below it, ``""`` for nothing."""
    if term.text in ("", "F", "2"):
        return term.text
    if term.text in _KINDS:
        return _KINDS[term.text]
    try:
        kind = Fraction(term.text)
    except ValueError:
        kind = Fraction(0)
    if kind < 1:
        written = term.text.replace("_over_", "/")
        raise UnsupportedError(
            f"the norm with the subscript {written} is not supported", term.span, _KNOWN_NORMS
        )
    return kind


HANDLERS: dict[Kind, Handler] = {
    Kind.APPLY: _apply,
    Kind.CALL: call,
    Kind.DERIVATIVE: inner_derivative,
    Kind.BARS: _bars,
    Kind.NORM: _norm,
}
