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
    superscript,
)

_PLAIN_DIVISORS = frozenset({Op.NUMBER, Op.SYMBOL, Op.DIMENSION, Op.CONSTANT})
_PLAIN_NUMERATORS = frozenset({Op.SYMBOL, Op.DIMENSION, Op.CONSTANT, Op.ENTRY, Op.SUM, Op.FUNC})


def scaled(scalars: Sequence[Expr], body: Expr | None, pieces: Mapping[Expr, Piece]) -> Piece:
    """The product of scalar factors and, unless None, of the matrix ``body`` after them."""
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
    rest = _factors(above, body, pieces)
    piece = _quotient(numbers, rest, divisors, _in_front(above, below, body, rest))
    return negated(piece) if negative else piece


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
    return base if exponent == 1 else superscript(base, f"{{{exponent}}}")


def _factors(above: list[Expr], body: Expr | None, pieces: Mapping[Expr, Piece]) -> list[Piece]:
    """The factors after the numbers; a scalar such as a^T x keeps apart from its neighbours."""
    factors = []
    for position, factor in enumerate(above):
        piece = pieces[factor]
        ends = body is None and position == len(above) - 1
        if factor.op is Op.MATMUL and not (ends and all(f.op is not Op.MATMUL for f in above[:-1])):
            piece = Piece(enclose(piece), ATOM, piece.tall)
        factors.append(piece)
    if body is not None:
        factors.append(pieces[body])
    return factors


def _in_front(above: list[Expr], below: list[Expr], body: Expr | None, rest: list[Piece]) -> bool:
    """Does the divisor stand in a fraction of its own, before the product?"""
    if not below or not rest:
        return False
    if any(piece.tall for piece in rest):
        return True
    if any(divisor.op not in _PLAIN_DIVISORS for divisor in below):
        return False
    if body is None:
        return any(factor.op not in _PLAIN_NUMERATORS for factor in above)
    return bool(above) or body.op not in _PLAIN_NUMERATORS


def _quotient(
    numbers: list[Fraction], rest: list[Piece], divisors: list[Piece], in_front: bool
) -> Piece:
    if not divisors:
        leading = [_number_piece(number) for number in numbers]
        return _before(leading, rest)
    tops = [Piece(str(number.numerator)) for number in numbers if number.numerator != 1]
    bottoms = [Piece(str(number.denominator)) for number in numbers if number.denominator != 1]
    denominator = juxtapose(bottoms + divisors).text
    if in_front:
        numerator = juxtapose(tops).text if tops else "1"
        return _before([fraction(numerator, denominator)], rest)
    whole = _before(tops, rest).text if tops or rest else "1"
    return fraction(whole, denominator)


def _number_piece(number: Fraction) -> Piece:
    if number.denominator == 1:
        return Piece(str(number))
    return fraction(str(number.numerator), str(number.denominator))


def _before(leading: list[Piece], rest: list[Piece]) -> Piece:
    """``leading`` and then ``rest``; a last factor such as A ⊙ B needs no brackets."""
    factors = leading + rest
    if not factors:
        return Piece("1")
    last = factors[-1]
    if len(factors) == 1 or not HADAMARD <= last.level < PRODUCT:
        return juxtapose(factors)
    return juxtapose([*factors[:-1], last._replace(level=PRODUCT)])._replace(level=last.level)
