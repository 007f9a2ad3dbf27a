"""The engine: every line holds, every step can be replayed, work grows with what is printed."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from strategies import expressions
from verify_cases import CASES, Case

from mdiff_pandoc.calculus import Derivation, Tables, brief, gradient, replay
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Symbol,
    diff,
    inverse,
    matmul,
    number,
    power,
    scale,
    symbol,
    trace,
    walk,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules import TABLES, Table
from mdiff_pandoc.service import derive
from mdiff_pandoc.verify import Judge, Status

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def statuses(derivation: Derivation) -> list[Status]:
    judge = Judge(derivation.f, derivation.variable)
    return [judge.equal(line.lhs, line.expr).status for line in derivation.lines]


def replays(derivation: Derivation) -> bool:
    pairs = zip(derivation.lines, derivation.lines[1:], strict=False)
    for before, line in pairs:
        start = diff(derivation.f) if before.lhs is derivation.f else before.expr
        if replay(start, line.steps) is not line.expr:
            return False
    return True


@each_case
def test_every_line_of_a_known_problem_is_verified(case: Case) -> None:
    derivation = gradient(case.f, case.variable)
    assert set(statuses(derivation)) == {Status.VERIFIED}
    assert replays(derivation)
    assert replays(brief(derivation))


@each_case
def test_no_result_is_much_longer_than_the_known_answer(case: Case) -> None:
    result = gradient(case.f, case.variable).result
    known = [node.op for node in walk(case.gradient)]
    if Op.INDEX_SUM in [node.op for node in walk(case.f)] and Op.INDEX_SUM not in known:
        pytest.skip("the reader writes such sums in matrix form before they are differentiated")
    assert length(result) <= 1.25 * length(case.gradient)


@given(expressions((ONE, ONE)))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_scalars(f: Expr) -> None:
    for variable in sorted(f.symbols, key=repr)[:2]:
        if isinstance(variable.data, Symbol) and variable.data.indices:
            continue
        try:
            derivation = gradient(f, variable)
        except UnsupportedError as error:
            if "degenerate" in error.message:
                continue
            raise
        assert derivation.result.shape == variable.shape
        assert Status.REFUTED not in statuses(derivation)
        assert replays(derivation)


def test_a_replay_refuses_a_step_at_the_wrong_place() -> None:
    case = CASES[0]
    line = gradient(case.f, case.variable).lines[2]
    with pytest.raises(ValueError, match="does not stand where it says"):
        replay(case.f, [replace(step, before=case.f.args[0]) for step in line.steps])


@pytest.mark.parametrize("name", ["inverse", "product rule", "cyclic property"])
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
    latex = r"\nabla_X \operatorname{tr}(A X^{-1} B X) = ?"
    assert derive(latex).status == "verified"
    answer = derive(latex, tables=Tables(wrong))
    assert answer.status == "error"
    assert answer.error is not None
    assert answer.error.code == "internal-check"
    assert name in answer.error.message
    assert answer.result == ""


def test_every_line_names_its_rule() -> None:
    for case in CASES:
        for line in gradient(case.f, case.variable).lines[1:]:
            assert line.labels or line.constants or all(s.rule for s in line.steps)


def test_rules_of_every_step_are_in_a_table() -> None:
    names = {rule.name for rules in TABLES.values() for rule in rules}
    engine = {"identification", "distributivity", "collect terms"}
    for case in CASES:
        used = {s.rule for line in gradient(case.f, case.variable).lines for s in line.steps}
        assert used <= names | engine


def test_time_for_a_printed_term_stays_flat() -> None:
    """tr(A X^k) has k terms of length k; the time for a term may grow with its length only."""
    square = symbol("X", "n", "n")
    other = symbol("A", "n", "n")

    def seconds(k: int) -> float:
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            result = gradient(trace(matmul(other, power(square, k))), square).result
            best = min(best, time.process_time() - start)
        assert len(list(walk(result))) > k
        return best / k

    seconds(2)
    assert seconds(64) < 20 * seconds(4)


def test_the_inverse_of_an_inverse_cancels() -> None:
    x = symbol("X", "n", "n")
    f = trace(inverse(inverse(x)))
    assert gradient(f, x).result.op is Op.IDENTITY


def test_tables_are_complete() -> None:
    assert set(TABLES) == set(Table)
