"""Jacobians: every line holds, results are short, random functions come out right."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from shapes import Shaped, shaped
from strategies import SYMBOLS, expressions

from mdiff_pandoc.calculus import Derivation, Tables, derivation_of, jacobian, replay
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Dim,
    Expr,
    Layout,
    Op,
    add,
    commutation,
    diff,
    function,
    identity,
    kron,
    matmul,
    number,
    scale,
    symbol,
    transpose,
    vec,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.service import Options, derive, judged
from mdiff_pandoc.verify import Judge, Status

KNOWN = [problem for problem in shaped() if problem.answer]
A = symbol("A", "m", "n")
B = symbol("B", "n", "p")
X = symbol("X", "m", "n")
C = symbol("C", "p", "n")
D = symbol("D", "m", "q")
S = symbol("S", "n", "n")
x = symbol("x", "n")
t = symbol("t")


@pytest.mark.parametrize("problem", KNOWN, ids=lambda problem: problem.name)
def test_the_result_is_the_known_answer_and_no_longer(problem: Shaped) -> None:
    derivation = derivation_of(problem.problem(problem.forms[-1]))
    answer = problem.read(problem.answer, derivation.result.shape)
    verdict = Judge(derivation.f, derivation.variable).equal(derivation.result, answer)
    assert verdict.status is Status.VERIFIED, verdict.reason
    assert length(derivation.result) <= length(answer)


def test_commutation_matrices_are_moved_together() -> None:
    m, n = A.shape
    assert jacobian(transpose(X), X).result is commutation(m, n)
    gram = jacobian(matmul(transpose(X), X), X).result
    both = add(identity(n * n), commutation(n, n))
    assert gram is matmul(both, kron(identity(n), transpose(X)))
    back = jacobian(transpose(matmul(C, transpose(X), D)), X).result
    assert back is kron(C, transpose(D))


@pytest.mark.parametrize(
    ("f", "variable", "result"),
    [
        (matmul(A, x), x, A),
        (matmul(X, B), X, None),
        (function("exp", matmul(A, x)), x, None),
        (scale(t, A), t, A),
        (transpose(X), X, None),
        (vec(X), vec(X), identity(Dim.of("m") * Dim.of("n"))),
    ],
)
def test_the_layouts_are_transposes_of_each_other(
    f: Expr, variable: Expr, result: Expr | None
) -> None:
    up = jacobian(f, variable)
    down = jacobian(f, variable, Layout.DENOMINATOR)
    assert judged(up).status is judged(down).status is Status.VERIFIED
    assert result is None or up.result is result
    turned = down.result if variable.is_scalar and not f.is_vector else transpose(down.result)
    assert Judge(f, up.variable).equal(up.result, turned).status is Status.VERIFIED


def replays(derivation: Derivation) -> bool:
    pairs = zip(derivation.lines, derivation.lines[1:], strict=False)
    return all(
        replay(diff(before.expr) if before.lhs is derivation.f else before.expr, line.steps)
        is line.expr
        for before, line in pairs
    )


@pytest.mark.parametrize("problem", list(shaped()), ids=lambda problem: problem.name)
def test_every_step_can_be_replayed(problem: Shaped) -> None:
    if not problem.is_second:
        assert replays(derivation_of(problem.problem(problem.forms[-1])))


def vectors() -> st.SearchStrategy[Expr]:
    return st.sampled_from(["m", "n", "p"]).flatmap(
        lambda rows: expressions((Dim.of(rows), ONE), max_size=9)
    )


@given(vectors(), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_vectors(f: Expr, data: st.DataObject) -> None:
    holds_for(f, data)


@given(expressions((Dim.of("m"), Dim.of("n")), max_size=7), st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_matrices(f: Expr, data: st.DataObject) -> None:
    holds_for(f, data)


def holds_for(f: Expr, data: st.DataObject) -> None:
    symbols = sorted((s for s in f.symbols if s in SYMBOLS), key=repr)
    assume(symbols and f.op is not Op.ZERO)
    variable = data.draw(st.sampled_from(symbols))
    try:
        derivation = jacobian(f, variable, data.draw(st.sampled_from(list(Layout))))
    except UnsupportedError as error:
        if "degenerate" not in error.message:
            raise
        return
    assert derivation.result.shape == derivation.asked.shape
    judge = Judge(f, variable)
    found = {judge.equal(line.lhs, line.expr).status for line in derivation.lines}
    assert Status.REFUTED not in found
    assert judge.equal(derivation.asked, derivation.result).status is not Status.REFUTED


def test_nested_products_stay_linear() -> None:
    """``Y → Y S Y`` doubles its terms at every level; as a Jacobian of vecs it does not."""
    y = symbol("X", "n", "n")
    sizes = []
    for _ in range(4):
        y = matmul(function("tanh", y), S, function("sin", y))
        lines = jacobian(y, symbol("X", "n", "n")).lines
        sizes.append(max(len(line.expr.args) for line in lines if line.lhs.op is Op.DIFF))
    assert max(sizes) <= 8


def test_a_function_without_the_variable_has_a_zero_derivative() -> None:
    derivation = jacobian(matmul(A, x), symbol("y", "p"))
    assert derivation.result.op is Op.ZERO
    assert derivation.result.shape == (Dim.of("m"), Dim.of("p"))
    assert judged(derivation).status is Status.VERIFIED


def test_the_derivative_by_a_scalar_has_the_shape_of_the_function() -> None:
    f = kron(A, add(A, scale(t, A)))
    assert jacobian(f, t).result.shape == f.shape
    assert jacobian(scale(t, x), t, Layout.DENOMINATOR).result.shape == (ONE, Dim.of("n"))
    assert SCALAR not in (f.shape, x.shape)


@pytest.mark.parametrize("name", ["vec of a product", "vec of a transpose"])
def test_a_wrong_rule_is_found_out_and_named(name: str) -> None:
    """A rule that forgets a factor is refused by the judge, never printed."""

    def spoil(expr: Expr, varies: object) -> Expr | None:
        rule = next(r for table in TABLES.values() for r in table if r.name == name)
        new = rule.apply(expr, varies)  # type: ignore[arg-type]
        return None if new is None else scale(number(2), new)

    wrong = {
        table: tuple(replace(r, rewrite=spoil) if r.name == name else r for r in rules)
        for table, rules in TABLES.items()
    }
    latex = r"\frac{\partial A X^\top B}{\partial X} = ?"
    options = Options(form="vec")
    assert derive(latex, (), (), options).status == "verified"
    answer = derive(latex, (), (), options, tables=Tables(wrong))
    assert answer.error is not None
    assert answer.error.code == "internal-check"
    assert name in answer.error.message
