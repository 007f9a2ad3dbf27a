"""Derivatives by entries and of entries: variables, free indices, sums, rows and columns."""

import pytest

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Op,
    Range,
    delta,
    det,
    entry,
    index_sum,
    matmul,
    mul,
    row,
    symbol,
    trace,
    transpose,
    walk,
)
from mdiff_pandoc.latex.reader import read_request

A = symbol("A", "m", "n")
B = symbol("B", "n", "m")
S = symbol("S", "n", "n")
x = symbol("x", "n")
AB = trace(matmul(A, B))
AB_ij = entry(matmul(A, B), "i", "j")
BT_ij = entry(transpose(B), "i", "j")
DECLARED = (
    r"A \in \mathbb{R}^{m \times n}",
    r"B \in \mathbb{R}^{n \times m}",
    r"S \in \mathbb{R}^{n \times n}",
    r"x \in \mathbb{R}^n",
)


@pytest.mark.parametrize(
    ("latex", "f", "variable"),
    [
        (r"\frac{\partial \operatorname{tr}(AB)}{\partial A_{pq}}", AB, (A, "p", "q")),
        (r"\frac{\partial}{\partial a_{ij}} \operatorname{tr}(AB)", AB, (A, "i", "j")),
        (r"\nabla_{A_{jk}} \operatorname{tr}(AB)", AB, (A, "j", "k")),
        (r"\frac{\partial \det S}{\partial S_{12}}", det(S), (S, 1, 2)),
        (r"\frac{\partial}{\partial x_i} x^\top S x", matmul(transpose(x), S, x), (x, "i", 1)),
        (r"\frac{\partial}{\partial x_2} x^\top x", matmul(transpose(x), x), (x, 2, 1)),
        (r"\frac{\partial (AB)_{ij}}{\partial A_{pq}}", AB_ij, (A, "p", "q")),
        (r"\frac{\partial [AB]_{ij}}{\partial A_{pq}}", AB_ij, (A, "p", "q")),
        (r"\frac{\partial (B^\top)_{ij}}{\partial B_{pq}}", BT_ij, (B, "p", "q")),
        (r"\frac{\partial (Ax)_i}{\partial x_j}", entry(matmul(A, x), "i"), (x, "j", 1)),
        (r"\frac{\partial x_i}{\partial x_j}", entry(x, "i"), (x, "j", 1)),
        (r"\frac{\partial A_{ij}}{\partial A_{pq}}", entry(A, "i", "j"), (A, "p", "q")),
        (
            r"\frac{\partial}{\partial S_{pq}} \sum_{i,j} \delta_{ij} S_{ij}",
            index_sum("i", "n", index_sum("j", "n", mul(delta("i", "j"), entry(S, "i", "j")))),
            (S, "p", "q"),
        ),
    ],
)  # fmt: skip
def test_an_entry_to_differentiate_by(latex, f, variable):
    request = read_request(latex, DECLARED)
    assert request.f is f
    assert request.variables == (entry(*variable),)
    assert request.derivative == latex


def test_the_second_derivative_by_two_entries():
    request = read_request(
        r"\frac{\partial^2 f}{\partial x_i \partial x_j}", DECLARED, ["f = x^T x"]
    )
    assert request.variables == (entry(x, "i"), entry(x, "j"))


@pytest.mark.parametrize(
    "context",
    [["C = AB"], [r"C_{ij} = \sum_{k=1}^n A_{ik} B_{kj}"]],
)
def test_the_entries_of_a_matrix_with_a_definition(context):
    request = read_request(r"\frac{\partial C_{ij}}{\partial A_{pq}}", DECLARED, context)
    assert request.name == "C_{ij}"
    assert request.f.free == {"i", "j"}
    assert request.operator == r"\frac{\partial C_{ij}}{\partial A_{pq}}"
    assert request.f.symbols == {A, B}


def test_a_definition_of_entries_holds_for_other_letters():
    definition = [r"C_{ij} = \sum_{k=1}^n A_{ik} B_{kj}"]
    request = read_request(r"\frac{\partial C_{kl}}{\partial A_{pq}}", DECLARED, definition)
    assert request.f is index_sum("r", "n", mul(entry(A, "k", "r"), entry(B, "r", "l")))
    request = read_request(
        r"\frac{\partial C_{12}}{\partial A_{pq}}", (*DECLARED, "C: m×m"), definition
    )
    assert request.f.symbols == {symbol("C", "m", "m")} or request.f.free == frozenset()


@pytest.mark.parametrize(
    ("latex", "context"),
    [
        (r"\frac{\partial}{\partial S_{jk}} \sum_i \sum_j \sum_k B_{ij} S_{jk} B_{ki}", []),
        (r"\frac{\partial f}{\partial S_{jk}}", [r"f = \sum_{i,j,k} B_{ij} S_{jk} B_{ki}"]),
    ],
)
def test_summation_indices_are_told_from_those_of_the_variable(latex, context):
    request = read_request(latex, ["S: n×n", "B: n×n"], context)
    assert request.variables == (entry(S, "j", "k"),)
    assert not request.f.free
    bound = {n.data.index for n in walk(request.f) if isinstance(n.data, Range)}
    assert bound == {"i", "p", "q"}
    assert request.notes[0] == "the summation indices $j, k$ are called $p, q$ here"
    assert "S_{pq}" in request.f_latex


def test_an_author_s_entries_stay_entries():
    request = read_request(r"\frac{\partial}{\partial x_k} \sum_i x_i^2", DECLARED)
    assert request.f.op is Op.INDEX_SUM


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_{\mu_k} \|\mu_k - x\|^2",
        r"\frac{\partial}{\partial w_1} \|w_1 - w_2\|^2",
        r"\frac{\partial}{\partial t_i} (t_i^2 + s_i)",
    ],
)
def test_a_subscripted_name_is_a_symbol_where_its_letter_stands_for_nothing(latex):
    assert read_request(latex).variable.op is Op.SYMBOL


def test_a_declared_subscripted_name_is_a_symbol():
    declare = (*DECLARED, r"A_{12} \in \mathbb{R}^{m \times n}")
    request = read_request(r"\nabla_{A_{12}} \operatorname{tr}(A_{12} B + A B)", declare)
    assert request.variable.op is Op.SYMBOL


@pytest.mark.parametrize("written", ["B_{k:}", r"B_{k\cdot}", "B_{k,:}", "B_{k*}"])
def test_rows_of_a_matrix_in_a_sum(written):
    summand = rf"V^T \log(A \operatorname{{diag}}({written} X) C)"
    request = read_request(rf"\nabla_X \operatorname{{tr}} \left[ \sum_k {summand} \right]")
    [diagonal] = (node for node in walk(request.f) if node.op is Op.DIAG)
    assert diagonal.args[0].op is Op.TRANSPOSE
    assert any(node is row(symbol("B", *node.args[0].shape), "k")
               for node in walk(diagonal) if node.op is Op.ROW)  # fmt: skip


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{\partial}{\partial (AB)_{ij}} \operatorname{tr}(AB)",
        r"\frac{\partial}{\partial S_{pq}} \sum_{i=1}^{m} S_{ii}",
    ],
)
def test_what_is_no_entry_is_refused(latex):
    with pytest.raises(MdiffError) as caught:
        read_request(latex, DECLARED)
    assert caught.value.span is not None
