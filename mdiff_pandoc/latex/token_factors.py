"""Factors: names, calls, brackets, matrices and commands, each with its scripts."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, Span, UnsupportedError
from mdiff_pandoc.latex.grammar import Builder, Lexeme, Type
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.names import CONDITIONAL
from mdiff_pandoc.latex.notations import (
    DOTS,
    FONTS,
    FRACTIONS,
    MATRICES,
    NORM_MACROS,
    TRANSPARENT,
)
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_derivatives import derivative
from mdiff_pandoc.latex.token_emit import Emitter, unexpected
from mdiff_pandoc.latex.token_heads import apply_head, head_at
from mdiff_pandoc.latex.token_pairs import GIVEN
from mdiff_pandoc.latex.token_scripts import (
    Range,
    Scripts,
    Superscript,
    classify,
    exponential,
    read_scripts,
    scripted,
    superscript_latex,
)
from mdiff_pandoc.latex.tokens import Token, TokenKind

_PLAIN_INNER = ("", "F", "2", r"\mathrm{F}", r"\text{F}", r"\mathsf{F}", r"\mathrm F")
_FACTORS = (Type.SYMBOL, Type.POSTFIX, Type.CLOSE_GROUP)
_NOT_CALLED = frozenset(["dots", "pi", "infty", "0", "1"])


def _itself(args: list[Term], span: Span) -> Term:
    """The term of brackets that nobody wrote."""
    return args[0]


class Factors(Emitter):
    """Appends one factor with its scripts."""

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
            return self.number(index, end)
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
        raise unexpected(token, self.latex)

    def number(self, index: int, end: int) -> int:
        """Append a number; ``0_{m \\times n}`` and ``1_n`` are arrays of that size."""
        token, start = self.tokens[index], len(self.out)
        scripts = read_scripts(self.names, index + 1, end)
        term = Term(Kind.NUMBER, token.span, (), token.text, token.text)
        digit = Term(Kind.NAME, token.span, (), token.text, token.text, True)
        if token.text == "1" and self._transposed(scripts):
            term = digit
        if token.text in ("0", "1") and scripts.sub is not None:
            part = scripts.sub
            array = self.names.subscript(digit, part.begin, part.end, part.after)
            if array.kind is Kind.APPLY:
                term, scripts.sub = array, None
        self.atom(term)
        return self.scripts(start, scripts)

    def _transposed(self, scripts: Scripts) -> bool:
        """Does a 1 with these scripts stand for a vector, as in ``1^T x`` and ``(A + B) 1``?"""
        if scripts.sup is not None:
            return classify(self.names, scripts.sup).kind is Kind.TRANSPOSE
        factor = bool(self.out) and self.out[-1].type in _FACTORS
        return bool(scripts.primes) or factor

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
        callable_ = callable_ or self._is_eigenvalue(term, scripts.next, end)
        if callable_ and scripts.sup is None and self._opens(scripts.next, end, "(["):
            return self.call(term, scripts, end)
        raised = sup is not None and sup.kind is Kind.POWER and self._opens(scripts.next, end, "(")
        if callable_ and raised and self._has_several(scripts.next):
            return self.call(term, scripts, end, sup)
        plain_e = term.text == "e" and not term.bold and term.kind is Kind.NAME
        if plain_e and sup is not None and sup.kind in (Kind.POWER, Kind.INVERSE):
            if scripts.sub is not None:
                raise ParseError(
                    "a power of e has no subscript",
                    Span(term.span.start, self.tokens[scripts.next - 1].end),
                    "put the power in brackets, as in (e^A)_{ij}",
                )
            self.atom(term)
            build = exponential(term.latex)
            self.power(scripts, sup.begin, sup.end, build)
            return scripts.next
        self.atom(term)
        return self.scripts(start, scripts)

    def _is_eigenvalue(self, term: Term, index: int, end: int) -> bool:
        """Is it ``\\lambda_i(A)``, with one capital letter in the bracket?"""
        if term.kind is not Kind.INDEX or term.args[0].text != "lambda" or len(term.args) != 2:
            return False
        if not self._opens(index, end, "("):
            return False
        found = self.names.read(index + 1)
        single = found is not None and found[1] == self.closing[index] and len(found[0]) == 1
        return single and found is not None and is_capital(found[0][0].text)

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

    def _has_several(self, index: int) -> bool:
        """Are there several arguments in the bracket?"""
        return len(self.arguments(index + 1, self.closing[index])) > 1

    def call(self, term: Term, scripts: Scripts, end: int, sup: Superscript | None = None) -> int:
        """Append a name before a bracket as a call; of ``d^2(x, y)`` it is a power."""
        start, index = len(self.out), scripts.next
        primes = "'" * scripts.primes
        text, latex = term.text + primes, term.latex + primes
        close = self.closing[index]
        ranges = self.arguments(index + 1, close)
        if any(self.tokens[begin - 1].text == GIVEN for begin, _ in ranges):
            text = term.text + CONDITIONAL + primes

        def build(args: list[Term], span: Span) -> Term:
            return Term(Kind.CALL, span, tuple(args), text, latex, term.bold)

        opener = Token(TokenKind.OPEN, latex, term.span.start, term.span.end)
        self.construct(build, ranges, opener, self.tokens[close])
        if sup is not None:
            self.power(scripts, sup.begin, sup.end, sup.power)
        return self.scripts(start, read_scripts(self.names, close + 1, end))

    def scripts(self, start: int, scripts: Scripts) -> int:
        """Append the scripts of the factor whose lexemes begin at ``start``."""
        if scripts.late_primes and scripts.sub is not None:
            below, scripts.sub = scripts.sub, None
            self.emit(Type.POSTFIX, self.tokens[below.after - 1], self._indexing(below))
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
                self.emit(Type.POSTFIX, self.tokens[part.after - 1], self._indexing(part))
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
                opener = Lexeme(Type.OPEN_GROUP, "(", first.start, first.start, None, _itself)
                self.out.insert(start, opener)
                self.out.append(Lexeme(Type.CLOSE_GROUP, ")", last.end, last.end))
            self.power(scripts, sup.begin, sup.end, sup.power)
        return scripts.next

    def _indexing(self, part: Range) -> Builder:
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
            if scripts.sub is not None:
                self._plain_inner(scripts.sub)
            scripts.sub = None
            return self.scripts(start, scripts)
        for separator, between in ((",", Type.COLUMN), (";", Type.ROW)):
            ranges = self.arguments(begin, close, (separator,))
            if token.text in "([" and any(self._is_dots(*part) for part in ranges):
                self._listed(ranges, token, closer, between)
                return self.scripts(start, read_scripts(self.names, close + 1, end))
        self.emit(Type.OPEN_GROUP, token)
        self.sequence(begin, close)
        self.emit(Type.CLOSE_GROUP, closer)
        return self.scripts(start, read_scripts(self.names, close + 1, end))

    def _is_dots(self, begin: int, end: int) -> bool:
        return end == begin + 1 and self.tokens[begin].text in DOTS

    def _listed(
        self, ranges: list[tuple[int, int]], opener: Token, closer: Token, between: int
    ) -> None:
        r"""Append the row :math:`(x_1, \dots, x_n)`, or the column ``[x_1; …; x_n]``."""
        written = opener.text if between == Type.COLUMN else ""

        def build(rows: list[Term], span: Span) -> Term:
            return Term(Kind.MATRIX, span, tuple(rows), latex=written)

        self.emit(Type.OPEN_MATRIX, opener, build)
        for place, (begin, end) in enumerate(ranges):
            if place:
                self.emit(between, self.tokens[begin - 1])
            self.sequence(begin, end)
        self.emit(Type.CLOSE_MATRIX, closer)

    def _plain_inner(self, sub: Range) -> None:
        """Raise UnsupportedError for an inner product that is weighted by what stands below it."""
        first, last = self.tokens[sub.begin], self.tokens[sub.end - 1]
        if self.latex[first.start : last.end].strip() not in _PLAIN_INNER:
            raise UnsupportedError(
                "an inner product with this subscript is not read",
                Span(self.tokens[sub.sign].start, last.end),
                "write the matrix into it, as in x^\\top A y",
            )

    def bars(self, token: Token, begin: int, close: int, after: int, end: int) -> int:
        """Append ``|…|`` or a norm, whose subscript says which one."""
        start, closer = len(self.out), self.tokens[close]
        scripts = read_scripts(self.names, after, end)
        text = ""
        if scripts.sub is not None:
            part = scripts.sub
            if any(t.text == "," for t in self.tokens[part.begin : part.end]):
                raise UnsupportedError(
                    "mixed norms, with two subscripts, are not supported",
                    Span(self.tokens[part.sign].start, self.tokens[part.after - 1].end),
                    "known are \\|x\\|, \\|x\\|_2, \\|X\\|_F and \\|x\\|_p for a number p ≥ 1",
                )
            first = self.tokens[part.begin]
            single = part.end == part.begin + 1 and first.kind is TokenKind.NUMBER
            label = first.text if single else self.names.label(part.begin, part.end)
            text = {"infty": "inf", "asterisk": "nuc"}.get(label, label)
            last = self.tokens[part.after - 1]
            closer = Token(closer.kind, closer.text, closer.start, last.end)
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
            raise unexpected(opener, self.latex)
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
                self.emit(Type.OPEN, self.tokens[begin - (begin == stop)])
                self.sequence(begin, stop)
                self.emit(Type.CLOSE, self.tokens[stop - (begin != stop)])
            return self.scripts(start, read_scripts(names, after, end))
        if token.text == "\\sqrt":
            return self.root(index, end)
        if token.text.rstrip("*") in NORM_MACROS:
            begin, stop, after = names.argument(index, index + 1)
            place = Token(TokenKind.OPEN, "\\|", token.start, token.end)
            return self.bars(place, begin, min(stop, after - 1), after, end)
        if token.text in FONTS | TRANSPARENT and self._opens(index + 1, end, "{"):
            return self.bracket(index + 1, end)  # a font over an expression, or a frame
        raise unexpected(token, self.latex)

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
