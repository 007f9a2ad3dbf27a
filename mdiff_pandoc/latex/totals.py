r"""Sums of entries that an equation states: ``\sum_i y_i = 1``, ``P 1 = 1``."""

from __future__ import annotations

from mdiff_pandoc.patterns import regex

_ONES = (
    r"(?:\\(?:mathbf|mathbb|boldsymbol|bm|mathds)\s*(?:\{\s*1\s*\}|1)|\\vec\s*\{?\s*1\s*\}?|"
    r"\\(?:ones?|bone|bfone)(?![A-Za-z]))(?:\s*_\s*(?:\w|\{\w+\}))?"
)
_TURN = r"\s*(?:\^\s*(?:\\(?:top|intercal)(?![A-Za-z])|T|\{\s*(?:\\(?:top|intercal)|T)\s*\})|')"
_LETTER = r"(?:\\[A-Za-z]+\s*\{\s*\\?[A-Za-z]+\s*\}|\\[A-Za-z]+|[A-Za-z])"
_NAME = rf"{_LETTER}(?:\s*_\s*(?:\w|\{{\s*\w+\s*\}}))?"
_SCRIPT = r"(?:\{[^{}]*\}|\w)"
_OF_VECTOR = regex(
    rf"\\sum(?:\s*_\s*{_SCRIPT})?(?:\s*\^\s*{_SCRIPT})?\s*(?P<entries>{_LETTER})"
    rf"\s*_\s*(?:[a-z]|\{{\s*[a-z]\s*\}})\s*=\s*1\s*"
    rf"|{_ONES}{_TURN}\s*(?P<behind>{_NAME})\s*=\s*1\s*|(?P<before>{_NAME}){_TURN}\s*{_ONES}\s*=\s*1\s*"
)
_OF_ROWS = regex(rf"(?P<name>{_NAME})\s*{_ONES}\s*=\s*{_ONES}\s*")
_OF_COLUMNS = regex(rf"{_ONES}{_TURN}\s*(?P<name>{_NAME})\s*=\s*{_ONES}{_TURN}\s*")


def stated_total(equation: str) -> tuple[str, str] | None:
    """The name whose entries, rows or columns add up to 1, and the words that say so."""
    equation = equation.strip(" .,;\n")
    right = equation.rpartition("=")[2].strip()
    if right != "1" and not right.startswith("\\"):
        return None
    if vector := _OF_VECTOR.fullmatch(equation):
        name = vector["entries"] or vector["behind"] or vector["before"]
        return name.strip(), "sums to one"
    if rows := _OF_ROWS.fullmatch(equation):
        return rows["name"].strip(), "rows sum to one"
    columns = _OF_COLUMNS.fullmatch(equation)
    return (columns["name"].strip(), "columns sum to one") if columns else None
