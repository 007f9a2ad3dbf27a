r"""Every spelling of the notation table, and those found in public notes: one expression each."""

import re
from pathlib import Path

import pytest

from mdiff_pandoc.expr import Expr
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.verify import Status, judge_equal

README = Path(__file__).resolve().parents[1] / "README.md"
SHAPES = (
    *(rf"{name} \in \mathbb{{R}}^{{n \times n}}" for name in "ABXVCS"),
    *(rf"{name} \in \mathbb{{R}}^n" for name in "abxyw"),
    r"c \in \mathbb{R}",
)

# the README's word for it, the plainest spelling, all others
EXPRESSIONS = [
    (
        "transpose",
        r"X^\top",
        r"X^T | X^{T} | X^{\top} | X^{\mathsf T} | X^\mathsf{T} | X^{\mathrm T} | X^{\mathrm{T}} "
        r"| X^{\text{T}} | X^\intercal | X' | X^\prime | X^{\prime} | {X}^T | \mathbf{X}^T | Xᵀ "
        r"| X^{\textsf{T}} | \boldsymbol{X}^{\rm T} | \left(X\right)^\top | X^{\mathit{T}}",
    ),
    (
        "inverse",
        "X^{-1}",
        r"\mathbf{X}^{-1} | (X)^{-1} | \left( X \right)^{-1} | X^{- 1} | X⁻¹",
    ),
    (
        "inverse",
        r"(X^{-1})^\top",
        r"X^{-T} | X^{-\top} | X^{-\mathsf{T}} | X^{-\mathrm T} | (X^{-1})^T | (X^{-1})'",
    ),
    (
        "trace",
        r"\operatorname{tr}(A X)",
        r"\mathrm{tr}(AX) | \text{tr}(AX) | \text { tr }(AX) | \tr(AX) | \Tr(AX) | tr(AX) "
        r"| \operatorname{Tr}(AX) | Tr(AX) | \mathrm{Tr}(AX) | \text{Tr}(AX) | tr[AX] | tr\{AX\} "
        r"| \operatorname{trace}(AX) | \operatorname{tr}\left[ A X \right] | \tr\big(AX\big) "
        r"| {\rm tr}(AX) | \mathop{\mathrm{Tr}}(AX) | \operatorname{tr} AX | \tr AX | \tr{AX} "
        r"| \mathrm{tr}\{AX\} | \operatorname*{tr}(AX) | trace(AX)",
    ),
    (
        "determinant",
        r"\det(X)",
        r"\det X | \det{X} | \lvert X \rvert | \vert X \vert | |X| | \left| X \right| | \det[X] "
        r"| \operatorname{det}(X) | \operatorname{det} X | \bigl|X\bigr| | \mathrm{det}(X) "
        r"| \left\vert X\right\vert | \left\lvert X\right\rvert",
    ),
    (
        "determinant",
        r"\log(\det(X))",
        r"\log\det X | \log \det(X) | \log|X| | \ln|X| | \ln\det X | \log\left|X\right| "
        r"| \operatorname{logdet}(X) | \logdet X | \log(|X|)",
    ),
    (
        "norm",
        r"\|x\|_2",
        r"\|x\| | \lVert x \rVert | \lVert x \rVert_2 | \Vert x \Vert | \norm{x} | ||x|| | ||x||_2 "
        r"| \left\| x \right\| | \left\lVert x \right\rVert_{2} | ‖x‖ | \big\|x\big\|_2 "
        r"| \norm{x}_2 | \left\Vert x \right\Vert_2",
    ),
    (
        "norm",
        r"\|X\|_F^2",
        r"\|X\|_F^{2} | \lVert X \rVert_F^2 | \norm{X}_F^2 | ||X||_F^2 | \Vert X \Vert_F^2 "
        r"| \|X\|_{F}^2 | \|X\|^2_F | \|X\|_{\mathrm{F}}^2 | \|X\|_\text{F}^2 "
        r"| \left\| \mathbf{X} \right\|_F^2 | \left(\|X\|_F\right)^2",
    ),
    ("norm", r"\|x\|_1", r"\lVert x \rVert_1 | ||x||_1 | \norm{x}_1 | \|x\|_{1}"),
    (
        "inner product",
        r"\operatorname{tr}(A^\top B)",
        r"\langle A, B \rangle | \left\langle A, B \right\rangle | A : B | \langle A, B \rangle_F "
        r"| ⟨A, B⟩",
    ),
    (
        "inner product",
        r"x^\top y",
        r"x \cdot y | \langle x, y \rangle | x^T y | x'y | \mathbf{x}\cdot\mathbf{y} "
        r"| \vec{x} \cdot \vec{y} | \boldsymbol{x}^\top \boldsymbol{y} | \bm{x}^T\bm{y} | x ⋅ y",
    ),
    (
        "elementwise product and quotient",
        r"A \odot B",
        r"A \circ B | \mathbf{A} \odot \mathbf{B} | A ⊙ B | A ∘ B",
    ),
    (
        "elementwise product and quotient",
        r"V \oslash (A X B)",
        r"\frac{V}{A X B} | \dfrac{V}{AXB} | \cfrac{V}{AXB} | \tfrac{\mathbf{V}}{\mathbf{AXB}} "
        r"| V ⊘ (AXB)",
    ),
    (
        "Kronecker product, vec, diagonal",
        r"A \otimes B",
        r"\mathbf{A} \otimes \mathbf{B} | A ⊗ B | (A) \otimes (B)",
    ),
    (
        "Kronecker product, vec, diagonal",
        r"\operatorname{vec}(X)",
        r"\mathrm{vec}(X) | \text{vec}(X) | vec(X) | \operatorname{Vec}(X) | \operatorname{vec} X",
    ),
    (
        "Kronecker product, vec, diagonal",
        r"\operatorname{diag}(x)",
        r"\mathrm{diag}(x) | diag(x) | \operatorname{Diag}(x) | di \, ag(x) | \text{diag}(x) "
        r"| \diag(x) | \operatorname{diag}(x^\top)",
    ),
    (
        "Kronecker product, vec, diagonal",
        r"\operatorname{diag}(X)",
        r"\mathrm{diag}(X) | diag(X) | \diag X",
    ),
    ("functions of every entry", r"\log(x)", r"\ln(x) | \log x | \ln x | \mathrm{log}(x) | log(x)"),
    (
        "functions of every entry",
        r"\exp(x)",
        r"e^x | e^{x} | \mathrm{e}^{x} | \exp x | \exp\left(x\right) | \exp\{x\} | exp(x)",
    ),
    (
        "functions of every entry",
        r"\sigma(x)",
        r"\operatorname{sigmoid}(x) | \sigma\left(x\right) | \mathrm{sigmoid}(x)",
    ),
    ("functions of every entry", r"\tanh(x)", r"\tanh x | \operatorname{tanh}(x) | tanh(x)"),
    (
        "ones, identity, commutation",
        r"\mathbf{1}^\top x",
        r"1^\top x | 1^T x | \mathbf 1^T x | \boldsymbol{1}^\top x | \mathbb{1}^\top x "
        r"| \vec{1}^T x | \mathbf{1}_n^\top x | 1_n^T x | \bm{1}^T x | \mathds{1}^\top x",
    ),
    (
        "ones, identity, commutation",
        r"J A",
        r"\mathbf{J} A | \mathbf{1}\mathbf{1}^\top A | \mathbf{1 1}^T A",
    ),
    (
        "functions of vectors",
        r"\operatorname{softmax}(x)",
        r"\mathrm{softmax}(x) | \text{softmax}(x)",
    ),
    ("functions of vectors", r"\|x\|_\infty", r"\lVert x \rVert_{\infty} | \norm{x}_\infty"),
    ("functions of matrices", r"X^\dagger", r"X^+ | X^{+} | X^{\dagger} | \operatorname{pinv}(X)"),
    (
        "functions of matrices",
        r"\|X\|_2",
        r"\lVert X \rVert_{2} | \|X\|_{op} | \|X\|_{\mathrm{op}} | \|X\|_\sigma | \sigma_{\max}(X)",
    ),
    ("functions of matrices", r"\|X\|_*", r"\lVert X \rVert_{*} | \|X\|_{\ast} | \norm{X}_*"),
    ("functions of matrices", r"X^{1/2}", r"X^{\frac{1}{2}} | X^\frac12 | \operatorname{sqrtm}(X)"),
    (
        "expectation",
        r"\mathbb{E}[x]",
        r"\mathbb E[x] | \mathbb{E}\left[x\right] | E[x] | \mathbb{E}(x)",
    ),
    (
        "written out",
        r"\operatorname{blkdiag}(A, B)",
        r"\begin{bmatrix} A & 0 \\ 0 & B \end{bmatrix} | \operatorname{diag}(A, B) "
        r"| \begin{pmatrix} A & \mathbf{0} \\ \mathbf{0} & B \end{pmatrix}",
    ),
    ("ones, identity, commutation", "K_{n,n}", r"K_{nn} | \mathbf{K}_{n,n} | K_{n, n}"),
    (
        "ones, identity, commutation",
        "X + I",
        r"X + \mathbf{I} | X + I_n | X + \mathbb{I} | X + \mathbf{I}_n",
    ),
]
DERIVATIVES = (
    r"\nabla_X f | \nabla_{X} f | \nabla_{\mathbf{X}} f | \frac{\partial f}{\partial X} "
    r"| \dfrac{\partial f}{\partial X} | \cfrac{\partial f}{\partial X} | \pdv{f}{X} "
    r"| \frac{\partial}{\partial X} f | \frac{\partial f(X)}{\partial X} | \nabla_X f(X) "
    r"| \frac{d f}{d X} | \frac{df}{dX} | \frac{\mathrm{d} f}{\mathrm{d} X} | \partial_X f | D_X f "
    r"| \frac{d}{dX} f | \partial f / \partial X | df/dX | ∇_X f | \nabla f(X) "
    r"| \frac{\partial f}{\partial \mathbf{X}} | \operatorname{grad}_X f | \frac{∂f}{∂X}"
)

