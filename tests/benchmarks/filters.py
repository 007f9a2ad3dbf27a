"""Whole builds of a document with 200 requests: cold, beside a filter that does nothing.

Run as ``python tests/benchmarks/filters.py [REQUESTS]``. The runs are paired: each round builds the
document once with each filter, and medians and ratios are taken over the rounds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(ROOT)]

from problems import CASES, read_problems  # noqa: E402

ROUNDS = 7
NO_OP = "import panflute\npanflute.run_filter(lambda elem, doc: None)\n"


def document(requests: int) -> str:
    """A note that asks for that many derivatives, every second one inside a sentence."""
    problems = list(read_problems(CASES / "gradients.txt"))
    parts = []
    for number in range(requests):
        problem = problems[number % len(problems)]
        facts = ", ".join(f"${d}$" for d in problem.declarations if r"\in" in d)
        parts.append(f"# Problem {number}\n\nLet {facts}.\n")
        mark = "$$" if number % 2 else "$"
        parts.append(f"{mark}{problem.request}{mark}\n")
    return "\n".join(parts)


def pandoc() -> str:
    """The path of pandoc: installed, or the one that the extra brings."""
    found = shutil.which("pandoc")
    if found:
        return found
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def seconds(command: list[str], text: str) -> float:
    """The time that a command takes on a text."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    start = time.perf_counter()
    subprocess.run(command, input=text, text=True, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    text = document(requests)
    plain = text.replace("= ?", "")
    with tempfile.TemporaryDirectory() as folder:
        no_op = Path(folder) / "no_op.py"
        no_op.write_text(NO_OP, "utf-8")
        build = [pandoc(), "--from=markdown", "--to=html", "--mathml"]
        ways = {
            "pandoc alone": (build, text),
            "panflute filter that does nothing": ([*build, f"--filter={no_op}"], text),
            "mdiff, no request": ([*build, f"--filter={ROOT / 'filters/mdiff.py'}"], plain),
            "mdiff, cold": ([*build, f"--filter={ROOT / 'filters/mdiff.py'}"], text),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (command, source) in ways.items():
                times[name].append(seconds(command, source))
    base = times["panflute filter that does nothing"]
    table = Table("build", "median ms", "median of the ratios to the filter that does nothing")
    for name, found in times.items():
        ratio = statistics.median(a / b for a, b in zip(found, base, strict=True))
        table.add_row(name, f"{1e3 * statistics.median(found):.0f}", f"{ratio:.2f}")
    Console().print(f"{requests} requests, {ROUNDS} rounds", table)


if __name__ == "__main__":
    main()
