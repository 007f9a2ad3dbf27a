"""Functions that nobody defined, and upstream gradients."""

import pytest

from mdiff_pandoc.errors import ShapeError, UnknownSymbolError, UnsupportedError
from mdiff_pandoc.expr import (
    Dim,
    Layout,
    Op,
    apply,
    derivative,
    entry,
    matmul,
    named,
    power,
    slope,
    symbol,
    transpose,
    vec,
    walk,
)
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.service import derive

A = symbol("A", "N", "D")
B = symbol("B", "D", "M")
X = symbol("X", "m", "n")
C = named("C", matmul(A, B))
MAP = r"f : \mathbb{R}^{N \times M} \to \mathbb{R}"
DECLARED = (r"A \in \mathbb{R}^{N \times D}", r"B \in \mathbb{R}^{D \times M}")


@pytest.mark.parametrize(
    "context",
    [
        [MAP, "C = AB", "y = f(C)"],
        [MAP, "C = AB", "f(C) = y"],
        ["C = AB", "y = f(C)"],
        [r"f \colon \mathbb{R}^{N \times M} \rightarrow \mathbb{R}", "C = AB", "y = f(C)"],
    ],
)
def test_a_function_of_a_name(context):
    request = read_request(r"\frac{\partial y}{\partial A} = ?", DECLARED, context)
    assert request.f is apply("f", (C,))
    assert request.variables == (A,)
    assert (request.name, request.operator) == ("y", r"\frac{\partial y}{\partial A}")


def test_a_value_may_be_named_before_or_after_the_function_is_declared():
    for context in ([MAP, "C = AB", "f(C) = y"], ["C = AB", "f(C) = y", MAP]):
        request = read_request(r"\frac{\partial y}{\partial B} = ?", DECLARED, context)
        assert request.f is apply("f", (C,))
    declared = read_request(
        r"\frac{\partial y}{\partial B} = ?", (*DECLARED, MAP), ["C = AB", "f(C) = y"]
    )
    assert declared.f is apply("f", (C,))


def test_an_undeclared_function_is_said_to_be_taken_as_scalar():
    request = read_request(r"\frac{\partial y}{\partial A}", DECLARED, ["C = AB", "y = f(C)"])
    assert "$f$ is read as a function with scalar values" in request.notes
    assert not read_request(r"\frac{\partial y}{\partial A}", (*DECLARED, MAP),
                            ["C = AB", "y = f(C)"]).notes[1:]  # fmt: skip


def test_a_gradient_of_an_unspecified_function_of_an_expression():
    request = read_request(r"\nabla_A f(AB) = ?", (*DECLARED, MAP))
    assert request.f is apply("f", (matmul(A, B),))
    request = read_request(r"\nabla_x f(Px) = ?", [r"P \in \mathbb{R}^{m \times n}"])
    assert request.f.op is Op.APPLY
    assert request.f.is_scalar


def test_a_function_of_a_hidden_vector_acts_entry_by_entry():
    request = read_request(r"\frac{\partial h}{\partial x}", (), ["z = Wx + b", "h = g(z)"])
    assert request.f.op is Op.FUNC
    assert request.f.is_vector


def test_several_arguments_keep_their_names():
    declare = (r"A \in \mathbb{R}^{N \times D}", r"B \in \mathbb{R}^{D \times D}")
    request = read_request(r"\nabla_A \mathbf{H}(X, Y) = ?", declare, ["X = AB", "Y = A"])
    square = symbol("B", "D", "D")
    assert request.f is apply("H", (named("X", matmul(A, square)), named("Y", A)))
    assert request.name == r"\mathbf{H}"


def test_a_chain_through_scalars():
    request = read_request(
        r"\frac{\partial z}{\partial t}", (), ["z = f(x, y)", "x = t^2", "y = t^3"]
    )
    t = symbol("t")
    assert request.f is apply("f", (named("x", power(t, 2)), named("y", power(t, 3))))


@pytest.mark.parametrize(
    ("latex", "declare", "undeclared"),
    [
        (r"\frac{\partial (A(X) B(X))}{\partial X} = ?", [], ["A", "B"]),
        (r"\frac{\partial (A(X) B(X))}{\partial X} = ?", [r"A(X) \in \mathbb{R}^{p \times q}"],
         ["B"]),
        (r"\frac{\partial \operatorname{tr}(A(X) B)}{\partial X} = ?", [], ["A"]),
    ],
)  # fmt: skip
def test_matrices_that_depend_on_the_variable(latex, declare, undeclared):
    request = read_request(latex, [r"X \in \mathbb{R}^{m \times n}", *declare])
    calls = {node.data: node for node in walk(request.f) if node.op is Op.APPLY}
    assert all(node.args == (X,) for node in calls.values())
    for name in undeclared:
        assert any(text.startswith(name) for text in request.assumed)
        assert f"${name}$ is read as a matrix that depends on $X$" in request.notes


