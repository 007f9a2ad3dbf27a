"""Names of parts, and names that are still free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from mdiff_pandoc.expr.dims import ONE, SCALAR, Shape
from mdiff_pandoc.expr.node import Expr, Op, Range, Symbol, Unknown, walk


def used_names(*exprs: Expr) -> set[str]:
    """The names of symbols, of named parts, of functions and of bound indices in expressions."""
    names: set[str] = set()
    for expr in exprs:
        for node in walk(expr):
            if isinstance(node.data, Symbol | Unknown):
                names.add(node.data.name)
            elif node.op in (Op.NAMED, Op.APPLY):
                names.add(str(node.data))
            elif isinstance(node.data, Range):
                names.add(node.data.index)
    return names


def letters(shape: Shape) -> str:
    """Letters that a textbook would take for a quantity of this shape."""
    if shape == SCALAR:
        return "stuvwz"
    return "zuvwyq" if ONE in shape else "ZUVWYQ"


def free_name(expr: Expr, shape: Shape) -> str:
    """A name for a quantity of this shape that does not occur in ``expr``."""
    return next(fresh(letters(shape), used_names(expr)))


def fresh(choice: Iterable[str], used: set[str]) -> Iterator[str]:
    """Names that are not used: the letters in turn, then with a subscript."""
    letters = list(choice)
    yield from (letter for letter in letters if letter not in used)
    for number in count(1):
        yield from (name for x in letters if (name := f"{x}_{number}") not in used)


def surface(expr: Expr) -> Iterator[Expr]:
    """The distinct nodes of an expression, without what its names stand for."""
    seen = {expr}
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        if node.op not in (Op.NAMED, Op.DERIVATIVE, Op.SLOPE):
            new = [arg for arg in node.args if arg not in seen]
            seen.update(new)
            stack.extend(reversed(new))


def parts(expr: Expr) -> list[Expr]:
    """The named parts of an expression, each after those that it is made of."""
    found: list[Expr] = []
    seen: set[Expr] = set()
    stack = [(expr, False)]
    while stack:
        node, done = stack.pop()
        if done:
            found.append(node)
        elif node not in seen and node.op is not Op.DERIVATIVE:
            seen.add(node)
            if node.op is Op.NAMED:
                stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
    return found
