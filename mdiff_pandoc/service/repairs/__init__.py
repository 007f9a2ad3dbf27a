"""The nearest right formula for an equality that does not hold.

Small changes of one place are tried, those first that are made wrong most often, then two of
them together. What is offered holds by the judge, which knows nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr, Op, walk
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.service.repairs import edits, forms, supply
from mdiff_pandoc.service.repairs.conventions import by_convention, derived
from mdiff_pandoc.service.repairs.edits import Edit, difference
from mdiff_pandoc.service.repairs.length import is_short, visible
from mdiff_pandoc.service.repairs.names import Names, Written
from mdiff_pandoc.service.repairs.place import Spot, spots
from mdiff_pandoc.service.repairs.repair import Repair
from mdiff_pandoc.service.repairs.supply import Supply
from mdiff_pandoc.service.repairs.telling import told
from mdiff_pandoc.service.repairs.tidy import in_own_letters, tidy
from mdiff_pandoc.verify import Judge, Status

__all__ = ["Repair", "nearest"]

# nodes of the formulas to judge, for one change and for two; no clock, so that all machines agree
_EFFORTS = (48_000, 36_000)
_DIGITS = 5  # how many times as long a node takes in high precision
_PLAIN = Notation()
_PAIRS = 1500
_MORE = 12  # a change that takes so many more signs to tell is told as the whole
_Stage = Callable[[Sequence[Spot], Supply], Iterator[Edit]]


def nearest(
    left: Expr,
    right: Expr,
    judge: Judge,
    notation: Notation = _PLAIN,
    *,
    named: tuple[Expr, Expr] | None = None,
    left_holds: bool = False,
    source: str = "",
) -> Repair | None:
    """The smallest change that makes ``left = right`` true, for an equality that is refuted.

    Where a derivative or a differential stands on the left, it is what the author asks for, and
    the right side alone is changed, as with ``left_holds``; else the right side first, then the
    left. The sides may have different shapes. ``judge`` is the one that refuted the equality.
    ``named`` are the sides as written, with NAMED nodes where ``left`` and ``right`` have what
    these stand for; a repair speaks of the names. ``source`` is the right side in LaTeX, and
    nothing much longer is offered.
    """
    written = named or (left, right)
    names = Names(*written)
    closed = names.closed(written[1])
    if names.value(closed) is not right:
        names, written, closed = Names(), (left, right), right
    asked = any(node.op in (Op.DERIVATIVE, Op.DIFF) for node in walk(left))
    claim = Written(names, names.opened(written[0]), closed)
    if asked:
        convention = by_convention(left, right, judge, claim)
        if convention is not None:
            expr, text = convention
            latex = print_latex(tidy(expr), notation)
            return Repair(expr, latex, f"{text} ${latex}$")
    sides = [_Side("right", left, claim, judge, asked=asked)]
    if not (asked or left_holds or written[0].op is Op.NAMED):
        turned = Written(names, claim.wrong, claim.wanted)
        sides.append(_Side("left", right, turned, judge, asked=False))
    tries = product(sides, zip((_Side.one_change, _Side.two_changes), _EFFORTS, strict=True))
    for side, (change, effort) in tries:
        found = change(side, effort // len(sides))
        repair = None if found is None else _told(found, side.name, names, notation, source)
        if repair is not None and is_short(repair.latex, source):
            return repair
    return None


def _told(found: _Found, side: str, names: Names, notation: Notation, source: str) -> Repair:
    latex = print_latex(in_own_letters(tidy(found.expr), source), notation)
    text = told(found.edits, found.expr, latex, notation)
    shown = sum(map(visible, text.split("$")[1::2]))
    if shown > visible(latex) + _MORE:
        text = f"holds as ${latex}$"
    place = " on the left" if side == "left" else ""
    return Repair(names.value(found.expr), latex, text + place, side)


class _Found(Struct, frozen=True):
    expr: Expr
    edits: tuple[tuple[Expr, Edit], ...]


def _alone(generator: Callable[[Sequence[Spot]], Iterator[Edit]]) -> _Stage:
    return lambda places, supply: generator(places)


_SLIPS: tuple[_Stage, ...] = tuple(map(_alone, (edits.transposes, edits.signs, edits.factors)))
_LIGHT: tuple[_Stage, ...] = (
    *_SLIPS,
    _alone(edits.orders),
    _alone(edits.inverses),
)
_STAGES: tuple[_Stage, ...] = (
    *_LIGHT,
    _alone(edits.throughout),
    _alone(edits.symmetrised),
    supply.known_terms,
    supply.lost_parts,
    _alone(forms.surplus_terms),
    supply.indices,
    supply.letters,
    _alone(forms.surplus_factors),
    _alone(forms.powers),
    _alone(forms.functions),
    forms.kinds_of_product,
    supply.lost_terms,
    supply.lost_factors,
    supply.lost_scalars,
    _alone(forms.wrappings),
    supply.lost_inner_terms,
    supply.other_terms,
)


class _Side:
    """A wrong side, what it should equal, and that in the symbols of the names."""

    def __init__(
        self, name: str, wanted: Expr, written: Written, judge: Judge, *, asked: bool
    ) -> None:
        names, material, wrong = written.names, written.wanted, written.wrong
        self.name = name
        self._wanted, self._wrong, self._judge, self._asked = wanted, wrong, judge, asked
        self._names = names
        self._brief = judge.briefly()
        known = (lambda: derived(wanted, judge, written)) if asked else (lambda: material)
        self._material = Supply(material, wrong, known)
        self._places = spots(wrong)
        self._tried = {wrong}
        self._effort = 0

    def one_change(self, effort: int) -> _Found | None:
        """The side with one change that makes it right."""
        end = self._effort + effort
        layouts = (_alone(edits.layouts),) if self._wanted.op is Op.DERIVATIVE else ()
        stages = _STAGES if self.name == "right" else _LIGHT
        for stage in (*layouts, *stages):
            if stage not in (*layouts, *_SLIPS) and not self._asked:
                self._tried.add(self._material.left)  # no other change says more than itself
            for edit in stage(self._places, self._material):
                expr = _made(self._wrong, edit)
                if expr is not None and self._holds(expr):
                    return _Found(expr, ((self._wrong, edit),))
                if self._effort > end:
                    return None
        return None

    def two_changes(self, effort: int) -> _Found | None:
        """The side with two changes; failing that, the derivative that is asked for."""
        end = self._effort + effort
        for first, middle, second, expr in islice(self._pairs(), _PAIRS):
            if self._holds(expr):
                return _Found(expr, ((self._wrong, first), (middle, second)))
            if self._effort > end:
                break
        truth = self._material.truth if self._asked else None
        if truth is None:
            return None
        truth = self._names.folded(truth)
        return _Found(truth, ((self._wrong, difference(self._wrong, truth)),))

    def _holds(self, expr: Expr) -> bool:
        wanted = self._wanted
        if expr in self._tried or expr.shape != wanted.shape:
            return False
        self._tried.add(expr)
        if not expr.free <= wanted.free | self._wrong.free:
            return False
        try:
            value = self._names.value(expr)
        except MdiffError:
            return False
        verdict = self._brief.equal(wanted, value)
        self._effort += (wanted.size + value.size) * (1 if verdict.method == "exact" else _DIGITS)
        if verdict.status is not Status.VERIFIED:
            return False
        return self._judge.equal(wanted, value).status is Status.VERIFIED

    def _pairs(self) -> Iterator[tuple[Edit, Expr, Edit, Expr]]:
        for stage in _LIGHT:
            for first in stage(self._places, self._material):
                middle = _made(self._wrong, first)
                if middle is None:
                    continue
                inner = spots(middle)
                for again in (edits.transposes, edits.signs, edits.orders):
                    for second in again(inner):
                        expr = _made(middle, second)
                        if expr is not None:
                            yield first, middle, second, expr


def _made(root: Expr, edit: Edit) -> Expr | None:
    try:
        return edit.place.put(root, edit.new)
    except MdiffError:
        return None
