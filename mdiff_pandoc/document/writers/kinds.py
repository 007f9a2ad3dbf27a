"""The kinds of pandoc's writers, and the room that a formula has in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mdiff_pandoc.document.layout import PAPER, Page
from mdiff_pandoc.document.settings import plain

FOLDING = ("html", "html4", "html5", "chunkedhtml")
TEXT = ("plain", "ansi", "man", "rtf", "jira", "muse", "icml")  # these write no formulas
WRAPPING = (  # what shows these may wrap the words inside a formula, and browsers then lose some
    *FOLDING,
    *("s5", "slidy", "slideous", "dzslides", "revealjs"),
    *("epub", "epub2", "epub3", "docx", "odt", "opendocument", "typst"),
)
REVEAL_SIZE = 0.7  # of the type of a slide, which is large: what formulas are set in
_PAGES = {
    "beamer": Page(280, 195),  # 128 mm by 96 mm in eleven-point type, below a title
    "pptx": Page(230, 490),  # nine inches in type of 28 points, and no smaller type for formulas
    "revealjs": Page(325, 165),  # 960 by 700 pixels in type of 42 pixels, times REVEAL_SIZE
}
_WIDE = {"169": 1.3, "1610": 1.25, "149": 1.26, "141": 1.16, "54": 0.98, "32": 1.05}
_COLUMN = 242.0  # of two on a page


def page_of(writer: str, width: float = 0.0) -> Page:
    """The room in what ``writer`` makes; ``width`` in points stands in the place of the usual."""
    page = _PAGES.get(writer, PAPER)
    return Page(width or page.width, page.height)


def width_of(writer: str, meta: Mapping[str, Any]) -> float:
    """The width that the metadata of a document tell, as JSON; 0 for the usual one.

    It is that of slides of another ``aspectratio``, and of papers in two columns.
    """
    if writer == "beamer":
        return _PAGES["beamer"].width * _WIDE.get(_said(meta, "aspectratio"), 0.0)
    return _COLUMN if writer == "latex" and "twocolumn" in _said(meta, "classoption") else 0.0


def _said(meta: Mapping[str, Any], key: str) -> str:
    value = plain(meta[key]) if key in meta else ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
