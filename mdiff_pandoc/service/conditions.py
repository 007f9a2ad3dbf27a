"""Equations that hold for some values only and say so by their look: no claims, and no faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdiff_pandoc.patterns import regex

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Expr, Op
    from mdiff_pandoc.latex.sides import Sides

_LAYERS = frozenset("lL")


def condition(sides: Sides, left: Expr, right: Expr, text: str, *, alone: bool) -> str:
    r"""Why an equation that does not hold is no wrong identity; empty where it is one.

    An identity speaks of the same letters on both sides: an equation that stands ``alone``, such as
    :math:`Av = \lambda v`, relates quantities, and :math:`1^T p = 1` is a condition.
    :math:`P^2 = P` states a property, and in :math:`a^l = W^l a^{l-1}` the superscripts count
    layers. Equations with derivatives are claims. ``text`` is the formula with what is known.
    """
    from mdiff_pandoc.expr import Op, walk

    difference = (Op.INVERSE, Op.DET, Op.SUM)
    nodes = [node for side in (left, right) for node in walk(side)]
    if any(node.op is Op.POWER and _counts_layers(node) for node in nodes):
        return "the superscripts seem to count layers, not to be powers"
    if told := _told_elsewhere(sides, left, right, text):
        return told
    if any(node.op in (Op.DERIVATIVE, Op.DIFF, Op.SLOPE) for node in nodes):
        return ""
    own = [_names(side) - _names(other) for side, other in ((left, right), (right, left))]
    if alone and all(own):
        first, second = (_told(sides, min(names)) for names in own)
        return f"relates {first} to {second}, which holds for some values only"
    zero = right.op is Op.ZERO or (right.op is Op.NUMBER and not right.data)
    constant = zero or (_is_constant(right) and not _has(left, *difference))
    if alone and constant and left.symbols:
        return f"states a condition on {_told(sides, min(_names(left)))}"
    for side, other in ((left, right), (right, left)):
        if side.op is Op.SYMBOL and _is_power_of(other, side):
            return f"states a property of {_told(sides, _name(side))}"
    if {_name(node) for node in left.symbols | right.symbols if node.is_scalar} in ({"i"}, {"j"}):
        return "the letter may be the imaginary unit"
    return ""


def _told_elsewhere(sides: Sides, left: Expr, right: Expr, text: str) -> str:
    r"""Is there a mean :math:`\bar x`, or a function without its argument?"""
    from mdiff_pandoc.expr import FUNCTIONS

    names = sorted(_names(left) | _names(right))
    for name in names:
        latex = sides.symbols.get(name, name)
        if latex.startswith((r"\bar", r"\overline")) and _bare(latex) in names:
            return f"how ${latex}$ is made is not said"
        if name in FUNCTIONS and not _is_deviation(latex, text):
            return f"${latex}$ stands without an argument"
    return ""


_SIGMA = r"\\sigma(?![A-Za-z])\s*"
_CALLED = regex(_SIGMA + r"(?:'|\^\s*\{?\s*(?:'|\\prime)|\(|\[|\\(?:left|circ|[bB]ig))")
_SQUARED = regex(_SIGMA + r"(?:_\s*(?:\w|\{[^{}]*\})\s*)?\^\s*(?:[24](?!\d)|\{\s*-?[24]\s*\})")


def _is_deviation(latex: str, text: str) -> bool:
    """Is it a σ that never has an argument, and a square somewhere?"""
    squared, called = _SQUARED.search(text), _CALLED.search(text)
    return "sigma" in latex and squared is not None and called is None


def _bare(latex: str) -> str:
    """The letter under a bar."""
    return latex.partition("bar")[2].strip(" {}") or latex.partition("overline")[2].strip(" {}")


def _is_constant(side: Expr) -> bool:
    from mdiff_pandoc.expr import Op

    return side.op is Op.NUMBER and bool(side.data)


def _has(side: Expr, *ops: Op) -> bool:
    from mdiff_pandoc.expr import walk

    return any(node.op in ops for node in walk(side))


def _counts_layers(power: Expr) -> bool:
    from mdiff_pandoc.expr import Op

    base, exponent = power.args
    return base.op is Op.SYMBOL and bool(_LAYERS & {_name(node) for node in exponent.symbols})


def _is_power_of(node: Expr, symbol: Expr) -> bool:
    from mdiff_pandoc.expr import Op

    if node.op is Op.POWER:
        return node.args[0] is symbol and not node.args[1].symbols
    return node.op in (Op.MATMUL, Op.MUL) and set(node.args) == {symbol}


def _names(side: Expr) -> set[str]:
    return {_name(node) for node in side.symbols}


def _name(node: Expr) -> str:
    return str(getattr(node.data, "name", ""))


def _told(sides: Sides, name: str) -> str:
    return f"${sides.symbols.get(name, name)}$"
