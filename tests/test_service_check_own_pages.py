"""What stands on true pages is not refuted: sizes, constants and functions that nobody declared."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service.check import check


def verdicts(latex: str, *facts: str, manner: str = "concluded") -> list[str]:
    return [claim.verdict for claim in check(latex, (), facts, manner=manner).claims]


# --- a variable by itself ---


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial X}{\partial X_{ij}} = e_i e_j^\top",
        r"\frac{\partial \operatorname{vec}(X)}{\partial \operatorname{vec}(X)^\top} = I",
        r"\frac{\partial x}{\partial x^\top} = I_n",
    ],
)
def test_a_variable_is_no_function_of_itself(claim: str) -> None:
    assert verdicts(claim) == ["verified"]
    assert verdicts(claim.replace("= ", "= 2 ")) == ["refuted"]


# --- identities with their size ---


def test_the_size_of_an_identity_may_be_a_power() -> None:
    claim = (
        r"\frac{\partial \operatorname{vec}(X X^\top)}{\partial \operatorname{vec}(X)^\top} = "
        r"(I_{m^2} + K_{m,m})(X \otimes I_m)"
    )
    assert verdicts(claim) == ["verified"]
    assert verdicts(claim.replace("+", "-")) == ["refuted"]


def test_the_entries_of_an_identity_are_deltas() -> None:
    assert verdicts(r"[I]_{ij} = \delta_{ij}") == ["verified"]
