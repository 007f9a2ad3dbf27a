"""Arithmetic of dual numbers ``a + bε``, whose parts are elements of a ring or matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mdiff_pandoc.verify.point import Pair


def times(left: Pair, right: Pair) -> Pair:
    """The product of two dual numbers, scalars or matrices."""
    x, s = left
    y, t = right
    if s is None:
        return x * y, None if t is None else x * t
    return x * y, s * y if t is None else s * y + x * t


def plus(left: Pair, right: Pair) -> Pair:
    """The sum of two dual numbers."""
    x, s = left
    y, t = right
    return x + y, t if s is None else (s if t is None else s + t)


def reciprocal(pair: Pair) -> Pair:
    """The dual number ``c + dε`` that solves ``(a + bε)(c + dε) = 1``."""
    a, b = pair
    c = a.inv() if hasattr(a, "inv") else 1 / a
    return c, None if b is None else -(c * b * c)


def linear(pair: Pair, change: Callable[[Any], Any]) -> Pair:
    """A linear map applied to both parts."""
    value, slope = pair
    return change(value), None if slope is None else change(slope)


def together(pairs: Sequence[Pair], combine: Callable[[Sequence[Any]], Any]) -> Pair:
    """A linear map of several arguments applied to both parts."""
    value = combine([x for x, _ in pairs])
    if all(t is None for _, t in pairs):
        return value, None
    return value, combine([x * 0 if t is None else t for x, t in pairs])
