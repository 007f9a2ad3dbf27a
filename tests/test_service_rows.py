"""How a derivation is written: what stands beside a line, sizes, and the order of factors."""

from __future__ import annotations

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
