"""What stays as it is: what the author keeps from mdiff, and what an earlier run has made."""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from mdiff_pandoc.patterns import regex

_CLASSES = frozenset(
    ("mdiff-skip", "mdiff-mark", "mdiff-error", "mdiff-verified", "mdiff-undecided")
)
_TAG = regex(r"<(/?)(div|span)(?=[\s>])([^<>]*)>", re.I)
_CLASS = regex(r"\sclass\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)


def is_untouched(element: pf.Element) -> bool:
    """Does a Div or Span stay as it is, with all that stands in it?"""
    return isinstance(element, pf.Div | pf.Span) and (
        "data-status" in element.attributes or not _CLASSES.isdisjoint(element.classes)
    )


def untouched_run(elements: Sequence[pf.Element], index: int) -> int:
    """How many elements from ``index`` on stay, because they stand in such a Div or Span of HTML.

    Formats without divs and spans of their own, such as gfm, have them as raw HTML.
    """
    opened = _TAG.match(_html(elements[index]))
    if opened is None or opened[1] or not _keeps(opened[3]):
        return 0
    depth = 0
    for count, element in enumerate(elements[index:], 1):
        for tag in _TAG.finditer(_html(element)):
            if tag[2].lower() == opened[2].lower():
                depth += -1 if tag[1] else 1
        if depth <= 0:
            return count
    return len(elements) - index


def _html(element: pf.Element) -> str:
    if isinstance(element, pf.RawInline | pf.RawBlock) and element.format.startswith("html"):
        return str(element.text).lstrip()
    return ""


def _keeps(attributes: str) -> bool:
    found = _CLASS.search(attributes)
    return found is not None and not _CLASSES.isdisjoint((found[1] or found[2] or found[3]).split())
