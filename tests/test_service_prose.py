"""Formulas as lecture notes write them: their facts, squares as symbols, dots and indices."""

from __future__ import annotations

import pytest

from mdiff_pandoc.service import derive


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (r"\nabla_w (-y w\cdot x)", "-y x"),
        (r"\nabla_w (1 - y\, w\cdot x)", "-y x"),
        (r"\nabla_w a\, w\cdot w", "2 a w"),
    ],
)
def test_a_coefficient_in_front_of_a_dot_product_is_a_scalar(request_: str, result: str) -> None:
    assert derive(request_).result == result


def test_an_index_of_zero_is_part_of_the_name() -> None:
    answer = derive(r"\nabla_w \|w-w_0\|^2", [r"w \in \mathbb{R}^d"])
    assert answer.result == "2 (w - w_0)"
    assert answer.assumed == (r"w_0 \in \mathbb{R}^d",)
