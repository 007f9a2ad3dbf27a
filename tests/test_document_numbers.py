"""Numbers of equations and references to them: the same as without the filter."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.ask import Question
from mdiff_pandoc.document.convert import convert

HERE = Path(__file__).parent
REFERENCES = HERE / "references.lua"
GOLDEN = sorted(next(folder.glob("input.*")) for folder in (HERE / "golden").iterdir())
WRITERS = (
    *("html", "html4", "chunkedhtml", "epub", "revealjs", "slidy", "latex", "beamer", "context"),
    *("typst", "docx", "odt", "pptx", "gfm", "commonmark_x", "markdown", "ipynb", "plain", "jats"),
)
DECLARED = r"Let $A \in \mathbb{R}^{n \times m}$ and $X \in \mathbb{R}^{m \times n}$." "\n\n"
LATEX = r"""\documentclass{article}
\usepackage{amsmath}
\DeclareMathOperator{\tr}{tr}
\begin{document}
Let $A \in \mathbb{R}^{n \times m}$ and $X \in \mathbb{R}^{m \times n}$.
\begin{equation}\label{first} x = 1 \end{equation}
\begin{equation}\label{one}
\nabla_X \tr(AX) = ?
\end{equation}
\begin{align}
f &= \tr(AX) \label{row} \\
\nabla_X f &= ? \label{asked} \\
g &= \tr(XA) \label{later} \\
\nabla_X g &= ? \notag \\
h &= \tr(X) \tag{H}\label{tagged}
\end{align}
\begin{equation}\label{split}
\begin{split}
\nabla_X f &= ? \\
\nabla_X g &= ?
\end{split}
\end{equation}
\begin{align}
\nabla_X f \label{left} \\
&= ? \label{right}
\end{align}
\begin{gather}
\nabla_X \tr(AX) = ? \tag{7}\label{seven} \\
\nabla_X \tr(XA) = ? \label{gathered}
\end{gather}
\begin{multline}\label{multline}
\nabla_X \tr(AX + \\ XA) = ?
\end{multline}
\begin{eqnarray}
\nabla_X \tr(AX) &=& ? \label{array} \\
\nabla_X \tr(XA) &=& ? \nonumber
\end{eqnarray}
\begin{equation*}
\nabla_X \tr(AX) = ?
\end{equation*}
\[ \nabla_X \tr(AX) = ? \tag{z}\label{star} \]
\[ \nabla_X \tr(AX) = ? \]
\begin{align}
\nabla_X \tr(AB) &= ? \label{refused} \\
\nabla_Y \tr(AX) &= ? \label{refused too}
\end{align}
\begin{equation}\label{last} x = 1 \end{equation}
\end{document}
"""
MARKDOWN = (
    DECLARED
    + r"""
\begin{equation}\label{first} x = 1 \end{equation}

$$\nabla_X \operatorname{tr}(AX) = ?$$

$$\nabla_X \operatorname{tr}(AX) = ? \tag{T}\label{tagged}$$

\begin{align}
f &= \operatorname{tr}(AX) \label{f} \\
\nabla_X f &= ? \label{df}
\end{align}

> \begin{equation}\label{quoted}
> \nabla_X \operatorname{tr}(AX) = ?
> \end{equation}

- \begin{equation}\label{item}\begin{aligned}
  \nabla_X \operatorname{tr}(AX) &= ?
  \end{aligned}\end{equation}

\begin{equation}\label{last} x = 1 \end{equation}
"""
)


def pandoc(*arguments: str, given: bytes = b"", **settings: str) -> bytes:
    environment = {**os.environ, **settings}
    command = [find_pandoc(), *arguments]
    done = subprocess.run(command, input=given, check=True, capture_output=True, env=environment)
    return done.stdout


def filtered(raw: bytes, writer: str, markdown: bool = True) -> bytes:
    done = convert(raw, writer, markdown=markdown)
    assert not done.fatal
    return done.json


@pytest.fixture(scope="module", autouse=True)
def _each_question_is_answered_once() -> Iterator[None]:
    compute = Question.compute
    Question.compute = functools.cache(compute)  # type: ignore[method-assign]
    yield
    Question.compute = compute  # type: ignore[method-assign]


def labels(raw: bytes, folder: Path) -> dict[str, str]:
    """The number of each label, as TeX counts."""
    folder.mkdir()
    (folder / "a.tex").write_bytes(pandoc("-f", "json", "-t", "latex", "-s", given=raw))
    command = ["pdflatex", "-interaction=nonstopmode", "-draftmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")
    found = re.findall(r"\\newlabel\{(.*?)\}\{\{\{?(.*?)\}", (folder / "a.aux").read_text())
    return dict(found)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize(("reader", "text"), [("latex", LATEX), ("markdown", MARKDOWN)])
def test_tex_counts_as_it_does_without_the_filter(reader: str, text: str, tmp_path: Path) -> None:
    raw = pandoc("-f", reader, "-t", "json", "-s", given=text.encode())
    done = filtered(raw, "latex", reader == "markdown")
    assert done.count(b'"mdiff-verified"') >= 4
    assert labels(done, tmp_path / "after") == labels(raw, tmp_path / "before")


IDS = (
    DECLARED
    + r"""See @eq{}before, @eq{}asked, @eq{}item and @eq{}after.

