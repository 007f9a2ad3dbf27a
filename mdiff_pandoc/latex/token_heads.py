"""Heads: functions, traces and sums, with or without brackets, and how far each one reaches."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct, field

from mdiff_pandoc.errors import ParseError, Span, UnsupportedError
from mdiff_pandoc.latex.dots import UNIT
from mdiff_pandoc.latex.grammar import Builder, Lexeme, Type
from mdiff_pandoc.latex.notations import (
    BARE_HEADS,
    DOTS,
    ENDS_OPERAND,
    HEAD_COMMANDS,
    HEADS,
    INVERSES,
    SPACED_HEADS,
)
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_emit import Emitter
from mdiff_pandoc.latex.token_scripts import (
    Range,
    Scripts,
    classify,
    read_scripts,
    superscript_latex,
)
from mdiff_pandoc.latex.tokens import Token, TokenKind
from mdiff_pandoc.patterns import regex

_FIRST_LETTERS = frozenset(word[0] for word in BARE_HEADS)
_BY_LENGTH = sorted(BARE_HEADS, key=len, reverse=True)
_BRACKETS = frozenset(["(", "[", "{", "\\{"])
_SEVERAL = frozenset(["max", "min", "unvec", "diag", "Diag", "blkdiag"])
_BARS = frozenset(["|", "||", "\\|"])


class Prefix(Struct):
    """A head whose operand has no brackets of its own.

    ``leading`` are the arguments before the operand (variables, bounds), None for an empty one;
    ``next`` is the index where the operand begins; ``single``: the operand is one factor;
    ``over_product``: it runs on over ``\\odot``, ``\\cdot``; ``scripts``: a superscript of the
    head, for the result.
    """

    kind: str  # "function", "trace", "sum" or "derivative"
    token: Token
    next: int
    build: Builder
    leading: Sequence[tuple[int, int] | None] = field(default_factory=tuple)
    over_product: bool = True
    single: bool = False
    scripts: Scripts | None = None

    def open(self, fold: Emitter) -> None:
        """Append what stands before the operand."""
        fold.emit(Type.OPEN_LIST if self.leading else Type.APPLY, self.token, self.build)
        if not self.leading:
            fold.emit(Type.OPEN, self.token)
        for bounds in self.leading:
            if bounds is None:
                fold.empty(self.token.end)
            else:
                fold.sequence(*bounds)
            fold.emit(Type.COLUMN, self.token)

    def close(self, fold: Emitter, place: int) -> None:
        """Append what stands after the operand."""
        kind = Type.CLOSE_LIST if self.leading else Type.CLOSE
        place = fold.out[-1].end or place
        fold.out.append(Lexeme(kind, self.token.text, place, place))
        if self.scripts is not None:
            head_superscript(fold, self.scripts)

    def without_operand(self, fold: Emitter, place: int) -> None:
        """Append EMPTY for the operand of a derivative; others raise ParseError."""
        if self.kind != "derivative" or fold.out[-1].type in (Type.ADD, Type.SUB, Type.TIMES):
            written = fold.latex[self.token.start : self.token.end]
            raise ParseError(
                f"{written} has no argument", self.token.span, "write what it acts on after it"
            )
        fold.empty(place)

    def stops_at(self, boundary: str) -> bool:
        """Does a head of kind ``boundary`` end the operand?"""
        if self.kind == "trace":
            return boundary in ENDS_OPERAND
        if self.kind == "function" or self.kind in ENDS_OPERAND:
            return True
        return self.kind == boundary == "derivative"


class HeadUse(Struct, frozen=True):
    """A head in the text: its canonical name, scripts, and the index of what follows it."""

    name: str
    token: Token
    scripts: Scripts
    latex: str

    @property
    def boundary(self) -> str:
        """Its kind, for `Prefix.stops_at`."""
        return self.name if self.name in ENDS_OPERAND else "function"


def head_use(fold: Emitter, index: int, end: int) -> HeadUse | None:
    """The head that stands at ``index``."""
    token = fold.tokens[index]
    after = index + 1
    if token.kind in (TokenKind.WORD, TokenKind.TEXT):
        word = token.text.replace(" ", "")
        word = word if word in HEADS else ""
    elif token.kind is TokenKind.COMMAND:
        word = token.text[1:] if token.text in HEAD_COMMANDS else ""
    elif token.kind is TokenKind.LETTER and token.text in _FIRST_LETTERS:
        word, after = _bare(fold, index, end)
    else:
        return None
    if not word:
        return None
    scripts = read_scripts(fold.names, after, end)
    name = HEADS[word]
    place = Token(token.kind, word, token.start, fold.tokens[after - 1].end)
    written = fold.latex[place.start : place.end]
    if scripts.sup is not None and name in INVERSES:
        inverse = classify(fold.names, scripts.sup).kind is Kind.INVERSE
        if inverse:
            name, scripts.sup = INVERSES[name], None
            written = fold.names.written(index, scripts.next)
    return HeadUse(name, place, scripts, written)


def _bare(fold: Emitter, index: int, end: int) -> tuple[str, int]:
    """A head written in plain letters, ``tr(`` or ``tr A``, and the index after it."""
    letters = fold.tokens[index].text
    stop, spaced = index + 1, False
    while stop < end and fold.tokens[stop].kind is TokenKind.LETTER and len(letters) < 12:
        gap = fold.latex[fold.tokens[stop - 1].end : fold.tokens[stop].start]
        if gap and not re.fullmatch(r"\s*\\[,!;:]\s*", gap):
            break
        spaced = spaced or bool(gap)
        letters += fold.tokens[stop].text
        stop += 1
    for word in _BY_LENGTH:
        if not letters.startswith(word) or (spaced and word not in SPACED_HEADS):
            continue
        after = index + len(word)
        if after < end and fold.tokens[after].text in ("(", "[", "\\{"):
            return word, after
        alone = letters == word and not _joined(fold, index)
        if alone and after < end and fold.tokens[after].start > fold.tokens[after - 1].end:
            follower = fold.tokens[after]
            if follower.kind in (TokenKind.LETTER, TokenKind.COMMAND) or follower.text in _BARS:
                return word, after
    return "", index


def _joined(fold: Emitter, index: int) -> bool:
    before = fold.tokens[index - 1] if index else None
    return (
        before is not None
        and before.kind is TokenKind.LETTER
        and before.end == fold.tokens[index].start
    )


def head_at(fold: Emitter, index: int, end: int) -> HeadUse | None:
    """A head at ``index`` whose argument stands in brackets."""
    use = head_use(fold, index, end)
    if use is None or use.scripts.next >= end:
        return None
    follower = fold.tokens[use.scripts.next]
    bracketed = follower.kind is TokenKind.OPEN and follower.text in _BRACKETS
    return use if bracketed else None


def apply_head(fold: Emitter, use: HeadUse) -> int:
    """Append a head with its bracketed argument; the index after the bracket.

    Raises ParseError where a script after an invisible brace could belong to either.
    """
    index = use.scripts.next
    close = fold.closing[index]
    ranges = fold.arguments(index + 1, close)
    after = close + 1
    if fold.tokens[index].text == "{" and after < len(fold.tokens):
        follower = fold.tokens[after]
        if follower.kind in (TokenKind.SUP, TokenKind.PRIME):
            raise ParseError(
                f"does this belong to {use.latex} or to its argument?",
                follower.span,
                "put the argument, or the whole, in round brackets",
            )
    dots = use.name not in ("diag", "Diag") and any(
        token.text in DOTS for token in fold.tokens[index:close]
    )
    if len(ranges) > 1 and (use.name not in _SEVERAL or dots) and not use.scripts.primes:
        raise ParseError(
            f"{use.latex} takes one argument",
            Span(fold.tokens[index].start, fold.tokens[close].end),
            _one_argument(fold, use, index, close),
        )
    base = _log_base(fold, use)
    build = head_builder(use, reverse=False)
    fold.construct(build, [*ranges, *base], use.token, fold.tokens[close])
    head_superscript(fold, use.scripts)
    return after


_ENTRIES = regex(r"\s*([^\s,]+?)\s*_\s*\{?1\}?\s*,.*_\s*\{?(\w+)\}?\s*", re.S)


def _one_argument(fold: Emitter, use: HeadUse, index: int, close: int) -> str:
    """A hint: the entries ``a_1, …, a_d`` make up the vector a."""
    written = fold.latex[fold.tokens[index].end : fold.tokens[close].start]
    entries = _ENTRIES.fullmatch(written)
    if entries is None:
        return "give it one argument"
    name, size = entries.groups()
    return rf"write {use.latex}({name}) and declare {name} \in \mathbb{{R}}^{size}"


def head_superscript(fold: Emitter, scripts: Scripts) -> None:
    """Append a superscript of a head, ``\\log^2``, after its argument."""
    if scripts.sup is None:
        return
    sup = classify(fold.names, scripts.sup)
    if sup.kind in (Kind.POWER, Kind.INVERSE) and not sup.star and not sup.bracket:
        fold.power(scripts, sup.begin, sup.end, sup.power or _power)
        return
    token = fold.tokens[scripts.sup.after - 1]
    if sup.star or sup.bracket:
        raise ParseError("this superscript is not read on a function", token.span, "leave it out")
    fold.emit(Type.POSTFIX, token, sup.postfix(superscript_latex(fold.names, scripts.sup)))


def _power(args: list[Term], span: Span) -> Term:
    return Term(Kind.POWER, span, tuple(args))


def _log_base(fold: Emitter, use: HeadUse) -> list[tuple[int, int]]:
    """The base of a logarithm, or the shape that a vector is to take."""
    sub = use.scripts.sub
    if sub is None:
        return []
    if use.name == "unvec":
        sizes = fold.arguments(sub.begin, sub.end, (",", ";", "\\times"))
        if len(sizes) == 2:
            return sizes
    if use.name != "log":
        raise UnsupportedError(
            f"a subscript of {use.latex} is not read", use.token.span, "leave the subscript out"
        )
    return [(sub.begin, sub.end)]


def head_builder(use: HeadUse, *, reverse: bool) -> Builder:
    """The builder of an application; a logarithm to a base becomes a quotient.

    With ``reverse`` the base comes before the argument.
    """
    name, latex = use.name, use.latex

    def application(args: list[Term], span: Span) -> Term:
        return Term(Kind.APPLY, span, tuple(args), name, latex)

    def quotient(args: list[Term], span: Span) -> Term:
        logs = [application([arg], span) for arg in (args[::-1] if reverse else args)]
        return Term(Kind.DIVIDE, span, tuple(logs), "frac")

    def call(args: list[Term], span: Span) -> Term:
        primes = "'" * use.scripts.primes
        return Term(Kind.CALL, span, tuple(args), name + primes, latex + primes)

    if use.scripts.primes:
        return call

    def reshaped(args: list[Term], span: Span) -> Term:
        return application([args[-1], *args[:-1]] if reverse else args, span)

    if name == "unvec":
        return reshaped
    return quotient if use.scripts.sub is not None else application


def head_prefix(fold: Emitter, index: int, end: int) -> Prefix | None:
    """A head at ``index`` whose argument has no brackets."""
    use = head_use(fold, index, end)
    if use is None:
        return None
    after = use.scripts.next
    product = use.name == "trace"
    return Prefix(
        use.boundary,
        use.token,
        after,
        head_builder(use, reverse=True),
        _log_base(fold, use),
        product,
        not product and _closed_unit(fold, after, end),
        use.scripts,
    )


def _closed_unit(fold: Emitter, index: int, end: int) -> bool:
    """Does a factor begin here whose brackets show where it ends?"""
    if index >= end:
        return False
    token = fold.tokens[index]
    if token.kind is TokenKind.OPEN and token.text in _BARS:
        return True
    if head_at(fold, index, end) is not None:
        return True
    found = fold.names.read(index)
    if found is None or found[1] >= end:
        return False
    return fold.tokens[found[1]].text in ("(", "[")


def sum_prefix(fold: Emitter, index: int, end: int) -> Prefix:
    r"""The head ``\sum`` or ``\prod`` with its indices and bounds.

    :math:`\prod_i a_i` is the determinant of the diagonal matrix with these entries. Raises
    UnsupportedError for other ranges, and for a product over several indices.
    """
    token = fold.tokens[index]
    scripts = read_scripts(fold.names, index + 1, end)
    place = Span(token.start, fold.tokens[scripts.next - 1].end)
    indices, lowers = [], []
    if scripts.sub is not None:
        for begin, stop in fold.arguments(scripts.sub.begin, scripts.sub.end):
            name, lower = _index_range(fold, begin, stop)
            indices.append(name)
            lowers.append(lower)
    product = token.text == "\\prod"
    if not indices or not all(indices) or (product and len(indices) > 1):
        raise UnsupportedError(
            f"this {'product' if product else 'sum'} has no index that mdiff reads",
            place,
            rf"write {token.text}_{{i=1}}^{{n}}",
        )
    common = lowers[-1] if lowers[:-1] == [None] * (len(lowers) - 1) else None
    bounds: list[tuple[int, int] | None] = []
    for lower in lowers:
        bounds += [lower or common, _range(scripts.sup)]
    written = fold.latex[place.start : place.end]

    def build(args: list[Term], span: Span) -> Term:
        body = args[-1]
        if product:
            letter = Term(Kind.NAME, span, (), indices[0], indices[0])
            unit = Term(Kind.INDEX, span, (Term(Kind.EMPTY, span, (), UNIT), letter))
            body = Term(Kind.PRODUCT, span, (body, unit))
        for position in reversed(range(len(indices))):
            low, high = args[2 * position : 2 * position + 2]
            body = Term(Kind.INDEX_SUM, span, (body, low, high), indices[position], written)
        return Term(Kind.APPLY, span, (body,), "prod", token.text) if product else body

    return Prefix("sum", token, scripts.next, build, bounds)


def _range(part: Range | None) -> tuple[int, int] | None:
    return (part.begin, part.end) if part is not None else None


def _index_range(fold: Emitter, begin: int, end: int) -> tuple[str, tuple[int, int] | None]:
    found = fold.names.read(begin) if begin < end else None
    if found is None or len(found[0]) != 1:
        return "", None
    [term], after = found
    text = term.text
    while after < end and fold.tokens[after].kind is TokenKind.PRIME:
        text, after = text + "'", after + 1
    if after == end:
        return text, None
    if fold.tokens[after].text != "=" or after + 1 == end:
        return "", None
    return text, (after + 1, end)
