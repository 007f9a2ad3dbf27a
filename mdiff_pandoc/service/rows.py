"""A derivation as rows of LaTeX, with the names of the rules beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.answer import StepText

if TYPE_CHECKING:
    from mdiff_pandoc.calculus import Derivation, Line
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.notation import Notation
    from mdiff_pandoc.latex.reader import Request

_TRANSPOSE = regex(r"\\top|\\intercal|\\prime|['ᵀ]|\^[{\s]*(?:\\[a-z]+[{\s]*)?-?\s*T(?![A-Za-z])")
_FEW = 3
_UPRIGHT = regex(r"\\[dtc]?frac\s*\{\s*d")


def in_the_same_hand(request: Request, transpose: str = "") -> Request:
    r"""The request, its notation as in the derivative: ``\frac{dy}{dx}``, entries ``a_{ij}``.

    ``transpose`` is the superscript that the author uses elsewhere.
    """
    from mdiff_pandoc.expr import Op

    heads = dict(request.notation.heads)
    if request.variable.is_scalar and _UPRIGHT.match(request.operator):
        heads["partial"] = "d"
    if request.variable.op is Op.ENTRY:
        name = str(getattr(request.variable.args[0].data, "name", ""))
        if name.isupper() and re.search(rf"(?<![A-Za-z\\]){name.lower()}_", request.operator):
            heads["entry"] = name.lower()
    notation = replace(request.notation, heads=heads)
    own = _TRANSPOSE.search(request.f_latex + request.operator)
    if transpose and not own and "T" not in request.notation.symbols:
        notation = replace(notation, transpose=transpose)
    return replace(request, notation=notation)


def with_sizes(request: Request, derivation: Derivation) -> Request:
    """The request, identities with their sizes where several stand between Kronecker products."""
    from mdiff_pandoc.expr import Op, walk

    sizes = set()
    krons = False
    for node in walk(derivation.result):
        krons = krons or node.op is Op.KRON
        if node.op is Op.IDENTITY:
            sizes.add(node.shape)
    if not krons or len(sizes) < 2:
        return request
    return replace(request, notation=replace(request.notation, sized=True))


def rows_of(derivation: Derivation, request: Request) -> tuple[StepText, ...]:
    """The rows that a derivation prints as, in the author's notation."""
    from mdiff_pandoc.latex.printer import print_latex

    names = _names(derivation, request)
    rows: list[StepText] = []
    last = ""
    for line in derivation.lines:
        if not rows and line.lhs is derivation.f and line.expr is derivation.f:
            latex = request.f_latex
        else:
            inside = _inside(names, line.expr, request.notation)
            if line.stack is not None:
                inside[line.stack] = _stacked(line.stack, request.notation)
            latex = print_latex(line.expr, request.notation, inside)
        written = print_latex(line.lhs, request.notation, names)
        head = "" if written == last else written
        if rows and not head and rows[-1].latex == latex:
            continue
        rows.append(StepText(head, latex, *label_of(line, names, request)))
        last = written
    return tuple(rows)


def _stacked(stack: Expr, notation: Notation) -> str:
    """The rows ``r_k`` of a sum of ``e_k r_k``: the first, dots and the last, or all of a few."""
    from mdiff_pandoc.expr import Range, matmul
    from mdiff_pandoc.expr.indices import reindexed
    from mdiff_pandoc.latex.printer import print_latex

    span = stack.data
    assert isinstance(span, Range)
    _, *factors = stack.args[0].args
    row = matmul(*factors) if len(factors) > 1 else factors[0]
    size = str(span.upper)
    few = size.isdigit() and int(size) <= _FEW
    places = range(1, int(size) + 1) if few else (1, int(size) if size.isdigit() else size)
    rows = [print_latex(reindexed(row, {span.index: place}), notation) for place in places]
    body = r" \\ ".join(rows if few else (rows[0], r"\vdots", rows[-1]))
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def notes_of(derivation: Derivation, request: Request) -> tuple[str, ...]:
    """The remarks on a derivation, their formulas between dollars."""
    from mdiff_pandoc.latex.printer import print_latex

    notes = []
    for note in derivation.notes:
        parts = (note,) if isinstance(note, str) else note
        said = "".join(
            part if isinstance(part, str) else f"${print_latex(part, request.notation)}$"
            for part in parts
        )
        notes.append(said.replace("$ × $", r" \times "))
    return tuple(notes)


def result_latex(derivation: Derivation, request: Request) -> str:
    """The result alone, its derivatives with the names that the derivation has for them."""
    from mdiff_pandoc.latex.printer import print_latex

    names = _inside(_names(derivation, request), derivation.result, request.notation)
    return print_latex(derivation.result, request.notation, names)


