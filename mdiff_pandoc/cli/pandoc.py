"""Runs pandoc with this package's filter."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mdiff_pandoc.document.pandoc import PandocMissing, find_pandoc, read_ast

__all__ = ["PandocMissing", "find_filter", "find_pandoc", "read_ast", "run_pandoc"]
_FILTER = "mdiff-pandoc"
_TELLING = re.compile(r"--(?:quiet|verbose|log|trace|fail)")
_OTHER_MATH = re.compile(r"--(?:mathj|kat|web|gla)|-d|--def")


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


def is_latex(file: Path) -> bool:
    """Is a document a LaTeX source, by its name?"""
    return file.suffix.lower() in (".tex", ".latex", ".ltx")


def shows_mathml(arguments: Sequence[str]) -> bool:
    """Will the formulas of a web page be MathML for certain?"""
    return not any(map(_OTHER_MATH.match, arguments))


def run_pandoc(
    file: Path, output: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Build ``output`` from ``file`` with the filter; pandoc's exit code.

    ``environment`` tells the filter how, beside what it finds there, see ``filter.main``.
    PandocMissing: see ``find_pandoc``, or it is there and cannot be run.
    """
    command = [find_pandoc(), str(file), "--output", str(output), "--standalone"]
    command.append("--mathml")  # formats without MathML do not mind
    command += ["--filter", find_filter(), *arguments]
    whole = {**os.environ, "MDIFF_FILE": str(file), **environment}
    advised = is_latex(file) and not any(map(_TELLING.match, arguments))
    try:
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.json"
            command += ["--quiet", f"--log={log}"] if advised else []
            code = subprocess.run(command, env=whole, check=False).returncode
            for warning in _warnings(log):
                print(f"[WARNING] {warning}", file=sys.stderr)
            return code
    except OSError as error:
        raise PandocMissing(f"{command[0]} cannot be run: {error.strerror}") from None


def _warnings(log: Path) -> list[str]:
    """The warnings in a log of pandoc, but for its advice to build a PDF from LaTeX without it."""
    try:
        told = json.loads(log.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    wanted = (item for item in told if item.get("verbosity") == "WARNING")
    return [item["pretty"] for item in wanted if item.get("type") != "UnusualConversion"]
