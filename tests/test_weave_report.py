"""What `mdiff weave` tells points at the file as it is when the command ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from mdiff_pandoc.cli import app

SCHEMA = json.loads((Path(__file__).parent / "report.schema.json").read_text("utf-8"))
SCHEMA["required"] = ["file", "requests", "claims", "messages", "counts", "stopped"]
SCHEMA["properties"] |= {"derivations": {"type": "integer"}, "stale": {"type": "boolean"}}
MARKDOWN = r"""# Title

$$\nabla_x x^T x = ?$$

- A list, where $\nabla_x \foo x = ?$ fails behind $\nabla_x x^T x = ?$

  $$
  \nabla_x \oof x = ?
  $$

``` mdiff
\nabla_x \fff x
```
"""
LATEX = r"""\section{A}
\[ \nabla_x x^T x = ? \]
Then \(\nabla_x \foo x = ?\) fails behind \(\nabla_x x^T x = ?\) and
\begin{equation}
  \nabla_x \oof x = ?
\end{equation}
"""
CELLS = [
    ["$$\\nabla_x x^T x = ?$$\n", "\n", "Then $\\nabla_x \\foo x = ?$ fails\n"],
    ['$\\nabla_x x^T x = ?$ and "$\\nabla_x \\oof x = ?$"\n', "\n", "$\\nabla_x \\fff x = ?$"],
]
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": cell} for cell in CELLS],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    },
    indent=1,
)
PLACE = re.compile(r"^note\.\w+:(\d+):(\d+)(?: \(cell \d\))?: error: the command \\(\w+) is", re.M)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def weave(*arguments: str) -> str:
    return CliRunner().invoke(app, ["weave", *arguments]).stderr


def found(name: str, told: str) -> list[str]:
    """What stands in the file at the places that were told."""
    lines = Path(name).read_text("utf-8-sig").split("\n")
    places = PLACE.findall(told)
    return [lines[int(line) - 1][int(column) - 1 :].lstrip("\\")[:3] for line, column, _ in places]


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "text", "commands"),
    [
        ("note.md", MARKDOWN, ["foo", "oof", "fff"]),
        ("note.tex", LATEX, ["foo", "oof"]),
        ("note.ipynb", NOTEBOOK, ["foo", "oof", "fff"]),
    ],
)
def test_places_are_those_in_the_file_before_and_behind_derivations(
    name: str, text: str, commands: list[str], eol: str
) -> None:
    Path(name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", eol).encode())
    bare = weave("--check", name)
    assert found(name, bare) == commands
    first = weave(name)
    assert "derivations woven" in first
    assert found(name, first) == commands
    assert PLACE.findall(first) != PLACE.findall(bare)
    again = weave(name)
    assert found(name, again) == commands
    assert weave("--check", name) == again
    weave("--strip", name)
    assert weave("--check", name) == bare


def test_the_report_holds_every_file() -> None:
    Path("note.md").write_text(MARKDOWN, "utf-8")
    Path("broken.md").write_text("<!-- mdiff: $x$ -->\n", "utf-8")
    weave("note.md", "broken.md", "--report", "out.json")
    note, broken = json.loads(Path("out.json").read_text("utf-8"))["files"]
    for record in (note, broken):
        jsonschema.validate(record, SCHEMA)
    assert [request["status"] for request in note["requests"]].count("verified") == 2
    assert (note["derivations"], note["stale"]) == (2, True)
    assert note["requests"][0]["line"] == 3
    assert [message["code"] for message in note["messages"]] == ["unknown-command"] * 3
    assert [message["code"] for message in broken["messages"]] == ["weave-marker"]
    told = CliRunner().invoke(app, ["weave", "note.md", "--report", "note.md"])
    assert told.exit_code == 2
