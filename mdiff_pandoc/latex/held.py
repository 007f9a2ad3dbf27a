"""Names that are held constant in a derivative, as in a product rule taken factor by factor.

In :math:`\\partial\\operatorname{tr}(AXD)/\\partial X` with :math:`D = BX` an author may mean that
D stays as it is. Then the derivative is one by a name for X that stands where X is written, and D
is made of X itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.latex.indices import INDEXED
from mdiff_pandoc.latex.scope import Key
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk
from mdiff_pandoc.latex.target import target_of

# no name that an author writes has a blank in it
WRITTEN = " written"


class Held(Struct, frozen=True):
    """The sides in which names are held; ``bodies`` are the names for the variables.

    ``names`` are those that are held, as they are written; none where there is nothing to hold.
    """

    sides: tuple[Term, ...]
    bodies: Mapping[Key, Term]
    names: tuple[str, ...] = ()


def with_held(sides: Sequence[Term], bodies: Mapping[Key, Term]) -> Held:
    """The sides with every name held that stands beside the variable that it is made of."""
    made: dict[Key, Term] = {}
    names: dict[str, None] = {}
    if not bodies:
        return Held(tuple(sides), made)

    def visit(term: Term) -> Term:
        args = tuple(visit(arg) for arg in term.args)
        if any(new is not old for new, old in zip(args, term.args, strict=True)):
            term = replace(term, args=args)
        if term.kind is not Kind.DERIVATIVE or len(term.args) < 2:
            return term
        variable = _variable(term)
        if variable is None or (variable.text, variable.bold) in bodies:
            return term
        beside = _beside(term.args[0], variable, bodies)
        if not beside:
            return term
        names.update(dict.fromkeys(beside))
        made[variable.text + WRITTEN, variable.bold] = variable
        return replace(term, args=tuple(marked(arg, variable) for arg in term.args))

    changed = tuple(map(visit, sides))
    return Held(changed, made, tuple(names))


def as_written(name: str) -> str:
    """The name that an author wrote."""
    return name.removesuffix(WRITTEN)


def _variable(term: Term) -> Term | None:
    """The name by which a first derivative is taken, itself or by an entry of it."""
    try:
        target = target_of(term)
    except MdiffError:
        return None
    if target.order != 1 or len(target.variables) != 1:
        return None
    [variable] = target.variables
    base = variable.args[0] if variable.kind in INDEXED else variable
    return base if base.kind is Kind.NAME else None


def _beside(operand: Term, variable: Term, bodies: Mapping[Key, Term]) -> list[str]:
    """The names made of the variable that stand in an operand in which it stands itself."""
    own = variable.text, variable.bold
    if own not in names_in(operand):
        return []
    return [
        node.latex or node.text
        for node in walk(operand)
        if node.kind is Kind.NAME and _is_made_of((node.text, node.bold), own, bodies)
    ]


def _is_made_of(name: Key, variable: Key, bodies: Mapping[Key, Term]) -> bool:
    todo, seen = [name], {name}
    while todo:
        body = bodies.get(todo.pop())
        inside = names_in(body) if body is not None else set()
        if variable in inside:
            return True
        todo += inside - seen
        seen |= inside
    return False


def marked(term: Term, variable: Term) -> Term:
    """A term with the variable, where it is written, under a name of its own."""
    if term.kind is Kind.NAME and (term.text, term.bold) == (variable.text, variable.bold):
        return replace(term, text=term.text + WRITTEN)
    return replace(term, args=tuple(marked(arg, variable) for arg in term.args))
