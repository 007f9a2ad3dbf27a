"""The table of differentials.

Sources: Magnus & Neudecker, *Matrix Differential Calculus with Applications in Statistics and
Econometrics*, 3rd ed. (MN); Petersen & Pedersen, *The Matrix Cookbook*, 2012 (PP).
"""

from __future__ import annotations

from collections.abc import Callable

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
    row,
    scale,
    sub,
    symbol,
    trace,
    transpose,
    triangle,
    unvec,
    vec,
    zero,
)
from mdiff_pandoc.expr import column as column_of
from mdiff_pandoc.rules.differential_moves import (
    argument_of,
    constant_rule,
    determinant,
    elementwise,
    elementwise_power,
    linear,
    log_det,
    matrix_power,
    no_slope,
    norm_power,
    p_norm,
    p_norm_power,
    product_rule,
    quotient_rule,
    scalar_exponential,
    scalar_power,
    scalar_quotient,
    sum_rule,
    trace_of_power,
)
from mdiff_pandoc.rules.functions import DERIVATIVES
from mdiff_pandoc.rules.rule import Rule, Table, Varies
from mdiff_pandoc.rules.special import SPECIAL

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


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    source: str,
    rewrite: Callable[[Expr, Varies], Expr | None],
    *,
    quiet: bool = False,
) -> Rule:
    return Rule(name, Table.DIFFERENTIAL, diff(left), right, source, quiet, rewrite)


