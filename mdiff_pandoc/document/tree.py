"""Pandoc's JSON as panflute's elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panflute as pf


class _AnyFormat(frozenset[str]):
    """Raw formats come and go with pandoc's writers: take them all."""

    def __contains__(self, name: object) -> bool:
        return True


pf.elements.RAW_FORMATS = _AnyFormat()


class Unknown(pf.Inline, pf.Block):  # type: ignore[misc]
    """An element of a pandoc that is newer than panflute, kept as it is; it may be either kind."""

    __slots__ = ("node",)

    def __init__(self, node: Any) -> None:
        self.node = node

    def to_json(self) -> Any:
        """The JSON that it came from."""
        return self.node


def elements(node: Any, made: Callable[[Any, Any], None] | None = None) -> Any:
    """The elements of a part of pandoc's JSON; ``made`` is told of each one and its JSON."""
    if isinstance(node, list):
        return [elements(item, made) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: elements(value, made) for key, value in node.items()}
    try:
        element = pf.elements.from_json(inner)
    except (NotImplementedError, IndexError, ValueError):  # such as a table without columns
        element = Unknown(node)
    if made is not None:
        made(node, element)
    return element
