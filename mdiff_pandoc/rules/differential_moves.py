"""How differentials are taken of products of any length, powers, norms and functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Unknown,
    add,
    diff,
    function,
    hadamard,
    hdivide,
    hpower,
    inverse,
    matmul,
    mul,
    neg,
    number,
    power,
    rebuild,
    scale,
    sub,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.rules.functions import CONSTANT_PIECES, derivative
from mdiff_pandoc.rules.rule import Varies


def argument_of(expr: Expr, *ops: Op) -> Expr | None:
    """The argument of ``d(·)`` when it is of one of these kinds."""
    if expr.op is not Op.DIFF or expr.args[0].op not in ops:
        return None
    return expr.args[0]


def product_rule(*ops: Op) -> Callable[[Expr, Varies], Expr | None]:
    """One term for each factor that varies, with that factor replaced by its differential."""

    def rewrite(expr: Expr, varies: Varies) -> Expr | None:
        product = argument_of(expr, *ops)
        if product is None:
            return None
        terms = [
            rebuild(product, [*product.args[:i], diff(factor), *product.args[i + 1 :]])
            for i, factor in enumerate(product.args)
            if varies(factor)
        ]
        return sum_of(terms, product)

    return rewrite


def sum_of(terms: Sequence[Expr], like: Expr) -> Expr:
    """The sum of terms; zero in the shape of ``like`` when there is none."""
    return add(*terms) if terms else zero(*like.shape)


def linear(op: Op) -> Callable[[Expr, Varies], Expr | None]:
    """``d`` goes through a linear operation of one argument."""

    def rewrite(expr: Expr, varies: Varies) -> Expr | None:
        inner = argument_of(expr, op)
        if inner is None:
            return None
        terms = [rebuild(inner, [diff(arg)]) for arg in inner.args if varies(arg)]
        return sum_of(terms, inner)

    return rewrite


def sum_rule(expr: Expr, varies: Varies) -> Expr | None:
    """``d(A + B) = dA + dB``."""
    total = argument_of(expr, Op.SUM)
    if total is None:
        return None
    return sum_of([diff(term) for term in total.args if varies(term)], total)


def constant_rule(expr: Expr, varies: Varies) -> Expr | None:
    """``dC = 0`` for what does not vary."""
    if expr.op is not Op.DIFF or varies(expr.args[0]):
        return None
    return zero(*expr.shape)


def scalar_quotient(expr: Expr, varies: Varies) -> Expr | None:
    """``d(a / b) = da / b - a db / b^2`` where both vary."""
    product = argument_of(expr, Op.MUL)
    if product is None:
        return None
    below = [factor for factor in product.args if _is_reciprocal(factor) and varies(factor)]
    above = [factor for factor in product.args if factor not in below]
    if len(below) != 1 or not any(map(varies, above)):
        return None
    top, bottom = mul(*above), below[0].args[0]
    return sub(mul(diff(top), below[0]), mul(top, power(bottom, -2), diff(bottom)))


def _is_reciprocal(factor: Expr) -> bool:
    return factor.op is Op.POWER and factor.args[1] == number(-1)


def scalar_power(expr: Expr, varies: Varies) -> Expr | None:
    """``d(a^k) = k a^(k-1) da``."""
    base_power = argument_of(expr, Op.POWER)
    if base_power is None or not base_power.is_scalar:
        return None
    base, exponent = base_power.args
    if varies(exponent):
        return None
    return mul(exponent, lowered(base, exponent), diff(base))


def lowered(base: Expr, exponent: Expr, by: int = 1) -> Expr:
    """``base^(exponent - by)``, without an exponent of 1 or 0 where the exponent is a number."""
    if isinstance(exponent.data, Fraction) and exponent.op is Op.NUMBER:
        value = exponent.data - by
        if value == 0:
            return number(1)
        if value == 1:
            return base
        return power(base, value) if base.op is not Op.HPOWER else hpower(base, value)
    return power(base, add(exponent, number(-by)))


def scalar_exponential(expr: Expr, varies: Varies) -> Expr | None:
    """``d(a^b)`` where the exponent varies."""
    base_power = argument_of(expr, Op.POWER)
    if base_power is None or not base_power.is_scalar:
        return None
    base, exponent = base_power.args
    if not varies(exponent):
        return None
    terms = [mul(base_power, function("log", base), diff(exponent))]
    if varies(base):
        terms.append(mul(exponent, lowered(base, exponent), diff(base)))
    return add(*terms)


def matrix_power(expr: Expr, varies: Varies) -> Expr | None:
    """``d(X^k) = Σ X^i dX X^(k-1-i)``, and ``d(X^-k) = -Σ X^-(i+1) dX X^-(k-i)``."""
    base_power = argument_of(expr, Op.POWER)
    if base_power is None or base_power.is_scalar:
        return None
    base, exponent = base_power.args
    if exponent.op is not Op.NUMBER or not isinstance(exponent.data, Fraction):
        return None
    count = exponent.data
    if count.denominator != 1:
        return None
    if count < 0:
        return neg(sum_of([_between(base, i, int(-count)) for i in range(int(-count))], base))
    return sum_of([around(base, i, int(count)) for i in range(int(count))], base)


def _between(base: Expr, before: int, count: int) -> Expr:
    """``base^-(before + 1) · d(base) · base^-(count - before)``."""
    sides = [inverse(base) if k == 1 else power(base, -k) for k in (before + 1, count - before)]
    return matmul(sides[0], diff(base), sides[1])


def around(base: Expr, before: int, count: int) -> Expr:
    """``base^before · d(base) · base^(count - 1 - before)``."""
    after = count - 1 - before
    left = [base if before == 1 else power(base, before)] if before else []
    right = [base if after == 1 else power(base, after)] if after else []
    return matmul(*left, diff(base), *right)


def trace_of_power(expr: Expr, varies: Varies) -> Expr | None:
    """``d tr(X^k) = k tr(X^(k-1) dX)``."""
    inner = argument_of(expr, Op.TRACE)
    if inner is None or inner.args[0].op is not Op.POWER:
        return None
    base, exponent = inner.args[0].args
    if varies(exponent):
        return None
    rest = lowered(base, exponent)
    factors = [diff(base)] if rest.op is Op.NUMBER else [rest, diff(base)]
    return mul(exponent, trace(matmul(*factors)))


def inner_product(left: Expr, right: Expr) -> Expr:
    """``tr(left^T right)``, written ``left^T right`` for vectors and as a product for scalars."""
    if left.is_scalar:
        return mul(left, right)
    product = matmul(transpose(left), right)
    return product if left.is_vector else trace(product)


def norm_power(expr: Expr, _: Varies) -> Expr | None:
    """``d‖A‖^k = k ‖A‖^(k-2) tr(A^T dA)``."""
    inner = argument_of(expr, Op.POWER, Op.NORM)
    if inner is None:
        return None
    exponent = number(1)
    if inner.op is Op.POWER:
        inner, exponent = inner.args
    if inner.op is not Op.NORM or inner.data not in ("F", "2"):
        return None
    body = inner.args[0]
    if inner.data == "2" and ONE not in body.shape:
        return None
    return mul(exponent, lowered(inner, exponent, 2), inner_product(body, diff(body)))


def p_norm(expr: Expr, _: Varies) -> Expr | None:
    """``d‖x‖_p``, for p = 1 by the signs."""
    inner = argument_of(expr, Op.NORM)
    if inner is None or not isinstance(inner.data, Fraction):
        return None
    body, p = inner.args[0], inner.data
    if p == 1:
        return inner_product(function("sign", body), diff(body))
    return mul(power(inner, 1 - p), inner_product(signed_power(body, p - 1), diff(body)))


def p_norm_power(expr: Expr, _: Varies) -> Expr | None:
    """``d‖x‖_p^p``, without the norm itself in the result."""
    inner = argument_of(expr, Op.POWER)
    if inner is None or inner.args[0].op is not Op.NORM or inner.args[1].op is not Op.NUMBER:
        return None
    p = inner.args[1].data
    body = inner.args[0].args[0]
    if not isinstance(p, Fraction) or inner.args[0].data != p or p == 1:
        return None
    return mul(number(p), inner_product(signed_power(body, p - 1), diff(body)))


def signed_power(expr: Expr, exponent: Fraction) -> Expr:
    """``|x|^(exponent) sign(x)``, entry by entry; a plain power where the exponent is odd."""
    if exponent.denominator == 1 and exponent % 2 == 1:
        return expr if exponent == 1 else hpower(expr, exponent)
    size = function("abs", expr)
    if exponent > 1:
        rest = exponent - 1
        return hadamard(expr, size if rest == 1 else hpower(size, rest))
    return hadamard(size if exponent == 1 else hpower(size, exponent), function("sign", expr))


def elementwise(name: str | None) -> Callable[[Expr, Varies], Expr | None]:
    """``d f(Z) = f′(Z) ⊙ dZ`` for one function, or for every unspecified one."""

    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        inner = argument_of(expr, Op.FUNC)
        if inner is None:
            return None
        if name is None:
            if not isinstance(inner.data, Unknown):
                return None
        elif inner.data != name:
            return None
        argument = inner.args[0]
        slope = derivative(inner.data, argument)
        return None if slope is None else times(slope, diff(argument))

    return rewrite


def times(left: Expr, right: Expr) -> Expr:
    """The product of scalars, or the elementwise one."""
    return mul(left, right) if left.is_scalar else hadamard(left, right)


def elementwise_power(expr: Expr, varies: Varies) -> Expr | None:
    """``d Z^(⊙k) = k Z^(⊙(k-1)) ⊙ dZ``."""
    inner = argument_of(expr, Op.HPOWER)
    if inner is None or varies(inner.args[1]):
        return None
    base, exponent = inner.args
    if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
        rest = base if exponent.data == 2 else hpower(base, exponent.data - 1)
        return scale(exponent, hadamard(rest, diff(base)))
    return scale(exponent, hadamard(hpower(base, add(exponent, number(-1))), diff(base)))


def quotient_rule(expr: Expr, varies: Varies) -> Expr | None:
    """``d(U ⊘ V) = dU ⊘ V - U ⊘ V^(⊙2) ⊙ dV``."""
    inner = argument_of(expr, Op.HDIV)
    if inner is None:
        return None
    top, bottom = inner.args
    terms = [hdivide(diff(top), bottom)] if varies(top) else []
    if varies(bottom):
        terms.append(neg(hadamard(hdivide(top, hpower(bottom, 2)), diff(bottom))))
    return sum_of(terms, inner)


def no_slope(expr: Expr, _: Varies) -> Expr | None:
    """sign and step are constant in pieces, and so is the place of the largest entry."""
    inner = argument_of(expr, Op.LARGEST, Op.FUNC)
    if inner is None or (inner.op is Op.FUNC and inner.data not in CONSTANT_PIECES):
        return None
    return zero(*inner.shape)


def log_det(expr: Expr, varies: Varies) -> Expr | None:
    """``d log|X| = tr(X^{-1} dX)``, also of the absolute value."""
    inner = argument_of(expr, Op.FUNC)
    if inner is None or inner.data != "log":
        return None
    body = inner.args[0]
    if body.op is Op.FUNC and body.data == "abs":
        body = body.args[0]
    if body.op is not Op.DET:
        return None
    return mul(*_relative_slope(number(1), body.args[0], varies))


def determinant(expr: Expr, varies: Varies) -> Expr | None:
    """``d|X| = |X| tr(X^{-1} dX)``."""
    inner = argument_of(expr, Op.DET)
    if inner is None:
        return None
    return mul(*_relative_slope(inner, inner.args[0], varies))


def _relative_slope(size: Expr, matrix: Expr, varies: Varies) -> list[Expr]:
    """The factors of ``size · d|X| / |X|``, ``k · size · tr(X^{-1} dX)`` of a power ``X^k``."""
    exponents: list[Expr] = []
    while matrix.op is Op.POWER and not varies(matrix.args[1]):
        exponents.append(matrix.args[1])
        matrix = matrix.args[0]
    sizes = [] if size == number(1) else [size]
    return [*exponents, *sizes, trace(matmul(inverse(matrix), diff(matrix)))]
