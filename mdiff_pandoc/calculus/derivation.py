"""A derivation: frozen steps that anyone can check again, without the engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mdiff_pandoc.expr import Expr


class Side(StrEnum):
    """What the lines of a derivation say something about."""

    FUNCTION = "f"  # the function itself, rewritten before it is differentiated
    DIFFERENTIAL = "df"  # its differential
    GRADIENT = "gradient"  # the derivative that was asked for


@dataclass(frozen=True, slots=True)
class Step:
    """One application of one rule.

    ``rule`` is the rule's name, ``where`` the path of argument positions from the root of the
    line to the place, ``before`` and ``after`` the expression at that place.
    """

    rule: str
    where: tuple[int, ...]
    before: Expr
    after: Expr


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: the whole right-hand side, and the steps that led to it.

    ``labels`` are the names to print beside it, ``steps`` the single rule applications since the
    line before, ``constants`` the symbols that were taken to be constant on the way.
    """

    side: Side
    expr: Expr
    labels: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    constants: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """The derivative of ``f`` by ``variable``: its lines in order, and the result.

    ``lines`` begin with ``f`` itself. ``result`` has the shape of ``variable``. ``notes`` are
    remarks a reader needs, such as the convention used for a symmetric variable.
    """

    f: Expr
    variable: Expr
    lines: tuple[Line, ...]
    result: Expr
    notes: tuple[str, ...] = ()
