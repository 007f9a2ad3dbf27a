"""A bar on the terminal for work that takes long; nothing at all for other work."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_AFTER = 1.0  # seconds before a bar is shown
_PAUSE = 0.1  # seconds between two pictures of it


class Progress:
    """Called with how much is done, of how much; shows it where somebody looks.

    ``what`` names what is counted; the work began ``since``, on the monotonic clock. The bar is
    drawn by the calls alone: a thread of its own would forbid the work to fork. It is wiped when
    the context ends.
    """

    def __init__(
        self,
        what: str,
        *,
        quiet: bool = False,
        stream: TextIO | None = None,
        since: float | None = None,
    ) -> None:
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._shows = not quiet and self._stream.isatty()
        self._drawn = time.monotonic()
        self._start = self._drawn if since is None else since
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __call__(self, done: int, total: int) -> None:
        """``done`` pieces of ``total`` are done."""
        now = time.monotonic()
        if not self._shows or now - self._start < _AFTER or now - self._drawn < _PAUSE:
            return
        self._drawn = now
        if self._bar is None:
            self._begin(done, total)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
            self._bar.refresh()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wipe the bar, and show none any more."""
        self._shows = False
        if self._bar is not None:
            self._bar.stop()

    def _begin(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(file=self._stream)
        if not console.is_terminal or console.is_dumb_terminal:
            self._shows = False
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=console, auto_refresh=False, transient=True)
        self._task = self._bar.add_task(self._what, completed=done, total=total)
        self._bar.start()
