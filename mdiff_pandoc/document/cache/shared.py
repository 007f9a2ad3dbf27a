"""The store of this process, opened when it is first asked for."""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING

from mdiff_pandoc.document.cache import place

if TYPE_CHECKING:
    from mdiff_pandoc.document.cache.store import Store

_open: dict[tuple[str, int], Store] = {}


def store() -> Store | None:
    """The store that the environment names, or None where it is switched off.

    It is closed before a fork, because SQLite cannot be used on both sides of one, and either
    side opens one of its own.
    """
    if not place.wanted():
        return None
    here = place.folder(), place.bound()
    found = _open.get(here)
    if found is None:
        from mdiff_pandoc.document.cache.store import Store

        close()
        found = _open[here] = Store(*here)
    return found


def close() -> None:
    """Close the store of this process, and tell of what was wrong with its file."""
    while _open:
        _, found = _open.popitem()
        found.close()
        for warning in found.warnings:
            print(f"mdiff: warning: {warning} [cache]", file=sys.stderr)


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=close)
