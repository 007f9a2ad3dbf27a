"""The style `definition`: entry by entry on a small concrete size, then recognised as a matrix.

Every dimension is 2. f is written out in the entries of its symbols, differentiated by every entry
of the variable, and the derivatives are collected in an explicit matrix. Of an unspecified function
of matrices, :math:`y = f(C)`, the chain rule is written out. The general rule, which the matrix is
an instance of, comes from the differential.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.entries import Names
from mdiff_pandoc.calculus.explicit import Rows, entries_of, matrix, resized, total, written_out
from mdiff_pandoc.calculus.gradient import gradient
from mdiff_pandoc.calculus.index_road import IndexRoad, Place, with_named_arguments
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ASSUMPTIONS,
    UNRESTRICTING,
    Dim,
    Expr,
    Op,
    block,
    derivative,
    matmul,
    mul,
    number,
    transpose,
    walk,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.numpy import parameters

SIZE = 2
_WIDE = 44  # symbols in a row of a matrix that is still written out
_ZERO = number(0)


def definition(f: Expr, variable: Expr, tables: Tables | None = None) -> Derivation:
    """The gradient of a scalar, entry by entry where every dimension is 2.

    Raises UnsupportedError where f cannot be written out, or is too long then.
    """
    tables = tables or default_tables()
    words = [word for word in ASSUMPTIONS - UNRESTRICTING if variable.assumed(word)]
    if words:
        raise UnsupportedError(
            f"entry by entry, the variable must have no structure, but it is {words[0]}",
            hint="ask for the style differential, or declare the variable without that property",
        )
    general = gradient(with_named_arguments(f, variable), variable, tables)
    return _Walk(general, variable, tables).run()


class _Walk:
    def __init__(self, general: Derivation, variable: Expr, tables: Tables) -> None:
        self.general = general
        self.tables = tables
        names = sorted(_dimension_names(general.f) | _dimension_names(variable))
        self.names = names
        self.sizes = {name: Dim.of(SIZE) for name in names}
        self.f = resized(general.f, self.sizes)
        self.variable = resized(variable, self.sizes)
        self.asked = derivative(self.f, self.variable)
        self.lines: list[Line] = []

    def run(self) -> Derivation:
        call = self.f.args[0] if self.f.op is Op.NAMED else self.f
        self.lines.append(Line(self.general.f, self.general.lines[0].expr, ()))
        inner = [arg for arg in call.args if arg.op is Op.NAMED] if call.op is Op.APPLY else []
        for symbol in parameters(self.f):
            if not symbol.is_scalar:
                self.lines.append(Line(symbol, matrix(entries_of(symbol)), ()))
        rows = self._chained(call, inner) if call.op is Op.APPLY else self._direct()
        if any(sum(map(_breadth, row)) > _WIDE for row in rows):  # the rows stand above
            rows = [[derivative(self.f, by) for by in row] for row in entries_of(self.variable)]
        explicit = matrix(rows)
        if self.lines[-1].lhs is not self.asked:
            self.lines.append(Line(self.asked, explicit, ("the definition of the gradient",)))
        small = resized(self.general.result, self.sizes)
        step = Step("matrix form", (), explicit, small)
        self.lines.append(Line(self.asked, small, ("matrix form",), (step,)))
        result = self.general.result
        self.lines.append(Line(self.general.asked, result, ("the general rule",)))
        return Derivation(
            self.general.f,
            self.general.variable,
            tuple(self.lines),
            result,
            self.general.asked,
            (*self.general.notes, *self._note()),
            aliases=((self.f, self.general.f), (self.asked, self.general.asked)),
        )

    def _note(self) -> Sequence[str]:
        if not self.names:
            return ()
        sizes = f"${' = '.join(self.names)} = {SIZE}$"
        return (f"written out for {sizes}; the last line holds for all sizes",)

    def _direct(self) -> Rows:
        """f as one formula in the entries, and its derivative by each."""
        ((whole,),) = written_out(self.f)
        road = self._road(whole)
        self.lines.append(Line(self.f, road.contract(whole), ()))
        return [[self._by(entry, whole) for entry in row] for row in entries_of(self.variable)]

    def _by(self, entry: Expr, whole: Expr) -> Expr:
        expr, road = self._slope(whole, entry)
        self.lines.append(Line(derivative(self.f, entry), expr, (), tuple(road.steps)))
        return expr

    def _road(self, whole: Expr) -> IndexRoad:
        return IndexRoad(self.tables, Names(whole), Place(whole, ()), self.variable)

    def _slope(self, whole: Expr, by: Expr) -> tuple[Expr, IndexRoad]:
        road = self._road(whole)
        road.move_to(by)
        return road.contract(road.differentiate(whole)), road

    def _chained(self, call: Expr, inner: Sequence[Expr]) -> Rows:
        """The chain rule through the entries of the arguments of an unspecified function."""
        values: list[tuple[Expr, Rows, Rows]] = []
        for arg in inner:
            rows = written_out(arg.args[0])
            self.lines.append(Line(arg, matrix(rows), (), definition=arg.args[0].op is Op.SYMBOL))
            values.append((arg, entries_of(arg), rows))
        own = [arg for arg in call.args if arg is self.variable]
        if own:
            raise UnsupportedError(
                "the variable is itself an argument of the unspecified function",
                hint="ask for the style differential",
            )
        return [
            [self._through(entry, values) for entry in row] for row in entries_of(self.variable)
        ]

    def _through(self, entry: Expr, values: list[tuple[Expr, Rows, Rows]]) -> Expr:
        """``∂y/∂a = Σ ∂y/∂c_k ∂c_k/∂a``, over the entries c_k that depend on a."""
        links: list[Expr] = []
        terms: list[Expr] = []
        lined: Expr | None = None
        for arg, places, rows in values:
            found: dict[tuple[int, int], tuple[Expr, Expr]] = {}
            for i, row in enumerate(rows):
                for j, value in enumerate(row):
                    slope, _ = self._slope(value, entry)
                    if slope is _ZERO:
                        continue
                    upstream = derivative(self.f, places[i][j])
                    links.append(mul(upstream, derivative(places[i][j], entry)))
                    terms.append(mul(upstream, slope))
                    found[i, j] = (upstream, slope)
            lined = _as_product(found) if len(values) == 1 and not arg.is_scalar else None
        result = total(terms)
        lhs = derivative(self.f, entry)
        # in full for the first entry only
        first = all(line.lhs.op is not Op.DERIVATIVE for line in self.lines)
        if links and first:
            self.lines.append(Line(lhs, total(links), ("chain rule",)))
        self.lines.append(Line(lhs, result, ()))
        if lined is not None and first:
            self.lines.append(Line(lhs, lined, ("row times column",)))
        return result


def _breadth(expr: Expr) -> int:
    """About how many letters wide it is: a derivative is a fraction."""
    fractions = (node for node in walk(expr) if node.op is Op.DERIVATIVE)
    return length(expr) - sum(length(node) - 3 for node in fractions)


def _as_product(found: dict[tuple[int, int], tuple[Expr, Expr]]) -> Expr | None:
    """A sum over one row, or over one column, as a row times a column."""
    rows, columns = {i for i, _ in found}, {j for _, j in found}
    if len(found) < 2 or min(len(rows), len(columns)) > 1:
        return None
    ups, slopes = ([pair[side] for pair in found.values()] for side in (0, 1))
    if len(rows) == 1:
        return matmul(block([ups]), transpose(block([slopes])))
    return matmul(transpose(block([[up] for up in ups])), block([[slope] for slope in slopes]))


def _dimension_names(expr: Expr) -> set[str]:
    return {
        name
        for node in walk(expr)
        for dim in (*node.shape, *([node.data] if isinstance(node.data, Dim) else []))
        for name in dim.names
    }
