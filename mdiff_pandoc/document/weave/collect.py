"""The walk that answers the requests of a document and notes what stands for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import panflute as pf
from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.page import formulas_of, transpose_of
from mdiff_pandoc.document.position import Place
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.respond import Responder, Surroundings
from mdiff_pandoc.document.rewrite import Rewriter
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.document.settings import Settings, from_metadata, plain
from mdiff_pandoc.document.tree import elements
from mdiff_pandoc.document.words import RuleList, Words
from mdiff_pandoc.document.words.tag import language_of, language_of_latex

_WRITER = "markdown"  # formulas as on paper, labels and tags apart

Change = tuple[int, int, str]  # a range of a formula's text, and what takes its place


class Shown(Struct, frozen=True):
    """A display formula of a derivation or beside one, and the lines of text ``below`` it."""

    latex: str
    below: tuple[Sequence[pf.Element], ...] = ()


class Found(Struct, frozen=True):
    """What was made of the element ``node`` of pandoc's tree, whose text was ``text``.

    ``equation`` is its number in the report, ``table`` tells that it stands in a table. There are
    ``changes`` to its text, or formulas ``shown`` in its place.
    """

    node: Any
    text: str
    equation: int
    changes: tuple[Change, ...] = ()
    shown: tuple[Shown, ...] = ()
    table: bool = False


def collect(
    ast: Mapping[str, Any], report: Report, *, markdown: bool, width: float = 0.0
) -> list[Found]:
    """What the requests of a document are answered with, in the order of the walk.

    ``markdown`` tells that a display formula may stand inside a sentence; ``width`` is that of a
    line in points, 0 for the usual one.
    """
    meta = ast["meta"]
    source = None if markdown or report.places is None else report.places.source
    language = language_of(meta, language_of_latex(source.text) if source else "")
    base = Settings(file=report.file, language=language, width=width)
    reading = from_metadata(plain(meta["mdiff"]) if "mdiff" in meta else None, base)
    settings = reading.settings
    report.quiet |= settings.quiet
    report.options(reading)
    words = Words(settings.language, dict(settings.phrases))
    nodes: dict[int, Any] = {}
    made: list[pf.Element] = []  # kept, so that no other element has the identity of one of them

    def note(node: Any, element: pf.Element) -> None:
        nodes[id(element)] = node
        made.append(element)
        if report.places is not None:
            report.places.note(node, element)

    rules = RuleList(words, settings.rules)
    walk = _Walk(report, words, rules, nodes, markdown=markdown)
    scope = Scope()
    scope.add_all(settings.symbols)
    place = Place(scope, replace(settings, transpose=transpose_of(formulas_of(ast["blocks"]))))
    for key, value in meta.items():
        if key != "mdiff":
            _read(value, walk, place)
    walk.notes.found.clear()  # metadata are left as they stand
    walk.blocks(elements(ast["blocks"], note), place)
    return walk.notes.found


def _read(value: Any, walk: Rewriter, place: Place) -> None:
    """Learn what the metadata say of symbols, such as an abstract."""
    kind, content = value["t"], value.get("c")
    if kind == "MetaMap":
        for item in content.values():
            _read(item, walk, place)
    elif kind == "MetaList":
        for item in content:
            _read(item, walk, place)
    elif kind == "MetaInlines":
        walk.inlines(elements(content), place)
    elif kind == "MetaBlocks":
        walk.blocks(elements(content), place)


class _Walk(Rewriter):
    """Walks as the filter does."""

    def __init__(
        self,
        report: Report,
        words: Words,
        rules: RuleList,
        nodes: Mapping[int, Any],
        *,
        markdown: bool,
    ) -> None:
        super().__init__(_WRITER, report, words, rules, markdown=markdown)
        self.responder = self.notes = _Notes(report, words, rules, nodes)

    def _table(self, table: pf.Table, place: Place) -> None:
        before, self.notes.table = self.notes.table, True
        super()._table(table, place)
        self.notes.table = before

    def _caption(self, caption: pf.Caption | None, place: Place) -> None:
        before, self.notes.table = self.notes.table, False
        super()._caption(caption, place)
        self.notes.table = before

    def _raw(
        self, block: pf.RawBlock, place: Place, following: pf.Element | None
    ) -> list[pf.Element]:
        text = block.text
        made = super()._raw(block, place, following)
        self.notes.note_raw(block, text)
        return made

    def _stands_for(self, formula: pf.Element, block: pf.Element) -> None:
        super()._stands_for(formula, block)
        self.notes.blocks[id(formula)] = (formula, block)


class _Notes(Responder):
    """Answers, and notes what the answers are written with.

    ``blocks`` has the block that a formula was made of, ``table`` tells that it is in a table.
    """

    def __init__(
        self, report: Report, words: Words, rules: RuleList, nodes: Mapping[int, Any]
    ) -> None:
        super().__init__(_WRITER, report, words, rules)
        self.found: list[Found] = []
        self.blocks: dict[int, tuple[pf.Element, pf.Element]] = {}
        self.table = False
        self._nodes = nodes
        self._offset = 0
        self._raw: list[Change] = []

    def begin(self, element: pf.Element, offset: int = 0) -> None:
        """Go on to the next formula."""
        super().begin(element, offset)
        self._offset = offset

    def changed(self, element: pf.Element, changes: Sequence[Change]) -> None:
        """Note the result in a formula that stays where it is."""
        self._note(element, element.text, changes=tuple(changes))

    def note_raw(self, block: pf.RawBlock, text: str) -> None:
        """Note what was written into raw TeX."""
        changes, self._raw = self._raw, []
        if changes:
            self._note(block, text, changes=tuple(changes))

    def replacement(self, source: str, around: Surroundings, *, display: bool) -> str:
        """Raw TeX for a formula of raw TeX."""
        made = super().replacement(source, around, display=display)
        if made != source:
            self._raw.append((self._offset, self._offset + len(source), made))
        return made

    def display(
        self,
        element: pf.Element,
        attached: Sequence[pf.Element],
        around: Surroundings,
        *,
        whole: bool,
        anchor: pf.Span | None = None,
    ) -> list[pf.Element]:
        """Blocks for a display formula."""
        text = element.text
        made = super().display(element, attached, around, whole=whole, anchor=anchor)
        if any(map(_is_derivation, made)):
            self._note(element, text, shown=_shown(made))
        return made

    def program(self, block: pf.CodeBlock, around: Surroundings) -> list[pf.Element]:
        """The derivations for a code block; where a line fails, it stays as it is."""
        text = block.text
        made = super().program(block, around)
        if made and not any(map(_failed, made)):
            self._note(block, text, shown=_shown(made))
        return made

    def _note(
        self,
        element: pf.Element,
        text: str,
        *,
        changes: tuple[Change, ...] = (),
        shown: tuple[Shown, ...] = (),
    ) -> None:
        _, element = self.blocks.get(id(element), (element, element))
        node = self._nodes.get(id(element))
        if node is not None:
            self.found.append(Found(node, text, self.equation, changes, shown, self.table))


def _shown(made: Sequence[pf.Element]) -> tuple[Shown, ...]:
    """The formulas of blocks that were made, and the text below them."""
    shown: list[Shown] = []
    for block in made:
        blocks = block.content if _is_derivation(block) else [block]
        *first, last = _formulas(blocks)
        below = tuple(_lines(blocks))
        shown += [*map(Shown, first), Shown(last, below)]
    return tuple(shown)


def _is_derivation(block: pf.Element) -> bool:
    return isinstance(block, pf.Div) and "mdiff" in block.classes


def _failed(block: pf.Element) -> bool:
    """Is this block code that stayed, or a request that failed?"""
    return isinstance(block, pf.CodeBlock) or "mdiff-error" in block.classes


def _formulas(blocks: Sequence[pf.Element]) -> Iterator[str]:
    """The display formulas that stand first in paragraphs."""
    for block in blocks:
        if isinstance(block, pf.Para) and block.content:
            first = block.content[0]
            while isinstance(first, pf.Span) and first.content:
                first = first.content[0]
            if isinstance(first, pf.Math | pf.RawInline):
                yield first.text


def _lines(blocks: Sequence[pf.Element]) -> Iterator[Sequence[pf.Element]]:
    """The text of the blocks inside a derivation that are no formulas."""
    for block in blocks:
        if isinstance(block, pf.Div):
            yield from (inner.content for inner in block.content if isinstance(inner, pf.Para))
