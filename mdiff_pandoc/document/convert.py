"""One document in pandoc's JSON: requests in, derivations out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from mdiff_pandoc.document.guard import document_of
from mdiff_pandoc.document.nodes import elements_of
from mdiff_pandoc.document.page import Page, Writing
from mdiff_pandoc.document.unread import may_be_unread, unread_requests
from mdiff_pandoc.latex.request import find_request

if TYPE_CHECKING:
    from mdiff_pandoc.document.cache.results import Telling
    from mdiff_pandoc.document.message import Message

_LONG = 10_000  # beyond this a formula is looked at once only, by the rewriter
_MARKS = ("mdiff", "mdiff-scope", "mdiff-check")


class Converted(Struct, frozen=True):
    """The document as bytes (the same object when nothing was asked), and what to report.

    ``stopped`` tells why the build is to stop: a request failed in a document that says
    ``on-error: fail``, or a claim is refuted where it says ``check: fail``. ``record`` is the
    report for programs, if it was asked for; ``cached`` tells that the document may be kept.
    """

    json: bytes
    messages: tuple[Message, ...] = ()
    summary: tuple[str, ...] = ()
    stopped: str = ""
    record: Mapping[str, object] | None = None
    cached: bool = True

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
    mathml: bool = False,
    language: str = "",
    recorded: bool = False,
    replay: bool = False,
    told: Telling | None = None,
) -> Converted:
    """Answer the requests of a document for pandoc's ``writer``.

    ``file`` names the document in messages. ``check`` stands in the place of what the metadata say
    under that name, unless it is empty. ``markdown`` tells that the source marks formulas by
    dollars, where a display formula may stand inside a sentence. ``mathml`` tells that a page gets
    MathML, in which nothing counts or refers to labels. ``css`` and
    ``language``, a tag of BCP 47, hold where the metadata say nothing about it. ``recorded`` asks
    for the report for programs. With ``replay``, parts that an earlier build made without a message
    are taken over as they are, unless a report is asked for. ``told`` is called with how many
    formulas are done, of how many. Errors of requests go to the report, never up.
    DocumentError: the document cannot be read.
    """
    document = document_of(raw)
    meta = document["meta"]
    asks = _asks(document["blocks"]) or _asks(meta)
    unread = may_be_unread(raw)
    if not (asks or unread or check or recorded) and "mdiff" not in meta:
        return Converted(raw)
    from mdiff_pandoc.document.cache.shared import store
    from mdiff_pandoc.document.places import Places
    from mdiff_pandoc.document.report import Report
    from mdiff_pandoc.document.settings import Settings, from_metadata, plain
    from mdiff_pandoc.document.words.tag import language_of

    language = language_of(meta, language)
    base = Settings(file=file, quiet=quiet, verbose=verbose, language=language, css=css)
    asked = plain(meta["mdiff"]) if "mdiff" in meta else None
    if check and (asked is None or isinstance(asked, dict)):
        asked = {**(asked or {}), "check": check}
    reading = from_metadata(asked, base)
    settings = reading.settings
    places = Places(document, settings.file)

    heard: Callable[[int], None] | None = None

    def reported() -> Report:
        report = Report(settings.file, settings.quiet, settings.verbose, places, heard)
        report.options(reading)
        if unread and settings.requests == "all":
            for text, advice in unread_requests(document["blocks"]):
                what = f"`{text}` was read as text"
                report.warning(what, code="unread", help=advice, written=text)
        return report

    report = reported()
    checks = settings.check != "off" or (_may_check(raw) and _checks(document["blocks"]))
    output = raw
    if asks or checks:
        if b'"reference-type"' in raw:
            from mdiff_pandoc.document.references import resolve

            resolve(document["blocks"], writer)
        cites = not mathml and b"ref{" in raw and b"\\label" in raw
        page = Page(raw, document, writer, settings, markdown, checks, cites)
        kept = store() if settings.cache else None
        whole = recorded or settings.verbose or report.noted or page.lists
        writing = Writing(page, kept if replay and not whole else None)
        share = kept is not None and kept.usable
        if told is not None and not share:  # else it is told by the work that is shared
            heard = partial(_heard, told, asking(document["blocks"]))
        output, report = writing.written(reported, share=share, told=told)
    messages = tuple(report.messages())
    record = None
    if recorded:
        from mdiff_pandoc.document.record import record_of

        record = {"writer": writer, **record_of(report, messages)}
    summary, stopped = tuple(report.summary()), report.stopped
    return Converted(output, messages, summary, stopped, record, settings.cache)


def _heard(told: Telling, total: int, done: int) -> None:
    told(done, max(done, total))


def asking(node: Any) -> int:
    """How many parts of this JSON could be requests."""
    return sum(map(_candidate, elements_of(node)))


def _asks(node: Any) -> bool:
    """Could any part of this JSON be a request?"""
    return any(_candidate(element) for element in elements_of(node))


def _may_check(raw: bytes) -> bool:
    return b"mdiff-check" in raw or b'"check"' in raw


def _checks(blocks: Any) -> bool:
    """Does any part of the document ask for its claims to be checked?"""
    for element in elements_of(blocks):
        if element["t"] in ("Div", "Span"):
            _, classes, attributes = element["c"][0]
            asked = any(key in ("check", "data-mdiff-check") for key, _ in attributes)
            if "mdiff-check" in classes or (asked and any(name in classes for name in _MARKS)):
                return True
    return False


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
