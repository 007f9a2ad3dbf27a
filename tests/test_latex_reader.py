"""Requests: found in a formula, taken apart, and read with the definitions around them."""

import statistics
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdiff_pandoc.errors import (
    DeclarationError,
    LimitError,
    MdiffError,
    ParseError,
    UnknownCommandError,
    UnknownSymbolError,
    UnsupportedError,
)
from mdiff_pandoc.expr import Op, walk
from mdiff_pandoc.expr.matrix_form import to_matrix_form
from mdiff_pandoc.latex.reader import find_request, read_expression, read_request

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"

GRADIENTS = [
    # f | variable | declarations
    (r"\operatorname{tr}(A B A^{\top} C)", "A", "A: m×n; B: n×n; C: m×m"),
    (r"\mu^{T} A \mu", r"\mu", "mu: n; A: n×n"),
    (r"|A|", "A", "A: n×n"),
    (r"\operatorname{tr}[\mathbf{A X X}^{T} \mathbf{B}]", "X", "A: m×m; X: m×n; B: m×m"),
    (r"tr[\mathbf{V}^T \log(\mathbf{A X B})]", "X", "V: p×q; A: p×m; X: m×n; B: n×q"),
    (r"tr[\mathbf{A}\,diag(\mathbf{x})\,\mathbf{B}]", "x", "A: p×n; x: n; B: n×p"),
    (r"(x - A s)^T W (x - A s)", "s", "x: m; A: m×n; s: n; W: m×m symmetric"),
    (r"\frac{x^T y}{\|x\|_2 \|y\|_2}", "x", "x: n; y: n"),
    (r"\|W_2 \tanh(W_1 x + b_1) + b_2 - y\|^2", "b_1", "W_2: k×h; W_1: h×d; x: d; b_1: h; b_2: k"),
    (r"\sum_{i=1}^{n} a_i \log(x_i)", "x", "a: n; x: n"),
    (r"\operatorname{vec}(X)^T A \operatorname{vec}(X)", "X", "X: n×n; A: nn×nn"),
]


@pytest.mark.parametrize(
    ("latex", "body", "suffix"),
    [
        (r"\nabla_X \operatorname{tr}(AXB) = ?", r"\nabla_X \operatorname{tr}(AXB)", ""),
        (r"\frac{\partial f}{\partial X} =?", r"\frac{\partial f}{\partial X}", ""),
        (
            r"\frac{\partial f}{\partial X} = \; ? . \tag{2}",
            r"\frac{\partial f}{\partial X}",
            r". \tag{2}",
        ),
        (r"\frac{d}{dx} \sin x =", r"\frac{d}{dx} \sin x", ""),
        (r"\partial_X f = \boxed{?}", r"\partial_X f", ""),
        (r"D_X f &= ?,", "D_X f", ","),
        (
            "\\begin{equation}\\label{eq:a}\n\\nabla_X f = ?\n\\end{equation}",
            r"\nabla_X f",
            r"\label{eq:a}",
        ),
        (r"\begin{aligned} f &= x^T x \\ \nabla_x f &= ? \end{aligned}", r"\nabla_x f", ""),
        (r"f = x^T x, \quad \nabla_x f = ?", r"\nabla_x f", ""),
        (
            r"\nabla_X f = \nabla_X \det X = ? \qquad (4)",
            r"\nabla_X f = \nabla_X \det X",
            r"\qquad (4)",
        ),
        (r"\pdv{f}{X} = ?", r"\pdv{f}{X}", ""),
        (r"\nabla_x (x^T A = ?", r"\nabla_x (x^T A", ""),
    ],
)
def test_requests_are_found(latex, body, suffix):
    found = find_request(latex)
    assert (found.body, found.suffix) == (body, suffix)
    assert latex[found.offset :].startswith(body)


@pytest.mark.parametrize(
    "latex",
    [
        r"x^2 + 1 = ?",
        r"\nabla_X f = A",
        r"\frac{x}{\partial X} = ?",
        r"\operatorname{tr}(A) = ?",
        r"\begin{align} \nabla_X f = \\ &= A \end{align}",
        r"\nabla_X f",
        r"a = b \quad ?",
        "",
    ],
)
def test_other_formulas_are_no_requests(latex):
    assert find_request(latex) is None


def test_in_a_marked_place_a_bare_derivative_is_a_request():
    assert find_request(r"\nabla_X f.", marked=True).body == r"\nabla_X f"
    assert find_request(r"\nabla_X f = A", marked=True) is None
    assert find_request(r"x + y", marked=True) is None


def test_a_formula_that_goes_on_elsewhere_is_told_from_a_question():
    assert not find_request(r"\nabla_x x^T A x =").explicit
    assert find_request(r"\nabla_x x^T A x = ?").explicit


