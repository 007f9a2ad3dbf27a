r"""Chains of sides in a formula: ``a = b = c``, found on the characters alone.

A chain runs over the rows of a display environment as long as they begin with a relation; commas,
wide spaces, words and arrows end it. Nothing here parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from mdiff_pandoc.errors import Span
from mdiff_pandoc.latex.asides import without_asides
from mdiff_pandoc.latex.request import DISPLAY, LEXEME, SEPARATING_WORDS, argument_end
from mdiff_pandoc.patterns import regex

LONGEST = 40_000


class Sign(StrEnum):
    """The kinds of relation between two sides."""

    EQUAL = "equal"
    DEFINED = "defined"  # :=, \triangleq, \overset{def}{=}
    DEMANDED = "demanded"  # \overset{!}{=}: a condition that is to be met
    ASKED = "asked"  # \overset{?}{=}
    OTHER = "other"  # \approx, \le, \in …: states no equality


class Relation(Struct, frozen=True):
    """A sign between two sides, and its place."""

    sign: Sign
    span: Span


class Side(Struct, frozen=True):
    """One side: its place in the formula, and its text with what is no mathematics blanked out.

    ``text`` is as long as its ``span``, so that places in it count from ``span.start``.
    """

    text: str
    span: Span

    @property
    def empty(self) -> bool:
        """Does nothing stand here?"""
        return not self.text.strip()


class Chain(Struct, frozen=True):
    """Sides with the relations between them: ``relations[k]`` stands before ``sides[k + 1]``.

    The first side is empty where the chain goes on from the formula before, the last one where
    it goes on in the next. ``introduced`` is the word that stands before it in the formula
    (``where``, ``let``), ``follows`` tells that an arrow does.
    """

    sides: tuple[Side, ...]
    relations: tuple[Relation, ...]
    introduced: str = ""
    follows: bool = False


_OTHERS = frozenset(
    "approx simeq sim cong propto le leq leqslant lesssim ge geq geqslant gtrsim lt gt ll gg ne "
    "neq in notin ni subset subseteq supset supseteq to mapsto succ succeq prec preceq "
    "longrightarrow rightarrow mid perp longmapsto leftarrow gets neq asymp".split()
)
_DEFINING = frozenset(
    ("coloneqq", "triangleq", "equiv", "doteq", "eqqcolon", "vcentcolon", "defeq")
)
_ARROWS = regex(
    r"\\(?:implies|impliedby|iff|therefore|because|land|wedge"
    r"|Rightarrow|Leftrightarrow|Leftarrow|Long(?:right|leftright|left)arrow|leadsto)\Z"
)
_STACKED = regex(r"\\(?:stackrel|overset|underset)(?![A-Za-z])\s*")
_WRAPPED = regex(
    r"\\(?:mathrel|mathbin)\s*\{\s*(?:(?:\\mathop\s*)?:\s*(?:\}\s*=|=\s*\})|=\s*\})|\\colon\s*="
)
_LABEL = regex(r"\\(?:label|tag\*?|eqno|notag|nonumber|hline)(?![A-Za-z])\s*(?:\{[^{}]*\})?")
_PHANTOM = regex(r"\\[hv]?phantom\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
# i = 1, …, n tells what an index runs over
RANGE = regex(
    r"(?<![\w\\{^_])\(?\s*(?:[A-Za-z]\s*,\s*)*[A-Za-z]\s*=\s*\d+\s*"
    r"(?:(?:,\s*\d+\s*)*(?:,\s*)?(?:\\[lc]?dots[a-z]?(?![A-Za-z])|\.{2,3}|…)\s*"
    r"(?:,?\s*(?:\\[a-z]+|[\w+-])+)?|(?:,\s*\d+\s*)+(?![\w\\=(^_]))\s*\)?"
)
_SPACING = regex(r"(?:\s|&|~|\{\s*\}|\\[;,!:> ]|\\q?quad(?![A-Za-z])|\\displaystyle(?![A-Za-z]))+")
_TAIL = regex(
    r"(?:\s|~|[.,;:]|\{\s*\}|\\[;,!:> ]|\\q?quad(?![A-Za-z])|\\(?:blacksquare|qed|square)\b)*\Z"
)
_NUMBER = regex(r"\\q?quad(?:\\q?quad|\\[,;:! ]|~|\s)*(\(\d+\w?\))(?=[\s.,;]*\Z)")
_BOX = regex(r"\s*\\(?:boxed|fbox|bbox)\s*(?=\{)|\s*(?=\{)")
_EQALIGN = regex(r"\\(?:eqalign(?:no)?|displaylines)\s*\{")
_ARRAY = regex(r"\\begin\s*\{array\}\s*\{[^{}]*\}")
_BEGINS = regex(
    r"[\s&]*(?:=|:=|[<>≤≥≈∝≠]|\\(?:" + "|".join(sorted(_OTHERS | _DEFINING)) + r")(?![A-Za-z])"
    r"|\\(?:stackrel|overset|underset)(?![A-Za-z]))"
)
_END_OF_ROW = regex(r"[\s&]*\\\\\*?(?:\s*\[[^\]]*\])?")
_GOES_ON = regex(
    r"[\s&]*(?:(?:\\(?:quad|qquad|[,;:!> ])|\{\s*\}|\\[hm]space\*?\s*\{[^{}]*\}"
    r"|\\[hm]skip\s*[\d.]+\s*[a-z]{2})\s*)*(?:\\math(?:rel|bin)\s*\{\s*)?"
    r"(?:[+\-−]|\\(?:cdot|times|odot|otimes|pm)(?![A-Za-z]))"
    r"|[\s&]*\\q?quad\s*\{\s*\}"  # a product may be broken without a sign
)
_INDENTS = frozenset(("&", r"\quad", r"\qquad"))
_UNFINISHED = regex(r"(?:[+\-−]|\\(?:cdot|times|odot|otimes|pm))\s*(?:&\s*)*\Z")
_UNICODE = {
    "≤": Sign.OTHER,
    "≥": Sign.OTHER,
    "≈": Sign.OTHER,
    "∝": Sign.OTHER,
    "≠": Sign.OTHER,
    "∈": Sign.OTHER,
    "≔": Sign.DEFINED,
    "≜": Sign.DEFINED,
    "≡": Sign.DEFINED,
}


def chains(latex: str) -> list[Chain]:
    """The chains of a formula that have a relation, in order."""
    if len(latex) > LONGEST:
        return []
    found: list[Chain] = []
    text = _prepared(latex)
    for statement in _Splitter(text).statements():
        found += _taken_apart(text, statement)
    return found


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _prepared(latex: str) -> str:
    """The formula with comments, labels and the edges of display environments blanked out."""
    text = re.sub(
        r"(?<!\\)((?:\\\\)*)%[^\n]*", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), latex
    )
    text = without_asides(text)
    for blank in (_LABEL, _PHANTOM, RANGE):
        text = blank.sub(lambda m: " " * len(m[0]), text)
    while found := _EQALIGN.search(text):
        close = argument_end(text, found.end() - 1)
        inside_end = close - 1 if text[close - 1 : close] == "}" else close
        text = _blank(text, inside_end, close)
        text = _blank(text, found.start(), found.end())
    for found in list(_ARRAY.finditer(text)):
        end = text.find(r"\end{array}", found.end())
        inner = text[found.end() : end] if end >= 0 else ""
        if re.search(r"&\s*(?:=|\\(?:le|ge|approx|equiv))", inner) and r"\begin" not in inner:
            text = _blank(text, end, end + len(r"\end{array}"))
            text = _blank(text, found.start(), found.end())
    return text


class _Depth:
    """How many brackets, groups and inner environments are open."""

    def __init__(self) -> None:
        self.open = 0

    def step(self, match: re.Match[str]) -> None:
        """Take in one lexeme."""
        kind, piece = match.lastgroup, match.group()
        up = piece in _OPENING or (kind == "env" and match["edge"] == "begin")
        down = piece in _CLOSING or (kind == "env" and match["edge"] == "end")
        if kind == "side":
            up = piece.startswith(r"\left")
            down = not up
        self.open = max(0, self.open + up - down)


_OPENING = frozenset(("{", "(", "[", r"\{", r"\lbrace", r"\langle", r"\lbrack"))
_CLOSING = frozenset(("}", ")", "]", r"\}", r"\rbrace", r"\rangle", r"\rbrack"))


class _Statement(Struct, frozen=True):
    """A part of the formula with a relation; ``follows`` tells that an arrow leads to it."""

    start: int
    end: int
    introduced: str
    follows: bool


class _Splitter:
    """Collects the statements of a formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[_Statement] = []
        self.depth = _Depth()
        self.row = 0
        self._begin("")

    def _begin(self, word: str, *, follows: bool = False) -> None:
        self.start = self.end = -1
        self.word, self.follows = word, follows
        self.related = False

    def statements(self) -> list[_Statement]:
        """The statements that have a relation, in order."""
        for match in LEXEME.finditer(self.text):
            if match.lastgroup != "skip" and not self._separated(match):
                self._take(match)
        self._done()
        return self.found

    def _done(self, word: str = "", *, follows: bool = False) -> bool:
        if self.start >= 0 and self.related:
            self.found.append(_Statement(self.start, self.end, self.word, self.follows))
        if self.start >= 0 or word or follows:
            self._begin(word, follows=follows)
        return True

    def _take(self, match: re.Match[str]) -> None:
        """A lexeme that belongs to a statement."""
        piece = match.group()
        self.depth.step(match)
        depth = self.depth.open
        if depth == 0 and _sign_at(self.text, match.start(), len(self.text)) is not None:
            self.related = True
        if self.start < 0:
            if _SPACING.fullmatch(piece):
                return
            self.start = match.start()
        self.end = match.end()
        # a formula in a box or in braces states what it holds
        self.related = self.related or piece == "{" or (piece == "=" and depth == 1)

    def _separated(self, match: re.Match[str]) -> bool:
        """Does the lexeme stand between statements, or rows of one?"""
        kind, piece, text = match.lastgroup, match.group(), self.text
        if kind == "env":
            return match["env"] in DISPLAY and self._done()
        if self.depth.open:
            return False
        if kind == "row":
            self.row = match.end()
            return self._goes_on(match) or self._done()
        if kind == "words":
            words = match["prose"].strip(" ,.;:~\n").lower()
            script = text[match.end() : match.end() + 1] in tuple("([_^{")
            separates = " " in words or words in SEPARATING_WORDS or (not words and self.related)
            return separates and not script and self._done(words)
        if kind == "command":
            if _ARROWS.match(piece):
                return self._done(follows=True)
            if self.related and piece in (r"\quad", r"\qquad"):
                ahead = _SPACING.match(text, match.start())
                goes_on = _BEGINS.match(text, ahead.end() if ahead else match.end())
                indents = not text[self.row : match.start()].strip(" \t\n&")
                return not (goes_on or indents or _GOES_ON.match(text, match.start())) and (
                    self._done()
                )
        if kind != "char" or piece not in ",;":
            return False
        row = _END_OF_ROW.match(text, match.end())
        return bool(row and _BEGINS.match(text, row.end())) or self._done()

    def _goes_on(self, row: re.Match[str]) -> bool:
        """Does the statement go on behind the end of a row?"""
        text = self.text
        if _BEGINS.match(text, row.end()):
            return True
        if self.related and _GOES_ON.match(text, row.end()):
            return True
        before = text[max(0, self.start) : row.start()]
        return self.start >= 0 and bool(_UNFINISHED.search(before) or _ends_related(before))


