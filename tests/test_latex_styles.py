r"""Bold and italic letters, slashes, expectations, and where an error points."""

import pytest

from mdiff_pandoc.errors import ParseError, UnsupportedError
from mdiff_pandoc.expr import Op
from mdiff_pandoc.latex.reader import read_request
from mdiff_pandoc.service import derive

ITALIC, BOLD = r"x \in \mathbb{R}^n", r"\mathbf{x} \in \mathbb{R}^n"


@pytest.mark.parametrize("declare", [(), (ITALIC,), (BOLD,)], ids=["none", "italic", "bold"])
@pytest.mark.parametrize("variable", ["x", r"\mathbf{x}", r"\boldsymbol{x}", r"\vec{x}"])
@pytest.mark.parametrize(
    ("operand", "result"),
    [
        (r"\mathbf{x}^\top \mathbf{A} \mathbf{x}", r"(\mathbf{A} + \mathbf{A}^{\top}) \mathbf{x}"),
        (r"x^\top A x", r"(A + A^{\top}) x"),
        (r"\|A\mathbf x - b\|^2", r"2 A^{\top} (A \mathbf x - b)"),
    ],
)
def test_a_letter_in_one_style_is_one_symbol_and_keeps_the_style_of_the_operand(
    variable, operand, result, declare
):
    answer = derive(rf"\nabla_{{{variable}}} \left({operand}\right)", declare)
    assert (answer.status, answer.result) == ("verified", result)


@pytest.mark.parametrize(
    ("latex", "result"),
    [
        (r"\nabla_{\mathbf{x}} a \mathbf{a}^\top \mathbf{x}", r"a \mathbf{a}"),
        (r"\nabla_{a} a \mathbf{a}^\top \mathbf{x}", r"\mathbf{a}^{\top} \mathbf{x}"),
        (r"\nabla_{\mathbf{a}} a \mathbf{a}^\top \mathbf{x}", r"a \mathbf{x}"),
        (r"\nabla_{\mathbf{x}} x \mathbf{a}^\top \mathbf{x}", r"x \mathbf{a}"),
    ],
)
def test_a_letter_in_two_styles_is_two_symbols(latex, result):
    answer = derive(latex)
    assert (answer.status, answer.result) == ("verified", result)


def test_a_vector_that_shows_by_its_entries_only_is_printed_as_under_the_operator():
    answer = derive(r"\nabla_{\mathbf{x}} \sum_{i=1}^n x_i^2")
    assert answer.result == r"2 \mathbf{x}"
    assert answer.assumed == (r"\mathbf{x} \in \mathbb{R}^n",)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"1/2 x^\top x", r"\frac{1}{2} x^\top x"),
        (r"1/2\|x\|^2", r"\frac{1}{2} \|x\|^2"),
        (r"3/4 x^\top A x", r"\frac{3}{4} x^\top A x"),
        (r"(1/2) x^\top x", r"\frac{1}{2} x^\top x"),
        (r"1/2(x - a)^\top (x - a)", r"\frac{1}{2} (x - a)^\top (x - a)"),
        (r"x^\top A x/x^\top x", r"\frac{x^\top A x}{x^\top x}"),
    ],
)
def test_a_slash_between_numbers_binds_them(written, plain):
    assert read_request(rf"\nabla_x {written} = ?").f is read_request(rf"\nabla_x {plain} = ?").f


@pytest.mark.parametrize("operand", [r"1/2n \|x\|^2", r"\log{x}^2", r"\tr{A}^2"])
def test_what_has_two_usual_readings_is_refused(operand):
    with pytest.raises(ParseError) as refused:
        read_request(rf"\nabla_x {operand} = ?")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("operand", "random"),
    [
        (r"\mathbb{E}[x^\top A x]", ()),
        (r"\mathbb{E}_{y}\left[x^\top y\right]", ("y",)),
        (r"\mathbb{E}_{y \sim p}[(x - y)^2]", ("y",)),
        (r"\mathbb{E}_y[\|x - y\|^2]", ("y",)),
        (r"\operatorname{E}[\|x\|^2]", ()),
        (r"E[(y - w^\top x)^2]", ()),
    ],
)
def test_an_expectation_is_read_with_the_names_of_what_is_random(operand, random):
    f = read_request(rf"\nabla_x {operand} = ?").f
    assert (f.op, f.data) == (Op.EXPECTATION, random)


@pytest.mark.parametrize(
    ("operand", "message"),
    [
        (r"\mathbb E x^\top y", "expectation"),
        (r"\operatorname{Var}(a^\top x)", "Var"),
        (r"\operatorname{Cov}(x)", "Cov"),
    ],
)
def test_an_unclear_expectation_and_a_variance_are_refused(operand, message):
    with pytest.raises(UnsupportedError, match=message):
        read_request(rf"\nabla_x {operand} = ?")


def test_a_matrix_e_is_no_expectation():
    assert read_request(r"\nabla_x a^\top E[x - y] = ?", [r"E \in \mathbb{R}^{m \times n}"]).f
    assert read_request(r"\nabla_X \operatorname{tr}(E(X - Y)) = ?").f


@pytest.mark.parametrize(
    ("latex", "place"),
    [
        (r"\nabla_X \operatorname{tr}((A + B)^T X)", "(A + B)^T X"),
        (r"\nabla_X \operatorname{tr}(\|A\|_{\infty} X)", r"\|A\|_{\infty}"),
        (r"\nabla_X \|X\|_{abc}", r"\|X\|_{abc}"),
        (r"\nabla_X A + \|X\|_F", r"A + \|X\|_F"),
        (r"\nabla_X \operatorname{tr}((A + B)^{-1} X)", "A + B"),
    ],
)
def test_an_error_points_at_the_whole_of_what_it_speaks_of(latex, place):
    shapes = [
        *(rf"{name} \in \mathbb{{R}}^{{2 \times 3}}" for name in "AB"),
        r"X \in \mathbb{R}^{4 \times 5}",
    ]
    error = derive(latex, shapes).error
    assert latex[error.span.start : error.span.end] == place
