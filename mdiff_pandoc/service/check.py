"""One formula that an author wrote in, a verdict on each of its equalities out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError, ShapeError, Span
from mdiff_pandoc.latex.conventions import Conventions
from mdiff_pandoc.service.claim import Checked, Claim
from mdiff_pandoc.service.defining import INTRODUCING, Defining, is_derived
from mdiff_pandoc.service.explained import explained
from mdiff_pandoc.service.judging import Judged, judged, unmet
from mdiff_pandoc.service.options import Options
from mdiff_pandoc.service.readings import Outcome, Surroundings, without_shapes

if TYPE_CHECKING:
    from mdiff_pandoc.latex.chains import Chain, Relation, Side

_CONDITION = "states a condition (= 0), which holds for some values only"


def check(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    options: Options | None = None,
    *,
    earlier: Sequence[str] = (),
    before: str = "",
    anchor: str = "",
    manner: str = "concluded",
    conditions: str = "",
    outline: bool = False,
) -> Checked:
    """Judge every equality of a formula, such as ``\\nabla_X \\operatorname{tr}(AXB) = A^T B^T``.

    ``declare`` holds the formula's own declarations, ``context`` the facts of the document around
    it, in reading order, ``earlier`` what other sections said of its symbols. ``before`` is the
    side that a formula goes on from when it begins with ``=``, and ``anchor`` the one to trust
    where that one was wrong or could not be read.
    ``manner`` is what the text says of an equation whose left side is a name that has a
    definition: ``concluded`` from it, ``introduced`` anew, or nothing (empty: it is a new
    definition unless it agrees with the old one). ``conditions`` are the formulas of its sentence
    that may be conditions on indices, one a line. An ``outline`` tells which equalities there are
    and judges none: all but definitions are verified in it. Never raises for bad input: what
    cannot be read is undecided, with the reason.
    """
    from mdiff_pandoc.latex.chains import Side
    from mdiff_pandoc.latex.ties import tie, ties

    options = options or Options()
    front = f"{anchor} ; {before} " if anchor and before else f"{before} " if before else ""
    around = Surroundings(
        front + latex,
        tuple(declare),
        tuple(fact for fact in context if tie(fact) is None),
        Conventions(
            options.functions,
            options.layout or "numerator",
            slopes=options.symmetric == "entries",
        ),
        options.symmetric,
        lying=options.layout == "numerator",
        earlier=tuple(earlier),
        ties=ties(latex, conditions.splitlines()),
    )
    trusted = Side(anchor, Span(0, len(anchor))) if anchor and before else None
    return _Formula(around, len(front), manner, trusted, outline=outline).checked()


class _Formula:
    """Checks the chains of one formula; the first ``offset`` characters belong to another one."""

    def __init__(
        self,
        around: Surroundings,
        offset: int,
        manner: str,
        anchor: Side | None,
        *,
        outline: bool,
    ) -> None:
        self.around = around
        self.anchor = anchor
        self.outline = outline
        self.judged = True
        self.offset = offset
        self.manner = manner
        self.claims: list[Claim] = []
        self.facts: list[str] = []
        self.defining = Defining(around, manner, self.facts)
        self.remarks: list[str] = []
        self.last = ""

    def checked(self) -> Checked:
        """The verdicts, in order."""
        from mdiff_pandoc.latex.chains import chains
        from mdiff_pandoc.latex.ties import tie

        latex = self.around.latex
        found = [
            chain
            for chain in chains(latex)
            if tie(latex[chain.sides[0].span.start : chain.sides[-1].span.end]) is None
        ]
        self._take_definitions(found)
        for number, chain in enumerate(found):
            if number:
                self.anchor = None
            self._chain(chain)
        anchor = self.anchor.text.strip() if self.anchor else ""
        return Checked(
            tuple(self.claims),
            tuple(self.facts),
            self.last,
            anchor,
            tuple(self.remarks),
            self.judged,
        )

    def _take_definitions(self, found: Sequence[Chain]) -> None:
        """What is explained ("where D = BX") holds in the formula before it too."""
        from mdiff_pandoc.latex.chains import Sign

        for chain in found:
            defined = any(relation.sign is Sign.DEFINED for relation in chain.relations[:1])
            if not (
                defined
                or chain.introduced in INTRODUCING
                or self.defining.is_held(*chain.sides[:2])
            ):
                continue
            if self.defining.defines(chain.sides, chain.relations, chain.introduced) is not None:
                left, right = chain.sides[:2]
                self._take(left, right)

    def _take(self, left: Side, right: Side) -> None:
        fact = f"let {left.text.strip()} = {right.text.strip()}"
        if fact not in self.facts and not right.empty:
            self.facts.append(fact)

    def _chain(self, chain: Chain) -> None:
        """The claims of a chain, which relations other than equalities take apart."""
        from mdiff_pandoc.latex.chains import Sign

        start = 0
        for place, relation in enumerate(chain.relations):
            if relation.sign in (Sign.EQUAL, Sign.DEFINED):
                continue
            self._run(chain, start, place)
            start = place + 1
            if relation.sign is Sign.OTHER:
                self._remark(chain, place)
        self._run(chain, start, len(chain.relations))
        self.last = chain.sides[-1].text.strip() or chain.sides[0].text.strip()

    def _remark(self, chain: Chain, place: int) -> None:
        sign = chain.relations[place].span
        left, right = chain.sides[place], chain.sides[place + 1]
        text = self.around.latex
        if not (_is_atom(left.text) or _is_atom(right.text)):
            told = " ".join(text[left.span.start : right.span.end].split())
            self.remarks.append(f"{text[sign.start : sign.end]} is no equality: {told}")

    def _run(self, chain: Chain, start: int, stop: int) -> None:
        """The sides ``start`` to ``stop``, between which equality signs stand."""
        if start == stop:
            return
        sides = list(chain.sides[start : stop + 1])
        relations = list(chain.relations[start:stop])
        for place in range(len(relations) - 1, 0, -1):
            if _asks(sides[place]):  # ``a = ? = b`` asks whether the sides around are equal
                del sides[place], relations[place - 1]
        if sides[0].empty:
            self._add(
                sides[0], sides[1], relations[0], "undecided", "no side stands before the sign"
            )
            sides, relations = sides[1:], relations[1:]
        if relations and _asks(sides[-1]):
            last = (sides[-2], sides[-1], relations[-1])
            sides, relations = sides[:-1], relations[:-1]
            self._equalities(sides, relations, chain)
            self._add(*last, "undecided", "asks for the other side", request=True)
        elif relations and sides[-1].empty:
            last = (sides[-2], sides[-1], relations[-1])
            sides, relations = sides[:-1], relations[:-1]
            self._equalities(sides, relations, chain)
            asked = is_derived(chain.sides[0].text)
            self._add(*last, "undecided", "nothing stands behind the sign", request=asked)
        else:
            self._equalities(sides, relations, chain)

    def _equalities(self, sides: list[Side], relations: Sequence[Relation], chain: Chain) -> None:
        if not relations:
            return
        introduced = chain.introduced if sides[0] is chain.sides[0] else ""
        if self.defining.defines(sides, relations, introduced):
            if fault := self._fault(sides[1]):
                self._add(sides[0], sides[1], relations[0], "refuted", fault)
            else:
                self._take(sides[0], sides[1])
                self._add(sides[0], sides[1], relations[0], "definition")
            sides, relations = sides[1:], relations[1:]
        if relations:
            self._claims(sides, relations)

    def _fault(self, side: Side) -> str:
        """Why a side cannot be with the shapes that were declared for the formula, if so."""
        around = self._surroundings()
        free = without_shapes(around, context=True)
        if without_shapes(around, context=False) == around:
            return ""
        try:
            around.read((side,))
        except ShapeError as error:
            fault = "" if "in the definition of" in error.message else error.message
        except MdiffError:
            return ""
        else:
            return ""
        try:
            free.read((side,))
        except MdiffError:
            return ""
        return fault and unmet(fault)

    def _claims(self, sides: list[Side], relations: Sequence[Relation]) -> None:
        """Judge the equalities of a chain of claims."""
        named = self.defining.new_names(sides)
        solid = [side for place, side in enumerate(sides) if place not in named]
        if self.outline and not self.defining.depends_on_verdicts(sides):
            found, self.anchor = [Judged("verified", Outcome()) for _ in solid[1:]], None
            self.judged = False
        else:
            found, self.anchor = judged(self._surroundings(), solid, self.anchor)
        verdicts = iter(found)
        results: list[tuple[Side, Side, Relation, Judged | None]] = []
        before = sides[0]
        for place, relation in enumerate(relations):
            side = sides[place + 1]
            if place + 1 in named:
                results.append((before, side, relation, None))
                self._take(side, before)
            else:
                results.append((before, side, relation, next(verdicts)))
                before = side
        for number, (left, right, relation, told) in enumerate(results):
            if told is None:
                self._add(left, right, relation, "definition")
            else:
                self._tell(left, right, relation, told, last=number == len(results) - 1)

    def _surroundings(self) -> Surroundings:
        return replace(self.around, context=(*self.around.context, *self.facts))

    def _tell(
        self, left: Side, right: Side, relation: Relation, found: Judged, *, last: bool
    ) -> None:
        from mdiff_pandoc.latex.definienda import is_assumption, is_differential, is_zero

        verdict, reason = found.verdict, found.reason
        if verdict != "verified" and not self.manner and self.defining.may_be_new(left):
            verdict, reason = "definition", ""
            self._take(left, right)
        elif verdict == "refuted":
            equation = f"{left.text.strip()} = {right.text.strip()}"
            moving = is_derived(self.around.latex) or is_differential(left.text)
            if is_zero(right.text) and last and moving:
                verdict, reason = "undecided", _CONDITION
            elif is_assumption(equation):
                verdict, reason = "definition", ""
                self.facts.append(equation)
        self._add(left, right, relation, verdict, reason, found=found)

    def _add(
        self,
        left: Side,
        right: Side,
        relation: Relation,
        verdict: str,
        reason: str = "",
        *,
        found: Judged | None = None,
        request: bool = False,
    ) -> None:
        text = self.around.latex
        lhs, rhs = (" ".join(text[s.span.start : s.span.end].split()) for s in (left, right))
        outcome = found.outcome if found else Outcome()
        start = left.span.start if left.span.start < relation.span.start else relation.span.start
        claim = Claim(
            equality=len(self.claims),
            latex=f"{lhs} = {rhs}".strip(),
            span=self._span(Span(start, max(right.span.end, relation.span.end))),
            sign=self._span(relation.span),
            verdict=verdict,
            reason=reason,
            assumed=outcome.sides.assumed if outcome.sides else (),
            notes=(*outcome.notes, *(found.notes if found else ())),
            verification=_verification(outcome) if verdict in ("verified", "refuted") else {},
            request=request,
        )
        if verdict == "refuted":
            before = [claim for claim in self.claims[-1:] if claim.verdict == "verified"]
            proven = any(claim.span.end == self._span(left.span).end for claim in before)
            around = self._surroundings()
            claim = explained(claim, outcome, around, left, right, left_holds=proven)
        self.claims.append(claim)

    def _span(self, span: Span) -> Span:
        return Span(max(0, span.start - self.offset), max(0, span.end - self.offset))


def _asks(side: Side) -> bool:
    return "?" in side.text and not side.text.strip("?{} ")


def _verification(outcome: Outcome) -> dict[str, object]:
    from mdiff_pandoc.service import verification

    if outcome.verdict is None:
        return {}
    found = verification(outcome.verdict)
    found.pop("reason", None)
    return found


def _is_atom(text: str) -> bool:
    """Is it one name or number, as in ``0 \\le i < N``?"""
    from mdiff_pandoc.latex.definienda import definiendum

    stripped = text.strip()
    return stripped.replace(".", "").lstrip("-").isdigit() or definiendum(stripped) is not None
