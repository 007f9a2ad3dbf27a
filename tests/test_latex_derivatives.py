"""Jacobians and second derivatives: what is asked for, by which symbols, in which layout."""

import pytest

from mdiff_pandoc.errors import ParseError, UnsupportedError
from mdiff_pandoc.expr import Layout, matmul, symbol, transpose
from mdiff_pandoc.latex.reader import find_request, read_request

A = symbol("A", "m", "n")
X = symbol("X", "n", "p")
x = symbol("x", "n")
y = symbol("y", "m")
DECLARED = (
    r"A \in \mathbb{R}^{m \times n}",
    r"X \in \mathbb{R}^{n \times p}",
    r"B \in \mathbb{R}^{p \times q}",
    r"x \in \mathbb{R}^n",
    r"y \in \mathbb{R}^m",
    r"t \in \mathbb{R}",
)
N, D = Layout.NUMERATOR, Layout.DENOMINATOR


@pytest.mark.parametrize(
    ("latex", "layout", "operator"),
    [
        (r"\frac{\partial (Ax)}{\partial x}", None, r"\frac{\partial f}{\partial x}"),
        (r"\frac{\partial (Ax)}{\partial x^\top}", N, r"\frac{\partial f}{\partial x^\top}"),
        (r"\frac{\partial (Ax)^\top}{\partial x}", D, r"\frac{\partial f^\top}{\partial x}"),
        (r"\frac{\partial}{\partial x} A x = ?", None, r"\frac{\partial}{\partial x} f"),
        (r"\partial_x A x", None, r"\partial_x f"),
        (r"D_x (Ax) = ?", None, "D_x f"),
        (r"\operatorname{Jac}_x (Ax) = ?", None, r"\operatorname{Jac}_x f"),
        (
            r"\left(\frac{\partial (Ax)}{\partial x^\top}\right)^\top",
            D,
            r"\left(\frac{\partial f}{\partial x^\top}\right)^\top",
        ),
    ],
)
def test_a_vector_by_a_vector(latex, layout, operator):
    request = read_request(latex, DECLARED)
    assert request.f is matmul(A, x)
    assert (request.variables, request.layout) == ((x,), layout)
    assert (request.operator, request.transposed) == (operator, False)


@pytest.mark.parametrize(
    ("latex", "operator"),
    [
        (r"J_f(x) = ?", "J_f(x)"),
        (r"\mathbf{J}_f = ?", r"\mathbf{J}_f"),
        (r"J_{f} = ?", "J_{f}"),
        (r"D f(x) = ?", "D f"),
        (r"\operatorname{Jac} f = ?", r"\operatorname{Jac} f"),
        (r"\frac{\partial f}{\partial x} = ?", r"\frac{\partial f}{\partial x}"),
    ],
)
def test_the_jacobian_of_a_function_with_a_name(latex, operator):
    assert find_request(latex) is not None
    request = read_request(latex, DECLARED, ["f(x) = A x"])
    assert request.f is matmul(A, x)
    assert (request.variables, request.operator) == ((x,), operator)
    assert request.name == "f"


def test_a_row_is_a_vector_in_denominator_layout():
    request = read_request(r"\frac{\partial y^\top A}{\partial y} = ?", DECLARED)
    assert request.f is matmul(transpose(A), y)
    assert request.layout is D
    assert request.f_latex == r"A^{\top} y"


@pytest.mark.parametrize(
    ("latex", "shape", "name"),
    [
        (r"\frac{\partial AXB}{\partial X}", ("m", "q"), "F"),
        (r"\frac{\partial AXB}{\partial x}", ("m", "q"), "F"),
        (r"\frac{\partial A x}{\partial A}", ("m", "1"), "f"),
        (r"\frac{d}{dt} (tA)", ("m", "n"), "F"),
        (r"\frac{d}{dt} e^{t} x", ("n", "1"), "f"),
        (r"\frac{\partial}{\partial x} y^\top A x", ("1", "1"), "f"),
    ],
)
def test_the_name_of_a_function_goes_by_its_shape(latex, shape, name):
    request = read_request(latex, DECLARED)
    assert tuple(map(str, request.f.shape)) == shape
    assert request.name == name


@pytest.mark.parametrize(
    ("latex", "layout"),
    [
        (r"\frac{\partial \operatorname{vec}(AX)}{\partial \operatorname{vec}(X)^\top}", N),
        (r"\frac{\partial \operatorname{vec}(AX)}{\partial (\operatorname{vec} X)^\top}", N),
        (r"\frac{\partial \operatorname{vec}(AX)}{\partial \operatorname{vec}(X)}", None),
    ],
)
def test_vec_of_both_fixes_the_form(latex, layout):
    request = read_request(latex, DECLARED)
    assert request.f is matmul(A, X)
    assert (request.form, request.layout, request.variables) == ("vec", layout, (X,))
    assert request.f_latex == "AX"
    assert r"\operatorname{vec}(F)" in request.operator


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_x^2 f = ?",
        r"\nabla^2 f(x) = ?",
        r"\nabla^2_{x} f = ?",
        r"\nabla_{xx} f = ?",
        r"\nabla_{x x^\top} f = ?",
        r"\nabla_x \nabla_x^\top f = ?",
        r"H_f = ?",
        r"H_f(x) = ?",
        r"\mathbf{H}_f(x) = ?",
        r"\operatorname{Hess} f = ?",
        r"\operatorname{Hess}_x f = ?",
        r"\frac{\partial^2 f}{\partial x \partial x^\top} = ?",
        r"\frac{\partial^2 f}{\partial x^2} = ?",
        r"\frac{\partial}{\partial x^\top} \frac{\partial f}{\partial x} = ?",
        r"\frac{\partial}{\partial x} \left( \nabla_x f \right) = ?",
    ],
)
def test_second_derivatives(latex):
    assert find_request(latex) is not None
    request = read_request(latex, DECLARED, ["f(x) = x^T A^T A x"])
    assert request.f.is_scalar
    assert request.variables == (x, x)
    assert request.derivative == latex.removesuffix(" = ?")
    assert request.operator.replace(" ", "").startswith(
        latex.partition("f")[0].replace(" ", "")[:12]
    )


