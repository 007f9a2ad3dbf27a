"""Notes on domains: not where the form of an argument tells that it is inside."""

from __future__ import annotations

import pytest

from mdiff_pandoc import derive

DECLARED = (
    r"X \in \mathbb{R}^{n \times p}",
    r"\lambda > 0",
    r"\mu \in \mathbb{R}",
    r"x \in \mathbb{R}^n",
    r"w \in \mathbb{R}^n",
    r"\Sigma \in \mathbb{R}^{n \times n} positive definite",
    r"S \in \mathbb{R}^{p \times p} symmetric",
)
NOTE = "needs positive arguments"


@pytest.mark.parametrize(
    "request_",
    [
        r"\nabla_X \log\det(X^T X + \lambda I)",
        r"\nabla_X \log\det(X^T \Sigma^{-1} X + 2 I)",
        r"\nabla_\Sigma \log\det(\Sigma + \lambda \Sigma^{-1})",
        r"\nabla_x \log(1 + x^T \Sigma x)",
        r"\nabla_x \log(1 + \mu^2 x^T x)",
    ],
)
def test_positive_by_their_form(request_: str) -> None:
    answer = derive(request_, DECLARED)
    assert answer.error is None
    assert not any(NOTE in note for note in answer.notes)


@pytest.mark.parametrize(
    "request_",
    [
        r"\nabla_X \log\det(X^T X)",
        r"\nabla_X \log\det(X^T X + \mu I)",
        r"\nabla_X \log\det(X^T X - \lambda I)",
        r"\nabla_X \log\det(X S X^T + I)",
        r"\nabla_x \log(1 + w^T x)",
        r"\nabla_x \sqrt{x^T \Sigma x}",
    ],
)
def test_not_positive_by_their_form(request_: str) -> None:
    answer = derive(request_, DECLARED)
    assert answer.error is None
    assert any(NOTE in note for note in answer.notes)
