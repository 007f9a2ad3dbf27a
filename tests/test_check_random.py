"""Random chains that hold, and with one slip: nothing true is refuted, nothing false verified.

`tests/benchmarks/identities.py` runs thousands of them.
"""

from __future__ import annotations

import pytest
from benchmarks.identities import run


@pytest.mark.parametrize("seed", [1, 2])
def test_the_checker_tells_random_chains_that_hold_from_those_with_a_slip(seed: int) -> None:
    tally = run(25, seed, bare=seed == 1)
    assert not tally.lies
    assert not tally.elsewhere
    assert tally.verdicts["declared true", "verified"] >= 25
    assert tally.verdicts["declared false", "refuted"] >= 22
