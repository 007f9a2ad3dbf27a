"""What the name of a decomposition says of its factors."""

from __future__ import annotations

import pytest
from test_document_claims import verdicts

SVD = r"Let $A = U \Sigma V^\top$ be the {} of $A \in \mathbb{{R}}^{{m \times n}}$. Then ${}$."


@pytest.mark.parametrize("name", ["SVD", "thin SVD", "singular value decomposition"])
@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"U^\top U = I", "verified"),
        (r"A^\top A = V \Sigma^2 V^\top", "verified"),
        (r"A^\top A = U \Sigma^2 U^\top", "refuted"),
        (r"\operatorname{tr}(A^\top A) = \sum_i \sigma_i^2", "verified"),
        (r"\operatorname{tr}(A^\top A) = \sum_i \sigma_i", "refuted"),
        (r"A = \sum_i \sigma_i u_i v_i^\top", "verified"),
        (r"A = \sum_i \sigma_i v_i u_i^\top", "refuted"),
        (r"A v_j = \sigma_j u_j", "verified"),
        (r"A (A^\top A)^{-1} A^\top = U U^\top", "verified"),
    ],
)
def test_of_a_singular_value_decomposition(name: str, claim: str, verdict: str) -> None:
    assert verdicts(SVD.format(name, claim))[1:] == [verdict]


@pytest.mark.parametrize(
    ("name", "claim", "verdict"),
    [
        ("SVD", r"U U^\top = I", "verified"),
        ("full SVD", r"U U^\top = I", "verified"),
        ("thin SVD", r"U U^\top = I", "undecided"),
        ("full SVD", r"A A^\top = U \Sigma \Sigma^\top U^\top", "verified"),
        ("full SVD", r"A A^\top = U \Sigma^\top \Sigma U^\top", "refuted"),
        ("SVD", r"A^\top A = V \Sigma^\top U^\top U \Sigma V^\top", "verified"),
    ],
)
def test_thin_and_full_ones_differ(name: str, claim: str, verdict: str) -> None:
    assert verdicts(SVD.format(name, claim))[1:] == [verdict]


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (
            r"Let $S = Q \Lambda Q^\top$ be the eigendecomposition.",
            r"S^{-1} = Q \Lambda^{-1} Q^\top",
            r"S^{-1} = Q^\top \Lambda^{-1} Q",
        ),
        (
            r"The spectral decomposition of $S$ is $$S = \sum_i \lambda_i q_i q_i^\top"
            r" \quad\text{or}\quad S = Q \Lambda Q^\top.$$",
            r"S q_j = \lambda_j q_j",
            r"S q_j = \lambda_j^2 q_j",
        ),
        (
            r"Diagonalise $A = P D P^{-1}$.",
            r"A^2 = P D^2 P^{-1}",
            r"A^2 = P D P^{-1}",
        ),
        (
            r"By the QR decomposition $A = Q R$.",
            r"(A^\top A)^{-1} A^\top b = R^{-1} Q^\top b",
            r"(A^\top A)^{-1} A^\top b = R^{-1} Q b",
        ),
        (
            r"Let $K = L L^\top$ be the Cholesky factorisation.",
            r"\log \det K = 2 \sum_i \log L_{ii}",
            r"\log \det K = \sum_i \log L_{ii}",
        ),
        (
            r"Let $K = L D L^\top$ be the LDL decomposition with $D$ diagonal.",
            r"K^\top = K",
            r"K = L^\top D L",
        ),
    ],
)
def test_of_other_decompositions(text: str, right: str, wrong: str) -> None:
    assert verdicts(f"{text} Then ${right}$.")[-1] == "verified"
    assert verdicts(f"{text} Then ${wrong}$.")[-1] == "refuted"


def test_a_product_that_is_called_nothing_has_any_factors() -> None:
    text = r"Let $A = U \Sigma V^\top$. Then $A^\top A = V \Sigma^2 V^\top$."
    assert verdicts(text)[1:] == ["refuted"]
