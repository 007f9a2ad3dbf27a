"""Time to check random lecture notes, and what is said of their formulas.

Run as ``python tests/benchmarks/formulas.py [N [DOCUMENT [SEED]]]``: N formulas (10,000) in
documents of DOCUMENT formulas (250). ``--profile`` prints where the time goes. It ends with an
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


def main(count: int = 10_000, each: int = 250, seed: int = 0) -> int:
    """Print the figures; the number of formulas that crashed or have no reason."""
    documents = [
        tree(notes(min(each, count - start), seed + start)) for start in range(0, count, each)
    ]
    settings = Settings(file="notes.md")
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    bad = []
    times = []
    for document in documents:
        start = time.perf_counter()
        found, _ = check_formulas(document, settings)
        times.append(time.perf_counter() - start)
        for formula in found:
            for claim in formula.checked.claims:
                verdicts[claim.verdict] += 1
                if claim.verdict == "undecided":
                    reasons[claim.reason] += 1
                    fault = "internal" in claim.reason or "bug" in claim.reason
                    if fault or not claim.reason or "\n" in claim.reason:
                        bad.append(f"{claim.latex}: {claim.reason!r}")
    for told in bad:
        print("BAD", told)
    for verdict, times_found in verdicts.most_common():
        print(f"{times_found:6} {verdict}")
    for reason, times_found in reasons.most_common(25):
        print(f"{times_found:6} {reason}")
    print(
        f"{count} formulas in {sum(times):.1f} s on one core: {1e3 * sum(times) / count:.2f} ms "
        f"each, the slowest document {max(times):.1f} s; {len(bad)} without a verdict"
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
        profile.runcall(main, *numbers)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
    else:
        faults = main(*numbers)
        single()
        sys.exit(bool(faults))
