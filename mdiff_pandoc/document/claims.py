"""The walk that checks a document: every formula in reading order, with the facts in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import panflute as pf
from msgspec import Struct

from mdiff_pandoc.document.checked import CheckedDocument, FoundClaim, Remark
from mdiff_pandoc.document.checking import Around, Checking, Task
from mdiff_pandoc.document.facts import formula_facts
from mdiff_pandoc.document.locate import Formula, locate
from mdiff_pandoc.document.locate import Place as Located
from mdiff_pandoc.document.locate import formulas as formulas_of
from mdiff_pandoc.document.message import Message
from mdiff_pandoc.document.places import Places
from mdiff_pandoc.document.position import Paragraph, Place
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.rewrite import Rewriter
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.document.settings import Settings, from_metadata, plain
from mdiff_pandoc.document.source import Source
from mdiff_pandoc.document.tree import elements
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.claim import Checked, Claim

Performing = Callable[[Sequence[Task]], Iterable[Checked]]


class CheckedFormula(Struct, frozen=True):
    """One formula of a document and what it is checked with."""

    formula: Formula
    checked: Checked


def check_document(
    ast: Mapping[str, Any],
    source: Source,
    file: str,
    *,
    declare: Sequence[str] = (),
    options: Mapping[str, object] | None = None,
    perform_all: Performing | None = None,
) -> CheckedDocument:
    """Check every equality of a document.

    ``ast`` is what pandoc made of ``source``, ``file`` its name; ``declare`` are facts that hold
    in all of it, ``options`` those of the calculus where the document does not say otherwise.
    ``perform_all`` checks many formulas at once, several at a time. Raises OptionError for
    ``options`` that there are not.
    """
    settings = Settings(calculus=dict(options or {}), file=file)
    settings.options()
    found, problems = check_formulas(ast, settings, declare, perform_all, source)
    places = {
        id(formula.element): place
        for formula, place in zip(formulas_of(ast), locate(ast, source), strict=True)
    }
    claims: list[FoundClaim] = []
    remarks: list[Remark] = []
    for item in found:
        place = places[id(item.formula.element)]
        claims += (_found(claim, item.formula, place, source) for claim in item.checked.claims)
        line, column = (0, 0) if place is None else source.position(place.start)
        remarks += (Remark(line, column, text) for text in item.checked.remarks)
    return CheckedDocument(file, tuple(claims), tuple(remarks), tuple(problems))


def _found(claim: Claim, formula: Formula, place: Located | None, source: Source) -> FoundClaim:
    """A claim with its place; a formula that is not in the text stands at line 0."""
    if place is None:
        return FoundClaim(claim, formula.number, 0, 0, 0, 0, 0, 0, " ".join(formula.text.split()))
    sign, _ = place.span(*_bounds(claim.sign))
    start, end = place.span(*_bounds(claim.span))
    lines = (source.position(offset) for offset in (start, sign, end))
    (line, column), (sign_line, sign_column), (end_line, end_column) = lines
    return FoundClaim(
        claim,
        formula.number,
        line,
        column,
        sign_line,
        sign_column,
        end_line,
        end_column,
        *source.line(sign),
        source.cell(sign),
    )


def _bounds(span: Span) -> tuple[int, int]:
    return span.start, max(span.end, span.start + 1)


def check_formulas(
    ast: Mapping[str, Any],
    settings: Settings,
    declare: Sequence[str] = (),
    perform_all: Performing | None = None,
    source: Source | None = None,
) -> tuple[list[CheckedFormula], list[Message]]:
    """All formulas of a document that state something, and what is wrong with its options."""
    known: dict[Task, Checked] = {}
    if perform_all is not None:
        # a formula is checked anew where a verdict before it brings other facts than foreseen
        outline = Checking(outline=True)
        _walked(ast, settings, declare, outline, None)
        known = {task: checked for task, checked in outline.known.items() if checked.judged}
        tasks = [task for task in outline.known if task not in known]
        known.update(zip(tasks, perform_all(tasks), strict=True))
    return _walked(ast, settings, declare, Checking(known), source)


def _walked(
    ast: Mapping[str, Any],
    settings: Settings,
    declare: Sequence[str],
    checking: Checking,
    source: Source | None,
) -> tuple[list[CheckedFormula], list[Message]]:
    meta = ast["meta"]
    reading = from_metadata(plain(meta["mdiff"]) if "mdiff" in meta else None, settings)
    places = Places(ast, settings.file, source)
    report = Report(settings.file, places=places)
    for error in reading.errors:
        report.error(error)
    scope = Scope()
    scope.add_all((*declare, *reading.settings.symbols))
    known = {id(formula.element): formula for formula in formulas_of(ast)}
    numbered: dict[int, Formula] = {}

    def note(node: Any, element: pf.Element) -> None:
        places.note(node, element)
        if id(node) in known:
            numbered[id(element)] = known[id(node)]

    walk = _Walk(report, numbered)
    walk.checking = checking
    walk.blocks(elements(ast["blocks"], note), Place(scope, reading.settings))
    return walk.found, report.messages()


class _Walk(Rewriter):
    """Collects what each formula is checked with, and changes nothing."""

    def __init__(self, report: Report, formulas: Mapping[int, Formula]) -> None:
        super().__init__("json", report)
        self.formulas = formulas
        self.found: list[CheckedFormula] = []

    def formula(
        self,
        inlines: list[pf.Element],
        index: int,
        paragraph: Paragraph,
        anchor: pf.Span | None = None,
    ) -> tuple[list[pf.Element], int]:
        """Check the formula at ``index``."""
        self._note(inlines[index], self.check(inlines, index, paragraph))
        return [inlines[index]], 1

    def _note(self, formula: pf.Element, checked: Checked) -> None:
        if (checked.claims or checked.remarks) and id(formula) in self.formulas:
            self.found.append(CheckedFormula(self.formulas[id(formula)], checked))

    def _raw(
        self, block: pf.RawBlock, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        around = Around(place.settings, place.scope.facts(), (), "")
        if self.responder.is_display(block.text):
            self._note(block, self.checking.formula(block.text, around))
        place.scope.add_all(formula_facts(block.text))
        return [block]

    def _code(self, block: pf.CodeBlock, place: Place) -> list[pf.Element]:
        return [block]
