r"""Identities to be shown, such as ``(AB)^T = ? = B^T A^T``, read as two sides."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from mdiff_pandoc.errors import ShapeError, Span
from mdiff_pandoc.expr import Expr, show_shape
from mdiff_pandoc.latex.chains import Side
from mdiff_pandoc.latex.conventions import Conventions
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.latex.sides import read_sides


class Identity(Struct, frozen=True):
    """Two sides of one shape that are asked to be shown equal.

    ``left_latex`` and ``right_latex`` are the sides as written, ``assumed`` the shapes that no
    declaration gave, ``notes`` the readings an author must know of.
    """

    left: Expr
    right: Expr
    notation: Notation
    left_latex: str
    right_latex: str
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_identity(latex: str) -> RequestText | None:
    """The two sides that a formula asks about, or None."""
    if "?" not in latex:
        return None
    found = find_request(latex)
    return found if found is not None and found.sign is not None else None


def read_identity(
    found: RequestText,
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    functions: str = "elementwise",
) -> Identity:
    """Read both sides together, so that each gives shapes to the other.

    ``found`` is the request in ``latex``; the rest is as for `read_request`. Raises MdiffError
    with a span in ``latex``, or in the declaration that the error's ``source`` holds.
    """
    assert found.sign is not None
    start, stop = found.sign
    offset, end = found.offset, found.offset + len(found.body)
    written = (found.body[:start], found.body[stop:])
    places = (Span(offset, offset + start), Span(offset + stop, end))
    sides = [Side(text, place) for text, place in zip(written, places, strict=True)]
    read = read_sides(sides, latex, declare, context, Conventions(functions))
    left, right = read.exprs
    if left.shape != right.shape:
        shapes = (
            f"{text.strip()} ({show_shape(side.shape)})"
            for text, side in zip(written, read.exprs, strict=True)
        )
        told = " and ".join(shapes)
        raise ShapeError(
            f"the two sides cannot be equal, {told}: the shapes differ", Span(offset, end)
        )
    left_latex, right_latex = (text.strip() for text in written)
    return Identity(left, right, read.notation, left_latex, right_latex, read.assumed, read.notes)
