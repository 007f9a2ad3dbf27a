"""The judge: two evaluators that know no rule of matrix calculus, and their verdicts."""

from mdiff_pandoc.verify.judge import Judge, judge_equal
from mdiff_pandoc.verify.verdict import Status, Verdict

__all__ = ["Judge", "Status", "Verdict", "judge_equal"]
