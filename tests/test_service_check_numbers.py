"""Capital letters that stand for numbers, and those that stand for matrices behind a d."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service.check import check


def verdicts(latex: str, *declare: str) -> list[str]:
    return [claim.verdict for claim in check(latex, declare).claims]


@pytest.mark.parametrize("letter", ["N", "M", "B", "P", "C"])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (
            r"\nabla_w \frac{1}{2#} \|Xw - y\|^2 = \frac{1}{#} X^T (Xw - y)",
            r"\nabla_w \frac{1}{2#} \|Xw - y\|^2 = \frac{2}{#} X^T (Xw - y)",
        ),
        (
            r"\nabla_w \left(\tfrac12 \|w\|^2 + # b^T w\right) = w + # b",
            r"\nabla_w \frac{#}{2} \|w\|^2 = 2#w",
        ),
        (
            r"\frac{\partial}{\partial W} # \|W\|_F^2 = 2 # W",
            r"\frac{\partial}{\partial W} # \|W\|_F^2 = # W",
        ),
        (
            r"\nabla_x \frac{1}{#} \exp(-\tfrac12 x^T x) = -\frac{1}{#} \exp(-\tfrac12 x^T x) x",
            r"\nabla_x \frac{1}{#} \exp(-\tfrac12 x^T x) = \frac{1}{#} \exp(-\tfrac12 x^T x) x",
        ),
        (
            r"\nabla_q \frac{q^T k}{\sqrt{#}} = \frac{k}{\sqrt{#}}",
            r"\nabla_q \frac{q^T k}{\sqrt{#}} = \frac{k}{#}",
        ),
    ],
)
def test_a_capital_letter_may_stand_for_a_number(letter: str, right: str, wrong: str) -> None:
    assert verdicts(right.replace("#", letter)) == ["verified"]
    assert verdicts(wrong.replace("#", letter)) != ["verified"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{\partial (AX)}{\partial X} = A",
        r"\frac{\partial (AXB)}{\partial X} = BA",
        r"\nabla_X \operatorname{tr}(AXB) = BA",
        r"(AB)^{-1} = A^{-1} B^{-1}",
        r"\operatorname{tr}(AB) = A \operatorname{tr}(B)",
    ],
)
def test_no_wrong_claim_is_verified_by_a_letter_for_a_number(latex: str) -> None:
    assert verdicts(latex) == ["refuted"]


@pytest.mark.parametrize("letter", "AMNTX")
def test_a_d_before_a_matrix_is_a_differential(letter: str) -> None:
    for declared in ((), (rf"{letter} \in \mathbb{{R}}^{{n \times n}}",)):
        square = "d(# #) = # \\, d# + d# \\, #".replace("#", letter)
        assert verdicts(square, *declared) == ["verified"]
        hadamard = r"d(# \odot #) = 2 # \odot d#".replace("#", letter)
        assert verdicts(hadamard, *declared) == ["verified"]
        assert verdicts(hadamard.replace("2", "3"), *declared) == ["refuted"]
        trace = r"d \operatorname{tr}(# \odot I_n) = \operatorname{tr}(d#)".replace("#", letter)
        assert verdicts(trace, *declared) == ["verified"]


def test_a_d_before_a_number_is_a_number() -> None:
    assert verdicts(r"\nabla_x \frac{1}{dN} x^T x = \frac{2}{dN} x") == ["verified"]


def test_a_d_before_vec_is_a_differential_also_of_a_gradient() -> None:
    latex = (
        r"d \operatorname{vec}(\nabla_X \log\det X) "
        r"= -(X^{-1} \otimes X^{-\top}) K_{n,n}\, d \operatorname{vec}(X)"
    )
    square = r"X \in \mathbb{R}^{n \times n}"
    assert verdicts(latex, square) == ["verified"]
    assert verdicts(latex.replace("= -", "= "), square) == ["refuted"]
    assert verdicts(r"d \frac{\partial y}{\partial x} = d A", "y = Ax", r"d > 0") == ["verified"]
