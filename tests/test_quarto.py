"""The Quarto extension, under pandoc as Quarto loads it, and under Quarto where it is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mdiff_pandoc
from mdiff_pandoc.cli.pandoc import find_pandoc

ROOT = Path(__file__).parent.parent
QUARTO = ROOT / "filters" / "quarto"
EXTENSION = QUARTO / "_extensions" / "mdiff"
SHIM = EXTENSION / "mdiff.lua"
REQUEST = r"$$\nabla_X \operatorname{tr}(AXB) = ?$$"
RESULT = r"A^{\top} B^{\top}"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The filter's script on the PATH."""
    script = tmp_path / "bin" / "mdiff-pandoc"
    script.parent.mkdir()
    script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m mdiff_pandoc.filter \"$@\"\n")
    script.chmod(0o755)
    found = os.pathsep.join([str(script.parent), os.environ["PATH"]])
    return {**os.environ, "PATH": found, "PYTHONPATH": str(ROOT)}


def build(
    text: str,
    environment: dict[str, str],
    folder: Path,
    *arguments: str,
    shim: Path = SHIM,
) -> subprocess.CompletedProcess[str]:
    (folder / "notes.qmd").write_text(text)
    return subprocess.run(
        [find_pandoc(), "notes.qmd", "--from", "markdown", "--lua-filter", str(shim), *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        check=False,
    )


def test_the_extension_says_what_quarto_asks_for() -> None:
    """The keys are those that Quarto's own schema of extensions knows; filters are file names.

    A filter with an entry point (``at:``) is refused by every Quarto before 1.9.
    """
    told = yaml.safe_load((EXTENSION / "_extension.yml").read_text())
    assert set(told) == {"title", "author", "version", "quarto-required", "contributes"}
    assert set(told["contributes"]) == {"filters"}
    assert all((EXTENSION / name).is_file() for name in told["contributes"]["filters"])
    assert told["version"] == mdiff_pandoc.__version__
    assert re.fullmatch(r">=\d+\.\d+\.\d+", told["quarto-required"])


@pytest.mark.parametrize("writer", ["html", "latex", "typst", "revealjs"])
def test_it_gives_what_the_filter_gives(
    writer: str, environment: dict[str, str], tmp_path: Path
) -> None:
    by_shim = build(REQUEST, environment, tmp_path, "--to", writer, "--mathjax")
    assert by_shim.stderr == ""
    by_filter = subprocess.run(
        [find_pandoc(), "-f", "markdown", "-F", "mdiff-pandoc", "-t", writer, "--mathjax"],
        input=REQUEST,
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert "identification" in by_shim.stdout
    assert by_shim.stdout == by_filter.stdout


def test_quartos_own_nodes_stay_what_they_are(environment: dict[str, str], tmp_path: Path) -> None:
    """Quarto keeps what a callout is in Lua, and finds it by the attributes of a Div."""
    text = (
        '::::: {own-custom="true" own-custom_type="Callout" own-custom_id="1"}\n'
        f'::: {{own-custom_scaffold="true"}}\n{REQUEST} {{#eq-one}}\n:::\n'
        '::: {own-custom_scaffold="true"}\nA title\n:::\n'
        ":::::\n"
    )
    plain = subprocess.run(
        [find_pandoc(), "-t", "json"], input=text, capture_output=True, text=True, check=True
    )
    # Markdown has no attribute that begins with a line
    own = plain.stdout.replace('"own-', '"__quarto_')
    done = build(own, environment, tmp_path, "--from", "json", "--to", "json")
    assert done.stderr == ""
    [callout] = json.loads(done.stdout)["blocks"]
    [before] = json.loads(own)["blocks"]
    assert callout["t"] == "Div"
    assert callout["c"][0] == before["c"][0]
    content, title = callout["c"][1]
    assert content["c"][0] == before["c"][1][0]["c"][0]
    assert title == before["c"][1][1]
    assert json.dumps(RESULT)[1:-1] in json.dumps(content)
    assert "{#eq-one}" in json.dumps(content)


def test_only_the_document_is_handled_when_quarto_loads_the_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Quarto runs the file in an environment of its own, and every global of it is a handler."""
    loader = tmp_path / "loader.lua"
    loader.write_text(
        "local known = {quarto = {doc = {input_file = '/notes/lecture.qmd'}}}\n"
        "local own = setmetatable({}, {__index = function(_, k) return known[k] or _G[k] end})\n"
        f"assert(loadfile([[{SHIM}]], 'bt', own))()\n"
        "for name in pairs(own) do assert(name == 'Pandoc', name) end\n"
        "return {{Pandoc = own.Pandoc}}\n"
    )
    wrong = r"$$\nabla_x (x = ?$$"
    done = build(REQUEST + "\n\n" + wrong, environment, tmp_path, "--to", "latex", shim=loader)
    assert done.returncode == 0
    assert RESULT in done.stdout
    assert re.match(r"\S*lecture\.qmd: equation 2: error: .* \[parse\]", done.stderr)


def test_messages_name_the_document(environment: dict[str, str], tmp_path: Path) -> None:
    done = build(r"$$\nabla_x (x = ?$$", environment, tmp_path, "--to", "html", "--mathml")
    assert done.returncode == 0
    assert re.match(r"notes\.qmd:1:12: error: .* \[parse\]", done.stderr)


def test_where_nothing_is_installed_it_says_what_to_install(
    environment: dict[str, str], tmp_path: Path
) -> None:
    nothing = {**environment, "PATH": str(tmp_path)}
    nothing.pop("QUARTO_PYTHON", None)
    done = build(REQUEST, nothing, tmp_path, "--to", "html", "--mathml")
    assert done.returncode == 83
    assert "python -m pip install mdiff-pandoc" in done.stderr
    named = build(REQUEST, {**nothing, "QUARTO_PYTHON": sys.executable}, tmp_path, "--to", "latex")
    assert named.stderr == ""
    assert RESULT in named.stdout


def test_a_build_that_must_not_fail_ends_with_the_reason(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = "---\nmdiff: {on-error: fail}\n---\n\n" + r"$$\nabla_x (x = ?$$"
    done = build(text, environment, tmp_path, "--to", "html", "--mathml")
    assert done.returncode == 83
    assert re.match(r"notes\.qmd:5:12: error: .* \[parse\]", done.stderr)
    assert "mdiff: the document was not built." in done.stderr
    assert "pip install" not in done.stderr


@pytest.mark.skipif(not shutil.which("quarto"), reason="quarto is not installed")
def test_quarto_renders_the_example(environment: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(QUARTO, tmp_path / "book")
    done = subprocess.run(
        ["quarto", "render", "example.qmd", "--to", "html"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path / "book",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "book" / "example.html").read_text()
    assert "identification" in page
    assert "callout" in page
    assert 'id="eq-gradient"' in page
