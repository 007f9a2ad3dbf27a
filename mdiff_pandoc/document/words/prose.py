"""Text with formulas as elements of a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import panflute as pf

from mdiff_pandoc.patterns import regex

_MATH = regex(r"(\$[^$]+\$)")


def prose(text: str) -> list[pf.Element]:
    """Plain text with ``$…$`` formulas as inlines."""
    inlines: list[pf.Element] = []
    for part in _MATH.split(text):
        if _MATH.fullmatch(part):
            inlines.append(pf.Math(part[1:-1], format="InlineMath"))
            continue
        for piece in re.split(r"(\s+)", part):
            if piece:
                inlines.append(pf.Space() if piece.isspace() else pf.Str(piece))
    return inlines


def joined(parts: Iterable[Sequence[pf.Element]], mark: str, last: str = "") -> list[pf.Element]:
    """``a, b, c.``; with a ``last`` word ``a, b and c.``"""
    found = list(parts)
    inlines: list[pf.Element] = []
    for place, part in enumerate(found):
        inlines += part
        if place == len(found) - 1:
            inlines.append(pf.Str("."))
        elif last and place == len(found) - 2:
            inlines += [pf.Space(), pf.Str(last), pf.Space()]
        else:
            inlines += [pf.Str(mark), pf.Space()]
    return inlines
