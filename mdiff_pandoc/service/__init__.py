"""One request in, one answer out: reader, calculus, judge, printer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError, VerificationError
from mdiff_pandoc.service.answer import Answer, StepText
from mdiff_pandoc.service.claim import Checked, Claim
from mdiff_pandoc.service.options import CALCULUS_OPTIONS, Options
from mdiff_pandoc.service.rows import (
    aligned,
    asked_latex,
    in_the_same_hand,
    notes_of,
    result_latex,
    rows_of,
    with_sizes,
)
from mdiff_pandoc.service.silent import silent

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation, Line, Problem, Step, Tables
    from mdiff_pandoc.expr import Dim, Expr
    from mdiff_pandoc.latex.reader import Request
    from mdiff_pandoc.verify import Verdict

__all__ = [
    "CALCULUS_OPTIONS",
    "Answer",
    "Checked",
    "Claim",
    "Options",
    "StepText",
    "derive",
    "judged",
]


def derive(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    options: Options | None = None,
    *,
    tables: Tables | None = None,
) -> Answer:
    """Answer one request: ``\\nabla_X \\operatorname{tr}(AXB) = ?``, or two sides ``a = ? = b``.

    ``declare`` holds the request's own declarations, ``context`` the facts of the document
    around it, in reading order. Bad input gives an answer of status ``error``. Other ``tables``
    than the project's own serve to test that a wrong rule is found out.
    """
    from mdiff_pandoc.latex.identity import find_identity
    from mdiff_pandoc.latex.reader import read_request

    options = options or Options()
    try:
        identity = find_identity(latex)
        if identity is not None:
            from mdiff_pandoc.service.identity import show

            return show(identity, latex, declare, context, options=options, tables=tables)
        request = read_request(latex, declare, context, options.functions, options.form)
        return _answer(request, options, tables)
    except MdiffError as error:
        return Answer("error", error=error)
    except RecursionError:
        from mdiff_pandoc.errors import LimitError

        return Answer("error", error=LimitError("the formula is nested too deeply"))


def _answer(request: Request, options: Options, tables: Tables | None) -> Answer:
    from mdiff_pandoc.calculus import brief, derivation_of, transposed_gradient, with_stacked_rows
    from mdiff_pandoc.expr import Op, number
    from mdiff_pandoc.expr.numpy import numpy_source, parameters
    from mdiff_pandoc.latex.printer import print_latex

    request = in_the_same_hand(request, options.transpose)
    derivation = derivation_of(_problem(request, options), tables)
    if request.transposed:
        derivation = transposed_gradient(derivation)
    derivation = with_stacked_rows(derivation)
    request = with_sizes(request, derivation)
    verdict = judged(derivation)
    shown = derivation if options.detail == "full" else brief(derivation)
    steps = rows_of(shown, request)
    result = result_latex(derivation, request)
    lhs, as_written = asked_latex(derivation, request)
    named = {symbol for line in shown.lines for symbol, _ in line.relied}
    if options.detail == "result":
        steps, named = (StepText(lhs, result),), set()
    symbols = tuple(dict.fromkeys((*parameters(request.f), *parameters(request.variable))))
    warnings: tuple[str, ...] = ()
    if request.declared_only:
        name = print_latex(request.variable, request.notation)
        warnings = (f"the derivative is 0 because {name} does not occur in the expression",)
    elif derivation.result.op is Op.ZERO or derivation.result is number(0):
        name = print_latex(request.variable, request.notation)
        warnings = (f"the derivative is 0 although {name} occurs in the expression",)
    return Answer(
        status=str(verdict.status),
        result=result,
        lhs=lhs,
        as_written=as_written,
        derivation=aligned(steps),
        steps=steps,
        assumed=request.assumed,
        notes=(
            *silent(derivation, request, named),
            *_untold(request.notes, steps),
            *notes_of(derivation, request),
        ),
        warnings=warnings,
        verification=verification(verdict, sum(map(is_judged, derivation.lines))),
        numpy=numpy_source(
            derivation.computed or derivation.result, symbols, _axes(derivation, request)
        ),
    )


def _untold(notes: Sequence[str], steps: Sequence[StepText]) -> list[str]:
    """The notes without definitions that the derivation itself shows."""
    shown = tuple(f"with ${step.lhs} = " for step in steps if step.lhs)
    return [note for note in notes if not note.startswith(shown)]


def _axes(derivation: Derivation, request: Request) -> tuple[tuple[str, Dim], ...]:
    """The indices of a derivative in entries that was asked for as a whole, with their sizes."""
    from mdiff_pandoc.expr import ONE, Op

    if derivation.asked.args[-1].op is not Op.ENTRY or request.variable.op is Op.ENTRY:
        return ()
    axes: list[tuple[str, Dim]] = []
    for part in derivation.asked.args:
        if part.op is Op.ENTRY and isinstance(part.data, tuple):
            sizes = zip(part.data, part.args[0].shape, strict=True)
            axes += [(str(index), size) for index, size in sizes if size != ONE]
    return tuple(axes)


def _problem(request: Request, options: Options) -> Problem:
    from mdiff_pandoc.calculus import Problem
    from mdiff_pandoc.expr import Layout

    return Problem(
        f=request.f,
        variables=request.variables,
        style=options.style,
        layout=request.layout or Layout(options.layout or "numerator"),
        form=request.form or options.form,
        symmetric=options.symmetric,
        named=request.named,
    )


def judged(derivation: Derivation) -> Verdict:
    """The verdict over the whole derivation: every line, and the result by the definition.

    Raises VerificationError, which names the rules at work, when a line is refuted.
    """
    from mdiff_pandoc.verify import Judge, Status

    judge = Judge(derivation.f, derivation.variable, entries=derivation.entries)
    judges: dict[Expr | None, Judge] = {None: judge}
    verdicts = []
    for line in derivation.lines:
        if not is_judged(line):
            continue
        if line.moving not in judges:
            judges[line.moving] = Judge(derivation.f, line.moving)
        verdict = judges[line.moving].equal(line.lhs, line.expr)
        if verdict.status is Status.REFUTED:
            raise fault(line.steps, verdict)
        verdicts.append(verdict)
    for left, right in ((derivation.asked, derivation.result), *derivation.checks):
        verdict = judge.equal(left, right)
        if verdict.status is Status.REFUTED:
            raise fault(derivation.lines[-1].steps, verdict)
        verdicts.append(verdict)
    return summary(verdicts)


def is_judged(line: Line) -> bool:
    """Does a line say something that can be checked?"""
    return not line.definition and line.lhs is not line.expr


def summary(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict for all lines: undecided if one is, else the weakest."""
    from mdiff_pandoc.verify import Status

    undecided = [v for v in verdicts if v.status is not Status.VERIFIED]
    if undecided:
        return undecided[0]
    return replace(
        max(verdicts, key=lambda v: (v.method != "exact", v.error_bound)),
        points=min(v.points for v in verdicts),
        shapes=min(v.shapes for v in verdicts),
    )


def fault(steps: Sequence[Step], verdict: Verdict) -> VerificationError:
    """The error for a line that was refuted."""
    rules = ", ".join(dict.fromkeys(step.rule for step in steps)) or "none"
    return VerificationError(
        f"a line of the derivation does not hold (rules: {rules}; {verdict.reason})",
        hint="this is a fault of mdiff: please report it with the formula",
    )


def verification(verdict: Verdict, lines: int = 0) -> dict[str, object]:
    """What a verdict says, for the machine interface, and of how many lines, if of more."""
    found: dict[str, object] = {
        "method": verdict.method,
        "points": verdict.points,
        "error_bound": verdict.error_bound,
        "shapes": verdict.shapes,
    }
    if lines:
        found["lines"] = lines
    if verdict.reason:
        found["reason"] = verdict.reason
    return found