@pytest.mark.parametrize(
    ("latex", "variables"),
    [
        (r"\frac{\partial^2 f}{\partial y \partial x^\top}", (y, x)),
        (r"\frac{\partial^2 f}{\partial x \partial y^\top}", (x, y)),
        (r"\frac{\partial^2 f}{\partial x^\top \partial y}", (y, x)),
        (r"\frac{\partial}{\partial y} \frac{\partial f}{\partial x}", (x, y)),
        (r"\frac{\partial}{\partial y} \frac{\partial f}{\partial x^\top}", (y, x)),
        (r"\nabla_x \nabla_y f", (y, x)),
        (r"\nabla_x \nabla_y^\top f", (x, y)),
        (r"\nabla^2_{xy} f", (x, y)),
        (r"\nabla^2_{y, x} f", (y, x)),
        (r"\left(\frac{\partial^2 f}{\partial x \partial y^\top}\right)^\top", (y, x)),
    ],
)
def test_the_first_variable_of_a_mixed_derivative_is_that_of_the_rows(latex, variables):
    request = read_request(latex, DECLARED, [r"f = y^\top A x"])
    assert request.variables == variables


def test_a_second_derivative_by_a_matrix_or_its_vec():
    request = read_request(r"\nabla_X^2 \operatorname{tr}(X^\top X)", DECLARED)
    assert (request.variables, request.form) == ((X, X), "")
    vec = r"\operatorname{vec}(X)"
    latex = rf"\frac{{\partial^2 f}}{{\partial {vec} \partial {vec}^\top}}"
    request = read_request(latex, DECLARED, [r"f = \operatorname{tr}(X^\top X)"])
    assert (request.variables, request.form) == ((X, X), "vec")


def test_second_derivatives_by_a_number():
    request = read_request(r"\frac{d^2}{dt^2} e^{t^2} = ?")
    assert [v.is_scalar for v in request.variables] == [True, True]
    assert read_request(r"\frac{d^2}{dt^2} (t^2 A)", DECLARED).f.shape == A.shape


@pytest.mark.parametrize(
    ("latex", "message", "hint"),
    [
        (r"\nabla_x A x", "Jacobian", r"\frac{\partial (A x)}{\partial x^\top}"),
        (r"\nabla_X A X", "Jacobian", r"\frac{\partial (A X)}{\partial X}"),
        (r"\nabla_x^2 A x", "Jacobian", r"x^\top"),
        (r"D_X (AX)", "several forms: vec and index", "form"),
        (r"\operatorname{Jac}_X (AX)", "several forms: vec and index", "form"),
        (r"\frac{\partial (AX)}{\partial X^\top}", "more than two indices", "X}"),
        (r"\nabla_x^3 x^\top x", "order 3", "second"),
        (r"\frac{\partial^2 (Ax)}{\partial x^2}", "second derivative", "scalar"),
        (r"\frac{\partial (y^\top A x)}{\partial \operatorname{vec} A}", "vec of", r"\partial A}"),
    ],
)
def test_what_is_no_derivative_of_that_kind_says_how_to_ask(latex, message, hint):
    with pytest.raises(UnsupportedError, match=message) as caught:
        read_request(latex, DECLARED)
    assert hint in caught.value.hint
    assert caught.value.span is not None


def test_a_form_answers_which_jacobian_is_meant():
    assert read_request("D_X (AX)", DECLARED, form="vec").f is matmul(A, X)


def test_vec_of_a_transpose_is_no_variable():
    with pytest.raises(ParseError):
        read_request(r"\frac{\partial x}{\partial \operatorname{vec}(X^\top)}", DECLARED)


def test_a_scalar_function_is_preferred_unless_a_letter_must_be_a_vector():
    assert read_request(r"\frac{\partial}{\partial x} (a x^2 + b x + c)").f.is_scalar
    assert read_request(r"\frac{\partial (x \odot y)}{\partial x}").f.is_vector


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        (r"J_y(x) = ?", True),
        (r"H_L = ?", True),
        (r"J_{\mathbf{f}} = ?", True),
        (r"H_u = ?", False),
        (r"H_1 = ?", False),
        (r"J_{ij} = ?", False),
        (r"H_f + 1 = ?", False),
        (r"D = ?", False),
    ],
)
def test_letters_with_a_subscript_are_derivatives_where_it_is_a_function(latex, found):
    assert (find_request(latex) is not None) == found


@pytest.mark.parametrize(
    ("latex", "hint"),
    [
        (r"\nabla_{a,b} (a^\top x - b)^2", r"ask for \nabla_{a} and \nabla_{b};"),
        (
            r"\nabla_{a,b,c} (a^\top x - b + c)^2",
            r"ask for \nabla_{a} and \nabla_{b} and \nabla_{c}",
        ),
    ],
)
def test_a_stacked_gradient_is_no_second_derivative(latex, hint):
    with pytest.raises(UnsupportedError) as caught:
        read_request(latex)
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("latex", [r"\nabla^2_{a,b} (a^\top x - b)^2", r"\nabla_{x,x} x^\top A x"])
def test_two_variables_with_an_order_or_one_twice_are_a_second_derivative(latex):
    assert len(read_request(latex).variables) == 2
