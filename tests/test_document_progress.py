"""What is for a terminal only: colours, and a bar for work that takes long."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document import progress
from mdiff_pandoc.document.progress import Progress

ROOT = Path(__file__).resolve().parents[1]


class Terminal(io.StringIO):
    """A terminal of the old kind."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    monkeypatch.setenv("TERM", "xterm")
    return made


def run(clock: Clock, stream: io.StringIO, seconds: float, *, quiet: bool = False) -> str:
    """What is written while ten pieces of work take so many seconds, before the end."""
    with Progress("formulas", quiet=quiet, stream=stream) as told:
        for count in range(1, 11):
            clock.now += seconds / 10
            told(count, 10)
        return stream.getvalue()


def test_long_work_shows_a_bar_that_is_wiped(clock: Clock) -> None:
    stream = Terminal()
    shown = run(clock, stream, 5.0)
    assert "formulas" in shown
    assert "10/10" in shown
    assert stream.getvalue().removeprefix(shown).endswith("\x1b[2K")


def test_no_bar_is_drawn_before_a_second_has_gone(clock: Clock) -> None:
    assert "1/10" not in run(clock, Terminal(), 5.0)
    assert run(clock, Terminal(), 0.9) == ""


@pytest.mark.parametrize("quiet", [False, True])
def test_who_does_not_look_or_wants_quiet_sees_none(clock: Clock, quiet: bool) -> None:
    assert run(clock, Terminal() if quiet else io.StringIO(), 60.0, quiet=quiet) == ""


def test_a_dumb_terminal_sees_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert run(clock, Terminal(), 60.0) == ""


def test_the_bar_has_no_thread_so_that_the_work_may_fork(clock: Clock) -> None:
    before = threading.active_count()
    with Progress("formulas", stream=Terminal()) as told:
        clock.now = 2.0
        told(1, 2)
        assert threading.active_count() == before


def on_terminal(
    *arguments: str, folder: Path, room: str = "cli", stdin: bytes = b"", **extra: str
) -> tuple[int, str]:
    """The exit code of the command and what its stderr, a terminal, got to see."""
    script = (
        "from mdiff_pandoc.document import progress\n"
        "progress._AFTER = progress._PAUSE = 0.0\n"
        f"from mdiff_pandoc.{room} import main\n"
        "main()\n"
    )
    (folder / "stdin").write_bytes(stdin)
    pty = pytest.importorskip("pty", reason="there are no terminals to open here")
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **extra}
    environment.pop("NO_COLOR", None)
    environment |= extra
    with (
        open(folder / "stdin", "rb") as given,
        subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            cwd=folder,
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=slave,
            env=environment,
        ) as process,
    ):
        os.close(slave)
        seen = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            seen += piece
    os.close(master)
    return process.returncode, seen.decode()


NOTE = "$\\nabla_x x^T x = 2x$\n\n$\\nabla_x x^T A x = (A + A^T)x$\n"


def test_check_shows_its_formulas_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(NOTE, "utf-8")
    (tmp_path / "b.md").write_text(NOTE, "utf-8")
    code, seen = on_terminal("check", "--jobs", "2", "a.md", folder=tmp_path)
    assert code == 0
    assert "formulas" in seen
    assert "2/2" in seen
    code, seen = on_terminal("check", "--jobs", "2", "a.md", "b.md", folder=tmp_path)
    assert code == 0
    assert "files" in seen
    assert "2/2" in seen
    assert on_terminal("check", "--quiet", "--jobs", "2", "a.md", folder=tmp_path) == (0, "")


@pytest.mark.parametrize("count", [5, 60])
def test_the_filter_shows_the_formulas_that_it_answers(tmp_path: Path, count: int) -> None:
    asked = "\n\n".join(rf"$\nabla_x {number} c^T x = ?$" for number in range(2, count + 2))
    pandoc = [find_pandoc(), "-t", "json"]
    raw = subprocess.run(pandoc, input=asked.encode(), check=True, capture_output=True).stdout
    folder = {"MDIFF_CACHE_DIR": str(tmp_path / "cache")}
    code, seen = on_terminal("html", folder=tmp_path, room="filter", stdin=raw, **folder)
    assert code == 0
    assert "formulas" in seen
    assert f"{count}/{count}" in seen
    code, seen = on_terminal("html", folder=tmp_path, room="filter", stdin=raw, **folder)
    assert (code, seen) == (0, "")


@pytest.mark.parametrize("files", [["a.md"], ["a.md", "b.md"]])
def test_weave_shows_the_formulas_of_each_file(tmp_path: Path, files: list[str]) -> None:
    for file in files:
        (tmp_path / file).write_text("$\\nabla_x x^T x = ?$, $\\nabla_x c^T x = ?$\n", "utf-8")
    code, seen = on_terminal("weave", *files, folder=tmp_path)
    assert code == 0
    for number, file in enumerate(files, 1):
        what = f"file {number} of 2" if len(files) > 1 else "formulas"
        shown, _, seen = seen.partition(f"{file}: 2 derivations woven")
        assert what in shown
        assert "2/2" in shown
    assert on_terminal("weave", "--quiet", *files, folder=tmp_path) == (0, "")


def test_a_build_without_a_cache_shows_its_formulas_too(tmp_path: Path) -> None:
    raw = subprocess.run(
        [find_pandoc(), "-t", "json"],
        input=b"$\\nabla_x x^T x = ?$, $\\nabla_x c^T x = ?$",
        check=True,
        capture_output=True,
    ).stdout
    code, seen = on_terminal("html", folder=tmp_path, room="filter", stdin=raw, MDIFF_CACHE="off")
    assert (code, "2/2" in seen) == (0, True)


def test_messages_have_colours_on_a_terminal_unless_they_are_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("$\\nabla_x (x = ?$\n", "utf-8")
    arguments = ("build", "a.md", "-o", "a.html")
    code, seen = on_terminal(*arguments, folder=tmp_path)
    assert code == 0
    assert "\x1b[1ma.md:1:11\x1b[0m: \x1b[1;31merror\x1b[0m: ( is never closed" in seen
    _, plain = on_terminal(*arguments, folder=tmp_path, NO_COLOR="1")
    assert "31m" not in plain
    assert "a.md:1:11" in plain