def _ends_related(text: str) -> bool:
    stripped = re.sub(r"[\s&]+\Z", "", text)
    return stripped.endswith("=") or bool(
        re.search(r"\\(?:approx|le|leq|ge|geq|equiv)\Z", stripped)
    )


def _sign_at(text: str, place: int, end: int) -> Relation | None:
    """The relation that begins at a place of the formula."""
    char = text[place]
    if char == "=":
        stop = place + 1
        if text[stop : stop + 1] == ":":
            return Relation(Sign.DEFINED, Span(place, stop + 1))
        return Relation(Sign.EQUAL, Span(place, stop))
    if char == ":" and (found := re.compile(r":\s*=").match(text, place, end)):
        return Relation(Sign.DEFINED, Span(place, found.end()))
    if char in "<>":
        stop = place + 1 + (text[place + 1 : place + 2] == "=")
        return Relation(Sign.OTHER, Span(place, stop))
    if char in _UNICODE:
        return Relation(_UNICODE[char], Span(place, place + 1))
    if char != "\\":
        return None
    if wrapped := _WRAPPED.match(text, place, end):
        sign = Sign.DEFINED if ":" in wrapped[0] else Sign.EQUAL
        return Relation(sign, Span(place, wrapped.end()))
    if stacked := _STACKED.match(text, place, end):
        middle = argument_end(text, stacked.end())
        while text[middle : middle + 1].isspace():
            middle += 1
        stop = argument_end(text, middle)
        over, under = text[stacked.end() : middle].strip("{} \n"), text[middle:stop].strip("{} \n")
        if under == "=":
            sign = Sign.EQUAL
            if re.search(
                r"\A(?:\\(?:text|mathrm|mathsf|tiny)?\s*\{?\s*)*(?:def|Def|\\triangle|\\Delta|\.\Z)",
                over,
            ):
                sign = Sign.DEFINED
            elif re.search(r"!", over):
                sign = Sign.DEMANDED
            elif "?" in over:
                sign = Sign.ASKED
            return Relation(sign, Span(place, stop))
        if under.startswith("\\") and under[1:] in _OTHERS:
            return Relation(Sign.OTHER, Span(place, stop))
        return None
    command = re.compile(r"\\([A-Za-z]+)").match(text, place, end)
    if command is None:
        return None
    name = command[1]
    if name == "not":
        return Relation(Sign.OTHER, Span(place, command.end()))
    if name in _OTHERS:
        return Relation(Sign.OTHER, Span(place, command.end()))
    if name in _DEFINING:
        stop = command.end()
        if name == "vcentcolon":
            equals = re.compile(r"\s*=").match(text, stop, end)
            stop = equals.end() if equals else stop
        return Relation(Sign.DEFINED, Span(place, stop))
    return None


