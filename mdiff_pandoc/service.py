"""One request in, one answer out: reader, calculus, judge, printer."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mdiff_pandoc.errors import MdiffError, OptionError, VerificationError

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation, Line, Tables
    from mdiff_pandoc.latex.reader import Request
    from mdiff_pandoc.verify import Verdict

_VALUES: dict[str, tuple[str, ...]] = {
    "style": ("differential",),
    "detail": ("full", "brief", "result"),
    "layout": ("denominator", "numerator"),
    "functions": ("elementwise", "matrix"),
}
CALCULUS_OPTIONS = frozenset(_VALUES)


@dataclass(frozen=True, slots=True)
class Options:
    """How to derive. A gradient has the shape of its variable in either ``layout``."""

    style: str = "differential"
    detail: str = "full"
    layout: str = "denominator"
    functions: str = "elementwise"

    @staticmethod
    def from_mapping(values: Mapping[str, object]) -> Options:
        """Options from names and values. Raises OptionError with the nearest known one."""
        for name, value in values.items():
            if name not in _VALUES:
                raise OptionError(f"unknown option {name!r}", hint=_nearest(name, tuple(_VALUES)))
            if value not in _VALUES[name]:
                raise OptionError(
                    f"the option {name!r} cannot be {value!r}",
                    hint=_nearest(str(value), _VALUES[name]),
                )
        return Options(**{name: str(value) for name, value in values.items()})


def _nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    listed = ", ".join(known)
    return f"did you mean {close[0]!r}? Known: {listed}" if close else f"known: {listed}"


@dataclass(frozen=True, slots=True)
class StepText:
    """One row of a derivation: ``lhs = latex``, and the ``rule`` in words and in LaTeX."""

    lhs: str
    latex: str
    rule: str = ""
    rule_latex: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with.

    ``status`` is ``verified``, ``undecided`` or ``error``; ``result`` the right-hand side alone;
    ``lhs`` the left-hand side as the author wrote it; ``derivation`` an ``aligned`` block;
    ``verification`` holds ``method``, ``points`` and ``error_bound``, and a ``reason`` where
    something could not be judged.
    """

    status: str
    result: str = ""
    lhs: str = ""
    derivation: str = ""
    steps: tuple[StepText, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    verification: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    numpy: str = ""
    error: MdiffError | None = None

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface."""
        if self.error is not None:
            return {"status": "error", "error": _error_json(self.error)}
        result: dict[str, object] = {
            "status": self.status,
            "result": self.result,
            "derivation": self.derivation,
            "steps": [
                {"latex": f"{step.lhs} = {step.latex}".strip(), "rule": step.rule}
                for step in self.steps
            ],
            "assumed": list(self.assumed),
            "verification": dict(self.verification),
            "numpy": self.numpy,
        }
        if self.notes:
            result["notes"] = list(self.notes)
        if self.warnings:
            result["warnings"] = list(self.warnings)
        return result


def _error_json(error: MdiffError) -> dict[str, object]:
    span = None if error.span is None else [error.span.start, error.span.end]
    return {"code": error.code, "message": error.message, "span": span, "hint": error.hint}


def derive(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    options: Options | None = None,
    *,
    tables: Tables | None = None,
) -> Answer:
    """Answer one request, such as ``\\nabla_X \\operatorname{tr}(AXB) = ?``.

    ``declare`` holds the request's own declarations, ``context`` the facts of the document
    around it, in reading order. Bad input gives an answer of status ``error``. Other ``tables``
    than the project's own serve to test that a wrong rule is found out.
    """
    from mdiff_pandoc.latex.reader import read_request

    options = options or Options()
    try:
        request = read_request(latex, declare, context, options.functions)
        return _answer(request, options, tables)
    except MdiffError as error:
        return Answer("error", error=error)
    except RecursionError:
        from mdiff_pandoc.errors import LimitError

        return Answer("error", error=LimitError("the formula is nested too deeply"))


def _answer(request: Request, options: Options, tables: Tables | None) -> Answer:
    from mdiff_pandoc.calculus import brief, gradient
    from mdiff_pandoc.expr import Op, number
    from mdiff_pandoc.expr.numpy import numpy_source, parameters
    from mdiff_pandoc.latex.printer import print_latex

    derivation = gradient(request.f, request.variable, tables)
    verdict = judged(derivation)
    if request.transposed:
        derivation = _transposed(derivation)
    shown = derivation if options.detail == "full" else brief(derivation)
    steps = _rows(shown, request)
    result = print_latex(derivation.result, request.notation)
    if options.detail == "result":
        steps = (StepText(request.derivative, result),)
    symbols = tuple(dict.fromkeys((*parameters(request.f), request.variable)))
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
        lhs=request.derivative,
        derivation=_aligned(steps),
        steps=steps,
        assumed=request.assumed,
        notes=(*request.notes, *derivation.notes),
        warnings=warnings,
        verification=_verification(verdict),
        numpy=numpy_source(derivation.result, symbols),
    )


def judged(derivation: Derivation) -> Verdict:
    """The verdict over the whole derivation: every line, and the result by the definition.

    Raises VerificationError, which names the rules at work, when a line is refuted.
    """
    from mdiff_pandoc.calculus import Side
    from mdiff_pandoc.expr import diff
    from mdiff_pandoc.verify import Judge, Status

    judge = Judge(derivation.f, derivation.variable)
    before = {Side.FUNCTION: derivation.f, Side.DIFFERENTIAL: diff(derivation.f)}
    verdicts = []
    for line in derivation.lines:
        if line.side in before:
            verdict = judge.equal(before[line.side], line.expr)
        else:
            verdict = judge.gradient(line.expr)
        before[line.side] = line.expr
        if verdict.status is Status.REFUTED:
            raise _fault(line, verdict)
        verdicts.append(verdict)
    verdicts.append(judge.gradient(derivation.result))
    undecided = [v for v in verdicts if v.status is not Status.VERIFIED]
    if undecided:
        return undecided[0]
    return replace(
        max(verdicts, key=lambda v: (v.method != "exact", v.error_bound)),
        points=min(v.points for v in verdicts),
    )


def _fault(line: Line, verdict: Verdict) -> VerificationError:
    rules = ", ".join(dict.fromkeys(step.rule for step in line.steps)) or "none"
    return VerificationError(
        f"a line of the derivation does not hold (rules: {rules}; {verdict.reason})",
        hint="this is a fault of mdiff: please report it with the formula",
    )


def _verification(verdict: Verdict) -> dict[str, object]:
    found: dict[str, object] = {
        "method": verdict.method,
        "points": verdict.points,
        "error_bound": verdict.error_bound,
    }
    if verdict.reason:
        found["reason"] = verdict.reason
    return found


def _transposed(derivation: Derivation) -> Derivation:
    """The derivative by the transpose of the variable: the transposed gradient."""
    from mdiff_pandoc.calculus import Side
    from mdiff_pandoc.rules.transposes import transposed

    lines = tuple(
        replace(line, expr=transposed(line.expr)) if line.side is Side.GRADIENT else line
        for line in derivation.lines
    )
    return replace(derivation, lines=lines, result=transposed(derivation.result))


def _rows(derivation: Derivation, request: Request) -> tuple[StepText, ...]:
    from mdiff_pandoc.calculus import Side
    from mdiff_pandoc.latex.printer import print_latex

    heads = {
        Side.FUNCTION: request.name,
        Side.DIFFERENTIAL: f"d{request.name}",
        Side.GRADIENT: request.operator,
    }
    rows: list[StepText] = []
    last: Side | None = None
    for line in derivation.lines:
        if line.side is Side.FUNCTION and line.expr is derivation.f:
            latex = request.f_latex
        else:
            latex = print_latex(line.expr, request.notation)
        head = "" if line.side is last else heads[line.side]
        if rows and not head and rows[-1].latex == latex:
            continue
        rows.append(StepText(head, latex, *_label(line, request)))
        last = line.side
    return tuple(rows)


def _label(line: Line, request: Request) -> tuple[str, str]:
    """What stands beside a line: the rules and the constants, in words and in LaTeX."""
    from mdiff_pandoc.latex.printer import print_latex

    names = list(line.labels)
    words, latex = "; ".join(names), "; ".join(names)
    if "identification" in names:
        form = _identification(request)
        return f"{words}: {form}", rf"\text{{{latex}: }} {form}"
    if not line.constants:
        return words, rf"\text{{{latex}}}" if names else ""
    symbols = [print_latex(symbol, request.notation) for symbol in line.constants[:4]]
    verb = "is constant" if len(symbols) == 1 else "are constant"
    separator = "; " if names else ""
    plain = symbols[0] if len(symbols) == 1 else ", ".join(symbols[:-1]) + f" and {symbols[-1]}"
    math = symbols[0] if len(symbols) == 1 else ", ".join(symbols[:-1])
    math += rf" \text{{ and }} {symbols[-1]}" if len(symbols) > 1 else ""
    front = rf"\text{{{latex}{separator}}} " if names else ""
    return f"{words}{separator}{plain} {verb}", rf"{front}{math} \text{{ {verb}}}"


def _identification(request: Request) -> str:
    """``df = tr(G^T dX)`` in the author's notation, with a letter that is still free."""
    from mdiff_pandoc.calculus import pairing
    from mdiff_pandoc.expr import Symbol, diff, symbol
    from mdiff_pandoc.latex.printer import print_latex

    variable = request.variable
    taken = {s.data.name for s in request.f.symbols if isinstance(s.data, Symbol)}
    letters = "GHMQ" if not variable.is_scalar and not variable.is_vector else "ghqr"
    letter = next((name for name in letters if name not in taken), letters[0])
    form = pairing(symbol(letter, *variable.shape), diff(variable))
    return f"d{request.name} = {print_latex(form, request.notation)}"


def _aligned(steps: Sequence[StepText]) -> str:
    if len(steps) == 1:
        return f"{steps[0].lhs} = {steps[0].latex}"
    rows = []
    for step in steps:
        row = f"{step.lhs} &= {step.latex}".strip()
        rows.append(f"{row} && {step.rule_latex}" if step.rule_latex else row)
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
