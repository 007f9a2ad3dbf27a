"""Derivatives by a member of an indexed family that sums run over."""

import pytest

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.service import Options, derive

DECLARED = (r"x, w_j, x_i, \mu_k \in \mathbb{R}^d", r"W_j \in \mathbb{R}^{m \times d}")


def result(request, declared=DECLARED):
    answer = derive(request, declared)
    assert answer.status == "verified"
    return answer.result


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (r"\nabla_{x_k} \sum_{i=1}^n \|x_i\|^2", r"2 x_{k}"),
        (r"\nabla_{x_i} \sum_{i=1}^n \|x_i\|^2", r"2 x_{i}"),
        (r"\nabla_{x_i} \sum_i x_i^\top b_i", r"b_{i}"),
        (r"\nabla_{x_i} \sum_i x_i^\top A x_i", r"(A + A^{\top}) x_{i}"),
        (r"\nabla_{W_k} \sum_{j=1}^K \|W_j x\|^2", r"2 W_{k} x x^{\top}"),
        (r"\nabla_{w_k} (\sum_{j=1}^K a_j w_j)^\top x", r"a_{k} x"),
        (
            r"\nabla_{w_k} \log \sum_{j=1}^K e^{w_j^\top x}",
            r"\frac{e^{w_{k}^{\top} x}}{\sum_{j=1}^{K} e^{w_{j}^{\top} x}} x",
        ),
        (
            r"\frac{\partial}{\partial w_k} (w_k^\top x - \log \sum_{j=1}^K e^{w_j^\top x})",
            r"x - \frac{e^{w_{k}^{\top} x}}{\sum_{j=1}^{K} e^{w_{j}^{\top} x}} x",
        ),
        (
            r"\nabla_{\mu_k} \sum_{i=1}^n \sum_{k=1}^K r_{ik} \|x_i - \mu_k\|^2",
            r"-2 \sum_{i=1}^{n} r_{ik} (x_{i} - \mu_{k})",
        ),
        (
            r"\nabla_{u_i} \sum_{i,j} (r_{ij} - u_i^\top v_j)^2",
            r"-2 \sum_{j=1}^{n} (r_{ij} - u_{i}^{\top} v_{j}) v_{j}",
        ),
    ],
)
def test_of_a_sum_over_the_family_the_term_of_the_member_varies(request_, expected):
    assert result(request_) == expected


def test_undeclared_members_that_stand_transposed_are_vectors():
    found = result(r"\nabla_{w_k} \sum_j (w_j^\top z)^2", (r"z \in \mathbb{R}^d",))
    assert found == r"2 (w_{k}^{\top} z) z"


@pytest.mark.parametrize(
    "request_",
    [
        r"\nabla_{w_k} \sum_{j=1}^K \sum_{l=1}^K w_j^\top w_l",
        r"\nabla_{w_k} \sum_{j=1}^K w_j^\top w_k",
        r"\nabla_{w_k} \sum_{j=2}^K \|w_j\|^2",
        r"\nabla_{w_k} \sum_{j=1}^K \|w_j\|^2 + w_l^\top w_k",
        r"\nabla_{w_k}^2 \sum_{j=1}^K \|w_j\|^2",
    ],
)
def test_what_is_not_told_by_one_term_is_refused(request_):
    answer = derive(request_, DECLARED)
    assert answer.status == "error"
    assert answer.error.hint
    assert isinstance(answer.error, UnsupportedError)


def test_another_style_falls_back_with_a_note():
    answer = derive(
        r"\nabla_{x_k} \sum_{i=1}^n \|x_i\|^2", DECLARED, options=Options(style="index")
    )
    assert any("no derivative by a member" in note for note in answer.notes)
