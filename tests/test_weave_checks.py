"""What is woven into a document checks: none of its equalities is refuted."""

from __future__ import annotations

import pytest
from problems import CASES, SHARED, Problem, read_problems
from test_document_claims import checked

import mdiff_pandoc

PROBLEMS = list(read_problems(CASES / "gradients.txt"))
if (SHARED / "cases" / "gradients.txt").exists():
    PROBLEMS += read_problems(SHARED / "cases" / "gradients.txt")


def document(problem: Problem, style: str) -> str:
    told = (
        f"${fact}$" if r"\in" in fact else "${}$ is {}".format(*fact.split(" ", 1))
        for fact in problem.declarations
    )
    head = f"---\nmdiff:\n  style: {style}\n---\n\n"
    return f"{head}Let {'; '.join(told)}.\n\n$${problem.request}$$\n"


def found(text: str) -> list[tuple[str, str, str]]:
    """The equalities of a woven document with their verdicts and the reasons."""
    woven = mdiff_pandoc.weave(text)
    assert not woven.messages
    claims = [found.claim for found in checked(woven.text).claims]
    assert claims
    return [(claim.verdict, claim.latex, claim.reason) for claim in claims]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_a_derivation_that_was_woven_is_verified(problem: Problem) -> None:
    # d is the name of a vector there, and read as one
    allowed = ("verified", "definition", "undecided" if problem.name == "Q04" else "")
    assert [
        claim for claim in found(document(problem, "differential")) if claim[0] not in allowed
    ] == []


@pytest.mark.parametrize("style", ["occurrences", "backprop", "index"])
@pytest.mark.parametrize("problem", PROBLEMS[::8], ids=lambda problem: problem.name)
def test_so_are_the_other_styles(problem: Problem, style: str) -> None:
    assert {claim[0] for claim in found(document(problem, style))} <= {"verified", "definition"}


@pytest.mark.parametrize("name", ["S07", "T15", "V01", "N07"])
def test_what_is_written_out_for_one_size_is_not_refuted(name: str) -> None:
    problem = next(problem for problem in PROBLEMS if problem.name == name)
    claims = found(document(problem, "definition"))
    assert "refuted" not in {claim[0] for claim in claims}
    assert sum(claim[0] == "verified" for claim in claims) > 0


def test_a_step_that_moves_a_square_alone() -> None:
    text = (
        "$$\\ell = -\\frac{n}{2} \\log(2\\pi\\sigma^2) - \\frac{1}{2\\sigma^2} \\|y - Xw\\|^2$$\n\n"
        "$$\\frac{\\partial \\ell}{\\partial \\sigma^2} = ?$$\n"
    )
    assert {verdict for verdict, _, _ in found(text)} == {"verified", "definition"}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"d\ell = 2 \mu\, d\mu + d(\sigma^2)", "verified"),
        (r"d\ell = 2 \mu\, d\mu + 5\, d(\sigma^2)", "refuted"),
        (r"d\ell = 2 \mu\, d\mu + 2 \sigma\, d\sigma", "verified"),
        (r"d\ell = 2 \mu\, d\mu", "verified"),
        (r"d(A X^2) = A\, d(X^2)", "verified"),
        (r"d(A X^2) = d(X^2)\, A", "refuted"),
        (r"d\|Ax - b\|^2 = 2 (Ax - b)^\top d(Ax)", "verified"),
        (r"d\|Ax - b\|^2 = (Ax - b)^\top d(Ax)", "refuted"),
    ],
)
def test_a_d_moves_what_the_smallest_of_its_kind_stand_before(claim: str, verdict: str) -> None:
    text = f"Let $\\ell = \\mu^2 + \\sigma^2$.\n\n$${claim}$$\n"
    assert [found.claim.verdict for found in checked(text).claims][1:] == [verdict]


def test_what_is_held_constant_under_a_d_is_told() -> None:
    [found] = checked("$$d(XY) = dX\\, Y$$").claims
    assert (found.claim.verdict, found.claim.notes) == ("verified", ("$Y$ is held constant",))


@pytest.mark.parametrize(
    "rows",
    [
        r"f(x) &= x^\top A x \\ &+ b^\top x",
        r"f(x) &= x^\top A x \\ &\quad + b^\top x",
        r"f(x) &= x^\top A x \\ & \quad {} + b^\top x",
        r"f(x) &= x^\top A x \\ & \qquad\quad \, + b^\top x",
        r"f(x) &= x^\top A x \\ & \hspace{1cm} + b^\top x",
        r"f(x) &= x^\top A x \\ & \mspace{10mu} + b^\top x",
        r"f(x) &= x^\top A x \\ & \hskip 1em + b^\top x",
        r"f(x) &= x^\top A x \\ & \phantom{{}={}} + b^\top x",
        r"f(x) &= x^\top A x \\ & \qquad \mathrel{+} b^\top x",
        r"f(x) &= x^\top A x + \\ & b^\top x",
        r"f(x) &= \big( x^\top A x \\ & \qquad + b^\top x \big)",
        r"f(x) &= x^\top A x + b^\top \\ & \quad {} x",
        r"f(x) &= \\ & x^\top A x + b^\top x",
    ],
)
def test_a_definition_goes_on_in_the_next_row(rows: str) -> None:
    text = f"$$\\begin{{aligned}} {rows} \\end{{aligned}}$$\n\n$$\\nabla_x f = ?$$\n"
    assert any("A^{\\top}" in latex and "+ b" in latex for _, latex, _ in found(text))
    claims = checked(text.replace("?", "A x + A^\\top x + b")).claims
    assert claims[-1].claim.verdict == "verified"


def test_a_function_of_a_function_has_a_name_of_its_own() -> None:
    text = "$$\\nabla_x \\mathbf{1}^\\top f(A x) = ?$$\n"
    assert {verdict for verdict, _, _ in found(text)} == {"verified", "definition"}
    assert mdiff_pandoc.derive(r"\frac{d}{dx} f(2x)").derivation.count(r"\phi") == 4
