"""The file of ``--report``: where it may be written, and what every one of them begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mdiff_pandoc.cli.misuse import misuse

ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE.json",
        help="Also write what came of each request and equality, for programs, as JSON.",
    ),
]


def refuse_report(report: Path | None, others: Sequence[Path]) -> None:
    """End with a message where the report cannot be written, or would replace one of ``others``."""
    if report is None:
        return
    if report.suffix.lower() != ".json":
        misuse(f"the report is JSON: write --report {report.with_suffix('.json')}")
    if not report.parent.is_dir():
        misuse(f"there is no folder {report.parent}")
    if report.absolute() in [other.absolute() for other in others] or report.is_dir():
        misuse(f"the report cannot be written to {report}")


def write_report(report: Path, found: Mapping[str, object]) -> None:
    """Write a report of this command; ends with a message where that fails."""
    from mdiff_pandoc import __version__

    text = json.dumps({"mdiff": __version__, **found}, ensure_ascii=False, indent=2)
    try:
        report.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        misuse(f"the report cannot be written to {report}: {error.strerror}")
