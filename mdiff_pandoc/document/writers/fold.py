"""Steps that a reader of a web page can fold away, by the elements that browsers have for it."""

from __future__ import annotations

from collections.abc import Sequence

import panflute as pf


def folded(
    summary: Sequence[pf.Element], steps: Sequence[pf.Element], *, closed: bool
) -> list[pf.Element]:
    """``details`` with the inlines of its ``summary`` and the blocks that it shows or hides."""
    state = "" if closed else " open"
    return [
        _raw(f'<details class="mdiff-steps"{state}>\n<summary>'),
        pf.Plain(*summary),
        _raw("</summary>"),
        *steps,
        _raw("</details>"),
    ]


def _raw(markup: str) -> pf.RawBlock:
    return pf.RawBlock(markup, format="html")
