"""Answers as elements of a pandoc document, in what every writer takes."""

from __future__ import annotations

import re

import panflute as pf

from mdiff_pandoc.document.layout import block, lone, pages, rows
from mdiff_pandoc.document.numbers import Numbering
from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.words import Words, lines_below
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.service import Answer

_ENGLISH = Words()
_PUNCTUATION = re.compile(r"\s*(?:\\[,;:! ]\s*|~)*([.,;:])\s*")


def derivation(
    answer: Answer,
    numbering: Numbering,
    writer: str,
    *,
    punctuation: str = "",
    given: str = "",
    badge: bool = False,
    words: Words = _ENGLISH,
) -> pf.Div:
    """The block that stands in the place of a display request.

    ``given`` are the declarations that stood behind the request; the answer is in the language of
    the ``words``.
    """
    only = lone(answer.steps, punctuation)
    parts = pages(rows(answer.steps, punctuation))
    *first, body = [only] if only else map(block, parts)
    blocks: list[pf.Element] = [pf.Para(pf.Math(part, format="DisplayMath")) for part in first]
    blocks.append(pf.Para(*numbering.formula(body, writer)))
    blocks += lines_below(answer, words, given=given, badge=badge)
    return pf.Div(
        *blocks,
        identifier=numbering.identifier(writer),
        classes=_classes(answer),
        attributes=attributes(answer),
    )


def inline(formula: pf.Element, answer: Answer) -> pf.Span:
    """A formula with its result, as what it is in the text; the notes are its ``title``."""
    values = attributes(answer)
    if answer.notes:
        values["title"] = readable("; ".join(answer.notes))
    return pf.Span(formula, classes=_classes(answer), attributes=values)


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
