"""Requests with two sides: read, derived, judged and printed, or refused with the reason."""

from __future__ import annotations

import re

import pytest

from mdiff_pandoc.latex.request import find_request
from mdiff_pandoc.service import Options, derive

TRACE = r"\operatorname{tr}(AB) = ? = \operatorname{tr}(BA)"


@pytest.mark.parametrize(
    ("latex", "sign"),
    [
        (TRACE, " = ? = "),
        (r"(AB)^T \stackrel{?}{=} B^T A^T", r"\stackrel{?}{=}"),
        (r"x^T y \overset{?}{=} y^T x", r"\overset{?}{=}"),
        (r"x^T y \overset?= y^T x", r"\overset?="),
        (r"x^T y &=\,?&= y^T x", r"=\,?&="),
    ],
)
def test_two_sides_with_a_question_between_them_are_a_request(latex: str, sign: str) -> None:
    found = find_request(latex)
    assert found is not None
    assert found.sign is not None
    assert found.body[slice(*found.sign)].strip() == sign.strip()


@pytest.mark.parametrize(
    "latex", ["x = ?", r"\operatorname{tr}(AB) = ?", "2 + 2 = ?, 3 = 3", r"a \stackrel{!}{=} b"]
)
def test_no_derivative_and_no_right_hand_side_is_no_request(latex: str) -> None:
    assert find_request(latex) is None


def test_a_derivative_before_the_question_stays_a_derivative() -> None:
    found = find_request(r"\nabla_X \operatorname{tr}(X) = ? = I")
    assert found is not None
    assert found.sign is None


def test_punctuation_and_other_statements_stay_beside() -> None:
    found = find_request(r"C = 3, \quad x^T y = ? = y^T x.")
    assert found is not None
    assert (found.body, found.suffix, found.before) == (
        "x^T y = ? = y^T x",
        ".",
        r"C = 3, \quad",
    )


def test_the_trace_of_a_product_reads_like_a_lecture() -> None:
    answer = derive(TRACE)
    assert [(step.lhs, step.latex, step.rule) for step in answer.steps] == [
        (r"\operatorname{tr}(AB)", r"\sum_{i=1}^{m} [A B]_{ii}", "trace in entries"),
        ("", r"\sum_{i=1}^{m} \sum_{j=1}^{n} A_{ij} B_{ji}", "product in entries"),
        ("", r"\sum_{j=1}^{n} \sum_{i=1}^{m} B_{ji} A_{ij}", "order of sums and factors"),
        ("", r"\sum_{j=1}^{n} [B A]_{jj}", "product in entries"),
        ("", r"\operatorname{tr}(BA)", "trace in entries"),
    ]
    assert (answer.status, answer.result) == ("verified", r"\operatorname{tr}(BA)")
    assert answer.verification["method"] == "exact"


@pytest.mark.parametrize(
    ("latex", "declare", "rows"),
    [
        (
            r"\operatorname{tr}(A^T) = ? = \operatorname{tr}(A)",
            r"A \in \mathbb{R}^{n \times n}",
            [r"\sum_{i=1}^{n} [A^T]_{ii}", r"\sum_{i=1}^{n} A_{ii}", r"\operatorname{tr}(A)"],
        ),
        (
            r"\operatorname{tr}(aA) = ? = a \operatorname{tr}(A)",
            r"a \in \mathbb{R}",
            [
                r"\sum_{i=1}^{n} [a A]_{ii}",
                r"a \sum_{i=1}^{n} A_{ii}",
                r"a \operatorname{tr}(A)",
            ],
        ),
        (
            r"\|A\|_F^2 = ? = \operatorname{tr}(A^T A)",
            r"A \in \mathbb{R}^{m \times n}",
            [
                r"\sum_{i=1}^{m} \sum_{j=1}^{n} A_{ij}^{2}",
                r"\sum_{i=1}^{m} \sum_{j=1}^{n} A_{ij} A_{ij}",
                r"\operatorname{tr}(A^T A)",
            ],
        ),
    ],
)
def test_the_rows_of_an_identity(latex: str, declare: str, rows: list[str]) -> None:
    answer = derive(latex, [declare])
    assert answer.status == "verified"
    assert [step.latex for step in answer.steps] == rows


def test_the_author_may_follow_an_entry() -> None:
    answer = derive(r"[(AB)^T]_{ij} = ? = \sum_k B_{ki} A_{jk}")
    assert answer.status == "verified"
    assert [step.rule for step in answer.steps] == [
        "entry of a transpose",
        "product in entries",
        "order of sums and factors",
    ]


def test_definitions_are_put_in() -> None:
    answer = derive(r"\operatorname{tr}(C) = ? = \operatorname{tr}(BA)", context=["C = AB"])
    assert answer.status == "verified"
    assert answer.notes == ("with $C = AB$",)


def test_unequal_sides_are_refused_with_a_counterexample() -> None:
    answer = derive(r"\operatorname{tr}(AB) = ? = \operatorname{tr}(A^T B)")
    assert answer.error is not None
    assert answer.error.code == "not-equal"
    assert re.fullmatch(r"the two sides are not equal: -?\d+ and -?\d+", answer.error.message)
    assert answer.error.span is not None


def test_equal_sides_without_a_road_are_refused_as_such() -> None:
    answer = derive(r"\det(AB) = ? = \det(A) \det(B)", [r"A \in \mathbb{R}^{n \times n}"])
    assert answer.error is not None
    assert answer.error.code == "unsupported"
    assert "are equal, but" in answer.error.message


def test_sides_of_two_shapes_are_refused() -> None:
    answer = derive(r"\operatorname{tr}(AB) = ? = AB")
    assert answer.error is not None
    assert answer.error.code == "shape-mismatch"
    assert answer.error.message.startswith("the two sides cannot be equal")


@pytest.mark.parametrize("latex", [r"A( = ? = B", r"\sin = ? = x", r"x = ? = \foo y", "= ? = "])
def test_bad_input_ends_in_an_error_with_a_place(latex: str) -> None:
    answer = derive(latex)
    assert answer.error is not None
    assert answer.error.span is not None


def test_less_detail_merges_neighbouring_lines_of_one_kind() -> None:
    latex = r"\operatorname{tr}(ABC) = ? = \operatorname{tr}(CAB)"
    full, brief, result = (
        derive(latex, options=Options(detail=detail)) for detail in ("full", "brief", "result")
    )
    assert len(full.steps) > len(brief.steps) > len(result.steps) == 1
    assert result.derivation == latex.replace("= ? =", "=")
