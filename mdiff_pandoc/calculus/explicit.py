"""Expressions at a small concrete size, written out entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Dim,
    Expr,
    Op,
    Range,
    add,
    block,
    blocks,
    commutation,
    dimension,
    divide,
    entry,
    function,
    identity,
    index_sum,
    make,
    mul,
    neg,
    number,
    ones,
    power,
    rebuild,
    unvec,
    zero,
)
from mdiff_pandoc.expr.indices import reindexed
from mdiff_pandoc.expr.words import in_words

Rows = list[list[Expr]]
Sizes = Mapping[str, Dim]
_ZERO, _ONE = number(0), number(1)
# terms of one entry
_LARGEST = 32


def resized(expr: Expr, sizes: Sizes) -> Expr:
    """``expr`` with sizes for the names of dimensions. Symbols keep their names."""
    shape = (expr.shape[0].substitute(sizes), expr.shape[1].substitute(sizes))
    data = expr.data
    match expr.op:
        case Op.IDENTITY:
            return identity(shape[0])
        case Op.ONES:
            return ones(*shape) if shape != (ONE, ONE) else _ONE
        case Op.ZERO:
            return zero(*shape)
        case Op.DIMENSION if isinstance(data, Dim):
            size = data.substitute(sizes)
            return dimension(size) if size.value is None else number(size.value)
        case Op.COMMUTATION if isinstance(data, tuple):
            return commutation(*(Dim.of(dim).substitute(sizes) for dim in data))
        case Op.INDEX_SUM if isinstance(data, Range):
            body = resized(expr.args[0], sizes)
            return index_sum(data.index, data.upper.substitute(sizes), body, data.lower)
        case Op.UNVEC:
            return unvec(resized(expr.args[0], sizes), shape)
        case _ if not expr.args:
            return make(expr.op, (), data, shape)
    return rebuild(expr, [resized(arg, sizes) for arg in expr.args])


def matrix(rows: Rows) -> Expr:
    """The explicit matrix with these entries; a single entry itself."""
    return block(rows)


def entries_of(symbol: Expr) -> Rows:
    """The entries of a whole of a concrete size, not written out further."""
    rows, columns = size_of(symbol)
    if rows == columns == 1:
        return [[symbol]]
    return [[entry(symbol, i + 1, j + 1) for j in range(columns)] for i in range(rows)]


def size_of(expr: Expr) -> tuple[int, int]:
    """The sizes of an expression. Raises UnsupportedError for symbolic ones."""
    rows, columns = (dim.value for dim in expr.shape)
    if rows is None or columns is None:
        raise UnsupportedError("the sizes are not known")
    return rows, columns


def written_out(expr: Expr) -> Rows:
    """The entries of an expression as polynomials and functions of the entries of its symbols.

    Raises UnsupportedError for an operation that cannot be written out, or where it is too long.
    """
    match expr.op:
        case Op.SYMBOL | Op.NAMED | Op.APPLY:
            return entries_of(expr)
        case Op.IDENTITY:
            size = size_of(expr)[0]
            return [[_ONE if i == j else _ZERO for j in range(size)] for i in range(size)]
        case Op.ONES | Op.ZERO:
            rows, columns = size_of(expr)
            return [[_ONE if expr.op is Op.ONES else _ZERO] * columns for _ in range(rows)]
        case Op.NUMBER | Op.CONSTANT | Op.DIMENSION:
            return [[expr]]
        case Op.INDEX_SUM if isinstance(expr.data, Range) and expr.data.upper.value is not None:
            span = range(expr.data.lower, expr.data.upper.value + 1)
            parts = [reindexed(expr.args[0], {expr.data.index: value}) for value in span]
            return _added([written_out(part) for part in parts])
        case Op.POWER:
            return _powered(expr)
        case Op.BLOCK:
            return _joined(expr)
        case Op.ENTRY | Op.ROW | Op.COLUMN:
            return _part(expr)
    rule = _RULES.get(expr.op)
    if rule is None:
        raise UnsupportedError(
            f"this operation is not written out entry by entry: {in_words(expr)}",
            hint="ask for the style differential or index",
        )
    return rule(expr, [written_out(arg) for arg in expr.args])


def total(terms: list[Expr]) -> Expr:
    """A sum without zeros. Raises UnsupportedError where it is too long."""
    kept = [part for term in terms if term is not _ZERO for part in _terms(term)]
    if len(kept) > _LARGEST:
        raise UnsupportedError(
            "written out entry by entry this formula is too long",
            hint="ask for the style index, which keeps the sums",
        )
    return add(*kept) if kept else _ZERO


def product(left: Expr, right: Expr) -> Expr:
    """A product, multiplied out."""
    if _ZERO in (left, right):
        return _ZERO
    if _ONE in (left, right):
        return right if left is _ONE else left
    if left.op is Op.SUM or right.op is Op.SUM:
        return total([product(a, b) for a in _terms(left) for b in _terms(right)])
    return mul(left, right)


def _terms(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if expr.op is Op.SUM else (expr,)


def _added(parts: list[Rows]) -> Rows:
    return [
        [total([part[i][j] for part in parts]) for j in range(len(parts[0][0]))]
        for i in range(len(parts[0]))
    ]


def _times(left: Rows, right: Rows) -> Rows:
    columns = list(zip(*right, strict=True))
    return [
        [total([product(a, b) for a, b in zip(row, column, strict=True)]) for column in columns]
        for row in left
    ]


def _chain(expr: Expr, parts: list[Rows]) -> Rows:
    result = parts[0]
    for part in parts[1:]:
        result = _times(result, part)
    return result


def _scaled(expr: Expr, parts: list[Rows]) -> Rows:
    ((coefficient,),) = parts[0]
    return [[product(coefficient, value) for value in row] for row in parts[1]]


def _multiplied(expr: Expr, parts: list[Rows]) -> Rows:
    result = parts[0]
    for part in parts[1:]:
        result = [
            [product(a, b) for a, b in zip(*rows, strict=True)]
            for rows in zip(result, part, strict=True)
        ]
    return result


def _mapped(expr: Expr, parts: list[Rows]) -> Rows:
    return [[function(expr.data, value) for value in row] for row in parts[0]]  # type: ignore[arg-type]


def _quotient(expr: Expr, parts: list[Rows]) -> Rows:
    return [
        [_ZERO if a is _ZERO else divide(a, b) for a, b in zip(*rows, strict=True)]
        for rows in zip(*parts, strict=True)
    ]


def _raised(expr: Expr, parts: list[Rows]) -> Rows:
    return [[power(value, expr.args[1]) for value in row] for row in parts[0]]


def _transposed(expr: Expr, parts: list[Rows]) -> Rows:
    return [list(row) for row in zip(*parts[0], strict=True)]


def _trace(expr: Expr, parts: list[Rows]) -> Rows:
    return [[total([row[i] for i, row in enumerate(parts[0])])]]


def _determinant(rows: Rows) -> Expr:
    if len(rows) == 1:
        return rows[0][0]
    if len(rows) > 2:
        raise UnsupportedError("determinants are written out up to the size 2×2")
    (a, b), (c, d) = rows
    return total([product(a, d), _negative(product(b, c))])


def _negative(expr: Expr) -> Expr:
    return total([neg(term) for term in _terms(expr)])


def _inverse(expr: Expr, parts: list[Rows]) -> Rows:
    rows = parts[0]
    below = _determinant(rows)
    if len(rows) == 1:
        return [[power(below, -1)]]
    (a, b), (c, d) = rows
    return [
        [divide(d, below), divide(_negative(b), below)],
        [divide(_negative(c), below), divide(a, below)],
    ]


def _powered(expr: Expr) -> Rows:
    exponent = expr.args[1].data
    whole = isinstance(exponent, Fraction) and exponent.denominator == 1
    if _is_euclidean(expr.args[0]) and whole and exponent == 2:
        return [[_squares(written_out(expr.args[0].args[0]))]]
    base = written_out(expr.args[0])
    if expr.is_scalar:
        return [[power(base[0][0], expr.args[1])]]
    if not whole or not isinstance(exponent, Fraction) or not 0 < exponent <= 4:
        raise UnsupportedError("this power of a matrix is not written out entry by entry")
    result = base
    for _ in range(exponent.numerator - 1):
        result = _times(result, base)
    return result


def _is_euclidean(expr: Expr) -> bool:
    """Is it the root of the sum of the squares of all entries?"""
    vector = expr.op is Op.NORM and ONE in expr.args[0].shape
    return expr.op is Op.NORM and (expr.data == "F" or (expr.data == "2" and vector))


def _squares(rows: Rows) -> Expr:
    return total([power(value, 2) for row in rows for value in row if value is not _ZERO])


def _norm(expr: Expr, parts: list[Rows]) -> Rows:
    values = [value for row in parts[0] for value in row]
    if _is_euclidean(expr):
        return [[function("sqrt", _squares(parts[0]))]]
    if not isinstance(expr.data, Fraction):
        raise UnsupportedError("this norm is not written out entry by entry")
    sizes = [power(function("abs", value), expr.data) for value in values]
    if expr.data == 1:
        return [[total([function("abs", value) for value in values])]]
    return [[power(total(sizes), 1 / expr.data)]]


def _diag(expr: Expr, parts: list[Rows]) -> Rows:
    values = [row[0] for row in parts[0]]
    return [[v if i == j else _ZERO for j in range(len(values))] for i, v in enumerate(values)]


def _kron(expr: Expr, parts: list[Rows]) -> Rows:
    left, right = parts
    return [[product(a, b) for a in up for b in down] for up in left for down in right]


def _vec(expr: Expr, parts: list[Rows]) -> Rows:
    return [[value] for column in zip(*parts[0], strict=True) for value in column]


def _softmax(expr: Expr, parts: list[Rows]) -> Rows:
    values = [function("exp", row[0]) for row in parts[0]]
    below = total(values)
    return [[divide(value, below)] for value in values]


def _logsumexp(expr: Expr, parts: list[Rows]) -> Rows:
    return [[function("log", total([function("exp", row[0]) for row in parts[0]]))]]


def _joined(expr: Expr) -> Rows:
    result: Rows = []
    for row in blocks(expr):
        parts = [written_out(part) for part in row]
        result += [
            [value for line in lines for value in line] for lines in zip(*parts, strict=True)
        ]
    return result


def _part(expr: Expr) -> Rows:
    rows = written_out(expr.args[0])
    data = expr.data if isinstance(expr.data, tuple) else (expr.data,)
    if not all(isinstance(index, int) for index in data):
        raise UnsupportedError("an entry with a letter as index is not written out")
    first = data[0] - 1
    if expr.op is Op.ROW:
        return [rows[first]]
    if expr.op is Op.COLUMN:
        return [[row[first]] for row in rows]
    return [[rows[first][data[1] - 1]]]


_RULES = {
    Op.SUM: lambda expr, parts: _added(parts),
    Op.MUL: _multiplied,
    Op.SCALE: _scaled,
    Op.MATMUL: _chain,
    Op.HADAMARD: _multiplied,
    Op.HDIV: _quotient,
    Op.HPOWER: _raised,
    Op.FUNC: _mapped,
    Op.TRANSPOSE: _transposed,
    Op.TRACE: _trace,
    Op.DET: lambda expr, parts: [[_determinant(parts[0])]],
    Op.INVERSE: _inverse,
    Op.NORM: _norm,
    Op.DIAG: _diag,
    Op.DIAGONAL: lambda expr, parts: [[row[i]] for i, row in enumerate(parts[0])],
    Op.KRON: _kron,
    Op.VEC: _vec,
    Op.SOFTMAX: _softmax,
    Op.LOGSUMEXP: _logsumexp,
}
