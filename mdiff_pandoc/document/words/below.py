"""What stands below a derivation: its assumptions, notes, and how it was verified."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import panflute as pf

from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.words.badge import badge_texts
from mdiff_pandoc.document.words.language import Words
from mdiff_pandoc.service import Answer

_MATH = re.compile(r"(\$[^$]+\$)")
_MEMBER = re.compile(r"((?:(?!\\in(?![A-Za-z])).)+?)\s*\\in\s+(.+)", re.S)


def lines_below(
    answer: Answer, words: Words, *, given: str = "", badge: bool = False
) -> list[pf.Element]:
    """The lines as blocks of classes ``mdiff-assumed``, ``mdiff-note`` and ``mdiff-badge``.

    ``answer`` is already in the language of the ``words``; ``given`` are the declarations that
    stood behind the request.
    """
    blocks: list[pf.Element] = []
    facts = [*([given] if given else []), *joined_facts(answer.assumed)]
    if facts:
        blocks.append(_line("mdiff-assumed", _assumptions(facts, words)))
    for note in answer.notes:
        blocks.append(_line("mdiff-note", prose(note)))
    if answer.status != "verified":
        blocks.append(_line("mdiff-note", prose(words.say(f"Not verified: {reason(answer)}."))))
    if badge:
        short, long = (words.say(text) for text in badge_texts(answer))
        attributes = {"title": readable(long)} if long else {}
        told = pf.Span(*prose(short), attributes=attributes)
        blocks.append(_line("mdiff-badge", [told]))
    return blocks


def reason(answer: Answer) -> str:
    """Why an answer is not verified, in English."""
    return str(answer.verification.get("reason", "")) or "no evaluator could judge it"


def joined_facts(facts: Iterable[str]) -> list[str]:
    r"""Symbols of one space told together: ``A, B \in \mathbb{R}^{n \times n}``."""
    spaces: dict[str, list[str]] = {}
    found: list[str | tuple[str, list[str]]] = []
    for fact in dict.fromkeys(facts):
        match = _MEMBER.fullmatch(fact.strip())
        if match is None or "$" in fact:
            found.append(fact)
        elif match[2] in spaces:
            spaces[match[2]].append(match[1])
        else:
            spaces[match[2]] = [match[1]]
            found.append((match[2], spaces[match[2]]))
    return [
        fact if isinstance(fact, str) else rf"{', '.join(fact[1])} \in {fact[0]}" for fact in found
    ]


def prose(text: str) -> list[pf.Element]:
    """Plain text with ``$…$`` formulas as inlines."""
    inlines: list[pf.Element] = []
    for part in _MATH.split(text):
        if _MATH.fullmatch(part):
            inlines.append(pf.Math(part[1:-1], format="InlineMath"))
            continue
        for piece in re.split(r"(\s+)", part):
            if piece:
                inlines.append(pf.Space() if piece.isspace() else pf.Str(piece))
    return inlines


def _assumptions(facts: Sequence[str], words: Words) -> list[pf.Element]:
    """``with a, b and c.``"""
    inlines: list[pf.Element] = [pf.Str(words.say("with"))]
    for place, fact in enumerate(facts):
        inlines += [pf.Space(), pf.Math(fact, format="InlineMath")]
        if place == len(facts) - 2:
            inlines += [pf.Space(), pf.Str(words.say("and"))]
        else:
            inlines.append(pf.Str("," if place < len(facts) - 2 else "."))
    return inlines


def _line(name: str, inlines: Iterable[pf.Element]) -> pf.Div:
    return pf.Div(pf.Para(*inlines), classes=[name])
