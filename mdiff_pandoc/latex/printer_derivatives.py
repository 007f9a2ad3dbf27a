"""Differentials, derivatives, names and unspecified functions in LaTeX."""

from __future__ import annotations

from mdiff_pandoc.expr import ONE, Expr, Layout, Op
from mdiff_pandoc.latex.printer_functions import (
    FORMS,
    Context,
    Form,
    applied,
    name_piece,
)
from mdiff_pandoc.latex.printer_piece import (
    ATOM,
    POSTFIX,
    PRODUCT,
    Piece,
    enclose,
    fraction,
    superscript,
)

_HEADED = frozenset(FORMS) - {Op.BLOCK, Op.CROSS, Op.PSEUDO_INVERSE, Op.COMMUTATION, Op.UNVEC}


def called(text: str) -> Piece:
    """The piece of an expression that is written under a name, such as ``f`` or ``\\nabla f``."""
    if text.startswith(r"\frac{"):
        return Piece(text, POSTFIX, tall=True)
    if text.startswith(r"\begin{bmatrix}"):
        return Piece(text, tall=True)
    if r"\nabla" in text or " " in text:
        return Piece(text, PRODUCT, open_right=True)
    return name_piece(text)


def _diff(context: Context, expr: Expr) -> Piece:
    (arg,) = expr.args
    head = context.head("differential")
    argument = context.of(arg)
    single = arg.op is Op.ENTRY and not argument.text.startswith(("[", r"\left["))
    if (single or context.is_named(arg)) and argument.level == ATOM:
        text = head + argument.text
    elif arg.op in _HEADED and (argument.level == ATOM or argument.closed):
        closed = head + enclose(argument) if argument.closed else ""
        text = f"{head} {argument.text}"
        return Piece(text, POSTFIX, argument.tall, argument.open_right, closed, spaced=True)
    else:
        text = head + enclose(argument)
    return Piece(text, POSTFIX, argument.tall, spaced=True)


def _derivative(context: Context, expr: Expr) -> Piece:
    """``\\frac{\\partial y}{\\partial x^{\\top}}``, also of second order."""
    y, variable = expr.args
    second = _second(context, expr)
    if second is not None:
        return second
    mark = context.head("partial")
    above = context.of(y)
    below = context.of(variable)
    if y.is_vector and expr.data is Layout.DENOMINATOR:
        above = superscript(above, context.transpose)
    elif y.is_vector and variable.is_vector:
        below = superscript(below, context.transpose)
    if y.op is Op.DERIVATIVE and not context.is_named(y):
        operator = fraction(mark, f"{mark} {below.text}")
        return Piece(f"{operator.text} {above.text}", PRODUCT, tall=True, open_right=True)
    plain = above.level >= POSTFIX or context.is_named(y)
    top = above.text if plain else above.closed or enclose(above)
    return fraction(f"{mark} {top}", f"{mark} {below.text}")


def _lies_down(expr: Expr) -> bool:
    """Is it a row, the derivative of a column by a scalar?"""
    return expr.data is Layout.DENOMINATOR and expr.shape[0] == ONE and not expr.is_scalar


def _second(context: Context, expr: Expr) -> Piece | None:
    """Of second order: a scalar by two vectors, or anything by two scalars."""
    inner, outer = expr.args
    first = inner.args[0] if inner.op is Op.VEC else inner
    if first.op is not Op.DERIVATIVE or context.is_named(inner) or context.is_named(first):
        return None
    f, variable = first.args
    scalars = variable.is_scalar and outer.is_scalar and not _lies_down(expr)
    if not scalars and not (f.is_scalar and inner.is_vector and outer.is_vector):
        return None
    mark = context.head("partial")
    texts = [context.of(variable).text, context.of(outer).text]
    if inner.op is Op.VEC:
        texts[0] = applied(context.head("vec"), context.of(variable)).text
    if scalars and variable is outer:
        below = f"{mark} {superscript(context.of(outer), '2').text}"
    else:
        if not scalars:
            if expr.data is Layout.DENOMINATOR:
                texts.reverse()
            texts[1] = superscript(Piece(texts[1]), context.transpose).text
        below = " ".join(f"{mark} {text}" for text in texts)
    above = context.of(f)
    top = above.text if above.level >= POSTFIX else above.closed or enclose(above)
    return fraction(f"{mark}^2 {top}", below)


def _named(context: Context, expr: Expr) -> Piece:
    return name_piece(context.name(str(expr.data)))


def _call(context: Context, expr: Expr) -> Piece:
    name = context.name(str(expr.data))
    if not expr.args:
        return name_piece(name)
    arguments = [context.of(arg) for arg in expr.args]
    text = ", ".join(argument.text for argument in arguments)
    return applied(name, Piece(text, tall=any(argument.tall for argument in arguments)))


def _slope(context: Context, expr: Expr) -> Piece:
    """``\\nabla f(AB)``; of several arguments ``\\nabla_{2} f(X, Y)`` by the second; ``f'(t)``."""
    call = expr.args[0]
    assert isinstance(expr.data, int)
    if len(call.args) == 1 and call.args[0].is_scalar:
        argument = context.of(call.args[0])
        return applied(context.name(str(call.data)) + "'", argument)
    mark = r"\nabla" if len(call.args) == 1 else rf"\nabla_{{{expr.data + 1}}}"
    piece = context.of(call)
    return Piece(f"{mark} {piece.text}", POSTFIX, piece.tall)


DERIVATIVES: dict[Op, Form] = {
    Op.DIFF: _diff,
    Op.DERIVATIVE: _derivative,
    Op.NAMED: _named,
    Op.APPLY: _call,
    Op.SLOPE: _slope,
}
