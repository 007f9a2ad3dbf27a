"""A property on which an answer rests is told, by a line of the derivation or below it."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import Options, derive

SYMMETRIC = ("A symmetric",)
SQUARE = r"\nabla_x x^\top A x"


@pytest.mark.parametrize(
    "options",
    [
        Options(detail="result"),
        Options(style="index"),
        Options(style="backprop"),
        Options(style="occurrences"),
        Options(style="definition"),
    ],
)
def test_what_no_line_names_is_told_below(options: Options) -> None:
    answer = derive(SQUARE, (), SYMMETRIC, options)
    assert answer.result == "2 A x"
    assert "with $A$ symmetric" in answer.notes
    assert not any(note.startswith("with $A$") for note in derive(SQUARE, options=options).notes)


@pytest.mark.parametrize("detail", ["full", "brief"])
def test_what_a_line_names_is_not_told_again(detail: str) -> None:
    answer = derive(SQUARE, (), SYMMETRIC, Options(detail=detail))
    assert r"A \text{ is symmetric}" in answer.derivation
    assert answer.notes == ()


@pytest.mark.parametrize(
    ("request_", "fact", "told"),
    [
        (SQUARE, "A positive definite", ["with $A$ positive definite"]),
        (SQUARE, "A diagonal", ["with $A$ diagonal"]),
        (r"\nabla_x \|Q x\|^2", "Q orthogonal", ["with $Q$ orthogonal"]),
        (r"\nabla_x a^\top x", "a positive", []),
        (r"\nabla_x \operatorname{tr}(A) x^\top x", "A symmetric", []),
        (r"\nabla_A x^\top A x", "x unit", []),
    ],
)
def test_only_what_matters_is_told(request_: str, fact: str, told: list[str]) -> None:
    answer = derive(request_, (), (fact,), Options(detail="result"))
    assert answer.status == "verified"
    assert [note for note in answer.notes if note.startswith("with ")] == told
