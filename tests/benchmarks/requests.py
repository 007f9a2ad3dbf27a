"""Time per request, stage by stage, beside SymPy's own derivative of the same expression.

Run as ``python tests/benchmarks/requests.py [FILE…]``; the default files are the project's cases.
Every figure is the median of several runs in this one warm process. SymPy remembers derivatives,
so its cache is emptied before each run; ours holds nothing once a derivation is dropped.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sympy.core.cache import clear_cache

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from problems import CASES, Problem, read_problems  # noqa: E402

from mdiff_pandoc.calculus import gradient  # noqa: E402
from mdiff_pandoc.expr.exchange import to_sympy  # noqa: E402
from mdiff_pandoc.latex.printer import print_latex  # noqa: E402
from mdiff_pandoc.latex.reader import read_request  # noqa: E402
from mdiff_pandoc.service import derive, judged  # noqa: E402

RUNS = 5
STAGES = ("read", "derive", "verify", "print", "whole")


def median_seconds(call: Callable[[], object], runs: int = RUNS) -> float:
    """The median CPU time of a call; the first, untimed, warms it up."""
    call()
    times = []
    for _ in range(runs):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return statistics.median(times)


def measure(problem: Problem) -> dict[str, float]:
    """Seconds for each stage of one request, and for SymPy where it can differentiate."""
    latex, declare = problem.request, problem.declarations
    request = read_request(latex, declare)
    found = {
        "read": median_seconds(lambda: read_request(latex, declare)),
        "derive": median_seconds(lambda: gradient(request.f, request.variable)),
    }
    derivation = gradient(request.f, request.variable)
    found |= {
        "verify": median_seconds(lambda: judged(derivation)),
        "print": median_seconds(
            lambda: [print_latex(line.expr, request.notation) for line in derivation.lines]
        ),
        "whole": median_seconds(lambda: derive(latex, declare)),
    }
    try:
        f, x = to_sympy(request.f), to_sympy(request.variable)
        f = getattr(f, "parent", f)  # SymPy differentiates a 1×1 matrix, but not its entry
        result = f.diff(x)
    except Exception:  # SymPy raises many kinds on what it cannot do
        return found
    unevaluated = type(f.diff(x, evaluate=False))
    if result == 0 or getattr(result, "is_ZeroMatrix", False) or result.has(unevaluated):
        return found
    found["sympy"] = median_seconds(lambda: (clear_cache(), f.diff(x)), runs=3)
    return found


def main() -> None:
    """Print the table."""
    paths = [Path(arg) for arg in sys.argv[1:]] or [CASES / "gradients.txt"]
    rows = {p.name: measure(p) for path in paths for p in read_problems(path)}
    table = Table("stage", "median ms", "worst ms", "worst case")
    for stage in (*STAGES, "sympy"):
        seconds = {name: row[stage] for name, row in rows.items() if stage in row}
        if seconds:
            worst = max(seconds, key=lambda name: seconds[name])
            middle = statistics.median(seconds.values())
            table.add_row(stage, f"{1e3 * middle:.2f}", f"{1e3 * seconds[worst]:.2f}", worst)
    both = [row["sympy"] / row["derive"] for row in rows.values() if "sympy" in row]
    console = Console()
    console.print(table)
    console.print(f"{len(rows)} requests; SymPy differentiates {len(both)} of them")
    if both:
        console.print(
            f"SymPy's diff takes {statistics.median(both):.1f} times as long as our derivation "
            f"(median of the ratios; least {min(both):.1f})"
        )


if __name__ == "__main__":
    main()
