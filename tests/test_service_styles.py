"""Styles and kinds: an answer that is verified, in the style asked for where it has the kind."""

from __future__ import annotations

import pytest
from problems import CASES, SHARED, Problem, read_problems

from mdiff_pandoc.calculus.problem import ENGINES, Kind
from mdiff_pandoc.service import Options, derive

STYLES = ("differential", "index", "occurrences", "backprop", "definition")
FILES = (
    CASES / "gradients.txt",
    SHARED / "cases" / "gradients.txt",
    CASES / "functions.txt",
)
GRADIENTS = [problem for path in FILES if path.exists() for problem in read_problems(path)]
ONE_OF_EACH: dict[Kind, str] = {
    Kind.GRADIENT: r"\nabla_x (x^\top A x)",
    Kind.JACOBIAN: r"\frac{\partial A x}{\partial x^\top}",
    Kind.TENSOR: r"\frac{\partial X A}{\partial X}",
    Kind.ENTRY: r"\frac{\partial \operatorname{tr}(X A)}{\partial X_{ij}}",
    Kind.HESSIAN: r"\nabla_x^2 (x^\top A x)",
    Kind.MIXED: r"\frac{\partial^2 x^\top A y}{\partial x \partial y^\top}",
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_answered_in_its_style_or_in_the_general_one_with_a_note(
    kind: Kind, style: str
) -> None:
    declared = (r"A \in \mathbb{R}^{n \times n}", r"X \in \mathbb{R}^{n \times n}")
    answer = derive(f"{ONE_OF_EACH[kind]} = ?", declared, options=Options(style=style))
    assert answer.status == "verified", answer.error
    elsewhere = [note for note in answer.notes if "style" in note]
    if (style, kind) in ENGINES:
        assert not elsewhere
        return
    assert elsewhere == [f"there is no {kind} in the style {style}: derived in differential"]
    general = derive(f"{ONE_OF_EACH[kind]} = ?", declared, options=Options(style="differential"))
    assert answer.steps == general.steps


# problems that a style refuses, or that cannot be judged, as a part of all
_REFUSED = {"differential": 0.0, "index": 0.04, "occurrences": 0.01, "backprop": 0.0}


@pytest.mark.parametrize("style", _REFUSED)
def test_a_style_answers_nearly_every_gradient_and_says_why_not(style: str) -> None:
    open_ones = [problem.name for problem in GRADIENTS if not _answered(problem, style)]
    assert len(open_ones) <= _REFUSED[style] * len(GRADIENTS), open_ones


@pytest.mark.parametrize("problem", GRADIENTS[::16], ids=lambda problem: problem.name)
def test_the_definition_is_written_out_or_the_way_round_is_named(problem: Problem) -> None:
    _answered(problem, "definition")


def _answered(problem: Problem, style: str) -> bool:
    """Is it verified? What is refused has a hint, and nothing is wrong."""
    answer = derive(problem.request, problem.declarations, options=Options(style=style))
    if answer.error is not None:
        assert answer.error.code != "internal-check", problem.name
        assert answer.error.hint or answer.error.span, problem.name
    return answer.status == "verified"
