"""Functions that an author defines and that have a name: the logistic function, softplus, …"""

from __future__ import annotations

import math
from collections.abc import Callable

from mdiff_pandoc.latex.surface import Kind, Term

Real = Callable[[float], float]

# written with exp, log and root by their definitions; these three are no one's own names
_KNOWN: dict[str, Real] = {
    "sigma": lambda t: 1 / (1 + math.exp(-t)),
    "softplus": lambda t: math.log1p(math.exp(t)),
    "relu": lambda t: max(0.0, t),
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "arsinh": math.asinh,
    "artanh": math.atanh,
}
_HEADS: dict[str, Callable[..., float]] = {
    **_KNOWN,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "max": max,
    "min": min,
}
_POINTS = (-2.273, -1.618, -0.9273, -0.4142, 0.2718, 0.5772, 0.8346, 1.732, 3.1416)
_ENOUGH = 4
_CLOSE = 1e-12


def recognised(body: Term, parameter: str) -> str:
    """The canonical name of the function of one real number that a body is; empty if none.

    Two functions are taken for one where their values agree to twelve digits at every point at
    which either is defined.
    """
    written = {node.text for node in _applied(body)}
    for name, known in _KNOWN.items():
        if name not in written and _agree(body, parameter, known):
            return name
    return ""


def _applied(body: Term) -> list[Term]:
    inner = [node for arg in body.args for node in _applied(arg)]
    return [body, *inner] if body.kind is Kind.APPLY else inner


def _agree(body: Term, parameter: str, known: Real) -> bool:
    compared = 0
    for point in _POINTS:
        here, there = _try(lambda t: _value(body, parameter, t), point), _try(known, point)
        if (here is None) is not (there is None):
            return False
        if here is not None and there is not None:
            if not math.isclose(here, there, rel_tol=_CLOSE):
                return False
            compared += 1
    return compared >= _ENOUGH


def _try(function: Real, point: float) -> float | None:
    try:
        value = function(point)
    except (ArithmeticError, ValueError, TypeError, KeyError):
        return None
    return value if isinstance(value, float) else None


def _value(term: Term, parameter: str, point: float) -> float:
    """The value at a point. Raises ValueError or KeyError for what is no function of it alone."""
    if term.kind is Kind.NAME:
        if term.text != parameter:
            raise ValueError(term.text)
        return point
    if term.kind is Kind.NUMBER:
        return float(term.text)
    args = [_value(arg, parameter, point) for arg in term.args]
    return _HEADS[term.text](*args) if term.kind is Kind.APPLY else _RULES[term.kind](args)


_RULES: dict[Kind, Callable[[list[float]], float]] = {
    Kind.SUM: sum,
    Kind.NEG: lambda args: -args[0],
    Kind.PRODUCT: math.prod,
    Kind.DOT: math.prod,
    Kind.DIVIDE: lambda args: args[0] / args[1],
    Kind.POWER: lambda args: math.pow(*args),
    Kind.INVERSE: lambda args: 1 / args[0],
    Kind.BARS: lambda args: abs(args[0]),
}
