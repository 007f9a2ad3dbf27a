"""Expressions as sums over their entries, by the definitions of the operations alone."""

from __future__ import annotations

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import ONE, Dim, Expr, Index, Op


def entry_form(expr: Expr) -> Expr:
    """A scalar over entries of its symbols, as far as five letters for indices go."""
    return _scalar(expr, list("klrsq"))


def _scalar(expr: Expr, letters: list[str]) -> Expr:
    match expr.op:
        case Op.SUM:
            return ex.add(*(_scalar(arg, letters) for arg in expr.args))
        case Op.MUL:
            return ex.mul(*(_scalar(arg, letters) for arg in expr.args))
        case Op.POWER if expr.args[0].op is Op.NORM and expr.args[0].data in ("F", "2"):
            return _squares(expr, letters)
        case Op.POWER:
            return ex.power(_scalar(expr.args[0], letters), expr.args[1])
        case Op.FUNC:
            return ex.function(str(expr.data), _scalar(expr.args[0], letters))
        case Op.TRACE:
            body = expr.args[0]
            return _summed(body.shape[0], letters, lambda k: _entry(body, k, k, letters), expr)
        case Op.MATMUL:
            return _entry(expr, 1, 1, letters)
        case Op.ENTRY:
            row, column = expr.data  # type: ignore[misc]
            return _entry(expr.args[0], row, column, letters)
    return expr


def _squares(expr: Expr, letters: list[str]) -> Expr:
    body = expr.args[0].args[0]
    if expr.args[1] is not ex.number(2):
        return expr

    def row(k: Index) -> Expr:
        if body.shape[1] == ONE:
            return ex.power(_entry(body, k, 1, letters), 2)
        return _summed(
            body.shape[1], letters, lambda r: ex.power(_entry(body, k, r, letters), 2), None
        )

    try:
        return _summed(body.shape[0], letters, row, None)
    except IndexError:
        return expr


def _summed(size: Dim, letters: list[str], body, whole: Expr | None) -> Expr:  # type: ignore[no-untyped-def]
    if not letters:
        if whole is None:
            raise IndexError("no letter is left")
        return whole
    letter = letters.pop(0)
    return ex.index_sum(letter, size, body(letter))


def _entry(expr: Expr, row: Index, column: Index, letters: list[str]) -> Expr:
    whole = expr if expr.is_scalar else ex.entry(expr, row, column)
    match expr.op:
        case Op.SUM:
            return ex.add(*(_entry(arg, row, column, letters) for arg in expr.args))
        case Op.SCALE:
            first, rest = expr.args
            return ex.mul(_scalar(first, letters), _entry(rest, row, column, letters))
        case Op.HADAMARD:
            return ex.mul(*(_entry(arg, row, column, letters) for arg in expr.args))
        case Op.HPOWER:
            return ex.power(_entry(expr.args[0], row, column, letters), expr.args[1])
        case Op.FUNC:
            return ex.function(str(expr.data), _entry(expr.args[0], row, column, letters))
        case Op.TRANSPOSE:
            return _entry(expr.args[0], column, row, letters)
        case Op.DIAGONAL:
            return _entry(expr.args[0], row, row, letters)
        case Op.DIAG if row == column:
            return _entry(expr.args[0], row, 1, letters)
        case Op.DIAG:
            return ex.mul(ex.delta(row, column), _entry(expr.args[0], row, 1, letters))
        case Op.IDENTITY:
            return ex.number(1) if row == column else ex.delta(row, column)
        case Op.ONES:
            return ex.number(1)
        case Op.MATMUL:
            first, rest = expr.args[0], ex.matmul(*expr.args[1:])
            if first.shape[1] == ONE:
                return ex.mul(_entry(first, row, 1, letters), _entry(rest, 1, column, letters))
            return _summed(
                first.shape[1],
                letters,
                lambda k: ex.mul(_entry(first, row, k, letters), _entry(rest, k, column, letters)),
                whole,
            )
    return whole
