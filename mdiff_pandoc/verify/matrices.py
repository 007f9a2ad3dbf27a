"""Values of rational functions of whole matrices, and of expectations."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from msgspec.structs import replace

from mdiff_pandoc.expr import Dim, Expr, Meta, Op, Symbol, make, rebuild
from mdiff_pandoc.verify.arithmetic import linear, plus, reciprocal, times, together
from mdiff_pandoc.verify.evaluate import Evaluator
from mdiff_pandoc.verify.point import Pair

IsRandom = Callable[[Expr], bool]

# joint draws of the random symbols, whose mean stands for an expectation
DRAWS = 3


def commutation(ev: Evaluator, node: Expr) -> Pair:
    """K with ``K vec(X) = vec(X^T)``."""
    assert isinstance(node.data, tuple)
    rows, columns = (ev.point.dim(Dim.of(dim)) for dim in node.data)
    size = rows * columns
    entries = [0] * (size * size)
    for i in range(rows):
        for j in range(columns):
            entries[(i * columns + j) * size + j * rows + i] = 1
    return ev.point.matrix(size, size, entries), None


def block(ev: Evaluator, node: Expr) -> Pair:
    """A matrix made of blocks or entries."""
    assert isinstance(node.data, tuple)
    height, width = node.data
    rows, columns = ev.point.shape(node.shape)

    def combine(parts: Any) -> Any:
        entries: list[Any] = []
        for start in range(0, height * width, width):
            grids = [_lines(part) for part in parts[start : start + width]]
            for lines in zip(*grids, strict=True):
                entries += [x for line in lines for x in line]
        return ev.point.matrix(rows, columns, entries)

    return together([ev.get(arg) for arg in node.args], combine)


def _lines(part: Any) -> list[list[Any]]:
    found: list[list[Any]] = part.tolist() if hasattr(part, "tolist") else [[part]]
    return found


def cross(ev: Evaluator, node: Expr) -> Pair:
    """The cross product, by its entries."""

    def turned(vector: Any) -> Any:
        x, y, z = vector.entries()
        return ev.point.matrix(3, 3, [0, -z, y, z, 0, -x, -y, x, 0])

    left, right = (ev.get(arg) for arg in node.args)
    return times(linear(left, turned), right)


def adjugate(ev: Evaluator, node: Expr) -> Pair:
    """The transposed cofactors, which exist for singular matrices too."""
    value, slope = ev.get(node.args[0])
    if node.is_scalar:
        return ev.point.scalar(1), None
    size = value.nrows()
    if size == 1:
        return ev.point.identity(node.shape[0]), None
    lines = value.tolist()
    slopes = None if slope is None else slope.tolist()

    def minor(grid: Any, i: int, j: int) -> Any:
        kept = [x for r, line in enumerate(grid) if r != i for c, x in enumerate(line) if c != j]
        return ev.point.matrix(size - 1, size - 1, kept)

    cofactors = []
    for j in range(size):
        for i in range(size):
            step = None if slopes is None else minor(slopes, i, j)
            pair = ev.determinant(minor(lines, i, j), step)
            cofactors.append(linear(pair, lambda x: -x) if (i + j) % 2 else pair)
    return together(cofactors, lambda values: ev.point.matrix(size, size, values))


def pseudo_inverse(ev: Evaluator, node: Expr) -> Pair:
    """``(X^T X)^{-1} X^T`` or ``X^T (X X^T)^{-1}``, for X of full rank."""
    pair = ev.get(node.args[0])
    if not hasattr(pair[0], "entries"):
        return reciprocal(pair)
    turned = linear(pair, lambda m: m.transpose())
    rows, columns = pair[0].nrows(), pair[0].ncols()
    if rows == columns:
        return reciprocal(pair)
    if rows > columns:
        return times(reciprocal(times(turned, pair)), turned)
    return times(turned, reciprocal(times(pair, turned)))


def expectation(ev: Evaluator, node: Expr) -> Pair:
    """The mean over a few joint draws of the random symbols, each with values of its own."""
    setting = ev.point.setting
    held = setting.bases if setting.variable is None else {*setting.bases, setting.variable}
    random = _random(node, held)
    total: Pair | None = None
    for draw in range(1, DRAWS + 1):
        pair = ev.get(_drawn(node.args[0], random, held, draw, {}))
        total = pair if total is None else plus(total, pair)
    assert total is not None
    mean = 1 / ev.point.scalar(DRAWS)
    return linear(total, lambda value: value * mean)


def _random(node: Expr, held: Set[Expr]) -> IsRandom:
    """Which symbols an expectation is over: those named, or all but variables and constants."""
    names = node.data
    assert isinstance(names, tuple)

    def named(leaf: Expr) -> bool:
        assert isinstance(leaf.data, Symbol | Meta)
        return leaf.data.name in names

    def free(leaf: Expr) -> bool:
        data = leaf.data
        assumed = data.requires if isinstance(data, Meta) else frozenset()
        assumed = data.assumptions if isinstance(data, Symbol) else assumed
        return leaf not in held and "constant" not in assumed

    return named if names else free


def _drawn(
    node: Expr, random: IsRandom, held: Set[Expr], draw: int, known: dict[Expr, Expr]
) -> Expr:
    """The expression with the symbols that are random replaced by their values in one draw.

    What an expectation inside is over stays as it is.
    """
    found = known.get(node)
    if found is not None:
        return found
    if node.op in (Op.SYMBOL, Op.META):
        found = _marked(node, draw) if random(node) else node
    elif node in held:
        found = node
    elif node.op is Op.EXPECTATION:
        names = node.data
        assert isinstance(names, tuple)

        def outer(leaf: Expr) -> bool:
            assert isinstance(leaf.data, Symbol | Meta)
            return random(leaf) and leaf.data.name not in names

        found = rebuild(node, [_drawn(node.args[0], outer, held, draw, {})]) if names else node
    else:
        found = rebuild(node, [_drawn(arg, random, held, draw, known) for arg in node.args])
    known[node] = found
    return found


def _marked(node: Expr, draw: int) -> Expr:
    data = node.data
    if isinstance(data, Symbol):
        marked: Symbol | Meta = Symbol(data.name, data.assumptions, (*data.indices, draw))
    else:
        assert isinstance(data, Meta)
        marked = replace(data, name=f"{data.name} {draw}")
    return make(node.op, data=marked, shape=node.shape)
