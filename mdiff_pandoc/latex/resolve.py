"""Names in a formula: definitions are put in, calls told from products, styles from names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import is_

from mdiff_pandoc.errors import (
    DeclarationError,
    LimitError,
    MdiffError,
    Span,
    UnknownCommandError,
    UnsupportedError,
)
from mdiff_pandoc.latex.indices import at_indices
from mdiff_pandoc.latex.scope import Definition, Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, as_product, walk

_SCRIPTS = frozenset(
    (
        Kind.TRANSPOSE,
        Kind.INVERSE,
        Kind.INVERSE_TRANSPOSE,
        Kind.POWER,
        Kind.INDEX,
        Kind.ROW,
        Kind.COLUMN,
    )
)
_LARGEST = 5_000
_FUNCTION_NAMES = frozenset("f g h u v p q F G phi varphi psi rho ell cal_L cal_F cal_G".split())


def names_in(term: Term) -> set[Key]:
    """The names of a tree with their styles; of a call, the name that is called too."""
    return {
        (node.text.rstrip("'"), node.bold)
        for node in walk(term)
        if node.kind in (Kind.NAME, Kind.CALL)
    }


@dataclass
class Sources:
    """The formula and, behind it, the texts of the definitions that were put in.

    Spans of a definition's terms lie behind the formula, so that every span has a text;
    `relocate` turns them back into places that an author can be shown.
    """

    text: str
    parts: list[tuple[int, Definition, Span]] = field(default_factory=list)

    def add(self, definition: Definition, occurrence: Span) -> int:
        """Take in the text of a definition; returns where it begins."""
        start = len(self.text)
        self.text += definition.source
        self.parts.append((start, definition, occurrence))
        return start

    def relocate(self, error: MdiffError) -> MdiffError:
        """The error with a span in the formula, or in the declaration it comes from."""
        while error.span is not None and error.source is None:
            first, last = self._part(error.span.start), self._part(max(0, error.span.end - 1))
            if first is None and last is None:
                break
            if first is last and first is not None:
                start, definition, occurrence = first
                if definition.own:
                    error.span = Span(error.span.start - start, error.span.end - start)
                    error.source = definition.source
                    break
                error.message += f", in the definition of {definition.name.latex}"
                error.args = (error.message,)
                error.span = occurrence
            else:
                start = error.span.start if first is None else first[2].start
                end = error.span.end if last is None else last[2].end
                error.span = Span(min(start, end), max(start, end))
        return error

    def _part(self, position: int) -> tuple[int, Definition, Span] | None:
        """The definition whose text stands at a position."""
        inside = [part for part in self.parts if part[0] <= position]
        return inside[-1] if inside else None


@lru_cache(maxsize=512)
def _parsed(text: str) -> Term | MdiffError:
    from mdiff_pandoc.latex.visit import parse

    try:
        term = parse(text)
    except MdiffError as error:
        return error
    return term.args[0] if term.kind is Kind.LIST else term


def _moved(term: Term, offset: int) -> Term:
    span = Span(term.span.start + offset, term.span.end + offset)
    return replace(term, span=span, args=tuple(_moved(arg, offset) for arg in term.args))


@dataclass
class Definitions:
    """Puts definitions into a formula.

    ``used`` are those put in, ``chosen`` the right-hand sides that were taken, ``held`` those
    that speak of a variable and are not put in, by name; ``constant`` the
    bodies of those that contain no variable:
    these stay symbols and only give a shape.
    """

    scope: Scope
    sources: Sources
    variables: tuple[Key, ...]
    used: list[Definition] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    constant: dict[Key, Term] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def expand(self, term: Term) -> Term:
        """The term with the definitions of its names put in."""
        if term.kind is Kind.NAME:
            return self._name(term)
        args = tuple(self.expand(arg) for arg in term.args)
        changed = any(new is not old for new, old in zip(args, term.args, strict=True))
        new = replace(term, args=args) if changed else term
        if term.kind is Kind.INDEX:
            return self._entry(term, new)
        return self._call(new) if term.kind is Kind.CALL else new

    def operand(self, term: Term) -> tuple[Term, Definition | None]:
        """The operand of a derivative; a bare function name becomes its definition."""
        if term.kind not in (Kind.NAME, Kind.CALL):
            return self.expand(term), None
        definition = self.scope.find_definition(term.text, term.bold)
        if definition is None or self._is_variable(term):
            return self.expand(term), None
        arguments = term.args if term.kind is Kind.CALL else ()
        body = self.body(definition, term.span, arguments)
        if isinstance(body, MdiffError):
            raise body
        return body, definition

    def _is_variable(self, term: Term) -> bool:
        return any(term.text == text for text, _ in self.variables)

    def _name(self, term: Term) -> Term:
        definition = self.scope.find_definition(term.text, term.bold)
        if definition is None or self._is_variable(term) or definition.parameters:
            return term
        known = self.scope.find(term.text, term.bold)
        if known is not None and (known.shape or known.kind) and not definition.strong:
            self._hold(definition)
            return term
        body = self.body(definition, term.span, ())
        if isinstance(body, MdiffError):
            if definition.own:
                raise body
            return term
        if self._varies(body):
            if not _is_model(body, self.scope):
                self._use(definition)
                return body
            self._hold(definition)
        self.constant[term.text, term.bold] = body
        return term

    def _entry(self, term: Term, new: Term) -> Term:
        """An entry ``C_{ij}`` with its own definition put in where that varies."""
        base, indices = term.args[0], term.args[1:]
        if base.kind is not Kind.NAME or new.args[0] is not base or self._is_variable(base):
            return new
        definition = self.scope.find_entry(base.text, base.bold, len(indices))
        if definition is None or self._is_variable(term):
            return new
        body = self.body(definition, term.span, ())
        if isinstance(body, MdiffError) or not self._varies(body):
            return new
        if _is_model(body, self.scope):
            self._hold(definition)
            return new
        self._use(definition)
        return at_indices(body, definition.name.indices, indices)

    def _varies(self, body: Term) -> bool:
        names = {text for text, _ in self.variables}
        return bool(names) and any(text in names for text, _ in names_in(body))

    def _hold(self, definition: Definition) -> None:
        """Keep in mind an equation that would bring in a variable, and is not put in."""
        for side in definition.sides:
            body = _parsed(side.text)
            if isinstance(body, Term) and self._varies(body):
                self.held[definition.name.latex] = side.text.strip()

    def _call(self, term: Term) -> Term:
        definition = self.scope.find_definition(term.text, term.bold)
        if definition is None or self._is_variable(term):
            return term
        if definition.parameters and len(definition.parameters) != len(term.args):
            return term
        body = self.body(definition, term.span, term.args)
        if isinstance(body, MdiffError):
            if definition.own:
                raise body
            return term
        if not definition.parameters and not _same_names(body, term.args):
            return term
        self._use(definition)
        return body

    def _use(self, definition: Definition) -> None:
        if definition not in self.used:
            self.used.append(definition)

    def body(
        self, definition: Definition, occurrence: Span, arguments: tuple[Term, ...]
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
        failure: MdiffError | None = None
        candidates = []
        for side in definition.sides:
            outcome = _parsed(side.text)
            if isinstance(outcome, Term):
                candidates.append((side, outcome))
            else:
                failure = failure or _copy(outcome, side.offset)
        if not candidates:
            start = self.sources.add(definition, occurrence)
            assert failure is not None
            if failure.span is not None:
                failure.span = Span(failure.span.start + start, failure.span.end + start)
            return failure
        side, term = min(candidates, key=lambda pair: _clumsiness(pair[1]))
        term = _moved(term, self.sources.add(definition, occurrence) + side.offset)
        self.chosen[name] = side.text.strip()
        self._open.append(name)
        try:
            if definition.parameters and arguments:
                values = {p.text: a for p, a in zip(definition.parameters, arguments, strict=False)}
                term = _substitute(term, values)
            body = self.expand(term)
            if sum(1 for _ in walk(body)) > _LARGEST:
                raise LimitError(
                    f"{definition.name.latex} is too large once its definitions are put in",
                    occurrence,
                )
            return body
        finally:
            self._open.pop()


def _copy(error: MdiffError, offset: int) -> MdiffError:
    span = error.span and Span(error.span.start + offset, error.span.end + offset)
    return type(error)(error.message, span, error.hint)


def _clumsiness(term: Term) -> int:
    """Among the sides of a chain, matrix notation is preferred to sums over indices."""
    return sum(node.kind in (Kind.INDEX_SUM, Kind.MATRIX, Kind.DERIVATIVE) for node in walk(term))


def _is_model(body: Term, scope: Scope) -> bool:
    """Is this ``y = Xw + \\epsilon``, which tells where data come from and defines nothing?"""
    return body.kind is Kind.SUM and any(
        arg.kind in (Kind.NAME, Kind.INDEX)
        and arg.text.partition("_")[0] in ("epsilon", "varepsilon")
        and scope.find_definition(arg.text, arg.bold) is None
        for arg in body.args
    )


def _same_names(body: Term, arguments: tuple[Term, ...]) -> bool:
    """Are all arguments names that the body speaks of?"""
    inside = {text for text, _ in names_in(body)}
    return all(arg.kind is Kind.NAME and arg.text in inside for arg in arguments)


def _substitute(term: Term, values: dict[str, Term]) -> Term:
    if term.kind is Kind.NAME and term.text in values:
        return values[term.text]
    return replace(term, args=tuple(_substitute(arg, values) for arg in term.args))


def is_operator(call: Term) -> bool:
    """Is this a call of an operator by a name of several letters?"""
    name = call.text.rstrip("'")
    return (
        call.kind is Kind.CALL
        and len(name) > 1
        and name.isalpha()
        and not call.latex.startswith("\\" + name)
    )


def _differential_first(node: Term) -> Term:
    """``dA (B + C)`` as dA times the bracket."""
    product = as_product(node.args[0])
    if product.kind is not Kind.PRODUCT:
        return node
    name, bracket = product.args
    span = Span(node.span.start, name.span.end)
    return replace(product, span=node.span, args=(replace(node, span=span, args=(name,)), bracket))


def settle_calls(term: Term, scope: Scope, variables: tuple[Key, ...]) -> Term:
    """The tree with every call that is a product written as one.

    A name before brackets is a function when it is σ or a customary letter for one, is not
    declared and never stands alone. Raises UnknownCommandError for an unknown operator.
    """
    alone = {node.text for node in walk(term) if node.kind is Kind.NAME}
    alone |= {text for text, _ in variables}
    for fact in scope.known.values():
        for dim in fact.shape or ():
            alone |= dim.names

    def is_function(call: Term) -> bool:
        name = call.text.rstrip("'")
        known = scope.find(name, call.bold)
        if known is not None and known.kind == "function":
            raise UnsupportedError(
                f"the function {call.latex or name} is declared but not defined",
                call.span,
                f"define it, as in {name}(X) = \\operatorname{{tr}}(X)",
            )
        if known is not None or name in alone:
            return False
        if name in _FUNCTION_NAMES or name == "sigma":
            return True
        if is_operator(call):
            raise UnknownCommandError(
                f"the operator {name} is not known",
                call.span,
                "see the notation table; an elementwise function of your own is written f(x)",
            )
        return False

    def rewrite(node: Term) -> Term:
        differential = node.kind is Kind.DIFFERENTIAL
        call = node.args[0] if differential else node
        while call.args and (call.kind in _SCRIPTS or call.text == "hpower"):
            call = call.args[0]
        if call.kind is Kind.CALL and not is_function(call):
            node = _differential_first(node) if differential else as_product(node)
            if node.kind is Kind.CALL:
                raise UnsupportedError(
                    f"{call.latex or call.text} is no function that mdiff knows",
                    call.span,
                    f"write its definition before, as in {call.text}(X, Y) = …",
                )
        args = tuple(rewrite(arg) for arg in node.args)
        if node.kind is Kind.PRODUCT:
            flat: list[Term] = []
            for old, new in zip(node.args, args, strict=True):
                split = old.kind is not Kind.PRODUCT and new.kind is Kind.PRODUCT
                flat.extend(new.args if split else (new,))
            args = tuple(flat)
        same = len(args) == len(node.args) and all(map(is_, args, node.args))
        return node if same else replace(node, args=args)

    return rewrite(term)
