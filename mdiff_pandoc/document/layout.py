"""A derivation in rows that fit the width of a page, and as one ``aligned`` block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.widths import TOKEN, width
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import StepText

_GAP = 24.0  # the sign of equality, and the space before the labels
_LABEL = 112.0  # a label is never squeezed into less
_SHARES = (0.75, 0.65, 0.55)  # of the page beside the heads: what long formulas may take
_PATIENCE = 1.3  # how many more lines a column of labels may take than labels behind formulas
_COEFFICIENT = 40.0  # what is shorter does not stand alone on a line
_INDENT = 20.0  # of the second line of a formula
_QUAD = 20.0  # between a formula and a label in one line
_EDGE_SPACE = regex(r"^(?:\\[,;:!]|\s)+")
_SIGNED = regex(r"(?:\\quad|\{\}|\s)*[+-]")
_ATOM = regex(r"\\text\s*\{([^{}]*)\}|\\[A-Za-z]+\s*|\\.|\s+|.", re.S)
_TEXT = regex(r"\\text\{[^{}]*\}")
_OPENING = (
    *("{", "(", "[", r"\{", r"\lVert", r"\lvert", r"\langle", r"\left", r"\begin"),
    *(r"\bigl", r"\biggl", r"\Bigl", r"\Biggl"),
)
_CLOSING = (
    *("}", ")", "]", r"\}", r"\rVert", r"\rvert", r"\rangle", r"\right", r"\end"),
    *(r"\bigr", r"\biggr", r"\Bigr", r"\Biggr"),
)
_BARS = (r"\|", "|", r"\Vert", r"\vert")
_SIZE = regex(r"^\\(?:left|right|[bB]igg?[lr])\s*")
_ARROWS = (r"\leftarrow", r"\leftrightarrow", r"\rightarrow")
_TALL = regex(r"\\d?frac|\\begin|\\sum")
_NESTED = regex(r"\\dfrac.*\\frac")
_MARKS = (("+", "-"), (r"\odot", r"\otimes"), (" ",))


class Page(Struct, frozen=True):
    """The room for a formula, in points for type of ten points."""

    width: float = 332.0
    height: float = 490.0


PAPER = Page()


class Row(Struct, frozen=True):
    """One line of a derivation: ``lhs & formula && label``.

    ``step`` counts the steps from 0; a ``first`` line of a step has its sign of equality in the
    ``formula``, the others continue it.
    """

    step: int
    lhs: str
    formula: str
    label: str = ""
    first: bool = True

    @property
    def tex(self) -> str:
        """The line in an environment such as ``aligned``, without the end of the row."""
        row = f"{self.lhs} &{self.formula}".strip()
        return f"{row} && {self.label}" if self.label else row


def aligned(steps: Sequence[StepText], punctuation: str = "", page: Page = PAPER) -> str:
    """The rows of a derivation; ``punctuation`` ends the last formula.

    Long formulas go on in the next line, and labels are wrapped, where the page is too narrow. The
    right side of a lone formula stands below a long left side where it is broken less there.
    """
    if one := lone(steps, punctuation, page):
        return one
    if len(steps) == 1 and not steps[0].rule_latex:
        [formula], room = _formulas(steps, punctuation, page)
        beside, below = _broken(formula, room), _broken(formula, page.width - _INDENT - _GAP)
        if 1 + _breaks(below) < _breaks(beside):
            head = Row(0, "", _displayed(steps[0].lhs), first=False)
            lines = (_row(0, steps[0], line, first=not place) for place, line in enumerate(below))
            right = (replace(line, lhs="", formula=rf"\quad {line.formula}") for line in lines)
            return block([head, *right])
        return block(_side_by_side(steps, [beside], room))
    return block(rows(steps, punctuation, page))


def _breaks(lines: Sequence[str]) -> int:
    """How often a formula is broken; in a product it counts for two."""
    return sum(1 if _SIGNED.match(line) else 2 for line in lines[1:])


def lone(steps: Sequence[StepText], punctuation: str = "", page: Page = PAPER) -> str:
    """A derivation that is one formula of one line, without label; else nothing."""
    formulas, room = _formulas(steps, punctuation, page)
    if len(steps) == 1 and not steps[0].rule_latex and width(formulas[0]) <= room:
        return f"{steps[0].lhs} = {formulas[0]}"
    return ""


def rows(steps: Sequence[StepText], punctuation: str = "", page: Page = PAPER) -> list[Row]:
    """The lines of a derivation, none of them wider than the page where that can be helped."""
    formulas, room = _formulas(steps, punctuation, page)
    if any(step.rule_latex for step in steps):
        return _labelled(steps, formulas, room, page)
    return _side_by_side(steps, [_broken(formula, room) for formula in formulas], room)


def pages(lines: Sequence[Row], page: Page = PAPER) -> list[list[Row]]:
    """The lines in as many groups as it takes, because no block can go over two pages.

    The lines of one step stay together where they fit on a page.
    """
    heights = list(map(height, lines))
    total = sum(heights)
    if total <= page.height:
        return [list(lines)]
    goal = total / ceil(total / page.height)
    groups: list[list[Row]] = [[]]
    high = 0.0
    for place, (row, own) in enumerate(zip(lines, heights, strict=True)):
        stop = next((k for k in range(place + 1, len(lines)) if lines[k].first), len(lines))
        step = sum(heights[place:stop])
        needed = step if row.first and step <= page.height else own
        if high + needed > page.height or (row.first and high + own / 2 > goal):
            groups.append([])
            high = 0.0
        groups[-1].append(row)
        high += own
    return [group for group in groups if group]


def block(lines: Sequence[Row]) -> str:
    """Lines as one ``aligned`` environment."""
    body = " \\\\\n".join(row.tex for row in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def height(row: Row) -> float:
    """About how high a row is, in points."""
    tex = row.tex
    line = 42.0 if _NESTED.search(tex) else 30.0 if re.search(r"frac|\\sum", tex) else 15.0
    matrices = (part.partition(r"\end")[0] for part in tex.split(r"\begin")[1:])
    return line * (1 + max((matrix.count(r"\\") for matrix in matrices), default=0))


def numbered(steps: Sequence[StepText]) -> list[StepText]:
    """Steps with their numbers before their labels; a lone one needs none.

    The numbers are text, because ``aligned`` takes no ``\\tag``.
    """
    if len(steps) < 2:
        return list(steps)
    return [
        replace(step, rule_latex=_joined(rf"\text{{{number}.}}", step.rule_latex))
        for number, step in enumerate(steps, 1)
    ]


def _formulas(steps: Sequence[StepText], punctuation: str, page: Page) -> tuple[list[str], float]:
    """The right-hand sides, and the room for them."""
    formulas = [_EDGE_SPACE.sub("", step.latex) for step in steps]
    formulas[-1] += punctuation
    return formulas, page.width - max(width(step.lhs) for step in steps) - _GAP / 2


def _labelled(
    steps: Sequence[StepText], formulas: Sequence[str], room: float, page: Page
) -> list[Row]:
    """Labels in a column of their own, or at the end of the formulas where that saves lines."""
    widest = max(map(width, formulas))
    label = max(width(step.rule_latex) for step in steps)
    if widest + _GAP + label <= room:
        return _side_by_side(steps, [[formula] for formula in formulas], label + 1)
    best = _stacked(steps, formulas, room, page)
    most = _PATIENCE * len(best)
    for share in _SHARES:
        lines = [_broken(formula, share * room, most=1) for formula in formulas]
        left = room - _GAP - max(width(line) for parts in lines for line in parts)
        if left >= _LABEL:
            beside = _side_by_side(steps, lines, left)
            if len(beside) <= most:
                best, most = beside, len(beside) - 1
    return best


def _side_by_side(
    steps: Sequence[StepText], broken: Sequence[Sequence[str]], room: float
) -> list[Row]:
    """Formulas on the left, labels in a column of their own."""
    made: list[Row] = []
    for place, (step, lines) in enumerate(zip(steps, broken, strict=True)):
        labels = _wrapped(step.rule_latex, room)
        for number, (line, label) in enumerate(zip_longest(lines, labels, fillvalue="")):
            made.append(_row(place, step, line, label, first=number == 0))
    return made


def _stacked(
    steps: Sequence[StepText], formulas: Sequence[str], room: float, page: Page
) -> list[Row]:
    """Each label behind its formula, or below it where the line is full."""
    made: list[Row] = []
    for place, (step, formula) in enumerate(zip(steps, formulas, strict=True)):
        lines = _broken(formula, room)
        made += [_row(place, step, line, first=number == 0) for number, line in enumerate(lines)]
        if width(lines[-1]) + _QUAD + width(step.rule_latex) <= room:
            label = " ".join(_wrapped(step.rule_latex, page.width))
            if label:
                made[-1] = replace(made[-1], formula=rf"{made[-1].formula} \qquad {label}")
        else:
            made += [
                Row(place, "", rf" \qquad {label}", first=False)
                for label in _wrapped(step.rule_latex, room - _QUAD)
            ]
    return made


def _row(place: int, step: StepText, line: str, label: str = "", *, first: bool) -> Row:
    shown = _displayed(line)
    if first:
        return Row(place, _displayed(step.lhs), f"= {shown}", label)
    return Row(place, "", f" {shown}".rstrip(), label, first=False)


def _displayed(formula: str) -> str:
    """Outer fractions at full size: browsers set the cells of a table as small as running text."""
    depth, parts = 0, []
    for token in TOKEN.findall(formula):
        depth += (token == "{" or token.startswith(r"\begin")) - (token == "}")
        depth -= token.startswith(r"\end")
        parts.append(r"\dfrac" if token == r"\frac" and depth == 0 else token)
    return "".join(parts)


def _broken(formula: str, limit: float, level: int = 0, most: int = 4) -> list[str]:
    """A formula in lines that are no wider than ``limit``, where it can be broken so.

    It is broken before the terms of a sum, else before elementwise products, else between factors,
    and inside brackets where nothing else helps: ``most`` of these ways are tried.
    """
    if width(formula) <= limit or level == most:
        return [formula]
    if level == len(_MARKS):
        return _opened(formula, limit)
    pieces = _split_outside(formula, _MARKS[level])
    if level == len(_MARKS) - 1:
        pieces = _with_coefficients(pieces)
    lines: list[str] = []
    for piece in pieces:
        if lines and width(lines[-1]) + width(piece) <= limit:
            lines[-1] += f" {piece}"
            continue
        for part in _broken(piece, limit - (_INDENT if lines else 0), level + 1, most):
            lines.append(part if not lines or part.startswith(r"\quad") else rf"\quad {{}} {part}")
    return lines


def _with_coefficients(factors: Sequence[str]) -> list[str]:
    """Factors, with those that are too short to stand alone joined to the next one."""
    joined: list[str] = []
    for factor in factors:
        if joined and width(joined[-1]) < _COEFFICIENT:
            joined[-1] += f" {factor}"
        else:
            joined.append(factor)
    return joined


def _opened(formula: str, limit: float) -> list[str]:
    """A formula whose longest bracket is broken inside; the size of the bracket is then fixed."""
    tokens = TOKEN.findall(formula)
    start, stop = _longest_bracket(tokens)
    before, inner = "".join(tokens[:start]), "".join(tokens[start + 1 : stop]).strip()
    room = limit - width(before) - _INDENT
    if room < _LABEL:
        return [formula]
    first, *rest = _broken(inner, room)
    if not rest:
        return [formula]
    size = "bigg" if _TALL.search(inner) else "big"
    left, right = _SIZE.sub("", tokens[start]), _SIZE.sub("", tokens[stop])
    lines = [rf"{before}\{size}l{left}{first}", *(rf"\quad {line}" for line in rest)]
    lines[-1] += rf"\{size}r{right}" + "".join(tokens[stop + 1 :])
    return lines


def _longest_bracket(tokens: Sequence[str]) -> tuple[int, int]:
    """The places of an outermost bracket and of its partner; one place, if there is none."""
    best = (0, 0)
    depth = start = 0
    for place, token in enumerate(tokens):
        turn = _turn(token)
        if depth == 0 and turn > 0:
            start = place
        depth += turn
        is_bracket = tokens[start] != "{" and not tokens[start].startswith(r"\begin")
        if depth == 0 and turn < 0 and is_bracket and place - start > best[1] - best[0]:
            best = (start, place)
    return best


def _turn(token: str) -> int:
    """1 for an opening bracket, -1 for a closing one."""
    if token.startswith(_ARROWS):
        return 0
    return int(token.startswith(_OPENING)) - int(token.startswith(_CLOSING))


def _split_outside(formula: str, marks: Sequence[str]) -> list[str]:
    """A formula split before each of some marks that stands outside all brackets."""
    parts = [""]
    depth = 0
    bars: set[str] = set()
    for token in TOKEN.findall(formula):
        depth += _turn(token)
        if token in _BARS:
            bars ^= {token}
        mark = " " if token.isspace() else token
        if mark in marks and depth == 0 and not bars and parts[-1].strip():
            parts.append("")
        parts[-1] += token
    return [part.strip() for part in parts]


def _wrapped(label: str, room: float) -> list[str]:
    """A label in lines of at most ``room`` points, split behind semicolons, colons and words."""
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
        for piece in _by_words(part, room):
            if lines and width(lines[-1]) + width(piece) + 4 <= room:
                lines[-1] = _joined(lines[-1], piece)
            else:
                lines.append(piece)
    return lines


def _by_words(part: str, room: float) -> list[str]:
    """The words of a part of a label that is wider than a line, each by itself."""
    words = part.removeprefix(r"\text{").removesuffix("}")
    if width(part) <= room or not _TEXT.fullmatch(part):
        return [part]
    return [rf"\text{{{word}}}" for word in words.split()]


def _joined(line: str, part: str) -> str:
    """A line that ends in text, and the part of a label behind it."""
    text = line.removesuffix("}")
    if not part:
        return line
    return (
        f"{text} " + part.removeprefix(r"\text{")
        if part.startswith(r"\text{")
        else f"{text} }}{part}"
    )
