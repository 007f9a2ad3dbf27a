"""The cache: what is kept, what is not, and files and folders that cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mdiff_pandoc.document.ask import Question
from mdiff_pandoc.document.cache import keys, shared, store
from mdiff_pandoc.document.cache.codec import decoded, encoded
from mdiff_pandoc.document.cache.place import NAME
from mdiff_pandoc.document.cache.results import result, results
from mdiff_pandoc.document.cache.store import ANSWER, Store
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service import Answer, Options, StepText, derive
from mdiff_pandoc.service.check import check
from mdiff_pandoc.service.claim import Checked, Claim

ROOT = Path(__file__).parent.parent
TRACE = r"\nabla_X \operatorname{tr}(AXB)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for one test."""
    place = tmp_path / "cache"
    monkeypatch.setenv("MDIFF_CACHE_DIR", str(place))
    yield place
    shared.close()


@dataclass(frozen=True)
class Sum:
    """Work that counts how often it is done."""

    number: int
    fault: bool = False
    done = []  # noqa: RUF012

    def compute(self) -> Answer:
        self.done.append(self.number)
        if self.fault:
            raise ZeroDivisionError("on purpose")
        return Answer("verified", str(self.number), steps=(StepText("a", "b"),))

    def failed(self, fault: Exception) -> Answer:
        return Answer("error", str(fault))


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    Sum.done.clear()


def rows(folder: Path, query: str) -> list[Any]:
    shared.close()
    with sqlite3.connect(folder / NAME) as db:
        return db.execute(query).fetchall()


def document(*formulas: str, meta: str = "") -> bytes:
    text = meta + "\n\n".join(f"$${formula}$$" for formula in formulas)
    command = [sys.executable, "-c", "import pypandoc; print(pypandoc.get_pandoc_path())"]
    pandoc = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
    made = [pandoc, "-s", "-t", "json"]
    return subprocess.run(made, input=text.encode(), capture_output=True, check=True).stdout


def test_a_result_is_computed_once(folder: Path) -> None:
    first = results([Sum(1), Sum(2), Sum(1)])
    shared.close()
    again = results([Sum(2), Sum(1), Sum(3)])
    assert Sum.done == [1, 2, 3]
    assert {work.number: answer.value.result for work, answer in again.items()} == {
        1: "1",
        2: "2",
        3: "3",
    }
    assert first[Sum(1)].value == again[Sum(1)].value
    assert [answer.cached for answer in again.values()] == [True, True, False]
    assert result(Sum(1), cached=False).value.result == "1"
    assert Sum.done == [1, 2, 3, 1]


def test_a_fault_is_not_kept(folder: Path) -> None:
    for _ in range(2):
        assert result(Sum(7, fault=True)).value == Answer("error", "on purpose")
    assert Sum.done == [7, 7]
    assert rows(folder, "SELECT * FROM entries") == rows(folder, "SELECT * FROM claims") == []


def test_an_error_is_not_kept(folder: Path) -> None:
    question = Question(r"\nabla_x (x^T A", (), (), Options())
    assert result(question).value.error is not None
    assert rows(folder, "SELECT * FROM entries") == []


def test_answers_and_verdicts_come_back_as_they_were() -> None:
    declare = [r"S \in \mathbb{R}^{n \times n}", "S symmetric"]
    answer = derive(r"\nabla_x (x^\top S x + \log(x^\top x))", declare)
    assert answer.verification["method"]
    assert decoded(encoded(answer)) == answer
    for formula in (r"\nabla_x x^\top x = x", r"\nabla_x x^\top x = 2x", "A := BC"):
        checked = check(formula)
        assert checked.claims
        assert decoded(encoded(checked)) == checked
    example = {"values": {"x": [[1.5, -2.0]], "n": 3}, "none": None, "pair": (1, True)}
    claim = Claim(0, "é = 𝐱", Span(0, 2), Span(1, 2), "refuted", counterexample=example)
    assert decoded(encoded(Checked((claim,)))) == Checked((claim,))
    assert encoded(Answer("error", error=derive("x").error)) is None


