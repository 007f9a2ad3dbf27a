"""Requests: a derivative before ``= ?``, or two sides around it, found on the characters alone.

Nothing here parses; a formula that is no request costs one regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.patterns import regex

_SPACE = r"(?:\s|&|~|\{\s*\}|%[^\n]*\n|\\[;,!:> ]|\\q?quad(?![A-Za-z]))*"
_MARK = (
    r"(?:\?+|\{\s*\?+\s*\}"
    r"|\\(?:boxed|fbox|text|mathrm|mathord|mathbf|textbf|textcolor\s*\{\w+\}|color\s*\{\w+\})"
    r"\s*\{\s*\?+\s*\})"
)
_QUESTION = regex(_SPACE + _MARK)
_UNSURE = regex(
    rf"={_SPACE}{_MARK}{_SPACE}="
    rf"|\\(?:stackrel|overset)\s*(?:{_MARK}|\{{\s*{_MARK}\s*\}})\s*(?:=|\{{\s*=\s*\}})"
)
_LEFTOVER = regex(r"(?:" + _SPACE[:-1] + r"+|[.,;:!])*\Z")
_LABEL = regex(r"\\(?:label|tag\*?|eqno|notag|nonumber)(?![A-Za-z])\s*(?:\{[^{}]*\})?")
_HAS_DERIVATIVE = regex(
    r"\\nabla|\\partial|\\[a-z]*frac|\\[a-z]?dv|\\over|∇|∂|D|\bd|grad|Jac|Hess|[JH]\s*\}?\s*_"
)
_DERIVATIVE = regex(
    r"(?:\\nabla|\\partial)(?![A-Za-z])|∇|∂|\\(?:pdv|odv|dv|pderiv|deriv|gradient)(?![A-Za-z])"
    r"|(?:D|\\(?:mathrm|mathbf|operatorname|text)\s*\{\s*D\s*\})\s*_"
    r"|\\(?:operatorname|mathrm|text)\s*\{\s*(?:grad|Jac(?:obian)?|Hess(?:ian)?)\s*\}"
    r"|\\(?:grad|Jac|Hess)(?![A-Za-z])"
    r"|(?:[JH]|\\math(?:bf|rm|sf|cal)\s*\{?\s*[JH]\s*\}?)\s*_\s*\{?\s*"
    r"(?:[fghuvyzFGL]\s*\}?\s*(?=\(|\\left)"
    r"|(?:[fghFGL]|\\(?:phi|varphi|psi|ell)|\\math(?:bf|cal)\s*\{?\s*[A-Za-z]\s*\}?)"
    r"\s*\}?\s*(?=[(=]|\\left|\Z))"
    r"|(?:D|\\math(?:rm|sf|bf)\s*\{?\s*D\s*\}?)\s*(?:[fghFG]|\\math(?:bf|cal)\s*\{?\s*[A-Za-z]\s*\}?)\s*\("
    r"|\{\s*(?:\\partial|d|\\mathrm\s*\{\s*d\s*\})[^{}]*(?:\{[^{}]*\}[^{}]*)*\\over(?![A-Za-z])"
    r"|d\s*(?:[A-Za-z]|\\[A-Za-z]+)?\s*/\s*d\s*[A-Za-z\\]"
)
_FRACTION = regex(r"\\[dtc]?frac(?![A-Za-z])\s*")
_D = regex(
    r"[{\s]*(?:\\partial(?![A-Za-z])|∂|d|\\d(?![A-Za-z])|\\(?:mathrm|text|operatorname)\s*\{\s*d\s*\})"
)
_OPENING = regex(r"(?:\s|[(\[{]|\\left\s*|\\[bB]igg?l?\s*|\\displaystyle|\\boxed\s*|&|\\[;,! ])+")
SEPARATING_WORDS = frozenset(
    [
        "and",
        "where",
        "with",
        "so",
        "then",
        "thus",
        "hence",
        "for",
        "if",
        "let",
        "i.e.",
        "given",
        "compute",
        "find",
        "calculate",
        "derive",
        "evaluate",
        "determine",
        "now",
        "also",
        "but",
        "since",
        "because",
        "whence",
        "therefore",
        "consider",
    ]
)
DISPLAY = frozenset(
    [
        "equation",
        "align",
        "aligned",
        "alignat",
        "alignedat",
        "gather",
        "gathered",
        "split",
        "eqnarray",
        "multline",
        "displaymath",
        "math",
        "flalign",
        "dmath",
    ]
)
_ARROWS = regex(
    r"\\(?:implies|iff|therefore|because|land|wedge"
    r"|(?:[lL]ong)?(?:[rR]ightarrow|[lL]eftrightarrow))\Z"
)
_SPACING = regex(_SPACE)
LEXEME = regex(
    r"(?P<skip>%[^\n]*|\s+)"
    r"|\\(?P<edge>begin|end)\s*\{(?P<env>[A-Za-z]+)\*?\}"
    r"|(?P<words>\\(?:text|mbox|textrm|textit|textbf|intertext)\s*\{(?P<prose>[^{}]*)\})"
    r"|(?P<side>\\(?:left|right))(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)?"
    r"|(?P<row>\\\\\*?(?:\s*\[[^\]]*\])?|\\cr(?![A-Za-z]))"
    r"|(?P<command>\\(?:[A-Za-z]+|.|\Z))"
    r"|(?P<char>.)",
    re.DOTALL,
)


class RequestText(Struct, frozen=True):
    """A request inside a formula.

    ``body`` is the derivative without ``= ?`` and ``offset`` its place in the source; ``suffix``
    is what followed on its line and must be kept: a tag, a label, final punctuation. ``before``
    and ``after`` are the other statements of the formula. ``explicit`` tells whether a question
    mark stood there; a formula that only stops after ``=`` may go on in the next one. ``sign`` is
    the place in ``body`` of the ``= ? =`` between two sides of which none is a derivative.
    """

    body: str
    offset: int
    suffix: str
    before: str = ""
    after: str = ""
    explicit: bool = True
    sign: tuple[int, int] | None = None


class Statement(Struct, frozen=True):
    """One statement of a formula: its place and the places of its top-level equality signs."""

    start: int
    end: int
    equals: tuple[int, ...]
    ends_row: bool


def find_request(latex: str, *, marked: bool = False) -> RequestText | None:
    """The request that a formula makes, or None.

    A derivative followed by ``= ?``, or by ``=`` and nothing, is a request; with ``marked`` so is
    a derivative without any right-hand side, and so are two sides with ``= ? =`` between them.
    """
    if "?" in latex and (unsure := _UNSURE.search(latex)):
        identity = _identity(latex, unsure)
        if identity is not None:
            return identity
    if not _HAS_DERIVATIVE.search(latex) or not (marked or "=" in latex):
        return None
    found = list(statements(latex))
    for statement in found:
        for sign in statement.equals:
            question = _QUESTION.match(latex, sign + 1)
            if question and _is_derivative(latex, statement, sign):
                return _request(latex, found, statement, sign, question.end(), explicit=True)
    if not found:
        return None
    last = found[-1]
    if last.equals:
        sign = last.equals[-1]
        rest = _LABEL.sub("", _content(latex, sign + 1))
        if _LEFTOVER.match(rest) and _is_derivative(latex, last, sign):
            return _request(latex, found, last, sign, sign + 1, explicit=False)
    if marked:
        for statement in reversed(found):
            if not statement.equals and _is_derivative(latex, statement, statement.end):
                return _request(
                    latex, found, statement, statement.end, statement.end, explicit=True
                )
    return None


def _identity(latex: str, unsure: re.Match[str]) -> RequestText | None:
    """The request to show that two sides without derivatives are equal."""
    found = list(statements(latex))
    for statement in found:
        if not statement.start < unsure.start() < unsure.end() < statement.end:
            continue
        first = max((sign + 1 for sign in statement.equals if sign < unsure.start()), default=0)
        if any(
            _is_derivative(latex, replace(statement, start=start, equals=()), end)
            for start, end in (
                (max(statement.start, first), unsure.start()),
                (unsure.end(), statement.end),
            )
        ):
            return None
        tail = _BACK.search(latex, unsure.end(), statement.end)
        end = tail.start() if tail else statement.end
        request = _request(latex, found, statement, end, end, explicit=True)
        place = (unsure.start() - request.offset, unsure.end() - request.offset)
        return replace(request, sign=place)
    return None


def statements(latex: str) -> Iterator[Statement]:
    """The statements of a formula: what stands between its rows, commas, arrows and words.

    Environments for display, such as ``aligned``, are looked into.
    """
    depth = 0
    start: int | None = None
    end = 0
    equals: list[int] = []
    nested: list[int] = []
    for match in LEXEME.finditer(latex):
        kind = match.lastgroup
        if kind == "skip":
            continue
        text = match.group()
        separator = False
        if kind == "env":
            if match["env"] in DISPLAY:
                separator = True
            else:
                depth = depth + 1 if match["edge"] == "begin" else max(0, depth - 1)
        elif kind == "side":
            depth = depth + 1 if text.startswith(r"\left") else max(0, depth - 1)
        elif depth == 0:
            separator = _separates(match, text, bool(equals), latex)
        if separator:
            if start is not None:
                yield Statement(start, end, tuple(equals), kind in ("row", "env"))
            start, equals, nested = None, [], []
            continue
        if kind == "char":
            if text in "{([":
                depth += 1
            elif text in "})]":
                depth = max(0, depth - 1)
            elif text == "=" and latex[match.start() - 1 : match.start()] != ":":
                (nested if depth else equals).append(match.start())
        elif text in (r"\{", r"\lbrace", r"\langle", r"\lbrack"):
            depth += 1
        elif text in (r"\}", r"\rbrace", r"\rangle", r"\rbrack"):
            depth = max(0, depth - 1)
        if start is None:
            if _SPACING.fullmatch(text):
                continue
            start = match.start()
        end = match.end()
    if start is not None:
        # With a bracket left open the sign stands inside it; the parser is to report that bracket.
        signs = equals + nested if depth else equals
        yield Statement(start, end, tuple(signs), True)


def _separates(match: re.Match[str], text: str, related: bool, latex: str) -> bool:
    kind = match.lastgroup
    if kind == "row":
        return True
    if kind == "words":
        words = match["prose"].strip(" ,.;:~").lower()
        following = latex[match.end() : match.end() + 1]
        return following not in tuple("([_^{") and (
            " " in words or words in SEPARATING_WORDS or (not words and related)
        )
    if kind == "command":
        return bool(_ARROWS.match(text)) or (related and text in (r"\quad", r"\qquad"))
    return text in ",;"


def _is_derivative(latex: str, statement: Statement, end: int) -> bool:
    """Does the side that ends at ``end`` begin with a derivative?"""
    start = max((sign + 1 for sign in statement.equals if sign < end), default=statement.start)
    opening = None
    while start < end:
        opening = _OPENING.match(latex, start, end) or _LABEL.match(latex, start, end)
        if opening is None or _DERIVATIVE.match(latex, start, end):
            break
        start = opening.end()
    if _DERIVATIVE.match(latex, start, end):
        return True
    fraction = _FRACTION.match(latex, start, end)
    if fraction is None:
        return False
    numerator = _D.match(latex, fraction.end(), end)
    denominator = argument_end(latex, fraction.end())
    return numerator is not None and _D.match(latex, denominator, end) is not None


def argument_end(latex: str, start: int) -> int:
    """The end of the TeX argument that begins at ``start``."""
    if latex[start : start + 1] != "{":
        command = re.compile(r"\\[A-Za-z]+|.", re.DOTALL).match(latex, start)
        return command.end() if command else start
    depth = 0
    for position in range(start, len(latex)):
        if latex[position] == "{":
            depth += 1
        elif latex[position] == "}":
            depth -= 1
            if depth == 0:
                return position + 1
    return len(latex)


_ENVIRONMENT_EDGE = regex(r"\\(?:begin|end)\s*\{([A-Za-z]+)\*?\}(?:\s*\{\d+\})?")


def _content(latex: str, start: int, end: int | None = None) -> str:
    """A part of the source without the edges of display environments."""
    return _ENVIRONMENT_EDGE.sub(
        lambda edge: "" if edge[1] in DISPLAY else edge[0], latex[start:end]
    )


_FRONT = regex(r"(?:" + _SPACE[:-1] + r"|\\displaystyle(?![A-Za-z])|" + _LABEL.pattern + r")*")
_BACK = regex(r"(?:" + _SPACE[:-1] + r"|[.,;:]|" + _LABEL.pattern + r")*\Z")
_COMMA = regex(r"\s*[,;]")


def _request(
    latex: str,
    found: list[Statement],
    statement: Statement,
    stop: int,
    resume: int,
    *,
    explicit: bool,
) -> RequestText:
    """The request whose left-hand side ends at ``stop`` and whose mark ends at ``resume``."""
    front = _FRONT.match(latex, statement.start, stop)
    start = front.end() if front else statement.start
    tail = _BACK.search(latex[start:stop])
    end = start + tail.start() if tail else stop
    place = found.index(statement)
    row_start = max((s.end for s in found[:place] if s.ends_row), default=0)
    row_stop = max(resume, next((s.end for s in found[place:] if s.ends_row), found[-1].end))
    comma = _COMMA.match(latex, row_stop)
    row_stop = comma.end() if comma else row_stop
    labels = _LABEL.findall(latex[row_start:start] + latex[end:stop])
    kept = _content(latex, resume, row_stop).strip().removeprefix("&").strip()
    before = _content(latex, 0, row_start) + _LABEL.sub("", _content(latex, row_start, start))
    return RequestText(
        body=latex[start:end],
        offset=start,
        suffix=kept + "".join(labels),
        before=before.strip(" \n\t&"),
        after=_content(latex, row_stop).strip(" \n\t&").removeprefix(r"\\").strip(),
        explicit=explicit,
    )
