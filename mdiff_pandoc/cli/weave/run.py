"""Weaves into files one after the other, and says what came of each."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mdiff_pandoc.cli.check.files import STDIN, Found
from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.cli.weave.replace import ReplaceError, replace_file
from mdiff_pandoc.document.message import Message, Segment, Spot
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.source import SourceError
from mdiff_pandoc.document.weave.dialects import DIALECTS, dialect_of
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.document.weave.weaver import DamagedError, UnwovenError, strip, weave
from mdiff_pandoc.errors import MdiffError

_STDIN_NAME = "<stdin>"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with each file; ``reader`` is a dialect, if the ending does not say it."""

    reader: str = ""
    strip: bool = False
    check: bool = False
    diff: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a file: ``count`` derivations were woven, or taken out."""

    file: FileText
    count: int
    edited: tuple[int, ...]
    report: Report | None = None

    @property
    def fatal(self) -> bool:
        return self.report is not None and self.report.fatal


def run(found: Found, job: Job) -> int:
    """Do the job for all files that were found; the exit code."""
    for problem in found.problems:
        _say(Message("mdiff", "error", problem))
    codes = [_file(name, job) for name in found.files]
    return max([2 if found.problems else 0, *codes])


def _file(file: str, job: Job) -> int:
    """Do the job for one file; 1 when it is stale or was left alone, 2 when it cannot be read."""
    name = _STDIN_NAME if file == STDIN else file
    try:
        data = _read(file)
        before = FileText.decode(data, name)
        done = _done(before, name, job)
    except MdiffError as error:
        spot = Spot(error.line, 1) if isinstance(error, SourceError) and error.line else None
        help_ = (("help", error.hint),)
        _say(Message(name, "error", error.message, error.code, spot=spot, footers=help_))
        return 1 if isinstance(error, DamagedError | UnwovenError) else 2
    if done.report is not None:
        _print(done.report.rows())
    after = done.file.encode()
    stale = after != data
    if job.check or job.diff:
        _write("".join(_diff(before.raw, done.file.raw, name)))
        return int(done.fatal or (job.check and stale))
    for line in done.edited:
        text = "this derivation was edited by hand; that is lost"
        _say(Message(name, "warning", text, "weave-edited", spot=Spot(line, 1)))
    if file == STDIN:
        sys.stdout.buffer.write(after)
        sys.stdout.flush()
    elif stale:
        try:
            replace_file(Path(file), after, data)
        except ReplaceError as error:
            _say(Message(name, "error", str(error), "weave-write"))
            return 1
        if not job.quiet:
            _print([((f"{name}: {_told(done.count, job)}", ""),)])
    return int(done.fatal)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", "see who may read it") from None


def _done(before: FileText, name: str, job: Job) -> _Done:
    dialect = dialect_of("" if name == _STDIN_NAME else name, job.reader)
    if dialect is None:
        known = ", ".join(DIALECTS)
        raise SourceError("derivations cannot be woven into this format", f"known are {known}")
    if job.strip:
        stripped = strip(before, dialect)
        return _Done(stripped.file, stripped.count, stripped.edited)
    woven = weave(before, name, dialect, read_ast, quiet=job.quiet)
    return _Done(woven.file, woven.count, woven.edited, woven.report)


def _told(count: int, job: Job) -> str:
    what = f"{count} derivation{'s' * (count != 1)}"
    return f"{what} taken out" if job.strip else f"{what} woven"


def _diff(before: str, after: str, name: str) -> Iterator[str]:
    """A unified diff, which ``patch`` takes."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode())
    sys.stdout.flush()


def _say(message: Message) -> None:
    _print(message.rows())


def _print(rows: Iterable[tuple[Segment, ...]]) -> None:
    """Lines on stderr, with colours on a terminal."""
    from rich.text import Text

    from mdiff_pandoc.cli.check.show import console

    err = console(stderr=True)
    for row in rows:
        err.print(Text.assemble(*row))
