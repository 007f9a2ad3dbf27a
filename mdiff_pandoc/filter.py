"""The pandoc filter: the document's JSON on stdin, the answered document on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from mdiff_pandoc.document.cache.pages import Kept
    from mdiff_pandoc.document.convert import Converted
    from mdiff_pandoc.errors import MdiffError

_APART = ("MDIFF_CACHE", "MDIFF_STOPPED")  # say nothing of what the document becomes


def main() -> NoReturn:
    """Run as ``pandoc --filter mdiff-pandoc``; the first argument names the writer.

    The process ends with it: exit code 1 when a request failed and the document says
    ``on-error: fail``, or an equality is refuted and it says ``check: fail``; 2 when there is no
    document. A document that cannot be read, or on which mdiff itself fails, is passed on as it is.
    """
    from mdiff_pandoc.startup import end_fast

    try:
        _filter()
    except SystemExit as stopped:
        end_fast(stopped.code if isinstance(stopped.code, int) else 1)
    end_fast(0)


def _filter() -> None:
    if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help"):
        print("mdiff-pandoc is a filter: pandoc notes.md --filter mdiff-pandoc -o notes.html")
        return
    raw = sys.stdin.buffer.read()
    if _asks_nothing(raw):
        sys.stdout.buffer.write(raw)
        return
    page = _page(raw)
    known = None if os.environ.get("MDIFF_REPORT_FILE") else page.found()
    sys.stdout.buffer.write(_guarded(raw, page) if known is None else known)


def _asks_nothing(raw: bytes) -> bool:
    """Is it certain, without a look into its tree, that a document is passed on as it is?"""
    if not raw.startswith(b'{"pandoc-api-version":[1,2'):
        return False
    from mdiff_pandoc.document.scan import may_ask
    from mdiff_pandoc.document.unread import may_be_unread

    told = os.environ.get("MDIFF_CHECK") or os.environ.get("MDIFF_REPORT_FILE")
    return not (told or may_ask(raw) or may_be_unread(raw))


def _page(raw: bytes) -> Kept:
    """The place of the answered document in the cache."""
    from mdiff_pandoc.document.cache.pages import Kept

    # what the document is made of, beside itself: pandoc's word on the reader, and our own options
    given = [name for name in os.environ if name.startswith(("MDIFF_", "PANDOC_READER"))]
    told = [f"{name}={os.environ[name]}" for name in given if not name.startswith(_APART)]
    return Kept(raw, _writer(), *sorted(told))


def _guarded(raw: bytes, page: Kept) -> bytes:
    """The document with its requests answered, or as it is where that fails."""
    from mdiff_pandoc.startup import start_fast

    start_fast()
    from mdiff_pandoc.document.guard import NoDocumentError, guarded, stops

    try:
        made, error = guarded(raw, lambda: _answered(raw, page))
    except NoDocumentError as misuse:
        _complain(misuse)
        sys.exit(2)
    if error is not None:
        _complain(error)
        if stops(raw):
            sys.exit(1)
    return made


def _writer() -> str:
    return sys.argv[1] if len(sys.argv) > 1 else "html"


def _complain(error: MdiffError) -> None:
    """Tell what is wrong with all of the document."""
    from mdiff_pandoc.document.message import NAMELESS, Message

    footers = (("help", error.hint),) if error.hint else ()
    file = os.environ.get("MDIFF_FILE", NAMELESS)
    message = Message(file, "error", error.message, error.code, footers=footers)
    print(message.plain(), file=sys.stderr)


def _answered(raw: bytes, page: Kept) -> bytes:
    """The document with its requests answered; messages go to stderr."""
    environment = os.environ
    recorded = environment.get("MDIFF_REPORT_FILE", "")
    if news := page.has_news():
        from mdiff_pandoc.document.cache.results import prepare

        prepare()
    from mdiff_pandoc.document.convert import convert
    from mdiff_pandoc.document.progress import Progress

    options = environment.get("PANDOC_READER_OPTIONS", "")
    quiet = environment.get("MDIFF_REPORT") == "quiet"
    with Progress("formulas", quiet=quiet) as progress:
        done = convert(
            raw,
            _writer(),
            file=environment.get("MDIFF_FILE", "document"),
            quiet=quiet,
            verbose=environment.get("MDIFF_REPORT") == "verbose",
            check=environment.get("MDIFF_CHECK", ""),
            markdown=not options or "tex_math" in options,
            css=bool(environment.get("MDIFF_CSS")),
            mathml=bool(environment.get("MDIFF_MATHML")),
            language=environment.get("MDIFF_LANGUAGE", ""),
            recorded=bool(recorded),
            replay=True,
            told=progress,
        )
    _tell(done)
    if done.record is not None:
        _write(done.record, recorded)
    if done.fatal:
        sys.exit(1)
    if news and done.cached:
        page.note()
    if done.cached and not (done.report or recorded):
        page.keep(done.json)
    return done.json


def _tell(done: Converted) -> None:
    """Print the messages, in colours where somebody looks at them."""
    if not done.report:
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        for message in done.messages:
            for row in message.rows():
                console.print(Text.assemble(*row))
    else:
        for message in done.messages:
            print(message.plain(), file=sys.stderr)
    for line in done.summary:
        print(line, file=sys.stderr)
    if not done.stopped:
        return
    reason = os.environ.get("MDIFF_STOPPED")
    if reason:  # `mdiff build` tells it in its last line, behind what pandoc says
        with open(reason, "w", encoding="utf-8") as file:
            file.write(done.stopped)
    else:
        print(done.stopped, file=sys.stderr)


def _write(record: Mapping[str, object], name: str) -> None:
    """Write the report for programs; a document is built all the same where that fails."""
    import json

    from mdiff_pandoc import __version__

    pandoc = os.environ.get("PANDOC_VERSION", "")
    whole = {"mdiff": __version__, "pandoc": pandoc, **record}
    try:
        with open(name, "w", encoding="utf-8") as file:
            file.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        print(f"mdiff: cannot write {name}: {error.strerror}", file=sys.stderr)


if __name__ == "__main__":
    main()