$$x = 1$$ {#eq{}before}

$$\nabla_X \operatorname{tr}(AX) = ?$$ {#eq{}asked}

- An item with $$\nabla_X \operatorname{tr}(XA) = ?$$ {#eq{}item}

$$\nabla_X \operatorname{tr}(XAX) = ?$$

$$x = 2$${#eq{}after}
"""
)


def numbers(raw: bytes) -> tuple[list[str], set[str]]:
    """The numbers of formulas, the references in the text, and the ids that there are."""
    native = pandoc("-f", "json", "-t", "native", "-s", given=raw).decode()
    native = native.replace(r"\\left(", "(").replace(r"\\right)", ")")
    native = native.replace(r"\\text{(", r"\\qquad{(").replace(r"\\qquad \\qquad", r"\\qquad")
    marks = re.findall(r'"eq\. \d+"|qquad\{\(\d\)\}|\\begin\{equation\}', native)
    return sorted(marks), set(re.findall(r'(?:"|label\{)(eq[:-]\w+)', native))


@pytest.mark.parametrize("ids", [":", "-"])
@pytest.mark.parametrize("writer", ["html", "latex", "docx", "typst", "gfm", "revealjs"])
def test_ids_of_equations_get_their_numbers_in_either_order(writer: str, ids: str) -> None:
    text = IDS.replace("{}", ids).encode()
    raw = pandoc("-t", "json", "-s", given=text)

    def referred(document: bytes) -> bytes:
        settings = {"MDIFF_TEST_IDS": ids, "MDIFF_TEST_WRITER": writer}
        flags = ["-f", "json", "-t", "json", "-s", "-L", str(REFERENCES)]
        return pandoc(*flags, given=document, **settings)

    alone = numbers(referred(raw))
    assert len(alone[0]) == 8
    assert len(alone[1]) == 4
    assert numbers(referred(filtered(raw, writer))) == alone
    assert numbers(filtered(referred(raw), writer)) == alone


@pytest.mark.parametrize(
    ("reference", "kept"),
    [(r"\eqref{a}", True), (r"$\eqref{a}$", True), (r"$(\ref{a})$", True), ("[a](#a)", False)],
)
def test_a_page_has_a_label_where_tex_refers_to_it(reference: str, kept: bool) -> None:
    formula = r"\begin{equation}\label{a} \nabla_X \operatorname{tr}(AX) = ? \end{equation}"
    raw = pandoc("-t", "json", given=f"{DECLARED}See {reference}.\n\n{formula}\n".encode())
    page = pandoc("-f", "json", "-t", "html", "--mathjax", given=filtered(raw, "html")).decode()
    assert page.count(r"\begin{equation}") == 1
    assert (r"\begin{equation}\label{a}" in page) == kept
    assert page.count(' id="a"') == 1
    result = page.index(r"\begin{equation}")
    assert result < page.index("<details") < page.index("</details>")


OPTIONS: tuple[dict[str, str], ...] = (
    {},
    {"badge": "true", "numbered": "true"},
    {"check": "true"},
    {"steps": "closed", "rules": "rules.html"},
    {"steps": "plain"},
    {"steps": "closed", "numbered": "true", "badge": "true", "check": "true", "detail": "brief"},
)


def asking(document: bytes, options: dict[str, str]) -> bytes:
    """The document with more options in its metadata."""
    tree = json.loads(document)
    own = tree["meta"].setdefault("mdiff", {"t": "MetaMap", "c": {}})
    for key, value in options.items():
        own["c"][key] = {"t": "MetaInlines", "c": [{"t": "Str", "c": value}]}
    return json.dumps(tree).encode()


@pytest.mark.parametrize("file", GOLDEN, ids=lambda path: path.parent.name)
def test_a_second_run_changes_nothing(file: Path) -> None:
    markdown = file.suffix == ".md"
    raw = pandoc(str(file), "-t", "json", "-s")
    for place, writer in enumerate(WRITERS):
        for options in (OPTIONS[place % 3], OPTIONS[3 + place % 3]):
            once = filtered(asking(raw, options), writer, markdown)
            twice = filtered(once, writer, markdown)
            assert json.loads(once) == json.loads(twice), (writer, options)


@pytest.mark.parametrize("writer", ["markdown", "commonmark_x"])
@pytest.mark.parametrize("file", GOLDEN, ids=lambda path: path.parent.name)
def test_a_second_run_over_the_written_file_changes_nothing(file: Path, writer: str) -> None:
    flags = ("-s", "--wrap=none")
    raw = pandoc(str(file), "-t", "json", "-s")
    once = pandoc("-f", "json", "-t", writer, *flags, given=filtered(raw, writer))
    reading = pandoc("-f", writer, "-t", "json", "-s", given=once)
    twice = pandoc("-f", "json", "-t", writer, *flags, given=filtered(reading, writer))
    assert twice == pandoc("-f", writer, "-t", writer, *flags, given=once)


def test_a_second_run_over_gfm_leaves_what_stands_in_raw_html() -> None:
    text = rf"""{DECLARED}
Here $\nabla_X \operatorname{{tr}}(AX) = ?$ and $\nabla_Z \operatorname{{tr}}(AX) = ?$

<div class="mdiff-skip">

$$\nabla_X \operatorname{{tr}}(XA) = ?$$

</div>

$$\nabla_Z \operatorname{{tr}}(XA) = ?$$
"""
    flags = ("-t", "gfm", "--wrap=none")
    raw = pandoc("-f", "gfm", "-t", "json", given=text.encode())
    once = pandoc("-f", "json", *flags, given=filtered(raw, "gfm"))
    assert once.count(b"= ?") == 3
    reading = pandoc("-f", "gfm", "-t", "json", given=once)
    twice = pandoc("-f", "json", *flags, given=filtered(reading, "gfm"))
    assert twice == pandoc("-f", "gfm", *flags, given=once)


def test_what_quarto_keeps_account_of_stays_in_one_piece() -> None:
    request = r"$$\nabla_X \operatorname{tr}(AX) = ?$$"
    slot = "{q_scaffold=true}"
    text = rf"""{DECLARED}
::: {{q=true q_id=1}}
:::: {slot}
- {request}
::::
:::: {slot}
{request} {{#eq-a}}
::::
:::

[[{request}]{slot}]{{q=true q_id=2}}
"""
    plain = pandoc("-t", "json", given=text.encode())
    tree = json.loads(re.sub(rb'"q(_\w+)?"', rb'"__quarto_custom\1"', plain))
    title = tree["blocks"][1]["c"][1][0]
    title["c"][1] = title["c"][1][0]["c"][0]  # the text of the item: no paragraph
    raw = json.dumps(tree).encode()
    done = filtered(raw, "html")
    assert done.count(b'"data-result"') == 3
    assert done.count(b"<details") == 1
    for key in (b'"__quarto_custom"', b'"__quarto_custom_id"', b'"__quarto_custom_scaffold"'):
        assert done.count(key) == raw.count(key)
    assert b'{"t":"Str","c":"{#eq-a}"}' in done


PAPER = r"""\begin{equation}\label{a} f(x) = x^\top x \end{equation}
\[ \nabla_x f(x) = ? \tag{7}\label{b} \]
By \eqref{a}, \eqref{b}, \ref{b} and \eqref{none}.
"""


@pytest.mark.parametrize(
    ("writer", "shown"),
    [
        ("latex", r"By \eqref{a}, \eqref{b}, \ref{b} and \hyperref[none]"),
        ("plain", "By [a], (7), 7 and [none]."),
    ],
)
def test_references_of_a_latex_source_tell_the_number(writer: str, shown: str) -> None:
    raw = pandoc("-f", "latex", "-t", "json", given=PAPER.encode())
    page = pandoc("-f", "json", "-t", writer, given=filtered(raw, writer, False)).decode()
    assert shown in page
