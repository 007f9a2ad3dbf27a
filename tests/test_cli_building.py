"""``mdiff build`` says in its last lines why there is no document, and writes a report."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from mdiff_pandoc.cli.arguments import divided, meant
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.cache.store import NAME, PAGE

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "tests" / "report.schema.json").read_text("utf-8"))
NOTE = r"""---
mdiff: {check: true, detial: brief}
---

Let $A$ be symmetric.

$$\nabla_x (x^T A = ?$$

$$\nabla_x x^T A x = ?$$ and $\nabla_x x^T x = 3x$, $\frac{d}{dt} \log(-t^2) = ?$

``` mdiff
X big
\nabla_X \operatorname{tr}(X)
```
"""


def build(
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    script = "from mdiff_pandoc.cli import main; main()"
    # a script of the filter, which runs what is tested here
    filters = folder / "bin"
    filters.mkdir(exist_ok=True)
    run = filters / "mdiff-pandoc"
    run.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from mdiff_pandoc.filter import main\nmain()\n"
    )
    run.chmod(run.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(Path(find_pandoc()).parent), str(filters), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-c", script, "build", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "MDIFF_CACHE_DIR": str(folder / "cache"),
            **(env or {}),
        },
        check=False,
    )


def record(folder: Path, text: str, *arguments: str, name: str = "note.md") -> dict[str, object]:
    (folder / name).write_text(text, "utf-8")
    done = build(folder, name, "-o", "note.html", "--report", "out.json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, object] = json.loads((folder / "out.json").read_text("utf-8"))
    jsonschema.validate(found, SCHEMA)
    return found


def test_the_report_holds_every_request_equality_and_message(tmp_path: Path) -> None:
    found = record(tmp_path, NOTE)
    requests, claims = found["requests"], found["claims"]
    assert isinstance(requests, list)
    assert isinstance(claims, list)
    assert [(item["line"], item["column"], item["status"]) for item in requests] == [
        (7, 3, "error"),
        (9, 3, "verified"),
        (9, 54, "undecided"),
        (13, 1, "verified"),
    ]
    assert [item["latex"] for item in requests][1] == r"\nabla_x x^T A x"
    assert requests[1]["result"] == "2 A x"
    assert requests[1]["method"] == "exact"
    [claim] = claims
    assert (claim["line"], claim["column"], claim["math"], claim["equality"]) == (9, 31, 3, 0)
    assert (claim["verdict"], claim["repaired"]) == ("refuted", "2 x")
    messages = found["messages"]
    assert isinstance(messages, list)
    assert [(item["line"], item["column"], item["code"] or item["kind"]) for item in messages] == [
        (2, 22, "option"),
        (7, 12, "parse"),
        (9, 46, "refuted"),
        (9, 54, "not-verified"),
        (12, 1, "declaration"),
    ]
    assert found["counts"] == {
        "requests": {"verified": 2, "undecided": 1, "error": 1},
        "claims": {"verified": 0, "refuted": 1, "undecided": 0, "definition": 0},
        "cached": 0,
    }
    again = record(tmp_path, NOTE)
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert again["counts"] == {**counts, "cached": 3}  # errors are not kept
    assert again["messages"] == messages


def test_the_claims_of_the_report_are_those_of_check(tmp_path: Path) -> None:
    rows = r"\begin{aligned}f &= x^T x \\ &= x \cdot x\end{aligned}"
    text = rf"$\nabla_x x^T x = 3x$ and $${rows}$$."
    found = record(tmp_path, text, "--check")
    script = "from mdiff_pandoc.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", "--json", "note.md"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    claims = json.loads(done.stdout)["claims"]
    assert len(claims) == 3
    told = found["claims"]
    assert isinstance(told, list)
    keys = ("line", "column", "end_line", "end_column", "math", "equality", "latex", "verdict")
    assert [[item[key] for key in keys] for item in told] == [
        [item[key] for key in keys] for item in claims
    ]


def test_a_document_without_requests_has_a_report_too(tmp_path: Path) -> None:
    found = record(tmp_path, "No formula.\n")
    assert (found["requests"], found["claims"], found["messages"]) == ([], [], [])
    assert found["file"] == "note.md"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("on-error: fail", "2 requests or options failed under `on-error: fail`"),
        ("check: fail", "1 equality is refuted under `check: fail`"),
    ],
)
def test_the_last_line_says_why_the_build_stops(tmp_path: Path, head: str, reason: str) -> None:
    text = NOTE.replace("check: true, detial: brief", head)
    (tmp_path / "note.md").write_text(text, "utf-8")
    done = build(tmp_path, "note.md", "-o", "note.html", "--report", "out.json")
    assert done.returncode == 1
    assert not (tmp_path / "note.html").exists()
    assert done.stderr.splitlines()[-1] == f"mdiff: note.md: the build stops: {reason}"
    assert done.stderr.count("the build stops") == 1
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert found["stopped"].endswith(reason)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "n.html", "--no-such-option"], "pandoc ended with code 6"),
        (["-o", "n.html", "--", "--chek"], "pandoc ended with code 6"),
        (["-o", "n.html", "--chek=fail"], "did you mean --check?"),
        (["-o", "n.html", "--reprot", "out.json"], "did you mean --report?"),
        (["-t", "gfm"], "-o - to see the gfm here"),
        (["-o", "note.md"], "note.md is the document itself"),
        (["-o", "n.html", "-t", "no-such-format"], "pandoc ended with code 22"),
        (["-o", "n.html", "--", "--filter", "no-such-filter"], "a filter failed"),
        (["-o", "n.pdf", "--", "--pdf-engine=no-such-tex"], "no-such-tex is not installed"),
        (["-o", "n.pdf", "--pdf-engine", "no-such-tex"], "no-such-tex is not installed"),
        (["-o", "no-such-folder/n.html"], "there is no folder no-such-folder"),
        (["-o", "n.html", "--report", "note.md"], "the report is JSON"),
        (["-o", "n.json", "--report", "n.json"], "the report cannot be written"),
        (["-o", "n.html", "--report", "no/out.json"], "there is no folder no"),
    ],
)
def test_what_pandoc_cannot_do_gives_one_clear_message(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "note.md").write_text("A note.\n", "utf-8")
    done = build(tmp_path, "note.md", *arguments)
    assert done.returncode == 2
    [line] = [line for line in done.stderr.splitlines() if line.startswith("mdiff: ")]
    assert said in line
    assert "Traceback" not in done.stderr
    assert (tmp_path / "note.md").read_text("utf-8") == "A note.\n"


@pytest.mark.parametrize(("engines", "advice"), [((), ".html or .docx"), (("typst",), "=typst")])
def test_a_missing_pdflatex_is_told_before_the_work(
    tmp_path: Path, engines: tuple[str, ...], advice: str
) -> None:
    (tmp_path / "note.md").write_text("$\\nabla_x (x = ?$\n", "utf-8")
    found = tmp_path / "programs"
    found.mkdir()
    for name in engines:
        (found / name).write_text("#!/bin/sh\n")
        (found / name).chmod(0o755)
    done = build(tmp_path, "note.md", "-o", "n.pdf", env={"PATH": str(found)})
    first, second = done.stderr.splitlines()
    assert first == "mdiff: n.pdf cannot be built: pdflatex is not installed [pandoc]"
    assert second.startswith("  help: install it, or ")
    assert advice in second
    assert done.returncode == 2


def test_a_pandoc_that_cannot_be_run_is_told_of(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "pandoc"
    broken.parent.mkdir()
    broken.write_bytes(b"\x00no program")
    broken.chmod(0o755)
    (tmp_path / "note.md").write_text("A note.\n", "utf-8")
    path = os.pathsep.join([str(broken.parent), os.environ["PATH"]])
    done = build(tmp_path, "note.md", "-o", "n.html", env={"PATH": path})
    assert done.returncode == 2
    assert done.stderr.startswith(f"mdiff: {broken} cannot be run: ")
    assert done.stderr.endswith("[pandoc]\n")


def test_an_old_report_does_not_outlive_a_failed_build(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("A note.\n", "utf-8")
    (tmp_path / "out.json").write_text("{}", "utf-8")
    build(tmp_path, "note.md", "-o", "n.html", "--report", "out.json", "--", "--no-such-option")
    assert not (tmp_path / "out.json").exists()


def test_the_page_of_an_earlier_build_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("$\\nabla_x x^T x = ?$\n", "utf-8")
    counts = []
    for _ in range(2):
        build(tmp_path, "note.md", "-o", "n.html")
        with sqlite3.connect(tmp_path / "cache" / NAME) as kept:
            counts += kept.execute("SELECT COUNT(*) FROM entries WHERE kind = ?", (PAGE,))
    assert counts == [(1,), (1,)]


@pytest.mark.parametrize(
    ("given", "own", "passed"),
    [
        ("note.md -o n.html", "note.md -o n.html", ""),
        ("note.md -t gfm -o n.md", "note.md -o n.md", "-t gfm"),
        ("-t gfm note.md -on.md", "note.md -on.md", "-t gfm"),
        ("--pdf-engine tectonic a.md --toc b.md", "a.md", "--pdf-engine tectonic --toc b.md"),
        ("--pdf-eng xelatex note.md", "note.md", "--pdf-eng xelatex"),
        ("--toc note.md --css=a.css", "note.md", "--toc --css=a.css"),
        ("-s -V lang=de note.md", "note.md", "-s -V lang=de"),
        ("--output n.md --check=fail -N a.md -q", "--output n.md --check=fail a.md -q", "-N"),
        ("note.md -- -o n.html --quiet", "note.md", "-o n.html --quiet"),
        ("-t", "", "-t"),
    ],
)
def test_options_that_mdiff_does_not_have_are_those_of_pandoc(
    given: str, own: str, passed: str
) -> None:
    assert divided(given.split()) == (own.split(), passed.split())


def test_every_option_of_pandoc_is_passed_on() -> None:
    told = subprocess.run([find_pandoc(), "--help"], capture_output=True, text=True, check=True)
    options = re.findall(r"--[a-z-]+(?:=[A-Z<a-z])?", told.stdout)
    assert len(options) > 80
    for option in options:
        name, _, value = option.partition("=")
        if name in ("--output", "--quiet", "--verbose", "--help"):
            continue
        own, _ = divided([name, *(["x"] if value else []), "note.md"])
        assert (own, meant(name)) == (["note.md"], ""), option


def test_a_page_on_the_terminal_has_mathml(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(r"$\nabla_x x^T x = ?$", "utf-8")
    done = build(tmp_path, "note.md", "-t", "html", "-o", "-")
    assert (done.returncode, "<math" in done.stdout) == (0, True)


@pytest.mark.parametrize(("method", "shown"), [("--mathml", "(7)"), ("--mathjax", r"\tag{7}")])
def test_a_tag_is_seen_where_its_label_is_referred_to(
    tmp_path: Path, method: str, shown: str
) -> None:
    formula = r"\begin{equation}\tag{7}\label{eq:a} \nabla_x x^T x = ? \end{equation}"
    (tmp_path / "note.md").write_text(f"See \\eqref{{eq:a}}.\n\n{formula}\n", "utf-8")
    done = build(tmp_path, "note.md", method, "-o", "note.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "note.html").read_text("utf-8")
    written = re.sub(r"<annotation.*?</annotation>", "", page, flags=re.S)
    assert shown in written
    assert 'id="eq:a"' in page


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_a_pdf_of_a_latex_source_brings_no_advice_against_it(tmp_path: Path) -> None:
    body = r"\(\nabla_x x^T x = ?\) \includegraphics{none.png} \(\nabla_x (x = ?\)"
    text = rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "paper.tex").write_text(text, "utf-8")
    done = build(tmp_path, "paper.tex", "-o", "paper.pdf")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith(" ")]
    assert len(told) == 2
    assert told[0].startswith("paper.tex:1:")
    assert told[1].startswith("[WARNING] Could not fetch resource none.png")
