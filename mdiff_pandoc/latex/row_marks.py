r"""Rows of a matrix whose colon stands beside the subscript: ``B_k; X`` and ``B_k : X``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mdiff_pandoc.latex.surface import Kind, Term, walk

_LINES = (Kind.ROW, Kind.COLUMN)


def with_rows(term: Term, source: str, beside: Sequence[Term] = ()) -> tuple[Term, tuple[str, ...]]:
    r"""The tree with :math:`B_{k:} X` for ``B_k; X`` in a diag, and for ``B_k : X``.

    The latter only where B has two indices, or rows, elsewhere in the tree or ``beside`` it: else
    it may be the inner product of two matrices. With it come the readings that an author must
    know of.
    """
    kinds = (Kind.APPLY, Kind.INNER)
    if not any(node.kind in kinds and len(node.args) == 2 for node in walk(term)):
        return term, ()
    matrices = {
        node.args[0].text
        for tree in (term, *beside)
        for node in walk(tree)
        if node.kind in _LINES or (node.kind is Kind.INDEX and len(node.args) == 3)
    }
    notes: dict[str, None] = {}

    def rewrite(node: Term) -> Term:
        node = replace(node, args=tuple(map(rewrite, node.args)))
        if len(node.args) != 2 or not _is_line(node.args[0]):
            return node
        line, other = node.args
        between = source[line.span.end : other.span.start].strip("} \t\n")
        stacked = node.kind is Kind.APPLY and node.text in ("diag", "Diag") and between == ";"
        inner = node.kind is Kind.INNER and between == ":" and line.args[0].text in matrices
        if not (stacked or inner):
            return node
        row = replace(line, kind=Kind.ROW)
        product = Term(Kind.PRODUCT, line.span.join(other.span), (row, other))
        base, index = (part.latex or part.text for part in line.args)
        written = " ".join(source[line.span.start : other.span.start].split())
        notes[f"${written}$ is read as ${base}_{{{index}:}}$, a row"] = None
        return replace(node, args=(product,)) if stacked else product

    return rewrite(term), tuple(notes)


def _is_line(term: Term) -> bool:
    """Is it a name with one letter as its index?"""
    return (
        term.kind is Kind.INDEX
        and len(term.args) == 2
        and all(part.kind is Kind.NAME for part in term.args)
    )
