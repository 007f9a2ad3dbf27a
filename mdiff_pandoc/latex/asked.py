"""A derivative taken apart: operator, operand, variable."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, Span, UnknownSymbolError, UnsupportedError
from mdiff_pandoc.expr.node import ASSUMPTIONS, UNRESTRICTING
from mdiff_pandoc.latex.properties import TALL
from mdiff_pandoc.latex.resolve import is_operator
from mdiff_pandoc.latex.scope import Definition, Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk


class Asked(Struct, frozen=True):
    """A derivative taken apart: the term, what is differentiated, and what stands round it.

    ``widened``: the operator was read as applying to the whole sum. ``wrapped`` is the
    transpose sign when the author transposed the derivative.
    """

    node: Term
    operand: Term
    widened: bool = False
    wrapped: str = ""


def last_side(term: Term) -> tuple[Term, Term | None]:
    """The derivative that is asked for, and the bare function an earlier side names."""
    if term.kind is Kind.LIST:
        term = next(
            (t for t in reversed(term.args) if _has_derivative(t)),
            term.args[-1],
        )
    if term.kind is not Kind.RELATION:
        return term, None
    sides = [side for side in term.args if side.kind is not Kind.EMPTY]
    if not sides or not _has_derivative(sides[-1]):
        raise UnsupportedError(
            "this formula already has a right-hand side",
            (sides or [term])[-1].span,
            "a request is a derivative followed by = ?",
        )
    named = None
    for side in sides[:-1]:
        if side.kind is Kind.DERIVATIVE and side.args and side.args[0].kind is Kind.NAME:
            named = side.args[0]
    return sides[-1], named


def _has_derivative(term: Term) -> bool:
    return any(node.kind is Kind.DERIVATIVE for node in walk(term))


_LOOSE = frozenset((Kind.SUM, Kind.INNER, Kind.HADAMARD, Kind.OSLASH, Kind.KRON))


def take_apart(term: Term) -> Asked:
    """The derivative in a term and what it is taken of.

    An operator in front of a sum, ``\\nabla_X a + b``, applies to all of it when no other
    derivative follows. Raises UnsupportedError where there is more than one reading.
    """
    if term.kind is Kind.DERIVATIVE:
        return Asked(term, _operand(term))
    if term.kind is Kind.TRANSPOSE and term.args[0].kind is Kind.DERIVATIVE:
        node = term.args[0]
        return Asked(node, _operand(node), wrapped=term.latex or r"\top")
    found = [node for node in walk(term) if node.kind is Kind.DERIVATIVE]
    if not found:
        raise ParseError(
            "there is no derivative here",
            term.span,
            "write \\nabla_X f, \\frac{\\partial f}{\\partial X} or \\frac{d f}{d x}",
        )
    path: list[Term] = []
    first = term
    while first.kind in _LOOSE:
        path.append(first)
        first = first.args[0]
    if len(found) > 1 or first.kind is not Kind.DERIVATIVE or "fraction" in first.text:
        raise UnsupportedError(
            "the derivative is only a part of this formula",
            term.span,
            "ask for one derivative alone; put a sum after the operator in brackets",
        )
    operand = _operand(first)
    for outer in reversed(path):
        inner = operand.args if operand.kind is outer.kind is Kind.SUM else (operand,)
        span = operand.span.join(outer.span)
        span = Span(operand.span.start, span.end)
        operand = replace(outer, span=span, args=(*inner, *outer.args[1:]))
    return Asked(first, operand, widened=any(outer.kind is Kind.SUM for outer in path))


def _operand(node: Term) -> Term:
    if not node.args or node.args[0].kind is Kind.EMPTY:
        raise ParseError(
            "there is nothing to differentiate",
            node.span,
            "write the function after the operator, as in \\nabla_X \\operatorname{tr}(AX)",
        )
    return node.args[0]


def occurs_in(name: str, term: Term) -> bool:
    """Does a symbol occur, by its name, its entries (``a_{ij}`` of A) or as a subscripted name?"""
    for node in walk(term):
        if node.kind in (Kind.NAME, Kind.CALL, Kind.INDEX) and node.text.rstrip("'") == name:
            return True
        if node.kind is Kind.INDEX and len(node.args) == 3:
            base = node.args[0].text
            if base[:1].upper() + base[1:] == name:
                return True
    return False


def argument_of(operand: Term, scope: Scope) -> Key | None:
    """The argument of the function, which a derivative without a variable is taken by."""
    if operand.kind is Kind.CALL and [arg.kind for arg in operand.args] == [Kind.NAME]:
        return operand.args[0].text, operand.args[0].bold
    if operand.kind is Kind.NAME:
        definition = scope.find_definition(operand.text, operand.bold)
        if definition is not None and len(definition.parameters) == 1:
            return definition.parameters[0].text, definition.parameters[0].bold
    return None


def require_definition(
    operand: Term,
    definition: Definition | None,
    scope: Scope,
    variables: Sequence[Key],
    functions: Collection[str],
    *,
    turned: bool = False,
) -> None:
    """A bare function name needs a definition, unless it is one of the unspecified ``functions``.

    ``turned``: the derivative is one by a transpose, of which something can be said even so, as
    of one by a variable that is symmetric or the like.
    Raises UnknownSymbolError, and UnsupportedError for the gradient of an unspecified function.
    """
    if definition is not None or operand.kind not in (Kind.NAME, Kind.CALL):
        return
    if any(operand.text == text for text, _ in variables):
        return
    known = scope.find(operand.text, operand.bold)
    if known is not None and known.kind != "function":
        return
    if is_operator(operand):
        return
    names = {text for text, _ in variables}
    declared = known is not None or operand.text in functions
    facts = [fact for key in variables if (fact := scope.find(*key)) is not None]
    restricted = any(fact.assumptions & _RESTRICTING for fact in facts)
    inside = turned or restricted or any(a.text not in names for a in operand.args)
    if declared and operand.kind is Kind.CALL and inside:
        return
    if operand.kind is Kind.CALL and (
        operand.text == "sigma" or not all(arg.kind is Kind.NAME for arg in operand.args)
    ):
        return
    name = operand.latex or operand.text
    if declared:
        raise UnsupportedError(
            f"nothing more can be said of this derivative: {name} is not specified",
            operand.span,
            f"write {name} = … before, or ask for a derivative of which it is a part",
        )
    raise UnknownSymbolError(
        f"{name} has no definition",
        operand.span,
        f"write {name} = … before, or put the expression after the operator; of an unspecified "
        rf"{name} write {name} = {name}(Y) or \frac{{\partial {name}}}{{\partial Y}} before",
    )


_RESTRICTING = (ASSUMPTIONS | TALL) - UNRESTRICTING
_CONSTANTS = frozenset(("1", "0", "I", "J", "pi", "e", "dots", "infty"))


def only_symbol(term: Term, scope: Scope, node: Term) -> Key:
    """The one symbol that ∇ without a subscript can mean. Raises UnknownSymbolError."""
    called = {t.text for t in walk(term) if t.kind is Kind.CALL}
    bound = {t.text for t in walk(term) if t.kind is Kind.INDEX_SUM}
    found: dict[str, Key] = {}
    for text, bold in sorted(names_in(term)):
        known = scope.find(text, bold)
        if known is not None and "constant" in known.assumptions:
            continue
        if text not in _CONSTANTS and text not in called and text not in bound:
            found[text] = (text, bold)
    if len(found) == 1:
        return next(iter(found.values()))
    raise UnknownSymbolError(
        "the derivative does not say by which symbol",
        Span(node.span.start, node.span.start + max(1, len(node.latex))),
        "write the symbol under the operator, as in \\nabla_{X}",
    )
