"""The tables an engine works with, indexed once."""

from __future__ import annotations

from functools import cache

from mdiff_pandoc.calculus.rewriting import Rewriter
from mdiff_pandoc.expr import Op
from mdiff_pandoc.rules import TABLES, Rule, Table

_CLOSED = frozenset({Op.DIFF, Op.FUNC, Op.NORM, Op.NAMED, Op.APPLY, Op.SLOPE, Op.DERIVATIVE})
_COLLECTING = frozenset({"common coefficient", "multiples of one matrix", "multiplying out"})
_LINES = frozenset({"entry as a product", "row as a product", "column as a product"})


class Tables:
    """The rules that an engine works with; another set can be given, as the tests do."""

    def __init__(self, tables: dict[Table, tuple[Rule, ...]] | None = None) -> None:
        tables = tables or TABLES
        self.all = tables
        self.differentials = (
            *tables[Table.DIFFERENTIAL],
            *tables[Table.FUNCTION],
            *tables[Table.CHAIN],
        )
        self.inner_products = tables[Table.INNER_PRODUCT]
        lines = [rule for rule in tables[Table.INNER_PRODUCT] if rule.name in _LINES]
        self.vec = (*tables[Table.VEC], *lines)
        self.tidy = Rewriter(tables[Table.ALGEBRA], _CLOSED)
        quiet = tuple(rule for rule in tables[Table.ALGEBRA] if rule.quiet)
        self.polish = Rewriter(quiet, _CLOSED)
        self.shorten = Rewriter(
            (*tables[Table.ALGEBRA], *tables[Table.KRONECKER], *tables[Table.SHORTENING]),
            _CLOSED,
            tables[Table.FINISHING],
        )
        algebra = [rule for rule in tables[Table.ALGEBRA] if rule.name != "Diag times a vector"]
        self.arrange = Rewriter((*algebra, *tables[Table.KRONECKER]), _CLOSED)
        outside = [rule for rule in tables[Table.SHORTENING] if rule.name in _COLLECTING]
        self.collect = Rewriter(
            (*tables[Table.ALGEBRA], *tables[Table.KRONECKER], *outside), _CLOSED
        )
        rules = [rule for table in tables.values() for rule in table]
        self.quiet = frozenset(rule.name for rule in rules if rule.quiet)
        self._rules = {rule.name: rule for rule in rules}

    def rule(self, name: str) -> Rule | None:
        """The rule of that name."""
        return self._rules.get(name)


@cache
def default_tables() -> Tables:
    """The project's own tables, indexed once."""
    return Tables()
