r"""Rows of a matrix whose colon stands beside the subscript: ``B_k; X`` and ``B_k : X``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

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
        line = _last(node.args[0]) if len(node.args) == 2 else None
        if line is None:
            return node
        other = node.args[1]
        between = source[line.span.end : other.span.start].strip("} \t\n")
        stacked = node.kind is Kind.APPLY and node.text in ("diag", "Diag") and between == ";"
        inner = node.kind is Kind.INNER and between == ":" and line.args[0].text in matrices
        if not (stacked or inner):
            return node
        base, index = (part.latex or part.text for part in line.args)
        written = " ".join(source[line.span.start : other.span.start].split())
        notes[f"${written}$ is read as ${base}_{{{index}:}}$, a row"] = None
        product = _with_row(node.args[0], other)
        return replace(node, args=(product,)) if stacked else product

    return rewrite(term), tuple(notes)


def _last(term: Term) -> Term | None:
    """The name with one letter as its index that a product, or a sum over an index, ends in."""
    while term.kind in _ENDING:
        term = term.args[_ENDING[term.kind]]
    line = term.kind is Kind.INDEX and len(term.args) == 2
    return term if line and all(part.kind is Kind.NAME for part in term.args) else None


def _with_row(term: Term, other: Term) -> Term:
    """The term with its last factor, as a row, times the ``other``."""
    place = _ENDING.get(term.kind)
    if place is None:
        span = term.span.join(other.span)
        return Term(Kind.PRODUCT, span, (replace(term, kind=Kind.ROW), other))
    args = list(term.args)
    args[place] = _with_row(args[place], other)
    return replace(term, args=tuple(args))


# where the last factor of such a term stands
_ENDING = {Kind.PRODUCT: -1, Kind.NEG: 0, Kind.INDEX_SUM: 0}
