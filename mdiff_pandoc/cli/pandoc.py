"""Finds pandoc and runs it with this package's filter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

_FILTER = "mdiff-pandoc"
_MATHML = (".html", ".htm", ".xhtml", ".epub")
_FILTER_FAILED = 83


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


def run_pandoc(file: Path, output: Path, arguments: Sequence[str], report: str) -> int:
    """Build ``output`` from ``file``; the exit code for ``mdiff build``.

    ``report`` is ``quiet``, ``verbose`` or empty. PandocMissing: see ``find_pandoc``.
    """
    command = [find_pandoc(), str(file), "--output", str(output), "--standalone"]
    if output.suffix.lower() in _MATHML:
        command.append("--mathml")
    command += ["--filter", find_filter(), *arguments]
    environment = {**os.environ, "MDIFF_FILE": str(file), "MDIFF_REPORT": report}
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode == 0:
        return 0
    return 1 if done.returncode == _FILTER_FAILED else 2
