"""Structured variables in floating point, by the definition of the gradient alone.

The directions of a structured variable X span a linear space; the gradient is the sum of
``df(B) B`` over an orthonormal basis B of it, with ``df`` from difference quotients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from problems import CASES

from mdiff_pandoc.expr import Expr
from mdiff_pandoc.expr.numpy import numpy_source, parameters

Array = Any
STEP = 1e-6


@dataclass(frozen=True)
class Structured:
    """A function to differentiate by a structured variable."""

    name: str
    declarations: tuple[str, ...]
    variable: str
    f: str
    answer: str

    @property
    def request(self) -> str:
        return rf"\nabla_{{{self.variable}}} \left( {self.f} \right) = ?"

    @property
    def symmetric(self) -> str:
        return "entries" if self.name.startswith("E") else "projected"


def read_structured() -> Iterator[Structured]:
    for line in (CASES / "structured.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, declared, variable, f, answer = line.split(" | ")
            yield Structured(name, tuple(declared.split("; ")), variable, f, answer.strip())


def compiled(expr: Expr, symbols: tuple[Expr, ...]) -> Callable[..., Array]:
    namespace: dict[str, Any] = {}
    exec(numpy_source(expr, symbols), namespace)
    return namespace["derivative"]  # type: ignore[no-any-return]


def draw(symbol: Expr, sizes: dict[str, int], rng: np.random.Generator) -> Array:
    """A random value that keeps what the symbol is assumed to be."""
    rows, columns = (dim.at(sizes) for dim in symbol.shape)
    full = rng.uniform(-1, 1, (rows, columns))
    if symbol.assumed("orthogonal"):
        return np.linalg.qr(full)[0]
    if symbol.assumed("unit"):
        return full / np.linalg.norm(full)
    if symbol.assumed("positive"):
        return np.abs(full) + 0.5
    if symbol.assumed("diagonal"):
        return np.diag(np.abs(np.diag(full)) + 1)
    if symbol.assumed("positive definite"):
        return full @ full.T + np.eye(rows)
    if symbol.assumed("symmetric"):
        return full + full.T
    if symbol.assumed("skew"):
        return full - full.T
    if symbol.assumed("lower triangular"):
        return np.tril(full, -1) + np.diag(np.abs(np.diag(full)) + 1)
    if symbol.assumed("upper triangular"):
        return np.triu(full, 1) + np.diag(np.abs(np.diag(full)) + 1)
    return full


def directions(symbol: Expr, value: Array) -> list[Array]:
    """Directions that span the space of those which keep the structure to first order."""
    rows, columns = value.shape
    units = []
    for i in range(rows):
        for j in range(columns):
            unit = np.zeros((rows, columns))
            unit[i, j] = 1
            units.append(unit)
    if symbol.assumed("orthogonal"):
        square = [np.outer(a, b) for a in np.eye(rows) for b in np.eye(rows)]
        return [(unit - unit.T) @ value for unit in square]
    if symbol.assumed("unit"):
        return [unit - value * np.sum(value * unit) for unit in units]
    if symbol.assumed("diagonal"):
        return [np.diag(np.diag(unit)) for unit in units]
    if symbol.assumed("symmetric"):
        return [unit + unit.T for unit in units]
    if symbol.assumed("skew"):
        return [unit - unit.T for unit in units]
    if symbol.assumed("lower triangular"):
        return [np.tril(unit) for unit in units]
    if symbol.assumed("upper triangular"):
        return [np.triu(unit) for unit in units]
    return units


def slope(f: Callable[[Array], Any], value: Array, direction: Array) -> float:
    ahead, behind = f(value + STEP * direction), f(value - STEP * direction)
    return float((np.asarray(ahead).item() - np.asarray(behind).item()) / (2 * STEP))


def projected(f: Callable[[Array], Any], symbol: Expr, value: Array) -> Array:
    """The gradient among the values of a structured symbol."""
    spanned = np.array([part.ravel() for part in directions(symbol, value)])
    _, sizes, basis = np.linalg.svd(spanned, full_matrices=False)
    parts = [
        row.reshape(value.shape) for row, size in zip(basis, sizes, strict=True) if size > 1e-9
    ]
    return sum((slope(f, value, part) * part for part in parts), np.zeros(value.shape))


def by_entries(f: Callable[[Array], Any], value: Array) -> Array:
    """The derivatives by the entries on and below the diagonal of a symmetric matrix."""
    found = np.zeros(value.shape)
    for i in range(len(value)):
        for j in range(i + 1):
            step = np.zeros(value.shape)
            step[i, j] = step[j, i] = 1
            found[i, j] = found[j, i] = slope(f, value, step)
    return found


def both(f: Expr, variable: Expr, result: Expr, symmetric: str, seed: int) -> tuple[Array, Array]:
    """The value of a result, and what it should be."""
    rng = np.random.default_rng(seed)
    symbols = tuple(dict.fromkeys((*parameters(f), variable)))
    names = sorted({name for part in (f, *symbols) for dim in part.shape for name in dim.names})
    sizes = dict(zip(names, (5, 4, 3, 6), strict=False))
    sizes |= {"p": 3} if "p" in sizes else {}
    values = [draw(symbol, sizes, rng) for symbol in symbols]
    place = symbols.index(variable)
    whole = compiled(f, symbols)

    def along(value: Array) -> Any:
        return whole(*values[:place], value, *values[place + 1 :])

    if symmetric == "entries" and not variable.assumed("diagonal"):
        wanted = by_entries(along, values[place])
    else:
        wanted = projected(along, variable, values[place])
    return compiled(result, symbols)(*values), wanted
