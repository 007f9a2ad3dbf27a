"""Formulas as a writer of pandoc takes them."""

from __future__ import annotations

import re

import panflute as pf

from mdiff_pandoc.document.plain_math import plain_math
from mdiff_pandoc.document.words import prose
from mdiff_pandoc.document.writers.kinds import TEXT, WRAPPING
from mdiff_pandoc.document.writers.office import OFFICE, plainly
from mdiff_pandoc.patterns import regex

# pandoc 3.9 writes names for these signs that Typst 0.15 has dropped
_CIRCLED = regex(r"\s*\\(odot|otimes)(?![A-Za-z])\s*")
_LABEL = regex(r"\\text\{([^{}]*)\}")
_SIGNS = {"odot": "⊙", "otimes": "⊗"}


def adapted(element: pf.Element, writer: str) -> pf.Element:
    """An element that mdiff made, with formulas that ``writer`` turns into valid output."""
    if writer in WRAPPING:
        element.walk(_unbroken)
    if writer == "typst":
        element.walk(_for_typst)
    elif writer in OFFICE:
        element.walk(_for_office)
    elif writer in TEXT:
        element.walk(_as_text)
    return element


def _unbroken(element: pf.Element, _: pf.Doc | None) -> None:
    """A space of its own: MathJax shows a tilde as a tilde, KaTeX takes no U+00A0."""
    if isinstance(element, pf.Math):
        element.text = _LABEL.sub(_apart, element.text)


def _apart(label: re.Match[str]) -> str:
    words = label[1].replace("\u00a0", " ").split(" ")
    return r"\ ".join(rf"\text{{{word}}}" if word else "" for word in words)


def _for_typst(element: pf.Element, _: pf.Doc | None) -> None:
    if isinstance(element, pf.Math):
        element.text = _CIRCLED.sub(_spaced, element.text)


def _for_office(element: pf.Element, _: pf.Doc | None) -> None:
    if isinstance(element, pf.Math):
        element.text = plainly(element.text)


def _as_text(element: pf.Element, _: pf.Doc | None) -> list[pf.Element] | None:
    if isinstance(element, pf.Math) and element.format == "InlineMath":
        return prose(plain_math(element.text))
    return None


def _spaced(match: re.Match[str]) -> str:
    sign = rf"\text{{{_SIGNS[match[1]]}}}"
    raised = match.string[: match.start()].endswith(("{", "^", "_"))
    return f"{sign} " if raised else rf" \: {sign} \: "
