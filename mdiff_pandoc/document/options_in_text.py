"""Where the options of a document are written: keys of its metadata, attributes of its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mdiff_pandoc.document.source import Source

_BLOCK = re.compile(r"^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.M | re.S)
_MDIFF = re.compile(r"^mdiff[ \t]*:(.*\n(?:(?:[ \t].*)?\n)*)", re.M)
_ATTRIBUTES = frozenset(("Div", "Span", "CodeBlock"))


def in_metadata(source: Source, key: str) -> tuple[int, int] | None:
    """The range of the key in the block ``mdiff:`` of the metadata, if it stands there once."""
    if source.dialect not in ("markdown", "gfm"):
        return None
    found = [
        block.start(1) + mdiff.start(1) + match.start(1)
        for block in _BLOCK.finditer(source.text)
        for mdiff in _MDIFF.finditer(block[1] + "\n")
        for match in _key(key).finditer(mdiff[1])
    ]
    if len(found) != 1:
        return None
    return found[0], found[0] + len(key)


def _key(key: str) -> re.Pattern[str]:
    return re.compile(rf"""(?:^[ \t]+|[{{,][ \t]*)["']?({re.escape(key)})["']?[ \t]*:""", re.M)


def in_attributes(
    source: Source, tree: Mapping[str, Any], node: Any, key: str, value: str
) -> tuple[int, int] | None:
    """The range of an option in the attributes of an element, if the text has all of them."""
    written = rf"""(?<!\w)({re.escape(key)}[ \t]*=[ \t]*["']?{re.escape(value)})(?![\w-])"""
    found = list(re.finditer(rf"[{{<][^{{}}<>\n]*?{written}", source.text))
    same = [
        element
        for element in _elements(tree["blocks"])
        if any(name.endswith(key) and given == value for name, given in element["c"][0][2])
    ]
    if len(found) != len(same):
        return None
    for match, element in zip(found, same, strict=True):
        if element is node:
            return match.span(1)
    return None


def _elements(node: Any) -> Iterator[Mapping[str, Any]]:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += reversed(node)
        elif isinstance(node, dict):
            if node.get("t") in _ATTRIBUTES:
                yield node
            stack += reversed(list(node.values()))