def test_entries_of_a_product_of_unspecified_matrices():
    request = read_request(r"\frac{\partial [A(X) B(X)]_{ij}}{\partial X_{pq}} = ?")
    assert request.f.op is Op.ENTRY
    assert request.variables[0].data == ("p", "q")


def test_a_known_upstream_gradient_tells_what_a_loss_depends_on():
    context = ["Y = X W", r"\frac{\partial L}{\partial Y}"]
    request = read_request(r"\frac{\partial L}{\partial W} = ?", (), context)
    assert request.f.op is Op.APPLY
    assert [arg.op for arg in request.f.args] == [Op.NAMED]
    assert request.f_latex == "L(Y)"


def test_an_upstream_gradient_inside_an_expression():
    context = ["C = AB", "y = f(C)"]
    expr, _ = read_expression(r"\frac{\partial y}{\partial C} B^\top", (*DECLARED, MAP), context)
    assert expr is matmul(derivative(named("y", apply("f", (C,))), C), transpose(B))
    expr, _ = read_expression(r"A^\top \frac{\partial y}{\partial C}", DECLARED, ["C = AB"])
    assert expr is matmul(transpose(A), derivative(apply("y", (C,)), C))


def test_an_entry_of_an_upstream_gradient():
    expr, _ = read_expression(
        r"\sum_{k=1}^{M} \frac{\partial y}{\partial C_{1k}} B_{1k}", DECLARED, ["C = AB"]
    )
    assert any(n.op is Op.DERIVATIVE and n.args[1] is entry(C, 1, "k") for n in walk(expr))


@pytest.mark.parametrize(
    ("latex", "declare", "kind"),
    [
        (r"\nabla_X f(X)", (), UnknownSymbolError),
        (r"\nabla_x \phi(x, y)", (), UnknownSymbolError),
        (r"\nabla_A f(A)", (MAP, r"A \in \mathbb{R}^{N \times M}"), UnsupportedError),
        (r"\nabla_A f(AB)", (r"f : \mathbb{R}^{3 \times 3} \to \mathbb{R}", "A: 3×4", "B: 4×5"),
         ShapeError),
        (r"\nabla_A f(AB, A)", (*DECLARED, MAP), ShapeError),
    ],
)  # fmt: skip
def test_functions_of_which_nothing_is_known_are_refused(latex, declare, kind):
    with pytest.raises(kind) as caught:
        read_request(latex, declare)
    assert caught.value.span is not None


P = symbol("P", "m", "n")
x = symbol("x", "n")
z = symbol("z", "m")
MORE = (
    *DECLARED,
    MAP,
    r"H : \mathbb{R}^{N \times M} \times \mathbb{R}^{D \times M} \to \mathbb{R}",
    r"P \in \mathbb{R}^{m \times n}",
    r"x \in \mathbb{R}^n",
    r"z \in \mathbb{R}^m",
    r"t \in \mathbb{R}",
)


@pytest.mark.parametrize(
    ("latex", "context", "expr"),
    [
        (r"\frac{\partial y}{\partial x^\top}", "y = Px",
         derivative(named("y", matmul(P, x)), x)),
        (r"\frac{\partial y^\top}{\partial x}", "y = Px",
         derivative(named("y", matmul(P, x)), x, Layout.DENOMINATOR)),
        (r"\frac{\partial^2 g}{\partial x \partial z^\top}", "g = z^T P x",
         derivative(derivative(named("g", matmul(transpose(z), P, x)), x), z)),
        (r"\frac{\partial g}{\partial A^\top}", "g = f(AB)",
         derivative(named("g", apply("f", (matmul(A, B),))), transpose(A))),
        (r"\frac{\partial \operatorname{vec}(C)}{\partial \operatorname{vec}(A)^\top}", "C = AB",
         derivative(vec(C), vec(A))),
        (r"\nabla f(AB)", "C = AB", slope(apply("f", (matmul(A, B),)))),
        (r"\nabla_{2} H(AB, B)", "C = AB", slope(apply("H", (matmul(A, B), B)), 1)),
    ],
)  # fmt: skip
def test_derivatives_inside_an_expression_are_read_and_printed(latex, context, expr):
    found, notation = read_expression(latex, MORE, [context])
    assert found is expr
    assert read_expression(print_latex(found, notation), MORE, [context])[0] is expr


