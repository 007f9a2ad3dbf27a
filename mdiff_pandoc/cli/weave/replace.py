"""Puts new text into a file: the file is the old one or the new one at every moment."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


class ReplaceError(Exception):
    """The file was left as it is; the message says why."""


def replace_file(path: Path, data: bytes, expected: bytes) -> None:
    """Write ``data`` to the file, or to the one that it links to, if it still has ``expected``.

    Permissions, extended attributes and, where that is allowed, the owner are kept.
    ReplaceError: it changed meanwhile, or may not be written.
    """
    target = Path(os.path.realpath(path))
    try:
        status = target.stat()
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise ReplaceError("it is read-only, and was left as it is")
        handle, name = tempfile.mkstemp(".mdiff", f".{target.name}.", target.parent)
    except OSError as error:
        raise ReplaceError(f"it cannot be written: {error.strerror}: {target.parent}") from None
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
            new.flush()
            _like(new.fileno(), target, status)
            os.fsync(new.fileno())
        if target.read_bytes() != expected:
            raise ReplaceError("it changed while the derivations were made, and was left as it is")
        os.replace(name, target)
    except OSError as error:
        raise ReplaceError(f"it cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    _settle(target.parent)


def _like(handle: int, target: Path, status: os.stat_result) -> None:
    """Give a new file what belongs to the old one."""
    if hasattr(os, "fchown"):
        with contextlib.suppress(OSError):
            os.fchown(handle, status.st_uid, status.st_gid)
    if hasattr(os, "fchmod"):  # after the owner, who may change it
        os.fchmod(handle, stat.S_IMODE(status.st_mode))
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                os.setxattr(handle, name, os.getxattr(target, name))


def _settle(folder: Path) -> None:
    """Have the disk know the new name."""
    with contextlib.suppress(OSError):  # not every system opens folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
