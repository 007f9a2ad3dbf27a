"""Derivatives, names and functions of matrices print as a textbook sets them."""

from __future__ import annotations

import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Expr, Layout
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_latex

A, B, X = ex.symbol("A", "m", "n"), ex.symbol("B", "n", "p"), ex.symbol("X", "n", "n")
x, y, t, f = ex.symbol("x", "n"), ex.symbol("y", "m"), ex.symbol("t"), ex.symbol("f")
a, b = ex.symbol("a", 3), ex.symbol("b", 3)
C = ex.named("C", ex.matmul(A, B))
z = ex.named("z_1", ex.matmul(A, x))
call = ex.apply("f", [ex.matmul(A, B)])
two = ex.apply("H", [A, B])
D, T = ex.derivative, ex.transpose
DENOMINATOR = Layout.DENOMINATOR
pinv, eigen = ex.pseudo_inverse(A), ex.eigenvalue(X, 2)

FORMS = [
    (D(f, X), r"\frac{\partial f}{\partial X}"),
    (D(f, T(X)), r"\frac{\partial f}{\partial X^{\top}}"),
    (D(ex.trace(X), X), r"\frac{\partial \operatorname{tr}(X)}{\partial X}"),
    (D(ex.matmul(A, x), x), r"\frac{\partial (A x)}{\partial x^{\top}}"),
    (D(z, x), r"\frac{\partial z_{1}}{\partial x^{\top}}"),
    (D(z, x, DENOMINATOR), r"\frac{\partial z_{1}^{\top}}{\partial x}"),
    (D(y, t), r"\frac{\partial y}{\partial t}"),
    (D(y, t, DENOMINATOR), r"\frac{\partial y^{\top}}{\partial t}"),
    (
        D(ex.entry(ex.matmul(A, B), "i", "j"), ex.entry(A, "p", "q")),
        r"\frac{\partial [A B]_{ij}}{\partial A_{pq}}",
    ),
    (
        D(ex.entry(C, "i", "j"), ex.entry(A, "p", "q")),
        r"\frac{\partial C_{ij}}{\partial A_{pq}}",
    ),
    (
        D(ex.vec(C), ex.vec(A)),
        r"\frac{\partial \operatorname{vec}(C)}{\partial \operatorname{vec}(A)^{\top}}",
    ),
    (D(D(f, x), x), r"\frac{\partial^2 f}{\partial x \partial x^{\top}}"),
    (D(D(f, x), y), r"\frac{\partial^2 f}{\partial x \partial y^{\top}}"),
    (D(D(f, x), y, DENOMINATOR), r"\frac{\partial^2 f}{\partial y \partial x^{\top}}"),
    (
        D(ex.vec(D(f, X)), ex.vec(X)),
        r"\frac{\partial^2 f}"
        r"{\partial \operatorname{vec}(X) \partial \operatorname{vec}(X)^{\top}}",
    ),
    (D(D(f, t), t), r"\frac{\partial^2 f}{\partial t^2}"),
    (
        D(D(f, ex.entry(x, "i")), ex.entry(x, "j")),
        r"\frac{\partial^2 f}{\partial x_{i} \partial x_{j}}",
    ),
    (D(D(f, X), t), r"\frac{\partial}{\partial t} \frac{\partial f}{\partial X}"),
    (ex.diff(C), "dC"),
    (ex.diff(ex.vec(C)), r"d \operatorname{vec}(C)"),
    (ex.matmul(D(f, C), T(B)), r"\frac{\partial f}{\partial C} B^{\top}"),
    (T(D(f, C)), r"\left(\frac{\partial f}{\partial C}\right)^{\top}"),
    (call, "f(A B)"),
    (ex.slope(call), r"\nabla f(A B)"),
    (T(ex.slope(call)), r"(\nabla f(A B))^{\top}"),
    (ex.slope(two, 1), r"\nabla_{2} H(A, B)"),
    (ex.commutation("m", "n"), "K_{m,n}"),
    (ex.block([[x, X]]), r"\begin{bmatrix} x & X \end{bmatrix}"),
    (
        T(ex.block([[X, x], [T(x), t]])),
        r"\begin{bmatrix} X & x \\ x^{\top} & t \end{bmatrix}^{\top}",
    ),
    (ex.matrix_function("exp", X), r"\operatorname{expm}(X)"),
    (pinv, "A^{+}"),
    (T(pinv), r"(A^{+})^{\top}"),
    (ex.adjugate(X), r"\operatorname{adj}(X)"),
    (ex.cross(a, ex.cross(a, b)), r"a \times (a \times b)"),
    (ex.matmul(T(a), ex.cross(a, b)), r"a^{\top} (a \times b)"),
    (ex.softmax(ex.matmul(X, x)), r"\operatorname{softmax}(X x)"),
    (ex.logsumexp(x), r"\operatorname{logsumexp}(x)"),
    (ex.eigenvalue(X), r"\lambda_{\max}(X)"),
    (eigen, r"\lambda_{2}(X)"),
    (ex.eigenvector(X, "min"), r"v_{\min}(X)"),
    (ex.eigenvector(X, 2), r"v_{\lambda_{2}}(X)"),
    (ex.singular_vector(X, "left"), r"u_{1}(X)"),
    (ex.expectation(ex.power(t, 2)), r"\mathbb{E}[t^{2}]"),
    (ex.norm(X, "*"), r"\|X\|_*"),
    (ex.norm(X, "2"), r"\|X\|_2"),
    (ex.norm(x, "inf"), r"\|x\|_{\infty}"),
    (ex.largest(x), r"e_{\max}(x)"),
]


