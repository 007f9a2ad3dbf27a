"""Nothing wrong is verified: coincidences the judge sees through, readings that are refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mdiff_pandoc.expr import (
    Dim,
    Expr,
    Layout,
    add,
    commutation,
    constant,
    derivative,
    det,
    diag,
    dimension,
    divide,
    entry,
    function,
    hdivide,
    identity,
    index_sum,
    inverse,
    kron,
    matmul,
    mul,
    neg,
    norm,
    number,
    ones,
    power,
    scale,
    sub,
    symbol,
    transpose,
    vec,
    zero,
)
from mdiff_pandoc.service import Answer, Options, derive
from mdiff_pandoc.verify import Judge, Status, judge_equal

T, S, K, L = (symbol(name) for name in "tskl")
A, B = symbol("A", "m", "m"), symbol("B", "n", "n")
X, W = symbol("X", "m", "n"), symbol("W", "n", "m")
X_, Y_ = symbol("x", "n"), symbol("y", "n")
Q = symbol("Q", "n", "n", frozenset({"orthogonal"}))
TALL = symbol("Q", "n", "m", frozenset({"orthogonal"}))
M, N = Dim.of("m"), Dim.of("n")
ONE = ones(N)
LENGTH = matmul(transpose(ONE), ONE)
THREE = number(3)


def func(name: str, argument: Expr) -> Expr:
    return function(name, argument)


def sum_from(lower: int, body: Expr) -> Expr:
    return index_sum("i", N, body, lower)


def gram_det(sign: int) -> Expr:
    """It needs m ≤ n, so that few sizes serve."""
    return det(inverse(matmul(X, hdivide(scale(number(sign), transpose(X)), W))))


X_I = entry(X_, "i")

FALSE = {
    "signs of two sizes": (mul(det(neg(A)), det(neg(B))), neg(mul(det(A), det(B)))),
    "a sign where few sizes serve": (gram_det(1), gram_det(-1)),
    "the sign of a rotation": (det(Q), neg(det(neg(identity(N))))),
    "columns that span less": (matmul(TALL, transpose(TALL)), identity(N)),
    "a sum of sizes": (add(dimension(M), dimension(N)), number(5)),
    "a product of sizes": (mul(dimension(M), dimension(N)), number(6)),
    "a quadratic in a size": (add(power(dimension(N), 2), number(6)), mul(number(5), dimension(N))),
    "a quadratic in a length": (add(power(LENGTH, 2), number(6)), mul(number(5), LENGTH)),
    "two exponents": (power(T, K), power(T, L)),
    "neighbouring exponents": (power(T, K), power(T, add(L, number(1)))),
    "tiny values": (
        power(func("exp", number(-50)), 3),
        scale(number(2), power(func("exp", number(-50)), 3)),
    ),
    "a multiple of a Mersenne prime": (mul(number(2**61 - 1), T), number(0)),
    "a power of two": (mul(power(number(2), 61), T), T),
    "an empty sum": (sum_from(4, X_I), number(0)),
    "a sum of one term": (power(sum_from(3, X_I), 2), sum_from(3, power(X_I, 2))),
    "one side of a threshold": (func("abs", sub(T, THREE)), sub(THREE, T)),
    "one side of a far threshold": (func("abs", sub(T, number(100))), sub(number(100), T)),
    "a threshold below": (func("sign", add(T, number(2))), number(1)),
    "a threshold in every entry": (
        func("abs", sub(X_, scale(THREE, ONE))),
        sub(scale(THREE, ONE), X_),
    ),
    "a threshold in a norm": (
        norm(sub(X_, scale(THREE, ONE)), 1),
        matmul(transpose(ONE), sub(scale(THREE, ONE), X_)),
    ),
    "a threshold of a product": (
        func("abs", add(matmul(transpose(X_), Y_), number(10))),
        add(matmul(transpose(X_), Y_), number(10)),
    ),
    "a rectifier that never opens": (func("relu", sub(T, THREE)), number(0)),
    "a norm of a multiple": (
        norm(sub(scale(T, X_), scale(THREE, X_)), "2"),
        mul(sub(THREE, T), norm(X_, "2")),
    ),
    "the root of a square": (
        power(power(sub(T, THREE), 2), number(Fraction(1, 2))),
        sub(THREE, T),
    ),
    "a branch of the inverse sine": (func("arcsin", func("sin", T)), T),
    "a branch of the inverse cosine": (func("arccos", func("cos", T)), func("abs", T)),
    "a period": (func("sin", mul(T, constant("pi"))), number(0)),
}


@pytest.mark.parametrize("name", FALSE)
def test_no_coincidence_makes_a_false_equality_true(name: str) -> None:
    left, right = FALSE[name]
    assert judge_equal(left, right).status is Status.REFUTED
    assert judge_equal(right, left).status is Status.REFUTED


def test_a_difference_below_the_digits_that_remain_is_undecided() -> None:
    tiny = power(func("exp", number(-59)), 2)
    assert judge_equal(add(number(1), tiny), number(1)).status is Status.UNDECIDED


SIGN = divide(T, func("abs", T))
TRUE = {
    "a rest of cancellation": (sub(power(SIGN, 2), number(1)), number(0)),
    "the slope of a sign": (
        sub(power(func("abs", T), -1), divide(mul(T, func("sign", T)), power(T, 2))),
        number(0),
    ),
    "circle": (
        add(power(func("sin", T), 2), power(func("cos", T), 2)),
        number(1),
    ),
    "a power of a size": (det(scale(number(2), B)), mul(power(number(2), dimension(N)), det(B))),
    "columns that are orthonormal": (matmul(transpose(TALL), TALL), identity(M)),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_equality_raises_no_alarm(name: str) -> None:
    assert judge_equal(*TRUE[name]).status is Status.VERIFIED


def test_a_gradient_that_is_zero_by_cancellation_raises_no_alarm() -> None:
    f = det(diag(func("exp", scale(SIGN, X_))))
    assert Judge(f, T).gradient(number(0)).status is Status.VERIFIED
    assert Judge(f, X_).gradient(zero(N)).status is Status.REFUTED


CONSTANT = (
    r"\nabla_x^2 \left\|\frac{x}{\|x\|}\right\|^2",
    r"\nabla_x \operatorname{tr}(H) \left\|\frac{x}{\|x\|}\right\|^2",
    r"\frac{d^2}{dt^2} \|\operatorname{diag}(t b) \mathbf{1}\|_4",
)


@pytest.mark.parametrize("latex", CONSTANT)
def test_what_a_difference_quotient_leaves_of_zero_refutes_nothing(latex: str) -> None:
    answered(latex, declare=("x vector", "b vector", "t scalar"))


def test_a_gradient_on_one_side_of_a_threshold_is_refused() -> None:
    f = norm(sub(X_, scale(THREE, ONE)), 1)
    assert Judge(f, X_).gradient(neg(ONE)).status is Status.REFUTED


REFUSED = [
    r"\nabla_x \sum_i x_i^2 + y_i x_i",
    r"\nabla_x \sum_i x_i \log x_i - x_i",
    r"\nabla_X \|X\|_{2,1}",
    r"\nabla_x x_i x^T a",
    r"\nabla_x \sum_x x",
    r"\nabla_x \cos(x, y)",
    r"\nabla_x x^T \log x - x",
    r"\nabla_X \|X\|_{1,1}",
    r"\frac{d}{dx} \log x/y",
    r"\frac{d}{dx} \sin x / x",
    r"\frac{d}{dx} \sin x(1+x)",
    r"\frac{d}{dx} \sin x^2(1+x)",
    r"\frac{d}{dx} 1/2x",
    r"\nabla_x \|x\|^2/2\sigma^2",
    r"\nabla_x \|\Sigma^{-1/3} x\|^2",
    r"\nabla_x (f \circ g)(x)",
    r"\nabla_x a^T \left(f \circ g\right)\left(x\right)",
    r"\nabla_x (f + g)(x)",
    r"\nabla_x f^2(x)",
    r"\nabla_x f^{-1}(x)",
    r"\nabla_x a(x)^T b",
    r"\frac{d}{dt} x(t)^T A x(t)",
    r"\frac{d}{dt} f(x(t))",
    r"\nabla_X \operatorname{tr}(\operatorname{foo} X)",
    r"\frac{\partial}{\partial X} \sum_i \operatorname{eig}_i(X)",
    r"\frac{\partial}{\partial x} \operatorname{Re}(x)",
    r"\frac{d}{dx} \mathrm{erf} x",
    r"\frac{d}{dx} x!",
    r"\nabla_x \langle x, y \rangle_A",
    r"\nabla_{x_i} \sum_j x_i^T x_j",
    r"\nabla_{x_i} \sum_j a^T (x_i - x_j)",
    r"\nabla_{A_i} \sum_j \operatorname{tr}(A_i A_j)",
    r"\frac{\partial}{\partial x_1} (x_1 + x^T a)",
    r"\nabla_x x_1 a^T x",
    r"\nabla_x \sum_{i=1}^{n-1} x_i x_{i+1}",
    r"\nabla_x \sum_{i} \mu_{z_i} x_i",
    r"\frac{\partial e^A_{ij}}{\partial A_{kl}}",
    r"\frac{\partial x^T}{\partial x}",
    r"\frac{\partial (a x)}{\partial x^T}",
]


@pytest.mark.parametrize("request_", REFUSED)
def test_what_authors_write_for_two_things_is_refused_with_advice(request_: str) -> None:
    answer = derive(request_)
    assert answer.status == "error"
    assert answer.error is not None
    assert answer.error.code in ("parse", "unsupported", "shape-mismatch", "unknown-command")
    assert answer.error.span is not None
    assert answer.error.hint


def answered(latex: str, *context: str, declare: tuple[str, ...] = ()) -> Answer:
    answer = derive(latex, declare, context)
    assert answer.status == "verified", answer.error
    return answer


def test_a_model_of_the_data_is_not_put_in() -> None:
    answer = answered(r"\nabla_w \|y - Xw\|^2", r"y = Xw + \epsilon")
    assert answer.result == r"-2 X^{\top} (y - X w)"
    assert answer.notes == (r"$y$ is held constant: $y = Xw + \epsilon$ is not put in",)


def test_an_answer_of_zero_is_pointed_out() -> None:
    answer = answered(r"\nabla_w \|y - Xw\|^2", "y = Xw")
    assert answer.result == "0"
    assert answer.warnings == ("the derivative is 0 although w occurs in the expression",)


def test_a_norm_of_a_matrix_by_its_entries_is_noted() -> None:
    answer = answered(r"\nabla_X \|X\|_1")
    assert "the norm of $X$ is read as that of its entries" in answer.notes


def test_stars_above_and_below_are_two_symbols() -> None:
    answer = answered(r"\nabla_x \|x - x^*\|^2 + \|x - x_*\|^2")
    assert "x^*" in answer.result
    assert "x_*" in answer.result


def test_tall_orthogonal_matrices_cancel_on_one_side_only() -> None:
    declare = (r"Q \in \mathbb{R}^{n \times m}", "Q orthogonal")
    assert answered(r"\nabla_x x^T Q Q^T x", declare=declare).result == "2 Q Q^T x"
    assert answered(r"\nabla_x \|Q x\|^2", declare=declare).result == "2 x"


def test_a_decimal_order_of_a_norm_keeps_its_point() -> None:
    assert r"\|x\|_{5/2}" in answered(r"\nabla_x \|x\|_{2.5}").result


def test_a_sample_of_the_variable_is_a_symbol_of_its_own() -> None:
    assert answered(r"\nabla_x \|x - x_i\|^2").result == "2 (x - x_i)"


def test_an_equation_about_declared_data_is_not_put_in_and_that_is_noted() -> None:
    answer = answered(r"\nabla_x \|r\|^2 + \lambda \|x\|^2", "r = b - Ax", r"r \in \mathbb{R}^m")
    assert "$r$ is held constant: $r = b - Ax$ is not put in" in answer.notes


@pytest.mark.parametrize("declare", [(), (r"X \in \mathbb{R}^{n \times n}",)])
def test_the_option_says_whether_a_function_acts_on_the_whole_matrix(
    declare: tuple[str, ...],
) -> None:
    latex = r"\nabla_X \operatorname{tr}(\exp(X))"
    answer = derive(latex, declare, options=Options(functions="matrix"))
    assert (answer.status, answer.result) == ("verified", r"\exp(X)^{\top}")
    assert answered(latex, declare=declare).notes == ("exp of a matrix is applied to every entry",)


def test_matrix_powers_do_not_join_entry_by_entry() -> None:
    answered(r"\nabla_X \operatorname{tr}(A (X^3 \odot X))")
    answered(r"\nabla_X \operatorname{tr}(A (X^3 \oslash X))")


def large_jacobian(swap: bool) -> tuple[Expr, Expr]:
    """vec(X ⊗ A ⊗ B) by vec(X) in denominator layout, and its formula, with K of a wrong order."""
    a, b = symbol("A", "p", "q"), symbol("B", "k", "r")
    p, q, r = (Dim.of(name) for name in "pqr")
    asked = derivative(vec(kron(kron(X, a), b)), vec(X), Layout.DENOMINATOR)
    first = commutation(q, M) if swap else commutation(M, q)
    inner = matmul(
        kron(identity(M), transpose(vec(a))),
        kron(first, identity(p)),
    )
    outer = matmul(
        kron(identity(M * p), transpose(vec(b))),
        kron(commutation(M * p, r), identity(Dim.of("k"))),
    )
    return asked, matmul(kron(identity(N), inner), kron(identity(N * q), outer))


def test_what_is_large_is_judged_at_small_sizes() -> None:
    asked, right = large_jacobian(swap=False)
    judge = Judge(asked.args[0], X)
    assert judge.equal(asked, right).status is Status.VERIFIED
    wrong = large_jacobian(swap=True)[1]
    assert judge.equal(asked, wrong).status is Status.REFUTED
    assert judge.equal(asked, scale(number(-1), right)).status is Status.REFUTED


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
@pytest.mark.parametrize(
    ("latex", "rows"),
    [
        (r"\frac{\partial^2}{\partial x \partial y^\top} x^T A y", "A"),
        (r"\frac{\partial^2}{\partial x^\top \partial y} x^T A y", "A^T"),
        (r"\frac{\partial}{\partial x^\top} \frac{\partial}{\partial y} x^T A y", "A^T"),
        (r"\nabla_x \nabla_y^\top x^T A y", "A"),
    ],
)
def test_a_transpose_below_says_which_variable_has_the_rows(
    latex: str, rows: str, layout: str
) -> None:
    answer = derive(latex, options=Options(layout=layout))
    assert (answer.status, answer.result) == ("verified", rows)


def test_a_declared_letter_before_a_bracket_is_what_it_is_declared_to_be() -> None:
    assert answered(r"\nabla_x a(x)^T b", declare=("a scalar",)).result == "a b"
    answer = answered(r"\frac{d}{dt} x(t)^T A x(t)", declare=(r"x : \mathbb{R} \to \mathbb{R}^n",))
    assert answer.result == r"x(t)^T (A + A^T) \frac{d x(t)}{d t}"


FAMILIES = (
    r"\nabla_{x_k} \sum_{i,j} x_i^T x_j",
    r"\nabla_{x_1} (x_1^T x_2 + \sum_i x_i^T b)",
    r"\nabla_{x_i} \sum_j \|x_i + x_j\|^2",
)


@pytest.mark.parametrize("latex", FAMILIES)
def test_a_member_of_a_declared_family_is_no_symbol_of_its_own(latex: str) -> None:
    assert derive(latex, (r"x_i \in \mathbb{R}^n",)).status == "error"


def test_a_sum_over_entries_meets_the_entry_of_the_variable() -> None:
    assert answered(r"\frac{\partial}{\partial x_i} (x_i + \sum_j x_j)").result == "2"
    product = answered(r"\frac{\partial}{\partial x_i} \sum_j x_i x_j")
    assert product.result == r"\mathbf{1}^{\top} x + x_{i}"
    distances = answered(r"\nabla_{x_i} \sum_j \|x_i - x_j\|^2")
    assert distances.result == r"2 \sum_{j=1}^{m} (x_i - x_{j})"


def test_repeated_indices_without_a_sum_are_pointed_out() -> None:
    told = "no sum runs over $j$: repeated indices are not summed"
    loose = answered(r"\frac{\partial A_{ij} x_j}{\partial x_k}")
    assert (loose.result, loose.notes) == (r"A_{ij} \delta_{jk}", (told,))
    summed = answered(r"\frac{\partial \sum_j A_{ij} x_j}{\partial x_k}")
    assert (summed.result, told in summed.notes) == ("A_{ik}", False)


@pytest.mark.parametrize(
    ("latex", "definition", "result"),
    [
        (r"\frac{\partial y_i}{\partial W_{jk}}", "y = W x", r"\delta_{ij} x_{k}"),
        (r"\frac{\partial y_i}{\partial x_j}", "y = W x", "W_{ij}"),
        (
            r"\frac{\partial p_i}{\partial z_j}",
            r"p = \operatorname{softmax}(z)",
            r"[\operatorname{softmax}(z)]_{i} (\delta_{ij} - [\operatorname{softmax}(z)]_{j})",
        ),
    ],
)
def test_an_entry_of_a_defined_vector(latex: str, definition: str, result: str) -> None:
    assert answered(latex, definition).result == result


def test_how_an_ambiguous_sign_is_read_is_told() -> None:
    assert r"$E[\cdot]$ is read as an expectation" in answered(r"\nabla_w E[w^T x]").notes
    product = answered(r"\nabla_x a^T (b \times x)")
    assert product.notes[0].startswith(r"$\times$ is read as a product")
    assert answered(r"\nabla_x 2 \times x^T x").notes == ()


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_sign_does_not_hide_where_a_determinant_vanishes_at_some_sizes(exchanged: bool) -> None:
    wide, other = symbol("B", "n", "p"), symbol("W", "n", "p")
    product = matmul(wide, transpose(other))
    left, right = det(product), det(neg(product))
    if exchanged:
        left, right = right, left
    assert judge_equal(left, right).status is Status.REFUTED
    assert judge_equal(add(left, T), add(right, T)).status is Status.REFUTED


def test_a_determinant_that_always_vanishes_is_zero() -> None:
    assert judge_equal(det(matmul(X_, transpose(Y_))), number(0)).status is Status.VERIFIED
