"""Expressions print as a textbook sets them, in the author's own notation."""

from __future__ import annotations

import subprocess
from fractions import Fraction

import pypandoc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import expressions

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Dim, Expr
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_declaration, print_latex

A, X, B = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n"), ex.symbol("B", "n", "p")
V = ex.symbol("V", "p", "p")
S, Q = ex.symbol("S", "n", "n"), ex.symbol("Q", "n", "n")
x, y, b = ex.symbol("x", "n"), ex.symbol("y", "n"), ex.symbol("b", "n")
t, c = ex.symbol("t"), ex.symbol("c")
ones = ex.ones("n")
T = ex.transpose
half = Fraction(1, 2)


def num(value: int | Fraction) -> Expr:
    return ex.number(value)


TEXTBOOK = [
    (ex.trace(ex.matmul(A, X, B)), r"\operatorname{tr}(A X B)"),
    (T(ex.matmul(B, A)), r"(B A)^{\top}"),
    (
        ex.scale(num(2), ex.matmul(T(S), ex.sub(ex.matmul(S, x), b))),
        r"2 S^{\top} (S x - b)",
    ),
    (
        ex.scale(num(-2), ex.matmul(ex.sub(S, Q), T(Q))),
        r"-2 (S - Q) Q^{\top}",
    ),
    (ex.matmul(ex.add(S, T(S)), x), r"(S + S^{\top}) x"),
    (T(ex.inverse(S)), r"S^{-\top}"),
    (ex.inverse(T(S)), r"S^{-\top}"),
    (ex.neg(T(ex.matmul(ex.inverse(S), Q, ex.inverse(S)))), r"-(S^{-1} Q S^{-1})^{\top}"),
    (
        ex.divide(ex.function("exp", x), ex.matmul(T(ones), ex.function("exp", x))),
        r"\frac{\exp(x)}{\mathbf{1}^{\top} \exp(x)}",
    ),
    (
        ex.add(
            ex.scale(num(-half), ex.matmul(ex.inverse(S), y, T(y), ex.inverse(S))),
            ex.scale(num(half), ex.inverse(S)),
        ),
        r"-\frac{1}{2} S^{-1} y y^{\top} S^{-1} + \frac{1}{2} S^{-1}",
    ),
    (ex.divide(x, ex.norm(x, "2")), r"\frac{x}{\|x\|_2}"),
    (ex.power(ex.norm(x, "2"), 2), r"\|x\|_2^{2}"),
    (ex.power(ex.norm(X), 2), r"\|X\|_F^{2}"),
    (ex.scale(ex.det(S), T(ex.inverse(S))), r"\det(S) S^{-\top}"),
    (ex.function("log", ex.det(S)), r"\log \det(S)"),
    (ex.scale(ex.function("log", ex.det(S)), S), r"\log(\det(S)) S"),
    (
        ex.matmul(T(A), ex.hdivide(V, ex.matmul(A, X, B)), T(B)),
        r"A^{\top} \left(\frac{V}{A X B}\right) B^{\top}",
    ),
    (
        ex.trace(ex.matmul(T(ex.hdivide(V, ex.matmul(A, X, B))), A, ex.diff(X), B)),
        r"\operatorname{tr}\left(\left(\frac{V}{A X B}\right)^{\top} A\, dX\, B\right)",
    ),
    (
        ex.hadamard(ex.hdivide(ex.ones("p", "p"), ex.matmul(A, X, B)), ex.diff(ex.matmul(A, X, B))),
        r"\frac{1}{A X B} \odot d(A X B)",
    ),
    (ex.matmul(ex.hadamard(T(S), Q), ones), r"(S^{\top} \odot Q) \mathbf{1}"),
    (ex.hadamard(x, ex.sub(y, b)), r"x \odot (y - b)"),
    (ex.scale(num(2), ex.hadamard(x, y)), r"2 x \odot y"),
    (ex.hpower(X, 2), r"X^{\odot 2}"),
    (ex.power(S, 5), r"S^{5}"),
    (ex.power(T(S), 2), r"(S^{\top})^{2}"),
    (ex.kron(ex.add(S, Q), ex.hadamard(S, Q)), r"(S + Q) \otimes (S \odot Q)"),
    (ex.kron(S, ex.kron(Q, S)), r"S \otimes (Q \otimes S)"),
    (ex.kron(ex.matmul(S, Q), S), r"S Q \otimes S"),
    (ex.function("log", ex.add(ones, ex.function("exp", x))), r"\log(\mathbf{1} + \exp(x))"),
    (ex.function("sqrt", ex.matmul(T(x), x)), r"\sqrt{x^{\top} x}"),
    (ex.function("abs", t), r"\lvert t \rvert"),
    (ex.power(ex.function("sigma", t), 2), r"\sigma(t)^{2}"),
    (ex.function(ex.Unknown("f"), x), r"f(x)"),
    (ex.function(ex.Unknown("f", 2), x), r"f''(x)"),
    (ex.function(ex.Unknown("f", 3), x), r"f^{(3)}(x)"),
    (ex.diag(x), r"\operatorname{diag}(x)"),
    (ex.diagonal(S), r"\operatorname{diag}(S)"),
    (ex.vec(X), r"\operatorname{vec}(X)"),
    (
        ex.unvec(ex.vec(X), (Dim.of("m"), Dim.of("n"))),
        r"\operatorname{vec}^{-1}_{m, n}(\operatorname{vec}(X))",
    ),
    (ex.identity("n"), "I"),
    (ex.ones("m", "n"), r"\mathbf{1} \mathbf{1}^{\top}"),
    (ex.zero("m", "n"), "0"),
    (ex.basis("i", "n"), "e_{i}"),
    (ex.delta("i", "j"), r"\delta_{ij}"),
    (ex.entry(X, "i", "j"), "X_{ij}"),
    (ex.entry(X, "i", 12), "X_{i,12}"),
    (ex.entry(X, 1, 2), "X_{12}"),
    (ex.entry(x, 2), "x_{2}"),
    (ex.mul(ex.entry(x, 2), ex.symbol("x_2")), "[x]_{2} x_{2}"),
    (ex.entry(x, "i"), "x_{i}"),
    (ex.entry(ex.matmul(A, X), "i", "j"), "[A X]_{ij}"),
    (ex.entry(ex.symbol("W_1", "m", "n"), "i", "j"), "[W_{1}]_{ij}"),
    (ex.row(B, "k"), "B_{k:}"),
    (
        ex.diag(ex.matmul(ex.transpose(X), ex.transpose(ex.row(A, "k")))),
        r"\operatorname{diag}(A_{k:} X)",
    ),
    (ex.column(B, "k"), "B_{:k}"),
    (ex.index_sum("i", "n", ex.entry(x, "i")), r"\sum_{i=1}^{n} x_{i}"),
    (
        ex.scale(ex.index_sum("i", "n", ex.entry(x, "i")), S),
        r"\left(\sum_{i=1}^{n} x_{i}\right) S",
    ),
    (
        ex.index_sum("i", "n", ex.add(ex.entry(x, "i"), t)),
        r"\sum_{i=1}^{n} (x_{i} + t)",
    ),
    (ex.diff(X), "dX"),
    (ex.diff(ex.matmul(A, X)), "d(A X)"),
    (ex.diff(ex.entry(X, "i", "j")), "dX_{ij}"),
    (ex.entry(ex.diff(X), "i", "j"), "[dX]_{ij}"),
    (ex.diff(ex.trace(S)), r"d \operatorname{tr}(S)"),
    (ex.diff(ex.norm(x, "2")), r"d \|x\|_2"),
    (ex.diff(ex.function("log", ex.det(S))), r"d \log \det(S)"),
    (ex.scale(ex.diff(ex.function("log", ex.det(S))), S), r"d(\log \det(S))\, S"),
    (T(ex.diff(X)), r"(dX)^{\top}"),
    (ex.diff(T(X)), r"d(X^{\top})"),
    (ex.scale(ex.matmul(T(x), y), S), r"(x^{\top} y) S"),
    (ex.mul(num(2), t, ex.matmul(T(x), x)), r"2 t x^{\top} x"),
    (ex.mul(ex.matmul(T(x), x), ex.matmul(T(y), y)), r"(x^{\top} x) (y^{\top} y)"),
    (ex.divide(ex.sub(x, y), ex.trace(S)), r"\frac{x - y}{\operatorname{tr}(S)}"),
    (ex.divide(ex.matmul(S, x), ex.dimension("n")), r"\frac{1}{n} S x"),
    (
        ex.divide(ex.power(ex.norm(x, "2"), 2), ex.mul(num(2), ex.dimension("n"))),
        r"\frac{1}{2 n} \|x\|_2^{2}",
    ),
    (ex.divide(x, num(2)), r"\frac{1}{2} x"),
    (
        ex.scale(ex.divide(ex.matmul(T(x), y), ex.norm(x, "2")), y),
        r"\frac{x^{\top} y}{\|x\|_2} y",
    ),
    (ex.scale(ex.divide(ex.mul(num(2), t), c), ex.matmul(S, x)), r"\frac{2 t}{c} S x"),
    (ex.mul(num(half), t, ex.power(ex.norm(x, "2"), 2)), r"\frac{t}{2} \|x\|_2^{2}"),
    (ex.mul(num(half), num(2), t), r"\frac{1}{2} \cdot 2 t"),
    (ex.divide(ex.index_sum("i", "n", ex.entry(x, "i")), c), r"\frac{1}{c} \sum_{i=1}^{n} x_{i}"),
    (ex.neg(ex.divide(x, t)), r"-\frac{x}{t}"),
    (ex.power(t, -2), r"\frac{1}{t^{2}}"),
    (ex.power(t, half), r"t^{1/2}"),
    (ex.power(S, ex.sub(ex.symbol("k"), num(1))), r"S^{k - 1}"),
    (ex.power(num(-2), 3), r"(-2)^{3}"),
    (ex.mul(num(2), ex.power(num(3), ex.symbol("k"))), r"2 \cdot 3^{k}"),
    (ex.mul(num(1), t), "t"),
    (ex.dimension(Dim.of("m") * Dim.of("n") + Dim.of(1)), "m n + 1"),
    (ex.constant("pi"), r"\pi"),
]


