r"""Chains of sides in a formula: ``a = b = c``, found on the characters alone.

A chain runs over the rows of a display environment as long as they begin with a relation; commas,
wide spaces, words and arrows end it. Nothing here parses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mdiff_pandoc.errors import Span
from mdiff_pandoc.latex.request import DISPLAY, LEXEME, SEPARATING_WORDS, argument_end

LONGEST = 40_000


class Sign(StrEnum):
    """The kinds of relation between two sides."""

    EQUAL = "equal"
    DEFINED = "defined"  # :=, \triangleq, \overset{def}{=}
    DEMANDED = "demanded"  # \overset{!}{=}: a condition that is to be met
    ASKED = "asked"  # \overset{?}{=}
    OTHER = "other"  # \approx, \le, \in …: states no equality


@dataclass(frozen=True, slots=True)
class Relation:
    """A sign between two sides, and its place."""

    sign: Sign
    span: Span


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its place in the formula, and its text with what is no mathematics blanked out.

    ``text`` is as long as its ``span``, so that places in it count from ``span.start``.
    """

    text: str
    span: Span

    @property
    def empty(self) -> bool:
        """Does nothing stand here?"""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Chain:
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
    "approx simeq sim cong propto le leq leqslant lesssim ge geq geqslant gtrsim lt gt ll gg ne neq "
    "in notin ni subset subseteq supset supseteq to mapsto succ succeq prec preceq longrightarrow "
    "rightarrow mid perp longmapsto leftarrow gets neq asymp".split()
)
_DEFINING = frozenset(
    ("coloneqq", "triangleq", "equiv", "doteq", "eqqcolon", "vcentcolon", "defeq")
)
_ARROWS = re.compile(
    r"\\(?:implies|impliedby|iff|therefore|because|land|wedge"
    r"|(?:Long|long)?(?:Rightarrow|Leftrightarrow|Leftarrow)|leadsto|Longleftrightarrow)\Z"
)
_STACKED = re.compile(r"\\(?:stackrel|overset|underset)(?![A-Za-z])\s*")
_LABEL = re.compile(r"\\(?:label|tag\*?|eqno|notag|nonumber|hline)(?![A-Za-z])\s*(?:\{[^{}]*\})?")
_SPACING = re.compile(
    r"(?:\s|&|~|\{\s*\}|\\[;,!:> ]|\\q?quad(?![A-Za-z])|\\displaystyle(?![A-Za-z]))+"
)
_TAIL = re.compile(
    r"(?:\s|~|[.,;:]|\{\s*\}|\\[;,!:> ]|\\q?quad(?![A-Za-z])|\\(?:blacksquare|qed|square)\b)*\Z"
)
_NUMBER = re.compile(r"\\q?quad(?:\\q?quad|\\[,;:! ]|~|\s)*(\(\d+\w?\))(?=[\s.,;]*\Z)")
_BOX = re.compile(r"\s*\\(?:boxed|fbox|bbox)\s*(?=\{)|\s*(?=\{)")
_EQALIGN = re.compile(r"\\(?:eqalign(?:no)?|displaylines)\s*\{")
_ARRAY = re.compile(r"\\begin\s*\{array\}\s*\{[^{}]*\}")
_BEGINS = re.compile(
    r"[\s&]*(?:=|:=|[<>≤≥≈∝≠]|\\(?:" + "|".join(sorted(_OTHERS | _DEFINING)) + r")(?![A-Za-z])"
    r"|\\(?:stackrel|overset|underset)(?![A-Za-z]))"
)
_GOES_ON = re.compile(
    r"[\s&]*(?:\\(?:quad|qquad|[,;:! ])\s*)*(?:[+\-−]|\\(?:cdot|times|odot|otimes|pm)(?![A-Za-z]))"
)
_UNFINISHED = re.compile(r"(?:[+\-−]|\\(?:cdot|times|odot|otimes|pm))\s*(?:&\s*)*\Z")
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
    for start, end, introduced, follows in _statements(text):
        found += _taken_apart(text, start, end, introduced, follows)
    return found


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _prepared(latex: str) -> str:
    """The formula with comments, labels and the edges of display environments blanked out."""
    text = re.sub(
        r"(?<!\\)((?:\\\\)*)%[^\n]*", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), latex
    )
    text = _LABEL.sub(lambda m: " " * len(m[0]), text)
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


@dataclass
class _Cursor:
    """The statement that is being collected."""

    start: int = -1
    end: int = -1
    introduced: str = ""
    follows: bool = False
    related: bool = False
    signs: list[int] = field(default_factory=list)


