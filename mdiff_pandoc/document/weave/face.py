"""``mdiff_pandoc.weave``: derivations in the text of a source."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.document.pandoc import read_ast
from mdiff_pandoc.document.weave.dialects import DIALECTS, dialect_of
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.document.weave.weaver import strip as strip_text
from mdiff_pandoc.document.weave.weaver import weave as weave_text
from mdiff_pandoc.errors import OptionError


class WovenText(Struct, frozen=True):
    """A text with its derivations, or without: ``count`` were written, or taken out.

    ``messages`` tell of requests that failed, which stay as they stand.
    """

    text: str
    count: int
    messages: tuple[str, ...] = ()


def weave(text: str, dialect: str = "", *, strip: bool = False, name: str = "text") -> WovenText:
    """Write the derivations into ``text``, or take them out of it.

    ``dialect`` is ``markdown``, ``gfm``, ``kramdown``, ``myst``, ``latex`` or ``ipynb``; by default
    the kind of Markdown that the text seems to be. ``name`` is that of the text in messages. Raises
    OptionError for another dialect, and SourceError where pandoc is missing or cannot read the
    text, or where a comment of a derivation lost its partner.
    """
    known = dialect_of("", dialect)
    if known is None:
        raise OptionError(f"unknown dialect {dialect!r}", hint=f"known are {', '.join(DIALECTS)}")
    file = FileText(text)
    if strip:
        stripped = strip_text(file, known)
        return WovenText(stripped.file.raw, stripped.count)
    made = weave_text(file, name, known, read_ast)
    messages = tuple(message.plain() for message in made.report.messages())
    return WovenText(made.file.raw, made.count, messages)
