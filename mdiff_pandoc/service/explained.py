"""What a student is told of a wrong equality: values for which it fails, and what would hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mdiff_pandoc.service.claim import Claim
from mdiff_pandoc.service.readings import Outcome

if TYPE_CHECKING:
    from mdiff_pandoc.latex.notation import Notation
    from mdiff_pandoc.verify.counterexample import Counterexample


def explained(claim: Claim, outcome: Outcome) -> Claim:
    """The refuted claim with a counterexample and the nearest formula that holds."""
    from mdiff_pandoc.service.repairs import nearest

    if outcome.pair is None or outcome.judge is None or outcome.sides is None:
        return claim
    left, right = outcome.pair
    notation = outcome.sides.notation
    found = outcome.judge.counterexample(left, right)
    repair = nearest(left, right, outcome.judge, notation)
    return replace(
        claim,
        counterexample=None if found is None else _as_json(found, notation),
        suggestion="" if repair is None else repair.text,
        repaired=repair.latex if repair is not None and repair.side == "right" else "",
    )


def _as_json(found: Counterexample, notation: Notation) -> dict[str, object]:
    """A counterexample with the author's names for the symbols."""
    from mdiff_pandoc.latex.printer import print_latex

    return {
        "sizes": dict(sorted(found.sizes.items())),
        "values": {
            print_latex(symbol, notation): [list(row) for row in rows]
            for symbol, rows in found.values.items()
        },
        "indices": dict(sorted(found.indices.items())),
        "functions": dict(found.functions),
        "left": [list(row) for row in found.left],
        "right": [list(row) for row in found.right],
        "entry": None if found.entry is None else list(found.entry),
    }
