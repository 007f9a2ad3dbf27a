"""Backpropagation through names: every line holds, the seeds' results, linear work."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from strategies import expressions

from mdiff_pandoc.calculus import Derivation, Tables, gradient, replay
from mdiff_pandoc.calculus.backprop import backprop
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Dim,
    Expr,
    Op,
    Symbol,
    add,
    apply,
    derivative,
    function,
    inverse,
    matmul,
    named,
    neg,
    norm,
    power,
    slope,
    sub,
    symbol,
    trace,
    transpose,
    walk,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules import TABLES, Table
from mdiff_pandoc.service import derive, judged
from mdiff_pandoc.verify import Judge, Status

A, B = symbol("A", "n", "d"), symbol("B", "d", "m")
C = named("C", matmul(A, B))
Y = named("y", apply("f", (C,)))
UPSTREAM = derivative(Y, C)


def network(depth: int, *, names: bool = True) -> Expr:
    """The squared error of a network ``h_k = σ(W_k h_{k-1} + b_k)``."""
    layer = symbol("x", "n_0")
    for k in range(1, depth + 1):
        weight, bias = symbol(f"W_{k}", f"n_{k}", f"n_{k - 1}"), symbol(f"b_{k}", f"n_{k}")
        layer = function("sigma", add(matmul(weight, layer), bias))
        layer = named(f"h_{k}", layer) if names else layer
    return power(norm(sub(layer, symbol("y", f"n_{depth}")), "2"), 2)


def weights(k: int) -> Expr:
    return symbol(f"W_{k}", f"n_{k}", f"n_{k - 1}")


def all_hold(derivation: Derivation) -> bool:
    judge = Judge(derivation.f, derivation.variable)
    verdicts = [judge.equal(line.lhs, line.expr).status for line in derivation.lines]
    return set(verdicts) == {Status.VERIFIED} and judged(derivation).status is Status.VERIFIED


@pytest.mark.parametrize("engine", [gradient, backprop])
def test_the_upstream_gradient_of_an_unspecified_function_stays_a_symbol(engine) -> None:  # type: ignore[no-untyped-def]
    for variable, expected in (
        (A, matmul(UPSTREAM, transpose(B))),
        (B, matmul(transpose(A), UPSTREAM)),
    ):
        derivation = engine(Y, variable)
        assert derivation.result is expected
        assert all_hold(derivation)


@pytest.mark.parametrize("engine", [gradient, backprop])
def test_every_argument_of_a_function_of_several_has_a_term(engine) -> None:  # type: ignore[no-untyped-def]
    x, y = named("X", matmul(A, B)), named("Y", A)
    h = named("H", apply("H", (x, y)))
    derivation = engine(h, A)
    by_x, by_y = derivative(h, x), derivative(h, y)
    assert derivation.result is add(matmul(by_x, transpose(B)), by_y)
    assert all_hold(derivation)


def test_an_argument_without_a_name_gives_the_slope_at_that_place() -> None:
    call = apply("H", (matmul(A, B), A))
    derivation = gradient(call, A)
    assert derivation.result is add(matmul(slope(call, 0), transpose(B)), slope(call, 1))
    assert all_hold(derivation)


def test_a_name_that_another_argument_is_made_of_is_not_moved_alone() -> None:
    call = apply("H", (C, named("D", matmul(transpose(C), C))))
    derivation = gradient(call, A)
    assert Op.SLOPE in {node.op for node in derivation.result.args[0].args}
    assert all_hold(derivation)


def test_unspecified_vector_functions_pass_their_jacobian() -> None:
    x, w = symbol("x", "n"), symbol("W", "m", "n")
    u = named("u", matmul(w, x))
    z = named("z", apply("g", (u,), (Dim.of("k"), ONE)))
    derivation = backprop(power(norm(z, "2"), 2), w)
    assert all_hold(derivation)
    assert derivative(z, u) in {n for line in derivation.lines for n in line.expr.args[0].args}


def test_shared_parts_get_one_name_and_the_sum_of_what_their_users_pass() -> None:
    x = symbol("x", "n")
    shared = named("s", function("exp", x))
    f = add(matmul(transpose(shared), shared), matmul(transpose(symbol("a", "n")), shared))
    derivation = backprop(f, x)
    assert [line.lhs for line in derivation.lines].count(shared) == 1
    assert all_hold(derivation)


def test_a_result_that_is_short_has_everything_put_in() -> None:
    x, y = named("X", matmul(A, symbol("S", "d", "d"))), named("Y", A)
    f = trace(matmul(x, transpose(y), symbol("C", "n", "n")))
    derivation = backprop(f, A)
    assert (
        derivation.result
        is gradient(
            trace(matmul(A, symbol("S", "d", "d"), transpose(A), symbol("C", "n", "n"))), A
        ).result
    )
    assert all_hold(derivation)


@pytest.mark.parametrize(("names", "count"), [(True, 2), (False, 3)])
def test_steps_of_the_last_lines_can_be_replayed(names: bool, count: int) -> None:
    derivation = backprop(network(2, names=names), weights(1))
    asked = [line for line in derivation.lines if line.lhs is derivation.asked]
    assert len(asked) == count
    start = derivation.asked
    for line in asked:
        assert replay(start, line.steps) is line.expr
        start = line.expr


def test_names_of_the_authors_are_kept_where_the_result_is_much_shorter_with_them() -> None:
    derivation = backprop(network(2), weights(1))
    assert derivation.lines[-1].labels == ("gradients put in",)
    kept = {node.data for node in walk(derivation.result) if node.op is Op.NAMED}
    assert {"h_1", "h_2"} <= kept


@pytest.mark.parametrize("names", [True, False])
def test_a_long_network_costs_linear_work(names: bool) -> None:
    def measured(depth: int) -> tuple[float, int]:
        f = network(depth, names=names)
        start = time.process_time()
        derivation = backprop(f, weights(1))
        assert judged(derivation).status is Status.VERIFIED
        written = sum(length(line.expr) for line in derivation.lines if line.lhs is not f)
        return time.process_time() - start, written

    measured(3)
    (_, short), (seconds, long) = measured(100), measured(200)
    assert long < 2.2 * short
    assert seconds < 4


def test_links_that_differ_in_names_alone_share_a_verdict_but_not_a_false_one() -> None:
    derivation = backprop(network(12), weights(1))
    judge = Judge(derivation.f, derivation.variable)
    lines = [line for line in derivation.lines if line.lhs.op is Op.DERIVATIVE]
    for line in lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED
        assert judge.equal(line.lhs, neg(line.expr)).status is Status.REFUTED


def test_a_wrong_rule_of_the_chain_is_found_out() -> None:
    wrong = tuple(
        replace(rule, rewrite=lambda expr, varies, rule=rule: _negated(rule.rewrite(expr, varies)))
        for rule in TABLES[Table.CHAIN]
    )
    tables = Tables(TABLES | {Table.CHAIN: wrong})
    derivation = gradient(Y, A, tables)
    judge = Judge(derivation.f, derivation.variable)
    statuses = [judge.equal(line.lhs, line.expr).status for line in derivation.lines]
    assert Status.REFUTED in statuses


def _negated(expr: Expr | None) -> Expr | None:
    return None if expr is None else neg(expr)


@given(expressions((ONE, ONE)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_scalars(f: Expr) -> None:
    for variable in sorted(f.symbols, key=repr)[:1]:
        if isinstance(variable.data, Symbol) and variable.data.indices:
            continue
        try:
            derivation = backprop(f, variable)
            direct = gradient(f, variable)
        except (UnsupportedError, RecursionError):
            continue
        judge = Judge(f, variable)
        if judge.gradient(direct.result).status is Status.VERIFIED and not _has_names(derivation):
            assert judge.gradient(derivation.result).status is not Status.REFUTED


def _has_names(derivation: Derivation) -> bool:
    return any(node.op is Op.DERIVATIVE for node in derivation.result.args)


def test_names_are_chosen_apart_from_the_authors() -> None:
    z, h = symbol("z", "n"), symbol("h_1", "n", "n")
    derivation = backprop(trace(inverse(add(matmul(z, transpose(z)), h))), z)
    names = {str(line.lhs.data) for line in derivation.lines if line.definition}
    assert names.isdisjoint({"z", "h_1", "z_1", "Z"})
    assert all_hold(derivation)


def test_of_what_does_not_depend_on_the_variable() -> None:
    a, x = symbol("A", Dim.of(2), Dim.of(2)), symbol("X", Dim.of(2), Dim.of(2))
    derivation = backprop(trace(matmul(a, a)), x)
    assert derivation.result.op is Op.ZERO
    assert judged(derivation).status == "verified"


def test_a_part_that_stands_twice_in_another_counts_once_as_its_user() -> None:
    facts = ("x \\in \\mathbb{R}^n", "p = x^T x + 1", "q = ppp", "s = qqq")
    answer = derive(r"\nabla_x sss", context=facts)
    assert answer.status == "verified"
    assert answer.result == "54 (x^T x + 1)^{26} x"
    written = derive(r"\nabla_x (ssss)", context=(*facts[:2], "q = pppp", "s = qqqq"))
    assert written.status == "verified"
