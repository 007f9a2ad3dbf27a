"""Sums that are written without an upper limit."""

import pytest

from mdiff_pandoc.expr import Op, walk
from mdiff_pandoc.latex.reader import read_request


def limits(latex, declared=()):
    f = read_request(latex, declared).f
    return [str(node.data.upper) for node in walk(f) if node.op is Op.INDEX_SUM]


@pytest.mark.parametrize(
    ("latex", "limit"),
    [
        (r"\nabla_w \frac1n \sum_i (y_i - w^\top x_i)^2", "n"),
        (r"\nabla_w \frac{1}{2N} \sum_i (y_i - w^\top x_i)^2 + \|w\|^2", "N"),
        (r"\nabla_w -\frac{1}{n} \sum_i \log \sigma(w^\top x_i)", "n"),
        (r"\nabla_w \frac{1}{n} (\|w\|^2 + \sum_i \log \sigma(w^\top x_i))", "n"),
        (r"\nabla_w \frac{\sum_i \log \sigma(w^\top x_i)}{n}", "n"),
        (r"\nabla_w \frac1n \sum_{i=1}^m \log \sigma(w^\top x_i)", "m"),
        (r"\nabla_w \frac{1}{\lambda} \sum_i \log \sigma(w^\top x_i)", "n"),
    ],
)
def test_a_mean_runs_to_the_number_that_it_is_divided_by(latex, limit):
    assert limits(latex, (r"w, x_i \in \mathbb{R}^d",)) == [limit]


def test_a_vector_or_a_variable_is_no_number_of_terms():
    declared = (r"w, x_i \in \mathbb{R}^d", r"n \in \mathbb{R}^d")
    assert limits(r"\nabla_w \frac{1}{n^\top n} \sum_i w^\top x_i", declared) != ["n"]
    assert limits(r"\nabla_n \frac{1}{n} \sum_i w^\top x_i", declared[:1]) != ["n"]


def test_a_sum_over_eigenvalues_without_limits_is_over_all_of_them():
    declared = (r"A \in \mathbb{R}^{n \times n} symmetric",)
    assert limits(r"\nabla_A \sum_i \lambda_i(A)^2", declared) == ["n"]
    assert limits(r"\nabla_A \sum_{i=1}^k \lambda_i(A)^2", declared) == ["k"]
