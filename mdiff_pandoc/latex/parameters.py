r"""Functions that are defined by their arguments and differentiated without them."""

from __future__ import annotations

from itertools import zip_longest

from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.latex.names import Name
from mdiff_pandoc.latex.scope import Definition, Scope
from mdiff_pandoc.latex.surface import Kind, Term, as_product, names_in, walk
from mdiff_pandoc.patterns import regex

_WRAPPED = (Kind.TRANSPOSE, Kind.INDEX, Kind.ROW, Kind.COLUMN)
_NUMBER = regex(r"_\d+\Z")
_WITHOUT = ("nabla", "nabla2")


def with_parameters(term: Term, scope: Scope) -> Term:
    r"""The tree in which a derivative of f is one of the ``f(w)`` that has a definition.

    So are :math:`\nabla f`, :math:`\nabla f(w)` and ``f'(w)``, which name no variable: it is the
    one argument that the definition has, or the name in its place.
    """
    if not any(definition.parameters for definition in scope.definitions.values()):
        return term
    moving = (Kind.DERIVATIVE, Kind.CALL, Kind.DIFFERENTIAL, Kind.TRANSPOSE)
    if not any(node.kind in moving for node in walk(term)):
        return term

    def rewrite(node: Term) -> Term:
        if node.kind is Kind.TRANSPOSE:
            node = _called(node, scope)
        if node.kind is Kind.CALL and _holds_itself(node, scope):
            node = as_product(node)
        elif node.kind is Kind.CALL:
            node = _primed(node, scope)
        if node.kind is Kind.DERIVATIVE and node.args:
            node = _derivative(node, scope)
        if node.kind is Kind.DIFFERENTIAL and node.args[0].kind is Kind.NAME:
            [name] = node.args
            definition = scope.find_definition(name.text, name.bold)
            if definition is not None and definition.parameters:
                return replace(node, args=(_call(name, definition),))
        args = tuple(map(rewrite, node.args))
        return node if args == node.args else replace(node, args=args)

    return rewrite(term)


def _derivative(node: Term, scope: Scope) -> Term:
    operand, *written = node.args
    if operand.kind not in (Kind.NAME, Kind.CALL):
        return node if written or node.text not in _WITHOUT else _of_parameter(node, scope)
    definition = scope.find_definition(operand.text, operand.bold)
    if definition is None or not definition.parameters:
        return node
    call = _call(operand, definition)
    if operand.kind is Kind.CALL and len(operand.args) == len(call.args) == 1:
        call = operand if operand.args[0].kind is Kind.NAME else call
    if operand.kind is Kind.CALL and _values(operand, definition) != _names(call):
        return node
    if written:
        own = {text for _, text in _names(call)}
        bases = {_base(variable) for variable in written} - own
        bases = {base for base in bases if _NUMBER.sub("", base) not in own}
        reached = all(_reaches(definition, base, scope) for base in bases)
        return replace(node, args=(call, *written)) if reached else node
    if node.text not in _WITHOUT or len(call.args) != 1:
        return node
    return replace(node, args=(call, *call.args))


def _of_parameter(node: Term, scope: Scope) -> Term:
    r"""A gradient such as :math:`\nabla(f^2)` with the one argument of the functions in it."""
    parameters: dict[str, Name] = {}
    for inner in walk(node.args[0]):
        if inner.kind in (Kind.NAME, Kind.CALL):
            told = scope.find_definition(inner.text, inner.bold)
            own = {p.text: p for p in told.parameters} if told is not None else {}
            if own and not {arg.text for arg in inner.args} <= own.keys():
                return node
            parameters |= own
    if len(parameters) != 1:
        return node
    [p] = parameters.values()
    return replace(node, args=(*node.args, Term(Kind.NAME, node.span, (), p.text, p.latex, p.bold)))


def _holds_itself(call: Term, scope: Scope) -> bool:
    r"""Is it :math:`\sigma(1 - \sigma)`, a product of values of one function?"""
    if len(call.args) != 1 or scope.find_definition(call.text, call.bold) is None:
        return False
    return any(
        node.kind is Kind.NAME and (node.text, node.bold) == (call.text, call.bold)
        for node in walk(call.args[0])
    )


def _called(node: Term, scope: Scope) -> Term:
    """A bare ``f'`` of a function of one argument as ``f'(t)``."""
    name = node.args[0]
    if node.text != "'" or name.kind is not Kind.NAME:
        return node
    definition = scope.find_definition(name.text, name.bold)
    if definition is None or len(definition.parameters) != 1:
        return node
    call = _call(name, definition)
    return replace(call, span=node.span, text=f"{name.text}'", latex=f"{name.latex}'")


def _primed(node: Term, scope: Scope) -> Term:
    """``f'(w)`` as the derivative of f(w) by w."""
    name = node.text.rstrip("'")
    order = len(node.text) - len(name)
    definition = scope.find_definition(name, node.bold) if order else None
    if definition is None or len(definition.parameters) != 1 or order > 2:
        return node
    plain = replace(node, text=name, latex=node.latex.rstrip("'"))
    if len(node.args) != 1 or node.args[0].kind is not Kind.NAME or _is_elementwise(definition):
        return node
    style = "d-fraction" + ("2" if order == 2 else "")
    return Term(Kind.DERIVATIVE, node.span, (plain, *node.args * order), style, node.latex)


def _is_elementwise(definition: Definition) -> bool:
    """Is it one of the functions that are known by a name, such as the logistic one?"""
    from mdiff_pandoc.latex.recognised import recognised

    [parameter] = definition.parameters
    bodies = _bodies(definition)
    return any(recognised(body, parameter.text) for body in bodies)


def _call(operand: Term, definition: Definition) -> Term:
    span = operand.span
    args = (Term(Kind.NAME, span, (), p.text, p.latex, p.bold) for p in definition.parameters)
    return Term(Kind.CALL, span, tuple(args), operand.text, operand.latex, operand.bold)


def _names(call: Term) -> list[tuple[Kind, str]]:
    return [(arg.kind, arg.text) for arg in call.args]


def _values(call: Term, definition: Definition) -> list[tuple[Kind, str]]:
    """The arguments of a call, as `_names` has them; of a square that is one it is the root."""
    pairs = zip_longest(call.args, definition.parameters)
    args = (arg.args[0] if p and p.squared and arg.args else arg for arg, p in pairs if arg)
    return [(arg.kind, arg.text) for arg in args]


def _base(variable: Term) -> str:
    wrapped = variable.args[0] if variable.kind is Kind.POWER else variable
    while wrapped.args and (wrapped.kind in _WRAPPED or wrapped.text == "vec"):
        wrapped = wrapped.args[0]
    return wrapped.text


def _reaches(definition: Definition, variable: str, scope: Scope) -> bool:
    """Does the function speak of the variable, or of arguments that are defined themselves?"""
    if any(scope.find_definition(p.text, p.bold) for p in definition.parameters):
        return True
    inside = {text for body in _bodies(definition) for text, _ in names_in(body)}
    return variable in inside


def _bodies(definition: Definition) -> list[Term]:
    from mdiff_pandoc.latex.visit import parse

    found = []
    for side in definition.sides:
        try:
            found.append(parse(side.text))
        except MdiffError:
            continue
    return found
