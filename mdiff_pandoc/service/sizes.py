"""Sizes that a formula does not tell: letters that stand for them, ones and identities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Dim, Expr
    from mdiff_pandoc.latex.sides import Sides

_COUNTS = frozenset("n m p q d k r N M D K T".split())
_MOST = 64
Pair = tuple["Expr", "Expr"]


def with_sizes(sides: Sides, pair: Pair) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    r"""The pair in the readings in which sizes are what an author means, with what to tell.

    Vectors of ones and identities have one size where nothing tells theirs, and a letter that
    nobody declared is the number of rows or columns of something: :math:`\det(cA) = c^n \det A`.
    """
    from mdiff_pandoc.expr import Dim, dimension, substitute

    loose = _loose(pair)
    if len(loose) > 1:
        one = Dim.of(loose[0])
        left, right = (resized(side, dict.fromkeys(loose, one)) for side in pair)
        pair = left, right
        yield pair, ()
    for name in sorted(_names(pair) | _data_names(pair)):
        if loose and name not in loose:
            sizes = {loose[0]: Dim.of(name)}
            yield (resized(pair[0], sizes), resized(pair[1], sizes)), ()
    constant = (pair[0].symbols | pair[1].symbols) - _variables(pair)
    counts = sorted((symbol for symbol in constant if _counts(sides, symbol)), key=str)
    names = sorted(_names(pair))
    if not counts or not names or len(names) ** len(counts) > _MOST:
        return
    told = tuple(f"${_latex(sides, count)}$ is read as a number of rows" for count in counts)
    for chosen in product(names, repeat=len(counts)):
        values = {count: dimension(name) for count, name in zip(counts, chosen, strict=True)}
        yield (substitute(pair[0], values), substitute(pair[1], values)), told


def with_shapes(sides: Sides, pair: Pair) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    r"""Sides of different shapes in the readings in which they have one, and what that assumes.

    Sizes that nobody named are those that the formula names, such as the :math:`m, n` of
    :math:`K_{m,n}`.
    """
    from mdiff_pandoc.expr import Dim

    present = _names(pair) | _data_names(pair)
    invented = sorted(present & sides.invented)
    written = sorted(present - sides.invented)
    if not invented or not written or len(written) ** len(invented) > _MOST:
        return
    for chosen in product(written, repeat=len(invented)):
        sizes = {name: Dim.of(size) for name, size in zip(invented, chosen, strict=True)}
        left, right = pair
        shapes = [tuple(d.substitute(sizes) for d in side.shape) for side in pair]
        if shapes[0] == shapes[1]:
            names = dict(zip(invented, chosen, strict=True))
            yield (resized(left, sizes), resized(right, sizes)), _assumed(sides, names)


def _assumed(sides: Sides, names: Mapping[str, str]) -> tuple[str, ...]:
    """What is assumed of the symbols, with other names for sizes."""
    told = []
    for assumed in sides.assumed:
        start, exponent, sizes = assumed.partition("}^")
        sizes = re.sub(r"(?<![A-Za-z\\])[A-Za-z]\b", lambda m: names.get(m[0], m[0]), sizes)
        told.append(start + exponent + sizes)
    return tuple(told)


def resized(expr: Expr, sizes: Mapping[str, Dim]) -> Expr:
    """``expr`` with other sizes in place of the dimensions of these names."""
    from msgspec.structs import replace

    from mdiff_pandoc.expr import Dim, Range, make

    def data_of(data: object) -> object:
        if isinstance(data, Dim):
            return data.substitute(sizes)
        if isinstance(data, Range):
            return replace(data, upper=data.upper.substitute(sizes))
        return tuple(map(data_of, data)) if isinstance(data, tuple) else data

    done: dict[Expr, Expr] = {}
    stack = [expr]
    while stack:
        node = stack[-1]
        waiting = [arg for arg in node.args if arg not in done]
        if waiting:
            stack.extend(waiting)
            continue
        rows, columns = (dim.substitute(sizes) for dim in node.shape)
        args = tuple(done[arg] for arg in node.args)
        done[node] = make(node.op, args, data_of(node.data), (rows, columns))
        stack.pop()
    return done[expr]


def _loose(pair: Pair) -> list[str]:
    """The sizes that ones and identities have and nothing else."""
    from mdiff_pandoc.expr import Op, walk

    constant: set[str] = set()
    other: set[str] = set()
    for node in (node for side in pair for node in walk(side)):
        own = node.shape[0].names | node.shape[1].names
        if node.op in (Op.ONES, Op.IDENTITY, Op.ZERO):
            constant |= own
        elif not node.args:
            other |= own
    return sorted(constant - other - _data_names(pair))


def _data_names(pair: Pair) -> set[str]:
    from mdiff_pandoc.expr import Dim, Range, walk

    found: set[str] = set()
    for node in (node for side in pair for node in walk(side)):
        parts = node.data if isinstance(node.data, tuple) else (node.data,)
        for part in parts:
            dim = part.upper if isinstance(part, Range) else part
            found |= dim.names if isinstance(dim, Dim) else set()
    return found


def _names(pair: Pair) -> set[str]:
    from mdiff_pandoc.expr import walk

    found: set[str] = set()
    for node in (node for side in pair for node in walk(side)):
        found |= node.shape[0].names | node.shape[1].names
    return found


def _variables(pair: Pair) -> frozenset[Expr]:
    """The symbols that something is differentiated by."""
    from mdiff_pandoc.expr import Op, walk

    found: frozenset[Expr] = frozenset()
    for node in (node for side in pair for node in walk(side)):
        if node.op in (Op.DERIVATIVE, Op.DIFF):
            found |= node.args[-1].symbols
    return found


def _counts(sides: Sides, symbol: Expr) -> bool:
    """May this scalar, that nobody declared, be a size?"""
    name = getattr(symbol.data, "name", "")
    told = f"{_latex(sides, symbol)} \\in "
    return (
        symbol.is_scalar
        and name in _COUNTS
        and any(assumed.startswith(told) for assumed in sides.assumed)
    )


def _latex(sides: Sides, symbol: Expr) -> str:
    name = getattr(symbol.data, "name", "")
    return sides.symbols.get(name, name)
