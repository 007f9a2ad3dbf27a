"""Functions of vectors and of whole matrices, norms, block matrices, cross products."""

import pytest

from mdiff_pandoc.errors import MdiffError, NotSquareError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import (
    Op,
    adjugate,
    block,
    commutation,
    cross,
    eigenvalue,
    expectation,
    function,
    identity,
    inverse,
    logsumexp,
    matmul,
    matrix_function,
    norm,
    number,
    power,
    pseudo_inverse,
    scale,
    softmax,
    symbol,
    transpose,
    walk,
    zero,
)
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.reader import read_expression, read_request

A = symbol("A", "m", "n")
S = symbol("S", "n", "n")
T = symbol("T", "m", "m")
x = symbol("x", "n")
a, b = symbol("a", 3), symbol("b", 3)
t = symbol("t")
DECLARED = (
    r"A \in \mathbb{R}^{m \times n}",
    r"S \in \mathbb{R}^{n \times n}",
    r"T \in \mathbb{R}^{m \times m}",
    r"x \in \mathbb{R}^n",
    r"a, b \in \mathbb{R}^3",
    r"t \in \mathbb{R}",
)


def read(latex, **options):
    return read_expression(latex, DECLARED, **options)[0]


@pytest.mark.parametrize(
    ("latex", "expr"),
    [
        (r"\operatorname{softmax}(x)", softmax(x)),
        (r"\operatorname{softmax}(Ax)", softmax(matmul(A, x))),
        (r"\operatorname{logsumexp}(x)", logsumexp(x)),
        (r"\operatorname{LSE}(x)", logsumexp(x)),
        (r"\max(0, x)", function("relu", x)),
        (r"\max(x, 0)", function("relu", x)),
        (r"\operatorname{ReLU}(x)", function("relu", x)),
        (r"\|x\|_1", norm(x, 1)),
        (r"\|x\|_\infty", norm(x, "inf")),
        (r"\|A\|_*", norm(A, "*")),
        (r"\|A\|_2", norm(A, "2")),
        (r"\|A\|_{op}", norm(A, "2")),
        (r"\|A\|_{\mathrm{op}}", norm(A, "2")),
        (r"\|A\|_\sigma", norm(A, "2")),
        (r"\sigma_{\max}(A)", norm(A, "2")),
        (r"\|A\|", norm(A, "F")),
        (r"\operatorname{expm}(S)", matrix_function("exp", S)),
        (r"\operatorname{logm}(S)", matrix_function("log", S)),
        (r"\operatorname{sqrtm}(S)", matrix_function("sqrt", S)),
        (r"S^{1/2}", matrix_function("sqrt", S)),
        (r"S^{\frac{1}{2}}", matrix_function("sqrt", S)),
        (r"S^{-1/2}", inverse(matrix_function("sqrt", S))),
        (r"A^+", pseudo_inverse(A)),
        (r"A^{+}", pseudo_inverse(A)),
        (r"A^\dagger", pseudo_inverse(A)),
        (r"(A^\dagger)^\top", transpose(pseudo_inverse(A))),
        (r"\operatorname{pinv}(A)", pseudo_inverse(A)),
        (r"\operatorname{adj}(S)", adjugate(S)),
        (r"\operatorname{cof}(S)", transpose(adjugate(S))),
        (r"\lambda_{\max}(S)", eigenvalue(S, "max")),
        (r"\lambda_{\min}(A^\top A)", eigenvalue(matmul(transpose(A), A), "min")),
        (r"\lambda_{\mathrm{max}}(S)", eigenvalue(S, "max")),
        (r"\lambda_1(S)", eigenvalue(S, 1)),
        (r"\mathbb{E}[x]", expectation(x)),
        (r"\mathbb{E}_x[x^\top x]", expectation(matmul(transpose(x), x), ("x",))),
        (r"\mathbb{E}_{x,t}[tx]", expectation(scale(t, x), ("x", "t"))),
        (r"\mathbb{E}_{(x, t) \sim p}[tx]", expectation(scale(t, x), ("x", "t"))),
        (r"\mathbb{E}_{t \mid x}[tx]", expectation(scale(t, x), ("t",))),
        (r"\mathbb{E}_x \|x\|^2", expectation(power(norm(x, "2"), 2), ("x",))),
        (r"a \times b", cross(a, b)),
        (r"K_{m,n}", commutation("m", "n")),
        (r"K_{mn}", commutation("m", "n")),
        (r"K_{2,3}", commutation(2, 3)),
    ],
)
def test_a_function_and_its_spellings(latex, expr):
    assert read(latex) is expr


@pytest.mark.parametrize(
    ("latex", "expr"),
    [
        (r"\begin{bmatrix} T & A \\ 0 & S \end{bmatrix}", block([[T, A], [zero("n", "m"), S]])),
        (r"\begin{pmatrix} A \\ S \end{pmatrix}", block([[A], [S]])),
        (r"\begin{matrix} T & A \end{matrix}", block([[T, A]])),
        (r"\begin{bmatrix} A & 0 \\ 0 & S^{-1} \end{bmatrix}",
         block([[A, zero("m", "n")], [zero("n", "n"), inverse(S)]])),
        (r"\begin{bmatrix} A \\ I \end{bmatrix}", block([[A], [identity("n")]])),
        (r"\begin{bmatrix} t & 0 \\ 1 & t^2 \end{bmatrix}",
         block([[t, number(0)], [number(1), power(t, 2)]])),
        (r"\begin{bmatrix} t \\ 2 \end{bmatrix}", block([[t], [number(2)]])),
        (r"\begin{bmatrix} x \\ Ax \end{bmatrix}", block([[x], [matmul(A, x)]])),
        (r"\operatorname{blkdiag}(T, S)", block([[T, zero("m", "n")], [zero("n", "m"), S]])),
        (r"\operatorname{diag}(A, S)", block([[A, zero("m", "n")], [zero("n", "n"), S]])),
        (r"\operatorname{diag}(t, 2)", block([[t, number(0)], [number(0), number(2)]])),
    ],
)  # fmt: skip
def test_matrices_written_out(latex, expr):
    assert read(latex) is expr


