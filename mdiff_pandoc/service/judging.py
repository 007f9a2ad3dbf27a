"""The equalities of a chain judged one after the other, so that one slip gives one report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import IndicesError, MdiffError, NoEntryError, NoProductError
from mdiff_pandoc.service.conditions import condition
from mdiff_pandoc.service.readings import (
    Outcome,
    Surroundings,
    compared,
    confirmed,
    fitted,
    judge_of,
    outcome_of,
    retried,
    without_shapes,
)

if TYPE_CHECKING:
    from mdiff_pandoc.latex.chains import Side

_FOUR = (
    "the derivative of a matrix by a matrix has four indices, the other side two; the shorthand "
    "means an entry, as in $\\partial F_{ij}/\\partial X_{pq}$, or "
    "$\\partial\\operatorname{vec}(F)/\\partial\\operatorname{vec}(X)^\\top$"
)

_ONE_SIZE = "one side is written out for one size"
_BEFORE_SLIP = "agrees with the side before the slip"
_BEFORE_UNREAD = "compared with the last side before that can be read"


class Judged(Struct, frozen=True):
    """A verdict on an equality, with what it rests on."""

    verdict: str
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()


def judged(
    around: Surroundings, sides: Sequence[Side], anchor: Side | None = None
) -> tuple[list[Judged], Side | None]:
    """The equality of every side but the first with the one before it.

    Behind a wrong line a side may also agree with the one before the slip, behind one that cannot
    be read with the one before that: with the ``anchor``. The second value is the anchor for what
    follows, or None where the last side is to be trusted.
    """
    found: list[Judged] = []
    direct = _directly(around, sides)
    slipped = False
    given = anchor
    start = 0  # of the equalities that hold, one after the other
    for place in range(1, len(sides)):
        left, right = sides[place - 1], sides[place]
        outcome = direct[place - 1]
        if not outcome.verified:
            outcome = retried(around, left, right, outcome)
        before = found[start:]
        if outcome.verified and any(one.outcome.layout != outcome.layout for one in before):
            outcome = _in_one_layout(around, sides[start], right, outcome)
        notes: tuple[str, ...] = ()
        # no slip stands before it that could explain it
        wrong = outcome.refuted and not slipped and anchor is not given
        if not outcome.verified and anchor is not None and not wrong:
            other = _again(around, anchor, right)
            if other.verified:
                outcome = other
                notes = (_BEFORE_SLIP if slipped else _BEFORE_UNREAD,)
                anchor = None
        here = replace(_verdict(around, left, right, outcome), notes=notes)
        alone = place == 1 and not _is_declared(around, outcome)
        if here.verdict == "refuted" and (
            reason := _condition(around, outcome, alone=alone) or _unread(around, outcome)
        ):
            here = replace(here, verdict="undecided", reason=reason)
        if here.verdict != "verified" and anchor is None:
            anchor, slipped = left, here.verdict == "refuted"
        found.append(here)
        start = start if here.verdict == "verified" else place
    return found, anchor


def _in_one_layout(around: Surroundings, first: Side, right: Side, outcome: Outcome) -> Outcome:
    """What becomes of an equality that holds in another layout than those before it.

    The side that the chain began with must equal this one in some layout too.
    """
    whole = _again(around, first, right)
    return whole if whole.refuted else outcome


def _is_declared(around: Surroundings, outcome: Outcome) -> bool:
    """Was every symbol declared for this formula itself, so that it speaks of all their values?"""
    if not around.declare or outcome.sides is None or outcome.pair is None:
        return False
    from mdiff_pandoc.latex.scope import scope_of

    scope = scope_of(around.declare, ())
    names = {str(getattr(node.data, "name", "")) for side in outcome.pair for node in side.symbols}
    return all(scope.find(name.removesuffix("_bold"), False) is not None for name in names)


def _condition(around: Surroundings, outcome: Outcome, *, alone: bool) -> str:
    if outcome.sides is None or outcome.pair is None:
        return ""
    text = " ".join((around.latex, *around.declare, *around.context))
    return condition(outcome.sides, *outcome.pair, text, alone=alone)


def _unread(around: Surroundings, outcome: Outcome) -> str:
    """What is said of the symbols and not read, with which the equality may hold."""
    if outcome.sides is None or outcome.pair is None or outcome.unlike:
        return ""
    from mdiff_pandoc.latex.scope import scope_of

    symbols = outcome.sides.symbols
    nodes = (node for side in outcome.pair for node in side.symbols)
    names = {str(getattr(node.data, "name", "")) for node in nodes}
    latex = {name.removesuffix("_bold"): symbols.get(name, name) for name in names}
    for together, words in scope_of(around.declare, around.context).unread:
        if together <= latex.keys():
            told = " and ".join(f"${latex[name]}$" for name in sorted(together))
            return f"'{words}', which is said of {told}, is not read"
    return ""


def _again(around: Surroundings, left: Side, right: Side) -> Outcome:
    outcome = outcome_of(around, left, right)
    return outcome if outcome.verified else retried(around, left, right, outcome)


def _directly(around: Surroundings, sides: Sequence[Side]) -> list[Outcome]:
    """Neighbouring sides compared, all read together where that can be done."""
    if len(sides) > 2:
        try:
            together = around.read(sides)
        except MdiffError:
            pass
        else:
            if together.alike:
                judge = judge_of(together, around)
                return [
                    confirmed(around, left, right, compared(together, judge, k, k + 1))
                    for k, (left, right) in enumerate(pairwise(sides))
                ]
    return [outcome_of(around, left, right) for left, right in pairwise(sides)]


def _verdict(around: Surroundings, left: Side, right: Side, outcome: Outcome) -> Judged:
    """What an outcome comes to."""
    if outcome.verdict is not None:
        verdict, reason = str(outcome.verdict.status), outcome.verdict.reason
        if verdict == "verified":
            return Judged(verdict, outcome)
        if verdict == "refuted" and isinstance(outcome.error, IndicesError):
            return Judged(verdict, outcome, _FOUR)
        if verdict == "refuted" and outcome.unlike and _is_for_one_size(outcome):
            return Judged("undecided", outcome, _ONE_SIZE)
        if verdict == "refuted" and outcome.unlike:
            return _misshapen(around, left, right, Judged(verdict, outcome, reason))
        return Judged(verdict, outcome, reason)
    assert outcome.error is not None
    reason = outcome.error.message
    if not outcome.misshapen:
        return Judged("undecided", outcome, reason)
    told = Judged("refuted", outcome, unmet(reason))
    return _misshapen(around, left, right, told)


def _is_for_one_size(outcome: Outcome) -> bool:
    """Is one side a matrix of entries, the other one of a size that may be a number too?"""
    from mdiff_pandoc.expr import Op

    left, right = outcome.pair or (None, None)
    if left is None or right is None or (left.op is Op.BLOCK) == (right.op is Op.BLOCK):
        return False
    written, other = (left, right) if left.op is Op.BLOCK else (right, left)
    sizes = list(zip(written.shape, other.shape, strict=True))
    return all(arg.is_scalar for arg in written.args) and all(
        one == two or (one.value is not None and two.value is None) for one, two in sizes
    )


def unmet(message: str) -> str:
    """The reason of a claim whose shapes do not meet, from the message of the error."""
    for again in (": these shapes do not meet", ": the shapes differ"):
        message = message.removesuffix(again)
    return f"the shapes do not meet: {message}"


def _is_stacked(outcome: Outcome) -> bool:
    """Do vec or Kronecker products stand there, whose shapes do not tell those of their parts?"""
    from mdiff_pandoc.expr import Op, walk

    nodes = (node for side in outcome.pair or () for node in walk(side))
    return any(node.op in (Op.VEC, Op.KRON) for node in nodes)


def _misshapen(around: Surroundings, left: Side, right: Side, told: Judged) -> Judged:
    """Shapes that do not meet are a fault of the claim where they were declared for it.

    Those that the document declared may have been meant for other lines.
    """
    own, free = without_shapes(around, context=False), without_shapes(around, context=True)
    if free == around:
        sure = told.outcome.verdict is not None and not _is_stacked(told.outcome)
        return told if sure else replace(told, verdict="undecided")
    if own == around and "in the definition of" in told.reason:
        return replace(told, verdict="undecided")
    other = fitted(outcome_of(free, left, right))
    if own == around and other.verified:
        reason = f"{told.reason}; with other shapes it holds"
        return replace(told, verdict="undecided", reason=reason)
    if own == around and other.verdict is None:
        errors = told.outcome.error, other.error
        sure = all(isinstance(error, NoProductError | NoEntryError) for error in errors)
        return told if sure else replace(told, verdict="undecided")
    if own == around and (reason := _condition(around, other, alone=True)):
        return replace(told, verdict="undecided", reason=reason)
    return told
