r"""Sums over samples and over entries: the sum stays outside, matrix form where there is one."""

import numpy as np
import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr.matrix_form import summed_lines, to_matrix_form
from mdiff_pandoc.service import derive

SAMPLES = [
    (
        r"\nabla_w \frac1n\sum_{i=1}^n (y_i - w^\top x_i)^2",
        r"-\frac{2}{n} \sum_{i=1}^{n} (y_{i} - w^{\top} x_{i}) x_{i}",
    ),
    (
        r"\nabla_\mu \sum_{i=1}^n (x_i-\mu)^\top \Sigma^{-1} (x_i - \mu)",
        r"-(\Sigma^{-1} + \Sigma^{-\top}) \sum_{i=1}^{n} (x_{i} - \mu)",
    ),
    (
        r"\nabla_\Sigma \sum_{i=1}^n (x_i-\mu)^\top \Sigma^{-1} (x_i - \mu)",
        r"-\Sigma^{-\top} \left(\sum_{i=1}^{n} (x_{i} - \mu) (x_{i} - \mu)^{\top}\right) "
        r"\Sigma^{-\top}",
    ),
    (
        r"\nabla_W \sum_i \|y_i - W x_i\|^2",
        r"-2 \sum_{i=1}^{p} (y_{i} - W x_{i}) x_{i}^{\top}",
    ),
    (
        r"\nabla_w \sum_{i=1}^n \log(1+e^{-y_i w^\top x_i})",
        r"-\sum_{i=1}^{n} \frac{y_{i} e^{-y_{i} w^{\top} x_{i}}}"
        r"{1 + e^{-y_{i} w^{\top} x_{i}}} x_{i}",
    ),
    (
        r"\nabla_w -\frac{1}{n} \sum_{i=1}^n "
        r"[y_i \log \sigma(w^\top x_i) + (1-y_i) \log(1-\sigma(w^\top x_i))]",
        r"\frac{1}{n} \sum_{i=1}^{n} (\sigma(w^{\top} x_{i}) - y_{i}) x_{i}",
    ),
    (
        r"\nabla_x \sum_{i=1}^n \log x_i + \sum_{j=1}^m (b_j - a_j^\top x)^2",
        r"\frac{1}{x} - 2 \sum_{j=1}^{m} (b_{j} - a_{j}^{\top} x) a_{j}",
    ),
    (
        r"\nabla_\theta \sum_{i=1}^{m} (h_i - \theta^\top x^{(i)})^2",
        r"-2 \sum_{i=1}^{m} (h_{i} - \theta^{\top} x^{(i)}) x^{(i)}",
    ),
    (r"\nabla_x \sum_{i=1}^n x_i^2 + a^\top x", "2 x + a"),
    (r"\nabla_x \sum_i \frac{a_i}{x_i}", r"-\frac{a}{x^{\odot 2}}"),
    (r"\nabla_A \sum_{i,j} A_{ij} x_i x_j", r"x x^{\top}"),
    (r"\nabla_x \sum_{i=1}^n \|x - a\|^2", "2 n (x - a)"),
]


@pytest.mark.parametrize(("latex", "result"), SAMPLES, ids=[latex for latex, _ in SAMPLES])
def test_the_gradient_of_a_sum_without_declarations(latex, result):
    answer = derive(latex)
    assert answer.error is None
    assert (answer.status, answer.result) == ("verified", result)


def test_a_declared_family_keeps_its_shape():
    answer = derive(SAMPLES[0][0], [r"x_i \in \mathbb{R}^d"])
    assert (answer.status, answer.result) == ("verified", SAMPLES[0][1])
    assert r"w \in \mathbb{R}^d" in answer.assumed


def test_a_symmetric_inverse_gathers_both_sides():
    answer = derive(SAMPLES[1][0], [r"\Sigma symmetric"])
    assert answer.result == r"-2 \Sigma^{-1} \sum_{i=1}^{n} (x_{i} - \mu)"


def test_a_row_in_diag_is_read_as_the_vector():
    answer = derive(
        r"\nabla_V tr\left[\sum_{k} \mathbf{V}^{T} \log\left(\mathbf{A} \, "
        r"diag\left(\mathbf{B}_{k:} \mathbf{X}\right) \mathbf{C}\right)\right]"
    )
    assert answer.status == "verified"
    assert r"\mathbf{A}\, diag(\mathbf{B}_{k:} \mathbf{X})\, \mathbf{C}" in answer.result


def test_no_dimension_takes_the_letter_of_an_index_or_of_a_declared_one():
    answer = derive(r"\nabla_w \sum_{n=1}^N (t_n - w^\top \phi_n)^2")
    assert r"\phi_n \in \mathbb{R}^m" in answer.assumed
    answer = derive(r"\nabla_X \|X\|_F^2 + \sum_k \|X b_k\|^2", [r"X \in \mathbb{R}^{m \times n}"])
    assert r"\sum_{k=1}^{p} b_{k} b_{k}^{\top}" in answer.result


def test_a_vector_and_a_family_of_one_letter_are_two_parameters():
    answer = derive(r"\nabla_x \frac12 \|x\|^2 + \sum_{i=1}^n \|x - x_i\|^2")
    namespace: dict = {}
    exec(answer.numpy, namespace)
    x, first, second = (np.full((2, 1), value) for value in (1.0, 2.0, 5.0))
    assert np.allclose(namespace["derivative"](x, [first, second]), 1.0 + 2 * (-1.0 - 4.0))


A = ex.symbol("A", "m", "n")
B = ex.symbol("B", "n", "p")
c = ex.symbol("c", "n")


def test_sums_of_lines_are_products():
    def total(body: ex.Expr) -> ex.Expr | None:
        return summed_lines(ex.index_sum("i", "n", body))

    unit = ex.basis("i", "n")
    assert total(ex.scale(ex.entry(c, "i"), unit)) is c
    assert total(ex.scale(ex.entry(c, "i"), ex.column(A, "i"))) is ex.matmul(A, c)
    assert total(ex.matmul(ex.column(A, "i"), ex.row(B, "i"))) is ex.matmul(A, B)
    assert total(ex.matmul(unit, ex.row(B, "i"))) is B
    assert total(ex.matmul(unit, ex.transpose(unit))) is ex.identity("n")
    assert total(ex.scale(ex.entry(c, "i"), ex.column(A, 1))) is None
    assert summed_lines(ex.index_sum("i", "n", unit, lower=2)) is None


def test_what_has_no_matrix_form_is_left():
    family = ex.symbol("x", "m", indices=("i",))
    alone = ex.index_sum("i", "n", ex.matmul(ex.transpose(family), family))
    assert to_matrix_form(alone) is None
    other = ex.index_sum("j", "n", ex.entry(c, "j"))
    form = to_matrix_form(ex.add(alone, other))
    assert form is ex.add(alone, ex.matmul(ex.transpose(ex.ones("n")), c))