def _taken_apart(text: str, statement: _Statement) -> Iterator[Chain]:
    """The chain of one statement; of a statement in a box, those in the box."""
    start, end = statement.start, statement.end
    signs: list[Relation] = []
    depth, skip = _Depth(), start
    for match in LEXEME.finditer(text, start, end):
        if match.start() < skip or match.lastgroup == "skip":
            continue
        if depth.open == 0:
            found = _sign_at(text, match.start(), end)
            if found is not None:
                signs = _with_sign(signs, found, text)
                skip = found.span.end
                continue
            if match.lastgroup == "row" or match.group() in _INDENTS:
                text = _blank(text, match.start(), match.end())
        depth.step(match)
    if not signs:
        yield from _boxed(text, statement)
        return
    bounds = [start, *(edge for sign in signs for edge in (sign.span.start, sign.span.end)), end]
    sides = (_side(text, *pair) for pair in zip(bounds[::2], bounds[1::2], strict=True))
    yield Chain(tuple(sides), tuple(signs), statement.introduced, statement.follows)


def _with_sign(signs: list[Relation], found: Relation, text: str) -> list[Relation]:
    """The signs and another one; ``\\not`` belongs to the one behind it."""
    last = signs[-1].span if signs else None
    if last and last.end == found.span.start and text[last.start : last.end] == r"\not":
        return [*signs[:-1], Relation(Sign.OTHER, last.join(found.span))]
    return [*signs, found]


def _boxed(text: str, statement: _Statement) -> Iterator[Chain]:
    """The chains inside the box or the braces that a statement consists of."""
    end = statement.end
    box = _BOX.match(text, statement.start, end)
    if box is None:
        return
    close = argument_end(text, box.end())
    if not box.end() + 1 < close - 1 < end or text[close:end].strip(" .,;\n&"):
        return
    inner = " " * (box.end() + 1) + text[box.end() + 1 : close - 1]
    for inside in _Splitter(inner).statements():
        word, follows = inside.introduced or statement.introduced, inside.follows
        yield from _taken_apart(
            inner, _Statement(inside.start, inside.end, word, follows or statement.follows)
        )


def _side(text: str, start: int, end: int) -> Side:
    """A side without the spaces, the punctuation and the typed number round it."""
    if number := _NUMBER.search(text, start, end):
        end = number.start()
    front = _SPACING.match(text, start, end)
    start = front.end() if front else start
    tail = _TAIL.search(text, start, end)
    end = max(start, tail.start()) if tail else end
    return Side(text[start:end], Span(start, end))
