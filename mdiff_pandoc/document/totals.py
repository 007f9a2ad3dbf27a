"""Sums that a sentence states: "the entries of $y$ sum to one"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINES = r"rows?|columns?|entries|elements|components|coordinates"
# with the characters of symbols and of other formulas to be put in
_DONE = (
    r"(?P<lines>\b(?:"
    + _LINES
    + r")\s+of\s+(?:the\s+)?(?:\w+\s+){0,2})?(?P<names>[SUBJECTS])\s*,?\s*"
    r"(?:(?:is|are|be)\s+(?:[\w-]+[\s,]+){1,4})?(?:(?:that|which|have|has|with|whose|all|each|also|must|"
    rf"{_LINES})\s+){{0,4}}"
    r"(?:sum|sums|summing|adds?|adding)\s+(?:up\s+)?to\s+(?:one\b|1\b|(?P<one>[OTHER]))"
)


def base_of(entry: str) -> str:
    """``y`` for the entry ``y_i``."""
    found = re.fullmatch(r"(.+?)\s*_\s*(?:[a-z]|\{\s*[a-z]\s*\})\s*", entry)
    return found[1] if found else entry


def told_totals(shadow: str, subjects: str, other: str) -> Iterator[tuple[re.Match[str], str]]:
    """The places where a text says of one of the ``subjects`` that it sums to one, and what does.

    ``other`` is what stands for a formula that is no symbol, such as the 1.
    """
    pattern = _DONE.replace("SUBJECTS", subjects).replace("OTHER", other)
    for match in re.finditer(pattern, shadow):
        words = re.findall(r"\b(rows?|columns?)\b", match[0])
        yield match, f"{words[0].rstrip('s')}s sum to one" if words else "sums to one"
