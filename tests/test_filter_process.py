"""The filter as a real process under the real pandoc."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc

ROOT = Path(__file__).parent.parent
SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in (".md", ".tex"))
SEEDS = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
WRITERS = ("html", "latex", "docx", "typst")
APPENDED = r"""

$$\nabla_X \operatorname{tr}(AXB) = ?$$

"""
OWN_NOTATION = {
    "000": [r"\nabla_A tr(AB)", r"\nabla_A tr(ABA^{\top}C)", r"\nabla_{Y} tr(XY^{\top}C)"],
    "001": [
        r"\nabla_A \text{tr}(ABA^TC)",
        r"\nabla_A \vert A \vert",
        r"\begin{eqnarray} \nabla_\mu \mu^TA\mu",
        r"\nabla_{A^T} \text{tr}(AB)",
    ],
    "002": [r"\frac{\partial}{\partial A} \|AB\|^2", r"\frac{\partial}{\partial B} \|AB\|^2"],
    "003": [
        r"\frac{\partial tr \left[\mathbf{A}\mathbf{X}\mathbf{B}\right]}{\partial \mathbf{X}}",
        r"\frac{\partial tr\left[\mathbf{V}^{T}\log\left(\mathbf{A}\,diag\left(\mathbf{x}\right)"
        r"\mathbf{B}\right)\right]}{\partial \mathbf{x}}",
        r"\frac{\partial tr \left[ J \mathbf{A} diag(\mathbf{x}) \mathbf{B} \right]}"
        r"{\partial \mathbf{x}}",
        r"\frac{\partial tr\left[\left(\mathbf{X} - \mathbf{WH}\right)\left(\mathbf{X} - "
        r"\mathbf{WH}\right)^{T}\right]}{\partial \mathbf{W}}",
    ],
    "004": [r"\frac{ \partial }{ \partial A } \|A B\|_F^2"],
}


@pytest.fixture(scope="session")
def filter_script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An executable that runs the filter with this Python."""
    script = tmp_path_factory.mktemp("bin") / "mdiff-pandoc"
    script.write_text(
        f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' -m mdiff_pandoc.filter \"$@\"\n"
    )
    script.chmod(0o755)
    return str(script)


def pandoc(
    *arguments: str, text: str = "", extra: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **(extra or {})}
    return subprocess.run(
        [find_pandoc(), *arguments],
        input=text.encode(),
        capture_output=True,
        env=environment,
        check=False,
    )


def test_a_request_becomes_a_derivation(filter_script: str) -> None:
    done = pandoc("--filter", filter_script, "-t", "html", "--mathml", text=APPENDED)
    assert done.returncode == 0, done.stderr.decode()
    page = done.stdout.decode()
    assert '<div class="mdiff mdiff-verified"' in page
    assert "cyclic property" in page.replace(r"}\ \text{", " ")
    assert done.stderr == b""


def test_a_document_without_request_passes_byte_for_byte(filter_script: str) -> None:
    text = "---\ntitle: A\n---\nHow $x = ?$ and `x`{=anything}\n"
    raw = pandoc("-t", "json", "--standalone", text=text).stdout
    done = subprocess.run([filter_script, "html"], input=raw, capture_output=True, check=True)
    assert done.stdout == raw


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (r"$A^T$ and $B^T$ or $C^\top$: $\nabla_X \operatorname{tr}(AX) = ?$", "A^T"),
        (r"$A^{\mathsf T}$: $\nabla_X \operatorname{tr}(AX) = ?$", r"A^{\mathsf T}"),
        (r"$\sum_{t=1}^T x_t$: $\nabla_X \operatorname{tr}(AX) = ?$", r"A^{\top}"),
        (r"$A^T$: $\nabla_X \operatorname{tr}(A^\top X B) = ?$", r"A B^{\top}"),
        (r"$A^T$: $\nabla_X \operatorname{tr}(TX) = ?$", r"T^{\top}"),
    ],
)
def test_transposes_are_written_as_elsewhere_in_the_document(
    filter_script: str, text: str, result: str
) -> None:
    done = pandoc("--filter", filter_script, "-t", "markdown", "--wrap=none", text=text)
    assert f" = {result}$" in done.stdout.decode()


@pytest.mark.parametrize(
    "header", ["", "header-includes: <b>mine</b>", "header-includes: [<b>mine</b>, <i>too</i>]"]
)
def test_a_web_page_shows_sums_at_full_size(filter_script: str, header: str) -> None:
    text = f"---\ntitle: t\nmdiff: {{style: index}}\n{header}\n---\n{APPENDED}"
    flags = ["--filter", filter_script, "-s", "--mathml"]
    page = pandoc(*flags, "-t", "html", text=text).stdout.decode()
    assert "\\sum" in page
    head = page.partition("</head>")[0]
    assert head.count(".mdiff mtd { math-style: normal; }") == 1
    assert ("<b>mine</b>" in head, "<i>too</i>" in head) == ("mine" in header, "too" in header)
    assert "math-style" not in pandoc(*flags, "-t", "latex", text=text).stdout.decode()
    for plain in ("$x$", APPENDED):
        assert "math-style" not in pandoc(*flags, "-t", "html", text=plain).stdout.decode()


