"""NumPy code in pieces: how tightly each binds, and how pieces are put together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.node import Expr, Index, Symbol, Unknown

ADD, TIMES, MATMUL, UNARY, POW, ATOM = range(6)
GROUP = 50


class Code(NamedTuple):
    """A Python expression.

    ``level`` tells its outermost operator, ``depth`` how deep it is nested; ``number`` is its
    value if it is a literal, ``divisor`` the code of d if it is 1 / d.
    """

    text: str
    level: int = ATOM
    depth: int = 0
    number: Fraction | None = None
    divisor: str = ""


class Context(Protocol):
    """What the code of a node needs to know of its surroundings."""

    def dim(self, dim: Dim) -> str:
        """The code of a dimension, an integer."""

    def index(self, index: Index) -> str:
        """The code of an index, counted from 0."""

    def parameter(self, data: Symbol | Unknown, expr: Expr) -> str:
        """The name of the parameter for a symbol or an unknown function."""

    def special(self, key: Hashable, name: str) -> str:
        """The name of a parameter for a function, a differential or a derivative."""

    def helper(self, name: str) -> str:
        """The name of a function that the source defines beside its own."""


def operand(code: Code, *levels: int) -> str:
    """The code as an operand: unbracketed if it binds tightly or is of one of the levels."""
    return code.text if code.level >= UNARY or code.level in levels else f"({code.text})"


def tight(code: Code) -> str:
    """The code, in brackets unless it binds tightest."""
    return code.text if code.level == ATOM else f"({code.text})"


def joined(texts: Sequence[str], operator: str) -> str:
    """Operands joined from the left, in groups, so that Python's parser nests only so deep."""
    parts = list(texts)
    while len(parts) > GROUP:
        groups = [parts[k : k + GROUP] for k in range(0, len(parts), GROUP)]
        parts = [f"({operator.join(group)})" for group in groups]
    return operator.join(parts)


def exponent_code(value: Fraction) -> str:
    """The code of a number as an exponent."""
    text = str(value) if value.denominator == 1 else f"({value.numerator} / {value.denominator})"
    return f"({text})" if text[0] == "-" else text


def form(template: str) -> Callable[[Expr, Sequence[Code], Context], Code]:
    """A node whose code is a call; of a scalar it is the scalar itself."""

    def code(expr: Expr, args: Sequence[Code], _: Context) -> Code:
        if expr.args[0].is_scalar:
            return args[0]
        method = template.startswith("{}")
        return Code(template.format(*(tight(arg) if method else arg.text for arg in args)))

    return code
