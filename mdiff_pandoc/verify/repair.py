"""How the values of symbols are drawn again after one fell outside a domain."""

from __future__ import annotations

from random import Random

from mdiff_pandoc.expr import Expr, Meta, Op, Symbol, walk
from mdiff_pandoc.verify.precise import STYLES


class Repairs:
    """Learns for each symbol a style of drawing that keeps the values inside the domains.

    Symbols stay as general as they can: only those under a function whose argument left its domain
    are drawn otherwise. ``styles`` is shared by all points.
    """

    def __init__(self, rng: Random) -> None:
        self.styles: dict[Expr, str] = {}
        self._rng = rng
        self._attempts: dict[Expr, int] = {}

    def learn(self, node: Expr) -> None:
        """Choose other styles for the symbols of a node whose value left its domain."""
        leaves = [part for part in walk(node) if part.op in (Op.SYMBOL, Op.META, Op.APPLY)]
        leaves.sort(key=_name)
        attempt = self._attempts.get(node, 0)
        self._attempts[node] = attempt + 1
        plan: list[str | Expr] = ["again", "positive", "small", *leaves, *leaves]
        if node.op in (Op.MATRIX_FUNCTION, Op.POWER) and not node.is_scalar:
            plan = ["again", "dominant", "definite", "small", *leaves, *leaves]
        chosen = plan[attempt] if attempt < len(plan) else "random"
        if chosen == "again":
            return
        for leaf in leaves:
            if isinstance(chosen, Expr):
                slack = "slack" if attempt < 3 + len(leaves) else "great slack"
                self.styles[leaf] = slack if leaf is chosen else "small positive"
            else:
                self.styles[leaf] = self._rng.choice(_ALL) if chosen == "random" else chosen


def _name(leaf: Expr) -> str:
    return leaf.data.name if isinstance(leaf.data, Symbol | Meta) else str(leaf.data)


_ALL = list(STYLES)
