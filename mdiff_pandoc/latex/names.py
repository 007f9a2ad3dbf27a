"""Names and dimensions as authors write them in declarations.

The plain names are those of the surface tree: ``\\mathbf{X}`` is ``X``, ``\\hat y`` ``hat_y``,
``\\Sigma_{xy}`` ``Sigma_xy``; a subscript of index letters may also be an index.
"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import DeclarationError, Span
from mdiff_pandoc.expr import ONE, Dim
from mdiff_pandoc.latex.notations import (
    ACCENTS,
    ARROWS,
    BOLD_FONTS,
    GREEK,
    HEADS,
    INDEX_LETTERS,
    PLAIN_FONTS,
    PREFIX_FONTS,
    UNICODE,
)
from mdiff_pandoc.patterns import regex


class Name(Struct, frozen=True):
    """A name in a declaration.

    ``text`` is the plain name, ``latex`` what was written. When the subscript may be an index,
    ``base`` is the name without it and ``indices`` the letters; otherwise ``base`` is ``text``.
    Of a ``squared`` parameter it is the square that is the argument of the function.
    """

    text: str
    latex: str
    bold: bool = False
    base: str = ""
    indices: tuple[str, ...] = ()
    squared: bool = False


CONDITIONAL = "_given"  # what the plain name of p(x | y) has after that of p
RAISED = "_sup_plus"  # what the plain name of a function P^+(K) has after that of P
PRIMED = "_prime"  # what the plain name of A' has after that of A, where it is a name of its own
_GREEK_LETTERS = {char: name[1:] for char, name in UNICODE.items() if name in GREEK}
_COMMAND = regex(r"\\([A-Za-z]+)")
_WORD = regex(
    r"\\(?:(?:operatorname\*?|mathrm|mathsf)\s*\{\s*(?P<roman>[A-Za-z][A-Za-z0-9]+)\s*\}"
    r"|text(?:rm|sf)?\s*\{(?P<text>[A-Za-z][A-Za-z0-9]+)\}(?=(?:\s|\\left)*[(=_:^}]|\s*\Z))"
)
# operators whose argument is no variable, and words that stand between statements
_NO_NAMES = frozenset(
    "Var Cov Cor Corr Std Bias Prob Pr var cov corr and where with for let".split()
)
_LETTER = regex(r"[A-Za-z]|[" + "".join(_GREEK_LETTERS) + "]")
_SUBSCRIPT = regex(
    r"\s*_\s*(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}|(?P<command>\\[A-Za-z]+)|(?P<char>[A-Za-z0-9*+-]))"
)
_DIGITS = {char: str(value) for value, char in enumerate("₀₁₂₃₄₅₆₇₈₉")}
_PLAIN_SUBSCRIPT = regex("[" + "".join(_DIGITS) + "]+")
_WRAPPED = regex(r"\\(?:text|mathrm|textrm|mathsf|mathit|rm|operatorname)\s*\{([^{}]*)\}")
_STAR = regex(r"\s*\^\s*(?:\{\s*(?:\*|\\star|\\ast)\s*\}|\*|\\star(?![A-Za-z])|\\ast(?![A-Za-z]))")


def scan_name(text: str, start: int, end: int) -> tuple[Name, int] | None:
    """The name that begins at ``start`` and the place after it, or None."""
    start = _skip(text, start)
    head = _head(text, start, end, 0)
    if head is None:
        return None
    base, bold, position = head
    name = base
    indices: tuple[str, ...] = ()
    subscript = _SUBSCRIPT.match(text, position, end)
    if subscript is not None:
        label = _label(subscript["group"] or subscript["command"] or subscript["char"] or "")
        if label is None:
            return None
        plain, written_as_text = label
        name = f"{base}_{plain}"
        letters = tuple(plain) if not written_as_text and set(plain) <= INDEX_LETTERS else ()
        indices = letters if len(letters) <= 2 else ()
        position = subscript.end()
    elif digits := _PLAIN_SUBSCRIPT.match(text, position, end):
        name = f"{base}_" + "".join(_DIGITS[char] for char in digits[0])
        position = digits.end()
    star = _STAR.match(text, position, end)
    if star is not None:
        name, indices, position = f"{name}_star", (), star.end()
    latex = text[start:position].strip()
    return Name(name, latex, bold, base if indices else name, indices), position


_BETWEEN = regex(
    r"(?<!\\)[,;]|\\(?:middle\s*)?\\?\||\||\\(?:mid|Vert|vert|parallel)(?![A-Za-z])|‖|∥"
)
_GIVEN = regex(r"(?<!\\)\||\\mid(?![A-Za-z])")
_SPACING = regex(r"\\[,;:! ]|\\q?quad(?![A-Za-z])|~")
_SQUARED = regex(r"\s*\^\s*(?:2|\{\s*2\s*\})")


def scan_parameters(text: str) -> tuple[Name, ...] | None:
    r"""The names between the brackets of a call; None where something else stands there.

    Of :math:`\sigma^2` it is σ, ``squared``.
    """
    parameters: list[Name] = []
    for part in _BETWEEN.split(_SPACING.sub(lambda found: " " * len(found[0]), text)):
        found = scan_name(part, 0, len(part))
        if found is None:
            return None
        name, end = found
        if name.latex.startswith("\\") and (squared := _SQUARED.match(part, end)):
            end = squared.end()
            name = replace(name, squared=True)
        if part[end:].strip():
            return None
        parameters.append(name)
    return tuple(parameters)


_CAPITALS = regex(r"\s*([A-Z]{2,})(?=(?:\s|\\(?:left|big|Big)(?![A-Za-z]))*\(([^()=]*))")
_PLUS = regex(r"\s*\^\s*(?:\{\s*\+\s*\}|\+)(?=(?:\s|\\(?:left|big|Big)(?![A-Za-z]))*\()")
_SQUARE = regex(
    r"\s*\^\s*(?:2|\{\s*2\s*\})(?=(?:\s|\\(?:left|big|Big)(?![A-Za-z]))*\([^()=]*[,;|])"
)


class Head(Struct, frozen=True):
    """The name of a function before its bracket, and the place after it.

    ``squared``: it is the square of the function that stands there, as in ``d^2(x, y)``.
    """

    name: Name
    end: int
    squared: bool = False


def scan_head(text: str, start: int, end: int) -> Head | None:
    r"""The name of a function that is being defined: ``f``, ``MSE`` and :math:`P^+` too."""
    capitals = _CAPITALS.match(text, start, end)
    if capitals and (len(capitals[1]) > 2 or _BETWEEN.search(capitals[2])):
        return Head(Name(capitals[1], capitals[1], False, capitals[1]), capitals.end(1))
    found = scan_name(text, start, end)
    if found is None:
        return None
    name, position = found
    if plus := _PLUS.match(text, position, end):
        told = name.text + RAISED
        return Head(replace(name, text=told, base=told, indices=()), plus.end())
    if square := _SQUARE.match(text, position, end):
        return Head(name, square.end(), squared=True)
    return Head(name, position)


def called(name: Name, arguments: str) -> Name:
    r"""The name of the function that is called with these arguments: of ``p(x \mid y)`` it is
    another one than that of ``p(x, y)``."""
    if not _GIVEN.search(arguments):
        return name
    text = name.text + CONDITIONAL
    return replace(name, text=text, base=text, indices=())


def _skip(text: str, start: int) -> int:
    while text[start : start + 1].isspace():
        start += 1
    return start


def _head(text: str, start: int, end: int, depth: int) -> tuple[str, bool, int] | None:
    """A letter with its fonts and accents: plain name, is it bold, the place after it."""
    start = _skip(text, start)
    if start >= end or depth > 5:
        return None
    if text[start] == "{":
        inner = _head(text, start + 1, end, depth + 1)
        if inner is None:
            return None
        stop = _skip(text, inner[2])
        return (inner[0], inner[1], stop + 1) if text[stop : stop + 1] == "}" else None
    letter = _LETTER.match(text, start, end)
    if letter is not None:
        return _GREEK_LETTERS.get(letter[0], letter[0]), False, letter.end()
    if named := _WORD.match(text, start, end):
        word = named["roman"] or named["text"]
        if _names_a_quantity(word):
            return word, False, named.end()
    command = _COMMAND.match(text, start, end)
    if command is None:
        return None
    word = command[0]
    if word in GREEK or word == r"\ell":
        return word[1:], False, command.end()
    known = word in BOLD_FONTS or word in ARROWS or word in PLAIN_FONTS
    prefix = PREFIX_FONTS.get(word) or ACCENTS.get(word) or ""
    if not known and not prefix and word not in (r"\bf", r"\rm", r"\it"):
        return None
    inner = _head(text, command.end(), end, depth + 1)
    if inner is None:
        return None
    bold = inner[1] or word in BOLD_FONTS or word in ARROWS or word == r"\bf"
    return prefix + inner[0], bold, inner[2]


def _names_a_quantity(word: str) -> bool:
    """May a word in upright letters be a name, such as RSS or Loss?"""
    return word not in HEADS and word not in _NO_NAMES and (len(word) > 3 or not word.islower())


def _label(written: str) -> tuple[str, bool] | None:
    """A subscript as part of a plain name, and whether it was written as text."""
    unwrapped = _WRAPPED.sub(r"\1", written)
    plain = "".join(
        match[0].lstrip("\\") for match in re.finditer(r"\\[A-Za-z]+|[A-Za-z0-9]|[*+-]", unwrapped)
    )
    for sign, word in (("*", "asterisk"), ("+", "plus"), ("-", "minus")):
        plain = plain.replace(sign, word)
    return (plain, unwrapped != written) if plain else None


_DIM_TOKEN = regex(r"\s*(?:(?P<number>\d+)|(?P<sign>[+\-−*^(){}]|\\cdot(?![A-Za-z])))")


def scan_dim(text: str, start: int, end: int) -> Dim:
    """The dimension written in ``text[start:end]``: ``n``, ``3``, ``n m``, ``n^2``, ``2n+1``.

    Raises DeclarationError.
    """
    dim, position = _dim_sum(text, start, end, 0)
    if text[position:end].strip():
        raise _no_dim(text, position, end)
    if dim.value is not None and dim.value < 1:
        raise DeclarationError("a dimension is at least 1", Span(start, end))
    return dim


def _no_dim(text: str, start: int, end: int) -> DeclarationError:
    shown = text[start:end].strip()
    return DeclarationError(
        f"'{shown}' is no dimension" if shown else "a dimension is missing",
        Span(min(start, end), end),
        "a dimension is a number, a name such as n or d_1, or a product such as n m",
    )


def _dim_sum(text: str, start: int, end: int, depth: int) -> tuple[Dim, int]:
    total, position = _dim_product(text, start, end, depth)
    while True:
        token = _DIM_TOKEN.match(text, position, end)
        if token is None or token["sign"] not in ("+", "-", "−"):
            return total, position
        term, position = _dim_product(text, token.end(), end, depth)
        total = total + term if token["sign"] == "+" else total - term


def _dim_product(text: str, start: int, end: int, depth: int) -> tuple[Dim, int]:
    product: Dim | None = None
    position = start
    while True:
        token = _DIM_TOKEN.match(text, position, end)
        if token is not None and token["sign"] in ("*", r"\cdot") and product is not None:
            position = token.end()
            continue
        factor = _dim_factor(text, position, end, depth)
        if factor is None:
            break
        dim, position = factor
        product = dim if product is None else product * dim
    if product is None:
        raise _no_dim(text, start, end)
    return product, position


def _dim_factor(text: str, start: int, end: int, depth: int) -> tuple[Dim, int] | None:
    token = _DIM_TOKEN.match(text, start, end)
    if token is not None and token["number"]:
        if len(token["number"]) > 9:
            raise DeclarationError("the dimension is too large", Span(token.start(), token.end()))
        dim, position = Dim.of(int(token["number"])), token.end()
    elif token is not None and token["sign"] in ("(", "{") and depth < 5:
        dim, position = _dim_sum(text, token.end(), end, depth + 1)
        closing = _DIM_TOKEN.match(text, position, end)
        if closing is None or closing["sign"] not in (")", "}"):
            raise _no_dim(text, start, end)
        position = closing.end()
    else:
        found = scan_name(text, start, end)
        if found is None:
            return None
        dim, position = Dim.of(found[0].text), found[1]
    raised = _DIM_TOKEN.match(text, position, end)
    if raised is not None and raised["sign"] == "^":
        power, position = _dim_exponent(text, raised.end(), end)
        base = dim
        dim = ONE
        for _ in range(power):
            dim = base * dim
    return dim, position


def _dim_exponent(text: str, start: int, end: int) -> tuple[int, int]:
    match = re.compile(r"\s*(?:\{\s*(\d)\s*\}|(\d))").match(text, start, end)
    if match is None:
        raise _no_dim(text, start, end)
    return int(match[1] or match[2]), match.end()
