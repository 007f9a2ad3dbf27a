"""Definitions put into a formula."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import DeclarationError, LimitError, MdiffError, Span
from mdiff_pandoc.latex.bodies import (
    best_side,
    hides,
    in_order,
    is_model,
    moved,
    own_call,
    parsed,
    recognised_function,
    speaks_of_itself,
    substituted,
    value_of,
)
from mdiff_pandoc.latex.diagonals import loose_indices, with_diagonals
from mdiff_pandoc.latex.dots import filled, of_entries
from mdiff_pandoc.latex.indices import at_indices
from mdiff_pandoc.latex.labels import labelled
from mdiff_pandoc.latex.notations import HEADS
from mdiff_pandoc.latex.primes import with_names
from mdiff_pandoc.latex.row_marks import with_rows
from mdiff_pandoc.latex.scope import Definition, Key, Scope
from mdiff_pandoc.latex.sources import Sources
from mdiff_pandoc.latex.spelled import spelled
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk

_LARGEST = 5_000


class Definitions(Struct):
    """Puts definitions into a formula.

    A name that depends on a variable stays a name, and its right-hand side is one of the
    ``bodies``, each after those that it is made of, so that one that is used twice is read once.
    ``constant`` are the right-hand sides of those that contain no variable: these stay symbols
    and only give a shape, unless a derivative inside the formula speaks of them. ``used`` are the
    definitions put in, ``chosen`` the right-hand sides that were taken, ``held`` those that speak
    of a variable and are not put in, by name. With ``every`` all definitions are put in, and
    ``notes`` tells how what is no formula by itself was read; ``beside`` are the sides then, and
    ``depends`` has the names that were said to be some function of others.
    """

    scope: Scope
    sources: Sources
    variables: tuple[Key, ...]
    used: list[Definition] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    constant: dict[Key, Term] = field(default_factory=dict)
    bodies: dict[Key, Term] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    every: bool = False
    depends: dict[Key, tuple[Term, ...]] = field(default_factory=dict)
    beside: tuple[Term, ...] = ()
    notes: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _settled: set[Key] = field(default_factory=set)
    _kept: set[str] = field(default_factory=set)

    def expand(self, term: Term) -> Term:
        """The term with calls put in, and the definitions of its names among the ``bodies``.

        With ``every`` rows are found and dots filled in as well. Raises UnsupportedError where
        these cannot be.
        """
        term = labelled(term, self.scope)
        if self.every:
            if not self._open:
                term = with_diagonals(
                    term, set().union(*map(loose_indices, self.beside)), self.scope
                )
            term, told = with_rows(
                filled(with_names(term, self.scope)), self.sources.text, self.beside
            )
            self.notes += [note for note in told if note not in self.notes]
        if self.scope.definitions:
            for node in walk(term):
                if node.kind is Kind.DERIVATIVE:
                    self._kept |= {text for arg in node.args for text, _ in names_in(arg)}
            self._prepare(term)
        return self._expand(term)

    def _prepare(self, term: Term) -> None:
        """Settle all names that the term speaks of, the innermost first."""
        todo = [(key, False) for key in in_order(term)]
        seen: set[Key] = set()
        while todo:
            key, ready = todo.pop()
            if ready:
                self._settle(key, None)
                continue
            definition = self.scope.find_definition(*key)
            if definition is None or key in seen or key in self._settled:
                continue
            seen.add(key)
            if definition.name.text in self._open:
                continue
            if not definition.parameters:
                todo.append((key, True))
            for side in definition.sides:
                body = parsed(side.text)
                if isinstance(body, Term):
                    todo += [(inner, False) for inner in in_order(body)]

    def _expand(self, term: Term) -> Term:
        if term.kind is Kind.NAME:
            self._settle((term.text, term.bold), term.span)
            return self._with_arguments(term)
        whole = self._has_entries(term) or self._is_of_function(term)
        base = term.args[:1] if whole else ()
        args = (*base, *map(self._expand, term.args[len(base) :]))
        changed = any(new is not old for new, old in zip(args, term.args, strict=True))
        new = replace(term, args=args) if changed else term
        if term.kind is Kind.INDEX:
            return self._entry(term, new)
        return self._call(new) if term.kind is Kind.CALL else new

    def _with_arguments(self, term: Term) -> Term:
        """A bare A where ``A(X)`` is declared, as the call."""
        definition = self.scope.find_definition(term.text, term.bold)
        if self.every and definition is not None and definition.parameters:
            open_ = definition.name.text in self._open
            return (
                term if open_ or self._is_variable(term) else self._call(own_call(term, definition))
            )
        known = self.scope.find(term.text, term.bold)
        if known is None or known.kind != "function" or not known.parameters:
            return term
        if self._is_variable(term) or self.scope.find_definition(term.text, term.bold):
            return term
        if self.every and known.depends:
            names = tuple(
                Term(Kind.NAME, term.span, (), p.text, p.latex, p.bold) for p in known.depends
            )
            self.depends[term.text, term.bold] = tuple(map(self._expand, names))
            return term
        args = tuple(
            Term(Kind.NAME, term.span, (), p.text, p.latex, p.bold) for p in known.parameters
        )
        return replace(term, kind=Kind.CALL, args=tuple(map(self._expand, args)))

    def operand(self, term: Term) -> tuple[Term, Definition | None]:
        """The operand of a derivative; a bare function name becomes its definition."""
        if term.kind not in (Kind.NAME, Kind.CALL):
            return self.expand(term), None
        definition = self.scope.find_definition(term.text, term.bold)
        if definition is None or self._is_variable(term):
            return self.expand(term), None
        # by its own argument a known function is what its author wrote
        own = all(arg.kind is Kind.NAME for arg in term.args)
        if not own and self._known(definition):
            return self.expand(term), None
        arguments = term.args if term.kind is Kind.CALL else ()
        body = self.body(definition, term.span, arguments)
        if isinstance(body, MdiffError):
            raise body
        return body, definition

    def _is_variable(self, term: Term) -> bool:
        return any(term.text == text for text, _ in self.variables)

    def _settle(self, key: Key, occurrence: Span | None) -> None:
        """Take in the definition of a name, once."""
        definition = self.scope.find_definition(*key)
        if definition is None:
            self._lift(key, occurrence)
            return
        if key in self._settled:
            if occurrence is not None:
                self.sources.occurs(definition, occurrence)
            return
        if definition.parameters:
            return
        known = self.scope.find(*key)
        if any(key[0] == text for text, _ in self.variables):
            self._settled.add(key)
            if known is None:
                self._shape(key, definition)
            return
        if self.every and speaks_of_itself(definition):
            self._settled.add(key)
            return
        typed = known is not None and (known.shape or known.kind not in ("", "function"))
        if typed and not (definition.strong or self.every):
            self._settled.add(key)
            self._hold(definition)
            return
        body = self.body(definition, occurrence, ())
        self._settled.add(key)
        if isinstance(body, MdiffError):
            if definition.own:
                raise body
        elif not (self.every or self._varies(body) or key[0] in self._kept):
            self.constant[key] = body
        elif is_model(body, self.scope):
            self._hold(definition)
            self.constant[key] = body
        else:
            self._use(definition)
            self.bodies[key] = body

    def _has_entries(self, term: Term) -> bool:
        """Is it an entry with a definition, of a name that has none itself?"""
        if not self.every or term.kind is not Kind.INDEX or term.args[0].kind is not Kind.NAME:
            return False
        name = term.args[0].text, term.args[0].bold
        entry = self.scope.find_entry(*name, len(term.args) - 1)
        return entry is not None and self.scope.find_definition(*name) is None

    def _is_of_function(self, term: Term) -> bool:
        """Is it the derivative of a bare f that is defined at an argument?"""
        if not self.every or term.kind is not Kind.DERIVATIVE or term.args[0].kind is not Kind.NAME:
            return False
        definition = self.scope.find_definition(term.args[0].text, term.args[0].bold)
        return definition is not None and bool(definition.parameters)

    def _is_only_by(self, name: str) -> bool:
        """Is a name differentiated by in the sides, and not differentiated itself?"""
        nodes = (node for side in self.beside for node in walk(side))
        derivatives = [node for node in nodes if node.kind is Kind.DERIVATIVE and node.args]
        by = {text for node in derivatives for arg in node.args[1:] for text, _ in names_in(arg)}
        if name not in by:
            return False
        of = (node.args[0] for node in derivatives)
        return all((arg.args[0] if arg.kind is Kind.INDEX else arg).text != name for arg in of)

    def _lift(self, key: Key, occurrence: Span | None) -> None:
        """Take in the matrix or vector whose entries have a definition, where it stands alone."""
        if not self.every or key in self._settled or self._is_only_by(key[0]):
            return
        found = (self.scope.find_entry(*key, count) for count in (2, 1))
        definition = next((entry for entry in found if entry is not None), None)
        if definition is None or definition.name.text in self._open:
            return
        letters = definition.name.indices
        body = self.body(definition, occurrence, ())
        self._settled.add(key)
        if isinstance(body, Term) and len({*letters}) == len(letters) and body.args:
            self._use(definition)
            self.bodies[key] = of_entries(body, letters)

    def _shape(self, key: Key, definition: Definition) -> None:
        """A variable stays one; its definition tells its shape where it speaks of no variable."""
        before = (list(self.used), dict(self.bodies), dict(self.held), dict(self.chosen))
        constant, settled = dict(self.constant), set(self._settled)
        try:
            body = self.body(definition, None, ())
        except MdiffError:
            body = None
        inside = {text for text, _ in names_in(body)} if isinstance(body, Term) else set()
        varies = any(text in inside for text, _ in self.variables)
        if isinstance(body, Term) and inside and not varies and self.bodies == before[1]:
            self.constant[key] = body
            return
        self.used, self.bodies, self.held, self.chosen = before
        self.constant, self._settled = constant, settled

    def _entry(self, term: Term, new: Term) -> Term:
        """An entry ``C_{ij}`` with its own definition put in where that varies."""
        base, indices = term.args[0], term.args[1:]
        if base.kind is not Kind.NAME or new.args[0] is not base or self._is_variable(base):
            return new
        definition = self.scope.find_entry(base.text, base.bold, len(indices))
        if definition is None or self._is_variable(term) or definition.name.text in self._open:
            return new
        if self._is_only_by(base.text):
            return new
        body = self.body(definition, term.span, ())
        if isinstance(body, MdiffError) or not (self.every or self._varies(body)):
            return new
        if is_model(body, self.scope):
            self._hold(definition)
            return new
        self._use(definition)
        return at_indices(body, definition.name.indices, indices)

    def _varies(self, body: Term) -> bool:
        names = {text for text, _ in self.variables}
        inside = names_in(body) if names else ()
        return any(text in names or (text, bold) in self.bodies for text, bold in inside)

    def _hold(self, definition: Definition) -> None:
        """Keep in mind an equation that would bring in a variable, and is not put in."""
        for side in definition.sides:
            body = parsed(side.text)
            if isinstance(body, Term) and self._varies(body):
                self.held[definition.name.latex] = side.text.strip()

    def _call(self, term: Term) -> Term:
        definition = self.scope.find_definition(term.text, term.bold)
        if definition is None or self._is_variable(term):
            return term
        if not definition.parameters:
            return self._name_of(term)
        if len(definition.parameters) != len(term.args):
            return term
        known = self._known(definition)
        if known:
            self._use(definition)
            return replace(term, kind=Kind.APPLY, text=known)
        body = self.body(definition, term.span, term.args)
        if isinstance(body, MdiffError):
            if definition.own:
                raise body
            return term
        pairs = list(zip(definition.parameters, term.args, strict=True))
        same = all(value_of(p, arg).text == p.text for p, arg in pairs)
        if self.every and not same and hides(definition):
            return term
        self._use(definition)
        key = (term.text, term.bold)
        if same and self._varies(body) and self.scope.find(*key) is None:
            self.bodies[key] = body
            return replace(term, kind=Kind.NAME, args=())
        return body

    def _known(self, definition: Definition) -> str:
        """The canonical name of the known function that is defined under a name of the author's."""
        name = definition.name.text
        if len(definition.parameters) != 1 or name in self._open:
            return ""
        for side in definition.sides:
            found = recognised_function(side.text, definition.parameters[0].text)
            # the usual name of one function for another would be read as the one
            if found and HEADS.get(name, "sigma" if name == "sigma" else found) == found:
                self.chosen[name] = side.text.strip()
                return found
        return ""

    def _name_of(self, call: Term) -> Term:
        """``h(x)`` where h is defined as an expression in x: the name h."""
        key = (call.text, call.bold)
        self._settle(key, call.span)
        body = self.bodies.get(key) or self.constant.get(key)
        if body is None or not self._speaks_of(body, call.args):
            return call
        if key in self.constant:
            self._use(self.scope.definitions.get(key) or self.scope.definitions[key[0], not key[1]])
            return body
        return replace(call, kind=Kind.NAME, args=())

    def _speaks_of(self, body: Term, arguments: tuple[Term, ...]) -> bool:
        """Are all arguments names that the body speaks of, itself or by other names?"""
        inside: set[str] = set()
        todo = [body]
        while todo:
            for key in names_in(todo.pop()):
                if key[0] not in inside:
                    inside.add(key[0])
                    todo += [b for b in (self.bodies.get(key), self.constant.get(key)) if b]
        return all(arg.kind is Kind.NAME and arg.text in inside for arg in arguments)

    def _use(self, definition: Definition) -> None:
        if definition not in self.used:
            self.used.append(definition)

    def body(
        self, definition: Definition, occurrence: Span | None, arguments: tuple[Term, ...]
    ) -> Term | MdiffError:
        """The definition's right-hand side with its own names expanded. Raises DeclarationError."""
        name = definition.name.text
        if name in self._open:
            cycle = " → ".join([*self._open[self._open.index(name) :], name])
            raise DeclarationError(
                f"{definition.name.latex} is defined by itself ({cycle})",
                occurrence,
                "use another name on one side of the definition",
            )
        try:
            side, term = best_side(definition, self._with_diagonals(definition))
        except MdiffError as error:
            start = self.sources.add(definition, occurrence)
            if error.span is not None:
                error.span = Span(error.span.start + start, error.span.end + start)
            return error
        term = spelled(term, side.text, self.scope)
        term = moved(term, self.sources.add(definition, occurrence) + side.offset)
        self.chosen[name] = side.text.strip()
        self._open.append(name)
        try:
            if definition.parameters and arguments:
                pairs = zip(definition.parameters, arguments, strict=False)
                values = {p.text: value_of(p, a) for p, a in pairs}
                term = substituted(term, values)
            body = self.expand(term)
            if sum(1 for _ in walk(body)) > _LARGEST:
                raise LimitError(
                    f"{definition.name.latex} is too large once its definitions are put in",
                    occurrence,
                )
            return body
        finally:
            self._open.pop()

    def _with_diagonals(self, definition: Definition) -> Callable[[Term], Term]:
        """How a right-hand side is read: with ``every``, the free indices of its name are known."""
        if not self.every:
            return lambda term: term
        return lambda term: with_diagonals(term, definition.name.indices, self.scope)
