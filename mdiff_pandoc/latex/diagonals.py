r"""A diag of one entry with a loose index: :math:`\mathrm{diag}(p_i (1 - p_i))`."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from mdiff_pandoc.expr import SCALAR
from mdiff_pandoc.latex.dots import of_entries
from mdiff_pandoc.latex.indices import INDEXED
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk

_DIAGONAL = ("diag", "Diag")


def with_diagonals(term: Term, bound: Collection[str], scope: Scope) -> Term:
    """The tree with the vector of all entries in a diag of one of them.

    Only where the index of the entry is loose, not among the ``bound`` ones, and not that of one
    of several vectors.
    """
    if term.kind is Kind.INDEX_SUM:
        bound = (*bound, term.text)
    term = replace(term, args=tuple(with_diagonals(arg, bound, scope) for arg in term.args))
    if term.kind is not Kind.APPLY or term.text not in _DIAGONAL or len(term.args) != 1:
        return term
    inside = list(walk(term.args[0]))
    if any(_is_vector(node, scope) for node in inside):
        return term
    bound = (*bound, *(node.text for node in inside if node.kind is Kind.INDEX_SUM))
    indices = (index for node in inside if _is_entry(node) for index in node.args[1:])
    loose = {index.text for index in indices if index.kind is Kind.NAME} - {*bound}
    if len(loose) != 1:
        return term
    return replace(term, args=(of_entries(term.args[0], [*loose]),))


def loose_indices(term: Term) -> set[str]:
    """The indices of entries that no sum binds, but for those inside of a diag."""
    if term.kind is Kind.APPLY and term.text in _DIAGONAL:
        return set()
    found: set[str] = set()
    for arg in term.args:
        found |= loose_indices(arg)
    if _is_entry(term):
        found |= {index.text for index in term.args[1:] if index.kind is Kind.NAME}
    return found - {term.text} if term.kind is Kind.INDEX_SUM else found


def _is_entry(term: Term) -> bool:
    """Has it indices that are no sizes, as those of the identity are?"""
    return term.kind in INDEXED and term.args[0].text != "I"


def _is_vector(term: Term, scope: Scope) -> bool:
    """Is it one of several vectors, by its declaration or as a row or a column?"""
    if term.kind in (Kind.ROW, Kind.COLUMN):
        return True
    if term.kind is not Kind.INDEX or len(term.args) != 2 or term.args[0].kind is not Kind.NAME:
        return False
    name = term.args[0].text, term.args[0].bold
    family, entry = scope.find_family(*name), scope.find_entry(*name, 1)
    if entry is not None and any(":" in side.text for side in entry.sides):
        return True
    return family is not None and family.shape not in (None, SCALAR)
