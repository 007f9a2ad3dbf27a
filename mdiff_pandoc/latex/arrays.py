"""Matrices written out: by entries, by blocks, block-diagonal."""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.errors import ShapeError, UnsupportedError
from mdiff_pandoc.expr import ONE, Dim, Expr, block, zero
from mdiff_pandoc.latex.dots import refuse_dots
from mdiff_pandoc.latex.draft import Draft, Settle
from mdiff_pandoc.latex.elaboration import Elaboration, Handler
from mdiff_pandoc.latex.surface import Kind, Term


def _matrix(this: Elaboration, term: Term) -> Draft:
    """An explicit or block matrix; a 0 among blocks is a block of zeros. Raises ShapeError."""
    rows = [row.args for row in term.args]
    for cell in (cell for row in rows for cell in row):
        if cell.kind is Kind.NAME and cell.text == "dots":
            raise UnsupportedError(
                "a matrix with dots in it is not read", cell.span, "write all blocks, or a name"
            )
        if cell.kind is Kind.EMPTY:
            raise UnsupportedError("an entry of this matrix is empty", term.span, "write a 0")
    if any(len(row) != len(rows[0]) for row in rows):
        raise ShapeError("the rows of this matrix have different numbers of entries", term.span)
    return _blocks(this, rows, term)


def _is_zero(cell: Term) -> bool:
    return cell.kind in (Kind.NUMBER, Kind.NAME) and cell.text == "0"


def _blocks(this: Elaboration, rows: Sequence[Sequence[Term]], term: Term) -> Draft:
    heights = [this.shapes.fresh(non_unit=False) for _ in rows]
    widths = [this.shapes.fresh(non_unit=False) for _ in rows[0]]
    cells: list[list[Draft | None]] = []
    for height, row in zip(heights, rows, strict=True):
        cells.append([])
        for width, cell in zip(widths, row, strict=True):
            if _is_zero(cell):
                cells[-1].append(None)
                continue
            draft = this.draft(cell)
            fits = this.shapes.equal(height, draft.shape[0])
            if not (fits and this.shapes.equal(width, draft.shape[1])):
                raise ShapeError(
                    f"the block {this.shapes.named(draft)} does not fit the others of its "
                    + ("column" if fits else "row"),
                    draft.span,
                    "the blocks of a row have one height, those of a column one width",
                )
            cells[-1].append(draft)
    known = [draft for row in cells for draft in row if draft is not None]
    if all(map(this.shapes.is_scalar, known)):
        for open_dim in (*heights, *widths):
            this.shapes.equal(open_dim, ONE)

    def build(settle: Settle) -> Expr:
        return block(
            [
                [
                    zero(settle(height), settle(width)) if cell is None else cell.build(settle)
                    for width, cell in zip(widths, row, strict=True)
                ]
                for height, row in zip(heights, cells, strict=True)
            ]
        )

    diagonal = tuple(zip(heights, widths, strict=False)) if len(heights) == len(widths) else ()
    total = (_total(this, heights), _total(this, widths))
    return Draft(total, term.span, build, diagonal=diagonal)


def _total(this: Elaboration, dims: Sequence[Dim]) -> Dim:
    first, *others = (this.shapes.resolve((dim, ONE))[0] for dim in dims)
    for dim in others:
        first = first + dim
    return first


def block_diagonal(this: Elaboration, term: Term) -> Draft:
    """``diag(A, B)`` with blocks or numbers on the diagonal. Raises ParseError for dots."""
    refuse_dots(term, this.shapes.source)
    nought = Term(Kind.NUMBER, term.span, (), "0")
    rows = [
        [part if place == row else nought for place in range(len(term.args))]
        for row, part in enumerate(term.args)
    ]
    return _blocks(this, rows, term)


HANDLERS: dict[Kind, Handler] = {Kind.MATRIX: _matrix}
