"""What the rules of algebra do to an expression, where a pattern cannot say it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Range,
    diag,
    diagonal,
    dimension,
    hadamard,
    hdivide,
    identity,
    index_sum,
    inverse,
    matmul,
    mul,
    number,
    ones,
    power,
    rebuild,
    scale,
    transpose,
    zero,
)
from mdiff_pandoc.rules.commutative import (
    chain_of,
    from_monomial,
    key,
    like_terms,
    monomial,
    product_of,
)
from mdiff_pandoc.rules.transposes import is_skew_symbol, is_symmetric_symbol, transposed

Simplifier = Callable[[Expr], Expr | None]


def transposed_inward(expr: Expr) -> Expr | None:
    """A transpose pushed inward; those of symbols have rules of their own."""
    if expr.op is not Op.TRANSPOSE or expr.args[0].op is Op.SYMBOL:
        return None
    new = transposed(expr.args[0])
    return None if new is expr else new


def transpose_of_product(expr: Expr) -> Expr | None:
    """``(A B)^T = B^T A^T``, one level only."""
    if expr.op is not Op.TRANSPOSE or expr.args[0].op is not Op.MATMUL:
        return None
    return matmul(*(transpose(factor) for factor in reversed(expr.args[0].args)))


def symmetry(expr: Expr) -> Expr | None:
    """``S^T = S``."""
    if expr.op is Op.TRANSPOSE and is_symmetric_symbol(expr.args[0]):
        return expr.args[0]
    return None


def skew(expr: Expr) -> Expr | None:
    """``K^T = -K``."""
    if expr.op is Op.TRANSPOSE and is_skew_symbol(expr.args[0]):
        return transposed(expr.args[0])
    return None


def orthogonal(expr: Expr) -> Expr | None:
    """``Q^{-1} = Q^T``."""
    if expr.op is Op.INVERSE and expr.args[0].assumed("orthogonal"):
        return transpose(expr.args[0])
    return None


def inverse_of_inverse(expr: Expr) -> Expr | None:
    """``(A^{-1})^{-1} = A``, and what else an inverse goes through."""
    if expr.op is not Op.INVERSE:
        return None
    body = expr.args[0]
    if body.op is Op.INVERSE:
        return body.args[0]
    if body.op is Op.IDENTITY:
        return body
    if body.op is Op.TRANSPOSE:
        return transpose(inverse(body.args[0]))
    if body.op is Op.POWER and isinstance(body.args[1].data, Fraction):
        return power(body.args[0], -body.args[1].data)
    if body.op is Op.SCALE:
        return scale(power(body.args[0], -1), inverse(body.args[1]))
    if body.op is Op.DIAG:
        return diag(hdivide(ones(body.shape[0]), body.args[0]))
    return None


def cancelled(expr: Expr) -> Expr | None:
    """``A A^{-1} = I`` where the two stand side by side in a chain, A itself being a chain."""
    if expr.op is not Op.MATMUL:
        return None
    factors = expr.args
    for position, factor in enumerate(factors):
        body = inverted(factor)
        if body is None:
            continue
        segment = chain_of(body)
        width = len(segment)
        before, after = factors[max(0, position - width) : position], factors[position + 1 :]
        # columns that are orthonormal have an inverse on the left alone
        if before == segment and is_square(body):
            return product_of((*factors[: position - width], *after), expr.shape)
        if after[:width] == segment:
            return product_of((*factors[:position], *after[width:]), expr.shape)
        if width > 1 and after and after[0] is segment[0] and is_square(after[0]):
            rest = inverse(matmul(*segment[1:]))
            return matmul(*factors[:position], rest, *after[1:])
        if width > 1 and position and before[-1] is segment[-1] and is_square(before[-1]):
            rest = inverse(matmul(*segment[:-1]))
            return matmul(*factors[: position - 1], rest, *after)
    return None


def is_square(expr: Expr) -> bool:
    """As many rows as columns?"""
    return expr.shape[0] == expr.shape[1]


def inverted(factor: Expr) -> Expr | None:
    """What a factor is the inverse of, or None."""
    if factor.op is Op.INVERSE:
        return factor.args[0]
    if factor.op is Op.TRANSPOSE and factor.args[0].op is Op.INVERSE:
        return transposed(factor.args[0].args[0])
    if factor.op is Op.TRANSPOSE and factor.args[0].assumed("orthogonal"):
        return factor.args[0]
    if factor.assumed("orthogonal") and is_square(factor):
        return transpose(factor)
    return None


def without_neutral(expr: Expr) -> Expr | None:
    """Products with the identity or with zero."""
    if expr.op is Op.MATMUL:
        if any(factor.op is Op.ZERO for factor in expr.args):
            return zero(*expr.shape)
        kept = [factor for factor in expr.args if factor.op is not Op.IDENTITY]
        if len(kept) < len(expr.args):
            return product_of(kept, expr.shape)
    if expr.op is Op.SCALE and expr.args[1].op is Op.ZERO:
        return expr.args[1]
    if expr.op is Op.POWER and not expr.is_scalar and isinstance(expr.args[1].data, Fraction):
        simple = {Fraction(0): identity(expr.shape[0]), Fraction(1): expr.args[0]}
        return simple.get(expr.args[1].data)
    if expr.args and expr.args[0].op is Op.ZERO and expr.op in _ZERO_PRESERVING:
        return zero(*expr.shape)
    return None


_ZERO_PRESERVING = {
    Op.TRANSPOSE,
    Op.TRACE,
    Op.DIAG,
    Op.DIAGONAL,
    Op.TRIANGLE,
    Op.VEC,
    Op.UNVEC,
    Op.INDEX_SUM,
    Op.KRON,
    Op.ENTRY,
    Op.ROW,
    Op.COLUMN,
    Op.HDIV,
}


def neighbouring_powers(expr: Expr) -> Expr | None:
    """``X^a X^b = X^{a+b}`` for neighbours in a chain that are powers already."""
    if expr.op is not Op.MATMUL:
        return None
    for position in range(len(expr.args) - 1):
        (base, first), (other, second) = map(as_power, expr.args[position : position + 2])
        if base is other and first + second > 2 and first != second != 1:
            joined = power(base, first + second)
            rest = (*expr.args[:position], joined, *expr.args[position + 2 :])
            return matmul(*rest)
    return None


def as_power(factor: Expr) -> tuple[Expr, Fraction]:
    """A factor as base and exponent."""
    if factor.op is Op.POWER and isinstance(factor.args[1].data, Fraction):
        return factor.args[0], factor.args[1].data
    return factor, Fraction(1)


def diagonal_chain(expr: Expr) -> Expr | None:
    """``Diag(a) b = a ⊙ b`` for a vector b."""
    if expr.op is not Op.MATMUL or expr.args[-2].op is not Op.DIAG:
        return None
    if not expr.args[-1].is_vector:
        return None
    product = hadamard(expr.args[-2].args[0], expr.args[-1])
    return matmul(*expr.args[:-2], product)


def undone(expr: Expr) -> Expr | None:
    """Operations that undo one another, and the diagonal of an outer product."""
    if len(expr.args) != 1:
        return None
    body = expr.args[0]
    match expr.op, body.op:
        case (Op.VEC, Op.UNVEC) | (Op.DIAGONAL, Op.DIAG):
            return body.args[0]
        case (Op.UNVEC, Op.VEC) if body.args[0].shape == expr.shape:
            return body.args[0]
        case (Op.DIAGONAL, Op.IDENTITY):
            return ones(expr.shape[0])
        case (Op.DIAG, Op.ONES):
            return identity(expr.shape[0])
        case (Op.DIAGONAL, Op.TRANSPOSE):
            return diagonal(body.args[0])
        case (Op.TRACE | Op.DET, Op.TRANSPOSE):
            return rebuild(expr, [body.args[0]])
        case (Op.TRACE, Op.IDENTITY):
            return dimension(body.shape[0])
        case (Op.DET, Op.IDENTITY):
            return number(1)
        case _:
            return None


def outer_diagonal(expr: Expr) -> Expr | None:
    """``diag(p q^T) = p ⊙ q``."""
    if expr.op is not Op.DIAGONAL or expr.args[0].op is not Op.MATMUL:
        return None
    factors = expr.args[0].args
    for cut in range(1, len(factors)):
        if factors[cut].shape[0] == ONE:
            return hadamard(matmul(*factors[:cut]), transposed(matmul(*factors[cut:])))
    return None


def sum_of_ones(expr: Expr) -> Expr | None:
    """``1^T 1 = n``."""
    if expr.op is not Op.MATMUL:
        return None
    for position, (left, right) in enumerate(zip(expr.args, expr.args[1:], strict=False)):
        row_of_ones = left.op is Op.TRANSPOSE and left.args[0].op is Op.ONES
        if row_of_ones and right.op is Op.ONES and right.is_vector and left.shape[0] == ONE:
            rest = (*expr.args[:position], *expr.args[position + 2 :])
            count = dimension(right.shape[0])
            return matmul(count, *rest) if rest else count
    return None


def outer_trace(expr: Expr) -> Expr | None:
    """``tr(a b^T) = b^T a``, where no differential is to be brought to the end."""
    if expr.op is not Op.TRACE or expr.has_diff or expr.args[0].op is not Op.MATMUL:
        return None
    factors = expr.args[0].args
    cut = next((i for i, factor in enumerate(factors) if factor.shape[0] == ONE), None)
    return None if cut is None else matmul(*factors[cut:], *factors[:cut])


def scalar_chain(expr: Expr) -> Expr | None:
    """``a^T b c^T d`` is the product of two scalars."""
    if expr.op is not Op.MATMUL or not expr.is_scalar:
        return None
    for cut in range(1, len(expr.args)):
        if expr.args[cut].shape[0] == ONE:
            return mul(matmul(*expr.args[:cut]), matmul(*expr.args[cut:]))
    return None


_FACTORED = {Op.SCALE, Op.TRACE, Op.TRANSPOSE, Op.DIAG, Op.DIAGONAL, Op.VEC, Op.UNVEC, Op.TRIANGLE}


def coefficient_out(expr: Expr) -> Expr | None:
    """Scalar factors leave linear operations."""
    if expr.op in _FACTORED - {Op.SCALE} and expr.args[0].op is Op.SCALE:
        coefficient, body = expr.args[0].args
        return scale(coefficient, rebuild(expr, [body]))
    if expr.op is Op.INDEX_SUM and isinstance(expr.data, Range):
        body = expr.args[0]
        factors = body.args if body.op in (Op.MUL, Op.SCALE) else ()
        if body.op is Op.SCALE:
            inner = body.args[0]
            factors = (*(inner.args if inner.op is Op.MUL else (inner,)), body.args[1])
        out = [f for f in factors if f.is_scalar and expr.data.index not in f.free]
        rest = [f for f in factors if f not in out]
        if out and rest:
            inside = matmul(*rest)
            total = index_sum(expr.data.index, expr.data.upper, inside, expr.data.lower)
            return scale(mul(*out), total)
    return None


def arithmetic(expr: Expr) -> Expr | None:
    """Numbers folded, equal factors merged and cancelled, in scalar and elementwise products."""
    if expr.has_diff and expr.op is not Op.SCALE:
        return None
    match expr.op:
        case Op.MUL | Op.HADAMARD | Op.HDIV:
            new = from_monomial(monomial(expr), expr.shape)
        case Op.POWER | Op.HPOWER if expr.is_scalar or expr.op is Op.HPOWER:
            new = from_monomial(monomial(expr), expr.shape)
        case Op.SCALE:
            coefficient = from_monomial(monomial(expr.args[0]), expr.args[0].shape)
            if coefficient == number(1):
                return expr.args[1]
            if coefficient == number(0):
                return zero(*expr.shape)
            new = scale(coefficient, expr.args[1])
        case _:
            return None
    return None if new is expr or key(new) == key(expr) else new


def zero_factor(expr: Expr) -> Expr | None:
    """A product with a zero factor."""
    if expr.op is Op.MUL and number(0) in expr.args:
        return number(0)
    if expr.op is Op.HADAMARD and any(arg.op is Op.ZERO for arg in expr.args):
        return zero(*expr.shape)
    return None


def elementwise_scale(expr: Expr) -> Expr | None:
    """A coefficient leaves an elementwise product that holds the differential."""
    if expr.op is not Op.HADAMARD or not expr.has_diff:
        return None
    for position, arg in enumerate(expr.args):
        if arg.op is Op.SCALE:
            args = [*expr.args[:position], arg.args[1], *expr.args[position + 1 :]]
            return scale(arg.args[0], hadamard(*args))
        if arg.op is Op.ONES:
            return hadamard(*expr.args[:position], *expr.args[position + 1 :])
    return None


def merged(expr: Expr) -> Expr | None:
    """Like terms merged."""
    return like_terms(expr.args, expr.shape) if expr.op is Op.SUM else None


def scalar_product(expr: Expr) -> Expr | None:
    """Like factors in a scalar product that holds the differential: numbers folded in front."""
    if expr.op is not Op.MUL or not expr.has_diff:
        return None
    plain = [arg for arg in expr.args if not arg.has_diff]
    if not plain:
        return None
    new = from_monomial(monomial(mul(*plain)), expr.shape)
    active = [arg for arg in expr.args if arg.has_diff]
    result = mul(*active) if new == number(1) else mul(new, *active)
    return None if set(result.args) == set(expr.args) or result is expr else result
