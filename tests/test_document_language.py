"""The language of a document: its metadata, or the preamble of its LaTeX source."""

import subprocess

import pytest
from typer.testing import CliRunner

from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.building import build_document
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.words.tag import language_of_latex

PAPER = r"""
\documentclass{article}
%s
\usepackage{amsmath}
\begin{document}
\[ \nabla_X \operatorname{tr}(AXB) = ? \]
\end{document}
"""


@pytest.mark.parametrize(
    ("preamble", "tag"),
    [
        (r"\usepackage[ngerman]{babel}", "de"),
        (r"\usepackage[english, ngerman]{babel}", "de"),
        (r"\usepackage[ngerman,english]{babel}", "en"),
        (r"\usepackage[main=ngerman,english]{babel}", "de"),
        (r"\usepackage[ngerman,shorthands=off]{babel}", "de"),
        (r"\documentclass[a4paper,german]{article} \usepackage{babel}", "de"),
        (r"\documentclass[french]{article} \usepackage[ngerman]{babel}", "de"),
        (r"\documentclass[german]{article}", ""),
        (r"\usepackage{polyglossia} \setmainlanguage[variant=swiss]{german}", "de"),
        (r"\usepackage[naustrian]{babel}", "de-AT"),
        (r"% \usepackage[ngerman]{babel}", ""),
        (r"100\% \usepackage[ngerman]{babel}", "de"),
        (r"\begin{document} \usepackage[ngerman]{babel}", ""),
        (r"\usepackage[klingon]{babel}", ""),
        ("", ""),
    ],
)
def test_the_preamble_tells_the_language(preamble, tag):
    assert language_of_latex(preamble) == tag


def converted(text, reader, *more, language=""):
    done = subprocess.run(
        [find_pandoc(), "-f", reader, "-t", "json", *more],
        input=text.encode(),
        check=True,
        capture_output=True,
    )
    return convert(done.stdout, "html", language=language).json.decode()


def test_the_metadata_win():
    text = PAPER % ""
    assert "Vertauschung" not in converted(text, "latex")
    assert "Vertauschung" in converted(text, "latex", language="de")
    assert "Vertauschung" in converted(text, "latex", "-M", "lang=de-AT", language="en")
    assert "Vertauschung" not in converted(text, "latex", "-M", "lang=en", language="de")


def test_a_build_takes_the_language_of_the_source_as_it_is_now(tmp_path, monkeypatch):
    monkeypatch.setenv("MDIFF_CACHE_DIR", str(tmp_path / "cache"))
    paper, page = tmp_path / "paper.tex", tmp_path / "page.html"
    for babel, word in (("ngerman", "Vertauschung"), ("english", "cyclic"), ("german", "Verta")):
        paper.write_text(PAPER % rf"\usepackage[{babel}]{{babel}}", "utf-8")
        assert build_document(paper, page, []) == 0
        assert word in page.read_text("utf-8")


def test_weaving_takes_the_language_of_the_source(tmp_path):
    paper = tmp_path / "paper.tex"
    paper.write_text(PAPER % r"\usepackage[ngerman]{babel}", "utf-8")
    assert CliRunner().invoke(app, ["weave", str(paper)]).exit_code == 0
    assert "Vertauschung" in paper.read_text("utf-8")
