"""Whole documents against their expected output.

Every folder in ``tests/golden`` is a case: ``input.md`` or ``input.tex``, and one file
``expected.<writer>`` for each writer (``docx`` is kept as what pandoc reads back from it).
White space is not compared. After a change that is meant, run

    python tests/test_golden.py --refresh [CASE …]

and look at the difference before you commit it. A new case gets a file for every writer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert

GOLDEN = Path(__file__).parent / "golden"
WRITERS = ("html", "latex", "docx", "typst", "gfm", "native")
CASES = [
    (folder.name, expected.suffix.removeprefix("."))
    for folder in sorted(GOLDEN.iterdir())
    if folder.is_dir()
    for expected in sorted(folder.glob("expected.*"))
]


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
    flags += ["--mathml"] if writer == "html" else []
    if writer == "docx":
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.docx"
            pandoc(*flags, "-o", str(page), given=done.json)
            output = pandoc(str(page), "-t", "native")
    else:
        output = pandoc(*flags, given=done.json)
    return output.decode() + "\n" + "\n".join(done.report) + "\n"


@pytest.mark.parametrize(("case", "writer"), CASES)
def test_golden(case: str, writer: str) -> None:
    expected = (GOLDEN / case / f"expected.{writer}").read_text(encoding="utf-8")
    assert built(case, writer).split() == expected.split()


def test_every_folder_is_a_case() -> None:
    for folder in GOLDEN.iterdir():
        if folder.is_dir():
            assert source(folder.name).suffix in (".md", ".tex")
            assert list(folder.glob("expected.*"))


def refresh(cases: list[str]) -> None:
    """Write the expected files anew."""
    for folder in sorted(GOLDEN.iterdir()):
        if not folder.is_dir() or (cases and folder.name not in cases):
            continue
        writers = [path.suffix.removeprefix(".") for path in folder.glob("expected.*")]
        for writer in writers or WRITERS:
            output = built(folder.name, writer)
            (folder / f"expected.{writer}").write_text(output, encoding="utf-8")
            print(f"{folder.name}/expected.{writer}")


if __name__ == "__main__":
    if sys.argv[1:2] != ["--refresh"]:
        sys.exit("usage: python tests/test_golden.py --refresh [CASE …]")
    refresh(sys.argv[2:])
