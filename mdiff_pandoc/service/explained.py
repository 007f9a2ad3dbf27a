"""What a student is told of a wrong equality: values for which it fails, and what would hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mdiff_pandoc.service.claim import Claim
from mdiff_pandoc.service.readings import Outcome, Surroundings

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.chains import Side
    from mdiff_pandoc.latex.notation import Notation
    from mdiff_pandoc.service.repairs import Repair
    from mdiff_pandoc.verify.counterexample import Counterexample

# signs of a formula that is told besides the assumption under which the author's holds; a change
# has half as many
_BRIEF = 24


def explained(
    claim: Claim,
    outcome: Outcome,
    around: Surroundings,
    left_side: Side,
    right_side: Side,
    *,
    left_holds: bool = False,
) -> Claim:
    """The refuted claim with a counterexample and the nearest formula that holds.

    ``left_holds`` tells that the left side is right as far as the chain says what it should be.
    Where no reading of the sides was found because shapes do not meet, a formula where they do.
    """
    from mdiff_pandoc.latex.printer import print_latex
    from mdiff_pandoc.service.repairs import nearest
    from mdiff_pandoc.service.repairs.respelling import respelled

    if outcome.pair is None or outcome.judge is None or outcome.sides is None:
        other = respelled(around, left_side, right_side)
        if other is None:
            return claim
        return replace(claim, suggestion=other.text, repaired=other.latex)
    left, right = outcome.pair
    notation = outcome.sides.notation
    known = dict(zip(outcome.sides.exprs, outcome.sides.named, strict=False))
    named = known.get(left, left), known.get(right, right)
    parts = _names_in(*named)
    found = outcome.judge.counterexample(left, right, tuple(parts))
    repair = nearest(
        left,
        right,
        outcome.judge,
        notation,
        named=named,
        left_holds=left_holds,
        source=right_side.text,
    )
    if repair is not None and r"\operatorname{diag}" in repair.latex and r"\prod" in around.latex:
        repair = None  # what stands for a \prod, which no author would write so
    suggestion = "" if repair is None else repair.text
    symmetric = _if_symmetric(left, right)
    if symmetric and (len(symmetric) == 1 or repair is None):
        names = " and ".join(f"${print_latex(symbol, notation)}$" for symbol in symmetric)
        suggestion = f"holds if {names} {'is' if len(symmetric) == 1 else 'are'} symmetric"
        general = "" if repair is None else _in_general(repair)
        if general:
            suggestion += f"; in general {general}"
        else:
            repair = None
    return replace(
        claim,
        reason=claim.reason if found is None else found.sentence(_called(left)),
        counterexample=None if found is None else _as_json(found, notation, parts),
        suggestion=suggestion,
        repaired=repair.latex if repair is not None and repair.side == "right" else "",
    )


def _called(left: Expr) -> str:
    """What the two sides are called."""
    from mdiff_pandoc.expr import Op

    return "the derivative and the formula" if left.op is Op.DERIVATIVE else "the two sides"


def _in_general(repair: Repair) -> str:
    """What is told of a repair besides an assumption under which the formula holds, if it is
    short."""
    from mdiff_pandoc.service.repairs.length import visible

    if repair.side == "left":
        return ""
    if visible(repair.latex) <= _BRIEF:
        return f"the right side is ${repair.latex}$"
    shown = sum(map(visible, repair.text.split("$")[1::2]))
    return f"it {repair.text}" if shown <= _BRIEF / 2 and repair.text.startswith("holds") else ""


def _names_in(*sides: Expr) -> dict[Expr, Expr]:
    """The names that stand in the sides and are none of them, by their values."""
    from mdiff_pandoc.expr import Op
    from mdiff_pandoc.expr.naming import surface
    from mdiff_pandoc.latex.naming import unnamed

    inside = dict.fromkeys(node for side in sides for node in surface(side))
    names = (node for node in inside if node.op is Op.NAMED and not node.free)
    return {unnamed(node): node for node in names if node not in sides}


def _if_symmetric(left: Expr, right: Expr) -> list[Expr]:
    """The fewest square matrices of which symmetry makes the equality true; none if it does not.

    What a derivative is taken by stays free.
    """
    from mdiff_pandoc.expr import Op, substitute, walk
    from mdiff_pandoc.verify import Judge

    if left.shape != right.shape:
        return []
    parts = {node: None for side in (left, right) for node in walk(side)}
    moving = (Op.DERIVATIVE, Op.DIFF)
    moved = {x for node in parts if node.op in moving for x in node.args[-1].symbols}
    square = [
        node
        for node in parts
        if node.op is Op.SYMBOL
        and node.shape[0] == node.shape[1]
        and not (node.is_scalar or node.assumed("symmetric") or node in moved)
    ]

    def holds(chosen: list[Expr]) -> bool:
        values = {symbol: _symmetric(symbol) for symbol in chosen}
        sides = substitute(left, values), substitute(right, values)
        return Judge(sides[0], brief=True).equal(*sides).status == "verified"

    if not square or not holds(square):
        return []
    for symbol in list(square):
        others = [other for other in square if other is not symbol]
        if others and holds(others):
            square = others
    return square


def _symmetric(node: Expr) -> Expr:
    from mdiff_pandoc.expr import Symbol, symbol

    assert isinstance(node.data, Symbol)
    told = node.data
    return symbol(told.name, *node.shape, told.assumptions | {"symmetric"}, told.indices)


def _as_json(
    found: Counterexample, notation: Notation, names: Mapping[Expr, Expr]
) -> dict[str, object]:
    """A counterexample with the author's names for the symbols and for what has one."""
    from mdiff_pandoc.latex.printer import print_latex

    named = {names[value]: rows for value, rows in found.parts.items()}
    return {
        "sizes": dict(sorted(found.sizes.items())),
        "values": {
            print_latex(node, notation): [list(row) for row in rows]
            for node, rows in (*found.values.items(), *named.items())
        },
        "indices": dict(sorted(found.indices.items())),
        "functions": dict(found.functions),
        "left": [list(row) for row in found.left],
        "right": [list(row) for row in found.right],
        "entry": None if found.entry is None else list(found.entry),
    }
