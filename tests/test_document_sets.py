"""Sets of numbers, ranges of indices and properties behind a comma."""

from __future__ import annotations

import pytest
from test_document_claims import verdicts

from mdiff_pandoc.document.facts import formula_facts
from mdiff_pandoc.latex.chains import chains


@pytest.mark.parametrize(
    ("latex", "fact"),
    [
        (r"\Omega \in \{0, 1\}^{m \times n}", r"\Omega \in \mathbb{R}^{m \times n}"),
        (r"y \in \{-1, 1\}^n", r"y \in \mathbb{R}^{n}"),
        (r"p \in [0, 1]^k", r"p \in \mathbb{R}^{k}"),
        (r"v \in \mathbb{Z}^n", r"v \in \mathbb{R}^{n}"),
        (r"t \in (0, \infty)", r"t \in \mathbb{R}"),
    ],
)
def test_a_set_of_numbers_gives_the_shape(latex: str, fact: str) -> None:
    assert next(formula_facts(latex)) == fact


@pytest.mark.parametrize("latex", [r"i \in \{1, \dots, n\}", r"k \in [1, n]", r"k \in \mathbb{N}"])
def test_indices_are_not_declared(latex: str) -> None:
    assert list(formula_facts(latex)) == []


@pytest.mark.parametrize(
    "latex", [r"i=1,\dots,n", r"(i = 1, \ldots, n)", r"i, j = 1, ..., n", r"k = 0, 1, 2, \dots"]
)
def test_a_range_is_no_definition(latex: str) -> None:
    assert chains(latex) == []
    assert list(formula_facts(latex, strong=True)) == []


def test_what_stands_beside_a_range_is_read() -> None:
    [chain] = chains(r"y_i = w^\top x_i, \quad i = 1, \dots, n")
    assert [side.text for side in chain.sides] == ["y_i", r"w^\top x_i"]
    assert len(chains("a = 1, b = 2")) == 2


@pytest.mark.parametrize(
    "words",
    [
        r"covariance $R \in \mathbb{R}^{m \times m}$, also symmetric positive definite",
        r"$R \in \mathbb{R}^{m \times m}$, which is symmetric",
        r"$R \in \mathbb{R}^{m \times m}$, assumed to be symmetric",
        r"matrix $R$ (symmetric, positive definite)",
    ],
)
def test_properties_behind_a_comma(words: str) -> None:
    assert verdicts(rf"Consider a {words}. Then $\nabla_x x^\top R x = 2 R x$.") == ["verified"]


def test_what_is_not_said_of_it_is_not_read() -> None:
    text = (
        r"Consider $R \in \mathbb{R}^{m \times m}$, not symmetric. $\nabla_x x^\top R x = 2 R x$."
    )
    assert verdicts(text) == ["refuted"]
