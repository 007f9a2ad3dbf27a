"""A derivation as one ``aligned`` block that fits the width of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from mdiff_pandoc.service import StepText

PAGE = 70  # the width of a page of text, in letters of a formula
_FORMULA = 43  # beyond this a sum is broken into several lines
_LABEL = 20  # a label is never squeezed into less
_EDGE_SPACE = re.compile(r"^(?:\\[,;:!]|\s)+")
_ATOM = re.compile(r"\\text\s*\{([^{}]*)\}|\\[A-Za-z]+\s*|\\.|\s+|.", re.S)
_TOKEN = re.compile(r"\\(?:left|right)(?![A-Za-z])\s*(?:\\[{}|]|.)|\\[A-Za-z]+|\\.|.", re.S)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_INVISIBLE = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|mathbf|mathrm|mathsf|mathbb|mathcal|boldsymbol|bm|operatorname"
    r"|displaystyle|hat|tilde|bar|vec|text)(?![A-Za-z])|\\[,;:!]"
)
_NAMED = re.compile(r"\\(?:log|exp|det|sin|cos|tan|tanh|sinh|cosh|min|max|ln)(?![A-Za-z])")
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")


def aligned(steps: Sequence[StepText], punctuation: str = "") -> str:
    """The rows of a derivation; ``punctuation`` ends the last formula.

    Long sums go on in the next line, and labels are wrapped, where the page is too narrow.
    """
    formulas = [_EDGE_SPACE.sub("", step.latex) for step in steps]
    formulas[-1] += punctuation
    heads = max(width(step.lhs) for step in steps) + 4
    broken = [_broken(formula, _FORMULA) for formula in formulas]
    if heads + max(map(width, formulas)) <= PAGE and not any(step.rule_latex for step in steps):
        broken = [[formula] for formula in formulas]
    if len(steps) == 1 and len(broken[0]) == 1 and not steps[0].rule_latex:
        return f"{steps[0].lhs} = {formulas[0]}"
    room = PAGE - heads - max(width(line) for lines in broken for line in lines)
    rows: list[str] = []
    for step, lines in zip(steps, broken, strict=True):
        labels = _wrapped(step.rule_latex, max(room, _LABEL))
        for number, (line, label) in enumerate(zip_longest(lines, labels, fillvalue="")):
            shown = _displayed(line)
            row = f"{step.lhs} &= {shown}".strip() if number == 0 else f"& {shown}".strip()
            rows.append(f"{row} && {label}" if label else row)
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


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
    terms, depth, start = [], 0, 0
    for match in _TOKEN.finditer(formula):
        token = match[0]
        if token in ("{", "(", "[") or token.startswith((r"\left", r"\begin", r"\lVert", r"\{")):
            depth += not token.startswith((r"\leftarrow", r"\leftrightarrow"))
        elif token in ("}", ")", "]") or token.startswith((r"\right", r"\end", r"\rVert", r"\}")):
            depth -= not token.startswith(r"\rightarrow")
        elif token in "+-" and depth == 0 and formula[start : match.start()].strip():
            terms.append(formula[start : match.start()].strip())
            start = match.start()
    terms.append(formula[start:].strip())
    lines = [terms[0]]
    for term in terms[1:]:
        if width(lines[-1]) + width(term) <= limit:
            lines[-1] += f" {term}"
        else:
            lines.append(rf"\quad {{}} {term}")
    return lines


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
    return lines


def _joined(line: str, part: str) -> str:
    """A line that ends in text, and the part of a label behind it."""
    text = line.removesuffix("}")
    return (
        f"{text} " + part.removeprefix(r"\text{")
        if part.startswith(r"\text{")
        else f"{text} }}{part}"
    )