def asked_latex(derivation: Derivation, request: Request) -> tuple[str, bool]:
    """The derivative that is answered, and whether it stands there as the author wrote it."""
    from mdiff_pandoc.latex.printer import print_latex

    if derivation.asked in _names(derivation, request):
        return request.derivative, True
    nabla = request.operator.lstrip("{").startswith(r"\nabla")
    names = _gradients(derivation, {}, request.notation) if nabla else {}
    return print_latex(derivation.asked, request.notation, names), False


def _names(derivation: Derivation, request: Request) -> dict[Expr, str]:
    """What the left-hand sides of a derivation are called."""
    from mdiff_pandoc.expr import Op, diff

    f = derivation.f
    names = {f: request.name, diff(f): f"d{request.name}"}
    form = derivation.asked.args[-1].op
    as_written = derivation.asked.op is not Op.DIFF and (request.form != "" or form is not Op.VEC)
    if as_written and (form is not Op.ENTRY or request.variable.op is Op.ENTRY):
        names[derivation.asked] = request.operator
    names |= {alias: names[whole] for alias, whole in derivation.aliases if whole in names}
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
            if node.args[1].op is Op.ENTRY or node.args[0].op is Op.DERIVATIVE:
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


class Noted(Protocol):
    """What has a notation of its author."""

    @property
    def notation(self) -> Notation:
        """The notation to print in."""


def label_of(line: Line, names: Mapping[Expr, str], request: Noted) -> tuple[str, str]:
    """What stands beside a line: rules, constants, structures; in words and in LaTeX."""
    facts: list[list[_Part]] = [[_Part(label)] for label in line.labels]
    if "identification" in line.labels:
        form = _identification(line.lhs, names, request)
        place = line.labels.index("identification")
        facts[place] = [_Part("identification: "), _Part(form, is_math=True)]
    if line.constants:
        facts.append(_said(line.constants[:4], "constant", request))
    for word in dict.fromkeys(word for _, word in line.relied):
        facts.append(_said([known for known, said in line.relied if said == word], word, request))
    parts = [part for fact in facts for part in (_Part("; "), *fact)][1:]
    return "".join(part.text for part in parts), _typeset(parts)


class _Part(Struct, frozen=True):
    """A part of a label: words, or a formula."""

    text: str
    is_math: bool = False


def _said(symbols: Sequence[Expr], word: str, request: Noted) -> list[_Part]:
    """``A and B are symmetric``."""
    from mdiff_pandoc.latex.printer import print_latex

    *first, last = [print_latex(symbol, request.notation) for symbol in symbols]
    parts = [_Part(", ".join(first), is_math=True), _Part(" and ")] if first else []
    one, many = _PREDICATES.get(word, (f"is {word}", f"are {word}"))
    return [*parts, _Part(last, is_math=True), _Part(f" {many if first else one}")]


_PREDICATES = {"unit": ("is a unit vector", "are unit vectors")}


def _typeset(parts: Sequence[_Part]) -> str:
    """``\\text{rule; } A \\text{ is constant}``."""
    runs: list[str] = []
    for is_math, run in groupby(parts, key=lambda part: part.is_math):
        text = "".join(part.text for part in run)
        runs.append(text if is_math else rf"\text{{{text}}}")
    return " ".join(runs)


def _identification(lhs: Expr, names: Mapping[Expr, str], request: Noted) -> str:
    """``df = tr(G^T dX)`` or ``dy = J dx`` in the author's notation, with a letter still free."""
    from mdiff_pandoc.calculus import pairing
    from mdiff_pandoc.expr import Layout, Op, Symbol, diff, matmul, symbol, transpose
    from mdiff_pandoc.latex.printer import print_latex

    f, variable = lhs.args
    while variable.op is Op.TRANSPOSE:
        variable = variable.args[0]
    taken = {s.data.name for s in f.symbols if isinstance(s.data, Symbol)}
    taken |= {name.strip() for name in names.values()}  # what f is printed as
    if f.is_scalar:
        letters = "GHMQ" if not variable.is_scalar and not variable.is_vector else "ghqr"
    else:
        inner = f.args[0] if f.op is Op.VEC else f
        letters = "JMGQ" if inner.op is not Op.DERIVATIVE else "HMGQ"
    letter = next((name for name in letters if name not in taken), letters[0])
    if f.is_scalar:
        form = pairing(symbol(letter, *variable.shape), diff(variable))
    else:
        factor = symbol(letter, *lhs.shape)
        if lhs.data is Layout.DENOMINATOR and (f.is_vector or not variable.is_scalar):
            factor = transpose(factor)
        form = matmul(factor, diff(variable))
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