DIFFERENTIALS: tuple[Rule, ...] = (
    *SPECIAL,
    _rule(
        "differential of a constant",
        _K,
        zero("m", "n"),
        "MN ch. 8 §2; PP (33)",
        constant_rule,
        quiet=True,
    ),
    _rule(
        "trace of a power",
        trace(power(_X, _k)),
        mul(_k, trace(matmul(power(_X, add(_k, number(-1))), diff(_X)))),
        "MN ch. 9 §9; PP (121)",
        trace_of_power,
    ),
    _rule(
        "log-determinant",
        function("log", det(_X)),
        trace(matmul(inverse(_X), diff(_X))),
        "MN ch. 8 §3; PP (43)",
        log_det,
    ),
    _rule(
        "power of a norm",
        power(norm(_A), _k),
        mul(_k, power(norm(_A), add(_k, number(-2))), trace(matmul(transpose(_A), diff(_A)))),
        "PP §2.8; chain rule, MN ch. 5 §12",
        norm_power,
    ),
    _rule(
        "p-norm to the power p",
        power(norm(_a, 4), 4),
        mul(number(4), matmul(transpose(hpower(_a, 3)), diff(_a))),
        "chain rule, MN ch. 5 §12",
        p_norm_power,
    ),
    _rule(
        "p-norm",
        norm(_a, 4),
        mul(power(norm(_a, 4), -3), matmul(transpose(hpower(_a, 3)), diff(_a))),
        "chain rule, MN ch. 5 §12",
        p_norm,
    ),
    _rule(
        "differential of a sum",
        add(_A, _C),
        add(diff(_A), diff(_C)),
        f"{_MN_RULES}; PP (35)",
        sum_rule,
        quiet=True,
    ),
    _rule(
        "product rule",
        matmul(_A, _B),
        add(matmul(diff(_A), _B), matmul(_A, diff(_B))),
        f"{_MN_RULES}; PP (37)",
        product_rule(Op.MATMUL),
    ),
    _rule(
        "quotient rule",
        mul(_s, power(_t, -1)),
        sub(mul(diff(_s), power(_t, -1)), mul(_s, power(_t, -2), diff(_t))),
        "MN ch. 5 §12",
        scalar_quotient,
    ),
    _rule(
        "product of scalars",
        mul(_s, _t),
        add(mul(diff(_s), _t), mul(_s, diff(_t))),
        _MN_RULES,
        product_rule(Op.MUL),
    ),
    _rule(
        "scalar multiple",
        scale(_s, _A),
        add(scale(diff(_s), _A), scale(_s, diff(_A))),
        f"{_MN_RULES}; PP (34)",
        product_rule(Op.SCALE),
    ),
    _rule(
        "Hadamard product",
        hadamard(_A, _C),
        add(hadamard(diff(_A), _C), hadamard(_A, diff(_C))),
        f"{_MN_RULES}; PP (38)",
        product_rule(Op.HADAMARD),
    ),
    _rule(
        "Kronecker product",
        kron(_A, _P),
        add(kron(diff(_A), _P), kron(_A, diff(_P))),
        f"{_MN_RULES}; PP (39)",
        product_rule(Op.KRON),
    ),
    _rule(
        "elementwise quotient",
        hdivide(_A, _C),
        sub(hdivide(diff(_A), _C), hadamard(hdivide(_A, hpower(_C, 2)), diff(_C))),
        "quotient rule, MN ch. 5 §12",
        quotient_rule,
    ),
    _rule(
        "inverse",
        inverse(_X),
        neg(matmul(inverse(_X), diff(_X), inverse(_X))),
        "MN ch. 8 §4; PP (40)",
        lambda expr, _: (
            None
            if (inner := argument_of(expr, Op.INVERSE)) is None
            else neg(matmul(inner, diff(inner.args[0]), inner))
        ),
    ),
    _rule(
        "determinant",
        det(_X),
        mul(det(_X), trace(matmul(inverse(_X), diff(_X)))),
        "MN ch. 8 §3; PP (42)",
        determinant,
    ),
    _rule(
        "power",
        power(_s, _k),
        mul(_k, power(_s, add(_k, number(-1))), diff(_s)),
        "chain rule, MN ch. 5 §12",
        scalar_power,
    ),
    _rule(
        "exponential",
        power(_s, _t),
        add(
            mul(power(_s, _t), function("log", _s), diff(_t)),
            mul(_t, power(_s, add(_t, number(-1))), diff(_s)),
        ),
        "chain rule, MN ch. 5 §12",
        scalar_exponential,
    ),
    _rule(
        "power of a matrix",
        power(_X, 3),
        add(
            matmul(diff(_X), power(_X, 2)), matmul(_X, diff(_X), _X), matmul(power(_X, 2), diff(_X))
        ),
        "MN ch. 8 §2; PP (90)",
        matrix_power,
    ),
    _rule(
        "elementwise power",
        hpower(_A, _k),
        scale(_k, hadamard(hpower(_A, add(_k, number(-1))), diff(_A))),
        "chain rule, MN ch. 5 §12",
        elementwise_power,
    ),
    _rule(
        "differential of a trace",
        trace(_X),
        trace(diff(_X)),
        "MN ch. 8 §2; PP (36)",
        linear(Op.TRACE),
    ),
    _rule(
        "differential of a transpose",
        transpose(_A),
        transpose(diff(_A)),
        "MN ch. 8 §2; PP (44)",
        linear(Op.TRANSPOSE),
        quiet=True,
    ),
    _rule(
        "differential of Diag",
        diag(_a),
        diag(diff(_a)),
        "MN ch. 8 §2",
        linear(Op.DIAG),
        quiet=True,
    ),
    _rule(
        "differential of a diagonal",
        diagonal(_X),
        diagonal(diff(_X)),
        "MN ch. 8 §2",
        linear(Op.DIAGONAL),
        quiet=True,
    ),
    _rule(
        "differential of a triangular part",
        triangle(_X, "lower"),
        triangle(diff(_X), "lower"),
        "linearity, MN ch. 8 §2",
        linear(Op.TRIANGLE),
        quiet=True,
    ),
    _rule("differential of vec", vec(_A), vec(diff(_A)), "MN ch. 8 §2", linear(Op.VEC), quiet=True),
    _rule(
        "differential of unvec",
        unvec(_v, _A.shape),
        unvec(diff(_v), _A.shape),
        "MN ch. 8 §2",
        linear(Op.UNVEC),
        quiet=True,
    ),
    _rule(
        "differential of an entry",
        entry(_A, 1, 2),
        entry(diff(_A), 1, 2),
        "MN ch. 5 §4",
        linear(Op.ENTRY),
        quiet=True,
    ),
    _rule(
        "differential of a row",
        row(_A, 1),
        row(diff(_A), 1),
        "MN ch. 5 §4",
        linear(Op.ROW),
        quiet=True,
    ),
    _rule(
        "differential of a column",
        column_of(_A, 1),
        column_of(diff(_A), 1),
        "MN ch. 5 §4",
        linear(Op.COLUMN),
        quiet=True,
    ),
    _rule(
        "differential of a sum over an index",
        index_sum("i", "m", entry(_A, "i", 1)),
        index_sum("i", "m", diff(entry(_A, "i", 1))),
        "MN ch. 8 §2",
        linear(Op.INDEX_SUM),
        quiet=True,
    ),
    _rule(
        "piecewise constant", function("sign", _a), zero("n"), "MN ch. 5 §4", no_slope, quiet=True
    ),
)

_f = Unknown("f")
FUNCTION_RULES: tuple[Rule, ...] = (
    *(
        Rule(
            f"derivative of {name}",
            Table.FUNCTION,
            diff(function(name, _A)),
            hadamard(slope(_A), diff(_A)),
            "chain rule, MN ch. 5 §12",
            rewrite=elementwise(name),
        )
        for name, slope in DERIVATIVES.items()
    ),
    Rule(
        "elementwise function",
        Table.FUNCTION,
        diff(function(_f, _A)),
        hadamard(function(Unknown("f", 1), _A), diff(_A)),
        "chain rule, MN ch. 5 §12",
        rewrite=elementwise(None),
    ),
)
