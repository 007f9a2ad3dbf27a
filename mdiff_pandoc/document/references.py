r"""References to equations in a LaTeX source: of ``\eqref{a}`` pandoc makes a link saying [a]."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mdiff_pandoc.document.formats import LATEX_WRITERS
from mdiff_pandoc.document.formula import read_formula
from mdiff_pandoc.document.nodes import elements_of

_KINDS = ("eqref", "ref")


def resolve(blocks: Any, writer: str) -> None:
    r"""Let references to the formulas of a document (parsed JSON) tell the number.

    LaTeX gets ``\eqref`` again; others get the tag, where the author wrote one.
    """
    tags = dict(_labels(blocks))
    for element in elements_of(blocks):
        if element["t"] != "Link":
            continue
        attributes = dict(element["c"][0][2])
        kind, label = attributes.get("reference-type"), attributes.get("reference")
        if kind not in _KINDS or label not in tags:
            continue
        if writer in LATEX_WRITERS:
            element.update(t="RawInline", c=["latex", rf"\{kind}{{{label}}}"])
        elif tag := tags[label]:
            shown = tag if kind == "eqref" else tag.strip("()")
            element["c"][1] = [{"t": "Str", "c": shown}]


def _labels(blocks: Any) -> Iterator[tuple[str, str]]:
    """The labels of the formulas, each with its tag."""
    for element in elements_of(blocks):
        if element["t"] in ("Math", "RawInline", "RawBlock") and r"\label" in element["c"][1]:
            formula = read_formula(element["c"][1])
            for named in (formula.whole, *formula.statements):
                if named is not None:
                    yield from ((label, named.tag) for label in named.labels)
