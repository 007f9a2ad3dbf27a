"""From paired tokens to lexemes of the grammar, one statement at a time.

Names with their fonts and subscripts become single atoms, transposes and inverses postfix marks,
and a head without brackets (``\\nabla_X``, ``\\operatorname{tr}``, ``\\sum``) gets the brackets
that convention gives it. Sums, products, groups and relations are left to the grammar.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from mdiff_pandoc.errors import LimitError, ParseError, Span, UnknownCommandError
from mdiff_pandoc.latex.grammar import Builder, Lexeme, Type
from mdiff_pandoc.latex.notations import (
    FRACTIONS,
    KNOWN_COMMANDS,
    MATRICES,
    NORM_MACROS,
    OPERATORS,
    REFUSED,
)
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_derivatives import derivative, derivative_prefix, marker
from mdiff_pandoc.latex.token_heads import (
    HeadUse,
    Prefix,
    apply_head,
    head_at,
    head_prefix,
    sum_prefix,
)
from mdiff_pandoc.latex.token_names import Names
from mdiff_pandoc.latex.token_pairs import MAX_DEPTH, Paired
from mdiff_pandoc.latex.token_scripts import (
    Scripts,
    classify,
    exponential,
    read_scripts,
    scripted,
    superscript_latex,
)
from mdiff_pandoc.latex.tokens import Token, TokenKind

TreeOf = Callable[[list[Lexeme], int], Term]
_SEPARATORS = frozenset([",", ";", "\\\\"])
_NOT_CALLED = frozenset(["dots", "pi", "infty", "0", "1"])
_ENDS = ("\\qed", "\\qedhere", "\\square", "\\blacksquare", "\\Box")


def fold(paired: Paired, latex: str, tree_of: TreeOf) -> list[Term]:
    """The terms of the statements of a formula.

    Raises ParseError and its kinds, and LimitError for too much nesting.
    """
    terms = []
    begin = 0
    tokens = paired.tokens
    index = 0
    while index <= len(tokens):
        if index == len(tokens) or tokens[index].text in _SEPARATORS:
            end = _trimmed(paired, latex, begin, index)
            if begin < end:
                terms.append(Fold(paired, latex, tree_of).statement(begin, end))
            begin = index + 1
        index = paired.closing.get(index, index) + 1
    if not terms:
        raise ParseError("the formula is empty", Span(0, len(latex)), "write a formula")
    return terms


def _trimmed(paired: Paired, latex: str, begin: int, end: int) -> int:
    """The end of a statement without full stop, equation number and remark."""
    tokens = paired.tokens
    while end > begin:
        last = tokens[end - 1]
        start = end - 1
        if last.text == ")":
            start = next((a for a, b in paired.closing.items() if b == end - 1), start)
        gap = latex[tokens[start - 1].end if start > begin else 0 : tokens[start].start]
        apart = "quad" in gap or "&" in gap
        number = last.text == ")" and re.fullmatch(
            r"\(\s*[\d.]*[a-z]?\s*\)", latex[tokens[start].start : last.end]
        )
        remark = last.kind is TokenKind.TEXT and (apart or not last.text or not last.text.isalnum())
        if last.text in (".", "!") or last.text in _ENDS or remark or (apart and number):
            end = start
        else:
            break
    return end


@dataclass(slots=True)
class _Pending:
    """A head whose argument is still open."""

    prefix: Prefix
    factors: int = 0


class Fold:
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
        inner = Fold(self.paired, self.latex, self.tree_of, self.depth + 1)
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

    # --- sequences -------------------------------------------------------------------------

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
                if signs > 2:
                    raise ParseError(
                        "too many operators in a row", token.span, "write the terms between them"
                    )
                if operator in ("+", "-"):
                    if not fresh:
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
        if token.text == "\\sum":
            return sum_prefix(self, index, end)
        at_start = fresh and (not self.out or self.out[-1].type == Type.EQUAL)
        return derivative_prefix(self, index, end, at_start) or head_prefix(self, index, end)

    def _boundary(self, index: int, end: int, head: HeadUse | None, prefix: Prefix | None) -> str:
        """The kind of head that begins at ``index``, which may end an open one."""
        if prefix is not None:
            return prefix.kind
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
        """A new head ends those before it that do not reach over it."""
        for level, entry in enumerate(pending):
            if entry.factors and entry.prefix.stops_at(boundary):
                self.close(pending, level, place)
                return

    # --- factors ---------------------------------------------------------------------------

    def factor(self, index: int, end: int) -> int:
        """Append one factor with its scripts; the index after it."""
        token = self.tokens[index]
        kind, start = token.kind, len(self.out)
        head = head_at(self, index, end)
        if head is not None:
            after = apply_head(self, head)
            return self.scripts(start, read_scripts(self.names, after, end))
        found = derivative(self, index, end)
        if found is not None:
            return self.scripts(start, read_scripts(self.names, found, end))
        names = self.names.read(index)
        if names is not None:
            for term in names[0][:-1]:
                self.atom(term)
            return self.name(names[0][-1], names[1], end)
        if kind is TokenKind.NUMBER:
            self.atom(Term(Kind.NUMBER, token.span, (), token.text, token.text))
            return self.scripts(start, read_scripts(self.names, index + 1, end))
        if index in self.closing:
            return self.bracket(index, end)
        if token.text == "?":
            self.atom(Term(Kind.EMPTY, token.span))
            return index + 1
        if kind is TokenKind.PUNCT and token.text == "." and end - index == 1:
            self.atom(Term(Kind.NAME, token.span, (), "dots", "."))
            return index + 1
        if kind is TokenKind.COMMAND:
            return self.command(index, end)
        raise self.unexpected(token)

    def name(self, term: Term, index: int, end: int) -> int:
        """Append a name with its scripts, or a call when a bracket follows."""
        start = len(self.out)
        scripts = read_scripts(self.names, index, end)
        sup = classify(self.names, scripts.sup) if scripts.sup else None
        late = scripts.sub if self._sub_is_last(scripts, term) else None
        if scripts.sub is not None and late is None and term.kind is Kind.NAME:
            part = scripts.sub
            term = self.names.subscript(term, part.begin, part.end, part.after)
            scripts.sub = None
        if sup is not None and scripts.sup is not None and (sup.star or sup.bracket):
            term = self._decorated(term, scripts, sup.begin, sup.end, sup.star)
            scripts.sup = sup = None
        callable_ = term.kind is Kind.NAME and term.text not in _NOT_CALLED
        if callable_ and scripts.sup is None and self._opens(scripts.next, end, "(["):
            return self.call(term, scripts, end)
        plain_e = term.text == "e" and not term.bold and term.kind is Kind.NAME
        if plain_e and sup is not None and sup.kind in (Kind.POWER, Kind.INVERSE):
            self.atom(term)
            build = exponential(term.latex)
            self.power(scripts, sup.begin, sup.end, build)
            return scripts.next
        self.atom(term)
        return self.scripts(start, scripts)

    def _sub_is_last(self, scripts: Scripts, term: Term) -> bool:
        """Is it A^T_{ij}, an entry of the transpose?"""
        if not scripts.sup_first or scripts.sub is None or scripts.sup is None:
            return False
        indices = self.names.index_terms(scripts.sub.begin, scripts.sub.end)
        return indices is not None and len(indices) == 2

    def _decorated(self, term: Term, scripts: Scripts, begin: int, end: int, star: bool) -> Term:
        part = scripts.sup
        assert part is not None  # the caller has a superscript in hand
        stop = self.tokens[part.after - 1].end
        span = Span(term.span.start, max(term.span.end, stop))
        latex = term.latex + self.latex[self.tokens[part.sign].start : stop]
        if star:
            return replace(term, span=span, text=f"{term.text}_star", latex=latex)
        indices = self.names.index_terms(begin, end)
        if indices is not None and len(indices) == 1 and term.kind is Kind.NAME:
            text = f"{term.text}_{self.names.label(begin, end)}"
            return Term(Kind.INDEX, span, (term, *indices), text, latex)
        text = f"{term.text}_sup_{self.names.label(begin, end)}"
        return Term(term.kind, span, term.args, text, latex, term.bold)

    def _opens(self, index: int, end: int, brackets: str) -> bool:
        return (
            index < end
            and self.tokens[index].kind is TokenKind.OPEN
            and self.tokens[index].text in brackets
        )

    def call(self, term: Term, scripts: Scripts, end: int) -> int:
        """Append a name before a bracket as a call."""
        start, index = len(self.out), scripts.next
        primes = "'" * scripts.primes
        text, latex = term.text + primes, term.latex + primes

        def build(args: list[Term], span: Span) -> Term:
            return Term(Kind.CALL, span, tuple(args), text, latex, term.bold)

        opener = Token(TokenKind.OPEN, latex, term.span.start, term.span.end)
        close = self.closing[index]
        self.construct(build, self.arguments(index + 1, close), opener, self.tokens[close])
        return self.scripts(start, read_scripts(self.names, close + 1, end))

    def arguments(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The ranges between the commas of ``[begin, end)``."""
        ranges, start, index = [], begin, begin
        while index < end:
            if self.tokens[index].text in (",", ";"):
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

    def scripts(self, start: int, scripts: Scripts) -> int:
        """Append the scripts of the factor whose lexemes begin at ``start``."""
        for _ in range(scripts.primes):
            self.emit(
                Type.POSTFIX, self.tokens[scripts.next - 1], scripted(Kind.TRANSPOSE, "'", "'")
            )
        order = [scripts.sub, scripts.sup]
        if scripts.sup_first:
            order.reverse()
        for part in order:
            if part is None:
                continue
            if part is scripts.sub:
                self.emit(Type.POSTFIX, self.tokens[part.after - 1], self._indexing(scripts))
                continue
            sup = classify(self.names, part)
            if sup.star or sup.bracket:
                raise ParseError(
                    "this superscript is only read on a name",
                    Span(self.tokens[part.sign].start, self.tokens[part.after - 1].end),
                    "give the expression a name first",
                )
            if sup.kind is not Kind.POWER:
                latex = superscript_latex(self.names, part)
                self.emit(Type.POSTFIX, self.tokens[part.after - 1], sup.postfix(latex))
                continue
            if self.out[-1].type == Type.POSTFIX:
                first, last = self.out[start], self.out[-1]
                self.out.insert(start, Lexeme(Type.OPEN_GROUP, "(", first.start, first.start))
                self.out.append(Lexeme(Type.CLOSE_GROUP, ")", last.end, last.end))
            self.power(scripts, sup.begin, sup.end, sup.power)
        return scripts.next

    def _indexing(self, scripts: Scripts) -> Builder:
        part = scripts.sub
        assert part is not None  # only called with a subscript in hand
        line = self.names.line(part.begin, part.end)
        if line is not None:
            kind, term = line
            return lambda args, span: Term(kind, span, (args[0], term))
        indices = self.names.index_terms(part.begin, part.end, label=False)
        if indices is None:
            raise ParseError(
                "this subscript is no index",
                Span(self.tokens[part.sign].start, self.tokens[part.after - 1].end),
                "write an index such as {ij}, or give the expression a name",
            )
        return lambda args, span: Term(Kind.INDEX, span, (args[0], *indices))

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

    # --- brackets and commands -------------------------------------------------------------

    def bracket(self, index: int, end: int) -> int:
        """Append a bracketed factor: group, bars, norm, inner product or matrix."""
        token, start = self.tokens[index], len(self.out)
        close = self.closing[index]
        closer = self.tokens[close]
        begin = index + 1
        if token.kind is TokenKind.BEGIN:
            self.matrix(index, close)
            return self.scripts(start, read_scripts(self.names, close + 1, end))
        if token.text == "{":
            if begin == close:
                scripts = read_scripts(self.names, close + 1, end)
                if scripts.next > close + 1:
                    raise ParseError(
                        "a script on nothing", token.span, "write it after the base it belongs to"
                    )
                return close + 1
            found = self.names.read(begin)
            if found is not None and found[1] == close and len(found[0]) == 1:
                return self.name(found[0][0], close + 1, end)
        if token.text in ("|", "||", "\\|"):
            return self.bars(token, begin, close, close + 1, end)
        if token.text == "\\langle":
            ranges = self.arguments(begin, close)
            if len(ranges) != 2:
                raise ParseError(
                    "an inner product has two arguments",
                    Span(token.start, closer.end),
                    "separate them by a comma",
                )
            self.construct(
                lambda args, span: Term(Kind.INNER, span, tuple(args), latex="\\langle"),
                ranges,
                token,
                closer,
            )
            scripts = read_scripts(self.names, close + 1, end)
            scripts.sub = None
            return self.scripts(start, scripts)
        self.emit(Type.OPEN_GROUP, token)
        self.sequence(begin, close)
        self.emit(Type.CLOSE_GROUP, closer)
        return self.scripts(start, read_scripts(self.names, close + 1, end))

    def bars(self, token: Token, begin: int, close: int, after: int, end: int) -> int:
        """Append ``|…|`` or a norm, whose subscript says which one."""
        start, closer = len(self.out), self.tokens[close]
        scripts = read_scripts(self.names, after, end)
        text = ""
        if scripts.sub is not None:
            part = scripts.sub
            label = self.names.label(part.begin, part.end)
            text = {"infty": "inf", "star": "nuc"}.get(label, label)
            scripts.sub = None
        norm = token.text != "|" or bool(text)
        written = self.latex[token.start : token.end]
        kind = Kind.NORM if norm else Kind.BARS
        self.emit(Type.OPEN_NORM if norm else Type.OPEN_BARS, token)
        self.sequence(begin, close)
        self.emit(
            Type.CLOSE_NORM if norm else Type.CLOSE_BARS,
            closer,
            lambda args, span: Term(kind, span, tuple(args), text, written),
        )
        return self.scripts(start, scripts)

    def matrix(self, begin: int, close: int) -> None:
        """Append an explicit matrix."""
        opener = self.tokens[begin]
        name = opener.text

        def build(rows: list[Term], span: Span) -> Term:
            term = Term(Kind.MATRIX, span, tuple(rows), latex=name)
            kinds = {"vmatrix": Kind.BARS, "Vmatrix": Kind.NORM}
            return Term(kinds[name], span, (term,)) if name in kinds else term

        if name not in MATRICES:
            raise self.unexpected(opener)
        self.emit(Type.OPEN_MATRIX, opener, build)
        end = close
        while end > begin + 1 and self.tokens[end - 1].kind is TokenKind.NEWLINE:
            end -= 1
        start = index = begin + 1
        while index <= end:
            token = self.tokens[index]
            if index == end or token.kind in (TokenKind.AMP, TokenKind.NEWLINE):
                if start == index:
                    self.empty(token.start)
                self.sequence(start, index)
                if index < end:
                    column = token.kind is TokenKind.AMP
                    self.emit(Type.COLUMN if column else Type.ROW, token)
                start = index + 1
            index = self.closing.get(index, index) + 1
        self.emit(Type.CLOSE_MATRIX, self.tokens[close])

    def command(self, index: int, end: int) -> int:
        """Append a command with arguments of its own: a fraction, a norm, a font over more."""
        token, start = self.tokens[index], len(self.out)
        names = self.names
        if token.text in FRACTIONS:
            top, bottom, after = self.fraction_ranges(index)
            self.emit(Type.FRACTION, token)
            for begin, stop in (top, bottom):
                self.emit(Type.OPEN, token)
                self.sequence(begin, stop)
                self.emit(Type.CLOSE, self.tokens[after - 1])
            return self.scripts(start, read_scripts(names, after, end))
        if token.text == "\\sqrt":
            return self.root(index, end)
        if token.text.rstrip("*") in NORM_MACROS:
            begin, stop, after = names.argument(index, index + 1)
            place = Token(TokenKind.OPEN, "\\|", token.start, token.end)
            return self.bars(place, begin, min(stop, after - 1), after, end)
        known = token.text in KNOWN_COMMANDS
        if known and index + 1 < end and self._opens(index + 1, end, "{"):
            return self.bracket(index + 1, end)  # a font over an expression, or a frame
        raise self.unexpected(token)

    def root(self, index: int, end: int) -> int:
        """Append a root, with its degree if one stands in square brackets."""
        token, start = self.tokens[index], len(self.out)
        after, degree = index + 1, []
        if self._opens(after, end, "["):
            degree = [(after + 1, self.closing[after])]
            after = self.closing[after] + 1
        begin, stop, after = self.names.argument(index, after)

        def build(args: list[Term], span: Span) -> Term:
            return Term(Kind.APPLY, span, tuple(args), "sqrt", "\\sqrt")

        self.construct(build, [(begin, stop), *degree], token, self.tokens[after - 1])
        return self.scripts(start, read_scripts(self.names, after, end))

    def fraction_ranges(self, index: int) -> tuple[tuple[int, int], tuple[int, int], int]:
        """Ranges of numerator and denominator of the fraction at ``index``, and what follows."""
        begin, end, after = self.names.argument(index, index + 1)
        second, last, stop = self.names.argument(index, after)
        return (begin, end), (second, last), stop

    def unexpected(self, token: Token) -> ParseError:
        """The error for a token that no formula has at this place."""
        written = self.latex[token.start : token.end] or token.text
        if token.kind is TokenKind.COMMAND:
            if token.text in REFUSED or token.text.startswith("\\write"):
                return UnknownCommandError(
                    f"{token.text} is not part of a formula", token.span, "take it out"
                )
            if token.text in KNOWN_COMMANDS:
                return ParseError(
                    f"{token.text} cannot stand here", token.span, "check what stands around it"
                )
            near = difflib.get_close_matches(token.text, KNOWN_COMMANDS, 1)
            hint = f"did you mean {near[0]}?" if near else "write it with commands of LaTeX"
            return UnknownCommandError(f"the command {token.text} is not known", token.span, hint)
        if token.kind is TokenKind.TEXT:
            return ParseError(
                "words inside the formula", token.span, "write them outside the formula"
            )
        if token.kind is TokenKind.OTHER:
            return UnknownCommandError(
                f"{written!r} is no operator that mdiff knows",
                token.span,
                "use + - \\cdot \\odot \\otimes / or brackets",
            )
        if token.kind in (TokenKind.SUP, TokenKind.SUB):
            return ParseError(
                f"{written} has no base", token.span, "write what it stands on before it"
            )
        return ParseError(f"{written} cannot stand here", token.span, "take it out")
