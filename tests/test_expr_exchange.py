"""Expressions go to SymPy and come back."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from strategies import SYMBOLS, expressions

from mdiff_pandoc import expr as ex
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Dim, Expr
from mdiff_pandoc.expr.exchange import from_sympy, to_sympy
from mdiff_pandoc.verify import Status, judge_equal

t, c = ex.symbol("t"), ex.symbol("c", assumptions=["positive"])
A, B, S = (
    ex.symbol("A", "m", "n"),
    ex.symbol("B", "m", "n"),
    ex.symbol("S", "n", "n", ["symmetric"]),
)
x = ex.symbol("x", "n")
KNOWN = [t, c, A, B, S, x]


@pytest.mark.parametrize(
    "expr",
    [
        ex.number(Fraction(-2, 3)),
        ex.constant("pi"),
        ex.dimension(Dim.of("n")),
        ex.add(t, c),
        ex.mul(t, c),
        ex.power(t, 3),
        ex.power(t, -1),
        *(ex.function(name, t) for name in ex.FUNCTIONS),
        ex.function(ex.Unknown("g"), t),
        S,
        ex.add(A, B),
        ex.matmul(ex.transpose(A), B, S),
        ex.scale(t, A),
        ex.inverse(S),
        ex.power(S, 3),
        ex.trace(S),
        ex.det(S),
        ex.hadamard(A, B),
        ex.hdivide(A, B),
        ex.hdivide(ex.ones("m", "n"), B),
        ex.hpower(A, 2),
        ex.diag(x),
        ex.diagonal(S),
        ex.kron(ex.kron(A, B), S),
        ex.block([[A, A], [B, B]]),
        ex.block([[t, c], [c, ex.number(2)]]),
        ex.identity("n"),
        ex.ones("m", "n"),
        ex.zero("m", "n"),
        ex.function("exp", A),
        ex.function("sigma", A),
        ex.function("sqrt", A),
        ex.function(ex.Unknown("g"), A),
        ex.matmul(ex.transpose(x), S, x),
        ex.entry(S, 1, 2),
        ex.entry(x, "i"),
        ex.index_sum("i", "n", ex.entry(S, "i", "i")),
        ex.delta("i", "j"),
        ex.symbol("Y", Dim.of("m") * Dim.of("n"), Dim.of("n") + Dim.of(1)),
    ],
)
def test_it_comes_back_as_it_went(expr: Expr) -> None:
    assert from_sympy(to_sympy(expr), KNOWN) is expr


@settings(max_examples=100, deadline=None)
@given(expressions(max_size=6, indices=False))
def test_the_value_survives_the_trip(expr: Expr) -> None:
    try:
        sent = to_sympy(expr)
    except UnsupportedError:
        return
    if sent.has(sympy.nan, sympy.zoo):
        return
    back = from_sympy(sent, SYMBOLS)
    assert back.shape == expr.shape
    assert judge_equal(back, expr).status is not Status.REFUTED


def test_sympy_differentiates_what_it_is_given() -> None:
    derivative = to_sympy(ex.function("log", ex.function("sigma", t))).diff(to_sympy(t))
    assert sympy.simplify(derivative - (1 - to_sympy(ex.function("sigma", t)))) == 0
    assert to_sympy(ex.function("softplus", ex.number(0))).evalf() == sympy.log(2).evalf()


@pytest.mark.parametrize(
    "expr",
    [ex.norm(A), ex.vec(A), ex.row(A, 1), ex.diff(A), ex.meta("M"), ex.basis("i", "n")],
)
def test_what_sympy_lacks_is_refused(expr: Expr) -> None:
    with pytest.raises(UnsupportedError, match="SymPy"):
        to_sympy(expr)


def test_what_mdiff_lacks_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="gamma"):
        from_sympy(sympy.gamma(sympy.Symbol("t")))


def test_sympy_is_imported_only_when_it_is_needed() -> None:
    code = "import sys, mdiff_pandoc.expr.exchange; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
