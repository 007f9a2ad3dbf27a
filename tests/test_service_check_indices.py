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


# --- letters that are indices by their use ---

LAYER = (
    r"x \in \mathbb{R}^n",
    r"y \in \mathbb{R}^m",
    r"W \in \mathbb{R}^{m \times n}",
    r"let f = \frac{1}{2} \|Wx - y\|^2",
)


@pytest.mark.parametrize(
    ("one", "other", "third"), [("a", "b", "c"), ("u", "v", "c"), (r"\alpha", r"\beta", r"\gamma")]
)
def test_letters_are_indices_where_an_entry_is_differentiated_by(
    one: str, other: str, third: str
) -> None:
    by_entry = rf"\frac{{\partial f}}{{\partial W_{{{one} {other}}}}} = "
    residual = rf"\left(\sum_{third} W_{{{one} {third}}} x_{third} - y_{one}\right)"
    assert verdicts(by_entry + rf"{residual} x_{other}", *LAYER) == ["verified"]
    assert verdicts(by_entry + rf"2 {residual} x_{other}", *LAYER) == ["refuted"]
    assert verdicts(by_entry + rf"(Wx - y)_{one} x_{other}", *LAYER) == ["verified"]
    by_vector = rf"\frac{{\partial f}}{{\partial x_{one}}} = "
    summed = rf"\sum_{other} W_{{{other} {one}}} (Wx - y)_{other}"
    assert verdicts(by_vector + summed, *LAYER) == ["verified"]
    assert verdicts(by_vector + "2" + summed, *LAYER) == ["refuted"]


def test_letters_are_indices_at_a_bracket() -> None:
    assert verdicts(r"(AB)_{ab} = \sum_c A_{ac} B_{cb}") == ["verified"]
    assert verdicts(r"(AB)_{ab} = 2 \sum_c A_{ac} B_{cb}") == ["refuted"]


def test_letters_are_indices_where_a_sum_runs_over_one() -> None:
    assert verdicts(r"\sum_{a,b} A_{ab} B_{ba} = \operatorname{tr}(AB)") == ["verified"]
    assert verdicts(r"\sum_{a,b} A_{ab} B_{ab} = \operatorname{tr}(AB)") == ["refuted"]
    shapes = (r"A \in \mathbb{R}^{m \times n}", r"x \in \mathbb{R}^n")
    assert verdicts(r"(Ax)_a = \sum_b A_{ab} x_b", *shapes) == ["verified"]


def test_letters_are_labels_of_blocks() -> None:
    facts = tuple(rf"\{name} \in \mathbb{{R}}^{{n \times n}}" for name in ("Sigma", "Lambda"))
    schur = r"\Lambda_{aa}^{-1} = \Sigma_{aa} - \Sigma_{ab} \Sigma_{bb}^{-1} \Sigma_{ba}"
    assert verdicts(schur, *facts) == ["undecided"]
    own = r"\frac{\partial \log\det \Sigma_{aa}}{\partial \Sigma_{aa}} = \Sigma_{aa}^{-1}"
    shape = r"\Sigma_{aa} \in \mathbb{R}^{n \times n}"
    assert verdicts(own, *facts, shape, r"\Sigma_{aa} symmetric") == ["verified"]


def test_letters_that_are_quantities_are_no_indices() -> None:
    by_entry = r"\frac{\partial u^\top A v}{\partial A_{uv}} = u v^\top"
    assert verdicts(by_entry, r"A \in \mathbb{R}^{m \times n}") == ["undecided"]


# --- indices over dimensions of other sizes ---


def test_exchanged_indices_of_a_matrix_are_refuted_where_the_shapes_are_declared() -> None:
    facts = (
        r"M \in \mathbb{R}^{m \times n}",
        r"A \in \mathbb{R}^{m \times k}",
        r"B \in \mathbb{R}^{n \times k}",
        r"let f(A) = \frac{1}{2} \|M - A B^\top\|_F^2",
    )
    gradient = (
        r"\frac{\partial f}{\partial A_{ir}} = "
        r"-\sum_{j=1}^n (M_{ij} - \sum_{s=1}^k A_{is} B_{js}) B_{jr}"
    )
    assert verdicts(gradient, *facts) == ["verified"]
    assert verdicts(gradient.replace("B_{jr}", "B_{rj}"), *facts) == ["refuted"]
    assert verdicts(gradient.replace("B_{jr}", "B_{rj}")) != ["refuted"]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\sum_{i=1}^n x_i = x_1 + \sum_{i=2}^n x_i", "verified"),
        (r"\sum_{i=1}^n x_i = x_2 + \sum_{i=2}^n x_i", "refuted"),
        (r"\sum_{i=1}^2 w_i x_i = w_1 x_1 + w_2 x_2", "verified"),
        (r"\sum_{i=1}^2 x_i x_i^\top = x_1 x_1^\top + x_2 x_2^\top", "verified"),
        (r"\frac{\partial}{\partial x_1} \sum_i x_i^2 = 2 x_1", "verified"),
        (r"\frac{\partial}{\partial x_1} \sum_i x_i^2 = 2 x_2", "refuted"),
    ],
)
def test_a_number_at_a_letter_that_is_summed_over_is_an_index(latex: str, verdict: str) -> None:
    assert [claim.verdict for claim in check(latex).claims] == [verdict]


@pytest.mark.parametrize(
    ("latex", "verdict"),
    [
        (r"\delta_{ii} = 1", "verified"),
        (r"\delta_{ij} = 1", "refuted"),
        (r"\delta_{ij} = \frac{\partial L}{\partial z_{ij}}", "definition"),
    ],
)
def test_a_delta_that_is_a_number_is_that_of_kronecker(latex: str, verdict: str) -> None:
    assert [claim.verdict for claim in check(latex).claims] == [verdict]
