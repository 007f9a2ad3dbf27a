"""What a sentence makes of a property in it: said, supposed, asked, or told in words not read."""

from __future__ import annotations

import pytest
from test_document_claims import checked, verdicts

DOUBLE = r"$\nabla_x x^\top A x = 2 A x$"
BOTH = r"$\nabla_x x^\top A x = (A + A^\top) x$"


def reasons(text: str) -> list[str]:
    return [found.claim.reason for found in checked(text).claims]


@pytest.mark.parametrize(
    "sentence",
    [
        "Is $A$ symmetric?",
        "Why is $A$ symmetric?",
        "What if $A$ is symmetric?",
        "Does $A = A^\\top$ hold?",
        "Are all entries real, and is $A$ symmetric?",
        "The case $A = A^\\top$ is easy.",
        "Compare $A = A^\\top$.",
        "In contrast to symmetric $A$, nothing is known.",
        "Without $A$ being symmetric, nothing is known.",
        "If $A$ were symmetric, all would be easy.",
        "Were $A$ symmetric, we would be done.",
        "It would be nice to have $A$ symmetric.",
        "Suppose that $A$ is not symmetric.",
        "$A = A^\\top$ does not hold.",
        "$A$ is almost symmetric.",
        "$A$ is neither symmetric nor diagonal.",
        "For symmetric $A$ this is easy. Now we speak of $A$ in general.",
    ],
)
def test_what_is_not_said_is_no_fact(sentence: str) -> None:
    assert verdicts(f"{sentence} We have {DOUBLE}.")[-1] == "refuted"
    assert verdicts(f"{sentence}\n\nWe have {DOUBLE}.")[-1] == "refuted"


@pytest.mark.parametrize(
    "sentence",
    [
        "Let $A$ be symmetric. What is the gradient?",
        "Let $A$ be symmetric; what is the gradient?",
        "What is the gradient of $x^\\top A x$ for symmetric $A$?",
        "How do we differentiate it, where $A$ is symmetric?",
        "Consider the case $A = A^\\top$.",
        "In our case, $A$ is symmetric.",
        "For symmetric $A$ this is easy.",
        "For simplicity let $A$ be symmetric.",
        "Without loss of generality, $A$ is symmetric.",
        "We may assume that $A$ is symmetric.",
        "Let $A$ be symmetric. Is it diagonal?",
        "Is it diagonal? In any case $A$ is symmetric.",
    ],
)
def test_what_is_said_holds_in_what_follows(sentence: str) -> None:
    assert verdicts(f"{sentence} We have {DOUBLE}.")[-1] == "verified"
    assert verdicts(f"{sentence}\n\nWe have {DOUBLE}.")[-1] == "verified"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"For $A = A^\\top$ we have {DOUBLE}; in general {BOTH}, not {DOUBLE}.", "vvr"),
        (f"If $A$ is symmetric, {DOUBLE}; otherwise {DOUBLE}.", "vr"),
        (f"In general {BOTH}. It is {DOUBLE} for symmetric $A$.", "vv"),
        (f"In general {DOUBLE}, and {DOUBLE} for symmetric $A$.", "rv"),
        (f"A symmetric $A$ would give {DOUBLE}. So {DOUBLE}.", "vr"),
        (f"$A$ is symmetric. For symmetric $A$ it is simple. In general, {DOUBLE}.", "v"),
    ],
)
def test_a_case_holds_until_all_cases_are_spoken_of(text: str, found: str) -> None:
    told = [verdict for verdict in verdicts(text) if verdict != "definition"]
    assert "".join(verdict[0] for verdict in told) == found


def test_a_function_that_a_question_asks_of_is_defined() -> None:
    text = "Is $f(x) = x^\\top x$ convex? Yes: $\\nabla f(x) = 2 x$."
    assert verdicts(text) == ["definition", "verified"]


@pytest.mark.parametrize(
    ("sentence", "claim", "word"),
    [
        ("$A$ is symmetric or skew-symmetric.", DOUBLE, "symmetric or skew-symmetric"),
        ("Let $A$ be either symmetric or diagonal.", DOUBLE, "symmetric or diagonal"),
        ("With $A$ symmetric or skew-symmetric, go on.", DOUBLE, "symmetric or skew-symmetric"),
        ("Let $A$ be idempotent.", "$A^3 B = A B$", "idempotent"),
        ("Let $A$ be an idempotent matrix.", "$A^3 B = A B$", "idempotent"),
        ("Let $A$ be a symmetric, idempotent matrix.", "$A^3 B = A B$", "idempotent"),
        ("With $A$ idempotent, go on.", "$A^3 B = A B$", "idempotent"),
        ("The matrix $A$ is normal.", "$A A^\\top = A^\\top A$", "normal"),
        ("$A$ is hollow.", "$\\operatorname{tr} A = \\operatorname{tr}(2A)$", "hollow"),
        ("$A$ is an involution.", "$A^{-1} = A$", "involution"),
        ("Let $R$ be a rotation.", "$\\det R = 1$", "rotation"),
        ("Let $R \\in SO(3)$.", "$\\det R = 1$", "in SO(3)"),
        ("Let $P$ be a permutation matrix.", "$P \\mathbf 1 = \\mathbf 1$", "permutation"),
        ("$L$ is unit lower triangular.", "$\\det L = 1$", "unit lower triangular"),
        ("$A$ and $B$ commute.", "$A B A = A^2 B$", "commute"),
        ("Suppose $A$ commutes with $B$.", "$A B A = A^2 B$", "commutes"),
        ("Take matrices with $AB = BA$.", "$A B A = A^2 B$", "AB equals BA"),
        ("$x$ is orthogonal to $y$.", "$\\|x+y\\|^2 = \\|x\\|^2 + \\|y\\|^2$", "orthogonal"),
        ("$B$ is the inverse of $A$.", "$A B C = C$", "inverse"),
        ("If $A$ is idempotent, go on:", "$A^3 B = A B$", "idempotent"),
    ],
)
def test_a_word_that_is_not_read_refutes_nothing(sentence: str, claim: str, word: str) -> None:
    text = f"{sentence} Then {claim}."
    assert verdicts(text)[-1] == "undecided"
    assert reasons(text)[-1].startswith(f"'{word}'")


