"""What the judge says: verified, refuted with a counterexample, or undecided with a reason."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Dim, Expr, Unknown
from mdiff_pandoc.verify import Judge, Status, Verdict, judge_equal

T = ex.transpose
A, X, B = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n"), ex.symbol("B", "n", "p")
K, S = ex.symbol("K", "n", "n"), ex.symbol("S", "n", "n", ["symmetric"])
x, a, b = ex.symbol("x", "n"), ex.symbol("a", "n"), ex.symbol("b", "m")
t, k = ex.symbol("t"), ex.symbol("k")
M, N, Q = ex.meta("M", "m", "n"), ex.meta("N", "n", "p"), ex.meta("Q", "n", "n")
two = ex.number(2)


def func(name: str, e: Expr) -> Expr:
    return ex.function(name, e)


def unknown(e: Expr, order: int = 0) -> Expr:
    return ex.function(Unknown("f", order), e)


f = ex.trace(ex.matmul(A, X, B))
dX = ex.diff(X)

RULES = {
    "product": (
        ex.diff(ex.matmul(M, N)),
        ex.add(ex.matmul(ex.diff(M), N), ex.matmul(M, ex.diff(N))),
    ),
    "transpose": (ex.diff(T(M)), T(ex.diff(M))),
    "inverse": (
        ex.diff(ex.inverse(Q)),
        ex.neg(ex.matmul(ex.inverse(Q), ex.diff(Q), ex.inverse(Q))),
    ),
    "determinant": (
        ex.diff(ex.det(Q)),
        ex.mul(ex.det(Q), ex.trace(ex.matmul(ex.inverse(Q), ex.diff(Q)))),
    ),
    "log det": (
        ex.diff(func("log", ex.det(Q))),
        ex.trace(ex.matmul(ex.inverse(Q), ex.diff(Q))),
    ),
    "elementwise": (
        ex.diff(func("tanh", M)),
        ex.hadamard(ex.sub(ex.ones("m", "n"), ex.hpower(func("tanh", M), 2)), ex.diff(M)),
    ),
    "unknown": (ex.diff(unknown(M)), ex.hadamard(unknown(M, 1), ex.diff(M))),
    "norm": (
        ex.diff(ex.norm(M)),
        ex.divide(ex.trace(ex.matmul(T(M), ex.diff(M))), ex.norm(M)),
    ),
    "kronecker": (
        ex.diff(ex.kron(M, N)),
        ex.add(ex.kron(ex.diff(M), N), ex.kron(M, ex.diff(N))),
    ),
    "vec": (ex.vec(ex.matmul(M, N)), ex.matmul(ex.kron(T(N), ex.identity("m")), ex.vec(M))),
    "cyclic": (ex.trace(ex.matmul(Q, K)), ex.trace(ex.matmul(K, Q))),
}


@pytest.mark.parametrize("name", RULES)
def test_true_rule_is_verified_and_its_mutants_are_refused(name: str) -> None:
    left, right = RULES[name]
    assert judge_equal(left, right).status is Status.VERIFIED
    for wrong in (
        ex.neg(right),
        ex.scale(two, right),
        ex.add(right, right),
        ex.sub(right, ex.ones(*right.shape)),
    ):
        assert judge_equal(left, wrong).status is Status.REFUTED
    if right.op is ex.Op.SUM:
        assert judge_equal(left, right.args[0]).status is Status.REFUTED


def test_each_metavariable_moves_on_its_own() -> None:
    left = ex.diff(ex.matmul(Q, ex.meta("P", "n", "n")))
    wrong = ex.add(ex.matmul(ex.diff(Q), ex.meta("P", "n", "n")), ex.matmul(Q, ex.diff(Q)))
    assert judge_equal(left, wrong).status is Status.REFUTED


def test_lines_of_a_derivation() -> None:
    judge = Judge(f, X)
    assert judge.equal(ex.diff(f), ex.trace(ex.matmul(A, dX, B))).status is Status.VERIFIED
    cyclic = ex.trace(ex.matmul(B, A, dX))
    assert judge.equal(ex.trace(ex.matmul(A, dX, B)), cyclic).status is Status.VERIFIED
    assert judge.equal(ex.diff(f), ex.neg(cyclic)).status is Status.REFUTED
    assert judge.equal(ex.diff(A), ex.zero("p", "m")).status is Status.VERIFIED
    assert judge.gradient(T(ex.matmul(B, A))).status is Status.VERIFIED


def test_misplaced_transpose_cannot_hide() -> None:
    square = ex.trace(ex.matmul(K, ex.symbol("L", "n", "n")))
    verdict = Judge(square, K).gradient(ex.symbol("L", "n", "n"))
    assert verdict.status is Status.REFUTED
    assert "entry (1, 2)" in verdict.reason


def test_sides_of_different_shape_are_refuted() -> None:
    assert judge_equal(X, T(X)).reason == "the left side is m×n, the right side n×m"
    verdict = Judge(f, X).gradient(ex.matmul(B, A))
    assert verdict.status is Status.REFUTED
    assert "n×m" in verdict.reason


def test_a_refuted_gradient_has_a_place_and_small_values() -> None:
    verdict = Judge(f, X).gradient(ex.scale(two, T(ex.matmul(B, A))))
    assert verdict.reason.startswith("the derivative and the formula differ, first in entry (1, 1)")
    numbers = [part for part in verdict.reason.replace(",", "").split() if part.isdigit()]
    assert all(int(part) < 10**6 for part in numbers)


def test_exact_bound_is_below_one_in_ten_to_the_fifteen() -> None:
    chain = ex.matmul(*[K, ex.inverse(K)] * 40)
    verdict = judge_equal(chain, ex.identity("n"))
    assert (verdict.status, verdict.method) == (Status.VERIFIED, "exact")
    assert verdict.error_bound < 1e-15


def test_method_follows_what_stands_in_the_line() -> None:
    judge = Judge(func("log", ex.det(K)), K)
    assert judge.gradient(T(ex.inverse(K))).method == "high precision"
    assert judge.equal(ex.matmul(K, ex.inverse(K)), ex.identity("n")).method == "exact"
    even = ex.power(ex.norm(x, "2"), 4)
    assert judge_equal(even, ex.power(ex.matmul(T(x), x), 2)).method == "exact"
    assert (
        judge_equal(ex.power(ex.norm(x, 4), 4), ex.matmul(T(ex.ones("n")), ex.hpower(x, 4))).method
        == "exact"
    )


class TestDomains:
    def test_slack_of_a_barrier_is_found(self) -> None:
        C = ex.symbol("C", "m", "n")
        slack = ex.sub(b, ex.matmul(C, x))
        barrier = ex.neg(ex.matmul(T(ex.ones("m")), func("log", slack)))
        gradient = ex.matmul(T(C), ex.hdivide(ex.ones("m"), slack))
        assert Judge(barrier, x).gradient(gradient).status is Status.VERIFIED
        assert Judge(barrier, x).gradient(ex.neg(gradient)).status is Status.REFUTED

    def test_open_unit_interval(self) -> None:
        C = ex.symbol("C", "m", "n")
        inner = ex.matmul(C, x)
        body = ex.matmul(T(ex.ones("m")), func("artanh", inner))
        gradient = ex.matmul(
            T(C), ex.hdivide(ex.ones("m"), ex.sub(ex.ones("m"), ex.hpower(inner, 2)))
        )
        assert Judge(body, x).gradient(gradient).status is Status.VERIFIED

    def test_nested_domains(self) -> None:
        inner = ex.sub(ex.number(1), ex.matmul(T(x), x))
        body = func("sqrt", func("log", ex.add(ex.number(1), func("sqrt", inner))))
        judge = Judge(body, x)
        assert judge.equal(ex.diff(body), ex.diff(body)).status is Status.VERIFIED
        assert judge.equal(ex.diff(body), ex.number(0)).status is Status.REFUTED

    @pytest.mark.parametrize("sign", [1, -1])
    def test_positive_determinant(self, sign: int) -> None:
        body = func("log", ex.det(ex.scale(ex.number(sign), K)))
        assert Judge(body, K).gradient(T(ex.inverse(K))).status is Status.VERIFIED

    def test_component_of_the_orthogonal_group(self) -> None:
        q = ex.symbol("Q", "n", "n", ["orthogonal"])
        assert judge_equal(func("log", ex.det(q)), ex.number(0)).status is Status.VERIFIED

    def test_tall_matrix_is_found(self) -> None:
        gram = ex.matmul(T(X), X)
        body = func("log", ex.det(gram))
        gradient = ex.scale(two, ex.matmul(X, ex.inverse(gram)))
        assert Judge(body, X).gradient(gradient).status is Status.VERIFIED

    def test_empty_domain_is_undecided(self) -> None:
        verdict = judge_equal(func("log", ex.neg(ex.matmul(T(x), x))), t)
        assert verdict == Verdict(
            Status.UNDECIDED, reason="no point inside the domain of log was found"
        )

    def test_no_inverse_is_undecided(self) -> None:
        verdict = judge_equal(ex.inverse(ex.matmul(x, T(x))), K)
        assert verdict.status is Status.UNDECIDED
        assert "inverse" in verdict.reason

    @pytest.mark.parametrize("name", ["abs", "relu"])
    def test_every_piece_of_a_function_is_seen(self, name: str) -> None:
        for seed in range(20):
            for inner in (t, ex.mul(t, k), ex.matmul(T(a), x)):
                verdict = Judge(t, seed=seed).equal(func(name, inner), inner)
                assert verdict.status is Status.REFUTED
        root = func("sqrt", ex.power(t, 2))
        assert judge_equal(root, t).status is Status.REFUTED
        assert judge_equal(root, func("abs", t)).status is Status.VERIFIED


class TestAssumptions:
    @pytest.mark.parametrize(
        ("words", "left", "right"),
        [
            (["symmetric"], T, lambda s: s),
            (["positive definite"], T, lambda s: s),
            (["skew"], T, ex.neg),
            (["diagonal"], lambda s: s, lambda s: ex.diag(ex.diagonal(s))),
            (["orthogonal"], lambda s: ex.matmul(T(s), s), lambda s: ex.identity("n")),
            (["orthogonal", "symmetric"], lambda s: ex.matmul(s, s), lambda s: ex.identity("n")),
        ],
    )
    def test_values_and_directions_keep_them(
        self, words: list[str], left: object, right: object
    ) -> None:
        plain, held = (ex.symbol("Z", "n", "n", w) for w in ([], words))
        assert callable(left)
        assert callable(right)
        assert judge_equal(left(held), right(held)).status is Status.VERIFIED
        assert judge_equal(left(plain), right(plain)).status is Status.REFUTED
        assert (
            judge_equal(func("exp", left(held)), func("exp", right(held))).status is Status.VERIFIED
        )
        if words != ["orthogonal", "symmetric"]:
            judge = Judge(ex.trace(held), held)
            lines = ex.diff(left(held)), ex.diff(right(held))
            assert judge.equal(*lines).status is Status.VERIFIED
            real = tuple(ex.diff(func("exp", side)) for side in (left(held), right(held)))
            assert judge.equal(*real).status is Status.VERIFIED

    def test_triangular(self) -> None:
        low = ex.symbol("L", "n", "n", ["lower triangular"])
        up = ex.symbol("U", "n", "n", ["upper triangular"])
        for matrix, where in ((low, (1, 2)), (up, (2, 1))):
            assert judge_equal(ex.entry(matrix, *where), ex.number(0)).status is Status.VERIFIED
            assert (
                judge_equal(ex.entry(matrix, *where[::-1]), ex.number(0)).status is Status.REFUTED
            )

    def test_unit_vector(self) -> None:
        u = ex.symbol("u", "n", 1, ["unit"])
        length = ex.matmul(T(u), u)
        assert judge_equal(length, ex.number(1)).status is Status.VERIFIED
        assert judge_equal(ex.norm(u, "2"), ex.number(1)).status is Status.VERIFIED
        assert Judge(length, u).equal(ex.diff(length), ex.number(0)).status is Status.VERIFIED

    def test_orthogonal_matrices_are_not_all_rotations(self) -> None:
        q = ex.symbol("Q", "n", "n", ["orthogonal"])
        assert judge_equal(ex.det(q), ex.number(1)).status is Status.REFUTED
        assert judge_equal(ex.power(ex.det(q), 2), ex.number(1)).status is Status.VERIFIED

    def test_positive_entries(self) -> None:
        p = ex.symbol("p", "n", 1, ["positive"])
        assert judge_equal(func("abs", p), p).status is Status.VERIFIED
        assert judge_equal(func("abs", x), x).status is Status.REFUTED

    def test_constant_does_not_move(self) -> None:
        c = ex.meta("C", "m", "n", requires=["constant"])
        assert judge_equal(ex.diff(c), ex.zero("m", "n")).status is Status.VERIFIED

    def test_gradient_by_a_symmetric_matrix_is_symmetric(self) -> None:
        body = ex.trace(ex.matmul(K, S))
        half = ex.number(Fraction(1, 2))
        judge = Judge(body, S)
        assert judge.gradient(ex.scale(half, ex.add(K, T(K)))).status is Status.VERIFIED
        verdict = judge.gradient(K)
        assert verdict.status is Status.REFUTED
        assert "pattern" in verdict.reason

    @pytest.mark.parametrize("word", ["diagonal", "lower triangular", "upper triangular", "skew"])
    def test_gradient_by_a_patterned_matrix_has_the_pattern(self, word: str) -> None:
        z = ex.symbol("Z", "n", "n", [word])
        body = ex.power(ex.norm(z), 2)
        assert Judge(body, z).gradient(ex.scale(two, z)).status is Status.VERIFIED
        assert Judge(ex.trace(ex.matmul(T(K), z)), z).gradient(K).status is Status.REFUTED


class TestExponents:
    def test_symbolic_power_of_a_matrix(self) -> None:
        body = ex.trace(ex.power(K, k))
        less = ex.add(k, ex.number(-1))
        verdict = Judge(body, K).gradient(ex.scale(k, T(ex.power(K, less))))
        assert (verdict.status, verdict.method) == (Status.VERIFIED, "exact")
        assert verdict.points >= 4
        assert Judge(body, K).gradient(ex.scale(two, T(K))).status is Status.REFUTED

    def test_real_exponent(self) -> None:
        body = ex.power(t, ex.mul(k, ex.number(Fraction(1, 3))))
        slope = ex.mul(k, ex.number(Fraction(1, 3)), body, ex.power(t, -1))
        assert Judge(body, t).gradient(slope).status is Status.VERIFIED

    def test_variable_in_the_exponent(self) -> None:
        body = ex.power(k, t)
        assert Judge(body, t).gradient(ex.mul(body, func("log", k))).status is Status.VERIFIED

    def test_parity_of_an_exponent_is_not_fixed(self) -> None:
        left = ex.power(ex.neg(t), k)
        assert judge_equal(left, ex.power(t, k)).status is Status.REFUTED


class TestIndices:
    def test_family_of_samples(self) -> None:
        w, sample = ex.symbol("w", "d"), ex.symbol("x", "d", 1, (), ("i",))
        body = ex.index_sum("i", "n", ex.power(ex.matmul(T(w), sample), 2))
        term = ex.scale(ex.matmul(T(w), sample), sample)
        judge = Judge(body, w)
        assert judge.gradient(ex.scale(two, ex.index_sum("i", "n", term))).status is Status.VERIFIED
        assert judge.gradient(ex.index_sum("i", "n", term)).status is Status.REFUTED

    def test_free_indices_take_every_value(self) -> None:
        product = ex.mul(ex.entry(X, "i", "k"), ex.entry(B, "k", "j"))
        total = ex.index_sum("k", "n", product)
        entry = ex.entry(ex.matmul(X, B), "i", "j")
        assert judge_equal(entry, total).status is Status.VERIFIED
        assert judge_equal(ex.delta("i", "j"), ex.number(0)).status is Status.REFUTED
        assert (
            judge_equal(ex.entry(ex.identity("n"), "i", "j"), ex.delta("i", "j")).status
            is Status.VERIFIED
        )
        unit = ex.matmul(T(ex.basis("i", "m")), X, ex.basis("j", "n"))
        assert judge_equal(unit, ex.entry(X, "i", "j")).status is Status.VERIFIED

    def test_many_free_indices(self) -> None:
        places = [ex.entry(X, f"i{n}", f"j{n}") for n in range(5)]
        assert judge_equal(ex.mul(*places), ex.mul(*places[::-1])).status is Status.VERIFIED
        assert judge_equal(ex.mul(*places), ex.mul(*places[1:])).status is Status.REFUTED

    def test_rows_and_columns(self) -> None:
        outer = ex.index_sum("k", "n", ex.matmul(ex.column(X, "k"), ex.row(B, "k")))
        assert judge_equal(outer, ex.matmul(X, B)).status is Status.VERIFIED


class TestLimits:
    def test_deep_nesting_is_undecided(self) -> None:
        e: Expr = x
        for _ in range(5000):
            e = func("sin", e)
        assert "nested" in judge_equal(e, x).reason

    def test_large_matrices_are_undecided(self) -> None:
        big, other = ex.symbol("G", 3000, 3000), ex.symbol("H", 3000, 3000)
        verdict = judge_equal(ex.trace(ex.matmul(big, other)), ex.trace(ex.matmul(other, big)))
        assert verdict == Verdict(Status.UNDECIDED, reason="too large to check")

    def test_long_chains_and_sums_are_judged(self) -> None:
        C = ex.symbol("C", "n", "m")
        body = ex.trace(ex.matmul(*[C, X] * 64))
        gradient = ex.scale(ex.number(64), T(ex.matmul(*[C, X] * 63, C)))
        assert Judge(body, X).gradient(gradient).status is Status.VERIFIED
        parts = [ex.mul(ex.number(i), ex.matmul(T(a), x)) for i in range(1, 2001)]
        total = ex.scale(ex.number(2000 * 2001 // 2), a)
        assert Judge(ex.add(*parts), x).gradient(total).status is Status.VERIFIED

    def test_literal_sizes_are_kept(self) -> None:
        y = ex.symbol("Y", 2, 7)
        assert (
            judge_equal(ex.trace(ex.matmul(y, T(y))), ex.power(ex.norm(y), 2)).status
            is Status.VERIFIED
        )
        size = ex.trace(ex.identity(Dim.of("m") * Dim.of("n")))
        assert (
            judge_equal(size, ex.mul(ex.dimension("m"), ex.dimension("n"))).status
            is Status.VERIFIED
        )

    def test_many_names_have_different_sizes(self) -> None:
        names = "abcdefghi"
        for one in names:
            for other in names:
                verdict = judge_equal(
                    ex.add(*map(ex.dimension, names), ex.dimension(one)),
                    ex.add(*map(ex.dimension, names), ex.dimension(other)),
                )
                assert verdict.status is (Status.VERIFIED if one == other else Status.REFUTED)


class TestNeverVacuous:
    def test_variable_that_is_no_symbol(self) -> None:
        judge = Judge(f, ex.matmul(A, X))
        assert judge.equal(ex.diff(f), ex.number(0)).status is Status.UNDECIDED
        assert judge.gradient(ex.matmul(A, X)).status is Status.UNDECIDED
        assert Judge(f).gradient(X).status is Status.UNDECIDED

    def test_second_differential(self) -> None:
        body = ex.trace(ex.matmul(T(X), X))
        twice = ex.scale(two, ex.trace(ex.matmul(T(dX), dX)))
        judge = Judge(body, X)
        assert judge.equal(ex.diff(ex.diff(body)), twice).status is Status.VERIFIED
        assert judge.equal(ex.diff(ex.diff(body)), ex.number(0)).status is Status.REFUTED
        assert judge.equal(ex.diff(dX), ex.zero("m", "n")).status is Status.VERIFIED

    def test_verified_has_points_and_a_bound(self) -> None:
        verdict = judge_equal(x, x)
        assert verdict.points >= 2
        assert verdict.error_bound < 1e-15

    def test_gradient_by_a_transpose(self) -> None:
        body = ex.trace(ex.matmul(B, A, X))
        assert Judge(body, T(X)).gradient(ex.matmul(B, A)).status is Status.VERIFIED
        assert Judge(body, T(X)).gradient(T(ex.matmul(B, A))).status is Status.REFUTED

    def test_gradient_by_a_stacked_matrix(self) -> None:
        body = ex.power(ex.norm(ex.matmul(A, X)), 2)
        gradient = ex.scale(two, ex.vec(ex.matmul(T(A), A, X)))
        assert Judge(body, ex.vec(X)).gradient(gradient).status is Status.VERIFIED
        assert Judge(body, ex.vec(X)).gradient(ex.neg(gradient)).status is Status.REFUTED

    def test_same_seed_same_verdict(self) -> None:
        wrong = ex.scale(two, T(ex.matmul(B, A)))
        assert Judge(f, X, seed=7).gradient(wrong) == Judge(f, X, seed=7).gradient(wrong)


def test_import_is_light() -> None:
    program = (
        "import sys, mdiff_pandoc.verify;print([m for m in ('flint', 'sympy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("digits", "right", "wrong"),
    [
        (80, Status.VERIFIED, Status.REFUTED),
        (160, Status.VERIFIED, Status.REFUTED),
        (900, Status.UNDECIDED, Status.UNDECIDED),
    ],
)
def test_a_slope_that_rounding_hides_is_not_verified(
    digits: int, right: Status, wrong: Status
) -> None:
    tiny = ex.number(Fraction(1, 10**digits))
    hidden = ex.add(ex.number(1), ex.mul(tiny, func("sin", t)))
    slope = ex.mul(tiny, func("cos", t))
    assert Judge(hidden, t).gradient(slope).status is right
    assert Judge(hidden, t).gradient(ex.mul(two, slope)).status is wrong


def test_a_fast_oscillation_is_no_reason_to_refute() -> None:
    rate = ex.number(10**40)
    wave = func("sin", ex.mul(rate, t))
    slope = ex.mul(rate, func("cos", ex.mul(rate, t)))
    assert Judge(wave, t).gradient(slope).status is Status.VERIFIED
    assert Judge(wave, t).gradient(ex.neg(slope)).status is Status.REFUTED
