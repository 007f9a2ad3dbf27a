"""What quantities that nobody defined depend on, as the derivatives of a chain tell it.

Where :math:`\\partial y/\\partial u` and :math:`\\partial u/\\partial x` stand and nothing else is
said, y is an unspecified function of u, and u one of x. Of the variables by which one quantity is
differentiated it is a function of those from which no other of them is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.latex.elaboration import Guess
from mdiff_pandoc.latex.held import WRITTEN, marked
from mdiff_pandoc.latex.resolve import is_operator
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk
from mdiff_pandoc.latex.target import target_of

_WRAPPED = (Kind.TRANSPOSE, Kind.INDEX, Kind.ROW, Kind.COLUMN)
_FIXED = frozenset(("1", "0", "I", "pi", "dots"))  # what is never differentiated


class Dependence(Struct, frozen=True):
    """The unspecified quantities of a chain.

    ``sides`` are those of the chain, in which :math:`\\partial y/\\partial t` beside
    :math:`dy/dt` holds what else y depends on. ``bodies`` are the right-hand sides of all names,
    those of unspecified quantities among them, each after those that it is made of. ``names`` are
    the keys of the latter, ``tops`` those of them that nothing is differentiated by and that stand
    in derivatives alone. ``guessed`` says, by name, why an equality that speaks of the quantity is
    not refuted.
    """

    sides: tuple[Term, ...]
    bodies: Mapping[Key, Term]
    names: frozenset[Key] = frozenset()
    tops: frozenset[Key] = frozenset()
    guessed: Mapping[str, Guess] = field(default_factory=dict)


def dependence(
    sides: Sequence[Term],
    bodies: Mapping[Key, Term],
    scope: Scope,
    told: Mapping[Key, Sequence[Term]],
) -> Dependence:
    """What the derivatives in the sides of a chain, and in its definitions, say.

    ``told`` is what the text says that quantities depend on.
    """
    terms = (*sides, *bodies.values())
    if not told and not any(node.kind in _MOVING for term in terms for node in walk(term)):
        return Dependence(tuple(sides), bodies)
    found = _Derivatives(bodies, scope, told, frozenset().union(*map(names_in, terms)))
    for number, term in enumerate(terms):
        found.collect(term, number)
    found.collect_differentials(sides)
    found.collect_told(terms)
    if not found.by:
        return Dependence(tuple(sides), bodies)
    return found.dependence(sides)


def losses(found: Dependence, scope: Scope) -> dict[str, str]:
    """The functions that nobody defined of quantities that are differentiated and nothing else:
    they have scalar values, as that of a loss has."""
    terms = (*found.sides, *found.bodies.values())
    names = frozenset().union(*map(names_in, terms))
    derived: set[Key] = set()
    others: set[Key] = set()
    for term in terms:
        others |= _standing(term)
        for operand, variables, _ in _derivatives(term, names):
            others |= {(v.text, v.bold) for v in variables}
            derived.add((operand.text, operand.bold))
    made = {}
    for key in derived - others:
        body = found.bodies.get(key)
        if body is not None and body.kind is Kind.CALL and key not in found.names:
            known = scope.find(body.text, body.bold) or scope.find_definition(body.text, body.bold)
            if known is None and not is_operator(body):
                made[body.text] = "loss"
    return made


class _Derivatives(Struct):
    """``by`` has the variables by which each undefined quantity is differentiated, ``places`` in
    which terms and with which sign; ``written`` are the names, ``variables`` those of variables.
    """

    bodies: Mapping[Key, Term]
    scope: Scope
    told: Mapping[Key, Sequence[Term]]
    names: frozenset[Key]
    by: dict[Key, dict[Key, Term]] = field(default_factory=dict)
    places: dict[tuple[Key, Key], set[tuple[int, bool]]] = field(default_factory=dict)
    written: dict[Key, Term] = field(default_factory=dict)
    variables: set[Key] = field(default_factory=set)

    def collect(self, term: Term, number: int) -> None:
        """Take in the derivatives of a term."""
        for operand, variables, whole in _derivatives(term, self.names):
            for variable in variables:
                key = variable.text, variable.bold
                self.variables.add(key)
                self.written.setdefault(key, variable)
            place = number, whole.text.startswith("d-")
            self._add(operand, variables, place)

    def collect_differentials(self, sides: Sequence[Term]) -> None:
        """Where a side is dy, y depends on what the others have the differentials of."""
        whole = [node for side in sides for node in walk(side) if node.kind is Kind.DIFFERENTIAL]
        moving = [name for name in map(_bare, whole) if name is not None]
        for number, side in enumerate(sides):
            if side.kind is Kind.DIFFERENTIAL:
                self._add(side.args[0], moving, (number, True))

    def collect_told(self, terms: Sequence[Term]) -> None:
        """What was said before."""
        for key, names in self.told.items():
            for node in (node for term in terms for node in walk(term)):
                if node.kind is Kind.NAME and (node.text, node.bold) == key:
                    self._add(node, names, None)
                    break

    def _add(
        self, operand: Term, variables: Sequence[Term], place: tuple[int, bool] | None
    ) -> None:
        if operand.kind is not Kind.NAME or not self.is_undefined(operand):
            return
        own = operand.text, operand.bold
        for variable in variables:
            key = variable.text, variable.bold
            if variable.text != operand.text:
                self.written.setdefault(own, operand)
                self.by.setdefault(own, {})[key] = variable
                found = self.places.setdefault((own, key), set())
                found |= set() if place is None else {place}

    def is_undefined(self, name: Term) -> bool:
        """Does nothing say what this quantity is?"""
        key = name.text, name.bold
        if key in self.bodies or name.text in _FIXED:
            return False
        known = self.scope.find(*key)
        if known is not None and "constant" in known.assumptions:
            return False
        if known is not None and known.kind == "function" and key not in self.told:
            return False
        return all(self.scope.find_entry(*key, count) is None for count in (1, 2))

    def made_of(self, key: Key) -> set[Key]:
        """All that a quantity is made of, itself left out unless it is made of itself."""
        reached: set[Key] = set()
        todo = list(self._next(key))
        while todo:
            inner = todo.pop()
            if inner not in reached:
                reached.add(inner)
                todo += self._next(inner)
        return reached

    def _next(self, key: Key) -> Iterator[Key]:
        body = self.bodies.get(key)
        yield from self.by.get(key, ()) if body is None else names_in(body)

    def dependence(self, sides: Sequence[Term]) -> Dependence:
        """The quantities as unspecified functions of what they directly depend on."""
        keys = {key for variables in self.by.values() for key in variables}
        reached = {key: self.made_of(key) for key in {*self.by, *self.variables, *keys}}
        made: dict[Key, Term] = {}
        guessed: dict[str, Guess] = {}
        total: dict[Key, Term] = {}
        held: list[tuple[Key, Term]] = []
        generic = self._is_generic(sides)
        for key, variables in self.by.items():
            own = self.written[key]
            circular = key in reached[key]
            direct = [
                variable
                for other, variable in variables.items()
                if not any(other in reached[third] for third in variables if third != other)
            ]
            related = len(direct) == 1 and len(variables) > 1
            twice = False
            for other, variable in variables.items():
                if variable in direct or circular:
                    continue
                places = self.places[key, other]
                if len({sign for _, sign in places}) == 2:
                    own_variable = marked(variable, variable)
                    total[other[0] + WRITTEN, other[1]] = variable
                    held.append((key, variable))
                    direct.append(own_variable)
                else:
                    twice = twice or len({number for number, _ in places}) > 1
            if circular or twice or not (related or generic):
                told = " and ".join(f"${v.latex or v.text}$" for v in direct or variables.values())
                reason = f"how ${own.latex or own.text}$ depends on {told} is not said"
                guessed[own.text] = Guess(reason)
            if not circular:
                made[key] = _call(own, direct)
        standing = {key for side in sides for key in _standing(side)}
        return Dependence(
            tuple(_partial(side, held) for side in sides),
            _ordered({**self.bodies, **total, **made}),
            frozenset(made),
            frozenset(made) - (self.variables | standing) | (self.told.keys() & made.keys()),
            guessed,
        )

    def _is_generic(self, sides: Sequence[Term]) -> bool:
        """Do all sides speak of nothing but unspecified quantities and their derivatives?

        Then the equality is a rule, such as the chain rule, that is claimed for all of them:
        each side must differentiate the same quantities by the same variables in the end. Other
        symbols may stand there where an expression is differentiated, as in the product rule.
        """
        ends = []
        own = set(self.by)
        alone, compound = True, False
        for side in sides:
            tops: set[Key] = set()
            variables: set[Key] = set()
            for operand, by, whole in _derivatives(side, self.names):
                inside = names_in(whole.args[0])
                alone = alone and inside <= own
                compound = compound or operand.kind is not Kind.NAME
                tops |= inside & own
                variables |= {(v.text, v.bold) for v in by}
            if not tops or any(node.kind in _ENTRIES for node in walk(side)):
                return False
            alone = alone and _standing(side) <= own
            below = variables & tops
            ends.append((tops - below, variables - below))
        return (alone or compound) and all(end == ends[0] for end in ends)


_MOVING = (Kind.DERIVATIVE, Kind.DIFFERENTIAL)
_ENTRIES = (Kind.INDEX, Kind.ROW, Kind.COLUMN, Kind.CALL, Kind.MATRIX)


def _derivatives(term: Term, names: frozenset[Key]) -> Iterator[tuple[Term, list[Term], Term]]:
    """The derivatives in a term: the quantity, the names of the variables, and the whole."""
    for node in walk(term):
        if node.kind is not Kind.DERIVATIVE or len(node.args) < 2:
            continue
        try:
            target = target_of(node)
        except MdiffError:
            continue
        variables = [_base(variable, names) for variable in target.variables]
        yield _base(target.operand, names), [v for v in variables if v.kind is Kind.NAME], node


def _base(term: Term, names: frozenset[Key]) -> Term:
    """The name whose transpose, entry or vec stands there, or the term itself.

    ``a_{ij}`` is an entry of A where the formula speaks of A.
    """
    while term.kind in _WRAPPED or (term.kind is Kind.APPLY and term.text == "vec"):
        inner = term.args[0]
        capital = inner.text[:1].upper() + inner.text[1:]
        if term.kind is Kind.INDEX and len(term.args) == 3 and (capital, inner.bold) in names:
            return Term(Kind.NAME, inner.span, (), capital, capital, inner.bold)
        term = inner
    return term


def _standing(side: Term) -> set[Key]:
    """The names of a side that stand outside its derivatives."""
    found: set[Key] = set()
    stack = [side]
    while stack:
        node = stack.pop()
        if node.kind in (Kind.NAME, Kind.CALL):
            found.add((node.text.rstrip("'"), node.bold))
        if node.kind not in _MOVING:
            stack += node.args
    return found


def _bare(differential: Term) -> Term | None:
    """The name in a differential."""
    [inner] = differential.args
    base = inner.args[0] if inner.kind is Kind.TRANSPOSE else inner
    return base if base.kind is Kind.NAME else None


def _partial(term: Term, held: Sequence[tuple[Key, Term]]) -> Term:
    """The term in which a partial derivative is one by the variable where it is an argument."""
    if not held:
        return term
    args = tuple(_partial(arg, held) for arg in term.args)
    if term.kind is Kind.DERIVATIVE and not term.text.startswith("d-") and len(args) == 2:
        for (text, bold), variable in held:
            if (args[0].text, args[0].bold) == (text, bold):
                args = args[0], marked(args[1], variable)
    return replace(term, args=args)


def _call(name: Term, arguments: Sequence[Term]) -> Term:
    """The quantity as an unspecified function."""
    args = tuple(Term(Kind.NAME, name.span, (), a.text, a.latex, a.bold) for a in arguments)
    return Term(Kind.CALL, name.span, args, name.text, name.latex, name.bold)


def _ordered(bodies: Mapping[Key, Term]) -> dict[Key, Term]:
    """The right-hand sides, each after those that it is made of."""
    found: dict[Key, Term] = {}

    def visit(key: Key, above: frozenset[Key]) -> None:
        if key in found or key in above or key not in bodies:
            return
        for inner in sorted(names_in(bodies[key])):
            visit(inner, above | {key})
        found[key] = bodies[key]

    for key in bodies:
        visit(key, frozenset())
    return found
