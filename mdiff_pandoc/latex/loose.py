r"""Indices of a chain of sides: which no sum binds, and what each sum runs over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.latex.indices import INDEXED, distinct
from mdiff_pandoc.latex.notations import INDEX_LETTERS
from mdiff_pandoc.latex.surface import Kind, Term, walk

_NONE: frozenset[str] = frozenset()


class Indexed(Struct, frozen=True):
    """The sides of a chain in which every index is bound once; ``loose`` are those no sum binds.

    ``notes`` are the readings that an author must know of.
    """

    whole: Term
    loose: frozenset[str]
    notes: tuple[str, ...] = ()


def with_indices(
    whole: Term, count: int, *, wide: bool = False, letters: frozenset[str] = _NONE
) -> Indexed:
    """The LIST of ``count`` sides and of definitions, with sums that hide another index renamed.

    A sum is read over the terms that follow it where its index would be without a meaning there,
    with ``wide`` wherever terms follow it, up to the next sum. ``letters`` are indices beside the
    usual ones.
    """
    if wide:
        sides = map(_spanning, whole.args[:count])
        whole = replace(whole, args=(*sides, *whole.args[count:]))
    loose = loose_indices(whole, whole.args[:count], letters)
    notes: dict[str, None] = {}
    read: list[Term] = []
    for place, side in enumerate(whole.args[:count]):
        others = (other for number, other in enumerate(whole.args) if number != place)
        elsewhere = _NONE.union(*(_free_letters(other) for other in others))
        read.append(_widened(side, elsewhere, notes))
    if notes:
        whole = replace(whole, args=(*read, *whole.args[count:]))
        loose = loose_indices(whole, whole.args[:count], letters)
    return Indexed(distinct(whole, loose), loose, tuple(notes))


_SIZES = frozenset("mnpq")


def loose_indices(
    whole: Term, sides: Sequence[Term], letters: frozenset[str] = _NONE
) -> frozenset[str]:
    r"""The indices that no sum binds: for all their values the chain is claimed.

    They stand at entries :math:`A_{ij}`, at a whole side :math:`(Ax)_i`, or at what a derivative
    is taken of or by; then they also stand at the entries :math:`x_i` of a vector.
    """
    heads = {id(side) for side in sides}
    for node in walk(whole):
        if node.kind is Kind.DERIVATIVE:
            heads |= {id(arg) for arg in node.args}
    alone = {node.text for node in _standing_alone(whole)}
    found: set[str] = set()
    sizes: list[set[str]] = []
    for node, bound in _scoped(whole):
        if node.kind not in INDEXED or node.args[0].kind is Kind.DERIVATIVE:
            continue
        base = node.args[0]
        if base.text == "I" and base.kind is Kind.NAME and _letters(node) <= _SIZES:
            sizes.append(_letters(node) - bound)
            continue
        several = len(node.args) > 2 or base.kind is not Kind.NAME
        if several or node.kind is not Kind.INDEX or base.text in alone or id(node) in heads:
            found |= _letters(node) - bound
    # an identity I_{mn} has mn rows, unless m or n is an index elsewhere
    found.update(*(letters for letters in sizes if letters & found))
    return frozenset(index for index in found if index in INDEX_LETTERS | letters)


def _letters(node: Term) -> set[str]:
    return {index.text for index in node.args[1:] if index.kind is Kind.NAME}


def _scoped(term: Term) -> Iterator[tuple[Term, frozenset[str]]]:
    """Every term with the indices that sums bind there."""
    stack = [(term, _NONE)]
    while stack:
        node, bound = stack.pop()
        yield node, bound
        inside = bound | {node.text} if node.kind is Kind.INDEX_SUM else bound
        stack += [(arg, inside) for arg in node.args]


def _free_letters(term: Term) -> frozenset[str]:
    """The indices of a term that no sum in it binds."""
    found: set[str] = set()
    for node, bound in _scoped(term):
        if node.kind in INDEXED:
            found |= _letters(node) - bound
    return frozenset(found)


def _standing_alone(whole: Term) -> list[Term]:
    """The names that stand without an index somewhere."""
    found: list[Term] = []
    stack = [whole]
    while stack:
        node = stack.pop()
        if node.kind is Kind.NAME:
            found.append(node)
        inner = node.args
        if node.kind in INDEXED and node.args[0].kind is Kind.NAME:
            inner = node.args[1:]
        stack += inner
    return found


def _widened(term: Term, elsewhere: frozenset[str], notes: dict[str, None]) -> Term:
    r"""The side in which :math:`\sum_j a_j + b_j` sums both terms.

    So it is only where j has no meaning ``elsewhere``, nor in the side outside of these terms.
    """
    if term.kind is Kind.SUM:
        for place, summand in enumerate(term.args[:-1]):
            chain = _sums(summand)
            rest = term.args[place + 1 :]
            bound = {node.text for node in chain} - elsewhere
            before = _NONE.union(*(_free_letters(arg) for arg in term.args[:place]))
            taken = [bool(_free_letters(arg) & bound) for arg in rest]
            count = taken.count(True)
            if not count or not all(taken[:count]) or before & bound:
                continue
            following = rest[:count]
            met = _NONE.union(*map(_free_letters, following)) & bound
            depth = max(level for level, node in enumerate(chain) if node.text in met)
            index = ", ".join(sorted(met))
            notes[f"the sum over ${index}$ is read as running over the terms that follow it"] = None
            summed = _pushed(summand, depth, following)
            parts = (*term.args[:place], summed, *rest[count:])
            term = parts[0] if len(parts) == 1 else replace(term, args=parts)
            return _widened(term, elsewhere, notes)
    if term.kind in (Kind.SUM, Kind.NEG, Kind.TRANSPOSE):
        args = []
        for place, arg in enumerate(term.args):
            siblings = (other for number, other in enumerate(term.args) if number != place)
            outside = elsewhere.union(*map(_free_letters, siblings))
            args.append(_widened(arg, outside, notes))
        return replace(term, args=tuple(args))
    return term


def _spanning(term: Term) -> Term:
    """The term in which every sum over an index spans the terms up to the next such sum."""
    term = replace(term, args=tuple(map(_spanning, term.args)))
    if term.kind is not Kind.SUM:
        return term
    groups: list[list[Term]] = [[]]
    for arg in term.args:
        if arg.kind is Kind.INDEX_SUM or (arg.kind is Kind.NEG and _sums(arg.args[0])):
            groups.append([])
        groups[-1].append(arg)
    parts = list(groups[0])
    for first, *rest in groups[1:]:
        chain = _sums(first)
        parts += [_pushed(first, len(chain) - 1, rest)] if chain and rest else [first, *rest]
    return parts[0] if len(parts) == 1 else replace(term, args=tuple(parts))


def _sums(term: Term) -> list[Term]:
    """The sums that stand directly inside each other, the outermost first."""
    found = []
    while term.kind is Kind.INDEX_SUM:
        found.append(term)
        term = term.args[0]
    return found


def _pushed(term: Term, depth: int, following: Sequence[Term]) -> Term:
    """The terms ``following`` a chain of sums taken into the one at ``depth``."""
    body, *limits = term.args
    if depth:
        return replace(term, args=(_pushed(body, depth - 1, following), *limits))
    first = body.args if body.kind is Kind.SUM else (body,)
    span = body.span.join(following[-1].span)
    return replace(term, args=(Term(Kind.SUM, span, (*first, *following)), *limits))
