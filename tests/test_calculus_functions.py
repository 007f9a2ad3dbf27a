"""Gradients of functions of whole vectors and matrices, of blocks and of expectations."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.calculus import Problem, derivation_of
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Dim, Expr
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.service import judged
from mdiff_pandoc.verify import Status

A, Y = ex.symbol("A", "m", "n"), ex.symbol("Y", "m", "n")
X, C, D = (ex.symbol(name, "n", "n") for name in "XCD")
S = ex.symbol("S", "n", "n", ["symmetric"])
P = ex.symbol("P", "n", "n", ["positive definite"])
Q = ex.symbol("Q", Dim.of("n") + Dim.of("n"), Dim.of("n") + Dim.of("n"))
x, y, z = ex.symbol("x", "n"), ex.symbol("y", "n"), ex.symbol("z", "m")
a, b, c = (ex.symbol(name, 3) for name in "abc")
R = ex.symbol("R", 3, 3)
t = ex.symbol("t")
T, chain, mf = ex.transpose, ex.matmul, ex.matrix_function
H = ex.symbol("H", Dim.of("n") + Dim.of(1), Dim.of("n") + Dim.of(1))
AFFINE = ex.block([[x], [ex.number(1)]])
M = ex.block([[X, C], [D, S]])
MIXED = ex.block([[X, x], [T(y), t]])
top, bottom = ex.eigenvalue(S), ex.eigenvalue(chain(T(A), A), "min")


def mean(body: Expr) -> Expr:
    return ex.expectation(body, ["x"])


def root(matrix: Expr) -> Expr:
    return ex.inverse(mf("sqrt", matrix))


GRADIENTS = [
    (ex.logsumexp(chain(A, x)), x, r"A^{\top} \operatorname{softmax}(A x)"),
    (
        chain(T(y), ex.function("log", ex.softmax(x))),
        x,
        r"y - (y^{\top} \mathbf{1}) \operatorname{softmax}(x)",
    ),
    (chain(T(z), ex.softmax(chain(A, x))), A, ""),
    (ex.norm(Y, "*"), Y, r"Y \operatorname{sqrtm}(Y^{\top} Y)^{-1}"),
    (ex.norm(Y, "2"), Y, r"u_{1}(Y) v_{1}(Y)^{\top}"),
    (ex.power(ex.norm(Y, "2"), 2), Y, r"2 \|Y\|_2 u_{1}(Y) v_{1}(Y)^{\top}"),
    (ex.norm(chain(Y, X), "2"), X, r"Y^{\top} u_{1}(Y X) v_{1}(Y X)^{\top}"),
    (ex.norm(x, 1), x, r"\operatorname{sign}(x)"),
    *(
        (ex.trace(mf(name, X)), X, rf"{sign}\operatorname{{{slope}}}(X)^{{\top}}")
        for name, sign, slope in (
            ("exp", "", "expm"),
            ("sin", "", "cosm"),
            ("cos", "-", "sinm"),
            ("sinh", "", "coshm"),
            ("cosh", "", "sinhm"),
        )
    ),
    (ex.trace(mf("log", P)), P, "P^{-1}"),
    (ex.trace(mf("sqrt", P)), P, r"\frac{1}{2} \operatorname{sqrtm}(P)^{-1}"),
    (ex.trace(mf("exp", chain(C, X))), X, r"C^{\top} \operatorname{expm}(C X)^{\top}"),
    (
        chain(T(x), mf("exp", ex.scale(t, C)), y),
        t,
        r"x^{\top} C \operatorname{expm}(t C) y",
    ),
    (ex.trace(chain(C, mf("sqrt", P))), P, ""),
    (ex.trace(chain(A, ex.pseudo_inverse(Y))), Y, ""),
    (
        chain(T(z), Y, ex.pseudo_inverse(Y), z),
        Y,
        r"2 (I - Y Y^{+}) z z^{\top} (Y^{+})^{\top}",
    ),
    (ex.trace(chain(C, ex.adjugate(X))), X, ""),
    (top, S, r"v_{\max}(S) v_{\max}(S)^{\top}"),
    (bottom, A, r"2 A v_{\min}(A^{\top} A) v_{\min}(A^{\top} A)^{\top}"),
    (chain(T(x), ex.eigenvector(S)), S, ""),
    (
        ex.function("log", ex.eigenvalue(ex.add(S, ex.scale(t, ex.identity("n"))))),
        t,
        r"\frac{1}{\lambda_{\max}(S + t I)}",
    ),
    (chain(T(a), ex.cross(b, c)), b, r"c \times a"),
    (chain(T(a), ex.cross(b, chain(R, b))), b, ""),
    (ex.power(ex.norm(ex.cross(a, b), "2"), 2), a, r"2 b \times (a \times b)"),
    (ex.power(ex.norm(M), 2), X, "2 X"),
    (ex.power(ex.norm(M), 2), S, "2 S"),
    (ex.power(ex.norm(MIXED), 2), x, "2 x"),
    (ex.power(ex.norm(MIXED), 2), t, "2 t"),
    (ex.det(M), X, ""),
    (ex.det(ex.block([[X, C], [T(X), X]])), X, ""),
    (ex.trace(chain(Q, M)), D, ""),
    (chain(T(AFFINE), H, AFFINE), x, ""),
    (ex.trace(ex.inverse(M)), X, ""),
    (chain(T(z), ex.block([[A, Y]]), ex.block([[x], [y]])), A, r"z x^{\top}"),
    (ex.trace(chain(R, ex.block([[t] * 3] * 3))), t, ""),
    (mean(chain(T(x), X, x)), X, r"\mathbb{E}_{x}[x x^{\top}]"),
    (mean(ex.power(ex.sub(t, chain(T(y), x)), 2)), y, r"-2 \mathbb{E}_{x}[(t - y^{\top} x) x]"),
    (
        ex.trace(chain(C, mean(chain(X, x, T(x), T(X))))),
        X,
        r"(C + C^{\top}) X \mathbb{E}_{x}[x x^{\top}]",
    ),
    (mean(ex.function("log", chain(T(y), x))), y, ""),
    (ex.norm(mean(chain(C, x)), "2"), C, ""),
    (mean(ex.norm(chain(C, x), "2")), C, ""),
    (ex.mul(t, mean(chain(T(x), y))), y, r"t \mathbb{E}_{x}[x]"),
    (ex.power(mean(chain(T(x), y)), 2), y, r"2 \mathbb{E}_{x}[x^{\top} y] \mathbb{E}_{x}[x]"),
    (ex.divide(chain(T(x), S, x), chain(T(x), x)), x, ""),
    (ex.norm(x, "inf"), x, r"\operatorname{sign}(x) \odot e_{\max}(x)"),
    (ex.norm(chain(X, x), "inf"), X, ""),
]


@pytest.mark.parametrize(
    ("f", "variable", "result"), GRADIENTS, ids=[print_latex(f) for f, _, _ in GRADIENTS]
)
def test_gradient_is_verified(f: Expr, variable: Expr, result: str) -> None:
    derivation = derivation_of(Problem(f, (variable,)))
    verdict = judged(derivation)
    assert verdict.status is Status.VERIFIED, verdict.reason
    assert not derivation.result.has_diff
    if result:
        assert print_latex(derivation.result) == result


@pytest.mark.parametrize(
    ("f", "variable", "reason"),
    [
        (chain(T(x), mf("exp", X), y), X, "no closed form"),
        (ex.eigenvalue(X), X, "symmetric"),
        (mean(chain(T(x), x)), x, "random"),
    ],
)
def test_what_has_no_formula_is_refused_with_the_reason(
    f: Expr, variable: Expr, reason: str
) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        derivation_of(Problem(f, (variable,)))
    assert caught.value.hint


def notes(f: Expr, variable: Expr = x) -> str:
    return "; ".join(derivation_of(Problem(f, (variable,))).notes)


def total(name: str, argument: Expr) -> Expr:
    return chain(T(ex.ones(argument.shape[0])), ex.function(name, argument))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (total("abs", x), "no derivative where its argument is 0"),
        (total("relu", x), "no derivative where its argument is 0"),
        (total("log", x), r"$\log$ needs positive arguments"),
        (total("arcsin", x), "between $-1$ and $1$"),
        (total("tan", x), "cosine is not 0"),
        (ex.norm(x, "2"), "no derivative where its argument is 0"),
        (ex.norm(x, 1), "an entry of its argument is 0"),
        (ex.power(chain(T(y), x), Fraction(1, 2)), "positive base"),
    ],
)
def test_points_without_a_derivative_are_named(f: Expr, words: str) -> None:
    assert words in notes(f)


def test_conditions_of_matrix_functions_are_named() -> None:
    assert "full column rank" in notes(ex.norm(Y, "*"), Y)
    assert "largest singular value is simple" in notes(ex.norm(Y, "2"), Y)
    assert "eigenvalue is taken to be simple" in notes(top, S)
    assert "neither negative nor 0" in notes(ex.trace(mf("log", X)), X)
    assert "rank does not change" in notes(ex.trace(chain(A, ex.pseudo_inverse(Y))), Y)
    assert "invertible" in notes(ex.trace(ex.adjugate(X)), X)


@pytest.mark.parametrize(
    "f",
    [
        ex.power(ex.norm(x, "2"), 2),
        total("exp", x),
        total("log", ex.add(ex.ones("n"), ex.function("exp", x))),
        chain(T(y), ex.function("log", ex.softmax(x))),
        ex.function("log", ex.add(ex.number(1), ex.power(ex.norm(x, "2"), 2))),
        ex.mul(ex.norm(y, "2"), chain(T(y), x)),
    ],
)
def test_nothing_is_said_where_nothing_can_go_wrong(f: Expr) -> None:
    assert notes(f) == ""


@pytest.mark.parametrize(
    ("shape", "result", "rank"),
    [
        ((2, 5), r"\operatorname{sqrtm}(Y Y^{\top})^{-1} Y", "full row rank"),
        ((5, 2), r"Y \operatorname{sqrtm}(Y^{\top} Y)^{-1}", "full column rank"),
    ],
)
def test_the_nuclear_norm_of_a_wide_matrix_has_the_inverse_that_exists(
    shape: tuple[int, int], result: str, rank: str
) -> None:
    y = ex.symbol("Y", *shape)
    derivation = derivation_of(Problem(ex.norm(y, "*"), (y,)))
    assert print_latex(derivation.result) == result
    assert any(rank in note for note in derivation.notes if isinstance(note, str))
    assert judged(derivation).status is Status.VERIFIED
