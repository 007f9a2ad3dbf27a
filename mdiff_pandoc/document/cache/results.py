"""Results of work, each computed once: by this build, or by another one at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from mdiff_pandoc.document.cache import helper
from mdiff_pandoc.document.cache.shared import close, store

if TYPE_CHECKING:
    from mdiff_pandoc.document.cache.helper import Helper
    from mdiff_pandoc.document.cache.store import Store

_PAUSE = 0.02  # seconds between two looks at what another process computes
_PATIENCE = 120.0  # seconds after which it is computed here as well
_MANY = 48  # so much work pays for another process
_BATCH = 8  # claimed at a time


class Work(Protocol):
    """Something to compute; its ``repr`` says all that the result depends on."""

    def compute(self) -> Any:
        """The result. Whatever it raises is a fault of mdiff."""

    def failed(self, fault: Exception) -> Any:
        """What stands for the result after a fault."""


W = TypeVar("W", bound=Work)
Telling = Callable[[int, int], None]


class Result(NamedTuple):
    """A result, whether somebody else has computed it, and how many seconds it took here."""

    value: Any
    cached: bool
    seconds: float = 0.0


def result(work: Work, *, cached: bool = True) -> Result:
    """The result of one piece of work, which is kept if it may be ``cached``."""
    return results((work,), cached=cached)[work]


def remembered(work: Work) -> Any:
    """The result of work that was done before, or None."""
    from mdiff_pandoc.document.cache.codec import decoded
    from mdiff_pandoc.document.cache.keys import key_of
    from mdiff_pandoc.document.cache.store import ANSWER

    found = store()
    data = None if found is None else found.get(key_of(ANSWER, repr(work)))
    return None if data is None else decoded(data)


def results(
    works: Iterable[W], *, cached: bool = True, told: Telling | None = None
) -> dict[W, Result]:
    """The results of all of them; two cores are used where there is much to do.

    What another process computes at this moment is waited for, and done last. ``told`` is called
    with how many are there, of how many, whenever that has changed.
    """
    asked = list(dict.fromkeys(works))
    kept = store() if cached else None
    if kept is None or not kept.usable:
        return {work: _computed(work)[0] for work in asked}
    share = _Share(kept, asked, told)
    share.look(list(share.pending))
    if len(share.pending) >= _MANY:
        share.with_helper()
    else:
        share.finish(helper.current())
    return {work: share.found[work] for work in asked}


def prepare() -> None:
    """Have another process load what computing takes, because there will be something to do."""
    helper.begin(_ready, _serve)


class _Share:
    """This process's part of the work; ``pending`` are the keys without a result yet."""

    def __init__(self, kept: Store, works: Iterable[Work], told: Telling | None = None) -> None:
        from mdiff_pandoc.document.cache.keys import key_of
        from mdiff_pandoc.document.cache.store import ANSWER

        self.kept, self.told = kept, told
        self.found: dict[Any, Result] = {}
        self.pending = {key_of(ANSWER, repr(work)): work for work in works}

    def look(self, keys: list[bytes]) -> None:
        """Take the results that are there."""
        from mdiff_pandoc.document.cache.codec import decoded

        for key, data in self.kept.get_all(keys).items():
            value = decoded(data)
            if value is None:
                self.kept.forget((key,))
            else:
                self.found[self.pending.pop(key)] = Result(value, True)
                self._tell()

    def _tell(self) -> None:
        if self.told is not None:
            self.told(len(self.found), len(self.found) + len(self.pending))

    def begin(self, most: int, other: Helper | None = None) -> bool:
        """Do up to ``most`` pieces that nobody else does. Is there nothing that nobody does?

        The ``other`` process computes them, if there is one; it says nothing of faults and errors.
        """
        from mdiff_pandoc.document.cache.codec import decoded, encoded
        from mdiff_pandoc.document.cache.store import ANSWER

        taken, ready = self.kept.claim(self.pending, most)
        self.look(ready)
        sound: list[tuple[bytes, bytes]] = []
        unsound: list[bytes] = []
        works = [self.pending.pop(key) for key in taken]
        start = time.perf_counter()
        replies = other.reply() if other and works and other.call("compute", works) else None
        spent = (time.perf_counter() - start) / max(1, len(works))
        for key, work, reply in zip(taken, works, replies or [None] * len(works), strict=True):
            data, value = reply, decoded(reply) if reply else None
            self.found[work] = Result(value, False, spent)
            if value is None:
                self.found[work], well = _computed(work)
                data = encoded(self.found[work].value) if well else None
            self._tell()
            if data is None:
                unsound.append(key)
            else:
                sound.append((key, data))
        self.kept.put(ANSWER, sound)
        self.kept.forget(unsound)
        return not taken and not ready

    def finish(self, other: Helper | None = None) -> None:
        """Do what nobody else does, then wait for the others; whoever is gone is replaced."""
        until = time.monotonic() + _PATIENCE
        while self.pending:
            if self.begin(_BATCH, other):
                time.sleep(_PAUSE)
                if time.monotonic() > until:
                    for work in self.pending.values():
                        self.found[work], _ = _computed(work)
                    return
            else:
                until = time.monotonic() + _PATIENCE

    def with_helper(self) -> None:
        """Do everything together with another process, through the store."""
        other = helper.begin(_ready, _serve)
        self.kept = store() or self.kept  # which is closed before a fork
        asked = other is not None and other.call("share", list(self.pending.values()))
        self.finish()
        if other is not None and asked:
            other.reply()
        helper.end()


def _computed(work: Work) -> tuple[Result, bool]:
    """The result, and whether it is one and no fault."""
    start = time.perf_counter()
    try:
        value, well = work.compute(), True
    except Exception as fault:  # whatever it is, the document must be built
        value, well = work.failed(fault), False
    return Result(value, False, time.perf_counter() - start), well


def _ready() -> None:
    """Load all that a derivation takes, by making one."""
    from mdiff_pandoc.service import derive

    derive(r"\nabla_X \operatorname{tr}(A X B)")


def _serve(name: str, works: Sequence[Any]) -> Any:
    """What the other process does: compute for this one, or share its work through the store."""
    from mdiff_pandoc.document.cache.codec import encoded

    if name == "compute":
        done = map(_computed, works)
        return [encoded(result.value) if well else None for result, well in done]
    kept = store()
    parent = os.getppid()
    if kept is not None:
        share = _Share(kept, works)
        while kept.usable and share.pending and os.getppid() == parent:
            if share.begin(_BATCH):
                break
        close()
    return True
