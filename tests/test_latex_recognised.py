"""Functions that an author defines and that have a name of their own."""

from __future__ import annotations

import pytest

from mdiff_pandoc.latex.recognised import recognised
from mdiff_pandoc.latex.visit import parse
from mdiff_pandoc.service import derive


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"\frac{1}{1+e^{-t}}", "sigma"),
        (r"(1+\exp(-t))^{-1}", "sigma"),
        (r"\frac{e^t}{e^t+1}", "sigma"),
        (r"\tfrac12 (1+\tanh\frac{t}{2})", "sigma"),
        (r"\log(1+e^t)", "softplus"),
        (r"t + \ln(1+e^{-t})", "softplus"),
        (r"\frac{e^t-e^{-t}}{e^t+e^{-t}}", "tanh"),
        (r"\frac{e^t-e^{-t}}{2}", "sinh"),
        (r"\log(t+\sqrt{t^2+1})", "arsinh"),
        (r"\frac12\log\frac{1+t}{1-t}", "artanh"),
        (r"\max(0, t)", "relu"),
        (r"\frac{1}{1+e^{-2t}}", ""),
        (r"\frac{1}{1+e^{-a}}", ""),
        (r"\frac{1}{2+e^{-t}}", ""),
        (r"\log(t^2)", ""),
        (r"\sum_i t_i", ""),
        (r"\tanh(t)", ""),
    ],
)
def test_a_function_is_recognised_by_its_values(written: str, name: str) -> None:
    assert recognised(parse(written), "t") == name


def test_a_logistic_function_of_the_authors_keeps_the_authors_name() -> None:
    declared = (r"\phi(t) = \frac{1}{1+e^{-t}}",)
    answer = derive(r"\nabla_x \phi(a^\top x) = ?", declared)
    assert answer.status == "verified"
    assert answer.result == r"\phi(a^{\top} x) (1 - \phi(a^{\top} x)) a"
    assert any(r"\phi" in note and r"\frac{1}{1+e^{-t}}" in note for note in answer.notes)


def test_the_name_of_the_logistic_function_for_another_does_not_hide_what_it_is() -> None:
    answer = derive(r"\nabla_x \sigma(a^\top x) = ?", (r"\sigma(t) = \log(1+e^t)",))
    assert answer.status == "verified"
    assert r"\sigma(" not in answer.result


def test_by_its_own_argument_the_function_is_differentiated_as_it_is_defined() -> None:
    answer = derive(r"\frac{d}{dt} g(t) = ?", (r"g(t) = \frac{1}{1+e^{-t}}",))
    assert answer.status == "verified"
    assert "e^{-t}" in answer.result


def test_the_logistic_function_is_no_sigma_where_the_author_has_a_sigma() -> None:
    answer = derive(r"\nabla_x s(\sigma a^\top x) = ?", (r"s(t) = \log(1+e^t)",))
    assert answer.status == "verified"
    assert r"\operatorname{sigmoid}(" in answer.result
    assert r"\sigma(" not in answer.result
