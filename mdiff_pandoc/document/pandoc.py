"""Pandoc, as a reader of documents."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from mdiff_pandoc.document.source import Source, SourceError
from mdiff_pandoc.patterns import regex

_TIMEOUT = 120  # seconds; pandoc reads a book in a few
_LINE = regex(r"line (\d+),? column (\d+)")


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
