"""Rules that are applied where they make a formula shorter, as a referee would ask."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    diag,
    diagonal,
    hadamard,
    hdivide,
    identity,
    inverse,
    matmul,
    meta,
    mul,
    neg,
    norm,
    number,
    ones,
    power,
    scale,
    sub,
    trace,
    transpose,
    walk,
)
from mdiff_pandoc.rules.algebra_moves import inverted, outer_diagonal
from mdiff_pandoc.rules.commutative import (
    chain_of,
    from_monomial,
    monomial,
    product_of,
    split_coefficient,
    with_coefficient,
)
from mdiff_pandoc.rules.factoring import (
    coefficient_of_transpose,
    common_coefficient,
    common_factor,
    distributed,
    multiplied_out,
    partly_common_coefficient,
    positive_first,
    refactored,
    shorter,
    total_of,
)
from mdiff_pandoc.rules.rule import Rule, Table, Varies
from mdiff_pandoc.rules.transposes import is_diagonal, transposed

_A = meta("A", "m", "n")
_C = meta("C", "m", "n")
_D = meta("D", "m", "n")
_B = meta("B", "n", "p")
_P = meta("P", "n", "p")
_X = meta("X", "n", "n")
_Y = meta("Y", "n", "n")
_s = meta("alpha")
_FIVE = tuple(meta(name, "m", "n") for name in "ACDEF")


def _ordered(expr: Expr) -> Expr | None:
    """A positive term first, and ``A`` just before ``A^T``."""
    new = positive_first(expr)
    if new is not None or expr.op is not Op.SUM:
        return new
    terms = list(expr.args)
    for i, term in enumerate(terms):
        value, body = split_coefficient(term)
        plain = with_coefficient(value, body.args[0]) if body.op is Op.TRANSPOSE else term
        if plain is not term and plain in terms[i + 1 :]:
            j = terms.index(plain, i + 1)
            terms[i], terms[j] = plain, term
            return add(*terms)
        turned = with_coefficient(value, transpose(body))
        if turned in terms[i + 2 :]:
            del terms[terms.index(turned, i + 2)]
            return add(*terms[: i + 1], turned, *terms[i + 1 :])
    return None


def _frobenius(expr: Expr) -> Expr | None:
    """``tr(A^T A) = ‖A‖_F^2``."""
    if expr.op is not Op.TRACE or expr.has_diff or expr.args[0].op is not Op.MATMUL:
        return None
    factors = expr.args[0].args
    half, odd = divmod(len(factors), 2)
    body = matmul(*factors[half:])
    if odd or transposed(body) is not matmul(*factors[:half]):
        return None
    return power(norm(body), 2)


def _inner_product(expr: Expr) -> Expr | None:
    """``(a ⊘ b)^T b = 1^T a``: factors that cancel entry by entry."""
    if expr.op is not Op.MATMUL or not expr.is_scalar or len(expr.args) != 2:
        return None
    product = monomial(hadamard(transposed(expr.args[0]), expr.args[1]))
    joined = from_monomial(product, expr.args[1].shape)
    coefficient, body = joined.args if joined.op is Op.SCALE else (number(1), joined)
    if body.op not in (Op.SYMBOL, Op.META, Op.FUNC, Op.ONES):
        return None
    total = matmul(transpose(ones(body.shape[0])), body)
    return shorter(expr, total if coefficient == number(1) else mul(coefficient, total))


def _joined(expr: Expr) -> Expr | None:
    """``X^{-1} X^{-1} = X^{-2}``, for neighbours that are powers of one matrix."""
    if expr.op is not Op.MATMUL:
        return None
    for position in range(len(expr.args) - 1):
        (base, first, turned), (other, second, also) = map(_power_of, expr.args[position:][:2])
        if base is not other or turned is not also:
            continue
        joined = [] if first + second == 0 else [_raised(base, first + second, turned)]
        rest = (*expr.args[:position], *joined, *expr.args[position + 2 :])
        new = shorter(expr, product_of(rest, expr.shape))
        if new is not None:
            return new
    return None


def _power_of(factor: Expr) -> tuple[Expr, int, bool]:
    """A factor as a base, its exponent, and whether the whole is transposed."""
    turned = factor.op is Op.TRANSPOSE
    body = factor.args[0] if turned else factor
    exponent = 1
    while True:
        if body.op is Op.INVERSE:
            exponent = -exponent
        elif body.op is Op.POWER and isinstance(body.args[1].data, Fraction):
            value = body.args[1].data
            if value.denominator != 1:
                return body, exponent, turned
            exponent *= int(value)
        else:
            return body, exponent, turned
        body = body.args[0]


def _raised(base: Expr, exponent: int, turned: bool) -> Expr:
    simple = {1: base, -1: inverse(base)}
    result = simple.get(exponent) or power(base, exponent)
    return transpose(result) if turned else result


def _next_to_identity(expr: Expr) -> Expr | None:
    """``I - X (X + A)^{-1} = A (X + A)^{-1}``, from either side, for any coefficient of both."""
    if expr.op is not Op.SUM or expr.is_scalar:
        return None
    parts = [split_coefficient(term) for term in expr.args]
    units = {value: i for i, (value, body) in enumerate(parts) if body.op is Op.IDENTITY}
    for place, (value, body) in enumerate(parts):
        if -value not in units or body.op is not Op.MATMUL:
            continue
        for end, rest in ((-1, body.args[:-1]), (0, body.args[1:])):
            matrix = inverted(body.args[end])
            if matrix is None or matrix.op not in (Op.SUM, Op.TRANSPOSE):
                continue
            if matrix.op is Op.TRANSPOSE and matrix.args[0].op is Op.SUM:
                matrix = add(*map(transposed, matrix.args[0].args))
            total = total_of([matrix, neg(matmul(*rest))])
            pair = (total, body.args[end]) if end else (body.args[end], total)
            joined = with_coefficient(-value, matmul(*pair))
            others = [t for i, t in enumerate(expr.args) if i not in (place, units[-value])]
            new = shorter(expr, add(joined, *others))
            if new is not None:
                return new
    return None


def _transpose_outside(expr: Expr) -> Expr | None:
    """``A^T + B^T = (A + B)^T``."""
    if expr.op is not Op.SUM or expr.is_scalar:
        return None
    inner = add(*(transposed(term) for term in expr.args))
    transposes = any(node.op is Op.TRANSPOSE for node in walk(inner))
    return shorter(expr, transpose(inner), by=1 + transposes)


def _diagonal_part(expr: Expr) -> Expr | None:
    """``Diag(diag(A)) = A ⊙ I``, and ``D (A ⊙ I)`` of ``D A`` with a diagonal D."""
    if expr.op is not Op.DIAG or expr.args[0].op is not Op.DIAGONAL:
        return None
    body = expr.args[0].args[0]
    whole = hadamard(body, identity(body.shape[0]))
    parts = total_of(
        [
            _diagonal_term(*split_coefficient(term))
            for term in (body.args if body.op is Op.SUM else (body,))
        ]
    )
    return shorter(whole, parts) or whole


def _diagonal_term(coefficient: Fraction, term: Expr) -> Expr:
    factors = list(chain_of(term))
    front: list[Expr] = []
    while factors and is_diagonal(factors[0]):
        front.append(factors.pop(0))
    while factors and is_diagonal(factors[-1]):
        front.append(factors.pop())
    if not factors:
        return with_coefficient(coefficient, matmul(*front))
    rest = matmul(*factors)
    outer = outer_diagonal(diagonal(rest))
    part = hadamard(rest, identity(rest.shape[0])) if outer is None else diag(outer)
    return with_coefficient(coefficient, matmul(*front, part))


def _diagonal(expr: Expr) -> Expr | None:
    """``diag(A Diag(x) B) = (A ⊙ B^T) x``, term by term in a sum."""
    if expr.op is not Op.DIAGONAL:
        return None
    body = expr.args[0]
    if body.op is Op.SUM:
        return shorter(expr, refactored(total_of([_diagonal_form(term) for term in body.args])))
    return shorter(expr, _diagonal_form(body))


def _diagonal_form(body: Expr) -> Expr:
    if body.op is Op.SCALE:
        return scale(body.args[0], _diagonal_form(body.args[1]))
    factors = chain_of(body)
    if len(factors) > 1 and Op.DIAG in (factors[0].op, factors[-1].op):
        outer, rest = (factors[0], factors[1:])
        if outer.op is not Op.DIAG:
            outer, rest = (factors[-1], factors[:-1])
        return hadamard(outer.args[0], _diagonal_form(matmul(*rest)))
    for place, factor in enumerate(factors):
        if factor.op is Op.DIAG and 0 < place < len(factors) - 1:
            left, right = matmul(*factors[:place]), transposed(matmul(*factors[place + 1 :]))
            if left.shape == right.shape:
                return matmul(hadamard(left, right), factor.args[0])
    return diagonal(body)


def _rule(
    name: str, left: Expr, right: Expr, rewrite: Callable[[Expr], Expr | None], *, on: str
) -> Rule:
    def apply(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    source, roots = "MN ch. 1 §3, ch. 3 §6", frozenset(Op[word] for word in on.split())
    return Rule(name, Table.SHORTENING, left, right, source, rewrite=apply, roots=roots)


SHORTENING: tuple[Rule, ...] = (
    _rule(
        "common factor",
        add(matmul(_A, _B), matmul(_A, _P)),
        matmul(_A, add(_B, _P)),
        common_factor,
        on="SUM",
    ),
    _rule(
        "common coefficient",
        add(scale(_s, _A), scale(_s, _C), scale(_s, _D)),
        scale(_s, add(_A, _C, _D)),
        lambda expr: common_coefficient(expr) or partly_common_coefficient(expr),
        on="SUM",
    ),
    _rule(
        "common coefficient of a transposed sum",
        transpose(add(scale(_s, _A), scale(_s, _C))),
        scale(_s, transpose(add(_A, _C))),
        coefficient_of_transpose,
        on="TRANSPOSE",
    ),
    _rule(
        "multiplying out",
        add(hadamard(_A, add(_C, _D)), scale(number(-1), hadamard(_A, _C))),
        hadamard(_A, _D),
        multiplied_out,
        on="SUM MUL HADAMARD SCALE",
    ),
    _rule(
        "Frobenius norm",
        trace(matmul(transpose(_A), _A)),
        power(norm(_A), 2),
        _frobenius,
        on="TRACE",
    ),
    _rule(
        "inner product of quotients",
        matmul(transpose(hdivide(meta("a", "n"), meta("b", "n"))), meta("b", "n")),
        matmul(transpose(ones("n")), meta("a", "n")),
        _inner_product,
        on="MATMUL",
    ),
    _rule(
        "transpose of a sum",
        add(*(transpose(part) for part in _FIVE)),
        transpose(add(*_FIVE)),
        _transpose_outside,
        on="SUM",
    ),
    _rule(
        "diagonal of a product",
        diagonal(matmul(_A, diag(meta("a", "n")), meta("B", "n", "m"))),
        matmul(hadamard(_A, transpose(meta("B", "n", "m"))), meta("a", "n")),
        _diagonal,
        on="DIAGONAL",
    ),
    _rule(
        "identity as a product",
        sub(identity("n"), matmul(_X, inverse(add(_X, _Y)))),
        matmul(_Y, inverse(add(_X, _Y))),
        _next_to_identity,
        on="SUM",
    ),
    _rule(
        "powers joined",
        matmul(inverse(_X), inverse(_X)),
        power(_X, -2),
        _joined,
        on="MATMUL",
    ),
    _rule(
        "diagonal part",
        diag(diagonal(_X)),
        hadamard(_X, identity("n")),
        _diagonal_part,
        on="DIAG",
    ),
    _rule(
        "order of terms",
        add(scale(number(-1), _A), _C),
        add(_C, scale(number(-1), _A)),
        _ordered,
        on="SUM",
    ),
    _rule(
        "distributive law",
        add(matmul(add(_A, _C), _B), scale(number(-1), matmul(_C, _B))),
        matmul(_A, _B),
        distributed,
        on="SUM SCALE MATMUL",
    ),
)
