"""What a student is told of a wrong equality is short, and in the student's own names."""

from __future__ import annotations

import pytest

from mdiff_pandoc import check
from mdiff_pandoc.service.claim import Claim

COVARIANCE = (r"x_i \in \mathbb{R}^d", r"let S = \frac1n \sum_{i=1}^n x_i x_i^T")
NETWORK = (
    r"x \in \mathbb{R}^d",
    r"y \in \mathbb{R}^k",
    r"W_1 \in \mathbb{R}^{h \times d}",
    r"W_2 \in \mathbb{R}^{k \times h}",
    r"let z_1 = W_1 x",
    r"let a = \sigma(z_1)",
    r"let z_2 = W_2 a",
    r"let L = \frac12 \|z_2 - y\|^2",
    r"let \delta_2 = z_2 - y",
)


def refuted(latex: str, *context: str) -> Claim:
    (claim,) = check(latex, context=context).claims
    assert claim.verdict == "refuted", claim
    return claim


class TestDefinitions:
    @pytest.mark.parametrize(
        ("latex", "context", "repaired"),
        [
            (
                r"\frac{\partial L}{\partial v} = 2 S v - \lambda v",
                (*COVARIANCE, r"let L = v^T S v - \lambda (v^T v - 1)"),
                r"2 S v - 2 \lambda v",
            ),
            (r"\nabla_u (u^T S u) = S u", COVARIANCE, r"2 S u"),
            (r"(S u)^T = u^T S^T S", (*COVARIANCE, r"u \in \mathbb{R}^d"), r"u^T S"),
            (
                r"\frac{\partial L}{\partial z_1} = (W_2^T \delta_2) \odot \sigma(z_1)",
                NETWORK,
                r"W_2^T \delta_2 \odot \sigma(z_1) \odot (\mathbf{1} - \sigma(z_1))",
            ),
            (
                r"\nabla_w J = X^T X w + X^T y",
                (
                    r"X \in \mathbb{R}^{n \times d}",
                    r"y \in \mathbb{R}^n",
                    r"w \in \mathbb{R}^d",
                    r"let J = \frac12 \|X w - y\|^2",
                ),
                r"X^T X w - X^T y",
            ),
        ],
    )
    def test_stay_names(self, latex: str, context: tuple[str, ...], repaired: str) -> None:
        assert refuted(latex, *context).repaired == repaired

    def test_keep_their_typeface(self) -> None:
        claim = refuted(
            r"\mathbf{S}^{-1} \mathbf{S} a = \mathbf{S} a",
            r"A, B \in \mathbb{R}^{n \times n}",
            r"a \in \mathbb{R}^n",
            r"let \mathbf{S} = A B + A",
        )
        assert "A" not in claim.repaired
        assert "A" not in claim.suggestion
