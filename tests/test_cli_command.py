"""The command ``mdiff`` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mdiff_pandoc
from mdiff_pandoc.cli.explanations import EXPLANATIONS

ROOT = Path(__file__).parent.parent
TRACE = r"\nabla_X \operatorname{tr}(AXB)"


@pytest.fixture(autouse=True, scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The filter's script on the PATH, as an installation puts it there."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "mdiff-pandoc"
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m mdiff_pandoc.filter \"$@\"\n")
    script.chmod(0o755)
    os.environ["PATH"] += os.pathsep + str(folder)


def mdiff(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    code = "from mdiff_pandoc.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=text,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def serve(*lines: str) -> list[dict[str, object]]:
    done = mdiff("derive", "--jsonl", text="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("command", [[], ["derive"], ["check"], ["build"], ["rules"], ["explain"]])
def test_help_has_an_example_for_every_command(command: list[str]) -> None:
    done = mdiff(*command, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"mdiff {command[0] if command else 'build'} " in done.stdout


def test_version() -> None:
    assert mdiff("--version").stdout.strip() == f"mdiff {mdiff_pandoc.__version__}"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['mdiff', '--help']\n"
        "from mdiff_pandoc.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join({'sympy', 'antlr4', 'panflute', 'flint'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stderr == ""


def test_derive_prints_latex_and_says_how_it_was_verified() -> None:
    done = mdiff("derive", TRACE)
    assert done.returncode == 0
    assert done.stdout.startswith(r"\begin{aligned}")
    assert "verified (exact" in done.stderr
    assert "assumed: " in done.stderr


def test_derive_takes_the_question_mark_and_stdin() -> None:
    assert mdiff("derive", TRACE + " = ?").stdout == mdiff("derive", TRACE).stdout
    assert mdiff("derive", "-", text=TRACE + "\n").stdout == mdiff("derive", TRACE).stdout


def test_derive_to_every_target() -> None:
    as_json = json.loads(mdiff("derive", TRACE, "--to", "json").stdout)
    assert as_json["status"] == "verified"
    markdown = mdiff("derive", TRACE, "--to", "markdown").stdout
    assert markdown.startswith("$$\n\\begin{aligned}")
    assert "\nwith $" in markdown
    numpy = mdiff("derive", TRACE, "--to", "numpy").stdout
    assert "def derivative(" in numpy
    compile(numpy, "derivative", "exec")


def test_declarations_and_options_count() -> None:
    form = r"\nabla_x \, x^\top S x"
    done = mdiff("derive", form, "--declare", "S symmetric", "--detail", "result", "--to", "json")
    assert json.loads(done.stdout)["result"] == "2 S x"


def test_a_failed_request_exits_with_1_and_points_at_the_place() -> None:
    done = mdiff("derive", r"\nabla_x (x^T A = ?")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ( is never closed [parse]")
    assert "^" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["derive"],
        ["derive", TRACE, "--jsonl"],
        ["derive", TRACE, "--detail", "ful"],
        ["derive", TRACE, "--to", "pdf"],
        ["derive", TRACE, "--nonsense"],
        ["build", "no-such-file.md", "-o", "x.html"],
        ["build", "README.md"],
        ["explain", "shape-mismach"],
        ["frobnicate"],
    ],
)
def test_misuse_exits_with_2(arguments: list[str]) -> None:
    done = mdiff(*arguments)
    assert done.returncode == 2
    assert done.stderr != ""
    assert "Traceback" not in done.stderr


def test_explain_prints_a_page_or_the_nearest_code() -> None:
    assert mdiff("explain", "parse").stdout == EXPLANATIONS["parse"].page("parse") + "\n"
    assert mdiff("explain", "--to", "markdown").stdout.count("\n## ") == len(EXPLANATIONS)
    assert mdiff("explain", "parse", "--to", "markdown").returncode == 2
    assert "did you mean shape-mismatch?" in mdiff("explain", "shape-mismach").stderr


def test_jsonl_answers_in_order() -> None:
    requests = [{"id": n, "latex": rf"\nabla_x \, x^\top x + {n}"} for n in range(5)]
    answers = serve(*map(json.dumps, requests))
    assert [answer["id"] for answer in answers] == list(range(5))
    assert {answer["status"] for answer in answers} == {"verified"}


def test_jsonl_answers_have_the_documented_fields() -> None:
    request = {
        "id": "a",
        "latex": TRACE,
        "declare": [r"A \in \mathbb{R}^{p \times m}"],
        "options": {"style": "differential", "layout": "denominator"},
    }
    [answer] = serve(json.dumps(request))
    fields = {"id", "status", "result", "derivation", "steps", "assumed", "verification", "numpy"}
    assert fields <= set(answer)
    steps = answer["steps"]
    assert isinstance(steps, list)
    assert all({"latex", "rule"} <= set(step) for step in steps)


def test_jsonl_outlives_bad_lines() -> None:
    answers = serve(
        "{",
        "[]",
        json.dumps({"id": 1}),
        json.dumps({"id": 2, "latex": TRACE, "declares": []}),
        json.dumps({"id": 3, "latex": TRACE, "options": {"detial": "full"}}),
        json.dumps({"id": 4, "latex": r"\nabla_x (x^T A"}),
        json.dumps({"id": 5, "latex": TRACE}),
    )
    assert [answer["id"] for answer in answers] == [None, None, 1, 2, 3, 4, 5]
    found = [answer["error"]["code"] for answer in answers[:6]]  # type: ignore[index]
    assert found == ["json", "json", "option", "option", "option", "parse"]
    error = answers[5]["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "span", "hint"}
    assert answers[6]["status"] == "verified"


def test_jsonl_answers_each_line_at_once() -> None:
    code = "from mdiff_pandoc.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code, "derive", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "latex": TRACE}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()


def test_build_makes_a_standalone_page(tmp_path: Path) -> None:
    page = tmp_path / "lecture-notes.html"
    source = ROOT / "samples" / "lecture-notes.md"
    done = mdiff("build", str(source), "-o", str(page), "--toc")
    assert done.returncode == 0, done.stderr
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert html.count('<div class="mdiff mdiff-verified"') >= 15
    assert "<math" in html
    assert 'id="TOC"' in html


def test_build_names_the_file_and_fails_where_the_document_says_so(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("---\nmdiff: {on-error: fail}\n---\n$$\\nabla_x (x^T A = ?$$\n")
    done = mdiff("build", str(note), "-o", str(tmp_path / "note.html"))
    assert done.returncode == 1
    assert f"{note}:4:12: error: " in done.stderr
    assert " [parse]" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "marks"),
    [
        (["--check"], 0, 2),
        (["--check=true"], 0, 2),
        (["--check=fail"], 1, 0),
        (["--check=false"], 0, 0),
        ([], 0, 0),
        (["--check", "--", "--metadata=lang:en"], 0, 2),
        (["--check", "-M", "lang=en", "-V", "margin-left=3cm"], 0, 2),
        (["--check=often"], 2, 0),
    ],
)
def test_build_checks_a_document_without_metadata(
    tmp_path: Path, arguments: list[str], code: int, marks: int
) -> None:
    paper, page = tmp_path / "paper.tex", tmp_path / "paper.html"
    paper.write_text(r"\(\nabla_x x^\top x = 2x\), \(\nabla_x x^\top x = 3x\)", encoding="utf-8")
    done = mdiff("build", "-o", str(page), str(paper), *arguments)
    assert done.returncode == code, done.stderr
    html = page.read_text(encoding="utf-8") if page.exists() else ""
    assert html.count("data-verdict=") == marks
    assert ("paper.tex:1:49: refuted: " in done.stderr) == ("refuted" in html or code == 1)


def test_check_on_the_command_line_stands_before_the_file_and_wins_over_the_document(
    tmp_path: Path,
) -> None:
    note, page = tmp_path / "note.md", tmp_path / "note.html"
    note.write_text("---\nmdiff: {check: fail}\n---\n$\\nabla_x x^T x = 3x$\n", encoding="utf-8")
    assert mdiff("build", str(note), "-o", str(page)).returncode == 1
    done = mdiff("build", "--check", str(note), "-o", str(page))
    assert done.returncode == 0, done.stderr
    assert 'data-verdict="refuted"' in page.read_text(encoding="utf-8")


def test_the_python_face_is_lazy() -> None:
    code = (
        "import sys, mdiff_pandoc\n"
        "assert not {'sympy', 'antlr4', 'flint'} & set(sys.modules)\n"
        "print(mdiff_pandoc.derive(r'\\nabla_x x^T x').result)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "2 x"
    with pytest.raises(AttributeError):
        _ = mdiff_pandoc.nothing  # type: ignore[attr-defined]
