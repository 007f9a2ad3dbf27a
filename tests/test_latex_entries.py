"""Subscripts: entries, unit vectors, sizes of constants, and the shape a vector is given."""

import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.errors import MdiffError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import Op
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.service import derive

X = ex.symbol("X", "m", "n")
x = ex.symbol("x", "n")
DECLARED = (
    r"X \in \mathbb{R}^{m \times n}",
    r"x \in \mathbb{R}^n",
    r"v \in \mathbb{R}^{m n}",
    r"A \in \mathbb{R}^{n \times m}",
)


def read(latex: str, *declare: str) -> ex.Expr:
    return read_expression(latex, declare or DECLARED)[0]


@pytest.mark.parametrize(
    ("latex", "expr"),
    [
        ("X_{12}", ex.entry(X, 1, 2)),
        ("X_{1,2}", ex.entry(X, 1, 2)),
        ("X_{2 1}", ex.entry(X, 2, 1)),
        (r"\mathbf{X}_{12}", ex.entry(X, 1, 2)),
        ("x_2", ex.entry(x, 2)),
        ("x_{12}", ex.entry(x, 12)),
        ("X_{3:}", ex.row(X, 3)),
        ("[X^T]_{12}", ex.entry(ex.transpose(X), 1, 2)),
    ],
)
def test_entries_of_what_is_declared(latex, expr):
    assert read(latex) is expr


def test_an_entry_of_a_matrix_that_occurs_elsewhere():
    assert read(r"\operatorname{tr}(A) A_{11}", "c scalar").op is Op.MUL
    assert any(node.op is Op.ENTRY for node in ex.walk(read("A_{11} A", "c scalar")))


@pytest.mark.parametrize(
    ("latex", "declare"),
    [
        ("W_1 x", DECLARED),
        ("X_{12}", (*DECLARED, r"X_{12} \in \mathbb{R}^{2 \times 2}")),
        ("x_2", (*DECLARED, r"x_2 \in \mathbb{R}^3")),
        ("y_2^T y", ()),
        (r"\Sigma_{12}", ()),
    ],
)
def test_other_numbers_are_part_of_the_name(latex, declare):
    expr = read_expression(latex, declare)[0]
    assert not any(node.op is Op.ENTRY for node in ex.walk(expr))


@pytest.mark.parametrize(
    ("latex", "declare", "result"),
    [
        (r"\nabla_X X_{12}", (), r"e_{1} e_{2}^{\top}"),
        (r"\nabla_x x_2^2", (r"x \in \mathbb{R}^n",), r"2 x_{2} e_{2}"),
        (r"\nabla_X e_1^\top X e_2", (), r"e_{1} e_{2}^{\top}"),
        (r"\nabla_X \mathbf{e}_1^\top X y", (), r"\mathbf{e}_{1} y^{\top}"),
        (r"\nabla_{W_1} \|W_1 x - y\|^2", (), r"2 (W_1 x - y) x^{\top}"),
        (
            r"\nabla_v \operatorname{tr}(A \operatorname{vec}^{-1}(v))",
            (),
            r"\operatorname{vec}(A^{\top})",
        ),
        (r"\nabla_X \operatorname{tr}(X + I_3)", (), "I_{3}"),
    ],
)
def test_derivatives_with_entries(latex, declare, result):
    answer = derive(latex, declare)
    assert (answer.status, answer.result) == ("verified", result)


def test_unit_vectors_are_told_from_other_vectors():
    request = read_request(r"\nabla_X e_1^\top X e_2 = ?")
    assert request.notes == ("$e_i$ is read as the i-th unit vector",)
    assert not request.assumed[1:]
    declared = read_request(r"\nabla_X e_1^\top X y = ?", [r"e_1 \in \mathbb{R}^3"])
    assert not any(node.op is Op.BASIS for node in ex.walk(declared.f))
    by_itself = read_request(r"\nabla_{e_1} \|e_1\|^2 = ?")
    assert by_itself.variable.op is Op.SYMBOL


@pytest.mark.parametrize(
    "latex",
    [
        r"\operatorname{vec}^{-1}(v) + X",
        r"\operatorname{vec}^{-1}_{m,n}(v)",
        r"\operatorname{vec}^{-1}_{m \times n}(v)",
        r"\operatorname{unvec}_{m,n}(v)",
        r"\operatorname{mat}_{m,n}(v)",
        r"\operatorname{mat}(v) + X",
        r"\operatorname{reshape}(v, m, n)",
        r"\operatorname{mat}_{m,n} v",
        r"A^T + \operatorname{vec}^{-1}(v)",
    ],
)
def test_a_vector_takes_the_shape_of_a_matrix(latex):
    expr = read(latex)
    assert expr.shape == X.shape
    assert any(node.op is Op.UNVEC and node.shape == X.shape for node in ex.walk(expr))


def test_a_shape_that_does_not_fit_or_stays_open_is_refused():
    with pytest.raises(UnsupportedError, match="open"):
        read(r"\operatorname{vec}^{-1}(v)")
    with pytest.raises(ShapeError, match="does not fill"):
        read(r"\operatorname{vec}^{-1}_{m,m}(v)")
    with pytest.raises(MdiffError):
        read(r"\operatorname{vec}^{-1}_{m}(v)")


@pytest.mark.parametrize(
    ("latex", "expr"),
    [
        ("I_n", ex.identity("n")),
        ("I_3", ex.identity(3)),
        (r"\mathbf{I}_{3}", ex.identity(3)),
        (r"\mathbf{1}_n", ex.ones("n")),
        ("1_n", ex.ones("n")),
        (r"\mathbf{1}_{m \times n}", ex.ones("m", "n")),
        (r"0_{m\times n}", ex.zero("m", "n")),
        ("0_{m, n}", ex.zero("m", "n")),
        (r"\mathbf{0}_n", ex.zero("n")),
        ("0_3", ex.zero(3)),
    ],
)
def test_constants_of_a_given_size(latex, expr):
    assert read(latex) is expr


def test_a_numbered_letter_under_the_operator_alone_is_an_entry_of_the_vector():
    request = read_request(r"\frac{\partial}{\partial x_1} x^\top A x")
    assert request.variables[0].op is Op.ENTRY
    request = read_request(r"\frac{\partial}{\partial x_1} (x_1^2 + x_2)")
    assert request.variables[0].op is Op.SYMBOL
