"""Checks again whenever a file changes, until the author has had enough."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from signal import SIGINT, default_int_handler, signal
from types import FrameType

from rich.rule import Rule

from mdiff_pandoc.cli.check.outcome import Outcome, Run
from mdiff_pandoc.cli.check.run import Checker
from mdiff_pandoc.cli.check.show import console, print_text
from mdiff_pandoc.cli.files import find_documents

_PAUSE = 0.4


def watch_files(checker: Checker, arguments: Sequence[str], *, quiet: bool, verbose: bool) -> int:
    """Check what ``arguments`` name, and what changes of it as it changes; the last exit code.

    Files that appear in a watched folder are checked too. Ends with Ctrl-C.
    """
    known: dict[str, Outcome] = {}
    seen: Mapping[str, object] | None = None
    code = 0
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True  # where the exception comes up while something is let go, Python drops it
        default_int_handler(number, frame)

    before = signal(SIGINT, stop)
    try:
        while not stopped:
            found = find_documents(arguments)
            now = {file: _stamp(file) for file in found.files}
            if now != seen:
                changed = [file for file in now if seen is None or seen.get(file) != now[file]]
                fresh = checker.outcomes(changed, quiet=quiet)
                known = {**known, **{outcome.file: outcome for outcome in fresh}}
                known = {file: known[file] for file in now}
                run = Run(tuple(known.values()), found.problems, checker.strict)
                code = run.exit_code()
                console().print(Rule(time.strftime("%H:%M:%S"), style="dim"))
                print_text(run, fresh, quiet=quiet, verbose=verbose)
                seen = now
            time.sleep(_PAUSE)
    except KeyboardInterrupt:
        pass
    finally:
        signal(SIGINT, before)
    return code


def _stamp(file: str) -> tuple[int, int] | None:
    """What changes whenever the file is written; None while there is none."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