@pytest.mark.parametrize(
    "text",
    [
        "Let $A$ be idempotent. Then $BC = CB$.",
        "$A$ and $B$ commute. Then $AC = CA$.",
        "Let $A$ be the design matrix. Then $AB = BA$.",
        "Let $A$ be a real, large matrix. Then $AB = BA$.",
        "$A$ is given and $B$ is known. Then $AB = BA$.",
        "$A$ is not idempotent. Then $A^2 B = A B$.",
        "Is $A$ idempotent? Then $A^2 B = A B$.",
        "# One\n\nLet $A$ be idempotent.\n\n# Another\n\nThen $A^2 B = A B$.",
        "We have $AB = BA$ with $C$ symmetric.",
        "Let $R \\in O(n)$. Then $\\det R = 1$.",
    ],
)
def test_other_claims_are_judged(text: str) -> None:
    assert verdicts(text)[-1] == "refuted"


@pytest.mark.parametrize(
    "text",
    [
        "Let $A$ be idempotent. Then $(AB)^\\top = B^\\top A^\\top$.",
        "Let $R$ be a rotation matrix. Then $R R^\\top = I$.",
        "Let $R \\in \\mathrm{SO}(n)$. Then $R R^\\top = I$.",
        "Let $P$ be a permutation matrix. Then $P^{-1} = P^\\top$.",
        "Let $A \\in GL(n)$. Then $A A^{-1} = I$.",
        "Let $u \\in \\mathbb{S}^{n-1}$. Then $u^\\top u \\, A = A$.",
        "$A$ is negative definite. Then $\\nabla_x x^\\top A x = 2 A x$.",
        "Let $A$ be positive (semi)definite. Then $\\nabla_x x^\\top A x = 2 A x$.",
        "Let $S$ be a covariance matrix. Then $\\nabla_x x^\\top S x = 2 S x$.",
    ],
)
def test_what_a_word_surely_says_is_used(text: str) -> None:
    assert verdicts(text)[-1] == "verified"


NORM = r"$\|A\|_1 = \mathbf 1^\top A \mathbf 1$"


@pytest.mark.parametrize(
    "sentence",
    [
        "The trace of $A$ is positive.",
        "The eigenvalues of $A$, which are positive, add up.",
        "The inverse of $A$ has positive entries.",
        "$A$ has positive trace.",
        "Let $A$ be a matrix of positive determinant.",
    ],
)
def test_what_is_said_of_a_part_is_not_said_of_the_whole(sentence: str) -> None:
    assert verdicts(f"{sentence} Then {NORM}.") == ["refuted"]


@pytest.mark.parametrize(
    "sentence", ["$A$ is positive.", "$A$ has positive entries.", "Take a matrix $A$, positive."]
)
def test_what_is_said_of_the_whole_holds(sentence: str) -> None:
    assert verdicts(f"{sentence} Then {NORM}.") == ["verified"]


def test_columns_in_a_space_are_not_the_matrix() -> None:
    text = "The columns of $X$ lie in $\\mathbb{R}^n$. Then $\\nabla_X \\operatorname{tr}(X) = I$."
    assert verdicts(text) == ["verified"]


@pytest.mark.parametrize(
    ("claim", "again", "found"),
    [
        ("R^\\top R = I", "\\|R x\\|^2 = \\|x\\|^2", "definition"),
        ("u^\\top u = 1", "u^\\top u \\, A = A", "undecided"),
    ],
)
def test_an_equation_is_no_reason_for_itself(claim: str, again: str, found: str) -> None:
    assert verdicts(f"Then ${claim}$. And ${again}$.") == [found, "verified"]


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("Now let $A$ be an arbitrary square matrix.", "refuted"),
        ("For a general matrix $A$ we go on.", "refuted"),
        ("We no longer assume that $A$ is symmetric.", "refuted"),
        ("$A$ is no longer symmetric.", "refuted"),
        ("Let $A$ be an arbitrary symmetric matrix.", "verified"),
        ("Let $x$ be arbitrary.", "verified"),
        ("Let $B$ no longer be symmetric.", "verified"),
    ],
)
def test_a_property_ends_where_the_text_takes_it_back(sentence: str, verdict: str) -> None:
    assert verdicts(f"Let $A$ be symmetric.\n\n{sentence} Then {DOUBLE}.") == [verdict]
