"""Entries, rows, members of families and sums over indices: what they mean, and their shapes."""

from __future__ import annotations

from math import prod

from mdiff_pandoc.errors import NoEntryError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Dim,
    Index,
    basis,
    column,
    delta,
    entry,
    identity,
    index_sum,
    row,
)
from mdiff_pandoc.latex.dots import UNIT
from mdiff_pandoc.latex.draft import Draft
from mdiff_pandoc.latex.elaboration import Elaboration, Handler, Letter
from mdiff_pandoc.latex.kinds import MEMBERS
from mdiff_pandoc.latex.surface import Kind, Term


def dim_of(this: Elaboration, term: Term) -> Dim:
    """A term as a dimension: the size of I_n, the bound of a sum. Raises UnsupportedError."""
    match term.kind:
        case Kind.NUMBER if term.text.isdigit() and len(term.text) < 10:
            return Dim.of(int(term.text))
        case Kind.NAME | Kind.INDEX if term.text and term.text != "infty":
            return Dim.of(term.text)
        case Kind.SUM:
            total = dim_of(this, term.args[0])
            for arg in term.args[1:]:
                total = total + dim_of(this, arg)
            return total
        case Kind.NEG:
            return -dim_of(this, term.args[0])
        case Kind.PRODUCT:
            product = dim_of(this, term.args[0])
            for arg in term.args[1:]:
                product = product * dim_of(this, arg)
            return product
        case Kind.POWER if term.args[1].text in ("2", "3"):
            return prod((dim_of(this, term.args[0]),) * int(term.args[1].text), start=ONE)
    raise UnsupportedError("this is no dimension", term.span, "write a number or a name such as n")


def _index(this: Elaboration, term: Term) -> Draft:
    base, *indices = term.args
    found = [_index_of(this, index) for index in indices]
    sized = len(indices) == 1 and _is_identity(this, base)
    if base.kind is Kind.NAME and (None in found or sized):
        return _subscripted(this, term, base, indices)
    bound = [index for index in found if index is not None]
    if len(bound) < len(found):
        raise _free_index(this, term)
    if base.kind is Kind.EMPTY and base.text == UNIT:
        place = bound[0]
        size, _ = this.ranges[str(place)]
        return Draft((size, ONE), term.span, lambda settle: basis(place, settle(size)))
    if (
        base.text == "delta"
        and len(bound) == 2
        and this.key("delta", base.bold) not in this.letters
    ):
        return _delta(this, term, bound)
    if base.kind is Kind.NAME:
        base = _entries_of(this, base, len(bound))
        letter = this.letters.get(this.key(base.text, base.bold) + MEMBERS)
        if letter is not None and len(bound) == 1:
            member = this.letter(letter, term.span, tuple(bound))
            if letter.unit:
                _run_over(this, bound[0], member.shape[0], term)
            else:
                _count(this, letter, bound[0])
            return member
    whole = this.draft(base)
    line = this.shapes.is_column(whole) or this.shapes.is_row(whole)
    if not line and len(bound) == 1 and isinstance(bound[0], int) and len(indices[0].text) == 2:
        bound = [int(digit) for digit in indices[0].text]
    if this.lenient and this.shapes.is_scalar(whole):
        raise ShapeError(f"the scalar {this.text(whole)} has no entries", term.span)
    if len(bound) == 1 and not line:
        raise UnsupportedError(
            f"{this.text(whole)} is a matrix of shape {this.shapes.show(whole.shape)}; one index "
            "leaves open whether a row or a column is meant",
            term.span,
            f"write {this.text(whole)}_{{i:}} for a row, {this.text(whole)}_{{:j}} for a column",
        )
    if len(bound) == 1 and this.shapes.is_row(whole):
        bound.insert(0, 1)
    elif len(bound) == 1:
        bound.append(1)
    if len(bound) != 2:
        raise UnsupportedError("an entry has one or two indices", term.span)
    for index, dim in zip(bound, whole.shape, strict=True):
        _run_over(this, index, dim, term)
    rows, columns = bound
    return Draft(SCALAR, term.span, lambda settle: entry(whole.build(settle), rows, columns))


def _delta(this: Elaboration, term: Term, indices: list[Index]) -> Draft:
    """Kronecker's δ; its indices run over the same dimension. Raises ShapeError."""
    ranges = [this.ranges[index][0] for index in indices if isinstance(index, str)]
    if len(ranges) == 2 and not this.shapes.equal(*ranges):
        raise ShapeError("the indices of this δ run over different dimensions", term.span)
    left, right = indices
    return Draft(SCALAR, term.span, lambda _: delta(left, right))


