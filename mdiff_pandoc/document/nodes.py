"""Pandoc's JSON as it is, without panflute."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def elements_of(node: Any) -> Iterator[Any]:
    """All elements of a part of pandoc's JSON, in no order."""
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            if isinstance(node.get("t"), str):
                yield node
            stack += node.values()
