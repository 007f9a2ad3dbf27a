"""Differentials of symbols that move: each has a direction of its own."""

from __future__ import annotations

from mdiff_pandoc import expr as ex
from mdiff_pandoc.verify import Judge

T = ex.transpose
A, X = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n")
t, two = ex.symbol("t"), ex.number(2)
dX = ex.diff(X)
PRODUCT = ex.diff(ex.matmul(A, X))


def test_the_differential_of_a_product_has_both_terms() -> None:
    right = ex.add(ex.matmul(ex.diff(A), X), ex.matmul(A, dX))
    assert Judge(PRODUCT, moving={A, X}).equal(PRODUCT, right).status == "verified"


def test_what_is_no_differential_is_refuted() -> None:
    wrong = (ex.matmul(ex.diff(A), dX), ex.matmul(ex.diff(A), X), ex.zero("p", "n"))
    for right in wrong:
        judge = Judge(PRODUCT, moving={A, X})
        assert judge.equal(PRODUCT, right).status == "refuted"


def test_what_does_not_move_is_constant() -> None:
    judge = Judge(PRODUCT, moving={X})
    assert judge.equal(PRODUCT, ex.matmul(A, dX)).status == "verified"


def test_in_high_precision_too() -> None:
    step = ex.diff(ex.function("exp", t))
    assert Judge(step, moving={t}).equal(step, ex.diff(t)).status == "refuted"
    right = ex.mul(ex.function("exp", t), ex.diff(t))
    assert Judge(step, moving={t}).equal(step, right).status == "verified"


def test_all_members_of_a_family_move() -> None:
    member = ex.symbol("x", "n", indices=("i",))
    other = ex.symbol("x", "n", indices=("j",))
    total = ex.diff(ex.index_sum("j", "m", ex.matmul(T(other), other)))
    body = ex.matmul(T(member), ex.diff(member))
    judge = Judge(total, moving={member})
    assert judge.equal(total, ex.index_sum("i", "m", ex.scale(two, body))).status == "verified"
    assert judge.equal(total, ex.index_sum("i", "m", body)).status == "refuted"
