"""Definitions as names: shared, kept beside the function with all of them put in."""

import time

import pytest

from mdiff_pandoc.errors import LimitError
from mdiff_pandoc.expr import (
    Op,
    entry,
    function,
    matmul,
    named,
    norm,
    power,
    sub,
    symbol,
    trace,
    transpose,
    walk,
)
from mdiff_pandoc.latex.reader import read_request

A = symbol("A", "m", "n")
B = symbol("B", "n", "k")
X = symbol("X", "m", "n")
w = symbol("w", "n")
y = symbol("y", "m")
DECLARED = (
    r"A \in \mathbb{R}^{m \times n}",
    r"B \in \mathbb{R}^{n \times k}",
    r"X \in \mathbb{R}^{m \times n}",
    r"w \in \mathbb{R}^n",
    r"y \in \mathbb{R}^m",
)


def test_the_function_is_kept_with_and_without_names():
    request = read_request(r"\nabla_w \|r\|^2 = ?", DECLARED, ["r = Xw - y"])
    residual = sub(matmul(X, w), y)
    assert request.f is power(norm(residual, "2"), 2)
    assert request.named is power(norm(named("r", residual), "2"), 2)
    assert request.notation.symbols["r"] == "r"


def test_without_definitions_there_are_no_names():
    assert read_request(r"\nabla_w \|Xw - y\|^2", DECLARED).named is None


def test_names_of_names():
    context = [r"\hat y = X w", r"r = \hat y - y", r"L = \|r\|^2"]
    request = read_request(r"\frac{\partial L}{\partial w} = ?", DECLARED, context)
    prediction = named("hat_y", matmul(X, w))
    assert request.named is power(norm(named("r", sub(prediction, y)), "2"), 2)
    assert request.f is power(norm(sub(matmul(X, w), y), "2"), 2)
    assert request.name == "L"
    assert request.notation.symbols["hat_y"] == r"\hat y"


def test_an_entry_of_a_name():
    request = read_request(r"\frac{\partial C_{ij}}{\partial A_{pq}} = ?", DECLARED, ["C = AB"])
    assert request.named is entry(named("C", matmul(A, B)), "i", "j")
    assert request.f is entry(matmul(A, B), "i", "j")


def test_a_function_of_the_author_s_own_is_a_name_where_it_is_called_by_its_parameters():
    context = [r"h(w) = \tanh(Xw)", r"L(w) = y^\top h(w)"]
    request = read_request(r"\nabla_w L(w) = ?", DECLARED, context)
    hidden = function("tanh", matmul(X, w))
    assert request.f is matmul(transpose(y), hidden)
    assert request.named is matmul(transpose(y), named("h", hidden))


def test_names_under_another_name_for_an_argument_are_put_in():
    context = [r"g(z) = z^\top z"]
    request = read_request(r"\nabla_w (g(Xw) + g(w))", DECLARED, context)
    assert request.named is None


def test_arguments_that_have_definitions_are_names():
    context = ["P = AB", "Q = A", r"\mathbf{H}(P, Q) = \operatorname{tr}(P^\top Q)"]
    declare = (r"A \in \mathbb{R}^{m \times n}", r"B \in \mathbb{R}^{n \times n}")
    request = read_request(r"\nabla_A \mathbf{H}(P, Q) = ?", declare, context)
    square = symbol("B", "n", "n")
    p, q = named("P", matmul(A, square)), named("Q", A)
    assert request.named is trace(matmul(transpose(p), q))
    assert request.f is trace(matmul(transpose(matmul(A, square)), A))
    assert request.operator == r"\nabla_A \mathbf{H}"


def _layers(count, step):
    context = [r"h_0 = x", *(step % (i, i, i - 1, i) for i in range(1, count + 1))]
    return [*context, rf"L = \|h_{{{count}}} - t\|^2"]


@pytest.mark.parametrize(
    "step",
    [
        r"h_{%d} = \tanh(W_{%d} h_{%d} + b_{%d})",
        r"h_{%d} = \tanh(W_{%d} h_{%d}) + b_{%d}",
    ],
)
def test_two_hundred_layers_share_their_names(step):
    context = _layers(200, step)
    read_request(r"\frac{\partial L}{\partial W_1} = ?", ["x: n", "t: n"], context)
    start = time.process_time()
    request = read_request(r"\frac{\partial L}{\partial W_1} = ?", ["x: n", "t: n"], context)
    assert time.process_time() - start < 2
    names = [node for node in walk(request.named) if node.op is Op.NAMED]
    assert len(names) == 200
    assert len(list(walk(request.f))) < 3000


def test_a_name_that_is_used_twice_is_read_once():
    context = [r"z_0 = X w", *(rf"z_{{{i}}} = z_{{{i - 1}}} \odot z_{{{i - 1}}} + z_{{{i - 1}}}"
                               for i in range(1, 9))]  # fmt: skip
    request = read_request(r"\nabla_w \mathbf{1}^\top z_{8}", DECLARED, context)
    assert sum(node.op is Op.NAMED for node in walk(request.named)) == 9


def test_products_that_explode_are_reported():
    chain = [f"A_{{{i}}} := A_{{{i + 1}}} A_{{{i + 1}}}" for i in range(1, 40)]
    with pytest.raises(LimitError):
        read_request(r"\nabla_{A_{40}} \operatorname{tr}(A_{1})", chain)
