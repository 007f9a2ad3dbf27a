"""Which equalities of a formula are definitions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.readings import Surroundings

if TYPE_CHECKING:
    from mdiff_pandoc.latex.chains import Relation, Side
    from mdiff_pandoc.latex.definienda import Definiendum
    from mdiff_pandoc.latex.names import Name

INTRODUCING = frozenset("let where with define set denote given here for suppose".split())
# what stands before the variable of a derivative
_BY = regex(
    r"(?:(?:\\nabla(?:\s*\^\s*\{?2\}?)?|\\partial)\s*_"
    r"|\}\s*\{\s*(?:\\partial(?![A-Za-z])|\\?[a-z]*\{?d\}?))\s*\{?"
)


class Defining:
    """Tells definitions from claims; ``facts`` are the definitions of the formula itself so far.

    ``manner`` is what the text says of an equation whose left side is a name that has a
    definition (see ``check``).
    """

    def __init__(self, around: Surroundings, manner: str, facts: Sequence[str]) -> None:
        self.around = around
        self.manner = manner
        self.facts = facts

    def is_held(self, left: Side, right: Side) -> bool:
        """Is it no solution of what stands before it, but a name that is used there?

        What something is differentiated by is held where it is made of another such variable.
        """
        from mdiff_pandoc.latex.definienda import definiendum
        from mdiff_pandoc.latex.names import scan_name

        told = definiendum(left.text)
        if told is None:
            return False
        text = self.around.latex
        found = (scan_name(text, by.end(), len(text)) for by in _BY.finditer(text))
        variables = {name[0].base for name in found if name is not None}
        others = variables - {told.name.base}
        return told.name.base not in variables or any(
            _speaks_of(right.text, name) for name in others
        )

    def defines(
        self, sides: Sequence[Side], relations: Sequence[Relation], introduced: str
    ) -> bool | None:
        """Is the first equality the definition of a new name? None where it is no definition."""
        from mdiff_pandoc.latex.chains import Sign
        from mdiff_pandoc.latex.definienda import definiendum, definition_of, listed_names
        from mdiff_pandoc.latex.scope import scope_of

        if relations[0].sign not in (Sign.EQUAL, Sign.DEFINED):
            return None
        told = definiendum(sides[0].text)
        if told is None:
            return True if relations[0].sign is Sign.DEFINED else None
        if not self._may_be_function(told, sides[1]):
            return None
        if relations[0].sign is Sign.DEFINED or introduced in INTRODUCING:
            return True
        if self._is_operator(told.name) or _is_kronecker(told.name, sides[1]):
            return None
        if self.manner == "introduced":
            return True
        try:
            scope = scope_of(self.around.declare, self.around.context)
        except MdiffError:
            return None
        listed = (name for row in listed_names(sides[1].text) for name in row)
        new = any(scope.find(name.text, name.bold) is None for name in listed)
        return True if new or definition_of(told, scope) is None else None

    def new_names(self, sides: Sequence[Side]) -> set[int]:
        """The sides behind the first that are names which nothing else speaks of."""
        from mdiff_pandoc.expr import FUNCTIONS
        from mdiff_pandoc.latex.definienda import definiendum, definition_of
        from mdiff_pandoc.latex.scope import scope_of

        try:
            scope = scope_of(self.around.declare, (*self.around.context, *self.facts))
        except MdiffError:
            return set()
        found = set()
        for place, side in enumerate(sides[1:], 1):
            told = definiendum(side.text)
            if told is None or told.name.indices or not self._may_be_function(told, sides[0]):
                continue
            name = told.name
            if definition_of(told, scope) or scope.find(name.text, name.bold):
                continue
            others = [other.text for other in sides if other is not side]
            spoken = any(_speaks_of(other, name.text) for other in others)
            if name.text in FUNCTIONS and (spoken or is_derived(sides[0].text)):
                continue
            if told.parameters is None and spoken:
                continue
            if told.parameters is None and not is_derived(sides[0].text):
                continue
            found.add(place)
        return found

    def may_be_new(self, side: Side) -> bool:
        """Is it a name that may be defined anew? One that stands for a derivative is what it is."""
        from mdiff_pandoc.latex.definienda import definiendum, definition_of
        from mdiff_pandoc.latex.scope import scope_of

        told = definiendum(side.text)
        if told is None:
            return False
        try:
            known = definition_of(told, scope_of(self.around.declare, self.around.context))
        except MdiffError:
            return True
        return known is None or not all(is_derived(part.text) for part in known.sides)

    def depends_on_verdicts(self, sides: Sequence[Side]) -> bool:
        """Does it depend on verdicts what holds behind the formula?"""
        from mdiff_pandoc.latex.definienda import definiendum, is_assumption

        if not self.manner and definiendum(sides[0].text) is not None:
            return True
        pairs = (f"{one.text.strip()} = {other.text.strip()}" for one, other in pairwise(sides))
        return any(map(is_assumption, pairs))

    def _may_be_function(self, told: Definiendum, right: Side) -> bool:
        """Is it no operator, as in ``dim(V) = n``, and no product, as in ``ABC(x) = 0``?

        The right side speaks of a parameter, or of a name with a definition.
        """
        from mdiff_pandoc.latex.names import RAISED
        from mdiff_pandoc.latex.scope import scope_of

        name = told.name.text
        spelled = name.isalpha() and name.isupper() and name == told.name.latex and len(name) > 1
        worded = name.isalpha() and len(name) > 1 and told.name.latex.endswith("}")
        if not told.parameters or not (spelled or worded or name.endswith(RAISED)):
            return True
        try:
            scope = scope_of(self.around.declare, self.around.context)
        except MdiffError:
            return False
        if spelled and any(scope.find(letter, False) for letter in name):
            return False
        names = (*told.parameters, *(text for text, _ in scope.definitions))
        return any(_speaks_of(right.text, text) for text in names)

    def _is_operator(self, name: Name) -> bool:
        """Is it the J_f or H_f of a function with a definition?"""
        from mdiff_pandoc.latex.scope import scope_of

        head, _, function = name.text.partition("_")
        if head not in ("J", "H") or not function:
            return False
        try:
            scope = scope_of(self.around.declare, (*self.around.context, *self.facts))
        except MdiffError:
            return False
        return scope.find_definition(function, bold=False) is not None


def _is_kronecker(name: Name, right: Side) -> bool:
    r"""Is it :math:`\delta_{ii} = 1`, and no quantity that somebody calls δ?"""
    return name.base == "delta" and len(name.indices) == 2 and right.text.strip().isdigit()


def is_derived(text: str) -> bool:
    """Does a derivative stand in it?"""
    return any(mark in text for mark in (r"\partial", r"\nabla", "∂", "∇", r"\frac{d"))


def _speaks_of(text: str, name: str) -> bool:
    """Does the name stand in a side?"""
    from mdiff_pandoc.latex.names import scan_name

    for place in range(len(text)):
        found = scan_name(text, place, len(text))
        if found is not None and name in (found[0].text, found[0].base):
            return True
    return False
