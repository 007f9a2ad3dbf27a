"""Declarations: what authors write about symbols, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdiff_pandoc.errors import DeclarationError, MdiffError
from mdiff_pandoc.expr import ONE, SCALAR, Dim
from mdiff_pandoc.latex.declarations import is_fact, read_fact, read_facts
from mdiff_pandoc.latex.reader import read_request


def shape(text):
    rows, columns = read_fact(text).shape
    return str(rows), str(columns)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"X \in \mathbb{R}^{m \times n}", ("m", "n")),
        (r"X \in \mathbb R^{m\times n}", ("m", "n")),
        (r"X\in\R^{3 \times 4}", ("3", "4")),
        (r"\mathbf{x}\in\mathbf{R}^{d_1}", ("d_1", "1")),
        (r"W_1 \in \mathbb{R}^{d_{in} \times d_{\text{out}}}", ("d_in", "d_out")),
        (r"X \in \mathbb{R}^{nm \times n^2}", ("m n", "n n")),
        (r"X \in \mathbb{R}^{(n+1) \times 2k}", ("n+1", "2k")),
        (r"t \in \mathbb{R}", ("1", "1")),
        (r"y \in \{-1, 1\}", ("1", "1")),
        (r"y \in \{0, 1\}^n", ("n", "1")),
        (r"S \in \mathbb{S}^n", ("n", "n")),
        ("A: m×n", ("m", "n")),
        ("A: m x n", ("m", "n")),
        ("A: mxn", ("m", "n")),
        ("A: 3x4", ("3", "4")),
        ("A in R^{m x n}", ("m", "n")),
        (r"x_1, \dots, x_n \in \mathbb{R}^d", ("d", "1")),
        ("x: n", ("n", "1")),
        ("A is an m×n matrix", ("m", "n")),
        ("X ∈ ℝ^{m×n}", ("m", "n")),
    ],
)
def test_shapes(text, expected):
    assert shape(text) == expected


@pytest.mark.parametrize(
    ("text", "assumptions"),
    [
        ("S symmetric", {"symmetric"}),
        (r"S \in \mathbb{R}^{n \times n} symmetric", {"symmetric"}),
        (r"S \in \mathbb{R}^{n\times n}, \text{ symmetric}", {"symmetric"}),
        ("$S$ is symmetric", {"symmetric"}),
        ("S: n×n symmetric", {"symmetric"}),
        ("A = A^T", {"symmetric"}),
        (r"A^\top = A", {"symmetric"}),
        ("A^T = -A", {"skew"}),
        ("Q Q^T = I", {"orthogonal"}),
        ("Q^T Q = I", {"orthonormal columns"}),
        ("Q orthogonal", {"orthogonal"}),
        (r"\|u\| = 1", {"unit"}),
        (r"u^\top u = 1", {"unit"}),
        (r"\Sigma \succ 0", {"symmetric", "positive definite"}),
        (r"\Sigma \succeq 0", {"symmetric"}),
        (r"S \in \mathbb{S}_{++}^n", {"symmetric", "positive definite"}),
        ("Sigma: n×n positive definite", {"symmetric", "positive definite"}),
        (r"\lambda > 0", {"positive"}),
        (r"x \in \mathbb{R}_{+}^n", {"positive"}),
        ("X positive", {"positive"}),
        ("D diagonal", {"diagonal", "symmetric"}),
        ("c constant", {"constant"}),
        ("K invertible", {"invertible"}),
        ("L lower triangular", {"lower triangular"}),
    ],
)
def test_properties(text, assumptions):
    assert read_fact(text).assumptions == assumptions


@pytest.mark.parametrize(
    ("text", "name", "sides", "strong"),
    [
        (r"f = \operatorname{tr}(AXB)", "f", [r"\operatorname{tr}(AXB)"], False),
        ("C = AB", "C", ["AB"], False),
        ("r := Xw - y", "r", ["Xw - y"], True),
        (r"r \triangleq Xw", "r", ["Xw"], True),
        ("let C = AB", "C", ["AB"], True),
        (r"L(w) = \|w\|^2", "L", [r"\|w\|^2"], False),
        (r"f: X \mapsto \det X", "f", [r"\det X"], True),
        (r"f = \sum_i A_{ii} = \operatorname{tr} A", "f", [r"\sum_i A_{ii}", None], False),
        (
            r"f = tr\left[\mathbf{AXB}\right] \ . \tag{1}",
            "f",
            [r"tr\left[\mathbf{AXB}\right]"],
            False,
        ),
    ],
)
def test_definitions(text, name, sides, strong):
    fact = read_fact(text)
    assert fact.names[0].text == name
    assert fact.strong is strong
    for side, expected in zip(fact.sides, sides, strict=True):
        assert expected is None or side.text.strip() == expected
        assert text[side.offset :].startswith(side.text)


def test_several_names_and_several_facts():
    fact = read_fact(r"A, B \in \mathbb{R}^{n \times n}")
    assert [name.text for name in fact.names] == ["A", "B"]
    first, second, third = read_facts(r"X \in \R^{m \times n}, y \in \R^m, r := Xw - y")
    assert (first.names[0].text, second.shape, third.strong) == ("X", (Dim.of("m"), ONE), True)


def test_members_of_a_family_keep_their_index():
    (name,) = read_fact(r"x_i \in \mathbb{R}^d").names
    assert (name.text, name.base, name.indices) == ("x_i", "x", ("i",))


def test_a_function_declared_by_its_sets_has_no_shape():
    fact = read_fact(r"f : \mathbb{R}^{n} \to \mathbb{R}")
    assert (fact.kind, fact.shape) == ("function", None)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"X \in \mathbb{R}^{m \times n}", True),
        ("C = AB", True),
        (r"\lambda > 0", True),
        (r"\nabla_X f = A", False),
        ("X", False),
        ("x^2 = 3", False),
        (r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", False),
        (r"\alpha + \beta", False),
    ],
)
def test_is_fact(latex, expected):
    assert is_fact(latex) is expected


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("A symetric", "symetric", "symmetric"),
        (r"A \in \mathbb{R}^{m \times n} symmetric", None, "not square"),
        (r"A \in \mathbb{C}^{n}", r"\mathbb{C}", "complex"),
        (r"A \in \mathbb{R}^{m \times n \times p}", r"m \times n \times p", "two dimensions"),
        (r"A \in \mathbb{R}^{0}", "0", "at least 1"),
        (r"\nabla_X f", None, "name of a symbol"),
        ("", None, "empty"),
    ],
)
def test_errors_point_at_the_place(text, place, words):
    with pytest.raises(DeclarationError) as caught:
        read_fact(text)
    error = caught.value
    assert words in error.message + error.hint
    assert error.source == text
    if place is not None:
        assert text[error.span.start : error.span.end] == place


def test_contradictory_declarations_name_both():
    declare = [r"A \in \mathbb{R}^{n \times n}", r"A \in \mathbb{R}^{m \times n}"]
    with pytest.raises(DeclarationError) as caught:
        read_request(r"\nabla_A \operatorname{tr}(A)", declare)
    assert all(text in caught.value.message for text in declare)
    assert caught.value.source == declare[1]


def test_symmetry_needs_a_square_shape_wherever_it_is_declared():
    with pytest.raises(DeclarationError, match="symmetric"):
        read_request(r"\nabla_A \|A\|_F", [r"A \in \R^{m \times n}", "A symmetric"])


def test_own_declarations_beat_the_document_and_later_facts_beat_earlier_ones():
    request = read_request(
        r"\nabla_x x^T A x",
        [r"A \in \mathbb{R}^{3 \times 3}"],
        [r"x \in \mathbb{R}^{7}", r"A \in \mathbb{R}^{k \times k}", r"x \in \mathbb{R}^3"],
    )
    assert request.variable.shape == (Dim.of(3), ONE)
    assert request.assumed == ()


def test_unreadable_facts_of_the_document_are_left_out():
    request = read_request(r"\nabla_x x^T x", (), ["garbage {", "x @ y", r"y = \frac{"])
    assert request.assumed == (r"x \in \mathbb{R}^n",)


def test_unreadable_declarations_of_the_request_are_errors():
    with pytest.raises(MdiffError) as caught:
        read_request(r"\nabla_x x^T x", ["x @ y"])
    assert caught.value.source == "x @ y"


@given(st.text(alphabet=r"AXxm\in{}R^_123 =:,>0T\times" + "symetric", max_size=30))
def test_any_text_is_a_fact_or_a_declaration_error(text):
    is_fact(text)
    try:
        facts = read_facts(text)
    except DeclarationError as error:
        facts, span = (), error.span
        inside = span is None or 0 <= span.start <= span.end <= len(text)
    else:
        inside = bool(facts)
    assert inside


def test_scalars_are_one_by_one():
    assert read_fact(r"t \in \R").shape == SCALAR


@pytest.mark.parametrize(
    "declaration",
    [
        r"\frac{\partial L}{\partial Y} \in \mathbb{R}^{n \times k}",
        r"G = \frac{\partial L}{\partial Y}",
        r"\bar Y = \nabla_Y L",
        "L = L(Y)",
    ],
)
def test_a_known_gradient_makes_its_function_an_unspecified_one(declaration):
    request = read_request(r"\frac{\partial L}{\partial W}", ["Y = XW", declaration])
    told = read_facts(declaration)[0]
    assert (told.kind, [name.text for name in told.parameters]) == ("function", ["Y"])
    assert request.variable.data.name == "W"


def test_an_equation_before_a_set_states_both():
    symmetric, shaped = read_facts(r"A = A^\top \in \mathbb{R}^{n \times n}")
    assert symmetric.assumptions == {"symmetric"}
    assert [str(size) for size in shaped.shape] == ["n", "n"]
    defined, _ = read_facts(r"z = Wx + b \in \mathbb{R}^k")
    assert defined.strong
    assert defined.sides[0].text.strip() == "Wx + b"


def test_the_definition_of_a_variable_tells_its_shape():
    context = ["let z = Wx + b", r"W \in \mathbb{R}^{k \times d}"]
    request = read_request(r"\nabla_z \|z\|^2", (), context)
    assert [str(size) for size in request.variable.shape] == ["k", "1"]


def test_the_subscript_of_a_norm_is_shown_as_written():
    with pytest.raises(MdiffError, match="subscript 1/2 "):
        read_request(r"\nabla_x \|x\|_{1/2}")


def test_prose_is_quoted_whole() -> None:
    with pytest.raises(DeclarationError, match="the declaration 'complete nonsense' is not"):
        read_facts("complete nonsense")
