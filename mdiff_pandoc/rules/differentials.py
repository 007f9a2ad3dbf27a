"""The table of differentials.

Sources: Magnus & Neudecker, *Matrix Differential Calculus with Applications in Statistics and
Econometrics*, 3rd ed. (MN); Petersen & Pedersen, *The Matrix Cookbook*, 2012 (PP).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mdiff_pandoc.expr import (
    Expr,
    Op,
    Unknown,
    add,
    det,
    diag,
    diagonal,
    diff,
    entry,
    function,
    hadamard,
    hdivide,
    hpower,
    index_sum,
    inverse,
    kron,
    matmul,
    meta,
    mul,
    neg,
    norm,
    number,
    power,
    rebuild,
    row,
    scale,
    sub,
    symbol,
    trace,
    transpose,
    unvec,
    vec,
    zero,
)
from mdiff_pandoc.expr import column as column_of
from mdiff_pandoc.rules.functions import CONSTANT_PIECES, DERIVATIVES, derivative
from mdiff_pandoc.rules.rule import Rule, Table, Varies

_A = meta("A", "m", "n")
_B = meta("B", "n", "p")
_C = meta("C", "m", "n")
_X = meta("X", "n", "n")
_P = meta("P", "p", "q")
_a = meta("a", "n")
_v = meta("v", _A.shape[0] * _A.shape[1])
_s = meta("alpha")
_t = meta("beta")
_K = meta("C", "m", "n", requires=("constant",))
_k = symbol("k", assumptions=("constant",))
_MN_RULES = "MN ch. 8 §2"


def _argument(expr: Expr, *ops: Op) -> Expr | None:
    """The argument of ``d(·)`` when it is of one of these kinds."""
    if expr.op is not Op.DIFF or expr.args[0].op not in ops:
        return None
    return expr.args[0]


def _product_rule(*ops: Op) -> Callable[[Expr, Varies], Expr | None]:
    """One term for each factor that varies, with that factor replaced by its differential."""

    def rewrite(expr: Expr, varies: Varies) -> Expr | None:
        product = _argument(expr, *ops)
        if product is None:
            return None
        terms = [
            rebuild(product, [*product.args[:i], diff(factor), *product.args[i + 1 :]])
            for i, factor in enumerate(product.args)
            if varies(factor)
        ]
        return _total(terms, product)

    return rewrite


def _total(terms: Sequence[Expr], like: Expr) -> Expr:
    return add(*terms) if terms else zero(*like.shape)


def _linear(op: Op) -> Callable[[Expr, Varies], Expr | None]:
    """``d`` goes through a linear operation of one argument."""

    def rewrite(expr: Expr, varies: Varies) -> Expr | None:
        inner = _argument(expr, op)
        if inner is None:
            return None
        terms = [rebuild(inner, [diff(arg)]) for arg in inner.args if varies(arg)]
        return _total(terms, inner)

    return rewrite


def _sum(expr: Expr, varies: Varies) -> Expr | None:
    total = _argument(expr, Op.SUM)
    if total is None:
        return None
    return _total([diff(term) for term in total.args if varies(term)], total)


def _constant(expr: Expr, varies: Varies) -> Expr | None:
    if expr.op is not Op.DIFF or varies(expr.args[0]):
        return None
    return zero(*expr.shape)


def _scalar_power(expr: Expr, varies: Varies) -> Expr | None:
    base_power = _argument(expr, Op.POWER)
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


def _scalar_exponential(expr: Expr, varies: Varies) -> Expr | None:
    base_power = _argument(expr, Op.POWER)
    if base_power is None or not base_power.is_scalar:
        return None
    base, exponent = base_power.args
    if not varies(exponent):
        return None
    terms = [mul(base_power, function("log", base), diff(exponent))]
    if varies(base):
        terms.append(mul(exponent, lowered(base, exponent), diff(base)))
    return add(*terms)


def _matrix_power(expr: Expr, varies: Varies) -> Expr | None:
    base_power = _argument(expr, Op.POWER)
    if base_power is None or base_power.is_scalar:
        return None
    base, exponent = base_power.args
    if exponent.op is not Op.NUMBER or not isinstance(exponent.data, Fraction):
        return None
    count = exponent.data
    if count.denominator != 1:
        return None
    if count < 0:
        inner = power(base, -count) if count != -1 else base
        return neg(matmul(inverse(inner), diff(inner), inverse(inner)))
    return _total([_around(base, i, int(count)) for i in range(int(count))], base)


def _around(base: Expr, before: int, count: int) -> Expr:
    """``base^before · d(base) · base^(count - 1 - before)``."""
    after = count - 1 - before
    left = [base if before == 1 else power(base, before)] if before else []
    right = [base if after == 1 else power(base, after)] if after else []
    return matmul(*left, diff(base), *right)


def _trace_of_power(expr: Expr, varies: Varies) -> Expr | None:
    inner = _argument(expr, Op.TRACE)
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


def _norm_power(expr: Expr, _: Varies) -> Expr | None:
    inner = _argument(expr, Op.POWER, Op.NORM)
    if inner is None:
        return None
    exponent = number(1)
    if inner.op is Op.POWER:
        inner, exponent = inner.args
    if inner.op is not Op.NORM or inner.data not in ("F", "2"):
        return None
    body = inner.args[0]
    return mul(exponent, lowered(inner, exponent, 2), inner_product(body, diff(body)))


def _p_norm(expr: Expr, _: Varies) -> Expr | None:
    inner = _argument(expr, Op.NORM)
    if inner is None or not isinstance(inner.data, Fraction):
        return None
    body, p = inner.args[0], inner.data
    if p == 1:
        return inner_product(function("sign", body), diff(body))
    return mul(power(inner, 1 - p), inner_product(_signed_power(body, p - 1), diff(body)))


def _p_norm_power(expr: Expr, _: Varies) -> Expr | None:
    """``d‖x‖_p^p``, without the norm itself in the result."""
    inner = _argument(expr, Op.POWER)
    if inner is None or inner.args[0].op is not Op.NORM or inner.args[1].op is not Op.NUMBER:
        return None
    p = inner.args[1].data
    body = inner.args[0].args[0]
    if not isinstance(p, Fraction) or inner.args[0].data != p or p == 1:
        return None
    return mul(number(p), inner_product(_signed_power(body, p - 1), diff(body)))


def _signed_power(expr: Expr, exponent: Fraction) -> Expr:
    """``|x|^(exponent) sign(x)``, entry by entry; a plain power where the exponent is odd."""
    if exponent.denominator == 1 and exponent % 2 == 1:
        return expr if exponent == 1 else hpower(expr, exponent)
    size = function("abs", expr)
    return hadamard(size if exponent == 1 else hpower(size, exponent), function("sign", expr))


def _elementwise(name: str | None) -> Callable[[Expr, Varies], Expr | None]:
    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        inner = _argument(expr, Op.FUNC)
        if inner is None:
            return None
        if name is None:
            if not isinstance(inner.data, Unknown):
                return None
        elif inner.data != name:
            return None
        argument = inner.args[0]
        slope = derivative(inner.data, argument)
        return None if slope is None else _times(slope, diff(argument))

    return rewrite


def _times(left: Expr, right: Expr) -> Expr:
    return mul(left, right) if left.is_scalar else hadamard(left, right)


def _elementwise_power(expr: Expr, varies: Varies) -> Expr | None:
    inner = _argument(expr, Op.HPOWER)
    if inner is None or varies(inner.args[1]):
        return None
    base, exponent = inner.args
    if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
        rest = base if exponent.data == 2 else hpower(base, exponent.data - 1)
        return scale(exponent, hadamard(rest, diff(base)))
    return scale(exponent, hadamard(hpower(base, add(exponent, number(-1))), diff(base)))


def _quotient(expr: Expr, varies: Varies) -> Expr | None:
    inner = _argument(expr, Op.HDIV)
    if inner is None:
        return None
    top, bottom = inner.args
    terms = [hdivide(diff(top), bottom)] if varies(top) else []
    if varies(bottom):
        terms.append(neg(hadamard(hdivide(top, hpower(bottom, 2)), diff(bottom))))
    return _total(terms, inner)


def _no_slope(expr: Expr, _: Varies) -> Expr | None:
    inner = _argument(expr, Op.FUNC)
    if inner is None or inner.data not in CONSTANT_PIECES:
        return None
    return zero(*inner.shape)


def _log_det(expr: Expr, _: Varies) -> Expr | None:
    inner = _argument(expr, Op.FUNC)
    if inner is None or inner.data != "log":
        return None
    body = inner.args[0]
    if body.op is Op.FUNC and body.data == "abs":
        body = body.args[0]
    if body.op is not Op.DET:
        return None
    matrix = body.args[0]
    return trace(matmul(inverse(matrix), diff(matrix)))


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    source: str,
    rewrite: Callable[[Expr, Varies], Expr | None],
    *,
    quiet: bool = False,
    example: str = "",
) -> Rule:
    return Rule(name, Table.DIFFERENTIAL, diff(left), right, source, quiet, rewrite, example)


DIFFERENTIALS: tuple[Rule, ...] = (
    _rule(
        "differential of a constant", _K, zero("m", "n"), "MN ch. 8 §2; PP (33)", _constant,
        quiet=True,
    ),
    _rule("trace of a power", trace(power(_X, _k)), mul(_k, trace(matmul(
        power(_X, add(_k, number(-1))), diff(_X)))), "MN ch. 9 §9; PP (121)", _trace_of_power,
        example=r"\nabla_X \operatorname{tr}(X^3) = ?"),
    _rule("log-determinant", function("log", det(_X)), trace(matmul(inverse(_X), diff(_X))),
          "MN ch. 8 §3; PP (43)", _log_det, example=r"\nabla_X \log \det X = ?"),
    _rule("power of a norm", power(norm(_A), _k), mul(
        _k, power(norm(_A), add(_k, number(-2))), trace(matmul(transpose(_A), diff(_A)))),
        "PP §2.8; chain rule, MN ch. 5 §12", _norm_power,
        example=r"\nabla_X \|X\|_F^4 = ?"),
    _rule("p-norm to the power p", power(norm(_a, 3), 3), mul(
        number(3), matmul(transpose(hadamard(hpower(function("abs", _a), 2),
                                             function("sign", _a))), diff(_a))),
        "chain rule, MN ch. 5 §12", _p_norm_power, example=r"\nabla_x \|x\|_3^3 = ?"),
    _rule("p-norm", norm(_a, 4), mul(power(norm(_a, 4), -3), matmul(
        transpose(hpower(_a, 3)), diff(_a))), "chain rule, MN ch. 5 §12", _p_norm,
        example=r"\nabla_x \|x\|_1 = ?"),
    _rule("sum", add(_A, _C), add(diff(_A), diff(_C)), f"{_MN_RULES}; PP (35)", _sum, quiet=True,
          example=r"\nabla_x (a^\top x + \|x\|^2) = ?"),
    _rule("product rule", matmul(_A, _B), add(matmul(diff(_A), _B), matmul(_A, diff(_B))),
          f"{_MN_RULES}; PP (37)", _product_rule(Op.MATMUL),
          example=r"\nabla_X \operatorname{tr}(A X B X) = ?"),
    _rule("product of scalars", mul(_s, _t), add(mul(diff(_s), _t), mul(_s, diff(_t))),
          _MN_RULES, _product_rule(Op.MUL),
          example=r"\nabla_X \operatorname{tr}(A X) \det(X) = ?"),
    _rule("scalar multiple", scale(_s, _A), add(scale(diff(_s), _A), scale(_s, diff(_A))),
          f"{_MN_RULES}; PP (34)", _product_rule(Op.SCALE),
          example=r"\nabla_x \|(a^\top x) x\|^2 = ?"),
    _rule("Hadamard product", hadamard(_A, _C), add(hadamard(diff(_A), _C),
                                                    hadamard(_A, diff(_C))),
          f"{_MN_RULES}; PP (38)", _product_rule(Op.HADAMARD),
          example=r"\nabla_x \|x \odot y\|^2 = ?"),
    _rule("Kronecker product", kron(_A, _P), add(kron(diff(_A), _P), kron(_A, diff(_P))),
          f"{_MN_RULES}; PP (39)", _product_rule(Op.KRON),
          example=r"\nabla_X \operatorname{tr}(X \otimes A) = ?"),
    _rule("elementwise quotient", hdivide(_A, _C), sub(
        hdivide(diff(_A), _C), hadamard(hdivide(_A, hpower(_C, 2)), diff(_C))),
        "quotient rule, MN ch. 5 §12", _quotient,
        example=r"\nabla_x \mathbf{1}^\top (a \oslash x) = ?"),
    _rule("inverse", inverse(_X), neg(matmul(inverse(_X), diff(_X), inverse(_X))),
          "MN ch. 8 §4; PP (40)",
          lambda expr, _: None if (inner := _argument(expr, Op.INVERSE)) is None else neg(
              matmul(inner, diff(inner.args[0]), inner)),
          example=r"\nabla_X \operatorname{tr}(A X^{-1}) = ?"),
    _rule("determinant", det(_X), mul(det(_X), trace(matmul(inverse(_X), diff(_X)))),
          "MN ch. 8 §3; PP (42)",
          lambda expr, _: None if (inner := _argument(expr, Op.DET)) is None else mul(
              inner, trace(matmul(inverse(inner.args[0]), diff(inner.args[0])))),
          example=r"\nabla_X \det X = ?"),
    _rule("power", power(_s, _k), mul(_k, power(_s, add(_k, number(-1))), diff(_s)),
          "chain rule, MN ch. 5 §12", _scalar_power, example=r"\nabla_x (a^\top x)^3 = ?"),
    _rule("exponential", power(_s, _t), add(
        mul(power(_s, _t), function("log", _s), diff(_t)),
        mul(_t, power(_s, add(_t, number(-1))), diff(_s))),
        "chain rule, MN ch. 5 §12", _scalar_exponential, example=r"\nabla_x 2^{a^\top x} = ?"),
    _rule("power of a matrix", power(_X, 3), add(
        matmul(diff(_X), power(_X, 2)), matmul(_X, diff(_X), _X),
        matmul(power(_X, 2), diff(_X))), "MN ch. 8 §2; PP (90)", _matrix_power,
        example=r"\nabla_X a^\top X^3 b = ?"),
    _rule("elementwise power", hpower(_A, _k), scale(_k, hadamard(
        hpower(_A, add(_k, number(-1))), diff(_A))), "chain rule, MN ch. 5 §12",
        _elementwise_power, example=r"\nabla_x \mathbf{1}^\top x^{\odot 3} = ?"),
    _rule("differential of a trace", trace(_X), trace(diff(_X)), "MN ch. 8 §2; PP (36)",
          _linear(Op.TRACE), example=r"\nabla_X \operatorname{tr}(A X) = ?"),
    _rule("differential of a transpose", transpose(_A), transpose(diff(_A)),
          "MN ch. 8 §2; PP (44)", _linear(Op.TRANSPOSE), quiet=True),
    _rule("differential of Diag", diag(_a), diag(diff(_a)), "MN ch. 8 §2", _linear(Op.DIAG),
          quiet=True),
    _rule("differential of a diagonal", diagonal(_X), diagonal(diff(_X)), "MN ch. 8 §2",
          _linear(Op.DIAGONAL), quiet=True),
    _rule("differential of vec", vec(_A), vec(diff(_A)), "MN ch. 8 §2", _linear(Op.VEC),
          quiet=True),
    _rule("differential of unvec", unvec(_v, _A.shape), unvec(diff(_v), _A.shape), "MN ch. 8 §2",
          _linear(Op.UNVEC), quiet=True),
    _rule("differential of an entry", entry(_A, 1, 2), entry(diff(_A), 1, 2), "MN ch. 5 §4",
          _linear(Op.ENTRY), quiet=True),
    _rule("differential of a row", row(_A, 1), row(diff(_A), 1), "MN ch. 5 §4", _linear(Op.ROW),
          quiet=True),
    _rule("differential of a column", column_of(_A, 1), column_of(diff(_A), 1), "MN ch. 5 §4",
          _linear(Op.COLUMN), quiet=True),
    _rule("differential of a sum over an index", index_sum("i", "m", entry(_A, "i", 1)),
          index_sum("i", "m", diff(entry(_A, "i", 1))), "MN ch. 8 §2", _linear(Op.INDEX_SUM),
          quiet=True),
    _rule("piecewise constant", function("sign", _a), zero("n"), "MN ch. 5 §4", _no_slope,
          quiet=True),
)  # fmt: skip

_f = Unknown("f")
FUNCTION_RULES: tuple[Rule, ...] = (
    *(
        Rule(
            f"derivative of {name}",
            Table.FUNCTION,
            diff(function(name, _A)),
            hadamard(slope(_A), diff(_A)),
            "chain rule, MN ch. 5 §12",
            rewrite=_elementwise(name),
        )
        for name, slope in DERIVATIVES.items()
    ),
    Rule(
        "elementwise function",
        Table.FUNCTION,
        diff(function(_f, _A)),
        hadamard(function(Unknown("f", 1), _A), diff(_A)),
        "chain rule, MN ch. 5 §12",
        rewrite=_elementwise(None),
        example=r"\nabla_x \mathbf{1}^\top f(A x) = ?",
    ),
)
