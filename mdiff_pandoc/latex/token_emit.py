"""What every part of the reader shares: the lexemes made so far, and how they are appended."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from mdiff_pandoc.errors import (
    LimitError,
    MdiffError,
    ParseError,
    Span,
    UnknownCommandError,
    UnsupportedError,
)
from mdiff_pandoc.latex.grammar import Builder, Lexeme, Type
from mdiff_pandoc.latex.notations import KNOWN_COMMANDS, REFUSED, UNREAD
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_names import Names
from mdiff_pandoc.latex.token_pairs import GIVEN, MAX_DEPTH, Paired
from mdiff_pandoc.latex.token_scripts import Scripts
from mdiff_pandoc.latex.tokens import Token, TokenKind

TreeOf = Callable[[list[Lexeme], int], Term]


class Emitter(ABC):
    """Makes the lexemes of one statement."""

    def __init__(self, paired: Paired, latex: str, tree_of: TreeOf, depth: int = 0) -> None:
        self.paired = paired
        self.tokens = paired.tokens
        self.closing = paired.closing
        self.latex = latex
        self.tree_of = tree_of
        self.out: list[Lexeme] = []
        self.names = Names(paired, latex, self.subparse)
        self.depth = depth

    def statement(self, begin: int, end: int) -> Term:
        """The term of the tokens in ``[begin, end)``."""
        self.sequence(begin, end)
        return self.tree_of(self.out, self.tokens[end - 1].end)

    def subparse(self, begin: int, end: int) -> Term:
        """The term of a part, such as an index, read on its own."""
        token = self.tokens[begin]
        if end == begin + 1:
            if token.kind is TokenKind.NUMBER:
                return Term(Kind.NUMBER, token.span, (), token.text, token.text)
            found = self.names.read(begin)
            if found is not None and len(found[0]) == 1:
                return found[0][0]
        inner = type(self)(self.paired, self.latex, self.tree_of, self.depth + 1)
        return inner.statement(begin, end)

    def emit(
        self,
        type_: int,
        token: Token,
        build: Builder | None = None,
        term: Term | None = None,
        text: str = "",
    ) -> None:
        """Append a lexeme at the place of ``token``."""
        written = text or self.latex[token.start : token.end]
        self.out.append(Lexeme(type_, written, token.start, token.end, term, build))

    def atom(self, term: Term) -> None:
        """Append a lexeme that stands for a term."""
        kind = Type.NUMBER if term.kind is Kind.NUMBER else Type.SYMBOL
        start, end = term.span.start, term.span.end
        self.out.append(Lexeme(kind, self.latex[start:end], start, end, term))

    def empty(self, place: int) -> None:
        """Append an EMPTY term."""
        self.atom(Term(Kind.EMPTY, Span(place, place)))

    def enter(self, token: Token) -> None:
        """One level deeper. Raises LimitError below `MAX_DEPTH`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                f"the formula is nested more than {MAX_DEPTH} deep",
                token.span,
                "give inner parts names of their own",
            )

    def leave(self) -> None:
        """One level up again."""
        self.depth -= 1

    @abstractmethod
    def sequence(self, begin: int, end: int) -> None:
        """Append the lexemes of ``[begin, end)``: relations, operators, heads and factors."""

    @abstractmethod
    def factor(self, index: int, end: int) -> int:
        """Append one factor with its scripts; the index after it."""

    def power(self, scripts: Scripts, begin: int, end: int, build: Builder | None) -> None:
        """Append a caret and the exponent in ``[begin, end)``."""
        part = scripts.sup
        assert part is not None  # only called with a superscript in hand
        caret, last = self.tokens[part.sign], self.tokens[part.after - 1]
        if begin == end:
            raise ParseError(
                "an empty superscript", Span(caret.start, last.end), "write the exponent"
            )
        self.emit(Type.CARET, caret, build)
        self.emit(Type.OPEN, caret)
        self.sequence(begin, end)
        self.emit(Type.CLOSE, last)

    def arguments(
        self, begin: int, end: int, separators: Sequence[str] = (",", ";", GIVEN)
    ) -> list[tuple[int, int]]:
        """The ranges between the commas of ``[begin, end)``."""
        ranges, start, index = [], begin, begin
        while index < end:
            if self.tokens[index].text in separators:
                ranges.append((start, index))
                start = index + 1
            index = self.closing.get(index, index) + 1
        return [*ranges, (start, end)]

    def construct(
        self, build: Builder, ranges: list[tuple[int, int]], opener: Token, closer: Token
    ) -> None:
        """Append a head with the arguments in ``ranges``."""
        if len(ranges) == 1:
            self.emit(Type.APPLY, opener, build)
            self.emit(Type.OPEN, opener)
            self.sequence(*ranges[0])
            self.emit(Type.CLOSE, closer)
            return
        self.emit(Type.OPEN_LIST, opener, build)
        for position, (begin, end) in enumerate(ranges):
            if position:
                self.emit(Type.COLUMN, self.tokens[begin - 1])
            self.sequence(begin, end)
        self.emit(Type.CLOSE_LIST, closer)

    def fraction_ranges(self, index: int) -> tuple[tuple[int, int], tuple[int, int], int]:
        """Ranges of numerator and denominator of the fraction at ``index``, and what follows."""
        begin, end, after = self.names.argument(index, index + 1)
        second, last, stop = self.names.argument(index, after)
        return (begin, end), (second, last), stop


def unexpected(token: Token, latex: str) -> MdiffError:
    """The error for a token that no formula has at this place."""
    written = latex[token.start : token.end] or token.text
    if token.kind is TokenKind.COMMAND:
        if token.text in REFUSED or token.text.startswith("\\write"):
            return UnknownCommandError(
                f"{token.text} is not part of a formula", token.span, "take it out"
            )
        if token.text in UNREAD:
            return UnsupportedError(
                f"{token.text} is not read", token.span, "write the expression without it"
            )
        if token.text in KNOWN_COMMANDS:
            return ParseError(
                f"{token.text} cannot stand here", token.span, "check what stands around it"
            )
        near = difflib.get_close_matches(token.text, KNOWN_COMMANDS, 1, 0.7)
        hint = f"did you mean {near[0]}?" if near else "write it with commands of LaTeX"
        return UnknownCommandError(f"the command {token.text} is not known", token.span, hint)
    if token.kind is TokenKind.TEXT:
        return ParseError("words inside the formula", token.span, "write them outside the formula")
    if token.kind is TokenKind.OTHER:
        return UnknownCommandError(
            f"{written!r} is no operator that mdiff knows",
            token.span,
            "use + - \\cdot \\odot \\otimes / or brackets",
        )
    if token.kind in (TokenKind.SUP, TokenKind.SUB):
        return ParseError(f"{written} has no base", token.span, "write what it stands on before it")
    return ParseError(f"{written} cannot stand here", token.span, "take it out")
