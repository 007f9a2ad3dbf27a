"""Algebra of pseudo-inverses, unit vectors and softmax.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    block,
    blocks,
    eigenvector,
    identity,
    matmul,
    meta,
    neg,
    number,
    ones,
    pseudo_inverse,
    scale,
    softmax,
    transpose,
    zero,
)
from mdiff_pandoc.rules.parts import heights, widths
from mdiff_pandoc.rules.rule import Rewrite, Rule, Table, Varies
from mdiff_pandoc.rules.transposes import (
    is_projector,
    is_pseudo_inverse_pair,
    transposed,
)

_UNIT = frozenset({Op.EIGENVECTOR, Op.SINGULAR_VECTOR})


def _projector(expr: Expr, _: Varies) -> Expr | None:
    """``(X^+)^T X^T = X X^+``, as a projector is symmetric."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for position, (left, right) in enumerate(pairwise(factors)):
        if left.op is right.op is Op.TRANSPOSE and is_pseudo_inverse_pair(
            left.args[0], right.args[0]
        ):
            middle = (right.args[0], left.args[0])
            return matmul(*factors[:position], *middle, *factors[position + 2 :])
    return None


def _absorbed(expr: Expr, _: Varies) -> Expr | None:
    """``X X^+ X = X``, ``X^T X X^+ = X^T``, and so on: a projector leaves its range alone."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for i, (left, right) in enumerate(pairwise(factors)):
        if not is_pseudo_inverse_pair(left, right):
            continue
        if i + 2 < len(factors) and factors[i + 2] in (left, transposed(right)):
            return matmul(*factors[:i], *factors[i + 2 :])
        if i > 0 and factors[i - 1] in (right, transposed(left)):
            return matmul(*factors[:i], *factors[i + 2 :])
    return None


def _annihilated(expr: Expr, _: Varies) -> Expr | None:
    """``(I - X X^+) X = 0``."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for left, right in pairwise(factors):
        for outside, other, after in ((left, right, True), (right, left, False)):
            projector = _complement(outside)
            if projector is None:
                continue
            first, last = projector
            kept = (first, transposed(last)) if after else (last, transposed(first))
            if other in kept:
                return zero(*expr.shape)
    return None


def _complement(expr: Expr) -> tuple[Expr, Expr] | None:
    """X and its pseudo-inverse in ``I - X X^+``."""
    if expr.op is not Op.SUM or len(expr.args) != 2 or expr.args[0].op is not Op.IDENTITY:
        return None
    term = expr.args[1]
    if term.op is not Op.SCALE or term.args[0] is not number(-1):
        return None
    product = term.args[1]
    if not is_projector(product):
        return None
    return product.args[0], product.args[1]


def _unit(expr: Expr, _: Varies) -> Expr | None:
    """``v^T v = 1`` for an eigenvector or a singular vector."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for position, (left, right) in enumerate(pairwise(factors)):
        if right.op in _UNIT and left.op is Op.TRANSPOSE and left.args[0] is right:
            rest = (*factors[:position], *factors[position + 2 :])
            return matmul(*rest) if rest else number(1)
    return None


def _total(expr: Expr, _: Varies) -> Expr | None:
    """``1^T softmax(x) = 1``."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for position, (left, right) in enumerate(pairwise(factors)):
        one, s = (left, right) if right.op is Op.SOFTMAX else (right, left)
        body = one.args[0] if one.op is Op.TRANSPOSE else one
        s = s.args[0] if s.op is Op.TRANSPOSE else s
        if s.op is Op.SOFTMAX and body.op is Op.ONES and s.is_vector and _meets(left, right):
            rest = (*factors[:position], *factors[position + 2 :])
            return matmul(*rest) if rest else number(1)
    return None


def _meets(left: Expr, right: Expr) -> bool:
    """Is the product of a row and a column?"""
    return matmul(left, right).is_scalar


def _block_sum(expr: Expr, _: Varies) -> Expr | None:
    """Multiples of block matrices that are cut in the same way, added block by block."""
    if expr.op is not Op.SUM or expr.has_diff:
        return None
    bodies = [term.args[1] if term.op is Op.SCALE else term for term in expr.args]
    first = next((body for body in bodies if body.op is Op.BLOCK), None)
    if first is None:
        return None
    same = [k for k, body in enumerate(bodies) if _is_cut_like(body, first)]
    if len(same) < 2:
        return None
    rows = zip(*(_multiplied(expr.args[k]) for k in same), strict=True)
    total = block([[_sum(parts) for parts in zip(*row, strict=True)] for row in rows])
    rest = [term for k, term in enumerate(expr.args) if k not in same]
    return add(total, *rest)


