"""Subscripts that are numbers: part of the name, or the place of an entry."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.errors import Span
from mdiff_pandoc.expr import ONE
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.patterns import regex

_NUMBERED = regex(r"([A-Za-z]\w*)_(\d+)")


def settle_subscripts(
    term: Term, scope: Scope, variables: tuple[Key, ...], *, sums: bool = False
) -> Term:
    """The tree in which ``X_{12}`` is an entry where the formula speaks of a matrix X.

    So is ``x_2`` where x is declared as a vector, or, with ``sums``, where a sum over ``x_i``
    stands beside it, and ``I_3`` is an identity. What is declared,
    defined or a variable itself keeps its name, and so does ``W_1`` where W never stands alone.
    """
    if not any(node.kind is Kind.NAME and _NUMBERED.fullmatch(node.text) for node in walk(term)):
        return term
    alone = {node.text for node in walk(term) if node.kind is Kind.NAME}
    alone |= {text for text, _ in variables}

    totals = [node for node in walk(term) if node.kind is Kind.INDEX_SUM] if sums else []
    summed = {base for node in totals for base in _summed(node)}

    def indices(base: str, digits: str, bold: bool) -> tuple[str, ...]:
        known = scope.find(base, bold)
        if base == "I":
            return (digits,) if known is None else ()
        if int(digits) == 0:  # entries count from 1
            return ()
        if known is None and base in summed and scope.find_family(base, bold) is None:
            return (digits,)
        shape = known.shape if known is not None else None
        if shape is not None and ONE in shape:
            return (digits,) if shape[0] != shape[1] else ()
        if shape is None and not (is_capital(base) and (known is not None or base in alone)):
            return ()
        return tuple(digits) if len(digits) == 2 and "0" not in digits else ()

    def rewrite(node: Term) -> Term:
        found = _NUMBERED.fullmatch(node.text) if node.kind is Kind.NAME else None
        if found is not None and not _named(node, scope, variables):
            base, digits = found.groups()
            places = indices(base, digits, node.bold)
            if places:
                return numbered_entry(node, base, places)
        args = tuple(map(rewrite, node.args))
        return node if args == node.args else replace(node, args=args)

    return rewrite(term)


def _summed(total: Term) -> set[str]:
    """The letters that the index of a sum alone stands at."""
    return {
        node.args[0].text
        for node in walk(total.args[0])
        if node.kind is Kind.INDEX and [index.text for index in node.args[1:]] == [total.text]
    }


def _named(node: Term, scope: Scope, variables: tuple[Key, ...]) -> bool:
    """Is this name one of its own?"""
    if any(node.text == text for text, _ in variables):
        return True
    known = scope.find(node.text, node.bold) is not None
    return known or scope.find_definition(node.text, node.bold) is not None


def numbered_entry(node: Term, base: str, places: tuple[str, ...]) -> Term:
    """The name ``X_{12}`` as the entry of X at these places."""
    written = node.latex.rpartition("_")[0].rstrip()
    letter = Term(
        Kind.NAME,
        Span(node.span.start, min(node.span.end, node.span.start + len(written))),
        (),
        base,
        written,
        node.bold,
    )
    place = Span(letter.span.end, node.span.end)
    numbers = tuple(Term(Kind.NUMBER, place, (), digits, digits) for digits in places)
    return Term(Kind.INDEX, node.span, (letter, *numbers), node.text, node.latex)
