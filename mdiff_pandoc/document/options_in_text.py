"""Where the options of a document are written: keys of its metadata, attributes of its elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mdiff_pandoc.document.source import Source
from mdiff_pandoc.patterns import regex

Range = tuple[int, int]

_BLOCK = regex(r"^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.M | re.S)
_MDIFF = regex(r"^mdiff[ \t]*:(.*\n(?:(?:[ \t].*)?\n)*)", re.M)
_TAG = regex(r"[{<][^{}<>\n]*[}>]")
_PREFIX = regex(r"\A(?:data-)?(?:mdiff-)?")
_ATTRIBUTE = regex(
    r"""(?<![\w-])(?:data-)?(?:mdiff-)?"""
    r"""(?P<option>(?P<key>[\w-]+)[ \t]*=[ \t]*(?P<value>"[^"]*"|'[^']*'|[^\s"'{}<>]+))"""
)
_ATTRIBUTES = frozenset(("Div", "Span", "CodeBlock"))


def in_metadata(source: Source, key: str) -> Range | None:
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


def in_attributes(source: Source, tree: Mapping[str, Any]) -> dict[tuple[int, str], Range]:
    """The ranges of all options in attributes, by the ids of their elements' JSON and their names.

    Options that the text has more or less often than the tree are left out.
    """
    written: dict[tuple[str, str], list[Range]] = {}
    for tag in _TAG.finditer(source.text):
        for match in _ATTRIBUTE.finditer(tag[0]):
            given = (match["key"], match["value"].strip("\"'"))
            start, end = match.span("option")
            written.setdefault(given, []).append((tag.start() + start, tag.start() + end))
    wanted: dict[tuple[str, str], list[int]] = {}
    for element in _elements(tree["blocks"]):
        for name, value in element["c"][0][2]:
            wanted.setdefault((_PREFIX.sub("", name), value), []).append(id(element))
    return {
        (node, key): place
        for (key, value), nodes in wanted.items()
        if len(nodes) == len(written.get((key, value), ()))
        for node, place in zip(nodes, written[key, value], strict=True)
    }


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
