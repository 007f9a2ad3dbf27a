"""Derivations and formulas for word processors.

LibreOffice reads no alignment inside a formula and no relation without a left side, so steps are
the rows of a table; and it takes brackets with a script, single bars and signs such as ⊙ only as
they are written here. Word shows the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import ceil

import panflute as pf
from msgspec.structs import replace

from mdiff_pandoc.document.layout import PAPER, Page, Row, rows
from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.widths import width
from mdiff_pandoc.document.words import prose
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import StepText

OFFICE = ("docx", "odt", "opendocument")
_ROOM = 355.0  # of a page with pandoc's own margins, in points for type of ten points
_SIGN, _PADDING = 22.0, 16.0  # the column of the sign of equality; the edges of a cell
_LABELS = (150.0, 120.0, 95.0)  # the room for labels that is tried
_PATIENCE = 1.1  # how many more lines a column of labels may take than labels below
# LibreOffice takes a plus sign at the beginning into the numerator behind it
_LEADING_PLUS, _PLUS = regex(r"^\s*\+\s*"), r"\\text{+}\\,"
_CONTINUED = regex(r"\\quad(?![A-Za-z])\s*(?:\{\})?\s*")
_WORDS = regex(r"\\text\{([^{}]*)\}")
_TOKEN = regex(
    r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*(?:\\(?:[A-Za-z]+|[{}|])|.)"
    r"|\\sqrt\s*\[[^\]]*\]|\\operatorname\*?\s*\{[^{}]*\}|\\text\s*\{[^{}]*\}|\\(?:begin|end)\s*\{[^{}]*\}"
    r"|\\[A-Za-z]+|\\.|\s+|.",
    re.S,
)
_NAME = regex(r"(?<=[\w)}])\s*(?=\\text\{[a-z]+\})")  # of a function, with its space
_BEFORE = regex(r"(\\text\{[a-z]+\})\s+(?=\w|\\(?!left|,|:|;|text))")
_SCRIPTED = regex(r"\^\s*\{?\s*([+*])\s*\}?")
_SIZE = regex(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*")
_OPENING = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"}
_CLOSING = frozenset(_OPENING.values())
_BARS = {
    **dict.fromkeys((r"\|", r"\Vert", r"\lVert", r"\rVert"), "‖"),
    **dict.fromkeys(("|", r"\vert", r"\lvert", r"\rvert"), "|"),
}
_CIRCLED = {r"\odot": "⊙", r"\otimes": "⊗", r"\oslash": "⊘"}


def table(
    steps: Sequence[StepText], punctuation: str = "", page: Page = PAPER, *, texts: bool = False
) -> pf.Table:
    """The steps in columns: left side, sign of equality, right side, label.

    Where the right sides need the room, the labels stand below them. ``texts`` asks for labels
    without formulas: pandoc's odt writer takes a time that grows with the square of their number.
    """
    room = _ROOM * page.width / PAPER.width
    head = max(width(step.lhs) for step in steps)
    space = room - head - _SIGN - 2 * _PADDING
    label, lines = _arranged(steps, punctuation, replace(page, width=head + space))
    sizes = [head + _PADDING, _SIGN, space + _PADDING]
    if label:
        formula = min(max(width(line.formula) for line in lines), space - label)
        sizes[2:] = [formula + _PADDING, space - formula]
    kinds = ("AlignRight", "AlignCenter", "AlignLeft", "AlignLeft")
    columns = [(kind, size / room) for kind, size in zip(kinds, sizes, strict=False)]
    body = []
    for place, step in enumerate(steps):
        told = _told(step.rule_latex)
        cells = _cells([line for line in lines if line.step == place])
        words = prose(readable(told) if texts else told)
        if label:
            cells.append(words)
        elif words:
            cells[-1] += [pf.LineBreak(), pf.Str("\u2003\u2003"), *words]
        shown = (pf.TableCell(pf.Plain(*cell)) if cell else pf.TableCell() for cell in cells)
        body.append(pf.TableRow(*shown))
    return pf.Table(pf.TableBody(*body), colspec=columns)


def _arranged(steps: Sequence[StepText], punctuation: str, page: Page) -> tuple[float, list[Row]]:
    """The room for a column of labels, and the lines of the right sides beside it.

    No room for labels where there are none, or where they stand below the right sides.
    """
    widths = [width(step.rule_latex) for step in steps]
    bare = [replace(step, rule_latex="") for step in steps]
    below = rows(bare, punctuation, page)
    if not any(widths):
        return 0.0, below
    best = (0.0, below)
    fewest = _PATIENCE * (len(below) + sum(map(bool, widths)))
    for room in dict.fromkeys(min(max(*widths, _LABELS[-1]), most) for most in _LABELS):
        beside = replace(page, width=page.width - room - _PADDING)
        lines = rows(bare, punctuation, beside)
        left = beside.width - max(width(step.lhs) for step in steps)
        taken = Counter(line.step for line in lines)
        count = sum(max(taken[place], ceil(wide / room)) for place, wide in enumerate(widths))
        if count < fewest and all(width(line.formula) <= left for line in lines):
            best, fewest = (room + _PADDING, lines), count
    return best


def _cells(lines: Sequence[Row]) -> list[list[pf.Element]]:
    """What stands in the first three columns."""
    first, *others = lines
    formula: list[pf.Element] = [_math(first.formula.strip().removeprefix("="))]
    for line in others:
        text, depth = _CONTINUED.subn("", line.formula)
        formula += [pf.LineBreak(), pf.Str("\u2003" * depth), _math(_LEADING_PLUS.sub(_PLUS, text))]
    return [[_math(first.lhs)] if first.lhs else [], [pf.Str("=")], formula]


def _math(text: str) -> pf.Math:
    return pf.Math(text.strip(), format="InlineMath")


def _told(label: str) -> str:
    """A label as text with formulas between dollars."""
    pieces = _WORDS.split(label)
    pieces[::2] = (f"${piece.strip()}$" if piece.strip() else "" for piece in pieces[::2])
    return "".join(pieces).replace("~", " ")


def plainly(formula: str) -> str:
    """A formula in the TeX that becomes what word processors read."""
    made: list[str] = []
    opened: list[tuple[str, int]] = []  # what closes, and where it was opened
    for token in _TOKEN.findall(formula):
        bare = _SIZE.sub("", token) if token.startswith("\\") else token
        if bare in _OPENING:
            opened.append((_OPENING[bare], len(made)))
            made.append(_alone(bare))
        elif bare in _CLOSING:
            made.append(_alone(bare))
            if opened and opened[-1][0] == bare:
                _, start = opened.pop()
                made[start] = r"\left" + next(key for key in _OPENING if _OPENING[key] == bare)
                made[-1] = r"\right" + bare
        elif bare == "{" or token.startswith(r"\begin"):
            opened.append(("", 0))
            made.append(token)
        elif bare in ("}", "&", r"\\") or token.startswith(r"\end"):
            while opened and opened[-1][0]:
                opened.pop()
            if opened and bare not in ("&", r"\\"):
                opened.pop()
            made.append(token)
        elif token in (r"\left.", r"\right."):
            continue
        else:
            made.append(_written(token, bare))
    text = "".join(made).strip().replace(r"{\cdot}", r"{\text{·}}")
    text = _NAME.sub(r"\\, ", text)
    return _SCRIPTED.sub(r"^{\\text{\1}}", _BEFORE.sub(r"\1\\, ", text))


def _written(token: str, bare: str) -> str:
    if bare in _BARS:
        return rf"\text{{{_BARS[bare]}}}"
    if bare in _CIRCLED:
        return rf"\,\text{{{_CIRCLED[bare]}}}\,"
    if token.startswith(r"\operatorname"):
        name = token.partition("{")[2].removesuffix("}")
        return rf"\text{{{name}}}"
    return token


def _alone(bracket: str) -> str:
    """A bracket whose partner stands in another line."""
    return rf"\text{{{bracket}}}" if bracket in "()[]" else bracket
