"""What stands in a source in the place of a request."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from mdiff_pandoc.document.formula import NUMBERED
from mdiff_pandoc.document.locate import Place
from mdiff_pandoc.document.spots import body_of
from mdiff_pandoc.document.weave.collect import Change, Found, Shown
from mdiff_pandoc.document.weave.markers import INERT, closing, opening
from mdiff_pandoc.document.weave.page import Page, Range, delimited
from mdiff_pandoc.document.weave.sentences import Sentences, calm
from mdiff_pandoc.document.weave.text import Edit
from mdiff_pandoc.patterns import regex

_BAD_START = regex(r"[ \t]*(?:[-+*=#>|~:<`]|\d+[.)](?:\s|$)|$)")
_ENVIRONMENT = regex(rf"\\begin\s*\{{(?:{'|'.join(sorted(NUMBERED))})\*?\}}")
_GOES_ON = regex(r"[ \t]*\n?[ \t]*(?!\\end(?![A-Za-z]))[^\s%]")  # does text follow?
_TAG = regex(r"\\tag\{([^{}]*)\}")
_TAGS = regex(r"\s*(?:<[^<>]*>\s*)*")
_DOLLARS = ("$$", "$$")


def result(page: Page, found: Found, place: Place, area: Range) -> list[Edit]:
    """The result written into a formula that stays as the author wrote it."""
    text, tex = page.text, page.dialect.tex
    area = replace(area, end=area.stop)
    bars = not (found.table or page.dialect.pipes)
    pieces: list[str] = []
    last = area.start
    for start, end, new in sorted(_in_source(found.changes, place)):
        begin = start
        while begin > last and place.veil[begin - 1] in " \t":
            begin -= 1
        told = page.in_macros(" ".join(new.split()), start)
        if place.veil[begin - 1 : begin] == "\n":  # the author goes on in another line
            begin = start
        elif new.startswith(" "):
            told = f" {told}"
        pieces += [text[last:begin], told if tex else calm(told, bars=bars)]
        last = end
    made = "".join([*pieces, text[last : area.end]])
    if tex:
        return _between_lines(page, area, made)
    return [_marked(page, area.start, area.end, made, _inert(page, area), bars=bars)]


def _inert(page: Page, area: Range) -> str:
    """What stands before a comment with which the text of a line would begin."""
    start, _ = page.margin(area.start)
    return INERT if start == area.start else ""


def _in_source(changes: Sequence[Change], place: Place) -> list[Change]:
    return [(*place.span(start, end), new) for start, end, new in changes]


def raw(page: Page, found: Found, place: Place) -> list[Edit]:
    """Formulas that were answered inside raw TeX, which has TeX's comments."""
    made: list[Edit] = []
    for start, end, text in _in_source(found.changes, place):
        new = page.in_macros(text, start)
        area = delimited(page.text, start, end) or Range(start, end, end)
        edge = "\n" if "\n" in new and area.opening else ""
        made += _between_lines(page, area, f"{area.opening}{edge}{new}{edge}{area.closing}")
    return made


def derivation(page: Page, found: Found, area: Range, delimiters: tuple[str, str]) -> list[Edit]:
    """Derivations, and the formulas between them, in the place of a display formula.

    ``delimiters`` are those of formulas that have none of the author's.
    """
    sentences = Sentences(page.dialect.tex, *_inline_delimiters(page), bars=not page.dialect.pipes)
    tight = not page.dialect.tex and not _stands_apart(page, area)
    parts: list[str] = []
    for item in found.shown:
        parts.append(_display(item, found, area, delimiters, page))
        if item.below and not tight:
            parts.append("\n".join(map(sentences.text, item.below)))
    parts = [page.in_macros(part, area.start) for part in parts]
    if tight:  # inside of brackets and the like, which no paragraph may end
        return [_marked(page, area.start, area.end, "\n".join(parts), _inert(page, area))]
    if area.inside:
        return _between_lines(
            page,
            area,
            page.in_macros("\n".join(_inside(item.latex) for item in found.shown), area.start),
        )
    if page.dialect.tex:
        tail = found.shown[-1].below and _GOES_ON.match(page.text, area.end)
        return _between_lines(page, area, "\n".join([*parts, *(["", ""] if tail else [])]))
    return _blocks(page, area, parts)


def _stands_apart(page: Page, area: Range) -> bool:
    """Is there nothing but tags of HTML around a formula on its lines?"""
    start, _ = page.margin(area.start)
    before, behind = page.text[start : area.start], page.text[area.end : page.line(area.end)[1]]
    return all(_TAGS.fullmatch(text) for text in (before, behind))


