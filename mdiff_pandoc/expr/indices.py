"""Names of indices in an expression: which occur, and other names for the free ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mdiff_pandoc.expr.node import Expr, Index, Op, Range, Symbol, make, walk
from mdiff_pandoc.expr.rebuild import rebuild

_PAIRS = frozenset({Op.ENTRY, Op.DELTA})
_SINGLE = frozenset({Op.ROW, Op.COLUMN, Op.BASIS, Op.EIGENVALUE, Op.EIGENVECTOR})


def index_names(expr: Expr) -> set[str]:
    """The names of all indices that occur, free or bound."""
    bound = {node.data.index for node in walk(expr) if isinstance(node.data, Range)}
    return bound | expr.free | {name for node in walk(expr) for name in node.free}


def reindexed(expr: Expr, names: Mapping[str, Index]) -> Expr:
    """``expr`` with other names, or numbers, for its free indices.

    A new name must not be bound where it is put.
    """
    if expr.free.isdisjoint(names):
        return expr
    data = expr.data
    if expr.op is Op.INDEX_SUM and isinstance(data, Range) and data.index in names:
        names = {old: new for old, new in names.items() if old != data.index}
    new = rebuild(expr, [reindexed(arg, names) for arg in expr.args])
    if isinstance(data, Symbol):
        indices = tuple(_renamed(index, names) for index in data.indices)
        return make(expr.op, (), Symbol(data.name, data.assumptions, indices), expr.shape)
    if expr.op in _PAIRS and isinstance(data, tuple):
        return make(new.op, new.args, tuple(_renamed(i, names) for i in data), new.shape)
    if expr.op in _SINGLE:
        return make(new.op, new.args, _renamed(data, names), new.shape)  # type: ignore[arg-type]
    return new


def bound_as(total: Expr, name: str) -> Expr:
    """A sum over an index with another name for its index, which must be new to the sum."""
    data = total.data
    assert isinstance(data, Range)
    body = reindexed(total.args[0], {data.index: name})
    return make(Op.INDEX_SUM, (body,), Range(name, data.upper, data.lower), total.shape)


def _renamed(index: Index, names: Mapping[str, Index]) -> Index:
    return names.get(index, index) if isinstance(index, str) else index


def is_member(node: Expr, other: Expr) -> bool:
    """Are they members of one indexed family, or one and the same?"""
    one, two = node.data, other.data
    return (
        isinstance(one, Symbol)
        and isinstance(two, Symbol)
        and bool(one.indices and two.indices)
        and (one.name, node.shape) == (two.name, other.shape)
    )


def meets_several(expr: Expr, member: Expr) -> bool:
    """Does a sum over a family have several members of it in one term?"""
    for node in walk(expr):
        if isinstance(node.data, Range):
            found = [symbol for symbol in node.symbols if is_member(symbol, member)]
            if len(found) > 1 and any(node.data.index in symbol.free for symbol in found):
                return True
    return False


_LETTERS = "ijklmnrstuvabcgh"


def fresh_name(taken: Collection[str]) -> str:
    """A name for an index that is not ``taken``: a letter, then ``i_1``, ``i_2``, …"""
    free = next((letter for letter in _LETTERS if letter not in taken), "")
    count = 1
    while not free:
        free = "" if f"i_{count}" in taken else f"i_{count}"
        count += 1
    return free


def distinct(expr: Expr, taken: Collection[str] = ()) -> Expr:
    """``expr`` with other names for sums whose index is taken, in a factor beside or outside."""
    return _distinct(expr, set(taken) | expr.free, index_names(expr))


def _distinct(expr: Expr, taken: set[str], names: set[str]) -> Expr:
    data = expr.data
    if not isinstance(data, Range):
        args = []
        for arg in expr.args:
            apart = taken if expr.op is Op.MUL else set(taken)
            args.append(_distinct(arg, apart, names))
        return rebuild(expr, args)
    if data.index in taken:
        name = fresh_name(taken | names)
        names.add(name)
        expr = bound_as(expr, name)
    else:
        name = data.index
    taken.add(name)
    return rebuild(expr, [_distinct(expr.args[0], taken, names)])
