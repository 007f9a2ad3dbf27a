"""Small faults put into an expression, as authors make them."""

from __future__ import annotations

from collections.abc import Iterator

from mdiff_pandoc.errors import ShapeError
from mdiff_pandoc.expr import Expr, Op, add, inverse, matmul, neg, number, rebuild, scale, transpose

_CLOSED = {Op.DIFF, Op.SYMBOL, Op.META, Op.NUMBER, Op.SLOPE, Op.DERIVATIVE}


def mutants(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """Every expression of the same shape that one fault makes, with the fault's name."""
    seen = {expr}
    for path, node in _places(expr, ()):
        for name, new in _faults(node):
            try:
                mutant = _put(expr, path, new)
            except ShapeError:
                continue
            if mutant.shape == expr.shape and mutant not in seen:
                seen.add(mutant)
                yield f"{name} at {path}", mutant


def _places(expr: Expr, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Expr]]:
    yield path, expr
    if expr.op not in _CLOSED:
        for position, arg in enumerate(expr.args):
            yield from _places(arg, (*path, position))


def _faults(node: Expr) -> Iterator[tuple[str, Expr]]:
    if node.op is not Op.NUMBER:
        yield "sign", neg(node)
    yield "factor", scale(number(2), node)
    if node.op is Op.TRANSPOSE:
        yield "transpose dropped", node.args[0]
    elif not node.is_scalar:
        yield "transpose added", transpose(node)
    if node.op is Op.INVERSE:
        yield "inverse dropped", node.args[0]
    elif not node.is_scalar and node.shape[0] == node.shape[1]:
        yield "inverse added", inverse(node)
    if node.op is Op.SUM:
        for position in range(len(node.args)):
            rest = [*node.args[:position], *node.args[position + 1 :]]
            yield "term lost", add(*rest)
    if node.op is Op.MATMUL:
        for i in range(len(node.args) - 1):
            args = list(node.args)
            args[i], args[i + 1] = args[i + 1], args[i]
            try:
                yield "order", matmul(*args)
            except ShapeError:
                continue


def _put(expr: Expr, path: tuple[int, ...], new: Expr) -> Expr:
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = _put(args[path[0]], path[1:], new)
    return rebuild(expr, args)
