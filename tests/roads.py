"""The two roads to one gradient, held against each other."""

from __future__ import annotations

from mdiff_pandoc.calculus import gradient
from mdiff_pandoc.calculus.index import by_index
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.verify import Judge, Status


def compare(f: Expr, variable: Expr) -> str:
    """``verified`` where both roads end in equal results, else what was found instead."""
    try:
        expected = gradient(f, variable).result
    except MdiffError:
        return "no differential"
    try:
        derivation = by_index(f, variable)
    except MdiffError as error:
        return error.message
    judge = Judge(f, variable)
    verdict = judge.equal(derivation.result, expected)
    if verdict.status is Status.REFUTED:
        return f"refuted: {f} by {variable}: {derivation.result} and {expected}"
    for line in derivation.lines:
        found = judge.equal(line.lhs, line.expr)
        if found.status is Status.REFUTED:
            return f"refuted: {line.lhs} = {line.expr} ({found.reason})"
    return str(verdict.status)