@pytest.mark.parametrize(("expr", "latex"), TEXTBOOK)
def test_it_prints_as_a_textbook_does(expr: Expr, latex: str) -> None:
    assert print_latex(expr) == latex


@pytest.mark.parametrize(
    ("terms", "latex"),
    [
        ([x, ex.neg(y)], "x - y"),
        ([ex.neg(x), y], "-x + y"),
        ([ex.neg(x), ex.neg(y)], "-x - y"),
        ([x, ex.scale(num(-half), y)], r"x - \frac{1}{2} y"),
        ([x, ex.neg(ex.matmul(ex.sub(S, Q), y))], "x - (S - Q) y"),
        ([x, ex.neg(ex.divide(y, t))], r"x - \frac{y}{t}"),
    ],
)
def test_signs_merge(terms: list[Expr], latex: str) -> None:
    assert print_latex(ex.add(*terms)) == latex


@pytest.mark.parametrize(
    ("transpose", "latex"),
    [
        ("T", r"(S x)^T S^T S^{-T}"),
        (r"\top", r"(S x)^{\top} S^{\top} S^{-\top}"),
        (r"{\mathsf T}", r"(S x)^{\mathsf T} S^{\mathsf T} S^{-\mathsf T}"),
        ("'", r"(S x)' S' (S^{-1})'"),
    ],
)
def test_the_transpose_is_the_authors(transpose: str, latex: str) -> None:
    expr = ex.matmul(T(ex.matmul(S, x)), T(S), T(ex.inverse(S)))
    assert print_latex(expr, Notation(transpose=transpose)) == latex


