"""What the checker says of chains of equalities: verdicts, definitions, conditions, places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from problems import CASES, SHARED, declarations

from mdiff_pandoc import check


@dataclass(frozen=True)
class Known:
    name: str
    latex: str
    declarations: tuple[str, ...]
    wrong: int


def chains(path: Path) -> Iterator[Known]:
    if path.is_file():
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                name, latex, shapes, wrong = (part.strip() for part in line.split(" | "))
                yield Known(name, latex, tuple(declarations(shapes)), int(wrong))


CHAINS = [*chains(CASES / "chains.txt"), *chains(SHARED / "cases" / "chains.txt")]


def verdicts(latex: str, *declare: str, **more: str) -> list[str]:
    return [claim.verdict for claim in check(latex, declare, **more).claims]


@pytest.mark.parametrize("known", CHAINS, ids=lambda known: known.name)
def test_the_first_wrong_equality_is_found_and_no_other(known: Known) -> None:
    found = check(known.latex, known.declarations).claims
    wrong = [claim.equality + 1 for claim in found if claim.verdict == "refuted"]
    assert wrong[:1] == ([known.wrong] if known.wrong else [])
    assert {claim.verdict for claim in found} <= {"verified", "refuted"}


@pytest.mark.parametrize(
    "known", [known for known in CHAINS if known.wrong], ids=lambda known: known.name
)
def test_a_wrong_equality_comes_with_values_or_shapes_that_show_it(known: Known) -> None:
    claim = check(known.latex, known.declarations).claims[known.wrong - 1]
    shown = claim.counterexample
    if shown is None:
        assert "×" in claim.reason
    else:
        assert shown["left"] != shown["right"]


class TestOneSlip:
    def test_gives_one_report(self) -> None:
        chain = r"\nabla_X \operatorname{tr}(AXB) = BA = B A I = (A^\top B^\top)^\top"
        assert verdicts(chain) == ["refuted", "verified", "verified"]

    def test_is_over_where_the_chain_returns_to_what_stood_before(self) -> None:
        found = check(r"\nabla_X \operatorname{tr}(AXB) = BA = A^\top B^\top").claims
        assert [claim.verdict for claim in found] == ["refuted", "verified"]
        assert found[1].notes[-1] == "agrees with the side before the slip"

    def test_does_not_hide_the_next_one(self) -> None:
        chain = r"(AB)^\top = A^\top B^\top = B^\top A^\top = A B"
        assert verdicts(chain) == ["refuted", "verified", "refuted"]

    def test_is_seen_past_a_side_that_cannot_be_read(self) -> None:
        chain = r"(AB)^\top = \mathcal{M} \star A = B^\top A^\top = B A"
        assert verdicts(chain) == ["undecided", "verified", "refuted"]


class TestDefinitions:
    @pytest.mark.parametrize(
        "latex",
        [
            "C = AB",
            "f(x) = x^T A x",
            "C := AB",
            r"C \triangleq AB",
            r"x^T x \overset{\text{def}}{=} y",
            r"C_{ij} = \sum_k A_{ik} B_{kj}",
            r"\nabla_x (x^T A x) = g",
        ],
    )
    def test_of_a_new_name(self, latex: str) -> None:
        assert verdicts(latex) == ["definition"]

    def test_the_chain_behind_it_is_a_claim(self) -> None:
        assert verdicts(r"f = \operatorname{tr}(A^T A) = \|A\|_F^2") == ["definition", "verified"]

    def test_of_a_known_name_is_a_claim(self) -> None:
        assert [c.verdict for c in check("f = x^T x", context=["f = x^T x + 1"]).claims] == [
            "refuted"
        ]

    def test_of_a_known_name_may_shadow(self) -> None:
        known = ["f = x^T x + 1"]
        for manner in ("", "introduced"):
            found = check("f = x^T x", context=known, manner=manner)
            assert [claim.verdict for claim in found.claims] == ["definition"]
            assert found.facts == ("let f = x^T x",)

    def test_hold_before_they_stand_in_the_formula(self) -> None:
        chain = (
            r"\operatorname{tr}(AXB) = \operatorname{tr}(DA) \quad \text{where } D = XB, \; E = A"
        )
        assert verdicts(chain) == ["verified", "definition", "definition"]

    def test_a_property_that_is_assumed(self) -> None:
        found = check(r"Q^T Q = I, \quad \|Qx\|^2 = \|x\|^2")
        assert found.claims[0].verdict == "definition"
        assert found.facts == ("Q^T Q = I",)


class TestNoEqualities:
    @pytest.mark.parametrize("sign", [r"\approx", r"\propto", r"\le", r"\succeq", "≈"])
    def test_say_so(self, sign: str) -> None:
        found = check(rf"x^T A x {sign} x^T B x = \operatorname{{tr}}(B x x^T)")
        assert [claim.verdict for claim in found.claims] == ["verified"]
        assert len(found.remarks) == 1
        assert sign in found.remarks[0]

    @pytest.mark.parametrize("latex", [r"0 \le i < N", r"p \neq i", r"x \in \mathbb{R}^n"])
    def test_ranges_and_sets_are_no_remarks(self, latex: str) -> None:
        found = check(latex)
        assert not found.claims
        assert not found.remarks

    def test_a_condition_is_no_claim(self) -> None:
        found = check(r"\nabla_w \|Xw - y\|^2 = 2 X^T (Xw - y) = 0").claims
        assert [claim.verdict for claim in found] == ["verified", "undecided"]
        assert "condition" in found[1].reason

    def test_a_request_is_no_claim(self) -> None:
        found = check(r"\nabla_X \operatorname{tr}(AX) = ?").claims
        assert [claim.verdict for claim in found] == ["undecided"]


class TestPlaces:
    def test_of_each_equality_and_sign(self) -> None:
        latex = r"(AB)^T &= A^T B^T \\ &= B^T A^T"
        first, second = check(rf"\begin{{aligned}}{latex}\end{{aligned}}").claims
        offset = len(r"\begin{aligned}")
        assert (first.sign.start, second.sign.start) == (
            offset + latex.index("="),
            offset + latex.rindex("="),
        )
        assert first.latex == "(AB)^T = A^T B^T"
        assert second.latex == "A^T B^T = B^T A^T"

    def test_go_on_from_the_formula_before(self) -> None:
        found = check("= B^T A^T", before="(AB)^T")
        [claim] = found.claims
        assert claim.verdict == "verified"
        assert (claim.sign.start, claim.span.start) == (0, 0)
        assert found.last == "B^T A^T"

    def test_nothing_stands_before_the_sign(self) -> None:
        [claim] = check("= B^T A^T").claims
        assert claim.verdict == "undecided"


class TestAnswers:
    def test_the_other_layout(self) -> None:
        [claim] = check(r"\nabla_X \log \det X = X^{-1}").claims
        assert "other layout" in claim.suggestion
        assert claim.repaired == r"X^{-\top}"

    def test_what_holds_for_symmetric_matrices(self) -> None:
        [claim] = check("\\nabla_x (x^T A x) = 2 A x").claims
        assert "if $A$ is symmetric" in claim.suggestion
        assert claim.repaired == "(A + A^T) x"

    def test_four_indices(self) -> None:
        [claim] = check(r"\frac{\partial (AB)}{\partial A} = B^T").claims
        assert claim.verdict == "refuted"
        assert "four indices" in claim.reason
        assert verdicts(r"\frac{\partial (AB)}{\partial A} = B^T \otimes I") == ["verified"]

    def test_a_symmetric_assumption_moves_with_the_differential(self) -> None:
        [claim] = check("d X^{-1} = X^{-1} dX X^{-1}").claims
        assert claim.verdict == "refuted"
        assert "symmetric" not in claim.suggestion

    def test_shapes_that_were_declared_for_the_formula_must_meet(self) -> None:
        shapes = (r"A \in \mathbb{R}^{m \times n}", r"B \in \mathbb{R}^{n \times p}")
        assert verdicts(r"(AB)^T = A^T B^T", *shapes) == ["refuted"]

    @pytest.mark.parametrize(
        "latex",
        [r"\det(", "= =", "", r"a = \unknown{b} = a", "x = ", r"\text{if } = \text{then}", "&=&"],
    )
    def test_bad_input_is_no_exception(self, latex: str) -> None:
        for claim in check(latex).claims:
            assert claim.verdict in {"undecided", "verified", "definition"}
            assert "\n" not in claim.reason
