"""Declarations: what an author says about symbols before using them.

A fact gives names a shape (``X \\in \\mathbb{R}^{m \\times n}``), properties (``S symmetric``,
``\\Sigma \\succ 0``) or a definition (``r := Xw - y``). The grammar of formulas is not needed to
read one; the right-hand side of a definition stays text until somebody asks for it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from mdiff_pandoc.errors import DeclarationError, Span
from mdiff_pandoc.expr import show_shape
from mdiff_pandoc.latex.equations import (
    defined_fact,
    dependence_fact,
    gradient_fact,
    identity_fact,
    turned_fact,
    unit_fact,
)
from mdiff_pandoc.latex.fact import Fact, Side
from mdiff_pandoc.latex.names import PRIMED, Name, called, scan_head, scan_name, scan_parameters
from mdiff_pandoc.latex.printer_names import name_latex
from mdiff_pandoc.latex.properties import FILLERS, KINDS, PROPERTIES, SQUARE_ONLY
from mdiff_pandoc.latex.request import statements
from mdiff_pandoc.latex.sets import SHAPES, scan_mapping, scan_set, scan_shape
from mdiff_pandoc.latex.totals import stated_total
from mdiff_pandoc.patterns import regex

_LONGEST = 4000


def read_fact(text: str) -> Fact:
    """Read one declaration or definition. Raises DeclarationError with a span in ``text``."""
    return read_facts(text)[0]


def read_facts(text: str) -> tuple[Fact, ...]:
    """Read every fact of ``text``, such as ``A \\in …, B \\in …``. Raises DeclarationError."""
    outcome = _read(text)
    if isinstance(outcome, tuple):
        return outcome
    message, span, hint = outcome.message, outcome.span, outcome.hint
    error = DeclarationError(message, span, hint)
    error.source = text
    raise error


def is_fact(latex: str) -> bool:
    """Is there a declaration or a definition in this formula?"""
    if len(latex) > _LONGEST or not _LOOKS_LIKE_FACT.search(latex):
        return False
    return any(_is_fact(latex, start, end) for start, end in _pieces(latex))


@lru_cache(maxsize=2048)
def _read(text: str) -> tuple[Fact, ...] | DeclarationError:
    try:
        if len(text) > _LONGEST:
            raise DeclarationError("the declaration is too long", Span(0, len(text)))
        if told := _UNREAD.fullmatch(text):
            named = (scan_name(name, 0, len(name)) for name in (told[1], *told[3].split()))
            return (Fact(text, tuple(name[0] for name in named if name), unread=told[2]),)
        clean = _clean(text)
        pieces = list(_pieces(clean))
        if not pieces:
            raise DeclarationError("the declaration is empty", Span(0, len(text)), SHAPES)
        facts: list[Fact] = []
        for start, end in pieces:
            facts.extend(_facts(text, clean, start, end))
        return tuple(facts)
    except DeclarationError as error:
        return error


def _is_fact(latex: str, start: int, end: int) -> bool:
    try:
        return bool(_facts(latex, _clean(latex), start, end))
    except DeclarationError:
        return False


_UNREAD = regex(r'\s*(\S.*?)\s+unread "([^"]*)"(.*)')
_LOOKS_LIKE_FACT = regex(r"=|:|\\(?:in|succ|triangleq|coloneqq|text|ge|gt)|>|∈|≻")
_DOLLAR = regex(r"\$|\\(?:displaystyle|left|right)(?![A-Za-z])|&")
_PREFIX = regex(
    r"(?:\s|\\(?:text|mbox|textrm)\s*\{\s*(?P<boxed>let|where|with|and|for|here|suppose)\s*\}"
    r"|(?P<word>[Ll]et|[Ww]here|[Ww]ith|[Hh]ere|[Aa]nd|[Ff]or|[Ss]uppose|[Gg]iven)\b"
    r"|\\[,;:! ]|~|\\q?quad(?![A-Za-z])|[,;])+"
)


def _clean(text: str) -> str:
    """The text with dollar signs and sizes of delimiters blanked out; offsets stay."""
    return _DOLLAR.sub(lambda match: " " * len(match[0]), text)


def _pieces(text: str) -> list[tuple[int, int]]:
    """The statements of a text; a list of names before ``\\in`` stays in one piece."""
    pieces: list[tuple[int, int]] = []
    waiting: int | None = None
    for statement in statements(text):
        start = statement.start if waiting is None else waiting
        waiting = None
        if _only_names(text, start, statement.end) or _is_dots(
            text, statement.start, statement.end
        ):
            waiting = start
        elif pieces and _only_words(text[statement.start : statement.end]):
            pieces[-1] = (pieces[-1][0], statement.end)
        else:
            pieces.append((start, statement.end))
    if waiting is not None:
        pieces.append((waiting, len(text)))
    return pieces


def _only_names(text: str, start: int, end: int) -> bool:
    names, position = _names(text, start, end)
    return bool(names) and not text[position:end].strip()


def _is_dots(text: str, start: int, end: int) -> bool:
    return _DOTS.fullmatch(text, start, end) is not None


def _only_words(text: str) -> bool:
    words = _words(text)
    return bool(words) and all(
        word in FILLERS or any(word in known.split() for known in PROPERTIES) for word in words
    )


_DOTS = regex(r"\s*(?:\\[lc]?dots[a-z]?(?![A-Za-z])|\.\.\.|…)\s*")
_AND = regex(
    r"(?:\s*(?:,|\\[lc]?dots[a-z]?(?![A-Za-z])|\.\.\.|…|"
    r"\\text\s*\{\s*,?\s*and\s*\}|\band\b|\\[,;:! ]|\\q?quad(?![A-Za-z])))+\s*"
)


def _names(text: str, start: int, end: int) -> tuple[list[Name], int]:
    """A list of names ``A, B and C`` from ``start``, and where it ends."""
    names: list[Name] = []
    position = start
    while True:
        found = scan_name(text, position, end)
        if found is None:
            return names, position
        name, position = found
        names.append(name)
        comma = _AND.match(text, position, end)
        if comma is None or scan_name(text, comma.end(), end) is None:
            return names, position
        position = comma.end()


_DESCRIBED = regex(r"\s*'\s+described\s*")
_ELEMENT = regex(r"\s*(?:\\in(?![A-Za-z])|∈|\bin\s+(?=[R\\ℝ]))\s*")
_EQUATION_IN = regex(
    r"(?P<equation>[^=∈]*[^=∈:\s]\s*:?=(?:(?!\\in(?![A-Za-z]))[^=∈])*?)"
    r"(?P<sign>\s*(?:\\in(?![A-Za-z])|∈)\s*)[^=∈]*"
)
_TYPED = regex(r"\s*:(?!=)\s*")
_DEFINES = regex(
    r"\s*(?P<strong>:\s*=|\\(?:coloneqq|triangleq|doteq|colonequals)(?![A-Za-z])|≜|≔"
    r"|\\(?:over|under|stack)(?:set|rel)\s*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*)\{?\s*=\s*\}?)|\s*="
)
_ORDER = regex(
    r"\s*(?P<sign>\\succ(?:eq|curlyeq)?(?![A-Za-z])|≻|⪰|>|\\(?:gt|geq?|geqslant)(?![A-Za-z])|≥)"
    r"\s*(?:0|\\mathbf\s*\{?\s*0\s*\}?|\\mathbf\s+0)\s*"
)
_SQUARE_POSITIVE = regex(
    r"\s*\^\s*(?:2|\{\s*2\s*\})\s*(?:>|\\(?:gt|geq?|geqslant)(?![A-Za-z])|≥)\s*0\s*"
)
_ARGUMENTS = regex(r"\s*\(([^()=]*)\)")
_MAPS = regex(r"\\mapsto(?![A-Za-z])|↦|\|->")
_TO = regex(r"\\(?:to|rightarrow)(?![A-Za-z])|→|->")


def _facts(source: str, text: str, start: int, end: int) -> list[Fact]:
    """The facts of one statement."""
    prefix = _PREFIX.match(text, start, end)
    strong = False
    if prefix is not None and scan_name(text, prefix.end(), end) is not None:
        strong = (prefix["boxed"] or prefix["word"] or "").lower() == "let"
        start = prefix.end()
    told = (
        identity_fact(source, text, start, end)
        or _total_fact(source, text, start, end)
        or unit_fact(source, text, start, end)
        or gradient_fact(source, text, start, end)
    )
    if told is not None:
        named = told.kind == "function" and "=" in text[start:end]
        return [told, *_equation(source, text, start, end)] if named else [told]
    if member := _EQUATION_IN.fullmatch(text, start, end):
        equations = _facts(source, text, start, member.end("equation"))
        fact = Fact(source, equations[0].names, span=Span(start, end))
        return [
            *(replace(told, strong=bool(told.sides)) for told in equations),
            _typed(fact, text, member.end("sign"), end),
        ]
    return _equation(source, text, start, end, strong)


def _total_fact(source: str, text: str, start: int, end: int) -> Fact | None:
    """``\\sum_i y_i = 1``: the entries of y add up to 1."""
    total = stated_total(text[start:end])
    found = total and scan_name(total[0], 0, len(total[0]))
    if not total or not found:
        return None
    return Fact(source, (found[0],), assumptions=PROPERTIES[total[1]], span=Span(start, end))


def _equation(source: str, text: str, start: int, end: int, strong: bool = False) -> list[Fact]:
    """The facts of a statement that begins with the names it speaks of."""
    names, position = _names(text, start, end)
    if word := _WORD_NAME.match(text, start, end):
        names, position = [_word_name(word[0].strip())], word.end()
    if not names and (turned := turned_fact(source, text, start, end)) is not None:
        return [turned]
    if not names:
        raise DeclarationError(
            "a declaration begins with the name of a symbol", Span(start, end), SHAPES
        )
    if len(names) == 1 and _DESCRIBED.fullmatch(text, position, end):
        [name] = names
        names = [Name(name.text + PRIMED, f"{name.latex}'", name.bold, name.text + PRIMED)]
        return [Fact(source, tuple(names), span=Span(start, end))]
    fact = Fact(source, tuple(names), span=Span(start, end))
    if element := _ELEMENT.match(text, position, end):
        return [_typed(fact, text, element.end(), end)]
    if typed := _TYPED.match(text, position, end):
        return _typed_by_colon(fact, text, typed.end(), end)
    if squared := _SQUARE_POSITIVE.match(text, position, end):
        told = replace(fact, assumptions=PROPERTIES["positive"], kind="scalar")
        return [_described(told, text, squared.end(), end)]
    if order := _ORDER.match(text, position, end):
        definite = order["sign"].startswith((r"\succ", "≻", "⪰"))
        words = "pd" if order["sign"] in (r"\succ", "≻") else "psd" if definite else "positive"
        told = replace(fact, assumptions=PROPERTIES[words])
        return [_described(told, text, order.end(), end)]
    parameters: tuple[Name, ...] = ()
    of_square = False
    if len(names) == 1 and (head := scan_head(text, start, end)) and head.end != position:
        fact, names = replace(fact, names=(head.name,)), [head.name]
        position, of_square = head.end, head.squared
    if len(names) == 1 and (arguments := _ARGUMENTS.match(text, position, end)):
        scanned = scan_parameters(arguments[1])
        if scanned is not None:
            parameters, position = scanned, arguments.end()
            fact = replace(fact, names=(called(names[0], arguments[1]),))
    if defines := _DEFINES.match(text, position, end):
        dependent = dependence_fact(replace(fact, parameters=parameters), text, defines.end(), end)
        if dependent is not None:
            return [dependent]
        told = replace(fact, parameters=parameters, strong=strong or bool(defines["strong"]))
        found = defined_fact(told, text, defines.end(), end)
        return [_rooted(fact) for fact in found] if of_square else found
    if parameters:
        if element := _ELEMENT.match(text, position, end):
            told = _typed(fact, text, element.end(), end)
            values = told.shape
            return [
                replace(told, shape=None, kind="function", parameters=parameters, values=values)
            ]
        raise DeclarationError("a definition of a function needs =", Span(position, end), SHAPES)
    return [_described(fact, text, position, end)]


_ROOT = r"\sqrt{"


def _rooted(fact: Fact) -> Fact:
    """The definition of d, given that of its square."""
    sides = (Side(f"{_ROOT}{side.text}}}", side.offset - len(_ROOT)) for side in fact.sides)
    return replace(fact, sides=tuple(sides))


def _typed(fact: Fact, text: str, start: int, end: int) -> Fact:
    """What follows ``\\in``: a set, then words."""
    found = scan_set(text, start, end)
    if found is None:
        raise DeclarationError(
            f"'{text[start:end].strip()}' is no set that mdiff knows", Span(start, end), SHAPES
        )
    told = replace(fact, shape=found.shape, assumptions=PROPERTIES.get(found.words, frozenset()))
    return _described(told, text, found.end, end)


_SIZE = regex(
    r"(?P<dims>[^\s,;]+?\s*(?:×|\\times(?![A-Za-z])|\sx\s)\s*(?:\\?[A-Za-z0-9_{}^+]+)|"
    r"(?:\d+|[A-Za-z])x(?:\d+|[A-Za-z])|\d+|[A-Za-z]\w?)(?=\s|,|;|\Z)"
)


def _typed_by_colon(fact: Fact, text: str, start: int, end: int) -> list[Fact]:
    """The form of metadata, ``A: m×n symmetric``, or a map ``f: X \\mapsto …``."""
    if found := _MAPS.search(text, start, end):
        parameters, position = _names(text, start, found.start())
        if not parameters or text[position : found.start()].strip(" ()"):
            raise DeclarationError("the argument of a map is a name", Span(start, found.start()))
        side = Side(text[found.end() : end], found.end())
        return [replace(fact, parameters=tuple(parameters), sides=(side,), strong=True)]
    if arrow := _TO.search(text, start, end):
        domain, values = scan_mapping(text, start, arrow.span(), end)
        return [replace(fact, kind="function", domain=domain, values=values)]
    if scan_set(text, start, end):
        return [_typed(fact, text, start, end)]
    first = re.compile(r"\s*([a-z]{2,})").match(text, start, end)
    size = (
        None
        if first and (first[1] in KINDS or first[1] in _LEADING)
        else _SIZE.match(text, start, end)
    )
    if size is None:
        return [_described(fact, text, start, end)]
    told = replace(fact, shape=scan_shape(text, size.start(), size.end()))
    return [_described(told, text, size.end(), end)]


_LEADING = frozenset(word for words in PROPERTIES for word in words.split())
_WORD_NAME = regex(r"\s*[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*\s*(?=:(?!\s*=))")


def _word_name(word: str) -> Name:
    """A name in plain letters, as the keys of metadata are: ``Sigma``, ``W_1``."""
    return Name(word, name_latex(word), False, word)


_WORD = regex(r"[A-Za-z]+")
_NO_WORD = regex(r"\\(?:text|mbox|textrm|textit|mathrm)(?![A-Za-z])|\\[,;:! ]|\\q?quad(?![A-Za-z])")
_DIMENSIONS = regex(
    r"(?<![\w\\])(?P<rows>\\?\w[\w{}^\\]*?)\s*(?:\\times(?![A-Za-z])|×|\bx\b|\bby\b|-by-)\s*"
    r"(?P<columns>\\?\w[\w{}^]*)"
)


def _words(text: str) -> list[str]:
    return _WORD.findall(_NO_WORD.sub(" ", text))


def _described(fact: Fact, text: str, start: int, end: int) -> Fact:
    """The words after a name or a shape."""
    rest = text[start:end]
    if fact.shape is None and (size := _DIMENSIONS.search(rest)):
        shape = scan_shape(text, start + size.start(), start + size.end())
        fact = replace(fact, shape=shape)
        rest = rest[: size.start()] + " " + rest[size.end() :]
    words = _words(rest)
    assumptions = set(fact.assumptions)
    kind = fact.kind
    position = 0
    while position < len(words):
        for length in (4, 3, 2, 1):
            phrase = " ".join(words[position : position + length]).lower()
            if phrase in PROPERTIES and position + length <= len(words):
                assumptions |= PROPERTIES[phrase]
                position += length
                break
        else:
            word = words[position].lower()
            if word in KINDS:
                kind = KINDS[word] if kind != "square" else kind
            elif word not in FILLERS:
                raise _unknown_word(words[position], text, start, end)
            position += 1
    stray = re.search(r"[^\sA-Za-z,.;:{}()\-~]", _NO_WORD.sub(" ", rest))
    if stray is not None or (not words and fact.shape is None and not assumptions):
        raise DeclarationError(
            f"the declaration '{text[fact.span.start : fact.span.end].strip()}' is not understood",
            fact.span,
            SHAPES,
        )
    fact = replace(fact, assumptions=frozenset(assumptions), kind=kind)
    _check(fact)
    return fact


def _unknown_word(word: str, text: str, start: int, end: int) -> DeclarationError:
    known = [*PROPERTIES, *KINDS]
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), known, 1)
    place = text.find(word, start, end)
    if place == start and text[place - 1 : place].isalpha():  # the name was a part of the word
        return DeclarationError(
            f"the declaration '{text[place - 1 : end].strip()}' is not understood",
            Span(place - 1, end),
            SHAPES,
        )
    return DeclarationError(
        f"'{word}' is no property that mdiff knows",
        Span(place, place + len(word)),
        f"did you mean '{near[0]}'?"
        if near
        else "known are symmetric, positive definite, diagonal, "
        "orthogonal, invertible, triangular, positive and constant",
    )


def _check(fact: Fact) -> None:
    """A symmetric matrix is square. Raises DeclarationError."""
    if fact.shape is None or fact.shape[0] == fact.shape[1]:
        return
    for assumption in sorted(fact.assumptions & SQUARE_ONLY):
        raise DeclarationError(
            f"{fact.names[0].latex} cannot be {assumption}: its shape {show_shape(fact.shape)} "
            "is not square",
            fact.span,
        )
