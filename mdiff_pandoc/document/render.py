"""Answers as elements of a pandoc document, in what every writer takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from mdiff_pandoc.document.formula import Statement
from mdiff_pandoc.document.layout import block, lone, pages, rows
from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.words import Words, lines_below
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.service import Answer

LATEX_WRITERS = ("latex", "beamer")
_ENGLISH = Words()
_PUNCTUATION = re.compile(r"\s*(?:\\[,;:! ]\s*|~)*([.,;:])\s*")


def derivation(
    answer: Answer,
    statement: Statement,
    writer: str,
    *,
    punctuation: str = "",
    attached: Sequence[pf.Element] = (),
    given: str = "",
    identifier: str = "",
    badge: bool = False,
    words: Words = _ENGLISH,
) -> pf.Div:
    """The block that stands in the place of a display request.

    ``attached`` are the inlines that belong to the formula (``{#eq:a}``, a typed number),
    ``given`` the declarations that stood behind the request; the answer is in the language of the
    ``words``.
    """
    only = lone(answer.steps, punctuation)
    parts = pages(rows(answer.steps, punctuation))
    *first, body = [only] if only else map(block, parts)
    label = statement.labels[0] if statement.labels else ""
    formula: pf.Element
    if writer in LATEX_WRITERS and (label or statement.numbered) and not attached:
        formula = pf.RawInline(_equation(body, statement), format="latex")
    else:
        formula = pf.Math(body + _tag(statement.tag, writer), format="DisplayMath")
        identifier = identifier or label
    blocks: list[pf.Element] = [pf.Para(pf.Math(part, format="DisplayMath")) for part in first]
    blocks.append(pf.Para(formula, *attached))
    blocks += lines_below(answer, words, given=given, badge=badge)
    return pf.Div(
        *blocks, identifier=identifier, classes=_classes(answer), attributes=attributes(answer)
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


def _equation(body: str, statement: Statement) -> str:
    star = "" if statement.numbered or statement.labels else "*"
    tag = _latex_tag(statement.tag)
    labels = "".join(rf"\label{{{label}}}" for label in statement.labels)
    return f"\\begin{{equation{star}}}{tag}{labels}\n{body}\n\\end{{equation{star}}}"


def _latex_tag(tag: str) -> str:
    if not tag:
        return ""
    bare = tag[1:-1] if tag.startswith("(") and tag.endswith(")") else None
    return rf"\tag{{{bare}}}" if bare is not None else rf"\tag*{{{tag}}}"


def _tag(tag: str, writer: str) -> str:
    if not tag:
        return ""
    return " " + _latex_tag(tag) if writer in LATEX_WRITERS else rf" \qquad \text{{{tag}}}"


def _classes(answer: Answer) -> list[str]:
    return ["mdiff", f"mdiff-{answer.status}"]
