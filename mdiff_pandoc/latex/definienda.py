"""What an equation defines, if it may be read as a definition."""

from __future__ import annotations

import re

from msgspec import Struct

from mdiff_pandoc.errors import DeclarationError
from mdiff_pandoc.latex.declarations import read_facts
from mdiff_pandoc.latex.names import Name, called, scan_head, scan_name, scan_parameters
from mdiff_pandoc.latex.scope import Definition, Scope
from mdiff_pandoc.patterns import regex

_ARGUMENTS = regex(
    r"\s*(?:\\(?:left|bigl?|Bigl?)\s*)?\(\s*(?P<inside>[^()=]*?)\s*(?:\\(?:right|bigr?|Bigr?)\s*)?\)\s*"
)
# letters whose meaning is fixed
_FIXED = frozenset(("I", "0", "1", "pi", "e"))
_MATRIX = regex(
    r"\s*\\begin\s*\{\s*(?P<kind>[bp]?matrix)\s*\}(?P<cells>.*?)(?:\\\\\s*)?\\end\s*\{\s*(?P=kind)\s*\}"
    r"[\s.,;]*",
    re.S,
)
_ZERO = regex(
    r"\s*(?:\{\s*)?(?:0|\\(?:math(?:bf|bb|rm)|boldsymbol|bm|vec)\s*\{?\s*0\s*\}?)(?:\s*\})?"
    r"(?:\s*_\s*(?:\w|\{[^{}]*\}))?\s*"
)
_DIFFERENTIAL = regex(
    r"\s*(?:d|\\(?:mathrm|text|operatorname)\s*\{?\s*d\s*\}?)\s*(?:[A-Za-z](?![A-Za-z])|[\\(|])"
)


class Definiendum(Struct, frozen=True):
    """A side that is a name and nothing else: ``f``, ``f(x)``, ``C_{ij}``.

    ``parameters`` are the arguments of a call, None where there is none.
    """

    name: Name
    parameters: tuple[str, ...] | None = None


def definiendum(text: str) -> Definiendum | None:
    """The name that a side consists of, or None."""
    head = scan_head(text, 0, len(text))
    if head is None or head.name.text in _FIXED:
        return None
    name, rest = head.name, text[head.end :]
    if not rest.strip(" .,;"):
        return Definiendum(name)
    call = _ARGUMENTS.fullmatch(rest)
    if call is None:
        return None
    parameters = scan_parameters(call["inside"])
    if parameters is None:
        return None
    name = called(name, call["inside"])
    return Definiendum(name, tuple(parameter.text for parameter in parameters))


def definition_of(told: Definiendum, scope: Scope) -> Definition | None:
    """The definition in force of what a side names."""
    name = told.name
    found = scope.find_definition(name.text, name.bold)
    if found is None and name.indices:
        found = scope.find_entry(name.base, name.bold, len(name.indices))
        found = found or scope.find_definition(name.base, name.bold)
    return found


def listed_names(text: str) -> list[list[Name]]:
    """The rows of an explicit matrix with nothing but names in it; none for another side."""
    found = _MATRIX.fullmatch(text)
    rows: list[list[Name]] = []
    for line in found["cells"].split(r"\\") if found else ():
        rows.append([])
        for cell in line.split("&"):
            name = scan_name(cell, 0, len(cell))
            if name is None or cell[name[1] :].strip():
                return []
            rows[-1].append(name[0])
    return rows


def is_zero(text: str) -> bool:
    """Is a side nothing but 0, so that an equation with it may state a condition?"""
    return _ZERO.fullmatch(text) is not None


def is_differential(text: str) -> bool:
    """Is a side the differential of something, as ``dX`` or ``d f(x)``?"""
    return _DIFFERENTIAL.match(text) is not None


def is_assumption(equation: str) -> bool:
    """May the equation state a property, as :math:`Q^T Q = I`, ``A = A^T`` or ``|u| = 1`` do?"""
    try:
        facts = read_facts(equation)
    except DeclarationError:
        return False
    return all(fact.assumptions and not fact.sides for fact in facts)