@pytest.mark.parametrize(("f", "variable", "declare"), GRADIENTS)
@pytest.mark.parametrize(
    "form",
    [
        r"\nabla_{%s} \left( %s \right) = ?",
        r"\nabla_{%s} %s",
        r"\frac{\partial}{\partial %s} %s = ?",
    ],
)
def test_a_request_reads_the_same_in_every_form_and_without_declarations(
    form, f, variable, declare
):
    latex = form % (variable, f)
    declared = read_request(latex, declare.split("; "))
    assert (
        declared.f
        is read_request(rf"\nabla_{{{variable}}} \left( {f} \right)", declare.split("; ")).f
    )
    assert str(read_request(latex).f) == str(declared.f)


@pytest.mark.parametrize(
    ("latex", "operator", "f_latex"),
    [
        (r"\nabla_X \operatorname{tr}(AX) = ?", r"\nabla_X f", r"\operatorname{tr}(AX)"),
        (r"\nabla_X \left( a^T X b \right) = ?", r"\nabla_X f", r"a^T X b"),
        (
            r"\frac{\partial \operatorname{tr}(AX)}{\partial \mathbf{X}}",
            r"\frac{\partial f}{\partial \mathbf{X}}",
            r"\operatorname{tr}(AX)",
        ),
        (r"\frac{\partial (a^T x)}{\partial x}", r"\frac{\partial f}{\partial x}", r"a^T x"),
        (
            r"\frac{\partial}{\partial x} (x-a)^T(x-a)",
            r"\frac{\partial}{\partial x} f",
            r"(x-a)^T(x-a)",
        ),
        (r"\frac{d}{dt} e^{t^2}", r"\frac{d}{dt} f", r"e^{t^2}"),
        (r"\partial_x \|x\|_3", r"\partial_x f", r"\|x\|_3"),
        (r"\nabla_x f^T x", r"\nabla_x \phi", r"f^T x"),
    ],
)
def test_the_authors_own_words_are_kept(latex, operator, f_latex):
    request = read_request(latex)
    assert (request.operator, request.f_latex) == (operator, f_latex)
    assert request.derivative == latex.removesuffix(" = ?")


def test_notation_is_the_authors():
    notation = read_request(
        r"\nabla_{\mathbf X} \text{Tr}(\mathbf A^{\mathsf T}(\mathbf X \circ B)) + |C|"
    ).notation
    assert notation.transpose == r"{\mathsf T}"
    assert notation.symbols["X"] == r"\mathbf X"
    assert notation.heads["hadamard"] == r"\circ"
    assert notation.heads["det"] == "bars"
    assert "Tr" in notation.heads["trace"]


def test_an_operator_before_a_sum_applies_to_all_of_it_and_says_so():
    request = read_request(r"\nabla_X \|AX-B\|_F^2 + \mu\|X\|_F^2 = ?")
    assert request.f.op is Op.SUM
    assert request.notes == ("the operator is read as applying to the whole sum",)
    with pytest.raises(UnsupportedError):
        read_request(r"\nabla_x (a^T x) + b^T x = ?")
    with pytest.raises(UnsupportedError):
        read_request(r"\nabla_x a^T x + \nabla_x b^T x = ?")


def test_a_transposed_derivative_is_marked():
    assert read_request(r"\nabla_{A^T} \operatorname{tr}(AB)").transposed
    request = read_request(r"\left(\nabla_A \operatorname{tr}(AB)\right)^\top = ?")
    assert request.transposed
    assert request.operator == r"\left(\nabla_A f\right)^\top"


# Definitions


def test_a_bare_function_name_is_replaced_by_its_definition():
    request = read_request(r"\frac{\partial L}{\partial w} = ?", (), [r"L(w) = \|Xw - y\|^2"])
    assert (request.name, request.f_latex) == ("L", r"\|Xw - y\|^2")
    assert request.operator == r"\frac{\partial L}{\partial w}"


def test_the_latest_definition_counts():
    context = [r"f = \operatorname{tr}(AXB)", r"f = \det X"]
    assert read_request(r"\nabla_X f = ?", (), context).f.op is Op.DET


def test_names_that_hide_the_variable_are_opened_and_others_are_not():
    request = read_request(r"\nabla_w \|r\|^2 + b^T b", ["r := Xw - y"], ["b = A c"])
    assert {s.data.name for s in request.f.symbols} == {"X", "w", "y", "b"}
    assert "with $r = Xw - y$" in request.notes


def test_a_definition_gives_its_symbol_a_shape():
    request = read_request(
        r"\nabla_X \operatorname{tr}(CX)",
        [r"A \in \R^{5 \times 2}", r"B \in \R^{2 \times 3}"],
        ["C = AB"],
    )
    (c,) = (s for s in request.f.symbols if s.data.name == "C")
    assert str(c.shape[0]) == "5"
    assert request.assumed == (r"X \in \mathbb{R}^{3 \times 5}",)


