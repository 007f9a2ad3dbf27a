"""What is offered for an equality that does not hold."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.expr import Expr


class Repair(Struct, frozen=True):
    """A formula that holds in place of a wrong side.

    ``expr`` and ``latex`` are the whole ``side`` (``right`` or ``left``) as it should be,
    ``text`` says in one line what is to be changed, with formulas between dollars.
    """

    expr: Expr
    latex: str
    text: str
    side: str = "right"
