"""Index notation and differentials on 1,000 random expressions: do they agree?

Run from the top of the repository: ``python tests/benchmarks/roads.py [count] [seed]``.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from roads import compare
from strategies import expressions

from mdiff_pandoc.expr import SCALAR


def main(count: int = 1000, number: int = 1) -> Counter[str]:
    """How often each outcome was found; ``refuted`` must not be among them."""
    found: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        f = data.draw(expressions(SCALAR, max_size=10))
        if f.symbols:
            variable = data.draw(st.sampled_from(sorted(f.symbols, key=repr)))
            found[compare(f, variable)] += 1

    run()
    return found


if __name__ == "__main__":
    for outcome, times in main(*map(int, sys.argv[1:])).most_common():
        print(f"{times:5} {outcome}")
