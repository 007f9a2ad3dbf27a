"""Formulas in the author's macros again, which pandoc had expanded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mdiff_pandoc.document.macros import Definition, closing_brace
from mdiff_pandoc.patterns import regex

_SHORTEST = 4  # characters for which a macro is worth while
_OPERATOR = regex(r"\\mathop\{\\mathrm\{(.*)\}\}")
_COMMAND = regex(r"\\[A-Za-z]+\Z")


def in_macros(latex: str, definitions: Iterable[Definition]) -> str:
    """LaTeX in which macros without arguments stand for what they mean.

    ``definitions`` are those in force, in order.
    """
    meanings: dict[str, str] = {}
    for new in definitions:
        if not (new.weak and new.name in meanings):
            meanings[new.name] = "" if new.macro.count else new.macro.body.strip()
    names: dict[str, str] = {}
    for name, body in meanings.items():
        operator = _OPERATOR.fullmatch(body)
        for meaning in (body, rf"\operatorname{{{operator[1]}}}" if operator else ""):
            if len(meaning) >= _SHORTEST and meaning[0] in "\\^" and _is_whole(meaning):
                names[meaning] = name
    if not names:
        return latex
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(_pattern, longest)))

    def named(match: re.Match[str]) -> str:
        name = names[match[0]]
        letter = latex[match.end() : match.end() + 1].isalpha() and name[-1].isalpha()
        return f"{name} " if letter else name

    return pattern.sub(named, latex)


def _pattern(meaning: str) -> str:
    ends = r"(?![A-Za-z])" if _COMMAND.search(meaning) else ""
    return re.escape(meaning) + ends


def _is_whole(latex: str) -> bool:
    """Is every brace and environment in it closed, so that it means the same wherever it stands?"""
    return (
        r"\begin" not in latex
        and r"\end" not in latex
        and closing_brace(f"{{{latex}}}", 0) == len(latex) + 2
    )
