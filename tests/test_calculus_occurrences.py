"""Style occurrences: one term for each place, names for what is held, every line true."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import expressions
from verify_cases import CASES, Case

from mdiff_pandoc.calculus import Derivation, gradient, replay
from mdiff_pandoc.calculus.occurrences import occurrences
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Symbol,
    add,
    derivative,
    det,
    function,
    inverse,
    matmul,
    mul,
    named,
    neg,
    scale,
    sub,
    symbol,
    trace,
    transpose,
)
from mdiff_pandoc.service import Options, derive, judged
from mdiff_pandoc.verify import Judge, Status

A, X = symbol("A", "p", "m"), symbol("X", "m", "n")
B, C = symbol("B", "n", "m"), symbol("C", "p", "n")
S, T, U = (symbol(name, "n", "n") for name in "STU")


def all_hold(derivation: Derivation) -> bool:
    judge = Judge(derivation.f, derivation.variable)
    verdicts = [judge.equal(line.lhs, line.expr).status for line in derivation.lines]
    return set(verdicts) == {Status.VERIFIED} and judged(derivation).status is Status.VERIFIED


def lines_of(derivation: Derivation) -> list[Expr]:
    return [line.expr for line in derivation.lines if line.lhs is derivation.asked]


def test_products_on_either_side_of_a_place_get_names() -> None:
    derivation = occurrences(trace(matmul(A, X, B, X, transpose(C))), X)
    d = named("D", matmul(B, X, transpose(C)))
    e = named("E", matmul(A, X, B))
    here = named("X", X)
    terms, gradients, _, short = lines_of(derivation)
    assert terms is add(
        derivative(trace(matmul(A, here, d)), here),
        derivative(trace(matmul(e, here, transpose(C))), here),
    )
    assert gradients is add(matmul(transpose(A), transpose(d)), matmul(transpose(e), C))
    assert [line.lhs for line in derivation.lines if line.definition] == [d, e]
    assert short is derivation.result
    assert all_hold(derivation)


def test_a_place_that_no_product_surrounds_gets_a_letter_for_what_moves() -> None:
    w, h = symbol("W", "m", "k"), symbol("H", "k", "n")
    rest = sub(X, matmul(w, h))
    derivation = occurrences(trace(matmul(rest, transpose(rest))), w)
    y = named("Y", w)
    moved = sub(X, matmul(y, h))
    assert lines_of(derivation)[0] is add(
        derivative(trace(matmul(moved, transpose(rest))), y),
        derivative(trace(matmul(rest, transpose(moved))), y),
    )
    assert derivation.result is scale(derivation.result.args[0], matmul(rest, transpose(h)))
    assert all_hold(derivation)


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (r"\nabla_x (\|A x - b\|^2 + \lambda \|x\|^2)", "sum rule: one term for each place"),
        (r"\nabla_x (x^\top B x)", "product rule: one term for each place"),
        (r"\nabla_x (x^\top B x + b^\top x)", "sum rule; product rule: one term for each place"),
    ],
)
def test_the_rule_that_gives_each_place_its_term_is_named(request_: str, rule: str) -> None:
    shape = r"x \in \mathbb{R}^n"
    answer = derive(f"{request_} = ?", (shape,), options=Options(style="occurrences"))
    assert answer.status == "verified"
    assert [step.rule for step in answer.steps if "one term" in step.rule] == [rule]


def test_the_letter_is_not_one_of_the_authors() -> None:
    y = symbol("Y", "n", "n")
    derivation = occurrences(mul(det(y), trace(inverse(add(y, symbol("Z", "n", "n"))))), y)
    (letter,) = {line.lhs.data for line in derivation.lines if line.definition}
    assert letter not in ("Y", "Z")
    assert all_hold(derivation)


@pytest.mark.parametrize(
    "f",
    [
        mul(function("log", det(S)), trace(matmul(T, inverse(S)))),
        add(trace(matmul(T, S)), trace(matmul(S, U, S)), neg(det(S))),
        trace(matmul(T, S, transpose(S), U, transpose(S), S)),
    ],
    ids=["product of functions", "sum", "four places"],
)
def test_the_road_by_places_meets_the_one_by_differentials(f: Expr) -> None:
    derivation = occurrences(f, S)
    assert all_hold(derivation)
    assert Judge(f, S).equal(derivation.result, gradient(f, S).result).status is Status.VERIFIED


def test_a_term_without_the_place_is_left_out() -> None:
    f = add(trace(matmul(T, S)), trace(matmul(S, U, S)))
    terms = lines_of(occurrences(f, S))[0]
    assert {node.args[0].op for node in terms.args} == {Op.TRACE}


def test_a_structure_is_put_back_at_the_end() -> None:
    x = symbol("X", "n", "n", assumptions=("symmetric",))
    derivation = occurrences(trace(matmul(T, x, U, x)), x)
    assert all_hold(derivation)
    assert any("symmetric" in note for note in derivation.notes)
    assert derivation.lines[-1].lhs is derivation.asked
    assert derivation.lines[-2].lhs.op is Op.DIFF


def test_one_place_is_said_to_be_one() -> None:
    derivation = occurrences(trace(matmul(T, S)), S)
    assert derivation.result is transpose(T)
    assert "one place" in derivation.notes[-1]


def test_too_many_places_are_refused_with_a_way_out() -> None:
    with pytest.raises(UnsupportedError) as caught:
        occurrences(trace(matmul(*[S] * 101)), S)
    assert "differential" in caught.value.hint


def test_lines_can_be_replayed() -> None:
    derivation = occurrences(trace(matmul(A, X, B, X, transpose(C))), X)
    before = derivation.asked
    for line in derivation.lines:
        if line.lhs is derivation.asked:
            assert replay(before, line.steps) is line.expr
            before = line.expr


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_known_problems(case: Case) -> None:
    derivation = occurrences(case.f, case.variable)
    assert judged(derivation).status is Status.VERIFIED
    judge = Judge(case.f, case.variable)
    assert judge.equal(derivation.asked, case.gradient).status is Status.VERIFIED


@given(expressions((ONE, ONE)))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_scalars(f: Expr) -> None:
    for variable in sorted(f.symbols, key=repr)[:1]:
        if isinstance(variable.data, Symbol) and variable.data.indices:
            continue
        try:
            derivation = occurrences(f, variable)
            direct = gradient(f, variable)
        except (UnsupportedError, RecursionError):
            continue
        judge = Judge(f, variable)
        if judge.gradient(direct.result).status is Status.VERIFIED:
            assert judge.gradient(derivation.result).status is not Status.REFUTED
