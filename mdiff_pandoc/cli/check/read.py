"""Reads a document from a file or from stdin, whatever its reader."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from msgspec.structs import replace

from mdiff_pandoc.cli.files import STDIN
from mdiff_pandoc.document.source import Source, SourceError, read_source

STDIN_NAME = "<stdin>"
_EXPANDING = frozenset(
    "markdown markdown_github markdown_mmd markdown_phpextra markdown_strict latex opml".split()
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PACKED = (".docx", ".odt", ".epub")


def read_document(file: str, reader: str = "") -> Source:
    """The document in ``file``, or on stdin; ``reader`` is pandoc's, if the ending does not say it.

    SourceError: it cannot be read, or is no text.
    """
    data = _bytes(file)
    packed = file.lower().endswith(_PACKED)
    if b"\0" in data and not packed and not data.startswith(_UTF16):
        raise SourceError(
            "it is a binary file", hint="mdiff reads Markdown, LaTeX, notebooks and their like"
        )
    base = re.split(r"[+-]", reader)[0]
    name = STDIN_NAME if file == STDIN else file
    source = read_source(data, f"{name}.{base}" if base in ("latex", "ipynb") else name)
    if not reader:
        return source
    unexpanded = f"{reader}-latex_macros" if base in _EXPANDING else reader
    return replace(source, name=name, reader=unexpanded, expanding=reader)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except FileNotFoundError:
        raise SourceError("there is no such file", hint="see where its link leads") from None
    except OSError as error:
        raise SourceError(
            f"it cannot be read: {error.strerror}", hint="see who may read it"
        ) from None
