"""Answers as elements of a pandoc document, in what every writer takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import panflute as pf

from mdiff_pandoc.document.formula import Statement
from mdiff_pandoc.document.layout import aligned, block, lone, numbered, pages, rows
from mdiff_pandoc.document.numbers import Numbering
from mdiff_pandoc.document.plain_math import plain_math, readable
from mdiff_pandoc.document.settings import Settings
from mdiff_pandoc.document.words import Words, lines_below, prose
from mdiff_pandoc.document.writers import slides
from mdiff_pandoc.document.writers.fold import folded
from mdiff_pandoc.document.writers.kinds import FOLDING, TEXT, page_of
from mdiff_pandoc.document.writers.tex import adapted
from mdiff_pandoc.document.writers.text import columns
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.service import Answer, StepText

_ENGLISH = Words()
_UNNUMBERED = Numbering(Statement("", 0, 0))
_PUNCTUATION = re.compile(r"\s*(?:\\[,;:! ]\s*|~)*([.,;:])\s*")


@dataclass(frozen=True)
class Manner:
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
    blocks = _shown(answer, manner, values)
    badge, rules = manner.settings.badge, manner.rules
    blocks += lines_below(answer, manner.words, given=given, rules=rules, badge=badge)
    made = pf.Div(
        *blocks,
        identifier=manner.numbering.identifier(manner.writer),
        classes=_classes(answer),
        attributes=values,
    )
    return adapted(made, manner.writer)


def _shown(answer: Answer, manner: Manner, values: dict[str, str]) -> list[pf.Element]:
    """The steps as the writer shows them; a size of type goes to the ``values`` of the block."""
    writer, settings = manner.writer, manner.settings
    steps = numbered(answer.steps) if settings.numbered else answer.steps
    page = page_of(writer, settings.width)
    only = lone(steps, manner.punctuation, page)
    if only and writer not in TEXT:
        return [_final(only, manner)]
    lines = rows(steps, manner.punctuation, page)
    if writer in TEXT:
        text = pf.CodeBlock(columns(lines, manner.numbering.text))
        return [_result(answer, manner), text] if manner.numbering.by_id else [text]
    if writer in FOLDING and settings.steps != "plain":
        closed = settings.steps == "closed"
        if manner.numbering.visible:
            inside = [_final(block(lines), replace(manner, numbering=_UNNUMBERED))]
            title = prose(manner.words.say("Derivation"))
            return [_result(answer, manner), *folded(title, inside, closed=closed)]
        summary = pf.Math(f"{answer.lhs} = {answer.result}", format="InlineMath")
        return folded([summary], [_final(block(lines), manner)], closed=closed)
    if settings.incremental and writer == "revealjs":
        values["style"] = slides.reveal_style(lines, page)
        shown: list[pf.Element] = [slides.layers(lines)]
        if manner.numbering.visible:
            shown.append(pf.Div(_result(answer, manner), classes=["fragment"]))
        return shown
    if settings.incremental and writer == "beamer":
        size = slides.small_enough(lines, page)
        return slides.in_type(size, [_final(block(slides.uncovered(lines)), manner)])
    *first, body = map(block, pages(lines, page))
    return [*(pf.Para(pf.Math(part, format="DisplayMath")) for part in first), _final(body, manner)]


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
    shown = [formula]
    if writer in TEXT and isinstance(formula, pf.Math):
        shown = prose(plain_math(formula.text))
    return adapted(pf.Span(*shown, classes=_classes(answer), attributes=values), writer)


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
