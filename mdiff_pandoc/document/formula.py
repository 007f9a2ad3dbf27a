"""The anatomy of a formula in a document: its environment, rows, labels and tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.patterns import regex

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
_SINGLE = ("equation", "multline")  # one number for all rows
NUMBERED = frozenset(("equation", "align", "alignat", "eqnarray", "flalign", "gather", "multline"))

_NAMES = "|".join(sorted(ENVIRONMENTS, key=len, reverse=True))
_BEGIN = regex(rf"\s*\\begin\s*\{{({_NAMES})(\*?)\}}")
_ALIGNAT_ARGUMENT = regex(r"\s*\{\s*\d+\s*\}")
_COMMENT = regex(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_LABEL = regex(r"\\label\s*\{([^{}]*)\}")
_TAG = regex(r"\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_UNNUMBERED = regex(r"\\(?:notag|nonumber)(?![A-Za-z])")
_TYPED_NUMBER = regex(
    r"(?:\\qquad|\\quad)(?:\\qquad|\\quad|\\[,;:! ]|~|\s)*"
    r"\{?(\((?:[A-Z]\.)?\d+(?:[.\-]\d+)*\w?\))\}?[\s.]*$"
)
_ONE_NUMBER = regex(rf"\\(?:begin|end)\s*\{{(?:{'|'.join(_SINGLE)})\*?\}}")
_NAMES_FIRST = regex(rf"(?:\s*(?:{_LABEL.pattern}|{_TAG.pattern}))+")
_TOKEN = regex(r"\\(?:begin|end)\s*\{[^{}]*\}|\\\\(?:\s*\[[^\]]*\])?|\\[A-Za-z]+|\\.|[{}&]", re.S)
_OPERATOR = r"[+\-−]|\\(?:cdot|times|odot|oslash|otimes|pm)(?![A-Za-z])"
_WIDE = (
    r"\s|&|\\q?quad(?![A-Za-z])|\\[,;:!> ]|\{\s*\}|\\[hm]space\*?\s*\{[^{}]*\}"
    r"|\\[hm]skip\s*[\d.]+\s*[a-z]{2}|\\[hv]?phantom\s*\{(?:[^{}]|\{[^{}]*\})*\}"
)
_CONTINUES = regex(
    rf"(?:{_WIDE})*(?:\\math(?:rel|bin)\s*\{{\s*)?"
    rf"(?:=|\\(?:implies|Rightarrow|approx|propto|leq?|geq?)(?![A-Za-z])|{_OPERATOR})"
    r"|\s*\\q?quad\s*\{\s*\}"  # a product may be broken without a sign
)
_INDENT = regex(rf"(?:{_WIDE})*")
_UNFINISHED = regex(rf"(?:=|{_OPERATOR})(?:\s|\\[,;:! ]|\{{\s*\}})*\Z")


class Statement(Struct, frozen=True):
    """One statement of a formula: a row with the rows that continue it.

    ``text`` has the length of the source from ``start`` to ``end``; what is not mathematics
    (comments, labels, tags, row ends, alignment marks) is blanked out, so that offsets into
    ``text`` plus ``start`` are offsets into the author's LaTeX. ``tag`` is the number to print
    with its parentheses, or empty; ``numbered`` tells that TeX counts it. ``earlier`` has the
    labels of each row before that one which has a number of its own.
    """

    text: str
    start: int
    end: int
    labels: tuple[str, ...] = ()
    tag: str = ""
    numbered: bool = False
    earlier: tuple[tuple[str, ...], ...] = ()


class Formula(Struct, frozen=True):
    """A formula taken apart: ``opening`` + rows + ``closing`` is the source again.

    ``whole`` has the labels, the tag and the number of a formula of several statements that has
    one for all of them, as in ``equation``; the ``inner`` environments are those without it.
    """

    source: str
    opening: str
    closing: str
    statements: tuple[Statement, ...]
    whole: Statement | None = None
    inner: tuple[str, str] = ("", "")

    def numbered(self, statement: Statement) -> Statement:
        """The statement with the number of the whole formula."""
        whole = self.whole
        if whole is None:
            return statement
        return replace(
            statement,
            labels=whole.labels + statement.labels,
            tag=whole.tag or statement.tag,
            numbered=whole.numbered,
        )

    def rows(self, statements: Sequence[Statement]) -> str:
        """Some of its statements in the author's environment, without a number for the whole."""
        text = self.source[statements[0].start : statements[-1].end].strip()
        text = text.removesuffix("\\\\").rstrip()
        opening, closing = self.opening, self.closing
        if self.whole is not None:
            opening, closing = self.inner
            for pattern in (_LABEL, _TAG, _UNNUMBERED):
                text = pattern.sub("", text)
            if not opening and len(statements) > 1:
                opening, closing = r"\begin{gathered}", r"\end{gathered}"
        return f"{opening.strip()}\n{text.strip()}\n{closing.strip()}".strip()


