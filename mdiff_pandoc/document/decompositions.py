"""What a sentence says of factors by naming their decomposition: "the SVD $A = U \\Sigma V^\\top$".

Source: Golub & Van Loan, *Matrix Computations* (4th ed.), §2.4, §3.2, §4.2, §5.2, §8.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mdiff_pandoc.document.facts import SYMBOL, pieces_of
from mdiff_pandoc.document.letters import lettered
from mdiff_pandoc.patterns import regex

FIRST = 0xE000  # private characters stand for formulas
_LONGEST = 300  # formulas beyond this many characters are no decomposition
_WORDS = regex(
    r"(?P<svd>\bsvd\b|singular[- ]value\s+(?:decomposition|factori[sz]ation))"
    r"|(?P<eigen>\beigen-?(?:value\s+)?(?:decompos\w+|factori[sz]ation)|\bspectral\s+(?:decompos\w+|"
    r"factori[sz]ation|theorem)|\bdiagonali[sz]\w+|\bevd\b)"
    r"|(?P<qr>\bqr\b)|(?P<cholesky>\bcholesky\b|\bldl\b)|(?P<lu>\blu\b)"
    r"|(?P<polar>\bpolar\s+(?:decomposition|factori[sz]ation))"
)
_THIN = regex(r"\b(?:thin|compact|reduced|econom\w+|truncated)\b")
_FULL = regex(r"\bfull\b(?!\s+(?:\w+\s+)?rank)")
_SENTENCE = regex(r"[.;?!](?=\s)")
_TRANSPOSE = r"(?:\\(?:top|intercal)(?![A-Za-z])|T|\\(?:mathsf|mathrm|text)\s*\{?\s*T\s*\}?)"
_FACTOR = lettered(
    rf"\s*(?P<name>{SYMBOL})\s*(?:(?P<turned>\^\s*(?:{_TRANSPOSE}|\{{\s*{_TRANSPOSE}\s*\}})|')"
    r"|(?P<inverse>\^\s*\{\s*-\s*1\s*\}))?\s*(?:\\[,;:! ])?\s*"
)
_EQUATION = regex(r"[^=]*?[^=:\s]\s*(?::=|\\coloneqq|=)(?P<product>[^=]+)", re.S)
_LETTER = regex(r"\\[A-Z][a-z]+|(?<![\\A-Za-z])[A-Z](?![A-Za-z])")

_Factor = tuple[str, str]  # a name, and T or - where it is transposed or inverted


def factor_facts(text: str, math: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Properties of the factors of the decompositions that a text names, with their places.

    Of an SVD or a QR decomposition that is called neither thin nor full they are those of the
    thin one, told of a "factor"; the columns and the diagonal have the usual small letters.
    """
    low = text.lower()
    if not _WORDS.search(low):
        return
    start = 0
    for stop in (*(found.end() for found in _SENTENCE.finditer(low)), len(low)):
        named = list(_WORDS.finditer(low, start, stop))
        for place in range(start, stop) if named else ():
            number = ord(text[place]) - FIRST
            if not 0 <= number < len(math) or len(math[number]) > _LONGEST:
                continue
            manner = _manner(low[start:stop])
            for piece in pieces_of(math[number]):
                factors = _factors(piece)
                for found in sorted(named, key=lambda word: abs(word.start() - place)):
                    told = list(_told(found.lastgroup or "", factors, manner))
                    yield from ((place, fact) for fact in told)
                    if told:
                        break
        start = stop


def _manner(sentence: str) -> str:
    return "thin" if _THIN.search(sentence) else "full" if _FULL.search(sentence) else ""


def _factors(piece: str) -> list[_Factor]:
    """The factors of the product on the right of an equation; none for another formula."""
    equation = _EQUATION.fullmatch(piece)
    factors: list[_Factor] = []
    place, end = equation.span("product") if equation else (0, 0)
    while place < end:
        found = _FACTOR.match(piece, place, end)
        if found is None:
            return []
        mark = "T" if found["turned"] else "-" if found["inverse"] else ""
        factors.append((re.sub(r"\s+", " ", found["name"]).strip(), mark))
        place = found.end()
    return factors


def _told(kind: str, factors: list[_Factor], manner: str) -> Iterator[str]:
    """The facts of the factors, where these stand as the decomposition has them."""
    names = [name for name, _ in factors]
    form = " ".join(mark or "." for _, mark in factors)
    same = len(names) > 1 and names[0] == names[-1]
    columns = {"thin": "orthonormal columns", "full": "orthogonal"}.get(manner)
    columns = columns or "orthonormal factor"
    if kind in ("svd", "eigen") and len(names) == 3:
        if same and form in (". . T", "T . ."):
            yield f"{names[0]} orthogonal"
            yield f"{names[1]} diagonal"
        elif same and form in (". . -", "- . ."):
            yield f"{names[0]} invertible"
            yield f"{names[1]} diagonal"
        elif form == ". . T" and kind == "svd":
            yield f"{names[0]} {columns}"
            yield f"{names[2]} {columns if manner == 'full' else 'right orthonormal factor'}"
            if manner != "full":
                yield f"{names[1]} diagonal" + ("" if manner else " factor")
        else:
            return
        if form != "T . .":
            for name in dict.fromkeys((names[0], names[2])):
                yield from _lines(name)
        yield from _diagonal(names[1], r"\sigma" if kind == "svd" else r"\lambda")
    elif kind == "qr" and form == ". ." and not same:
        yield f"{names[0]} {columns}"
        if manner != "full":
            yield f"{names[1]} upper triangular" + ("" if manner else " factor")
    elif kind == "cholesky" and same and form in (". T", "T .", ". . T"):
        yield f"{names[0]} {'upper' if form == 'T .' else 'lower'} triangular"
        yield f"{names[0]} invertible"
        if len(names) == 3:
            yield f"{names[1]} diagonal"
    elif kind == "lu" and form == ". ." and not same:
        yield f"{names[0]} lower triangular"
        yield f"{names[1]} upper triangular"
    elif kind == "polar" and form == ". ." and not same:
        yield f"{names[0]} orthonormal factor"
        yield f"{names[1]} positive semidefinite"


def _lines(name: str) -> Iterator[str]:
    """``u_i`` for the columns of U, where it has no subscript."""
    if small := _small(name):
        yield f"let {small}_i = {name}_{{:i}}"


def _diagonal(name: str, usual: str) -> Iterator[str]:
    """``\\sigma_i`` and the small letter of the name for the diagonal."""
    if small := _small(name):
        for letter in dict.fromkeys((small, usual)):
            yield f"let {letter}_i = {name}_{{ii}}"


def _small(name: str) -> str:
    letter = _LETTER.search(name)
    if letter is None or "_" in name:
        return ""
    return name[: letter.start()] + letter[0].lower() + name[letter.end() :]
