"""What a reader is told of structures: labels, notes, refusals."""

from __future__ import annotations

import pytest
from structured import Structured, read_structured

from mdiff_pandoc.service import Answer, Options, derive

PROBLEMS = list(read_structured())


def answered(latex: str, *declare: str, **options: str) -> Answer:
    answer = derive(latex, declare, options=Options(**options))
    assert answer.status == "verified", answer.error and answer.error.show(latex)
    return answer


def labels(answer: Answer) -> list[str]:
    return [step.rule for step in answer.steps]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_problem_is_answered(problem: Structured) -> None:
    answered(problem.request, *problem.declarations, symmetric=problem.symmetric)


@pytest.mark.parametrize(
    ("declare", "latex", "told"),
    [
        (("A symmetric",), r"\nabla_x x^\top A x = ?", "A is symmetric"),
        (("A symmetric", "B symmetric"), r"\nabla_X \operatorname{tr}(A X B X^\top) = ?",
         "A and B are symmetric"),
        (("S positive definite",), r"\nabla_S \log\det S = ?", "S is symmetric"),
        (("D diagonal",), r"\nabla_x x^\top D x = ?", "D is diagonal"),
        (("K skew",), r"\nabla_x (a^\top x + x^\top K x) = ?", "K is skew"),
        (("Q orthogonal",), r"\nabla_x \|Q x\|^2 = ?", "Q is orthogonal"),
        (("Q orthogonal",), r"\nabla_X \operatorname{tr}(Q^{-1} X) = ?", "Q is orthogonal"),
        (("u unit",), r"\nabla_x u^\top u \, x^\top x = ?", "u is a unit vector"),
        (("D diagonal", "E diagonal"), r"\nabla_x x^\top D E x = ?", "D and E are diagonal"),
        (("x positive",), r"\nabla_x \|x\|_1 = ?", "x is positive"),
        (("A positive definite",), r"\nabla_X \operatorname{tr}(X^\top A^{-1} X) = ?",
         "A is symmetric"),
    ],
)  # fmt: skip
def test_a_step_says_whose_structure_it_relies_on(
    declare: tuple[str, ...], latex: str, told: str
) -> None:
    assert any(told in label for label in labels(answered(latex, *declare)))


@pytest.mark.parametrize(
    ("declare", "latex"),
    [
        (("A symmetric",), r"\nabla_x a^\top A x = ?"),
        (("A symmetric",), r"\nabla_X \operatorname{tr}(X^\top X A) = ?"),
        (("Q orthogonal",), r"\nabla_X \log\det(Q X Q^{-1}) = ?"),
    ],
)
def test_a_structure_that_no_step_needs_is_not_named_before_identification(
    declare: tuple[str, ...], latex: str
) -> None:
    before = [label for label in labels(answered(latex, *declare)) if "identification" not in label]
    assert not any(" is symmetric" in label or "orthogonal" in label for label in before[:2])


def test_the_note_names_the_convention_and_why_it_matters() -> None:
    latex, declare = r"\nabla_S x^\top S x = ?", "S symmetric"
    (note,) = answered(latex, declare).notes
    assert "projection" in note
    assert "steepest ascent" in note
    assert "symmetric: entries" in note
    answer = answered(latex, declare, symmetric="entries")
    (note,) = answer.notes
    assert "free entries" in note
    assert "symmetric: projected" in note
    assert "symmetric variable, by entries" in labels(answer)


@pytest.mark.parametrize(
    ("declare", "latex", "told"),
    [
        ("Q orthogonal", r"\nabla_Q \operatorname{tr}(A Q) = ?", r"it would be $A^{\top}$"),
        (r"Q \in \mathbb{R}^{n \times p} orthogonal", r"\nabla_Q \operatorname{tr}(A Q) = ?",
         "orthonormal columns"),
        ("x unit", r"\nabla_x a^\top x = ?", "it would be $a$"),
    ],
)  # fmt: skip
def test_the_note_on_a_tangent_space_has_its_source_and_the_unrestricted_gradient(
    declare: str, latex: str, told: str
) -> None:
    (note,) = answered(latex, declare).notes
    assert told in note
    assert "tangent space" in note
    assert "Edelman" in note
    assert "Absil" in note


@pytest.mark.parametrize("symmetric", ["projected", "entries"])
def test_occurrences_take_a_structured_variable_too(symmetric: str) -> None:
    latex = r"\nabla_S \operatorname{tr}(A S B S) = ?"
    one = answered(latex, "S symmetric", style="occurrences", symmetric=symmetric)
    other = answered(latex, "S symmetric", symmetric=symmetric)
    assert one.notes == other.notes
    assert len(one.result) == len(other.result)


@pytest.mark.parametrize(
    ("declare", "latex", "result"),
    [
        ("S positive definite", r"\nabla^2_S \log\det S = ?", r"-S^{-1}\, dS\, S^{-1}"),
        ("L lower triangular", r"\nabla^2_L \|L x\|^2 = ?",
         r"2 \operatorname{tril}(dL\, x x^{\top})"),
    ],
)  # fmt: skip
def test_the_hessian_among_matrices_of_a_linear_structure(
    declare: str, latex: str, result: str
) -> None:
    assert answered(latex, declare).result == result


@pytest.mark.parametrize(
    ("declare", "latex", "options", "message"),
    [
        ("X constant", r"\nabla_X \operatorname{tr}(X) = ?", {}, "cannot be constant"),
        ("x unit", r"\frac{\partial A x}{\partial x^\top} = ?", {}, "a Jacobian is not supported"),
        ("x unit", r"\nabla^2_x x^\top A x = ?", {}, "a Hessian is not supported"),
        ("S symmetric", r"\nabla^2_S \operatorname{tr}(S A S) = ?", {"form": "vec"}, "a Hessian"),
        ("S symmetric", r"\nabla^2_S \operatorname{tr}(S A S) = ?", {"symmetric": "entries"},
         "a Hessian"),
        ("S symmetric", r"\frac{\partial}{\partial S_{ij}} \operatorname{tr}(A S) = ?", {},
         "derivative by an entry"),
    ],
)  # fmt: skip
def test_what_has_no_rule_is_refused_with_a_hint(
    declare: str, latex: str, options: dict[str, str], message: str
) -> None:
    answer = derive(latex, (declare,), options=Options(**options))
    assert answer.error is not None
    assert message in answer.error.message
    assert answer.error.hint
