"""What a definition says: its right-hand sides as trees."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError, Span
from mdiff_pandoc.latex.fact import Side
from mdiff_pandoc.latex.names import Name
from mdiff_pandoc.latex.recognised import recognised
from mdiff_pandoc.latex.scope import Definition, Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk

_CLUMSY = (Kind.INDEX_SUM, Kind.MATRIX, Kind.DERIVATIVE, Kind.CALL)


@lru_cache(maxsize=512)
def parsed(text: str) -> Term | MdiffError:
    """The right-hand side of a definition as a tree, or what is wrong with it."""
    from mdiff_pandoc.latex.visit import parse

    try:
        term = parse(text)
    except MdiffError as error:
        return error
    return term.args[0] if term.kind is Kind.LIST else term


@lru_cache(maxsize=512)
def recognised_function(text: str, parameter: str) -> str:
    """The canonical name of the function that a definition gives, or nothing."""
    body = parsed(text)
    return recognised(body, parameter) if isinstance(body, Term) else ""


def moved(term: Term, offset: int) -> Term:
    """The tree with its places counted from ``offset`` characters earlier."""
    span = Span(term.span.start + offset, term.span.end + offset)
    return replace(term, span=span, args=tuple(moved(arg, offset) for arg in term.args))


def best_side(definition: Definition, read: Callable[[Term], Term]) -> tuple[Side, Term]:
    """The right-hand side of a definition to put in, as it stands and as ``read`` reads it.

    The one that speaks of all parameters is preferred, then matrix notation to sums. Raises the
    MdiffError of the first one, with its span in the definition, where none can be read.
    """
    failure: MdiffError | None = None
    candidates = []
    for side in definition.sides:
        outcome = parsed(side.text)
        if isinstance(outcome, Term):
            candidates.append((side, read(outcome)))
        else:
            failure = failure or _copy(outcome, side.offset)
    if not candidates:
        assert failure is not None
        raise failure
    wanted = {parameter.text for parameter in definition.parameters}
    return min(
        candidates,
        key=lambda pair: (
            len(wanted - {text for text, _ in names_in(pair[1])}),
            _clumsiness(pair[1]),
        ),
    )


def speaks_of_itself(definition: Definition) -> bool:
    """Is it ``x = (x_1, …, x_n)``, which names the entries, or a step of an iteration?"""
    for side in definition.sides:
        body = parsed(side.text)
        if isinstance(body, Term) and definition.name.text in {text for text, _ in names_in(body)}:
            return True
    return False


def in_order(term: Term) -> list[Key]:
    """The names of a tree, the last one first."""
    keys = ((n.text.rstrip("'"), n.bold) for n in walk(term) if n.kind in (Kind.NAME, Kind.CALL))
    return list(dict.fromkeys(keys))[::-1]


def _copy(error: MdiffError, offset: int) -> MdiffError:
    span = error.span and Span(error.span.start + offset, error.span.end + offset)
    return type(error)(error.message, span, error.hint)


def _clumsiness(term: Term) -> int:
    """Among the sides of a chain, matrix notation is preferred to sums and to bare calls."""
    return sum(node.kind in _CLUMSY for node in walk(term))


def is_model(body: Term, scope: Scope) -> bool:
    """Is this ``y = Xw + \\epsilon``, which tells where data come from and defines nothing?"""
    return body.kind is Kind.SUM and any(
        arg.kind in (Kind.NAME, Kind.INDEX)
        and arg.text.partition("_")[0] in ("epsilon", "varepsilon")
        and scope.find_definition(arg.text, arg.bold) is None
        for arg in body.args
    )


def hides(definition: Definition) -> bool:
    """Does it speak of a parameter by other names alone, as :math:`f(x) = r^T r` does?"""
    bodies = [body for side in definition.sides if isinstance(body := parsed(side.text), Term)]
    spoken = [{text for text, _ in names_in(body)} for body in bodies]
    return not any(all(p.text in names for p in definition.parameters) for names in spoken)


def own_call(name: Term, definition: Definition) -> Term:
    """The call of a function by its own parameters."""
    args = (Term(Kind.NAME, name.span, (), p.text, p.latex, p.bold) for p in definition.parameters)
    return replace(name, kind=Kind.CALL, args=tuple(args))


def value_of(parameter: Name, argument: Term) -> Term:
    """The value of a parameter, which may be given by its square."""
    if not parameter.squared or argument.text == parameter.text:
        return argument
    if argument.kind is Kind.POWER and argument.args[1].text == "2":
        return argument.args[0]
    return Term(Kind.APPLY, argument.span, (argument,), "sqrt", "\\sqrt")


def substituted(term: Term, values: dict[str, Term]) -> Term:
    """The tree with values in the place of names."""
    if term.kind is Kind.NAME and term.text in values:
        return values[term.text]
    return replace(term, args=tuple(substituted(arg, values) for arg in term.args))
