"""The plausible readings of an equality, and what the judge says of it in each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import IndicesError, MdiffError, ShapeError
from mdiff_pandoc.latex.conventions import USUAL, Conventions
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.coefficients import coefficients
from mdiff_pandoc.service.doubts import doubt
from mdiff_pandoc.service.randomness import with_constants
from mdiff_pandoc.service.sizes import resized, with_shapes, with_sizes

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.chains import Side
    from mdiff_pandoc.latex.sides import Sides
    from mdiff_pandoc.latex.ties import Tie
    from mdiff_pandoc.verify import Judge, Verdict

_OF_MATRICES = regex(
    r"\\(?:log|ln|exp|sqrt|sin|cos|tan|sinh|cosh|tanh)(?![A-Za-z])|\be\s*\^|\b(?:log|exp|sqrt)\b"
)
_BOLD = regex(
    r"\\(?:mathbf|boldsymbol|bm|vec|bf|pmb)(?![A-Za-z])\s*\{?\s*(\\[A-Za-z]+|[A-Za-z])[A-Za-z]*\s*\}?"
)
_LETTER = regex(r"\\[A-Za-z]+|[A-Za-z]")
_EARLIER = "with what an earlier section says"
_SUMMED = regex(r"(?:\\sum(?![A-Za-z])|∑).*[+\-−]", re.S)
_NAMED_DIFFERENTIAL = regex(r"\s*(?<![A-Za-z\\])d\s*(?:[A-Za-z]|\\[A-Za-z]+)")
_CONSTRAINT = regex(
    r"\b(?:unit|orthonormal columns|orthogonal|orthonormal)\s*\Z|=\s*(?:1|\\?[a-z]*\{?I\}?\w*)\s*\Z"
)
_NAMED_ROW = regex(r"\A(let [^=]+ = [^=()]+_\{[a-z]:\})\^\\top\Z")
_FULL = {
    " right orthonormal factor": " orthogonal",
    " orthonormal factor": " orthogonal",
    " diagonal factor": "",
    " upper triangular factor": "",
}
# else a letter with a derivative by it may be a number
_OF_VECTORS = regex(
    r"\^\s*\{?\s*\\?(?:top|intercal|math)|[A-Z]|\\(?:nabla|math|bold|bm|vec)|∇|∂\s*_"
)
_COLUMN = regex(r"(\S+) \\in \\mathbb\{R\}\^(?:\w|\{\w+\})")
_SHAPE = regex(r"\\in(?![A-Za-z])|∈")


class Surroundings(Struct, frozen=True):
    """What a formula is read with: the formula, declarations, facts of the document, conventions.

    ``lying``: the derivative of a scalar by a column may be a row by itself. ``symmetric`` is the
    convention for a symmetric variable.
    """

    latex: str
    declare: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    conventions: Conventions = USUAL
    symmetric: str = "projected"
    lying: bool = False
    earlier: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()

    def read(self, sides: Sequence[Side]) -> Sides:
        """The sides as expressions. Raises MdiffError."""
        from mdiff_pandoc.latex.sides import read_sides

        return read_sides(sides, self.latex, self.declare, self.context, self.conventions)

    def by(self, **changes: Any) -> Surroundings:
        """The same with other ``Conventions``."""
        return replace(self, conventions=replace(self.conventions, **changes))


class Outcome(Struct):
    """An equality in one reading: what the judge says, or why it could not be read."""

    sides: Sides | None = None
    pair: tuple[Expr, Expr] | None = None
    verdict: Verdict | None = None
    judge: Judge | None = None
    error: MdiffError | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    layout: tuple[str, bool] | None = None  # that it was read in, where the usual one fails

    @property
    def verified(self) -> bool:
        """Does the equality hold?"""
        return self.verdict is not None and self.verdict.status == "verified"

    @property
    def refuted(self) -> bool:
        """Does the equality not hold in this reading?"""
        return self.verdict is not None and self.verdict.status == "refuted"

    @property
    def unlike(self) -> bool:
        """Have the two sides different shapes?"""
        return self.pair is not None and self.pair[0].shape != self.pair[1].shape

    @property
    def misshapen(self) -> bool:
        """Do the shapes in a side not meet?"""
        return isinstance(self.error, ShapeError)


def compared(sides: Sides, judge: Judge, left: int, right: int) -> Outcome:
    """What the judge says of two sides that were read together; on a guess nothing is refuted."""
    from mdiff_pandoc.verify import Status, Verdict

    pair = sides.exprs[left], sides.exprs[right]
    verdict = judge.equal(*pair)
    if verdict.status == "refuted" and (reason := doubt(sides, *pair, judge)):
        verdict = Verdict(Status.UNDECIDED, reason=reason)
    free = pair[0].free | pair[1].free
    tied = [tie for tie in judge.ties if verdict.status == "verified" and {*tie[:2]} <= free]
    notes = (*sides.notes, *(f"for ${_told(tie)}$" for tie in tied), *_resting(sides, pair))
    return Outcome(sides, pair, verdict, judge, notes=notes)


def judge_of(sides: Sides, around: Surroundings) -> Judge:
    """A judge of these sides, in which the symbols that stand under a d move."""
    from mdiff_pandoc.verify import Judge

    entries = around.symmetric == "entries"
    ties = around.ties[:1]
    return Judge(
        sides.exprs[0], entries=entries, moving=_moving(sides.exprs), quiet=True, ties=ties
    )


def _ties(outcome: Outcome) -> tuple[Tie, ...]:
    return outcome.judge.ties if outcome.judge is not None else ()


def _moving(exprs: Sequence[Expr]) -> set[Expr]:
    r"""The symbols that differentials are taken of.

    A d before a larger expression moves what a d stands before within it: :math:`d(AX) = A\,dX`
    holds A constant, and :math:`d(A X^2) = A\,d(X^2)` does so too.
    """
    from mdiff_pandoc.expr import Op, walk

    nodes = (node for side in exprs if side.has_diff for node in walk(side))
    under = (node.args[0] for node in nodes if node.op is Op.DIFF)
    told = {frozenset(s for s in node.symbols if not s.assumed("constant")) for node in under}
    least = [symbols for symbols in told if symbols and not any(o < symbols for o in told if o)]
    return set().union(*least)


def _resting(sides: Sides, pair: tuple[Expr, Expr]) -> Iterator[str]:
    """What stands under a d and is held constant."""
    from mdiff_pandoc.expr import Op, walk

    nodes = (node for side in pair if side.has_diff for node in walk(side) if node.op is Op.DIFF)
    under = {symbol for node in nodes for symbol in node.args[0].symbols}
    resting = {symbol for symbol in under - _moving(sides.exprs) if not symbol.assumed("constant")}
    names = sorted(str(getattr(symbol.data, "name", "")) for symbol in resting)
    if names:
        yield _held([sides.symbols.get(name, name) for name in names])


def outcome_of(around: Surroundings, left: Side, right: Side) -> Outcome:
    """Two sides read together and judged."""
    try:
        sides = around.read((left, right))
    except MdiffError as error:
        return Outcome(error=error)
    return confirmed(around, left, right, compared(sides, judge_of(sides, around), 0, 1))


def confirmed(around: Surroundings, left: Side, right: Side, outcome: Outcome) -> Outcome:
    """The outcome, unless an equality holds only at the value that its variable is defined to have.

    Where the gradient is zero every multiple of it is.
    """
    if not outcome.verified or outcome.sides is None or not outcome.sides.pinned:
        return outcome
    free = outcome_of(around.by(released=True), left, right)
    return free if free.verified or free.refuted else outcome


def retried(around: Surroundings, left: Side, right: Side, first: Outcome) -> Outcome:
    """The outcome in the first plausible reading in which the equality holds, else ``first``.

    A claim is wrong only where it is so in every reading; one that was not readable is what the
    first reading in which it is says.
    """
    best = sized = fitted(first)
    if sized.verified or (first.error is not None and not _readable(left, right)):
        return sized
    constant = _with_constants(first)
    if constant.verified:
        return constant
    for other, note in _others(around, left, right, first):
        outcome = fitted(outcome_of(other, left, right))
        if outcome.verified and other.conventions.wide and first.refuted:
            return _undecided(first, "holds only with the terms behind a sum in brackets")
        if outcome.verified:
            outcome.notes = (*outcome.notes, *([note] if note else []))
            outcome.layout = other.conventions.layout, other.conventions.rows
            return outcome
        told = other.declare != around.declare and isinstance(first.error, IndicesError)
        if best.verdict is None and told and outcome.refuted:
            best = outcome
        if note == _EARLIER and first.refuted and not outcome.refuted and outcome.verdict:
            return outcome
        if best.verdict is None and outcome.verdict is not None and other.conventions.stacked:
            outcome.error = first.error
            best = outcome
    return _unless_tied(around, left, right, _unless_square(best))


def _unless_tied(around: Surroundings, left: Side, right: Side, outcome: Outcome) -> Outcome:
    r"""A refuted equality is undecided where it holds with another condition on its indices."""
    for condition in around.ties[1:] if outcome.refuted else ():
        if outcome_of(replace(around, ties=(condition,)), left, right).verified:
            return _undecided(outcome, f"holds for ${_told(condition)}$")
    return outcome


def _undecided(outcome: Outcome, reason: str) -> Outcome:
    from mdiff_pandoc.verify import Status, Verdict

    return replace(outcome, verdict=Verdict(Status.UNDECIDED, reason=reason))


def _with_constants(outcome: Outcome) -> Outcome:
    """The outcome where what stands outside of expectations is not random."""
    if outcome.pair is None or outcome.sides is None or outcome.unlike:
        return outcome
    from mdiff_pandoc.verify import Judge

    pair, constants = with_constants(outcome.pair)
    if not constants:
        return outcome
    judge = Judge(pair[0], moving=_moving(pair), quiet=True, ties=_ties(outcome))
    symbols = outcome.sides.symbols
    told = f"with {' and '.join(f'${symbols.get(name, name)}$' for name in constants)} not random"
    found = judge.equal(*pair)
    return replace(outcome, pair=pair, verdict=found, judge=judge, notes=(*outcome.notes, told))


def _readable(*sides: Side) -> bool:
    from mdiff_pandoc.latex.sides import is_readable

    return all(is_readable(side) for side in sides)


def fitted(outcome: Outcome) -> Outcome:
    """The outcome with the sizes with which the equality holds, if there are such."""
    if outcome.verified or outcome.sides is None or outcome.pair is None:
        return outcome
    from mdiff_pandoc.verify import Judge

    if outcome.unlike:
        return _with_shapes(outcome, outcome.sides, outcome.pair)
    for pair, notes in with_sizes(outcome.sides, outcome.pair):
        entries = outcome.judge is not None and outcome.judge.entries
        judge = Judge(pair[0], entries=entries, moving=_moving(pair), brief=True)
        verdict = judge.equal(*pair)
        if verdict.status == "verified":
            told = (*outcome.notes, *notes)
            return replace(outcome, pair=pair, verdict=verdict, judge=judge, notes=told)
    return outcome


def _with_shapes(outcome: Outcome, sides: Sides, pair: tuple[Expr, Expr]) -> Outcome:
    """The outcome with the sizes with which the sides have one shape, if there are such.

    It is refuted where the equality fails with all of them.
    """
    from mdiff_pandoc.verify import Judge

    found: list[Outcome] = []
    for alike, assumed in with_shapes(sides, pair):
        judge = Judge(alike[0], moving=_moving(alike), quiet=True, ties=_ties(outcome))
        told = replace(sides, assumed=assumed)
        found.append(replace(outcome, sides=told, pair=alike, judge=judge))
        found[-1].verdict = judge.equal(*alike)
        if found[-1].verified:
            return found[-1]
    summed = any(len(dim.terms) > 1 for side in pair for dim in side.shape)
    if all(other.refuted for other in found) and not summed:
        return found[0] if found else outcome
    return _undecided(outcome, "the sizes of the symbols are not said")


def _unless_square(outcome: Outcome) -> Outcome:
    """A refuted equality is undecided where it holds for square matrices, and nobody said that
    they are not."""
    from mdiff_pandoc.expr import Dim
    from mdiff_pandoc.verify import Judge

    if not outcome.refuted or outcome.unlike or outcome.sides is None or outcome.pair is None:
        return outcome
    invented = sorted(outcome.sides.invented)
    if len(invented) < 2:
        return outcome
    sizes = dict.fromkeys(invented, Dim.of(invented[0]))
    left, right = (resized(side, sizes) for side in outcome.pair)
    entries = outcome.judge is not None and outcome.judge.entries
    judge = Judge(left, entries=entries, moving=_moving((left, right)), brief=True)
    if judge.equal(left, right).status != "verified":
        return outcome
    return _undecided(outcome, "holds where the matrices are square, which is not said")


def _others(
    around: Surroundings, left: Side, right: Side, first: Outcome
) -> Iterator[tuple[Surroundings, str]]:
    """Other readings, each with what to tell of it."""
    if first.sides is not None and first.sides.holdable:
        yield around.by(held=True), _held(first.sides.holdable)
    text = left.text + " " + right.text
    if _NAMED_DIFFERENTIAL.match(left.text) and _NAMED_DIFFERENTIAL.search(right.text):
        yield around.by(gradients=True), "with $dX$ for the gradient of a loss by $X$"
    derivative = r"\partial" in text or r"\nabla" in text or "∂" in text or "∇" in text
    if derivative:
        if r"\nabla" not in text or not first.misshapen:
            other = "denominator" if around.conventions.layout == "numerator" else "numerator"
            yield around.by(layout=other), f"in the {other} layout"
        if isinstance(first.error, IndicesError):
            yield from _with_numbers(around, text)
            yield around.by(narrow=True), "with an operator for the function behind it alone"
            yield around.by(stacked=True), ""
        several = text.count(r"\partial") > 3 or text.count(r"\nabla") > 1
        if several or (around.lying and r"\nabla" not in text):
            yield (
                around.by(layout="numerator", rows=True),
                "in the numerator layout, where the derivative of a scalar by a vector is a row",
            )
    for name in () if _OF_VECTORS.search(text) else _assumed_columns(first):
        if re.search(rf"(?:d|\\partial|∂)\s*{re.escape(name)}\s*\}}", text):
            yield replace(around, declare=(*around.declare, f"{name} scalar")), ""
    if around.conventions.functions == "elementwise" and _OF_MATRICES.search(text):
        yield (
            around.by(functions="matrix"),
            "with functions of matrices, not of their entries",
        )
    if _SUMMED.search(text):
        yield (
            around.by(wide=True),
            "with every sum over an index running over the terms that follow it",
        )
    if derivative and (free := _unconstrained(around)) != around:
        yield free, "with no constraint on the variable"
    if _BOLD.search(text) and _in_two_styles(" ".join((text, *around.context))):
        yield around.by(merged=True), "with one symbol for a letter in bold and in italics"
    if around.earlier:
        context = (*around.earlier, *around.context)
        yield replace(around, context=context), _EARLIER
    if any(fact.endswith("factor") for fact in (*around.declare, *around.context)):
        yield (
            _factored(around, {" right orthonormal factor": " orthogonal"}),
            "with full column rank",
        )
        yield _factored(around, _FULL), "with the factors of the full decomposition"
    if (lying := _with_lying_rows(around)) != around:
        yield lying, "with the rows that the text names as rows"
    if (free := _without_definitions(around)) != around:
        yield free, ""
    if derivative and first.misshapen:
        yield from _with_numbers(around, text)


def _with_numbers(around: Surroundings, text: str) -> Iterator[tuple[Surroundings, str]]:
    """The readings in which one capital letter stands for a number."""
    for name in coefficients(text, (*around.declare, *around.context)):
        yield replace(around, declare=(*around.declare, f"{name} scalar")), ""


def _assumed_columns(outcome: Outcome) -> Iterator[str]:
    """The letters that are read as vectors because nothing else is said."""
    for fact in outcome.sides.assumed if outcome.sides is not None else ():
        if found := _COLUMN.fullmatch(fact):
            yield found[1]


def _told(tie: Tie) -> str:
    one, other, equal = tie
    return f"{one} = {other}" if equal else rf"{one} \ne {other}"


def _in_two_styles(text: str) -> bool:
    """Does a letter stand in bold and in italics?"""
    bold = {found[1] for found in _BOLD.finditer(text)}
    return bool(bold) and any(found[0] in bold for found in _LETTER.finditer(_BOLD.sub(" ", text)))


def _unconstrained(around: Surroundings) -> Surroundings:
    """The surroundings in which no vector is a unit vector and no matrix orthogonal."""
    declare, context = (
        tuple(fact for fact in facts if not _CONSTRAINT.search(fact))
        for facts in (around.declare, around.context)
    )
    return replace(around, declare=declare, context=context)


def _held(names: Sequence[str]) -> str:
    """``$D$ and $E$ are held constant``."""
    *others, last = (f"${name}$" for name in names)
    verb = "are" if others else "is"
    told = f"{', '.join(others)} and {last}" if others else last
    return f"{told} {verb} held constant"


def _factored(around: Surroundings, told: Mapping[str, str]) -> Surroundings:
    """The surroundings with what else may be told of factors, by how the fact ends."""
    changed = []
    for facts in (around.declare, around.context):
        found = [(fact, next(filter(fact.endswith, told), "")) for fact in facts]
        kept = [(fact.removesuffix(old), told.get(old)) for fact, old in found]
        changed.append(tuple(fact + (new or "") for fact, new in kept if new != ""))
    return replace(around, declare=changed[0], context=changed[1])


def _with_lying_rows(around: Surroundings) -> Surroundings:
    """The surroundings in which a row that was named without a transpose is no column."""
    return replace(around, context=tuple(_NAMED_ROW.sub(r"\1", fact) for fact in around.context))


def _without_definitions(around: Surroundings) -> Surroundings:
    """The surroundings in which names stand for themselves."""
    kept = tuple(fact for fact in around.context if "=" not in fact or _SHAPE.search(fact))
    return replace(around, context=kept)


def without_shapes(around: Surroundings, *, context: bool) -> Surroundings:
    """The surroundings without the shapes that were declared, be it for the formula itself or,
    with ``context``, by the document too."""

    def kept(facts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fact for fact in facts if not _SHAPE.search(fact))

    facts = kept(around.context) if context else around.context
    return replace(around, declare=kept(around.declare), context=facts)