@pytest.mark.parametrize(
    ("expr", "heads", "latex"),
    [
        (ex.trace(S), {"trace": "tr"}, "tr(S)"),
        (ex.det(S), {"det": "bars"}, "|S|"),
        (ex.det(ex.scale(ex.det(S), S)), {"det": "bars"}, r"\det(|S| S)"),
        (ex.function("log", ex.det(S)), {"det": "bars"}, r"\log|S|"),
        (ex.function("log", t), {"log": r"\ln"}, r"\ln(t)"),
        (ex.hadamard(x, y), {"hadamard": r"\circ"}, r"x \circ y"),
        (ex.hpower(x, 2), {"hadamard": r"\circ"}, r"x^{\circ 2}"),
        (ex.diag(x), {"Diag": r"\operatorname{Diag}"}, r"\operatorname{Diag}(x)"),
        (ex.diagonal(S), {"Diag": r"\operatorname{Diag}"}, r"\operatorname{diag}(S)"),
        (ex.ones("n"), {"ones": r"\mathbf 1"}, r"\mathbf 1"),
        (ex.ones("m", "n"), {"ones_matrix": "J"}, "J"),
        (ex.identity("n"), {"identity": r"\mathbf{I}"}, r"\mathbf{I}"),
        (ex.function("exp", t), {"exp": "e"}, "e^{t}"),
    ],
)
def test_heads_are_the_authors(expr: Expr, heads: dict[str, str], latex: str) -> None:
    assert print_latex(expr, Notation(heads=heads)) == latex


def test_symbols_are_the_authors() -> None:
    notation = Notation(symbols={"X": r"\mathbf{X}", "A": r"\mathbf{A}"})
    assert print_latex(ex.matmul(A, ex.diff(X)), notation) == r"\mathbf{A}\, d\mathbf{X}"


def test_a_symbol_with_a_superscript_is_bracketed_below_another() -> None:
    assert print_latex(T(ex.symbol("x_star", "n"))) == r"(x^{*})^{\top}"


