"""Index notation as a second road: it ends where the differentials end, line by line verified."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from roads import compare
from strategies import expressions

from mdiff_pandoc import expr as ex
from mdiff_pandoc.calculus import Tables, gradient, replay
from mdiff_pandoc.calculus.index import by_entry, by_index, tensor
from mdiff_pandoc.calculus.index_road import assembled
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Layout, Op
from mdiff_pandoc.expr.indices import bound_as, distinct, fresh_name, reindexed
from mdiff_pandoc.rules import TABLES, Table
from mdiff_pandoc.verify import Judge, Status

A = ex.symbol("A", "p", "m")
X = ex.symbol("X", "m", "n")
B = ex.symbol("B", "n", "p")
S = ex.symbol("S", "n", "n")
x = ex.symbol("x", "n")


def test_two_roads_end_in_equal_results_on_random_expressions() -> None:
    found: Counter[str] = Counter()

    @seed(3)
    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        f = data.draw(expressions(ex.SCALAR, max_size=8))
        if f.symbols:
            variable = data.draw(st.sampled_from(sorted(f.symbols, key=repr)))
            found[compare(f, variable)] += 1

    run()
    assert not [outcome for outcome in found if outcome.startswith("refuted")], found
    assert found["verified"] > 90, found


def _trace() -> ex.Expr:
    return ex.trace(ex.matmul(A, X, B))


def test_every_line_is_an_equation_that_holds() -> None:
    derivation = by_index(_trace(), X)
    judge = Judge(derivation.f, X)
    for line in derivation.lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED
    assert derivation.result is gradient(_trace(), X).result
    assert [line.lhs for line in derivation.lines[-4:]] == [
        ex.derivative(_trace(), ex.entry(X, "j", "k")),
        ex.derivative(_trace(), ex.entry(X, "j", "k")),
        derivation.asked,
        derivation.asked,
    ]


def test_the_steps_of_each_line_that_writes_out_lead_from_the_line_before() -> None:
    lines = by_index(ex.norm(ex.sub(ex.matmul(A, X), ex.transpose(B)), "F"), X).lines
    written = [line for line in lines if line.lhs is lines[0].lhs]
    assert len(written) > 2
    for before, after in pairwise(written):
        assert replay(before.expr, after.steps) is after.expr


def test_a_wrong_index_rule_is_found_out() -> None:
    wrong = dict(TABLES)
    wrong[Table.INDEX] = tuple(
        rule
        if rule.name != "product in entries"
        else type(rule)(
            rule.name,
            rule.table,
            rule.left,
            rule.right,
            rule.source,
            rewrite=lambda expr, varies, rule=rule: (
                None if (new := rule.apply(expr, varies)) is None else ex.neg(new)
            ),
            roots=rule.roots,
        )
        for rule in TABLES[Table.INDEX]
    )
    f = ex.trace(ex.matmul(A, X, B, A, X, B, A, X, B))
    derivation = by_index(f, X, Tables(wrong))
    judge = Judge(f, X)
    verdicts = [judge.equal(line.lhs, line.expr).status for line in derivation.lines]
    assert Status.REFUTED in verdicts


def test_a_matrix_by_a_matrix_in_entries() -> None:
    F = ex.matmul(A, X, B)
    derivation = tensor(F, X)
    assert derivation.result is ex.mul(ex.entry(A, "i", "r"), ex.entry(B, "s", "j"))
    assert derivation.asked is ex.derivative(ex.entry(F, "i", "j"), ex.entry(X, "r", "s"))
    assert r"$p \times p \times n \times m$" in str(derivation.notes[0])
    other = tensor(F, X, layout=Layout.DENOMINATOR)
    assert r"$m \times n \times p \times p$" in str(other.notes[0])


def test_an_inverse_by_an_entry() -> None:
    derivation = tensor(ex.inverse(S), S)
    inverse = ex.inverse(S)
    expected = ex.neg(ex.mul(ex.entry(inverse, "i", "p"), ex.entry(inverse, "q", "j")))
    assert derivation.result is expected


def test_a_jacobian_in_either_layout() -> None:
    f = ex.function("exp", ex.matmul(S, x))
    down = by_index(f, x, layout=Layout.DENOMINATOR)
    across = by_index(f, x)
    for derivation in (across, down):
        judge = Judge(f, x)
        assert judge.equal(derivation.asked, derivation.result).status is Status.VERIFIED
    assert across.result is not down.result


def test_the_second_derivative_by_two_entries() -> None:
    f = ex.matmul(ex.transpose(x), S, x)
    derivation = by_entry(f, (ex.entry(x, "i"), ex.entry(x, "j")))
    assert derivation.result is ex.add(ex.entry(S, "i", "j"), ex.entry(S, "j", "i"))


def test_an_entry_whose_indices_the_sum_uses_itself() -> None:
    body = ex.mul(ex.entry(A, "i", "j"), ex.entry(X, "j", "k"), ex.entry(B, "k", "i"))
    f = ex.index_sum("i", "p", ex.index_sum("j", "m", ex.index_sum("k", "n", body)))
    derivation = by_entry(f, (ex.entry(X, "j", "k"),))
    assert derivation.result is ex.entry(ex.matmul(B, A), "k", "j")
    assert Judge(f, X).equal(derivation.asked, derivation.result).status is Status.VERIFIED


@pytest.mark.parametrize(
    "f",
    [
        ex.trace(ex.matmul(ex.kron(S, S), ex.symbol("C", *[ex.Dim.of("n") * ex.Dim.of("n")] * 2))),
        ex.trace(ex.matmul(ex.power(S, ex.symbol("k")), S)),
        ex.trace(ex.matmul(ex.matrix_function("exp", S), S)),
    ],
)
def test_what_has_no_entries_is_refused_with_a_way_out(f: ex.Expr) -> None:
    with pytest.raises(UnsupportedError) as caught:
        by_index(f, S)
    assert "style differential" in caught.value.hint


def test_an_unspecified_function_keeps_its_derivative() -> None:
    U = ex.symbol("U", "u", "v")
    left = ex.apply("A", (U,), (ex.Dim.of("m"), ex.Dim.of("n")))
    right = ex.apply("B", (U,), (ex.Dim.of("n"), ex.Dim.of("k")))
    derivation = tensor(ex.matmul(left, right), U)
    kept = [node for node in ex.walk(derivation.result) if node.op is Op.DERIVATIVE]
    assert {node.args[0].args[0] for node in kept} == {left, right}
    judge = Judge(derivation.f, U)
    assert judge.equal(derivation.asked, derivation.result).status is Status.VERIFIED


def test_a_sum_over_rows_stays_outside() -> None:
    C = ex.symbol("C", "K", "m")
    line = ex.matmul(ex.row(C, "k"), X)
    f = ex.index_sum("k", "K", ex.power(ex.norm(ex.function("exp", ex.transpose(line))), 2))
    derivation = by_index(f, X)
    assert derivation.result is not gradient(f, X).f
    assert Judge(f, X).equal(derivation.asked, derivation.result).status is Status.VERIFIED


@pytest.mark.parametrize(
    "word", ["symmetric", "skew", "diagonal", "orthogonal", "lower triangular", "positive definite"]
)
def test_a_structured_variable_is_projected_as_by_differentials(word: str) -> None:
    variable = ex.symbol("V", "n", "n", (word,))
    f = ex.trace(ex.matmul(S, variable, S, variable))
    derivation = by_index(f, variable)
    judge = Judge(f, variable)
    for line in derivation.lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED
    expected = gradient(f, variable)
    assert judge.equal(derivation.result, expected.result).status is Status.VERIFIED
    assert derivation.notes == expected.notes


# Indices and networks


def test_bound_indices_are_told_apart() -> None:
    one = ex.index_sum("i", "n", ex.entry(x, "i"))
    both = distinct(ex.mul(one, one))
    left, right = both.args
    assert left is not right
    assert Judge(both, x).equal(both, ex.mul(one, one)).status is Status.VERIFIED
    assert bound_as(one, "k") is ex.index_sum("k", "n", ex.entry(x, "k"))
    assert reindexed(ex.entry(S, "i", "j"), {"i": "j", "j": 2}) is ex.entry(S, "j", 2)
    assert reindexed(one, {"i": "j"}) is one
    assert fresh_name({"i", "j"}) == "k"


@pytest.mark.parametrize(
    ("entries", "whole"),
    [
        (
            ex.index_sum("i", "p", ex.mul(ex.entry(A, "i", "j"), ex.entry(B, "k", "i"))),
            ex.transpose(ex.matmul(B, A)),
        ),
        (ex.delta("j", "k"), ex.identity("m")),
        (ex.mul(ex.entry(x, "j"), ex.entry(x, "k")), ex.matmul(x, ex.transpose(x))),
        (ex.entry(x, "k"), ex.matmul(ex.ones("m"), ex.transpose(x))),
    ],
)
def test_entries_with_two_free_indices_are_a_matrix(entries: ex.Expr, whole: ex.Expr) -> None:
    sizes = {"j": ex.Dim.of("m"), "k": ex.Dim.of("n")}
    if entries.op is Op.MUL:
        sizes = {"j": ex.Dim.of("n"), "k": ex.Dim.of("n")}
    if entries.op is Op.DELTA:
        sizes = {"j": ex.Dim.of("m"), "k": ex.Dim.of("m")}
    found = assembled(entries, ("j", "k"), sizes)
    assert Judge(found).equal(found, whole).status is Status.VERIFIED


def test_a_network_with_a_hub_keeps_one_sum() -> None:
    factors = [ex.entry(m, "i", "k") for m in (X,)] + [ex.entry(X, "j", "k"), ex.entry(S, "k", "k")]
    total = ex.index_sum("k", "n", ex.mul(*factors, ex.entry(B, "k", "l"), ex.entry(A, "l", "j")))
    entries = ex.index_sum("l", "p", total)
    found = assembled(entries, ("i", "j"), {"i": X.shape[0], "j": X.shape[0]})
    assert found.shape == (X.shape[0], X.shape[0])
    entry = ex.entry(found, "i", "j")
    assert Judge(entry).equal(entry, entries).status is Status.VERIFIED
