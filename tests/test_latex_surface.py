"""LaTeX to the surface tree: what is read, how it groups, and what is refused where."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdiff_pandoc.errors import LimitError, MdiffError, ParseError, UnknownCommandError
from mdiff_pandoc.errors import UnsupportedError as Unsupported
from mdiff_pandoc.latex import grammar
from mdiff_pandoc.latex.surface import Kind, Term, as_product
from mdiff_pandoc.latex.tokens import MAX_LENGTH, TokenKind, tokenize
from mdiff_pandoc.latex.visit import parse

SUFFIXES = {Kind.INVERSE: "^-1", Kind.INVERSE_TRANSPOSE: "^-T", Kind.TRANSPOSE: "^T"}


def show(term: Term) -> str:
    """A term in one line: products in [ ], sums in ( ), everything else by its kind."""
    parts = [show(arg) for arg in term.args]
    joined = ", ".join(parts)
    match term.kind:
        case Kind.NUMBER | Kind.NAME:
            return term.text
        case Kind.EMPTY:
            return "?"
        case Kind.SUM:
            return f"({' + '.join(parts)})"
        case Kind.PRODUCT:
            return f"[{' '.join(parts)}]"
        case Kind.NEG:
            return f"-{parts[0]}"
        case Kind.TRANSPOSE | Kind.INVERSE | Kind.INVERSE_TRANSPOSE:
            return parts[0] + SUFFIXES[term.kind]
        case Kind.RELATION:
            signs = [*term.text.split(), ""]
            return " ".join(f"{side} {sign}" for side, sign in zip(parts, signs, strict=True))[:-1]
        case Kind.APPLY:
            return f"{term.text}({joined})"
        case Kind.CALL:
            return f"@{term.text}({joined})"
        case Kind.NORM | Kind.DERIVATIVE | Kind.INDEX_SUM:
            return f"{term.kind}:{term.text}({joined})"
        case _:
            return f"{term.kind}({joined})"


def walk(term: Term) -> list[Term]:
    return [term, *(inner for arg in term.args for inner in walk(arg))]


TRANSPOSES = [
    *("A^T", "A^{T}", r"A^\top", r"A^{\top}", r"A^\intercal", r"A^{\mathsf T}", r"A^{\mathsf{T}}"),
    *(r"A^{\mathrm T}", r"A^{\mathrm{T}}", r"A^{\text{T}}", r"A^\mathsf{T}", r"A^\mathrm{T}"),
    *("A'", "Aᵀ", "{A}^T", r"A^{\prime}"),
]
TRACES = [
    *(r"\operatorname{tr}(AB)", r"\operatorname{Tr}(AB)", r"\operatorname{trace}(AB)", r"\tr(AB)"),
    *(r"\mathrm{tr}(AB)", r"\text{tr}(AB)", r"\text { tr } (AB)", r"\Tr AB", r"\trace[AB]"),
    *("tr(AB)", "Tr(AB)", "tr[AB]", "trace(AB)", r"{\rm tr}(AB)", r"\operatorname{tr} AB"),
    *(r"\mathop{\mathrm{Tr}}(AB)", r"\mathrm{tr}\left[ AB \right]", r"\tr{AB}", "tr AB"),
    *(r"\operatorname*{tr}\big(AB\big)", r"\mathop{\mathrm{tr}}\limits [AB]", r"tr\{AB\}"),
    *(r"\operatorname{\mathrm{tr}}(AB)", r"\mathop{tr}(AB)"),
]
DETERMINANTS = [
    *(r"\det X", r"\det(X)", r"\operatorname{det} X", r"\operatorname{det}(X)", r"\det[X]"),
]
BARS = ["|X|", r"\lvert X\rvert", r"\vert X\vert", r"\left| X \right|", r"\bigl|X\bigr|"]
NORMS = [
    *(r"\|x\|_2", r"\lVert x\rVert_2", r"\Vert x\Vert_2", r"\left\| x \right\|_2", "|| x ||_2"),
    *(r"\norm{x}_2", "‖x‖_2", r"\|x\|_{2}", r"\big\|x\big\|_2"),
]
GROUPS = {
    "A^T": TRANSPOSES,
    "trace([A B])": TRACES,
    "det(X)": DETERMINANTS,
    "bars(X)": BARS,
    "norm:2(x)": NORMS,
    "norm:F(X)": [r"\|X\|_F", r"\|X\|_{\mathrm F}", r"\|X\|_{\text{F}}", r"\|X\|_{F}"],
    "A^-T": ["A^{-T}", r"A^{-\top}", r"A^{-\mathsf{T}}", r"A^{\top -1}", r"A^{-1 T}"],
    "A^-1": ["A^{-1}", "A⁻¹", r"\mathbf{A}^{-1}"],
    "log(det(X))": [r"\log\det X", r"\log\det(X)", r"\ln \det X", r"\log(\det X)"],
    "log(bars(X))": [r"\log|X|", r"\log \left| X \right|", r"\ln(|X|)"],
    "inner(A, B)": [r"\langle A, B\rangle", "A : B", r"\left\langle A , B \right\rangle_F"],
    "hadamard(A, B)": [r"A \odot B", r"A \circ B", "A ⊙ B", r"A \mathbin{\odot} B"],
    "[A diag(x)]": [r"A\,diag(x)", r"A \operatorname{diag}(x)", r"A \, di \, ag (x)"],
    "unvec(x)": [r"\operatorname{vec}^{-1}(x)", r"\operatorname{unvec}(x)"],
    "1": [r"\mathbf 1", r"\mathbf{1}", r"\boldsymbol 1", r"\mathbb{1}", r"\vec 1", r"\bm{1}"],
    "ones(n)": [r"\mathbf{1}_n", r"\mathbf 1_{n}", r"\mathbb{1}_n"],
    "hpower(X, 2)": [r"X^{\odot 2}", r"X^{\circ 2}"],
    "power(log(x), 2)": [r"\log(x)^2", r"\log^2(x)", r"\log^2 x"],
    "exp(-power(x, 2))": [r"e^{-x^2}", r"\exp(-x^2)", r"\exp\{-x^2\}", r"\mathrm{e}^{-x^2}"],
    "divide(a, b)": [r"\frac{a}{b}", r"\cfrac ab", r"\dfrac{a}b", r"\tfrac{a}{b}", "a/b"],
    "derivative:nabla(f, X)": [r"\nabla_X f", r"\nabla_{X} f", r"\nabla_{\mathbf X} f", "∇_X f"],
    "derivative:nabla2(f, x)": [r"\nabla^2_x f", r"\nabla_x^2 f", r"\nabla_{x}^{2} f"],
    "derivative:partial-fraction(f, X)": [
        *(r"\frac{\partial f}{\partial X}", r"\cfrac{\partial\, f}{\partial {X}}", r"\pdv{f}{X}"),
        *(r"\dfrac{\partial f}{\partial \boldsymbol X}", r"\partial f/\partial X", "∂f/∂X"),
    ],
    "derivative:partial-operator(f, X)": [r"\frac{\partial}{\partial X} f", r"\pdv{X} f"],
    "derivative:d-fraction(f, x)": [
        r"\frac{df}{dx}",
        r"\frac{\mathrm{d} f}{\mathrm{d} x}",
        "df/dx",
    ],
    "derivative:d-operator(f, x)": [r"\frac{d}{dx} f", r"\tfrac{\text{d}}{\text{d}x} f"],
    "derivative:subscript(f, X)": [r"\partial_X f", "D_X f", r"\mathrm{D}_X f", r"\partial_{X} f"],
    "differential(X)": ["dX", r"\mathrm{d}X", r"d\mathbf{X}", r"\mathrm d X", r"\text{d}X"],
    "derivative:nabla(f, X) = ?": [
        *(r"\nabla_X f = ?", r"\nabla_X f =", r"\nabla_X f = \; ? .", r"\nabla_X f =?,"),
        *(r"\begin{aligned} \nabla_X f &= ? \end{aligned}", r"{\displaystyle \nabla_X f = ?}"),
        *(r"\boxed{\nabla_X f = ?}", r"\nabla_X f = ? \tag{1} \label{eq:a}", "∇_X f = ? % why"),
        *(r"\nabla_X f = ? \qquad (4)", r"\begin{eqnarray}\nabla_X f &=& ? \\ \end{eqnarray}"),
        *(r"\begin{align*} & \nabla_X f \\ & = ? \end{align*}", r"\nabla_X f = ? \quad \text{why}"),
    ],
}
SINGLE = {
    r"A \odot B \otimes C D + E": "(hadamard(A, kron(B, [C D])) + E)",
    r"A B \cdot C \otimes D": "kron(dot([A B], C), D)",
    r"A \oslash B \odot C": "hadamard(oslash(A, B), C)",
    r"-2 A^T (x - b)": "-[2 A^T (x + -b)]",
    r"a \cdot -b": "dot(a, -b)",
    r"\frac12 \cdot x": "[divide(1, 2) x]",
    r"\mathbf{A X X}^{T} \mathbf{B}": "[A X X^T B]",
    r"(AB)'": "[A B]^T",
    r"f'(x) X'(w)": "[@f'(x) @X'(w)]",
    r"A(x + y)^T": "@A((x + y))^T",
    r"f(x, y)": "@f(x, y)",
    r"\sigma(Xw) + \sigma": "(@sigma([X w]) + sigma)",
    r"\|X\|_F^2": "power(norm:F(X), 2)",
    r"\|X\|^2_F": "power(norm:F(X), 2)",
    r"|A||B|": "[bars(A) bars(B)]",
    r"\log|X|^2": "log(power(bars(X), 2))",
    r"\log x \log y": "[log(x) log(y)]",
    r"\log \mathbf 1^T \exp(x)": "log([1^T exp(x)])",
    r"\log\sigma(z) y": "[log(@sigma(z)) y]",
    r"\log_2 x": "divide(log(x), log(2))",
    r"\sin^{-1}(x)": "arcsin(x)",
    r"e^T x": "[e^T x]",
    r"\sqrt[3]{x} + \sqrt x": "(sqrt(x, 3) + sqrt(x))",
    r"W_1 x_i A_{ij} \Sigma_{xy} X_{\text{train}}": (
        "[W_1 index(x, i) index(A, i, j) Sigma_xy X_train]"
    ),
    r"[AB]_{ik} B_{k:} B_{:k}": "[index([A B], i, k) row(B, k) column(B, k)]",
    r"x_i^T x^T_i A^T_{ij}": "[index(x, i)^T index(x, i)^T index(A^T, i, j)]",
    r"\hat{y}_i + \mathcal{L} + \bar{X}^T + x^*": "(index(hat_y, i) + cal_L + bar_X^T + x_star)",
    r"x^{(i)} + W^{(1)} + x_{i+1}": "(index(x, i) + W_sup_1 + index(x, (i + 1)))",
    r"\mathbf{11}^T + I_n": "([1 1^T] + index(I, n))",
    r"1/2 x^T x": "[divide(1, 2) x^T x]",
    r"x^T A x/x^T x": "divide([x^T A x], [x^T x])",
    r"\sum_{i=1}^n a_i b_i + c": "(index_sum:i([index(a, i) index(b, i)], 1, n) + c)",
    r"\sum_{i,j} A_{ij}": "index_sum:i(index_sum:j(index(A, i, j), ?, ?), ?, ?)",
    r"\frac1n \sum\limits_{i=1}^{n} x_i": "[divide(1, n) index_sum:i(index(x, i), 1, n)]",
    r"\operatorname{tr} A B \odot C + D": "(trace(hadamard([A B], C)) + D)",
    r"\operatorname{tr} A \operatorname{tr} B": "[trace(A) trace(B)]",
    r"\nabla_\mu \mu^TA\mu =": "derivative:nabla([mu^T A mu], mu) = ?",
    r"\nabla_x a^T x + b": "(derivative:nabla([a^T x], x) + b)",
    r"\nabla_x -a^T x": "derivative:nabla(-[a^T x], x)",
    r"\nabla f": "derivative:nabla(f)",
    r"\nabla f(x)^T d": "[derivative:nabla(@f(x))^T d]",
    r"\nabla_Y^T f": "derivative:nabla(f, Y)^T",
    r"\nabla_{A^T} f(A)": "derivative:nabla(@f(A), A^T)",
    r"\nabla_X g(Y) \nabla_A X": "[derivative:nabla(@g(Y), X) derivative:nabla(X, A)]",
    r"\frac{\partial^2 f}{\partial x \partial x^\top}": "derivative:partial-fraction2(f, x, x^T)",
    r"\frac{\partial^2 f}{\partial x^2}": "derivative:partial-fraction2(f, x, x)",
    r"\frac{\partial C_{ij}}{\partial A_{pq}}": (
        "derivative:partial-fraction(index(C, i, j), index(A, p, q))"
    ),
    r"A\,dX^{-1}": "[A differential(X^-1)]",
    r"\frac{d + 1}{d + 2}": "divide((d + 1), (d + 2))",
    r"\begin{bmatrix} a & b \\ . & \cdots \end{bmatrix}^T": (
        "matrix(row_list(a, b), row_list(dots, dots))^T"
    ),
    r"\begin{aligned} f &= a \\ &= b \\ &\quad + c \end{aligned}": "f = a = (b + c)",
    r"f = a, \quad g = b.": "list(f = a, g = b)",
    r"X \in \mathbb{R}^{m \times n}": r"X \in power(bb_R, cross(m, n))",
    r"\underbrace{X^T X}_{\text{Gram}} w": "[[X^T X] w]",
    r"\lambda\|w\|_1 + \|x\|_\infty": "([lambda norm:1(w)] + norm:inf(x))",
    r"= B": "? = B",
}


@pytest.mark.parametrize(
    ("latex", "tree"), [(latex, tree) for tree, group in GROUPS.items() for latex in group]
)
def test_every_spelling_gives_the_same_tree(latex: str, tree: str) -> None:
    assert show(parse(latex)) == tree


@pytest.mark.parametrize(("latex", "tree"), list(SINGLE.items()))
def test_grouping(latex: str, tree: str) -> None:
    assert show(parse(latex)) == tree


def test_bold_and_the_author_s_spelling_are_kept() -> None:
    term = parse(r"\mathbf{AB}^{\mathsf T} \boldsymbol{\mu} x \vec{w}")
    names = [node for node in walk(term) if node.kind is Kind.NAME]
    assert [node.latex for node in names] == [
        *(r"\mathbf{A}", r"\mathbf{B}", r"\boldsymbol{\mu}", "x", r"\vec{w}"),
    ]
    assert [node.bold for node in names] == [True, True, True, False, True]
    assert term.args[1].latex == r"{\mathsf T}"
    assert parse("A^{T}").latex == "T"
    assert (parse("A'").text, parse("A'").latex) == ("'", "'")


def test_the_operator_of_a_derivative_is_kept_as_written() -> None:
    assert parse(r"\nabla_{X} f").latex == r"\nabla_{X}"
    assert parse(r"\frac{\partial}{\partial X} f").latex == r"\frac{\partial}{\partial X}"
    assert parse(r"\frac{\partial f}{\partial X}").latex == r"\frac{\partial f}{\partial X}"


def test_every_term_has_its_place() -> None:
    latex = r"\nabla_X \operatorname{tr}(A \mu_1^T X) + \frac{1}{2} \|W_{1} x\|_2^2 = ?"
    for node in walk(parse(latex)):
        assert 0 <= node.span.start <= node.span.end <= len(latex)
        if node.kind is Kind.NAME:
            assert latex[node.span.start : node.span.end] == node.latex
        if node.kind is Kind.NORM:
            assert latex[node.span.start : node.span.end].startswith(r"\|W_{1} x\|")


@pytest.mark.parametrize(
    ("latex", "tree"),
    [
        ("X(Y)^{-1}", "[X Y^-1]"),
        ("A(x + y)^T_{ij}", "[A index((x + y)^T, i, j)]"),
        ("X'(w)", "[X^T w]"),
        ("f(x, y)", "@f(x, y)"),
        ("A B", "[A B]"),
    ],
)
def test_a_call_reads_as_a_product(latex: str, tree: str) -> None:
    assert show(as_product(parse(latex))) == tree


REFUSED = [
    (r"\nabla_x (x^T A", ParseError, "(", "add )"),
    ("(x]", ParseError, "]", "remove"),
    (r"\left( x )", ParseError, r"\left(", r"\right"),
    (r"\frac{a}{b", ParseError, "{", "add }"),
    (r"\begin{bmatrix} a", ParseError, r"\begin{bmatrix}", r"\end{bmatrix}"),
    ("|x", ParseError, "|", "add |"),
    ("", ParseError, "", "write"),
    (r"\frac{}{2}", ParseError, "{}", "write"),
    ("()", ParseError, "()", "write"),
    ("x^", ParseError, "^", "write"),
    ("+", ParseError, "+", "write"),
    ("a +", ParseError, "+", "write"),
    (r"\odot a", ParseError, r"\odot", "write"),
    ("x^a^b", ParseError, "^b", "braces"),
    (r"\log", ParseError, r"\log", "after it"),
    (r"\operatornam{tr}(A)", UnknownCommandError, r"\operatornam", r"\operatorname"),
    (r"\lamda x", UnknownCommandError, r"\lamda", r"\lambda"),
    ("a @ b", UnknownCommandError, "@", r"\odot"),
    ("a $ b", UnknownCommandError, "$", "use"),
    ("a\0b", UnknownCommandError, "\0", "use"),
    (r"\begin{tikz}\end{tikz}", UnknownCommandError, r"\begin{tikz}", "bmatrix"),
    *(
        (rf"{command}{{x}}", UnknownCommandError, command, "take it out")
        for command in (r"\input", r"\include", r"\def", r"\newcommand", r"\href", r"\csname")
    ),
    (r"\write18{ls}", UnknownCommandError, r"\write", "take it out"),
    (r"\int f", Unsupported, r"\int", "without"),
    (r"\sum_{i \in S} x_i", Unsupported, r"\sum_{i \in S}", r"\sum_{i=1}"),
    (r"a/b c", ParseError, "/b c", r"\frac"),
    (r"\tr{A}^2", ParseError, "^", "brackets"),
    (r"\hat{AB}", ParseError, r"\hat{AB}", "single"),
    ("(x, y)", ParseError, ",", "out"),
]


@pytest.mark.parametrize(("latex", "kind", "place", "hint"), REFUSED)
def test_bad_input_is_refused_at_its_place(
    latex: str, kind: type[MdiffError], place: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        parse(latex)
    error = caught.value
    assert error.span is not None
    assert latex[error.span.start : error.span.end] == place
    assert hint in error.hint


LARGE = [
    "(" * 10_000 + "x" + ")" * 10_000,
    "{" * 10_000,
    "x + " * 250_000,
    r"\nabla_x " * 2_000 + "f",
    r"\partial " * 2_000 + "f",
    r"\mathbf " * 2_000 + "x",
    "-" * (MAX_LENGTH - 1) + "x",
    "x" + "'" * (MAX_LENGTH - 1),
    "a/" * (MAX_LENGTH // 2 - 1) + "a",
]


@pytest.mark.parametrize("latex", LARGE)
def test_oversized_input_is_refused_quickly(latex: str) -> None:
    start = time.process_time()
    with pytest.raises((LimitError, ParseError)):
        parse(latex)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("opener", ["(", r"\log(", r"\left[", r"\frac{1}{", "f(", r"\sqrt{", "2^{"])
def test_fifty_levels_of_nesting_are_read(opener: str) -> None:
    closer = {"(": ")", "[": r"\right]", "{": "}"}[opener[-1]]
    term = parse(opener * 50 + "x" + closer * 50)
    assert walk(term)[-1].text in ("x", "2")


def test_a_sum_of_two_thousand_terms_is_read() -> None:
    term = parse(" + ".join(f"a_{i % 10}" for i in range(2_000)))
    assert len(term.args) == 2_000


def test_a_product_of_two_thousand_factors_is_read() -> None:
    assert len(parse(r" \odot ".join("A" * 2_000)).args) == 2_000


PIECES = [
    *(r"\frac", "{", "}", "(", ")", "[", "]", "^", "_", "'", "T", "X", "d", r"\partial", "i"),
    *(r"\nabla", r"\sum", "=", "12", "+", "-", "/", ":", r"\odot", "|", "||", r"\|", r"\left("),
    *(r"\right)", r"\operatorname{tr}", "tr", "diag", r"\log", r"\mathbf{AX}", r"\hat", "&", r"\\"),
    *(r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{aligned}", r"\end{aligned}", ",", ".", "?"),
    *(r"\sqrt", r"\text{a b}", r"\boxed", r"\underbrace", r"\langle", r"\rangle", "e", "D_X", "$"),
    *(r"\norm", r"\pdv", r"\quad", " ", r"\,", r"\mathrm d", r"\dots", "ᵀ", "∇", "%", "\n", "\0"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=20))
def test_any_string_is_read_or_refused(latex: str) -> None:
    error, terms = None, []
    try:
        terms = walk(parse(latex))
    except MdiffError as raised:
        error = raised
    spans = [term.span for term in terms] if error is None else [error.span]
    assert all(span is not None and 0 <= span.start <= span.end <= len(latex) for span in spans)
    if error is not None:
        assert error.message
        assert error.hint
        assert error.show(latex)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=20))
def test_tokens_stand_in_order_in_the_source(latex: str) -> None:
    places = [(token.start, token.end) for token in tokenize(latex)]
    assert all(start <= end <= len(latex) for start, end in places)
    assert places == sorted(places)


def test_tokens_say_what_they_are() -> None:
    kinds = [(t.kind, t.text) for t in tokenize(r"X \in \R^{m\times n}, \quad\text{so}")]
    assert kinds == [
        (TokenKind.LETTER, "X"),
        (TokenKind.RELATION, r"\in"),
        (TokenKind.COMMAND, r"\R"),
        (TokenKind.SUP, "^"),
        (TokenKind.OPEN, "{"),
        (TokenKind.LETTER, "m"),
        (TokenKind.OPERATOR, r"\times"),
        (TokenKind.LETTER, "n"),
        (TokenKind.CLOSE, "}"),
        (TokenKind.PUNCT, ","),
        (TokenKind.TEXT, "so"),
    ]


def test_token_types_are_those_of_the_generated_parser() -> None:
    parse("x")
    from gen.PSParser import PSParser

    ours = {name: value for name, value in vars(grammar.Type).items() if name.isupper()}
    theirs = {name: getattr(PSParser, grammar.GRAMMAR_NAMES[name]) for name in ours}
    assert ours == theirs


def test_tokens_are_read_without_the_grammar() -> None:
    code = (
        "import sys, mdiff_pandoc.latex.visit as v; from mdiff_pandoc.latex.tokens import tokenize;"
        "tokenize('X'); assert not {'antlr4', 'gen', 'sympy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
