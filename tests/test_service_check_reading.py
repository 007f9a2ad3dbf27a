"""What authors write in derivations is read as they mean it, and judged."""

from __future__ import annotations

import pytest

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.latex.reader import read_request
from mdiff_pandoc.service.check import check


def verdicts(latex: str, *facts: str, **told: str) -> list[str]:
    return [claim.verdict for claim in check(latex, (), facts, **told).claims]


# --- indices and sums ---


def test_an_index_may_be_bound_in_an_inner_sum_and_loose_outside() -> None:
    shadowed = (
        r"\frac{\partial}{\partial X_{mn}} \sum_i \sum_j V_{ij} \log\left(\sum_m \sum_n A_{im} "
        r"X_{mn} B_{nj}\right) = \sum_i \sum_j \frac{V_{ij}}{\sum_m \sum_n A_{im} X_{mn} B_{nj}} "
        r"A_{im} B_{nj}"
    )
    assert verdicts(shadowed) == ["verified"]
    assert verdicts(shadowed.replace("A_{im} B_{nj}", "A_{im} B_{nj} X_{mn}")) != ["verified"]


def test_a_sum_inside_another_may_have_its_index() -> None:
    squared = r"\left(\sum_i x_i\right)^2 = \sum_i x_i \sum_i x_i"
    assert verdicts(squared, r"x \in \mathbb{R}^n") == ["verified"]


def test_a_sum_spans_the_terms_that_its_index_stands_in() -> None:
    [claim] = check(r"(AB)_{ik} + (CD)_{ik} = \sum_{j} A_{ij} B_{jk} + C_{ij} D_{jk}").claims
    assert claim.verdict == "verified"
    assert any("the terms that follow" in note for note in claim.notes)


def test_a_sum_spans_no_term_whose_index_is_free_on_the_other_side() -> None:
    latex = r"2 B_{jj} = \sum_{j} A_{jj} + B_{jj}"
    assert verdicts(latex) == ["refuted"]


def test_a_request_with_an_index_outside_of_its_sum_is_refused() -> None:
    with pytest.raises(MdiffError, match="stands outside the sum"):
        read_request(r"\nabla_x \sum_j x_j + b_j x_j")
