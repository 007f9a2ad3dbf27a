"""The last touches: rules for the whole of a result, when nothing else shortens it any more."""

from __future__ import annotations

from mdiff_pandoc.expr import Expr, Op, add, matmul, meta, rebuild, scale, transpose
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.rule import Rule, Table, Varies
from mdiff_pandoc.rules.transposes import transposed

_A = meta("A", "m", "n")
_B = meta("B", "n", "p")
_C = meta("C", "p", "q")
_D = meta("D", "q", "r")


def _one_transpose(expr: Expr, _: Varies) -> Expr | None:
    """``A^T B^T C^T D^T = (D C B A)^T`` where that is shorter, in each term of a sum.

    A transpose that stands outside goes inside, entry by entry, where that is the shorter way.
    """
    terms = expr.args if expr.op is Op.SUM else (expr,)
    new = add(*map(_outside, terms))
    return None if new is expr else new


def _outside(term: Expr) -> Expr:
    if term.op is Op.SCALE:
        return scale(term.args[0], _outside(term.args[1]))
    if term.op is Op.TRANSPOSE and term.args[0].op in (Op.SUM, Op.HADAMARD, Op.HDIV):
        new = rebuild(term.args[0], [transposed(arg) for arg in term.args[0].args])
    elif term.op is Op.MATMUL and not term.is_scalar:
        new = transpose(transposed(term))
    else:
        return term
    return new if length(new) < length(term) else term


FINISHING: tuple[Rule, ...] = (
    Rule(
        "transpose of a whole product",
        Table.FINISHING,
        matmul(transpose(_D), transpose(_C), transpose(_B), transpose(_A)),
        transpose(matmul(_A, _B, _C, _D)),
        "MN ch. 1 §4",
        rewrite=_one_transpose,
    ),
)
