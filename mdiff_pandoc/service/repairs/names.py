"""The names of an author's definitions as symbols, so that a side is changed as it is written."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr, Op, Symbol, rebuild, symbol, transpose, walk
from mdiff_pandoc.expr.naming import surface
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.latex.naming import unnamed
from mdiff_pandoc.verify import Judge, Status


class Names:
    """The names in two sides, each with the symbol that stands for it and its value."""

    def __init__(self, *sides: Expr) -> None:
        self._symbols: dict[Expr, Expr] = {}
        taken = {
            node.data.name
            for side in sides
            for node in side.symbols
            if isinstance(node.data, Symbol)
        }
        for node in (node for side in sides for node in walk(side)):
            name = str(node.data)
            if node.op is Op.NAMED and name not in taken and not node.free:
                taken.add(name)
                self._symbols[node] = _symbol(name, node)
        self._values = {symbol: node for node, symbol in self._symbols.items()}

    def __bool__(self) -> bool:
        return bool(self._symbols)

    def closed(self, side: Expr) -> Expr:
        """A side with a symbol for every name."""
        return substitute(side, self._symbols)

    def opened(self, asked: Expr) -> Expr:
        """A side in which derivatives are taken of what depends on their variables.

        One that is a name is what that stands for.
        """
        asked = asked.args[0] if asked.op is Op.NAMED else asked
        values: dict[Expr, Expr] = dict(self._symbols)
        for node in surface(asked):
            if node.op is Op.DERIVATIVE:
                values[node] = self._derivative(node)
        return substitute(asked, values)

    def value(self, expr: Expr) -> Expr:
        """An expression in these symbols with what they stand for. Raises MdiffError."""
        return unnamed(substitute(expr, self._values)) if self._values else expr

    def folded(self, expr: Expr) -> Expr:
        """An expression with the symbols in place of what they stand for, large ones first."""
        known = {unnamed(node): symbol for node, symbol in self._symbols.items()}
        present = {node for node in walk(expr) if node in known and node.op is not Op.SYMBOL}
        return substitute(expr, {node: known[node] for node in present}) if present else expr

    def _derivative(self, node: Expr) -> Expr:
        f, *variables = node.args
        by = [substitute(variable, self._symbols) for variable in variables]
        if f.op is Op.DERIVATIVE:
            return rebuild(node, (self._derivative(f), *by))
        return rebuild(node, (self._without(f, variables), *by))

    def _without(self, f: Expr, variables: Sequence[Expr]) -> Expr:
        """``f`` with what the names that depend on a variable stand for."""
        values: dict[Expr, Expr] = {}
        for node in surface(f):
            if node in self._symbols:
                moves = node not in variables and any(_depends(node, by) for by in variables)
                inner = self._without(node.args[0], variables) if moves else None
                values[node] = inner or self._symbols[node]
        return substitute(f, values)


class Written(Struct, frozen=True):
    """A side that is wrong and what it should equal, both in the symbols of ``names``."""

    names: Names
    wanted: Expr
    wrong: Expr


def _depends(node: Expr, variable: Expr) -> bool:
    if any(part.op is Op.NAMED for part in walk(variable)):
        return any(part is variable for part in walk(node))
    return not node.symbols.isdisjoint(variable.symbols)


def _symbol(name: str, node: Expr) -> Expr:
    value = unnamed(node)
    rows, columns = node.shape
    square = rows == columns and not node.is_scalar
    symmetric = square and _is_symmetric(value)
    return symbol(name, rows, columns, frozenset({"symmetric"} if symmetric else ()))


def _is_symmetric(value: Expr) -> bool:
    try:
        judge = Judge(value, brief=True)
        return judge.equal(value, transpose(value)).status is Status.VERIFIED
    except MdiffError:
        return False
