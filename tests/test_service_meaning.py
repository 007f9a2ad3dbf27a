"""What LaTeX means, written by hand in NumPy: difference quotients agree with the exported code."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from problems import CASES

from mdiff_pandoc.service import derive

SIZES = {"m": 2, "n": 3, "p": 4, "d": 5, "k": 2, "q": 3, "r": 2, "N": 4}
STEP = 1e-5


def total(array: Any) -> float:
    return float(np.sum(array))


FUNCTIONS = {
    "np": np,
    "abs": abs,
    "float": lambda x: float(np.squeeze(x)),
    "S": total,
    "tr": lambda a: float(np.trace(np.atleast_2d(a))),
    "det": lambda a: np.linalg.det(np.atleast_2d(a)),
    "inv": np.linalg.inv,
    "norm": np.linalg.norm,
    "Dg": np.diagflat,
    "dg": lambda a: np.diag(a).reshape(-1, 1),
    "kron": np.kron,
    "vec": lambda a: a.T.reshape(-1, 1),
    "sig": lambda x: 1 / (1 + np.exp(-x)),
    "pi": np.pi,
    **{name: getattr(np, name) for name in "log exp sqrt sin cos tanh arcsin".split()},
}


@dataclass(frozen=True)
class Case:
    request: str
    variable: str
    symbols: dict[str, tuple[str, str]]
    meaning: str
    declare: tuple[str, ...]
    context: tuple[str, ...]


def read_cases() -> list[Case]:
    cases = []
    for line in (CASES / "meanings.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" ## ")]
        request, variable, symbols, meaning, declare, context = [*fields, "", ""][:6]
        named = (word.split(":") for word in symbols.split())
        shapes = {name: tuple([*value.split("/"), ""][:2]) for name, value in named}
        facts = [tuple(filter(None, text.split(" ; "))) for text in (declare, context)]
        cases.append(Case(request, variable, shapes, meaning, *facts))
    return cases


def drawn(shape: str, structure: str, rng: np.random.Generator) -> Any:
    """A random value; a family of scalars is an array, any other one a list."""
    if shape.startswith("*"):
        members = [drawn(shape[1:], structure, rng) for _ in range(SIZES["N"])]
        return np.array(members).reshape(-1, 1) if shape == "*" else members
    dims = [int(c) if c.isdigit() else SIZES[c] for c in shape]
    value = rng.uniform(0.3, 1.2, [*dims, 1] if len(dims) == 1 else dims)
    if structure == "any":
        value = value * rng.choice([-1, 1], np.shape(value))
    elif structure == "sym":
        value = value + value.T
    elif structure == "pd":
        value = value @ value.T + np.eye(len(value))
    elif structure == "diag":
        value = np.diag(np.diag(value))
    elif structure == "orth":
        value = np.linalg.qr(value)[0]
    return value if shape else float(value)


def allowed(direction: Any, structure: str) -> Any:
    """The part of a direction that keeps the structure of the variable."""
    if structure in ("sym", "pd"):
        return (direction + direction.T) / 2
    return np.diag(np.diag(direction)) if structure == "diag" else direction


def slope(case: Case, point: dict[str, Any]) -> Any:
    """The gradient by central differences of the meaning."""

    def f(value: Any) -> float:
        names = FUNCTIONS | point | {case.variable: value}
        return float(np.squeeze(eval(case.meaning, names)))

    x, structure = point[case.variable], case.symbols[case.variable][1]
    if isinstance(x, float):
        return (f(x + STEP) - f(x - STEP)) / (2 * STEP)
    found = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = STEP
        step = allowed(step, structure)
        found[place] = (f(x + step) - f(x - step)) / (2 * STEP)
    return found


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.request)
def test_the_exported_code_computes_the_derivative_of_what_is_meant(case: Case) -> None:
    answer = derive(case.request, case.declare, case.context)
    assert answer.error is None, answer.error and answer.error.show(case.request)
    assert answer.status == "verified"
    namespace: dict[str, Any] = {}
    exec(answer.numpy, namespace)
    derivative = namespace["derivative"]
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        point = {name: drawn(*parts, rng) for name, parts in case.symbols.items()}
        known = SIZES | point
        found = derivative(*(known[name] for name in inspect.signature(derivative).parameters))
        wanted = slope(case, point)
        assert np.shape(found) == np.shape(wanted)
        assert np.allclose(found, wanted, rtol=1e-5, atol=1e-5 * (1 + np.max(np.abs(wanted))))
