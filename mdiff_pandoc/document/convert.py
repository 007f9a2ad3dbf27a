"""One document in pandoc's JSON: requests in, derivations out."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mdiff_pandoc.latex.request import find_request

if TYPE_CHECKING:
    from mdiff_pandoc.document.message import Message
    from mdiff_pandoc.document.report import Report
    from mdiff_pandoc.document.settings import Settings

_LONG = 10_000  # beyond this a formula is looked at once only, by the rewriter
_MARKS = ("mdiff", "mdiff-scope", "mdiff-check")
_LIMITS = re.compile(r"\\(?:sum|prod|int)\s*_\s*(?:\{[^{}]*\}|\w)\s*\^")
_TRANSPOSES = re.compile(
    r"(?<=[\w)\]}])\s*\^\s*(T(?![A-Za-z])|\\top(?![A-Za-z])|\\intercal(?![A-Za-z])"
    r"|\{\s*(?:T|\\top|\\intercal|\\math(?:sf|rm)\s*(?:T|\{\s*T\s*\}))\s*\})"
)


@dataclass(frozen=True)
class Converted:
    """The document as bytes (the same object when nothing was asked), and what to report.

    ``stopped`` tells why the build is to stop: a request failed in a document that says
    ``on-error: fail``, or a claim is refuted where it says ``check: fail``. ``record`` is the
    report for programs, if it was asked for.
    """

    json: bytes
    messages: tuple[Message, ...] = ()
    summary: tuple[str, ...] = ()
    stopped: str = ""
    record: Mapping[str, object] | None = None

    @property
    def report(self) -> tuple[str, ...]:
        """The messages, each problem once, and the summary, as text."""
        last = (self.stopped,) if self.stopped else ()
        return (*(message.plain() for message in self.messages), *self.summary, *last)

    @property
    def fatal(self) -> bool:
        """Is the build to stop?"""
        return bool(self.stopped)


def convert(
    raw: bytes,
    writer: str,
    *,
    file: str = "document",
    quiet: bool = False,
    verbose: bool = False,
    check: str = "",
    markdown: bool = True,
    css: bool = False,
    recorded: bool = False,
) -> Converted:
    """Answer the requests of a document for pandoc's ``writer``.

    ``file`` names the document in messages. ``check`` stands in the place of what the metadata say
    under that name, unless it is empty. ``markdown`` tells that the source marks formulas by
    dollars, where a display formula may stand inside a sentence. ``css`` holds where the metadata
    say nothing about it. ``recorded`` asks for the report for programs. Errors of requests go to
    the report, never up.
    """
    document = json.loads(raw)
    meta = document["meta"]
    asks = _asks(document["blocks"]) or _asks(meta)
    if not asks and not check and "mdiff" not in meta and not recorded:
        return Converted(raw)
    from mdiff_pandoc.document.places import Places
    from mdiff_pandoc.document.report import Report
    from mdiff_pandoc.document.settings import Settings, from_metadata, plain

    language = str(plain(meta["lang"])) if "lang" in meta else ""
    base = Settings(file=file, quiet=quiet, verbose=verbose, language=language, css=css)
    asked = plain(meta["mdiff"]) if "mdiff" in meta else None
    if check and (asked is None or isinstance(asked, dict)):
        asked = {**(asked or {}), "check": check}
    reading = from_metadata(asked, base)
    settings = reading.settings
    places = Places(document, settings.file)
    report = Report(settings.file, settings.quiet, settings.verbose, places)
    for error in reading.errors:
        report.error(error)
        if settings.on_error == "fail":
            report.stop("on-error: fail")
    for warning in reading.warnings:
        report.warning(warning, code="option")
    checks = settings.check != "off" or _checks(document["blocks"])
    output = raw
    if asks or checks:
        cites = b"ref{" in raw and b"\\label" in raw
        output = _rewrite(document, writer, settings, report, markdown, checks=checks, cites=cites)
    messages = tuple(report.messages())
    record = None
    if recorded:
        from mdiff_pandoc.document.record import record_of

        record = {"writer": writer, **record_of(report, messages)}
    return Converted(output, messages, tuple(report.summary()), report.stopped, record)


def _asks(node: Any) -> bool:
    """Could any part of this JSON be a request?"""
    return any(_candidate(element) for element in _elements(node))


def _elements(node: Any) -> Iterator[Any]:
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict):
            if isinstance(node.get("t"), str):
                yield node
            stack += node.values()


def _checks(blocks: Any) -> bool:
    """Does any part of the document ask for its claims to be checked?"""
    for element in _elements(blocks):
        if element["t"] in ("Div", "Span"):
            _, classes, attributes = element["c"][0]
            asked = any(key in ("check", "data-mdiff-check") for key, _ in attributes)
            if "mdiff-check" in classes or (asked and any(name in classes for name in _MARKS)):
                return True
    return False


def _lists(blocks: Any) -> bool:
    """Is there a place for the list of the rules that the document uses?"""
    return any(
        element["t"] == "Div" and "mdiff-rules" in element["c"][0][1]
        for element in _elements(blocks)
    )


def _candidate(element: Any) -> bool:
    kind, content = element["t"], element.get("c")
    if kind in ("Div", "Span"):
        return any(name in content[0][1] for name in _MARKS)
    if kind == "CodeBlock":
        classes = content[0][1]
        return "mdiff" in classes or ("math" in classes and find_request(content[1]) is not None)
    if kind in ("RawInline", "RawBlock"):
        return content[0] in ("tex", "latex") and "=" in content[1]
    return kind == "Math" and (len(content[1]) > _LONG or find_request(content[1]) is not None)


def _raw_block(markup: str, text: str) -> Any:
    return {"t": "RawBlock", "c": [markup, text]}


def _including(included: Any, block: Any) -> Any:
    """The value of ``header-includes`` with one more block."""
    style = {"t": "MetaBlocks", "c": [block]}
    if included is None:
        return style
    before = included["c"] if included["t"] == "MetaList" else [included]
    return {"t": "MetaList", "c": [*before, style]}


def transpose_of(blocks: Any) -> str:
    """The superscript that most transposes in a document have, without the caret."""
    found: Counter[str] = Counter()
    for element in _elements(blocks):
        if element["t"] == "Math":
            marks = _TRANSPOSES.findall(_LIMITS.sub("", element["c"][1]))
            found.update(mark if "{" in mark[1:] else mark.strip("{} ") for mark in marks)
    return max(found, key=lambda mark: found[mark], default="")


def _rewrite(
    document: Any,
    writer: str,
    settings: Settings,
    report: Report,
    markdown: bool,
    *,
    checks: bool,
    cites: bool,
) -> bytes:
    from mdiff_pandoc.document.facts import Scope
    from mdiff_pandoc.document.formats import WEB
    from mdiff_pandoc.document.marks import MACROS, STYLE
    from mdiff_pandoc.document.numbers import cited_labels
    from mdiff_pandoc.document.position import Place
    from mdiff_pandoc.document.rewrite import Rewriter
    from mdiff_pandoc.document.tree import elements as made
    from mdiff_pandoc.document.words import RuleList, Words
    from mdiff_pandoc.document.writers.kinds import width_of
    from mdiff_pandoc.document.writers.style import sheets
    from mdiff_pandoc.document.writers.tex import adapted

    note = None if report.places is None else report.places.note

    def elements(nodes: Any) -> Any:
        return made(nodes, note)

    if not settings.width:
        settings = replace(settings, width=width_of(writer, document["meta"]))
    words = Words(settings.language, dict(settings.phrases))
    rules = RuleList(words, settings.rules, listed=_lists(document["blocks"]))
    rewriter = Rewriter(writer, report, words, rules, markdown=markdown)
    if cites and WEB.match(writer):
        rewriter.responder.cited = cited_labels(document["blocks"])
    scope = Scope()
    scope.add_all(settings.symbols)
    place = Place(scope, replace(settings, transpose=transpose_of(document["blocks"])))

    def metadata(value: Any) -> Any:
        kind, content = value["t"], value.get("c")
        if kind == "MetaMap":
            return {"t": kind, "c": {key: metadata(item) for key, item in content.items()}}
        if kind == "MetaList":
            return {"t": kind, "c": [metadata(item) for item in content]}
        if kind == "MetaInlines":
            return {"t": kind, "c": rewriter.inlines(elements(content), place)}
        if kind == "MetaBlocks":
            return {"t": kind, "c": rewriter.blocks(elements(content), place)}
        return value

    meta = {
        key: value if key == "mdiff" else metadata(value) for key, value in document["meta"].items()
    }
    rewriter.checks = checks
    blocks = rewriter.blocks(elements(document["blocks"]), place)
    if listed := rules.fill():
        adapted(listed, writer)
    headers = []
    if WEB.match(writer):
        used = sheets(
            writer,
            sums=rewriter.responder.sums,
            css=settings.css and bool(report.answered),
        )
        used += [STYLE] if rewriter.marker.count else []
        headers = [_raw_block("html", sheet) for sheet in used]
    elif rewriter.marker.count and writer == "beamer":
        headers = [_raw_block("latex", MACROS)]
    elif rewriter.marker.count and writer == "latex":  # here, so that a part of a paper has it too
        blocks = [_raw_block("latex", MACROS), *blocks]
    for block in headers:
        meta["header-includes"] = _including(meta.get("header-includes"), block)
    document = {**document, "meta": meta, "blocks": blocks}
    return json.dumps(
        document,
        default=lambda element: element.to_json(),
        ensure_ascii=False,
        check_circular=False,
        separators=(",", ":"),
    ).encode()
