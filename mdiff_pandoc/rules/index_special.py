"""The index rules for functions of whole vectors and matrices, blocks and expectations.

Statements are equations between scalars; i, j, k, l stand for any indices, p and q are those of
the entry that a derivative is taken by.
Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN); Petersen & Pedersen,
*The Matrix Cookbook*, 2012 (PP); Higham, *Functions of Matrices*, 2008; Watson,
*Characterization of the subdifferential of some matrix norms*, 1992.
"""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.expr import (
    Dim,
    Expr,
    Op,
    add,
    adjugate,
    block,
    cross,
    delta,
    derivative,
    det,
    eigenvalue,
    eigenvector,
    entry,
    expectation,
    function,
    identity,
    index_sum,
    inverse,
    matmul,
    matrix_function,
    meta,
    mul,
    neg,
    norm,
    number,
    power,
    pseudo_inverse,
    scale,
    singular_vector,
    sub,
    symbol,
    trace,
    transpose,
    unvec,
    vec,
)
from mdiff_pandoc.rules import index_special_moves as moves
from mdiff_pandoc.rules.rule import Rule, Table, Varies
from mdiff_pandoc.rules.special import eigenvector_slope, nuclear_slope

_A = meta("A", "m", "n")
_B = meta("B", "m", "p")
_a = meta("a", 3)
_b = meta("b", 3)
_s, _z = meta("alpha"), meta("beta")


