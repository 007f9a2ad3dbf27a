"""Facts that equations state: properties, known gradients, definitions."""

from __future__ import annotations

import re
from itertools import pairwise

from msgspec.structs import replace

from mdiff_pandoc.errors import DeclarationError, Span
from mdiff_pandoc.expr import SCALAR
from mdiff_pandoc.latex.fact import Fact, Side
from mdiff_pandoc.latex.names import Name, scan_name, scan_parameters
from mdiff_pandoc.latex.request import statements
from mdiff_pandoc.patterns import regex

_TRANSPOSED = regex(
    r"\s*(?:\^\s*(?:\{\s*)?(?:T|\\top|\\intercal|\\(?:mathsf|mathrm|text)\s*\{?\s*T\s*\}?)(?:\s*\})?"
    r"|')"
)
_IDENTITY = regex(r"\s*(?:\\math(?:bf|bb)\s*)?\{?\s*I\s*\}?(?:\s*_\s*\{?\w+\}?)?\s*")


_NORM_ONE = regex(
    r"\s*(?:\\\||\|\|?|\\[lr]?Vert(?![A-Za-z]))(?P<name>.+?)(?:\\\||\|\|?|\\[lr]?Vert(?![A-Za-z]))"
    r"\s*(?:_\s*(?:2|\{\s*2\s*\}))?\s*(?:\^\s*(?:2|\{\s*2\s*\}))?\s*=\s*1\s*[.,;]?\s*"
)


def unit_fact(source: str, text: str, start: int, end: int) -> Fact | None:
    """``\\|u\\| = 1``: u is a unit vector."""
    norm = _NORM_ONE.fullmatch(text, start, end)
    found = norm and scan_name(text, *norm.span("name"))
    if not norm or not found or text[found[1] : norm.end("name")].strip():
        return None
    return Fact(source, (found[0],), assumptions=frozenset(("unit",)), span=Span(start, end))


def identity_fact(source: str, text: str, start: int, end: int) -> Fact | None:
    """``A = A^T`` (symmetric), ``A^T = -A`` (skew), ``Q Q^T = I`` (orthogonal),
    ``u^T u = 1`` (a unit vector).

    ``Q^T Q = I`` alone says that the columns are orthonormal, as those of a tall matrix may be.
    """
    whole = text[start:end]
    if end - start > 200 or whole.count("=") != 1 or len(_TRANSPOSED.findall(whole)) != 1:
        return None
    left, right = _TRANSPOSED.sub(" ", whole).split("=")
    names, position = _factors(left)
    if left[position:].strip() or len({name.text for name in names}) != 1:
        return None
    told = ""
    if len(names) == 2 and right.strip(" .,;") == "1":
        told = "unit"
    elif len(names) == 2 and _IDENTITY.fullmatch(right):
        turned = _TRANSPOSED.search(whole)
        first = turned is not None and _factors(whole[: turned.start()])[0]
        told = "orthonormal columns" if first and len(first) == 1 else "orthogonal"
    elif len(names) == 1:
        negative = right.strip().startswith("-")
        others, position = _factors(right.replace("-", " ", 1))
        if [name.text for name in others] == [names[0].text] and not right[position:].strip():
            told = "skew" if negative else "symmetric"
    if not told:
        return None
    return Fact(source, (names[0],), assumptions=frozenset((told,)), span=Span(start, end))


_PARTIAL = regex(
    r"\s*\\[dt]?frac\s*\{\s*(?:\\partial(?![A-Za-z])|∂|d)(?P<f>[^{}]+|[^{}]*\{[^{}]*\}[^{}]*)\}"
    r"\s*\{\s*(?:\\partial(?![A-Za-z])|∂|d)(?P<x>[^{}]+|[^{}]*\{[^{}]*\}[^{}]*)\}\s*[.,;]?\s*"
)
_NABLA = regex(
    r"\s*\\nabla\s*_\s*(?:\{(?P<x>[^{}]+|[^{}]*\{[^{}]*\}[^{}]*)\}|(?P<bare>\w|\\[A-Za-z]+))"
    r"(?P<f>[^=,;]+?)[.,;]?\s*"
)
_NAMED = regex(r"[^=]*?(?:\\(?:coloneqq|triangleq)|:?=)(?!.*=)", re.S)
_IN = regex(r"\\in(?![A-Za-z])|∈")


