"""Checks the formulas of a document in reading order; each may go on from the one before."""

from __future__ import annotations

from collections.abc import Sequence

import panflute as pf
from msgspec import Struct

from mdiff_pandoc.document.ask import InternalError, internal
from mdiff_pandoc.document.cache.results import remembered, result
from mdiff_pandoc.document.facts import relevant
from mdiff_pandoc.document.inlines import bare
from mdiff_pandoc.document.manner import manner_of
from mdiff_pandoc.document.marks import unmarked
from mdiff_pandoc.document.settings import Settings
from mdiff_pandoc.errors import Span
from mdiff_pandoc.latex.chains import chains
from mdiff_pandoc.service import Options
from mdiff_pandoc.service.check import check
from mdiff_pandoc.service.claim import Checked, Claim


class Around(Struct, frozen=True):
    """What a formula of the document is checked with.

    ``facts`` are those in force, ``own`` those that are meant for it, ``words`` the text before
    it, ``earlier`` what earlier sections said of symbols that this one does not explain, and
    ``conditions`` the conditions on indices in its sentence, one a line.
    """

    settings: Settings
    facts: tuple[str, ...]
    own: tuple[str, ...]
    words: str
    earlier: tuple[str, ...] = ()
    conditions: str = ""


class Task(Struct, frozen=True):
    """A formula with all that its verdicts depend on; ``lead`` is what it goes on from."""

    text: str
    lead: tuple[tuple[str, str], ...]
    own: tuple[str, ...]
    facts: tuple[str, ...]
    earlier: tuple[str, ...]
    options: Options
    cached: bool = True

    def compute(self, *, outline: bool = False) -> Checked:
        """What the formula is checked with; an ``outline`` only tells which equalities it has."""
        return check(
            self.text,
            self.own,
            self.facts,
            self.options,
            earlier=self.earlier,
            outline=outline,
            **dict(self.lead),
        )

    def failed(self, fault: Exception) -> Checked:
        """The formula after a fault of mdiff: its equalities are undecided, and no more."""
        return undecided(self.text, internal(fault))


def perform(task: Task, *, outline: bool = False) -> Checked:
    """Check one formula, unless another build did. What mdiff fails at is left undecided.

    The ``outline`` tells which equalities there are, and judges none.
    """
    if not outline:
        checked: Checked = result(task, cached=task.cached).value
        return checked
    known: Checked | None = remembered(task) if task.cached else None
    if known is not None:
        return known
    try:
        return task.compute(outline=True)
    except Exception as fault:  # whatever it is, the other formulas are to be checked
        return task.failed(fault)


class Checking:
    """Checks formula after formula.

    ``last`` is the side that one that begins with ``=`` goes on from, ``anchor`` the one to trust
    where that was wrong. ``known`` are formulas that were checked before; an ``outline`` judges
    nothing and fills ``known`` with what is to be judged.
    """

    def __init__(self, known: dict[Task, Checked] | None = None, *, outline: bool = False) -> None:
        self.last = self.anchor = ""
        self.outline = outline
        self.known = {} if known is None else known

    def formula(self, text: str, around: Around, after: Sequence[pf.Element] = ()) -> Checked:
        """Check one formula; ``after`` are the inlines behind it, which may hold its last side."""
        found = chains(text)
        if not found:
            return Checked()
        first, final = found[0], found[-1]
        goes_on = first.sides[0].empty
        tail = _next_formula(after) if final.sides[-1].empty else ""
        if goes_on:
            lead = {"before": self.last, "anchor": self.anchor, "manner": ""}
        else:
            lead = {"manner": manner_of(around.words)}
        if around.conditions:
            lead["conditions"] = around.conditions
        whole = f"{text} {tail}" if tail else text
        spoken = " ".join((whole, *around.own, *lead.values()))
        facts = relevant((*around.earlier, *around.facts), spoken)
        task = Task(
            whole,
            tuple(lead.items()),
            around.own,
            tuple(fact for fact in around.facts if fact in facts),
            tuple(fact for fact in around.earlier if fact in facts),
            around.settings.options(),
            around.settings.cache,
        )
        checked = self.known.get(task)
        if checked is None:
            checked = self.known[task] = perform(task, outline=self.outline)
        self.last, self.anchor = checked.last, checked.anchor
        return checked


def undecided(text: str, error: InternalError) -> Checked:
    """The formula as one claim that nothing could be said of."""
    whole = Span(0, len(text))
    return Checked((Claim(0, " ".join(text.split()), whole, whole, "undecided", error.message),))


def _next_formula(after: Sequence[pf.Element]) -> str:
    """The formula that follows with nothing but spaces and punctuation between."""
    for inline in map(bare, after):
        if isinstance(inline, pf.Math):
            return unmarked(inline.text)
        if isinstance(inline, pf.Str) and any(char.isalnum() for char in inline.text):
            return ""
        if not isinstance(inline, pf.Str | pf.Space | pf.SoftBreak | pf.LineBreak):
            return ""
    return ""
