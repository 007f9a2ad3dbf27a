"""How long an expression is when it is written down, without writing it."""

from __future__ import annotations

from fractions import Fraction
from weakref import WeakKeyDictionary

from mdiff_pandoc.expr.node import Expr, Op, Unknown

_lengths: WeakKeyDictionary[Expr, int] = WeakKeyDictionary()

_LEAVES = frozenset(
    {Op.SYMBOL, Op.META, Op.CONSTANT, Op.IDENTITY, Op.ONES, Op.ZERO, Op.DIMENSION, Op.NUMBER}
)
_SUPERSCRIPTED = frozenset({Op.TRANSPOSE, Op.INVERSE, Op.POWER, Op.HPOWER, Op.PSEUDO_INVERSE})
_INFIX = frozenset({Op.SUM, Op.HADAMARD, Op.KRON, Op.CROSS})
_PRODUCTS = frozenset({Op.MUL, Op.SCALE, Op.MATMUL})
_BRACKETED_BASES = _SUPERSCRIPTED | _INFIX | _PRODUCTS
_BRACKETED_BASES |= {Op.HDIV, Op.INDEX_SUM, Op.DIFF, Op.DERIVATIVE, Op.SLOPE}
_BRACKETED_FACTORS = frozenset({Op.HADAMARD, Op.KRON, Op.HDIV, Op.CROSS})


def length(expr: Expr) -> int:
    """About how many symbols the printed form has.

    Each letter, operator, bracket, function name, superscript and minus sign counts one. The
    brackets of a sum that is a factor count as one.
    """
    found = _lengths.get(expr)
    if found is not None:
        return found
    stack = [expr]
    while stack:
        node = stack[-1]
        pending = [arg for arg in node.args if arg not in _lengths]
        if pending:
            stack.extend(pending)
        else:
            _lengths[node] = _own(node)
            stack.pop()
    return _lengths[expr]


def _own(expr: Expr) -> int:
    op = expr.op
    if op in _LEAVES:
        return _leaf(expr)
    if op is Op.SUM:
        signs = len(expr.args) - 1 - sum(_is_negative(arg) for arg in expr.args[1:])
        return signs + sum(_lengths[arg] for arg in expr.args)
    if op is Op.SCALE:
        coefficient, body = expr.args
        return _factor(coefficient) + _lengths[body] + (body.op is Op.SUM)
    if op in _PRODUCTS:
        return sum(_factor(arg) for arg in expr.args) or 1
    if op in (Op.HADAMARD, Op.KRON):
        looser = 2 * (op is Op.KRON)  # a Hadamard product in a Kronecker product stands in brackets
        terms = (_lengths[a] + (a.op is Op.SUM) + looser * (a.op is Op.HADAMARD) for a in expr.args)
        return sum(terms) + len(expr.args) - 1
    if op in _SUPERSCRIPTED:
        return _superscripted(expr)
    arguments = sum(_lengths[arg] for arg in expr.args)
    if op is Op.HDIV:
        return arguments + 1
    if op is Op.FUNC:
        return arguments + 3 + (expr.data.order if isinstance(expr.data, Unknown) else 0)
    if op is Op.DIFF:
        return arguments + (1 if expr.args[0].op in (Op.SYMBOL, Op.NAMED) else 3)
    if op in (Op.ENTRY, Op.ROW, Op.COLUMN):
        return arguments + 2 + 2 * (expr.args[0].op is not Op.SYMBOL)
    if op is Op.INDEX_SUM:
        return arguments + 5 + 2 * (expr.args[0].op is Op.SUM)
    if op in (Op.BASIS, Op.DELTA, Op.COMMUTATION):
        return 2
    if op in (Op.NAMED, Op.SLOPE):
        return 1 if op is Op.NAMED else 1 + arguments
    if op is Op.CROSS:
        return arguments + 1 + 2 * sum(arg.op in _INFIX for arg in expr.args)
    if op in (Op.APPLY, Op.BLOCK):
        return arguments + 2 + len(expr.args)
    return arguments + 3


def _leaf(expr: Expr) -> int:
    if isinstance(expr.data, Fraction):
        value = expr.data
        return 1 + (value < 0) + 2 * (value.denominator != 1)
    return 3 if expr.op is Op.ONES and not expr.is_vector else 1


def _factor(expr: Expr) -> int:
    """A factor of a product; the number 1 is not written, of -1 only the sign."""
    if expr.op is Op.NUMBER and isinstance(expr.data, Fraction) and abs(expr.data) == 1:
        return 0 if expr.data == 1 else 1
    return _lengths[expr] + 2 * (expr.op in _BRACKETED_FACTORS) + (expr.op is Op.SUM)


def _superscripted(expr: Expr) -> int:
    base = expr.args[0]
    if {base.op, expr.op} == {Op.TRANSPOSE, Op.INVERSE}:
        return _lengths[base] + 1
    if (
        expr.op is Op.POWER and expr.is_scalar and _is_negative(expr.args[1])
    ):  # under a fraction bar
        return _lengths[base] + 1 + (expr.args[1].data != -1)
    brackets = 2 * (base.op in _BRACKETED_BASES)
    exponent = sum(_lengths[arg] for arg in expr.args[1:]) or 1
    exponent += expr.op is Op.HPOWER
    return _lengths[base] + brackets + exponent


def _is_negative(expr: Expr) -> bool:
    """Is the term printed with a minus sign in front?"""
    if expr.op is Op.SCALE:
        return _is_negative(expr.args[0])
    if expr.op is Op.MUL:
        return any(_is_negative(arg) for arg in expr.args if arg.op is Op.NUMBER)
    return expr.op is Op.NUMBER and isinstance(expr.data, Fraction) and expr.data < 0
