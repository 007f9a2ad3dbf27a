"""Values of the elementwise functions in ball arithmetic, and random smooth unknown ones."""

from __future__ import annotations

from collections.abc import Callable
from math import perm
from typing import Any

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import FUNCTIONS, Domain, Expr, Unknown
from mdiff_pandoc.verify.sample import RedrawError

Scalar = Callable[[Any], Any]

# beyond, values under- or overflow what the precision can compare
LARGE = 60

_VALUES: dict[str, Scalar] = {
    "log": lambda x: x.log(),
    "exp": lambda x: x.exp(),
    "sqrt": lambda x: x.sqrt(),
    "abs": abs,
    "sign": lambda x: x.sgn(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "arcsin": lambda x: x.asin(),
    "arccos": lambda x: x.acos(),
    "arctan": lambda x: x.atan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "arsinh": lambda x: x.asinh(),
    "artanh": lambda x: x.atanh(),
    "sigma": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
    "relu": lambda x: x if x > 0 else x * 0,
    "step": lambda x: x * 0 + 1 if x > 0 else x * 0,
}
_GROWING = {"exp", "sinh", "cosh", "tanh", "sigma", "softplus"}
_INSIDE: dict[Domain, Callable[[Any], bool]] = {
    Domain.POSITIVE: lambda x: bool(x > 0),
    Domain.NONZERO: lambda x: not x.contains(0),
    Domain.OPEN_UNIT: lambda x: bool(x > -1 and x < 1),
    Domain.ABOVE_ONE: lambda x: bool(x > 1),
}


def known(name: object) -> bool:
    """Can this function be evaluated?"""
    return isinstance(name, Unknown) or name in _VALUES


def elementwise(node: Expr, family: Callable[[str], Family]) -> Scalar:
    """The scalar function of a function node; it raises RedrawError outside its domain."""
    name = node.data
    if isinstance(name, Unknown):
        smooth = family(name.name).derivative(name.order)

        def moderate(x: Any) -> Any:
            if not abs(x) < LARGE / 2:
                raise RedrawError(
                    f"no point with moderate arguments of {name.name} was found", node
                )
            return smooth(x)

        return moderate
    if not isinstance(name, str) or name not in _VALUES:
        raise UnsupportedError(f"the function {name} cannot be evaluated")
    value = _VALUES[name]
    inside = _INSIDE.get(FUNCTIONS[name].domain)
    if inside is None and name not in _GROWING:
        return value

    def guarded(x: Any) -> Any:
        if inside is not None and not inside(x):
            raise RedrawError(f"no point inside the domain of {name} was found", node)
        if name in _GROWING and not abs(x) < LARGE:
            raise RedrawError(f"no point with moderate values of {name} was found", node)
        return value(x)

    return guarded


class Family:
    """``a sin(ωt + φ) + b exp(ct) + p t⁵``, whose derivatives of every order are known."""

    def __init__(self, random: Callable[[], Any]) -> None:
        self._a, self._omega, self._phi, self._b, self._c, self._p = (random() for _ in range(6))

    def derivative(self, order: int) -> Scalar:
        """The derivative of an order, as a function."""
        quarter = self._phi.pi() * order / 2
        wave, growth = self._a * self._omega**order, self._b * self._c**order
        power = self._p * perm(5, order) if order <= 5 else self._p * 0

        def value(t: Any) -> Any:
            total = wave * (self._omega * t + self._phi + quarter).sin()
            total = total + growth * (self._c * t).exp()
            return total + power * t ** (5 - order) if order <= 5 else total

        return value
