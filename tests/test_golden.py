"""Whole documents against their expected output.

Every folder in ``tests/golden`` is a case: ``input.md`` or ``input.tex``, and one file
``expected.<writer>`` for each writer (of a binary format, what pandoc reads back from it).
White space is not compared. After a change that is meant, run

    MDIFF_GOLDEN=refresh python -m pytest tests/test_golden.py

and look at the difference before you commit it. A new case gets a file for every writer, or for
those of which an empty file is there.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert

GOLDEN = Path(__file__).parent / "golden"
WRITERS = ("html", "latex", "docx", "typst", "gfm", "native")
READ_BACK = {"docx": "native", "epub": "markdown"}
_CELL_ID = re.compile(r'"id": "[-0-9a-f]{36}",?')
REFRESH = os.environ.get("MDIFF_GOLDEN") == "refresh"


def cases() -> Iterator[tuple[str, str]]:
    """Every case with every writer that it has an expected file for."""
    for folder in sorted(GOLDEN.iterdir()):
        found = [path.suffix.removeprefix(".") for path in sorted(folder.glob("expected.*"))]
        for writer in found or (WRITERS if REFRESH else ()):
            yield folder.name, writer


def source(case: str) -> Path:
    [found] = (GOLDEN / case).glob("input.*")
    return found


def pandoc(*arguments: str, given: bytes = b"") -> bytes:
    command = [find_pandoc(), *arguments]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


def built(case: str, writer: str) -> str:
    """The case through the filter and pandoc's ``writer``, and what the filter reported."""
    file = source(case)
    raw = pandoc(str(file), "-t", "json", "--standalone")
    done = convert(raw, writer, file=file.name, markdown=file.suffix == ".md")
    flags = ["-f", "json", "-t", writer, "--wrap=none"]
    flags += ["--mathml"] if writer in ("html", "epub") else []
    flags += ["--mathjax"] if writer == "revealjs" else []
    if writer == "odt":  # pandoc reads no formulas back from it
        output = pandoc("-f", "json", "-t", "markdown", "--wrap=none", given=done.json)
    elif writer in READ_BACK:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / f"page.{writer}"
            pandoc(*flags, "-o", str(page), given=done.json)
            output = pandoc(str(page), "-t", READ_BACK[writer], "--wrap=none")
    else:
        output = pandoc(*flags, given=done.json)
    text = _CELL_ID.sub("", output.decode())  # drawn at random
    return text + "\n" + "\n".join(done.report) + "\n"


@pytest.mark.parametrize(("case", "writer"), list(cases()))
def test_golden(case: str, writer: str) -> None:
    expected = GOLDEN / case / f"expected.{writer}"
    output = built(case, writer)
    if REFRESH:
        expected.write_text(output, encoding="utf-8")
    assert output.split() == expected.read_text(encoding="utf-8").split()


def test_every_folder_is_a_case() -> None:
    for folder in GOLDEN.iterdir():
        assert source(folder.name).suffix in (".md", ".tex")
        assert list(folder.glob("expected.*"))


@pytest.mark.parametrize("number", range(5))
def test_the_derivations_of_a_founding_document_are_all_verified(number: int) -> None:
    folder = GOLDEN / f"seed-00{number}"
    page = (folder / "expected.html").read_text("utf-8")
    assert page.count("mdiff-verified") == (folder / "input.md").read_text("utf-8").count("= ?")
    assert "mdiff-error" not in page
