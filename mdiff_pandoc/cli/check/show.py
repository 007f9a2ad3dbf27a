"""Prints what came of a check: the text on stdout, what could not be read on stderr."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from mdiff_pandoc.cli.check.outcome import Outcome, Run
from mdiff_pandoc.cli.check.text import text_lines
from mdiff_pandoc.document.message import NAMELESS, Message, Spot


def console(*, stderr: bool = False) -> Console:
    """A console that never breaks lines, nor breaks off at a character it cannot write."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def print_text(
    run: Run, outcomes: Iterable[Outcome] | None = None, *, quiet: bool, verbose: bool
) -> None:
    """Print the verdicts for a reader, see ``text_lines``."""
    print_failures(run)
    out = console()
    for line in text_lines(run, outcomes, quiet=quiet, verbose=verbose):
        out.print(line)


def print_failures(run: Run) -> None:
    """Say on stderr what could not be read."""
    err = console(stderr=True)
    messages = [Message(NAMELESS, "error", problem, "source") for problem in run.problems]
    for outcome in run.outcomes:
        if failure := outcome.failure:
            spot = Spot(failure.place, 0) if failure.place else None
            help_ = (("help", failure.hint),) if failure.hint else ()
            messages.append(
                Message(
                    outcome.file,
                    "error",
                    failure.message,
                    failure.code,
                    spot=spot,
                    footers=help_,
                )
            )
    for message in messages:
        for row in message.rows():
            err.print(Text.assemble(*row))
