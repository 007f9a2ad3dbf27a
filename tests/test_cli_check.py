"""The command ``mdiff check`` as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.check.outcome import Outcome
from mdiff_pandoc.cli.check.run import Checker

ROOT = Path(__file__).parent.parent
CODE = "from mdiff_pandoc.cli import main; main()"
RIGHT = r"\nabla_X \operatorname{tr}(AX) = A^\top"
WRONG = r"\nabla_X \operatorname{tr}(AX) = A"
OPEN = r"\nabla_X \operatorname{tr}(AX) = \cdots"
NOTES = f"# Traces\n\nHere is $${RIGHT}$$ and\n\n$$\n{WRONG}\n$$\n\nand ${OPEN}$.\n"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def process(folder: Path, *arguments: str) -> Done:
    """What the command does in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "check", *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=folder,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def check(folder: Path, *arguments: str, data: bytes = b"") -> Done:
    """What the command does, in this process."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(app, ["check", *arguments], input=data)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return Done(result.exit_code, result.stdout, result.stderr)


def claims(done: Done) -> list[dict[str, object]]:
    found = json.loads(done.stdout)["claims"]
    assert isinstance(found, list)
    return found


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text(NOTES)
    return tmp_path


def test_a_wrong_gradient_is_shown_with_its_place_and_the_right_one(notes: Path) -> None:
    done = process(notes, "notes.md")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    sign = WRONG.index("=") + 1
    assert f"notes.md:6:{sign}: refuted: {WRONG}" in lines
    shown = lines.index(f"  6 | {WRONG}")
    assert lines[shown + 1].index("^") == lines[shown].index("=")
    assert any("counterexample with " in line for line in lines)
    assert any(line.startswith("  help: ") and "$A" in line for line in lines)
    assert not any(line.startswith("  write: ") for line in lines)  # help ends with it
    assert any(line.startswith("notes.md:9:") and ": undecided: " in line for line in lines)
    assert lines[-1] == "3 equalities in 1 file: 1 verified, 1 refuted, 1 undecided, 0 definitions"
    assert "\x1b" not in done.stdout


def test_quiet_verbose_and_strict(notes: Path) -> None:
    assert "undecided" not in check(notes, "notes.md", "--quiet").stdout
    assert "notes.md:3:" in check(notes, "notes.md", "--verbose").stdout
    (notes / "open.md").write_text(f"${OPEN}$\n")
    assert check(notes, "open.md").returncode == 0
    strict = check(notes, "open.md", "--strict", "--quiet")
    assert strict.returncode == 1
    assert strict.stdout.startswith("open.md:1:")


def test_every_format_of_one_run(notes: Path) -> None:
    found = claims(check(notes, "notes.md", "--json"))
    assert [claim["verdict"] for claim in found] == ["verified", "refuted", "undecided"]
    assert [claim["line"] for claim in found] == [3, 6, 9]
    assert [claim["math"] for claim in found] == [0, 1, 2]
    assert claims(check(notes, "notes.md", "--format", "json")) == found
    github = check(notes, "notes.md", "--format", "github")
    assert github.returncode == 1
    assert re.search(r"^::error file=notes\.md,line=6,col=\d+,title=", github.stdout, re.M)
    assert re.search(r"^::notice file=notes\.md,line=9,", github.stdout, re.M)
    suites = ET.fromstring(check(notes, "notes.md", "--format", "junit").stdout)
    assert (suites.get("tests"), suites.get("failures"), suites.get("skipped")) == ("3", "1", "1")
    sarif = json.loads(check(notes, "notes.md", "--format", "sarif").stdout)
    results = sarif["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["refuted", "undecided"]
    [replacement] = results[0]["fixes"][0]["artifactChanges"][0]["replacements"]
    gone = replacement["deletedRegion"]
    lines = NOTES.splitlines()
    line = lines[gone["startLine"] - 1]
    assert line[gone["startColumn"] - 1 : gone["endColumn"] - 1] == "A"
    lines[gone["startLine"] - 1] = (
        line[: gone["startColumn"] - 1] + replacement["insertedContent"]["text"]
    )
    (notes / "notes.md").write_text("\n".join(lines))
    assert check(notes, "notes.md").returncode == 0


def test_several_files_at_once_give_what_one_after_another_gives(notes: Path) -> None:
    for name in ("a.tex", "deep/b.md", "c.txt"):
        (notes / name).parent.mkdir(exist_ok=True)
        (notes / name).write_text(f"${WRONG if name == 'a.tex' else RIGHT}$\n")
    arguments = (".", "c.txt", "**/*.md")
    together = process(notes, *arguments, "--jobs", "2", "--json")
    assert together.stdout == check(notes, *arguments, "--jobs", "1", "--json").stdout
    files = [claim["file"] for claim in claims(together)]
    assert list(dict.fromkeys(files)) == ["./a.tex", "./notes.md", "./deep/b.md", "c.txt"]


def test_a_process_that_ends_takes_no_other_file_with_it(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Checker.outcome

    def outcome(self: Checker, file: str) -> Outcome:
        if file == "ends.md":
            os._exit(9)
        return whole(self, file)

    monkeypatch.setattr(Checker, "outcome", outcome)
    (notes / "ends.md").write_text("")
    done = check(notes, "notes.md", "ends.md", "./notes.md", "-", "--jobs", "2", "--quiet")
    assert done.returncode == 2
    assert done.stderr.startswith("ends.md: error: its process was ended")
    assert "notes.md:6:" in done.stdout


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), ValueError("odd")])
def test_a_fault_stops_no_other_file(
    notes: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "odd.md":
            raise fault
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    (notes / "odd.md").write_text("")
    done = check(notes, "odd.md", "notes.md", "--jobs", "1")
    assert done.returncode == 2
    assert "notes.md:6:" in done.stdout
    line, advice = done.stderr.splitlines()
    assert line.startswith("odd.md: error: ")
    assert line.endswith(": Input/output error [source]") or line.endswith(": odd [internal]")
    assert advice.startswith("  help: ")


def test_options_of_a_document_that_are_not_known_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text("---\nmdiff: {detial: brief}\n---\n")
    head, line, caret, advice, *_ = check(tmp_path, "n.md").stdout.splitlines()
    assert head == "n.md:2:9: warning: unknown option `detial` [option]"
    assert line[caret.index("^") :].startswith("detial")
    assert advice == "  help: did you mean `detail`?"


def test_the_cell_of_a_notebook_is_told(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "x", "execution_count": 1},
        {"cell_type": "markdown", "metadata": {}, "source": ["So\n", f"${WRONG}$"]},
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(book, indent=1))
    [claim] = claims(check(tmp_path, "n.ipynb", "--json"))
    assert claim["cell"] == 2
    assert (
        f"${WRONG}$".replace("\\", "\\\\")
        in ((tmp_path / "n.ipynb").read_text().splitlines()[int(str(claim["line"])) - 1])
    )
    lines = check(tmp_path, "n.ipynb").stdout.splitlines()
    assert " (cell 2): refuted: " in lines[0]
    assert lines[1].endswith(f" | ${WRONG}$")
    assert lines[2].index("^") == lines[1].index("=")


def test_stdin_is_read_as_markdown_or_as_told(tmp_path: Path) -> None:
    done = check(tmp_path, "-", data=NOTES.encode())
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:6:")
    latex = rf"\begin{{document}}Now \[{WRONG}\]\end{{document}}"
    told = check(tmp_path, "-", "--from", "latex", "--json", data=latex.encode())
    assert [claim["verdict"] for claim in claims(told)] == ["refuted"]
    wrong = check(tmp_path, "-", "--from", "latx", data=latex.encode())
    assert wrong.returncode == 2
    assert "latx" in wrong.stderr


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_places_do_not_depend_on_line_ends_nor_on_a_byte_order_mark(
    notes: Path, before: bytes, newline: bytes
) -> None:
    (notes / "other.md").write_bytes(before + NOTES.encode().replace(b"\n", newline))
    places = [
        [(claim["line"], claim["column"]) for claim in claims(check(notes, name, "--json"))]
        for name in ("other.md", "notes.md")
    ]
    assert places[0] == places[1] != []


BAD = [
    ("latin.md", "Größe".encode("latin-1"), "not UTF-8"),
    ("wide.md", "Size".encode("utf-16"), "not UTF-8"),
    ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\r", "binary"),
    ("broken.ipynb", b"{", "pandoc cannot read it: ipynb"),
]


@pytest.mark.parametrize(("name", "data", "message"), BAD)
def test_a_file_that_cannot_be_read_stops_no_other(
    notes: Path, name: str, data: bytes, message: str
) -> None:
    (notes / name).write_bytes(data)
    done = check(notes, name, "notes.md")
    assert done.returncode == 2
    [line] = [line for line in done.stderr.splitlines() if line.startswith(name)]
    assert message in line
    assert line.endswith(" [source]")
    assert f"notes.md:6:{WRONG.index('=') + 1}: refuted: " in done.stdout
    assert done.stdout.endswith("; 1 file not read\n")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("ntoes.md", "ntoes.md: there is no such file; did you mean notes.md?"),
        ("*.tex", "nothing matches the pattern *.tex"),
        ("empty", "empty: no documents in this folder"),
    ],
)
def test_an_argument_that_names_nothing_stops_no_other(
    notes: Path, argument: str, message: str
) -> None:
    (notes / "empty").mkdir()
    done = check(notes, argument, "notes.md", "--quiet")
    assert done.returncode == 2
    assert message in done.stderr
    assert "notes.md:6:" in done.stdout
    done = check(notes, argument)
    assert done.stdout.endswith("; 1 argument names no document\n")


def test_an_empty_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "none.md").write_text("\n")
    done = check(tmp_path, "none.md")
    assert done.returncode == 0
    assert "none.md: warning: the file is empty" in done.stdout
    assert "0 equalities in 1 file" in done.stdout


def test_facts_can_be_declared_for_all_files(tmp_path: Path) -> None:
    (tmp_path / "s.md").write_text(r"$\nabla_x (x^\top S x) = 2 S x$")
    assert check(tmp_path, "s.md").returncode == 1
    assert check(tmp_path, "s.md", "--declare", "S symmetric").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("notes.md", "--quiet", "--verbose"),
        ("notes.md", "--json", "--format", "sarif"),
        ("notes.md", "--layout", "rows"),
        ("notes.md", "--declare", "A is big"),
        ("notes.md", "--jobs", "0"),
        ("notes.md", "--format", "yaml"),
        ("notes.md", "--watch", "--json"),
        ("-", "--watch"),
    ],
)
def test_misuse(notes: Path, arguments: tuple[str, ...]) -> None:
    done = check(notes, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr != ""


def test_help_has_examples_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['mdiff', 'check', '--help']\n"
        "try:\n    from mdiff_pandoc.cli import main\n    main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join({'sympy', 'antlr4', 'panflute', 'flint'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert "mdiff check notes.md" in done.stdout
    assert done.stderr == ""


def read_until(stream: int, sign: str, seconds: float = 30) -> str:
    """What a process prints until ``sign`` is in it."""
    text, end = "", time.monotonic() + seconds
    while sign not in text:
        ready, _, _ = select.select([stream], [], [], max(0, end - time.monotonic()))
        assert ready, text
        piece = os.read(stream, 1 << 16).decode()
        assert piece, text
        text += piece
    return text


@pytest.fixture
def watching(notes: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", CODE, "check", ".", "--watch"]
    with subprocess.Popen(
        command, cwd=notes, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="reads pipes with select")
def test_watch_checks_again_what_changes(notes: Path, watching: subprocess.Popen[bytes]) -> None:
    assert watching.stdout is not None
    assert watching.stderr is not None
    out = watching.stdout.fileno()
    assert "1 refuted" in read_until(out, " definitions\n")
    (notes / "notes.md").write_text(NOTES.replace(WRONG + "\n", RIGHT + "\n"))
    again = read_until(out, " definitions\n")
    assert "2 verified, 0 refuted" in again
    (notes / "more.md").write_text(f"${RIGHT}$")
    assert "in 2 files: 3 verified" in read_until(out, " definitions\n")
    (notes / "notes.md").unlink()
    assert "in 1 file: 1 verified" in read_until(out, " definitions\n")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 0
    assert watching.stderr.read() == b""


REQUESTS = r"""$$\nabla_x x^\top x = ?$$ and $\nabla_x x^\top x =$ and

$$\operatorname{tr}(AB) = ? = \operatorname{tr}(BA)$$

and $g(x) =$
"""


def test_requests_are_counted_apart_and_fail_no_strict_run(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(REQUESTS.rpartition("and")[0])
    done = check(tmp_path, "notes.md", "--strict")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "1 equality in 1 file: 1 verified, 0 refuted, 0 undecided, 0 definitions; 2 requests"
    ]
    for form in ("github", "sarif", "junit"):
        told = check(tmp_path, "notes.md", "--strict", "--format", form)
        assert (told.returncode, r"\nabla_x" in told.stdout) == (0, False)
    listed = check(tmp_path, "notes.md", "--strict", "--verbose").stdout
    assert r"notes.md:1:21: request: \nabla_x x^\top x = ?" in listed


def test_json_lists_requests_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(REQUESTS)
    done = check(tmp_path, "notes.md", "--json")
    found = [(claim["verdict"], claim.get("request", False)) for claim in claims(done)]
    asked, open_end = ("undecided", True), ("undecided", False)
    assert found == [asked, asked, ("verified", False), open_end]
    counts = json.loads(done.stdout)["summary"]
    assert (counts["undecided"], counts["requests"]) == (1, 2)
