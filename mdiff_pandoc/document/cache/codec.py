"""Answers and verdicts as JSON text, by the fields of their structs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.answer import Answer, StepText
from mdiff_pandoc.service.claim import Checked, Claim

_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Answer, Checked, Claim, Span, StepText)}
_PLAIN = (str, int, float, type(None))
_NOTHING = object()  # stands for the default of a field that has none


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
    """Arrays are tuples; a list, a map or a struct is an object with its name."""
    if isinstance(value, _PLAIN):
        return value
    if type(value) is tuple:
        return [_written(item) for item in value]
    if type(value) is list:
        return {"list": [_written(item) for item in value]}
    if isinstance(value, Mapping):
        return {"map": [[_written(key), _written(item)] for key, item in value.items()]}
    kind = type(value)
    if _KINDS.get(kind.__name__) is not kind:
        raise TypeError(f"no text for {kind.__name__}")
    names = kind.__struct_fields__
    defaults = dict(zip(reversed(names), reversed(kind.__struct_defaults__), strict=False))
    found = {name: getattr(value, name) for name in names}
    told = {name: item for name, item in found.items() if item != defaults.get(name, _NOTHING)}
    return {kind.__name__: {name: _written(item) for name, item in told.items()}}


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
