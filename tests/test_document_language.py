"""The language of a document: its metadata, or the preamble of its LaTeX source."""

import json
import subprocess

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.words.told import language_of_latex

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


def converted(text, file, reader, *more):
    done = subprocess.run(
        [find_pandoc(), "-f", reader, "-t", "json", *more],
        input=text.encode(),
        check=True,
        capture_output=True,
    )
    return json.dumps(json.loads(convert(done.stdout, "html", file=str(file)).json))


def test_a_paper_in_german_gets_german_words(tmp_path):
    paper = tmp_path / "paper.tex"
    text = PAPER % r"\usepackage[ngerman]{babel}"
    paper.write_text(text, "utf-8")
    assert "Vertauschung" in converted(text, paper, "latex")
    assert "Vertauschung" not in converted(text, tmp_path / "other.tex", "latex")
    assert "Vertauschung" not in converted(text, paper, "latex", "-M", "lang=en")


def test_a_note_says_it_in_its_metadata(tmp_path):
    text = "---\nlang: de\n---\n\n" + r"$$\nabla_X \operatorname{tr}(AXB) = ?$$"
    assert "Vertauschung" in converted(text, "document", "markdown")
    plain = r"`\usepackage[ngerman]{babel}` $$\nabla_X \operatorname{tr}(AXB) = ?$$"
    note = tmp_path / "note.md"
    note.write_text(plain, "utf-8")
    assert "Vertauschung" not in converted(plain, note, "markdown")
