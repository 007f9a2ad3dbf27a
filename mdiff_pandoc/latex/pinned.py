"""Variables of derivatives to which a definition gives a value, such as a solution."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from mdiff_pandoc.latex.bodies import parsed
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk


def pinned(sides: Iterable[Term], scope: Scope) -> frozenset[Key]:
    """The variables that derivatives are taken by and that have a definition in force.

    One that is made of another variable, or of what moves under a d, is an intermediate quantity
    of a chain rule, and none.
    """
    nodes = [node for side in sides for node in walk(side)]
    taken = [arg for node in nodes if node.kind is Kind.DERIVATIVE for arg in node.args[1:]]
    moved = [node for node in nodes if node.kind is Kind.DIFFERENTIAL]
    by = {key for variable in taken for key in names_in(variable)}
    variables = by | {key for node in moved for key in names_in(node)}
    found = set()
    for key in by:
        definition = scope.find_definition(*key)
        if definition is not None and not definition.parameters:
            made_of = {text for text, _ in _ingredients(key, scope)}
            if made_of.isdisjoint(text for text, _ in variables - {key}):
                found.add(key)
    return frozenset(found)


def released_scope(scope: Scope, keys: frozenset[Key]) -> Scope:
    """The scope in which these variables have no definition."""
    texts = {text for text, _ in keys}
    kept = {key: told for key, told in scope.definitions.items() if key[0] not in texts}
    return replace(scope, definitions=kept)


def _ingredients(key: Key, scope: Scope) -> set[Key]:
    """The names that a definition is made of, through other definitions too."""
    found: set[Key] = set()
    waiting = [key]
    while waiting:
        definition = scope.find_definition(*waiting.pop())
        for side in definition.sides if definition else ():
            body = parsed(side.text)
            new = names_in(body) - found if isinstance(body, Term) else set()
            found |= new
            waiting += new
    return found
