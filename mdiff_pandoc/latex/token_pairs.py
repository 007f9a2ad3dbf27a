"""Matches brackets, bars and environments, and takes away what only lays the formula out."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.errors import LimitError, ParseError, UnknownCommandError
from mdiff_pandoc.latex.notations import (
    BRACED,
    COLOURED,
    DOTS,
    GREEK,
    HEADS,
    LAYOUTS,
    LETTER_COMMANDS,
    MATRICES,
    TRANSPARENT,
)
from mdiff_pandoc.latex.tokens import CLOSING, Token, TokenKind

MAX_DEPTH = 64
GIVEN = "given"  # the bar of p(x | y), as a separator
_OPERAND_ENDS = frozenset(
    {
        TokenKind.LETTER,
        TokenKind.NUMBER,
        TokenKind.CLOSE,
        TokenKind.END,
        TokenKind.PRIME,
    }
)
_OPERAND_COMMANDS = GREEK | LETTER_COMMANDS | DOTS | {"\\top", "\\intercal", "\\star", "?"}


class Paired(Struct):
    """Tokens with the index of every opening token's closing one."""

    tokens: list[Token]
    closing: dict[int, int]


def pair(tokens: list[Token], latex: str) -> Paired:
    """Match every bracket, bar and environment.

    Raises ParseError at the token without a partner, LimitError below `MAX_DEPTH` levels.
    """
    return _Pairing(latex).run(_with_separators(tokens))


def _with_separators(tokens: list[Token]) -> list[Token]:
    r"""The tokens in which a single bar between the arguments of a call, as in
    :math:`D(p \,\|\, q)` and :math:`p(x \mid y)`, separates them."""
    bars: list[list[int]] = [[]]
    called: list[bool] = [False]
    found: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind in (TokenKind.OPEN, TokenKind.BEGIN):
            named = place > 0 and token.text in ("(", "[") and _is_called(tokens[place - 1])
            called.append(named)
            bars.append([])
        elif token.kind in (TokenKind.CLOSE, TokenKind.END) and len(bars) > 1:
            inside = bars.pop()
            if called.pop() and len(inside) == 1 and tokens[inside[0] - 1].text not in ("(", "["):
                found += inside
        elif token.kind is TokenKind.BAR or token.text == "\\mid":
            bars[-1].append(place)
    if not found:
        return tokens
    out = list(tokens)
    for place in found:
        token = out[place]
        mark = GIVEN if token.text in ("|", "\\mid") else ","
        out[place] = Token(TokenKind.PUNCT, mark, token.start, token.end)
    return out


def _is_called(token: Token) -> bool:
    """May a bracket behind this token hold the arguments of a call?"""
    named = token.kind in (TokenKind.LETTER, TokenKind.WORD, TokenKind.TEXT, TokenKind.PRIME)
    return named or token.text == "}" or token.text in GREEK or token.text in LETTER_COMMANDS


