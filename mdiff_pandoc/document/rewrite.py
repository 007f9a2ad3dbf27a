"""The walk through a document in reading order: blocks, scopes, options, facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import panflute as pf

from mdiff_pandoc.document import prose
from mdiff_pandoc.document.facts import Scope
from mdiff_pandoc.document.raw import rewrite_raw
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.respond import Responder, Surroundings
from mdiff_pandoc.document.settings import Settings, from_attributes, is_option

_TEX = ("tex", "latex")
_WRAPPERS = (
    pf.Emph,
    pf.Strong,
    pf.Underline,
    pf.Strikeout,
    pf.SmallCaps,
    pf.Superscript,
    pf.Subscript,
)

_ATTACHABLE = re.compile(r"[.,;:]|\(\d+\w?\)[.,;]?|\{#eq[:\-][^{}]*\}[.,;]?")


@dataclass(frozen=True)
class Place:
    """Where the walk is: the facts and settings in force, and what may stand here."""

    scope: Scope
    settings: Settings
    marked: bool = False
    blocks: bool = True


@dataclass(frozen=True)
class Paragraph:
    """The text around the formulas of one paragraph, and the block that follows it."""

    place: Place
    text: prose.Prose
    facts: list[tuple[int, str]]
    following: pf.Element | None = None
    claimed: set[int] = field(default_factory=set)

    def kept(self) -> Iterator[str]:
        """The facts that hold behind the paragraph: what a formula claims defines nothing."""
        for place, fact in self.facts:
            if place not in self.claimed or "=" not in fact or r"\in" in fact:
                yield fact


class Rewriter:
    """Rewrites blocks and inlines; every request is answered by its ``Responder``."""

    def __init__(self, writer: str, report: Report, *, markdown: bool = True) -> None:
        self.report = report
        self.markdown = markdown
        self.responder = Responder(writer, report)

    def blocks(self, content: Iterable[pf.Element], place: Place) -> list[pf.Element]:
        """The blocks that stand in the place of ``content``."""
        elements = list(content)
        out: list[pf.Element] = []
        for block, following in zip(elements, (*elements[1:], None), strict=False):
            out += self._block(block, place, following)
        return out

    def inlines(self, content: Iterable[pf.Element], place: Place) -> list[pf.Element]:
        """The inlines in the place of ``content``, where no block can stand."""
        place = replace(place, blocks=False)
        pieces = self._text(list(content), place, None)
        return [inline for piece in pieces if isinstance(piece, list) for inline in piece]

    def _block(
        self, block: pf.Element, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        if isinstance(block, pf.Para | pf.Plain):
            return self._paragraph(block, place, following)
        if isinstance(block, pf.Header):
            if block.level == 1:
                place.scope.open_section()
            block.content = self.inlines(block.content, place)
        elif isinstance(block, pf.Div):
            self._div(block, place)
        elif isinstance(block, pf.CodeBlock):
            return self._code(block, place)
        elif isinstance(block, pf.RawBlock) and block.format in _TEX:
            return self._raw(block, place, following)
        elif isinstance(block, pf.LineBlock):
            for line in block.content:
                line.content = self.inlines(line.content, place)
        elif isinstance(block, pf.DefinitionList):
            for item in block.content:
                item.term = self.inlines(item.term, place)
                for definition in item.definitions:
                    definition.content = self.blocks(definition.content, place)
        elif isinstance(block, pf.Table):
            self._table(block, replace(place, blocks=False))
        elif isinstance(block, pf.Figure):
            block.content = self.blocks(block.content, replace(place, blocks=False))
            self._caption(block.caption, place)
        elif isinstance(block, pf.BulletList | pf.OrderedList):
            for item in block.content:
                item.content = self.blocks(item.content, place)
        elif isinstance(block, pf.BlockQuote):
            block.content = self.blocks(block.content, place)
        return [block]

    def _div(self, block: pf.Div, place: Place) -> None:
        if "mdiff-skip" in block.classes or "data-status" in block.attributes:
            return
        scope = place.scope.child() if "mdiff-scope" in block.classes else place.scope
        inner = self._enter(block, replace(place, scope=scope))
        block.content = self.blocks(block.content, inner)

    def _enter(self, element: pf.Element, place: Place) -> Place:
        """The place inside an element, whose options are read and taken off."""
        if "mdiff" not in element.classes and "mdiff-scope" not in element.classes:
            return place
        reading = from_attributes(element.attributes, place.settings)
        for error in reading.errors:
            self.report.error(error)
            self.report.fatal |= place.settings.on_error == "fail"
        for warning in reading.warnings:
            self.report.warning(warning)
        for key, value in list(element.attributes.items()):
            if is_option(key, value):
                del element.attributes[key]
        marked = place.marked or "mdiff" in element.classes
        return replace(place, settings=reading.settings, marked=marked)

    def _table(self, table: pf.Table, place: Place) -> None:
        self._caption(table.caption, place)
        rows = [*table.head.content]
        for body in table.content:
            rows += [*body.head, *body.content]
        for row in [*rows, *table.foot.content]:
            for cell in row.content:
                cell.content = self.blocks(cell.content, place)

    def _caption(self, caption: pf.Caption | None, place: Place) -> None:
        if caption is not None:
            caption.content = self.blocks(caption.content, replace(place, blocks=False))
            if caption.short_caption:
                caption.short_caption = self.inlines(caption.short_caption, place)

    def _code(self, block: pf.CodeBlock, place: Place) -> list[pf.Element]:
        if block.classes[:1] == ["math"] and place.blocks:
            formula = pf.Math(block.text, format="DisplayMath")
            made = self._paragraph(pf.Para(formula), place, None)
            return [block] if isinstance(made[0], pf.Para) else made
        if "mdiff" not in block.classes:
            return [block]
        kept = dict(block.attributes)
        inner = self._enter(block, place)
        around = Surroundings(inner.settings, inner.scope.facts(), (), marked=True)
        answers = self.responder.program(block, around)
        if not answers:
            block.attributes = kept
            return [block]
        return answers

    def _raw(
        self, block: pf.RawBlock, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        formula = pf.RawInline(block.text, format=block.format)
        if place.blocks and self.responder.is_display(block.text):
            made = self._paragraph(pf.Para(formula), place, following)
            return (
                [block] if isinstance(made[0], pf.Para) and made[0].content[0] is formula else made
            )
        if place.settings.requests == "all" or place.marked:
            around = Surroundings(place.settings, (), (), marked=place.marked)
            block.text = rewrite_raw(block.text, place.scope, around, self.responder)
        return [block]

    def _paragraph(
        self, block: pf.Element, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        pieces = self._text(list(block.content), place, following)
        if len(pieces) == 1 and isinstance(pieces[0], list):
            block.content = pieces[0]
            return [block]
        runs = (_trim(piece) if isinstance(piece, list) else piece for piece in pieces)
        return [type(block)(*run) if isinstance(run, list) else run for run in runs if run]

    def _text(
        self, inlines: list[pf.Element], place: Place, following: pf.Element | None
    ) -> list[list[pf.Element] | pf.Element]:
        text = prose.read_prose(inlines)
        facts = prose.facts_of(text)
        paragraph = Paragraph(place, text, facts, following)
        pieces = self._pieces(inlines, paragraph)
        place.scope.add_all(paragraph.kept())
        return pieces

    def _pieces(
        self, inlines: list[pf.Element], paragraph: Paragraph
    ) -> list[list[pf.Element] | pf.Element]:
        """Runs of inlines with the blocks that split them."""
        place = paragraph.place
        run: list[pf.Element] = []
        pieces: list[list[pf.Element] | pf.Element] = [run]
        index = 0
        while index < len(inlines):
            inline, used = inlines[index], 1
            made: list[pf.Element] = [inline]
            if isinstance(inline, pf.Math) or (
                isinstance(inline, pf.RawInline) and inline.format in _TEX
            ):
                made, used = self.formula(inlines, index, paragraph)
            elif isinstance(inline, pf.Note):
                inline.content = self.blocks(inline.content, replace(place, blocks=True))
            elif "mdiff-skip" in getattr(inline, "classes", ()):
                pass
            elif isinstance(inline, pf.Span) and "data-status" not in inline.attributes:
                inner = replace(paragraph, place=self._enter(inline, place))
                made = _rewrap(inline, self._pieces(list(inline.content), inner))
            elif isinstance(inline, _WRAPPERS):
                made = _rewrap(inline, self._pieces(list(inline.content), paragraph))
            elif hasattr(inline, "content"):
                inner = replace(paragraph, place=replace(place, blocks=False))
                [inline.content] = self._pieces(list(inline.content), inner)
            for element in made:
                if isinstance(element, pf.Block):
                    run = []
                    pieces += [element, run]
                else:
                    run.append(element)
            index += used
        return pieces

    def formula(
        self, inlines: list[pf.Element], index: int, paragraph: Paragraph
    ) -> tuple[list[pf.Element], int]:
        """What stands for the formula at ``index``, and how many inlines that replaces."""
        place, formula = paragraph.place, inlines[index]
        self.responder.equation += 1
        if place.settings.requests == "marked" and not place.marked:
            return [formula], 1
        if not self.responder.asks(formula.text, place.marked, inlines[index + 1 :]):
            return [formula], 1
        own, attached = False, 0
        if not isinstance(formula, pf.Math) or formula.format == "DisplayMath":
            attached = _attached(inlines, index)
            alone = not self.markdown or _alone(inlines, index, attached)
            own = place.blocks and alone
        around = self.around(paragraph, formula)
        if not own:
            return self.responder.inline(formula, around), 1
        return self.responder.display(
            formula, inlines[index + 1 : index + 1 + attached], around, whole=len(inlines) == 1
        ), 1 + attached

    def around(self, paragraph: Paragraph, formula: pf.Element) -> Surroundings:
        """The facts in force at a formula: those nearest before it win."""
        here = paragraph.text.places.get(id(formula), 0)
        scope = paragraph.place.scope.child()
        if isinstance(paragraph.following, pf.Para | pf.Plain):
            later = prose.read_prose(paragraph.following.content)
            if later.follows_up():
                scope.add_all(fact for _, fact in prose.facts_of(later))
        scope.add_all(fact for place, fact in paragraph.facts if place > here)
        scope.add_all(fact for place, fact in paragraph.facts if place < here)
        own = tuple(fact for place, fact in paragraph.facts if place == here)
        place = paragraph.place
        return Surroundings(place.settings, scope.facts(), own, marked=place.marked)


def _trim(run: list[pf.Element]) -> list[pf.Element]:
    space = (pf.Space, pf.SoftBreak, pf.LineBreak)
    while run and isinstance(run[0], space):
        run = run[1:]
    while run and isinstance(run[-1], space):
        run = run[:-1]
    return run


def _rewrap(wrapper: pf.Element, pieces: list[list[pf.Element] | pf.Element]) -> list[pf.Element]:
    """The wrapper once more around every run; blocks stand between, the first with its id."""
    if len(pieces) == 1:
        wrapper.content = pieces[0]
        return [wrapper]
    made: list[pf.Element] = []
    identifier = getattr(wrapper, "identifier", "")
    for piece in pieces:
        if isinstance(piece, pf.Block):
            if identifier and isinstance(piece, pf.Div) and not piece.identifier:
                piece.identifier, identifier = identifier, ""
            made.append(piece)
        elif piece := _trim(piece):
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


def _attached(inlines: list[pf.Element], index: int) -> int:
    """How many inlines after the formula belong to it: its id, number and punctuation."""
    count = 0
    place = index + 1
    while place < len(inlines):
        inline = inlines[place]
        if _is_attachable(inline):
            count = place - index
        elif isinstance(inline, pf.Str) and inline.text.startswith("{#eq"):
            end = next((i for i in range(place, len(inlines)) if _closes(inlines[i])), None)
            if end is None:
                break
            place = end
            count = place - index
        elif not isinstance(inline, pf.Space | pf.SoftBreak):
            break
        place += 1
    return count


def _is_attachable(inline: pf.Element) -> bool:
    """Punctuation, a typed number, an id in braces, or a span with an id and nothing to see."""
    if isinstance(inline, pf.Span):
        return bool(inline.identifier) and all(isinstance(i, pf.Space) for i in inline.content)
    return isinstance(inline, pf.Str) and _ATTACHABLE.fullmatch(inline.text) is not None


def _closes(inline: pf.Element) -> bool:
    return isinstance(inline, pf.Str) and inline.text.rstrip(".,;").endswith("}")


def _alone(inlines: list[pf.Element], index: int, attached: int) -> bool:
    """Does the formula stand on a line of its own, not inside a sentence?"""
    breaks = (pf.SoftBreak, pf.LineBreak)
    after = index + 1 + attached
    start = next((i + 1 for i in range(index - 1, -1, -1) if isinstance(inlines[i], breaks)), 0)
    stop = next((i for i in range(after, len(inlines)) if isinstance(inlines[i], breaks)), None)
    line = inlines[start:index] + inlines[after:stop]
    return all(isinstance(i, pf.Space) or _is_display(i) for i in line)


def _is_display(inline: pf.Element) -> bool:
    return isinstance(inline, pf.Math) and inline.format == "DisplayMath"
