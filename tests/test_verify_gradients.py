"""Right gradients are verified, what a slip of the pen makes of them is refuted."""

from __future__ import annotations

import random

import pytest
from verify_cases import CASES, Case, mutants
from verify_reference import Dual, Matrix, Reference

from mdiff_pandoc.expr import Expr, Symbol
from mdiff_pandoc.verify import Judge, Status

NAMES = [case.name for case in CASES]
SIZES = {"m": 3, "n": 2, "p": 4, "q": 3, "k": 2, "h": 3, "d": 2}


def drawn(case: Case, sizes: dict[str, int]) -> Reference:
    """Positive values, whose structures are those of the symbols."""
    rng = random.Random(case.name)
    symbols: dict[Expr, Matrix] = {}
    for node in sorted(case.f.symbols | case.gradient.symbols, key=repr):
        assert isinstance(node.data, Symbol)
        rows, columns = (dim.at(sizes) for dim in node.shape)
        entries = [[rng.uniform(0.2, 1) for _ in range(columns)] for _ in range(rows)]
        if case.name == "barrier" and node.data.name == "q":
            entries = [[9.0 + x for x in row] for row in entries]
        if "diagonal" in node.data.assumptions:
            entries = [[x * (i == j) for j, x in enumerate(r)] for i, r in enumerate(entries)]
        elif node.data.assumptions:
            across = zip(*entries, strict=True)
            entries = [
                [x + y + 4 * (i == j) for j, (x, y) in enumerate(zip(r, s, strict=True))]
                for i, (r, s) in enumerate(zip(entries, across, strict=True))
            ]
        symbols[node] = [[Dual(x) for x in row] for row in entries]
    return Reference(sizes, symbols)


def floats(matrix: Matrix) -> list[float]:
    return [float(x.value) for row in matrix for x in row]


def agree(one: list[float], other: list[float]) -> bool:
    scale = max(map(abs, one + other))
    return all(abs(a - b) <= 1e-8 * scale for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_right_gradient_is_verified(case: Case) -> None:
    verdict = Judge(case.f, case.variable).gradient(case.gradient)
    assert verdict.status is Status.VERIFIED, verdict.reason
    assert verdict.points >= 2
    assert verdict.error_bound < (1e-15 if verdict.method == "exact" else 1e-40)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_wrong_gradients_are_refuted(case: Case) -> None:
    places = [drawn(case, SIZES), drawn(case, SIZES | {"m": 2, "n": 3, "p": 2})]
    truth = [floats(place.value(case.gradient)) for place in places]
    judge = Judge(case.f, case.variable)
    wrong = 0
    for mutant in mutants(case.gradient, case.f.symbols):
        status = judge.gradient(mutant).status
        try:
            values = [floats(place.value(mutant)) for place in places]
        except ZeroDivisionError:
            assert status is not Status.VERIFIED, mutant
            continue
        same = all(agree(a, b) for a, b in zip(truth, values, strict=True))
        assert status is (Status.VERIFIED if same else Status.REFUTED), mutant
        wrong += not same
    assert wrong >= 10
