"""The recipes for programs that do not use pandoc: what they show is what was woven."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from recipes import Kitchen

WOVEN = re.compile(r"<!-- mdiff: .*? -->(.*?)<!-- /mdiff \w+ -->", re.DOTALL)
DERIVATION = re.compile(r"\\begin\{aligned\}.*?\\end\{aligned\}", re.DOTALL)
SPLIT = re.compile(r"\\begin\{split\}|\\end\{split\}")  # Sphinx puts formulas of several rows there


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


def derivations(text: str) -> list[str]:
    """The TeX of the derivations, whatever stands round it."""
    return [" ".join(found.split()) for found in DERIVATION.findall(text)]


def formulas(page: str, opening: str, closing: str) -> list[str]:
    """The TeX that a page hands to MathJax between these delimiters."""
    between = re.escape(opening) + "(.*?)" + re.escape(closing)
    found = re.findall(between, page, re.DOTALL)
    return [" ".join(html.unescape(SPLIT.sub("", tex)).split()) for tex in found]


def shows_what_was_woven(kitchen: Kitchen, source: str, page: str, display: str = r"\[ \]") -> None:
    """The derivations arrive in the page as TeX, letter by letter, and nothing else does."""
    woven = derivations("".join(WOVEN.findall(kitchen.read(source))))
    assert woven
    assert all("identification" in derivation for derivation in woven)
    text = kitchen.read(page)
    shown = formulas(text, *display.split())
    assert [tex for tex in shown if "aligned" in tex] == woven
    seen = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    assert "= ?" not in seen
    assert "mdiff" not in seen
    assert r"2 \lambda w" in seen


def test_jekyll(kitchen: Kitchen) -> None:
    kitchen.needs("jekyll")
    kitchen.cook("Jekyll")
    post = "_posts/2026-01-31-least-squares.md"
    shows_what_was_woven(kitchen, post, "_site/2026/01/31/least-squares.html")
    page = kitchen.read("_site/2026/01/31/least-squares.html")
    assert r"\nabla_w \lambda \|w\|^2 = 2 \lambda w" in formulas(page, r"\(", r"\)")


def test_hugo(kitchen: Kitchen) -> None:
    kitchen.needs("hugo")
    said = kitchen.cook("Hugo")
    warned = [line for line in said.splitlines() if "WARN" in line]
    assert all("create a template file" in line for line in warned)  # for pages that are no notes
    source, page = "content/least-squares.md", "public/least-squares/index.html"
    shows_what_was_woven(kitchen, source, page, "$$ $$")


def test_sphinx(kitchen: Kitchen) -> None:
    kitchen.needs("sphinx-build")
    said = kitchen.cook("Sphinx and MyST")
    assert "build succeeded." in said  # without a warning
    shows_what_was_woven(kitchen, "notes.md", "_build/notes.html")
    page = kitchen.read("_build/index.html")
    assert 'id="equation-hessian"' in page
    assert 'href="#equation-hessian"' in page
    assert "A + A^{\\top}" in page


def test_jupyter_book(kitchen: Kitchen) -> None:
    """Version 2 loads the theme of web pages from the network, but not that of Markdown."""
    kitchen.needs("jupyter-book")
    if kitchen.run("jupyter-book --version").stdout.startswith("Jupyter Book      : 1."):
        kitchen.cook("Jupyter Book")
        shows_what_was_woven(kitchen, "notes.md", "_build/html/notes.html")
        return
    recipe = kitchen.prepare("Jupyter Book")
    kitchen.run(recipe.commands[0].splitlines()[0])
    export = "{format: md, article: notes.md, output: out.md}"
    kitchen.write("myst.yml", f"version: 1\nproject:\n  exports: [{export}]\n")
    kitchen.run("jupyter-book build --md")
    woven = derivations("".join(WOVEN.findall(kitchen.read("notes.md"))))
    assert woven == derivations(kitchen.read("out.md"))


def test_notebooks(kitchen: Kitchen) -> None:
    recipe = kitchen.prepare("Notebooks")
    before = json.loads(kitchen.read("analysis.ipynb"))
    kitchen.cook("Notebooks")
    after = json.loads(kitchen.read("analysis.ipynb"))
    [cell] = after["cells"]
    assert "identification" in "".join(cell["source"])
    cell["source"] = before["cells"][0]["source"]
    assert after == before
    kitchen.run("mdiff weave --strip analysis.ipynb")
    assert kitchen.read("analysis.ipynb") == recipe.files["analysis.ipynb"]


def test_mkdocs(kitchen: Kitchen) -> None:
    kitchen.needs("mkdocs")
    kitchen.cook("MkDocs")
    shows_what_was_woven(kitchen, "notes/index.md", "site/index.html")


def test_latex(kitchen: Kitchen) -> None:
    kitchen.needs("pdflatex")
    kitchen.cook("LaTeX")
    source = re.sub(r"(?m)^% .*", "", kitchen.read("least-squares.tex"))
    assert "identification" in source
    assert source.count(r"\label{gradient}") == 1
    log = kitchen.read("least-squares.log")
    assert "Warning" not in log
    assert "undefined" not in log
    assert kitchen.path("least-squares.pdf").stat().st_size > 10000


@pytest.mark.parametrize(
    ("title", "files", "dialect"),
    [
        ("Jekyll", "_posts", "kramdown"),
        ("Sphinx and MyST", "*.md", "myst"),
        ("LaTeX", "*.tex", "latex"),
    ],
)
def test_taken_out_again_a_source_is_what_it_was(
    kitchen: Kitchen, title: str, files: str, dialect: str
) -> None:
    recipe = kitchen.fill(title)
    kitchen.run(f"mdiff weave --from {dialect} {files}")
    for found in kitchen.folder.glob(f"{files}/*" if dialect == "kramdown" else files):
        unseen = r"<!--.*?-->|(?m:^% .*)"
        assert "= ?" not in re.sub(unseen, "", found.read_text("utf-8"))
    kitchen.run(f"mdiff weave --check --from {dialect} {files}")
    kitchen.run(f"mdiff weave --strip --from {dialect} {files}")
    for name, text in recipe.files.items():
        assert kitchen.read(name) == text
