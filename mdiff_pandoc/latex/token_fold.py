"""From paired tokens to lexemes of the grammar, one statement at a time.

Names with their fonts and subscripts become single atoms, transposes and inverses postfix marks,
and a head without brackets (``\\nabla_X``, ``\\operatorname{tr}``, ``\\sum``) gets the brackets
that convention gives it. Sums, products, groups and relations are left to the grammar.
"""

from __future__ import annotations

import re

from msgspec import Struct

from mdiff_pandoc.errors import ParseError, Span
from mdiff_pandoc.latex.grammar import Type
from mdiff_pandoc.latex.notations import FRACTIONS, OPERATORS
from mdiff_pandoc.latex.surface import Term
from mdiff_pandoc.latex.token_derivatives import derivative_prefix, marker
from mdiff_pandoc.latex.token_emit import TreeOf
from mdiff_pandoc.latex.token_factors import Factors
from mdiff_pandoc.latex.token_heads import (
    HeadUse,
    Prefix,
    head_at,
    head_prefix,
    head_use,
    sum_prefix,
)
from mdiff_pandoc.latex.token_pairs import Paired
from mdiff_pandoc.latex.tokens import Token, TokenKind

_SEPARATORS = frozenset([",", ";", "\\\\"])
_ENDS = ("\\qed", "\\qedhere", "\\square", "\\blacksquare", "\\Box")


def fold(paired: Paired, latex: str, tree_of: TreeOf) -> list[Term]:
    """The terms of the statements of a formula.

    Raises ParseError and its kinds, and LimitError for too much nesting.
    """
    terms = []
    begin = 0
    tokens = paired.tokens
    index = 0
    opening = {close: start for start, close in paired.closing.items()}
    while index <= len(tokens):
        if index == len(tokens) or tokens[index].text in _SEPARATORS:
            end = _trimmed(tokens, opening, latex, begin, index)
            if begin < end:
                terms.append(Fold(paired, latex, tree_of).statement(begin, end))
            begin = index + 1
        index = paired.closing.get(index, index) + 1
    if not terms:
        raise ParseError("the formula is empty", Span(0, len(latex)), "write a formula")
    return terms


def _trimmed(tokens: list[Token], opening: dict[int, int], latex: str, begin: int, end: int) -> int:
    """The end of a statement without full stop, equation number and remark."""
    while end > begin:
        last = tokens[end - 1]
        start = end - 1
        if last.text == ")":
            start = opening[end - 1]
        gap = latex[tokens[start - 1].end if start > begin else 0 : tokens[start].start]
        apart = "quad" in gap or "&" in gap
        number = last.text == ")" and re.fullmatch(
            r"\(\s*[\d.]*[a-z]?\s*\)", latex[tokens[start].start : last.end]
        )
        remark = last.kind is TokenKind.TEXT and (apart or not last.text or not last.text.isalnum())
        if last.text == "." or last.text in _ENDS or remark or (apart and number):
            end = start
        else:
            break
    return end


class _Pending(Struct):
    """A head whose argument is still open."""

    prefix: Prefix
    factors: int = 0


