"""The chain and product rules as the founding documents write them, from LaTeX to lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mdiff_pandoc.service import Answer, Options, derive

SIZES = (r"A \in \mathbb{R}^{N \times D}", r"B \in \mathbb{R}^{D \times M}")


def answered(
    latex: str,
    style: str = "differential",
    declare: tuple[str, ...] = (),
    context: tuple[str, ...] = (),
) -> Answer:
    answer = derive(latex + " = ?", declare, context, Options(style=style))
    assert answer.status == "verified", answer.error
    return answer


def lines(answer: Answer) -> list[str]:
    return [f"{step.lhs} = {step.latex}".strip() for step in answer.steps]


@pytest.mark.parametrize("style", ["differential", "backprop"])
@pytest.mark.parametrize(
    ("variable", "result"),
    [
        ("A", r"\frac{\partial y}{\partial C} B^{\top}"),
        ("B", r"A^{\top} \frac{\partial y}{\partial C}"),
    ],
)
def test_both_gradients_of_a_product_in_an_unspecified_function(
    style: str, variable: str, result: str
) -> None:
    asked = rf"\frac{{\partial y}}{{\partial {variable}}}"
    answer = answered(asked, style, SIZES, ("C = AB", "y = f(C)"))
    assert answer.result == result
    assert lines(answer)[:2] == ["C = A B", "y = f(C)"]


def test_the_chain_rule_in_differentials() -> None:
    answer = answered(
        r"\frac{\partial y}{\partial A}", "differential", SIZES, ("C = AB", "y = f(C)")
    )
    upstream = r"\left(\frac{\partial y}{\partial C}\right)^{\top}"
    assert lines(answer)[2:] == [
        rf"dy = \operatorname{{tr}}\left({upstream}\, dC\right)",
        rf"= \operatorname{{tr}}\left({upstream}\, dA\, B\right)",
        rf"= \operatorname{{tr}}\left(B {upstream}\, dA\right)",
        r"\frac{\partial y}{\partial A} = \frac{\partial y}{\partial C} B^{\top}",
    ]


@pytest.mark.parametrize("style", ["differential", "backprop"])
def test_a_function_of_two_named_arguments(style: str) -> None:
    declare = (r"A \in \mathbb{R}^{m \times n}", r"B \in \mathbb{R}^{n \times n}")
    answer = answered(r"\nabla_A \mathbf{H}(X, Y)", style, declare, ("X = AB", "Y = A"))
    assert answer.result == r"(\nabla_{X} \mathbf{H}) B^{\top} + \nabla_{Y} \mathbf{H}"


def test_intermediate_gradients_are_put_in_where_the_function_is_known() -> None:
    context = ("X = AB", "Y = A", r"\mathbf{H}(X, Y) = \operatorname{tr}(X Y^\top C)")
    answer = answered(r"\nabla_A \mathbf{H}(X, Y)", "backprop", (), context)
    assert lines(answer) == [
        "X = A B",
        "Y = A",
        r"\mathbf{H} = \operatorname{tr}(X Y^{\top} C)",
        r"\nabla_{X} \mathbf{H} = C^{\top} Y",
        r"\nabla_{Y} \mathbf{H} = C X",
        r"\nabla_A \mathbf{H} = (\nabla_{X} \mathbf{H}) B^{\top} + \nabla_{Y} \mathbf{H}",
        r"= C^{\top} Y B^{\top} + C X",
        r"= C^{\top} A B^{\top} + C A B",
    ]


def test_one_term_for_each_place_of_the_variable() -> None:
    answer = answered(r"\nabla_A \operatorname{tr}(ABA^\top C)", "occurrences")
    assert lines(answer) == [
        r"f = \operatorname{tr}(ABA^\top C)",
        r"D = B A^{\top} C",
        "E = A B",
        r"\nabla_A f = \nabla_{A} \operatorname{tr}(A D)"
        r" + \nabla_{A} \operatorname{tr}(E A^{\top} C)",
        r"= D^{\top} + C E",
        r"= (B A^{\top} C)^{\top} + C A B",
        r"= C^{\top} A B^{\top} + C A B",
    ]


def test_a_product_of_many_places_by_the_rule_for_one() -> None:
    answer = answered(
        r"\frac{\partial}{\partial X} \operatorname{tr}[AXX^TBCX^TXC]",
        "occurrences",
        (r"A, B, C, X \in \mathbb{R}^{n \times n}",),
    )
    assert answer.result == (
        "A^T C^T X^T X C^T B^T X + B C X^T X C A X + X C A X X^T B C + X C^T B^T X X^T A^T C^T"
    )
    assert r"= A^T D^T + G E + K H + L^T C^T" in lines(answer)


def test_take_two_with_names_for_what_is_held() -> None:
    answer = answered(r"\frac{\partial}{\partial X} \operatorname{tr}[AXBXC^T]", "occurrences")
    assert lines(answer)[1:] == [
        "D = B X C^T",
        "E = A X B",
        r"\frac{\partial}{\partial X} f = \frac{\partial \operatorname{tr}(A X D)}{\partial X}"
        r" + \frac{\partial \operatorname{tr}(E X C^T)}{\partial X}",
        "= A^T D^T + E^T C",
        "= A^T (B X C^T)^T + (A X B)^T C",
        "= A^T C X^T B^T + B^T X^T A^T C",
    ]


@pytest.mark.parametrize(
    ("product", "result"),
    [
        (
            "A(x) B(x)",
            r"\frac{\partial A(x)}{\partial x} B(x) + A(x) \frac{\partial B(x)}{\partial x}",
        ),
        (
            r"A(x) \odot B(x)",
            r"\frac{\partial A(x)}{\partial x} \odot B(x)"
            r" + A(x) \odot \frac{\partial B(x)}{\partial x}",
        ),
        (
            r"A(x) \otimes B(x)",
            r"\frac{\partial A(x)}{\partial x} \otimes B(x)"
            r" + A(x) \otimes \frac{\partial B(x)}{\partial x}",
        ),
    ],
)
def test_the_product_rule_by_a_scalar_has_one_form_for_every_product(
    product: str, result: str
) -> None:
    declare = (
        r"A(x) \in \mathbb{R}^{n \times n}",
        r"B(x) \in \mathbb{R}^{n \times n}",
        r"x \in \mathbb{R}",
    )
    answer = answered(
        r"\frac{\partial C}{\partial x}", "differential", declare, (f"C = {product}",)
    )
    assert answer.result == result


def test_the_product_rule_of_matrices_that_depend_on_a_matrix_in_entries() -> None:
    declare = (
        r"A(X) \in \mathbb{R}^{M \times N}",
        r"B(X) \in \mathbb{R}^{N \times P}",
        r"X \in \mathbb{R}^{U \times V}",
    )
    answer = answered(
        r"\frac{\partial C_{ik}}{\partial X_{pq}}", "index", declare, ("C = A(X) B(X)",)
    )
    for part in (
        r"\frac{\partial [A(X)]_{ij}}{\partial X_{pq}} [B(X)]_{jk}",
        r"[A(X)]_{ij} \frac{\partial [B(X)]_{jk}}{\partial X_{pq}}",
    ):
        assert part in answer.result


def test_a_network_by_its_layers() -> None:
    context = ("z = W x + b", r"h = \sigma(z)", r"L = \|V h - y\|^2")
    answer = answered(r"\frac{\partial L}{\partial W}", "backprop", (), context)
    upstream = r"\frac{\partial L}{\partial z}"
    assert lines(answer)[:7] == [
        "z = W x + b",
        r"h = \sigma(z)",
        r"L = \|V h - y\|^{2}",
        r"\frac{\partial L}{\partial h} = 2 V^{\top} (V h - y)",
        rf"{upstream} = \frac{{\partial L}}{{\partial h}} \odot h \odot (\mathbf{{1}} - h)",
        rf"\frac{{\partial L}}{{\partial W}} = {upstream} x^{{\top}}",
        r"= 2 (V^{\top} (V h - y) \odot h \odot (\mathbf{1} - h)) x^{\top}",
    ]


def test_a_long_network_keeps_its_names_in_both_styles() -> None:
    layers = [rf"h_{{{k}}} = \sigma(W_{{{k}}} h_{{{k - 1}}})" for k in range(2, 31)]
    context = (r"h_{1} = \sigma(W_{1} x)", *layers, r"L = \|h_{30} - y\|^2")
    for style in ("backprop", "differential"):
        answer = answered(r"\frac{\partial L}{\partial W_{1}}", style, (), context)
        assert r"\frac{\partial L}{\partial h_{1}}" in answer.result
        assert len(answer.derivation) < 8000
        assert "dL_d" not in answer.numpy


def test_the_code_of_a_long_result_computes_the_gradient() -> None:
    layers = [rf"h_{{{k}}} = \sin(W_{{{k}}} h_{{{k - 1}}})" for k in range(2, 13)]
    context = (r"h_{1} = \sin(W_{1} x)", *layers, r"L = \|h_{12} - y\|^2")
    answer = answered(r"\frac{\partial L}{\partial W_{1}}", "backprop", (), context)
    rng = np.random.default_rng(1)
    weights = {f"W_{k}": rng.normal(size=(3, 3)) for k in range(1, 13)}
    x, y = rng.normal(size=(3, 1)), rng.normal(size=(3, 1))

    def loss(first: np.ndarray) -> float:
        layer = x
        for k in range(1, 13):
            layer = np.sin((first if k == 1 else weights[f"W_{k}"]) @ layer)
        return float(((layer - y) ** 2).sum())

    namespace: dict[str, Any] = {}
    exec(answer.numpy, namespace)
    found = namespace["derivative"](**weights, x=x, y=y)
    step = 1e-6 * rng.normal(size=(3, 3))
    slope = (loss(weights["W_1"] + step) - loss(weights["W_1"] - step)) / 2
    assert np.isclose(slope, (found * step).sum(), rtol=1e-5)
