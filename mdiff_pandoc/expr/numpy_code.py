"""The NumPy code of one node, given the code of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr.dims import ONE
from mdiff_pandoc.expr.functions import FUNCTIONS
from mdiff_pandoc.expr.node import Expr, Op, Symbol, Unknown
from mdiff_pandoc.expr.numpy_forms import (
    ADD,
    ATOM,
    GROUP,
    MATMUL,
    POW,
    TIMES,
    UNARY,
    Code,
    Context,
    exponent_code,
    form,
    joined,
    operand,
    tight,
)
from mdiff_pandoc.expr.numpy_special import SPECIAL
from mdiff_pandoc.expr.words import in_words


def code_of(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    """The code of a node. Raises UnsupportedError for differentials and metavariables."""
    handler = _HANDLERS.get(expr.op)
    if handler is None:
        raise UnsupportedError(f"there is no NumPy form of this operation: {in_words(expr)}")
    code = handler(expr, args, context)
    if not args:
        return code
    return code._replace(depth=1 + max(arg.depth for arg in args))


def _number(expr: Expr, _: Sequence[Code], __: Context) -> Code:
    value = expr.data
    assert isinstance(value, Fraction)
    if value.denominator == 1:
        return Code(str(value), UNARY if value < 0 else ATOM, number=value)
    decimal = repr(float(value))
    if Fraction(decimal) == value:
        return Code(decimal, UNARY if value < 0 else ATOM, number=value)
    return Code(f"{value.numerator} / {value.denominator}", TIMES, number=value)


def _dimension(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    text = context.dim(expr.data)  # type: ignore[arg-type]
    if " + " in text or " - " in text or text[0] == "-":
        return Code(text, ADD)
    return Code(text, TIMES if " " in text else ATOM)


def _constant(expr: Expr, _: Sequence[Code], __: Context) -> Code:
    return Code(f"np.{expr.data}")


def _symbol(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    data = expr.data
    assert isinstance(data, Symbol)
    places = "".join(f"[{context.index(index)}]" for index in data.indices)
    return Code(context.parameter(data, expr) + places)


def _array(maker: str) -> Callable[[Expr, Sequence[Code], Context], Code]:
    def code(expr: Expr, _: Sequence[Code], context: Context) -> Code:
        if expr.is_scalar:
            return Code("1.0")
        rows, columns = map(context.dim, expr.shape)
        return Code(f"np.{maker}({rows})" if maker == "eye" else f"np.{maker}(({rows}, {columns}))")

    return code


def _basis(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    return Code(f"np.eye({context.dim(expr.shape[0])})[:, [{context.index(expr.data)}]]")  # type: ignore[arg-type]


def _delta(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    left, right = map(context.index, expr.data)  # type: ignore[call-overload]
    return Code(f"float({left} == {right})")


def _sum(_: Expr, args: Sequence[Code], __: Context) -> Code:
    if len(args) > GROUP:
        return Code(f"sum([{', '.join(arg.text for arg in args)}])")
    parts = [args[0].text]
    for arg in args[1:]:
        text = operand(arg, TIMES, MATMUL)
        parts.append(f" - {text[1:]}" if text[0] == "-" else f" + {text}")
    return Code("".join(parts), ADD)


def _mul(_: Expr, args: Sequence[Code], __: Context) -> Code:
    value = Fraction(1)
    above: list[str] = []
    below: list[str] = []
    for arg in args:
        if arg.number is not None:
            value *= arg.number
        elif arg.divisor:
            below.append(arg.divisor)
        else:
            above.append(operand(arg))
    if value.numerator not in (1, -1) or not above:
        above.insert(0, str(abs(value.numerator)))
    if value.denominator != 1:
        below.append(str(value.denominator))
    text = joined(above, " * ")
    if below:
        text += " / " + (below[0] if len(below) == 1 else f"({joined(below, ' * ')})")
    if value < 0:
        text = "-" + text
    return Code(text, TIMES)


def _scale(_: Expr, args: Sequence[Code], __: Context) -> Code:
    coefficient, body = args
    if coefficient.number == -1:
        if body.level in (TIMES, MATMUL) and body.text[0] != "-":
            return Code("-" + body.text, body.level)
        return Code("-" + (body.text if body.level >= POW else f"({body.text})"), UNARY)
    if coefficient.divisor:
        return Code(f"{operand(body, TIMES)} / {coefficient.divisor}", TIMES)
    return Code(f"{operand(coefficient, TIMES)} * {operand(body)}", TIMES)


def _matmul(expr: Expr, args: Sequence[Code], __: Context) -> Code:
    """The chain, cut where an inner dimension is 1, so that outer products come last."""
    segments: list[str] = []
    start = 0
    for position, factor in enumerate(expr.args):
        if factor.shape[1] == ONE or position == len(args) - 1:
            chain = args[start : position + 1]
            to_vector = factor.shape[1] == ONE and expr.args[start].shape[0] != ONE
            segments.append(_segment(chain, to_vector))
            start = position + 1
    if len(segments) > 1:
        segments = [f"({text})" if " @ " in text else text for text in segments]
    text = joined(segments, " @ ")
    return Code(f"({text}).item()") if expr.is_scalar else Code(text, MATMUL)


def _segment(chain: Sequence[Code], to_vector: bool) -> str:
    """A product from the left, or from the right where that leaves only vectors to multiply."""
    texts = [operand(code) for code in chain]
    if not to_vector or not 2 < len(texts) <= GROUP:
        return joined(texts, " @ ")
    text = texts[-1]
    for factor in reversed(texts[:-1]):
        text = f"{factor} @ ({text})" if " @ " in text else f"{factor} @ {text}"
    return text


def _power(expr: Expr, args: Sequence[Code], __: Context) -> Code:
    base, exponent = args
    if expr.is_scalar or expr.op is Op.HPOWER:
        if exponent.number is not None and exponent.number < 0 and expr.is_scalar:
            positive = -exponent.number
            power = f"{tight(base)} ** {exponent_code(positive)}"
            divisor = operand(base) if positive == 1 else power
            return Code(f"1 / {divisor}", TIMES, divisor=divisor)
        if exponent.number is not None:
            return Code(f"{tight(base)} ** {exponent_code(exponent.number)}", POW)
        return Code(f"{tight(base)} ** {tight(exponent)}", POW)
    whole = exponent.number is not None and exponent.number.denominator == 1
    times = exponent.text if whole else f"int({exponent.text})"
    return Code(f"np.linalg.matrix_power({base.text}, {times})")


def _hadamard(_: Expr, args: Sequence[Code], __: Context) -> Code:
    first, *rest = args
    texts = [operand(first, TIMES), *(operand(arg) for arg in rest)]
    return Code(joined(texts, " * "), TIMES)


def _hdivide(_: Expr, args: Sequence[Code], __: Context) -> Code:
    return Code(f"{operand(args[0], TIMES)} / {operand(args[1])}", TIMES)


def _norm(expr: Expr, args: Sequence[Code], __: Context) -> Code:
    kind = expr.data
    if expr.args[0].is_scalar:
        return Code(f"abs({args[0].text})")
    if kind == "inf":
        return Code(f"np.max(np.abs({args[0].text}))")
    if not isinstance(kind, Fraction):
        order = {"*": ', "nuc"'}.get(str(kind), ", 2" if kind == "2" else "")
        return Code(f"np.linalg.norm({args[0].text}{order * (not expr.args[0].is_vector)})")
    if kind == 1:
        return Code(f"np.sum(np.abs({args[0].text}))")
    power = exponent_code(kind)
    return Code(f"np.sum(np.abs({args[0].text}) ** {power}) ** {exponent_code(1 / kind)}", POW)


def _function(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    if isinstance(expr.data, Unknown):
        return Code(f"{context.parameter(expr.data, expr)}({args[0].text})")
    text = FUNCTIONS[str(expr.data)].numpy.format(args[0].text)
    return Code(text, ATOM if text.startswith("np.") else TIMES)


def _unvec(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    rows, columns = map(context.dim, expr.shape)
    return Code(f'{tight(args[0])}.reshape({rows}, {columns}, order="F")')


def _entry(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    row, column = map(context.index, expr.data)  # type: ignore[call-overload]
    return Code(f"{tight(args[0])}[{row}, {column}]")


def _row(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    index = context.index(expr.data)  # type: ignore[arg-type]
    place = f"[{index}, 0]" if expr.is_scalar else f"[[{index}], :]"
    return Code(tight(args[0]) + place)


def _column(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    index = context.index(expr.data)  # type: ignore[arg-type]
    place = f"[0, {index}]" if expr.is_scalar else f"[:, [{index}]]"
    return Code(tight(args[0]) + place)


def _triangle(expr: Expr, args: Sequence[Code], _: Context) -> Code:
    if expr.is_scalar:
        return args[0]
    return Code(f"np.{'tril' if expr.data == 'lower' else 'triu'}({args[0].text})")


_HANDLERS: dict[Op, Callable[[Expr, Sequence[Code], Context], Code]] = {
    **SPECIAL,
    Op.NUMBER: _number,
    Op.DIMENSION: _dimension,
    Op.CONSTANT: _constant,
    Op.SYMBOL: _symbol,
    Op.IDENTITY: _array("eye"),
    Op.ONES: _array("ones"),
    Op.ZERO: _array("zeros"),
    Op.BASIS: _basis,
    Op.DELTA: _delta,
    Op.SUM: _sum,
    Op.MUL: _mul,
    Op.SCALE: _scale,
    Op.MATMUL: _matmul,
    Op.POWER: _power,
    Op.HPOWER: _power,
    Op.INVERSE: form("np.linalg.inv({})"),
    Op.TRANSPOSE: form("{}.T"),
    Op.TRACE: form("np.trace({})"),
    Op.DET: form("np.linalg.det({})"),
    Op.NORM: _norm,
    Op.HADAMARD: _hadamard,
    Op.HDIV: _hdivide,
    Op.FUNC: _function,
    Op.DIAG: form("np.diagflat({})"),
    Op.DIAGONAL: form("np.diag({}).reshape(-1, 1)"),
    Op.TRIANGLE: _triangle,
    Op.KRON: form("np.kron({}, {})"),
    Op.VEC: form('{}.reshape(-1, 1, order="F")'),
    Op.UNVEC: _unvec,
    Op.ENTRY: _entry,
    Op.ROW: _row,
    Op.COLUMN: _column,
}
