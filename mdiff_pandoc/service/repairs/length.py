"""How long a formula is for a reader, and whether one is too long to be offered for another."""

from __future__ import annotations

from mdiff_pandoc.patterns import regex

_SIGNS = regex(r"\\(?:left|right|[bB]igg?[lr]?|math[a-z]+|operatorname|text)(?![A-Za-z])|[{}^_&\s]")
_SIGN = regex(r"\\[A-Za-z]+|\\.|.")
# signs that are short beside anything, and long beside anything but a formula of that length
_SHORT, _LONG = 40, 100


def visible(latex: str) -> int:
    """The number of signs that a reader sees."""
    return len(_SIGN.findall(_SIGNS.sub("", latex)))


def is_short(latex: str, written: str) -> bool:
    """May a formula be offered for one that is ``written``?"""
    length, before = visible(latex), visible(written)
    return length <= max(_SHORT, 1.3 * before, min(2 * before, _LONG))
