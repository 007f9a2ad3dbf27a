"""Numbers put together, as an author would write them: no ``2 · ½``, no ``⅓(3a − 3b)``."""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.expr import Expr, Op, add, number, rebuild, scale
from mdiff_pandoc.service.repairs.place import CLOSED, coefficient, times

_PRODUCTS = frozenset({Op.MUL, Op.MATMUL, Op.HADAMARD, Op.KRON})


def tidy(expr: Expr) -> Expr:
    """An equal expression with one number in front of each product."""
    made: dict[Expr, Expr] = {}
    stack = [expr]
    while stack:
        node = stack[-1]
        if node in made:
            stack.pop()
            continue
        inner = () if node.op in CLOSED or node.op is Op.DERIVATIVE else node.args
        waiting = [arg for arg in inner if arg not in made]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        made[node] = _tidied(rebuild(node, [made[arg] for arg in inner]) if inner else node)
    return made[expr]


def _tidied(node: Expr) -> Expr:
    if node.op is Op.SUM:
        return add(*node.args)
    if node.op in _PRODUCTS:
        value, args = Fraction(1), []
        for arg in node.args:
            own, rest = coefficient(arg)
            value *= own
            if node.op is not Op.MATMUL or rest.op is not Op.IDENTITY:
                args.append(rest)
        return node if value == 1 else _multiplied(value, rebuild(node, args))
    if node.op is not Op.SCALE:
        return node
    scalars, body = node.args
    value, rest = coefficient(scalars)
    own, body = coefficient(body)
    return _multiplied(value * own, body if rest is number(1) else scale(rest, body))


def _multiplied(value: Fraction, body: Expr) -> Expr:
    """A number times an expression; into a sum where that takes fractions away."""
    own, rest = coefficient(body)
    value *= own
    if rest.op is Op.SUM:
        terms = [times(value, term) for term in rest.args]
        whole = all(coefficient(term)[0].denominator == 1 for term in terms)
        if value == 1 or (value.denominator > 1 and whole):
            return add(*terms)
        positive = [term for term in rest.args if coefficient(term)[0] > 0]
        if value < 0 and len(rest.args) == 2 and len(positive) == 1:
            (last,) = (term for term in rest.args if term is not positive[0])
            return times(-value, add(times(Fraction(-1), last), times(Fraction(-1), positive[0])))
    return times(value, rest)
