"""Unspecified functions: random polynomials in the entries of all their arguments."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from mdiff_pandoc.expr import SCALAR, Expr
from mdiff_pandoc.verify.arithmetic import linear, plus, times, together
from mdiff_pandoc.verify.point import Pair

if TYPE_CHECKING:
    from mdiff_pandoc.verify.evaluate import Evaluator

# every entry of a value is a sum of so many products of so many affine forms; no derivative that
# the judge takes is constant
TERMS = 3
DEGREE = 5


def applied(ev: Evaluator, node: Expr) -> Pair:
    """The value of an unspecified function, a polynomial of its own for every entry."""
    forms = _forms(ev, node)
    flat: list[Pair] = []
    for start in range(0, len(forms), TERMS * DEGREE):
        total: Pair | None = None
        for term in range(start, start + TERMS * DEGREE, DEGREE):
            product = reduce(times, forms[term : term + DEGREE])
            total = product if total is None else plus(total, product)
        assert total is not None
        flat.append(total)
    if node.shape == SCALAR:
        return flat[0]
    rows, columns = ev.point.shape(node.shape)
    return together(flat, lambda values: ev.point.matrix(rows, columns, values))


def gradient_of_applied(ev: Evaluator, node: Expr) -> Pair:
    """The gradient of a scalar one by an argument, from the coefficients of its forms."""
    call = node.args[0]
    forms = _forms(ev, call)
    others = []
    for term in range(0, TERMS * DEGREE, DEGREE):
        factors = forms[term : term + DEGREE]
        others += [reduce(times, factors[:k] + factors[k + 1 :]) for k in range(DEGREE)]
    weights = together(others, lambda values: ev.point.matrix(1, len(values), values))
    slopes = times(weights, (_coefficients(ev, call), None))
    assert isinstance(node.data, int)
    sizes = [_length(ev, arg) for arg in call.args]
    first = 1 + sum(sizes[: node.data])
    rows, columns = ev.point.shape(node.shape)

    def part(line: Any) -> Any:
        if node.shape == SCALAR:
            return line[0, first]
        return ev.point.matrix(rows, columns, line.entries()[first : first + rows * columns])

    return linear(slopes, part)


def _forms(ev: Evaluator, node: Expr) -> list[Pair]:
    """The values of all affine forms of a function."""
    args = [(ev.point.scalar(1), None), *(ev.get(arg) for arg in node.args)]

    def stacked(values: Any) -> Any:
        entries = [x for v in values for x in (v.entries() if hasattr(v, "entries") else [v])]
        return ev.point.matrix(len(entries), 1, entries)

    value, slope = times((_coefficients(ev, node), None), together(args, stacked))
    found = value.entries()
    slopes = [None] * len(found) if slope is None else slope.entries()
    return list(zip(found, slopes, strict=True))


def _coefficients(ev: Evaluator, node: Expr) -> Any:
    """One line for each form: its value at 0, then its slope by every entry of the arguments."""
    point = ev.point
    columns = 1 + sum(_length(ev, arg) for arg in node.args)
    rows = TERMS * DEGREE * _length(ev, node)
    key = node.data, rows, columns
    found = point.functions.get(key)
    if found is None:
        entries = [point.random_for(node) for _ in range(rows * columns)]
        found = point.functions[key] = point.matrix(rows, columns, entries)
    return found


def _length(ev: Evaluator, node: Expr) -> int:
    rows, columns = ev.point.shape(node.shape)
    return rows * columns