REQUESTS = {"derivative", "Jacobian", "Hessian", "derivative by or of an entry"}


def spellings() -> list[tuple[str, str]]:
    return [(plain, other) for _, plain, rest in EXPRESSIONS for other in rest_of(rest)]


def rest_of(row: str) -> list[str]:
    """The spellings of a row; a bar with spaces round it and none of TeX stands between two."""
    return [part.strip() for part in re.split(r"\s\|\s(?!\s)", row)]


def read(latex: str) -> Expr:
    return read_expression(latex, SHAPES)[0]


@pytest.mark.parametrize(("plain", "other"), spellings())
def test_spellings_of_one_thing_are_one_expression(plain, other):
    wanted, found = read(plain), read(other)
    assert found is wanted or judge_equal(found, wanted).status is Status.VERIFIED


@pytest.mark.parametrize("latex", rest_of(DERIVATIVES))
@pytest.mark.parametrize("mark", ["", " = ?", " ="])
def test_spellings_of_a_derivative_are_one_request(latex, mark):
    context = [r"f(X) = \operatorname{tr}(A X B)"]
    request = read_request(latex + mark, SHAPES, context)
    assert request.f is read(r"\operatorname{tr}(A X B)")
    assert request.variable is read("X")
    assert not request.transposed
    assert request.derivative == latex


def table() -> list[tuple[str, str]]:
    """The spellings in the README's table, with the first column."""
    section = README.read_text("utf-8").partition("\n## Notation\n")[2].partition("\n## ")[0]
    lines = section.splitlines()
    rows = [line.strip(" |").partition(" | ")[::2] for line in lines if line.startswith("|")]
    return [
        (what, spelling) for what, cell in rows[2:] for spelling in re.findall("`([^`]+)`", cell)
    ]


def test_the_table_of_the_readme_is_the_one_that_is_tested():
    tested = {what for what, *_ in EXPRESSIONS} | REQUESTS
    assert {what for what, _ in table()} == tested


@pytest.mark.parametrize(("what", "latex"), table())
def test_every_spelling_of_the_readme_is_read(what, latex):
    if what in REQUESTS:
        context = [r"f = \det(X) + x^\top x", "y = A x", "Y = A X"]
        assert read_request(latex, SHAPES, context).variables
    elif what in ("trace", "functions of every entry") and not latex.endswith(")"):
        assert read(f"{latex}(X)").shape
    else:
        assert read(latex).shape
