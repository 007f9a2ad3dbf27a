"""Letters for the dimensions that no declaration names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mdiff_pandoc.expr import ONE, Dim, Shape
from mdiff_pandoc.latex.draft import Shapes

_ROWS = ("m", "p", "q", "k", "r", "s", "l", "h", "d")
_COLUMNS = ("n", "q", "k", "r", "s", "l", "h", "d", "m", "p")
_LENGTHS = ("n", "m", "p", "q", "k", "r", "s", "l", "h", "d")


class DimensionNames:
    """Names the open dimensions of ``shapes``; ``taken`` are names that stand for something."""

    def __init__(self, shapes: Shapes, taken: Iterable[str]) -> None:
        self._shapes = shapes
        self._taken = set(taken)
        self._bindings: dict[str, Dim] = {}
        self._settled: dict[Dim, Dim] = {}

    def give(self, shapes: Sequence[Shape]) -> None:
        """Name what is open in these shapes, rows and columns by the usual letters."""
        resolved = [self._shapes.resolve(shape) for shape in shapes]
        for rows, columns in resolved:
            self._taken |= {n for n in rows.names | columns.names if not n.startswith("?")}
        for rows, columns in resolved:
            if columns in (rows, ONE):
                self._name(rows, _LENGTHS)
            else:
                self._name(rows, _ROWS)
                self._name(columns, _COLUMNS)

    @property
    def given(self) -> frozenset[str]:
        """The names given so far."""
        return frozenset(name for dim in self._bindings.values() for name in dim.names)

    def settle(self, dim: Dim) -> Dim:
        """A dimension without open names; one that nothing else depends on gets its own name."""
        found = self._settled.get(dim)
        if found is None:
            resolved = self._shapes.unifier.resolve(dim)
            self._name(resolved, _LENGTHS)
            found = self._settled[dim] = resolved.substitute(self._bindings)
        return found

    def _name(self, dim: Dim, letters: Sequence[str]) -> None:
        opened = sorted(n for n in dim.names if n.startswith("?") and n not in self._bindings)
        for name in opened:
            fallback = f"d_{len(self._bindings) + 1}"
            letter = next((each for each in letters if each not in self._taken), fallback)
            self._bindings[name] = Dim.of(letter)
            self._taken.add(letter)
