"""The languages of sources: pandoc's reader for each, and what has to be hidden from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.patterns import regex

_CODE = (
    r"\{%-?\s*(?P<liquid>highlight|comment)\b[^%]*%\}.*?\{%-?\s*end(?P=liquid)\s*-?%\}"
    r"|\{\{[<%]\s*(?P<hugo>highlight)\b[^}]*\}\}.*?\{\{[<%]\s*/\s*(?P=hugo)\s*[>%]\}\}"
    r"|\{::comment\}.*?\{:/(?:comment)?\}"
)
_HIDDEN = regex(rf"\A\+\+\+[ \t]*\n.*?\n\+\+\+[ \t]*$|{_CODE}", re.S | re.M)
# code that is run, such as {r setup, echo=FALSE}, which pandoc does not know as attributes
_CHUNK = regex(r"(?m)^([ \t>]*(?:`{3,}|~{3,})[ \t]*)(\{[^.#={}\s][^{}\n]*\})[ \t]*$")
_MARKDOWN_ENDINGS = frozenset("md markdown mdown mkd mkdn qmd rmd txt".split())


class Directive(Struct, frozen=True):
    """A formula that MyST fences: from ``start`` to ``end``, its LaTeX between ``first``, ``last``.

    ``first`` is where the line behind its options begins, ``last`` where the closing fence does.
    """

    start: int
    end: int
    first: int
    last: int


class Prepared(Struct, frozen=True):
    """A text for pandoc, as long as the author's.

    ``directives`` are the formulas that were made plain in it, ``hidden`` the ranges that other
    programs read.
    """

    text: str
    directives: tuple[Directive, ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()


class Dialect(Struct, frozen=True):
    """How the sources of one language are read and written.

    ``reader`` is pandoc's; ``tex`` tells that comments are those of TeX; ``blank`` that a display
    formula needs blank lines round it; ``pipes`` that a bar in a sentence may begin a table.
    """

    name: str
    reader: str
    prepare: Callable[[str], Prepared]
    tex: bool = False
    blank: bool = False
    pipes: bool = False


def _as_it_is(text: str) -> Prepared:
    return Prepared(text)


def hidden(text: str) -> Prepared:
    """Markdown without what other programs read in it: TOML metadata, code between their tags."""
    return _plain_code(_foreign(text))


def _plain_code(page: Prepared) -> Prepared:
    return replace(page, text=_CHUNK.sub(lambda match: match[1] + blanked(match[2]), page.text))


def _foreign(text: str) -> Prepared:
    ranges = tuple(match.span() for match in _HIDDEN.finditer(text))
    return Prepared(_HIDDEN.sub(lambda match: blanked(match[0]), text), (), ranges)


def blanked(text: str) -> str:
    """As many spaces, in as many lines."""
    return re.sub(r"[^\n]", " ", text)


def _myst(text: str) -> Prepared:
    from mdiff_pandoc.document.weave.myst import prepared

    return _plain_code(prepared(_foreign(text)))  # directives look like code that is run


_YAML = "yaml_metadata_block"
DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("markdown", "markdown", hidden),
        Dialect("gfm", f"gfm+{_YAML}", hidden),
        Dialect("kramdown", "markdown", hidden, blank=True, pipes=True),
        Dialect("myst", "markdown", _myst),
        Dialect("latex", "latex", _as_it_is, tex=True),
        Dialect("ipynb", "ipynb+raw_tex+latex_macros", _as_it_is),
    )
}
AUTO = Dialect("", "markdown", hidden)  # the kind of Markdown is to be seen from the text


_MYST = regex(r"^[ \t>]*`{3,}\{math\}|\{math\}`[^`\n]+`", re.M)
_JEKYLL = regex(r"\A---\n(?:(?!---).*\n)*?layout:|\{%-?\s*(?:include|link|post_url|raw|if|for)\b")
_DOLLAR = regex(r"(?<![\\$])\$(?![\s$])[^$\n]*[^\s\\$]\$(?![$\d])")
_SENTENCE = regex(r"[A-Za-z,.] \$\$[^$\n]+\$\$|\$\$[^$\n]+\$\$,? [A-Za-z]")


def guessed(text: str) -> Dialect:
    """The kind of Markdown that a text seems to be.

    In kramdown all formulas stand between two dollars, those inside sentences too.
    """
    if _MYST.search(text):
        return DIALECTS["myst"]
    jekyll = _SENTENCE.search(text) or _JEKYLL.search(text)
    if jekyll and "$$" in text and not _DOLLAR.search(text):
        return DIALECTS["kramdown"]
    return DIALECTS["markdown"]


def dialect_of(name: str, given: str = "") -> Dialect | None:
    """The dialect called ``given``, else the one that the ending of a file says, if it is known.

    Markdown without more is ``AUTO``.
    """
    if given:
        return DIALECTS.get(given)
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ending == "ipynb":
        return DIALECTS["ipynb"]
    if ending in ("tex", "latex", "ltx"):
        return DIALECTS["latex"]
    return AUTO if ending in _MARKDOWN_ENDINGS or not ending else None
