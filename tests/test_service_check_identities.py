"""Formulas as textbooks and students write them: what the checker must not mistake for others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from problems import declarations

from mdiff_pandoc import check
from mdiff_pandoc.service.claim import Claim


def claims(latex: str, shapes: str = "") -> Sequence[Claim]:
    return check(latex, tuple(declarations(shapes))).claims


def verdicts(latex: str, shapes: str = "") -> list[str]:
    return [claim.verdict for claim in claims(latex, shapes)]


@pytest.mark.parametrize(
    ("latex", "shapes"),
    [
        (
            r"\operatorname{vec}(AX + XB) = (I \otimes A + B^\top \otimes I) \operatorname{vec}(X)",
            "A:m,m X:m,n B:n,n",
        ),
        (r"\nabla_a \log\det(\operatorname{diag}(a)) = 1 \oslash a", "a:n +pos:a"),
        (
            r"\nabla_x \sum_{i=1}^n |x_i|^p = p \operatorname{sign}(x) \odot |x|^{p-1}",
            "x:n p:",
        ),
        (r"\frac{\partial \tanh(z)}{\partial z} = \operatorname{diag}(1 - \tanh(z)^2)", "z:n"),
        ("D A = A D", "D:n,n A:n,n +diag:D +diag:A"),
        (r"\tanh'(x) = 1 - \tanh^2(x)", "x:n"),
        (r"\nabla_W v^\top \tanh(Wx) = (v \odot \tanh'(Wx)) x^\top", "W:m,n v:m x:n"),
        (r"\sin'(x) = \cos(x)", "x:"),
        (r"\mathbf{1}_{p^2}^\top \operatorname{vec}(A) = \mathbf 1_p^T A \mathbf 1_p", "A:p,p"),
        (r"\mathbf 1_{m p}^T \operatorname{vec}(A) = \mathbf 1_m^T A \mathbf 1_p", "A:m,p"),
        (r"\mathbf 1_{mp} = \mathbf 1_m \mathbf 1_p^T", ""),
        (r"\operatorname{tr}(A^T B) = 1^T (A \odot B) 1", "A:m,n B:m,n"),
        (r"\nabla_x \|x\|_p^p = p |x|^{p-1} \odot \operatorname{sign}(x)", "x:n p:"),
        (r"\|x\|_p = (\sum_i |x_i|^p)^{1/p}", "x:n p:"),
        (r"\operatorname{tr}(\operatorname{diag}(A)) = \operatorname{tr}(A)", "A:n,n"),
        (r"d(X^2) = X \, dX + dX \, X", "X:n,n"),
        (r"\operatorname{diag}(A)^T 1 = \operatorname{tr}(A)", "A:n,n"),
        (
            r"\|A - \operatorname{diag}(A)\|_F^2 = \|A\|_F^2 - \|\operatorname{diag}(A)\|_F^2",
            "A:n,n",
        ),
        (
            r"d \operatorname{vec}(AXB) = (B^\top \otimes A) \, d\operatorname{vec}(X)",
            "A:p,m X:m,n B:n,q",
        ),
        (r"\frac{d}{dx} \log(1 + e^x) = \sigma(x)", "x:"),
    ],
)
def test_what_can_be_meant_in_one_way_only_is_read_so(latex: str, shapes: str) -> None:
    assert verdicts(latex, shapes) == ["verified"]


@pytest.mark.parametrize(
    ("latex", "shapes"),
    [
        (
            r"\frac{\partial \operatorname{softmax}(x)_i}{\partial x_j} = "
            r"\operatorname{softmax}(x)_i (1 - \operatorname{softmax}(x)_j)",
            "x:n",
        ),
        (r"\tanh'(x) = 1 - \tanh(x)", "x:n"),
        (r"\sigma'(z) = \sigma(z)", "z:n"),
        (r"\frac{d}{dx} \log(1 + e^{2x}) = \sigma(x)", "x:"),
    ],
)
def test_slips_in_known_functions_are_found(latex: str, shapes: str) -> None:
    assert verdicts(latex, shapes) == ["refuted"]


@pytest.mark.parametrize(
    ("latex", "shapes"),
    [
        (r"\nabla_x f(Ax) = A^\top \nabla^2 f(Ax)", "A:m,n x:n"),
        (r"\nabla_x^2 f(Ax) = A^\top \nabla^2 f(Ax) A", "A:m,n x:n"),
        (r"D f(X)[H] = \operatorname{tr}(X^\top H)", "X:m,n H:m,n"),
    ],
)
def test_what_is_not_read_is_undecided(latex: str, shapes: str) -> None:
    assert verdicts(latex, shapes) == ["undecided"]


@pytest.mark.parametrize(
    "latex",
    [
        r"X^\top X w = X^\top y",
        r"A x = \lambda x",
        r"\operatorname{tr}(X^\top A) = \operatorname{tr}(X^\top B)",
    ],
)
def test_what_speaks_of_symbols_declared_for_the_formula_is_an_identity(latex: str) -> None:
    shapes = "A:n,n B:n,n X:n,n w:n y:n x:n lambda:"
    assert verdicts(latex, shapes) == ["refuted"]
    assert verdicts(latex) == ["undecided"]
    assert [c.verdict for c in check(latex, (), tuple(declarations(shapes))).claims] == [
        "undecided"
    ]


@pytest.mark.parametrize(
    ("latex", "shapes"),
    [
        (
            r"\frac{\partial \operatorname{softmax}(x)}{\partial x} = "
            r"\operatorname{diag}(s) - s s^\top, \quad s = \operatorname{softmax}(x)",
            "x:n",
        ),
        (
            r"\mathbb{E}[(x - \mu)(x - \mu)^\top] = \mathbb{E}[x x^\top] - \mu \mu^\top, "
            r"\quad \mu = \mathbb{E}[x]",
            "x:n mu:n",
        ),
        (r"\frac{\partial y_i}{\partial x_j} = A_{ij}, \quad y = Ax", "A:m,n x:n"),
        (
            r"\frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial y}, \quad y = Wx",
            "W:m,n x:n",
        ),
        (r"H_f(x) = A + A^\top, \quad f(x) = x^\top A x", "A:n,n x:n"),
    ],
)
def test_a_name_may_be_explained_behind_the_equality(latex: str, shapes: str) -> None:
    assert verdicts(latex, shapes) == ["verified", "definition"]


def test_a_solution_behind_a_gradient_is_not_put_into_it() -> None:
    latex = r"\nabla_w \|Xw-y\|^2 = X^T(Xw - y), \quad w = (X^TX)^{-1}X^Ty"
    assert verdicts(latex, "X:m,n y:m") == ["refuted", "definition"]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\frac{d}{dt} (A(t) B(t)) = \frac{dA}{dt} B + A \frac{dB}{dt}", "verified"),
        (r"\frac{d}{dt} (A(t) B(t)) = \frac{dA}{dt} B + \frac{dB}{dt} A", "refuted"),
        (r"\frac{d}{dt} \log\det A(t) = \operatorname{tr}(A^{-1} \dot{A})", "verified"),
        (r"\frac{d}{dt} x(t)^\top y(t) = \dot x^\top y + y^\top \dot x", "refuted"),
        (r"\frac{d}{dt} x(t)^\top A x(t) = x^\top (A + A^\top) \dot{x}", "verified"),
    ],
)
def test_what_is_differentiated_by_time_depends_on_it_also_where_no_t_is_written(
    latex: str, verdict: str
) -> None:
    assert verdicts(latex, "t:") == [verdict]


@pytest.mark.parametrize(
    ("latex", "shapes", "repaired"),
    [
        (r"a b^\top = b a^\top", "a:n b:n", r"a b^{\top}"),
        (r"\nabla_X \operatorname{tr}(X^{-2}) = -2 X^{-\top}", "X:n,n", r"-2 (X^{-3})^{\top}"),
        (
            r"\nabla_x^2 (-\sum_i \log x_i) = \operatorname{diag}(x)^{-1}",
            "x:n +pos:x",
            r"\operatorname{diag}(x)^{-2}",
        ),
    ],
)
def test_a_repair_is_written_as_an_author_would(latex: str, shapes: str, repaired: str) -> None:
    [claim] = claims(latex, shapes)
    assert (claim.verdict, claim.repaired) == ("refuted", repaired)


@pytest.mark.parametrize(
    ("latex", "shapes", "verdict"),
    [
        (r"\det(D) = \prod_{i=1}^n D_{ii}", "D:n,n +diag:D", "verified"),
        (r"\det(D) = \prod_{i=1}^n D_{ii}", "D:n,n", "refuted"),
        (
            r"\nabla_x \prod_{i=1}^n x_i = \left( \prod_{i=1}^n x_i \right) (1 \oslash x)",
            "x:n +pos:x",
            "verified",
        ),
        (r"\nabla_x \prod_{i=1}^n x_i = \prod_{i=1}^n x_i", "x:n +pos:x", "refuted"),
        (r"\log \prod_{i=1}^n x_i = \sum_{i=1}^n \log x_i", "x:n +pos:x", "verified"),
        (r"\prod_{i=1}^n (a x_i) = a \prod_{i=1}^n x_i", "x:n a:", "refuted"),
        (r"\frac{\partial}{\partial x_j} \prod_i x_i = \prod_{i \ne j} x_i", "x:n", "undecided"),
    ],
)
def test_products_over_an_index_are_judged(latex: str, shapes: str, verdict: str) -> None:
    [claim] = claims(latex, shapes)
    assert claim.verdict == verdict
    assert "diag" not in claim.repaired
