r"""Calls in a chain of sides: ``J(W)`` and ``Y(x)`` are no products, and f is ``f(x)``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mdiff_pandoc.expr import SCALAR
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.resolve import is_operator
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk

_WRAPPED = (Kind.TRANSPOSE, Kind.INDEX, Kind.ROW, Kind.COLUMN)
_OF_MATRICES = (Kind.INVERSE, Kind.INVERSE_TRANSPOSE, Kind.TRANSPOSE, Kind.PSEUDO_INVERSE)
_HEADS = frozenset(("trace", "det", "logdet", "vec"))


def with_calls(whole: Term, scope: Scope) -> tuple[Term, dict[str, str]]:
    r"""The sides with every bare J under a derivative written as the ``J(W)`` beside it, and the
    kinds of the values of such functions: ``scalar`` or ``matrix``.

    A capital letter that nobody declared is a function where it is differentiated, or stands
    before a name that something is differentiated by. Its values are matrices where it is
    inverted, transposed or stands in a trace or determinant.
    """
    nodes = list(walk(whole))
    derivatives = [node for node in nodes if node.kind is Kind.DERIVATIVE and node.args]
    if not derivatives:
        return whole, {}
    variables = {_base(variable) for node in derivatives for variable in node.args[1:]}
    operands = {node.args[0].text for node in derivatives if node.args[0].kind is Kind.CALL}
    calls: dict[str, Term] = {}
    for node in nodes:
        if node.kind is not Kind.CALL or is_operator(node) or not is_capital(node.text):
            continue
        known = scope.find(node.text, node.bold) or scope.find_definition(node.text, node.bold)
        names = {arg.text for arg in node.args if arg.kind is Kind.NAME}
        moving = node.text in operands or names <= variables
        if known is None and moving and len(names) == len(node.args):
            calls.setdefault(node.text, node)
    small = _small_calls(nodes, scope)
    if not (calls or small):
        return whole, {}
    timely = _moving(nodes, {**small, **calls}, variables, scope)
    whole = _called_everywhere(whole, timely)
    whole = _written_out(whole, {**small, **calls})
    alone = {node.text for node in walk(whole) if node.kind is Kind.NAME}
    matrices = set(_matrices(whole))
    kinds = {name: "matrix" if is_capital(name) else "vector" for name in timely}
    return whole, kinds | {
        name: "matrix" if name in matrices or name in timely else "scalar"
        for name in calls
        if name not in alone
    }


def _small_calls(nodes: Sequence[Term], scope: Scope) -> dict[str, Term]:
    """The calls of small letters without a definition, where all are by the same names."""
    calls: dict[str, Term] = {}
    several: set[str] = set()
    for node in nodes:
        if node.kind is not Kind.CALL or is_operator(node) or is_capital(node.text):
            continue
        first = calls.setdefault(node.text, node)
        if [arg.text for arg in first.args] != [arg.text for arg in node.args]:
            several.add(node.text)
    return {
        name: call
        for name, call in calls.items()
        if name not in several
        and scope.find_definition(name, call.bold) is None
        and all(arg.kind is Kind.NAME for arg in call.args)
    }


def _moving(
    nodes: Sequence[Term], calls: dict[str, Term], variables: set[str], scope: Scope
) -> dict[str, Term]:
    r"""The calls such as ``A(t)`` of what is differentiated by name too, as ``dA/dt``.

    A dot over a name, as in :math:`\dot{x}`, is such a derivative.
    """
    operands = {
        node.args[0].text
        for node in nodes
        if node.kind is Kind.DERIVATIVE and node.args and node.args[0].kind is Kind.NAME
    }
    operands |= {
        node.text.removeprefix("dot_")
        for node in nodes
        if node.kind is Kind.NAME and node.text.startswith("dot_")
    }
    return {
        name: call
        for name, call in calls.items()
        if name in operands
        and len(call.args) == 1
        and call.args[0].text in variables
        and scope.find(name, call.bold) is None
        and _is_time(call.args[0], scope)
    }


def _is_time(variable: Term, scope: Scope) -> bool:
    """Is it a scalar for sure?"""
    known = scope.find(variable.text, variable.bold)
    return variable.text in ("t", "tau") if known is None else known.shape == SCALAR


def _called_everywhere(term: Term, calls: dict[str, Term]) -> Term:
    """The term with the call in place of every name of a function, dotted ones differentiated."""
    name = term.text.removeprefix("dot_") if term.kind is Kind.NAME else ""
    call = calls.get(name)
    if call is not None and call.bold == term.bold:
        call = replace(call, span=term.span)
        dotted = name != term.text
        return (
            Term(Kind.DERIVATIVE, term.span, (call, *call.args), "d-fraction") if dotted else call
        )
    args = tuple(_called_everywhere(arg, calls) for arg in term.args)
    return term if args == term.args else replace(term, args=args)


def _written_out(term: Term, calls: dict[str, Term]) -> Term:
    args = tuple(_written_out(arg, calls) for arg in term.args)
    if term.kind is Kind.DERIVATIVE and args and args[0].kind is Kind.NAME:
        call = calls.get(args[0].text)
        if call is not None and call.bold == args[0].bold:
            args = (replace(call, span=args[0].span), *args[1:])
    return term if args == term.args else replace(term, args=args)


def _matrices(whole: Term) -> list[str]:
    """The functions whose values are used as only matrices are."""
    found = []
    for node in walk(whole):
        inside = node.kind in _OF_MATRICES or (node.kind is Kind.APPLY and node.text in _HEADS)
        found += [arg.text for arg in node.args if inside and arg.kind is Kind.CALL]
    return found


def _base(variable: Term) -> str:
    while variable.args and (variable.kind in _WRAPPED or variable.text == "vec"):
        variable = variable.args[0]
    return variable.text
