"""Gradients by structured variables: right by the judge and by difference quotients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structured import Structured, both, compiled, draw, read_structured

from mdiff_pandoc.calculus import Derivation, gradient
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    hadamard,
    identity,
    inverse,
    matmul,
    number,
    scale,
    symbol,
    trace,
    transpose,
    triangle,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.numpy import parameters
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.rules.patterns import triangles
from mdiff_pandoc.verify import Judge, Status, judge_equal

PROBLEMS = list(read_structured())
each_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)


def derived(problem: Structured) -> Derivation:
    request = read_request(problem.request, problem.declarations)
    return gradient(request.f, request.variable, symmetric=problem.symmetric)


@each_problem
def test_every_line_and_the_result_are_verified(problem: Structured) -> None:
    derivation = derived(problem)
    judge = Judge(derivation.f, derivation.variable, entries=derivation.entries)
    for line in derivation.lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED
    assert judge.equal(derivation.asked, derivation.result).status is Status.VERIFIED


@each_problem
def test_the_result_is_the_one_of_difference_quotients(problem: Structured) -> None:
    derivation = derived(problem)
    f, variable, result = derivation.f, derivation.variable, derivation.result
    for seed in (1, 2):
        value, wanted = both(f, variable, result, problem.symmetric, seed)
        assert np.allclose(value, wanted, rtol=1e-5, atol=1e-5 * (1 + np.abs(wanted).max()))


@each_problem
def test_the_result_is_no_longer_than_the_known_one(problem: Structured) -> None:
    result = derived(problem).result
    if problem.answer == "0":
        assert result.op is Op.ZERO
        return
    known, _ = read_expression(problem.answer, problem.declarations, shape=result.shape)
    assert judge_equal(result, known).status is Status.VERIFIED
    assert length(result) <= 1.1 * length(known)


CURVED = [p for p in PROBLEMS if p.name[0] in "SEDKLUQN" and p.answer != "0"]


@pytest.mark.parametrize("problem", CURVED, ids=lambda problem: problem.name)
def test_a_multiple_or_the_other_convention_is_refused(problem: Structured) -> None:
    derivation = derived(problem)
    judge = Judge(derivation.f, derivation.variable, entries=derivation.entries)
    twice = scale(number(2), derivation.result)
    assert judge.equal(derivation.asked, twice).status is Status.REFUTED
    request = read_request(problem.request, problem.declarations)
    convention = "projected" if problem.symmetric == "entries" else "entries"
    other = gradient(request.f, request.variable, symmetric=convention).result
    agree = judge_equal(other, derivation.result).status is Status.VERIFIED
    assert (judge.equal(derivation.asked, other).status is Status.VERIFIED) is agree


def test_the_conventions_differ_by_a_factor_2_off_the_diagonal() -> None:
    declared = (r"A, S \in \mathbb{R}^{n \times n}", "S symmetric")
    request = read_request(r"\nabla_S \operatorname{tr}(A S) = ?", declared)
    one, other = (
        compiled(gradient(request.f, request.variable, symmetric=name).result, (request.variable,))
        for name in ("projected", "entries")
    )
    matrix = np.arange(9.0).reshape(3, 3) ** 2
    projected, entries = one(np.eye(3), matrix), other(np.eye(3), matrix)
    assert np.allclose(np.diag(projected), np.diag(entries))
    off = ~np.eye(3, dtype=bool)
    assert np.allclose(2 * projected[off], entries[off])


@pytest.mark.parametrize(
    ("words", "shape", "message"),
    [
        (("constant",), ("n", "n"), "cannot be constant"),
        (("symmetric", "orthogonal"), ("n", "n"), "both symmetric and orthogonal"),
        (("symmetric", "skew"), ("n", "n"), "both symmetric and skew"),
        (("lower triangular", "orthogonal"), ("n", "n"), "both"),
        (("unit",), ("m", "n"), "only a column vector"),
        (("orthogonal",), (1, 1), "a scalar that is orthogonal cannot vary"),
    ],
)
def test_structures_without_a_tangent_space_are_refused(
    words: tuple[str, ...], shape: tuple[str | int, str | int], message: str
) -> None:
    variable = symbol("X", *shape, words)
    body = symbol("A", shape[1], shape[0])
    with pytest.raises(UnsupportedError, match=message):
        gradient(trace(matmul(body, variable)), variable)


def test_both_triangles_are_a_diagonal() -> None:
    variable = symbol("X", "n", "n", ("lower triangular", "upper triangular"))
    body = symbol("A", "n", "n")
    result = gradient(trace(matmul(body, variable)), variable).result
    assert result is hadamard(body, identity("n"))


LEAVES = [
    symbol("A", "n", "n"),
    symbol("L", "n", "n", ("lower triangular",)),
    symbol("U", "n", "n", ("upper triangular",)),
    symbol("D", "n", "n", ("diagonal", "symmetric")),
    identity("n"),
]
matrices = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.builds(transpose, inner),
        st.builds(inverse, inner),
        st.builds(
            lambda side, part: triangle(part, side), st.sampled_from(("lower", "upper")), inner
        ),
        st.builds(matmul, inner, inner),
        st.builds(add, inner, inner),
        st.builds(hadamard, inner, inner),
        st.builds(lambda part: scale(number(-3), part), inner),
    ),
    max_leaves=5,
)


@given(matrices)
@settings(max_examples=150, deadline=None)
def test_a_known_pattern_of_zeros_is_there(expr: Expr) -> None:
    rng = np.random.default_rng(1)
    symbols = parameters(expr)
    values = [draw(part, {"n": 4}, rng) for part in symbols]
    extra = [] if symbols else [4]
    try:
        value = compiled(expr, symbols)(*values, *extra)
    except np.linalg.LinAlgError:
        return
    found = triangles(expr)
    size = 1e-6 * (1 + np.abs(value).max())
    if "lower" in found:
        assert np.allclose(np.triu(value, 1), 0, atol=size)
    if "upper" in found:
        assert np.allclose(np.tril(value, -1), 0, atol=size)
