"""``mdiff weave FILE…``: write derivations into the sources themselves, or take them out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mdiff_pandoc.cli.misuse import misuse
from mdiff_pandoc.cli.reporting import ReportFile, refuse_report


def _dialects() -> list[str]:
    from mdiff_pandoc.document.weave.dialects import DIALECTS

    return list(DIALECTS)


def weave_command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Documents, folders of documents, or patterns such as `'notes/**/*.md'`; "
            "`-` reads stdin and writes stdout.",
        ),
    ],
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; fail, with a diff, when a file would change."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print what would change as a diff.")
    ] = False,
    strip: Annotated[
        bool, typer.Option("--strip", help="Take the derivations out: the text as it was written.")
    ] = False,
    reader: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            autocompletion=_dialects,
            help="`markdown`, `gfm`, `kramdown`, `myst`, `latex` or `ipynb`; by default the one "
            "that the ending says, and Markdown for stdin.",
        ),
    ] = None,
    report: ReportFile = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Report errors only.")] = False,
) -> None:
    """Write the derivations into the source itself, and keep them up to date.

    Each request is replaced by its derivation, between comments that hold what you wrote; no other
    byte changes. Run it again and the derivations are made anew.

    Examples:

        mdiff weave notes.md

        mdiff weave --check docs/ 'papers/*.tex'

        mdiff weave --from kramdown _posts/

        mdiff weave --strip notes.md

    Exit codes: 0 done, 1 a file is not up to date (with --check), could not be written, or a
    request failed in a document that says `on-error: fail`; 2 the command was misused or a file
    could not be read.
    """
    from mdiff_pandoc.cli.files import find_documents
    from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc
    from mdiff_pandoc.cli.weave.run import Job, run

    if reader is not None and reader not in _dialects():
        misuse(f"--from cannot be {reader}; it is one of {', '.join(_dialects())}")
    if not strip:
        try:
            find_pandoc()
        except PandocMissing as error:
            misuse(str(error))
    job = Job(reader or "", strip=strip, check=check, diff=diff, quiet=quiet)
    try:
        found = find_documents(files)
        refuse_report(report, [Path(file) for file in found.files])
        code = run(found, job, report)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(code)
