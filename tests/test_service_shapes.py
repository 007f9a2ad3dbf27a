"""Requests for Jacobians, Hessians and derivatives of matrices: answered in every form."""

from __future__ import annotations

import pytest
from shapes import MATRICES, Shaped, shaped

from mdiff_pandoc.service import Options, derive

each_problem = pytest.mark.parametrize("problem", list(shaped()), ids=lambda p: p.name)


@each_problem
def test_every_problem_is_answered_and_verified(problem: Shaped) -> None:
    for form in problem.forms:
        for layout in ("numerator", "denominator"):
            options = Options(form=form, layout=layout)
            answer = derive(problem.request, problem.declarations, (), options)
            assert answer.status == "verified", (answer.error, answer.verification)
            assert answer.result
            assert answer.derivation


def rows(latex: str, declare: tuple[str, ...] = (), **options: str) -> list[str]:
    answer = derive(latex, declare, (), Options(**options))
    assert answer.status == "verified", answer.error
    return [f"{step.lhs} = {step.latex}".strip() for step in answer.steps]


def test_a_jacobian_reads_as_a_lecturer_writes_it() -> None:
    assert rows(r"\frac{\partial}{\partial x^\top} \exp(A x) = ?") == [
        r"f = \exp(A x)",
        r"df = \exp(A x) \odot d(A x)",
        r"= \operatorname{diag}(\exp(A x))\, d(A x)",
        r"= \operatorname{diag}(\exp(A x)) A\, dx",
        r"\frac{\partial}{\partial x^\top} f = \operatorname{diag}(\exp(A x)) A",
    ]


def test_a_matrix_by_a_matrix_goes_through_vec() -> None:
    assert rows(r"\frac{\partial X^{-1}}{\partial X} = ?", form="vec")[1:] == [
        r"dF = -X^{-1}\, dX\, X^{-1}",
        r"d \operatorname{vec}(F) = -(X^{-\top} \otimes X^{-1})\, d \operatorname{vec}(X)",
        r"\frac{\partial \operatorname{vec}(F)}{\partial \operatorname{vec}(X)^{\top}} "
        r"= -X^{-\top} \otimes X^{-1}",
    ]


def test_a_hessian_starts_from_the_gradient() -> None:
    assert rows(r"\nabla_x^2 \|A x - b\|^2 = ?")[-3:] == [
        r"\nabla_{x} f = 2 A^{\top} (A x - b)",
        r"d(\nabla_{x} f) = 2 A^{\top} A\, dx",
        r"\nabla_x^2 f = 2 A^{\top} A",
    ]


def test_a_hessian_by_a_matrix_is_a_linear_map() -> None:
    last = rows(r"\nabla_X^2 \operatorname{tr}(X^\top A X) = ?")[-1]
    assert last == r"d(\nabla_{X} f) = (A + A^{\top})\, dX"


def test_the_differential_of_a_scalar_stands_last() -> None:
    lines = rows(r"\frac{\partial}{\partial t} (A + t B)^{-1} = ?")
    assert lines[2] == r"= -(A + t B)^{-1} B (A + t B)^{-1}\, dt"


@pytest.mark.parametrize(
    ("layout", "note", "identified"),
    [
        ("numerator", "numerator layout: rows as the function", r"J\, dx"),
        ("denominator", "denominator layout: rows as the variable", r"J^{\top}\, dx"),
    ],
)
def test_the_layout_is_said(layout: str, note: str, identified: str) -> None:
    answer = derive(r"\frac{\partial (A x)}{\partial x} = ?", (), (), Options(layout=layout))
    assert any(text.startswith(note) for text in answer.notes)
    assert identified in answer.steps[-1].rule
    assert answer.result == ("A" if layout == "numerator" else r"A^{\top}")


def test_the_notation_fixes_the_layout() -> None:
    other = Options(layout="denominator")
    assert derive(r"\frac{\partial A x}{\partial x^\top} = ?", (), (), other).result == "A"


def test_matrices_are_told_by_their_kinds() -> None:
    assert {problem.kind for problem in shaped()} >= {*MATRICES, "jac", "svec", "hes", "hesm"}
