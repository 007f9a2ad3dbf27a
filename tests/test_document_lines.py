"""Rows and columns of a matrix that the text names."""

from __future__ import annotations

import pytest
from test_document_claims import verdicts

GRAM = r"$\sum_{i=1}^n x_i x_i^\top = X^\top X$"
OTHER = r"$\sum_{i=1}^n x_i x_i^\top = X X^\top$"
SHAPE = r"Let $X \in \mathbb{R}^{n \times d}$ and $x_i \in \mathbb{R}^d$. "
ROWS = [
    r"where $X$ has the rows $x_i^\top$",
    r"with $X$ as above, with rows $x_1^\top, \dots, x_n^\top$",
    r"where $x_i^\top$ is the $i$-th row of $X$",
    r"where $x_i^\top$ is the $i^{\text{th}}$ row of the data matrix $X$",
    r"where $x_i$ are the rows of $X$ as columns",
    r"where the rows of $X$ are $x_i^\top$",
    r"with the samples $x_i$ stacked as the rows of $X$",
    r"where $X$ is the matrix whose $i$-th row is $x_i^\top$",
    r"where $X$ has the samples $x_i^\top$ as its rows",
    r"where $X$ contains the $x_i$ as rows",
    r"where the vectors $x_1, \dots, x_n$ form the rows of $X$",
    r"where we collect $x_1$, …, $x_n$ as rows in a matrix $X$",
    r"where $x_i^\top$ denotes the ith row of $X$",
    r"where we denote the rows of $X$ by $x_i^\top$",
]


@pytest.mark.parametrize("words", ROWS)
def test_rows_that_the_text_names_are_those_of_the_matrix(words: str) -> None:
    assert verdicts(f"{SHAPE}We have {GRAM}, {words}.") == ["verified"]
    assert verdicts(f"{SHAPE}We have {OTHER}, {words}.") == ["refuted"]


def test_columns_that_the_text_names_are_those_of_the_matrix() -> None:
    shape = r"Let $X \in \mathbb{R}^{d \times n}$ be the matrix with columns $x_1, \dots, x_n$. "
    assert verdicts(shape + OTHER) == ["verified"]
    assert verdicts(shape + GRAM) == ["refuted"]


def test_a_row_named_without_a_transpose_may_be_a_row() -> None:
    told = r"Let ${}$ be the $i$-th row of $X$. Then $\sum_{{i=1}}^n x_i^\top x_i = X^\top X$."
    assert verdicts(told.format("x_i")) == ["verified"]
    assert verdicts(told.format(r"x_i^\top")) == ["refuted"]


def test_entries_of_a_row_are_those_of_the_matrix() -> None:
    text = (
        r"Let $S(\beta) = \sum_{i=1}^n (y_i - x_i^\top \beta)^2$ where $x_i^\top$ is the $i$-th row"
        r" of $X$. Then"
        r" $\frac{\partial S}{\partial \beta_j} = -2 \sum_i (y_i - x_i^\top \beta) x_{ij}$."
    )
    assert verdicts(text)[1:] == ["verified"]


def test_several_matrices_have_rows_of_their_own() -> None:
    text = (
        r"Let $X$ and $Y$ be the matrices with rows $x_i^\top$ and $y_i^\top$. Then"
        r" $\sum_{i=1}^n x_i y_i^\top = X^\top Y$ and $\sum_{i=1}^n x_i y_i^\top = Y^\top X$."
    )
    assert verdicts(text) == ["verified", "refuted"]


@pytest.mark.parametrize(
    "words",
    [
        r"where $x_i^\top$ is not the $i$-th row of $X$",
        r"where the entries $x_i$ in a row of $X$ are given",
        r"where $x_i$ is orthogonal to the rows of $X$",
    ],
)
def test_other_words_about_rows_name_none(words: str) -> None:
    assert verdicts(f"{SHAPE}We have {GRAM}, {words}.") == ["undecided"]


def test_entries_of_samples_in_no_matrix_refute_nothing() -> None:
    text = (
        r"Let $S(\beta) = \sum_{i=1}^n (y_i - x_i^\top \beta)^2$ with $x_i \in \mathbb{R}^p$. Then"
        r" $\frac{\partial S}{\partial \beta_j} = -2 \sum_i (y_i - x_i^\top \beta) x_{ij}$."
    )
    assert verdicts(text)[1:] == ["undecided"]
