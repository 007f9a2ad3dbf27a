"""Checks files, several at once where there are several."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.cli.check.outcome import Failure, Outcome, Run
from mdiff_pandoc.cli.files import STDIN, Found
from mdiff_pandoc.document.checked import CheckedDocument
from mdiff_pandoc.document.message import Message
from mdiff_pandoc.document.progress import Progress

if TYPE_CHECKING:
    from mdiff_pandoc.document.checking import Task
    from mdiff_pandoc.service.claim import Checked

_MANY = 200  # formulas for which other processes pay
_CHUNK = 16  # neighbours share what was read of their document
_REPORT = "this is a fault of mdiff: please report it with the file"


class Checker(Struct, frozen=True):
    """How files are checked: facts and options for all of them, and how many at once."""

    declare: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    reader: str = ""
    jobs: int = 1
    strict: bool = False

    def run(self, found: Found, *, quiet: bool = False) -> Run:
        """Check all files that were found; the progress is shown unless ``quiet``."""
        return Run(self.outcomes(found.files, quiet=quiet), found.problems, self.strict)

    def outcomes(self, files: Sequence[str], *, quiet: bool = False) -> tuple[Outcome, ...]:
        """What comes of each file, in the order of the files."""
        apart = [file for file in files if file != STDIN]
        workers = min(self.jobs, len(apart))
        if workers < 2:
            with Progress("formulas", quiet=quiet) as progress:
                return tuple(self.outcome(file, progress) for file in files)
        with (
            ProcessPoolExecutor(workers, initializer=_end_with_the_parent) as pool,
            Progress("files", quiet=quiet) as progress,
        ):
            futures = {file: pool.submit(self.outcome, file) for file in apart}
            for count, _ in enumerate(as_completed(futures.values()), 1):
                progress(count, len(futures))
            return tuple(
                self._awaited(file, futures[file]) if file in futures else self.outcome(file)
                for file in files
            )

    def _awaited(self, file: str, future: Future[Outcome]) -> Outcome:
        """What came of a file; one whose process was ended, maybe by another file, once more."""
        try:
            return future.result()
        except BrokenProcessPool:
            pass
        with ProcessPoolExecutor(1, initializer=_end_with_the_parent) as pool:
            try:
                return pool.submit(self.outcome, file).result()
            except BrokenProcessPool:
                hint = "it may need more memory than there is; try --jobs 1"
                return _failed(file, Failure("internal", "its process was ended", hint))

    def _perform_all(self, progress: Progress, tasks: Sequence[Task]) -> list[Checked]:
        """Check the formulas of one document, several at a time where there are many."""
        from mdiff_pandoc.document.checking import perform

        if len(tasks) < _MANY:
            return list(_told(map(perform, tasks), len(tasks), progress))
        with ProcessPoolExecutor(self.jobs, initializer=_end_with_the_parent) as pool:
            checked = pool.map(perform, tasks, chunksize=_CHUNK)
            return list(_told(checked, len(tasks), progress))

    def outcome(self, file: str, progress: Progress | None = None) -> Outcome:
        """What comes of one file; ``-`` is stdin. Never raises.

        With ``progress`` it is the only file at work: several formulas are checked at a time.
        """
        from mdiff_pandoc.cli.check.read import STDIN_NAME, read_document
        from mdiff_pandoc.cli.pandoc import read_ast
        from mdiff_pandoc.document.claims import check_document
        from mdiff_pandoc.document.source import SourceError
        from mdiff_pandoc.errors import MdiffError

        name = STDIN_NAME if file == STDIN else file
        several = self.jobs > 1
        try:
            source = read_document(file, self.reader)
            document = check_document(
                read_ast(source),
                source,
                name,
                declare=self.declare,
                options=self.options,
                perform_all=partial(self._perform_all, progress) if several and progress else None,
            )
        except MdiffError as error:
            line = error.line or 0 if isinstance(error, SourceError) else 0
            return _failed(name, Failure(error.code, error.message, error.hint, line))
        except Exception as error:
            kind = type(error).__name__
            return _failed(name, Failure("internal", f"mdiff failed with {kind}: {error}", _REPORT))
        # what is wrong with the options leaves the verdicts as they are
        problems = [replace(problem, kind="warning") for problem in document.problems]
        if not source.data.strip():
            problems.insert(0, Message(name, "warning", "the file is empty", "empty"))
        return Outcome(name, replace(document, problems=tuple(problems)))


def _told(made: Iterable[Checked], total: int, progress: Progress) -> Iterator[Checked]:
    for count, checked in enumerate(made, 1):
        progress(count, total)
        yield checked


def _failed(file: str, failure: Failure) -> Outcome:
    return Outcome(file, CheckedDocument(file), failure)


def _end_with_the_parent() -> None:
    """Let Ctrl-C end the processes of the pool without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
