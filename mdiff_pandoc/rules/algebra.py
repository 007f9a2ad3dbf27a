"""The table of algebra: what a reader expects to be done to a formula without being asked.

Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    Dim,
    Expr,
    Op,
    add,
    diag,
    diagonal,
    dimension,
    hadamard,
    hdivide,
    identity,
    inverse,
    matmul,
    meta,
    mul,
    number,
    ones,
    power,
    scale,
    symbol,
    trace,
    transpose,
    unvec,
    vec,
    zero,
)
from mdiff_pandoc.rules.algebra_moves import (
    Simplifier,
    arithmetic,
    cancelled,
    coefficient_out,
    diagonal_chain,
    elementwise_scale,
    inverse_of_inverse,
    merged,
    neighbouring_powers,
    orthogonal,
    outer_diagonal,
    outer_trace,
    scalar_chain,
    scalar_product,
    skew,
    sum_of_ones,
    symmetry,
    transpose_of_product,
    transposed_inward,
    undone,
    without_neutral,
    zero_factor,
)
from mdiff_pandoc.rules.patterns import UNIT_LENGTH
from mdiff_pandoc.rules.rule import Rule, Table, Varies

_A = meta("A", "m", "n")
_B = meta("B", "n", "p")
_C = meta("C", "m", "n")
_P = meta("P", "p", "q")
_X = meta("X", "n", "n")
_S = symbol("S", "n", "n", ("symmetric",))
_K = symbol("K", "n", "n", ("skew",))
_Q = symbol("Q", "n", "n", ("orthogonal",))
_a = meta("a", "n")
_b = meta("b", "n")
_s = meta("alpha")
_v = meta("v", Dim.of("m") * Dim.of("n"))


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    rewrite: Simplifier,
    source: str = "MN ch. 1",
    *,
    quiet: bool = False,
    on: str = "",
) -> Rule:
    roots = frozenset(Op[name] for name in on.split())

    def apply(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    return Rule(name, Table.ALGEBRA, left, right, source, quiet, apply, roots=roots)


ALGEBRA: tuple[Rule, ...] = (
    _rule("symmetry", transpose(_S), _S, symmetry, "MN ch. 1 §5", on="TRANSPOSE"),
    _rule(
        "skew-symmetry", transpose(_K), scale(number(-1), _K), skew, "MN ch. 1 §5", on="TRANSPOSE"
    ),
    _rule("orthogonality", inverse(_Q), transpose(_Q), orthogonal, "MN ch. 1 §13", on="INVERSE"),
    UNIT_LENGTH,
    _rule(
        "transpose of a product",
        transpose(matmul(_A, _B)),
        matmul(transpose(_B), transpose(_A)),
        transpose_of_product,
        "MN ch. 1 §4",
        on="TRANSPOSE",
    ),
    _rule(
        "transpose",
        transpose(transpose(_A)),
        _A,
        transposed_inward,
        "MN ch. 1 §4",
        quiet=True,
        on="TRANSPOSE",
    ),
    _rule(
        "inverse of an inverse",
        inverse(inverse(_X)),
        _X,
        inverse_of_inverse,
        "MN ch. 1 §8",
        quiet=True,
        on="INVERSE",
    ),
    _rule(
        "a matrix times its inverse",
        matmul(_X, inverse(_X), _b),
        _b,
        cancelled,
        "MN ch. 1 §8",
        on="MATMUL",
    ),
    _rule(
        "identity and zero",
        matmul(identity("m"), _A),
        _A,
        without_neutral,
        "MN ch. 1 §5",
        quiet=True,
    ),
    _rule(
        "powers of one matrix",
        matmul(power(_X, 2), power(_X, 3)),
        power(_X, 5),
        neighbouring_powers,
        "MN ch. 1 §5",
        quiet=True,
        on="MATMUL",
    ),
    _rule(
        "Diag times a vector",
        matmul(diag(_a), _b),
        hadamard(_a, _b),
        diagonal_chain,
        "MN ch. 3 §6",
        on="MATMUL",
    ),
    _rule(
        "diagonal of an outer product",
        diagonal(matmul(_a, transpose(_b))),
        hadamard(_a, _b),
        outer_diagonal,
        "MN ch. 3 §6",
        on="DIAGONAL",
    ),
    _rule(
        "operations that undo one another",
        vec(unvec(_v, _A.shape)),
        _v,
        undone,
        "MN ch. 2 §4",
        quiet=True,
        on="VEC UNVEC DIAGONAL DIAG TRACE DET",
    ),
    _rule(
        "trace of an outer product",
        trace(matmul(_a, transpose(_b))),
        matmul(transpose(_b), _a),
        outer_trace,
        "MN ch. 1 §10",
        on="TRACE",
    ),
    _rule(
        "scalar factors of a chain",
        matmul(transpose(_a), _b, transpose(_b), _a),
        mul(matmul(transpose(_a), _b), matmul(transpose(_b), _a)),
        scalar_chain,
        "MN ch. 1 §3",
        quiet=True,
        on="MATMUL",
    ),
    _rule(
        "sum of ones",
        matmul(transpose(ones("n")), ones("n")),
        dimension("n"),
        sum_of_ones,
        "MN ch. 1 §3",
        quiet=True,
        on="MATMUL",
    ),
    _rule(
        "coefficient in front",
        trace(scale(_s, _X)),
        mul(_s, trace(_X)),
        coefficient_out,
        "MN ch. 1 §10",
        quiet=True,
        on="TRACE TRANSPOSE DIAG DIAGONAL VEC UNVEC TRIANGLE INDEX_SUM",
    ),
    _rule(
        "zero factor",
        hadamard(zero("m", "n"), _A),
        zero("m", "n"),
        zero_factor,
        "MN ch. 1 §3",
        quiet=True,
        on="MUL HADAMARD",
    ),
    _rule(
        "elementwise coefficient",
        hadamard(scale(_s, _A), meta("Z", "m", "n", active=True)),
        scale(_s, hadamard(_A, meta("Z", "m", "n", active=True))),
        elementwise_scale,
        "MN ch. 3 §6",
        quiet=True,
        on="HADAMARD",
    ),
    _rule(
        "numbers in front",
        mul(number(2), _s, number(3), meta("z", active=True)),
        mul(number(6), _s, meta("z", active=True)),
        scalar_product,
        "MN ch. 1 §3",
        quiet=True,
        on="MUL",
    ),
    _rule(
        "arithmetic",
        hdivide(hadamard(_A, _C), _C),
        _A,
        arithmetic,
        "MN ch. 3 §6",
        quiet=True,
        on="MUL HADAMARD HDIV POWER HPOWER SCALE",
    ),
    _rule("like terms", add(_A, _A), scale(number(2), _A), merged, "MN ch. 1 §3", on="SUM"),
)
