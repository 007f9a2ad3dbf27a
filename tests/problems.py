"""Reads the problem files in ``tests/cases``: one problem a line, fields between `` | ``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).resolve().parent / "cases"
SHARED = Path(__file__).resolve().parents[2] / "shared"
_GREEK = {"mu", "Sigma", "lambda", "alpha", "beta", "sigma", "theta", "Lambda", "Omega", "gamma"}
_WORDS = {"sym": "symmetric", "spd": "positive definite", "pos": "positive", "diag": "diagonal"}
_DIM = re.compile(r"([a-z])\1")


@dataclass(frozen=True)
class Problem:
    """A function to differentiate; ``declarations`` as mdiff takes them; ``answer`` or ``""``."""

    name: str
    f: str
    variable: str
    declarations: tuple[str, ...]
    answer: str

    @property
    def request(self) -> str:
        return rf"\nabla_{{{self.variable}}} \left( {self.f} \right) = ?"


def read_problems(path: Path) -> Iterator[Problem]:
    """The problems of a file in the format ``id | f | variable | shapes | answer``."""
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, f, variable, shapes, answer = (
            part.strip() for part in (line.removesuffix("|") + " | ").split(" | ", 5)[:5]
        )
        yield Problem(name, f, latex_name(variable), tuple(declarations(shapes)), answer)


def latex_name(name: str) -> str:
    """``Sigma`` as ``\\Sigma``, ``W_1`` as it is."""
    head, _, tail = name.partition("_")
    head = f"\\{head}" if head in _GREEK else head
    return f"{head}_{{{tail}}}" if tail else head


def declarations(shapes: str) -> Iterator[str]:
    """``A:m,n b:n +sym:A`` as declarations in LaTeX and words."""
    names = []
    for word in shapes.split():
        name, _, value = word.partition(":")
        if name.startswith("+"):
            if name[1:] in _WORDS:
                for target in [value] if value else names:
                    yield f"{latex_name(target)} {_WORDS[name[1:]]}"
            continue
        names.append(name)
        dims = [_DIM.sub(r"\1^2", dim) for dim in value.split(",") if dim]
        power = "^{" + r" \times ".join(dims) + "}" if dims else ""
        yield rf"{latex_name(name)} \in \mathbb{{R}}{power}"
