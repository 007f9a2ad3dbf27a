"""The table of structured variables: the part of a gradient that a structured ``dX`` can see.

A direction of a structured variable lies in a linear space, that of the matrices with the same
pattern or, on the orthogonal matrices and the sphere, the tangent space. The gradient is the one
vector of that space with ``df = tr(G^T dX)``: the orthogonal projection of the unrestricted one.

Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN); Petersen & Pedersen,
*The Matrix Cookbook*, 2012 (PP); Edelman, Arias & Smith, *The geometry of algorithms with
orthogonality constraints*, 1998 (EAS); Absil, Mahony & Sepulchre, *Optimization Algorithms on
Matrix Manifolds*, 2008 (AMS).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    add,
    diag,
    diagonal,
    diff,
    divide,
    hadamard,
    identity,
    matmul,
    meta,
    number,
    scale,
    sub,
    trace,
    transpose,
    triangle,
)
from mdiff_pandoc.rules.rule import Rule, Table

_P = meta("P", "n", "n", optional=True)
_Pkn = meta("P", "k", "n", optional=True)
_dS = meta("Z", "n", "n", requires=("symmetric",))
_dK = meta("Z", "n", "n", requires=("skew",))
_dD = meta("Z", "n", "n", requires=("diagonal",))
_dL = meta("Z", "n", "n", requires=("lower triangular",))
_dU = meta("Z", "n", "n", requires=("upper triangular",))
_Q = meta("Q", "n", "n", requires=("orthogonal",))
_V = meta("Q", "n", "k", requires=("orthogonal",))
_u = meta("Q", "n", requires=("unit",))
_p = meta("P", 1, "n")


def _half(expr: Expr) -> Expr:
    return scale(divide(number(1), number(2)), expr)


def _rule(name: str, before: Expr, seen: Expr, step: Expr, source: str) -> Rule:
    pair = (matmul(before, step), matmul(seen, step))
    left, right = pair if before.shape[0] == ONE else map(trace, pair)
    return Rule(name, Table.STRUCTURE, left, right, source)


STRUCTURES: tuple[Rule, ...] = (
    _rule("symmetric variable", _P, _half(add(_P, transpose(_P))), _dS, "MN ch. 9 §8"),
    _rule("skew variable", _P, _half(sub(_P, transpose(_P))), _dK, "MN ch. 9 §8"),
    _rule("diagonal variable", _P, diag(diagonal(_P)), _dD, "MN ch. 9 §8; PP (142)"),
    _rule("lower triangular variable", _P, triangle(_P, "upper"), _dL, "PP §2.8"),
    _rule("upper triangular variable", _P, triangle(_P, "lower"), _dU, "PP §2.8"),
    _rule(
        "orthogonal variable",
        _P,
        _half(sub(_P, matmul(transpose(_Q), transpose(_P), transpose(_Q)))),
        diff(_Q),
        "EAS §2; AMS §3.6.1",
    ),
    _rule(
        "variable with orthonormal columns",
        _Pkn,
        sub(
            _Pkn,
            _half(
                matmul(add(matmul(_Pkn, _V), matmul(transpose(_V), transpose(_Pkn))), transpose(_V))
            ),
        ),
        diff(_V),
        "EAS §2; AMS §3.6.1",
    ),
    _rule(
        "unit vector as variable",
        _p,
        matmul(_p, sub(identity("n"), matmul(_u, transpose(_u)))),
        diff(_u),
        "AMS §3.6.1",
    ),
    _rule(
        "symmetric variable, by entries",
        _P,
        triangle(sub(add(_P, transpose(_P)), hadamard(_P, identity("n"))), "lower"),
        _dS,
        "PP (138)",
    ),
)
