"""The two evaluators agree with each other and with a third one that shares no code with them."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import isfinite
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import expressions
from verify_reference import FUNCTIONS, Dual, Matrix, Reference

from mdiff_pandoc import expr as ex
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


Place = tuple[Expr, int, int]


def lifted(reference: Reference, one: Place, other: Place) -> Reference:
    """The same values, where an entry moves in a nilpotent, and one in another nilpotent."""

    def moved(x: Dual, place: Place) -> Dual:
        inner = Dual(x.value, Fraction(place == one))
        return Dual(inner, Dual(Fraction(place == other)))

    symbols = {
        node: [
            [moved(x, (node, i, j)) for j, x in enumerate(row, 1)]
            for i, row in enumerate(matrix, 1)
        ]
        for node, matrix in reference.symbols.items()
    }
    return Reference(reference.sizes, symbols)


def wrapped(node: Expr, kind: str) -> Expr:
    """A scalar that depends on all entries of a function of a matrix."""
    square = node.shape[0] == node.shape[1] and node.shape != SCALAR
    match kind:
        case "name":
            node = ex.named("Z", node)
        case "pseudo-inverse" if node.shape != SCALAR:
            node = ex.pseudo_inverse(node)
        case "adjugate" if square:
            node = ex.adjugate(node)
        case "blocks":
            node = ex.block([[node, node], [ex.neg(node), ex.scale(ex.number(3), node)]])
        case "commutation" if node.shape != SCALAR:
            node = ex.matmul(ex.commutation(*node.shape), ex.vec(node))
    return ex.trace(ex.matmul(ex.transpose(node), ex.hadamard(node, node)))


KINDS = ("plain", "name", "pseudo-inverse", "adjugate", "blocks", "commutation")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    expressions(max_size=5, transcendental=False, indices=False),
    st.sampled_from(KINDS),
    st.integers(0, 99),
    st.data(),
)
def test_second_derivatives_match_dual_numbers_over_dual_numbers(
    node: Expr, kind: str, seed: int, data: st.DataObject
) -> None:
    assume(node.symbols)
    f = wrapped(node, kind)
    assume(Inspector(Setting()).inspect(f).rational)
    exact, _, reference = points(f, seed)
    places = [
        (symbol, i + 1, j + 1)
        for symbol in sorted(node.symbols, key=repr)
        for i, j in product(*(range(dim.at(FREE)) for dim in symbol.shape))
    ]
    one, other = (data.draw(st.sampled_from(places)) for _ in range(2))
    first = ex.derivative(f, ex.entry(*one))
    second = ex.derivative(first, ex.entry(*other))
    try:
        value = lifted(reference, one, other).value(f)[0][0]
    except ZeroDivisionError:
        with pytest.raises((ZeroDivisionError, RedrawError)):
            exact.value(f)
        return
    for wanted, found in ((value.value.slope, first), (_slope(value.slope), second)):
        whole = Fraction(wanted)
        residue = whole.numerator * pow(whole.denominator, -1, exact.prime) % exact.prime
        assert int(exact.value(found)) == residue


def _slope(number: Any) -> Any:
    return number.slope if isinstance(number, Dual) else 0


def symmetric(matrix: Any) -> Expr:
    """A matrix of numbers."""
    return ex.block([[ex.number(Fraction(float(x))) for x in row] for row in matrix])


@pytest.mark.parametrize("seed", range(6))
def test_spectra_match_numpy(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    half = rng.normal(size=(4, 4))
    matrix, tall = half + half.T, rng.normal(size=(4, 3))
    node, other = symmetric(matrix), symmetric(tall)
    values, vectors = numpy.linalg.eigh(matrix)
    vectors = vectors * numpy.sign(vectors[0])
    sizes = numpy.linalg.svd(tall, compute_uv=False)
    left, _, right = numpy.linalg.svd(tall)
    sign = numpy.sign(left[0, 0])
    definite = vectors @ numpy.diag(numpy.abs(values)) @ vectors.T
    roots = vectors @ numpy.diag(numpy.abs(values) ** 0.5) @ vectors.T
    logs = vectors @ numpy.diag(numpy.log(numpy.abs(values))) @ vectors.T
    cosines = vectors @ numpy.diag(numpy.cos(values)) @ vectors.T
    column = matrix[:, :1]
    cases: list[tuple[Expr, Any]] = [
        (ex.eigenvalue(node, "max"), values[-1]),
        (ex.eigenvalue(node, "min"), values[0]),
        (ex.eigenvalue(node, 2), values[-2]),
        (ex.eigenvector(node, "max"), vectors[:, -1]),
        (ex.eigenvector(node, 4), vectors[:, 0]),
        (ex.norm(other, "2"), sizes[0]),
        (ex.norm(other, "*"), sizes.sum()),
        (ex.norm(symmetric(tall.T), "*"), sizes.sum()),
        (ex.singular_vector(other, "left"), left[:, 0] * sign),
        (ex.singular_vector(other, "right"), right[0] * sign),
        (ex.pseudo_inverse(other), numpy.linalg.pinv(tall)),
        (ex.pseudo_inverse(symmetric(tall.T)), numpy.linalg.pinv(tall.T)),
        (ex.matrix_function("cos", node), cosines),
        (ex.matrix_function("sqrt", symmetric(definite)), roots),
        (ex.power(symmetric(definite), ex.number(Fraction(1, 2))), roots),
        (ex.matrix_function("log", symmetric(definite)), logs),
        (ex.norm(symmetric(column), "inf"), numpy.abs(column).max()),
        (ex.logsumexp(symmetric(column)), numpy.log(numpy.exp(column).sum())),
        (ex.softmax(symmetric(column)), numpy.exp(column) / numpy.exp(column).sum()),
    ]
    point = PrecisePoint(Setting(), Sizes(0), random.Random(seed), 0)
    with precision():
        for case, wanted in cases:
            found = [float(x) for x in entries(point.value(case))]
            assert found == pytest.approx(list(numpy.ravel(wanted)), rel=1e-9, abs=1e-9), case


def test_eigenvalues_by_their_number_run_downwards() -> None:
    matrix = symmetric([[1.0, 2.0], [2.0, -3.0]])
    point = PrecisePoint(Setting(), Sizes(0), random.Random(0), 0)
    with precision():
        first, second = (point.value(ex.eigenvalue(matrix, k)) for k in (1, 2))
        assert first > second


def test_interpolation_weights_differentiate_polynomials() -> None:
    for degree, prime in product(range(1, 8), PRIMES):
        weights = slope_weights(degree, prime)
        for k in range(degree + 1):
            slope = sum(w * j**k for j, w in enumerate(weights)) % prime
            assert slope == (1 if k == 1 else 0)
