"""MyST's directives and roles as plain Markdown of the same length, for pandoc to read."""

from __future__ import annotations

import re

from mdiff_pandoc.document.weave.dialects import Directive, Prepared, blanked
from mdiff_pandoc.patterns import regex

_FENCE = regex(
    r"^(?P<indent>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,}|:{3,})"
    r"(?:\{(?P<name>[\w:.-]+)\}(?P<rest>[^\n`]*)|(?P<info>[^\n`]*))$",
    re.M,
)
_OPTION = regex(r"[ \t>]*:[\w-]+:[^\n]*\n")
_LABEL = regex(r"(?m)(?<=\$\$)[ \t]*\([\w:.-]+\)(?=[ \t]*$)")
_COMMENT = regex(r"(?m)^[ \t]*%([^\n]*\$[^\n]*)$")
_ROLE = regex(r"\{math\}(`+)(?P<tex>[^`]+)\1")
# directives whose content is no text of the document
_OPAQUE = frozenset(
    "code code-block code-cell sourcecode literalinclude eval-rst mermaid raw toctree bibliography "
    "csv-table list-table autodoc automodule autoclass image glue graphviz include plantuml "
    "parsed-literal ipython doctest testcode jupyter-execute versionadded highlight".split()
)


def prepared(page: Prepared) -> Prepared:
    """``{math}`` between dollars, and the marks around other directives blanked out."""
    text = _COMMENT.sub(lambda match: "%".ljust(len(match[0])), page.text)
    text = _LABEL.sub(lambda match: blanked(match[0]), text)
    pieces = list(text)
    directives: list[Directive] = []
    place = 0
    while opening := _FENCE.search(text, place):
        place = opening.end()
        mark, name = opening["mark"], opening["name"]
        if name is None and mark[0] == ":":
            continue
        closing = _closing(text, mark, opening.end())
        if closing is None:
            continue
        if name == "math":
            directives.append(_math(text, pieces, opening, closing))
        elif name is not None and name not in _OPAQUE:
            end = _after_options(text, opening.end() + 1, closing.start())
            for start, stop in ((opening.start("mark"), end), closing.span("mark")):
                pieces[start:stop] = blanked(text[start:stop])
            continue  # what it holds is text
        place = closing.end()
    made = "".join(pieces)
    fenced = [(item.start, item.end) for item in directives]
    for role in _ROLE.finditer(made):
        if not any(start <= role.start() < end for start, end in fenced):
            made = made[: role.start()] + _dollars(role) + made[role.end() :]
    return Prepared(made, tuple(directives), page.hidden)


def _closing(text: str, mark: str, place: int) -> re.Match[str] | None:
    closing = re.compile(rf"^[ \t>]*(?P<mark>{mark[0]}{{{len(mark)},}})[ \t]*$", re.M)
    return closing.search(text, place)


def _after_options(text: str, place: int, stop: int) -> int:
    """Where the content of a directive begins, behind the lines of its options."""
    while place < stop and (option := _OPTION.match(text, place, stop)):
        place = option.end()
    return min(place, stop)


def _math(
    text: str, pieces: list[str], opening: re.Match[str], closing: re.Match[str]
) -> Directive:
    """A fenced formula as one between dollars: its options become comments, blank lines go."""
    start, stop = opening.start("mark"), closing.start()
    first = _after_options(text, opening.end() + 1, stop)
    pieces[start : opening.end()] = "$$" + blanked(text[start + 2 : opening.end()])
    for match in re.finditer(r"(?m)^[ \t>]*(:)[\w-]+:", text[opening.end() : first]):
        pieces[opening.end() + match.start(1)] = "%"
    for blank in re.finditer(r"\n[ \t]*(?=\n)", text[opening.end() : stop]):
        pieces[opening.end() + blank.end()] = " "
    pieces[closing.start("mark") : closing.end("mark")] = "$$".ljust(len(closing["mark"]))
    return Directive(start, closing.end("mark"), first, stop)


def _dollars(role: re.Match[str]) -> str:
    """A role as a formula between dollars of the same length."""
    before = len(role[0]) - len(role["tex"]) - len(role[1])
    return f"{'$':>{before}}{role['tex']}{'$'.ljust(len(role[1]))}"