class Fold(Factors):
    """Appends sequences of factors, with the brackets that open heads get."""

    def sequence(self, begin: int, end: int) -> None:
        """Append the lexemes of ``[begin, end)``: relations, operators, heads and factors."""
        self.enter(self.tokens[min(begin, len(self.tokens) - 1)])
        pending: list[_Pending] = []
        fresh, first, signs = True, len(self.out), 0
        index = begin
        while index < end:
            token = self.tokens[index]
            if token.kind is TokenKind.RELATION:
                self.close(pending, 0, token.start)
                if len(self.out) == first or self.out[-1].type == Type.EQUAL:
                    self.empty(token.start)
                self.emit(Type.EQUAL, token, text=token.text)
                fresh, index = True, index + 1
            elif token.kind is TokenKind.OPERATOR:
                operator = OPERATORS[token.text]
                signs = signs + 1 if fresh else 0
                if signs > 1:
                    raise ParseError(
                        "too many operators in a row", token.span, "write the terms between them"
                    )
                if operator in ("+", "-"):
                    if not fresh or operator == "+":
                        self.close(pending, 0, token.start)
                    self.emit(Type.ADD if operator == "+" else Type.SUB, token)
                else:
                    self.end_factors(pending, token.start, everything=operator == ":")
                    self.emit(Type.TIMES, token, text=operator)
                fresh, index = True, index + 1
            else:
                index, fresh = self.operand(index, end, pending, fresh)
                signs = 0
        stop = self.tokens[end - 1].end if end > begin else 0
        self.close(pending, 0, stop)
        if self.out and len(self.out) > first and self.out[-1].type == Type.EQUAL:
            self.empty(stop)
        self.leave()

    def operand(
        self, index: int, end: int, pending: list[_Pending], fresh: bool
    ) -> tuple[int, bool]:
        """One factor, or a head that opens its argument; the next index, and if one must follow."""
        token = self.tokens[index]
        head = head_at(self, index, end)
        prefix = None if head is not None else self.prefix(index, end, fresh)
        boundary = self._boundary(index, end, head, prefix)
        if boundary:
            self.end_before(pending, boundary, token.start)
        if prefix is not None:
            self.enter(token)
            prefix.open(self)
            pending.append(_Pending(prefix))
            return prefix.next, True
        before = len(self.out)
        index = self.factor(index, end)
        if len(self.out) > before and pending:
            top = pending[-1]
            top.factors += 1
            if top.prefix.single:
                self.close(pending, len(pending) - 1, self.tokens[index - 1].end)
        return index, fresh and len(self.out) == before

    def prefix(self, index: int, end: int, fresh: bool) -> Prefix | None:
        """The head without brackets that stands at ``index``."""
        token = self.tokens[index]
        if token.text in ("\\sum", "\\prod"):
            return sum_prefix(self, index, end)
        at_start = fresh and (not self.out or self.out[-1].type == Type.EQUAL)
        return derivative_prefix(self, index, end, at_start) or head_prefix(self, index, end)

    def _boundary(self, index: int, end: int, head: HeadUse | None, prefix: Prefix | None) -> str:
        """The kind of head that begins at ``index``, which may end an open one."""
        if prefix is not None:
            inner = head_use(self, prefix.next, end) if prefix.next < end else None
            return inner.boundary if prefix.kind == "function" and inner else prefix.kind
        if head is not None:
            return head.boundary
        fraction = self.tokens[index].text in FRACTIONS
        if fraction and marker(self, index + 2, end):
            return "derivative"
        return ""

    def close(self, pending: list[_Pending], level: int, place: int) -> None:
        """Close the open heads above ``level``."""
        while len(pending) > level:
            top = pending.pop()
            if not top.factors:
                top.prefix.without_operand(self, place)
            top.prefix.close(self, place)
            self.leave()
            if pending:
                pending[-1].factors += 1
                if pending[-1].prefix.single and len(pending) - 1 >= level:
                    level = len(pending) - 1

    def end_factors(self, pending: list[_Pending], place: int, *, everything: bool) -> None:
        """An operator ends the heads that reach over neighbouring factors only."""
        for level, entry in enumerate(pending):
            if (everything or not entry.prefix.over_product) and entry.factors + (
                level + 1 < len(pending)
            ):
                self.close(pending, level, place)
                return

    def end_before(self, pending: list[_Pending], boundary: str, place: int) -> None:
        """A new head ends those before it that do not reach over it; a row vector goes on."""
        if self.out and self.out[-1].type == Type.POSTFIX and boundary == "function":
            return
        level = len(pending)
        while level and pending[level - 1].prefix.stops_at(boundary):
            level -= 1
        if level < len(pending) and pending[-1].factors:
            self.close(pending, level, place)
