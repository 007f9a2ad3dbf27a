"""Answers to ``a = ? = b``: the road from one side to the other over sums of entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mdiff_pandoc.errors import NotEqualError, Span, UnsupportedError
from mdiff_pandoc.service.answer import Answer, StepText
from mdiff_pandoc.service.options import Options
from mdiff_pandoc.service.rows import aligned, label_of

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Line, Tables
    from mdiff_pandoc.latex.identity import Identity
    from mdiff_pandoc.latex.request import RequestText


def show(
    found: RequestText,
    latex: str,
    declare: Sequence[str],
    context: Sequence[str],
    *,
    options: Options,
    tables: Tables | None = None,
) -> Answer:
    """The answer to a request to show that two sides are equal.

    Raises MdiffError: NotEqualError with a counterexample where they are not, UnsupportedError
    where sums over entries do not lead from one to the other.
    """
    from mdiff_pandoc.calculus.identity import by_sums
    from mdiff_pandoc.latex.identity import read_identity
    from mdiff_pandoc.service import fault, summary, verification
    from mdiff_pandoc.verify import Judge, Status

    identity = read_identity(found, latex, declare, context, options.functions)
    judge = Judge(identity.left)
    whole = judge.equal(identity.left, identity.right)
    span = Span(found.offset, found.offset + len(found.body))
    if whole.status is Status.REFUTED:
        told = whole.reason.removeprefix("the two sides differ")
        raise NotEqualError(f"the two sides are not equal{told}", span)
    try:
        lines = by_sums(identity.left, identity.right, tables)
    except UnsupportedError as error:
        if whole.status is Status.VERIFIED:
            error.message = f"the two sides are equal, but {error.message}"
            error.args = (error.message,)
        raise error.at(span) from None
    verdicts = [whole]
    for line in lines:
        if line.lhs is not line.expr:
            verdict = judge.equal(line.lhs, line.expr)
            if verdict.status is Status.REFUTED:
                raise fault(line.steps, verdict)
            verdicts.append(verdict)
    verdict = summary(verdicts)
    steps = _rows(lines if options.detail == "full" else _brief(lines), identity)
    if options.detail == "result":
        steps = (StepText(identity.left_latex, identity.right_latex),)
    return Answer(
        status=str(verdict.status),
        result=identity.right_latex,
        lhs=identity.left_latex,
        derivation=aligned(steps),
        steps=steps,
        assumed=identity.assumed,
        notes=identity.notes,
        verification=verification(verdict, len(verdicts) - 1),
        as_written=False,
    )


def _brief(lines: Sequence[Line]) -> list[Line]:
    """Neighbouring lines of one kind merged."""
    kept: list[Line] = []
    for line in lines:
        if kept and kept[-1].labels == line.labels and kept[-1].lhs is line.lhs:
            kept[-1] = replace(line, steps=(*kept[-1].steps, *line.steps))
        else:
            kept.append(line)
    return kept


def _rows(lines: Sequence[Line], identity: Identity) -> tuple[StepText, ...]:
    from mdiff_pandoc.latex.printer import print_latex

    written = {identity.left: identity.left_latex, identity.right: identity.right_latex}
    rows: list[StepText] = []
    last = ""
    for line in lines:
        head, latex = (
            written.get(side) or print_latex(side, identity.notation)
            for side in (line.lhs, line.expr)
        )
        if head != latex and (not rows or latex != rows[-1].latex or head != last):
            shown = "" if head == last else head
            rows.append(StepText(shown, latex, *label_of(line, {}, identity)))
            last = head
    return tuple(rows) or (StepText(identity.left_latex, identity.right_latex),)
