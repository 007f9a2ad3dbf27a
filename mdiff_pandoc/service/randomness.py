r"""What is random in an equality with expectations whose notation does not say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Expr

Pair = tuple["Expr", "Expr"]


def with_constants(pair: Pair) -> tuple[Pair, tuple[str, ...]]:
    r"""The pair in which only that is random which never stands outside of an expectation.

    In :math:`E[Ax + b] = A\,E[x] + b` that is x. The second value is the names of what is constant;
    it is empty where no reading is gained.
    """
    from mdiff_pandoc.expr import Op, expectation, substitute, walk

    found = {
        node for side in pair for node in walk(side) if node.op is Op.EXPECTATION and not node.data
    }
    inside = {_name(symbol) for node in found for symbol in node.symbols}
    outside = {name for side in pair for name in _outside(side)}
    random, constants = sorted(inside - outside), sorted(inside & outside)
    if not random or not constants:
        return pair, ()
    values: dict[Expr, Expr] = {}
    for node in sorted(found, key=lambda node: node.size):
        body = substitute(node.args[0], values)
        values[node] = expectation(body, random)
    return (substitute(pair[0], values), substitute(pair[1], values)), tuple(constants)


def _outside(side: Expr) -> set[str]:
    """The names that stand outside of expectations."""
    from mdiff_pandoc.expr import Op

    found: set[str] = set()
    stack = [side]
    while stack:
        node = stack.pop()
        if node.op is Op.SYMBOL:
            found.add(_name(node))
        elif node.op is not Op.EXPECTATION:
            stack += node.args
    return found


def _name(node: Expr) -> str:
    return str(getattr(node.data, "name", ""))
