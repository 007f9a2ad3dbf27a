r"""Derivatives in index notation: write out in entries, differentiate, contract, reassemble.

A second road to every derivative, which uses none of the rules for differentials and inner
products. Source: Laue, Mitterreiter & Giesen, *Computing Higher Order Derivatives of Matrix and
Tensor Expressions*, 2018; Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.entries import Entries, Names
from mdiff_pandoc.calculus.rewriting import Path, replaced
from mdiff_pandoc.calculus.tables import Tables
from mdiff_pandoc.errors import MdiffError, UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Range,
    add,
    derivative,
    entry,
    matmul,
    mul,
    named,
    number,
    power,
    rebuild,
    scale,
    transpose,
    walk,
)
from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.indices import distinct
from mdiff_pandoc.expr.matrix_form import network_of
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.naming import fresh, letters, used_names
from mdiff_pandoc.expr.networks import Network, NoForm, flipped, spread
from mdiff_pandoc.expr.words import in_words

_LIMIT = 4_000
# of a line with sums; longer ones are passed over, what was done is recorded with the next
_LONGEST = 150
_ATOMS = frozenset({Op.SYMBOL, Op.NAMED, Op.APPLY, Op.IDENTITY, Op.BASIS, Op.ONES})


class Place(Struct, frozen=True):
    """The entry of a whole that stands for it: its indices, and their ranges."""

    whole: Expr
    indices: tuple[str, ...]

    @property
    def entry(self) -> Expr:
        """The entry itself; of a scalar the scalar."""
        if not self.indices:
            return self.whole
        if len(self.indices) == 2:
            return entry(self.whole, self.indices[0], self.indices[1])
        if self.whole.shape[0] == ONE:
            return entry(self.whole, 1, self.indices[0])
        return entry(self.whole, self.indices[0])

    def of(self, node: Expr) -> tuple[str, ...]:
        """The indices of an entry that has as many."""
        assert isinstance(node.data, tuple)
        dims = node.args[0].shape
        return tuple(str(i) for i, dim in zip(node.data, dims, strict=True) if dim != ONE)

    @property
    def sizes(self) -> dict[str, Dim]:
        """The ranges of the indices."""
        dims = [dim for dim in self.whole.shape if dim != ONE]
        return dict(zip(self.indices, dims, strict=True))


def indices_needed(expr: Expr) -> int:
    """How many indices an entry of an expression has."""
    return sum(dim != ONE for dim in expr.shape)


class IndexRoad:
    """The derivative of a scalar, or of an entry of ``f``, by a scalar or an entry.

    ``f`` is differentiated at ``row`` (its own entry), by ``by`` (an entry of the variable).
    """

    def __init__(self, tables: Tables, names: Names, f: Place, by: Expr) -> None:
        self.tables = tables
        self.f = f
        self.start = distinct(f.entry)
        self.move_to(by)
        self.entries = Entries(tables, names, self.varies)
        self.lines: list[Line] = []
        self.steps: list[Step] = []

    def move_to(self, by: Expr) -> None:
        """Differentiate by this entry, or scalar, from now on."""
        self.by = by
        self.base = by.args[0] if by.op is Op.ENTRY else by

    def varies(self, expr: Expr) -> bool:
        """Does an expression depend on the variable?"""
        return self.base in expr.symbols

    def write_out(self) -> Expr:
        """The lines that write f out in sums; what is left to differentiate."""
        lhs = self.f.entry
        expr, self.steps = self.entries.written(self.start)
        half: Expr | None = None
        names = self.entries.names
        taken = names.taken
        for _ in range(_LIMIT):
            swept, steps = self.entries.sweep(expr, inside=half is not None)
            if self.steps and (swept is not expr or half is not None):
                self.line(lhs, expr)
            if swept is expr:
                if half is not None:
                    if not self.lines or self.lines[-1].lhs is not lhs:
                        self.line(lhs, lhs)
                    names.taken = taken
                    return half
                half = expr
                taken = set(names.taken)
                continue
            expr = swept
            self.steps += steps
        raise UnsupportedError("the formula is too large to write out in entries")

    def differentiate(self, work: Expr) -> Expr:
        """The derivative in entries and deltas, not yet contracted."""
        expr = derivative(work, self.by)
        for _ in range(_LIMIT):
            found = next(_open_derivatives(expr, self.by, ()), None)
            if found is None:
                return expr
            path, node = found
            expr = self._one_step(expr, path, node)
        raise UnsupportedError("the derivative has too many terms to write in entries")

    def _one_step(self, expr: Expr, path: Path, node: Expr) -> Expr:
        whole = self.varies(node.args[0]) and self.entries.is_whole(node.args[0])
        for rule in () if whole else self.entries.rules.by_entry:
            new = rule.apply(node, self.varies)
            if new is not None:
                new = self.entries.names.settle(new)
                self.steps.append(Step(rule.name, path, node, new))
                return replaced(expr, path, new)
        inner = node.args[0]
        new, steps = self.entries.full(inner)
        if new is inner:
            raise no_entries(inner)
        place = (*path, 0)
        self.steps += [Step(s.rule, place + s.where, s.before, s.after) for s in steps]
        return replaced(expr, place, new)

    def arithmetic(self, expr: Expr) -> Expr:
        """Zeros and factors of one removed."""
        new, steps = self.entries.rules.apart.run(expr)
        self.steps += steps
        return new

    def contract(self, expr: Expr) -> Expr:
        """The sums over deltas carried out."""
        new, steps = self.entries.rules.contract.run(expr)
        self.steps += steps
        return new

    def line(self, lhs: Expr, expr: Expr, labels: Sequence[str] = ()) -> None:
        """Close a line, unless it is the one before."""
        if self.lines and self.lines[-1].lhs is lhs and self.lines[-1].expr is expr:
            return
        if self.lines and expr is not lhs and length(expr) > _LONGEST:
            return
        names = labels or dict.fromkeys(s.rule for s in self.steps if self.is_spoken(s))
        self.lines.append(Line(lhs, expr, tuple(names), tuple(self.steps)))
        self.steps = []

    def end(self, asked: Expr, result: Expr, notes: tuple[str, ...] = ()) -> Derivation:
        """The derivation, its last line the answer."""
        last = self.lines[-1]
        if last.lhs is not asked or last.expr is not result:
            names = dict.fromkeys(s.rule for s in self.steps if self.is_spoken(s))
            self.lines.append(Line(asked, result, tuple(names), tuple(self.steps)))
        return Derivation(self.f.whole, self.base, tuple(self.lines), result, asked, notes)

    def is_spoken(self, step: Step) -> bool:
        """Is a step named to a reader? A product of which one factor varies is no product rule."""
        if step.before.op is Op.DERIVATIVE and step.before.args[0].op is Op.MUL:
            return step.after.op is Op.SUM
        return step.rule not in self.entries.rules.quiet


def no_entries(expr: Expr) -> UnsupportedError:
    """The error for an operation without a rule for its entries."""
    whole = expr.args[0] if expr.op is Op.ENTRY else expr
    return UnsupportedError(
        f"index notation has no rule for the entries of this operation: {in_words(whole)}",
        hint="ask for the style differential",
    )


def _open_derivatives(expr: Expr, by: Expr, path: Path) -> Iterator[tuple[Path, Expr]]:
    """The derivatives by an entry that are not yet carried out, from the left."""
    if expr.op is Op.DERIVATIVE:
        if expr.args[1] is by and not _is_unspecified(*expr.args):
            yield path, expr
    elif any(node.op is Op.DERIVATIVE for node in walk(expr)):
        for position, arg in enumerate(expr.args):
            yield from _open_derivatives(arg, by, (*path, position))


def _is_unspecified(f: Expr, by: Expr) -> bool:
    """An unspecified function of the variable, or an entry of one: its derivative stays."""
    whole = f.args[0] if f.op in (Op.ENTRY, Op.NAMED) else f
    base = by.args[0] if by.op is Op.ENTRY else by
    return whole.op is Op.APPLY and (f.op is Op.ENTRY or base in whole.args)


def with_named_arguments(f: Expr, variable: Expr) -> Expr:
    """An unspecified function of names: what it is taken of gets one.

    So does the variable, where it is an argument beside others that depend on it.
    """
    if f.op is Op.NAMED:
        return rebuild(f, (with_named_arguments(f.args[0], variable),))
    if f.op is not Op.APPLY:
        return f
    several = sum(variable in arg.symbols for arg in f.args) > 1
    args: list[Expr] = []
    for arg in f.args:
        plain = arg.op is Op.NAMED or (arg.op is Op.SYMBOL and not (several and arg is variable))
        args.append(arg if plain else named(_name(f, args, arg), arg))
    return rebuild(f, args)


def _name(f: Expr, args: Sequence[Expr], arg: Expr) -> str:
    used = used_names(f, *args)
    return next(fresh(letters(arg.shape), used))


def single_place(work: Expr, base: Expr) -> tuple[str, ...] | None:
    """The summed indices at the only place of ``base`` in a sum of products, or None.

    There the derivative by that entry is what stands beside it.
    """
    found: list[tuple[str, ...]] = []
    bound: set[str] = set()
    stack = [work]
    while stack:
        node = stack.pop()
        if base not in node.symbols:
            continue
        if node.op is Op.ENTRY and node.args[0] is base and isinstance(node.data, tuple):
            found.append(Place(base, ()).of(node))
        elif node.op is Op.INDEX_SUM and isinstance(node.data, Range) and node.data.lower == 1:
            bound.add(node.data.index)
            stack.append(node.args[0])
        elif node.op is Op.MUL:
            stack.extend(node.args)
        else:
            return None
    if len(found) != 1 or len(set(found[0])) < len(found[0]) or not bound.issuperset(found[0]):
        return None
    return found[0]


def in_entries(expr: Expr, sizes: dict[str, Dim]) -> Expr:
    """Sums carried out where that is possible: ``[BA]_kj`` for ``Σ_i A_ij B_ki``."""
    terms = expr.args if expr.op is Op.SUM else (expr,)
    return add(*(_term_in_entries(term, sizes) for term in terms))


def _term_in_entries(term: Expr, sizes: dict[str, Dim]) -> Expr:
    try:
        network = network_of(term, sizes)
    except MdiffError:
        return term
    return entries_of(network)


def entries_of(network: Network) -> Expr:
    """A network without sums as a product of entries."""
    arrays = network.arrays
    if len(arrays) > 1 and not all(_is_plain(array.expr) for array in arrays):
        try:
            together = Network([], list(arrays)).collapsed()
        except NoForm:
            together = None
        arrays = arrays if together is None else [together]
    factors = [*network.scalars]
    factors += [array.entry() for array in arrays]
    factors = [factor for factor in factors if factor is not number(1)]
    return mul(*factors) if factors else number(1)


def _is_plain(expr: Expr) -> bool:
    while expr.op in (Op.TRANSPOSE, Op.INVERSE, Op.ROW, Op.COLUMN):
        expr = expr.args[0]
    return expr.op in _ATOMS


def assembled(expr: Expr, wanted: tuple[str, ...], sizes: dict[str, Dim]) -> Expr:
    """The matrix, or vector, with these entries; a product read in the other order transposed.

    Raises UnsupportedError where there is none.
    """
    terms = expr.args if expr.op is Op.SUM else (expr,)
    return add(*(_term_assembled(term, wanted, sizes) for term in terms))


def _term_assembled(term: Expr, wanted: tuple[str, ...], sizes: dict[str, Dim]) -> Expr:
    if not wanted:
        network = network_of(term, sizes)
        return mul(*network.scalars) if network.scalars else number(1)
    try:
        array = network_of(term, sizes).collapsed()
    except NoForm:
        raise UnsupportedError("these sums over entries have no matrix form") from None
    coefficient, body = array.expr.args if array.expr.op is Op.SCALE else (None, array.expr)
    turned = array.indices == wanted[::-1] and len(wanted) == 2 and body.op is Op.MATMUL
    if turned and length(flipped(body)) > length(body):
        return transpose(body) if coefficient is None else scale(coefficient, transpose(body))
    return spread(array, wanted, sizes)


def with_powers(expr: Expr) -> Expr:
    """Repeated factors of products as powers: ``(AX)^3 A`` for ``AXAXAXA``."""
    expr = rebuild(expr, [with_powers(arg) for arg in expr.args])
    if expr.op is not Op.MATMUL:
        return expr
    factors, count = expr.args, len(expr.args)
    options = [expr]
    for size in range(1, count // 2 + 1):
        for start in range(count - 2 * size + 1):
            block = factors[start : start + size]
            times = 1
            while factors[start + times * size : start + (times + 1) * size] == block:
                times += 1
            base = matmul(*block)
            if times > 1 and base.shape[0] == base.shape[1]:
                stop = start + times * size
                options.append(matmul(*factors[:start], power(base, times), *factors[stop:]))
    return min(options, key=length)
