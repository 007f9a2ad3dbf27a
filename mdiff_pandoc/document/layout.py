"""A derivation as one ``aligned`` block that fits the width of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from mdiff_pandoc.service import StepText

PAGE = 70  # the width of a page of text, in letters of a formula
_FORMULA = 43  # beyond this a sum is broken into several lines
_LABEL = 20  # a label is never squeezed into less
_COEFFICIENT = 8  # what is shorter does not stand alone on a line
_EDGE_SPACE = re.compile(r"^(?:\\[,;:!]|\s)+")
_ATOM = re.compile(r"\\text\s*\{([^{}]*)\}|\\[A-Za-z]+\s*|\\.|\s+|.", re.S)
_TOKEN = re.compile(r"\\(?:left|right)(?![A-Za-z])\s*(?:\\[{}|]|.)|\\[A-Za-z]+|\\.|.", re.S)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_INVISIBLE = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|mathbf|mathrm|mathsf|mathbb|mathcal|boldsymbol|bm|operatorname"
    r"|displaystyle|hat|tilde|bar|vec|text)(?![A-Za-z])|\\[,;:!]"
)
_NAMED = re.compile(r"\\(?:log|exp|det|sin|cos|tan|tanh|sinh|cosh|min|max|ln)(?![A-Za-z])")
_TEXT = re.compile(r"\\text\{[^{}]*\}")  # browsers lose the words of a label that they wrap
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")


def aligned(steps: Sequence[StepText], punctuation: str = "") -> str:
    """The rows of a derivation; ``punctuation`` ends the last formula.

    Long sums go on in the next line, and labels are wrapped, where the page is too narrow.
    """
    formulas = [_EDGE_SPACE.sub("", step.latex) for step in steps]
    formulas[-1] += punctuation
    heads = max(width(step.lhs) for step in steps) + 4
    labelled = any(step.rule_latex for step in steps)
    broken = [_broken(formula, _FORMULA) for formula in formulas]
    if heads + max(map(width, formulas)) <= PAGE and not labelled:
        broken = [[formula] for formula in formulas]
    if len(steps) == 1 and len(broken[0]) == 1 and not labelled:
        return f"{steps[0].lhs} = {formulas[0]}"
    room = PAGE - heads - max(width(line) for lines in broken for line in lines)
    if labelled and room < _LABEL:
        rows = _stacked(steps, formulas, PAGE - heads)
    else:
        rows = _side_by_side(steps, broken, max(room, _LABEL))
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _side_by_side(
    steps: Sequence[StepText], broken: Sequence[Sequence[str]], room: int
) -> list[str]:
    """Formulas on the left, labels in a column of their own."""
    rows: list[str] = []
    for step, lines in zip(steps, broken, strict=True):
        labels = _wrapped(step.rule_latex, room)
        for number, (line, label) in enumerate(zip_longest(lines, labels, fillvalue="")):
            row = _row(step, line, number)
            rows.append(f"{row} && {label}" if label else row)
    return rows


def _stacked(steps: Sequence[StepText], formulas: Sequence[str], room: int) -> list[str]:
    """Labels below the formulas, where both do not fit beside one another."""
    rows: list[str] = []
    for step, formula in zip(steps, formulas, strict=True):
        lines = _broken(formula, room)
        rows += [_row(step, line, number) for number, line in enumerate(lines)]
        rows += [rf"& \qquad {label}" for label in _wrapped(step.rule_latex, room)]
    return rows


def _row(step: StepText, line: str, number: int) -> str:
    shown = _displayed(line)
    return f"{step.lhs} &= {shown}".strip() if number == 0 else f"& {shown}".strip()


def _displayed(formula: str) -> str:
    """Outer fractions at full size: browsers set the cells of a table as small as running text."""
    depth, parts = 0, []
    for match in _TOKEN.finditer(formula):
        token = match[0]
        depth += (token == "{") - (token == "}")
        parts.append(r"\dfrac" if token == r"\frac" and depth == 0 else token)
    return "".join(parts)


def width(latex: str) -> int:
    """About how many letters wide a formula is."""
    while match := _FRACTION.search(latex):
        widest = max(match.groups(), key=width)
        latex = latex[: match.start()] + widest + latex[match.end() :]
    latex = _NAMED.sub("xxx", _INVISIBLE.sub("", latex))
    return len(re.sub(r"[{}^_&\s]", "", _COMMAND.sub("x", latex))) + latex.count(" + ") * 2


def _broken(formula: str, limit: int) -> list[str]:
    """A formula split before terms of a sum, so that no line is wider than ``limit``."""
    if width(formula) <= limit:
        return [formula]
    lines: list[str] = []
    for term in _split_outside(formula, "+-"):
        if lines and width(lines[-1]) + width(term) <= limit:
            lines[-1] += f" {term}"
            continue
        for part in [term] if width(term) <= limit else _factors(term, limit):
            lines.append(rf"\quad {{}} {part}" if lines else part)
    return lines


def _factors(term: str, limit: int) -> list[str]:
    """A product in pieces of about the given width."""
    pieces: list[str] = []
    for factor in _split_outside(term, " "):
        if pieces and (
            width(pieces[-1]) + width(factor) <= limit or width(pieces[-1]) < _COEFFICIENT
        ):
            pieces[-1] += f" {factor}"
        else:
            pieces.append(factor)
    return pieces


def _split_outside(formula: str, marks: str) -> list[str]:
    """A formula split before each of some characters that stands outside all brackets."""
    parts, depth, start = [], 0, 0
    for match in _TOKEN.finditer(formula):
        token = match[0]
        if token in ("{", "(", "[") or token.startswith((r"\left", r"\begin", r"\lVert", r"\{")):
            depth += not token.startswith((r"\leftarrow", r"\leftrightarrow"))
        elif token in ("}", ")", "]") or token.startswith((r"\right", r"\end", r"\rVert", r"\}")):
            depth -= not token.startswith(r"\rightarrow")
        elif token in marks and depth == 0 and formula[start : match.start()].strip():
            parts.append(formula[start : match.start()].strip())
            start = match.start()
    parts.append(formula[start:].strip())
    return parts


def _wrapped(label: str, room: int) -> list[str]:
    """A label in lines of at most ``room`` letters, split behind semicolons and colons."""
    parts: list[str] = [""]
    for match in _ATOM.finditer(label):
        if match[1] is None:
            parts[-1] += match[0]
            continue
        *ended, last = re.split(r"(?<=[;:])\s+", match[1])
        for text in ended:
            parts[-1] += rf"\text{{{text}}}"
            parts.append("")
        parts[-1] += rf"\text{{{last}}}" if last else ""
    lines: list[str] = []
    for part in (part.strip() for part in parts if part.strip()):
        if lines and width(lines[-1]) + width(part) + 1 <= room:
            lines[-1] = _joined(lines[-1], part)
        else:
            lines.append(part)
    return [_TEXT.sub(lambda text: text[0].replace(" ", "~"), line) for line in lines]


def _joined(line: str, part: str) -> str:
    """A line that ends in text, and the part of a label behind it."""
    text = line.removesuffix("}")
    return (
        f"{text} " + part.removeprefix(r"\text{")
        if part.startswith(r"\text{")
        else f"{text} }}{part}"
    )
