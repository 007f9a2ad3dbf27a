"""Identities by sums over indices: both sides meet, every line holds, nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdiff_pandoc import expr as ex
from mdiff_pandoc.calculus.derivation import Line
from mdiff_pandoc.calculus.identity import ORDER, by_sums
from mdiff_pandoc.calculus.unify import Unifier
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.verify import Judge, Status

A = ex.symbol("A", "m", "n")
B = ex.symbol("B", "n", "m")
C = ex.symbol("C", "m", "n")
P = ex.symbol("P", "n", "n")
Q = ex.symbol("Q", "n", "n")
S = ex.symbol("S", "n", "n", ("symmetric",))
a = ex.symbol("a")
x, y = ex.symbol("x", "n"), ex.symbol("y", "n")


def square(expr: ex.Expr) -> ex.Expr:
    return ex.power(expr, 2)


IDENTITIES = [
    (ex.trace(ex.transpose(P)), ex.trace(P)),
    (ex.trace(ex.add(P, Q)), ex.add(ex.trace(P), ex.trace(Q))),
    (ex.trace(ex.scale(a, P)), ex.mul(a, ex.trace(P))),
    (ex.trace(ex.matmul(A, B)), ex.trace(ex.matmul(B, A))),
    (ex.transpose(ex.matmul(A, B)), ex.matmul(ex.transpose(B), ex.transpose(A))),
    (square(ex.norm(A)), ex.trace(ex.matmul(ex.transpose(A), A))),
    (ex.matmul(ex.transpose(x), P, x), ex.trace(ex.matmul(P, x, ex.transpose(x)))),
    (
        ex.trace(ex.matmul(ex.transpose(A), C)),
        ex.matmul(ex.transpose(ex.ones("m")), ex.hadamard(A, C), ex.ones("n")),
    ),
    (
        square(ex.norm(ex.add(A, C))),
        ex.add(
            square(ex.norm(A)),
            ex.mul(ex.number(2), ex.trace(ex.matmul(ex.transpose(A), C))),
            square(ex.norm(C)),
        ),
    ),
    (
        square(ex.norm(ex.matmul(A, x))),
        ex.matmul(ex.transpose(x), ex.transpose(A), A, x),
    ),
    (ex.trace(ex.matmul(S, P)), ex.trace(ex.matmul(S, ex.transpose(P)))),
    (
        ex.trace(ex.matmul(P, ex.diag(x), Q)),
        ex.matmul(ex.transpose(x), ex.diagonal(ex.matmul(Q, P))),
    ),
    (ex.trace(ex.identity("n")), ex.dimension("n")),
    (
        ex.mul(ex.trace(P), ex.trace(ex.add(P, Q))),
        ex.add(square(ex.trace(P)), ex.mul(ex.trace(P), ex.trace(Q))),
    ),
    (
        ex.transpose(ex.add(ex.matmul(ex.diag(x), ex.diag(x)), P)),
        ex.add(ex.matmul(ex.diag(x), ex.diag(x)), ex.transpose(P)),
    ),
    (ex.function("exp", ex.trace(P)), ex.function("exp", ex.trace(ex.transpose(P)))),
]


def holds(left: ex.Expr, right: ex.Expr, lines: tuple[Line, ...]) -> None:
    judge = Judge(left)
    for line in lines:
        assert judge.equal(line.lhs, line.expr).status is Status.VERIFIED, line
    assert (lines[-1].lhs, lines[-1].expr) == (left, right)


@pytest.mark.parametrize(("left", "right"), IDENTITIES, ids=repr)
def test_an_identity_is_derived_in_both_directions(left: ex.Expr, right: ex.Expr) -> None:
    holds(left, right, by_sums(left, right))
    holds(right, left, by_sums(right, left))


def test_the_trace_of_a_product_goes_by_the_order_of_its_sums() -> None:
    lines = by_sums(*IDENTITIES[3])
    i_first = ex.index_sum("i", "m", ex.index_sum("j", "n", _product("A", "B")))
    j_first = ex.index_sum("j", "n", ex.index_sum("i", "m", _product("B", "A")))
    assert [line.expr for line in lines][2:4] == [i_first, j_first]
    assert lines[3].labels == (ORDER,)


def _product(*names: str) -> ex.Expr:
    entries = {"A": ex.entry(A, "i", "j"), "B": ex.entry(B, "j", "i")}
    return ex.mul(*(entries[name] for name in names))


def test_a_matrix_is_followed_by_its_entries() -> None:
    lines = by_sums(*IDENTITIES[4])
    assert all(line.lhs.is_scalar for line in lines[:-1])
    assert not lines[-1].lhs.is_scalar


def test_the_symmetry_that_is_relied_on_is_told() -> None:
    lines = by_sums(*IDENTITIES[10])
    assert [line.relied for line in lines if line.relied] == [((S, "symmetric"),)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (ex.det(ex.matmul(P, Q)), ex.mul(ex.det(P), ex.det(Q))),
        (
            ex.inverse(ex.matmul(P, Q)),
            ex.matmul(ex.inverse(Q), ex.inverse(P)),
        ),
        (ex.trace(ex.matmul(P, Q)), ex.trace(ex.matmul(P, ex.transpose(Q)))),
        (ex.trace(P), ex.mul(ex.number(2), ex.trace(P))),
        (ex.function("exp", ex.trace(P)), ex.function("log", ex.trace(P))),
        (ex.matmul(ex.transpose(x), P, y), ex.matmul(ex.transpose(y), P, x)),
    ],
    ids=repr,
)
def test_no_road_is_made_up_where_there_is_none(left: ex.Expr, right: ex.Expr) -> None:
    with pytest.raises(UnsupportedError):
        by_sums(left, right)


def test_a_side_is_equal_to_itself_in_one_line() -> None:
    (line,) = by_sums(P, P)
    assert line.lhs is line.expr is P


def chains() -> st.SearchStrategy[list[ex.Expr]]:
    factors = [P, Q, S, ex.transpose(P), ex.transpose(Q), ex.diag(x), ex.matmul(x, ex.transpose(y))]
    return st.lists(st.sampled_from(factors), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(chains(), chains(), st.integers(0, 3), st.booleans())
def test_traces_of_products_are_cyclic_and_linear(
    first: list[ex.Expr], second: list[ex.Expr], turn: int, flip: bool
) -> None:
    place = turn % len(first)
    left = ex.trace(ex.add(ex.matmul(*first), ex.scale(ex.number(3), ex.matmul(*second))))
    turned = ex.matmul(*first[place:], *first[:place])
    turned = ex.transpose(turned) if flip else turned
    right = ex.add(ex.mul(ex.number(3), ex.trace(ex.matmul(*second))), ex.trace(turned))
    holds(left, right, by_sums(left, right))


@settings(max_examples=40, deadline=None)
@given(chains(), chains())
def test_a_transpose_turns_products_round(first: list[ex.Expr], second: list[ex.Expr]) -> None:
    left = ex.transpose(ex.add(ex.matmul(*first), ex.matmul(*second)))
    right = ex.add(*(ex.matmul(*map(ex.transpose, chain[::-1])) for chain in (first, second)))
    holds(left, right, by_sums(left, right))


@settings(max_examples=40, deadline=None)
@given(chains(), chains())
def test_wrong_identities_have_no_derivation(first: list[ex.Expr], second: list[ex.Expr]) -> None:
    left, right = ex.trace(ex.matmul(*first)), ex.trace(ex.matmul(*second))
    equal = Judge(left).equal(left, right).status is Status.VERIFIED
    try:
        lines = by_sums(left, right)
    except UnsupportedError:
        assert not equal
    else:
        assert equal
        holds(left, right, lines)


def test_names_are_found_for_the_indices_of_another_order() -> None:
    old = ex.index_sum("r", "m", ex.index_sum("s", "n", _entries("r", "s")))
    new = ex.index_sum("j", "n", ex.index_sum("i", "m", _entries("i", "j")))
    assert Unifier().names(old, new) == {"r": "i", "s": "j"}
    other = ex.index_sum("j", "n", ex.index_sum("i", "m", ex.entry(A, "i", "j")))
    assert Unifier().names(old, other) is None


def _entries(row: str, column: str) -> ex.Expr:
    return ex.mul(ex.entry(A, row, column), ex.entry(B, column, row))
