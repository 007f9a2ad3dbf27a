"""What paper needs and screens do not: breaks between pages, and notes that stand apart."""

from __future__ import annotations

from collections.abc import Sequence

import panflute as pf
from msgspec.structs import replace

from mdiff_pandoc.document.layout import Row, height
from mdiff_pandoc.document.writers.office import OFFICE

_KEPT = 150.0  # what is higher, in points, may go over two pages
# what sets the quotation that it is written into in smaller type
_SMALL = {"latex": r"\small", "typst": "#set text(size: 0.9em)"}
_QUOTING = frozenset(
    (*_SMALL, *OFFICE, "context", "ms", "man", "plain", "ansi", "rtf", "epub", "epub2", "epub3")
)


def breaks(lines: Sequence[Row], writer: str) -> bool:
    """Is it a derivation that must be able to go over two pages of LaTeX?"""
    return writer == "latex" and sum(map(height, lines)) > _KEPT


def rows_for_pages(lines: Sequence[Row]) -> list[str]:
    r"""Rows for LaTeX's ``alignat``, of which ``\allowdisplaybreaks`` may begin a page with each.

    No page begins with a row that goes on with a step, nor parts the first step or the last one
    from the next to it.
    """
    made = []
    kept = (1, lines[-1].step)
    for row, following in zip(lines, [*lines[1:], None], strict=True):
        label = rf"\quad {row.label}" if row.label else ""
        may_part = following is not None and following.first and following.step not in kept
        end = "" if following is None else r" \\" if may_part else r" \\*"
        made.append(replace(row, label=label).tex + end)
    return made


def aside(below: Sequence[pf.Element], writer: str) -> list[pf.Element]:
    """The lines below a derivation, told apart from the author's where no style sheet does that."""
    if not below or writer not in _QUOTING:
        return list(below)
    small = _SMALL.get(writer)
    head = [pf.RawBlock(small, format=writer)] if small else []
    return [pf.BlockQuote(*head, *below)]
