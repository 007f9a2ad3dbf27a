"""What stands below a derivation: its assumptions, notes, and how it was verified."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import panflute as pf

from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.words.badge import badge_texts
from mdiff_pandoc.document.words.language import Words
from mdiff_pandoc.document.words.prose import joined, prose
from mdiff_pandoc.document.words.rule_list import rule_line
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import Answer

_MEMBER = regex(r"((?:(?!\\in(?![A-Za-z])).)+?)\s*\\in\s+(.+)", re.S)


def lines_below(
    answer: Answer,
    words: Words,
    *,
    given: str = "",
    rules: Sequence[tuple[str, str]] = (),
    badge: bool = False,
) -> list[pf.Element]:
    """The lines as blocks of classes ``mdiff-assumed``, ``-note``, ``-used`` and ``-badge``.

    ``answer`` is already in the language of the ``words``; ``given`` are the declarations that
    stood behind the request, ``rules`` names of rules with the targets of their links.
    """
    blocks: list[pf.Element] = []
    # ``with $C = AB$``, ``with $S$ symmetric``
    fact_told = re.compile(rf"{re.escape(words.say('with'))} \$([^$]+)\$([^$.:;]*)")
    facts = [(fact, "") for fact in (given, *joined_facts(answer.assumed)) if fact]
    notes = []
    for note in answer.notes:
        if fact := fact_told.fullmatch(note):
            _tell(fact[1], fact[2], facts)
        else:
            notes.append(note)
    if facts:
        told = ([pf.Math(fact, format="InlineMath"), *prose(quality)] for fact, quality in facts)
        shown = joined(told, ",", words.say("and"))
        assumed = [pf.Str(words.say("with")), pf.Space(), *shown]
        blocks.append(_line("mdiff-assumed", assumed))
    blocks += (_line("mdiff-note", prose(_sentence(note))) for note in notes)
    if answer.status != "verified":
        blocks.append(_line("mdiff-note", prose(words.say(f"Not verified: {reason(answer)}."))))
    if rules:
        blocks.append(_line("mdiff-used", rule_line(rules, words)))
    if badge and answer.status == "verified":
        short, long = (words.say(text) for text in badge_texts(answer))
        attributes = {"title": readable(long)} if long else {}
        told = pf.Span(*prose(short), attributes=attributes)
        blocks.append(_line("mdiff-badge", [told]))
    return blocks


def _tell(fact: str, quality: str, facts: list[tuple[str, str]]) -> None:
    r"""Add ``S`` and ``symmetric``, to ``S \in \mathbb{R}^{n \times n}`` if that stands there."""
    for place, (told, known) in enumerate(facts):
        if quality and not known and told.startswith(rf"{fact} \in "):
            facts[place] = told, quality
            return
    facts.append((fact, quality))


def _sentence(note: str) -> str:
    """A note as a sentence: a formula at its head is left as it is."""
    return note[:1].upper() + note[1:] + ("" if note.endswith((".", "!", "?")) else ".")


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


def _line(name: str, inlines: Iterable[pf.Element]) -> pf.Div:
    return pf.Div(pf.Para(*inlines), classes=[name])
