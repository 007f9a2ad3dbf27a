"""Formulas as lecture notes write them: their facts, squares as symbols, dots and indices."""

from __future__ import annotations

import panflute as pf
import pytest

from mdiff_pandoc.document.render import prose
from mdiff_pandoc.service import derive
from mdiff_pandoc.service.check import check


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (r"\nabla_w (-y w\cdot x)", "-y x"),
        (r"\nabla_w (1 - y\, w\cdot x)", "-y x"),
        (r"\nabla_w a\, w\cdot w", "2 a w"),
    ],
)
def test_a_coefficient_in_front_of_a_dot_product_is_a_scalar(request_: str, result: str) -> None:
    assert derive(request_).result == result


def test_an_index_of_zero_is_part_of_the_name() -> None:
    answer = derive(r"\nabla_w \|w-w_0\|^2", [r"w \in \mathbb{R}^d"])
    assert answer.result == "2 (w - w_0)"
    assert answer.assumed == (r"w_0 \in \mathbb{R}^d",)


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (
            r"\frac{\partial}{\partial \sigma^2}"
            r" (\frac{1}{2\sigma^2} \|y - Xw\|^2 + \frac{m}{2} \log \sigma^2)",
            r"\frac{m}{2 \sigma^2} - \frac{1}{2 \sigma^{4}} \|y - X w\|^{2}",
        ),
        (r"\nabla_{\tau^2} (\tau^4+\tau^{-2})", r"2 \tau^2 - \frac{1}{\tau^{4}}"),
        (r"\frac{d}{d \sigma_0^2} \frac{1}{\sigma_0^2}", r"-\frac{1}{\sigma_0^{4}}"),
    ],
)
def test_a_derivative_by_a_square_reads_it_as_one_positive_scalar(latex: str, result: str) -> None:
    answer = derive(latex)
    assert (answer.status, answer.result) == ("verified", result)
    assert not any("sigma" in fact or "tau" in fact for fact in answer.assumed)
    [claim] = check(f"{latex} = {answer.result}").claims  # what is printed is read as it is meant
    assert claim.verdict == "verified"


def test_a_square_as_variable_has_a_differential_in_brackets_and_a_name_in_numpy() -> None:
    answer = derive(r"\frac{\partial L}{\partial \sigma^2}", (), [r"L = a / \sigma^2"])
    assert r"d(\sigma^2)" in answer.derivation
    assert "sigma2" in answer.numpy


@pytest.mark.parametrize("left", [r"\tau^3", r"\tau", r"\tau^{-1}"])
def test_another_power_of_the_base_of_a_square_is_refused(left: str) -> None:
    latex = rf"\nabla_{{\tau^2}} (a {left} + \tau^2)"
    error = derive(latex).error
    assert error is not None
    assert error.span is not None
    assert latex[error.span.start : error.span.end] == left
    assert error.hint.startswith(r"write s = \tau^2")


@pytest.mark.parametrize(
    ("fact", "scalar"), [(r"\lambda > 0", r"\lambda"), (r"\lambda^2 > 0", r"\lambda^2")]
)
def test_a_small_letter_above_zero_is_a_scalar_that_need_not_be_assumed(
    fact: str, scalar: str
) -> None:
    answer = derive(rf"\nabla_w ({scalar} \|w\|^2)", (), [fact])
    assert answer.assumed == (r"w \in \mathbb{R}^n",)


def test_a_letter_above_zero_is_a_vector_where_the_formula_needs_one() -> None:
    answer = derive(r"\nabla_w a^\top w", (), ["w > 0"])
    assert answer.result == "a"
    assert r"w \in \mathbb{R}^n" in answer.assumed


def test_a_head_with_a_list_of_entries_is_refused_with_the_vector_to_write() -> None:
    latex = r"\nabla_w w^T \operatorname{diag}(\lambda_1,\dots,\lambda_d) w"
    error = derive(latex).error
    assert error is not None
    assert error.span is not None
    assert latex[error.span.start : error.span.end] == r"(\lambda_1,\dots,\lambda_d)"
    assert error.hint == (
        r"write \operatorname{diag}(\lambda) and declare \lambda \in \mathbb{R}^d"
    )


_DIAGONAL = r"\Lambda = \operatorname{diag}(\lambda_1,\dots,\lambda_d)"


@pytest.mark.parametrize(
    "definition",
    [
        _DIAGONAL,
        r"\Lambda = \mathrm{diag}\left(\lambda_1, \ldots, \lambda_d\right)",
        r"\Lambda := \operatorname{diag}(\lambda)",
    ],
)
def test_a_matrix_defined_by_its_diagonal_is_diagonal(definition: str) -> None:
    assert derive(r"\nabla_w w^T\Lambda w", (), [definition]).result == r"2 \Lambda w"
    assert derive(r"\nabla_w w^T\Lambda w", [definition]).result == r"2 \Lambda w"


def test_entries_of_a_diagonal_leave_a_scalar_of_their_letter_alone() -> None:
    answer = derive(r"\nabla_w (w^T\Lambda w + \lambda\|w\|^2)", (), [_DIAGONAL])
    assert answer.result == r"2 \Lambda w + 2 \lambda w"
    assert r"\Lambda \in \mathbb{R}^{n \times n}" in answer.assumed


def test_a_derivative_by_the_entries_of_a_diagonal_puts_it_in() -> None:
    assert derive(r"\nabla_\lambda w^T\Lambda w", (), [_DIAGONAL]).result == r"w^{\odot 2}"


def test_a_vector_taken_from_a_diagonal_is_no_diagonal_matrix() -> None:
    answer = derive(r"\nabla_w w^T d", (), [r"d = \operatorname{diag}(A)"])
    assert answer.result == "d"


def test_a_formula_in_a_note_stands_between_dollars() -> None:
    answer = derive(r"\nabla_w r^\top r", (), ["r = Xw - y"])
    assert answer.notes == ("with $r = Xw - y$",)


def test_a_document_shows_the_formula_of_a_note_as_mathematics() -> None:
    shown = prose("with $r = Xw - y$")
    assert [type(part) for part in shown] == [pf.Str, pf.Space, pf.Math]
    assert shown[-1].text == "r = Xw - y"
