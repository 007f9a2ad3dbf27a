"""Builds as real processes that share one cache: at the same time, and one that is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.cache.place import NAME

ROOT = Path(__file__).parent.parent
RUN = "from mdiff_pandoc.filter import main; main()"


def note(count: int) -> str:
    requests = [
        rf"$$\nabla_X \operatorname{{tr}}(A_{{{n}}} X B X^\top) = ?$$" for n in range(count)
    ]
    wrong = r"And $\nabla_x (x^\top A = ?$ fails."
    return "\n\n".join([*requests, r"So is $\nabla_x \|x\|^2 = 2x$.", wrong])


@pytest.fixture(scope="module")
def raw() -> bytes:
    text = f"---\nmdiff: {{check: true}}\n---\n\n{note(56)}"
    command = [find_pandoc(), "-s", "-t", "json"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


class Build:
    """The filter at work on a document."""

    def __init__(self, raw: bytes, folder: Path, **more: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MDIFF_CACHE_DIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, "html"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, **more},
        )
        assert self.process.stdin is not None
        self.process.stdin.write(raw)
        self.process.stdin.close()
        self.process.stdin = None

    def done(self) -> tuple[int, bytes, str]:
        out, told = self.process.communicate()
        return self.process.returncode, out, told.decode()


def rows(folder: Path, query: str) -> list[tuple[int, ...]]:
    db = sqlite3.connect(folder / NAME, timeout=10)
    found = db.execute(query).fetchall()
    db.close()
    return found


def test_ten_builds_at_once_derive_each_formula_once(raw: bytes, tmp_path: Path) -> None:
    alone = Build(raw, tmp_path, MDIFF_CACHE="off").done()
    assert alone[0] == 0
    assert alone[1].count(b"mdiff-verified") >= 57
    builds = [Build(raw, tmp_path / "cache") for _ in range(10)]
    assert {build.done() for build in builds} == {alone}
    query = "SELECT made FROM entries WHERE kind = 'answer'"
    made = [count for (count,) in rows(tmp_path / "cache", query)]
    assert len(made) >= 57
    assert set(made) == {1}
    assert rows(tmp_path / "cache", "SELECT * FROM claims") == []
    assert Build(raw, tmp_path / "cache").done() == alone


def test_a_killed_build_leaves_a_cache_that_works(raw: bytes, tmp_path: Path) -> None:
    alone = Build(raw, tmp_path, MDIFF_CACHE="off").done()
    for _ in range(3):
        build = Build(raw, tmp_path)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            time.sleep(0.05)
            if (tmp_path / NAME).exists() and rows(tmp_path, "SELECT 1 FROM sqlite_schema"):
                break
        count = len(rows(tmp_path, "SELECT 1 FROM entries"))
        while time.monotonic() < until and len(rows(tmp_path, "SELECT 1 FROM entries")) < count + 8:
            time.sleep(0.01)
        build.process.send_signal(signal.SIGKILL)
        build.done()
    start = time.monotonic()
    assert Build(raw, tmp_path).done() == alone
    assert time.monotonic() - start < 50  # nobody waits for who is gone
    assert list(tmp_path.glob("*.damaged*")) == []


def test_an_edited_document_is_built_as_if_it_were_new(raw: bytes, tmp_path: Path) -> None:
    Build(raw, tmp_path).done()
    before = rows(tmp_path, "SELECT count(*) FROM entries WHERE kind = 'answer'")
    edited = raw.replace(b"A_{30} X B", b"A_{30} X C X")
    assert edited != raw
    alone = Build(edited, tmp_path, MDIFF_CACHE="off").done()
    assert Build(edited, tmp_path).done() == alone
    [(count,)] = rows(tmp_path, "SELECT count(*) FROM entries WHERE kind = 'answer'")
    assert count == before[0][0] + 1


@pytest.mark.skipif(sys.platform != "linux", reason="there are helpers on Linux only")
@pytest.mark.parametrize("many", [False, True])
def test_a_helper_that_dies_is_not_missed(tmp_path: Path, many: bool) -> None:
    script = f"""
import os, signal, sys
from mdiff_pandoc.document.ask import Question
from mdiff_pandoc.document.cache import helper, results
from mdiff_pandoc.service import Options
helper._cores = lambda: 2
results._MANY = {2 if many else 100}
results.prepare()
assert helper.current() is not None
os.kill(helper.current()._process, signal.SIGKILL)
formulas = [rf"\\nabla_X \\operatorname{{{{tr}}}}(A_{{n}} X)" for n in range(4)]
asked = [Question(formula, (), (), Options()) for formula in formulas]
found = results.results(asked)
assert [answer.value.status for answer in found.values()] == ["verified"] * 4
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MDIFF_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
