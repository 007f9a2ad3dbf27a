"""Conditions: those on indices hold in their sentence, and what cannot be used refutes nothing."""

from __future__ import annotations

import pytest
from test_document_claims import verdicts


@pytest.mark.parametrize(
    "text",
    [
        "If $A$ and $B$ commute, then $AB = BA$.",
        "We have $AB = BA$ when $A$ commutes with $B$.",
        "Provided that every row of $A$ is one of $B$, $AB = BA$.",
        "If $B$ is a polynomial in the symmetric matrix $A$, we find $AB = BA$.",
    ],
)
def test_what_a_sentence_supposes_refutes_nothing(text: str) -> None:
    assert verdicts(text) == ["undecided"]


@pytest.mark.parametrize(
    "text",
    [
        "When we multiply $A$ and $B$, we get $AB = BA$.",
        "If $A$ is symmetric, $AB = BA$.",
        "If $A$ is not symmetric, $AB = BA$.",
        "If $A$ and $B$ commute, all is well. But $AB = BA$.",
        "For two matrices $AB = BA$.",
    ],
)
def test_other_sentences_are_checked(text: str) -> None:
    assert verdicts(text) == ["refuted"]


def test_what_is_supposed_itself_is_not_refuted() -> None:
    text = (
        r"If every row of $Y$ sums to $2$, $Y \mathbf{1} = 2 \cdot \mathbf{1}$, then all is well."
    )
    assert verdicts(text) == ["undecided"]


def test_what_holds_is_verified_under_any_condition() -> None:
    assert verdicts("If $A$ and $B$ commute, then $(AB)^\\top = B^\\top A^\\top$.") == ["verified"]


SOFTMAX = r"Let $p = \operatorname{softmax}(z)$ with $z \in \mathbb{R}^n$. "
OFF = r"$\frac{\partial p_i}{\partial z_j} = -p_i p_j$"
ON = r"$\frac{\partial p_i}{\partial z_j} = p_i (1 - p_i)$"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (rf"For $i \ne j$ we have {OFF}.", ["verified"]),
        (rf"We have {OFF} for $i \neq j$ and {ON} for $i = j$.", ["verified", "verified"]),
        (rf"For $i = j$ we have {OFF}.", ["refuted"]),
        (rf"For $i \ne j$ we have {ON}. Always {OFF}.", ["refuted", "refuted"]),
    ],
)
def test_of_indices_hold_in_their_sentence(text: str, found: list[str]) -> None:
    assert verdicts(SOFTMAX + text)[1:] == found
