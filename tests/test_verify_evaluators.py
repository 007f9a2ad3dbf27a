"""The two evaluators agree with each other and with a third one that shares no code with them."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import isfinite
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import expressions
from verify_reference import FUNCTIONS, Dual, Matrix, Reference

from mdiff_pandoc.expr import SCALAR, Expr, diff, function
from mdiff_pandoc.verify.exact import PRIMES, ExactPoint, slope_weights
from mdiff_pandoc.verify.inspector import Inspector
from mdiff_pandoc.verify.point import Setting
from mdiff_pandoc.verify.precise import PrecisePoint, precision
from mdiff_pandoc.verify.sample import RedrawError, Sizes

FREE = {"m": 2, "n": 3, "p": 2}


def points(node: Expr, seed: int) -> tuple[ExactPoint, PrecisePoint, Reference]:
    """One point in three arithmetics: small integers, and every symbol moves."""
    setting = Setting()
    setting.moving |= node.symbols
    exact = ExactPoint(setting, Sizes(0), random.Random(seed), 0)
    precise = PrecisePoint(setting, Sizes(0), random.Random(seed), 0)
    rng = random.Random(seed)
    values: dict[Expr, Matrix] = {}
    for point in (exact, precise):
        point.sizes.update(FREE)
    for symbol in sorted(node.symbols, key=repr):
        rows, columns = (dim.at(FREE) for dim in symbol.shape)
        pair = [[rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(rows * columns)] for _ in "vd"]
        for point in (exact, precise):
            point.values[symbol] = tuple(
                point.scalar(part[0])
                if symbol.shape == SCALAR
                else point.matrix(rows, columns, part)
                for part in pair
            )
        entries = [Dual(Fraction(v), Fraction(d)) for v, d in zip(*pair, strict=True)]
        values[symbol] = [entries[k : k + columns] for k in range(0, rows * columns, columns)]
    return exact, precise, Reference(FREE, values)


def entries(value: Any) -> list[Any]:
    return value.entries() if hasattr(value, "entries") else [value]


@settings(max_examples=150, deadline=None)
@given(expressions(max_size=8, transcendental=False), st.integers(0, 99))
def test_exact_and_high_precision_match_elimination_over_dual_numbers(
    node: Expr, seed: int
) -> None:
    inspector = Inspector(Setting())
    assume(inspector.inspect(node).rational)
    exact, precise, reference = points(node, seed)
    try:
        matrix = [x for row in reference.value(node) for x in row]
    except ZeroDivisionError:
        with pytest.raises((ZeroDivisionError, RedrawError)):
            exact.value(node)
        return
    for expected, values in (
        ([x.value for x in matrix], exact.value(node)),
        ([x.slope for x in matrix], exact.value(diff(node))),
    ):
        residues = [
            Fraction(x).numerator * pow(Fraction(x).denominator, -1, exact.prime) for x in expected
        ]
        assert [int(x) for x in entries(values)] == [x % exact.prime for x in residues]
    with precision():
        found = entries(precise.value(diff(node)))
        for x, y in zip(matrix, found, strict=True):
            slope = precise.scalar(Fraction(x.slope))
            assert abs(y - slope) < precise.scalar(Fraction(1, 10**40)) * (1 + abs(slope))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from(sorted(FUNCTIONS)), expressions(max_size=6), st.integers(0, 99))
def test_high_precision_matches_floating_point(name: str, node: Expr, seed: int) -> None:
    node = function(name, node)
    _, precise, reference = points(node, seed)
    try:
        matrix = [x for row in reference.value(node) for x in row]
        with precision():
            values = [float(x) for x in entries(precise.value(node))]
            slopes = [float(x) for x in entries(precise.value(diff(node)))]
    except (ValueError, ZeroDivisionError, OverflowError, RedrawError):
        assume(False)
    size = max(abs(float(x)) for m in matrix for x in (m.value, m.slope, 1))
    assume(size < 1e6 and all(map(isfinite, values + slopes)))
    assert values == pytest.approx([float(x.value) for x in matrix], rel=1e-5, abs=1e-6)
    assert slopes == pytest.approx([float(x.slope) for x in matrix], rel=1e-5, abs=1e-6)


def test_interpolation_weights_differentiate_polynomials() -> None:
    for degree, prime in product(range(1, 8), PRIMES):
        weights = slope_weights(degree, prime)
        for k in range(degree + 1):
            slope = sum(w * j**k for j, w in enumerate(weights)) % prime
            assert slope == (1 if k == 1 else 0)
