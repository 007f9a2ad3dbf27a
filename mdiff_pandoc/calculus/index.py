r"""The style `index`, derivatives by an entry, and matrices by matrices in entries.

f is written out in entries and sums, differentiated by an entry with Kronecker deltas, which are
then contracted; what is left is a matrix where it has the form of one.
"""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.entries import Names, renamed_sums
from mdiff_pandoc.calculus.index_road import (
    IndexRoad,
    Place,
    assembled,
    in_entries,
    indices_needed,
    single_place,
    with_named_arguments,
    with_powers,
)
from mdiff_pandoc.calculus.structure import BY_ENTRIES, restricted, structure_of
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Layout,
    Op,
    Symbol,
    add,
    derivative,
    named,
    number,
    rebuild,
    symbol,
    walk,
    zero,
)
from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.indices import distinct
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.naming import fresh, used_names
from mdiff_pandoc.expr.substitute import substitute
from mdiff_pandoc.rules.commutative import like_terms
from mdiff_pandoc.rules.entries import named_entry, part

REASSEMBLED = "matrix form"
POWERS = "powers of one matrix"


def by_index(
    f: Expr,
    variable: Expr,
    tables: Tables | None = None,
    layout: Layout = Layout.NUMERATOR,
    symmetric: str = "projected",
) -> Derivation:
    """A gradient or a Jacobian in index notation: a matrix, a vector or a scalar.

    ``symmetric`` is the convention for a symmetric variable. Raises UnsupportedError where an
    operation has no rule, or the sums have no matrix form.
    """
    tables = tables or default_tables()
    if f.is_scalar and structure_of(variable):
        return _among_structured(f, variable, tables, symmetric)
    f = with_named_arguments(f, variable)
    names = Names(f, variable)
    pair = names.pair()
    place = _place_of(f, names)
    asked = derivative(f, variable, layout)
    road = _started(tables, names, place, variable)
    work = road.write_out()
    free = single_place(work, variable) if not place.indices else None
    if free:
        work = _with_room(road, pair, work, Place(variable, free))
        by = Place(variable, free)
    else:
        by = Place(variable, pair[: indices_needed(variable)])
    road.by = by.entry
    contracted = _carried_out(road, derivative(place.entry, by.entry), work, shown=free is None)
    wanted = (*place.indices, *by.indices)
    if layout is Layout.DENOMINATOR and place.indices and by.indices:
        wanted = (*by.indices, *place.indices)
    sizes = {**place.sizes, **by.sizes}
    lhs = derivative(place.entry, by.entry)
    if wanted:
        entries = in_entries(contracted, sizes)
        if entries is not road.lines[-1].expr:
            road.steps.append(Step(REASSEMBLED, (), contracted, entries))
            road.line(lhs, entries, (REASSEMBLED,))
    result = _whole(road, asked, contracted, wanted, sizes)
    return road.end(asked, result)


def second_by_index(
    f: Expr,
    variables: tuple[Expr, ...],
    tables: Tables | None = None,
    layout: Layout = Layout.NUMERATOR,
) -> Derivation:
    """The second derivative of a scalar by two vectors or scalars in index notation: a matrix.

    Raises UnsupportedError for matrices as variables, where an operation has no rule, and where
    the sums have no matrix form.
    """
    tables = tables or default_tables()
    if any(indices_needed(variable) > 1 for variable in variables):
        raise UnsupportedError(
            "in index notation a second derivative is taken by vectors, or by two entries",
            hint="ask for the style differential",
        )
    names = Names(f, *variables)
    pair = names.pair()
    road = _started(tables, names, Place(f, ()), variables[0])
    expr, lhs, asked = road.write_out(), f, f
    places = [
        Place(variable, (index,)[: indices_needed(variable)])
        for variable, index in zip(variables, pair, strict=True)
    ]
    for place in places:
        road.move_to(place.entry)
        lhs = derivative(lhs, place.entry)
        asked = derivative(asked, place.whole, layout if asked is not f else Layout.NUMERATOR)
        expr = _carried_out(road, lhs, expr)
    wanted = places[0].indices + places[1].indices
    if layout is Layout.DENOMINATOR:
        wanted = places[1].indices + places[0].indices
    sizes = {**places[0].sizes, **places[1].sizes}
    return road.end(asked, _whole(road, asked, expr, wanted, sizes))


