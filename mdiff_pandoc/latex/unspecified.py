"""Functions that nobody defined, and derivatives inside an expression."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from mdiff_pandoc.errors import IndicesError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import (
    FUNCTIONS,
    ONE,
    SCALAR,
    Expr,
    Layout,
    Shape,
    Unknown,
    add,
    apply,
    derivative,
    function,
    hadamard,
    neg,
    number,
    ones,
    slope,
    transpose,
    vec,
)
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaboration import Elaboration, Guess
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.powers import elementwise
from mdiff_pandoc.latex.resolve import is_operator
from mdiff_pandoc.latex.scope import Key, Known, Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.latex.target import target_of

_PARTS = (Kind.TRANSPOSE, Kind.INDEX, Kind.ROW, Kind.COLUMN)


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
        if is_operator(node):
            continue
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
    if not order and this.key(name, term.bold) in this.dependent:
        return _dependent(this, term)
    known = this.scope.find(name, term.bold)
    if known is not None and known.kind == "function" and not order:
        return _declared(this, term, known)
    arguments = this.drafts(term)
    kind = this.functions.get(name, "")
    lone_scalar = len(arguments) == 1 and this.shapes.is_scalar(arguments[0])
    if kind and not order and not (kind in ("scalar", "loss") and lone_scalar):
        return _undeclared(this, term, kind, arguments)
    if len(arguments) != 1 and this.lenient:
        return _undeclared(this, term, "scalar", arguments)
    if len(arguments) != 1:
        raise UnsupportedError(
            f"{name} is a function of several arguments that nobody declared",
            term.span,
            rf"declare it, as in {term.latex or name} : \mathbb{{R}}^n \times \mathbb{{R}}^m "
            r"\to \mathbb{R}, or define it",
        )
    [argument] = arguments
    if name == "sigma" and not order:
        return elementwise(this, "sigma", argument, term.span)
    if name in FUNCTIONS:
        return _known_slope(this, name, argument, term)
    latex = term.latex.rstrip("'") or name
    this.note(f"${latex}$ is read as a function of every entry")
    if not this.shapes.is_scalar(argument):
        this.guessed[name] = Guess(f"whether ${latex}$ is applied to every entry is not said")
    data = Unknown(name, order)
    return Draft(argument.shape, term.span, lambda settle: function(data, argument.build(settle)))


# f'(x), entry by entry, of the value f(x) and a 1 of its shape, or of x where it is a function
_SLOPES_BY_VALUE: dict[str, Callable[[Expr, Expr], Expr]] = {
    "sigma": lambda value, one: hadamard(value, add(one, neg(value))),
    "tanh": lambda value, one: add(one, neg(hadamard(value, value))),
    "tan": lambda value, one: add(one, hadamard(value, value)),
    "exp": lambda value, _: value,
}
_SLOPES_BY_NAME = {
    "sin": "cos",
    "sinh": "cosh",
    "cosh": "sinh",
    "softplus": "sigma",
    "relu": "step",
    "abs": "sign",
}


def _known_slope(this: Elaboration, name: str, argument: Draft, term: Term) -> Draft:
    """The derivative ``\\tanh'(x)`` of a known function, entry by entry.

    Raises UnsupportedError for those that are not in the tables, and for higher ones.
    """
    first = not term.text.endswith("''")
    if first and name in _SLOPES_BY_NAME:
        return elementwise(this, _SLOPES_BY_NAME[name], argument, term.span)
    slope = _SLOPES_BY_VALUE.get(name)
    if slope is None or not first:
        raise UnsupportedError(
            f"{term.latex or term.text} is not read", term.span, "write the derivative itself"
        )
    value = elementwise(this, name, argument, term.span)

    def build(settle: Settle) -> Expr:
        expr = value.build(settle)
        return slope(expr, number(1) if expr.is_scalar else ones(*expr.shape))

    return Draft(value.shape, value.span, build)


def _dependent(this: Elaboration, term: Term) -> Draft:
    """A quantity that depends on others somehow; its letter has the shape."""
    letter = this.letters[this.key(term.text, term.bold)]
    arguments = this.drafts(term)
    told = " and ".join(f"${arg.latex or arg.text}$" for arg in term.args)
    draft = _applied(this, replace(term, latex=letter.latex), arguments, letter.shape)
    kind = "vector" if this.shapes.is_column(draft) else "matrix"
    kind = "scalar" if this.shapes.is_scalar(draft) else kind
    this.note(f"${letter.latex}$ is read as a {kind} that depends on {told}")
    return draft


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
    if kind == "loss":
        return _applied(this, term, arguments, SCALAR)
    if kind == "scalar":
        this.guessed[term.text] = Guess(f"the shape of the values of ${latex}$ is not said", True)
        this.note(f"${latex}$ is read as a function with scalar values")
        return _applied(this, term, arguments, SCALAR)
    this.note(f"${latex}$ is read as a {kind} that depends on ${this.text(arguments[0])}$")
    shape = this.function_shapes.get(term.text)
    if shape is None:
        columns = ONE if kind == "vector" else this.shapes.fresh()
        shape = (this.shapes.fresh(non_unit=kind == "matrix"), columns)
        this.function_shapes[term.text] = shape
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
    :math:`\partial y/\partial C`, also of second order. Raises UnsupportedError.
    """
    written = term.args[1:]
    if term.args[0].kind is Kind.CALL and (not written or written[0].kind is Kind.NUMBER):
        return _slope(this, term)
    target = target_of(term)
    if len(target.variables) != target.order:
        raise UnsupportedError(
            "the derivative does not say by which symbol",
            term.span,
            r"write \frac{\partial y}{\partial C}",
        )
    first, *others = (this.draft(variable) for variable in target.variables)
    f = _quantity(this, target.operand, first, _base(target.variables[0]))
    if target.whole:
        f = _vec(f)
    layout = this.layout
    if target.lying != target.flat:
        layout = Layout.NUMERATOR if target.flat else Layout.DENOMINATOR
    turned = target.lying and not target.flat and this.shapes.is_scalar(first)
    result = _by(
        this,
        f,
        first,
        Layout.NUMERATOR if turned else layout,
        term,
        stacked=target.vec and target.order == 1,
    )
    if turned:
        result = _turned(result)
    for variable in others:
        inner = _vec(result) if target.vec else result
        result = _by(this, inner, variable, Layout.NUMERATOR, term, stacked=target.vec)
    if target.lying != target.flat and not turned and this.shapes.is_scalar(f):
        turn = _transposed if target.flat else transpose
        return Draft(result.shape[::-1], term.span, lambda settle: turn(result.build(settle)))
    return result