def test_a_shape_that_a_definition_leaves_open_is_said_to_be_assumed():
    request = read_request(r"\nabla_X \operatorname{tr}(CX)", (), ["C = AB"])
    assert r"C \in \mathbb{R}^{n \times m}" in request.assumed


def test_a_declared_shape_outweighs_a_plain_equation_of_the_document():
    declare = [r"C, X \in \R^{n \times n}"]
    assert len(read_request(r"\nabla_X \operatorname{tr}(CX)", declare, ["C = AX"]).f.symbols) == 2


def test_arguments_take_the_place_of_parameters():
    request = read_request(r"\nabla_x g(Ax)", ["g(z) = z^T z"])
    assert {s.data.name for s in request.f.symbols} == {"A", "x"}
    assert read_request(r"\nabla_x g(x)", ["g(z) = z^T z"]).f_latex == "x^T x"


def test_a_definition_in_the_same_formula_counts():
    assert read_request(r"f = x^T A x, \quad \nabla_x f = ?").f.op is Op.MATMUL


def test_without_a_subscript_the_variable_is_what_the_function_names():
    assert read_request(r"\nabla f(X) = ?", (), [r"f(X) = a^T X b"]).variable.data.name == "X"
    assert read_request(r"\nabla \|x\|^2").variable.data.name == "x"
    with pytest.raises(UnknownSymbolError) as caught:
        read_request(r"\nabla a^T x")
    assert r"\nabla_" in caught.value.hint


def test_circular_definitions_are_reported():
    with pytest.raises(DeclarationError, match="f → g → f"):
        read_request(r"\nabla_X f", ["f = g", "g = f"])


def test_exploding_definitions_are_reported():
    chain = [f"A_{i} := A_{i + 1} A_{i + 1}" for i in range(1, 40)]
    with pytest.raises(MdiffError):
        read_request(r"\nabla_{A_{40}} \operatorname{tr}(A_1)", chain)


def test_errors_inside_a_definition_point_into_it():
    text = "r := Xw - A y"
    with pytest.raises(MdiffError) as caught:
        read_request(
            r"\nabla_w \|r\|^2", [text, r"A \in \R^{2 \times 3}", r"y \in \R^4", r"w \in \R^5"]
        )
    error = caught.value
    assert error.source == text
    assert text[error.span.start : error.span.end] == "A y"
    assert "A y" in error.show("")


def test_errors_inside_a_definition_of_the_document_point_at_the_name():
    latex = r"\nabla_w \|r\|^2"
    with pytest.raises(MdiffError) as caught:
        read_request(latex, [r"A \in \R^{2 \times 3}", r"y \in \R^4"], ["r := Xw - A y"])
    span = caught.value.span
    assert latex[span.start : span.end] == "r"
    assert "in the definition of r" in caught.value.message


# Refusals


@pytest.mark.parametrize(
    ("latex", "kind", "place"),
    [
        (r"\nabla_Z \operatorname{tr}(AX)", UnknownSymbolError, "Z"),
        (r"\nabla_X f", UnknownSymbolError, "f"),
        (r"\nabla_X f(X)", UnknownSymbolError, "f(X)"),
        (r"\nabla_2 x", ParseError, "2"),
        (r"\nabla_{AX} \operatorname{tr}(AX)", ParseError, "AX"),
        (r"\nabla_X \operatorname{foo}(X)", UnknownCommandError, None),
        (r"\nabla_x x^T A x = 2 A x", UnsupportedError, None),
        (r"x^2", ParseError, None),
        (r"\nabla_x (x^T A", ParseError, None),
        (r"\nabla_X", ParseError, None),
    ],
)
def test_refusals_point_at_the_place(latex, kind, place):
    with pytest.raises(kind) as caught:
        read_request(latex)
    span = caught.value.span
    assert span is not None
    if place is not None:
        assert latex[span.start : span.end] == place


def test_a_declared_variable_may_be_absent():
    request = read_request(r"\nabla_x \operatorname{tr}(A)", [r"x \in \R^n"])
    assert request.declared_only


@pytest.mark.parametrize(
    "latex",
    [
        r"\nabla_x " + "(" * 10_000 + "x^T x" + ")" * 10_000,
        r"\nabla_x " + "x + " * 250_000 + "x",
        r"\nabla_x " + r"\frac{1}{" * 3_000 + "x" + "}" * 3_000,
    ],
)
def test_enormous_formulas_are_refused_in_time(latex):
    start = time.process_time()
    with pytest.raises(LimitError):
        read_request(latex + " = ?")
    assert time.process_time() - start < 2


# Sums over indices


