"""Derivatives that are right by another convention, and the derivative as it is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    Layout,
    Op,
    Symbol,
    add,
    diag,
    diagonal,
    hadamard,
    identity,
    symbol,
    transpose,
    triangle,
    walk,
)
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.latex.naming import unnamed
from mdiff_pandoc.service.repairs.names import Written
from mdiff_pandoc.service.repairs.place import times
from mdiff_pandoc.verify import Judge, Status, judge_equal

# nodes; deriving more of them takes longer than a reader of a repair would wait
_LONG = 100
_HALF, _MINUS = Fraction(1, 2), Fraction(-1)


def by_convention(
    asked: Expr, right: Expr, judge: Judge, written: Written
) -> tuple[Expr, str] | None:
    r"""The gradient, and what the formula is instead, for a variable with a structure.

    A formula may leave the structure out, so that only its part with the structure is the gradient;
    for a symmetric variable it may count the entries off the diagonal twice, as
    :math:`G + G^T - G \odot I` does, or may not where the judge does. The result is in
    the symbols of ``written``.
    Source: Petersen & Pedersen, *The Matrix Cookbook* (2012), §2.8.2.
    """
    if asked.op is not Op.DERIVATIVE or not asked.args[0].is_scalar or right.shape != asked.shape:
        return None
    for expr, text in _readings(asked, written.wrong, right, entries=judge.entries):
        if judge.equal(asked, written.names.value(expr)).status is Status.VERIFIED:
            found = derived(asked, judge, written)
            return written.names.folded(found) if found else expr, text()
    return None


def _readings(
    asked: Expr, right: Expr, value: Expr, *, entries: bool
) -> Iterator[tuple[Expr, Callable[[], str]]]:
    variable = asked.args[1]
    word = next((word for word in _PATTERNS if variable.assumed(word)), None)
    if word is None:
        return
    name = "symmetric" if word == "positive definite" else word
    part = _PATTERNS[word](right)
    if name == "symmetric":
        on_diagonal = hadamard(right, identity(right.shape[0]))
        if entries:
            double = add(times(Fraction(2), right), times(_MINUS, on_diagonal))
            yield double, lambda: _AMONG
            part = add(right, transpose(right), times(_MINUS, on_diagonal))
        else:
            yield times(_HALF, add(right, on_diagonal)), lambda: _BY_ENTRIES

    def told() -> str:
        if _holds_freely(asked, value):
            return f"right for a variable whose entries vary freely; for a {name} one it is"
        return f"the variable is {name}, and so is its gradient:"

    yield part, told


def _holds_freely(asked: Expr, right: Expr) -> bool:
    """Is it the derivative by a variable of this name without a structure?"""
    variable = asked.args[1]
    assert isinstance(variable.data, Symbol)
    assumed = variable.data.assumptions - _PATTERNS.keys()
    free = symbol(variable.data.name, *variable.shape, assumed, variable.data.indices)
    sides = (substitute(side, {variable: free}) for side in (asked, right))
    return judge_equal(*sides).status is Status.VERIFIED


_AMONG = "right for the gradient among the symmetric matrices; by the free entries it is"
_BY_ENTRIES = (
    "right for the derivative by the free entries of the symmetric variable, "
    "which counts those off the diagonal twice; the gradient is"
)
_PATTERNS: dict[str, Callable[[Expr], Expr]] = {
    "diagonal": lambda g: diag(diagonal(g)),
    "symmetric": lambda g: times(_HALF, add(g, transpose(g))),
    "positive definite": lambda g: times(_HALF, add(g, transpose(g))),
    "skew": lambda g: times(_HALF, add(g, times(_MINUS, transpose(g)))),
    "lower triangular": lambda g: triangle(g, "lower"),
    "upper triangular": lambda g: triangle(g, "upper"),
}


def derived(asked: Expr, judge: Judge, written: Written | None = None) -> Expr | None:
    """What the engine finds for a derivative, if the judge verifies it; not of long formulas.

    With ``written`` the result is in its symbols.
    """
    if written is not None and written.names:
        found = _found(written.wanted, judge)
        value = None if found is None else written.names.value(found)
        if value is not None and judge.equal(asked, value).status is Status.VERIFIED:
            return found
    found = _found(asked, judge)
    return found if found and judge.equal(asked, found).status is Status.VERIFIED else None


def _found(asked: Expr, judge: Judge) -> Expr | None:
    from mdiff_pandoc.calculus import Problem, derivation_of

    if asked.op is not Op.DERIVATIVE or asked.size > _LONG:
        return None
    f, *variables = asked.args
    if f.op is Op.DERIVATIVE:
        f, first = f.args
        variables = [first, *variables]
    symmetric = "entries" if judge.entries else "projected"
    layout = Layout(str(asked.data))
    try:
        problem = Problem(unnamed(f), tuple(variables), layout=layout, symmetric=symmetric)
        found = derivation_of(problem).result
    except (MdiffError, RecursionError):
        return None
    return None if any(node.op is Op.DERIVATIVE for node in walk(found)) else found
