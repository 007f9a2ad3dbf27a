"""The judge: two evaluators that know no rule of matrix calculus, and their verdicts."""

from mdiff_pandoc.verify.counterexample import Counterexample
from mdiff_pandoc.verify.judge import Judge, judge_equal
from mdiff_pandoc.verify.verdict import Status, Verdict

__all__ = ["Counterexample", "Judge", "Status", "Verdict", "judge_equal"]