@pytest.mark.parametrize(
    ("sums", "matrix"),
    [
        (r"\sum_{i=1}^n a_i \log(x_i)", r"a^T \log(x)"),
        (r"\sum_i x_i", r"\mathbf{1}^T x"),
        (r"\sum_i x_i^2", r"\|x\|_2^2"),
        (r"\sum_{i,j} A_{ij} X_{ij}", r"\operatorname{tr}(A X^T)"),
        (r"\sum_{i,j} X_{ij}^2", r"\|X\|_F^2"),
        (r"\sum_i X_{ii}", r"\operatorname{tr}(X)"),
        (r"\sum_i \sum_j x_i X_{ij} y_j", r"x^T X y"),
        (r"\sum_i \sum_j \sum_k A_{ij} X_{jk} B_{ki}", r"\operatorname{tr}(AXB)"),
        (r"\sum_{i}\sum_{k} \left( X_{ik} - \sum_{j} W_{ij} H_{jk} \right)^2", r"\|X - WH\|_F^2"),
        (r"\sum_i (y_i - x_i)^2", r"\|y - x\|_2^2"),
    ],
)
def test_sums_over_entries_take_matrix_form(sums, matrix):
    declare = [
        r"a, x, y \in \R^n",
        r"A, X, B \in \R^{n \times n}",
        r"W \in \R^{n \times k}",
        r"H \in \R^{k \times n}",
    ]
    expr, _ = read_expression(sums, declare)
    expected, _ = read_expression(matrix, declare)
    assert to_matrix_form(expr) is expected


def test_a_sum_over_samples_stays_a_sum():
    request = read_request(r"\nabla_w \frac{1}{n} \sum_{i=1}^n (y_i - w^T x_i)^2 = ?")
    assert any(node.op is Op.INDEX_SUM for node in walk(request.f))
    members = {s.data.indices for s in request.f.symbols if s.data.name == "x"}
    assert members == {("i",)}
    assert r"x_i \in \mathbb{R}^m" in request.assumed


def test_small_entries_belong_to_the_capital_matrix():
    request = read_request(r"\nabla_A \sum_{j=1}^{n} \sum_{i=1}^{m} a_{ji} b_{ij} = ?")
    assert request.variable in request.f.symbols


# Everything at once


def _shared(name):
    path = CASES / name
    if not path.exists():
        pytest.skip("the shared cases are not here")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [field.strip() for field in line.rstrip("| ").split(" | ")]


def _declarations(column):
    names = {"mu": r"\mu", "Sigma": r"\Sigma"}
    words = {"sym": "symmetric", "spd": "positive definite", "pos": "positive"}
    for item in column.split():
        left, _, right = item.partition(":")
        if left.startswith("+"):
            if right and left[1:] in words:
                yield f"{names.get(right, right)} {words[left[1:]]}"
        else:
            size = r" \times ".join(" ".join(part) for part in right.split(",") if part)
            power = f"^{{{size}}}" if size else ""
            yield rf"{names.get(left, left)} \in \mathbb{{R}}{power}"


def test_the_shared_gradients_are_read_with_and_without_declarations():
    times = []
    for _, f, variable, column, *_ in _shared("gradients.txt"):
        for declare in (list(_declarations(column)), []):
            latex = rf"\nabla_{{{variable}}} \left( {f} \right) = ?"
            read_request(latex, declare)
            start = time.process_time()
            request = read_request(latex, declare)
            times.append(time.process_time() - start)
            assert request.f.is_scalar
            assert request.variable in request.f.symbols
    assert statistics.median(times) < 0.02


def test_the_shared_refusals_speak_of_what_is_wrong():
    for _, latex, declare, word in _shared("refusals.txt"):
        with pytest.raises(MdiffError) as caught:
            read_request(latex, declare.split("; "))
        error = caught.value
        assert word in f"{error.code} {error.message}"
        assert error.span is not None
        assert error.hint


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                r"\nabla_X",
                r"\frac{\partial f}{\partial x}",
                "=",
                "?",
                "X",
                "x",
                "(",
                ")",
                "^T",
                "_i",
                "^{-1}",
                "+",
                r"\operatorname{tr}(",
                r"\|",
                "|",
                "{",
                "}",
                r"\sum_{i}",
                "&",
                r"\\",
                ",",
            ]
        ),
        max_size=12,
    ).map(" ".join),
    st.lists(
        st.sampled_from(["f = x^T x", "x: n", "f(X) = X", r"x_i \in \R^d", "X = x"]), max_size=3
    ),
)
def test_any_soup_of_tokens_is_read_or_refused(latex, context):
    find_request(latex)
    try:
        request = read_request(latex, (), context)
    except MdiffError as error:
        done = bool(error.show(latex))
    else:
        done = bool(request.variables)
    assert done
