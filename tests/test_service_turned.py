"""Derivatives of unspecified functions by a symbol, by its transpose, and through a product."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import derive

F = r"f : \mathbb{R}^{m \times n} \to \mathbb{R}"
A = r"A \in \mathbb{R}^{m \times n}"


def test_the_derivative_by_a_transpose_is_the_transposed_gradient_entry_by_entry() -> None:
    answer = derive(r"\nabla_{A^T} f(A) = ?", (F, A))
    assert [(step.lhs, step.latex) for step in answer.steps] == [
        (r"\frac{\partial f}{\partial [A^T]_{ij}}", r"\frac{\partial f}{\partial A_{ji}}"),
        ("", r"[\nabla_{A} f]_{ji}"),
        (r"\nabla_{A^T} f", r"(\nabla_{A} f)^T"),
    ]
    assert answer.status == "verified"


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\frac{\partial f(x)}{\partial x^T}", r"\left(\frac{\partial f}{\partial x}\right)^T"),
        (r"\nabla_{A^T} f(AB)", r"B (\nabla f(A B))^T"),
        (r"\nabla_A f(A^T)", r"(\nabla f(A^T))^T"),
        (r"\nabla_A f(AB)", r"\nabla f(A B) B^{\top}"),
        (r"\nabla_{X^T} \operatorname{tr}(XB)", "B"),
    ],
)
def test_what_is_said_of_an_unspecified_function(latex: str, result: str) -> None:
    answer = derive(f"{latex} = ?", (r"f : \mathbb{R}^n \to \mathbb{R}",) if "x" in latex else ())
    assert (answer.status, answer.result) == ("verified", result)


@pytest.mark.parametrize("latex", [r"\nabla_A f(A)", r"\nabla_A f", r"\nabla^2 f(A)"])
def test_of_its_own_gradient_nothing_more_can_be_said(latex: str) -> None:
    answer = derive(f"{latex} = ?", (F, A))
    assert answer.error is not None
    assert answer.error.code == "unsupported"
    assert "f is not specified" in answer.error.message
