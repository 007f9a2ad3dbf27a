"""Keys: the digest of everything that a value depends on."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache

from mdiff_pandoc import __version__
from mdiff_pandoc.document.cache.place import FORMAT


def key_of(kind: str, *parts: str | bytes) -> bytes:
    """The key of a value of this kind that depends on the parts and on the program."""
    digest = hashlib.sha256(_program())
    for part in (kind, *parts):
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.digest()


@cache
def _program() -> bytes:
    """What tells this program from another: its version, and in a checkout the state of its files.

    A checkout changes without a new version; the sizes and times of its files tell.
    """
    package = os.path.dirname(sys.modules["mdiff_pandoc"].__file__ or "")
    told = f"mdiff {__version__} {FORMAT}"
    if os.path.exists(os.path.join(os.path.dirname(package), "pyproject.toml")):
        told += f" {_state(package)}"
    return told.encode()


def _state(package: str) -> str:
    newest = files = size = 0
    folders = [package]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".json")):
                    state = entry.stat()
                    newest = max(newest, state.st_mtime_ns)
                    size += state.st_size
                    files += 1
                elif entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)
    return f"{newest} {files} {size}"
