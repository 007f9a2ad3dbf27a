"""The letter d: differentials where they are asked for, a factor elsewhere."""

import pytest

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, diff, walk
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.reader import read_expression, read_request

SHAPES = (
    r"A \in \mathbb{R}^{m \times n}",
    r"X \in \mathbb{R}^{n \times n}",
    r"B \in \mathbb{R}^{n \times m}",
    r"x \in \mathbb{R}^n",
)


def read(latex: str, *declare: str) -> Expr:
    return read_expression(latex, declare or SHAPES, differentials=True)[0]


def plain(latex: str) -> Expr:
    return read_expression(latex, SHAPES)[0]


@pytest.mark.parametrize(
    ("latex", "argument"),
    [
        ("dX", "X"),
        (r"d\mathbf{X}", r"\mathbf{X}"),
        (r"\mathrm{d}X", "X"),
        (r"\mathrm d X", "X"),
        (r"\text{d}X", "X"),
        (r"d\,X", "X"),
        ("d(A X B)", "A X B"),
        (r"d\left(A X B\right)", "A X B"),
        (r"\mathrm{d}(A X B)", "A X B"),
        ("d[A X B]", "A X B"),
        (r"d \log \det(X)", r"\log\det(X)"),
        (r"d\log|X|", r"\log|X|"),
        (r"d\operatorname{tr}(X)", r"\operatorname{tr}(X)"),
        (r"d \operatorname{tr} X", r"\operatorname{tr} X"),
        ("dX^{-1}", "X^{-1}"),
        (r"d\|x\|^2", r"\|x\|^2"),
        ("d X_{1,2}", "X_{1,2}"),
        (r"d \exp(x)", r"\exp(x)"),
    ],
)
def test_a_differential_is_read_in_every_spelling(latex, argument):
    assert read(latex) is diff(plain(argument))


def test_scripts_behind_brackets_are_those_of_the_differential():
    assert read(r"(dX)^{\top}").op is Op.TRANSPOSE
    assert read("d(X)^{-1}").op is Op.INVERSE
    assert read(r"[dX]_{1,2}").op is Op.ENTRY


def test_in_a_product_the_sign_takes_one_factor():
    assert [f.op for f in read(r"X^{-1}\, dX\, X^{-1}").args] == [Op.INVERSE, Op.DIFF, Op.INVERSE]
    expr = read(r"\operatorname{tr}(B\, dA\, X) + \operatorname{tr}(X d X)")
    assert sum(node.op is Op.DIFF for node in walk(expr)) == 2


def test_a_bracket_behind_is_a_factor_and_that_of_a_function_an_argument():
    assert read("dA (X + X)").op is Op.MATMUL
    assert read("df(x)").op is Op.DIFF


def test_a_declared_d_is_a_factor():
    assert read("d X", r"d \in \mathbb{R}", SHAPES[1]).op is Op.SCALE
    assert read("d^T x", r"d \in \mathbb{R}^n", SHAPES[3]).op is Op.MATMUL
    assert read(r"\frac{1}{d} x", r"x \in \mathbb{R}^d").op is Op.SCALE


def test_in_a_function_a_differential_is_refused_and_a_factor_is_read():
    with pytest.raises(UnsupportedError, match="differential"):
        read_request(r"\nabla_X \operatorname{tr}(A dX) = ?")
    assert read_request(r"\nabla_x \frac{1}{dn} \|x\|^2 = ?").f.is_scalar
    assert read_request(r"\nabla_x \frac{1}{2d} \|x\|^2 = ?", [r"x \in \mathbb{R}^d"]).f.is_scalar
    assert read_request(r"\nabla_x a^T dx = ?", [r"d \in \mathbb{R}"]).f.is_scalar


def test_the_authors_sign_comes_back():
    expr, notation = read_expression(r"\mathrm{d}(A X)", SHAPES, differentials=True)
    assert print_latex(expr, notation) == r"\mathrm{d}(A X)"