def test_everything_else_in_the_document_is_kept(filter_script: str) -> None:
    text = (ROOT / "samples" / "exercise-sheet.md").read_text() + "\n`a`{=foo}\n"
    before = json.loads(pandoc("-t", "json", text=text).stdout)
    done = pandoc("-t", "json", "--filter", filter_script, text=text)
    after = json.loads(done.stdout)
    assert after["meta"] == before["meta"]
    kept = [block for block in before["blocks"] if block["t"] in ("Header", "OrderedList")]
    assert all(block in after["blocks"] for block in kept)


@pytest.mark.parametrize(
    ("request_", "attributes", "formula"),
    [
        (
            r"\frac{\partial (AX)}{\partial X}",
            "",
            r"\frac{\partial [A X]_{ij}}{\partial X_{pq}} = A_{ip} \delta_{jq}",
        ),
        (
            r"\frac{\partial (AX)}{\partial X}",
            "form=vec",
            r"\frac{\partial \operatorname{vec}(A X)}{\partial \operatorname{vec}(X)^{\top}}"
            r" = I \otimes A",
        ),
        (
            r"\nabla_X^2 \log\det X",
            "",
            r"d(\nabla_{X} \log \det(X)) = -(X^{-1}\, dX\, X^{-1})^{\top}",
        ),
        (r"\frac{\partial (Ax)}{\partial x}", "layout=denominator", None),
        (r"\nabla_x^2 \|x\|^2", "", None),
    ],
)
def test_a_result_in_a_sentence_stands_behind_the_derivative_that_it_is(
    filter_script: str, request_: str, attributes: str, formula: str | None
) -> None:
    text = (
        r"$A \in \mathbb{R}^{m \times n}$, $X \in \mathbb{R}^{n \times n}$,"
        rf" $x \in \mathbb{{R}}^n$: [see ${request_} = ?$]{{.mdiff {attributes}}}"
    )
    done = pandoc("--filter", filter_script, "-t", "markdown", "--wrap=none", text=text)
    assert f"${formula or request_ + ' = '}" in done.stdout.decode()


@pytest.mark.parametrize(("policy", "code"), [("fail", 83), ("keep", 0), ("mark", 0)])
def test_on_error(filter_script: str, policy: str, code: int) -> None:
    text = f"---\nmdiff:\n  on-error: {policy}\n---\n$$\\nabla_x (x^T A = ?$$\n"
    done = pandoc("--filter", filter_script, "-t", "latex", text=text)
    assert done.returncode == code
    assert b"mdiff: equation 1: error: " in done.stderr
    assert b" [parse]" in done.stderr
    assert b"^" in done.stderr
    if code == 0:
        assert rb"\nabla_x (x^T A = ?" in done.stdout


CHECKED = r"""---
mdiff: {check: true}
---
Right is $\nabla_x x^\top x = 2x$, and wrong is $\nabla_x x^\top x = x$ here.

$$\begin{align}
f(x) &= \|Ax - b\|^2 \\
\nabla_x f(x) &= 2 A^\top (Ax - b) \label{slope} \\
&= A^\top A x - A^\top b
\end{align}$$

- item $$\nabla_X \operatorname{tr}(A X B) = A^\top B^\top.$$
- item^[A note with $\nabla_x b^\top x = -b$]

| table | $\nabla_x x^\top x = 3x$ |
|-------|--------------------------|
"""


@pytest.mark.parametrize(
    ("writer", "ticks", "crosses"),
    [
        ("html", "✓", "✗"),
        ("gfm", "✓|checkmark", "✗"),
        ("latex", "checkmark", r"\\mdiffcross"),
        ("docx", "✓|checkmark", "✗"),
    ],
)
def test_checked_formulas_are_marked(
    filter_script: str, tmp_path: Path, writer: str, ticks: str, crosses: str
) -> None:
    out = tmp_path / f"out.{writer}"
    flags = ["--filter", filter_script, "-t", writer, "--mathml", "-o", str(out)]
    done = pandoc(*flags, text=CHECKED)
    assert done.returncode == 0
    assert done.stderr.count(b": refuted: ") == 4
    command = ["-t", "markdown", "--wrap=none", str(out)]
    page = out.read_text("utf-8") if writer != "docx" else pandoc(*command).stdout.decode()
    page = page.replace(r"\providecommand{\mdiffcross}", "")
    assert len(re.findall(ticks, page)) == 2
    assert len(re.findall(crosses, page)) >= 4


