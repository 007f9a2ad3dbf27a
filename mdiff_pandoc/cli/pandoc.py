"""Finds pandoc and runs it: with this package's filter, or to read a document."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mdiff_pandoc.document.source import Source, SourceError

_FILTER = "mdiff-pandoc"
_MATHML = (".html", ".htm", ".xhtml", ".epub")
_TIMEOUT = 120  # seconds; pandoc reads a book in a few
_LINE = re.compile(r"line (\d+),? column (\d+)")


class PandocMissing(Exception):
    """Pandoc, or the filter's own script, cannot be found."""


def find_pandoc() -> str:
    """The pandoc on the PATH, else the one bundled in pypandoc_binary.

    PandocMissing: there is none.
    """
    if found := shutil.which("pandoc"):
        return found
    try:
        import pypandoc

        return str(pypandoc.get_pandoc_path())
    except (ImportError, OSError):
        raise PandocMissing(
            "pandoc is not installed; run: python -m pip install 'mdiff-pandoc[pandoc]'"
        ) from None


def find_filter() -> str:
    """The filter's console script, looked for beside the running Python first.

    PandocMissing: the package is not installed.
    """
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if found := shutil.which(_FILTER, path=str(folder)):
            return found
    if found := shutil.which(_FILTER):
        return found
    raise PandocMissing(f"the script {_FILTER} is not installed; run: python -m pip install .")


def run_pandoc(
    file: Path, output: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Build ``output`` from ``file`` with the filter; pandoc's exit code.

    ``environment`` tells the filter how, beside what it finds there, see ``filter.main``.
    PandocMissing: see ``find_pandoc``, or it is there and cannot be run.
    """
    command = [find_pandoc(), str(file), "--output", str(output), "--standalone"]
    if output.suffix.lower() in _MATHML:
        command.append("--mathml")
    command += ["--filter", find_filter(), *arguments]
    whole = {**os.environ, "MDIFF_FILE": str(file), **environment}
    try:
        return subprocess.run(command, env=whole, check=False).returncode
    except OSError as error:
        raise PandocMissing(f"{command[0]} cannot be run: {error.strerror}") from None


def read_ast(source: Source, *, expand: bool = True) -> dict[str, Any]:
    """Pandoc's tree of a document, as JSON; macros expanded as in a build, or as they stand.

    SourceError: pandoc is missing, does not understand the document, or takes too long.
    """
    reader = source.expanding if expand else source.reader
    try:
        done = subprocess.run(
            [find_pandoc(), "--quiet", "--from", reader, "--to", "json"],
            input=source.data,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT,
        )
    except PandocMissing as error:
        what, _, hint = str(error).partition("; ")
        raise SourceError(what, hint) from None
    except subprocess.TimeoutExpired:
        raise SourceError(f"pandoc did not read it within {_TIMEOUT} s") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        lines = [line.strip() for line in said.splitlines() if line.strip(" ^")]
        place = _LINE.search(said)
        raise SourceError(
            "pandoc cannot read it: " + " ".join(lines),
            "mend this place first",
            int(place[1]) if place else None,
        )
    ast: dict[str, Any] = json.loads(done.stdout)
    return ast