@pytest.mark.parametrize(
    "data", [b"", b"[", b"{}", b'{"Answer": {"nothing": 1}}', b'{"Path": {}}', b'{"a": 1, "b": 2}']
)
def test_a_text_that_holds_no_value_is_none(data: bytes) -> None:
    assert decoded(data) is None


def garbage(file: Path) -> None:
    file.write_bytes(os.urandom(9000))


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


def overwritten(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:100] + b"\xff" * (len(data) - 100))


def foreign(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE entries (something TEXT)")
    db.close()


def without_a_table(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE entries")
    db.close()


def a_folder(file: Path) -> None:
    file.unlink()
    (file / "x").mkdir(parents=True)


@pytest.mark.parametrize(
    "damage", [garbage, truncated, overwritten, foreign, without_a_table, a_folder]
)
def test_a_damaged_file_is_set_aside(
    folder: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    results([Sum(number) for number in range(200)])
    shared.close()
    damage(folder / NAME)
    assert result(Sum(0)).value.result == "0"
    assert result(Sum(0)).value.result == "0"
    shared.close()
    assert Sum.done.count(0) == 2
    told = capsys.readouterr().err
    assert told.count("mdiff: warning: the cache was damaged") == told.count("\n") == 1
    assert len(list(folder.glob(f"{NAME}.damaged*"))) == 1
    assert result(Sum(0)).value.result == "0"
    assert Sum.done.count(0) == 2


@pytest.mark.parametrize("value", ["x'00'", "'text'", "NULL", "x'789c030000000001'"])
def test_a_damaged_entry_is_made_anew(folder: Path, value: str) -> None:
    assert result(Sum(1)).value.result == "1"
    rows(folder, "PRAGMA writable_schema = 1")
    with sqlite3.connect(folder / NAME) as db:
        db.execute(f"UPDATE OR IGNORE entries SET value = {value}")
    db.close()
    for _ in range(2):
        assert result(Sum(1)).value.result == "1"
    assert Sum.done == ([1] if value == "NULL" else [1, 1])


def test_an_empty_file_is_a_new_cache(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / NAME).touch()
    result(Sum(1))
    result(Sum(1))
    shared.close()
    assert Sum.done == [1]
    assert capsys.readouterr().err == ""


def test_a_folder_that_cannot_be_made_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MDIFF_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert {work.number: answer.value.result for work, answer in results([Sum(1)]).items()} == {
        1: "1"
    }
    found = shared.store()
    assert found is not None
    assert not found.usable
    assert found.trouble
    shared.close()
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder_stops_nothing(folder: Path) -> None:
    folder.mkdir(mode=0o500)
    assert result(Sum(1)).value.result == "1"


@pytest.mark.parametrize("pragma", ["max_page_count = 1", "query_only = 1"])
def test_a_full_disk_and_a_read_only_file_stop_nothing(
    folder: Path, pragma: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result(Sum(0))
    kept = shared.store()
    assert kept is not None
    kept._db.execute(f"PRAGMA {pragma}")
    found = results([Sum(number) for number in range(1, 40)])
    assert [answer.value.result for answer in found.values()] == [str(n) for n in range(1, 40)]
    shared.close()
    assert capsys.readouterr().err == ""


def test_the_least_recently_used_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_RECENT", 1)
    names = [bytes([number]) * 32 for number in range(60)]
    kept = Store(str(tmp_path), 120_000)
    kept.put(ANSWER, [(name, os.urandom(1000)) for name in names[:50]])
    kept.close()
    db = sqlite3.connect(tmp_path / NAME)
    db.execute("UPDATE entries SET used = used - 10")
    db.commit()
    kept = Store(str(tmp_path), 120_000)
    assert len(kept.get_all(names[:20])) == 20
    kept.close()
    kept = Store(str(tmp_path), 120_000)
    kept.put(ANSWER, [(name, os.urandom(1000)) for name in names[50:]])
    kept.close()
    left = set(Store(str(tmp_path), 120_000).get_all(names))
    assert left.issuperset(names[:20] + names[50:])
    assert len(left) < 50
    [(size,)] = db.execute("SELECT sum(size) FROM entries").fetchall()
    assert size <= 60_000


def test_a_hit_writes_nothing_to_a_young_entry(folder: Path) -> None:
    result(Sum(1))
    before = rows(folder, "SELECT used FROM entries")
    result(Sum(1))
    assert rows(folder, "SELECT used FROM entries") == before


def test_another_version_uses_nothing_of_this_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result(Sum(1))
    keys._program.cache_clear()
    monkeypatch.setattr(keys, "__version__", "9.9")
    assert result(Sum(1)).value.result == "1"
    keys._program.cache_clear()
    assert Sum.done == [1, 1]


def test_a_changed_checkout_uses_nothing_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "mdiff_pandoc"
    package.mkdir()
    file = package / "__init__.py"
    file.write_text("")
    monkeypatch.setattr(keys.sys.modules["mdiff_pandoc"], "__file__", str(file))

    def told() -> bytes:
        keys._program.cache_clear()
        return keys._program()

    try:
        installed = told()
        file.write_text("x = 1")
        assert told() == installed
        (tmp_path / "pyproject.toml").touch()
        first = told()
        file.write_text("x = 10")
        assert len({installed, first, told()}) == 3
    finally:
        keys._program.cache_clear()


@pytest.mark.parametrize("holder", ["gone", "old", "elsewhere"])
def test_who_is_gone_is_replaced(
    folder: Path, holder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    since = time.time() - (1000 if holder == "old" else 0)
    claim = (store._host(), process.pid if holder == "gone" else os.getpid(), since)
    if holder == "elsewhere":
        monkeypatch.setattr(store, "_STALE", 0.3)
        claim = ("another", 1, since)
    kept = shared.store()
    assert kept is not None
    key = keys.key_of(ANSWER, repr(Sum(1)))
    kept._db.execute("INSERT INTO claims VALUES (?, ?, ?, ?)", (key, *claim))
    assert result(Sum(1)).value.result == "1"
    assert Sum.done == [1]


@pytest.mark.parametrize("off", ["cache: false", "cache: off", "cache: no"])
def test_a_document_may_switch_the_cache_off(folder: Path, off: str) -> None:
    meta = f"---\nmdiff:\n  check: true\n  {off}\n---\n\n"
    raw = document(f"{TRACE} = ?", r"\nabla_x x^\top x = 2x", meta=meta)
    assert b"mdiff-verified" in convert(raw, "html").json
    assert not folder.exists()


def test_the_environment_may_switch_the_cache_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MDIFF_CACHE", "off")
    assert b"mdiff-verified" in convert(document(f"{TRACE} = ?"), "html").json
    assert not folder.exists()


def test_what_a_document_asks_is_kept(folder: Path) -> None:
    raw = document(
        f"{TRACE} = ?", r"\nabla_x x^\top x = 2x", meta="---\nmdiff: {check: true}\n---\n"
    )
    first = convert(raw, "html")
    assert len(rows(folder, f"SELECT * FROM entries WHERE kind = '{ANSWER}'")) == 2
    assert rows(folder, "SELECT * FROM claims") == []
    assert convert(raw, "html") == first


def mdiff(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from mdiff_pandoc.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )


def test_the_command_tells_of_the_cache_and_empties_it(folder: Path) -> None:
    result(Sum(1))
    shared.close()
    (folder / f"{NAME}.damaged").touch()
    told = mdiff("cache").stdout
    assert str(folder / NAME) in told
    assert "answers:  1 in " in told
    assert "of 64.0 MiB" in told
    assert mdiff("cache", "--info").stdout == told
    assert mdiff("cache", "--clear").stdout == f"Emptied {folder / NAME}.\n"
    assert "answers:  0 in 0 bytes" in mdiff("cache", "--info").stdout
    assert {path.name for path in folder.iterdir()} == {NAME}
    assert "switched off" in mdiff("cache", MDIFF_CACHE="off").stdout
    blocked = mdiff("cache", "--clear", MDIFF_CACHE_DIR=str(folder / NAME))
    assert blocked.returncode == 1
    assert "cannot be used" in blocked.stderr
