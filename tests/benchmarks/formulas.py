"""Time to check random lecture notes, and what is said of their formulas.

Run as ``python tests/benchmarks/formulas.py [N [DOCUMENT [SEED [JOBS]]]]``: N formulas (10,000) in
documents of DOCUMENT formulas (250), by JOBS processes (2). ``--profile`` prints where the time
goes, of one. It ends with an
error where a formula crashed the checker or an undecided one has no reason in one line.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from notes import formulas, notes  # noqa: E402

from mdiff_pandoc.cli.pandoc import find_pandoc  # noqa: E402
from mdiff_pandoc.document.claims import check_formulas  # noqa: E402
from mdiff_pandoc.document.settings import Settings  # noqa: E402
from mdiff_pandoc.service.check import check  # noqa: E402


def tree(markdown: str) -> dict[str, Any]:
    """The document in pandoc's JSON."""
    run = subprocess.run(
        [find_pandoc(), "-f", "markdown", "-t", "json"],
        input=markdown.encode(),
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def checked(document: dict[str, Any]) -> tuple[float, list[tuple[str, str, str]]]:
    """The CPU seconds for one document, and its claims: LaTeX, verdict, reason."""
    start = time.process_time()
    found, _ = check_formulas(document, Settings(file="notes.md"))
    seconds = time.process_time() - start
    claims = [claim for formula in found for claim in formula.checked.claims]
    return seconds, [(claim.latex, claim.verdict, claim.reason) for claim in claims]


def main(count: int = 10_000, each: int = 250, seed: int = 0, jobs: int = 2) -> int:
    """Print the figures; the number of formulas that crashed or have no reason."""
    documents = [
        tree(notes(min(each, count - start), seed + start)) for start in range(0, count, each)
    ]
    start = time.perf_counter()
    if jobs == 1:
        results = list(map(checked, documents))
    else:
        with ProcessPoolExecutor(jobs) as pool:
            results = list(pool.map(checked, documents))
    wall = time.perf_counter() - start
    claims = [claim for _, found in results for claim in found]
    undecided = [(latex, reason) for latex, verdict, reason in claims if verdict == "undecided"]
    bad = [
        f"{latex}: {reason!r}"
        for latex, reason in undecided
        if not reason or "\n" in reason or "mdiff failed" in reason
    ]
    for told in bad:
        print("BAD", told)
    for verdict, times in Counter(verdict for _, verdict, _ in claims).most_common():
        print(f"{times:6} {verdict}")
    for reason, times in Counter(reason for _, reason in undecided).most_common(25):
        print(f"{times:6} {reason}")
    seconds = [cpu for cpu, _ in results]
    print(
        f"{count} formulas in {wall:.1f} s with {jobs} processes, {sum(seconds):.1f} s of CPU "
        f"time: {1e3 * sum(seconds) / count:.2f} ms each, the slowest document "
        f"{max(seconds):.1f} s; {len(bad)} crashed or have no reason"
    )
    return len(bad)


def single(count: int = 400, seed: int = 1) -> None:
    """The time of one check, without a document."""
    found = []
    for latex in [text for k in range(count // 100) for text in formulas(seed + k)]:
        start = time.perf_counter()
        check(latex)
        found.append((time.perf_counter() - start, latex))
    middle = statistics.median(seconds for seconds, _ in found)
    print(f"one formula: median {1e3 * middle:.2f} ms; the slowest:")
    for seconds, latex in sorted(found, reverse=True)[:5]:
        print(f"  {1e3 * seconds:6.0f} ms  {latex}")


if __name__ == "__main__":
    numbers = [int(arg) for arg in sys.argv[1:] if arg.isdigit()]
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        profile.runcall(main, *(numbers + [10_000, 250, 0][len(numbers) :])[:3], jobs=1)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    else:
        faults = main(*numbers)
        single()
        sys.exit(bool(faults))
