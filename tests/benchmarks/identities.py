"""Does the checker ever lie: random true and false chains, and what it says of them.

Run as ``python tests/benchmarks/identities.py N [SEED]``: N chains that hold and N with one slip,
each with its declarations and without. Prints how often each verdict came, every lie, and why
equalities stay undecided. Without declarations a slip may be true in another reading: such ones
are listed apart.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from equalities import Sample, samples  # noqa: E402

from mdiff_pandoc.service.check import check  # noqa: E402


@dataclass
class Tally:
    """What was said of the chains; ``lies`` must stay empty."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lies: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def judge(self, sample: Sample, *, declared: bool) -> None:
        """Check a chain and keep what was said."""
        facts = [fact for fact in sample.declare if declared or r"\in" not in fact]
        known = "declared" if declared else "bare"
        told = f"{known} {sample.kind} {sample.name}: {sample.latex}  {list(sample.declare)}"
        try:
            checked = check(sample.latex, facts)
        except Exception as error:  # a bug of ours, and nothing is said of the chain
            self.lies.append(f"{error!r} raised by {told}")
            return
        if len(checked.claims) != len(sample.sides) - 1:
            self.lies.append(f"{len(checked.claims)} equalities found in {told}")
            return
        for place, claim in enumerate(checked.claims, 1):
            if sample.slip is not None and place > sample.slip:
                break
            wrong = place == sample.slip
            self.verdicts[f"{known} {'false' if wrong else 'true'}", claim.verdict] += 1
            if wrong and claim.verdict == "verified":
                (self.lies if declared else self.elsewhere).append(
                    f"verified equality {place} of {told} {claim.assumed} {claim.notes}"
                )
            elif not wrong and claim.verdict == "refuted":
                self.lies.append(f"refuted equality {place} of {told}: {claim.reason}")
            elif claim.verdict not in ("verified", "refuted"):
                reason = f"{known}: {re.sub(r'[0-9]+', '#', claim.reason or claim.verdict)}"
                self.reasons[reason] += 1
                self.examples.setdefault(reason, f"{claim.latex}  {list(sample.declare)}")


def run(count: int, seed: int = 0, *, bare: bool = True) -> Tally:
    """``count`` chains that hold and as many that do not."""
    tally = Tally()
    right = wrong = 0
    for truth, slip in samples(seed):
        for sample, enough in ((truth, right >= count), (slip, wrong >= count)):
            if sample is None or enough:
                continue
            tally.judge(sample, declared=True)
            if bare:
                tally.judge(sample, declared=False)
            right += sample.slip is None
            wrong += sample.slip is not None
        if right >= count and wrong >= count:
            return tally
    return tally


def main(count: int = 1000, seed: int = 0) -> None:
    """Print the tally."""
    start = time.perf_counter()
    tally = run(count, seed)
    for lie in tally.lies:
        print("LIE", lie)
    for told in tally.elsewhere:
        print("true in another reading?", told)
    for (what, verdict), times in sorted(tally.verdicts.items()):
        print(f"{times:6} {what:15} {verdict}")
    for reason, times in tally.reasons.most_common(30):
        print(f"{times:6} {reason}\n         {tally.examples[reason]}")
    print(f"{len(tally.lies)} lies; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