def test_bm_is_written_as_boldsymbol() -> None:
    assert print_latex(x, Notation(symbols={"x": r"\bm{x}"})) == r"\boldsymbol{x}"


def test_norms_may_go_without_a_subscript() -> None:
    notation = Notation(plain_norms=True)
    assert print_latex(ex.norm(x, "2"), notation) == r"\|x\|"
    assert print_latex(ex.norm(X), notation) == r"\|X\|"
    assert print_latex(ex.norm(x, 1), notation) == r"\|x\|_1"


def test_sizes_show_when_they_are_asked_for() -> None:
    expr = ex.kron(ex.identity("m"), ex.ones("m", Dim.of("m") * Dim.of("n")))
    assert print_latex(expr, Notation(sized=True)) == (
        r"I_{m} \otimes \mathbf{1}_{m} \mathbf{1}_{m n}^{\top}"
    )


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("Sigma_1", r"\Sigma_{1}"),
        ("mu", r"\mu"),
        ("hat_y", r"\hat{y}"),
        ("hat_beta_0", r"\hat{\beta}_{0}"),
        ("Sigma_xy", r"\Sigma_{xy}"),
        ("w_max", r"w_{\text{max}}"),
        ("x_mu", r"x_{\mu}"),
        ("loss", r"\mathrm{loss}"),
        ("cal_L", r"\mathcal{L}"),
        ("x_star", r"x^{*}"),
    ],
)
def test_a_name_without_latex_gets_the_usual_one(name: str, latex: str) -> None:
    assert print_latex(ex.symbol(name, "n")) == latex


@pytest.mark.parametrize(
    ("symbol", "latex"),
    [
        (X, r"X \in \mathbb{R}^{m \times n}"),
        (x, r"x \in \mathbb{R}^n"),
        (t, r"t \in \mathbb{R}"),
        (ex.symbol("r", 1, "n"), r"r \in \mathbb{R}^{1 \times n}"),
        (ex.symbol("Y", 3, Dim.of("n") + Dim.of(1)), r"Y \in \mathbb{R}^{3 \times (n + 1)}"),
    ],
)
def test_declarations(symbol: Expr, latex: str) -> None:
    assert print_declaration(symbol) == latex


def test_deep_and_long_expressions_print() -> None:
    deep = S
    for _ in range(400):
        deep = T(ex.add(deep, S))
    assert print_latex(deep).count(r"\top") == 400
    assert length(deep) == 1 + 400 * 5
    assert len(print_latex(ex.matmul(*[S] * 3000)).split()) == 3000
    assert print_latex(ex.add(*[x] * 3000)).count("+") == 2999


def balanced(latex: str) -> bool:
    pairs = {"(": ")", "[": "]", "{": "}"}
    stack = []
    for character in latex:
        if character in pairs:
            stack.append(pairs[character])
        elif character in pairs.values() and (not stack or stack.pop() != character):
            return False
    return not stack and latex.count(r"\left") == latex.count(r"\right")


@settings(max_examples=200, deadline=None)
@given(expressions(differentials=True))
def test_any_expression_prints_well_formed(expr: Expr) -> None:
    latex = print_latex(expr)
    assert balanced(latex)
    for mistake in ("+ -", "- -", r"^{\top}^", r"\cdot \cdot", "  "):
        assert mistake not in latex


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(expressions(differentials=True, max_size=8), min_size=30, max_size=40))
@pytest.mark.parametrize("writer", ["typst", "docx"])
def test_pandoc_converts_what_is_printed(writer: str, exprs: list[Expr]) -> None:
    document = "\n\n".join(f"$${print_latex(expr)}$$" for expr in exprs)
    run = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "markdown", "-t", writer, "-o", "-"],
        input=document.encode(),
        capture_output=True,
        check=True,
    )
    assert run.stderr == b""


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (x, ex.neg(x)),
        (ex.scale(num(2), x), ex.add(x, x)),
        (T(ex.inverse(S)), T(T(T(ex.inverse(S))))),
        (
            ex.scale(num(2), ex.matmul(S, ex.sub(x, y))),
            ex.sub(ex.scale(num(2), ex.matmul(S, x)), ex.scale(num(2), ex.matmul(S, y))),
        ),
        (ex.matmul(T(S), T(Q)), T(ex.matmul(Q, S))),
        (ex.sub(x, y), ex.neg(ex.sub(y, x))),
    ],
)
def test_length_ranks_forms_as_a_reader_would(shorter: Expr, longer: Expr) -> None:
    assert length(shorter) < length(longer)
