"""Letters that are declared as constants, and rows in Diag that stay as they are written."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import Options, derive

SIZES = (
    r"A \in \mathbb{R}^{p \times n}",
    r"x \in \mathbb{R}^n",
    r"B \in \mathbb{R}^{n \times q}",
    r"J \in \mathbb{R}^{q \times p}",
)
ROWS = (
    r"B \in \mathbb{R}^{K \times N}",
    r"X \in \mathbb{R}^{N \times M}",
)


@pytest.mark.parametrize("words", ["J matrix of ones", "J all-ones matrix", "J ones"])
def test_a_declared_matrix_of_ones_has_entries_one(words: str) -> None:
    latex = r"\nabla_x \operatorname{tr}(J A \operatorname{diag}(x) B) = ?"
    answer = derive(latex, (*SIZES, words), options=Options(style="index"))
    assert (answer.status, answer.result) == ("verified", r"A^{\top} \mathbf{1} \odot B \mathbf{1}")
    assert not any("J_" in step.latex for step in answer.steps)


def test_constants_keep_the_letter_of_their_author() -> None:
    declare = ("e vector of ones", "E identity", r"X \in \mathbb{R}^{n \times n}")
    assert derive(r"\nabla_X e^T X e = ?", declare).result == "e e^T"
    assert derive(r"\nabla_X \operatorname{tr}(X^T E) = ?", declare).result == "E"
    assert derive(r"\nabla_X \operatorname{tr}(X) = ?", ("E identity",)).result == "I"


def test_an_identity_is_square() -> None:
    answer = derive(
        r"\nabla_X \operatorname{tr}(E X) = ?", (r"E \in \mathbb{R}^{2 \times 3} identity",)
    )
    assert answer.error is not None
    assert answer.error.code == "declaration"


@pytest.mark.parametrize("style", ["differential", "index"])
def test_a_row_in_diag_is_not_turned(style: str) -> None:
    latex = r"\nabla_X \sum_{k=1}^K \operatorname{tr} \log(A \operatorname{diag}(B_{k:} X) C) = ?"
    declare = (*ROWS, "A: p×M", "C: M×p")
    answer = derive(latex, declare, options=Options(style=style))
    assert answer.status == "verified"
    assert not any(r"X^{\top} B_{k:}" in step.latex for step in answer.steps)


def test_an_entry_of_a_row_has_one_index() -> None:
    latex = r"\nabla_X \sum_{k=1}^K \operatorname{tr}(A \operatorname{diag}(B_{k:} X) C) = ?"
    answer = derive(latex, (*ROWS, "A: p×M", "C: M×p"), options=Options(style="index"))
    assert any("[B_{k:} X]_{j}" in step.latex for step in answer.steps)


def test_the_square_of_a_delta_is_the_delta() -> None:
    latex = r"\nabla_x \|\operatorname{diag}(x)\|_F^2 = ?"
    answer = derive(latex, (r"x \in \mathbb{R}^n",), options=Options(style="index"))
    assert (answer.status, answer.result) == ("verified", "2 x")
    assert answer.steps[1].latex == r"\sum_{i=1}^{n} x_{i}^{2}"


STACKED = r"\nabla_X \sum_{k=1}^K \operatorname{tr} \log(A \operatorname{diag}(B_{k:} X) C) = ?"


@pytest.mark.parametrize("style", ["differential", "index"])
@pytest.mark.parametrize("detail", ["full", "brief"])
def test_a_sum_over_rows_ends_as_a_product_with_rows_below_each_other(
    style: str, detail: str
) -> None:
    declare = (*ROWS, "A: p×M", "C: M×p")
    answer = derive(STACKED, declare, options=Options(style=style, detail=detail))
    last = answer.steps[-1].latex
    assert last.startswith(r"B^{\top} \begin{bmatrix} ")
    assert r" \\ \vdots \\ " in last
    assert "B_{1:} X" in last
    assert "B_{K:} X" in last
    assert answer.status == "verified"
    assert r"\sum_{k=1}^{K} B_{k:}^{\top}" in answer.result


def test_a_few_rows_are_all_written() -> None:
    declare = (r"B \in \mathbb{R}^{2 \times 3}", r"X \in \mathbb{R}^{3 \times 3}")
    latex = r"\nabla_X \sum_{k=1}^2 \operatorname{tr} \log(A \operatorname{diag}(B_{k:} X) C) = ?"
    last = derive(latex, declare).steps[-1].latex
    assert (last.count("B_{1:}"), last.count("B_{2:}"), last.count("vdots")) == (1, 1, 0)


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_X \sum_{k=1}^L \operatorname{tr} \log(A \operatorname{diag}(B_{k:} X) C) = ?",
        r"\nabla_X \sum_{k=2}^K \operatorname{tr} \log(A \operatorname{diag}(B_{k:} X) C) = ?",
    ],
)
def test_a_sum_over_some_rows_stays_a_sum(latex: str) -> None:
    answer = derive(latex, (*ROWS, "A: p×M", "C: M×p"))
    assert not any("bmatrix" in step.latex for step in answer.steps)
