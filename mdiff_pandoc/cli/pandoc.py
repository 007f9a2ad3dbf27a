"""Runs pandoc with this package's filter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from mdiff_pandoc.cli.arguments import option_of
from mdiff_pandoc.document.formats import WEB
from mdiff_pandoc.document.pandoc import PandocMissing, find_pandoc, read_ast

__all__ = ["PandocMissing", "find_filter", "find_pandoc", "read_ast", "run_pandoc"]
_FILTER = "mdiff-pandoc"
_OTHER_MATH = re.compile(r"--(?:mathj|kat|web|gla)|-d|--def")
_MATHML = (".html", ".htm", ".xhtml", ".epub")


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


def _is_page(output: Path, arguments: Sequence[str]) -> bool:
    writer = option_of(arguments, "-t", "--to", "-w", "--write")
    return bool(WEB.match(writer)) if writer else output.suffix.lower() in _MATHML


def shows_mathml(output: Path, arguments: Sequence[str]) -> bool:
    """Will the formulas of a page be MathML, unless a file of defaults says otherwise?"""
    return _is_page(output, arguments) and not any(map(_OTHER_MATH.match, arguments))


def run_pandoc(
    file: Path, output: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Build ``output`` from ``file`` with the filter; pandoc's exit code.

    ``environment`` tells the filter how, beside what it finds there, see ``filter.main``.
    PandocMissing: see ``find_pandoc``, or it is there and cannot be run.
    """
    command = [find_pandoc(), str(file), "--output", str(output), "--standalone"]
    if _is_page(output, arguments):
        command.append("--mathml")
    command += ["--filter", find_filter(), *arguments]
    whole = {**os.environ, "MDIFF_FILE": str(file), **environment}
    try:
        return subprocess.run(command, env=whole, check=False).returncode
    except OSError as error:
        raise PandocMissing(f"{command[0]} cannot be run: {error.strerror}") from None
