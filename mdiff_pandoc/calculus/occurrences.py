"""Style ``occurrences``: one term for each place where the variable stands.

The differential of ``F(X_1, …, X_k)`` at ``X_1 = … = X_k = X`` is the sum of the partial ones, so
each place is differentiated by itself, everything else held constant, other X included. In a trace
of a product what is held on either side gets a name, as in ``tr(AXD)`` with ``D = BXC^T``; where
there is no such product, the X that moves gets a letter of its own.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §12 (chain rule); Minka,
*Old and New Matrix Algebra Useful for Statistics*, 2000, §2.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line, Note, Step
from mdiff_pandoc.calculus.gradient import gradient, pairing
from mdiff_pandoc.calculus.rewriting import Path, at, replaced
from mdiff_pandoc.calculus.structure import BY_ENTRIES, restricted, structure_of
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    UNRESTRICTING,
    Expr,
    Op,
    Symbol,
    add,
    derivative,
    diff,
    matmul,
    named,
    substitute,
    symbol,
    transpose,
)
from mdiff_pandoc.expr.naming import fresh, used_names
from mdiff_pandoc.rules.transposes import transposed

_MOST = 100
_PRODUCT = "product rule: one term for each place"
_SUM = "sum rule: one term for each place"
_EACH = "each term by itself"
_MOVES = frozenset(
    {
        "identification", "cyclic property", "differential of a trace", "trace of a transpose",
        "transpose of a product", "transpose of a scalar", "a scalar is its own trace",
    }
)  # fmt: skip


def occurrences(
    f: Expr, variable: Expr, tables: Tables | None = None, *, symmetric: str = "projected"
) -> Derivation:
    """The gradient of a scalar ``f`` by a symbol, place by place.

    ``symmetric`` is the convention for a symmetric variable, ``projected`` or ``entries``.
    Raises UnsupportedError when ``f`` is no scalar, the variable stands at too many places or no
    rule covers an operation in it.
    """
    if not f.is_scalar:
        raise UnsupportedError("the gradient is that of a scalar function")
    found: list[Path] = []
    for path in _places(f, variable, ()):
        found.append(path)
        if len(found) > _MOST:
            raise UnsupportedError(
                f"the variable stands at more than {_MOST} places",
                hint="the style differential treats them together",
            )
    tables = tables or default_tables()
    if len(found) < 2:
        derivation = gradient(f, variable, tables, symmetric=symmetric)
        note = "the variable stands at one place only"
        return replace(derivation, notes=(*derivation.notes, note)) if found else derivation
    return _Occurrences(f, variable, found, tables, symmetric).run()


def _places(expr: Expr, variable: Expr, path: Path) -> Iterator[Path]:
    if expr is variable:
        yield path
    elif variable in expr.symbols:
        for position, arg in enumerate(expr.args):
            yield from _places(arg, variable, (*path, position))


class _Term(Struct, frozen=True):
    """The part of f in which one place is, and that place: ``moving`` there, the rest held."""

    f: Expr
    moving: Expr


class _Occurrences:
    def __init__(
        self, f: Expr, variable: Expr, places: list[Path], tables: Tables, symmetric: str
    ) -> None:
        self.f = f
        self.variable = variable
        self.tables = tables
        self.symmetric = symmetric
        self.asked = derivative(f, variable)
        self.places = [_summand(f, place) for place in places]
        self.held: dict[Expr, Expr] = {}  # names by what they stand for
        used = used_names(f)
        self.matrices = fresh("DEGHKLMNPQRST", used)
        self.vectors = fresh("pqrstuvwgk", used)
        choice = "YZUVWQ" if ONE not in variable.shape else "uvwz"
        self.letter = next(fresh(choice, used))
        self.lines: list[Line] = []

    def run(self) -> Derivation:
        terms = self._terms()
        moving = terms[0].moving
        self.lines.append(Line(self.f, self.f, ()))
        for value, name in self.held.items():
            self.lines.append(Line(name, value, (), definition=True))
        if moving.data == self.letter:
            self.lines.append(Line(moving, self.variable, (), definition=True))
        slopes = [derivative(term.f, term.moving) for term in terms]
        gradients, ways = self._gradients(terms)
        lhs = diff(self.f) if structure_of(self.variable) else self.asked
        parts = len({part for part, _ in self.places})
        rules = [_SUM] if parts == len(self.places) else [_PRODUCT]
        if 1 < parts < len(self.places):
            rules = ["sum rule", _PRODUCT]
        self._line(lhs, self.asked, add(*slopes), *rules)
        self._line(lhs, add(*slopes), add(*gradients), *ways)
        back = {moving: self.variable} | {name: value for value, name in self.held.items()}
        total = substitute(add(*gradients), back)
        if total is not add(*gradients):
            self._line(lhs, add(*gradients), total, "names put back")
        short, steps = self.tables.shorten.run(total)
        if short is not total:
            expr = self._in(lhs, short)
            spoken = dict.fromkeys(step.rule for step in steps)
            labels = tuple(rule for rule in spoken if rule not in self.tables.quiet)
            self.lines.append(Line(lhs, expr, labels, tuple(steps) if expr is short else ()))
        notes: tuple[Note, ...] = ()
        entries = False
        part = restricted(short, self.variable, self.tables, self.symmetric)
        if part is not None:
            entries = part.rule == BY_ENTRIES
            names = (part.rule,) if entries else (part.rule, "identification")
            step = Step("identification", (), short, part.gradient)
            self.lines.append(Line(self.asked, part.gradient, names, (step,)))
            short, notes = part.gradient, (part.note,)
        lines = tuple(self.lines)
        return Derivation(self.f, self.variable, lines, short, self.asked, notes, entries=entries)

    def _line(self, lhs: Expr, before: Expr, after: Expr, *labels: str) -> None:
        step = Step(labels[0], (), before, after)
        self.lines.append(Line(lhs, self._in(lhs, after), labels, (step,)))

    def _in(self, lhs: Expr, expr: Expr) -> Expr:
        """The gradient among all matrices, in the differential where that is the left side."""
        return pairing(expr, diff(self.variable)) if lhs.op is Op.DIFF else expr

    def _terms(self) -> list[_Term]:
        """Every place in its part of f: names on either side, or a letter for what moves."""
        assert isinstance(self.variable.data, Symbol)
        moving = named(self.variable.data.name, self.variable)
        sided = [self._sided(part, path, moving) for part, path in self.places]
        if all(part is not None for part in sided):
            return [_Term(part, moving) for part in sided if part is not None]
        self.held.clear()
        moving = named(self.letter, self.variable)
        return [_Term(replaced(part, path, moving), moving) for part, path in self.places]

    def _sided(self, part: Expr, path: Path, moving: Expr) -> Expr | None:
        """``tr(P X Q)`` with names for P and Q that hold X; None where that is no such product."""
        depth = 0
        while at(part, path[:depth]).op in (Op.MUL, Op.TRACE):
            node = at(part, path[:depth])
            others = [arg for i, arg in enumerate(node.args) if i != path[depth]]
            if any(self.variable in other.symbols for other in others):
                return None
            depth += 1
        chain = at(part, path[:depth])
        inside = path[depth + 1 :]
        if chain.op is not Op.MATMUL or len(inside) > 1:
            return None
        factor = chain.args[path[depth]]
        if inside and factor.op is not Op.TRANSPOSE:
            return None
        left, right = chain.args[: path[depth]], chain.args[path[depth] + 1 :]
        here = replaced(factor, inside, moving)
        sides = [self._name(left), (here,), self._name(right)]
        if any(side is None for side in sides):
            return None
        factors = [node for side in sides if side is not None for node in side]
        return replaced(part, path[:depth], matmul(*factors))

    def _name(self, side: tuple[Expr, ...]) -> tuple[Expr, ...] | None:
        """The factors on one side, under a name where the variable stands among them."""
        if not any(self.variable in factor.symbols for factor in side):
            return side
        product = matmul(*side)
        if len(side) < 2 or product.free:
            return None
        row = product.shape[0] == ONE
        value = transposed(product) if row else product
        name = self.held.get(value)
        if name is None:
            choice = self.vectors if ONE in value.shape else self.matrices
            name = self.held[value] = named(next(choice), value)
        return (transpose(name),) if row else (name,)

    def _gradients(self, terms: list[_Term]) -> tuple[list[Expr], list[str]]:
        """The gradient of every term by its own place, and the rules of a reader's interest."""
        assert isinstance(self.variable.data, Symbol)
        marks = {name: symbol(str(name.data), *name.shape) for name in self.held.values()}
        kept = self.variable.data.assumptions & (UNRESTRICTING - {"constant"})
        moving = terms[0].moving
        marks[moving] = symbol(f"{self.letter}'", *self.variable.shape, kept)
        back = {mark: name for name, mark in marks.items()}
        found: list[Expr] = []
        labels: list[str] = []
        for term in terms:
            try:
                one = gradient(substitute(term.f, marks), marks[moving], self.tables)
            except UnsupportedError as error:
                raise UnsupportedError(
                    f"one place by itself has no gradient: {error.message}",
                    hint="the style differential treats all places together",
                ) from error
            found.append(substitute(one.result, back))
            labels += [label for line in one.lines for label in line.labels]
        return found, [_EACH, *(label for label in dict.fromkeys(labels) if label not in _MOVES)]


def _summand(f: Expr, path: Path) -> tuple[Expr, Path]:
    """The innermost term of the outer sums that holds a place, and the place in it."""
    while f.op is Op.SUM:
        f, path = f.args[path[0]], path[1:]
    return f, path
