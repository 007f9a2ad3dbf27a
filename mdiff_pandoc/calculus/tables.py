"""The tables an engine works with, indexed once."""

from __future__ import annotations

from functools import cache

from mdiff_pandoc.calculus.rewriting import Rewriter
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.rules import TABLES, Rule, Table

_CLOSED = frozenset({Op.DIFF, Op.FUNC, Op.NORM, Op.NAMED, Op.APPLY, Op.SLOPE, Op.DERIVATIVE})
_STRUCTURE_OF = {
    "diagonal": "diagonal",
    "symmetric": "symmetric",
    "positive definite": "symmetric",
    "skew": "skew",
}
_LINES = frozenset({"entry as a product", "row as a product", "column as a product"})
_UNSUPPORTED = ("orthogonal", "lower triangular", "upper triangular", "unit")


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
        outside = [rule for rule in tables[Table.SHORTENING] if rule.name == "common coefficient"]
        self.collect = Rewriter(
            (*tables[Table.ALGEBRA], *tables[Table.KRONECKER], *outside), _CLOSED
        )
        rules = [rule for table in tables.values() for rule in table]
        self.quiet = frozenset(rule.name for rule in rules if rule.quiet)
        self._structures = {rule.name: rule for rule in tables[Table.STRUCTURE]}

    def structure(self, variable: Expr) -> Rule | None:
        """The rule for the structure of a variable. Raises UnsupportedError where none is known."""
        for word in _UNSUPPORTED:
            if variable.assumed(word):
                raise UnsupportedError(
                    f"the derivative by a variable that is {word} is not supported",
                    hint="declare it without that property to get the gradient among all matrices",
                )
        for word, name in _STRUCTURE_OF.items():
            if variable.assumed(word):
                return self._structures[f"{name} variable"]
        return None


@cache
def default_tables() -> Tables:
    """The project's own tables, indexed once."""
    return Tables()
