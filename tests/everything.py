"""One long document with a derivation for every problem, and what pandoc makes of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from problems import CASES, SHARED, read_problems
from shapes import shaped
from structured import read_structured

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.document.convert import convert

FLAGS = {"html": ["--mathml"], "chunkedhtml": ["--mathml"], "epub": ["--mathml"]}
_GRADIENTS = (CASES / "gradients.txt", CASES / "functions.txt", SHARED / "cases/gradients.txt")
_STYLES = (r"\operatorname{tr}(AXB)", r"\|XA\|_F^2", r"a^\top X b + \log\det(X^\top X)")
_SIZES = (r"A \in \mathbb{R}^{p \times m}", r"B \in \mathbb{R}^{n \times p}")


def requests() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every request with its declarations and its options."""
    for path in filter(Path.exists, _GRADIENTS):
        for problem in read_problems(path):
            yield problem.request, problem.declarations, ""
    for other in shaped():
        for form in other.forms:
            yield other.request, other.declarations, f"form={form}" if form else ""
    for structured in read_structured():
        yield structured.request, structured.declarations, f"symmetric={structured.symmetric}"
    for style in ("index", "occurrences", "backprop", "definition"):
        for f in _STYLES[: 1 if style == "definition" else None]:
            yield rf"\nabla_X \left( {f} \right) = ?", (), f"style={style} numbered=true"


@cache
def document(every: int = 1, *, answered: bool = True) -> bytes:
    """A document with every so many-th request below a heading of its own, as pandoc's JSON.

    Unless it is to be ``answered``, the requests are listings.
    """
    blocks = []
    for place, (request, declarations, options) in enumerate(list(requests())[::every], 1):
        facts = "\n".join(declarations)
        kind = ".mdiff" if answered else ".text"
        blocks.append(f"# Problem {place}\n\n```` {{{kind} {options}}}\n{facts}\n{request}\n````\n")
    text = "---\ntitle: All\nmdiff: {badge: true, css: true}\n---\n\n" + "\n".join(blocks)
    return pandoc("-f", "markdown", "-s", "-t", "json", given=text.encode())[0]


@cache
def answered(writer: str, every: int = 1) -> bytes:
    """The document with derivations for a ``writer``, as pandoc's JSON."""
    return convert(document(every), writer, file="everything.md", quiet=True).json


def built(writer: str, folder: Path, every: int = 1) -> tuple[Path, str]:
    """The answered document in the format of a ``writer``, and what pandoc said."""
    file = folder / f"everything.{writer}"
    return file, pandoc(*to(writer), "-o", str(file), given=answered(writer, every))[1]


def to(writer: str) -> list[str]:
    """The arguments for a whole page from pandoc's JSON."""
    return ["-f", "json", "-t", writer, "-s", *FLAGS.get(writer, ["--mathjax"])]


def pandoc(*arguments: str, given: bytes) -> tuple[bytes, str]:
    """What pandoc writes, and what it says."""
    command = [find_pandoc(), *arguments]
    done = subprocess.run(command, input=given, check=True, capture_output=True)
    return done.stdout, done.stderr.decode()


def run(command: list[str], folder: Path) -> str:
    """What a program prints; it must end well within some minutes."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=400,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-3000:]
    return said


def formulas(tree: bytes) -> list[str]:
    """The formulas in pandoc's JSON."""
    found: list[str] = []

    def collect(node: object) -> None:
        if isinstance(node, list):
            for item in node:
                collect(item)
        elif isinstance(node, dict):
            if node.get("t") == "Math":
                found.append(node["c"][1])
            collect(list(node.values()))

    collect(json.loads(tree))
    return found
