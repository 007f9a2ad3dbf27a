"""For an equality that is wrong by one slip, the nearest formula that holds is found."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from time import thread_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutants import mutants
from problems import CASES, SHARED, declarations, read_problems
from strategies import expressions

from mdiff_pandoc import check
from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    derivative,
    matmul,
    number,
    scale,
    symbol,
    walk,
)
from mdiff_pandoc.latex.chains import chains
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.latex.sides import read_sides
from mdiff_pandoc.service.repairs import Repair, nearest
from mdiff_pandoc.service.repairs.tidy import tidy
from mdiff_pandoc.verify import Judge, Status

IDENTITIES = r"""
(AB)^T = B^T A^T | A:m,n B:n,p
(ABC)^{-1} = C^{-1} B^{-1} A^{-1} | A:n,n B:n,n C:n,n
\operatorname{tr}(ABC) = \operatorname{tr}(CAB) | A:m,n B:n,p C:p,m
(A + B)(A - B) = A^2 - AB + BA - B^2 | A:n,n B:n,n
\|x - y\|_2^2 = x^T x - 2 x^T y + y^T y | x:n y:n
\operatorname{vec}(AXB) = (B^T \otimes A) \operatorname{vec}(X) | A:p,m X:m,n B:n,q
\det(A^{-1}) = \frac{1}{\det(A)} | A:n,n
(A \odot B)^T = A^T \odot B^T | A:m,n B:m,n
x^T A x = \frac{1}{2} x^T (A + A^T) x | x:n A:n,n
(x - y)^T A (x - y) = x^T A x - x^T A y - y^T A x + y^T A y | x:n y:n A:n,n
(AB)_{ij} = \sum_{k=1}^n A_{ik} B_{kj} | A:m,n B:n,p
\frac{\partial (AXB)_{ij}}{\partial X_{kl}} = A_{ik} B_{lj} | A:p,m X:m,n B:n,q
\frac{\partial (X^T X)_{ij}}{\partial X_{kl}} = \delta_{il} X_{kj} + \delta_{jl} X_{ki} | X:m,n
d \operatorname{tr}(A X B) = \operatorname{tr}(A\, dX\, B) | A:p,m X:m,n B:n,p
d (X^{-1}) = -X^{-1} (dX) X^{-1} | X:n,n
\frac{\partial A x}{\partial x} = A | A:m,n x:n
\nabla_x^2 (x^T A x) = A + A^T | x:n A:n,n
\operatorname{diag}(x) y = x \odot y | x:n y:n
(I + AB)^{-1} A = A (I + BA)^{-1} | A:m,n B:n,m
\log(A \odot B) = \log A + \log B | A:m,n B:m,n +pos
""".strip().splitlines()


def of_chains() -> list[str]:
    lines = (SHARED / "cases" / "chains.txt").read_text("utf-8").splitlines()
    fields = [line.split(" | ") for line in lines if not line.startswith("#")]
    return [f"{chain} | {shapes}" for _, chain, shapes, wrong in fields if int(wrong) == 0]


def read(line: str) -> tuple[list[tuple[Expr, Expr]], Notation]:
    """The neighbouring sides of ``chain | shapes``."""
    latex, shapes = line.split(" | ")
    (chain,) = chains(latex)
    sides = read_sides(chain.sides, latex, tuple(declarations(shapes)))
    return list(pairwise(sides.exprs)), sides.notation


def judge_of(*sides: Expr, seed: int = 0) -> Judge:
    steps = (node.args[0] for side in sides for node in walk(side) if node.op is Op.DIFF)
    return Judge(sides[0], moving=[node for node in steps if node.op is Op.SYMBOL], seed=seed)


def repaired(line: str) -> Repair | None:
    ((left, right),), notation = read(line)
    judge = judge_of(left, right)
    assert judge.equal(left, right).status is Status.REFUTED
    return nearest(left, right, judge, notation)


def slips(left: Expr, right: Expr, notation: Notation, count: int) -> list[tuple[Expr, bool]]:
    """Wrong right sides that one fault makes, and whether a repair was found for each.

    Other values than those of the search decide whether a repair holds.
    """
    found: list[tuple[Expr, bool]] = []
    wrong = [mutant for _, mutant in mutants(right)]
    random.Random(str(right)).shuffle(wrong)
    for mutant in wrong[:count]:
        judge = judge_of(left, right)
        if judge.equal(left, mutant).status is not Status.REFUTED:
            continue
        repair = nearest(left, mutant, judge, notation)
        if repair is not None:
            sides = (left, repair.expr) if repair.side == "right" else (repair.expr, mutant)
            verdict = judge_of(*sides, seed=7).equal(*sides)
            assert verdict.status is Status.VERIFIED, (mutant, repair)
            assert repair.latex
            assert "$" in repair.text
        found.append((mutant, repair is not None))
    return found


def test_slips_in_right_chains_are_mended() -> None:
    found = []
    for line in (*of_chains(), *IDENTITIES):
        pairs, notation = read(line)
        for left, right in pairs:
            found += slips(left, right, notation, 20)
    assert len(found) > 250
    unmended = [mutant for mutant, mended in found if not mended]
    assert len(unmended) <= 0.03 * len(found), unmended


def test_slips_in_known_gradients_are_mended() -> None:
    found = []
    for path in (SHARED / "cases" / "gradients.txt", CASES / "gradients.txt"):
        for problem in read_problems(path):
            if not problem.answer:
                continue
            request = read_request(problem.request, problem.declarations)
            declared = (*problem.declarations, *request.assumed)
            answer, _ = read_expression(problem.answer, declared, shape=request.variable.shape)
            asked = derivative(request.f, request.variable)
            found += slips(asked, answer, request.notation, 4)
    assert len(found) > 250
    unmended = [mutant for mutant, mended in found if not mended]
    assert len(unmended) <= 0.01 * len(found), unmended


TOLD = {
    r"\nabla_W \|X - WH\|_F^2 = -2 X H^T + W H H^T | X:m,n W:m,k H:k,n": (
        r"holds with $2 W H H^T$ in place of $W H H^T$"
    ),
    r"\nabla_X \operatorname{tr}(AXB) = A B^T | A:n,n X:n,n B:n,n": (
        r"holds with $A^T$ in place of $A$"
    ),
    r"\nabla_x \frac{1}{2} \|A x - b\|^2 = A^T (b - A x) | A:m,n x:n b:m": (
        r"holds with the opposite sign: $-A^T (b - A x)$"
    ),
    r"\nabla_x (a^T x + x^T B x) = a - (B + B^T) x | a:n x:n B:n,n": (
        r"holds with the sign of $(B + B^T) x$ reversed in the second term"
    ),
    r"(AB)^T = A^T B^T | A:n,n B:n,n": r"holds with $A^T$ and $B^T$ exchanged",
    r"\nabla_X \operatorname{tr}(A X^{-1}) = -X^{-1} A^T X^{-1} | A:n,n X:n,n": (
        r"holds with $X^{-T}$ in place of $X^{-1}$ throughout"
    ),
    r"\nabla_X \operatorname{tr}(X A X^T B) = B X A | X:m,n A:n,n B:m,m": (
        r"the term $B^T X A^T$ is missing: $B X A + B^T X A^T$"
    ),
    r"\nabla_x (x^T A x) = A x + A^T x + x | x:n A:n,n": r"holds without the term $x$",
    r"\nabla_x \|x\|_2 = x | x:n": (
        r"the factor $\frac{1}{\|x\|_2}$ is missing: $\frac{x}{\|x\|_2}$"
    ),
    r"\nabla_x x^T A x = 2 A x | x:n A:n,n": r"holds with $(A + A^T) x$ in place of $2 A x$",
    r"\nabla_X \log \det X = X^{-1} | X:n,n": (
        r"right in the other layout; transposed, it is the derivative: $X^{-\top}$"
    ),
    r"\nabla_x x^T A x = x^T (A + A^T) | x:n A:n,n": (
        r"right in the other layout; transposed, it is the derivative: $(A^T + A) x$"
    ),
    r"\nabla_S x^T S x = 2 x x^T - (x x^T) \odot I | S:n,n x:n +sym:S": (
        "right for the derivative by the free entries of the symmetric variable, which counts "
        r"those off the diagonal twice; the gradient is $x x^T$"
    ),
    r"\nabla_S a^T S b = a b^T | S:n,n a:n b:n +sym:S": (
        "right for a variable whose entries vary freely; for a symmetric one it is "
        r"$\frac{1}{2} (a b^T + b a^T)$"
    ),
    r"(AB)_{ij} = \sum_{k=1}^n A_{ik} B_{jk} | A:n,n B:n,n": (
        r"holds with $B_{kj}$ in place of $B_{jk}$"
    ),
    r"\nabla_X \operatorname{tr}(AXB) = \nabla_X \operatorname{tr}(AXA) | A:n,n X:n,n B:n,n": (
        r"holds with $A X B$ in place of $A X A$"
    ),
    r"A B + A C = A (B - C) | A:m,n B:n,p C:n,p": r"holds with the sign of $C$ reversed",
    r"\|x - y\|_2^2 = \|x\|_2^2 - x^T y + \|y\|_2^2 | x:n y:n": (
        r"holds with $-2 x^T y$ in place of $-x^T y$"
    ),
    r"\operatorname{vec}(AXB) = (A \otimes B^T) \operatorname{vec}(X) | A:p,m X:m,n B:n,q": (
        r"holds with $A$ and $B^T$ exchanged"
    ),
}


@pytest.mark.parametrize("line", TOLD)
def test_the_repair_is_told(line: str) -> None:
    repair = repaired(line)
    assert repair is not None
    assert repair.text == TOLD[line]
    assert repair.side == "right"


ONE_SIGN = r"(A + C)(B - D) = AB - AD - CB + CD | A:m,n C:m,n B:n,p D:n,p"


MANY_SIGNS = (
    r"(A - C)(B + D + E) = AB + AD + AE + CB + CD + CE"
    " | A:m,n C:m,n B:n,p D:n,p E:n,p"
)


def test_the_left_side_is_changed_where_the_right_one_cannot_be_mended() -> None:
    repair = repaired(MANY_SIGNS)
    assert repair is not None
    assert repair.side == "left"
    assert repair.text == "holds with the sign of $C$ reversed on the left"
    assert repair.latex == "(A + C) (B + D + E)"


def test_the_right_side_is_changed_where_that_is_enough() -> None:
    repair = repaired(ONE_SIGN)
    assert repair is not None
    assert repair.side == "right"


def test_a_left_side_that_holds_is_kept() -> None:
    ((left, right),), notation = read(ONE_SIGN)
    repair = nearest(left, right, judge_of(left, right), notation, left_holds=True)
    assert repair is not None
    assert repair.side == "right"
    assert repair.latex == "A B - A D + C B - C D"
    assert repair.text == (
        "holds with the sign of $C B$ reversed in the third term "
        "and with the sign of $C D$ reversed in the fourth term"
    )


@pytest.mark.parametrize(
    "line",
    [r"A^T B = B A^T | A:n,n B:n,n", r"\det(A + B) = \det(A) + \det(B) | A:n,n B:n,n"],
)
def test_nothing_is_offered_where_nothing_near_holds(line: str) -> None:
    assert repaired(line) is None


def test_behind_a_line_that_holds_the_left_side_is_kept() -> None:
    latex, shapes = ONE_SIGN.split(" | ")
    claims = check(f"AB - AD + CB - CD = {latex}", tuple(declarations(shapes))).claims
    assert [claim.verdict for claim in claims] == ["verified", "refuted"]
    assert claims[1].repaired == "A B - A D + C B - C D"


MISSHAPEN = {
    r"\nabla_x \frac{1}{2} \|A x - b\|^2 = A (A x - b) | A:m,n x:n b:m": (
        r"holds with $A^\top$ in place of $A$: $A^\top (A x - b)$"
    ),
    r"\nabla_X \|AX - B\|_F^2 = 2 (AX - B) A^T | A:m,n X:n,p B:m,p": (
        r"holds with $(AX - B)$ and $A^T$ exchanged: $2 A^T (AX - B)$"
    ),
    r"\nabla_X \|AX - B\|_F^2 = 2 \left(AX - B\right) A | A:m,n X:n,p B:m,p": (
        r"holds with $A^\top \left(AX - B\right)$ in place of $\left(AX - B\right) A$: "
        r"$2 A^\top \left(AX - B\right)$"
    ),
    r"\nabla_X \operatorname{tr}(AXB) = AB | A:p,m X:m,n B:n,p": (
        r"holds with $A^\top$ in place of $A$ and $B^\top$ in place of $B$: $A^\top B^\top$"
    ),
    r"\nabla_X \log \det (X^T X) = 2 (X^T X)^{-1} X | X:m,n": (
        r"holds with $(X^T X)^{-1}$ and $X$ exchanged: $2 X (X^T X)^{-1}$"
    ),
    r"\operatorname{tr}(A B) = \operatorname{tr}(B^T A) | A:m,n B:n,m": (
        r"holds with $B$ in place of $B^T$: $\operatorname{tr}(B A)$"
    ),
    r"\nabla_X \operatorname{tr}(AXB) = A B X | A:p,m X:m,n B:n,p": (
        r"the derivative is $A^{\top} B^{\top}$"
    ),
}


@pytest.mark.parametrize("line", MISSHAPEN)
def test_a_side_whose_shapes_do_not_meet_is_mended_as_written(line: str) -> None:
    latex, shapes = line.split(" | ")
    (claim,) = check(latex, tuple(declarations(shapes))).claims
    assert claim.verdict == "refuted"
    assert claim.suggestion == MISSHAPEN[line]
    again = f"{latex.split('=')[0]} = {claim.repaired}"
    assert [c.verdict for c in check(again, tuple(declarations(shapes))).claims] == ["verified"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_offered_holds(data: st.DataObject) -> None:
    left = data.draw(expressions(max_size=6))
    right = data.draw(expressions(left.shape, max_size=6))
    judge = Judge(left)
    if judge.equal(left, right).status is Status.REFUTED:
        repair = nearest(left, right, judge)
        if repair is not None:
            sides = (left, repair.expr) if repair.side == "right" else (repair.expr, right)
            assert judge_of(*sides, seed=7).equal(*sides).status is not Status.REFUTED


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions(max_size=8), st.sampled_from([(1, 2), (-2, 1), (-1, 3), (3, 1)]))
def test_numbers_put_together_change_no_value(expr: Expr, pair: tuple[int, int]) -> None:
    scaled = scale(number(Fraction(*pair)), expr)
    judge = judge_of(scaled)
    assert judge.equal(scaled, tidy(scaled)).status is not Status.REFUTED
    assert tidy(tidy(scaled)) is tidy(scaled)


def test_a_long_formula_takes_little_longer_than_half_a_second() -> None:
    letters = [symbol(f"A_{number}", "n", "n") for number in range(12)]
    left = add(*(matmul(*letters[k:], *letters[:k]) for k in range(12)))
    right = add(*(matmul(*letters[::-1][k:], *letters[:k], letters[0]) for k in range(12)))
    judge = judge_of(left, right)
    judge.equal(left, right)
    start = thread_time()
    assert nearest(left, right, judge) is None
    assert thread_time() - start < 1
