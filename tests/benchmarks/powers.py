"""Time of ``tr((AX)^k)`` and ``tr(A X^k)`` by X for k = 1…64: time per printed symbol stays flat.

Run as ``python tests/benchmarks/powers.py``. Every figure is the median of several runs.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from mdiff_pandoc.service import derive  # noqa: E402

RUNS = 5
FORMS = {
    "tr((AX)^k), written as a power": lambda k: rf"\operatorname{{tr}}((AX)^{{{k}}})",
    "tr(AX…AX), written out": lambda k: rf"\operatorname{{tr}}({'A X ' * k})",
    "tr(A X^k), k terms": lambda k: rf"\operatorname{{tr}}(A X^{{{k}}})",
}


def main() -> None:
    """Print one table for each way of writing the power."""
    console = Console()
    for title, form in FORMS.items():
        table = Table("k", "status", "ms", "printed symbols", "µs a symbol", title=title)
        for k in (1, 2, 4, 8, 16, 32, 64):
            latex = rf"\nabla_X {form(k)} = ?"
            answer = derive(latex)
            times = []
            for _ in range(RUNS):
                start = time.perf_counter()
                derive(latex)
                times.append(time.perf_counter() - start)
            seconds = statistics.median(times)
            symbols = sum(len(step.latex.split()) for step in answer.steps) or 1
            row = (f"{1e3 * seconds:.2f}", str(symbols), f"{1e6 * seconds / symbols:.1f}")
            table.add_row(str(k), answer.status, *row)
        console.print(table)


if __name__ == "__main__":
    main()
