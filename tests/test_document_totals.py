"""Sums of entries and entries 0 and 1: what the text says of data, as labels and weights are."""

from __future__ import annotations

import pytest
from test_document_claims import verdicts

from mdiff_pandoc.latex.totals import stated_total

LOSS = r"Let $p = \operatorname{softmax}(z)$ and $L = -y^\top \log p$ with $z \in \mathbb{R}^k$. "
RIGHT = r"$\frac{\partial L}{\partial z} = p - y$"
WRONG = r"$\frac{\partial L}{\partial z} = y - p$"


@pytest.mark.parametrize(
    "words",
    [
        "Let $y$ be one-hot.",
        "Here $y$ is a one-hot vector.",
        "Let $y$ be a probability vector.",
        "The entries of $y$ sum to one.",
        "Let $y$ be the labels, which sum to $1$.",
        r"Suppose that $y_i$ sums to 1.",
        r"Let $y$ be such that all is well, where $\sum_j y_j = 1$.",
        r"Let $\mathbf{1}^\top y = 1$.",
    ],
)
def test_labels_that_sum_to_one_make_the_gradient_of_a_softmax_simple(words: str) -> None:
    assert verdicts(f"{LOSS}{words} Then {RIGHT}.")[-1] == "verified"
    assert verdicts(f"{LOSS}{words} Then {WRONG}.")[-1] == "refuted"


@pytest.mark.parametrize(
    ("words", "claim", "verdict"),
    [
        ("Every row of $P$ sums to one.", r"P^2 \mathbf{1} = \mathbf{1}", "verified"),
        ("Let $P$ be row-stochastic.", r"P P \mathbf{1} = \mathbf{1}", "verified"),
        ("Let $P$ be row-stochastic.", r"P P \mathbf{1} = 2 \cdot \mathbf{1}", "refuted"),
        (
            "The columns of $P$ sum to one.",
            r"\mathbf{1}^\top P^2 = \mathbf{1}^\top",
            "verified",
        ),
    ],
)
def test_rows_and_columns_of_a_matrix(words: str, claim: str, verdict: str) -> None:
    shape = r"Let $P \in \mathbb{R}^{n \times n}$. "
    assert verdicts(f"{shape}{words} Then ${claim}$.") == [verdict]


MASKED = (
    r"Let $\Omega \in {}$ and $f(U) = \frac12 \| \Omega \odot (U V^\top - M) \|_F^2$. "
    r"Then $\nabla f = {} (\Omega \odot (U V^\top - M)) V$."
)


@pytest.mark.parametrize(
    ("space", "factor", "verdict"),
    [
        (r"\{0, 1\}^{m \times n}", "", "undecided"),
        (r"\{0, 1\}^{m \times n}", "2", "refuted"),
        (r"\mathbb{R}^{m \times n}", "", "refuted"),
    ],
)
def test_entries_0_and_1_refute_what_fails_for_them(space: str, factor: str, verdict: str) -> None:
    text = MASKED.replace("{}", space, 1).replace("{}", factor, 1)
    assert verdicts(text)[-1] == verdict


@pytest.mark.parametrize(
    ("equation", "told"),
    [
        (r"\sum_{i=1}^n y_i = 1", ("y", "sums to one")),
        (r"\sum_i \mathbf{y}_i = 1", (r"\mathbf{y}", "sums to one")),
        (r"\mathbf{1}^\top y = 1", ("y", "sums to one")),
        (r"y^\top \mathbf{1}_n = 1", ("y", "sums to one")),
        (r"P \mathbf{1} = \mathbf{1}", ("P", "rows sum to one")),
        (r"\mathbf{1}^\top P = \mathbf{1}^\top", ("P", "columns sum to one")),
        (r"\sum_i y_i = 2", None),
        (r"\sum_i y_i x_i = 1", None),
        (r"P x = \mathbf{1}", None),
    ],
)
def test_sums_that_equations_state(equation: str, told: tuple[str, str] | None) -> None:
    assert stated_total(equation) == told


def test_a_name_behind_a_defining_sign_holds_in_what_follows() -> None:
    text = r"Let $f(x) = \|A x - b\|^2$. Then $\nabla f = 2 A^\top (A x - b) =: g$. So ${}$."
    assert verdicts(text.replace("{}", r"g = 2 A^\top A x - 2 A^\top b"))[-1] == "verified"
    assert verdicts(text.replace("{}", r"g^\top g = 4 x^\top A^\top A x"))[-1] == "refuted"
