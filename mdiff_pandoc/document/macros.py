"""The author's macros as pandoc expands them, with the place that each character comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from mdiff_pandoc.patterns import regex

_NAME = r"\\[A-Za-z@]+|\\[^A-Za-z@\s]"
_DEFINITION = regex(
    rf"\\(?P<verb>(?:re|provide)?newcommand|DeclareRobustCommand)\*?\s*"
    rf"(?:\{{\s*(?P<braced>{_NAME})\s*\}}|(?P<bare>{_NAME}))\s*"
    r"(?:\[(?P<count>\d)\]\s*)?(?:\[(?P<default>[^\]]*)\]\s*)?(?=\{)"
    rf"|\\DeclareMathOperator\*?\s*(?:\{{\s*(?P<operator>{_NAME})\s*\}}|(?P<operators>{_NAME}))"
    r"\s*(?=\{)"
    rf"|\\[gex]?def\s*(?P<defined>{_NAME})(?P<parameters>(?:\#\d)*)\s*(?=\{{)"
    rf"|\\let\s*(?P<alias>{_NAME})\s*=?\s*(?P<meaning>{_NAME})"
)
_TOKEN = regex(rf"{_NAME}|\#\d|\S|\s+")
_BRACE = regex(r"\\.|[{}]", re.S)
_MOST_UNCLOSED = 20  # definitions without an end; a text with more is no LaTeX
_MOST = 20_000  # tokens of one expanded formula; beyond it macros are left alone


class Macro(Struct, frozen=True):
    """``count`` arguments, the first with a ``default`` when it may be left out."""

    count: int
    default: str | None
    body: str


class Definition(Struct, frozen=True):
    """A macro called ``name``, defined in ``start`` to ``end``; ``weak`` replaces no other."""

    start: int
    end: int
    name: str
    macro: Macro
    weak: bool = False


# one character of an expanded formula, and the range of the source that it comes from
Traced = tuple[str, int, int]


def closing_brace(text: str, place: int, end: int | None = None) -> int:
    """The offset after the brace that closes the one at ``place``; -1 when none does."""
    depth = 0
    for match in _BRACE.finditer(text, place, len(text) if end is None else end):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0:
            return match.end()
    return -1


def find_definitions(text: str) -> list[Definition]:
    """The macros that ``text`` defines, in order."""
    found: list[Definition] = []
    place = unclosed = 0
    while match := _DEFINITION.search(text, place):
        place = match.end()
        if name := match["alias"]:
            macro = Macro(0, None, match["meaning"])
        else:
            begin = place
            place = closing_brace(text, begin)
            if place < 0:
                place = match.end()
                unclosed += 1
                if unclosed > _MOST_UNCLOSED:
                    break
                continue
            body = text[begin + 1 : place - 1]
            name = match["braced"] or match["bare"] or match["defined"]
            if operator := match["operator"] or match["operators"]:
                name, macro = operator, Macro(0, None, rf"\mathop{{\mathrm{{{body}}}}}")
            elif match["defined"]:
                macro = Macro(len(match["parameters"]) // 2, None, body)
            else:
                macro = Macro(int(match["count"] or 0), match["default"], body)
        weak = match["verb"] in ("newcommand", "providecommand")
        found.append(Definition(match.start(), place, name, macro, weak))
    return found


def trace(text: str, start: int, end: int, macros: Mapping[str, Macro]) -> list[Traced]:
    """The characters of ``text[start:end]`` without white space, macros expanded."""
    traced: list[Traced] = []
    if not macros:
        return [(text[i], i, i + 1) for i in range(start, end) if not text[i].isspace()]
    stack = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
    stack.reverse()
    effort = 0
    while stack:
        token, begin, stop = stack.pop()
        macro = macros.get(token)
        if macro and effort < _MOST:
            arguments, last = _arguments(stack, macro, begin, stop)
            if macro.body == token or arguments is None:
                traced += _spread(token, begin, stop)
                continue
            made: list[Traced] = []
            for match in _TOKEN.finditer(macro.body):
                number = int(match[0][1]) if match[0][0] == "#" and len(match[0]) == 2 else 0
                if 0 < number <= len(arguments):
                    made += arguments[number - 1]
                else:
                    made.append((match[0], begin, last))
            effort += 1 + len(made)
            stack += reversed(made)
        elif not token.isspace():
            traced += _spread(token, begin, stop)
    return traced


def _spread(token: str, begin: int, stop: int) -> list[Traced]:
    if len(token) == stop - begin:
        return [(char, begin + i, begin + i + 1) for i, char in enumerate(token)]
    return [(char, begin, stop) for char in token]


def _arguments(
    stack: list[Traced], macro: Macro, begin: int, stop: int
) -> tuple[list[list[Traced]] | None, int]:
    """The arguments that follow on the stack, which lose them, and where the last one ends."""
    found: list[list[Traced]] = []
    if macro.count and macro.default is not None:
        given, stop = _bracketed(stack, stop)
        if given is None:
            given = [(m[0], begin, stop) for m in _TOKEN.finditer(macro.default)]
        found.append(given)
    while len(found) < macro.count:
        while stack and stack[-1][0].isspace():
            stack.pop()
        if not stack or stack[-1][0] == "}":
            return None, stop
        token = stack.pop()
        argument = [token]
        if token[0] == "{":
            argument, depth = [], 1
            while stack:
                token = stack.pop()
                depth += (token[0] == "{") - (token[0] == "}")
                if depth == 0:
                    break
                argument.append(token)
        found.append(argument)
        stop = token[2]
    return found, stop


def _bracketed(stack: list[Traced], stop: int) -> tuple[list[Traced] | None, int]:
    """The optional argument in brackets that follows on the stack, if one does."""
    index = len(stack) - 1
    while index >= 0 and stack[index][0].isspace():
        index -= 1
    if index < 0 or stack[index][0] != "[":
        return None, stop
    close = next((i for i in range(index, -1, -1) if stack[i][0] == "]"), None)
    if close is None:
        return None, stop
    given = stack[close + 1 : index][::-1]
    stop = stack[close][2]
    del stack[close:]
    return given, stop
