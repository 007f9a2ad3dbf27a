"""Where the cache is, how large it may grow, and whether it is wanted."""

from __future__ import annotations

import os

FORMAT = 1  # of the file: another one has another name, and another key for everything
NAME = f"answers-{FORMAT}.sqlite"
_BYTES = 64 * 2**20


def folder() -> str:
    """The folder of the cache: ``MDIFF_CACHE_DIR``, or where the platform keeps caches."""
    if chosen := os.environ.get("MDIFF_CACHE_DIR"):
        return os.path.abspath(chosen)
    from platformdirs import user_cache_dir

    return user_cache_dir("mdiff-pandoc", appauthor=False)


def bound() -> int:
    """How many bytes the entries may take: ``MDIFF_CACHE_BYTES``, or 64 MiB."""
    asked = os.environ.get("MDIFF_CACHE_BYTES", "")
    return int(asked) if asked.isdecimal() else _BYTES


def wanted() -> bool:
    """Is the cache not switched off by ``MDIFF_CACHE=off``?"""
    return os.environ.get("MDIFF_CACHE", "").lower() not in ("off", "false", "no", "0")
