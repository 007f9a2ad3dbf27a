"""What a nabla without a variable is taken by in the sides of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk


def completed(sides: Sequence[Term]) -> tuple[Term, ...]:
    """The sides with :math:`\\nabla f^T dx` and :math:`\\nabla f(x)` read as the gradient by x.

    Raises UnsupportedError for second differentials.
    """
    moving = {
        name
        for side in sides
        for node in walk(side)
        if node.kind is Kind.DIFFERENTIAL
        for name in names_in(node)
    }
    for side in sides if moving else ():
        for node in walk(side):
            if node.kind is Kind.POWER and node.args[0].text == "d":
                raise UnsupportedError("second differentials are not read", node.span)
    return tuple(_completed(side, moving) for side in sides)


def _completed(term: Term, moving: set[tuple[str, bool]]) -> Term:
    args = tuple(_completed(arg, moving) for arg in term.args)
    if any(new is not old for new, old in zip(args, term.args, strict=True)):
        term = replace(term, args=args)
    if term.kind is not Kind.DERIVATIVE or len(term.args) != 1 or term.text != "nabla":
        return term
    operand, *others = term.args[0].args if term.args[0].kind is Kind.PRODUCT else term.args
    if operand.kind is Kind.CALL and len(operand.args) == 1 and not others:
        [argument] = operand.args
        return replace(term, args=(operand, argument)) if argument.kind is Kind.NAME else term
    variables = moving - names_in(operand)
    if len(variables) != 1 or (others and others[-1].kind is not Kind.DIFFERENTIAL):
        return term
    [(text, bold)] = variables
    variable = Term(Kind.NAME, term.span, (), text, text, bold)
    gradient = replace(term, args=(operand, variable))
    if not others:
        return gradient
    return Term(Kind.PRODUCT, term.span, (gradient, *others))