def _transposed(expr: Expr) -> Expr:
    """The derivative of a scalar by the transpose of its variable."""
    f, variable = expr.args
    return derivative(f, transpose(variable))


def _turned(draft: Draft) -> Draft:
    return Draft(draft.shape[::-1], draft.span, lambda settle: transpose(draft.build(settle)))


def _row(f: Draft, by: Draft, term: Term) -> Draft:
    """The derivative of a scalar by a column as a row."""
    return Draft(
        by.shape[::-1],
        term.span,
        lambda settle: transpose(derivative(f.build(settle), by.build(settle))),
    )


def _vec(draft: Draft) -> Draft:
    rows, columns = draft.shape
    return Draft((rows * columns, ONE), draft.span, lambda settle: vec(draft.build(settle)))


def _slope(this: Elaboration, term: Term) -> Draft:
    """``\\nabla f(AB)``, ``\\nabla_2 f(X, Y)``: the gradient by an argument, at these arguments."""
    inner = term.args[0]
    if term.text == "nabla2":
        raise UnsupportedError(
            "the second derivative of a function that is not given is not read at an argument",
            term.span,
            "say what the function is",
        )
    arguments = this.drafts(inner)
    place = int(term.args[1].text) - 1 if len(term.args) > 1 else 0
    if not 0 <= place < len(arguments):
        raise UnsupportedError(f"{inner.text} has no argument {place + 1}", term.span)
    called = _applied(this, inner, arguments, SCALAR)
    shape = arguments[place].shape
    return Draft(shape, term.span, lambda settle: slope(called.build(settle), place))


def _base(term: Term) -> Term:
    """What a variable is an entry, a row, the transpose or the vec of."""
    while term.args and (term.kind in _PARTS or (term.kind is Kind.APPLY and term.text == "vec")):
        term = term.args[0]
    return term


def _quantity(this: Elaboration, term: Term, variable: Draft, base: Term) -> Draft:
    """What is differentiated; a name that nobody defined depends on the variable somehow.

    ``base`` is the symbol that the variable belongs to.
    """
    key = this.key(term.text, term.bold)
    letter = this.letters.get(key)
    if term.kind is not Kind.NAME or key in this.named or letter is None or letter.declared:
        return this.draft(term)
    itself = base.kind is Kind.NAME and this.key(base.text, base.bold) == key
    if itself or "constant" in letter.assumptions:
        return this.draft(term)
    this.note(f"${letter.latex}$ is read as a scalar that depends on ${this.text(variable)}$")
    return _applied(this, replace(term, latex=letter.latex), [variable], SCALAR)


def _by(
    this: Elaboration, f: Draft, variable: Draft, layout: Layout, term: Term, *, stacked: bool
) -> Draft:
    """The derivative of one part by another. Raises UnsupportedError for more than two indices."""
    by = _vec(variable) if stacked else variable
    shapes = this.shapes
    shape: Shape
    if shapes.is_scalar(f):
        if this.rows and shapes.is_column(by) and not shapes.is_scalar(by):
            return _row(f, by, term)
        shape = by.shape
    elif shapes.is_scalar(by) and layout is Layout.DENOMINATOR and shapes.is_row(f):
        return _turned(_by(this, f, variable, Layout.NUMERATOR, term, stacked=stacked))
    elif shapes.is_scalar(by):
        turned = layout is Layout.DENOMINATOR and shapes.is_column(f)
        shape = f.shape[::-1] if turned else f.shape
    elif shapes.is_column(f) and shapes.is_column(by):
        shape = (f.shape[0], by.shape[0])
        shape = shape[::-1] if layout is Layout.DENOMINATOR else shape
    elif this.stacked and not stacked:
        this.note(
            r"a derivative with four indices is read as $\partial\operatorname{vec}(F)/"
            r"\partial\operatorname{vec}(X)^\top$"
        )
        return _by(this, _vec(f), variable, layout, term, stacked=True)
    else:
        raise IndicesError(
            "a derivative with more than two indices cannot stand inside an expression", term.span
        )
    return Draft(
        shape, term.span, lambda settle: derivative(f.build(settle), by.build(settle), layout)
    )
