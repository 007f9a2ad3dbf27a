"""One rule of the calculus: a record with a statement, conditions and a source."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from mdiff_pandoc.expr import Expr, Meta, Op
from mdiff_pandoc.rules.examples import EXAMPLES
from mdiff_pandoc.rules.match import Bindings, instantiate, match

Varies = Callable[[Expr], bool]
Rewrite = Callable[[Expr, Varies], Expr | None]


def everything_varies(expr: Expr) -> bool:
    """The default: all varies but what is assumed constant."""
    if isinstance(expr.data, Meta):
        return "constant" not in expr.data.requires
    return not expr.assumed("constant")


class Table(StrEnum):
    """The tables of the calculus."""

    DIFFERENTIAL = "differentials"
    FUNCTION = "elementwise functions"
    CHAIN = "chain rule"
    INNER_PRODUCT = "inner products"
    VEC = "vec and Jacobians"
    INDEX = "entries and indices"
    STRUCTURE = "structured variables"
    ALGEBRA = "algebra"
    KRONECKER = "Kronecker products and vec"
    SHORTENING = "shortening"
    FINISHING = "last touches"


class Rule(Struct, frozen=True):
    """``left = right`` for all values of the metavariables, for any conformable shapes.

    ``name`` labels a step in a derivation; a ``quiet`` rule is bookkeeping that a lecturer would
    not name. ``source`` is the book and section that states it. ``rewrite``, where given, applies
    the rule to expressions that a pattern cannot describe (products of any length); otherwise
    ``left`` is matched and, under ``condition``, replaced by ``right``. ``roots`` are the kinds of
    node that it can apply to (none named: any).
    """

    name: str
    table: Table
    left: Expr
    right: Expr
    source: str
    quiet: bool = False
    rewrite: Rewrite | None = None
    condition: Callable[[Bindings], bool] | None = None
    roots: frozenset[Op] = frozenset()

    def apply(self, expr: Expr, varies: Varies = everything_varies) -> Expr | None:
        """``expr`` rewritten by this rule at its root, or None where it does not apply.

        ``varies`` tells which parts depend on the variable of differentiation.
        """
        if self.rewrite is not None:
            return self.rewrite(expr, varies)
        bindings = match(self.left, expr)
        if bindings is None or (self.condition is not None and not self.condition(bindings)):
            return None
        return instantiate(self.right, bindings)

    @property
    def example(self) -> str:
        """Declarations and a request whose derivation uses the rule; may be empty."""
        return EXAMPLES.get(self.name, "")

    def applies_to(self, op: Op) -> bool:
        """Can this rule apply at a node of this kind?"""
        return not self.roots or op in self.roots
