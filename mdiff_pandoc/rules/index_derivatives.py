"""Derivatives of scalars by an entry of a matrix.

Statements hold for any indices i, j, k, l of entries; p and q are those of the entry that the
derivative is taken by. g, h and F are unspecified functions of X.
Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN); Petersen & Pedersen,
*The Matrix Cookbook*, 2012 (PP); Laue, Mitterreiter & Giesen, *Computing Higher Order Derivatives
of Matrix and Tensor Expressions*, 2018 (LMG).
"""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.expr import (
    add,
    apply,
    delta,
    derivative,
    det,
    entry,
    function,
    index_sum,
    inverse,
    logsumexp,
    mul,
    neg,
    norm,
    number,
    power,
    softmax,
    symbol,
)
from mdiff_pandoc.rules import index_moves
from mdiff_pandoc.rules.rule import Rule, Table

_X = symbol("X", "m", "n")
_S = symbol("S", "n", "n")
_x = symbol("x", "n")
_xp = entry(_x, "p")
_Xpq = entry(_X, "p", "q")
_Spq = entry(_S, "p", "q")
_g = apply("g", (_X,))
_h = apply("h", (_X,))
_F = apply("F", (_X,), _S.shape)
_gF = apply("g", (_F,))
_HALF = Fraction(1, 2)

BY_ENTRY: tuple[Rule, ...] = tuple(
    Rule(name, Table.INDEX, derivative(left, by), right, source, quiet, move)
    for name, left, by, right, source, quiet, move in (
        (
            "constant by an entry",
            symbol("c", assumptions=("constant",)),
            _Xpq,
            number(0),
            "MN ch. 5 §4",
            True,
            index_moves.constant,
        ),
        (
            "derivative of an entry",
            entry(_X, "i", "j"),
            _Xpq,
            mul(delta("i", "p"), delta("j", "q")),
            "PP (32); LMG §2",
            False,
            index_moves.entry_by_entry,
        ),
        (
            "sum rule by an entry",
            add(_g, _h),
            _Xpq,
            add(derivative(_g, _Xpq), derivative(_h, _Xpq)),
            "MN ch. 5 §4",
            True,
            index_moves.sum_rule,
        ),
        (
            "product rule by an entry",
            mul(_g, _h),
            _Xpq,
            add(mul(derivative(_g, _Xpq), _h), mul(_g, derivative(_h, _Xpq))),
            "MN ch. 5 §4; LMG §3",
            False,
            index_moves.product_rule,
        ),
        (
            "power rule by an entry",
            power(_g, 3),
            _Xpq,
            mul(number(3), power(_g, 2), derivative(_g, _Xpq)),
            "chain rule, MN ch. 5 §12",
            False,
            index_moves.power_rule,
        ),
        (
            "norm by an entry",
            norm(_X),
            _Xpq,
            mul(number(_HALF), power(norm(_X), -1), derivative(power(norm(_X), 2), _Xpq)),
            "chain rule, MN ch. 5 §12",
            True,
            index_moves.norm_rule,
        ),
        (
            "log-determinant by an entry",
            function("log", det(_S)),
            _Spq,
            entry(inverse(_S), "q", "p"),
            "MN ch. 8 §3; PP (57)",
            False,
            index_moves.log_det_rule,
        ),
        (
            "chain rule by an entry",
            function("sin", _g),
            _Xpq,
            mul(function("cos", _g), derivative(_g, _Xpq)),
            "chain rule, MN ch. 5 §12; LMG §3",
            False,
            index_moves.chain_rule,
        ),
        (
            "logsumexp by an entry",
            logsumexp(_x),
            _xp,
            entry(softmax(_x), "p"),
            "chain rule, MN ch. 5 §12",
            False,
            index_moves.logsumexp_rule,
        ),
        (
            "softmax by an entry",
            entry(softmax(_x), "i"),
            _xp,
            mul(
                entry(softmax(_x), "i"),
                add(delta("i", "p"), neg(entry(softmax(_x), "p"))),
            ),
            "chain rule, MN ch. 5 §12",
            False,
            index_moves.softmax_rule,
        ),
        (
            "chain rule through entries",
            _gF,
            _Xpq,
            index_sum(
                "k",
                "n",
                index_sum(
                    "l",
                    "n",
                    mul(
                        derivative(_gF, entry(_F, "k", "l")),
                        derivative(entry(_F, "k", "l"), _Xpq),
                    ),
                ),
            ),
            "chain rule, MN ch. 5 §12",
            False,
            index_moves.through_arguments,
        ),
        (
            "inverse by an entry",
            entry(inverse(_S), "i", "j"),
            _Spq,
            neg(mul(entry(inverse(_S), "i", "p"), entry(inverse(_S), "q", "j"))),
            "MN ch. 8 §4; PP (60)",
            False,
            index_moves.inverse_of_variable,
        ),
        (
            "inverse of a function by an entry",
            entry(inverse(_F), "i", "j"),
            _Xpq,
            neg(
                index_sum(
                    "k",
                    "n",
                    index_sum(
                        "l",
                        "n",
                        mul(
                            entry(inverse(_F), "i", "k"),
                            derivative(entry(_F, "k", "l"), _Xpq),
                            entry(inverse(_F), "l", "j"),
                        ),
                    ),
                )
            ),
            "MN ch. 8 §4; PP (59)",
            False,
            index_moves.inverse_rule,
        ),
        (
            "determinant by an entry",
            det(_S),
            _Spq,
            mul(det(_S), entry(inverse(_S), "q", "p")),
            "MN ch. 8 §3; PP (49)",
            False,
            index_moves.det_of_variable,
        ),
        (
            "determinant of a function by an entry",
            det(_F),
            _Xpq,
            mul(
                det(_F),
                index_sum(
                    "k",
                    "n",
                    index_sum(
                        "l",
                        "n",
                        mul(entry(inverse(_F), "l", "k"), derivative(entry(_F, "k", "l"), _Xpq)),
                    ),
                ),
            ),
            "MN ch. 8 §3; PP (46)",
            False,
            index_moves.det_rule,
        ),
    )
)
