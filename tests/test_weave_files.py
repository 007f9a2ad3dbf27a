"""Files that are woven: at every moment the old one or the new one, with all that belongs to it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc
from mdiff_pandoc.cli.weave import run as running
from mdiff_pandoc.cli.weave.replace import ReplaceError, replace_file

try:
    find_pandoc()
except PandocMissing:
    pytest.skip("pandoc is not installed", allow_module_level=True)

NOTE = "Here $\\nabla_x x^\\top x = ?$ stands.\n"
WOVEN = (
    "Here <!-- mdiff: $\\nabla_x x^\\top x = ?$ -->$\\nabla_x x^\\top x = 2 x$"
    "<!-- /mdiff d5ef08fa --> stands.\n"
)
ROOT = Path(__file__).parent.parent


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text(NOTE)
    return path


def weave(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["weave", *map(str, arguments)])
    return done.exit_code, done.stderr


def test_permissions_and_links_are_kept(note: Path) -> None:
    note.chmod(0o640)
    link = note.with_name("link.md")
    link.symlink_to(note.name)
    assert weave(link)[0] == 0
    assert link.is_symlink()
    assert note.read_text() == WOVEN
    assert stat.S_IMODE(note.stat().st_mode) == 0o640
    assert sorted(path.name for path in note.parent.iterdir()) == ["link.md", "note.md"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives away")
def test_the_owner_is_kept(note: Path) -> None:
    os.chown(note, 12345, 12346)
    assert weave(note)[0] == 0
    assert (note.stat().st_uid, note.stat().st_gid) == (12345, 12346)


def test_an_unchanged_file_is_not_touched(note: Path) -> None:
    weave(note)
    before = note.stat()
    assert weave(note) == (0, "")
    assert (note.stat().st_ino, note.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_read_only_file_is_left_alone(note: Path) -> None:
    note.chmod(0o444)
    code, told = weave(note)
    assert code == 1
    assert "note.md: error: it is read-only, and was left as it is" in told
    assert note.read_text() == NOTE


def test_a_file_that_changed_meanwhile_is_left_alone(
    note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weaving(*arguments: object, **options: object) -> object:
        note.write_text("somebody else was here\n")
        return original(*arguments, **options)

    original = running.weave
    monkeypatch.setattr(running, "weave", weaving)
    code, told = weave(note)
    assert code == 1
    assert "it changed while the derivations were made" in told
    assert note.read_text() == "somebody else was here\n"
    assert len(list(note.parent.iterdir())) == 1


def test_a_full_disk_leaves_the_old_file(note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReplaceError, match="No space left"):
        replace_file(note, b"new", NOTE.encode())
    assert note.read_text() == NOTE
    assert len(list(note.parent.iterdir())) == 1


def test_folders_and_patterns(note: Path) -> None:
    inner = note.parent / "chapters" / "one.tex"
    inner.parent.mkdir()
    inner.write_text(NOTE)
    (note.parent / "other.txt").write_text(NOTE)
    assert weave(note.parent)[0] == 0
    assert note.read_text() == WOVEN
    assert "% mdiff: $" in inner.read_text()
    assert (note.parent / "other.txt").read_text() == NOTE
    assert weave("--strip", note.parent / "**" / "*.tex")[0] == 0
    assert inner.read_text() == NOTE
    assert weave("--check", "--strip", note)[0] == 1
    assert weave("--check", "--strip", inner)[0] == 0
    assert weave("--check", note.parent)[0] == 1


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("latin.md", "café".encode("latin1"), "it is not UTF-8: line 1, byte 0xe9 at offset 3"),
        ("binary.md", b"a\0b", "it is a binary file"),
        ("page.rst", b"x", "derivations cannot be woven into this format"),
    ],
)
def test_what_cannot_be_read_is_misuse(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    code, told = weave(path)
    assert code == 2
    assert message in told
    assert path.read_bytes() == data


def test_misuse(tmp_path: Path) -> None:
    assert weave("--from", "rtf", tmp_path)[0] == 2
    assert weave(tmp_path / "none.md")[0] == 2


def test_on_error_fail_is_told_by_the_exit_code(note: Path) -> None:
    text = "---\nmdiff: {on-error: fail}\n---\n\n" + NOTE + "\n$$\\nabla_x (x = ?$$\n"
    note.write_text(text)
    code, told = weave(note)
    assert code == 1
    assert "note.md:7:" in told
    assert note.read_text() == text.replace(NOTE, WOVEN)


def test_killed_while_it_replaces_a_file(note: Path) -> None:
    old, new = b"old " * 50_000, b"new " * 60_000
    note.write_bytes(old)
    code = (
        "from pathlib import Path; import sys\n"
        "from mdiff_pandoc.cli.weave.replace import replace_file\n"
        "path = Path(sys.argv[1]); old, new = b'old ' * 50_000, b'new ' * 60_000\n"
        "if path.read_bytes() == new: old, new = new, old\n"
        "print('ready', flush=True)\n"
        "while True: replace_file(path, new, old); old, new = new, old\n"
    )
    moments = random.Random(5)
    seen = set()
    for _ in range(15):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(note)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        seen.add(note.read_bytes())
    assert seen == {old, new}


def test_the_command_killed_at_any_moment(note: Path) -> None:
    command = [sys.executable, "-c", "from mdiff_pandoc.cli import main; main()", "weave"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.monotonic()
    subprocess.run([*command, str(note)], env=environment, check=True, capture_output=True)
    whole = time.monotonic() - start
    moments = random.Random(7)
    for _ in range(4):
        note.write_text(NOTE)
        process = subprocess.Popen(
            [*command, str(note)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.uniform(0.6, 1.05) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert note.read_text() in (NOTE, WOVEN)
    shutil.rmtree(note.parent)
