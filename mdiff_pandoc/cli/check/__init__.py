"""``mdiff check FILE…``: judge the equalities of documents and print the verdicts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mdiff_pandoc.cli.completion import option_values
from mdiff_pandoc.cli.misuse import misuse

if TYPE_CHECKING:
    from mdiff_pandoc.cli.check.outcome import Run
    from mdiff_pandoc.cli.check.run import Checker


class Format(StrEnum):
    """How the verdicts are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    JUNIT = "junit"
    SARIF = "sarif"


def check_command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Documents, folders of documents, or patterns such as `'notes/**/*.md'`; "
            "`-` reads stdin.",
        ),
    ],
    *,
    output: Annotated[Format, typer.Option("--format", "-f", help="What to print.")] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="Short for `--format json`.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on undecided equalities too.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print failures only.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print verified equalities and definitions too.")
    ] = False,
    declare: Annotated[
        list[str] | None,
        typer.Option(
            "--declare",
            "-d",
            metavar="DECL",
            help="A fact that holds in all files, such as `X \\in \\mathbb{R}^{m \\times n}` or "
            "`S symmetric`. May be given several times.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("layout"),
            help="Layout of Jacobians: `numerator` (default), `denominator`.",
        ),
    ] = None,
    symmetric: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("symmetric"),
            help="The gradient by a symmetric matrix: `projected` (default), or by its `entries`.",
        ),
    ] = None,
    functions: Annotated[
        str | None,
        typer.Option(
            autocompletion=option_values("functions"),
            help="log, exp, … of a matrix: `elementwise` (default) or `matrix`.",
        ),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="Pandoc's reader, such as `markdown`, `gfm` or `latex`; by default the one that "
            "the ending says, and Markdown for stdin.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="How many files at once; by default one for each CPU."
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Check again whenever a file changes.")
    ] = False,
) -> None:
    """Find the first wrong line in derivations that you wrote yourself.

    Every equality of every formula is judged: `verified`, `refuted` (with a counterexample and
    the nearest formula that holds), `undecided` (with the reason) or a `definition`.

    Examples:

        mdiff check notes.md

        mdiff check chapters/ 'exercises/**/*.tex' --quiet

        mdiff check notes.md --declare 'S symmetric' --verbose

        mdiff check . --format github --strict

        mdiff check notes.md --watch

    Exit codes: 0 nothing is refuted, 1 something is (with --strict: or undecided), 2 the command
    was misused or a file could not be read.
    """
    given = {"layout": layout, "symmetric": symmetric, "functions": functions}
    options = {key: value for key, value in given.items() if value is not None}
    _refuse(output, options, as_json=as_json, quiet=quiet, verbose=verbose)
    _refuse_facts(declare or [])
    chosen = Format.JSON if as_json else output
    if watch and (chosen is not Format.TEXT or "-" in files):
        misuse("--watch prints text about files: leave out --format, --json and -")
    from mdiff_pandoc.cli.check.run import Checker
    from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc

    try:
        find_pandoc()
    except PandocMissing as error:
        misuse(str(error))
    checker = Checker(tuple(declare or ()), options, reader or "", jobs or _cpus(), strict)
    try:
        if watch:
            from mdiff_pandoc.cli.check.watch import watch_files

            raise typer.Exit(watch_files(checker, files, quiet=quiet, verbose=verbose))
        run = _checked(checker, files, quiet=quiet)
        _print(run, chosen, quiet=quiet, verbose=verbose)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(run.exit_code())


def _refuse(
    output: Format, options: dict[str, str], *, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """End with a message where the options cannot be meant."""
    if quiet and verbose:
        misuse("--quiet and --verbose exclude each other")
    if as_json and output not in (Format.TEXT, Format.JSON):
        misuse(f"--json and --format {output} exclude each other")
    from mdiff_pandoc.errors import OptionError
    from mdiff_pandoc.service.options import Options

    try:
        Options.from_mapping(options)
    except OptionError as error:
        misuse(error.message + (f"; {error.hint}" if error.hint else ""))


def _refuse_facts(declare: Sequence[str]) -> None:
    """End with a message where a declaration cannot be read."""
    if not declare:
        return
    from mdiff_pandoc.errors import DeclarationError
    from mdiff_pandoc.latex.declarations import read_facts

    for fact in declare:
        try:
            read_facts(fact)
        except DeclarationError as error:
            misuse(error.show(fact))


def _cpus() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(checker: Checker, arguments: list[str], *, quiet: bool) -> Run:
    from mdiff_pandoc.cli.files import find_documents

    return checker.run(find_documents(arguments), quiet=quiet)


def _print(run: Run, output: Format, *, quiet: bool, verbose: bool) -> None:
    from mdiff_pandoc.cli.check.show import print_failures, print_text

    if output is Format.TEXT:
        print_text(run, quiet=quiet, verbose=verbose)
        return
    print_failures(run)
    if output is Format.JUNIT:
        from mdiff_pandoc.cli.check.junit import as_junit as written
    elif output is Format.SARIF:
        from mdiff_pandoc.cli.check.sarif import as_sarif as written
    elif output is Format.JSON:
        from mdiff_pandoc.cli.check.machine import as_json as written
    else:
        from mdiff_pandoc.cli.check.machine import as_github as written
    sys.stdout.buffer.write((written(run) + "\n").encode())
    sys.stdout.flush()
