"""Expressions written out in entries and sums over indices, with a record of every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from mdiff_pandoc.calculus.derivation import Step
from mdiff_pandoc.calculus.rewriting import Path, Rewriter
from mdiff_pandoc.calculus.tables import Tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Range, Symbol, make, rebuild, walk
from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.indices import bound_as, fresh_name, index_names
from mdiff_pandoc.rules import Rule, Table
from mdiff_pandoc.rules.index import BY_AN_ENTRY, DELTAS, ENTRIES, EXPANSIONS, SUM_RULES
from mdiff_pandoc.rules.index_special_moves import is_known_whole

# what a scalar in entries is made of; anything else is a whole with entries
_SCALAR = frozenset({Op.SUM, Op.MUL, Op.POWER, Op.FUNC, Op.INDEX_SUM, Op.EXPECTATION})
_CLOSED = frozenset(op for op in Op if op not in _SCALAR)
_ARITHMETIC = frozenset(
    {"identity and zero", "zero factor", "numbers in front", "arithmetic", "like terms"}
)
_UNITS = frozenset({"identity and zero", "zero factor", "numbers in front"})
_PAIRS = (("p", "q"), ("r", "s"), ("u", "v"), ("a", "b"), ("i_1", "j_1"))
_APART = "terms with deltas"
_LIMIT = 4_000


class IndexRules(Struct, frozen=True):
    """The index rules, sorted by what they are for."""

    expansions: tuple[Rule, ...]
    by_entry: tuple[Rule, ...]
    apart: Rewriter
    contract: Rewriter
    plain: Rewriter
    front: Rewriter
    quiet: frozenset[str]


def index_rules(tables: Tables) -> IndexRules:
    """The index rules of a set of tables."""
    found = _cache.get(id(tables))
    if found is None or found[0] is not tables:
        found = _cache[id(tables)] = (tables, _sorted(tables))
    return found[1]


_cache: dict[int, tuple[Tables, IndexRules]] = {}


def _sorted(tables: Tables) -> IndexRules:
    def among(group: Iterable[Rule]) -> tuple[Rule, ...]:
        names = {rule.name for rule in group}
        return tuple(rule for rule in tables.all[Table.INDEX] if rule.name in names)

    arithmetic = tuple(r for r in tables.all[Table.ALGEBRA] if r.name in _ARITHMETIC)
    written = (*among(ENTRIES), *among(SUM_RULES), *arithmetic)
    units = [rule for rule in arithmetic if rule.name in _UNITS]
    return IndexRules(
        among(EXPANSIONS),
        among(BY_AN_ENTRY),
        Rewriter((*written, *(r for r in among(DELTAS) if r.name == _APART)), _CLOSED),
        Rewriter((*written, *among(DELTAS)), _CLOSED),
        Rewriter((*among(ENTRIES), *among(SUM_RULES), *units, *among(DELTAS)), _CLOSED),
        Rewriter(among(SUM_RULES), _CLOSED),
        tables.quiet,
    )


def _is_function(node: Expr) -> bool:
    """A norm, softmax, a trace of exp: there is a rule for its derivative as a whole."""
    if is_known_whole(node):
        return True
    if node.op is Op.ENTRY:
        return node.args[0].op is Op.SOFTMAX
    return node.op is Op.LOGSUMEXP or (node.op is Op.NORM and node.data != 1)


class Names:
    """Names for indices that are not taken by a dimension, a symbol or another index."""

    def __init__(self, *exprs: Expr) -> None:
        self.taken: set[str] = set()
        # names of sums in the author's formula, each to be used again once
        self.spare = {
            node.data.index
            for expr in exprs
            for node in walk(expr)
            if isinstance(node.data, Range) and node.data.index not in expr.free
        }
        for expr in exprs:
            self.taken |= index_names(expr)
            for node in walk(expr):
                for dim in node.shape:
                    self.taken |= dim.names
                if isinstance(node.data, Range):
                    self.taken |= node.data.upper.names
                elif isinstance(node.data, Symbol):
                    self.taken.add(node.data.name)
                elif isinstance(node.data, Dim):
                    self.taken |= node.data.names

    def fresh(self) -> str:
        """A new name."""
        name = fresh_name(self.taken)
        self.taken.add(name)
        return name

    def pair(self) -> tuple[str, str]:
        """Two new names for a row and a column: p and q, if they are free."""
        found = next((p for p in _PAIRS if self.taken.isdisjoint(p)), None)
        if found is None:
            return self.fresh(), self.fresh()
        self.taken.update(found)
        return found

    def settle(self, expr: Expr) -> Expr:
        """``expr`` with names for the indices that a rule has introduced."""
        if not any(isinstance(n.data, Range) and n.data.index[0] == "#" for n in walk(expr)):
            return expr
        if isinstance(expr.data, Range) and expr.data.index[0] == "#":
            hint = expr.data.index[1:]
            expr = bound_as(expr, hint if hint in self.spare else self.fresh())
            self.spare.discard(hint)
        return rebuild(expr, [self.settle(arg) for arg in expr.args])


class Entries:
    """Writes scalars out in entries, one product after the other."""

    def __init__(self, tables: Tables, names: Names, varies: Callable[[Expr], bool]) -> None:
        self.rules = index_rules(tables)
        self.names = names
        self.varies = varies

    def is_whole(self, node: Expr) -> bool:
        """Is it a scalar that is still to be written out?"""
        return not _is_function(node) and any(
            rule.applies_to(node.op) and rule.apply(node, self.varies) is not None
            for rule in self.rules.expansions
        )

    def written(self, expr: Expr, path: Path = ()) -> tuple[Expr, list[Step]]:
        """Entries of sums, transposes and the like written out, sums in front."""
        return self.rules.contract.run(expr, path)

    def sweep(self, expr: Expr, *, inside: bool) -> tuple[Expr, list[Step]]:
        """Every outermost product, trace or norm written out once.

        With ``inside`` also those in the arguments of functions and powers.
        """
        steps: list[Step] = []
        new = self._swept(expr, (), inside, steps)
        if new is expr:
            return expr, []
        new, more = self.written(new)
        return new, steps + more

    def once(self, expr: Expr) -> tuple[Expr, list[Step]]:
        """As `sweep` inside, but of what comes out only the sums are brought to the front."""
        steps: list[Step] = []
        new, more = self.rules.front.run(self._swept(expr, (), inside=True, steps=steps))
        return new, steps + more if steps else []

    def _swept(self, node: Expr, path: Path, inside: bool, steps: list[Step]) -> Expr:
        if is_known_whole(node):
            return node
        for rule in () if _is_function(node) and not inside else self.rules.expansions:
            if rule.applies_to(node.op) and (found := rule.apply(node, self.varies)) is not None:
                new = self.names.settle(found)
                steps.append(Step(rule.name, path, node, new))
                return new
        if node.op not in _SCALAR or (node.op in (Op.FUNC, Op.POWER) and not inside):
            return node
        args = list(node.args)
        # from the right, so that places to the left stay where they are
        for position in range(len(args) - 1, -1, -1):
            args[position] = self._swept(args[position], (*path, position), inside, steps)
        return rebuild(node, args)

    def full(self, expr: Expr) -> tuple[Expr, list[Step]]:
        """Written out until only functions and powers hold anything whole."""
        new, steps = self.written(expr)
        for _ in range(_LIMIT):
            swept, more = self.sweep(new, inside=False)
            if swept is new:
                return new, steps
            new, steps = swept, steps + more
        raise UnsupportedError("the formula is too large to write out in entries")


def renamed_sums(total: Expr, names: dict[str, str]) -> Expr:
    """``total`` with other names for the indices that it sums over."""
    data = total.data
    args = [renamed_sums(arg, names) for arg in total.args]
    if isinstance(data, Range) and data.index in names:
        renamed = make(total.op, tuple(args), data, total.shape)
        return bound_as(renamed, names[data.index])
    return rebuild(total, args)
