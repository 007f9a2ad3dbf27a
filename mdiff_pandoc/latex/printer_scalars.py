"""Products with scalar factors: signs and numbers in front, divisors under a fraction bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.latex.printer_piece import (
    ATOM,
    HADAMARD,
    PRODUCT,
    Piece,
    enclose,
    fraction,
    juxtapose,
    negated,
    powered,
)

_PLAIN = frozenset({Op.NUMBER, Op.SYMBOL, Op.DIMENSION, Op.CONSTANT})
_PLAIN_NUMERATORS = _PLAIN | {Op.ENTRY, Op.SUM, Op.FUNC}


def scaled(scalars: Sequence[Expr], body: Expr | None, pieces: Mapping[Expr, Piece]) -> Piece:
    """The product of scalar factors and, unless None, of the matrix ``body`` after them.

    The differential of a scalar symbol stands last, as in ``A dt``.
    """
    steps = [factor for factor in scalars if factor.op is Op.DIFF and not factor.args[0].args]
    last = steps[0] if steps and body is not None else None
    scalars = [factor for factor in scalars if factor is not last]
    if not any(factor.has_diff for factor in scalars):
        scalars = _together(sorted(scalars, key=lambda factor: factor.op is Op.FUNC))
    negative = False
    numbers: list[Fraction] = []
    above: list[Expr] = []
    below: list[Expr] = []
    divisors: list[Piece] = []
    for factor in scalars:
        value = _number(factor)
        if value is not None:
            negative ^= value < 0
            if abs(value) != 1:
                numbers.append(abs(value))
            continue
        exponent = _number(factor.args[1]) if factor.op is Op.POWER else None
        if exponent is not None and exponent < 0:
            base = factor.args[0]
            parts = base.args if base.op is Op.MUL and exponent == -1 else (base,)
            below.extend(parts)
            divisors.extend(_divisor(pieces[part], -exponent) for part in parts)
        else:
            above.append(factor)
    inside = _numerator(numbers, above, below, body, pieces)
    if inside is None:
        piece = _before([_number_piece(number) for number in numbers], above, body, pieces)
    else:
        tops = [Piece(str(number.numerator)) for number in numbers if number.numerator != 1]
        bottoms = [Piece(str(number.denominator)) for number in numbers if number.denominator != 1]
        within = body if body in inside else None
        top = _before(tops, [factor for factor in inside if factor is not body], within, pieces)
        front = fraction(top.text, juxtapose(bottoms + divisors).text)
        outside = [factor for factor in above if factor not in inside]
        piece = _before([front], outside, None if within else body, pieces)
    if last is not None:
        piece = juxtapose([piece, pieces[last]])
    return negated(piece) if negative else piece


def _together(scalars: list[Expr]) -> list[Expr]:
    """The factors, those of a ``σ(t)(1 − σ(t))`` next to each other."""
    ordered = list(scalars)
    for value in scalars:
        if value.op is Op.FUNC:
            rests = [other for other in ordered if other.op is Op.SUM and _has_term(other, value)]
            for rest in rests[:1]:
                ordered.remove(rest)
                ordered.insert(ordered.index(value) + 1, rest)
    return ordered


def _has_term(total: Expr, value: Expr) -> bool:
    return any(value in (term, *term.args) and term.op in (Op.FUNC, Op.MUL) for term in total.args)


def _numerator(
    numbers: list[Fraction],
    above: list[Expr],
    below: list[Expr],
    body: Expr | None,
    pieces: Mapping[Expr, Piece],
) -> list[Expr] | None:
    """The factors that stand over the fraction bar; the others follow it. None: there is no bar."""
    plain = [factor for factor in above if factor.op in _PLAIN]
    factors = above if body is None else [*above, body]
    if not below:
        halved = len(numbers) == 1 and numbers[0].denominator != 1
        return plain if halved and plain and len(plain) < len(factors) else None
    tall = any(pieces[factor].tall for factor in factors)
    if all(divisor.op in _PLAIN for divisor in below):
        if len(factors) == 1 and factors[0].op in _PLAIN_NUMERATORS and not tall:
            return factors
        return plain
    if any(pieces[factor].tall for factor in above):
        return []
    return above or ([] if tall else factors)


def exponent_latex(exponent: Expr, piece: Piece) -> str:
    """An exponent; fractions are set on one line."""
    value = _number(exponent)
    return piece.text if value is None else str(value)


def _number(expr: Expr) -> Fraction | None:
    """The value of a number, or of a number to an integer power below zero."""
    if expr.op is Op.NUMBER and isinstance(expr.data, Fraction):
        return expr.data
    if expr.op is Op.POWER and expr.args[0].op is Op.NUMBER and expr.args[0].data != 0:
        base, exponent = expr.args[0].data, expr.args[1].data
        if isinstance(base, Fraction) and exponent == -1 and expr.args[1].op is Op.NUMBER:
            return 1 / base
    return None


def _divisor(base: Piece, exponent: Fraction) -> Piece:
    return base if exponent == 1 else powered(base, exponent)


def _number_piece(number: Fraction) -> Piece:
    if number.denominator == 1:
        return Piece(str(number))
    return fraction(str(number.numerator), str(number.denominator))


def _before(
    leading: list[Piece], above: list[Expr], body: Expr | None, pieces: Mapping[Expr, Piece]
) -> Piece:
    """``leading``, then scalars, then ``body``; a last factor such as A ⊙ B needs no brackets.

    A scalar such as a^T x is bracketed beside others of its kind and beside matrices.
    """
    factors = list(leading)
    for position, factor in enumerate(above):
        piece = pieces[factor]
        ends = body is None and position == len(above) - 1
        if factor.op is Op.MATMUL and not (ends and all(f.op is not Op.MATMUL for f in above[:-1])):
            piece = Piece(enclose(piece), ATOM, piece.tall)
        factors.append(piece)
    if body is not None:
        factors.append(pieces[body])
    if not factors:
        return Piece("1")
    last = factors[-1]
    if len(factors) == 1 or not HADAMARD <= last.level < PRODUCT:
        return juxtapose(factors)
    return juxtapose([*factors[:-1], last._replace(level=PRODUCT)])._replace(level=last.level)
