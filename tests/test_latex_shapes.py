"""Shape inference: which reading of a formula is taken, and what it assumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdiff_pandoc.errors import MdiffError, NotSquareError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import ONE, Dim, Op, walk
from mdiff_pandoc.latex.reader import read_expression, read_request


def shapes(request):
    return {s.data.name: tuple(map(str, s.shape)) for s in request.f.symbols}


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\nabla_X \operatorname{tr}(AXB)", {"X": ("m", "n"), "A": ("p", "m"), "B": ("n", "p")}),
        (r"\nabla_x \|Ax - b\|^2", {"x": ("n", "1"), "A": ("m", "n"), "b": ("m", "1")}),
        (r"\nabla_x x^T A x", {"x": ("n", "1"), "A": ("n", "n")}),
        (r"\nabla_w -\log(\sigma(y w^T x))", {"y": ("1", "1"), "w": ("n", "1"), "x": ("n", "1")}),
        (r"\nabla_A \operatorname{tr}(aA)", {"a": ("1", "1"), "A": ("n", "n")}),
        (r"\nabla_X \|AX - B\|_F^2 + \mu \|X\|_F^2", {"mu": ("1", "1"), "X": ("m", "n")}),
        (r"\nabla_\mu (x - \mu)^T \Sigma^{-1} (x - \mu)", {"mu": ("n", "1"), "Sigma": ("n", "n")}),
        (r"\nabla_x \frac{1}{2\sigma^2}\|x - \mu\|^2", {"sigma": ("1", "1"), "mu": ("n", "1")}),
        (r"\frac{d}{dt} \sin(t)^2", {"t": ("1", "1")}),
        (r"\nabla_t t^2 x^T x + t a^T x", {"t": ("1", "1"), "x": ("n", "1")}),
        (r"\nabla_X \log\det(X^T X)", {"X": ("m", "n")}),
        (r"\nabla_w \frac{C}{2}\|w\|^2", {"C": ("1", "1"), "w": ("n", "1")}),
    ],
)
def test_inferred_shapes(latex, expected):
    found = shapes(read_request(latex))
    assert {name: found[name] for name in expected} == expected


def test_assumptions_are_said_of_what_no_declaration_gave():
    request = read_request(r"\nabla_X \operatorname{tr}(A X B)", [r"A \in \mathbb{R}^{p \times m}"])
    assert request.assumed == (
        r"X \in \mathbb{R}^{m \times n}",
        r"B \in \mathbb{R}^{n \times p}",
    )
    assert read_request(r"\nabla_X \operatorname{tr}(X^k)").assumed[1] == r"k \in \mathbb{N}"


def test_invented_dimensions_keep_clear_of_the_symbols():
    request = read_request(r"\nabla_n n^T m p^T q")
    names = {name for s in request.f.symbols for dim in s.shape for name in dim.names}
    assert names.isdisjoint({"n", "m", "p", "q"})


@pytest.mark.parametrize(
    ("latex", "shape"),
    [
        (r"A x^T y", ("m", "n")),
        (r"x^T x A", ("m", "n")),
        (r"a^T x B x", ("m", "1")),
        (r"x^T y A x^T y", ("m", "n")),
        (r"x^T A x y^T", ("1", "n")),
    ],
)
def test_scalar_stretches_of_a_chain_are_factors(latex, shape):
    declare = [r"A, B \in \R^{m \times n}", r"x, y, a \in \R^n"]
    if latex == r"x^T A x y^T":
        declare[0] = r"A \in \R^{n \times n}"
    expr, _ = read_expression(latex, declare)
    assert tuple(map(str, expr.shape)) == shape


def test_two_scalar_forms_side_by_side_are_a_product_of_scalars():
    expr, _ = read_expression(r"x^T A x x^T B x", [r"A, B \in \R^{n \times n}", r"x \in \R^n"])
    assert expr.op is Op.MUL


def test_a_quotient_of_matrices_is_elementwise_and_of_scalars_is_not():
    declare = [r"V, Z \in \R^{m \times n}", r"t \in \R"]
    assert read_expression(r"\frac{V}{Z}", declare)[0].op is Op.HDIV
    assert read_expression(r"\frac{V}{t}", declare)[0].op is Op.SCALE
    assert read_expression(r"\frac{t}{t^2}", declare)[0].op is Op.MUL


def test_a_number_is_added_to_every_entry_and_said_to_be():
    request = read_request(r"\nabla_x \mathbf{1}^T \log(1 + \exp(x))")
    assert request.notes == ("$1$ is added to every entry",)
    assert any(node.op is Op.ONES and node.shape == (Dim.of("n"), ONE) for node in walk(request.f))


@pytest.mark.parametrize("text", [r"\lambda", "b"])
def test_a_symbol_is_not_added_to_a_matrix(text):
    latex = rf"\nabla_X \operatorname{{tr}}(X + {text})"
    with pytest.raises(ShapeError) as caught:
        read_request(latex)
    assert "shape" in caught.value.message
    assert text in caught.value.message
    span = caught.value.span
    assert latex[span.start : span.end] == f"X + {text}"


def test_a_product_that_does_not_conform_names_both_factors():
    latex = r"\nabla_X \operatorname{tr}(A X B)"
    declare = [
        r"A \in \mathbb{R}^{3 \times 4}",
        r"X \in \mathbb{R}^{5 \times 2}",
        r"B \in \mathbb{R}^{2 \times 3}",
    ]
    with pytest.raises(ShapeError) as caught:
        read_request(latex, declare)
    error = caught.value
    assert error.message.startswith("cannot multiply A (3×4) by X (5×2)")
    assert latex[error.span.start : error.span.end] == "A X"


@pytest.mark.parametrize(
    "latex", [r"\operatorname{tr}(X)", r"\det X", r"\operatorname{tr}(X^{-1})", r"\|X^2\|_F"]
)
def test_what_needs_a_square_matrix_says_so(latex):
    with pytest.raises(NotSquareError, match="square"):
        read_request(rf"\nabla_X {latex}", [r"X \in \mathbb{R}^{3 \times 2}"])


@pytest.mark.parametrize(
    ("latex", "hint"),
    [
        (r"\nabla_X AXB", r"\frac{\partial (AXB)}{\partial X}"),
        (r"\nabla_x Ax", r"\frac{\partial (Ax)}{\partial x^\top}"),
        (r"\nabla_X \|X\|_\infty", r"\|X\|_F"),
        (r"\nabla_x \|x\|_*", r"\|x\|_p"),
        (r"\nabla_x \mathbb{E} x", r"\mathbb{E}["),
        (r"\nabla_x \max(x)", r"\max(0, x)"),
        (r"\nabla_x^3 x^T A x", "second"),
    ],
)
def test_what_is_not_supported_says_what_to_write(latex, hint):
    with pytest.raises(UnsupportedError) as caught:
        read_request(latex)
    assert hint in caught.value.hint
    assert caught.value.span is not None


def test_powers_of_vectors_are_refused_with_a_way_out():
    with pytest.raises(ShapeError) as caught:
        read_request(r"\nabla_x x^2", [r"x \in \R^n"])
    assert r"\odot" in caught.value.hint


def test_dimensions_may_stand_as_numbers():
    request = read_request(r"\nabla_w \frac{1}{2m}\|Xw - y\|^2", [r"X \in \R^{m \times n}"])
    assert any(node.op is Op.DIMENSION and str(node.data) == "m" for node in walk(request.f))


@pytest.mark.parametrize(
    ("latex", "op"),
    [
        (r"|X|", Op.DET),
        (r"|x^T y|", Op.FUNC),
        (r"\|x\|", Op.NORM),
        (r"\operatorname{diag}(x)", Op.DIAG),
        (r"\operatorname{diag}(X)", Op.DIAGONAL),
        (r"x \cdot y", Op.MATMUL),
        (r"\langle X, Y \rangle", Op.TRACE),
        (r"X : Y", Op.TRACE),
        (r"X \odot Y", Op.HADAMARD),
        (r"X^{\odot 2}", Op.HPOWER),
        (r"x'", Op.TRANSPOSE),
        (r"X^k", Op.POWER),
        (r"e^{X}", Op.FUNC),
        (r"X \otimes Y", Op.KRON),
        (r"I_n", Op.IDENTITY),
        (r"\sigma(X)", Op.FUNC),
    ],
)
def test_notation_by_shape(latex, op):
    declare = [r"X, Y \in \R^{n \times n}", r"x, y \in \R^n", r"k \in \R"]
    assert read_expression(latex, declare)[0].op is op


def test_sigma_is_a_scalar_where_it_is_used_as_one():
    request = read_request(r"\nabla_x \sigma(x^T x) + \sigma^2")
    assert "sigma" in {s.data.name for s in request.f.symbols}
    assert "sigma" not in {s.data.name for s in read_request(r"\nabla_x \sigma(x^T x)").f.symbols}


def test_bold_and_italic_are_one_symbol_unless_both_stand_alone():
    one = read_request(r"\frac{\partial \operatorname{tr}(AX)}{\partial \mathbf{X}}")
    assert {s.data.name for s in one.f.symbols} == {"A", "X"}
    two = read_request(r"\nabla_{\mathbf{w}} \mathbf{a}^T \mathbf{w} + a \|\mathbf{w}\|^2")
    assert len(two.f.symbols) == 3
    declared = read_request(r"\nabla_{\mathbf{x}} \mathbf{x}^T \mathbf{x}", [r"x \in \R^5"])
    assert declared.assumed == ()


_TERMS = st.recursive(
    st.sampled_from(
        ["A", "X", "x", "y", r"\lambda", "I", r"\mathbf{1}", "2", "x_i", "X_{ij}", "W_1", "n"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(" + ".join),
        st.tuples(inner, inner).map(r" \odot ".join),
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        inner.map(lambda t: rf"\left({t}\right)^T"),
        inner.map(lambda t: rf"\operatorname{{tr}}({t})"),
        inner.map(lambda t: rf"\|{t}\|^2"),
        inner.map(lambda t: rf"\sum_{{i=1}}^n {t}"),
        inner.map(lambda t: rf"({t})^{{-1}}"),
        inner.map(lambda t: rf"\operatorname{{diag}}({t})"),
    ),
    max_leaves=8,
)


@given(_TERMS, st.sampled_from([r"\nabla_X", r"\nabla_x", r"\frac{d}{dt}", r"\nabla"]))
def test_every_formula_is_read_or_refused_with_a_place(term, operator):
    latex = rf"{operator} \left({term}\right) = ?"
    try:
        request = read_request(latex)
    except MdiffError as error:
        request, span = None, error.span
    if request is None:
        assert span is not None
        assert 0 <= span.start <= span.end <= len(latex)
        return
    assert request.f.is_scalar
    assert not any(
        name.startswith("?") for s in request.f.symbols for dim in s.shape for name in dim.names
    )


def test_a_shape_that_no_size_fits_is_asked_for():
    """The block below Ax is no scalar, whatever m is, and its own size is nowhere said."""
    latex = r"\frac{\partial}{\partial x^\top} \begin{bmatrix} A x \\ y \end{bmatrix} = ?"
    with pytest.raises(ShapeError) as caught:
        read_request(latex, [r"A \in \mathbb{R}^{m \times n}"])
    assert "declare it, as in y" in caught.value.hint
    assert caught.value.span is not None


@pytest.mark.parametrize(
    ("declared", "shape"),
    [
        (("W^T W = I",), ("m", "n")),
        (("W W^T = I",), ("n", "n")),
        (("W^T W = I", "W W^T = I"), ("n", "n")),
        ((r"W \in \mathbb{R}^{d \times k}", "W^T W = I"), ("d", "k")),
    ],
)
def test_orthonormal_columns_are_those_of_a_matrix_that_need_not_be_square(declared, shape):
    request = read_request(r"\nabla_W \operatorname{tr}(W^T C W)", declared)
    assert shapes(request)["W"] == shape
    assert request.variables[0].assumed("orthogonal")
