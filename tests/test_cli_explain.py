"""Every code that a message can end with has a page, and its example gives that message."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

import mdiff_pandoc
from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.explain import errors_page
from mdiff_pandoc.cli.explanations import EXPLANATIONS
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.report import WarningCode
from mdiff_pandoc.errors import MdiffError

GUIDE = Path(__file__).resolve().parents[1] / "samples" / "guide"
VERDICTS = {"refuted"}
OTHERS = {"cache", "empty", "json", "pandoc", "weave-edited", "weave-write"}  # of commands
FAULTS = {"internal", "internal-check"}  # of mdiff, so that no document gives them
DOCUMENTS = [
    code
    for code, page in EXPLANATIONS.items()
    if page.language == "markdown" and page.example and not code.startswith("weave-")
]


def error_codes() -> set[str]:
    for module in pkgutil.walk_packages(mdiff_pandoc.__path__, "mdiff_pandoc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds, codes = [MdiffError], set[str]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        codes |= {kind.code} if kind is not MdiffError else set()
    return codes


def codes_told(text: str) -> set[str]:
    raw = subprocess.run(
        [find_pandoc(), "-f", "markdown", "-t", "json"],
        input=text.encode(),
        check=True,
        capture_output=True,
    )
    done = convert(raw.stdout, "html")
    return {message.code or message.kind for message in done.messages}


def test_every_code_has_a_page_and_no_page_is_about_nothing() -> None:
    assert error_codes() | set(get_args(WarningCode)) | VERDICTS | OTHERS == set(EXPLANATIONS)


@pytest.mark.parametrize("code", DOCUMENTS)
def test_an_example_gives_its_code_and_no_other(code: str) -> None:
    page = EXPLANATIONS[code]
    assert codes_told(page.example) == {code}
    if page.mended:
        assert codes_told(page.mended) == set()


@pytest.mark.parametrize("code", ["weave-marker", "weave-place"])
def test_an_example_for_weave_gives_its_code(code: str, tmp_path: Path) -> None:
    page, note = EXPLANATIONS[code], tmp_path / "note.md"
    note.write_text(page.example, "utf-8")
    assert f"[{code}]" in CliRunner().invoke(app, ["weave", str(note)]).stderr
    assert note.read_text("utf-8") == page.example
    note.write_text(page.mended, "utf-8")
    assert CliRunner().invoke(app, ["weave", "-q", str(note)]).stderr == ""
    assert note.read_text("utf-8") != page.mended


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_a_fault_of_ours_asks_for_a_report(code: str) -> None:
    assert EXPLANATIONS[code].example == ""
    assert "please report" in EXPLANATIONS[code].page(code)


def test_the_example_of_a_json_line_gives_its_code() -> None:
    page = EXPLANATIONS["json"]
    done = subprocess.run(
        [sys.executable, "-c", "from mdiff_pandoc.cli import main; main()", "derive", "--jsonl"],
        input=f"{page.example}\n{page.mended}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    wrong, right = map(json.loads, done.stdout.splitlines())
    assert wrong["error"]["code"] == "json"
    assert right["status"] == "verified"


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_a_page_for_a_terminal_is_narrow_and_complete(code: str) -> None:
    page = EXPLANATIONS[code].page(code)
    assert page.startswith(f"{code}: ")
    assert "What to do: " in page
    assert max(map(len, page.splitlines())) <= 100


def test_the_guide_has_the_page_of_messages() -> None:
    """Write it anew with ``mdiff explain --to markdown > samples/guide/errors.md``."""
    text = (GUIDE / "errors.md").read_text("utf-8")
    assert text == errors_page(EXPLANATIONS)
    assert all(f"\n## {code}\n" in text for code in EXPLANATIONS)
    assert codes_told(text) == set()
