"""Derivatives and differentials in all the ways that authors write them."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, Span, UnsupportedError
from mdiff_pandoc.latex.grammar import Builder, Type
from mdiff_pandoc.latex.notations import (
    ACCENTS,
    ARROWS,
    DERIVATIVE_MACROS,
    FONTS,
    FRACTIONS,
    GREEK,
    INDEX_LETTERS,
)
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_emit import Emitter
from mdiff_pandoc.latex.token_heads import Prefix
from mdiff_pandoc.latex.token_scripts import Range, classify, read_scripts
from mdiff_pandoc.latex.tokens import Token, TokenKind

Bounds = tuple[int, int]


class _Parts(Struct, frozen=True):
    """A derivative taken apart: ``style`` is ``partial`` or ``d``."""

    style: str
    order: int
    operand: Bounds | None
    variables: tuple[Bounds, ...]


def builder(style: str, order: int, latex: str, *, operand_last: bool) -> Builder:
    """The builder of a DERIVATIVE. A transpose after ``\\nabla f(x)`` is one of the gradient."""
    text = style + (str(order) if order > 1 else "")

    def build(args: list[Term], span: Span) -> Term:
        ordered = [args[-1], *args[:-1]] if operand_last else args
        operand = ordered[0]
        scripted = operand.kind in (Kind.TRANSPOSE, Kind.INDEX) and bool(operand.args)
        if len(ordered) == 1 and scripted and operand.args[0].kind is Kind.CALL:
            inner = Term(Kind.DERIVATIVE, span, (operand.args[0],), text, latex)
            return replace(operand, span=span, args=(inner, *operand.args[1:]))
        return Term(Kind.DERIVATIVE, span, tuple(ordered), text, latex)

    return build


def marker(fold: Emitter, index: int, end: int) -> str:
    """``partial`` or ``d`` when such a sign stands at ``index``, else an empty string."""
    if index >= end:
        return ""
    token = fold.tokens[index]
    if token.text == "\\partial":
        return "partial"
    letter = (TokenKind.LETTER, TokenKind.WORD, TokenKind.TEXT)
    return "d" if token.text == "d" and token.kind in letter else ""


def derivative_prefix(fold: Emitter, index: int, end: int, at_start: bool) -> Prefix | None:
    """A derivative operator whose operand follows it."""
    token = fold.tokens[index]
    if token.text == "\\nabla":
        return _subscripted(fold, index, end, "nabla")
    if token.kind in (TokenKind.WORD, TokenKind.TEXT) and token.text in _NAMED:
        style, order = _NAMED[token.text]
        return _subscripted(fold, index, end, style, order)
    follower = fold.tokens[index + 1] if index + 1 < end else None
    if token.text == "\\partial" and follower is not None and follower.text in ("_", "^"):
        scripts = read_scripts(fold.names, index + 1, end)
        return _subscripted(fold, index, end, "subscript") if scripts.sub is not None else None
    if token.text == "D" and follower is not None and follower.kind is TokenKind.SUB:
        return _capital_d(fold, index, end, at_start)
    if token.text in FRACTIONS:
        top, bottom, after = fold.fraction_ranges(index)
        parts = _take_apart(fold, top, bottom)
        if parts is not None and parts.operand is None:
            return _operator(fold, index, after, parts)
    if token.text in DERIVATIVE_MACROS and follower is not None:
        begin, stop, after = fold.names.argument(index, index + 1)
        if not (after < end and fold.tokens[after].text == "{"):
            parts = _Parts(DERIVATIVE_MACROS[token.text], 1, None, ((begin, stop),))
            return _operator(fold, index, after, parts)
    return None


def _operator(fold: Emitter, index: int, after: int, parts: _Parts) -> Prefix:
    latex = fold.names.written(index, after)
    build = builder(f"{parts.style}-operator", parts.order, latex, operand_last=True)
    return Prefix("derivative", fold.tokens[index], after, build, parts.variables)


_NAMED = {
    "grad": ("nabla", 1),
    "Hess": ("hessian", 2),
    "Hessian": ("hessian", 2),
    "Jac": ("jacobian", 1),
    "Jacobian": ("jacobian", 1),
}


def _subscripted(fold: Emitter, index: int, end: int, style: str, order: int = 1) -> Prefix:
    """``\\nabla_X``, ``\\nabla^2_x``, ``\\partial_X``; ``\\nabla_X^T`` transposes the result."""
    token = fold.tokens[index]
    scripts = read_scripts(fold.names, index + 1, end)
    outer = None
    if scripts.sup is not None:
        if classify(fold.names, scripts.sup).kind is Kind.TRANSPOSE:
            outer = scripts
        else:
            order = _order(fold, scripts.sup)
    variables: list[Bounds] = []
    if scripts.sub is not None:
        variables = fold.arguments(scripts.sub.begin, scripts.sub.end)
    build = builder(style, order, fold.names.written(index, scripts.next), operand_last=True)
    single = not variables and _is_call(fold, scripts.next, end)
    return Prefix("derivative", token, scripts.next, build, variables, single=single, scripts=outer)


def _is_call(fold: Emitter, index: int, end: int) -> bool:
    found = fold.names.read(index) if index < end else None
    return found is not None and found[1] < end and fold.tokens[found[1]].text in ("(", "[")


def _capital_d(fold: Emitter, index: int, end: int, at_start: bool) -> Prefix | None:
    """``D_X f`` at the beginning of a side; elsewhere D is a name."""
    scripts = read_scripts(fold.names, index + 1, end)
    part = scripts.sub
    if part is None or not at_start or scripts.sup is not None or scripts.next >= end:
        return None
    variable = fold.names.read(part.begin)
    whole = variable is not None and variable[1] == part.end and len(variable[0]) == 1
    if not whole or fold.tokens[part.begin].text in INDEX_LETTERS:
        return None
    kind = fold.tokens[scripts.next].kind
    starts = (TokenKind.LETTER, TokenKind.COMMAND, TokenKind.WORD, TokenKind.TEXT, TokenKind.OPEN)
    return _subscripted(fold, index, end, "subscript") if kind in starts else None


def _order(fold: Emitter, part: Range) -> int:
    texts = [token.text for token in fold.tokens[part.begin : part.end]]
    if len(texts) == 1 and texts[0].isdigit() and 1 <= int(texts[0]) <= 9:
        return int(texts[0])
    place = Span(fold.tokens[part.sign].start, fold.tokens[part.after - 1].end)
    raise UnsupportedError("the order of a derivative is a number", place, "write ^2")


def derivative(fold: Emitter, index: int, end: int) -> int | None:
    """Append a derivative with its operand in it, or a differential; the index after it."""
    token = fold.tokens[index]
    if token.text in FRACTIONS:
        top, bottom, after = fold.fraction_ranges(index)
        parts = _take_apart(fold, top, bottom)
        return _append(fold, index, after, parts) if parts is not None else None
    if token.text in DERIVATIVE_MACROS:
        begin, stop, after = fold.names.argument(index, index + 1)
        second, last, after = fold.names.argument(index, after)
        style = DERIVATIVE_MACROS[token.text]
        return _append(fold, index, after, _Parts(style, 1, (begin, stop), ((second, last),)))
    if not marker(fold, index, end) or index + 1 >= end:
        return None
    return _inline(fold, index, end) or _differential(fold, index, end)


def _append(fold: Emitter, index: int, after: int, parts: _Parts) -> int:
    latex = fold.names.written(index, after)
    build = builder(f"{parts.style}-fraction", parts.order, latex, operand_last=False)
    assert parts.operand is not None  # without one it is an operator, found before
    opener, closer = fold.tokens[index], fold.tokens[after - 1]
    fold.construct(build, [parts.operand, *parts.variables], opener, closer)
    return after


def _take_apart(fold: Emitter, top: Bounds, bottom: Bounds) -> _Parts | None:
    """The parts of a fraction that is a derivative; None for any other fraction."""
    style = marker(fold, *top)
    if not style or marker(fold, *bottom) != style:
        return None
    start, order = top[0] + 1, 1
    if start < top[1] and fold.tokens[start].kind is TokenKind.SUP:
        part = Range(start, *fold.names.argument(start, start + 1))
        order, start = _order(fold, part), part.after
    found = _variables(fold, style, bottom, order)
    if found is None:
        return None
    if order == 1:
        order = len(found)
    if len(found) != order:
        place = Span(fold.tokens[bottom[0]].start, fold.tokens[bottom[1] - 1].end)
        raise ParseError(
            f"a derivative of order {order} by {len(found)} variable(s)",
            place,
            "name as many variables as the order says",
        )
    operand = (start, top[1]) if start < top[1] else None
    return _Parts(style, order, operand, tuple(found))


def _variables(fold: Emitter, style: str, bottom: Bounds, order: int) -> list[Bounds] | None:
    index, end = bottom
    found: list[Bounds] = []
    while index < end:
        if marker(fold, index, end) != style or index + 1 >= end:
            return None
        begin = stop = index + 1
        if style == "d" and not _begins_name(fold, begin):
            return None
        while stop < end and not (stop > begin and marker(fold, stop, end) == style):
            if fold.tokens[stop].kind in (TokenKind.OPERATOR, TokenKind.RELATION):
                return None
            stop = fold.closing.get(stop, stop) + 1
        index = stop
        repeat = 1
        if order > 1:
            stop, repeat = _repeated(fold, begin, stop)
        found.extend([(begin, stop)] * repeat)
    return found


def _repeated(fold: Emitter, begin: int, end: int) -> tuple[int, int]:
    """``x^2`` in the denominator of a second derivative: the end of x, and 2."""
    index = begin
    while index < end:
        if fold.tokens[index].kind is TokenKind.SUP:
            first, last, after = fold.names.argument(index, index + 1)
            text = fold.tokens[first].text
            if after == end and last == first + 1 and text.isdigit() and int(text) <= 9:
                return index, int(text)
        index = fold.closing.get(index, index) + 1
    return end, 1


def _begins_name(fold: Emitter, index: int) -> bool:
    token = fold.tokens[index]
    return token.kind in (TokenKind.LETTER, TokenKind.COMMAND, TokenKind.WORD) or token.text in (
        "(",
        "{",
    )


def _inline(fold: Emitter, index: int, end: int) -> int | None:
    """``\\partial f/\\partial X`` and ``df/dx``."""
    style = marker(fold, index, end)
    start, order = index + 1, 1
    if fold.tokens[start].kind is TokenKind.SUP:
        part = Range(start, *fold.names.argument(start, start + 1))
        start = part.after
    slash = _slash(fold, start, end, style)
    if slash >= end or slash == start or marker(fold, slash + 1, end) != style:
        return None
    first = slash + 2
    if first >= end or not _begins_name(fold, first):
        return None
    if start > index + 1:
        order = _order(fold, part)
    last = read_scripts(fold.names, fold.names.unit_end(first), end).next
    stop, repeat = _repeated(fold, first, last) if order > 1 else (last, 1)
    if repeat != order:
        place = Span(fold.tokens[slash].start, fold.tokens[last - 1].end)
        raise ParseError("the orders do not agree", place, "write \\frac{…}{…} in full")
    parts = _Parts(style, order, (start, slash), ((first, stop),) * order)
    return _append(fold, index, last, parts)


def _slash(fold: Emitter, start: int, end: int, style: str) -> int:
    """The index of the slash of an inline derivative, or ``end``; after d one name comes first."""
    if style == "d":
        found = fold.names.read(start) if start < end else None
        if found is None:
            return end
        after = read_scripts(fold.names, found[1], end).next
        after = fold.closing.get(after, after - 1) + 1
        return after if after < end and fold.tokens[after].text == "/" else end
    stops = (TokenKind.OPERATOR, TokenKind.RELATION, TokenKind.PUNCT)
    index = start
    while index < end and fold.tokens[index].text != "/":
        if fold.tokens[index].kind in stops or marker(fold, index, end) == style:
            return end
        index = fold.closing.get(index, index) + 1
    return index


def _differential(fold: Emitter, index: int, end: int) -> int | None:
    """``dX``, ``\\mathrm{d}X``: the sign before one factor with its scripts."""
    token, follower = fold.tokens[index], fold.tokens[index + 1]
    if token.kind is TokenKind.LETTER and not _touches(fold, index):
        return None
    unit = (TokenKind.LETTER, TokenKind.COMMAND, TokenKind.WORD, TokenKind.TEXT)
    if follower.kind not in unit and not (
        follower.text in ("(", "[", "{") and token.kind is not TokenKind.LETTER
    ):
        return None
    written = fold.latex[token.start : token.end]

    def build(args: list[Term], span: Span) -> Term:
        return Term(Kind.DIFFERENTIAL, span, tuple(args), latex=written)

    fold.enter(token)
    fold.emit(Type.APPLY, token, build)
    fold.emit(Type.OPEN, token)
    after = fold.factor(index + 1, end)
    fold.emit(Type.CLOSE, fold.tokens[after - 1])
    fold.leave()
    return after


def _touches(fold: Emitter, index: int) -> bool:
    """Is this d written directly before a name, and not the end of a word?"""
    token, follower = fold.tokens[index], fold.tokens[index + 1]
    before: Token | None = fold.tokens[index - 1] if index else None
    if before is not None and before.kind is TokenKind.LETTER and before.end == token.start:
        return before.text.isupper() and follower.text.isupper()
    if follower.start > token.end or follower.text == "d":
        return False
    if follower.kind is TokenKind.COMMAND:
        text = follower.text
        return text in FONTS or text in ACCENTS or text in ARROWS or text in GREEK
    return follower.kind is TokenKind.LETTER
