"""Documents that cannot be read, and what becomes of a document when mdiff fails."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from mdiff_pandoc.errors import MdiffError

_OLDEST = (1, 22)  # of pandoc's tree: that of pandoc 2.11 to 2.19
_FAIL = re.compile(rb'"on-error":\{"t":"Meta\w+","c":(?:\[\{"t":"Str","c":)?"fail"')
_OTHERS = bytes(set(range(256)).difference(b"[]{}"))
_DEEP = 120  # levels of JSON that fit into Python's own limit on calls, with room to spare
_FRAMES = 60_000
_STACK = 512 * 1024 * 1024  # bytes of address space, of which only what is used counts

Made = TypeVar("Made")


class DocumentError(MdiffError):
    """A document that cannot be read."""

    code: ClassVar[str] = "document"


class NoDocumentError(DocumentError):
    """What was given is no document of pandoc at all."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            hint="this is a filter: run pandoc notes.md --filter mdiff-pandoc -o notes.html, "
            "or mdiff build notes.md -o notes.html",
        )


def document_of(raw: bytes) -> Any:
    """The document in pandoc's JSON, parsed.

    DocumentError: it is of a pandoc that is too old. NoDocumentError: it is none.
    RecursionError: it is nested too deeply.
    """
    import json

    if not raw.strip():
        raise NoDocumentError("there is no document on the standard input")
    try:
        document = json.loads(raw)
    except ValueError:
        raise NoDocumentError("the standard input is no document in pandoc's JSON") from None
    if isinstance(document, list) and str(document[:1]).startswith("[{'unMeta'"):
        version: object = [1, 16]
    elif (
        isinstance(document, dict)
        and isinstance(document.get("meta"), dict)
        and isinstance(document.get("blocks"), list)
    ):
        version = document.get("pandoc-api-version", [])
    else:
        raise NoDocumentError("the standard input is no document in pandoc's JSON")
    if isinstance(version, list) and version and tuple(version) < _OLDEST:
        number = ".".join(map(str, version))
        raise DocumentError(
            f"this pandoc is too old: its documents have the form {number}",
            hint="install pandoc 2.17 or newer, or python -m pip install 'mdiff-pandoc[pandoc]'",
        )
    return document


def guarded(raw: bytes, action: Callable[[], bytes]) -> tuple[bytes, MdiffError | None]:
    """What ``action`` makes of a document, or the document as it is and what went wrong.

    NoDocumentError: see ``document_of``.
    """
    try:
        return (_deeply(action) if is_deep(raw) else action()), None
    except NoDocumentError:
        raise
    except DocumentError as error:
        return raw, error
    except RecursionError:
        return raw, DocumentError(
            "the document is nested too deeply to be read",
            hint="take its lists, block quotes or divs out of each other",
        )
    except Exception as fault:  # whatever it is, the document must be built
        from mdiff_pandoc.document.ask import internal

        return raw, internal(fault)


def stops(raw: bytes) -> bool:
    """Does a document, which cannot be read, say ``on-error: fail``?"""
    return _FAIL.search(raw) is not None


def is_deep(raw: bytes) -> bool:
    """Are lists and objects of some JSON nested in each other beyond the usual?"""
    brackets = raw.translate(None, _OTHERS)
    for _ in range(_DEEP):
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if not fewer:
            return False
        if len(fewer) == len(brackets):  # what is left stands in texts, or is no JSON
            break
        brackets = fewer
    return True


def _deeply(action: Callable[[], Made]) -> Made:
    """The result of ``action``, which may call itself deeper than Python allows by itself."""
    import threading

    made: list[Made] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            made.append(action())
        except BaseException as error:  # told to the caller, sys.exit among them
            failed.append(error)

    frames, size = sys.getrecursionlimit(), threading.stack_size(_STACK)
    try:
        sys.setrecursionlimit(max(frames, _FRAMES))
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(frames)
        threading.stack_size(size)
    if failed:
        raise failed[0]
    return made[0]