@pytest.mark.parametrize("latex", [r"\frac{\partial C}{\partial A}", r"\nabla_{3} H(AB, B)"])
def test_derivatives_that_no_expression_holds_are_refused(latex):
    with pytest.raises(UnsupportedError):
        read_expression(latex, MORE, ["C = AB"])


@pytest.mark.parametrize(
    "context",
    [
        [r"\operatorname{tr}(ABA^\top G) = \operatorname{tr}(XY^\top G) = \mathbf{H}(X, Y)"],
        [r"\mathbf{H}(X, Y) = \operatorname{tr}(XY^\top G)"],
    ],
)
def test_a_function_may_stand_behind_its_definition(context):
    declare = (r"A \in \mathbb{R}^{m \times n}",)
    request = read_request(
        r"\nabla_A \mathbf{H}(X, Y) = ?", declare, [*context, "X = f(A) = AB", "Y = A"]
    )
    calls = {node.data for node in walk(request.named) if node.op is Op.NAMED}
    assert calls == {"X", "Y"}
    assert not any(node.op is Op.NAMED for node in walk(request.f))


def test_a_declared_dependence_holds_for_the_bare_name():
    declare = [rf"{name}(X) \in \mathbb{{R}}^{{n \times n}}" for name in "PQ"]
    request = read_request(r"\frac{\partial (P Q)}{\partial X} = ?", [*declare, "X: u×v"])
    by, square = symbol("X", "u", "v"), (Dim.of("n"), Dim.of("n"))
    assert request.f is matmul(apply("P", (by,), square), apply("Q", (by,), square))


def test_a_walk_through_small_explicit_matrices():
    context = [
        r"A = \begin{bmatrix} a_0 & a_1 \\ a_2 & a_3 \end{bmatrix}",
        r"f : \mathbb{R}^{2 \times 2} \to \mathbb{R}",
        "C = AB",
        "y = f(C)",
    ]
    request = read_request(r"\frac{\partial y}{\partial a_0} = ?", (), context)
    assert request.variable is symbol("a_0")
    assert [node.data for node in walk(request.f) if node.op is Op.NAMED] == ["C", "A"]


@pytest.mark.parametrize(
    ("request_", "declared", "result"),
    [
        (
            r"\nabla_x^2 f(A x + b)",
            (r"A \in \mathbb{R}^{m \times n}", r"f: \mathbb{R}^m \to \mathbb{R}"),
            r"A^{\top} \frac{\partial^2 f(z)}{\partial z \partial z^{\top}} A",
        ),
        (
            r"\nabla_x^2 f(\|x\|^2)",
            (r"x \in \mathbb{R}^n", r"f: \mathbb{R} \to \mathbb{R}"),
            r"4 \frac{\partial^2 f(s)}{\partial s^2} x x^{\top} + 2 f'(\|x\|^{2}) I",
        ),
    ],
)
def test_the_hessian_of_an_unspecified_function_has_its_second_derivative(
    request_: str, declared: tuple[str, ...], result: str
) -> None:
    answer = derive(f"{request_} = ?", declared)
    assert answer.status == "verified", answer.error
    assert answer.result == result


def test_an_operation_is_called_by_its_name_in_a_message() -> None:
    declared = (r"X \in \mathbb{R}^{n \times n}", r"f: \mathbb{R}^{n \times n} \to \mathbb{R}")
    answer = derive(r"\nabla_X^2 f(A X) = ?", declared)
    assert answer.error is not None
    assert answer.error.message.endswith("gradient of an unspecified function")


def test_slopes_of_unspecified_functions_are_all_written_in_one_way() -> None:
    declared = (
        r"A \in \mathbb{R}^{m \times n}",
        r"g: \mathbb{R}^n \to \mathbb{R}",
        r"f: \mathbb{R}^m \to \mathbb{R}",
        r"\phi: \mathbb{R} \to \mathbb{R}",
    )
    answer = derive(r"\nabla_x (f(A x) + \phi(g(x))) = ?", declared)
    assert answer.status == "verified"
    assert answer.result == r"A^{\top} \nabla f(A x) + \phi'(g(x)) \nabla_{x} g(x)"
