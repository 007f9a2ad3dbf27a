"""A derivation as rows of LaTeX, with the names of the rules beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mdiff_pandoc.service.answer import StepText

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation, Line
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.reader import Request


def rows_of(derivation: Derivation, request: Request) -> tuple[StepText, ...]:
    """The rows that a derivation prints as, in the author's notation."""
    from mdiff_pandoc.expr import diff
    from mdiff_pandoc.latex.printer import print_latex

    f = derivation.f
    names = {f: request.name, diff(f): f"d{request.name}", derivation.asked: request.operator}
    rows: list[StepText] = []
    last: Expr | None = None
    for line in derivation.lines:
        if line.lhs is f and line.expr is f:
            latex = request.f_latex
        else:
            latex = print_latex(line.expr, request.notation)
        head = "" if line.lhs is last else print_latex(line.lhs, request.notation, names)
        if rows and not head and rows[-1].latex == latex:
            continue
        rows.append(StepText(head, latex, *_label(line, request)))
        last = line.lhs
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


def aligned(steps: Sequence[StepText]) -> str:
    """The rows as an ``aligned`` block."""
    if len(steps) == 1:
        return f"{steps[0].lhs} = {steps[0].latex}"
    rows = []
    for step in steps:
        row = f"{step.lhs} &= {step.latex}".strip()
        rows.append(f"{row} && {step.rule_latex}" if step.rule_latex else row)
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
