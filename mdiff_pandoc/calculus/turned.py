"""Derivatives by the transpose of a symbol."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line
from mdiff_pandoc.calculus.entries import Names
from mdiff_pandoc.calculus.index_road import Place, indices_needed
from mdiff_pandoc.expr import Expr, Op, derivative, entry, transpose
from mdiff_pandoc.rules.transposes import transposed


def transposed_gradient(derivation: Derivation) -> Derivation:
    """The derivative by the transpose of the variable: the transposed gradient."""
    f, variable = derivation.f, derivation.variable
    if is_unspecified(f, variable):
        return of_unspecified(f, variable)
    asked = derivative(f, transpose(variable))
    lines = tuple(
        replace(line, lhs=asked, expr=transposed(line.expr))
        if line.lhs is derivation.asked
        else line
        for line in derivation.lines
    )
    return replace(derivation, lines=lines, result=transposed(derivation.result), asked=asked)


def is_unspecified(f: Expr, variable: Expr) -> bool:
    """Is it an unspecified function of the variable itself?"""
    return f.op is Op.APPLY and variable in f.args


def of_unspecified(f: Expr, variable: Expr) -> Derivation:
    r"""``∇_{A^T} f(A) = (∇_A f(A))^T`` by entries: ``∂f/∂(A^T)_ij`` is ``∂f/∂A_ji``."""
    names = Names(f, variable)
    indices = tuple(names.fresh() for _ in range(indices_needed(variable)))
    turned = transpose(variable)
    by = entry(turned, *indices) if len(indices) > 1 else entry(turned, 1, *indices)
    place = Place(variable, indices[::-1]).entry
    gradient, asked = derivative(f, variable), derivative(f, turned)
    result = transpose(gradient)
    head = derivative(f, by)
    lines = (
        Line(head, derivative(f, place), ("entry of a transpose",)),
        Line(head, Place(gradient, indices[::-1]).entry, ("matrix form",)),
        Line(asked, result, ("matrix form",)),
    )
    return Derivation(f, variable, lines, result, asked)