def _written(
    name: str,
    left: Expr,
    right: Expr,
    rewrite: Callable[[Expr], Expr | None],
    source: str,
    *roots: Op,
    quiet: bool = False,
) -> Rule:
    def applied(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    return Rule(name, Table.INDEX, left, right, source, quiet, applied, roots=frozenset(roots))


_ROW = block([[_A, _B]])
_COLUMN = block([[meta("x", "n")], [meta("y", "p")]])
SPECIAL_EXPANSIONS: tuple[Rule, ...] = (
    _written(
        "norm of a cross product",
        power(norm(cross(_a, _b), "2"), 2),
        sub(
            mul(power(norm(_a, "2"), 2), power(norm(_b, "2"), 2)),
            power(matmul(transpose(_a), _b), 2),
        ),
        moves.norm_of_cross,
        "Lagrange's identity",
        Op.POWER,
    ),
    _written(
        "norm of a block matrix",
        power(norm(_ROW, "F"), 2),
        add(power(norm(_A, "F"), 2), power(norm(_B, "F"), 2)),
        moves.norm_of_blocks,
        "MN ch. 1 §10",
        Op.POWER,
    ),
    _written(
        "product of block matrices",
        entry(matmul(_ROW, _COLUMN), "i"),
        entry(add(matmul(_A, _COLUMN.args[0]), matmul(_B, _COLUMN.args[1])), "i"),
        moves.product_of_blocks,
        "MN ch. 1 §11",
        Op.ENTRY,
        Op.MATMUL,
    ),
)

SPECIAL_ENTRIES: tuple[Rule, ...] = (
    _written(
        "entry of an explicit matrix",
        entry(block([[_s], [_z]]), "i"),
        add(mul(delta("i", 1), _s), mul(delta("i", 2), _z)),
        moves.explicit_entry,
        "MN ch. 1 §2",
        Op.ENTRY,
        quiet=True,
    ),
)

_X = symbol("X", "m", "n")
_T = symbol("X", "n", "m")
_S = symbol("S", "n", "n")
_V = symbol("V", "n", "n", ("positive definite",))
_C = symbol("C", "n", "n", ("symmetric",))
_K = symbol("K", "n", "n", ("constant",))
_t, _r = symbol("t"), symbol("rho")
_x, _c = symbol("x", 3), symbol("c", 3)
_d = symbol("d", Dim.of("m") * Dim.of("n"), assumptions=("constant",))
_k = symbol("k", assumptions=("constant",))
_LINE = add(_V, scale(_t, _C))
_PLUS, _BACK = pseudo_inverse(_X), inverse(_LINE)
_LARGEST = eigenvector(_LINE)
_ALONG = matrix_function("exp", scale(_t, _K))
_AVERAGED = mul(_r, function("sin", mul(_r, _t)))
_Xpq, _Spq = entry(_X, "p", "q"), entry(_S, "p", "q")


def _through_line(*slopes: Expr) -> Expr:
    body = mul(*slopes, derivative(entry(_LINE, "k", "l"), _t))
    return index_sum("k", "n", index_sum("l", "n", body))


_OUTSIDE = sub(identity("m"), matmul(_X, _PLUS))
_INSIDE = sub(identity("n"), matmul(_PLUS, _X))

SPECIAL_BY_ENTRY: tuple[Rule, ...] = tuple(
    Rule(name, Table.INDEX, derivative(left, by), right, source, quiet, move)
    for name, left, by, right, source, quiet, move in (
        (
            "trace of a function of a matrix by an entry",
            trace(matrix_function("exp", _S)),
            _Spq,
            entry(matrix_function("exp", _S), "q", "p"),
            "MN ch. 8 §2; Higham ch. 3",
            False,
            moves.trace_of_function,
        ),
        (
            "trace of a power by an entry",
            trace(power(_S, _k)),
            _Spq,
            mul(_k, entry(power(_S, add(_k, number(-1))), "q", "p")),
            "MN ch. 8 §2; PP (121)",
            False,
            moves.trace_of_power,
        ),
        (
            "nuclear norm by an entry",
            norm(_T, "*"),
            entry(_T, "p", "q"),
            entry(nuclear_slope(_T), "p", "q"),
            "Watson 1992, §2; for full column rank",
            False,
            moves.nuclear_norm,
        ),
        (
            "spectral norm by an entry",
            norm(_X, "2"),
            _Xpq,
            mul(
                entry(singular_vector(_X, "left"), "p"),
                entry(singular_vector(_X, "right"), "q"),
            ),
            "Watson 1992, §2; for a simple largest singular value",
            False,
            moves.spectral_norm,
        ),
        (
            "eigenvalue by an entry",
            eigenvalue(_LINE),
            _t,
            _through_line(entry(_LARGEST, "k"), entry(_LARGEST, "l")),
            "MN ch. 8 §9; PP (67)",
            False,
            moves.eigenvalue_rule,
        ),
        (
            "eigenvector by an entry",
            entry(_LARGEST, "i"),
            _t,
            _through_line(entry(eigenvector_slope(_LARGEST), "i", "k"), entry(_LARGEST, "l")),
            "MN ch. 8 §9; PP (68)",
            False,
            moves.eigenvector_rule,
        ),
        (
            "pseudo-inverse by an entry",
            entry(_PLUS, "i", "j"),
            _Xpq,
            add(
                neg(mul(entry(_PLUS, "i", "p"), entry(_PLUS, "q", "j"))),
                mul(
                    entry(matmul(_PLUS, transpose(_PLUS)), "i", "q"),
                    entry(_OUTSIDE, "p", "j"),
                ),
                mul(
                    entry(_INSIDE, "i", "q"),
                    entry(matmul(transpose(_PLUS), _PLUS), "p", "j"),
                ),
            ),
            "MN ch. 8 §5; for constant rank",
            False,
            moves.pseudo_inverse_rule,
        ),
        (
            "adjugate by an entry",
            entry(adjugate(_LINE), "i", "j"),
            _t,
            mul(
                det(_LINE),
                sub(
                    mul(entry(_BACK, "i", "j"), _through_line(entry(_BACK, "l", "k"))),
                    _through_line(mul(entry(_BACK, "i", "k"), entry(_BACK, "l", "j"))),
                ),
            ),
            "MN ch. 8 §6",
            False,
            moves.adjugate_rule,
        ),
        (
            "function of a matrix along a line, in entries",
            entry(_ALONG, "i", "j"),
            _t,
            entry(matmul(_K, _ALONG), "i", "j"),
            "MN ch. 8 §2; Higham §10.1",
            False,
            moves.along_a_line,
        ),
        (
            "triple product by an entry",
            matmul(transpose(_c), cross(_x, _b)),
            entry(_x, "p"),
            entry(cross(_b, _c), "p"),
            "MN ch. 8 §2",
            False,
            moves.triple_product,
        ),
        (
            "inner product with a vec by an entry",
            matmul(transpose(_d), vec(_X)),
            _Xpq,
            entry(unvec(_d, _X.shape), "p", "q"),
            "MN ch. 2 §4",
            False,
            moves.product_with_vec,
        ),
        (
            "expectation by an entry",
            expectation(_AVERAGED, ("rho",)),
            _t,
            expectation(derivative(_AVERAGED, _t), ("rho",)),
            "linearity of the expectation",
            False,
            moves.expectation_rule,
        ),
    )
)
