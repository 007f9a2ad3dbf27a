"""Expressions put in for others."""

from __future__ import annotations

from collections.abc import Mapping

from mdiff_pandoc.expr.node import Expr
from mdiff_pandoc.expr.rebuild import rebuild


def substitute(expr: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """``expr`` with every occurrence of a key of ``values`` replaced, wherever it stands.

    What is put in is not searched again. Shared parts cost once, depth costs no recursion. Raises
    ShapeError where a value of another shape does not fit.
    """
    done = dict(values)
    stack = [expr]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        waiting = [arg for arg in node.args if arg not in done]
        if waiting:
            stack.extend(waiting)
        else:
            done[node] = rebuild(node, [done[arg] for arg in node.args]) if node.args else node
            stack.pop()
    return done[expr]
