"""The judge: is an equality true, at random points of two independent kinds of arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from random import Random
from typing import TypeVar

from msgspec.structs import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    Expr,
    Op,
    derivative,
    diff,
    is_variable,
    matmul,
    mul,
    show_shape,
    trace,
    transpose,
    vec,
)
from mdiff_pandoc.expr.alike import pattern
from mdiff_pandoc.verify.compare import (
    CASES,
    Comparison,
    Equality,
    Gradient,
    LostError,
    Mismatch,
    Probed,
)
from mdiff_pandoc.verify.counterexample import Counterexample, find_counterexample
from mdiff_pandoc.verify.cuts import generalised
from mdiff_pandoc.verify.exact import SPREAD, ExactPoint
from mdiff_pandoc.verify.inspector import LARGEST, TOO_LARGE, WORK, Inspector
from mdiff_pandoc.verify.moves import base_of, is_probed
from mdiff_pandoc.verify.point import Point, Setting
from mdiff_pandoc.verify.precise import FINEST, PrecisePoint, precision
from mdiff_pandoc.verify.repair import Repairs
from mdiff_pandoc.verify.sample import RedrawError, Sizes, same_parities, same_sizes
from mdiff_pandoc.verify.sums import factored
from mdiff_pandoc.verify.verdict import Status, Verdict

P = TypeVar("P", bound=Point)
R = TypeVar("R")

TRIES = 60
# after how many of them a determinant that vanished at all points vanishes always
DEGENERATE = 15
_TOO_DEEP = "the expression is nested too deep to check"
_NO_VARIABLE = "derivatives by an expression that is no symbol cannot be checked"
# how much finer, in bits, where rounding or truncation hides what is compared
_FINER = (0, FINEST // 3, FINEST)
# a wrong formula must not pass with a larger probability
BOUND = 1e-15
# how far the values go at those points that only functions with several pieces ask for
_REACH = {3: 20, 4: 20, 6: 20, 7: 20, 9: 3000, 10: 3000, 12: 3000, 13: 3000}


class Judge:
    """Judges the lines of one derivation of ``f`` by ``variable``.

    Sizes, values and directions are drawn once, and every evaluation is kept, so that twenty lines
    cost little more than one. ``d(variable)`` is a random direction V, tangent to what the
    variable is assumed to be; ``d`` of anything is its derivative along V. Metavariables move each
    in a direction of its own, and so does every symbol that is ``moving``. With the same ``seed``
    the same points are drawn.

    The derivative by a symbol with a structure is the one that has, or is tangent to, this
    structure. With ``entries`` that by a symmetric or skew matrix is taken by its free entries:
    in the direction E_ij + E_ji for i ≠ j.
    Source: Petersen & Pedersen, *The Matrix Cookbook* (2012), §2.8.2.

    A ``brief`` one is for one left side against many right ones: it looks for no counterexample
    to give as a reason, and believes a difference in high precision without a finer step. A
    ``quiet`` one only looks for no counterexample.

    Of ``ties`` the first two are free indices that are compared for equal values alone, where the
    third is True, else for different ones.
    """

    def __init__(
        self,
        f: Expr,
        variable: Expr | None = None,
        *,
        seed: int = 0,
        entries: bool = False,
        moving: Collection[Expr] = (),
        brief: bool = False,
        quiet: bool = False,
        ties: Sequence[tuple[str, str, bool]] = (),
    ) -> None:
        self.f = f
        self.variable = variable
        base = None if variable is None else factored(base_of(variable))
        self._setting = Setting(base, entries, moving=set(moving), ties=tuple(ties))
        self._smaller: Judge | None = None
        if base is not None:
            self._setting.moving.add(base)
            self._setting.bases.add(base)
        self._seed = seed
        self._moving = frozenset(moving)
        self._inspector = Inspector(self._setting)
        self._exact: dict[tuple[int, int], ExactPoint] = {}
        self._precise: dict[tuple[int, int], dict[tuple[int, int], PrecisePoint]] = {}
        self._repairs = Repairs(Random(seed))
        self._verdicts: dict[Hashable, Verdict] = {}
        self._brief = brief
        self._quiet = brief or quiet
        self._found: dict[tuple[Expr, ...], Counterexample | None] = {}

    def equal(self, left: Expr, right: Expr) -> Verdict:
        """Are both sides equal? They may contain differentials and derivatives."""
        cut = generalised(left, right, self._setting)
        if cut is not None and not self.ties:
            verdict = self._shared(*cut)
            if verdict.status is Status.VERIFIED:
                return verdict
        return self._equal(left, right)

    def _shared(self, left: Expr, right: Expr) -> Verdict:
        """One verdict for all equalities that differ in the names of symbols and sizes alone."""
        key = pattern(left, right).key
        found = self._verdicts.get(key)
        if found is None:
            judge = self._sibling()
            found = self._verdicts[key] = judge._equal(left, right)
        return found

    def _equal(self, left: Expr, right: Expr) -> Verdict:
        try:
            left, right = factored(left), factored(right)
        except RecursionError:
            return _undecided(_TOO_DEEP)
        if left.op is Op.DERIVATIVE and self._is_gradient(left):
            return self._gradient(left, right)
        if left.shape != right.shape:
            return _refuted(
                f"the left side is {show_shape(left.shape)}, the right side "
                f"{show_shape(right.shape)}"
            )
        kind = Probed if is_probed(left) else Equality
        return self._judge(kind(left, right), (left, right))

    def gradient(self, gradient: Expr) -> Verdict:
        """Is this the gradient of f: ``⟨gradient, V⟩ = df(V)`` for random directions V?

        For a variable with a pattern (symmetric, diagonal, …) it must have that pattern too.
        """
        if self.variable is None:
            return _undecided("the judge was given no variable")
        if not self.f.is_scalar:
            return _undecided("only a scalar function has a gradient")
        if not is_variable(self.variable):
            return _undecided(_NO_VARIABLE)
        return self.equal(derivative(self.f, self.variable), gradient)

    def counterexample(
        self, left: Expr, right: Expr, parts: Sequence[Expr] = ()
    ) -> Counterexample | None:
        """Values with which an equality fails that `equal` refuted, for a reader to follow.

        Those of ``parts`` of the sides are told too. None where none with small integers is found.
        """
        try:
            one, other = factored(left), factored(right)
            claim = one, other, *parts
            if claim not in self._found:
                styles = self._repairs.styles
                found = find_counterexample(one, other, self._setting, styles, parts)
                self._found[claim] = found
        except (RecursionError, MemoryError):
            return None
        return self._found[claim]

    def _is_gradient(self, node: Expr) -> bool:
        """Of a scalar, by the symbol of the judge, its transpose or its vec?"""
        f, variable = node.args
        base = self._setting.variable
        if base is None or base.op is not Op.SYMBOL or self._setting.entries or not f.is_scalar:
            return False
        return _wraps(variable, base)

    def _gradient(self, asked: Expr, gradient: Expr) -> Verdict:
        f, variable = asked.args
        base = self._setting.variable
        assert base is not None
        if gradient.shape != variable.shape:
            return _refuted(
                f"the gradient is {show_shape(gradient.shape)}, the variable "
                f"{show_shape(variable.shape)}"
            )
        step = diff(base)
        along = step if variable is base else _along(variable, step)
        if gradient.is_scalar:
            inner = mul(gradient, along)
        else:
            inner = trace(matmul(transpose(gradient), along))
        slope = diff(f)
        comparison = Gradient(inner, slope, asked, gradient, base)
        return self._judge(comparison, (inner, slope))

    def _judge(self, comparison: Comparison, sides: tuple[Expr, Expr]) -> Verdict:
        variable = self._setting.variable
        if variable is not None and not is_variable(variable) and variable.op is not Op.META:
            return _undecided(_NO_VARIABLE)
        try:
            return self._explained(self._decide(comparison, sides), comparison)
        except UnsupportedError as error:
            return _undecided(error.message)
        except RedrawError as error:
            return _undecided(error.reason)
        except ZeroDivisionError:
            return _undecided("no point where every inverse exists was found")
        except RecursionError:
            return _undecided(_TOO_DEEP)
        except MemoryError:
            return _undecided(TOO_LARGE)

    def _explained(self, verdict: Verdict, comparison: Comparison) -> Verdict:
        if verdict.status is not Status.REFUTED or self._quiet:
            return verdict
        found = self.counterexample(*comparison.claimed)
        return replace(verdict, reason=found.sentence(comparison.called)) if found else verdict

    def _decide(self, comparison: Comparison, sides: tuple[Expr, Expr]) -> Verdict:
        before = self._fingerprint()
        inspect = self._inspector.inspect
        first = self._inspector.contracted if isinstance(comparison, Probed) else inspect
        left, right = first(sides[0]), inspect(sides[1])
        if self._fingerprint() != before:
            self._exact.clear()
            self._precise.clear()
            # what stands on one side can change what is known of the other
            left, right = first(sides[0]), inspect(sides[1])
        cases = min(LARGEST ** len(sides[0].free | sides[1].free), CASES)
        if self._inspector.work + cases * (left.work + right.work) > WORK:
            return self._at_small_sizes(comparison, sides)
        degree = max(left.above + right.below, right.above + left.below, 1)
        bound = degree * SPREAD
        points = max(left.points, right.points)
        if left.rational and right.rational and bound < 0.01:
            return self._exactly(comparison, points, bound)
        order = max(left.order, right.order)
        for finer in _FINER:
            try:
                verdict = self._precisely(comparison, points, max(order, 1), finer)
            except LostError:
                continue
            # where a function oscillates fast, truncation alone can set two equal slopes apart
            sure = verdict.status is Status.VERIFIED or order == 0 or finer == FINEST
            if sure or self._brief:
                return verdict
        return _undecided("too few digits remain after cancellation")

    @property
    def entries(self) -> bool:
        """Is a derivative by a symmetric or skew matrix one by its free entries?"""
        return self._setting.entries

    @property
    def ties(self) -> tuple[tuple[str, str, bool], ...]:
        """The ties between free indices."""
        return self._setting.ties

    def briefly(self) -> Judge:
        """A brief judge of the same."""
        return self._sibling(brief=True)

    def _sibling(self, *, brief: bool | None = None) -> Judge:
        """A judge of the same, that has drawn nothing yet."""
        return Judge(
            self.f,
            self.variable,
            seed=self._seed,
            entries=self.entries,
            moving=self._moving,
            brief=self._brief if brief is None else brief,
            quiet=self._quiet,
            ties=self.ties,
        )

    def _at_small_sizes(self, comparison: Comparison, sides: tuple[Expr, Expr]) -> Verdict:
        if self._setting.small:
            return _undecided(TOO_LARGE)
        if self._smaller is None:
            self._smaller = self._sibling()
            self._smaller._setting.small = True
            self._smaller._inspector = Inspector(self._smaller._setting)
        return self._smaller._judge(comparison, sides)

    def _fingerprint(self) -> tuple[object, ...]:
        setting = self._setting
        return (
            len(setting.moving),
            len(setting.bases) if setting.expectations else 0,
            frozenset(setting.exponents),
            frozenset(setting.matrix_exponents),
            setting.metas,
        )

    def _exactly(self, comparison: Comparison, count: int, bound: float) -> Verdict:
        error = bound
        while error > BOUND:
            count, error = count + 2, error * bound
        used: list[ExactPoint] = []
        for number in range(count):
            mismatch = self._attempt(self._exact, used, self._exact_point, comparison.exactly)
            if mismatch is not None:
                return Verdict(Status.REFUTED, "exact", number + 1, error, mismatch.text())
        return Verdict(Status.VERIFIED, "exact", count, error, shapes=_shapes(used))

    def _precisely(self, comparison: Comparison, count: int, order: int, finer: int) -> Verdict:
        largest = 0.0
        # values that are kept have the precision that they were computed with
        points = self._precise.setdefault((order, finer), {})
        used: list[PrecisePoint] = []

        def fresh(number: int, attempt: int) -> PrecisePoint:
            point = self._precise_point(number, attempt)
            point.shorten(finer)
            return point

        with precision(order, finer):
            for number in range(count):
                outcome = self._attempt(points, used, fresh, comparison.precisely)
                if isinstance(outcome, Mismatch):
                    if not outcome.certain:
                        raise LostError
                    reason = outcome.text()
                    return Verdict(
                        Status.REFUTED, "high precision", number + 1, outcome.relative, reason
                    )
                largest = max(largest, outcome)
        return Verdict(Status.VERIFIED, "high precision", count, largest, shapes=_shapes(used))

    def _attempt(
        self,
        points: dict[tuple[int, int], P],
        used: list[P],
        fresh: Callable[[int, int], P],
        compare: Callable[[P], R],
    ) -> R:
        """Compare at the point after those ``used``, with fresh ones while it does not serve.

        Each comparison begins with the first sizes, whatever sizes another one needed.
        """
        error: RedrawError | ZeroDivisionError
        number = len(used)
        found: tuple[int, P, R] | None = None
        attempts: Sequence[int] = range(TRIES)
        if self._brief:
            # where the left side has values, a formula that has none is of no use
            attempts = [tried for place, tried in points if place == number] or attempts
        for attempt in attempts:
            point = points.get((number, attempt)) or fresh(number, attempt)
            try:
                outcome = compare(point)
            except (RedrawError, ZeroDivisionError) as caught:
                error = caught
                far = isinstance(point, PrecisePoint) and point.reach > 1
                if isinstance(caught, RedrawError) and caught.node is not None and not far:
                    self._repairs.learn(caught.node)
            except LostError:
                if not point.degenerate or attempt >= DEGENERATE:
                    raise
                error = RedrawError("a determinant vanishes")
            else:
                if attempt < TRIES // 2:
                    alike = same_parities(point.sizes, [other.sizes for other in used])
                else:
                    alike = number == 1 and same_sizes(point.sizes, used[0].sizes)
                if not alike and (_differs(outcome) or not point.degenerate):
                    points[number, attempt] = point
                    used.append(point)
                    return outcome
                if not alike:
                    found = found or (attempt, point, outcome)
                    if attempt >= DEGENERATE:
                        break
                error = RedrawError("only one choice of sizes admits a point")
        if found is not None:
            attempt, point, outcome = found
            points[number, attempt] = point
            used.append(point)
            return outcome
        raise error

    def _exact_point(self, number: int, attempt: int) -> ExactPoint:
        return ExactPoint(*self._drawn(number, attempt, sizes=attempt > 0))

    def _precise_point(self, number: int, attempt: int) -> PrecisePoint:
        # most failures are of values, some of sizes
        drawn = self._drawn(number, attempt, sizes=attempt % 2 == 1)
        point = PrecisePoint(*drawn, self._repairs.styles)
        if attempt == 0:
            point.reach = _REACH.get(number, 1)
        point.reflected ^= attempt % 4 > 1
        return point

    def _drawn(
        self, number: int, attempt: int, *, sizes: bool
    ) -> tuple[Setting, Sizes, Random, int]:
        rng = Random(TRIES * (1000 * self._seed + number) + attempt)
        small = self._setting.small
        return self._setting, Sizes(number, rng if sizes else None, small=small), rng, number


def _shapes(points: Sequence[Point]) -> int:
    """How many choices of sizes there are among the points; none where no size is free."""
    return len({frozenset(point.sizes.items()) for point in points if point.sizes})


def _differs(outcome: object) -> bool:
    """Do the sides surely differ at a point?"""
    return isinstance(outcome, Mismatch) and outcome.certain


def judge_equal(left: Expr, right: Expr) -> Verdict:
    """Are both sides equal for all values of their symbols and metavariables?

    Under a differential every metavariable moves in a direction of its own, symbols do not move.
    """
    return Judge(left).equal(left, right)


def _wraps(variable: Expr, base: Expr) -> bool:
    """Is it the base, its transpose or its vec?"""
    while variable.op in (Op.TRANSPOSE, Op.VEC):
        variable = variable.args[0]
    return variable is base


def _along(variable: Expr, step: Expr) -> Expr:
    if variable.op not in (Op.TRANSPOSE, Op.VEC):
        return step
    inner = _along(variable.args[0], step)
    return transpose(inner) if variable.op is Op.TRANSPOSE else vec(inner)


def _refuted(reason: str) -> Verdict:
    return Verdict(Status.REFUTED, reason=reason)


def _undecided(reason: str) -> Verdict:
    return Verdict(Status.UNDECIDED, reason=reason)
