"""Requests in index notation, by entries and by definition: what is printed."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import Answer, Options, derive

SHAPES = {
    "A": r"A \in \mathbb{R}^{p \times m}",
    "X": r"X \in \mathbb{R}^{m \times n}",
    "B": r"B \in \mathbb{R}^{n \times q}",
}


def answered(latex: str, *declare: str, context: tuple[str, ...] = (), **options: str) -> Answer:
    answer = derive(latex, declare, context, Options.from_mapping(options))
    assert answer.error is None, answer.error
    assert answer.status == "verified", (latex, answer.verification)
    return answer


def rows(answer: Answer) -> list[str]:
    return [f"{step.lhs} = {step.latex}".strip() for step in answer.steps]


def test_a_trace_is_written_out_and_put_together_again() -> None:
    answer = answered(
        r"\frac{\partial f}{\partial X} = ?",
        context=(r"f = \operatorname{tr}(AXB)",),
        style="index",
    )
    assert rows(answer) == [
        r"f = \operatorname{tr}(AXB)",
        r"= \sum_{i=1}^{p} [A X B]_{ii}",
        r"= \sum_{i=1}^{p} \sum_{j=1}^{m} A_{ij} [X B]_{ji}",
        r"= \sum_{i=1}^{p} \sum_{j=1}^{m} \sum_{k=1}^{n} A_{ij} X_{jk} B_{ki}",
        r"\frac{\partial f}{\partial X_{jk}} = \sum_{i=1}^{p} A_{ij} B_{ki}",
        r"= [B A]_{kj}",
        r"\frac{\partial f}{\partial X} = (B A)^{\top}",
        r"= A^{\top} B^{\top}",
    ]


def test_every_appearance_gives_a_term() -> None:
    answer = answered(r"\nabla_X \operatorname{tr}(A X B X C^T)", style="index")
    last = rows(answer)[-3:]
    assert last[0].endswith("[B X C^T A]_{sr} + [C^T A X B]_{sr}")
    assert last[1] == r"\nabla_X f = (B X C^T A)^T + (C^T A X B)^T"
    assert answer.result == "A^T C X^T B^T + B^T X^T A^T C"


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\nabla_X \operatorname{tr}(A X^\top B)", "B A"),
        (r"\nabla_W \|X - W H\|_F^2", r"-2 (X - W H) H^{\top}"),
        (r"\nabla_X \operatorname{tr}(V^T \log(A X B))", r"A^T \left(\frac{V}{A X B}\right) B^T"),
        (r"\nabla_x \operatorname{tr}(A \operatorname{diag}(x) B)", r"\operatorname{diag}(B A)"),
        (
            r"\nabla_x \mathbf{1}^\top A \operatorname{diag}(x) B \mathbf{1}",
            r"A^{\top} \mathbf{1} \odot B \mathbf{1}",
        ),
        (r"\nabla_X \log\det X", r"X^{-\top}"),
        (r"\nabla_X \operatorname{tr}(A X^{-1} B)", r"-(X^{-1} B A X^{-1})^{\top}"),
        (r"\nabla_x \|A x - b\|", r"\frac{A^{\top} (A x - b)}{\|A x - b\|}"),
        (r"\nabla_x \|x\|_3^3", r"3 x \odot \operatorname{abs}(x)"),
        (
            r"\nabla_w \sum_{i=1}^n (y_i - w^\top x_i)^2",
            r"-2 \sum_{i=1}^{n} (y_{i} - w^{\top} x_{i}) x_{i}",
        ),
        (r"\nabla_X \operatorname{tr}(A)", "0"),
    ],
)
def test_the_result_of_the_style_index(latex: str, result: str) -> None:
    declare = (r"X \in \mathbb{R}^{n \times n}",) if latex.endswith("(A)") else ()
    assert answered(latex, *declare, style="index").result == result


def test_rows_stay_in_the_sum_over_them() -> None:
    f = r"\operatorname{tr}\left[\sum_{k=1}^K V^T \log(A \operatorname{diag}(B_{k:} X) C)\right]"
    declare = (
        r"A \in \mathbb{R}^{p \times m}",
        r"X \in \mathbb{R}^{n \times m}",
        r"C \in \mathbb{R}^{m \times q}",
        r"B \in \mathbb{R}^{K \times n}",
    )
    answer = answered(rf"\nabla_X {f}", *declare, style="index")
    assert answer.result.startswith(r"\sum_{k=1}^{K} B_{k:}^T \operatorname{diag}")
    assert answer.result == answered(rf"\nabla_X {f}", *declare).result


@pytest.mark.parametrize("style", ["index", "differential"])
@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\frac{\partial}{\partial X_{jk}} \operatorname{tr}(AXB)", "[B A]_{kj}"),
        (r"\frac{\partial}{\partial a_{ij}} \operatorname{tr}(A X)", "X_{ji}"),
        (r"\frac{\partial}{\partial x_j} x^\top S x", r"[S x]_{j} + [S^{\top} x]_{j}"),
        (r"\frac{\partial (AX)_{ij}}{\partial A_{pq}}", r"\delta_{ip} X_{qj}"),
        (r"\frac{\partial \det S}{\partial S_{kl}}", r"\det(S) [S^{-1}]_{lk}"),
        (r"\frac{\partial}{\partial S_{pq}} \sum_i \sum_j \delta_{ij} S_{ij}", r"\delta_{pq}"),
    ],
)
def test_the_derivative_by_an_entry(latex: str, result: str, style: str) -> None:
    declare = (
        r"A \in \mathbb{R}^{n \times m}",
        r"X \in \mathbb{R}^{m \times n}",
        r"S \in \mathbb{R}^{n \times n}",
        r"x \in \mathbb{R}^n",
    )
    if "AXB" in latex:
        declare = ()
    assert answered(latex, *declare, style=style).result == result


def test_the_second_derivative_by_two_entries() -> None:
    answer = answered(
        r"\frac{\partial^2 f}{\partial x_i \partial x_j} = ?",
        r"S \in \mathbb{R}^{n \times n}",
        context=("f = x^T S x",),
    )
    assert answer.result == "S_{ij} + S_{ji}"


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\nabla^2_x x^T S x", "S + S^T"),
        (r"\frac{\partial^2 f}{\partial x \partial y^\top}", "S"),
        (r"\frac{\partial^2 f}{\partial y \partial x^\top}", r"S^{\top}"),
    ],
)
def test_a_second_derivative_put_together_from_entries(latex: str, result: str) -> None:
    declare = (r"S \in \mathbb{R}^{n \times n}", r"x, y \in \mathbb{R}^n")
    answer = answered(latex, *declare, context=(r"f = x^\top S y",), style="index")
    assert answer.result == result


@pytest.mark.parametrize(
    ("latex", "result", "head"),
    [
        ("A X B", "A_{ir} B_{sj}", r"\frac{\partial F_{ij}}{\partial X_{rs}}"),
        ("A X", r"A_{ir} \delta_{js}", r"\frac{\partial F_{ij}}{\partial X_{rs}}"),
    ],
)
def test_a_matrix_by_a_matrix_names_the_tensor(latex: str, result: str, head: str) -> None:
    declare = SHAPES.values() if "B" in latex else (SHAPES["A"], SHAPES["X"])
    answer = answered(rf"\frac{{\partial {latex}}}{{\partial X}} = ?", *declare)
    factors = set(result.split())
    assert set(answer.result.split()) == factors
    assert any(row.startswith(head) for row in rows(answer))
    assert any(r"\times n \times m$" in note for note in answer.notes)


def test_an_inverse_by_its_matrix() -> None:
    answer = answered(r"\frac{\partial X^{-1}}{\partial X} = ?", r"X \in \mathbb{R}^{n \times n}")
    assert answer.result == "-[X^{-1}]_{ip} [X^{-1}]_{qj}"


def test_the_product_rule_for_unspecified_matrices_in_entries() -> None:
    answer = answered(
        r"\frac{\partial C_{ik}}{\partial X_{pq}} = ?",
        r"A(X) \in \mathbb{R}^{m \times n}",
        r"B(X) \in \mathbb{R}^{n \times k}",
        r"X \in \mathbb{R}^{u \times v}",
        context=("C = A(X) B(X)",),
    )
    assert answer.result == (
        r"\sum_{j=1}^{n} \frac{\partial [A(X)]_{ij}}{\partial X_{pq}} [B(X)]_{jk} + "
        r"\sum_{j=1}^{n} [A(X)]_{ij} \frac{\partial [B(X)]_{jk}}{\partial X_{pq}}"
    )


CALLED = (
    r"A \in \mathbb{R}^{n \times n}",
    r"B \in \mathbb{R}^{n \times n}",
)


@pytest.mark.parametrize("style", ["index", "definition"])
@pytest.mark.parametrize(
    ("variable", "result"),
    [
        ("A", r"\frac{\partial y}{\partial C} B^{\top}"),
        ("B", r"A^{\top} \frac{\partial y}{\partial C}"),
    ],
)
def test_an_upstream_gradient_entry_by_entry(variable: str, result: str, style: str) -> None:
    answer = answered(
        rf"\frac{{\partial y}}{{\partial {variable}}} = ?",
        *CALLED,
        context=("C = AB", r"f \colon \mathbb{R}^{n \times n} \to \mathbb{R}", "y = f(C)"),
        style=style,
    )
    assert answer.result == result
    text = "\n".join(rows(answer))
    assert (r"\begin{bmatrix} \frac{\partial y}{\partial C_{" in text) == (style == "definition")


def test_the_style_definition_shows_explicit_matrices() -> None:
    answer = answered(r"\nabla_x x^\top S x", r"S \in \mathbb{R}^{n \times n}", style="definition")
    shown = rows(answer)
    assert shown[1] == r"x = \begin{bmatrix} x_{1} \\ x_{2} \end{bmatrix}"
    assert shown[-2].startswith(r"\nabla_x f = \begin{bmatrix}")
    assert any("$n = 2$" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("latex", "style", "words"),
    [
        (r"\nabla_X \operatorname{tr}(X^k A)", "index", "no rule for the entries"),
        (r"\nabla_X \operatorname{tr}(X A X A X A X A X)", "definition", "too long"),
        (r"\nabla^2_X \operatorname{tr}(X^\top X)", "index", "by vectors"),
    ],
)
def test_what_a_style_cannot_show_is_refused(latex: str, style: str, words: str) -> None:
    answer = derive(latex, (), (), Options(style=style))
    assert answer.error is not None
    assert words in answer.error.message
    assert answer.error.hint