class _Pairing:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.out: list[Token] = []
        self.closing: dict[int, int] = {}
        self.stack: list[int] = []

    def run(self, tokens: list[Token]) -> Paired:
        for token in tokens:
            match token.kind:
                case TokenKind.OPEN | TokenKind.BEGIN:
                    self._open(token)
                case TokenKind.CLOSE | TokenKind.END:
                    self._close(token)
                case TokenKind.BAR:
                    self._bar(token)
                case _:
                    self.out.append(token)
        if self.stack:
            raise self._unclosed(self.out[self.stack[-1]])
        return Paired(self.out, self.closing)

    def _open(self, token: Token) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise LimitError(
                f"brackets are nested more than {MAX_DEPTH} deep",
                token.span,
                "give inner parts names of their own",
            )
        if token.kind is TokenKind.OPEN and token.text == ".":
            raise self._no_value(token)
        if token.kind is TokenKind.OPEN and token.text not in CLOSING:
            raise ParseError(
                f"{self._written(token)} is not a bracket that mdiff reads",
                token.span,
                "use ( ), [ ], \\{ \\}, | | or \\| \\|",
            )
        self.stack.append(len(self.out))
        self.out.append(token)

    def _close(self, token: Token) -> None:
        if not self.stack:
            raise self._stray(token)
        opener = self.out[self.stack[-1]]
        if not self._fits(opener, token):
            wanted = any(self._fits(self.out[index], token) for index in self.stack)
            raise self._unclosed(opener) if wanted else self._stray(token)
        if token.kind is TokenKind.CLOSE:
            sides = self._written(opener).startswith("\\left"), self._written(token)
            if sides[0] and not sides[1].startswith("\\right"):
                raise self._unclosed(opener)
            if sides[1].startswith("\\right") and not sides[0]:
                raise self._stray(token)
        self.closing[self.stack.pop()] = len(self.out)
        self.out.append(token)

    def _fits(self, opener: Token, closer: Token) -> bool:
        if opener.kind is TokenKind.BEGIN or closer.kind is TokenKind.END:
            return opener.kind is TokenKind.BEGIN and opener.text == closer.text
        return CLOSING.get(opener.text) == closer.text

    def _bar(self, token: Token) -> None:
        top = self.out[self.stack[-1]] if self.stack else None
        closes = top is not None and self._marks(top) and self._after_operand()
        if closes and top is not None:
            if top.text == token.text:
                self._close(Token(TokenKind.CLOSE, token.text, token.start, token.end))
                return
            if token.text == "||" and top.text == "|":
                middle = token.start + 1
                self._close(Token(TokenKind.CLOSE, "|", token.start, middle))
                self._bar(Token(TokenKind.BAR, "|", middle, token.end))
                return
        self._open(Token(TokenKind.OPEN, token.text, token.start, token.end))

    def _marks(self, opener: Token) -> bool:
        return opener.text in ("|", "||", "\\|") and opener.kind is TokenKind.OPEN

    def _after_operand(self) -> bool:
        last = self.out[-1]
        if last.kind in (TokenKind.WORD, TokenKind.TEXT):
            return last.text not in HEADS
        if last.kind is TokenKind.OPERATOR and len(self.out) > 1:
            return self.out[-2].kind in (TokenKind.SUP, TokenKind.SUB)
        return last.kind in _OPERAND_ENDS or last.text in _OPERAND_COMMANDS

    def _written(self, token: Token) -> str:
        return self.latex[token.start : token.end] or token.text

    def _unclosed(self, token: Token) -> ParseError:
        written = self._written(token)
        if token.kind is TokenKind.BEGIN:
            return ParseError(f"{written} is never ended", token.span, f"add \\end{{{token.text}}}")
        if written.startswith("\\left"):
            return ParseError(f"{written} has no \\right", token.span, "add the \\right bracket")
        closer = CLOSING[token.text]
        opened = self.out.index(token) + 1
        if token.text == "|" and opened < len(self.out) and self.out[opened].text == "_":
            return self._no_value(token)
        return ParseError(f"{written} is never closed", token.span, f"add {closer} where it ends")

    @staticmethod
    def _no_value(token: Token) -> ParseError:
        r"""The error for :math:`f(x)|_{x=0}`."""
        return ParseError(
            "the value at a point, as in f|_{x=0}, is not read",
            token.span,
            "write the value itself",
        )

    def _stray(self, token: Token) -> ParseError:
        written = self._written(token)
        return ParseError(
            f"{written} closes nothing", token.span, "remove it, or add the bracket that it closes"
        )


