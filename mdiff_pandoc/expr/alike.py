"""Expressions that are the same up to the names of their symbols and dimensions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.node import Expr, Range, Symbol, make


class Pattern(Struct, frozen=True):
    """What expressions have in common that differ in names alone.

    ``key`` is the same for all of them; ``symbols`` and ``dims`` are the names at hand, in an order
    that is the same for all of them.
    """

    key: Hashable
    symbols: tuple[Expr, ...]
    dims: tuple[str, ...]


def pattern(*exprs: Expr) -> Pattern:
    """The pattern of some expressions together. Depth costs no recursion."""
    symbols: dict[Expr, int] = {}
    dims: dict[str, int] = {}
    places: dict[Expr, int] = {}
    nodes: list[Hashable] = []

    def size(dim: Dim) -> Hashable:
        return tuple(
            (tuple(dims.setdefault(name, len(dims)) for name in names), count)
            for names, count in dim.terms
        )

    for expr in exprs:
        stack = [expr]
        while stack:
            node = stack[-1]
            waiting = [arg for arg in reversed(node.args) if arg not in places]
            if waiting and node not in places:
                stack.extend(waiting)
                continue
            stack.pop()
            if node in places:
                continue
            data: Hashable = node.data
            if isinstance(data, Symbol):
                number = symbols.setdefault(node, len(symbols))
                data = (number, data.assumptions, data.indices)
            elif isinstance(data, Dim):
                data = size(data)
            elif isinstance(data, Range):
                data = (data.index, size(data.upper), data.lower)
            elif isinstance(data, tuple):
                data = tuple(size(part) if isinstance(part, Dim) else part for part in data)
            places[node] = len(nodes)
            args = tuple(places[arg] for arg in node.args)
            nodes.append((node.op, args, data, *map(size, node.shape)))
        nodes.append(places[expr])
    return Pattern(tuple(nodes), tuple(symbols), tuple(dims))


def renamed(expr: Expr, old: Pattern, new: Pattern) -> Expr:
    """``expr`` with the names of one pattern replaced by those of another with the same key."""
    symbols = dict(zip(old.symbols, new.symbols, strict=True))
    dims = {name: Dim.of(other) for name, other in zip(old.dims, new.dims, strict=True)}
    done: dict[Expr, Expr] = dict(symbols)
    stack = [expr]
    while stack:
        node = stack[-1]
        waiting = [arg for arg in node.args if arg not in done]
        if waiting and node not in done:
            stack.extend(waiting)
            continue
        stack.pop()
        if node not in done:
            rows, columns = (dim.substitute(dims) for dim in node.shape)
            args = tuple(done[arg] for arg in node.args)
            done[node] = make(node.op, args, _data(node.data, dims), (rows, columns))
    return done[expr]


def _data(data: Hashable, dims: Mapping[str, Dim]) -> Hashable:
    if isinstance(data, Dim):
        return data.substitute(dims)
    if isinstance(data, Range):
        return replace(data, upper=data.upper.substitute(dims))
    if isinstance(data, tuple):
        return tuple(part.substitute(dims) if isinstance(part, Dim) else part for part in data)
    return data