def read_formula(source: str) -> Formula:
    """Take the LaTeX of one Math or raw element apart."""
    start, end, environments = _unwrap(source)
    clean = without_comments(source)
    outer = environments[0].rstrip("*") if environments else ""
    by_row = outer in NUMBERED and outer not in _SINGLE
    numbered = any(name in NUMBERED for name in environments)
    found = [_statement(clean, rows, numbered and by_row) for rows in _rows_of(clean, start, end)]
    statements = tuple(statement for statement in found if statement.text.strip())
    opening, closing = source[:start], source[end:]
    read = clean[:start] + clean[end:] if by_row else clean
    whole = _statement(read, [(0, len(read))], numbered)
    if len(statements) == 1:
        [only] = statements
        labels = whole.labels + only.labels if by_row else whole.labels
        counted = only.numbered if by_row else whole.numbered
        statements = (replace(only, labels=labels, tag=whole.tag or only.tag, numbered=counted),)
    elif not by_row and (numbered or whole.labels or _TAG.search(clean)):
        unnamed = tuple(replace(s, labels=(), tag=_typed(clean, s)) for s in statements)
        return Formula(source, opening, closing, unnamed, whole, (_bare(opening), _bare(closing)))
    return Formula(source, opening, closing, statements)


def _typed(source: str, statement: Statement) -> str:
    """The number that the author typed behind a statement."""
    return "" if _TAG.search(source, statement.start, statement.end) else statement.tag


def _bare(frame: str) -> str:
    """The begin or the end of environments without numbers and names."""
    for pattern in (_ONE_NUMBER, _LABEL, _TAG, _UNNUMBERED, _TYPED_NUMBER):
        frame = pattern.sub("", frame)
    return frame.strip()


def without_comments(source: str) -> str:
    """LaTeX of the same length, with spaces for comments."""
    return _COMMENT.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), source)


def _unwrap(source: str) -> tuple[int, int, list[str]]:
    """Where the rows begin and end inside all wrapping environments, and what these are."""
    start, end = 0, len(source)
    environments: list[str] = []
    while match := _BEGIN.match(source, start, end):
        name = match[1] + match[2]
        closing = rf"\end{{{name}}}"
        inner_end = source.rfind(closing, match.end(), end)
        if inner_end < 0 or _bare(source[inner_end + len(closing) : end]).strip(" \t\n.,"):
            break
        if source.count(rf"\begin{{{name}}}", start, end) > 1 and not _nests(
            source[match.end() : inner_end], name
        ):
            break
        start, end = match.end(), inner_end
        if match[1].startswith("alignat") or match[1] == "alignedat":
            argument = _ALIGNAT_ARGUMENT.match(source, start, end)
            start = argument.end() if argument else start
        environments.append(name)
        names = _NAMES_FIRST.match(source, start, end)
        if names and _BEGIN.match(source, names.end(), end):
            start = names.end()
    return start, end, environments


def _nests(inside: str, name: str) -> bool:
    """Is every ``name`` environment that begins inside also ended inside, in order?"""
    depth = 0
    for match in re.finditer(rf"\\(begin|end)\{{{re.escape(name)}\}}", inside):
        depth += 1 if match[1] == "begin" else -1
        if depth < 0:
            return False
    return depth == 0


def _rows_of(source: str, start: int, end: int) -> list[list[tuple[int, int]]]:
    """The rows of each statement."""
    found: list[list[tuple[int, int]]] = []
    for row in _rows(source, start, end):
        text = source[slice(*row)].replace("&", " ")
        before = source[found[-1][0][0] : found[-1][-1][1]].replace("&", " ") if found else ""
        goes_on = _CONTINUES.match(text) or _UNFINISHED.search(before) or _is_open(before)
        if found and (goes_on or not text.strip()):
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _is_open(text: str) -> bool:
    """Is a bracket of an equation still open? Those of an interval need not be of one kind."""
    opened = text.count("(") + text.count("[") - text.count(")") - text.count("]")
    return opened > 0 and "=" in text


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


def _statement(source: str, rows: Sequence[tuple[int, int]], numbered: bool) -> Statement:
    start, end = rows[0][0], rows[-1][1]
    for begin, _ in rows[1:]:
        indent = _INDENT.match(source, begin, end)
        if indent is not None:
            source = source[:begin] + " " * len(indent[0]) + source[indent.end() :]
    text = source[start:end]
    tag = ""
    if tags := _TAG.findall(text):
        star, content = tags[-1]
        tag = content if star else f"({content})"
    counted: list[tuple[str, ...]] = []
    labels: tuple[str, ...] = ()
    for row in rows:
        here = source[slice(*row)]
        labels += tuple(_LABEL.findall(here))
        if numbered and here.strip() and not _UNNUMBERED.search(here):
            counted.append(labels)
            labels = ()
    if counted:
        counted[-1] += labels
        *earlier, labels = counted
    for pattern in (_LABEL, _TAG, _UNNUMBERED):
        text = pattern.sub(lambda m: " " * len(m[0]), text)
    if typed := _TYPED_NUMBER.search(text, max(0, len(text) - 100)):
        tag = tag or typed[1]
        text = text[: typed.start()] + " " * (len(text) - typed.start())
    return Statement(
        _blank_alignment(text),
        start,
        end,
        labels,
        tag,
        bool(counted),
        tuple(earlier) if counted else (),
    )


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