@pytest.mark.parametrize(("value", "code"), [("fail", 83), ("true", 0)])
def test_check_fail_stops_the_build(filter_script: str, value: str, code: int) -> None:
    text = CHECKED.replace("check: true", f"check: {value}")
    done = pandoc("--filter", filter_script, "-t", "html", text=text)
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)
    told = done.stderr.decode()
    assert "equation 2: refuted: " in told
    assert "counterexample" in told
    assert "help: holds with" in told


def test_the_file_and_the_report_level_come_from_the_environment(filter_script: str) -> None:
    text = r"$\nabla_x x^\top x = ?$"
    extra = {"MDIFF_FILE": "notes.md", "MDIFF_REPORT": "verbose"}
    done = pandoc("--filter", filter_script, "-t", "plain", text=text, extra=extra)
    assert b"notes.md: equation 1: verified: " in done.stderr


def test_the_script_in_filters_runs(tmp_path: Path) -> None:
    raw = pandoc("-t", "json", text=r"$\nabla_x x^\top x = ?$").stdout
    command = [sys.executable, str(ROOT / "filters" / "mdiff.py"), "html"]
    done = subprocess.run(command, input=raw, capture_output=True, check=True, cwd=tmp_path)
    assert b"mdiff-verified" in done.stdout


def test_a_second_run_changes_nothing(filter_script: str) -> None:
    once = pandoc("--filter", filter_script, "-t", "json", text=APPENDED).stdout
    twice = subprocess.run([filter_script, "json"], input=once, capture_output=True, check=True)
    assert json.loads(twice.stdout) == json.loads(once)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("file", SAMPLES, ids=lambda path: path.name)
def test_samples_build_without_a_word(
    filter_script: str, tmp_path: Path, file: Path, writer: str
) -> None:
    flags = [str(file), "-t", writer, "-s", "--mathml", "-o", str(tmp_path / "out")]
    plain = pandoc(*flags)
    done = pandoc(*flags, "--filter", filter_script)
    assert done.returncode == 0, done.stderr.decode()
    new = set(done.stderr.decode().splitlines()) - set(plain.stderr.decode().splitlines())
    assert new == set()


@pytest.mark.skipif(not SEEDS, reason="the founding documents are not at hand")
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("file", SEEDS, ids=lambda path: path.stem[:3])
def test_founding_documents_pass(
    filter_script: str, tmp_path: Path, file: Path, writer: str
) -> None:
    flags = ["-f", "markdown", "-t", writer, "-s", "--mathml", "-o", str(tmp_path / "out")]
    text = file.read_text(encoding="utf-8") + APPENDED
    plain = pandoc(*flags, text=text)
    done = pandoc(*flags, "--filter", filter_script, text=text)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    news = done.stderr.decode().count("[WARNING]") - plain.stderr.decode().count("[WARNING]")
    assert news <= 0, done.stderr.decode()


@pytest.mark.skipif(not SEEDS, reason="the founding documents are not at hand")
@pytest.mark.parametrize("file", SEEDS, ids=lambda path: path.stem[:3])
def test_requests_appended_in_the_notation_of_a_founding_document(
    filter_script: str, file: Path
) -> None:
    requests = OWN_NOTATION[file.stem[:3]]
    text = file.read_text(encoding="utf-8")
    for request in requests:
        end = r" &=& ? \end{eqnarray}" if "eqnarray" in request else " = ?"
        text += f"\n\n$${request}{end}$$\n"
    done = pandoc("--filter", filter_script, "-f", "markdown", "-t", "html", "--mathml", text=text)
    assert done.stdout.decode().count('"mdiff mdiff-verified"') >= len(requests), done.stderr


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", ["lecture-notes.md", "paper.tex"])
def test_a_pdf_is_built(filter_script: str, tmp_path: Path, name: str) -> None:
    page = tmp_path / "out.pdf"
    done = pandoc(str(ROOT / "samples" / name), "--filter", filter_script, "-o", str(page))
    assert done.returncode == 0, done.stderr.decode()
    assert page.read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("writer", ["latex", "beamer"])
def test_a_pdf_with_marks_is_built(filter_script: str, tmp_path: Path, writer: str) -> None:
    page = tmp_path / "out.pdf"
    flags = ["--filter", filter_script, "-t", writer, "-o", str(page)]
    done = pandoc(*flags, text=CHECKED)
    assert done.returncode == 0, done.stderr.decode()
    assert page.read_bytes().startswith(b"%PDF")
