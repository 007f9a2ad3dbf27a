"""Phrases of one language: what mdiff says in English, in the words of that language.

The table of a language is a JSON file in ``languages``, named after the language (``de.json``), in
sections; JSON because it is read a hundred times faster than TOML, in every build. Its keys are the
English phrases, its values the translations. ``<name>`` in a phrase stands for any text, which is
translated itself where it is a phrase, and between dollars for any formula.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache

from mdiff_pandoc.patterns import regex

HOLE = regex(r"<(\w+)>")
_MATH = regex(r"\$[^$]*\$")
_LIST = regex(r"\$[^$]*\$(?:, \$[^$]*\$)*( and )\$[^$]*\$")
_TEXT = r"((?:[^$]|\$[^$]*\$)+?)"
_FORMULA = r"([^$]+?)"
_TAG = regex(r"[a-z]{2,3}(?:-[a-z0-9]+)*")
_FOLDER = os.path.join(os.path.dirname(__file__), "languages")
_DEEPEST = 6  # phrases in phrases


class Phrasebook:
    """Says English phrases in another language; what it does not know stays as it is."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._whole = {key: value for key, value in entries.items() if not HOLE.search(key)}
        open_keys = [key for key in entries if key not in self._whole]
        # of several that fit, the one that leaves least open
        open_keys.sort(key=lambda key: len(HOLE.sub("", key)), reverse=True)
        self._open = [_Pattern(key, entries[key]) for key in open_keys if not _MATH.fullmatch(key)]
        self._formulas = [_Pattern(key, entries[key]) for key in open_keys if _MATH.fullmatch(key)]
        self._said: dict[str, str] = {}

    def say(self, text: str) -> str:
        """The translation of a text, whose formulas between dollars are kept."""
        return self._say(text, _DEEPEST)

    def _say(self, text: str, deep: int) -> str:
        if not deep or not text:
            return text
        if _MATH.fullmatch(text):
            return self._formula(text)
        found = self._whole.get(text) or self._said.get(text)
        if found is None:
            found = self._said[text] = self._filled(text, deep)
        return found

    def _filled(self, text: str, deep: int) -> str:
        if listed := _LIST.fullmatch(text):
            joint = f" {self._whole.get('and', 'and')} "
            names = joint.join((text[: listed.start(1)], text[listed.end(1) :]))
            return _MATH.sub(lambda found: self._formula(found[0]), names)
        for pattern in self._open:
            parts = pattern.parts(text)
            if parts is not None:
                said = {
                    name: part if is_math else self._say(part, deep - 1)
                    for name, is_math, part in parts
                }
                return _put_in(pattern.translation, said)
        return text

    def _formula(self, text: str) -> str:
        """A formula, in which words of mdiff may stand."""
        for pattern in self._formulas:
            parts = pattern.parts(text)
            if parts is not None:
                return _put_in(pattern.translation, {name: part for name, _, part in parts})
        return text


def _put_in(phrase: str, parts: Mapping[str, str]) -> str:
    return HOLE.sub(lambda hole: parts.get(hole[1], hole[0]), phrase)


class _Pattern:
    """A phrase with holes. Its regular expression is made where its words are met."""

    def __init__(self, phrase: str, translation: str) -> None:
        self._phrase = phrase
        self._literals = [piece for piece in HOLE.split(phrase)[::2] if piece]
        self._regex: re.Pattern[str] | None = None
        self._holes: list[tuple[str, bool]] = []
        self.translation = translation

    def parts(self, text: str) -> list[tuple[str, bool, str]] | None:
        """Name and text of every hole, and whether it is a formula; None where it does not fit."""
        if not all(literal in text for literal in self._literals):
            return None
        match = self._compiled().fullmatch(text)
        if match is None:
            return None
        return [(*hole, part) for hole, part in zip(self._holes, match.groups(), strict=True)]

    def _compiled(self) -> re.Pattern[str]:
        if self._regex is None:
            sides = []
            for number, side in enumerate(self._phrase.split("$")):
                is_math = number % 2 == 1
                pieces = HOLE.split(side)
                self._holes += [(name, is_math) for name in pieces[1::2]]
                literals = map(re.escape, pieces[::2])
                sides.append((_FORMULA if is_math else _TEXT).join(literals))
            self._regex = re.compile(r"\$".join(sides), re.S)
        return self._regex


def languages() -> list[str]:
    """The languages that have a table."""
    names = map(os.path.splitext, os.listdir(_FOLDER))
    return sorted(name for name, ending in names if ending == ".json")


@lru_cache(maxsize=8)
def table(language: str) -> Mapping[str, str]:
    """The table for a tag such as ``de-AT``: that of the tag, else of its language; or nothing.

    Tags are those of BCP 47; an underscore stands for a hyphen.
    """
    tag = language.strip().lower().replace("_", "-")
    if not _TAG.fullmatch(tag):
        return {}
    for name in (tag, tag.partition("-")[0]):
        path = os.path.join(_FOLDER, f"{name}.json")
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                sections = json.load(file)
            return {key: str(value) for part in sections.values() for key, value in part.items()}
    return {}
