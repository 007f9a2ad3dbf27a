"""The walk that checks a document: every formula in reading order, with the facts in force."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import panflute as pf

from mdiff_pandoc.document.checking import Around, Checking
from mdiff_pandoc.document.facts import Scope, formula_facts
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.rewrite import Paragraph, Place, Rewriter
from mdiff_pandoc.document.settings import Settings, from_metadata, plain
from mdiff_pandoc.service.claim import Checked

_TEX = ("tex", "latex")


@dataclass(frozen=True, slots=True)
class CheckedFormula:
    """One formula: ``number`` counts Math and raw TeX elements in pandoc's order from 0."""

    number: int
    text: str
    checked: Checked


def check_formulas(
    document: Any, file: str, settings: Settings | None = None, declare: Sequence[str] = ()
) -> tuple[list[CheckedFormula], list[str]]:
    """All formulas of a document in pandoc's JSON that state something, and its problems.

    ``settings`` are those in force where the document says nothing else, ``declare`` facts that
    hold in all of it.
    """
    base = settings or Settings(file=file)
    meta = document["meta"]
    reading = from_metadata(plain(meta["mdiff"]) if "mdiff" in meta else None, base)
    report = Report(file)
    for error in reading.errors:
        report.error(error)
    scope = Scope()
    scope.add_all((*declare, *reading.settings.symbols))
    numbers: dict[int, int] = {}
    walk = _Walk(report, numbers)
    walk.blocks(_loaded(document["blocks"], numbers), Place(scope, reading.settings))
    return walk.found, report.lines()


def _loaded(nodes: Any, numbers: dict[int, int]) -> Any:
    """The blocks as elements; every Math and raw TeX element is numbered by its identity.

    The elements are kept alive by the tree, so that identities stay.
    """

    def element(node: Any) -> Any:
        made = pf.elements.from_json(node)
        if isinstance(made, pf.Math) or (
            isinstance(made, pf.RawInline | pf.RawBlock) and made.format in _TEX
        ):
            numbers[id(made)] = len(numbers)
        return made

    return json.loads(json.dumps(nodes), object_hook=element)


class _Walk(Rewriter):
    """Collects what each formula is checked with, and changes nothing."""

    def __init__(self, report: Report, numbers: dict[int, int]) -> None:
        super().__init__("json", report)
        self.checking = Checking()
        self.numbers = numbers
        self.found: list[CheckedFormula] = []

    def formula(
        self, inlines: list[pf.Element], index: int, paragraph: Paragraph
    ) -> tuple[list[pf.Element], int]:
        """Check the formula at ``index``."""
        formula = inlines[index]
        around = self.around(paragraph, formula)
        here = paragraph.text.places.get(id(formula), 0)
        own = tuple(fact for fact in around.own if "=" not in fact or r"\in" in fact)
        checked = self.checking.formula(
            formula.text,
            Around(around.settings, around.facts, own, paragraph.text.text[:here]),
            inlines[index + 1 :],
        )
        if checked.claims and not any(c.verdict == "definition" for c in checked.claims):
            paragraph.claimed.add(here)
        self._note(formula, checked)
        return [formula], 1

    def _note(self, formula: pf.Element, checked: Checked) -> None:
        if checked.claims or checked.remarks:
            number = self.numbers[id(formula)]
            self.found.append(CheckedFormula(number, formula.text, checked))

    def _raw(
        self, block: pf.RawBlock, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        around = Around(place.settings, place.scope.facts(), (), "")
        if self.responder.is_display(block.text):
            self._note(block, self.checking.formula(block.text, around))
        place.scope.add_all(formula_facts(block.text))
        return [block]

    def _code(self, block: pf.CodeBlock, place: Place) -> list[pf.Element]:
        if block.classes[:1] == ["math"]:
            around = Around(place.settings, place.scope.facts(), (), "")
            self.checking.formula(block.text, around)
        return [block]
