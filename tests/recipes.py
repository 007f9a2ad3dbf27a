"""Reads the page of recipes, and does what a recipe says in an empty folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mdiff_pandoc.cli.pandoc import find_pandoc

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "samples" / "guide" / "recipes.md"
_TIMEOUT = 120


@dataclass
class Recipe:
    """The files that a recipe tells its reader to write, and the commands to run."""

    files: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)


@cache
def recipes() -> dict[str, Recipe]:
    """The recipes of the page by their headings of level 2.

    A block in the language ``sh`` is run; any other block is the file that the paragraph before
    it ends with. What stands before the first heading belongs to every recipe.
    """
    read = [find_pandoc(), "--preserve-tabs", "--from", "markdown", "--to", "json", str(PAGE)]
    page = json.loads(subprocess.run(read, capture_output=True, check=True).stdout)
    first = current = Recipe()
    found: dict[str, Recipe] = {}
    before: dict[str, Any] = {}
    for block in page["blocks"]:
        if block["t"] == "Header" and block["c"][0] == 2:
            title = "".join(inline.get("c", " ") for inline in block["c"][2])
            current = found[title] = Recipe(dict(first.files))
        elif block["t"] == "CodeBlock":
            (_, classes, _), text = block["c"]
            if classes == ["sh"]:
                current.commands.append(text)
            else:
                name = _file_named(before)
                assert name not in current.files or current is not first
                current.files[name] = text + "\n"
        before = block
    return found


def _file_named(paragraph: dict[str, Any]) -> str:
    """The code that the paragraph ends with, before its colon."""
    assert paragraph["t"] == "Para", paragraph
    *_, code, colon = paragraph["c"]
    assert code["t"] == "Code", f"no file is named before a block: {paragraph}"
    assert colon == {"t": "Str", "c": ":"}, paragraph
    name: str = code["c"][1]
    return name


class Kitchen:
    """An empty folder, and the programs that the recipes use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "notes"
        self.folder.mkdir()
        scripts = folder / "bin"
        scripts.mkdir()
        for name, module in (("mdiff", "cli"), ("mdiff-pandoc", "filter")):
            script = scripts / name
            code = f"from mdiff_pandoc.{module} import main; main()"
            script.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n")
            script.chmod(0o755)
        (folder / "home").mkdir()
        places = [scripts, Path(sys.executable).parent, Path(find_pandoc()).parent]
        path = os.pathsep.join([*map(str, places), os.environ["PATH"]])
        own = {"HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "PATH": path}
        cache = {"MDIFF_CACHE_DIR": str(folder.parent / "answers")}  # the recipes ask the same
        self.environment = {**os.environ, **own, **cache}

    def path(self, name: str) -> Path:
        """A file in the folder."""
        return self.folder / name

    def read(self, name: str) -> str:
        """The text of a file in the folder."""
        return self.path(name).read_text("utf-8")

    def write(self, name: str, text: str) -> None:
        """Put a file into the folder."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text, "utf-8")

    def needs(self, *programs: str) -> None:
        """Skip the test where one of the programs is not installed."""
        for program in programs:
            if not shutil.which(program, path=self.environment["PATH"]):
                pytest.skip(f"{program} is not installed")

    def run(self, command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder; it ends with ``code``."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def fill(self, title: str) -> Recipe:
        """Write the files of a recipe."""
        recipe = recipes()[title]
        for name, text in recipe.files.items():
            self.write(name, text)
        return recipe

    def prepare(self, title: str) -> Recipe:
        """Write the files of a recipe, for a test that runs its commands in its own way."""
        return self.fill(title)

    def cook(self, title: str) -> str:
        """Write the files of a recipe, run its commands; what they print."""
        recipe = self.fill(title)
        assert recipe.commands
        said = ""
        for command in recipe.commands:
            done = self.run(command)
            said += done.stdout + done.stderr
        return said
