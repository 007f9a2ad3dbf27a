"""Brackets in the author's LaTeX: of a group, round an operand."""

from __future__ import annotations

import re

from mdiff_pandoc.errors import Span

_OPEN = re.compile(r"(?:\\left|\\[bB]igg?l?)?\s*[(\[]\s*\Z")
_LEADING = re.compile(r"(?:\\(?:left|[bB]igg?l?))?\s*[(\[]")
_TRAILING = re.compile(r"(?:\\(?:right|[bB]igg?r?))?\s*[)\]]\Z")


def opening(text: str, start: int, end: int) -> int:
    """Where the bracket begins that ends at ``end``; without one, ``end``."""
    found = _OPEN.search(text, start, end)
    return found.start() if found else end


def group_end(text: str, span: Span) -> int:
    """The end of the braced group that ``span`` stands in."""
    depth = 0
    for position in range(span.start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth < 0:
            return position
    return span.end


def unbracketed(text: str) -> str:
    """The text without one pair of brackets round the whole."""
    opened, closed = _LEADING.match(text), _TRAILING.search(text)
    if opened is None or closed is None or opened.end() > closed.start():
        return text
    inner = text[opened.end() : closed.start()]
    depth = 0
    for char in inner:
        depth += (char in "([") - (char in ")]")
        if depth < 0:
            return text
    return inner.strip()
