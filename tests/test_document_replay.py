"""A build that finds the work of an earlier one gives the same bytes and the same messages."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document import walk
from mdiff_pandoc.document.cache import shared
from mdiff_pandoc.document.convert import Converted, convert

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MDIFF_CACHE_DIR", str(tmp_path))
    yield tmp_path
    shared.close()


def read(text: str | Path, *arguments: str) -> bytes:
    given = text.encode() if isinstance(text, str) else text.read_bytes()
    suffix = "markdown" if isinstance(text, str) or text.suffix == ".md" else "latex"
    command = [find_pandoc(), "-f", suffix, "-t", "json", "-s", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def fresh(raw: bytes, writer: str, **options: bool) -> Converted:
    """What a build without a cache gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MDIFF_CACHE", "off")
        return convert(raw, writer, **options)


def without(raw: bytes, place: int) -> bytes:
    """The document without one of its blocks."""
    document = json.loads(raw)
    del document["blocks"][place]
    return json.dumps(document).encode()


@pytest.mark.parametrize("case", CASES)
def test_the_cache_changes_nothing(case: str) -> None:
    [file] = (GOLDEN / case).glob("input.*")
    raw = read(file)
    options = {"markdown": file.suffix == ".md"}
    expected = fresh(raw, "html", **options)
    for _ in range(3):
        assert convert(raw, "html", replay=True, **options) == expected
    for writer in ("latex", "revealjs"):
        plain = convert(raw, writer, **options)
        for _ in range(2):
            assert convert(raw, writer, replay=True, **options) == plain
    blocks = len(json.loads(raw)["blocks"])
    for place in random.Random(case).sample(range(blocks), min(4, blocks)):
        edited = without(raw, place)
        assert convert(edited, "html", replay=True, **options) == convert(edited, "html", **options)


NOTE = r"""---
title: On $\nabla_x a^\top x = ?$
---

Let $X \in \mathbb{R}^{n \times n}$ and $A$ be symmetric.

$$\nabla_X \operatorname{tr}(X^\top A X) = ?$$

# Two

Here $\nabla_x x^\top S x = ?$

$$\nabla_x \sum_{i=1}^n (a_i^\top x)^2 = ?$$

And where $A$ is a constant, $\nabla_x \|x\|^2 = ?$
"""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One item for each part that had to be made."""
    found: list[int] = []
    original = walk.Walk._made

    def counted(self: walk.Walk, part: walk.Part, key: bytes | None) -> str:
        if not self._ahead:
            found.append(1)
        return original(self, part, key)

    monkeypatch.setattr(walk.Walk, "_made", counted)
    return found


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("X^\\top A X)", "X^\\top A X A^\\top)", 2),
        ("Here", "There", 2),
        ("# Two", "# Second", 1),
        ("And where", "Where", 2),
        ("symmetric", "diagonal", 4 + 6),  # too many new ones are left, and begun again
        ("", "", 0),
    ],
)
def test_an_edit_makes_the_parts_anew_that_depend_on_it(
    old: str, new: str, count: int, made: list[int]
) -> None:
    raw, edited = read(NOTE), read(NOTE.replace(old, new))
    first = convert(raw, "html", replay=True)
    assert first.report == ()
    assert b"mdiff-verified" in first.json
    expected = fresh(edited, "html")
    made.clear()
    assert convert(edited, "html", replay=True) == expected
    assert len(made) == count


def test_options_and_writers_have_parts_of_their_own() -> None:
    texts = [NOTE, NOTE.replace("title", "mdiff: {badge: true}\ntitle")]
    texts += [
        NOTE.replace("title", "lang: de\ntitle"),
        NOTE + "\n$C^{\\mathsf T} D^{\\mathsf T}$\n",
    ]
    texts += [NOTE.replace("title", "mdiff: {check: true}\ntitle") + "\n$\\nabla_x x^T x = x$\n"]
    pages = set()
    for text in texts:
        raw = read(text)
        for writer in ("html", "latex"):
            done = convert(raw, writer, replay=True)
            assert done == convert(raw, writer)
            pages.add(done.json)
    assert len(pages) == 10


def test_what_reused_parts_need_in_the_header_is_there() -> None:
    text = NOTE.replace("title", "mdiff: {css: true, check: true}\ntitle").replace(
        "# Two", r"So is $\nabla_x x^\top x = 2x$." + "\n\n# Two"
    )
    assert convert(read(text), "html", replay=True).report == ()
    edited = read(text.replace("And where", "Where"))
    done = convert(edited, "html", replay=True)
    assert done == fresh(edited, "html")
    assert done.json.count(b"<style>") >= 2


def test_messages_come_again_with_their_places(tmp_path: Path) -> None:
    text = NOTE + "\n\n$$\\nabla_x (x^T A = ?$$\n\n$\\nabla_x (a^\\top x + X) = ?$\n"
    file = tmp_path / "note.md"
    file.write_text(text)
    raw = read(text)
    expected = fresh(raw, "html", file=str(file))
    assert any("note.md:" in line for line in expected.report)
    for _ in range(2):
        assert convert(raw, "html", file=str(file), replay=True) == expected
