"""Rows and columns that a sentence names: "where $x_i^\\top$ is the $i$-th row of $X$"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.letters import DRESS, LETTER, lettered
from mdiff_pandoc.patterns import regex

FIRST = 0xE000  # private characters stand for formulas
# what a formula is: a matrix, a line of it, the first of the lines, an index, anything else
_M, _L, _F, _I, _O = "\uf8f5\uf8f6\uf8f7\uf8f8\uf8f9"
_LONGEST = 300  # formulas beyond this many characters name no line

_BASE = rf"(?:{LETTER}|{DRESS}\s*(?:{LETTER}|\{{\s*{LETTER}\s*\}}))"
_TRANSPOSE = (
    r"\s*(?:\^\s*(?:\\(?:top|intercal)(?![A-Za-z])|T|\{\s*(?:\\(?:top|intercal)|T|"
    r"\\(?:mathsf|mathrm|text)\s*\{?\s*T\s*\}?)\s*\})|')"
)
_INDEXED = (
    rf"(?P<base>{_BASE})\s*(?:_\s*(?:(?P<bare>[a-z])|\{{\s*(?P<group>[a-z])\s*\}})"
    r"|\^\s*\{\s*\(\s*(?P<above>[a-z])\s*\)\s*\})"
)
_IN = r"(?:\s*\\in(?![A-Za-z]).*)?"
_ONE = lettered(
    rf"\s*(?:\\\{{\s*)?\(?\s*{_INDEXED}\s*(?P<turned>{_TRANSPOSE})?\s*\)?(?P<again>{_TRANSPOSE})?"
    rf"\s*(?:\\\}}(?:\s*_\s*\{{[^{{}}]*\}}\s*(?:\^\s*(?:\w|\{{\w\}}))?)?)?{_IN}[\s.,;]*",
    re.S,
)
_MANY = lettered(
    rf"\s*(?:\\\{{\s*)?(?P<base>{_BASE})\s*(?:_\s*\{{?\s*1\s*\}}?|\^\s*\{{\s*\(1\)\s*\}})"
    rf"\s*(?P<turned>{_TRANSPOSE})?\s*"
    r",.*(?:\\[lc]?dots[a-z]?(?![A-Za-z])|\.\.\.|…).*",
    re.S,
)
_FIRST_OF = lettered(
    rf"\s*(?P<base>{_BASE})\s*(?:_\s*\{{?\s*1\s*\}}?|\^\s*\{{\s*\(1\)\s*\}})"
    rf"\s*(?P<turned>{_TRANSPOSE})?[\s,]*"
)
_MATRIX = lettered(rf"\s*(?P<name>{_BASE}(?:\s*_\s*\w)?){_IN}\s*", re.S)
_NTH = regex(
    r"\s*[a-z]\s*(?:\^\s*\{?\s*(?:\\(?:text|mathrm|mbox|textrm|rm)\s*\{?\s*)?(?:th|st|nd|rd)\s*\}*)?\s*"
)
_PLAIN = regex(r"(?<![\w'’\-])[B-HJ-Z](?![\w'’\-])")
_CAPITAL = regex(r"[A-Z]\s*\}?\s*(?:_\s*\w)?\s*\Z|\\[A-Z][a-z]+\s*\}?\s*(?:_\s*\w)?\s*\Z")

_NTH_WORD = rf"(?:{_I}\s*-?\s*(?:th\b)?|[a-z]-?th\b)"
_LINE = (
    r"(?:(?:the|its|their|a|an|each|every|different|individual|respective)\s+){0,2}"
    rf"(?:{_NTH_WORD}\s+)?(?P<line>row|column)s?(?:\s+vectors?)?"
)
_OF = rf"\s+(?:of|in)\s+(?:(?:the|a|an|some|our)\s+)?(?:[\w-]+\s+){{0,3}}(?P<matrix>{_M})"
_NAMED = rf"(?P<named>(?:{_F}[\s,.…]+(?:and\s+)?(?:{_O}[\s,.…]+)?)?{_L})"
_STACKED = (
    r"(?:stack\w*|collect\w*|stor\w+|arrang\w*|writ\w+|plac\w+|gather\w*|put|taken|assembl\w+|"
    r"organi[sz]ed|concatenat\w+|together|up)"
)
_AS = (
    r"(?:,\s*)?(?:(?:is|are|be|being|were|denotes?|form|make\s+up|constitutes?|stands?\s+for|"
    rf"represents?|as|now|also|again|then|{_STACKED}(?:\s+(?:in|into|along|on))?)\s+){{1,5}}"
)
_IS = (
    r"\s+(?:(?:is|are|be|being|equals?|by|as|given|denoted|written|called|the|its|samples?|"
    r"observations?|inputs?|features?|examples?|vectors?|eigenvectors?|points?|data|orthonormal|unit|"
    r"left|right|singular|principal|transposed|simply|just|to|equal)\s+){1,6}"
)
_GAP = rf"[^.;:!?{_M}]{{0,80}}?"
_PATTERNS = tuple(
    regex(pattern)
    for pattern in (
        rf"{_NAMED}\s*{_AS}{_LINE}{_OF}",  # x_i is the i-th row of X
        rf"\bdenot\w+\s+by\s+{_NAMED}\s+{_LINE}{_OF}",
        rf"\b(?:write|writing|use|put|set)\s+{_NAMED}\s+for\s+{_LINE}{_OF}",
        rf"\b{_STACKED}\s+(?:[\w-]+\s+){{0,3}}{_NAMED}\s+(?:as|in|into|along)\s+{_LINE}{_OF}",
        rf"\b{_LINE}{_OF}{_IS}{_NAMED}",  # the rows of X are x_i
        rf"\b{_LINE}\s+{_NAMED}{_OF}",  # the rows x_i of X
        # X has the rows x_i
        rf"(?P<matrix>{_M}){_GAP}\b(?:with|has|have|having|whose|and|of|by)\s+(?:as\s+)?{_LINE}"
        rf"(?:{_IS}|\s+){_NAMED}",
        # X with the x_i as rows
        rf"(?P<matrix>{_M}){_GAP}\b(?:with|has|have|having|stack\w*|contain\w*|holds?|holding|"
        rf"collect\w*|compris\w*|consist\w*|of|from)\s+(?:[\w-]+\s+){{0,4}}?{_NAMED}\s+"
        rf"(?:{_STACKED}\s+)?(?:as|in|along)\s+{_LINE}(?!\s+(?:of|in)\b)",
        # stack the x_i as rows into X
        rf"{_NAMED}\s+(?:{_STACKED}\s+)?(?:as|by)\s+{_LINE}\s+"
        rf"(?:in|into|to\s+\w+|forming|gives?|yields?)\s+(?:[\w-]+\s+){{0,4}}?(?P<matrix>{_M})",
        # the matrix with rows x_i is called X
        rf"\bmatrix\s+(?:with|of|whose)\s+{_LINE}(?:{_IS}|\s+){_NAMED}\s*,?\s*"
        rf"(?:(?:is|be|by|called|denoted|as)\s+){{0,4}}(?P<matrix>{_M})",
    )
)


class _Line(Struct, frozen=True):
    """A line with an index; ``lying``: the author wrote it transposed."""

    base: str
    index: str
    lying: bool


def named_lines(text: str, math: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Definitions of the rows and columns that a text names, with the places of the names.

    A name without a transpose for a row may be that row or the column of its entries: in such a
    definition no brackets stand around the row.
    """
    if "row" not in text and "column" not in text:
        return
    shadow, lines, matrices = _read(text, math)
    seen: set[tuple[int, str]] = set()
    for pattern in _PATTERNS:
        for match in pattern.finditer(shadow):
            named = _beside(shadow, match.start("named"), match.end("named"), _L + _F)
            wholes = _beside(shadow, match.start("matrix"), match.end("matrix"), _M)
            if len(named) != len(wholes):
                continue
            for place, whole in zip(named, wholes, strict=True):
                column = " as columns" in shadow[match.end() : match.end() + 20]
                line = replace(lines[place], lying=lines[place].lying or column)
                for fact in _definitions(line, matrices[whole], match["line"] == "row"):
                    if (place, fact) not in seen:
                        seen.add((place, fact))
                        yield place, fact


