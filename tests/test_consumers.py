"""What is written is put through the programs that read it: none of them may complain.

A derivation for every problem is in one long document, so that each program is started once. A
program that is not installed skips its test; ``.ci/run`` installs them all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from everything import answered, built, document, formulas, pandoc, run, to

CONSUMERS = Path(__file__).parent / "consumers"
PAGES = (
    "html", "latex", "docx", "epub", "typst", "gfm", "commonmark_x", "markdown", "ipynb",
    "plain",
)  # fmt: skip
SAMPLED = ("odt", "beamer", "revealjs", "chunkedhtml", "jats", "rst", "man", "rtf")
SAMPLE = 12  # of so many problems one is enough, where a program is slow
_WIDE = re.compile(r"Overfull \\hbox \(([\d.]+)pt too wide\)")
_HIGH = re.compile(r"Overfull \\vbox \(([\d.]+)pt too high\) detected at line (\d+)")


@pytest.fixture(autouse=True, scope="module")
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All processes of a run of the tests share the answers."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["MDIFF_CACHE_DIR"] = str(root / "answers")


def _needs(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


def _every(writer: str) -> int:
    return SAMPLE if writer in SAMPLED else 1


@pytest.mark.parametrize("writer", [*PAGES, *SAMPLED])
def test_pandoc_warns_of_nothing_that_it_does_not_warn_of_anyway(
    writer: str, tmp_path: Path
) -> None:
    every = _every(writer)
    file, said = built(writer, tmp_path, every)
    assert file.stat().st_size
    output = tmp_path / f"before.{writer}"
    given = document(every, answered=False)
    assert said == pandoc(*to(writer), "-o", str(output), given=given)[1]


def test_the_document_has_what_it_is_about() -> None:
    shown = formulas(answered("gfm"))
    assert len(shown) > 800
    assert sum(r"\begin{aligned}" in formula for formula in shown) > 400


def test_katex_and_mathjax_set_every_formula(tmp_path: Path) -> None:
    _needs("node")
    if not (CONSUMERS / "node_modules").exists():
        pytest.skip("KaTeX and MathJax are not installed: npm ci --prefix tests/consumers")
    pages = []
    for writer in ("html", "revealjs"):
        pages.append(tmp_path / f"{writer}.json")
        pages[-1].write_bytes(answered(writer, _every(writer)))
    told = json.loads(run(["node", str(CONSUMERS / "formulas.js"), *map(str, pages)], tmp_path))
    assert told["wrong"] == []
    assert told["count"] > 800


@pytest.mark.parametrize("program", ["pdflatex", "xelatex"])
def test_latex_sets_every_derivation_within_its_page(program: str, tmp_path: Path) -> None:
    _needs(program)
    every = 1 if program == "pdflatex" else SAMPLE
    file, _ = built("latex", tmp_path, every)
    page = file.rename(tmp_path / "page.tex")
    run([program, "-interaction=nonstopmode", "-halt-on-error", page.name], tmp_path)
    log = (tmp_path / "page.log").read_text("utf-8", errors="replace")
    assert [wide for wide in map(float, _WIDE.findall(log)) if wide > 12] == []
    assert "Missing character" not in log


def test_beamer_sets_the_steps_within_their_frames(tmp_path: Path) -> None:
    _needs("pdflatex")
    file, _ = built("beamer", tmp_path, SAMPLE)
    page = file.rename(tmp_path / "page.tex")
    run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", page.name], tmp_path)
    log = (tmp_path / "page.log").read_text("utf-8", errors="replace")
    frames = page.read_text("utf-8").count(r"\begin{frame}")
    pages = re.search(r"Output written on page.pdf \((\d+) pages", log.replace("\n", " "))
    assert pages is not None
    assert int(pages[1]) > 3 * frames  # every step is on a page of its own
    lines = page.read_text("utf-8").splitlines()
    for high, line in set(_HIGH.findall(log)):  # the line is the last of a frame
        frame = "\n".join(lines[: int(line)]).rpartition(r"\begin{frame}")[2]
        assert float(high) < 12 or r"\begingroup\tiny" in frame, "no smaller type was tried"


def test_typst_compiles_every_derivation(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst", reason="typst is not installed")
    file, _ = built("typst", tmp_path)
    page = file.rename(tmp_path / "page.typ")
    typst.compile(str(page), output=str(tmp_path / "page.pdf"))
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_the_book_is_valid(tmp_path: Path) -> None:
    _needs("java")
    program = shutil.which("epubcheck")
    if program is None:
        pytest.skip("epubcheck is not installed")
    file, _ = built("epub", tmp_path, SAMPLE)
    told = run(["java", "-jar", os.path.realpath(program), file.name], tmp_path)
    assert "No errors or warnings detected" in told


@pytest.mark.parametrize("writer", ["docx", "odt"])
def test_libreoffice_shows_whole_formulas(writer: str, tmp_path: Path) -> None:
    _needs("soffice", "pdftotext")
    file, _ = built(writer, tmp_path, SAMPLE)
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    run(["soffice", home, "--headless", "--convert-to", "pdf", file.name], tmp_path)
    text = run(["pdftotext", "-layout", f"{file.stem}.pdf", "-"], tmp_path)
    assert text.count("identification") > 20
    assert "\u00bf" not in text  # what stands in the place of what is missing in a formula
