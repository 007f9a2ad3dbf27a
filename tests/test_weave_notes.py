"""Notes in all dialects: what is woven can be taken out again, and breaks nothing around it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from weave_notes import FOLDER, dialect_of_note, missing, notes, stripped, words, woven

from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc, read_ast
from mdiff_pandoc.document.claims import check_document
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.weave.dialects import dialect_of
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.document.weave.weaver import page_of

try:
    find_pandoc()
except PandocMissing:
    pytest.skip("pandoc is not installed", allow_module_level=True)

# what a build answers in the woven note all the same: tables of spaces, titles, failing requests
LEFT = {"05-tables.md": 2, "15-errors.md": 5, "60-paper.tex": 2}
MINE = [
    *sorted((FOLDER.parent.parent / "samples").glob("*.*")),
    *sorted((FOLDER.parent / "golden").glob("*/input.*")),
]


def test_there_are_many_notes() -> None:
    assert len(notes()) >= 30


@pytest.mark.parametrize("path", notes(), ids=lambda path: path.name)
def test_the_kind_of_markdown_is_seen_from_the_text(path: Path) -> None:
    kinds = {"1": "", "2": "gfm", "3": "kramdown", "5": "myst", "6": "latex", "7": "ipynb"}
    assert dialect_of_note(path.name).name == (kinds.get(path.name[0]) or "markdown")


@pytest.mark.parametrize("path", notes(), ids=lambda path: path.name)
def test_note(path: Path) -> None:
    name, data = path.name, path.read_bytes()
    dialect = dialect_of_note(name)
    made = woven(data, name, dialect)
    new = made.file.encode()
    assert made.count
    assert stripped(new, name, dialect) == data
    assert woven(new, name, dialect).file.encode() == new
    _, before = page_of(FileText.decode(data, name), name, dialect)
    _, after = page_of(made.file, name, dialect)
    old_tree, tree = read_ast(before), read_ast(after)
    assert missing(words(old_tree["blocks"]), words(tree["blocks"])) == ""
    built = convert(json.dumps(tree).encode(), "html", verbose=True, markdown=not dialect.tex)
    told = "\n".join(built.report)
    asked = LEFT.get(name, 0)
    assert "requests" not in told or f"{asked} request" in told
    refuted = [
        found.claim.latex
        for found in check_document(tree, after, name).claims
        if found.claim.verdict == "refuted"
    ]
    assert refuted == []


@pytest.mark.parametrize("path", MINE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_own_documents(path: Path) -> None:
    data = path.read_bytes()
    dialect = dialect_of(path.name)
    assert dialect is not None
    new = woven(data, path.name, dialect).file.encode()
    assert stripped(new, path.name, dialect) == data
    assert woven(new, path.name, dialect).file.encode() == new


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", ["60-paper.tex", "62-slides.tex"])
def test_woven_papers_compile(name: str, tmp_path: Path) -> None:
    made = woven((FOLDER / name).read_bytes(), name, dialect_of_note(name))
    (tmp_path / "paper.tex").write_bytes(made.file.raw.encode())
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def rows_in(head: str) -> int:
    asked = r"\nabla_w \sum_{i=1}^n \log(1 + \exp(-y_i w^\top x_i)) + \frac{\lambda}{2} \|w\|^2 = ?"
    text = f"\\documentclass{head}\n\\begin{{document}}\n\\[{asked}\\]\n\\end{{document}}\n"
    return woven(text.encode(), "paper.tex", dialect_of_note("60-paper.tex")).file.raw.count("\n")


@pytest.mark.parametrize("head", ["[twocolumn]{article}", "{IEEEtran}", "{beamer}"])
def test_narrow_columns_have_more_rows(head: str) -> None:
    assert rows_in(head) > rows_in("[11pt]{article}") == rows_in("[onecolumn]{IEEEtran}")
