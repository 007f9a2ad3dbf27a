"""A second process that gets ready while this one still reads the document, and computes for it."""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

Service = Callable[[str, Sequence[Any]], Any]


class Helper:
    """A fork of this process, which answers through a pipe.

    ``ready`` is done at once, ``serve`` for each call with its arguments. It ends with its parent.
    """

    def __init__(self, ready: Callable[[], object], serve: Service) -> None:
        theirs, requests = os.pipe()
        replies, back = os.pipe()
        self._process = os.fork()
        if not self._process:
            try:
                os.close(requests)
                os.close(replies)
                _work(theirs, back, ready, serve)
            finally:
                os._exit(0)
        os.close(theirs)
        os.close(back)
        self._requests: BinaryIO = os.fdopen(requests, "wb")
        self._replies: BinaryIO = os.fdopen(replies, "rb")

    def call(self, name: str, works: Sequence[Any]) -> bool:
        """Have something done. False when there is nobody to do it."""
        try:
            pickle.dump((name, list(works)), self._requests)
            self._requests.flush()
        except (OSError, ValueError):  # nobody reads, or it was let go
            self._close()
            return False
        return True

    def reply(self) -> Any:
        """The reply to the call before, when it comes; None when nobody replies."""
        try:
            return pickle.load(self._replies)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return None

    def end(self) -> None:
        """Let it go."""
        with suppress(OSError):
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._close()

    def _close(self) -> None:
        # what was not written goes with it: Python 3.13 tells of it otherwise
        for pipe in (self._requests, self._replies):
            with suppress(OSError):
                pipe.close()


def _work(requests: int, replies: int, ready: Callable[[], object], serve: Service) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # pandoc reads the document until nobody can write to it any more
        os.dup2(nowhere, stream)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ready()
    with os.fdopen(requests, "rb") as calls, os.fdopen(replies, "wb") as answers:
        while True:
            name, works = pickle.load(calls)
            pickle.dump(serve(name, works), answers)
            answers.flush()


_current: list[Helper] = []


def current() -> Helper | None:
    """The helper of this process, if one was begun."""
    return _current[0] if _current else None


def begin(ready: Callable[[], object], serve: Service) -> Helper | None:
    """The helper of this process; None where there is no second core, or no safe way to fork."""
    if not _current and _cores() > 1 and _may_fork():
        _current.append(Helper(ready, serve))
        atexit.register(end)
    return current()


def end() -> None:
    """Let the helper go, if there is one."""
    while _current:
        _current.pop().end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_current.clear)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _may_fork() -> bool:
    """May this process be forked: can it be, safely, and is this its only thread?"""
    threading = sys.modules.get("threading")
    alone = threading is None or threading.active_count() == 1
    return sys.platform == "linux" and alone
