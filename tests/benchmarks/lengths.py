"""How long our results are beside the known answers, in symbols as printed.

Run as ``python tests/benchmarks/lengths.py``. A ratio below 1 means that ours is shorter. The
cases are the gradients with a known answer and the identities of the literature; what is not
answered yet is left out, and counted.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from cookbook import known_identities, outcome  # noqa: E402
from problems import CASES, SHARED, Problem, read_problems  # noqa: E402

from mdiff_pandoc.calculus import gradient  # noqa: E402
from mdiff_pandoc.expr.measure import length  # noqa: E402
from mdiff_pandoc.latex.reader import read_expression, read_request  # noqa: E402

Score = dict[str, float]
GRADIENTS = [path / "gradients.txt" for path in (CASES, SHARED / "cases")]


def gradient_ratio(problem: Problem) -> float:
    """Our length over the known answer's."""
    request = read_request(problem.request, problem.declarations)
    result = gradient(request.f, request.variable).result
    known, _ = read_expression(problem.answer, problem.declarations, shape=result.shape)
    return length(result) / length(known)


def scores() -> Iterator[tuple[str, Score, int]]:
    """Each set of cases: its name, the ratios by case, and how many are not answered."""
    for path in filter(Path.exists, GRADIENTS):
        name = f"gradients of {path.parents[1].name}"
        problems = [problem for problem in read_problems(path) if problem.answer]
        yield name, {problem.name: gradient_ratio(problem) for problem in problems}, 0
    sets: dict[str, Score] = {}
    unanswered: dict[str, int] = {}
    for known in known_identities():
        found = outcome(known)
        ratios = sets.setdefault(known.source, {})
        unanswered.setdefault(known.source, 0)
        if found.theirs:
            ratios[known.identity.number] = found.ours / found.theirs
        elif found.fault:
            unanswered[known.source] += 1
    for source, ratios in sets.items():
        yield source, ratios, unanswered[source]


def main() -> None:
    """Print the table."""
    table = Table("cases", "answered", "mean", "median", "worst", "worst case", "not answered")
    for name, ratios, missing in scores():
        worst = max(ratios, key=lambda case: ratios[case])
        table.add_row(
            name,
            str(len(ratios)),
            f"{statistics.mean(ratios.values()):.3f}",
            f"{statistics.median(ratios.values()):.2f}",
            f"{ratios[worst]:.2f}",
            worst,
            str(missing),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
