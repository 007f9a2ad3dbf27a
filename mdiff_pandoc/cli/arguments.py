"""The arguments of ``mdiff build``: which are its own, and which go to pandoc."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from itertools import islice

_OWN = ("--output", "--check", "--report", "--quiet", "--verbose", "--help")
_OWN_SHORT = ("-o", "-q", "-v", "-h")
_OWN_VALUES = ("-o", "--output", "--report")  # their value is the next argument
# what pandoc 3.9 knows: options with a value, which may be the next argument, and others
_SHORT_VALUES = "f r t w M d V H B A F L T c D".split()
_VALUES = frozenset(
    """from read to write data-dir metadata metadata-file defaults template variable variable-json
    wrap toc-depth number-offset top-level-division extract-media resource-path include-in-header
    include-before-body include-after-body highlight-style syntax-definition syntax-highlighting dpi
    eol columns tab-stop pdf-engine pdf-engine-opt reference-doc request-header abbreviations
    indented-code-classes default-image-extension filter lua-filter shift-heading-level-by
    base-header-level track-changes reference-location figure-caption-position
    table-caption-position markdown-headings slide-level email-obfuscation id-prefix title-prefix
    css epub-subdirectory epub-cover-image epub-metadata epub-embed-font split-level chunk-template
    epub-chapter-level ipynb-output bibliography csl citation-abbreviations log
    print-default-template print-default-data-file print-highlight-style""".split()
)
_FLAGS = frozenset(
    """file-scope sandbox standalone ascii toc table-of-contents lof list-of-figures lot
    list-of-tables number-sections no-highlight preserve-tabs self-contained embed-resources
    link-images no-check-certificate strip-comments reference-links list-tables listings incremental
    section-divs html-q-tags epub-title-page citeproc natbib biblatex mathml webtex mathjax katex
    gladtex trace dump-args ignore-args fail-if-warnings version""".split()
)


def divided(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments of mdiff, the document among them, and those of pandoc; each in order.

    What stands behind ``--`` is pandoc's, and so is every option that mdiff does not have.
    """
    own: list[str] = []
    passed: list[str] = []
    file = False
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            break
        name = argument.partition("=")[0]
        if not argument.startswith("-") or argument == "-":
            (passed if file else own).append(argument)
            file = True
        elif name in _OWN or argument.startswith(_OWN_SHORT):
            own.append(argument)
            if argument in _OWN_VALUES:
                own += _next(rest)
        else:
            passed.append(argument)
            if _takes_next(argument):
                passed += _next(rest)
    return own, [*passed, *rest]


def meant(argument: str) -> str:
    """The option of mdiff that a misspelt one was meant to be; empty for one that pandoc knows."""
    name = argument.partition("=")[0]
    if not name.startswith("--") or any(
        known.startswith(name[2:]) for known in (*_VALUES, *_FLAGS)
    ):
        return ""
    near = difflib.get_close_matches(name, _OWN, 1, 0.75)
    return near[0] if near else ""


def option_of(arguments: Sequence[str], *names: str) -> str:
    """The last value that one of pandoc's options is given, such as ``--to``, ``-t``."""
    found = ""
    for argument, following in zip(arguments, [*arguments, ""][1:], strict=True):
        for name in names:
            if argument == name:
                found = following
            elif name.startswith("--") and argument.startswith(f"{name}="):
                found = argument.partition("=")[2]
            elif not name.startswith("--") and argument.startswith(name):
                found = argument.removeprefix(name)
    return found


def _takes_next(argument: str) -> bool:
    if argument.startswith("--"):
        # pandoc takes a name that is cut short, too
        name = argument[2:]
        return name not in _FLAGS and any(known.startswith(name) for known in _VALUES)
    return argument[1:] in _SHORT_VALUES


def _next(rest: Iterator[str]) -> list[str]:
    return list(islice(rest, 1))
