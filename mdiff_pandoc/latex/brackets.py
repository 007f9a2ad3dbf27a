"""Brackets in the author's LaTeX: of a group, round an operand."""

from __future__ import annotations

import re

from mdiff_pandoc.errors import Span
from mdiff_pandoc.patterns import regex

_OPEN = regex(r"(?:\\left|\\[bB]igg?l?)?\s*[(\[]\s*\Z")
_BRACKET = regex(r"\\[{}]|\\[lr](?:angle|vert|Vert)(?![A-Za-z])|\\.|[()\[\]{}]", re.S)
_OPENING = frozenset(("(", "[", "{", r"\{", r"\langle", r"\lvert", r"\lVert"))
_CLOSING = frozenset((")", "]", "}", r"\}", r"\rangle", r"\rvert", r"\rVert"))
_SIZE = regex(r"\\(?:left|[bB]igg?l?)\s*\Z")
_LEADING = regex(r"(?:\\(?:left|[bB]igg?l?))?\s*[(\[]")
_TRAILING = regex(r"(?:\\(?:right|[bB]igg?r?))?\s*[)\]]\Z")


def opening(text: str, start: int, end: int) -> int:
    """Where the bracket begins that ends at ``end``; without one, ``end``."""
    found = _OPEN.search(text, start, end)
    return found.start() if found else end


def balanced(text: str, span: Span) -> Span:
    """The span with every bracket whole that one end of it cuts apart.

    One that opens at the end is left out.
    """
    start, end = span.start, span.end
    opened: list[int] = []
    missing = 0
    for found in _BRACKET.finditer(text, start, end):
        if found[0] in _OPENING:
            opened.append(found.start())
        elif found[0] in _CLOSING:
            missing += not opened
            del opened[-1:]
    while opened and not text[opened[-1] : end].strip("([{\\ "):
        end = opened.pop()
        size = _SIZE.search(text, start, end)
        end = size.start() if size else end
    for found in _BRACKET.finditer(text, end) if opened else ():
        if found[0] in _OPENING:
            opened.append(found.start())
        elif found[0] in _CLOSING:
            del opened[-1:]
        if not opened:
            end = found.end()
            break
    before = list(_BRACKET.finditer(text, 0, start)) if missing else []
    while before and missing:
        found = before.pop()
        missing += (found[0] in _CLOSING) - (found[0] in _OPENING)
        size = _SIZE.search(text, 0, found.start())
        start = start if missing else size.start() if size else found.start()
    return Span(start, end)


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
