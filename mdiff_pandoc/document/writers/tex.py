"""Formulas as a writer of pandoc takes them."""

from __future__ import annotations

import re

import panflute as pf

# pandoc 3.9 writes names for these signs that Typst 0.15 has dropped
_CIRCLED = re.compile(r"\s*\\(odot|otimes)(?![A-Za-z])\s*")
_SIGNS = {"odot": "⊙", "otimes": "⊗"}


def adapted(element: pf.Element, writer: str) -> pf.Element:
    """An element that mdiff made, with formulas that ``writer`` turns into valid output."""
    if writer == "typst":
        element.walk(_for_typst)
    return element


def _for_typst(element: pf.Element, _: pf.Doc | None) -> None:
    if isinstance(element, pf.Math):
        element.text = _CIRCLED.sub(_spaced, element.text)


def _spaced(match: re.Match[str]) -> str:
    sign = rf"\text{{{_SIGNS[match[1]]}}}"
    raised = match.string[: match.start()].endswith(("{", "^", "_"))
    return f"{sign} " if raised else rf" \: {sign} \: "
