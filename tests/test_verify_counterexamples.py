"""Counterexamples: what is printed is one, by NumPy and fractions alone, and small."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from mutants import mutants
from verify_cases import CASES, Case

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.expr.numpy import numpy_source, parameters
from mdiff_pandoc.verify import Counterexample, Judge, Status, judge_equal

T, by, mm, tr = ex.transpose, ex.derivative, ex.matmul, ex.trace
two = ex.number(2)
A, X, B = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n"), ex.symbol("B", "n", "p")
K, L = ex.symbol("K", "n", "n"), ex.symbol("L", "n", "n")
x, w, t, p = ex.symbol("x", "n"), ex.symbol("w", "n"), ex.symbol("t"), ex.symbol("p")
DIGITS = {"rtol": 2e-5, "atol": 1e-5}


def refuted(left: Expr, right: Expr, variable: Expr | None = None) -> Counterexample:
    """The counterexample of an equality that does not hold."""
    judge = Judge(left, variable)
    assert judge.equal(left, right).status is Status.REFUTED
    found = judge.counterexample(left, right)
    assert found is not None
    return found


def array(rows: tuple[tuple[str, ...], ...]) -> np.ndarray:
    return np.array([[float(Fraction(entry)) for entry in line] for line in rows])


def numbers(found: Counterexample) -> dict[Expr, np.ndarray]:
    return {node: array(rows) for node, rows in found.values.items()}


def value(expr: Expr, given: dict[Expr, np.ndarray], found: Counterexample) -> np.ndarray:
    """An expression without derivatives, by the exported NumPy code."""
    symbols = parameters(expr)
    namespace: dict[str, Any] = {}
    exec(numpy_source(expr, symbols), namespace)
    call: Callable[..., Any] = namespace["derivative"]
    rest = list(inspect.signature(call).parameters)[len(symbols) :]
    names = found.sizes | found.indices
    point = [given[s].item() if s.is_scalar else given[s] for s in symbols]
    return np.atleast_2d(np.asarray(call(*point, *(names[name] for name in rest)), dtype=float))


def slopes(case: Case, found: Counterexample) -> np.ndarray:
    """The gradient by difference quotients of fourth order."""
    given = numbers(found)
    here = given[case.variable]
    result = np.zeros(here.shape)
    for place in np.ndindex(*here.shape):
        for step, weight in ((-2, 1), (-1, -8), (1, 8), (2, -1)):
            moved = here.copy()
            moved[place] += step * 1e-3
            result[place] += weight * value(case.f, given | {case.variable: moved}, found).item()
    return result / 12e-3


def check_entry(found: Counterexample) -> None:
    """``entry`` is the first place where the sides differ as they are printed."""
    wrong = [
        (i, j)
        for i, lines in enumerate(zip(found.left, found.right, strict=True), 1)
        for j, (one, other) in enumerate(zip(*lines, strict=True), 1)
        if one != other
    ]
    assert wrong
    scalar = len(found.left) == len(found.left[0]) == 1
    assert found.entry == wrong[0] or (found.entry is None and scalar)


FREE = [case for case in CASES if not case.variable.data.assumptions - {"positive"}]


@pytest.mark.parametrize("case", FREE, ids=[case.name for case in FREE])
def test_both_sides_of_a_wrong_gradient_are_what_numpy_finds(case: Case) -> None:
    left = by(case.f, case.variable)
    wrong = [w for _, w in mutants(case.gradient) if judge_equal(left, w).status is Status.REFUTED]
    for right in (wrong[0], wrong[len(wrong) // 2]):
        found = refuted(left, right, case.variable)
        check_entry(found)
        size = 1 + np.abs(array(found.left)).max()
        np.testing.assert_allclose(
            array(found.right), value(right, numbers(found), found), rtol=2e-5, atol=1e-5
        )
        np.testing.assert_allclose(array(found.left) / size, slopes(case, found) / size, atol=1e-4)
        assert {s for s in left.symbols | right.symbols if not s.data.indices} <= set(found.values)
        assert max(found.sizes.values(), default=1) <= 3


IDENTITIES = {
    "transpose of a product": (T(mm(K, L)), mm(T(K), T(L))),
    "determinant of a sum": (ex.det(ex.add(K, L)), ex.add(ex.det(K), ex.det(L))),
    "inverse of a sum": (ex.inverse(ex.add(K, L)), ex.add(ex.inverse(K), ex.inverse(L))),
    "order of factors": (ex.kron(X, B), ex.kron(B, X)),
    "exponential of a sum": (
        ex.function("exp", ex.add(x, w)),
        ex.add(ex.function("exp", x), ex.function("exp", w)),
    ),
    "logarithm": (ex.function("log", ex.det(K)), ex.det(K)),
    "sum": (
        ex.index_sum("i", "n", ex.mul(ex.entry(x, "i"), ex.entry(w, "i"))),
        ex.mul(mm(T(ex.ones("n")), x), mm(T(ex.ones("n")), w)),
    ),
    "free index": (ex.entry(mm(K, L), "i", "j"), ex.entry(mm(L, K), "i", "j")),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_both_sides_of_a_wrong_identity_are_what_numpy_finds(name: str) -> None:
    left, right = IDENTITIES[name]
    found = refuted(left, right)
    check_entry(found)
    for side, rows in ((left, found.left), (right, found.right)):
        np.testing.assert_allclose(array(rows), value(side, numbers(found), found), **DIGITS)


def test_the_values_are_small_integers() -> None:
    found = refuted(by(tr(mm(A, X, B)), X), mm(T(A), ex.scale(two, T(B))))
    entries = [entry for rows in found.values.values() for line in rows for entry in line]
    assert all(abs(int(entry)) < 10 for entry in entries)
    assert set(found.values) == {A, X, B}


def test_sizes_are_rectangular_where_they_can_be_and_no_larger_than_needed() -> None:
    assert sorted(refuted(tr(mm(A, X, B)), tr(mm(B, A, X, B, A, X))).sizes.values()) == [1, 2, 3]
    assert refuted(mm(T(X), X), ex.scale(two, mm(T(X), X))).sizes == {"n": 2, "m": 3}
    assert refuted(mm(K, L), mm(L, K)).sizes == {"n": 2}
    assert refuted(ex.det(ex.scale(two, K)), ex.scale(ex.number(4), ex.det(K))).sizes == {"n": 3}


def _is(words: str, value: np.ndarray) -> bool:
    one = np.eye(len(value))
    return {
        "symmetric": lambda: bool((value == value.T).all()),
        "positive definite": lambda: bool(
            (value == value.T).all() and np.linalg.eigvalsh(value).min() > 0
        ),
        "diagonal": lambda: bool((value == np.diag(np.diag(value))).all()),
        "skew": lambda: bool((value == -value.T).all()),
        "lower triangular": lambda: bool((value == np.tril(value)).all()),
        "upper triangular": lambda: bool((value == np.triu(value)).all()),
        "orthogonal": lambda: bool(np.allclose(value.T @ value, one)),
        "invertible": lambda: abs(np.linalg.det(value)) > 1e-9,
        "positive": lambda: bool((value > 0).all()),
        "sums to one": lambda: bool(np.allclose(value.sum(axis=0), 1)),
        "rows sum to one": lambda: bool(np.allclose(value.sum(axis=1), 1)),
        "binary": lambda: bool(np.isin(value, (0, 1)).all()),
    }[words]()


@pytest.mark.parametrize(
    "words", sorted(ex.ASSUMPTIONS - {"constant", "unit"} | {"positive definite"})
)
def test_the_values_are_what_the_symbols_are_assumed_to_be(words: str) -> None:
    M = ex.symbol("M", "n", "n", [words])
    for right in (mm(K, M), ex.scale(two, mm(M, K)), mm(ex.add(M, M, M), K)):
        found = refuted(mm(M, K), right)
        assert _is(words, numbers(found)[M])


def test_a_unit_vector_has_length_one() -> None:
    u = ex.symbol("u", "n", 1, ["unit"])
    rows = refuted(mm(u, T(u)), ex.identity("n")).values[u]
    assert sum(Fraction(entry) ** 2 for (entry,) in rows) == 1


def test_the_derivative_by_a_symmetric_matrix_is_symmetric() -> None:
    S = ex.symbol("S", "n", "n", ["symmetric"])
    found = refuted(by(tr(mm(K, S)), S), K, S)
    given = numbers(found)[K]
    np.testing.assert_array_equal(array(found.left), (given + given.T) / 2)
    np.testing.assert_array_equal(array(found.right), given)


def test_free_indices_have_the_values_at_which_it_fails() -> None:
    left = by(ex.entry(mm(A, X), "i", "j"), ex.entry(X, "k", "l"))
    right = ex.mul(ex.entry(A, "i", "k"), ex.delta("k", "l"))
    found = refuted(left, right)
    i, j, k, last = (found.indices[name] for name in "ijkl")
    entry = numbers(found)[A][i - 1, k - 1]
    assert array(found.left).item() == entry * (j == last)
    assert array(found.right).item() == entry * (k == last)
    assert found.entry is None


def test_a_hessian_is_differentiated_twice() -> None:
    found = refuted(by(by(mm(T(x), K, x), x), x), ex.add(K, K))
    given = numbers(found)[K]
    np.testing.assert_array_equal(array(found.left), given + given.T)
    np.testing.assert_array_equal(array(found.right), 2 * given)


def test_differentials_have_values() -> None:
    inverse = ex.inverse(K)
    found = refuted(ex.diff(inverse), mm(inverse, ex.diff(K), inverse), K)
    given = numbers(found)
    inside = np.linalg.inv(given[K])
    np.testing.assert_allclose(array(found.left), -inside @ given[ex.diff(K)] @ inside)
    np.testing.assert_allclose(array(found.right), inside @ given[ex.diff(K)] @ inside)


def test_members_of_a_family_have_values_of_their_own() -> None:
    member = ex.symbol("x", "n", 1, indices=("i",))
    found = refuted(ex.index_sum("i", "N", member), ex.symbol("x", "n", 1, indices=(1,)))
    given = numbers(found)
    parts = [given[ex.symbol("x", "n", 1, indices=(i,))] for i in range(1, found.sizes["N"] + 1)]
    np.testing.assert_array_equal(array(found.left), sum(parts))
    np.testing.assert_array_equal(array(found.right), parts[0])


def test_an_expectation_is_the_mean_of_the_values_shown() -> None:
    found = refuted(ex.expectation(ex.power(t, 2), ("t",)), ex.power(ex.expectation(t, ("t",)), 2))
    given = [numbers(found)[ex.symbol("t", indices=(i,))].item() for i in (1, 2, 3)]
    assert "mean of 3" in found.functions["E"]
    assert array(found.left).item() == pytest.approx(np.mean(np.square(given)))
    assert array(found.right).item() == pytest.approx(np.mean(given) ** 2)


def by_text(text: str, argument: np.ndarray) -> float:
    """The value of a function that is written as ``z \\mapsto`` a polynomial."""
    head, body = text.split(r" \mapsto ")
    if "lVert" in body:
        return float((argument**2).sum())
    body = body.replace(r"\left", "").replace(r"\right", "")
    body = re.sub(r"\^\{?(\d)\}?", r"**\1", body)
    body = re.sub(r"z_\{?(\d+)\}?", lambda found: f"z[{','.join(found[1])}]", body)
    body = re.sub(r"(\d) ([zt])", r"\1*\2", body)
    shape = argument.shape
    places = {
        (i + 1 if shape[1] == 1 else (i + 1, j + 1)): argument[i, j]
        for i, j in product(*map(range, shape))
    }
    return float(eval(body, {head.lower(): argument.item() if head == "t" else places}))


def test_an_unspecified_function_is_the_one_that_is_written() -> None:
    found = refuted(ex.apply("f", [K]), ex.apply("f", [T(K)]))
    given = numbers(found)[K]
    assert by_text(found.functions["f"], given) == array(found.left).item()
    assert by_text(found.functions["f"], given.T) == array(found.right).item()


def test_a_claim_that_quadratic_functions_obey_needs_another_one() -> None:
    call = ex.apply("f", [x])
    found = refuted(mm(T(x), ex.slope(call)), ex.scale(two, call))
    given = numbers(found)[x]
    text = found.functions["f"]
    assert 2 * by_text(text, given) == array(found.right).item()
    moved = [by_text(text, given * (1 + step)) for step in (1e-4, -1e-4)]
    assert (moved[0] - moved[1]) / 2e-4 == pytest.approx(array(found.left).item(), rel=1e-6)


def test_the_gradient_of_an_unspecified_function_of_a_product() -> None:
    call = ex.apply("f", [mm(X, x)])
    found = refuted(by(call, x), mm(T(X), ex.slope(call), ex.number(3)))
    given = numbers(found)
    for i in range(found.sizes["n"]):
        step = np.zeros_like(given[x])
        step[i] = 1e-4
        ahead, behind = (
            by_text(found.functions["f"], given[X] @ (given[x] + s * step)) for s in (1, -1)
        )
        slope = (ahead - behind) / 2e-4
        assert slope == pytest.approx(array(found.left)[i, 0], rel=1e-6, abs=1e-6)
        assert 3 * slope == pytest.approx(array(found.right)[i, 0], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("odd", [False, True])
def test_an_unspecified_elementwise_function_breaks_the_claim(odd: bool) -> None:
    def phi(node: Expr) -> Expr:
        return ex.function(ex.Unknown("phi"), node)

    right = ex.neg(phi(x)) if odd else phi(x)
    found = refuted(phi(ex.neg(x)), right)
    for (entry,), (one,), (other,) in zip(found.values[x], found.left, found.right, strict=True):
        number = np.array([[float(Fraction(entry))]])
        assert by_text(found.functions["phi"], -number) == float(one)
        assert by_text(found.functions["phi"], number) * (-1 if odd else 1) == float(other)


def test_a_function_with_a_matrix_value_is_written_with_matrices() -> None:
    found = refuted(ex.apply("F", [x], K.shape), ex.apply("F", [ex.scale(two, x)], K.shape))
    text = found.functions["F"]
    grids = [
        np.array([[float(e) for e in line.split("&")] for line in grid.split(r"\\")])
        for grid in re.findall(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", text)
    ]
    assert r"(z \odot z)" in text
    squares = grids[0] @ numbers(found)[x] ** 2 @ grids[1]
    np.testing.assert_array_equal(array(found.left), squares)
    np.testing.assert_array_equal(array(found.right), 4 * squares)


def test_no_counterexample_stands_where_there_is_no_derivative() -> None:
    for factor in (2, 3, -1):
        found = refuted(by(ex.norm(x, "inf"), x), ex.scale(ex.number(factor), x))
        entries = [abs(Fraction(entry)) for (entry,) in found.values[x]]
        assert len(set(entries)) == len(entries)


def test_values_stay_inside_domains() -> None:
    slack = ex.sub(t, mm(T(x), x))
    found = refuted(by(ex.function("log", slack), x), x, x)
    given = numbers(found)
    gap = given[t].item() - (given[x] ** 2).sum()
    assert gap > 0
    np.testing.assert_allclose(array(found.left), -2 * given[x] / gap, **DIGITS)


def test_equal_sides_have_no_counterexample() -> None:
    left = by(tr(mm(A, X, B)), X)
    assert Judge(left).counterexample(left, mm(T(A), T(B))) is None
    assert Judge(left).counterexample(left, T(mm(T(A), T(B)))) is None


@pytest.mark.parametrize("case", CASES[::6], ids=[case.name for case in CASES[::6]])
def test_a_brief_judge_says_the_same(case: Case) -> None:
    left = by(case.f, case.variable)
    brief, other = (Judge(left, case.variable, brief=flag) for flag in (True, False))
    for right in [case.gradient, *(wrong for _, wrong in mutants(case.gradient))][:8]:
        assert brief.equal(left, right).status is other.equal(left, right).status


def test_a_symbol_that_is_differentiated_by_is_no_integer_exponent() -> None:
    power, log = ex.power(t, p), ex.function("log", t)
    for left in (by(power, p), ex.mul(two, by(power, p))):
        right = ex.mul(log, power) if left.op is ex.Op.DERIVATIVE else ex.mul(two, log, power)
        judge = Judge(t)
        assert judge.equal(ex.mul(power, t), ex.power(t, ex.add(p, ex.number(1)))).method == "exact"
        assert judge.equal(left, ex.zero()).status is Status.REFUTED
        assert judge.equal(left, right).status is Status.VERIFIED
        assert judge.equal(ex.zero(), left).status is Status.REFUTED


def test_a_value_that_is_nearly_nothing_is_not_printed_as_nothing() -> None:
    small = ex.function("exp", ex.scale(ex.number(-30), ex.power(t, 2)))
    found = refuted(small, ex.power(t, 4))
    wanted = np.exp(-30 * numbers(found)[t] ** 2)
    np.testing.assert_allclose(array(found.left), wanted, rtol=1e-5)


def test_irrational_multiples_of_integers_are_told_apart_at_fractions() -> None:
    wave = ex.function("sin", ex.scale(ex.constant("pi"), t))
    assert refuted(wave, ex.zero()).left != (("0",),)