def _is_cut_like(body: Expr, other: Expr) -> bool:
    return (
        body.op is Op.BLOCK
        and body.data == other.data
        and all(x.shape == y.shape for x, y in zip(body.args, other.args, strict=True))
    )


def _multiplied(term: Expr) -> list[list[Expr]]:
    """The blocks of a multiple of a block matrix."""
    if term.op is not Op.SCALE:
        return [list(row) for row in blocks(term)]
    coefficient, body = term.args
    return [
        [part if _is_zero(part) else scale(coefficient, part) for part in row]
        for row in blocks(body)
    ]


def _sum(parts: Sequence[Expr]) -> Expr:
    terms = [part for part in parts if not _is_zero(part)]
    return add(*terms) if terms else parts[0]


def _selection(expr: Expr, _: Varies) -> Expr | None:
    """A part of a block matrix: ``[A B] [I; 0] = A``, and rows likewise."""
    factors = expr.args if expr.op is Op.MATMUL else ()
    for place, (left, right) in enumerate(pairwise(factors)):
        if left.op is not Op.BLOCK or right.op is not Op.BLOCK or expr.has_diff:
            continue
        if widths(left) != heights(right) or not (_selects(left) or _selects(right)):
            continue
        columns = list(zip(*blocks(right), strict=True))
        cells = [[_picked(row, column) for column in columns] for row in blocks(left)]
        if all(cell is not None for row in cells for cell in row):
            chosen = block([[cell for cell in row if cell is not None] for row in cells])
            return matmul(*factors[:place], chosen, *factors[place + 2 :])
    return None


def _selects(expr: Expr) -> bool:
    """Is it made of zeros and identity matrices?"""
    return all(part.op is Op.IDENTITY or part is number(1) or _is_zero(part) for part in expr.args)


def _picked(row: Sequence[Expr], column: Sequence[Expr]) -> Expr | None:
    """The one product of a row and a column of blocks that is not zero; None if there are more."""
    pairs = [(a, b) for a, b in zip(row, column, strict=True) if not (_is_zero(a) or _is_zero(b))]
    if not pairs:
        return zero(row[0].shape[0], column[0].shape[1])
    if len(pairs) > 1:
        return None
    ((a, b),) = pairs
    if a.op is Op.IDENTITY or a is number(1):
        return b
    return a if b.op is Op.IDENTITY or b is number(1) else matmul(a, b)


def _is_zero(expr: Expr) -> bool:
    return expr.op is Op.ZERO or expr is number(0)


def _rule(name: str, left: Expr, right: Expr, rewrite: Rewrite, source: str) -> Rule:
    roots = frozenset({left.op})
    return Rule(name, Table.ALGEBRA, left, right, source, rewrite=rewrite, roots=roots)


_X = meta("X", "m", "n")
_Z = meta("Z", "m", "n")
_Y, _W = meta("Y", "m", "p"), meta("W", "m", "p")
_S = meta("S", "n", "n", requires=("symmetric",))
_x = meta("x", "n")
_back = pseudo_inverse(_X)
_v = eigenvector(_S)
_outside = add(identity("m"), neg(matmul(_X, _back)))

SPECIAL_ALGEBRA: tuple[Rule, ...] = (
    _rule(
        "symmetric projector",
        matmul(transpose(_back), transpose(_X)),
        matmul(_X, _back),
        _projector,
        "MN ch. 2 §5",
    ),
    _rule("Moore-Penrose equations", matmul(_X, _back, _X), _X, _absorbed, "MN ch. 2 §5"),
    _rule(
        "orthogonal complement",
        matmul(_outside, _X),
        zero("m", "n"),
        _annihilated,
        "MN ch. 2 §5",
    ),
    _rule("length of an eigenvector", matmul(transpose(_v), _v), number(1), _unit, "MN ch. 1 §13"),
    _rule(
        "sum of softmax",
        matmul(transpose(ones("n")), softmax(_x)),
        number(1),
        _total,
        "definition of softmax",
    ),
    _rule(
        "part of a block matrix",
        matmul(block([[_X, _Y]]), block([[identity("n")], [zero("p", "n")]])),
        _X,
        _selection,
        "MN ch. 1 §11",
    ),
    _rule(
        "sum of block matrices",
        add(block([[_X, _Y]]), block([[_Z, _W]])),
        block([[add(_X, _Z), add(_Y, _W)]]),
        _block_sum,
        "MN ch. 1 §11",
    ),
)
