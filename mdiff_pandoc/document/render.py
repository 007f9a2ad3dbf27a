"""Answers as elements of a pandoc document, in what every writer takes."""

from __future__ import annotations

from collections.abc import Sequence

import panflute as pf
from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.formula import Statement
from mdiff_pandoc.document.layout import aligned, block, lone, numbered, pages, rows
from mdiff_pandoc.document.numbers import Numbering
from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.settings import Settings
from mdiff_pandoc.document.words import Words, lines_below, prose
from mdiff_pandoc.document.writers import office, paper, slides
from mdiff_pandoc.document.writers.fold import folded
from mdiff_pandoc.document.writers.kinds import FOLDING, TEXT, page_of
from mdiff_pandoc.document.writers.office import OFFICE
from mdiff_pandoc.document.writers.tex import adapted
from mdiff_pandoc.document.writers.text import columns
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import Answer, StepText

_ENGLISH = Words()
_UNNUMBERED = Numbering(Statement("", 0, 0))
_PUNCTUATION = regex(r"\s*(?:\\[,;:! ]\s*|~)*([.,;:])\s*")


class Manner(Struct, frozen=True):
    """How the answers to a document are shown: for which ``writer``, with which ``settings``.

    ``punctuation`` ends the formula, ``words`` are those of the document's language, ``rules`` the
    names of the rules behind the answer, with the targets of their links.
    """

    writer: str
    settings: Settings
    numbering: Numbering
    punctuation: str = ""
    words: Words = _ENGLISH
    rules: Sequence[tuple[str, str]] = ()


def derivation(answer: Answer, manner: Manner, *, given: str = "") -> pf.Div:
    """The block that stands in the place of a display request.

    ``given`` are the declarations that stood behind the request.
    """
    values = attributes(answer)
    badge, rules = manner.settings.badge, manner.rules
    below = lines_below(answer, manner.words, given=given, rules=rules, badge=badge)
    below = paper.aside(below, manner.writer)
    made = pf.Div(
        *_shown(answer, manner, below, values),
        identifier=manner.numbering.identifier(manner.writer),
        classes=_classes(answer),
        attributes=values,
    )
    return adapted(made, manner.writer)


def _shown(
    answer: Answer, manner: Manner, below: list[pf.Element], values: dict[str, str]
) -> list[pf.Element]:
    """The steps as the writer shows them, and the lines ``below`` them.

    The style of the block goes to its ``values``.
    """
    writer, settings, punctuation = manner.writer, manner.settings, manner.punctuation
    steps = numbered(answer.steps) if settings.numbered else answer.steps
    page = page_of(writer, settings.width)
    only = lone(steps, punctuation, page)
    if writer in TEXT:
        text = pf.CodeBlock(columns(rows(steps, punctuation, page), manner.numbering.text))
        named = [_result(answer, manner)] if manner.numbering.by_id else []
        return [*named, text, *below]
    if only:
        return [_final(only, manner), *below]
    if settings.incremental and writer == "beamer":
        lines, size = slides.on_frame(steps, punctuation, page, below)
        return slides.in_type(size, [_final(block(lines), manner), *below])
    if settings.incremental and writer == "revealjs":
        last = [_result(answer, manner)] if manner.numbering.visible else []
        lines, values["style"] = slides.on_slide(steps, punctuation, page, [*last, *below])
        return [slides.layers(lines), *(pf.Div(it, classes=["fragment"]) for it in last), *below]
    if writer in OFFICE:
        named = [_result(answer, manner)] if manner.numbering.visible else []
        shown = office.table(steps, punctuation, page, texts=writer != "docx")
        return [*named, shown, *below]
    lines = rows(steps, punctuation, page)
    if writer in FOLDING and settings.steps != "plain":
        return [*_folded(answer, manner, block(lines)), *below]
    if paper.breaks(lines, writer) and (
        shown := manner.numbering.on_pages(paper.rows_for_pages(lines))
    ):
        return [pf.Para(*shown), *below]
    *first, body = map(block, pages(lines, page))
    shown = [pf.Para(pf.Math(part, format="DisplayMath")) for part in first]
    return [*shown, _final(body, manner), *below]


def _folded(answer: Answer, manner: Manner, body: str) -> list[pf.Element]:
    """The result, which has the number, is seen when the steps are folded away."""
    inside = _final(body, replace(manner, numbering=_UNNUMBERED))
    title = prose(manner.words.say("Derivation"))
    closed = manner.settings.steps == "closed"
    return [_result(answer, manner), *folded(title, [inside], closed=closed)]


def _result(answer: Answer, manner: Manner) -> pf.Para:
    """The result alone, with its number."""
    page = page_of(manner.writer, manner.settings.width)
    step = StepText(answer.lhs, answer.result)
    return _final(aligned((step,), manner.punctuation, page), manner)


def _final(body: str, manner: Manner) -> pf.Para:
    """The formula that has the number, and what is attached to it."""
    return pf.Para(*manner.numbering.formula(body, manner.writer))


def inline(formula: pf.Element, answer: Answer, writer: str) -> pf.Span:
    """A formula with its result, as what it is in the text; the notes are its ``title``."""
    values = attributes(answer)
    if answer.notes:
        values["title"] = readable("; ".join(answer.notes))
    return adapted(pf.Span(formula, classes=_classes(answer), attributes=values), writer)


def attributes(answer: Answer) -> dict[str, str]:
    """The ``data-`` attributes for style sheets and later filters."""
    values = {"data-status": answer.status}
    for key, name in (("method", "data-method"), ("points", "data-points")):
        if answer.verification.get(key):
            values[name] = str(answer.verification[key])
    values["data-result"] = " ".join(answer.result.split())
    return values


def error_attributes(error: MdiffError) -> dict[str, str]:
    """The attributes of a request that could not be answered."""
    message = error.message + (f" ({error.hint})" if error.hint else "")
    return {"title": message, "data-status": "error", "data-code": error.code}


def punctuation_of(suffix: str) -> str:
    """The punctuation mark that ``suffix`` starts with, if nothing but it stands there."""
    match = _PUNCTUATION.fullmatch(suffix)
    return match[1] if match else ""


def _classes(answer: Answer) -> list[str]:
    return ["mdiff", f"mdiff-{answer.status}"]
