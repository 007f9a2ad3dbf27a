"""Style definition: explicit matrices at the size 2, then the general rule."""

from __future__ import annotations

import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.calculus import gradient
from mdiff_pandoc.calculus.definition import definition
from mdiff_pandoc.calculus.explicit import matrix, resized, written_out
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Dim, Op
from mdiff_pandoc.verify import Judge, Status

A = ex.symbol("A", "m", "n")
B = ex.symbol("B", "n", "p")
X = ex.symbol("X", "n", "n")
x = ex.symbol("x", "n")
TWO = {name: Dim.of(2) for name in "mnp"}
C = ex.named("C", ex.matmul(A, B))
Y = ex.named("y", ex.apply("f", (C,)))


@pytest.mark.parametrize(
    ("f", "variable"),
    [
        (ex.trace(ex.matmul(A, B, ex.symbol("D", "p", "m"))), B),
        (ex.matmul(ex.transpose(x), X, x), x),
        (ex.det(X), X),
        (ex.power(ex.norm(ex.matmul(A, x), "2"), 2), x),
        (ex.function("log", ex.det(X)), X),
        (ex.trace(ex.function("exp", X)), X),
        (ex.index_sum("i", "n", ex.function("sin", ex.entry(x, "i"))), x),
        (Y, A),
        (Y, B),
        (ex.apply("f", (ex.matmul(A, B),)), A),
    ],
)
def test_every_line_holds_and_the_result_is_the_general_rule(f: ex.Expr, variable: ex.Expr) -> None:
    derivation = definition(f, variable)
    judge = Judge(derivation.f, derivation.variable)
    for line in derivation.lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED, line
    assert judge.equal(derivation.asked, derivation.result).status is Status.VERIFIED
    explicit = [line.expr for line in derivation.lines if line.expr.op is Op.BLOCK]
    rows = 2 if variable.is_vector else 4
    assert any(len(block.args) == rows and ex.blocks(block) for block in explicit)
    if f is not Y and f.op is not Op.APPLY:
        assert derivation.result is gradient(f, variable).result


def test_a_matrix_too_wide_to_be_written_out_has_the_derivatives_for_entries() -> None:
    f = ex.mul(ex.power(ex.norm(ex.matmul(A, x), "2"), 2), ex.matmul(ex.transpose(x), X, x))
    derivation = definition(f, x)
    judge = Judge(derivation.f, derivation.variable)
    for line in derivation.lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED, line
    [told] = [
        line.expr for line in derivation.lines if "the definition of the gradient" in line.labels
    ]
    assert [entry.op for entry in told.args] == [Op.DERIVATIVE] * 2


def test_an_upstream_gradient_is_a_row_times_a_column() -> None:
    derivation = definition(Y, A)
    upstream = ex.derivative(Y, C)
    assert derivation.result is ex.matmul(upstream, ex.transpose(B))
    products = [line.expr for line in derivation.lines if line.expr.op is Op.MATMUL]
    assert any(product.args[0].op is Op.BLOCK for product in products)


@pytest.mark.parametrize(
    "f",
    [
        ex.hadamard(A, ex.ones("m", "n")),
        ex.add(A, ex.scale(ex.number(3), A)),
        ex.matmul(A, ex.diag(x), B),
        ex.inverse(X),
        ex.power(X, 3),
        ex.kron(x, ex.transpose(x)),
        ex.vec(A),
        ex.softmax(x),
        ex.block([[X, x], [ex.transpose(x), ex.number(1)]]),
        ex.hdivide(A, ex.function("exp", A)),
        ex.diagonal(ex.hpower(X, 2)),
        ex.column(ex.transpose(A), 1),
        ex.row(A, 2),
        ex.scale(ex.norm(A, 3), ex.identity("n")),
        ex.scale(ex.logsumexp(x), ex.zero("n")),
        ex.index_sum("i", "n", ex.matmul(ex.column(X, "i"), ex.row(X, "i"))),
    ],
)
def test_what_is_written_out_equals_the_expression(f: ex.Expr) -> None:
    small = resized(f, TWO)
    written = matrix(written_out(small))
    assert Judge(small).equal(small, written).status is Status.VERIFIED


@pytest.mark.parametrize(
    ("f", "variable", "words"),
    [
        (ex.trace(ex.matmul(*[X] * 8)), X, "too long"),
        (ex.trace(ex.matrix_function("exp", X)), X, "not written out"),
        (ex.apply("f", (A,)), A, "itself an argument"),
        (ex.trace(ex.symbol("S", "n", "n", ("symmetric",))), None, "no structure"),
    ],
)
def test_what_explodes_or_has_no_entries_is_refused(
    f: ex.Expr, variable: ex.Expr | None, words: str
) -> None:
    with pytest.raises(UnsupportedError, match=words) as caught:
        definition(f, variable or next(iter(f.symbols)))
    assert caught.value.hint
