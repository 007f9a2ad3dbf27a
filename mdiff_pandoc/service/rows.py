"""A derivation as rows of LaTeX, with the names of the rules beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mdiff_pandoc.service.answer import StepText

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation, Line
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.notation import Notation
    from mdiff_pandoc.latex.reader import Request


def rows_of(derivation: Derivation, request: Request) -> tuple[StepText, ...]:
    """The rows that a derivation prints as, in the author's notation."""
    from mdiff_pandoc.latex.printer import print_latex

    names = _names(derivation, request)
    rows: list[StepText] = []
    last: Expr | None = None
    for line in derivation.lines:
        if not rows and line.lhs is derivation.f and line.expr is derivation.f:
            latex = request.f_latex
        else:
            latex = print_latex(
                line.expr, request.notation, _inside(names, line.expr, request.notation)
            )
        head = "" if line.lhs is last else print_latex(line.lhs, request.notation, names)
        if rows and not head and rows[-1].latex == latex:
            continue
        rows.append(StepText(head, latex, *_label(line, names, request)))
        last = line.lhs
    return tuple(rows)


def result_latex(derivation: Derivation, request: Request) -> str:
    """The result alone, its derivatives with the names that the derivation has for them."""
    from mdiff_pandoc.latex.printer import print_latex

    names = _inside(_names(derivation, request), derivation.result, request.notation)
    return print_latex(derivation.result, request.notation, names)


def asked_latex(derivation: Derivation, request: Request) -> str:
    """The derivative that is answered: as written, or in the form that it was brought to."""
    from mdiff_pandoc.latex.printer import print_latex

    if derivation.asked in _names(derivation, request):
        return request.derivative
    return print_latex(derivation.asked, request.notation)


def _names(derivation: Derivation, request: Request) -> dict[Expr, str]:
    """What the left-hand sides of a derivation are called."""
    from mdiff_pandoc.expr import Op, diff

    f = derivation.f
    names = {f: request.name, diff(f): f"d{request.name}"}
    form = derivation.asked.args[-1].op
    as_written = request.form != "" or form is not Op.VEC
    if as_written and (form is not Op.ENTRY or request.variable.op is Op.ENTRY):
        names[derivation.asked] = request.operator
    if request.operator.lstrip("{").startswith(r"\nabla"):
        names |= _gradients(derivation, names, request.notation)
    return names


def _gradients(
    derivation: Derivation, names: dict[Expr, str], notation: Notation
) -> dict[Expr, str]:
    r"""Other gradients in the derivation, written with ``\nabla`` as the one asked for."""
    from mdiff_pandoc.expr import Op
    from mdiff_pandoc.expr.naming import surface
    from mdiff_pandoc.latex.printer import print_latex

    found: dict[Expr, str] = {}
    for line in derivation.lines:
        for node in (line.lhs, *surface(line.expr)):
            if node.op is not Op.DERIVATIVE or node in names or not node.args[0].is_scalar:
                continue
            f, variable = node.args
            text = names.get(f) or print_latex(f, notation)
            if f not in names and f.op in (Op.SUM, Op.MUL, Op.MATMUL):
                text = f"({text})"
            found[node] = rf"\nabla_{{{print_latex(variable, notation)}}} {text}"
    return found


def _inside(names: dict[Expr, str], expr: Expr, notation: Notation) -> dict[Expr, str]:
    """The names to use in a right-hand side: in derivatives of what is named, nowhere else."""
    from mdiff_pandoc.expr import Op
    from mdiff_pandoc.expr.naming import surface
    from mdiff_pandoc.latex.printer import print_latex

    return {
        node: print_latex(node, notation, names)
        for node in surface(expr)
        if node.op is Op.DERIVATIVE
    }


def _label(line: Line, names: dict[Expr, str], request: Request) -> tuple[str, str]:
    """What stands beside a line: the rules and the constants, in words and in LaTeX."""
    from mdiff_pandoc.latex.printer import print_latex

    labels = list(line.labels)
    words, latex = "; ".join(labels), "; ".join(labels)
    if "identification" in labels:
        form = _identification(line.lhs, names, request)
        return f"{words}: {form}", rf"\text{{{latex}: }} {form}"
    if not line.constants:
        return words, rf"\text{{{latex}}}" if labels else ""
    symbols = [print_latex(symbol, request.notation) for symbol in line.constants[:4]]
    verb = "is constant" if len(symbols) == 1 else "are constant"
    separator = "; " if labels else ""
    plain = symbols[0] if len(symbols) == 1 else ", ".join(symbols[:-1]) + f" and {symbols[-1]}"
    math = symbols[0] if len(symbols) == 1 else ", ".join(symbols[:-1])
    math += rf" \text{{ and }} {symbols[-1]}" if len(symbols) > 1 else ""
    front = rf"\text{{{latex}{separator}}} " if labels else ""
    return f"{words}{separator}{plain} {verb}", rf"{front}{math} \text{{ {verb}}}"


def _identification(lhs: Expr, names: dict[Expr, str], request: Request) -> str:
    """``df = tr(G^T dX)`` or ``dy = J dx`` in the author's notation, with a letter still free."""
    from mdiff_pandoc.calculus import pairing
    from mdiff_pandoc.expr import Op, Symbol, diff, matmul, symbol
    from mdiff_pandoc.latex.printer import print_latex

    f, variable = lhs.args
    while variable.op is Op.TRANSPOSE:
        variable = variable.args[0]
    taken = {s.data.name for s in f.symbols if isinstance(s.data, Symbol)}
    if f.is_scalar:
        letters = "GHMQ" if not variable.is_scalar and not variable.is_vector else "ghqr"
    else:
        letters = "JMGQ" if f.op is not Op.DERIVATIVE else "HMGQ"
    letter = next((name for name in letters if name not in taken), letters[0])
    if f.is_scalar:
        form = pairing(symbol(letter, *variable.shape), diff(variable))
    else:
        form = matmul(symbol(letter, f.shape[0], variable.shape[0]), diff(variable))
    head = print_latex(diff(f), request.notation, names)
    return f"{head} = {print_latex(form, request.notation)}"


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