def _among_structured(f: Expr, variable: Expr, tables: Tables, symmetric: str) -> Derivation:
    """The gradient G with all entries free, and what a structured variable sees of it."""
    assert isinstance(variable.data, Symbol)
    loose = symbol(variable.data.name, *variable.shape, (), variable.data.indices)
    free = by_index(substitute(f, {variable: loose}), loose, tables)
    unrestricted = substitute(free.result, {loose: variable})
    part = restricted(unrestricted, variable, tables, symmetric)
    assert part is not None
    name = next(fresh("GHMQgh", used_names(f)))
    whole = named(name, free.asked)
    lines = [
        replace(line, lhs=_as_entry(line.lhs, whole), expr=f if line.expr is free.f else line.expr)
        for line in free.lines
    ]
    asked = derivative(f, variable)
    step = Step(part.rule, (), unrestricted, part.gradient)
    lines = [replace(line, lhs=f) if line.expr is f else line for line in lines]
    lines.append(Line(asked, part.gradient, (part.rule,), (step,)))
    return Derivation(
        f,
        variable,
        tuple(lines),
        part.gradient,
        asked,
        (part.note,),
        entries=part.rule == BY_ENTRIES,
        aliases=((free.f, f),),
    )


def _as_entry(lhs: Expr, whole: Expr) -> Expr:
    """The derivative with all entries free as the matrix ``whole``, that by an entry as its."""
    if lhs.op is not Op.DERIVATIVE:
        return lhs
    by = lhs.args[1]
    return rebuild(by, (whole,)) if by.op is Op.ENTRY else whole


def _started(tables: Tables, names: Names, place: Place, variable: Expr) -> IndexRoad:
    road = IndexRoad(tables, names, place, variable)
    whole = place.whole
    road.line(whole, whole.args[0] if whole.op is Op.NAMED else whole)
    return road


def by_entry(f: Expr, variables: tuple[Expr, ...], tables: Tables | None = None) -> Derivation:
    """The derivative of a scalar, with free indices or not, by one entry or by two.

    That of a matrix or a vector by one entry is a matrix or a vector. Raises UnsupportedError
    where an operation has no rule.
    """
    tables = tables or default_tables()
    if not f.is_scalar:
        if len(variables) > 1:
            raise UnsupportedError(
                "a second derivative by entries is taken of a scalar",
                hint="ask for that of an entry of the matrix, such as F_{ij}",
            )
        return replace(by_index(f, variables[0], tables), variable=variables[0])
    [base, *_] = variables[0].args or variables[:1]
    f = with_named_arguments(f, base)
    names = Names(f, *variables)
    road = IndexRoad(tables, names, Place(f, ()), variables[0])
    road.line(f, named_entry(f) or f)
    if _keeps_place(f, variables):
        lhs, expr = derivative(f, variables[0]), _apart(f, variables)
        road.by = variables[0]
        expr = road.contract(road.differentiate(expr))
        road.line(lhs, expr)
    else:
        road.start = _apart(f, variables)
        work = road.write_out()
        lhs, expr = f, work
        for variable in variables:
            road.move_to(variable)
            lhs = derivative(lhs, variable)
            expr = _carried_out(road, lhs, expr)
    asked = lhs
    sizes = {
        **_ranges(f),
        **{k: v for variable in variables for k, v in _ranges(variable).items()},
    }
    entries = _shortened(in_entries(expr, sizes), tables)
    if length(entries) < length(expr):
        road.steps.append(Step(REASSEMBLED, (), expr, entries))
        road.line(asked, entries, (REASSEMBLED,))
        expr = entries
    return replace(road.end(asked, expr), variable=variables[0])


def tensor(
    f: Expr, variable: Expr, tables: Tables | None = None, layout: Layout = Layout.NUMERATOR
) -> Derivation:
    """The derivative of a matrix or vector by a matrix or vector, entry by entry.

    A scalar with the free indices of both: ``∂(AXB)_ij/∂X_pq = A_ip B_qj``. Raises
    UnsupportedError where an operation has no rule.
    """
    tables = tables or default_tables()
    names = Names(f, variable)
    pair = names.pair()
    place = _place_of(f, names)
    by = Place(variable, pair[: indices_needed(variable)])
    road = _started(tables, names, place, by.entry)
    work = road.write_out()
    asked = derivative(place.entry, by.entry)
    expr = _carried_out(road, asked, work)
    sizes = {**place.sizes, **by.sizes}
    entries = _shortened(in_entries(expr, sizes), tables)
    if length(entries) <= length(expr):
        road.steps.append(Step(REASSEMBLED, (), expr, entries))
        road.line(asked, entries, (REASSEMBLED,))
        expr = entries
    return road.end(asked, expr, (_dimensions(f, variable, layout),))


