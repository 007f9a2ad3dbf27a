"""How a derivation is written: what stands beside a line, sizes, and the order of factors."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import Options, derive


def test_the_form_of_the_differential_stands_beside_the_word_identification() -> None:
    declared = (r"x \in \mathbb{R}^n",)
    answer = derive(
        r"\nabla_x (x^\top A x + x^\top B x) = ?", declared, options=Options(detail="brief")
    )
    last = answer.steps[-1]
    assert last.rule == r"identification: df = g^{\top}\, dx; common factor"
    assert r"\text{identification: } df" in last.rule_latex


def test_identities_of_several_sizes_between_kronecker_products_have_their_sizes() -> None:
    request = (
        r"\frac{\partial \operatorname{vec}(X \otimes X)}{\partial \operatorname{vec}(X)^\top}"
    )
    answer = derive(f"{request} = ?", (r"X \in \mathbb{R}^{m \times n}",))
    assert answer.status == "verified"
    assert "I_{m}" in answer.result
    assert "I_{n}" in answer.result
    assert all("I " not in step.latex for step in answer.steps)


def test_identities_of_one_size_have_none() -> None:
    request = r"\frac{\partial \operatorname{vec}(X^2)}{\partial \operatorname{vec}(X)^\top}"
    answer = derive(f"{request} = ?", (r"X \in \mathbb{R}^{n \times n}",))
    assert answer.result == r"X^{\top} \otimes I + I \otimes X"


def test_the_derivative_of_the_logistic_function_is_not_torn_apart() -> None:
    request = r"\frac{\partial \sigma(A x)}{\partial x}"
    declared = (r"A \in \mathbb{R}^{m \times n}",)
    answer = derive(f"{request} = ?", declared, options=Options(style="index"))
    entries = r"\sigma([A x]_{i}) (1 - \sigma([A x]_{i}))"
    assert [step.latex for step in answer.steps if "1 - " in step.latex and "[A x]" in step.latex]
    assert all(entries in step.latex for step in answer.steps if "1 - \\sigma([A" in step.latex)


@pytest.mark.parametrize("style", ["differential", "index", "occurrences", "backprop"])
@pytest.mark.parametrize(
    "request_",
    [
        r"\nabla_X \operatorname{tr}(X^k)",
        r"\nabla_t t \log t",
        r"\nabla_W y^\top \tanh(W x + b)",
        r"\nabla_x (\|A x - b\|^2 + \lambda \|x\|^2)",
    ],
)
def test_every_line_of_a_derivative_has_a_rule(request_: str, style: str) -> None:
    answer = derive(f"{request_} = ?", options=Options(style=style))
    assert answer.status == "verified"
    head = ""
    for step in answer.steps[1:]:
        head = step.lhs or head
        if r"\nabla" in head or r"\partial" in head or head.startswith("d"):
            assert step.rule


def test_the_differential_of_a_negative_power_has_no_power_to_cancel() -> None:
    answer = derive(r"\nabla_X^2 \operatorname{tr}(X^{-1}) = ?")
    assert answer.status == "verified"
    assert answer.result == r"(X^{-2}\, dX\, X^{-1} + X^{-1}\, dX\, X^{-2})^{\top}"