def _statements(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """The places of the statements, with the word before each and whether it is a consequence."""
    now = _Cursor()
    depth = 0

    def done() -> Iterator[tuple[int, int, str, bool]]:
        nonlocal now
        if now.start >= 0 and now.related:
            yield now.start, now.end, now.introduced, now.follows
            now = _Cursor()
        elif now.start >= 0:
            now = _Cursor()

    for match in LEXEME.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "skip":
            continue
        if kind == "env":
            if match["env"] in DISPLAY:
                yield from done()
                continue
            depth = max(0, depth + (1 if match["edge"] == "begin" else -1))
        elif kind == "side":
            depth = max(0, depth + (1 if piece.startswith(r"\left") else -1))
        elif kind == "row" and depth == 0:
            goes_on = _BEGINS.match(text, match.end()) or (
                now.related and _GOES_ON.match(text, match.end())
            )
            unfinished = now.start >= 0 and (
                _UNFINISHED.search(text, now.start, match.start())
                or _ends_related(text, now.start, match.start())
            )
            if not (goes_on or unfinished):
                yield from done()
            continue
        elif kind == "words" and depth == 0:
            words = match["prose"].strip(" ,.;:~\n").lower()
            following = text[match.end() : match.end() + 1]
            if following not in tuple("([_^{") and (
                " " in words or words in SEPARATING_WORDS or (not words and now.related)
            ):
                yield from done()
                now.introduced = words
                continue
        elif kind == "command" and depth == 0:
            if _ARROWS.match(piece):
                yield from done()
                now.follows = True
                continue
            if now.related and piece in (r"\quad", r"\qquad"):
                ahead = _SPACING.match(text, match.start())
                if not (ahead and _BEGINS.match(text, ahead.end())):
                    yield from done()
                    continue
        elif kind == "char" and depth == 0 and piece in ",;":
            yield from done()
            continue
        if kind == "char":
            if piece in "{([":
                depth += 1
            elif piece in "})]":
                depth = max(0, depth - 1)
        elif piece in (r"\{", r"\lbrace", r"\langle", r"\lbrack"):
            depth += 1
        elif piece in (r"\}", r"\rbrace", r"\rangle", r"\rbrack"):
            depth = max(0, depth - 1)
        if depth == 0 and _is_sign(text, match.start()):
            now.related = True
        if now.start < 0:
            if _SPACING.fullmatch(piece):
                continue
            now.start = match.start()
        now.end = match.end()
        # a formula in a box or in braces states what it holds
        now.related = now.related or piece == "{" or (piece == "=" and depth == 1)
    yield from done()


def _ends_related(text: str, start: int, end: int) -> bool:
    stripped = re.sub(r"[\s&]+\Z", "", text[start:end])
    return stripped.endswith("=") or bool(
        re.search(r"\\(?:approx|le|leq|ge|geq|equiv)\Z", stripped)
    )


def _is_sign(text: str, place: int) -> bool:
    return _sign_at(text, place, len(text)) is not None


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


def _taken_apart(
    text: str, start: int, end: int, introduced: str, follows: bool
) -> Iterator[Chain]:
    """The chain of one statement; of a statement in a box, those in the box."""
    signs: list[Relation] = []
    blanks: list[Span] = []
    depth, skip = 0, start
    for match in LEXEME.finditer(text, start, end):
        kind, piece = match.lastgroup, match.group()
        if match.start() < skip or kind == "skip":
            continue
        if depth == 0:
            found = _sign_at(text, match.start(), end)
            if found is not None:
                negated = (
                    signs
                    and signs[-1].span.end == found.span.start
                    and text[signs[-1].span.start : signs[-1].span.end] == r"\not"
                )
                if negated:
                    signs[-1] = Relation(Sign.OTHER, signs[-1].span.join(found.span))
                else:
                    signs.append(found)
                skip = found.span.end
                continue
            if kind == "row" or piece == "&":
                blanks.append(Span(match.start(), match.end()))
        if kind == "env":
            depth = max(0, depth + (1 if match["edge"] == "begin" else -1))
        elif kind == "side":
            depth = max(0, depth + (1 if piece.startswith(r"\left") else -1))
        elif piece in ("{", "(", "[", r"\{", r"\lbrace", r"\langle", r"\lbrack"):
            depth += 1
        elif piece in ("}", ")", "]", r"\}", r"\rbrace", r"\rangle", r"\rbrack"):
            depth = max(0, depth - 1)
    for span in blanks:
        text = _blank(text, span.start, span.end)
    if not signs:
        box = _BOX.match(text, start, end)
        if box is None:
            return
        close = argument_end(text, box.end())
        if box.end() + 1 < close - 1 < end and not text[close:end].strip(" .,;\n&"):
            inner = text[: close - 1]
            for first, last, word, arrow in _statements(
                " " * (box.end() + 1) + inner[box.end() + 1 :]
            ):
                yield from _taken_apart(inner, first, last, word or introduced, arrow or follows)
        return
    bounds = [start, *(edge for sign in signs for edge in (sign.span.start, sign.span.end)), end]
    sides = []
    for left, right in zip(bounds[::2], bounds[1::2], strict=True):
        sides.append(_side(text, left, right))
    yield Chain(tuple(sides), tuple(signs), introduced, follows)


def _side(text: str, start: int, end: int) -> Side:
    """A side without the spaces, the punctuation and the typed number round it."""
    if number := _NUMBER.search(text, start, end):
        end = number.start()
    front = _SPACING.match(text, start, end)
    start = front.end() if front else start
    tail = _TAIL.search(text, start, end)
    end = max(start, tail.start()) if tail else end
    return Side(text[start:end], Span(start, end))
