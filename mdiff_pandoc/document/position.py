"""Where the walk through a document is: what is in force there, and what may stand there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import panflute as pf
from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.document import prose
from mdiff_pandoc.document.assertion import IN_GENERAL
from mdiff_pandoc.document.facts import HELD
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.document.settings import Settings
from mdiff_pandoc.latex.chains import Sign, chains
from mdiff_pandoc.latex.definienda import definiendum


class Place(Struct, frozen=True):
    """Where the walk is: the facts and settings in force, and what may stand here."""

    scope: Scope
    settings: Settings
    marked: bool = False
    blocks: bool = True
    notes: bool = True


class Paragraph(Struct, frozen=True):
    """The text around the formulas of one paragraph, and the block that follows it.

    ``suppositions`` hold in their sentences alone; ``carried`` are those of a sentence that began
    in the paragraph before.
    """

    place: Place
    text: prose.Prose
    facts: list[tuple[int, str]]
    following: pf.Element | None = None
    suppositions: Sequence[tuple[int, str]] = ()
    carried: tuple[str, ...] = ()
    claimed: set[int] = field(default_factory=set)

    def supposed(self, here: int) -> Iterator[str]:
        """What the sentence around the place ``here`` supposes, beside what stands there."""
        start, end = self._reach(here)
        if start == 0:
            yield from self.carried
        for place, fact in self.suppositions:
            if start <= place < end and place != here:
                yield fact

    def later(self, here: int) -> Iterator[str]:
        """What is told behind the place ``here``; "for symmetric A" in its sentence alone."""
        _, end = self._reach(here)
        for place, fact in self.facts:
            held = fact.startswith(HELD)
            if (
                place > here
                and fact != IN_GENERAL
                and not (held and self._parted(here, place, end))
            ):
                yield fact.removeprefix(HELD)

    def _parted(self, here: int, place: int, end: int) -> bool:
        """Is a case at ``place`` behind ``here`` one of another formula, or another sentence?"""
        start, _ = self._reach(here)
        general = any(start <= at < here for at, fact in self.facts if fact == IN_GENERAL)
        return place >= end or (general and any(here < at < place for at in self.text.equations()))

    def _reach(self, here: int) -> tuple[int, int]:
        """The part of the sentence around ``here`` in which one case is spoken of, or all are."""
        start, end = prose.sentence_at(self.text, here)
        for place, fact in self.facts:
            if fact == IN_GENERAL and start <= place < end:
                start, end = (place, end) if place < here else (start, place)
        return start, end

    def kept(self) -> Iterator[tuple[int, str]]:
        """The facts with their places that hold: what a formula claims defines nothing."""
        for place, fact in self.facts:
            if place not in self.claimed or "=" not in fact or r"\in" in fact:
                yield place, fact


def inside_div(block: pf.Div, place: Place) -> Place:
    """The place inside a block; pandoc's own classes say whether slides show it step by step.

    Quarto's title of a callout and the like is one line of text: no block can stand there.
    """
    if _is_quarto(block) and all(isinstance(inner, pf.Plain) for inner in block.content):
        place = replace(place, blocks=False)
    if "notes" in block.classes or "nonincremental" in block.classes:
        return replace(place, settings=replace(place.settings, incremental=False))
    if "incremental" in block.classes:
        return replace(place, settings=replace(place.settings, incremental=True))
    return place


def inside_row(row: pf.TableRow, place: Place) -> Place:
    """The place in a row of a table: what the cells beside an identity say holds for it alone."""
    cells = [
        prose.read_prose(block.content)
        for cell in row.content
        for block in cell.content
        if isinstance(block, pf.Para | pf.Plain)
    ]
    identities = [any(map(_is_identity, text.math)) for text in cells]
    if len(cells) < 2 or not any(identities):
        return place
    scope = place.scope.child()
    for text, found in zip(cells, identities, strict=True):
        if not found:
            scope.add_all(fact for _, fact in prose.facts_of(text))
    return replace(place, scope=scope)


def _is_identity(latex: str) -> bool:
    """Does a formula claim something, and define nothing?"""
    return any(
        chain.relations[0].sign is Sign.EQUAL and definiendum(chain.sides[0].text) is None
        for chain in chains(latex)
    )


def inside_inline(inline: pf.Element, place: Place) -> Place:
    """The place inside a link, a quotation and the like; the text of an image is only read out."""
    if isinstance(inline, pf.Image):
        place = replace(place, settings=replace(place.settings, check="off"))
    return replace(place, blocks=False)


def inside_span(span: pf.Span, place: Place) -> Place:
    """The place inside a span: those that Quarto keeps account of are not to be split."""
    return replace(place, blocks=False) if _is_quarto(span) else place


def _is_quarto(element: pf.Element) -> bool:
    """Does Quarto keep account of the element, for its own filters?"""
    return any(key.startswith("__quarto_custom") for key in element.attributes)
