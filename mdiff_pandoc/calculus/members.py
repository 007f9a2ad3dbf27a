r"""Derivatives by a member :math:`w_k` of a family: of a sum over the family, one term varies.

:math:`\partial w_j / \partial w_k = \delta_{jk} I`, so that
:math:`d \sum_j g(w_j) = \sum_j \delta_{jk}\, d g(w_j) = d g(w_k)`.
"""

from __future__ import annotations

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Range, Symbol, diff, index_sum, symbol
from mdiff_pandoc.expr.indices import is_member, reindexed
from mdiff_pandoc.rules import Rule, Table

SEVERAL = "a sum is differentiated by a member where it runs over all of them, one in each term"

_j, _k = (symbol("w", "n", 1, indices=(index,)) for index in "jk")
MEMBER = Rule(
    "one member varies",
    Table.DIFFERENTIAL,
    diff(index_sum("j", "m", _j)),
    diff(_k),
    "MN ch. 5 §4",
)


def member_term(total: Expr, variable: Expr) -> Expr | None:
    """The differential of a sum over the family of the variable; None for any other sum.

    Raises UnsupportedError where several members stand in one term, where the first is left out,
    and for another member outside of a sum, which may be the variable or not.
    """
    span = total.data
    if total.op is Op.SYMBOL and total is not variable and is_member(total, variable):
        raise UnsupportedError(
            "another member of the family that is differentiated by stands outside of a sum",
            hint="declare it as a symbol of its own, if it is not the member differentiated by",
        )
    if total.op is not Op.INDEX_SUM or not isinstance(span, Range):
        return None
    [body] = total.args
    members = [s for s in body.symbols if is_member(s, variable)]
    if not any(span.index in member.free for member in members):
        return None
    assert isinstance(variable.data, Symbol)
    if len(members) > 1 or span.lower != 1:
        raise UnsupportedError(SEVERAL, hint="write the terms that the variable stands in apart")
    [index] = variable.data.indices
    return diff(reindexed(body, {span.index: index}))
