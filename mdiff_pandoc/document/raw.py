"""Formulas inside raw TeX blocks, such as a theorem that pandoc hands on untouched."""

from __future__ import annotations

import re

import panflute as pf

from mdiff_pandoc.document.facts import formula_facts
from mdiff_pandoc.document.formula import NUMBERED
from mdiff_pandoc.document.respond import Responder, Surroundings
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.patterns import regex

_FORMULA = regex(
    r"(?<!\\)%(?P<comment>[^\n]*)|\$\$(?P<dollars>.+?)\$\$|\\\[(?P<brackets>.+?)\\\]"
    rf"|(?P<environment>\\begin\s*\{{(?P<name>{'|'.join(sorted(NUMBERED))})(?P<star>\*?)\}}"
    r".+?\\end\s*\{(?P=name)(?P=star)\})"
    r"|(?<!\\)\$(?P<dollar>[^$]+)\$|\\\((?P<parentheses>.+?)\\\)",
    re.S,
)


def rewrite_raw(
    block: pf.RawBlock, scope: Scope, around: Surroundings, responder: Responder
) -> str:
    """Raw TeX with its requests answered in place; its facts are put in force."""

    def replace(match: re.Match[str]) -> str:
        kind = match.lastgroup if match.lastgroup not in ("name", "star") else "environment"
        source = match[kind or 0]
        if kind == "comment":
            return match[0]
        responder.begin(block, match.start(kind or 0))
        if responder.asks(source, around.marked):
            own = tuple(formula_facts(source))
            here = Surroundings(around.settings, scope.facts(), own, around.marked, scope)
            display = kind in ("dollars", "brackets")
            made = responder.replacement(source, here, display=display)
        else:
            made = source
        scope.add_all(formula_facts(source))
        return match[0].replace(source, made, 1)

    return _FORMULA.sub(replace, block.text)
