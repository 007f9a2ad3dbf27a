"""What the declarations in force say about each name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import DeclarationError
from mdiff_pandoc.expr import SCALAR, Shape, show_shape
from mdiff_pandoc.latex.declarations import read_facts
from mdiff_pandoc.latex.fact import Fact, Side
from mdiff_pandoc.latex.names import Name, scan_name

Key = tuple[str, bool]


class Known(Struct):
    """What is known of one name: its shape or kind and its assumptions.

    Of a function: its parameters, and the shapes of its arguments and values, where told;
    ``depends`` are all names of which it was said to be some function.
    """

    name: Name
    shape: Shape | None = None
    kind: str = ""
    assumptions: frozenset[str] = frozenset()
    shaped_by: str = ""
    parameters: tuple[Name, ...] = ()
    domain: tuple[Shape, ...] = ()
    values: Shape | None = None
    depends: tuple[Name, ...] = ()


class Definition(Struct, frozen=True):
    """A definition in force. ``own``: the request itself makes it."""

    name: Name
    sides: tuple[Side, ...]
    parameters: tuple[Name, ...]
    strong: bool
    source: str
    own: bool


class Scope(Struct):
    """The declarations in force, by plain name and style (bold or not).

    ``unread`` are words that were said of names together, and that are not used.
    """

    known: dict[Key, Known] = field(default_factory=dict)
    families: dict[Key, Known] = field(default_factory=dict)
    definitions: dict[Key, Definition] = field(default_factory=dict)
    unread: dict[tuple[frozenset[str], str], None] = field(default_factory=dict)

    def find(self, text: str, bold: bool, exact: bool = False) -> Known | None:
        """What is known of a name; unless ``exact``, another style of it will do."""
        found = self.known.get((text, bold))
        return self.known.get((text, not bold)) if found is None and not exact else found

    def find_family(self, text: str, bold: bool) -> Known | None:
        """What is known of the members ``x_i`` of a family."""
        return self.families.get((text, bold)) or self.families.get((text, not bold))

    def find_definition(self, text: str, bold: bool, exact: bool = False) -> Definition | None:
        """The definition of a name; unless ``exact``, of another style of it."""
        found = self.definitions.get((text, bold))
        return self.definitions.get((text, not bold)) if found is None and not exact else found

    def find_entry(self, base: str, bold: bool, count: int) -> Definition | None:
        """The definition of the entries ``C_{ij}`` of a name, by the number of their indices."""
        found = None
        for (_, style), definition in self.definitions.items():
            name = definition.name
            same = name.base == base and len(name.indices) == count > 0
            if same and (found is None or style == bold):
                found = definition
        return found


@lru_cache(maxsize=256)
def scope_of(declare: tuple[str, ...], context: tuple[str, ...]) -> Scope:
    """The scope of a request: its own declarations, then the document's, the latest first.

    A fact of the document that cannot be read is left out. Raises DeclarationError for a
    declaration of the request that cannot be read or contradicts another.
    """
    scope = Scope()
    for fact in _readable(context):
        _add(scope, fact)
    own = Scope()
    for text in declare:
        for fact in read_facts(text):
            _add(own, fact, own=True)
    for key, known in own.known.items():
        before = scope.known.get(key)
        scope.known[key] = known if before is None else _merged(before, known)
        if known.shape is not None or known.kind not in ("", "function"):
            _drop(scope, key)
    scope.families.update(own.families)
    scope.unread.update(own.unread)
    for key in own.definitions:
        if key not in own.known:
            scope.known.pop(key, None)
    scope.definitions.update(own.definitions)
    for key, definition in list(scope.definitions.items()):
        turned = _turned(scope, definition) if definition.parameters else None
        if turned is not None:
            del scope.definitions[key]
            scope.definitions.setdefault((turned.name.text, turned.name.bold), turned)
    return scope


def _drop(scope: Scope, key: Key) -> None:
    """A shape that the request declares outweighs a definition of the document."""
    definition = scope.definitions.get(key)
    if definition is not None and not definition.strong:
        del scope.definitions[key]


def _readable(context: Sequence[str]) -> Iterable[Fact]:
    for text in context:
        try:
            yield from read_facts(text)
        except DeclarationError:
            continue


def _merged(before: Known, after: Known) -> Known:
    """Later knowledge over earlier: a new shape ends the properties of the old one."""
    after.depends = tuple(dict.fromkeys((*before.depends, *after.depends)))
    if after.shape is None and not after.kind:
        assumptions = before.assumptions | after.assumptions
        return replace(before, name=after.name, assumptions=assumptions, depends=after.depends)
    if before.shape is None or before.shape == after.shape:
        after.assumptions |= before.assumptions
        after.shape = after.shape or before.shape
    return after


def _add(scope: Scope, fact: Fact, own: bool = False) -> None:
    if fact.unread:
        scope.unread[frozenset(name.text for name in fact.names), fact.unread] = None
        return
    if fact.sides:
        name = fact.names[0]
        strong = fact.strong or own
        definition = Definition(name, fact.sides, fact.parameters, strong, fact.source, own)
        scope.definitions[name.text, name.bold] = definition
        return
    for name in fact.names:
        told = Known(
            name,
            fact.shape,
            fact.kind,
            fact.assumptions,
            fact.source,
            fact.parameters,
            fact.domain,
            fact.values,
            fact.parameters if fact.values == SCALAR and not fact.domain else (),
        )
        key = (name.text, name.bold)
        if own:
            _refuse_contradiction(scope.known.get(key), told, fact)
        before = scope.known.get(key)
        scope.known[key] = told if before is None else _merged(before, told)
        if name.indices and len(name.indices) == 1:
            scope.families[name.base, name.bold] = scope.known[key]


def _turned(scope: Scope, definition: Definition) -> Definition | None:
    """``f(C) = y`` of a declared function f, as the definition of y."""
    known = scope.find(definition.name.text, definition.name.bold)
    if known is None or known.kind != "function" or len(definition.sides) != 1:
        return None
    [side] = definition.sides
    found = scan_name(side.text, 0, len(side.text))
    if found is None or side.text[found[1] :].strip(" .,;"):
        return None
    call = definition.source[: side.offset].rstrip()
    text = call.removesuffix("=").rstrip(" :\t\n")
    start = text.rfind(definition.name.latex)
    return replace(definition, name=found[0], sides=(Side(text[start:], start),), parameters=())


def _refuse_contradiction(before: Known | None, told: Known, fact: Fact) -> None:
    if before is None:
        return
    latex = told.name.latex
    message = ""
    if before.shape and told.shape and before.shape != told.shape:
        message = (
            f"{latex} is declared twice with different shapes: '{before.shaped_by.strip()}' "
            f"({show_shape(before.shape)}) and '{fact.source.strip()}' ({show_shape(told.shape)})"
        )
    shape = told.shape or before.shape
    square_only = (told.assumptions | before.assumptions) & {"symmetric", "skew", "invertible"}
    if shape and shape[0] != shape[1] and square_only:
        message = (
            f"{latex} cannot be {min(square_only)}: '{(before.shaped_by or fact.source).strip()}' "
            f"and '{fact.source.strip()}' contradict each other, its shape {show_shape(shape)} "
            "is not square"
        )
    if message:
        error = DeclarationError(message, fact.span, "keep one of the two")
        error.source = fact.source
        raise error
