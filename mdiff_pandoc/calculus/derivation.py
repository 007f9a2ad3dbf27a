"""A derivation: frozen steps that anyone can check again, without the engine."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.expr import Expr

# a remark: text with LaTeX between dollars, or such text and expressions in turn
Note = str | tuple[str | Expr, ...]


class Step(Struct, frozen=True):
    """One application of one rule.

    ``rule`` is the rule's name, ``where`` the path of argument positions from the root of the
    line to the place, ``before`` and ``after`` the expression at that place.
    """

    rule: str
    where: tuple[int, ...]
    before: Expr
    after: Expr


class Line(Struct, frozen=True):
    """One printed line, an equation ``lhs = expr`` that the judge can check by itself.

    ``lhs`` is an expression: f, ``d f``, a derivative of f, an entry, a name. ``labels`` are the
    names to print beside it, ``steps`` the single rule applications since the line before,
    ``constants`` the symbols that were taken to be constant on the way, ``relied`` the symbols
    whose structure was made use of, each with the word for it. A ``definition`` only gives a name
    to ``expr``. ``moving`` is the variable that the differentials on the line are taken along,
    where that is not the variable of the derivation. ``stack`` is a part of ``expr``, a sum over
    unit vectors times rows, that is shown as these rows below each other.
    """

    lhs: Expr
    expr: Expr
    labels: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    constants: tuple[Expr, ...] = ()
    definition: bool = False
    moving: Expr | None = None
    relied: tuple[tuple[Expr, str], ...] = ()
    stack: Expr | None = None


class Derivation(Struct, frozen=True):
    """The derivative of ``f`` by ``variable``: its lines in order, and the result.

    ``asked`` is the derivative that was asked for, which ``result`` equals. ``notes`` are remarks
    a reader needs, such as the convention used for a symmetric variable. ``checks`` are equalities
    that are judged beside the lines, such as the symmetry of a Hessian. With ``entries`` the
    derivative by a symmetric variable is that by each of its free entries. ``aliases`` are pairs of
    an expression at a small size and what it is an instance of, whose name it has. ``computed`` is
    the result over names for the intermediate gradients in it, so that it can be evaluated.
    """

    f: Expr
    variable: Expr
    lines: tuple[Line, ...]
    result: Expr
    asked: Expr
    notes: tuple[Note, ...] = ()
    checks: tuple[tuple[Expr, Expr], ...] = ()
    entries: bool = False
    aliases: tuple[tuple[Expr, Expr], ...] = ()
    computed: Expr | None = None
