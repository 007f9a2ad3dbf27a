"""Second derivatives: verified, symmetric where they must be, merged, fast."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from shapes import Shaped, shaped
from strategies import SYMBOLS, expressions

from mdiff_pandoc.calculus import derivation_of, hessian
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    add,
    derivative,
    diagonal,
    diff,
    function,
    matmul,
    neg,
    norm,
    number,
    ones,
    power,
    scale,
    sub,
    symbol,
    trace,
    transpose,
    vec,
    walk,
)
from mdiff_pandoc.service import judged
from mdiff_pandoc.verify import Judge, Status

SECOND = [problem for problem in shaped() if problem.is_second]
A = symbol("A", "m", "n")
S = symbol("S", "n", "n")
X = symbol("X", "n", "n")
a = symbol("a", "n")
x = symbol("x", "n")
y = symbol("y", "m")
t = symbol("t")
K = next(known for known in SYMBOLS if repr(known) == "K")


@pytest.mark.parametrize("problem", SECOND, ids=lambda problem: problem.name)
def test_a_hessian_matrix_equals_its_transpose(problem: Shaped) -> None:
    if problem.kind == "mix" or problem.variables == ("t",):
        return
    derivation = derivation_of(problem.problem(problem.forms[-1]))
    result = derivation.result
    verdict = Judge(derivation.f, derivation.variable).equal(transpose(result), result)
    assert verdict.status is Status.VERIFIED
    assert bool(derivation.checks) == (not derivation.variable.is_scalar)


@pytest.mark.parametrize("problem", SECOND, ids=lambda problem: problem.name)
def test_the_matrix_of_the_map_is_the_vec_form(problem: Shaped) -> None:
    """``vec(H[dX]) = H vec dX``: the two forms say the same."""
    if len(problem.forms) == 1:
        return
    by_map, by_vec = (derivation_of(problem.problem(form)) for form in problem.forms)
    judge = Judge(by_map.f, by_map.variable)
    product = matmul(by_vec.result, vec(diff(by_map.variable)))
    assert judge.equal(vec(by_map.result), product).status is Status.VERIFIED


def test_mixed_derivatives_are_transposes_of_each_other() -> None:
    f = function("exp", matmul(transpose(y), A, x))
    one, other = hessian(f, y, x), hessian(f, x, y)
    assert one.result.shape == A.shape
    assert judged(one).status is judged(other).status is Status.VERIFIED
    turned = transpose(other.result)
    assert Judge(f, x).equal(one.result, turned).status is Status.VERIFIED


def test_the_derivatives_asked_for() -> None:
    f = matmul(transpose(x), S, x)
    assert hessian(f, x).asked is derivative(derivative(f, x), x)
    f = trace(matmul(X, X))
    assert hessian(f, X).asked is diff(derivative(f, X))
    assert hessian(f, X, form="vec").asked.shape == (X.shape[0] * X.shape[1],) * 2


def test_like_terms_are_merged() -> None:
    f = trace(matmul(X, S, X, S))
    line = hessian(f, X).lines[-1]
    assert line.expr.op is not Op.SUM


def test_second_derivative_by_a_scalar() -> None:
    f = power(sub(t, matmul(transpose(a), x)), 3)
    derivation = hessian(f, t)
    assert judged(derivation).status is Status.VERIFIED
    assert derivation.result.is_scalar


@given(expressions((ONE, ONE), max_size=6))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@example(norm(neg(add(diagonal(K), ones(K.shape[0]))), "2"))
def test_random_scalars(f: Expr) -> None:
    symbols = sorted((s for s in f.symbols if s in SYMBOLS), key=repr)
    assume(symbols)
    # where a function is constant in pieces, only rounding is left to compare
    assume(all(node.data not in ("abs", "sign") for node in walk(f) if node.op is Op.FUNC))
    for form in ("", "vec"):
        try:
            derivation = hessian(f, symbols[0], form=form)
        except UnsupportedError as error:
            if "degenerate" not in error.message:
                raise
            return
        judge = Judge(f, symbols[0])
        pairs = [(line.lhs, line.expr) for line in derivation.lines]
        pairs += [*derivation.checks, (derivation.asked, derivation.result)]
        assert Status.REFUTED not in {judge.equal(*pair).status for pair in pairs}


def test_only_a_scalar_has_a_hessian() -> None:
    with pytest.raises(UnsupportedError, match="scalar function"):
        hessian(matmul(A, x), x)


@pytest.mark.parametrize("form", ["", "vec"])
def test_a_trace_of_twenty_factors_takes_a_fraction_of_a_second(form: str) -> None:
    factors = [part for i in range(10) for part in (symbol(f"A_{i}", "n", "n"), X)]
    f = trace(matmul(*factors))
    best = 1e9
    for _ in range(3):
        start = time.process_time()
        hessian(f, X, form=form)
        best = min(best, time.process_time() - start)
    assert best < 0.3


def test_depth_costs_no_exponential_time() -> None:
    def seconds(depth: int) -> float:
        inner = x
        for _ in range(depth):
            inner = function("tanh", matmul(S, inner))
        f = scale(number(2), matmul(transpose(a), inner))
        start = time.process_time()
        hessian(f, x)
        return time.process_time() - start

    seconds(2)
    assert seconds(8) < 40 * seconds(4)
