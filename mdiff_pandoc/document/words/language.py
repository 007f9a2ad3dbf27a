"""The words of a document: English, or those of its language and of its author."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from mdiff_pandoc.document.words.phrasebook import HOLE, Phrasebook, languages, table
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import Answer

_TEXT = regex(r"\\text\{([^{}]*)\}")
_GROUPS = regex(r"\\[{}]|[{}]")
_SEPARATOR = regex(r";\s+")


class Words:
    """What mdiff says in a document. Texts are given in English, formulas between dollars."""

    def __init__(self, language: str = "", phrases: Mapping[str, str] | None = None) -> None:
        self.language = language
        entries = {**table(language), **(phrases or {})}
        self._book = Phrasebook(entries) if entries else None
        self._labels: dict[str, str] = {}

    def say(self, text: str) -> str:
        """A phrase in the language of the document."""
        return text if self._book is None else self._book.say(text)

    def answer(self, answer: Answer) -> Answer:
        """The answer with its labels and notes in the language of the document."""
        if self._book is None:
            return answer
        steps = tuple(
            replace(step, rule=_words_of(latex), rule_latex=latex)
            if step.rule_latex and (latex := self.label(step.rule_latex))
            else step
            for step in answer.steps
        )
        return replace(answer, steps=steps, notes=tuple(map(self.say, answer.notes)))

    def label(self, latex: str) -> str:
        r"""A label ``\text{rule; } A \text{ is constant}``: each of its parts is a phrase."""
        if self._book is None:
            return latex
        said = self._labels.get(latex)
        if said is None:
            said = _typeset("; ".join(map(self.say, phrases_of_label(latex))))
            self._labels[latex] = said
        return said


@lru_cache(maxsize=1024)
def phrases_of_label(latex: str) -> Sequence[str]:
    r"""What a label ``\text{rule; } A \text{ is constant}`` says: ``rule``, ``$A$ is constant``."""
    return outside_formulas(_SEPARATOR, _with_dollars(latex))


def unknown_phrases(phrases: Mapping[str, str]) -> list[tuple[str, str]]:
    """The keys that are no phrases of mdiff, each with the nearest one that is, or nothing."""
    known = dict.fromkeys(key for language in languages() for key in table(language))
    by_text = {_bare(key): key for key in known}
    found = []
    for key in phrases:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(_bare(key), list(by_text), 1, 0.5)
            found.append((key, by_text[near[0]] if near else ""))
    return found


def _bare(phrase: str) -> str:
    return HOLE.sub("", phrase).casefold()


def _with_dollars(latex: str) -> str:
    r"""A label as text: ``A \text{ is constant}`` as ``$A$ is constant``."""
    parts: list[str] = []
    formula, last = "", 0
    for match in _TEXT.finditer(latex):
        depth = sum(
            {"{": 1, "}": -1}.get(brace, 0) for brace in _GROUPS.findall(latex[: match.start()])
        )
        if depth:
            continue
        formula = latex[last : match.start()].strip()
        parts += [f"${formula}$"] if formula else []
        parts.append(match[1])
        last = match.end()
    formula = latex[last:].strip()
    return "".join([*parts, f"${formula}$"] if formula else parts)


def _typeset(text: str) -> str:
    r"""The other way round: ``\text{rule; } A \text{ is constant}``."""
    pieces = text.split("$")
    pieces[::2] = (rf"\text{{{piece}}}" if piece else "" for piece in pieces[::2])
    return " ".join(filter(None, pieces))


def _words_of(latex: str) -> str:
    """A label as words, its formulas in LaTeX."""
    return _with_dollars(latex).replace("$", "")


def outside_formulas(mark: re.Pattern[str], text: str) -> Sequence[str]:
    """The text split at a mark that stands in no formula."""
    parts, last = [], 0
    for match in mark.finditer(text):
        if text.count("$", 0, match.start()) % 2 == 0:
            parts.append(text[last : match.start()])
            last = match.end()
    return [*parts, text[last:]]