@pytest.mark.parametrize(("expr", "latex"), FORMS)
def test_each_node_has_its_usual_form(expr: Expr, latex: str) -> None:
    assert print_latex(expr) == latex


@pytest.mark.parametrize(("expr", "latex"), FORMS)
def test_length_counts_about_what_is_printed(expr: Expr, latex: str) -> None:
    assert 1 <= length(expr) <= len(latex)


def test_an_expression_is_written_under_the_name_that_it_is_given() -> None:
    names = {ex.matmul(A, x): "y", D(f, X): r"\nabla_X f", ex.trace(X): "L"}
    for expr, latex in [
        (ex.diff(ex.matmul(A, x)), "dy"),
        (ex.entry(ex.matmul(A, x), "i"), "y_{i}"),
        (D(ex.matmul(A, x), x), r"\frac{\partial y}{\partial x^{\top}}"),
        (ex.diff(D(f, X)), r"d(\nabla_X f)"),
        (T(D(f, X)), r"(\nabla_X f)^{\top}"),
        (D(ex.trace(X), X), r"\frac{\partial L}{\partial X}"),
    ]:
        assert print_latex(expr, names=names) == latex


@pytest.mark.parametrize(
    ("head", "latex"), [("e", "e^{X}"), (r"\exp", r"\exp(X)"), ("", r"\operatorname{expm}(X)")]
)
def test_a_matrix_exponential_is_spelled_as_the_author_does(head: str, latex: str) -> None:
    assert print_latex(ex.matrix_function("exp", X), Notation(heads={"expm": head})) == latex


def test_a_square_root_of_a_matrix_may_be_a_power() -> None:
    for head, latex in [(r"\sqrt", r"\sqrt{X}"), ("^{1/2}", "X^{1/2}")]:
        assert print_latex(ex.matrix_function("sqrt", X), Notation(heads={"sqrtm": head})) == latex


def test_names_are_written_in_the_notation_of_the_author() -> None:
    notation = Notation(symbols={"C": r"\mathbf{C}"}, heads={"pseudo_inverse": r"\dagger"})
    assert print_latex(ex.diff(C), notation) == r"d\mathbf{C}"
    assert print_latex(pinv, notation) == r"A^{\dagger}"
