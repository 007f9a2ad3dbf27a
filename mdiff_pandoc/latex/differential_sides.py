"""What d and a nabla without a variable mean in the sides of a chain."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.latex.surface import Kind, Term, names_in, walk

_NABLAS = ("nabla", "nabla2")


# no name that an author writes has a blank in it
_LOSS = "the loss"


def with_gradients(sides: Sequence[Term]) -> tuple[Term, ...]:
    """The sides with dX for the gradient of a loss by X, as programs for networks name it."""
    return tuple(map(_with_gradients, sides))


def _with_gradients(term: Term) -> Term:
    if term.kind is not Kind.DIFFERENTIAL:
        return replace(term, args=tuple(map(_with_gradients, term.args)))
    [inner] = term.args
    if inner.kind is Kind.TRANSPOSE:
        return replace(inner, args=(_with_gradients(replace(term, args=inner.args)),))
    loss = Term(Kind.NAME, term.span, (), _LOSS, "L")
    return Term(Kind.DERIVATIVE, term.span, (loss, inner), "partial-fraction")


def completed(sides: Sequence[Term], *, calls: bool = True) -> tuple[Term, ...]:
    """The sides with :math:`\\nabla f^T dx` and :math:`\\nabla f(x)` read as the gradient by x.

    Without ``calls`` the latter stays the gradient by the argument, whatever is known of x.
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
    return tuple(_completed(side, moving, calls) for side in sides)


def _completed(term: Term, moving: set[tuple[str, bool]], calls: bool) -> Term:
    args = tuple(_completed(arg, moving, calls) for arg in term.args)
    if any(new is not old for new, old in zip(args, term.args, strict=True)):
        term = replace(term, args=args)
    if term.kind is not Kind.DERIVATIVE or len(term.args) != 1 or term.text not in _NABLAS:
        return term
    operand, *others = term.args[0].args if term.args[0].kind is Kind.PRODUCT else term.args
    if operand.kind is Kind.CALL and len(operand.args) == 1 and not others:
        [argument] = operand.args
        named = calls and argument.kind is Kind.NAME
        return replace(term, args=(operand, argument)) if named else term
    if term.text != "nabla":
        return term
    variables = moving - names_in(operand)
    if len(variables) != 1 or (others and others[-1].kind is not Kind.DIFFERENTIAL):
        return term
    [(text, bold)] = variables
    variable = Term(Kind.NAME, term.span, (), text, text, bold)
    gradient = replace(term, args=(operand, variable))
    if not others:
        return gradient
    return Term(Kind.PRODUCT, term.span, (gradient, *others))