def _dimensions(f: Expr, variable: Expr, layout: Layout) -> str:
    """What the array of all the derivatives is, in the layout chosen."""
    dims = [(dim, f"{word} of the function") for dim, word in zip(f.shape, _SIDES, strict=True)]
    by = [
        (dim, f"{word} of the variable") for dim, word in zip(variable.shape, _SIDES, strict=True)
    ]
    dims += by[::-1]
    if layout is Layout.DENOMINATOR:
        dims.reverse()
    shown = [(str(dim), word) for dim, word in dims if dim != ONE]
    sizes = r" \times ".join(size for size, _ in shown)
    words = ", ".join(word for _, word in shown)
    return (
        f"in {layout} layout this is an entry of a tensor of dimensions ${sizes}$ ({words}); "
        "the form vec gives a matrix"
    )


_SIDES = ("rows", "columns")


def _ranges(expr: Expr) -> dict[str, Dim]:
    """The free indices of an entry, and what they run over."""
    found: dict[str, Dim] = {}
    for node in walk(expr):
        if node.op is Op.ENTRY and isinstance(node.data, tuple):
            for index, dim in zip(node.data, node.args[0].shape, strict=True):
                if isinstance(index, str) and index in expr.free:
                    found.setdefault(index, dim)
    return found


def _keeps_place(f: Expr, variables: tuple[Expr, ...]) -> bool:
    """Does f sum over the very entry to differentiate by, and hold it nowhere else?"""
    (variable, *more) = variables
    if more or variable.op is not Op.ENTRY:
        return False
    place = single_place(f, variable.args[0])
    return place is not None and place == Place(variable.args[0], ()).of(variable)


def _apart(f: Expr, variables: tuple[Expr, ...]) -> Expr:
    taken = frozenset().union(*(variable.free for variable in variables))
    return distinct(f, taken)


def _shortened(expr: Expr, tables: Tables) -> Expr:
    """Entries of shorter wholes, like terms merged."""
    if expr.op is Op.ENTRY and isinstance(expr.data, tuple):
        whole, _ = tables.shorten.run(expr.args[0])
        return part(whole, *expr.data)
    if expr.op is Op.SUM:
        terms = [_shortened(arg, tables) for arg in expr.args]
        merged = like_terms(terms, expr.shape)
        return add(*terms) if merged is None else merged
    if expr.op in (Op.MUL, Op.POWER, Op.FUNC):
        return rebuild(expr, [_shortened(arg, tables) for arg in expr.args])
    return expr


def _place_of(f: Expr, names: Names) -> Place:
    return Place(f, tuple(names.fresh() for _ in range(indices_needed(f))))


def _with_room(road: IndexRoad, pair: tuple[str, str], work: Expr, place: Place) -> Expr:
    """``work`` with other names for the sums over the indices that the entry keeps."""
    new = dict(zip(place.indices, pair, strict=False))
    return renamed_sums(work, new)


def _carried_out(road: IndexRoad, lhs: Expr, work: Expr, *, shown: bool = True) -> Expr:
    """The derivative with deltas, if that is ``shown``, and with the deltas contracted."""
    expr = road.arithmetic(road.differentiate(work))
    if shown:
        road.line(lhs, expr)
    contracted = road.contract(expr)
    road.line(lhs, contracted)
    return contracted


def _whole(
    road: IndexRoad, asked: Expr, contracted: Expr, wanted: tuple[str, ...], sizes: dict[str, Dim]
) -> Expr:
    nothing = contracted is number(0)
    raw = zero(*asked.shape) if nothing else assembled(contracted, wanted, sizes)
    result, steps = road.tables.shorten.run(raw)
    if any(node.op is Op.POWER and not node.is_scalar for node in walk(road.f.whole)):
        powers = with_powers(result)
        if length(powers) < length(result):
            steps.append(Step(POWERS, (), result, powers))
            result = powers
    road.steps.append(Step(REASSEMBLED, (), contracted, raw))
    if road.lines[-1].lhs is not asked or raw is not contracted:
        road.line(asked, raw, (REASSEMBLED,))
    road.steps += steps
    if result is not raw:
        road.line(
            asked,
            result,
            tuple(dict.fromkeys(s.rule for s in steps if s.rule not in road.tables.quiet)),
        )
    return result
