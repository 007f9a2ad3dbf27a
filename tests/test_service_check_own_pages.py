"""What stands on true pages is not refuted: sizes, constants and functions that nobody declared."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import Options
from mdiff_pandoc.service.check import check


def verdicts(latex: str, *facts: str, manner: str = "concluded") -> list[str]:
    return [claim.verdict for claim in check(latex, (), facts, manner=manner).claims]


# --- a variable by itself ---


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial X}{\partial X_{ij}} = e_i e_j^\top",
        r"\frac{\partial \operatorname{vec}(X)}{\partial \operatorname{vec}(X)^\top} = I",
        r"\frac{\partial x}{\partial x^\top} = I_n",
    ],
)
def test_a_variable_is_no_function_of_itself(claim: str) -> None:
    assert verdicts(claim) == ["verified"]
    assert verdicts(claim.replace("= ", "= 2 ")) == ["refuted"]


# --- identities with their size ---


def test_the_size_of_an_identity_may_be_a_power() -> None:
    claim = (
        r"\frac{\partial \operatorname{vec}(X X^\top)}{\partial \operatorname{vec}(X)^\top} = "
        r"(I_{m^2} + K_{m,m})(X \otimes I_m)"
    )
    assert verdicts(claim) == ["verified"]
    assert verdicts(claim.replace("+", "-")) == ["refuted"]


def test_the_entries_of_an_identity_are_deltas() -> None:
    assert verdicts(r"[I]_{ij} = \delta_{ij}") == ["verified"]


# --- definitions with arguments ---

LEAST_SQUARES = r"J(w) = \frac{1}{2} \|Xw - y\|^2"


@pytest.mark.parametrize(
    "derivative",
    [
        r"\nabla_w J",
        r"\nabla J",
        r"\nabla J(w)",
        r"\frac{\partial J}{\partial w}",
        r"\frac{\partial J(w)}{\partial w}",
    ],
)
def test_a_function_is_differentiated_as_it_was_defined(derivative: str) -> None:
    assert verdicts(rf"{derivative} = X^\top (Xw - y)", LEAST_SQUARES) == ["verified"]
    assert verdicts(rf"{derivative} = X^\top (Xw + y)", LEAST_SQUARES) == ["refuted"]
    assert verdicts(rf"{derivative} = X^\top (Xw + y)") == ["undecided"]


def test_a_prime_is_the_derivative_of_a_function_that_was_defined() -> None:
    defined = r"f(x) = x^3 - 2x"
    assert verdicts("f'(x) = 3x^2 - 2", defined) == ["verified"]
    assert verdicts("f''(x) = 6x", defined) == ["verified"]
    assert verdicts("f'(t) = 3t^2 - 2", defined) == ["verified"]
    assert verdicts("f'(x) = 3x^2", defined) == ["refuted"]


def test_a_gradient_may_be_taken_at_another_point() -> None:
    assert verdicts(r"\nabla f(x_0) = 2 x_0", r"f(x) = x^\top x") == ["verified"]


def test_the_differential_of_a_function_that_was_defined() -> None:
    claim = r"df = \nabla f(x)^\top dx = x^\top (A + A^\top)\, dx"
    assert verdicts(claim, r"f(x) = x^\top A x") == ["verified", "verified"]


def test_a_function_of_other_arguments_stays_unspecified() -> None:
    claim = r"\frac{\partial f}{\partial t} = 0"
    assert verdicts(claim, "f(x) = x^2", manner="concluded") == ["undecided"]


# --- capital letters that are functions or quantities ---


def test_a_capital_letter_before_a_variable_is_a_function_of_it() -> None:
    claim = (
        r"\frac{\partial Y(x)^{-1}}{\partial x} = "
        r"-Y(x)^{-1} \frac{\partial Y(x)}{\partial x} Y(x)^{-1}"
    )
    assert verdicts(claim) == ["verified"]
    assert verdicts(claim.replace("= -", "= ")) == ["refuted"]


def test_a_bare_letter_under_a_derivative_is_the_function_beside_it() -> None:
    claim = r"\frac{\partial J(W)}{\partial A} = -A^{-\top} \frac{\partial J}{\partial W} A^{-\top}"
    assert verdicts(claim, "W = A^{-1}") == ["verified"]
    assert verdicts(claim.replace("= -", "= "), "W = A^{-1}") == ["refuted"]


def test_a_letter_that_is_differentiated_is_no_constant() -> None:
    assert verdicts(r"\nabla_w J = X^\top (Xw - y)") == ["undecided"]
    assert verdicts(r"\nabla_w J = 2w", "J = w^\\top w") == ["verified"]
    assert verdicts(r"A J = A \mathbf{1} \mathbf{1}^\top") == ["verified"]


# --- differentials ---


def test_a_d_at_the_beginning_of_a_side_is_a_differential() -> None:
    assert verdicts(r"d \operatorname{sign}(a) = 0") == ["verified"]
    assert verdicts(r"d \|x\|_2 = \frac{x^\top dx}{\|x\|_2}") == ["verified"]
    assert verdicts(r"d \log\det X = \operatorname{tr}(X^{-1})") == ["refuted"]
    assert verdicts(r"d \operatorname{tr}(A) = \operatorname{tr}(d A)", r"d \in \mathbb{R}") == [
        "verified"
    ]


def test_a_differential_that_is_zero_is_a_condition() -> None:
    for claim in ("dC = 0", r"\mathrm{d}C = 0", r"d \operatorname{tr}(X) = 0"):
        assert verdicts(claim) == ["undecided"]


def test_differentials_of_quantities_that_nobody_defined_refute_nothing() -> None:
    for claim in ("dC = dA", r"df = \operatorname{tr}(G^\top dX)", "dL = g^\\top dx"):
        assert verdicts(claim) == ["undecided"]
    assert verdicts(r"d(XY) = X\, dY + Y\, dX") == ["refuted"]


# --- sizes that nobody declared ---


def test_sizes_that_nobody_named_are_those_that_the_formula_names() -> None:
    claim = (
        r"\frac{\partial \operatorname{vec}(X^\top)}{\partial \operatorname{vec}(X)^\top} = K_{m,n}"
    )
    [found] = check(claim).claims
    assert (found.verdict, found.assumed) == ("verified", (r"X \in \mathbb{R}^{m \times n}",))
    assert verdicts(claim.replace("= ", "= -")) == ["refuted"]
    assert verdicts(claim, r"X \in \mathbb{R}^{p \times q}") == ["undecided"]
    assert verdicts(r"K_{m,n} K_{n,m} = I \otimes I") == ["verified"]


def test_a_row_is_no_column_whatever_its_size() -> None:
    assert verdicts(r"\nabla_x a^\top x = a^\top") == ["refuted"]


# --- conventions and constants ---


def test_the_convention_for_symmetric_variables_is_that_of_the_options() -> None:
    claim = r"\frac{\partial \operatorname{tr}(AX)}{\partial X} = A + A^\top - A \odot I"
    entries = check(claim, ("X symmetric",), options=Options(symmetric="entries"))
    assert [found.verdict for found in entries.claims] == ["verified"]
    assert verdicts(claim, "X symmetric") == ["refuted"]


def test_a_constant_does_not_depend_on_a_variable() -> None:
    assert verdicts(r"\frac{\partial c}{\partial X_{pq}} = 0", "c constant") == ["verified"]


def test_a_zero_takes_the_shape_of_what_it_is_multiplied_with_entry_by_entry() -> None:
    assert verdicts(r"0 \odot A = 0") == ["verified"]
    assert verdicts(r"A + 0 \odot A = A + A") == ["refuted"]


def test_what_holds_for_square_matrices_is_undecided_where_nobody_said_what_they_are() -> None:
    claim = r"\nabla_X \det(AXB) = \det(AXB) X^{-\top}"
    assert verdicts(claim) == ["undecided"]
    assert verdicts(claim, r"A \in \mathbb{R}^{n \times n}") == ["verified"]
    assert verdicts(claim, r"A \in \mathbb{R}^{m \times n}") == ["refuted"]
    assert verdicts(claim.replace(r"X^{-\top}", "X^{-1}")) == ["refuted"]


# --- conditions, constraints and names with labels ---


def test_a_sum_that_is_a_number_is_a_condition() -> None:
    assert verdicts(r"\mathbf{1}^\top y = 1") == ["undecided"]
    assert verdicts(r"\det(X X^{-1}) = 2") == ["refuted"]


def test_a_derivative_may_be_taken_as_if_the_variable_had_no_constraint() -> None:
    lagrangian = r"L(u, \lambda) = u^\top S u + \lambda (1 - u^\top u)"
    claim = r"\frac{\partial L}{\partial u} = 2 S u - 2 \lambda u"
    [found] = check(claim, (), ("u unit", "S symmetric", lagrangian)).claims
    assert found.verdict == "verified"
    assert "with no constraint on the variable" in found.notes
    assert verdicts(claim.replace("-", "+"), "u unit", "S symmetric", lagrangian) == ["refuted"]


def test_a_definition_may_have_a_greek_or_capital_label() -> None:
    kernel = r"K_\theta = s^2 A + \tau I"
    claim = r"\frac{\partial}{\partial \tau} \log\det K_\theta = \operatorname{tr}(K_\theta^{-1})"
    assert verdicts(claim, kernel) == ["verified"]
    assert verdicts(claim.replace("= ", "= -"), kernel) == ["refuted"]
    weighted = r"E_S(w) = (y - Xw)^\top S (y - Xw)"
    claim = r"\frac{\partial E_S}{\partial w} = -2 X^\top S (y - Xw)"
    assert verdicts(claim, weighted, "S symmetric") == ["verified"]
    assert verdicts(claim, "E(w) = w^\\top w") == ["undecided"]


def test_a_label_may_be_a_sign() -> None:
    update = "P_+ = (I - KH) P"
    assert verdicts(
        r"\operatorname{tr}(P_+) = \operatorname{tr}(P) - \operatorname{tr}(KHP)", update
    ) == ["verified"]


def test_a_name_with_a_label_that_nobody_defined_refutes_nothing() -> None:
    assert verdicts(r"(A + B) y = A y + B \hat{y}") == ["undecided"]


def test_a_power_before_its_argument_is_one_of_the_values() -> None:
    claim = r"\tanh^2(x) = \tanh(x) \odot \tanh(x)"
    assert verdicts(claim, r"x \in \mathbb{R}^n") == ["verified"]


def test_a_capital_letter_for_a_number_may_be_a_scalar() -> None:
    claim = (
        r"\nabla_\Lambda \left( \frac{N}{2} \log\det \Lambda - \frac12 \operatorname{tr}(\Lambda A)"
        r" \right) = \frac{N}{2} \Lambda^{-\top} - \frac12 A^\top"
    )
    assert verdicts(claim) == ["verified"]


def test_a_long_arrow_separates_statements() -> None:
    assert verdicts(
        r"(AB)^\top = B^\top A^\top \Longrightarrow (ABC)^\top = C^\top B^\top A^\top"
    ) == [
        "verified",
        "verified",
    ]


def test_samples_and_a_matrix_that_may_hold_them_refute_nothing() -> None:
    claim = r"\nabla_w \frac12 \|Xw - y\|^2 = \sum_{i=1}^n (w^\top x_i - y_i) x_i"
    assert verdicts(claim, r"y \in \mathbb{R}^n", r"x_i \in \mathbb{R}^d") == ["undecided"]


def test_two_capital_letters_for_sizes_are_a_product_of_numbers() -> None:
    constant, quadratic = r"\frac{N D}{2} \log(2\pi)", r"(x_n - \mu)^\top A (x_n - \mu)"
    likelihood = rf"\ell(\mu) = -{constant} - \frac12 \sum_{{n=1}}^N {quadratic}"
    facts = (r"A \in \mathbb{R}^{D \times D}", "A symmetric", likelihood)
    claim = r"\frac{\partial \ell}{\partial \mu} = \sum_{n=1}^N A (x_n - \mu)"
    assert verdicts(claim, *facts) == ["verified"]
    assert verdicts(claim.replace("= ", "= -"), *facts) == ["refuted"]


@pytest.mark.parametrize(
    ("claim", "definition", "verdict"),
    [
        (r"\sigma' = \sigma(1 - \sigma)", r"\sigma(t) = \frac{1}{1 + e^{-t}}", "verified"),
        (r"\sigma' = \sigma(1 + \sigma)", r"\sigma(t) = \frac{1}{1 + e^{-t}}", "refuted"),
        ("g' = -g^2", "g(t) = 1/t", "verified"),
        ("g' = g^2", "g(t) = 1/t", "refuted"),
        ("g(g(t)) = t", "g(t) = 1/t", "verified"),
    ],
)
def test_functions_without_their_argument(claim: str, definition: str, verdict: str) -> None:
    assert [found.verdict for found in check(claim, (), (definition,)).claims] == [verdict]