def tidy(paired: Paired) -> Paired:
    """Without layout: alignment, frames, and rows that only continue the row before.

    A NEWLINE that is left outside a matrix ends a statement. Raises UnknownCommandError for an
    environment that is neither a layout nor a matrix.
    """
    tokens, closing = paired.tokens, paired.closing
    if not any(_may_be_layout(token) for token in tokens) and not _wrapped(paired):
        return paired
    dropped: set[int] = set()
    if _wrapped(paired):
        dropped |= {0, len(tokens) - 1}
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.BEGIN:
            _drop_environment(index, paired, dropped)
        elif token.kind is TokenKind.COMMAND and token.text in TRANSPARENT:
            _drop_frame(index, paired, dropped)
    continued = _continued(tokens)
    inner: list[bool] = []  # is the innermost environment a matrix; False inside a bracket
    ends: list[int] = []
    for index, token in enumerate(tokens):
        while ends and ends[-1] == index:
            ends.pop()
            inner.pop()
        if index in closing and not (index in dropped and token.kind is TokenKind.OPEN):
            ends.append(closing[index])
            inner.append(token.kind is TokenKind.BEGIN and token.text in MATRICES)
        elif inner and inner[-1]:
            continue
        elif token.kind is TokenKind.AMP or (
            token.kind is TokenKind.NEWLINE
            and (any(end not in dropped for end in ends) or index in continued)
        ):
            dropped.add(index)
    kept = [index for index in range(len(tokens)) if index not in dropped]
    place = {old: new for new, old in enumerate(kept)}
    return Paired(
        [tokens[index] for index in kept],
        {place[a]: place[b] for a, b in closing.items() if a in place},
    )


def _may_be_layout(token: Token) -> bool:
    kind = token.kind
    if kind is TokenKind.COMMAND:
        return token.text in TRANSPARENT
    return kind in (TokenKind.BEGIN, TokenKind.AMP, TokenKind.NEWLINE)


def _wrapped(paired: Paired) -> bool:
    """Is the whole formula one brace group that holds a relation?"""
    tokens = paired.tokens
    last = len(tokens) - 1
    if not tokens or tokens[0].text != "{" or paired.closing.get(0) != last:
        return False
    return any(token.kind is TokenKind.RELATION for token in tokens)


def _drop_environment(index: int, paired: Paired, dropped: set[int]) -> None:
    tokens, closing = paired.tokens, paired.closing
    name = tokens[index].text
    follower = index + 1
    if name in LAYOUTS:
        dropped |= {index, closing[index]}
    elif name not in MATRICES:
        raise UnknownCommandError(
            f"the environment {name} is not one that mdiff reads",
            tokens[index].span,
            "use aligned for rows, bmatrix for a matrix",
        )
    if name in ("array", "alignat", "alignat*", "alignedat") or name.endswith("matrix*"):
        while follower in closing and tokens[follower].text in ("[", "{"):
            dropped |= set(range(follower, closing[follower] + 1))
            follower = closing[follower] + 1


def _drop_frame(index: int, paired: Paired, dropped: set[int]) -> None:
    tokens, closing = paired.tokens, paired.closing
    name = tokens[index].text
    dropped.add(index)
    opener = index + 1
    if name in COLOURED:
        while opener in closing and closing[opener] + 1 in closing:
            dropped |= set(range(opener, closing[opener] + 1))
            opener = closing[opener] + 1
    if opener not in closing or tokens[opener].text != "{":
        return
    end = closing[opener]
    content = tokens[opener + 1 : end]
    if name.startswith("\\math") or any(
        token.kind in (TokenKind.RELATION, TokenKind.AMP, TokenKind.NEWLINE) for token in content
    ):
        dropped |= {opener, end}
    follower = end + 1
    if name in BRACED and follower < len(tokens) and tokens[follower].text in ("_", "^"):
        stop = closing.get(follower + 1, follower + 1)
        dropped |= set(range(follower, stop + 1))


def _continued(tokens: list[Token]) -> set[int]:
    """The row ends after which the statement before them goes on, or nothing follows."""
    joints = (TokenKind.RELATION, TokenKind.OPERATOR)
    found: set[int] = set()
    goes_on = True
    for index in reversed(range(len(tokens))):
        kind = tokens[index].kind
        if kind is TokenKind.NEWLINE:
            if goes_on or index == 0 or tokens[index - 1].kind in joints:
                found.add(index)
        elif kind is not TokenKind.AMP:
            goes_on = kind in joints or kind is TokenKind.END
    return found
