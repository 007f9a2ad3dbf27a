"""Documents checked as a whole: what the words around a formula mean for its verdict."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from notes import notes

from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.document.checked import CheckedDocument
from mdiff_pandoc.document.checking import Task, perform
from mdiff_pandoc.document.claims import check_document
from mdiff_pandoc.document.source import read_source
from mdiff_pandoc.service.claim import Checked


def checked(text: str, name: str = "notes.md") -> CheckedDocument:
    source = read_source(text.encode(), name)
    return check_document(read_ast(source), source, name)


def verdicts(text: str) -> list[str]:
    return [found.claim.verdict for found in checked(text).claims]


SHAPES = r"Let $A \in \mathbb{R}^{n \times n}$ and $x \in \mathbb{R}^n$." + "\n\n"
DOUBLE = r"\nabla_x x^\top A x = 2 A x"


class TestConditions:
    @pytest.mark.parametrize(
        ("text", "verdict"),
        [
            (f"If $A$ is symmetric, then ${DOUBLE}$.", "verified"),
            (f"We have ${DOUBLE}$ when $A$ is symmetric.", "verified"),
            (f"${DOUBLE}$, provided that $A$ is symmetric.", "verified"),
            (f"When $A$ is symmetric, this gives\n\n$${DOUBLE}.$$", "verified"),
            (f"If $A$ is symmetric, all is well. In general ${DOUBLE}$.", "refuted"),
            (f"If $A$ is not symmetric, ${DOUBLE}$.", "refuted"),
            (f"Unless $A$ is symmetric, ${DOUBLE}$.", "refuted"),
        ],
    )
    def test_hold_in_their_sentence(self, text: str, verdict: str) -> None:
        assert verdicts(SHAPES + text) == [verdict]

    def test_of_a_special_case_hold_there(self) -> None:
        text = (
            "Let $f(x) = x^\\top A x$. In the special case $A = I$ we have $f(x) = x^\\top x$. "
            "In general $\\nabla f(x) = (A + A^\\top) x$, and $\\nabla f(x) = 2 x$."
        )
        assert verdicts(SHAPES + text) == [
            "definition",
            "definition",
            "verified",
            "verified",
            "refuted",
        ]

    def test_are_no_claims(self) -> None:
        assert verdicts("If $A = B$, then $AB = BA$.") == ["definition", "verified"]


class TestDefinitions:
    def test_later_ones_shadow(self) -> None:
        text = (
            "Consider $f = x^T x$. Then $\\nabla_x f = 2x$.\n\n"
            "Now consider $f = x^T A x$. Then $\\nabla_x f = 2x$."
        )
        assert verdicts(text) == ["definition", "verified", "definition", "refuted"]

    def test_a_conclusion_is_judged_against_the_definition(self) -> None:
        text = "Let $f = \\|x - a\\|^2$. Expanding, we get $f = x^T x - a^T x + a^T a$."
        assert verdicts(text) == ["definition", "refuted"]

    def test_what_was_claimed_wrongly_defines_nothing(self) -> None:
        text = (
            "Let $f = x^T x$.\n\nThus $f = x^T x + 1$.\n\nHence $f = x^T x$ and $\\nabla_x f = 2x$."
        )
        assert verdicts(text) == ["definition", "refuted", "verified", "verified"]

    def test_may_come_behind_their_use(self) -> None:
        text = "$$\\nabla_X \\operatorname{tr}(AXB) = D^T,$$\n\nwhere $D = BA$."
        assert verdicts(text) == ["verified", "definition"]


class TestChains:
    def test_go_on_over_displays(self) -> None:
        text = "$$(ABC)^T = (BC)^T A^T$$\n$$= C^T B^T A^T$$\n\n$$= A^T B^T C^T$$"
        assert verdicts(text) == ["verified", "verified", "refuted"]

    def test_go_on_in_the_next_formula(self) -> None:
        assert verdicts("Thus $(AB)^T =$ $B^T A^T$.") == ["verified"]

    def test_behind_a_slip_are_compared_with_what_stood_before_it(self) -> None:
        text = "$$(ABC)^T = (BC)^T A^T$$\n$$= C^T B A^T$$\n\n$$= C^T B^T A^T$$"
        assert verdicts(text) == ["verified", "refuted", "verified"]


class TestPlaces:
    def test_of_claims_are_those_of_the_file(self) -> None:
        text = "First line\n\n> Quoted:\n> $$(AB)^T\n> = A^T B^T$$\n\n- item $(AB)^T = B^T A^T$\n"
        first, second = checked(text).claims
        assert (first.math, first.sign_line, first.sign_column) == (0, 5, 3)
        assert (second.math, second.sign_line, second.sign_column) == (1, 7, 16)

    def test_code_and_comments_are_left_alone(self) -> None:
        text = "`$(AB)^T = A^T B^T$`\n\n    $(AB)^T = A^T B^T$\n\n<!-- $(AB)^T = A^T B^T$ -->\n"
        assert verdicts(text) == []

    def test_skipped_blocks_are_left_alone(self) -> None:
        assert verdicts("::: mdiff-skip\n$(AB)^T = A^T B^T$\n:::\n") == []


def test_a_document_of_many_dialects_is_read() -> None:
    latex = (
        r"\documentclass{article}\newcommand{\tr}{\operatorname{tr}}\begin{document}"
        "\n% $(AB)^T = A^T B^T$\n"
        r"\begin{align} \nabla_X \tr(AXB) &= (BA)^\top \\ &= BA \end{align}\end{document}"
    )
    found = checked(latex, "paper.tex").claims
    assert [item.claim.verdict for item in found] == ["verified", "refuted"]
    assert [item.sign_line for item in found] == [3, 3]


class TestSolutions:
    """A value that is found later says nothing of the formula that it follows from."""

    SHAPES = (
        r"Let $X \in \mathbb{R}^{n \times d}$, $y \in \mathbb{R}^n$, $w \in \mathbb{R}^d$ and "
        r"$J(w) = \|Xw - y\|^2$. "
    )
    SOLUTION = r"w = (X^\top X)^{-1} X^\top y"

    @pytest.mark.parametrize(
        "rest",
        [
            r"Then $$\nabla J(w) = {} X^\top (Xw - y) = 0 \implies " + SOLUTION + ".$$",
            r"Then $$\nabla J(w) = {} X^\top (Xw - y)$$ and the minimum is at $" + SOLUTION + "$.",
            r"Then $\nabla J(w) = {} X^\top (Xw - y)$, which is zero for $$" + SOLUTION + ".$$",
            r"Its minimum is $" + SOLUTION + r"$. Now $\nabla_w J = {} X^\top (Xw - y)$.",
        ],
    )
    def test_are_not_put_into_the_gradient(self, rest: str) -> None:
        for factor, verdict in (("2", "verified"), ("7", "refuted")):
            found = checked(self.SHAPES + rest.replace("{}", factor)).claims
            [claim] = [item.claim for item in found if r"\nabla" in item.claim.latex]
            assert claim.verdict == verdict

    def test_of_a_special_case_stay_there(self) -> None:
        text = (
            r"Let $x \in \mathbb{R}^n$; then "
            r"$$\nabla_x (\lambda x^\top x + \|x\|^2) = 2x + 3\lambda x.$$ "
            r"For $\lambda = 0$ this is known."
        )
        assert verdicts(text)[0] == "refuted"

    def test_intermediate_quantities_are_no_solutions(self) -> None:
        text = (
            r"Let $W \in \mathbb{R}^{k \times d}$, $x \in \mathbb{R}^d$, $y \in \mathbb{R}^k$, "
            r"$z = Wx$ and $L = \|z - y\|^2 + \|W\|_F^2$. Then "
            r"$\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^\top + 2W$ and "
            r"$\frac{\partial L}{\partial z} = 2 (z - y)$."
        )
        assert verdicts(text)[-2:] == ["verified", "verified"]


def test_shapes_of_the_same_paragraph_are_meant_for_its_formulas() -> None:
    text = (
        r"Let $A \in \mathbb{R}^{m \times k}$ and $B \in \mathbb{R}^{n \times k}$. "
        r"Then $\nabla_A \|AB^\top\|_F^2 = 2 AB^\top B^\top$."
    )
    assert verdicts(text) == ["refuted"]


def test_what_an_earlier_section_said_may_still_be_meant() -> None:
    text = (
        "# Setup\n\n" + SHAPES + "Let $A$ be symmetric and $f(x) = x^\\top A x$.\n\n# Gradient\n\n"
        "Then $\\nabla_x f(x) = 2 A x$ and $\\nabla_x x^\\top A x = A x$.\n"
    )
    assert verdicts(text) == ["definition", "verified", "refuted"]


def test_a_definition_whose_shapes_do_not_meet_is_refuted() -> None:
    shapes = r"Let $X \in \mathbb{R}^{n \times p}$ and $y \in \mathbb{R}^n$. "
    assert verdicts(shapes + r"Let $H = X (X^\top X)^{-1} X$.") == ["refuted"]
    assert verdicts(shapes + r"Let $H = X (X^\top X)^{-1} X^\top$.") == ["definition"]


@pytest.mark.parametrize("seed", range(3))
def test_formulas_checked_at_once_have_the_verdicts_of_those_checked_in_turn(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDIFF_CACHE", "off")
    source = read_source(notes(40, seed).encode(), "notes.md")
    tree = read_ast(source)
    taken: list[Task] = []

    def perform_all(tasks: Sequence[Task]) -> list[Checked]:
        taken.extend(tasks)
        return [perform(task) for task in reversed(tasks)][::-1]

    one = check_document(tree, source, "notes.md")
    other = check_document(tree, source, "notes.md", perform_all=perform_all)
    assert taken
    assert one == other


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_w \|Xw - y\|^2 = 2 (Xw - y) X^\top", "refuted"),
        (r"\nabla_w \|Xw - y\|^2 = 2 X^\top (Xw - y)", "verified"),
        (r"\nabla_w \|Xw - y\|^2 = 2 X^\top (Xw - y) + c", "refuted"),
    ],
)
def test_a_product_that_conforms_with_no_shapes_is_refuted(claim: str, verdict: str) -> None:
    shapes = (
        r"Let $X \in \mathbb{R}^{m \times n}$, $w \in \mathbb{R}^n$, $y \in \mathbb{R}^m$ "
        r"and $c \in \mathbb{R}$."
    )
    assert verdicts(f"{shapes} Then ${claim}$.") == [verdict]