def is_matrix_name(name: str) -> bool:
    """Is it a capital letter, as the names of matrices are?"""
    return _CAPITAL.search(name) is not None


def _definitions(line: _Line, matrix: str, row: bool) -> Iterator[str]:
    """The line and its entries as parts of the matrix; none for a column that is transposed."""
    name = f"{line.base}_{line.index}"
    if row:
        part = f"{matrix}_{{{line.index}:}}"
        yield rf"let {name} = ({part})^\top" if line.lying else rf"let {name} = {part}^\top"
    elif not line.lying:
        yield f"let {name} = {matrix}_{{:{line.index}}}"
    else:
        return
    yield f"let {line.base}_{{ij}} = {matrix}_{{ij}}"


def _beside(shadow: str, start: int, end: int, kinds: str) -> list[int]:
    """The places of a name at ``start`` and of those that are joined to it by "and"."""
    joined = r"\s*(?:,|,?\s*and)\s+"
    before = re.search(rf"(?:[{kinds}]{joined})*\Z", shadow[:start])
    after = re.match(rf"(?:{joined}[{kinds}])*", shadow[end:])
    places = range(before.start() if before else start, start)
    later = range(end, end + (after.end() if after else 0))
    return [
        *(place for place in places if shadow[place] in kinds),
        start,
        *(place for place in later if shadow[place] in kinds),
    ]


def _read(text: str, math: Sequence[str]) -> tuple[str, dict[int, _Line], dict[int, str]]:
    """The text with the kind of each formula in its place, the lines and the matrices."""
    shadow = [char.lower() if char.isascii() else char for char in text]
    lines: dict[int, _Line] = {}
    matrices: dict[int, str] = {}
    for place, char in enumerate(text):
        if not FIRST <= ord(char) < FIRST + len(math):
            continue
        latex = math[ord(char) - FIRST]
        shadow[place] = _O
        if len(latex) > _LONGEST:
            continue
        only = _FIRST_OF.fullmatch(latex)
        if first := only or _MANY.fullmatch(latex):
            shadow[place] = _F if only else _L
            lines[place] = _Line(first["base"], "i", bool(first["turned"]))
        elif one := _ONE.fullmatch(latex):
            shadow[place] = _L
            index = one["bare"] or one["group"] or one["above"]
            lying = bool(one["turned"] or one["again"])
            lines[place] = _Line(one["base"], index, lying)
        elif _NTH.fullmatch(latex):
            shadow[place] = _I
        elif (matrix := _MATRIX.fullmatch(latex)) and is_matrix_name(matrix["name"]):
            shadow[place] = _M
            matrices[place] = matrix["name"].strip()
    for match in _PLAIN.finditer(text):
        shadow[match.start()], matrices[match.start()] = _M, match[0]
    return "".join(shadow), lines, matrices
