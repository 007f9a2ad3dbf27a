"""The walk through a document in reading order: blocks, scopes, options, facts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import takewhile

import panflute as pf
from msgspec.structs import replace

from mdiff_pandoc.document import prose
from mdiff_pandoc.document.assertion import IN_GENERAL
from mdiff_pandoc.document.checking import Around, Checking
from mdiff_pandoc.document.conditions import assumed, softened, supposes_more
from mdiff_pandoc.document.facts import (
    HELD,
    claimed_properties,
    defined_by_derivative,
    member_of,
    turned,
)
from mdiff_pandoc.document.inlines import (
    alone,
    anchored,
    attached,
    identified,
    is_block,
    rewrap,
    trim,
    whole,
)
from mdiff_pandoc.document.marks import Marker, is_marked, unmarked
from mdiff_pandoc.document.position import (
    Paragraph,
    Place,
    inside_div,
    inside_inline,
    inside_row,
    inside_span,
)
from mdiff_pandoc.document.raw import rewrite_raw
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.respond import Responder, Surroundings
from mdiff_pandoc.document.settings import from_attributes, is_option
from mdiff_pandoc.document.untouched import is_untouched, untouched_run
from mdiff_pandoc.document.words import RuleList, Words
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.claim import Checked, Claim

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

_MARKED = frozenset(("mdiff", "mdiff-scope", "mdiff-check"))
_LASTING = ("check", "on-error")  # the answers stay, but another run makes the rest anew
_ELSEWHERE = Span(sys.maxsize, sys.maxsize)


class Rewriter:
    """Rewrites blocks and inlines; every request is answered by its ``Responder``.

    Where ``checks`` is set, the equations of the author are checked, and get a mark
    where the settings say so.
    """

    def __init__(
        self,
        writer: str,
        report: Report,
        words: Words | None = None,
        rules: RuleList | None = None,
        *,
        markdown: bool = True,
    ) -> None:
        words = words or Words()
        self.report = report
        self.markdown = markdown
        self.checks = False
        self.responder = Responder(writer, report, words, rules)
        self.checking = Checking()
        self.marker = Marker(writer, words)
        self._carried: tuple[str, ...] = ()
        self._begun: tuple[Claim, ...] = ()  # claims whose last side is the formula that follows

    def blocks(self, content: Iterable[pf.Element], place: Place) -> list[pf.Element]:
        """The blocks that stand in the place of ``content``."""
        elements = list(content)
        out: list[pf.Element] = []
        index = 0
        while index < len(elements):
            if run := untouched_run(elements, index):
                out += elements[index : index + run]
                index += run
                continue
            following = elements[index + 1] if index + 1 < len(elements) else None
            out += self.block(elements[index], place, following)
            index += 1
        return out

    def inlines(self, content: Iterable[pf.Element], place: Place) -> list[pf.Element]:
        """The inlines in the place of ``content``, where no block and no note can stand."""
        place = replace(place, blocks=False, notes=False)
        pieces = self._text(list(content), place, None)
        return [inline for piece in pieces if isinstance(piece, list) for inline in piece]

    def block(
        self, block: pf.Element, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        """The blocks that stand in the place of ``block``, behind which is ``following``."""
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
            self._table(block, replace(place, blocks=False, notes=False))
        elif isinstance(block, pf.Figure):
            inner = replace(place, blocks=False, notes=False)
            block.content = self.blocks(block.content, inner)
            self._caption(block.caption, inner)
        elif isinstance(block, pf.BulletList | pf.OrderedList):
            for item in block.content:
                item.content = self.blocks(item.content, place)
        elif isinstance(block, pf.BlockQuote):
            block.content = self.blocks(block.content, place)
        return [block]

    def _div(self, block: pf.Div, place: Place) -> None:
        if is_untouched(block):
            return
        self.responder.rules.found(block)
        scope = place.scope.child() if "mdiff-scope" in block.classes else place.scope
        inner = self._enter(block, inside_div(block, replace(place, scope=scope)))
        block.content = self.blocks(block.content, inner)

    def _enter(self, element: pf.Element, place: Place) -> Place:
        """The place inside an element, whose options are read and taken off."""
        if not _MARKED.intersection(element.classes):
            return place
        reading = from_attributes(element.attributes, place.settings)
        told = any(key.endswith("check") for key in element.attributes)
        for error in reading.errors:
            self.report.error(error, order=self.responder.equation, element=element)
            if place.settings.on_error == "fail":
                self.report.stop("on-error: fail")
        for warning in reading.warnings:
            self.report.warning(warning, code="option")
        for key, value in list(element.attributes.items()):
            if is_option(key, value):
                del element.attributes[key]
                if key in _LASTING:
                    element.attributes[f"data-mdiff-{key}"] = value
        settings = reading.settings
        if "mdiff-check" in element.classes and settings.check == "off" and not told:
            settings = replace(settings, check="mark")
        marked = place.marked or "mdiff" in element.classes
        return replace(place, settings=settings, marked=marked)

    def _table(self, table: pf.Table, place: Place) -> None:
        self._caption(table.caption, place)
        rows = [*table.head.content]
        for body in table.content:
            rows += [*body.head, *body.content]
        for row in [*rows, *table.foot.content]:
            inner = inside_row(row, place)
            for cell in row.content:
                cell.content = self.blocks(cell.content, inner)

    def _caption(self, caption: pf.Caption | None, place: Place) -> None:
        if caption is not None:
            caption.content = self.blocks(caption.content, place)
            if caption.short_caption:
                caption.short_caption = self.inlines(caption.short_caption, place)

    def _code(self, block: pf.CodeBlock, place: Place) -> list[pf.Element]:
        if block.classes[:1] == ["math"] and place.blocks:
            formula = pf.Math(block.text, format="DisplayMath")
            self._stands_for(formula, block)
            made = self._paragraph(pf.Para(formula), place, None)
            return [block] if isinstance(made[0], pf.Para) else made
        if "mdiff" not in block.classes:
            return [block]
        kept = dict(block.attributes)
        inner = self._enter(block, place)
        around = Surroundings(inner.settings, inner.scope.facts(), (), True, inner.scope)
        answers = self.responder.program(block, around)
        if not answers:
            block.attributes = kept
            return [block]
        return answers

    def _raw(
        self, block: pf.RawBlock, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        formula = pf.RawInline(block.text, format=block.format)
        self._stands_for(formula, block)
        if place.blocks and self.responder.is_display(block.text):
            made = self._paragraph(pf.Para(formula), place, following)
            return (
                [block] if isinstance(made[0], pf.Para) and made[0].content[0] is formula else made
            )
        if place.settings.requests == "all" or place.marked:
            around = Surroundings(place.settings, (), (), marked=place.marked)
            block.text = rewrite_raw(block, place.scope, around, self.responder)
        return [block]

    def _stands_for(self, formula: pf.Element, block: pf.Element) -> None:
        if self.report.places is not None:
            self.report.places.stands_for(formula, block)

    def _paragraph(
        self, block: pf.Element, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        pieces = self._text(list(block.content), place, following)
        if len(pieces) == 1 and isinstance(pieces[0], list):
            block.content = pieces[0]
            return [block]
        runs = (trim(piece) if isinstance(piece, list) else piece for piece in pieces)
        return [type(block)(*run) if isinstance(run, list) else run for run in runs if run]

    def _text(
        self, inlines: list[pf.Element], place: Place, following: pf.Element | None
    ) -> list[list[pf.Element] | pf.Element]:
        inlines = whole(inlines)
        text = prose.read_prose(inlines)
        facts = prose.facts_of(text)
        supposed = prose.supposed_in(text)
        paragraph = Paragraph(place, text, facts, following, supposed, self._carried)
        self._carried = ()
        pieces = self._pieces(inlines, paragraph)
        if prose.is_open(text):
            self._carried = tuple(paragraph.supposed(len(text.text)))
        place.scope.add_all(fact for _, fact in paragraph.kept())
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
            if run_length := untouched_run(inlines, index):
                made, used = inlines[index : index + run_length], run_length
            elif isinstance(inline, pf.Math) or (
                isinstance(inline, pf.RawInline) and inline.format in _TEX
            ):
                made, used = self.formula(inlines, index, paragraph)
            elif isinstance(inline, pf.Note):
                inline.content = self.blocks(
                    inline.content, replace(place, blocks=True, notes=False)
                )
            elif is_untouched(inline):
                pass
            elif isinstance(inline, pf.Span):
                inner = replace(paragraph, place=inside_span(inline, self._enter(inline, place)))
                formula = anchored(inline)
                if formula is not None and self._asks(formula, inner.place):
                    bared = [*inlines[:index], formula, *inlines[index + 1 :]]
                    made, used = self.formula(bared, index, inner, anchor=inline)
                else:
                    made = rewrap(inline, self._pieces(list(inline.content), inner))
            elif isinstance(inline, _WRAPPERS):
                made = rewrap(inline, self._pieces(list(inline.content), paragraph))
            elif isinstance(inline, pf.Cite):
                inner = replace(paragraph, place=replace(place, blocks=False))
                for citation in inline.citations:
                    [citation.prefix] = self._pieces(list(citation.prefix), inner)
                    [citation.suffix] = self._pieces(list(citation.suffix), inner)
                [inline.content] = self._pieces(list(inline.content), inner)  # as citeproc made it
            elif hasattr(inline, "content"):
                inner = replace(paragraph, place=inside_inline(inline, place))
                [inline.content] = self._pieces(list(inline.content), inner)
            for element in made:
                if is_block(element):
                    run = []
                    pieces += [element, run]
                else:
                    run.append(element)
            index += used
        return pieces

    def _asks(self, formula: pf.Element, place: Place, after: Sequence[pf.Element] = ()) -> bool:
        read = place.settings.requests == "all" or place.marked
        return read and self.responder.asks(formula.text, place.marked, after)

    def formula(
        self,
        inlines: list[pf.Element],
        index: int,
        paragraph: Paragraph,
        anchor: pf.Span | None = None,
    ) -> tuple[list[pf.Element], int]:
        """What stands for the formula at ``index``, and how many inlines that replaces.

        ``anchor`` is a span with an id around the formula, which stays around what it names.
        """
        place, formula = paragraph.place, inlines[index]
        self.responder.begin(formula)
        if not self._asks(formula, place, inlines[index + 1 :]):
            return self._claimed(inlines, index, paragraph)
        own, behind = False, 0
        if not isinstance(formula, pf.Math) or formula.format == "DisplayMath":
            behind = attached(inlines, index)
            own_line = not self.markdown or alone(inlines, index, behind)
            own = place.blocks and own_line
        around = self.around(paragraph, formula)
        if not own:
            behind = identified(inlines, index) if behind else 0
            named = inlines[index + 1 : index + 1 + behind]
            return self.responder.inline(formula, around, named, anchor), 1 + behind
        made = self.responder.display(
            formula,
            inlines[index + 1 : index + 1 + behind],
            around,
            whole=len(inlines) == 1,
            anchor=anchor,
        )
        for block in made:
            if isinstance(block, pf.Para):  # rows of the author between those that were answered
                here = paragraph.text.places.get(id(formula), 0)
                paragraph.text.places[id(block.content[0])] = here
                block.content, _ = self._claimed(list(block.content), 0, paragraph)
        return made, 1 + behind

    def check(self, inlines: list[pf.Element], index: int, paragraph: Paragraph) -> Checked:
        """What the formula at ``index`` is checked with; what it claims, it does not define."""
        formula = inlines[index]
        around = self.around(paragraph, formula, claims=True)
        here = paragraph.text.places.get(id(formula), 0)
        near = (fact for place, fact in paragraph.facts if place < here and member_of(fact))
        claimed = claimed_properties(formula.text)
        own = (
            *near,
            *(f for f in around.own if ("=" not in f or r"\in" in f) and f not in claimed),
        )
        checked = self.checking.formula(
            unmarked(formula.text),
            Around(
                around.settings,
                around.facts,
                own,
                paragraph.text.text[:here],
                paragraph.place.scope.earlier(),
                prose.conditions_at(paragraph.text, here),
            ),
            inlines[index + 1 :],
        )
        if supposes_more(paragraph.text, paragraph.suppositions, here):
            checked = softened(checked)
        checked, told = assumed(checked, paragraph.text.text[:here])
        paragraph.facts.extend((here, fact) for fact in told)
        if checked.claims and not any(c.verdict == "definition" for c in checked.claims):
            paragraph.claimed.add(here)
        paragraph.facts.extend(
            (here, fact)
            for fact in checked.facts
            if turned(fact, formula.text) or defined_by_derivative(fact)
        )
        return checked

    def _claimed(
        self, inlines: list[pf.Element], index: int, paragraph: Paragraph
    ) -> tuple[list[pf.Element], int]:
        """The formula at ``index`` with the mark that it deserves, where formulas are checked."""
        place, formula = paragraph.place, inlines[index]
        if not self.checks:
            return [formula], 1
        checked = self.check(inlines, index, paragraph)
        begun, self._begun = self._begun, ()
        if place.settings.check == "off":
            return [formula], 1
        for claim in checked.claims:
            self.report.claim(claim, self.responder.equation, unmarked(formula.text))
            if claim.verdict == "refuted" and place.settings.check == "fail":
                self.report.stop("check: fail")
        if any(claim.span.end > len(formula.text) for claim in checked.claims):
            self._begun = tuple(replace(claim, span=_ELSEWHERE) for claim in checked.claims)
            return [formula], 1
        claims = (*begun, *checked.claims)
        display = not isinstance(formula, pf.Math) or formula.format == "DisplayMath"
        stop = index + 1 + (attached(inlines, index) if display else 0)
        if is_marked(formula, inlines[stop:]):
            return [formula], 1
        made = self.marker.marked(
            formula, inlines[index + 1 : stop], claims, display=display, notes=place.notes
        )
        return made, stop - index

    def around(
        self, paragraph: Paragraph, formula: pf.Element, *, claims: bool = False
    ) -> Surroundings:
        """The facts in force at a formula: those nearest before it win.

        What stands behind an equation that is claimed explains it ("where D = BX"), or follows
        from it: a solution is no definition for what it solves.
        """
        here = paragraph.text.places.get(id(formula), 0)
        told: list[str] = []
        if isinstance(paragraph.following, pf.Para | pf.Plain):
            later = prose.read_prose(paragraph.following.content)
            if later.follows_up():
                behind = takewhile(IN_GENERAL.__ne__, (fact for _, fact in prose.facts_of(later)))
                told += (fact.removeprefix(HELD) for fact in behind)
        told += (fact for fact in paragraph.later(here) if not claims or _explains(fact))
        told += (fact for place, fact in paragraph.kept() if place < here)
        told += paragraph.supposed(here)
        scope = paragraph.place.scope.child()
        scope.add_all(told)
        own = tuple(fact.removeprefix(HELD) for place, fact in paragraph.facts if place == here)
        place = paragraph.place
        return Surroundings(place.settings, scope.facts(), own, place.marked, place.scope)


def _explains(fact: str) -> bool:
    """Is it no equation, or one that a word such as "where" introduces?"""
    return "=" not in fact or r"\in" in fact or fact.startswith("let ")
