"""The page that is made of a document: its metadata, its blocks, and what a header needs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.formats import WEB
from mdiff_pandoc.document.nodes import elements_of
from mdiff_pandoc.document.scan import formulas_in
from mdiff_pandoc.document.walk import ManyError, Part, Walk, dumps, text_of
from mdiff_pandoc.patterns import regex

if TYPE_CHECKING:
    from mdiff_pandoc.document.ask import Question
    from mdiff_pandoc.document.cache.results import Result, Telling
    from mdiff_pandoc.document.cache.store import Store
    from mdiff_pandoc.document.position import Place
    from mdiff_pandoc.document.report import Report
    from mdiff_pandoc.document.rewrite import Rewriter
    from mdiff_pandoc.document.scope import Scope
    from mdiff_pandoc.document.settings import Settings
    from mdiff_pandoc.document.walk import Made

_FEW = 3  # new parts that are made at once, one after another
_LIMITS = regex(r"\\(?:sum|prod|int)\s*_\s*(?:\{[^{}]*\}|\w)\s*\^")
_TRANSPOSES = regex(
    r"(?<=[\w)\]}])\s*\^\s*(T(?![A-Za-z])|\\top(?![A-Za-z])|\\intercal(?![A-Za-z])"
    r"|\{\s*(?:T|\\top|\\intercal|\\math(?:sf|rm)\s*(?:T|\{\s*T\s*\}))\s*\})"
)


class Page(Struct, frozen=True, dict=True):
    """A document, as pandoc gave it and as its JSON says, and how it is to be written.

    ``checks`` tells that claims are checked, ``cites`` that TeX in it refers to labels.
    """

    raw: bytes
    document: Any
    writer: str
    settings: Settings
    markdown: bool
    checks: bool
    cites: bool

    @cached_property
    def lists(self) -> bool:
        """Is there a place for the list of the rules that the document uses?"""
        return b"mdiff-rules" in self.raw and any(
            element["t"] == "Div" and "mdiff-rules" in element["c"][0][1]
            for element in elements_of(self.document["blocks"])
        )


class Writing:
    """Writes a page; what an earlier build made of its parts is taken from the ``store``."""

    def __init__(self, page: Page, store: Store | None = None) -> None:
        from mdiff_pandoc.document.numbers import cited_labels
        from mdiff_pandoc.document.words import Words
        from mdiff_pandoc.document.writers.kinds import width_of

        self._answers: dict[Question, Result] = {}
        self._page, self._store = page, store
        self._seen: dict[bytes, Made] = {}
        self._blocks: list[Any] = page.document["blocks"]
        formulas = formulas_in(page.raw)
        if formulas is None:
            formulas = formulas_of(self._blocks)
        settings = replace(page.settings, transpose=transpose_of(formulas))
        if not settings.width:
            settings = replace(settings, width=width_of(page.writer, page.document["meta"]))
        self._settings = settings
        self._words = Words(settings.language, dict(settings.phrases))
        web = page.cites and WEB.match(page.writer)
        self._cited = cited_labels(self._blocks) if web else frozenset[str]()
        self._base = repr((settings, page.writer, page.markdown, page.checks, sorted(self._cited)))

    def written(
        self, reported: Callable[[], Report], *, share: bool, told: Telling | None = None
    ) -> tuple[bytes, Report]:
        """The page as pandoc's JSON and the report, which goes on from what ``reported`` makes.

        With ``share``, the work for a page with many new parts is shared with other processes;
        ``told`` is called with how much of it is done, of how much.
        """
        if share and self._store is not None:
            with suppress(ManyError):
                return self._taken_over(reported, _FEW)
        if share:
            self._look_ahead(told)
        return self._taken_over(reported)

    def _taken_over(
        self, reported: Callable[[], Report], most: int = sys.maxsize
    ) -> tuple[bytes, Report]:
        """The page with parts from the store, unless there is something to report.

        Where a message stands may depend on parts that were not looked at.
        """
        report = reported()
        walk = self._walk(report, most)
        made = self._json(walk)
        if report.noted and walk.reused:
            self._store = None
            return self._taken_over(reported)
        walk.keep()
        return made, report

    def _look_ahead(self, told: Telling | None) -> None:
        """Have everything computed that the walk will ask for, several pieces at a time."""
        from mdiff_pandoc.document.cache.results import results
        from mdiff_pandoc.document.report import Report

        walk = self._walk(Report(quiet=True), ahead=True)
        self._metadata(walk)
        self._body(walk)
        if walk.begun:
            rewriter = walk.rewriter()
            self._answers = results(rewriter.responder.ahead or (), told=told)
            known = rewriter.checking.known
            tasks = (task for task, checked in known.items() if not checked.judged)
            results(tasks, told=told)

    def _json(self, walk: Walk) -> bytes:
        from mdiff_pandoc.document.writers.tex import adapted

        meta = self._metadata(walk)
        blocks = self._body(walk)
        rewriter = walk.rewriter()
        if listed := rewriter.responder.rules.fill():
            adapted(listed, self._page.writer)
        for header in self._headers(rewriter, blocks):
            meta["header-includes"] = _including(meta.get("header-includes"), header)
        texts = {
            key: dumps(value).encode()
            for key, value in self._page.document.items()
            if key not in ("meta", "blocks")
        }
        texts["meta"] = dumps(meta).encode()
        # one at a time: a text of all of them takes up to four bytes for each character
        written = (text.encode() for text in map(text_of, blocks) if text)
        texts["blocks"] = b"[" + b",".join(written) + b"]"
        pairs = (dumps(key).encode() + b":" + text for key, text in texts.items())
        return b"{" + b",".join(pairs) + b"}"

    def _walk(self, report: Report, most: int = sys.maxsize, *, ahead: bool = False) -> Walk:
        from mdiff_pandoc.document.tree import elements

        note = None if report.places is None else report.places.note

        def begin(scope: Scope) -> tuple[Rewriter, Place]:
            from mdiff_pandoc.document.checking import Checking
            from mdiff_pandoc.document.position import Place
            from mdiff_pandoc.document.rewrite import Rewriter
            from mdiff_pandoc.document.words import RuleList

            page = self._page
            rules = RuleList(self._words, self._settings.rules, listed=page.lists)
            rewriter = Rewriter(page.writer, report, self._words, rules, markdown=page.markdown)
            rewriter.responder.cited = self._cited
            rewriter.responder.answers = self._answers
            if ahead:
                rewriter.responder.ahead = []
                rewriter.checking = Checking(outline=True)
            scope.add_all(self._settings.symbols)
            return rewriter, Place(scope, self._settings)

        return Walk(
            begin,
            lambda node: elements(node, note),
            self._base,
            self._store,
            self._seen,
            most=most,
            ahead=ahead,
        )

    def _metadata(self, walk: Walk) -> dict[str, Any]:
        def rewritten(value: Any) -> Any:
            kind, content = value["t"], value.get("c")
            if kind == "MetaMap":
                return {"t": kind, "c": {key: rewritten(item) for key, item in content.items()}}
            if kind == "MetaList":
                return {"t": kind, "c": [rewritten(item) for item in content]}
            if kind in ("MetaInlines", "MetaBlocks"):
                made = walk.part(Part(content, inlines=kind == "MetaInlines"))
                return {"t": kind, "c": json.loads(f"[{text_of(made)}]")}
            return value

        meta = self._page.document["meta"]
        return {key: value if key == "mdiff" else rewritten(value) for key, value in meta.items()}

    def _body(self, walk: Walk) -> list[Any]:
        walk.checks = self._page.checks
        if any(map(_may_begin_run, self._blocks)):
            return [walk.part(Part(self._blocks))]
        return [
            walk.part(Part([block], following, body=True))
            for block, following in zip(self._blocks, (*self._blocks[1:], None), strict=True)
        ]

    def _headers(self, rewriter: Rewriter, blocks: list[Any]) -> list[Any]:
        """What the header of the page is to include; a part of a paper in LaTeX has it itself."""
        from mdiff_pandoc.document.marks import MACROS, STYLE
        from mdiff_pandoc.document.writers.style import sheets

        writer, marks = self._page.writer, rewriter.marker.count
        if WEB.match(writer):
            css = self._settings.css and bool(rewriter.report.answered)
            used = sheets(writer, sums=rewriter.responder.sums, css=css)
            used += [STYLE] if marks else []
            return [_raw_block("html", sheet) for sheet in used]
        if marks and writer == "beamer":
            return [_raw_block("latex", MACROS)]
        if marks and writer == "latex":
            blocks.insert(0, dumps(_raw_block("latex", MACROS)))
        return []


def _raw_block(markup: str, text: str) -> Any:
    return {"t": "RawBlock", "c": [markup, text]}


def _including(included: Any, block: Any) -> Any:
    """The value of ``header-includes`` with one more block."""
    style = {"t": "MetaBlocks", "c": [block]}
    if included is None:
        return style
    before = included["c"] if included["t"] == "MetaList" else [included]
    return {"t": "MetaList", "c": [*before, style]}


def _may_begin_run(block: Any) -> bool:
    """Could it be HTML by an earlier run, which keeps the blocks behind it as they are as well?"""
    return block["t"] == "RawBlock" and "mdiff" in block["c"][1]


def formulas_of(blocks: Any) -> list[str]:
    """The formulas of blocks, in no order."""
    return [element["c"][1] for element in elements_of(blocks) if element["t"] == "Math"]


def transpose_of(formulas: Iterable[str]) -> str:
    """The superscript that most transposes in a document have, without the caret."""
    found: Counter[str] = Counter()
    for formula in formulas:
        marks = _TRANSPOSES.findall(_LIMITS.sub("", formula))
        found.update(mark if "{" in mark[1:] else mark.strip("{} ") for mark in marks)
    return max(found, key=lambda mark: found[mark], default="")