def _index_of(this: Elaboration, term: Term) -> Index | None:
    """A bound index or a number; None for a letter that no sum runs over."""
    if term.kind is Kind.NUMBER and term.text.isdigit() and int(term.text[:9]) > 0:
        return int(term.text[:9])
    if term.kind is Kind.NAME and term.text in this.ranges:
        return term.text
    return None


def _entries_of(this: Elaboration, base: Term, count: int) -> Term:
    """``a_{ij}`` are the entries of A where the formula speaks of A."""
    capital = base.text[:1].upper() + base.text[1:]
    key = this.key(base.text, base.bold)
    if count == 2 and capital != base.text:
        large = this.letters.get(capital)
        small = this.letters.get(key)
        if large is not None and (small is None or not small.declared):
            return Term(Kind.NAME, base.span, (), capital, large.latex, base.bold)
    return base


def _subscripted(this: Elaboration, term: Term, base: Term, indices: list[Term]) -> Draft:
    """A subscript that no sum binds: part of the name, or the size of an identity."""
    named = Term(Kind.NAME, term.span, (), term.text, term.latex, base.bold)
    if this.key(term.text, base.bold) in this.letters:
        return this.draft(named)
    if _is_identity(this, base):
        size = prod((dim_of(this, index) for index in indices), start=ONE)
        return Draft((size, size), term.span, lambda settle: identity(settle(size)))
    raise _free_index(this, term)


def _is_identity(this: Elaboration, base: Term) -> bool:
    return base.text == "I" and this.key("I", base.bold) not in this.letters


def _free_index(this: Elaboration, term: Term) -> UnsupportedError:
    return UnsupportedError(
        f"the entry {this.shapes.source[term.span.start : term.span.end].strip()} has an index "
        "that no sum runs over",
        term.span,
        "ask for the derivative of a scalar by the whole vector or matrix",
    )


def _run_over(this: Elaboration, index: Index, dim: Dim, term: Term) -> None:
    """An index that starts at 1 runs over the whole dimension. Raises ShapeError, NoEntryError."""
    if not isinstance(index, str):
        return
    upper, lower = this.ranges[index]
    if lower == 1 and not this.shapes.equal(upper, dim):
        kind = NoEntryError if len(term.args) == 3 else ShapeError
        raise kind(
            f"the index {index} runs to {this.shapes.show_dim(upper)}, but the shape of "
            f"{this.shapes.source[term.args[0].span.start : term.args[0].span.end]} has "
            f"{this.shapes.show_dim(dim)} there",
            term.span,
        )


def _count(this: Elaboration, letter: Letter, index: Index) -> None:
    """Sums over the members of one family run to one bound, unless two are written."""
    if not isinstance(index, str):
        return
    upper, lower = this.ranges[index]
    if lower != 1:
        return
    if letter.members is None:
        letter.members = upper
    else:
        this.shapes.equal(letter.members, upper)


def _row(this: Elaboration, term: Term) -> Draft:
    whole = this.draft(term.args[0])
    index = _index_of(this, term.args[1])
    if index is None:
        raise _free_index(this, term)
    _run_over(this, index, whole.shape[0], term)
    return Draft((ONE, whole.shape[1]), term.span, lambda settle: row(whole.build(settle), index))


def _column(this: Elaboration, term: Term) -> Draft:
    whole = this.draft(term.args[0])
    index = _index_of(this, term.args[1])
    if index is None:
        raise _free_index(this, term)
    _run_over(this, index, whole.shape[1], term)
    return Draft(
        (whole.shape[0], ONE), term.span, lambda settle: column(whole.build(settle), index)
    )


def _index_sum(this: Elaboration, term: Term) -> Draft:
    body, low, high = (*term.args, Term(Kind.EMPTY, term.span), Term(Kind.EMPTY, term.span))[:3]
    index = term.text
    if index in this.ranges:
        raise UnsupportedError(f"two sums over {index} inside each other", term.span)
    lower = 1
    if low.kind is Kind.NUMBER and low.text.isdigit() and len(low.text) < 10:
        lower = int(low.text)
    elif low.kind is not Kind.EMPTY:
        raise UnsupportedError("a sum begins at a number", low.span, "write \\sum_{i=1}^{n}")
    upper = this.shapes.fresh() if high.kind is Kind.EMPTY else dim_of(this, high)
    this.ranges[index] = (upper, lower)
    try:
        part = this.draft(body)
    finally:
        del this.ranges[index]
    return Draft(
        part.shape,
        term.span,
        lambda settle: index_sum(index, settle(upper), part.build(settle), lower),
    )


HANDLERS: dict[Kind, Handler] = {
    Kind.INDEX: _index,
    Kind.ROW: _row,
    Kind.COLUMN: _column,
    Kind.INDEX_SUM: _index_sum,
}
