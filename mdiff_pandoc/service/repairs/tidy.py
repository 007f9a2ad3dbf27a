"""Numbers put together, as an author would write them: no ``2 · ½``, no ``⅓(3a − 3b)``."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from mdiff_pandoc.expr import Expr, Op, Range, add, matmul, number, rebuild, scale, walk
from mdiff_pandoc.expr.indices import bound_as, index_names
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.repairs.edits import turned_inside
from mdiff_pandoc.service.repairs.place import CLOSED, LINEAR, coefficient, times

_LETTER = regex(r"(?<![A-Za-z\\])[a-z](?![A-Za-z])|(?<=[_^{,])[a-z]+")
_SUMMED = regex(r"\\sum(?:\\limits)?_\{?\s*([a-z])(?![A-Za-z])")
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


def in_own_letters(expr: Expr, source: str) -> Expr:
    """An expression whose sums run over the letters that they have in ``source``.

    A reader that found the letter free elsewhere took another one.
    """
    written = set(_LETTER.findall(source))
    taken = index_names(expr)
    spare = [x for x in dict.fromkeys(_SUMMED.findall(source)) if x not in taken]
    for node in list(walk(expr)):
        if isinstance(node.data, Range) and node.data.index not in written and spare:
            expr = substitute(expr, {node: bound_as(node, spare.pop(0))})
    return expr


def _tidied(node: Expr) -> Expr:
    if node.op is Op.SUM:
        return _sum(node)
    if node.op in _PRODUCTS:
        numbers, args = zip(*map(coefficient, node.args), strict=True)
        kept = args
        if node.op in (Op.MUL, Op.MATMUL):
            solid = [arg for arg in args if arg is not number(1) and arg.op is not Op.IDENTITY]
            kept = tuple(solid) or args[:1]
        if kept == node.args:
            return node
        return _multiplied(prod(numbers), matmul(*kept) if kept != args else rebuild(node, args))
    if node.op is Op.TRANSPOSE and node.args[0].op is Op.MATMUL:
        inside = turned_inside(node.args[0])
        return inside if _marks(inside) < _marks(node) else node
    if node.op in LINEAR:
        own, rest = coefficient(node.args[0])
        return node if own == 1 else _multiplied(own, rebuild(node, (rest,)))
    if node.op is not Op.SCALE:
        return node
    scalars, body = node.args
    value, rest = coefficient(scalars)
    own, body = coefficient(body)
    return _multiplied(value * own, body if rest is number(1) else scale(rest, body))


def _marks(expr: Expr) -> int:
    """How many transposes stand on an expression and on the factors that it has."""
    parts = (expr, *expr.args)
    return sum(part.op is Op.TRANSPOSE for part in parts)


def _sum(node: Expr) -> Expr:
    """A sum in which equal terms are one."""
    counts: dict[Expr, Fraction] = {}
    for term in node.args:
        value, rest = coefficient(term)
        counts[rest] = counts.get(rest, Fraction(0)) + value
    terms = [times(value, rest) for rest, value in counts.items() if value]
    return add(*terms) if terms and len(counts) < len(node.args) else add(*node.args)


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
