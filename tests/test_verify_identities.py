"""Derivatives of every kind and functions of whole matrices: right is verified, wrong refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from time import process_time

import pytest
from verify_identities import IDENTITIES, Identity

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.verify import Judge, Status, judge_equal

T, mm, by = ex.transpose, ex.matmul, ex.derivative
two = ex.number(2)
K, x = ex.symbol("K", "n", "n"), ex.symbol("x", "n")
S = ex.symbol("S", "n", "n", ["symmetric"])


def slips(right: Expr) -> list[Expr]:
    """Another sign, another factor, one more."""
    found = [ex.add(right, ex.ones(*right.shape))]
    if right.op is not ex.Op.ZERO and right is not ex.number(0):
        found += [ex.neg(right), ex.scale(two, right)]
    return found


@pytest.mark.parametrize("case", IDENTITIES.values(), ids=list(IDENTITIES))
def test_right_is_verified_and_wrong_is_refuted(case: Identity) -> None:
    judge = Judge(case.left, case.variable)
    verdict = judge.equal(case.left, case.right)
    assert verdict.status is Status.VERIFIED, verdict.reason
    assert verdict.error_bound < (1e-15 if verdict.method == "exact" else 1e-40)
    for wrong in (*case.wrong, *slips(case.right)):
        assert judge.equal(case.left, wrong).status is Status.REFUTED, wrong


def test_a_derivative_on_the_right_is_evaluated_entry_by_entry() -> None:
    form = mm(T(x), K, x)
    assert judge_equal(mm(ex.add(K, T(K)), x), by(form, x)).status is Status.VERIFIED
    assert judge_equal(mm(ex.add(K, K), x), by(form, x)).status is Status.REFUTED


def test_a_counterexample_names_the_indices() -> None:
    left = by(ex.entry(K, "i", "j"), ex.entry(K, "k", "l"))
    turned = ex.mul(ex.delta("i", "l"), ex.delta("j", "k"))
    assert "i = 1, j = 2, k = 1, l = 2" in judge_equal(left, turned).reason


class TestFreeEntries:
    """The derivative by the free entries of a symmetric matrix (Matrix Cookbook, eq. 138)."""

    f = ex.trace(mm(K, S))
    projected = ex.scale(ex.number(Fraction(1, 2)), ex.add(K, T(K)))
    entries = ex.sub(ex.add(K, T(K)), ex.diag(ex.diagonal(K)))

    def test_both_conventions(self) -> None:
        for by_entries, right, wrong in (
            (False, self.projected, self.entries),
            (True, self.entries, self.projected),
        ):
            judge = Judge(self.f, S, entries=by_entries)
            assert judge.equal(by(self.f, S), right).status is Status.VERIFIED
            assert judge.equal(by(self.f, S), wrong).status is Status.REFUTED
            assert judge.gradient(right).status is Status.VERIFIED

    def test_one_entry(self) -> None:
        left = by(self.f, ex.entry(S, "i", "j"))
        both = ex.add(ex.entry(K, "i", "j"), ex.entry(K, "j", "i"))
        once = ex.mul(ex.delta("i", "j"), ex.entry(K, "i", "j"))
        judge = Judge(self.f, S, entries=True)
        assert judge.equal(left, ex.sub(both, once)).status is Status.VERIFIED
        assert judge.equal(left, both).status is Status.REFUTED

    def test_other_structures_have_one_convention(self) -> None:
        low = ex.symbol("R", "n", "n", ["lower triangular"])
        gradient = ex.scale(two, ex.diag(ex.diagonal(low)))
        judge = Judge(ex.trace(mm(low, low)), low, entries=True)
        assert judge.gradient(gradient).status is Status.VERIFIED


class TestVariables:
    def test_by_a_name(self) -> None:
        C = ex.named("C", mm(K, K))
        f = ex.trace(mm(C, C))
        judge = Judge(f, C)
        assert judge.gradient(ex.scale(two, T(C))).status is Status.VERIFIED
        slope = ex.scale(two, ex.trace(mm(C, ex.diff(C))))
        assert judge.equal(ex.diff(f), slope).status is Status.VERIFIED
        assert judge.equal(ex.diff(K), ex.zero("n", "n")).status is Status.VERIFIED
        assert judge.equal(ex.diff(f), ex.number(0)).status is Status.REFUTED

    def test_by_a_name_with_a_sum(self) -> None:
        rest = ex.mul(ex.entry(K, "i", "i"), ex.entry(x, 1))
        s = ex.named("s", ex.index_sum("i", "n", rest))
        judge = Judge(ex.power(s, 2), s)
        assert judge.gradient(ex.mul(two, s)).status is Status.VERIFIED
        assert judge.gradient(ex.number(0)).status is Status.REFUTED

    def test_by_an_entry(self) -> None:
        f = ex.trace(mm(K, K))
        judge = Judge(f, ex.entry(K, "i", "j"))
        assert judge.gradient(ex.mul(two, ex.entry(K, "j", "i"))).status is Status.VERIFIED
        assert judge.gradient(ex.mul(two, ex.entry(K, "i", "j"))).status is Status.REFUTED

    def test_by_a_symbol_that_is_not_the_judge_s(self) -> None:
        form = mm(T(x), K, x)
        assert Judge(form, x).equal(by(form, K), mm(x, T(x))).status is Status.VERIFIED


class TestLimits:
    def test_eigenvalues_of_a_general_matrix_are_not_judged(self) -> None:
        verdict = judge_equal(ex.eigenvalue(K), ex.trace(K))
        assert verdict.status is Status.UNDECIDED
        assert "symmetric" in verdict.reason

    def test_multiple_eigenvalues_have_no_derivative(self) -> None:
        multiple = ex.scale(ex.symbol("t"), ex.identity("n"))
        top = ex.eigenvector(multiple)
        assert judge_equal(mm(T(top), top), ex.number(1)).status is Status.UNDECIDED

    def test_rank_deficient_pseudo_inverses_are_not_judged(self) -> None:
        outer = mm(x, T(x))
        verdict = judge_equal(mm(outer, ex.pseudo_inverse(outer), outer), outer)
        assert verdict.status is Status.UNDECIDED

    def test_derivatives_of_high_order_are_not_judged(self) -> None:
        e: Expr = ex.symbol("t")
        for _ in range(6):
            e = ex.derivative(e, ex.symbol("t"))
        assert "order" in judge_equal(e, ex.number(0)).reason

    def test_an_unspecified_function_has_derivatives_of_every_order(self) -> None:
        t = ex.symbol("t")
        slope: Expr = ex.apply("f", (t,))
        for _ in range(4):
            slope = by(slope, t)
            assert judge_equal(slope, ex.number(0)).status is Status.REFUTED
        twice = ex.apply("f", (ex.mul(two, t),))
        assert judge_equal(twice, ex.apply("f", (t,))).status is Status.REFUTED

    def test_an_unknown_logarithm_is_no_matrix_of_its_transpose(self) -> None:
        log = ex.matrix_function("log", K)
        assert judge_equal(log, T(log)).status is Status.REFUTED


def network(depth: int) -> tuple[Expr, list[Expr]]:
    """The square error of a deep network, and its layers."""
    layer, layers = ex.symbol("x", "d"), []
    for k in range(depth):
        weights = ex.symbol(f"W_{k}", "d", "d")
        inner = ex.named(f"z_{k}", mm(weights, layer))
        layer = ex.named(f"h_{k}", ex.function("tanh", inner))
        layers.append(layer)
    error = ex.sub(layer, ex.symbol("y", "d"))
    return ex.power(ex.norm(error, "2"), 2), layers


def test_every_line_about_a_deep_network_is_judged_in_linear_time() -> None:
    loss, layers = network(150)
    judge = Judge(loss, ex.symbol("W_0", "d", "d"))
    start = process_time()
    for below, here in pairwise(layers):
        inner = here.args[0].args[0]
        weights = inner.args[0].args[0]
        upstream = by(loss, inner)
        line = by(loss, below)
        assert judge.equal(line, mm(T(weights), upstream)).status is Status.VERIFIED
        gates = ex.sub(ex.ones("d"), ex.hpower(here, 2))
        local = ex.hadamard(by(loss, here), gates)
        assert judge.equal(upstream, local).status is Status.VERIFIED
    assert process_time() - start < 5
    wrong = judge.equal(by(loss, layers[-2]), mm(weights, upstream))
    assert wrong.status is Status.REFUTED


def test_a_line_about_a_deep_network_keeps_other_ways_round() -> None:
    loss, layers = network(60)
    skip = ex.add(loss, ex.trace(mm(layers[30], T(layers[30]))))
    judge = Judge(skip, ex.symbol("W_0", "d", "d"))
    inner = layers[31].args[0].args[0]
    local = mm(T(inner.args[0].args[0]), by(skip, inner))
    line = by(skip, layers[30])
    assert judge.equal(line, local).status is Status.REFUTED
    both = ex.add(local, ex.scale(two, layers[30]))
    assert judge.equal(line, both).status is Status.VERIFIED
