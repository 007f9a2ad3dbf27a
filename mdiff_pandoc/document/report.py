"""What to tell the author on stderr: every problem with its file, equation and place."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mdiff_pandoc.document.counterexample import counterexample_lines, tells_all
from mdiff_pandoc.errors import MdiffError, Span, caret

if TYPE_CHECKING:
    from mdiff_pandoc.service import Answer
    from mdiff_pandoc.service.claim import Claim


def moved(error: MdiffError, offset: int) -> MdiffError:
    """The error with its span counted from ``offset`` characters earlier."""
    if error.span is None or error.source is not None or not offset:
        return error
    shifted = copy.copy(error)
    shifted.span = Span(error.span.start + offset, error.span.end + offset)
    return shifted


@dataclass
class Report:
    """Collects what happened in one document."""

    file: str = "document"
    quiet: bool = False
    verbose: bool = False
    answered: int = 0
    failed: int = 0
    fatal: bool = False
    judged: Counter[str] = field(default_factory=Counter)
    _lines: list[str] = field(default_factory=list)

    def answer(self, answer: Answer, equation: int, source: str, offset: int) -> None:
        """Note the answer to a request that begins at ``offset`` of the formula ``source``."""
        if answer.error is not None:
            self.error(answer.error, equation, source, offset)
            return
        self.answered += 1
        for warning in answer.warnings:
            self.warning(warning, equation)
        if answer.status != "verified":
            reason = str(answer.verification.get("reason", "")) or "no evaluator could judge it"
            self.warning(f"the result is not verified: {reason}", equation)
        elif self.verbose:
            lhs = " ".join(answer.lhs.split())
            self._add(f"{self._place(equation)}: {answer.status}: {lhs} = {answer.result}")

    def claim(self, claim: Claim, equation: int, source: str) -> None:
        """Note the verdict on an equality of the formula ``source``."""
        self.judged[claim.verdict] += 1
        latex = " ".join(claim.latex.split())
        if claim.verdict == "refuted":
            lines = [f"{self._place(equation)}: refuted: {latex}", *caret(source, claim.sign)]
            example = claim.counterexample
            if claim.reason and not (example and tells_all(example, claim.reason)):
                lines.append(f"  {claim.reason}")
            if example:
                lines += (f"  {line}" for line in counterexample_lines(example))
            if claim.suggestion:
                lines.append(f"hint: {claim.suggestion}")
            self._add("\n".join(lines))
        elif self.verbose:
            reason = f" – {claim.reason}" if claim.reason else ""
            self._add(f"{self._place(equation)}: {claim.verdict}: {latex}{reason}")

    def error(
        self, error: MdiffError, equation: int = 0, source: str = "", offset: int = 0
    ) -> None:
        """Note an error whose span counts from ``offset`` of ``source``."""
        self.failed += bool(equation)
        self._add(f"{self._place(equation)}: {moved(error, offset).show(source)}")

    def warning(self, text: str, equation: int = 0) -> None:
        """Note something that is worth knowing but stopped nothing."""
        if not self.quiet:
            self._add(f"{self._place(equation)}: warning: {text}")

    def lines(self) -> list[str]:
        """The report, each problem once."""
        lines = list(dict.fromkeys(self._lines))
        if self.verbose:
            total = self.answered + self.failed
            lines.append(f"mdiff: {self.file}: {total} requests, {self.failed} failed")
            if self.judged:
                verdicts = ("verified", "refuted", "undecided")
                counts = ", ".join(f"{self.judged[verdict]} {verdict}" for verdict in verdicts)
                total = sum(self.judged[verdict] for verdict in verdicts)
                lines.append(f"mdiff: {self.file}: {total} equalities checked: {counts}")
        return lines

    def _place(self, equation: int) -> str:
        return f"mdiff: {self.file}" + (f": equation {equation}" if equation else "")

    def _add(self, text: str) -> None:
        self._lines.append(text)