def _display(
    item: Shown, found: Found, area: Range, delimiters: tuple[str, str], page: Page
) -> str:
    """A formula between the delimiters of the author, with its number and label."""
    last = item is found.shown[-1]
    latex = item.latex if page.dialect.tex else _calm_lines(calm(item.latex, bars=True))
    if r"\tag" not in found.text:  # the author typed the number
        latex = _TAG.sub(r"\\qquad (\1)", latex)
    rest = area.rest if last else ""
    if _ENVIRONMENT.match(latex) and (area.bare or page.dialect.tex):
        return latex + rest
    start, end = (area.opening, area.closing) if area.opening else delimiters
    if not last and "\n" in start:
        start, end = _DOLLARS
    edge = " " if start == "$$" and _BAD_START.match(latex) else "\n"
    return f"{start}{edge}{latex}\n{end}{rest}"


def _inside(latex: str) -> str:
    """A formula for between macros that stand for the two ends of an environment."""
    if not _ENVIRONMENT.match(latex):
        return latex
    start, end = body_of(latex)
    return latex[start:end].strip()


def _calm_lines(latex: str) -> str:
    """LaTeX without lines that Markdown would read as the beginning of something."""
    first, *lines = latex.split("\n")
    made = [first]
    for line in lines:
        if _BAD_START.match(line):
            made[-1] = f"{made[-1]} {line.strip()}".rstrip()
        else:
            made.append(line)
    return "\n".join(made)


def _inline_delimiters(page: Page) -> tuple[str, str]:
    if page.dialect.pipes:
        return _DOLLARS
    if page.dialect.tex and page.text.count(r"\(") > page.text.count("$") / 2:
        return r"\(", r"\)"
    return "$", "$"


def _blocks(page: Page, area: Range, parts: Sequence[str]) -> list[Edit]:
    """Paragraphs of Markdown between comments, on lines of their own where that can be."""
    start, prefix = page.margin(area.start)
    _, stop = page.line(area.end)
    own = start == area.start and not page.text[area.end : stop].strip()
    line_start, _ = page.line(area.start)
    apart = own and prefix == page.text[line_start:start]
    apart = apart and page.is_blank(area.start, -1) and page.is_blank(area.end, 1)
    blank = page.dialect.blank or apart or len(parts) > 1
    edge = ("\n\n" if blank else "\n") if own else ""
    made = f"{edge}{(chr(10) * 2).join(parts)}{edge}"
    return [_marked(page, area.start, area.end, _prefixed(made, prefix))]


def _prefixed(text: str, prefix: str) -> str:
    first, *lines = text.split("\n")
    made = [first, *(prefix + line if line else prefix.rstrip() for line in lines)]
    if lines and not lines[-1]:
        made[-1] = prefix
    return "\n".join(made)


def _marked(
    page: Page, start: int, end: int, made: str, inert: str = "", *, bars: bool = True
) -> Edit:
    """An edit of Markdown with its comments around it."""
    if page.text.endswith(INERT, 0, start):
        start -= len(INERT)
        made = INERT + made
    original = page.original(start, end)
    head = opening(original, page.eol, tex=False, bars=bars)
    return Edit(start, end, f"{inert}{head}{made}{closing(made, tex=False)}")


def _between_lines(page: Page, area: Range, made: str) -> list[Edit]:
    """An edit of TeX, whose comments reach to the ends of their lines.

    A comment swallows the line end and the spaces that follow: what stands behind the formula on
    its line goes on in a line of its own, and a space there stands before the comment.
    """
    text = page.text
    line_start, line_end = page.line(area.start)
    before = text[line_start : area.start]
    indent = before[: len(before) - len(before.lstrip(" \t"))]
    first, *lines = made.split("\n")
    made = "\n".join([first, *(indent + line if line else "" for line in lines)])
    _, line_end = page.line(area.end)
    behind = text[area.end : line_end]
    start, end = area.start, area.end
    if behind.strip() or not _displayed(area):
        spaces = len(behind) - len(behind.lstrip(" \t"))
        end += spaces
        made += behind[:spaces] or (" " if not behind else "")
        ending = ";\n" if behind.strip() else ""
    else:
        made += f"\n{indent}" if not made.endswith("\n") else indent
        ending = ""
    original = page.original(start, end)
    head = opening(original, page.eol, tex=True)
    woven = made if before.strip() else f"{indent}{made}"
    return [Edit(start, end, f"{head}\n{woven}{closing(woven, tex=True)}{ending}")]


def _displayed(area: Range) -> bool:
    return area.opening not in ("$", r"\(", "$`")
