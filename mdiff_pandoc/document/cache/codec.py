"""Answers and verdicts as JSON text, by the fields of their dataclasses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.answer import Answer, StepText
from mdiff_pandoc.service.claim import Checked, Claim

_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Answer, Checked, Claim, Span, StepText)}
_PLAIN = (str, int, float, type(None))


def encoded(value: Answer | Checked) -> bytes | None:
    """The text that ``decoded`` makes the value of again; None for what JSON cannot say."""
    try:
        return json.dumps(_written(value), ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError):
        return None


def decoded(data: bytes) -> Any:
    """The value of a text, or None where it does not hold one."""
    try:
        return _read(json.loads(data))
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
        return None


def _written(value: Any) -> Any:
    """Arrays are tuples; a list, a map or a dataclass is an object with its name."""
    if isinstance(value, _PLAIN):
        return value
    if type(value) is tuple:
        return [_written(item) for item in value]
    if type(value) is list:
        return {"list": [_written(item) for item in value]}
    if isinstance(value, Mapping):
        return {"map": [[_written(key), _written(item)] for key, item in value.items()]}
    name = type(value).__name__
    if _KINDS.get(name) is not type(value):
        raise TypeError(f"no text for {name}")
    found = {}
    for field in fields(_KINDS[name]):
        item = getattr(value, field.name)
        if item != field.default:
            found[field.name] = _written(item)
    return {name: found}


def _read(node: Any) -> Any:
    if isinstance(node, list):
        return tuple(_read(item) for item in node)
    if not isinstance(node, dict):
        return node
    [(name, content)] = node.items()
    if name == "list":
        return [_read(item) for item in content]
    if name == "map":
        return {_read(key): _read(item) for key, item in content}
    return _KINDS[name](**{key: _read(item) for key, item in content.items()})
