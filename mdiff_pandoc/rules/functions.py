"""Derivatives of the elementwise functions, one line each."""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.expr import (
    Expr,
    Unknown,
    add,
    function,
    hadamard,
    hdivide,
    hpower,
    neg,
    number,
    ones,
    scale,
)
from mdiff_pandoc.expr import power as scalar_power


def unit(expr: Expr) -> Expr:
    """The constant 1 in the shape of ``expr``."""
    return number(1) if expr.is_scalar else ones(*expr.shape)


def _one_minus(expr: Expr) -> Expr:
    return add(unit(expr), neg(expr))


def _reciprocal(expr: Expr) -> Expr:
    return scalar_power(expr, -1) if expr.is_scalar else hdivide(ones(*expr.shape), expr)


def _square(expr: Expr) -> Expr:
    return hpower(expr, 2)


def _one_plus(expr: Expr) -> Expr:
    return add(unit(expr), expr)


DERIVATIVES: dict[str, Callable[[Expr], Expr]] = {
    "log": _reciprocal,
    "exp": lambda z: function("exp", z),
    "sqrt": lambda z: _reciprocal(scale(number(2), function("sqrt", z))),
    "abs": lambda z: function("sign", z),
    "sin": lambda z: function("cos", z),
    "cos": lambda z: neg(function("sin", z)),
    "tan": lambda z: _one_plus(_square(function("tan", z))),
    "arcsin": lambda z: _reciprocal(function("sqrt", _one_minus(_square(z)))),
    "arccos": lambda z: neg(_reciprocal(function("sqrt", _one_minus(_square(z))))),
    "arctan": lambda z: _reciprocal(_one_plus(_square(z))),
    "sinh": lambda z: function("cosh", z),
    "cosh": lambda z: function("sinh", z),
    "tanh": lambda z: _one_minus(_square(function("tanh", z))),
    "arsinh": lambda z: _reciprocal(function("sqrt", _one_plus(_square(z)))),
    "artanh": lambda z: _reciprocal(_one_minus(_square(z))),
    "sigma": lambda z: hadamard(function("sigma", z), _one_minus(function("sigma", z))),
    "softplus": lambda z: function("sigma", z),
    "relu": lambda z: function("step", z),
}
CONSTANT_PIECES = frozenset({"sign", "step"})  # their derivative is 0 where it exists


def derivative(name: object, argument: Expr) -> Expr | None:
    """``f'(argument)``, entry by entry; None for a function without a known derivative."""
    if isinstance(name, Unknown):
        return function(Unknown(name.name, name.order + 1), argument)
    rule = DERIVATIVES.get(str(name))
    return None if rule is None else rule(argument)
