"""Functions that nobody defined, and derivatives inside an expression."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from mdiff_pandoc.errors import ShapeError, UnsupportedError
from mdiff_pandoc.expr import (
    SCALAR,
    Expr,
    Shape,
    Unknown,
    apply,
    derivative,
    function,
    transpose,
)
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaborate import Elaboration
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.powers import elementwise
from mdiff_pandoc.latex.scope import Key, Known, Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk


def unspecified_functions(
    main: Term, whole: Term, bodies: Collection[Key], variables: Sequence[Key], scope: Scope
) -> dict[str, str]:
    """The undeclared functions that are no elementwise ones: ``scalar`` or ``matrix`` valued.

    A function of several names, or of a name for a matrix, is scalar where it is the whole
    function; ``A(X)`` is a matrix that depends on the variable X.
    """
    found: dict[str, str] = {}
    names = {text for text, _ in variables}
    alone = {node.text for node in walk(whole) if node.kind is Kind.NAME}
    for node in walk(whole):
        if node.kind is not Kind.CALL or scope.find(node.text, node.bold) is not None:
            continue
        single = [arg.text for arg in node.args if arg.kind is Kind.NAME]
        if len(node.args) == len(single) == 1 and single[0] in names and is_capital(node.text):
            found[node.text] = "matrix"
    if (
        main.kind is Kind.CALL
        and scope.find(main.text, main.bold) is None
        and any(
            arg.kind is Kind.NAME
            and ((arg.text, arg.bold) in bodies or scope.find_definition(arg.text, arg.bold))
            and (len(main.args) > 1 or is_capital(arg.text))
            for arg in main.args
        )
    ):
        found[main.text] = "scalar"
    return {name: kind for name, kind in found.items() if name not in alone}


def call(this: Elaboration, term: Term) -> Draft:
    """A function of the author's own, or σ."""
    name = term.text.rstrip("'")
    order = len(term.text) - len(name)
    known = this.scope.find(name, term.bold)
    if known is not None and known.kind == "function" and not order:
        return _declared(this, term, known)
    arguments = this.drafts(term)
    kind = this.functions.get(name, "")
    lone_scalar = len(arguments) == 1 and this.shapes.is_scalar(arguments[0])
    if kind and not order and not (kind == "scalar" and lone_scalar):
        return _undeclared(this, term, kind, arguments)
    if len(arguments) != 1:
        raise UnsupportedError(
            f"{name} is a function of several arguments that nobody declared",
            term.span,
            rf"declare it, as in {term.latex or name} : \mathbb{{R}}^n \times \mathbb{{R}}^m "
            r"\to \mathbb{R}, or define it",
        )
    [argument] = arguments
    if name == "sigma":
        if order:
            raise UnsupportedError("a derivative of σ cannot stand in the function", term.span)
        return elementwise(this, "sigma", argument, term.span)
    this.note(f"${term.latex.rstrip(chr(39)) or name}$ is read as a function of every entry")
    data = Unknown(name, order)
    return Draft(argument.shape, term.span, lambda settle: function(data, argument.build(settle)))


def _declared(this: Elaboration, term: Term, known: Known) -> Draft:
    """A declared function. Raises ShapeError where an argument is not of its domain."""
    arguments = this.drafts(term)
    domain = known.domain
    if domain and len(domain) != len(arguments):
        raise ShapeError(
            f"{term.latex or term.text} is declared with {len(domain)} argument(s)", term.span
        )
    for argument, shape in zip(arguments, domain, strict=False):
        if not this.shapes.same(argument.shape, shape):
            raise ShapeError(
                f"{this.shapes.named(argument)} is not of the shape {this.shapes.show(shape)} that "
                f"{term.latex or term.text} is declared for",
                argument.span,
            )
    return _applied(this, term, arguments, known.values or SCALAR)


def _undeclared(this: Elaboration, term: Term, kind: str, arguments: list[Draft]) -> Draft:
    latex = term.latex or term.text
    if kind == "scalar":
        this.note(f"${latex}$ is read as a function with scalar values")
        return _applied(this, term, arguments, SCALAR)
    this.note(f"${latex}$ is read as a matrix that depends on ${this.text(arguments[0])}$")
    shape = this.function_shapes.get(term.text)
    if shape is None:
        shape = this.function_shapes[term.text] = (this.shapes.fresh(), this.shapes.fresh())
    return _applied(this, term, arguments, shape)


def _applied(this: Elaboration, term: Term, arguments: list[Draft], shape: Shape) -> Draft:
    name = term.text
    this.called[name] = term.latex or name

    def build(settle: Settle) -> Expr:
        values = [argument.build(settle) for argument in arguments]
        return apply(name, values, (settle(shape[0]), settle(shape[1])))

    return Draft(shape, term.span, build)


def inner_derivative(this: Elaboration, term: Term) -> Draft:
    r"""A derivative inside an expression, such as an upstream gradient
    :math:`\partial y/\partial C`. Raises UnsupportedError.
    """
    if len(term.args) != 2 or term.text[-1:].isdigit():
        raise UnsupportedError(
            "only a first derivative by one symbol can stand inside an expression",
            term.span,
            r"write \frac{\partial y}{\partial C}",
        )
    written = term.args[1]
    flat = written.kind is Kind.TRANSPOSE
    variable = this.draft(written.args[0] if flat else written)
    f = _quantity(this, term.args[0], variable)
    shape = _derivative_shape(this, f, variable, flat, term)

    def build(settle: Settle) -> Expr:
        by = variable.build(settle)
        function = f.build(settle)
        return derivative(function, transpose(by) if flat and function.is_scalar else by)

    return Draft(shape, term.span, build)


def _quantity(this: Elaboration, term: Term, variable: Draft) -> Draft:
    """What is differentiated; a name that nobody defined depends on the variable somehow."""
    key = this.key(term.text, term.bold)
    letter = this.letters.get(key)
    if term.kind is not Kind.NAME or key in this.named or letter is None or letter.declared:
        return this.draft(term)
    this.note(f"${letter.latex}$ is read as a scalar that depends on ${this.text(variable)}$")
    return _applied(this, replace(term, latex=letter.latex), [variable], SCALAR)


def _derivative_shape(
    this: Elaboration, f: Draft, variable: Draft, flat: bool, term: Term
) -> Shape:
    if this.shapes.is_scalar(f):
        rows, columns = variable.shape
        return (columns, rows) if flat else (rows, columns)
    if this.shapes.is_scalar(variable):
        return f.shape
    if this.shapes.is_column(f) and this.shapes.is_column(variable):
        return (f.shape[0], variable.shape[0])
    raise UnsupportedError(
        "a derivative of a matrix by a matrix cannot stand inside an expression", term.span
    )
