"""A diag of an entry with a loose index is the matrix of all these entries."""

from __future__ import annotations

import pytest

from mdiff_pandoc import check

ROWS = r"let x_i = (X_{i:})^\top"


@pytest.mark.parametrize(
    ("latex", "context", "verdict"),
    [
        (r"\operatorname{diag}(p_i) q = p \odot q", (), "verified"),
        (r"\operatorname{diag}(p_i) q = p \odot p", (), "refuted"),
        (r"\operatorname{diag}(A_{ii}) = A \odot I", (), "verified"),
        (
            r"D^2 = \operatorname{diag}(p \odot p)",
            (r"let D = \operatorname{diag}(p_i)",),
            "verified",
        ),
        (
            r"X^\top D X = \sum_i p_i (1 - p_i) x_i x_i^\top",
            (ROWS, r"let D = \operatorname{diag}(p_i (1 - p_i))"),
            "verified",
        ),
        (
            r"X^\top D X = \sum_i p_i x_i x_i^\top",
            (ROWS, r"let D = \operatorname{diag}(p_i (1 - p_i))"),
            "refuted",
        ),
    ],
)
def test_a_loose_index_runs_over_all_entries(
    latex: str, context: tuple[str, ...], verdict: str
) -> None:
    assert [claim.verdict for claim in check(latex, context=context).claims] == [verdict]


@pytest.mark.parametrize(
    ("latex", "context"),
    [
        (r"\operatorname{diag}(x_i) y = x_i \odot y", ()),
        (r"D_i y = x_i \odot y", (r"let D_i = \operatorname{diag}(x_i)",)),
        (r"\operatorname{diag}(B_{k:} X) y = (B_{k:} X)^\top \odot y", ()),
        (r"\sum_i \operatorname{diag}(p_i q) = \sum_i p_i \operatorname{diag}(q)", ()),
        (
            r"\operatorname{diag}(x_i) \operatorname{diag}(x_i) = \operatorname{diag}(x_i)^2",
            (r"x_i \in \mathbb{R}^d",),
        ),
    ],
)
def test_an_index_that_stands_elsewhere_is_one_of_a_vector(
    latex: str, context: tuple[str, ...]
) -> None:
    assert [claim.verdict for claim in check(latex, context=context).claims] == ["verified"]
