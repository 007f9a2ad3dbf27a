"""Less detail: neighbouring moves of one kind merged, as a textbook would."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line
from mdiff_pandoc.expr import Expr, Op, walk


def brief(derivation: Derivation) -> Derivation:
    """One line for each differential that is expanded, one for the gradient.

    A line that only moves differentials about joins the line before it.
    """
    lines: list[Line] = []
    for line in derivation.lines:
        last = lines[-1] if lines else None
        if last is not None and last.lhs is line.lhs and _same_stage(last, line):
            lines[-1] = replace(
                line,
                labels=tuple(dict.fromkeys((*last.labels, *line.labels))),
                steps=(*last.steps, *line.steps),
                constants=tuple(dict.fromkeys((*last.constants, *line.constants))),
            )
        else:
            lines.append(line)
    return replace(derivation, lines=tuple(lines))


def _same_stage(last: Line, line: Line) -> bool:
    return line.lhs.op is Op.DERIVATIVE or _differentials(last.expr) == _differentials(line.expr)


def _differentials(expr: Expr) -> frozenset[Expr]:
    return frozenset(node for node in walk(expr) if node.op is Op.DIFF)
