"""Names put in or left out of an expression."""

from __future__ import annotations

from mdiff_pandoc.errors import LimitError
from mdiff_pandoc.expr import Expr, Op, rebuild

_LARGEST = 5_000
_KEPT = frozenset({Op.APPLY, Op.DERIVATIVE})
_FLAT = frozenset({Op.SUM, Op.MUL, Op.MATMUL, Op.HADAMARD})


def unnamed(expr: Expr) -> Expr:
    """The expression with the values of its names, except within unspecified functions.

    Raises LimitError where a product or sum becomes too long.
    """
    made: dict[Expr, Expr] = {}
    stack = [expr]
    while stack:
        node = stack[-1]
        if node in made:
            stack.pop()
            continue
        inner = () if node.op in _KEPT else node.args
        waiting = [arg for arg in inner if arg not in made]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        made[node] = _without_name(node, [made[arg] for arg in inner])
    return made[expr]


def _without_name(node: Expr, args: list[Expr]) -> Expr:
    if node.op in _KEPT:
        return node
    if node.op is Op.NAMED:
        return args[0]
    if node.op in _FLAT:
        length = sum(len(arg.args) if arg.op is node.op else 1 for arg in args)
        if length > _LARGEST:
            raise LimitError("the function is too large once its definitions are put in")
    return rebuild(node, args)
