"""The anatomy of a formula in a document: its environment, rows, labels and tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROW_ENVIRONMENTS = (
    "align",
    "aligned",
    "alignat",
    "alignedat",
    "eqnarray",
    "flalign",
    "gather",
    "gathered",
    "multline",
    "split",
)
ENVIRONMENTS = ("equation", "displaymath", "math", *ROW_ENVIRONMENTS)
NUMBERED = frozenset(("equation", "align", "alignat", "eqnarray", "flalign", "gather", "multline"))

_NAMES = "|".join(sorted(ENVIRONMENTS, key=len, reverse=True))
_BEGIN = re.compile(rf"\s*\\begin\s*\{{({_NAMES})(\*?)\}}")
_ALIGNAT_ARGUMENT = re.compile(r"\s*\{\s*\d+\s*\}")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_TAG = re.compile(r"\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_UNNUMBERED = re.compile(r"\\(?:notag|nonumber)(?![A-Za-z])")
_TYPED_NUMBER = re.compile(
    r"(?:\\qquad|\\quad)(?:\\qquad|\\quad|\\[,;:! ]|~|\s)*(\(\d+\w?\))[\s.]*$"
)
_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\\\(?:\s*\[[^\]]*\])?|\\[A-Za-z]+|\\.|[{}&]", re.S
)
_CONTINUES = re.compile(
    r"\s*(?:=|\\(?:implies|Rightarrow|approx|propto|leq?|geq?)(?![A-Za-z])|[+-])"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a formula: a row with the rows that continue it.

    ``text`` has the length of the source from ``start`` to ``end``; what is not mathematics
    (comments, labels, tags, row ends, alignment marks) is blanked out, so that offsets into
    ``text`` plus ``start`` are offsets into the author's LaTeX. ``tag`` is the number to print
    with its parentheses, or empty.
    """

    text: str
    start: int
    end: int
    labels: tuple[str, ...] = ()
    tag: str = ""
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula taken apart: ``opening`` + rows + ``closing`` is the source again."""

    source: str
    opening: str
    closing: str
    statements: tuple[Statement, ...]


def read_formula(source: str) -> Formula:
    """Take the LaTeX of one Math or raw element apart."""
    start, end, numbered = _unwrap(source)
    clean = without_comments(source)
    statements = []
    for row_start, row_end in _statements(clean, start, end):
        statement = _statement(clean[row_start:row_end], row_start, row_end, numbered)
        if statement.text.strip():
            statements.append(statement)
    outer = _COMMENT.sub("", source[:start])
    if len(statements) == 1 and (labels := tuple(_LABEL.findall(outer))):
        only = statements[0]
        statements = [
            Statement(
                only.text, only.start, only.end, labels + only.labels, only.tag, only.numbered
            )
        ]
    return Formula(source, source[:start], source[end:], tuple(statements))


def without_comments(source: str) -> str:
    """LaTeX of the same length, with spaces for comments."""
    return _COMMENT.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), source)


def _unwrap(source: str) -> tuple[int, int, bool]:
    """Where the rows begin and end inside all wrapping environments; are they numbered?"""
    start, end, numbered = 0, len(source), False
    while match := _BEGIN.match(source, start, end):
        name = match[1] + match[2]
        closing = rf"\end{{{name}}}"
        inner_end = source.rfind(closing, match.end(), end)
        if inner_end < 0 or _LABEL.sub("", source[inner_end + len(closing) : end]).strip(" \t\n.,"):
            break
        if source.count(rf"\begin{{{name}}}", start, end) > 1 and not _nests(
            source[match.end() : inner_end], name
        ):
            break
        start, end = match.end(), inner_end
        if match[1].startswith("alignat") or match[1] == "alignedat":
            argument = _ALIGNAT_ARGUMENT.match(source, start, end)
            start = argument.end() if argument else start
        numbered = numbered or (match[1] in NUMBERED and not match[2])
        label = re.compile(r"\s*\\label\s*\{[^{}]*\}").match(source, start, end)
        if label and _BEGIN.match(source, label.end(), end):
            start = label.end()
    return start, end, numbered


def _nests(inside: str, name: str) -> bool:
    """Is every ``name`` environment that begins inside also ended inside, in order?"""
    depth = 0
    for match in re.finditer(rf"\\(begin|end)\{{{re.escape(name)}\}}", inside):
        depth += 1 if match[1] == "begin" else -1
        if depth < 0:
            return False
    return depth == 0


def _statements(source: str, start: int, end: int) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    for row_start, row_end in _rows(source, start, end):
        text = source[row_start:row_end].replace("&", " ")
        if rows and (_CONTINUES.match(text) or not text.strip()):
            rows[-1] = (rows[-1][0], row_end)
        else:
            rows.append((row_start, row_end))
    return rows


def _rows(source: str, start: int, end: int) -> list[tuple[int, int]]:
    rows, depth, row_start = [], 0, start
    for match in _TOKEN.finditer(source, start, end):
        token = match[0]
        if token == "{" or token.startswith(r"\begin"):
            depth += 1
        elif token == "}" or token.startswith(r"\end"):
            depth -= 1
        elif token.startswith("\\\\") and depth == 0:
            rows.append((row_start, match.start()))
            row_start = match.end()
    rows.append((row_start, end))
    return rows


def _statement(text: str, start: int, end: int, numbered: bool) -> Statement:
    labels = tuple(_LABEL.findall(text))
    tag = ""
    if tags := _TAG.findall(text):
        star, content = tags[-1]
        tag = content if star else f"({content})"
    if _UNNUMBERED.search(text):
        numbered = False
    for pattern in (_LABEL, _TAG, _UNNUMBERED):
        text = pattern.sub(lambda m: " " * len(m[0]), text)
    if typed := _TYPED_NUMBER.search(text, max(0, len(text) - 100)):
        tag = tag or typed[1]
        text = text[: typed.start()] + " " * (len(text) - typed.start())
    return Statement(_blank_alignment(text), start, end, labels, tag, numbered)


def _blank_alignment(text: str) -> str:
    """Blank out row ends and alignment marks that stand outside every inner environment."""
    parts, depth, done = [], 0, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.startswith(r"\begin"):
            depth += 1
        elif token.startswith(r"\end"):
            depth -= 1
        elif depth == 0 and (token == "&" or token.startswith("\\\\")):
            parts += [text[done : match.start()], " " * len(token)]
            done = match.end()
    return "".join(parts) + text[done:]
