"""Weaves into files one after the other, and says what came of each."""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field

from mdiff_pandoc.cli.files import STDIN, Found
from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.cli.reporting import write_report
from mdiff_pandoc.cli.weave.replace import ReplaceError, replace_file
from mdiff_pandoc.document.ask import internal
from mdiff_pandoc.document.message import Message, Segment, Spot
from mdiff_pandoc.document.progress import Progress
from mdiff_pandoc.document.record import record_of
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.source import SourceError
from mdiff_pandoc.document.weave.dialects import DIALECTS, Dialect, dialect_of
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.document.weave.weaver import DamagedError, UnwovenError, Weaved, strip, weave
from mdiff_pandoc.errors import MdiffError

_STDIN_NAME = "<stdin>"


class Job(Struct, frozen=True):
    """What is to be done with each file; ``reader`` is a dialect, if the ending does not say it."""

    reader: str = ""
    strip: bool = False
    check: bool = False
    diff: bool = False
    quiet: bool = False


class _Done(Struct, frozen=True):
    """What became of a file: ``count`` derivations were woven, or taken out."""

    file: FileText
    count: int
    edited: tuple[int, ...]
    dialect: Dialect
    woven: Weaved | None = None

    @property
    def fatal(self) -> bool:
        return self.woven is not None and self.woven.report.fatal


class _Log(Struct):
    """What was told about a file."""

    name: str
    report: Report
    messages: list[Message] = field(default_factory=list)
    count: int = 0
    stale: bool = False

    def say(self, message: Message) -> None:
        """Print a message, and keep it for the report."""
        self.messages.append(message)
        _print(message.rows())

    def tell(self, woven: Weaved | None, file: FileText, dialect: Dialect) -> None:
        """Tell what was noted about the requests, with their places in ``file``."""
        if woven is not None:
            woven.tell_in(file, dialect)
            self.report = woven.report
            self.messages += self.report.messages()
            _print(self.report.rows())

    def as_json(self) -> dict[str, object]:
        """The report for programs; what stands between comments is ``stale`` if it was not so."""
        whole = record_of(self.report, self.messages)
        return {**whole, "derivations": self.count, "stale": self.stale}


def run(found: Found, job: Job, record: Path | None = None) -> int:
    """Do the job for all files that were found; the exit code. ``record`` is for programs."""
    for problem in found.problems:
        _print(Message("mdiff", "error", problem).rows())
    codes = [2 if found.problems else 0]
    records: list[dict[str, object]] = []
    began = time.monotonic()
    for number, file in enumerate(found.files, 1):
        log = _Log(name_of(file), Report(name_of(file)))
        what = f"file {number} of {len(found.files)}" if len(found.files) > 1 else "formulas"
        codes.append(_file(file, job, log, Progress(what, quiet=job.quiet, since=began)))
        records += [log.as_json()] if record is not None else []
    if record is not None:
        write_report(record, {"files": records})
    return max(codes)


def edited_in(data: bytes, name: str) -> list[Message]:
    """Warnings for the derivations in a file that were changed by hand since they were woven."""
    dialect = dialect_of(name)
    try:
        lines = strip(FileText.decode(data, name), dialect).edited if dialect else ()
    except MdiffError:
        return []  # to build it needs no comments
    text = "this derivation was edited by hand since it was woven, and nobody checked it"
    footers = (("help", f"mdiff weave {name} makes it anew"),)
    return [
        Message(name, "warning", text, "weave-edited", spot=Spot(line, 0), footers=footers)
        for line in lines
    ]


def name_of(file: str) -> str:
    """The name of a file in messages."""
    return _STDIN_NAME if file == STDIN else file


def _file(file: str, job: Job, log: _Log, progress: Progress) -> int:
    """Do the job for one file; 1 when it is stale or was left alone, 2 when it cannot be read."""
    name = log.name
    try:
        data = _read(file)
        before = FileText.decode(data, name)
        done = _done(before, name, job, progress)
    except MdiffError as error:
        spot = Spot(error.line, 0) if isinstance(error, SourceError) and error.line else None
        help_ = (("help", error.hint),)
        log.say(Message(name, "error", error.message, error.code, spot=spot, footers=help_))
        return 1 if isinstance(error, DamagedError | UnwovenError) else 2
    except Exception as fault:  # whatever it is, the other files are to be woven
        told = internal(fault)
        log.say(Message(name, "error", told.message, told.code, footers=(("help", told.hint),)))
        return 1
    after = done.file.encode()
    log.count, log.stale = done.count, after != data
    if job.check or job.diff:
        log.tell(done.woven, before, done.dialect)
        _write("".join(_diff(before.raw, done.file.raw, name)))
        return int(done.fatal or (job.check and log.stale))
    for line in done.edited:
        text = "this derivation was edited by hand; that is lost"
        log.say(Message(name, "warning", text, "weave-edited", spot=Spot(line, 0)))
    if file == STDIN:
        log.tell(done.woven, before, done.dialect)
        sys.stdout.buffer.write(after)
        sys.stdout.flush()
    elif log.stale:
        try:
            replace_file(Path(file), after, data)
        except ReplaceError as error:
            log.tell(done.woven, before, done.dialect)
            log.say(Message(name, "error", str(error), "weave-write"))
            return 1
    if file != STDIN:
        log.tell(done.woven, done.file, done.dialect)
        if log.stale and not job.quiet:
            _print([((f"{name}: {_told(done.count, job)}", ""),)])
    return int(done.fatal)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise SourceError(f"it cannot be read: {error.strerror}", "see who may read it") from None


def _done(before: FileText, name: str, job: Job, progress: Progress) -> _Done:
    dialect = dialect_of("" if name == _STDIN_NAME else name, job.reader)
    if dialect is None:
        known = ", ".join(DIALECTS)
        raise SourceError("derivations cannot be woven into this format", f"known are {known}")
    if job.strip:
        stripped = strip(before, dialect)
        return _Done(stripped.file, stripped.count, stripped.edited, dialect)
    with progress:
        woven = weave(before, name, dialect, read_ast, quiet=job.quiet, told=progress)
    return _Done(woven.file, woven.count, woven.edited, dialect, woven)


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


def _print(rows: Iterable[tuple[Segment, ...]]) -> None:
    """Lines on stderr, with colours on a terminal."""
    from rich.text import Text

    from mdiff_pandoc.cli.check.show import console

    err = console(stderr=True)
    for row in rows:
        err.print(Text.assemble(*row))
