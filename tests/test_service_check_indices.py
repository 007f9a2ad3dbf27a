"""Conditions on the indices of an equality, and letters that are indices by their use."""

from __future__ import annotations

import pytest

from mdiff_pandoc.expr import delta, entry, index_sum, mul, symbol
from mdiff_pandoc.service.check import check
from mdiff_pandoc.verify import Judge

SOFTMAX = (r"z \in \mathbb{R}^k", r"let p = \operatorname{softmax}(z)")
JACOBIAN = r"\frac{\partial p_i}{\partial z_j} = "


def verdicts(latex: str, *context: str, conditions: str = "") -> list[str]:
    """The verdicts of a formula after some facts of the document."""
    return [claim.verdict for claim in check(latex, (), context, conditions=conditions).claims]


# --- conditions ---


@pytest.mark.parametrize("condition", [r"i \ne j", r"i \neq j", "i ≠ j"])
def test_an_equality_is_claimed_for_different_indices_alone(condition: str) -> None:
    assert verdicts(JACOBIAN + "-p_i p_j", *SOFTMAX) == ["refuted"]
    assert verdicts(JACOBIAN + rf"-p_i p_j, \quad {condition}", *SOFTMAX) == ["verified"]
    assert verdicts(JACOBIAN + rf"-p_i p_j \quad ({condition})", *SOFTMAX) == ["verified"]
    assert verdicts(JACOBIAN + rf"p_i p_j \quad \text{{for }} {condition}", *SOFTMAX) == ["refuted"]
    assert verdicts(JACOBIAN + "-p_i p_j", *SOFTMAX, conditions=condition) == ["verified"]


def test_an_equality_is_claimed_for_equal_indices_alone() -> None:
    diagonal = JACOBIAN + "p_i (1 - p_i)"
    assert verdicts(diagonal, *SOFTMAX) == ["refuted"]
    assert verdicts(diagonal + r", \quad i = j", *SOFTMAX) == ["verified"]
    assert verdicts(diagonal, *SOFTMAX, conditions="i = j") == ["verified"]
    assert verdicts(JACOBIAN + "-p_i p_j", *SOFTMAX, conditions="i = j") == ["refuted"]


def test_the_wrong_one_of_two_conditions_leaves_an_equality_undecided() -> None:
    both = "i = j\ni \\ne j"
    assert verdicts(JACOBIAN + "p_i (1 - p_i)", *SOFTMAX, conditions=both) == ["verified"]
    [claim] = check(JACOBIAN + "-p_i p_j", (), SOFTMAX, conditions=both).claims
    assert (claim.verdict, claim.reason) == ("undecided", r"holds for $i \ne j$")


def test_what_indices_run_over_is_no_claim() -> None:
    for latex in (r"i = 1, \dots, n", r"i \ne j", "i = j"):
        assert not check(latex).claims


def test_a_condition_that_no_index_meets_verifies_nothing() -> None:
    x = symbol("x", 1, 1)
    left, right = entry(x, "i", "j"), mul(entry(x, "i", "j"), entry(x, "i", "j"))
    assert Judge(left, ties=(("i", "j", False),)).equal(left, right).status == "undecided"


def test_a_sum_over_a_tied_index_runs_over_all_its_values() -> None:
    x = symbol("x", "n", 1)
    summed = index_sum("i", "n", mul(delta("i", "j"), entry(x, "i", 1)))
    own = entry(x, "j", 1)
    assert Judge(summed, ties=(("i", "j", False),)).equal(summed, own).status == "verified"
