"""Time per request, stage by stage, for every kind of derivative and every style.

Run as ``python tests/benchmarks/kinds.py``. Every request is timed in this one warm process; a
cell holds the median over the requests of that kind, in milliseconds. The style ``definition`` is
taken of every fourth gradient, as it is by far the slowest.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from benchmarks.requests import STAGES, median_seconds  # noqa: E402
from problems import CASES, SHARED, read_problems  # noqa: E402
from shapes import MATRICES, shaped  # noqa: E402

from mdiff_pandoc.calculus import derivation_of  # noqa: E402
from mdiff_pandoc.latex.reader import read_request  # noqa: E402
from mdiff_pandoc.service import Options, _problem, derive, judged  # noqa: E402
from mdiff_pandoc.service.rows import rows_of  # noqa: E402

FACTORS = 20
_RUNS = 3


@dataclass(frozen=True)
class Case:
    """A request of one row of the table."""

    row: str
    latex: str
    declare: tuple[str, ...]
    options: Options

    def measure(self) -> dict[str, float] | None:
        """Seconds for each stage; None for what this style refuses."""
        if derive(self.latex, self.declare, options=self.options).error is not None:
            return None
        functions, form = self.options.functions, self.options.form
        request = read_request(self.latex, self.declare, (), functions, form)
        problem = _problem(request, self.options)
        derivation = derivation_of(problem)
        return {
            "read": median_seconds(
                lambda: read_request(self.latex, self.declare, (), functions, form), _RUNS
            ),
            "derive": median_seconds(lambda: derivation_of(problem), _RUNS),
            "verify": median_seconds(lambda: judged(derivation), _RUNS),
            "print": median_seconds(lambda: rows_of(derivation, request), _RUNS),
            "whole": median_seconds(
                lambda: derive(self.latex, self.declare, options=self.options), _RUNS
            ),
        }


def cases() -> Iterator[Case]:
    """All requests, by the kind of derivative, then gradients by style."""
    for shape in shaped():
        for form in shape.forms:
            yield Case(
                _row(shape.kind, form), shape.request, shape.declarations, Options(form=form)
            )
        if shape.kind in MATRICES:
            yield Case("tensor, by entries", shape.request, shape.declarations, Options())
    paths = (CASES / "gradients.txt", SHARED / "cases" / "gradients.txt")
    gradients = [p for path in paths if path.exists() for p in read_problems(path)]
    for problem in gradients:
        if problem.variable.isupper() and "diagonal" not in " ".join(problem.declarations):
            latex = rf"\frac{{\partial}}{{\partial {problem.variable}_{{ij}}}} ({problem.f}) = ?"
            yield Case("gradient by an entry", latex, problem.declarations, Options())
    for style in ("differential", "index", "occurrences", "backprop", "definition"):
        for problem in gradients[:: 4 if style == "definition" else 1]:
            row = f"gradient, {style}"
            yield Case(row, problem.request, problem.declarations, Options(style=style))
    yield _long_trace()


def _row(kind: str, form: str) -> str:
    if kind in MATRICES:
        return "tensor, as a matrix (vec)"
    if kind == "hesm":
        return "Hessian by a matrix, " + ("vec" if form else "map")
    return {"hes": "Hessian by a vector", "mix": "mixed second derivative"}.get(kind, "Jacobian")


def _long_trace() -> Case:
    """The Hessian of the trace of a product of 20 factors, half of them the variable."""
    chain = " ".join(rf"A_{{{i}}} X" for i in range(FACTORS // 2))
    latex = rf"\nabla_X^2 \operatorname{{tr}}({chain}) = ?"
    return Case(f"Hessian of a trace of {FACTORS} factors", latex, _SQUARE, Options())


_SQUARE = (r"X \in \mathbb{R}^{n \times n}",)


def main() -> None:
    """Print the table."""
    rows: dict[str, list[dict[str, float]]] = {}
    refused: dict[str, int] = {}
    for case in cases():
        found = case.measure()
        if found is None:
            refused[case.row] = refused.get(case.row, 0) + 1
        else:
            rows.setdefault(case.row, []).append(found)
    table = Table("kind", "requests", "refused", *STAGES, "worst whole", title="median ms")
    for row, found_all in rows.items():
        medians = [statistics.median(found[stage] for found in found_all) for stage in STAGES]
        worst = max(found["whole"] for found in found_all)
        cells = [f"{1e3 * seconds:.2f}" for seconds in (*medians, worst)]
        table.add_row(row, str(len(found_all)), str(refused.get(row, 0)), *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
