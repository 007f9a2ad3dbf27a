"""Every rule of every table: it holds, its mutants do not, it prints and parses."""

from __future__ import annotations

import pytest
from floats import grounded, moving, named, same, values
from mutants import mutants

from mdiff_pandoc.calculus import derivation_of
from mdiff_pandoc.expr import Expr, Op, number, walk
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_declaration, print_latex
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.rules import TABLES, Rule, Table
from mdiff_pandoc.service import CALCULUS_OPTIONS, Options, _problem, derive
from mdiff_pandoc.verify import Status, judge_equal

RULES = [rule for table in TABLES.values() for rule in table]
UNEVALUATED = {Op.DIFF, Op.DERIVATIVE, Op.SLOPE}
SIZED = Notation(sized=True)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@each_rule
def test_rule_holds(rule: Rule) -> None:
    verdict = judge_equal(rule.left, rule.right)
    assert verdict.status is Status.VERIFIED, verdict.reason
    assert verdict.points >= 2


@each_rule
def test_rule_rewrites_its_own_statement(rule: Rule) -> None:
    if rule.table.value == "structured variables":
        pytest.skip("applied by the engine to the variable, not by matching")
    new = rule.apply(rule.left)
    assert new is not None
    assert judge_equal(new, rule.right).status is Status.VERIFIED


@each_rule
def test_mutants_of_a_rule_are_refused(rule: Rule) -> None:
    """A mutant that NumPy tells from the rule's right side is never verified, a true one is.

    Where NumPy has no value, for differentials and derivatives that stay as they are, the two
    mutants that are always false must be refused.
    """
    tried = 0
    for name, mutant in mutants(rule.right):
        agree = _agree(rule.right, mutant)
        if agree is None and name not in ("sign at ()", "factor at ()"):
            continue
        status = judge_equal(rule.left, mutant).status
        tried += not agree
        assert (status is Status.VERIFIED) == bool(agree), f"{name}: {mutant}"
    assert tried or rule.right.op is Op.ZERO or rule.right is number(0)


def _agree(right: Expr, mutant: Expr) -> bool | None:
    """Do two expressions have the same values in NumPy? None where it has none."""
    if any(node.op in UNEVALUATED and node.args[0].args for node in walk(right)):
        return None
    pairs = [values([grounded(right), grounded(mutant)], seed) for seed in (1, 2, 3)]
    sound = [pair for pair in pairs if all(part is not None for part in pair)]
    return all(same(*pair) for pair in sound) if sound else None


@each_rule
def test_statement_of_a_rule_survives_printing_and_reading(rule: Rule) -> None:
    if rule.table is Table.CHAIN or any(node.op is Op.NAMED for node in walk(rule.left)):
        pytest.skip("what a name stands for is not written in a formula")
    if rule.left.op is Op.DERIVATIVE:
        pytest.skip("a derivative by an entry is a request, not a part of a formula")
    left, right = named(rule.left), named(rule.right)
    declared = ["Z_0 \\in \\mathbb{R}^{m n p q r \\times k}"]
    for part in sorted(left.symbols | right.symbols, key=repr):
        declared.append(print_declaration(part))
        name = declared[-1].split(" ")[0]
        declared += [f"{name} {word}" for word in part.data.assumptions]
    for side in (left, right):
        latex = print_latex(side, SIZED)
        back, _ = read_expression(
            latex, declared, shape=side.shape, differentials=True, free=left.free | right.free
        )
        if back is not side:
            assert judge_equal(moving(back), moving(side)).status is Status.VERIFIED, latex


def test_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


@each_rule
def test_rule_has_a_source(rule: Rule) -> None:
    assert rule.name
    assert rule.source


@each_rule
def test_the_example_of_a_rule_uses_it(rule: Rule) -> None:
    if not rule.example:
        assert rule.quiet or rule.table is Table.SHORTENING
        return
    *facts, latex = rule.example.split("; ")
    chosen = [fact.split(": ") for fact in facts if fact.split(": ")[0] in CALCULUS_OPTIONS]
    declare = [fact for fact in facts if fact.split(": ")[0] not in CALCULUS_OPTIONS]
    options = Options.from_mapping(dict(chosen))
    request = read_request(latex, declare, (), options.functions)
    lines = derivation_of(_problem(request, options)).lines
    assert rule.name in {step.rule for line in lines for step in line.steps}
    assert derive(latex, declare, (), options).status == "verified"