def gradient_fact(source: str, text: str, start: int, end: int) -> Fact | None:
    """``\\partial L/\\partial Y`` or ``\\nabla_Y L``: L is some function whose gradient is known.

    The gradient may stand alone, after a name for it (``G = …``) or before its set.
    """
    if named := _NAMED.match(text, start, end):
        found = scan_name(text, start, named.end())
        if found is None or text[found[1] : named.end()].strip() not in (
            "=",
            ":=",
            r"\coloneqq",
            r"\triangleq",
        ):
            return None
    inner = named.end() if named else start
    member = _IN.search(text, inner, end)
    stop = member.start() if member else end
    partial = _PARTIAL.fullmatch(text, inner, stop)
    if partial is None and (named or member):
        partial = _NABLA.fullmatch(text, inner, stop)
    if partial is None:
        return None
    parts = ("f", "x" if partial["x"] is not None else "bare")
    names = [scan_name(text, *partial.span(part)) for part in parts]
    if not all(
        name and not text[name[1] : partial.end(part)].strip()
        for name, part in zip(names, parts, strict=True)
    ):
        return None
    f, x = (name[0] for name in names if name is not None)
    return Fact(
        source, (f,), kind="function", parameters=(x,), values=SCALAR, span=Span(start, end)
    )


_SELF_CALL = regex(r"\s*\(([^()=]*)\)\s*[.,;]?\s*")


def dependence_fact(fact: Fact, text: str, start: int, end: int) -> Fact | None:
    """``L = L(Y)``: L is some scalar function of Y."""
    found = scan_name(text, start, end)
    if found is None or len(fact.names) != 1 or fact.parameters:
        return None
    call = _SELF_CALL.fullmatch(text, found[1], end)
    if call is None or (found[0].text, found[0].bold) != (fact.names[0].text, fact.names[0].bold):
        return None
    parameters = scan_parameters(call[1])
    if parameters is None:
        return None
    return replace(fact, kind="function", parameters=parameters, values=SCALAR)


def _factors(text: str) -> tuple[list[Name], int]:
    names: list[Name] = []
    position = 0
    while found := scan_name(text, position, len(text)):
        names.append(found[0])
        position = found[1]
    return names, position


_NUMBERING = regex(
    r"(?:\s|[.,;&]|\\(?:[,;:! ]|q?quad(?![A-Za-z])|(?:tag|label)\s*\{[^{}]*\}|notag|nonumber))*\Z"
)


_DIAGONAL = regex(
    r"(?P<head>\s*(?:\\(?:operatorname|mathrm|text)\s*\{\s*[dD]iag\s*\}|\\?[dD]iag)\s*"
    r"(?:\\(?:left|big|Big)\s*)?\()\s*(?P<name>[^\s,_{}]+|\\\w+\s*\{\\?\w+\})"
    r"\s*_\s*(?:1|\{\s*1\s*\})\s*,[^()]*(?:\\[lc]?dots[a-z]?|\.\.\.|…)[^()]*,\s*(?P=name)\s*_\s*(?:\w|\{\w+\})\s*"
    r"(?P<end>(?:\\(?:right|big|Big)\s*)?\)\s*)"
)


def _with_vector(side: str) -> str:
    """``diag(a_1, …, a_d)`` with the vector a of these entries; the length stays."""
    entries = _DIAGONAL.fullmatch(side)
    if entries is None:
        return side
    return f"{entries['head']}{entries['name']}{entries['end']}".ljust(len(side))


def defined_fact(fact: Fact, text: str, start: int, end: int) -> list[Fact]:
    """A definition; of a chain ``f = a = b`` every side is one."""
    if len(fact.names) > 1:
        raise DeclarationError("a definition has one name on its left", fact.span)
    signs = [sign for s in statements(text[start:end]) for sign in s.equals]
    bounds = [start, *(start + sign for sign in signs), end]
    sides = []
    for position, (left, right) in enumerate(pairwise(bounds)):
        first = left + (position > 0)
        side = _NUMBERING.sub("", fact.source[first:right])
        if not side.strip(" .,;&") or "?" in side:
            break
        sides.append(Side(_with_vector(side), first))
    if not sides:
        raise DeclarationError("the definition has no right-hand side", fact.span)
    return [replace(fact, sides=tuple(sides))]


_CALL = regex(r"\s*\(([^()=]*)\)[\s.,;]*")


def turned_fact(source: str, text: str, start: int, end: int) -> Fact | None:
    """``tr(AB) = H(A, B)``: a definition of the function behind the last sign."""
    signs = [sign for s in statements(text[start:end]) for sign in s.equals]
    if not signs:
        return None
    found = scan_name(text, start + signs[-1] + 1, end)
    call = found and _CALL.fullmatch(text, found[1], end)
    if not found or not call:
        return None
    parameters = scan_parameters(call[1])
    if parameters is None:
        return None
    fact = Fact(source, (found[0],), parameters=parameters, span=Span(start, end))
    return defined_fact(fact, text, start, start + signs[-1])[0]
