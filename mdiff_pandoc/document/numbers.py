"""Numbers and names of a result: what labels, tags and ids of its request become in each writer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import panflute as pf
from msgspec import Struct

from mdiff_pandoc.document.formats import LATEX_WRITERS, WEB
from mdiff_pandoc.document.formula import NUMBERED, Statement
from mdiff_pandoc.document.nodes import elements_of
from mdiff_pandoc.document.plain_math import plain_math
from mdiff_pandoc.patterns import regex

_SOURCE = (*LATEX_WRITERS, "markdown")  # what they write is TeX again: the author's form is kept
_EQUATION_ID = regex(r"\{#eq[:\-]")
_OWN_NUMBERS = regex(rf"\\begin\s*\{{(?:{'|'.join(sorted(NUMBERED))})\*?\}}")
_NEXT_ROW = regex(r" \\\\\*?$")
_REFERENCE = regex(r"\\(?:eq)?ref\s*\{([^{}]*)\}")


class Numbering(Struct, frozen=True):
    """What numbers and names one result.

    ``attached`` are the inlines behind the request that belong to it (``{#eq:a}``, a typed number,
    punctuation), ``anchor`` the span with an id that held the request alone, ``raw`` is
    the format of a request in raw TeX. ``cited`` are the labels that TeX in the document refers to.
    """

    statement: Statement
    attached: Sequence[pf.Element] = ()
    anchor: pf.Span | None = None
    raw: str = ""
    cited: frozenset[str] = frozenset()

    @property
    def visible(self) -> bool:
        """Has the result a number or a name, so that a reader is sent to it?"""
        said = self.statement
        return bool(said.labels or said.tag or said.numbered or self.by_id or self._typed)

    @property
    def by_id(self) -> bool:
        """Does a later filter number the formula by its id?"""
        ids = any(isinstance(i, pf.Str) and _EQUATION_ID.match(i.text) for i in self.attached)
        return ids or self.anchor is not None

    @property
    def text(self) -> str:
        """The number as plain text, where the author wrote one."""
        return plain_math(self.statement.tag) or ("" if self.by_id else self._typed)

    def formula(self, body: str, writer: str) -> list[pf.Element]:
        """The display formula ``body`` as inlines, with all that numbers and names it."""
        formula = self._math(body, writer)
        if self.anchor is not None:
            formula = _around(self.anchor, formula)
        elif writer == "typst" and self.statement.labels and not self.by_id:
            # Typst refers to equations, not to blocks; pandoc labels a span's formula
            formula = pf.Span(formula, identifier=self.statement.labels[0])
        return [formula, *self.attached]

    def on_pages(self, rows: Sequence[str]) -> list[pf.Element]:
        r"""Rows of ``alignat``, between which LaTeX may begin a page, with all that numbers them.

        The number stands at the last row. Nothing where a later filter is to find a formula.
        """
        said = self.statement
        counted, tag = said.numbered, latex_tag(said.tag) if said.tag else ""
        if self.by_id or (said.labels and not (counted or tag)):
            return []
        *first, last = rows
        star = "" if counted and not tag else "*"
        if not star:
            first = [_NEXT_ROW.sub(r" \\notag\g<0>", row) for row in first]
        names = "".join(rf"\label{{{label}}}" for label in said.labels)
        body = "\n".join((*first, f"{last} {tag}{names}".rstrip()))
        text = (
            "".join(map(_passed, said.earlier))
            + rf"\begingroup\allowdisplaybreaks\begin{{alignat{star}}}{{2}}"
            + f"\n{body}\n"
            + rf"\end{{alignat{star}}}\endgroup"
        )
        return [pf.RawInline(text, format=self.raw or "latex"), *self.attached]

    def identifier(self, writer: str) -> str:
        """The id of the block around the result, for links; empty where TeX or a span has it."""
        labels = self.statement.labels
        return labels[0] if labels and writer not in (*_SOURCE, "typst") else ""

    @property
    def _typed(self) -> str:
        typed = "".join(pf.stringify(inline) for inline in self.attached).strip()
        return typed if typed.strip(" .,;:") else ""

    def _math(self, body: str, writer: str) -> pf.Element:
        said = self.statement
        names = "".join(rf"\label{{{label}}}" for label in said.labels)
        counted = said.numbered and not self.by_id
        if writer in _SOURCE:
            if counted:
                text = "".join(map(_passed, said.earlier)) + _equation(body, said.tag, names)
                if writer in LATEX_WRITERS or self.raw:
                    return pf.RawInline(text, format=self.raw or "latex")
                return pf.Math(text, format="DisplayMath")
            tag = f" {latex_tag(said.tag)}" if said.tag else ""
            return pf.Math(body + tag + names, format="DisplayMath")
        if WEB.match(writer) and not self.by_id:
            # MathJax and KaTeX count numbered environments; KaTeX knows no labels
            cited = self.cited.intersection(said.labels)
            if cited and (counted or said.tag):
                return pf.Math(_equation(body, said.tag, names), format="DisplayMath")
            if counted and not said.tag:
                return pf.Math(_equation(body, "", ""), format="DisplayMath")
        tag = rf" \qquad \text{{{said.tag}}}" if said.tag else ""
        return pf.Math(body + tag, format="DisplayMath")


def latex_tag(tag: str) -> str:
    """The command that prints ``tag``, given with its parentheses."""
    if tag.startswith("(") and tag.endswith(")"):
        return rf"\tag{{{tag[1:-1]}}}"
    return rf"\tag*{{{tag}}}"


def kept_rows(text: str, writer: str, raw: str) -> pf.Element:
    """Rows of the author in their environment as an inline; ``raw`` as in ``Numbering``."""
    environment = _OWN_NUMBERS.match(text)
    if (raw and writer in _SOURCE) or (environment and writer in LATEX_WRITERS):
        return pf.RawInline(text, format=raw or "latex")
    return pf.Math(text, format="DisplayMath")


def cited_labels(blocks: Any) -> frozenset[str]:
    """The labels that formulas, raw TeX and text of a document (parsed JSON) refer to in TeX."""
    return frozenset(label for text in _texts(blocks) for label in _REFERENCE.findall(text))


def _texts(blocks: Any) -> Iterator[str]:
    for element in elements_of(blocks):
        if element["t"] in ("Math", "RawInline", "RawBlock"):  # MathJax reads raw TeX, too
            yield element["c"][1]
        elif element["t"] == "Str":
            yield element["c"]


def _around(anchor: pf.Span, formula: pf.Element) -> pf.Span:
    return pf.Span(
        formula,
        identifier=anchor.identifier,
        classes=list(anchor.classes),
        attributes=dict(anchor.attributes),
    )


def _passed(labels: Sequence[str]) -> str:
    """The number of an earlier row of the request, which no line of the derivation shows."""
    return r"\refstepcounter{equation}" + "".join(rf"\label{{{label}}}" for label in labels)


def _equation(body: str, tag: str, names: str) -> str:
    tagged = latex_tag(tag) if tag else ""
    return f"\\begin{{equation}}{tagged}{names}\n{body}\n\\end{{equation}}"
