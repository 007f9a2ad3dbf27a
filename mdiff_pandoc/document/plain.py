"""Definitions and sizes in plain letters: ``X = f(A) = AB``, ``N = D = M = 2``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdiff_pandoc.patterns import regex

_NEAR = 80  # how far back the words reach that tell what is meant, in characters
_CALL = r"[A-Za-z]\([A-Z](?:,\s?[A-Z])*\)"
_TERM = rf"(?:{_CALL}|[A-Z]{{2,4}}[a-z]?|[A-Z][a-z]?|[a-z][A-Z]{{0,3}})"
_SIDE = rf"{_TERM}(?:\s?[+−-]\s?{_TERM})*"
_CHAIN = regex(
    rf"(?<![\w=(,.^+*/−-])(?<![=+*/−-]\s){_SIDE}(?:\s?=\s?{_SIDE})+"
    r"(?!\s?[+*/^−·-]|[\w=('’])"
)
_SIZES = regex(r"(?<![\w=(,.^])[A-Za-z](?:\s?=\s?[A-Za-z])+\s?=\s?\d+(?!\w|\.\d)")
_ENGLISH = frozenset("If In It Is As At An We No So To Do By On Or Of".split())
_PART_OF = regex(
    r"\b(?:(first|second|third)\s+)?(row|column|entry|element|part|size|rank|transpose|inverse)\s+"
    r"of\s+(?:the\s+)?(?:matrix\s+)?$"
)


def plain_definitions(text: str) -> Iterator[tuple[int, str]]:
    """The definitions that stand in a text without dollar signs, with their places."""
    for match in _CHAIN.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        yield from ((match.start(), told) for told in _definitions(match[0], before))


def plain_sizes(text: str) -> Iterator[tuple[int, str]]:
    """Numbers for several dimensions at once, as ``sizes N = D = 2``, with their places."""
    for match in _SIZES.finditer(text):
        yield match.start(), "sizes " + " = ".join(re.split(r"\s*=\s*", match[0]))


def _definitions(chain: str, before: str) -> Iterator[str]:
    """The definitions of a chain in plain letters, such as ``X = f(A) = AB``.

    Behind "first row of" the chain ``A = a`` names the row.
    """
    sides = [side.strip() for side in chain.split("=")]
    if not any(char.isupper() for char in chain) or not _ENGLISH.isdisjoint(sides):
        return
    if part := _PART_OF.search(before):
        if part[1] and part[2] in ("row", "column") and len(sides) == 2 and len(sides[1]) == 1:
            number = ("first", "second", "third").index(part[1]) + 1
            place = f"{number}:" if part[2] == "row" else f":{number}"
            yield f"{sides[1]} = {sides[0]}_{{{place}}}"
        return
    products = [side for side in sides[1:] if len(side) > 1 and "(" not in side]
    value = products[-1] if products else sides[-1]
    for side in sides[: sides.index(value)]:
        if len(side) == 1 or "(" in side:
            yield f"{side} = {value}"