def test_blocks_get_their_shapes_from_each_other():
    request = read_request(
        r"\nabla_X \operatorname{tr}\left(\begin{bmatrix} P & X \\ 0 & Q \end{bmatrix} M\right)"
    )
    (matrix,) = (node for node in walk(request.f) if node.op is Op.BLOCK)
    p, corner, nought, q = matrix.args
    assert (p.shape[0], corner.shape[1]) == (corner.shape[0], q.shape[1])
    assert nought.shape == (q.shape[0], p.shape[1])
    square = read_request(r"\nabla_X \det \operatorname{blkdiag}(X, B)")
    assert square.variable.shape[0] == square.variable.shape[1]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"\exp(S)", "exp"),
        (r"\log(S)", "log"),
        (r"\sqrt{S}", "sqrt"),
        (r"\sin(S)", "sin"),
        (r"\cos S", "cos"),
    ],
)
def test_under_the_option_functions_of_a_square_matrix_act_on_the_whole(written, name):
    latex = rf"\nabla_S \operatorname{{tr}}({written})"
    assert read_request(latex, DECLARED, (), "matrix").f.args[0] is matrix_function(name, S)
    assert read_request(latex, DECLARED).f.args[0] is function(name, S)


def test_a_power_of_e_follows_the_option():
    latex = r"\nabla_S \operatorname{tr}(e^{S})"
    request = read_request(latex, DECLARED, (), "matrix")
    assert request.f.args[0] is matrix_function("exp", S)
    assert print_latex(request.f, request.notation) == r"\operatorname{tr}(e^{S})"
    assert read_request(latex, DECLARED).f.args[0] is function("exp", S)


def test_under_the_option_functions_of_vectors_and_numbers_act_on_entries():
    f = read_request(r"\nabla_x \mathbf{1}^\top \exp(x) + \log(t)", DECLARED, (), "matrix").f
    assert not any(node.op is Op.MATRIX_FUNCTION for node in walk(f))
    with pytest.raises(NotSquareError):
        read_request(r"\nabla_A \operatorname{tr}(\exp(A))", DECLARED, (), "matrix")


@pytest.mark.parametrize(
    ("latex", "notation"),
    [
        (r"\operatorname{tr}(S^{1/2})", r"\operatorname{tr}(S^{1/2})"),
        (r"\operatorname{tr}(S^\dagger)", r"\operatorname{tr}(S^{\dagger})"),
        (r"\mathbb{E}[x^\top x]", r"\mathbb{E}[x^{\top} x]"),
        (r"\lambda_{\max}(S)", r"\lambda_{\max}(S)"),
    ],
)
def test_the_author_s_spelling_is_kept(latex, notation):
    variable = "x" if "x^" in latex else "S"
    request = read_request(rf"\nabla_{variable} {latex}", DECLARED)
    assert print_latex(request.f, request.notation) == notation


def test_a_numbered_lambda_before_a_scalar_is_a_factor():
    request = read_request(r"\nabla_x \lambda_1 (x^\top x) + \lambda_2 (x^\top S x)", DECLARED)
    assert not any(node.op is Op.EIGENVALUE for node in walk(request.f))


def test_a_product_sign_between_others_keeps_its_meaning():
    assert read(r"t \times x").op is Op.SCALE
    assert read(r"A \times S") is matmul(A, S)


def test_an_entry_of_a_known_k_is_no_commutation_matrix():
    expr, _ = read_expression(r"K_{1,2}", [r"K \in \mathbb{R}^{m \times n}"])
    assert expr.op is Op.ENTRY


@pytest.mark.parametrize(
    ("latex", "kind"),
    [
        (r"\operatorname{softmax}(A)", UnsupportedError),
        (r"\operatorname{adj}(A)", NotSquareError),
        (r"\lambda_{\max}(A)", NotSquareError),
        (r"A^{1/2}", NotSquareError),
        (r"\|A\|_\infty", UnsupportedError),
        (r"\|x\|_*", UnsupportedError),
        (r"\max(x)", UnsupportedError),
        (r"\max(1, x)", UnsupportedError),
        (r"a \times x", ShapeError),
        (r"\begin{bmatrix} A & S \end{bmatrix}", ShapeError),
        (r"\begin{bmatrix} A \\ T \end{bmatrix}", ShapeError),
        (r"\begin{bmatrix} A & x \\ S \end{bmatrix}", ShapeError),
        (r"\begin{bmatrix} A & \cdots \\ S & x \end{bmatrix}", UnsupportedError),
        (r"\begin{bmatrix} A & \\ S & x \end{bmatrix}", UnsupportedError),
        (r"\mathbb{E} x", UnsupportedError),
        (r"\mathbb{E}(a^\top x)^2", UnsupportedError),
    ],
)
def test_arguments_of_another_kind_are_refused(latex, kind):
    with pytest.raises(kind) as caught:
        read(latex)
    assert caught.value.span is not None
    assert isinstance(caught.value, MdiffError)
    assert caught.value.hint
