"""Runs of inlines: what belongs to a formula, and wrappers that blocks take apart."""

from __future__ import annotations

import panflute as pf

from mdiff_pandoc.latex.request import find_request
from mdiff_pandoc.patterns import regex

_BEGIN, _END = r"\begin{equation}", r"\end{equation}"
_ATTACHABLE = regex(r"[.,;:]|\(\d+\w?\)[.,;]?|\{#eq[:\-][^{}]*\}[.,;]?")


def trim(run: list[pf.Element]) -> list[pf.Element]:
    """The run without space at its ends."""
    space = (pf.Space, pf.SoftBreak, pf.LineBreak)
    while run and isinstance(run[0], space):
        run = run[1:]
    while run and isinstance(run[-1], space):
        run = run[:-1]
    return run


def bare(inline: pf.Element) -> pf.Element:
    """The formula inside what an earlier run has put around it for its mark, else the inline."""
    if "mdiff-checked" in getattr(inline, "classes", ()) and inline.content:
        return inline.content[0]
    return inline


def is_block(element: object) -> bool:
    """Is it a block that stands among inlines, and splits their paragraph?"""
    return isinstance(element, pf.Block) and not isinstance(element, pf.Inline)


def anchored(span: pf.Span) -> pf.Element | None:
    """The display formula that a span with an id names, and that stands alone in it."""
    content = trim(list(span.content))
    if span.identifier and len(content) == 1 and _is_display(content[0]):
        return content[0]
    return None


def whole(inlines: list[pf.Element]) -> list[pf.Element]:
    """The inlines, with equations of LaTeX in one piece that a filter for references took apart.

    Such a filter makes ``\\begin{equation}``, a span with an id around the formula, and
    ``\\end{equation}`` of a formula with an id.
    """
    found: list[pf.Element] = []
    place = 0
    while place < len(inlines):
        equation = _equation(inlines[place : place + 3])
        found.append(equation or inlines[place])
        place += 3 if equation else 1
    return found


def _equation(parts: list[pf.Element]) -> pf.RawInline | None:
    """The request that three inlines make together, with the id of its span as its label."""
    if len(parts) < 3 or not isinstance(parts[0], pf.RawInline):
        return None
    begin, span, end = parts
    if begin.text.strip() != _BEGIN or not isinstance(span, pf.Span) or len(span.content) != 1:
        return None
    [body] = span.content
    if not isinstance(body, pf.RawInline) or find_request(body.text) is None:
        return None
    if not isinstance(end, pf.RawInline) or not end.text.rstrip().endswith(_END):
        return None
    label = rf"\label{{{span.identifier}}}"
    if not span.identifier or label in end.text:
        label = ""
    return pf.RawInline(f"{_BEGIN}{label}{body.text}{end.text}", format=begin.format)


def rewrap(wrapper: pf.Element, pieces: list[list[pf.Element] | pf.Element]) -> list[pf.Element]:
    """The wrapper once more around every run; blocks stand between, the first with its id."""
    if len(pieces) == 1:
        wrapper.content = pieces[0]
        return [wrapper]
    made: list[pf.Element] = []
    identifier = getattr(wrapper, "identifier", "")
    for piece in pieces:
        if is_block(piece):
            if identifier and isinstance(piece, pf.Div) and not piece.identifier:
                piece.identifier, identifier = identifier, ""
            made.append(piece)
        elif piece := trim(piece):
            if isinstance(wrapper, pf.Span):
                made.append(
                    pf.Span(
                        *piece,
                        identifier=identifier,
                        classes=list(wrapper.classes),
                        attributes=dict(wrapper.attributes),
                    )
                )
                identifier = ""
            else:
                made.append(type(wrapper)(*piece))
    return made


def attached(inlines: list[pf.Element], index: int) -> int:
    """How many inlines after the formula belong to it: its id, number and punctuation."""
    count = 0
    place = index + 1
    while place < len(inlines):
        inline = inlines[place]
        if _is_attachable(inline):
            count = place - index
        elif _starts_id(inline):
            end = next((i for i in range(place, len(inlines)) if _closes(inlines[i])), None)
            if end is None:
                break
            place = end
            count = place - index
        elif not isinstance(inline, pf.Space | pf.SoftBreak):
            break
        place += 1
    return count


def identified(inlines: list[pf.Element], index: int) -> int:
    """How many inlines after the formula there are up to its id; 0 when it has none."""
    behind = inlines[index + 1 : index + 1 + attached(inlines, index)]
    starts = (_starts_id(inline) for inline in behind)
    start = next((place for place, found in enumerate(starts) if found), None)
    if start is None:
        return 0
    return next(place + 1 for place in range(start, len(behind)) if _closes(behind[place]))


def _starts_id(inline: pf.Element) -> bool:
    return isinstance(inline, pf.Str) and inline.text.startswith("{#eq")


def _is_attachable(inline: pf.Element) -> bool:
    """Punctuation, a typed number, an id in braces, or a span with an id and nothing to see."""
    if isinstance(inline, pf.Span):
        return bool(inline.identifier) and all(isinstance(i, pf.Space) for i in inline.content)
    return isinstance(inline, pf.Str) and _ATTACHABLE.fullmatch(inline.text) is not None


def _closes(inline: pf.Element) -> bool:
    return isinstance(inline, pf.Str) and inline.text.rstrip(".,;").endswith("}")


def alone(inlines: list[pf.Element], index: int, attached: int) -> bool:
    """Does the formula stand on a line of its own, not inside a sentence?"""
    breaks = (pf.SoftBreak, pf.LineBreak)
    after = index + 1 + attached
    start = next((i + 1 for i in range(index - 1, -1, -1) if isinstance(inlines[i], breaks)), 0)
    stop = next((i for i in range(after, len(inlines)) if isinstance(inlines[i], breaks)), None)
    line = inlines[start:index] + inlines[after:stop]
    return all(isinstance(i, pf.Space) or _is_display(i) for i in line)


def _is_display(inline: pf.Element) -> bool:
    return isinstance(inline, pf.Math) and inline.format == "DisplayMath"
