"""Formulas in plain Unicode say the same as in TeX."""

from __future__ import annotations

import pytest

from mdiff_pandoc.document.plain_math import plain_math


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\frac{1}{2\sigma^2} \|y\|", "1/(2σ²) ‖y‖"),
        (r"\frac{1}{2 \sigma^2}", "1/(2 σ²)"),
        (r"\frac{a}{bc}", "a/(bc)"),
        (r"\sqrt{2x}", "√(2x)"),
        (r"\frac{df}{dx} + \frac12 - \frac{1}{n}", "df/dx + 1/2 - 1/n"),
        (r"\frac{\partial f}{\partial \sigma^2}", "∂f/∂σ²"),
        (r"\frac{\partial f}{\partial X_{12}}", "∂f/∂X₁₂"),
        (r"\frac{x}{\hat{y}} \sqrt{x_1}", "x/y\u0302 √x₁"),
    ],
)
def test_what_is_divided_by_is_one_factor_or_stands_in_brackets(latex: str, plain: str) -> None:
    assert plain_math(latex) == plain
