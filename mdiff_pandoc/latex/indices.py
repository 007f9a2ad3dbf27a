"""Indices of entries and sums under other names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec.structs import replace

from mdiff_pandoc.latex.notations import INDEX_LETTERS
from mdiff_pandoc.latex.surface import Kind, Term, walk

INDEXED = (Kind.INDEX, Kind.ROW, Kind.COLUMN)


def apart(
    whole: Term, taken: Collection[str], spare: str = "pqrstlmijkn"
) -> tuple[Term, dict[str, str]]:
    """The function with other letters, ``spare`` ones, for the summation indices ``taken``."""
    sums = {node.text for node in walk(whole) if node.kind is Kind.INDEX_SUM}
    clashing = sorted(sums & set(taken))
    if not clashing:
        return whole, {}
    used = sums | set(taken) | {node.text for node in walk(whole) if node.kind is Kind.NAME}
    letters = (letter for letter in _letters(spare) if letter not in used)
    mapping = dict(zip(clashing, letters, strict=False))
    return _renamed(whole, mapping, {}), mapping


def distinct(whole: Term, taken: frozenset[str], spare: str = "pqrstlmijkn") -> Term:
    """The tree with other letters for the sums whose index a sum round them, or ``taken``, has."""
    sums = {node.text for node in walk(whole) if node.kind is Kind.INDEX_SUM}
    if not sums:
        return whole
    letters = spare_letters(whole, spare, taken)

    def rewrite(term: Term, inside: frozenset[str]) -> Term:
        if term.kind is Kind.INDEX_SUM:
            if term.text in inside:
                term = _renamed(term, {term.text: next(letters)}, {})
            inside |= {term.text}
        args = tuple(rewrite(arg, inside) for arg in term.args)
        changed = any(new is not old for new, old in zip(args, term.args, strict=True))
        return replace(term, args=args) if changed else term

    return rewrite(whole, taken)


def repeated(term: Term) -> list[str]:
    """The indices that stand at several factors of a product without a sum over them."""
    found: set[str] = set()
    stack: list[tuple[Term, frozenset[str]]] = [(term, frozenset())]
    while stack:
        node, bound = stack.pop()
        if node.kind is Kind.INDEX_SUM:
            bound |= {node.text}
        elif node.kind is Kind.PRODUCT:
            letters = [
                {index.text for index in arg.args[1:] if index.kind is Kind.NAME}
                for arg in node.args
                if arg.kind is Kind.INDEX
            ]
            for place, here in enumerate(letters):
                found |= here.intersection(set().union(*letters[:place])) - bound
        stack += [(arg, bound) for arg in node.args]
    return sorted(found)


def spare_letters(whole: Term, spare: str, taken: Collection[str] = ()) -> Iterator[str]:
    """Letters for indices that nothing in a tree is called by, ``spare`` ones first."""
    kinds = (Kind.NAME, Kind.INDEX_SUM)
    used = {node.text for node in walk(whole) if node.kind in kinds} | set(taken)
    return (letter for letter in _letters(spare) if letter not in used)


def _letters(spare: str) -> Iterator[str]:
    yield from spare
    yield from (f"{letter}'" for letter in sorted(INDEX_LETTERS))


def at_indices(body: Term, letters: tuple[str, ...], indices: tuple[Term, ...]) -> Term:
    """The definition ``body`` of an entry with the indices ``letters``, at other indices."""
    inside = {old: new for old, new in zip(letters, indices, strict=True) if new.text != old}
    if not inside:
        return body
    body, _ = apart(body, [new.text for new in inside.values()], "rstlmnkpq")
    return _renamed(body, {}, inside)


def _renamed(term: Term, sums: Mapping[str, str], inside: Mapping[str, Term]) -> Term:
    """``sums`` are the new names of summation indices, ``inside`` the new indices in force."""
    if term.kind is Kind.INDEX_SUM:
        limits = tuple(_renamed(limit, sums, inside) for limit in term.args[1:])
        kept = {old: new for old, new in inside.items() if old != term.text}
        text = sums.get(term.text, term.text)
        if text != term.text:
            kept[term.text] = Term(Kind.NAME, term.span, (), text, text)
        return replace(term, text=text, args=(_renamed(term.args[0], sums, kept), *limits))
    if term.kind in INDEXED:
        base = _renamed(term.args[0], sums, inside)
        indices = tuple(_index(index, inside) for index in term.args[1:])
        if indices == term.args[1:]:
            return replace(term, args=(base, *indices))
        text = "".join(index.text for index in indices)
        written = "".join(index.latex or index.text for index in indices)
        return replace(
            term,
            args=(base, *indices),
            text=f"{base.text}_{text}" if term.text else "",
            latex=f"{base.latex}_{{{written}}}" if term.latex else "",
        )
    args = tuple(_renamed(arg, sums, inside) for arg in term.args)
    return term if args == term.args else replace(term, args=args)


def _index(index: Term, inside: Mapping[str, Term]) -> Term:
    if index.kind is Kind.NAME:
        return inside.get(index.text, index)
    return replace(index, args=tuple(_index(arg, inside) for arg in index.args))
