"""How wide a formula is on paper, estimated from its LaTeX."""

from __future__ import annotations

import re
from functools import lru_cache

from mdiff_pandoc.patterns import regex

TOKEN = regex(
    r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*(?:\\(?:[A-Za-z]+|[{}|])|.)"
    r"|\\(?:begin|end)\s*\{[A-Za-z*]+\}|\\[A-Za-z]+|\\.|\s+|.",
    re.S,
)
_SCRIPT = 0.72  # the size of an index beside that of running text
_NOTHING = frozenset(
    r"\displaystyle \textstyle \limits \nolimits \mathbf \mathrm \mathsf \mathbb \mathcal "
    r"\boldsymbol \bm \hat \tilde \bar \vec \overline \widehat \widetilde \mathit ^ _ { }".split()
)
_NARROW = {r"\,": 1.7, r"\:": 2.2, r"\;": 2.8, r"\!": -1.7, "~": 3.3, r"\quad": 10, r"\qquad": 20}
_SIGNS = frozenset(r"+ - = < > \odot \otimes \oslash \times \cdot \le \ge \to \in \circ".split())
_BRACKETS = frozenset(r"( ) [ ] | , . : ; ' \| \{ \} \lVert \rVert \lvert \rvert \Vert".split())
_NAMES = regex(r"log|exp|det|sin|cos|tan|tanh|sinh|cosh|min|max|ln")


@lru_cache(maxsize=4096)
def width(latex: str) -> float:
    """The width in points, for type of ten points in display style."""
    tokens = TOKEN.findall(latex)
    return _row(tokens, 0)[0]


def _row(tokens: list[str], at: int, end: str = "") -> tuple[float, int]:
    """The width of the tokens up to a closing token, and the place behind that token."""
    total = 0.0
    while at < len(tokens):
        if tokens[at] == end:
            return total, at + 1
        size, at = _one(tokens, at)
        total += size
    return total, at


def _one(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of one token with its arguments, and the place behind them."""
    token, at = tokens[at], at + 1
    if token == "{":
        return _row(tokens, at, "}")
    if token in ("^", "_"):
        return _scripts(tokens, at - 1)
    if token in (r"\frac", r"\dfrac", r"\tfrac"):
        over, at = _argument(tokens, at)
        under, at = _argument(tokens, at)
        return max(over, under) + 2.5, at
    if token in (r"\text", r"\operatorname", r"\mathop", r"\operatorname*"):
        return _words(tokens, at)
    if token.startswith(r"\begin"):
        return _matrix(tokens, at)
    if token in (r"\sum", r"\prod"):
        limits, at = _scripts(tokens, at)
        return max(18.0, 10 + 0.6 * limits), at
    if token == r"\sqrt":
        inside, at = _argument(tokens, at)
        return inside + 9, at
    return _letter(token), at


def _argument(tokens: list[str], at: int) -> tuple[float, int]:
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return _one(tokens, at) if at < len(tokens) else (0.0, at)


def _scripts(tokens: list[str], at: int) -> tuple[float, int]:
    """An upper and a lower index stand above one another."""
    widest = 0.0
    while at < len(tokens) and tokens[at] in ("^", "_"):
        size, at = _argument(tokens, at + 1)
        widest = max(widest, _SCRIPT * size)
    return widest, at


def _words(tokens: list[str], at: int) -> tuple[float, int]:
    """Upright words in braces."""
    letters = 0
    depth = 0
    while at < len(tokens):
        token, at = tokens[at], at + 1
        depth += (token == "{") - (token == "}")
        if depth == 0:
            break
        letters += len(token) if token not in "{}" else 0
    return 4.6 * letters + 1.7, at


def _matrix(tokens: list[str], at: int) -> tuple[float, int]:
    """Columns as wide as their widest entry."""
    columns: list[float] = []
    column = 0
    entry = 0.0
    while at < len(tokens):
        token = tokens[at]
        if token in ("&", r"\\") or token.startswith(r"\end"):
            columns += [0.0] * (column + 1 - len(columns))
            columns[column] = max(columns[column], entry)
            column, entry = (column + 1 if token == "&" else 0), 0.0
            at += 1
            if token.startswith(r"\end"):
                break
            continue
        size, at = _one(tokens, at)
        entry += size
    return sum(columns) + 10 * len(columns) + 3, at


def _letter(token: str) -> float:
    if token in _NOTHING or token.isspace():
        return 0.0
    if token in _NARROW:
        return _NARROW[token]
    if token in _SIGNS:
        return 12.5
    if token in _BRACKETS:
        return 4.0
    if token.startswith((r"\left", r"\right", r"\big", r"\Big")):
        return 7.0 if not token.startswith((r"\leftarrow", r"\rightarrow")) else 12.0
    if token.startswith("\\"):
        name = token[1:]
        if _NAMES.fullmatch(name):
            return 5.2 * len(name) + 2
        return 8.0 if name in ("top", "intercal", "nabla", "Sigma") else 6.5
    return 8.0 if token.isupper() else 5.4
