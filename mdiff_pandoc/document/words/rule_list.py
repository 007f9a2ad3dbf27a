"""The rules that a document uses: links below its derivations, and a list of what they say."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import panflute as pf

from mdiff_pandoc.document.words.language import Words, outside_formulas, phrases_of_label
from mdiff_pandoc.document.words.prose import joined, prose
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import Answer

PLACE = "mdiff-rules"
_STATUS = "data-status"  # a block with it is left alone by another run
_COMMA = regex(r",\s+")
_MARKS = regex(r"([,;] )")


class RuleList:
    """Collects the rules behind derivations in a document, and tells the reader of them.

    ``address`` is that of a page of rules as ``mdiff rules`` prints it. Where a ``listed`` document
    holds a block of class ``mdiff-rules``, the first such gets the list, and links lead there.
    """

    def __init__(self, words: Words, address: str = "", *, listed: bool = False) -> None:
        self._words = words
        self._address = address.partition("#")[0]
        self._listed = listed
        self._used: dict[str, None] = {}
        self._place: pf.Div | None = None

    def links(self, answer: Answer) -> list[tuple[str, str]]:
        """The names of the rules that the labels of an answer name, each with its target."""
        if not (self._address or self._listed):
            return []
        names = rules_named(answer)
        self._used.update(dict.fromkeys(names))
        if self._listed:
            return [(self._words.say(name), f"#mdiff-rule-{slug(name)}") for name in names]
        return [(self._words.say(name), self._target(name)) for name in names]

    def found(self, block: pf.Div) -> None:
        """A block of the document that may be the place of the list."""
        if PLACE in block.classes and self._place is None:
            self._place = block

    def fill(self) -> pf.Div | None:
        """Put the list into its place, if there is any and a rule was used; returns the block."""
        if self._place is None or not self._used:
            return None
        rules, sources = _table()["rules"], _table()["sources"]
        items = [pf.DefinitionItem(*self._item(name, rules[name])) for name in self._used]
        told = " ".join(str(rules[name]["source"]) for name in self._used)
        self._place.content.append(pf.DefinitionList(*items))
        self._place.content.extend(
            pf.Para(*prose("; ".join(map(self._words.say, reference.split("; ")))))
            for key, reference in sources.items()
            if re.search(rf"\b{re.escape(key)}\b", told) and reference
        )
        self._place.attributes[_STATUS] = "listed"
        return self._place

    def _target(self, name: str) -> str:
        return f"{self._address}#{anchor(name)}"

    def _item(
        self, name: str, rule: Mapping[str, Any]
    ) -> tuple[list[pf.Element], list[pf.Definition]]:
        shown = prose(self._words.say(name))
        if self._address:
            shown = [pf.Link(*shown, url=self._target(name))]
        term = pf.Span(pf.Strong(*shown), identifier=f"mdiff-rule-{slug(name)}")
        statement = pf.Para(pf.Math(rule["statement"], format="DisplayMath"))
        lines = [self._given(rule["given"]), self._source(rule["source"])]
        about = [inline for line in lines if line for inline in (pf.Space(), *prose(line))]
        return [term], [pf.Definition(statement, pf.Para(*about[1:]))]

    def _given(self, facts: str) -> str:
        """``Here $A \\in …$, $S$ is symmetric.``"""
        said = map(self._words.say, outside_formulas(_COMMA, facts))
        return self._words.say(f"Here {', '.join(said)}.") if facts else ""

    def _source(self, source: str) -> str:
        """The source, part by part."""
        parts = (
            part if _MARKS.fullmatch(part) else self._words.say(part)
            for part in _MARKS.split(source)
        )
        return f"{self._words.say('Source')}: {''.join(parts)}."


def rules_named(answer: Answer) -> list[str]:
    """The rules that the labels of an answer in English name, in their order."""
    known = _table()["rules"]
    parts = (part for step in answer.steps for part in phrases_of_label(step.rule_latex))
    names = (part.partition(": ")[0] for part in parts)
    return list(dict.fromkeys(name for name in names if name in known))


def rule_line(links: Sequence[tuple[str, str]], words: Words) -> list[pf.Element]:
    """``Rules: cyclic property, transpose of a product.``"""
    shown = ([pf.Link(*prose(name), url=target)] for name, target in links)
    return [pf.Str(words.say("Rules") + ":"), pf.Space(), *joined(shown, ",")]


def slug(name: str) -> str:
    """A name as a part of an identifier."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def anchor(name: str) -> str:
    """The identifier of a rule on the page of rules."""
    return f"rule-{slug(name)}"


@cache
def _table() -> Any:
    """The printed table of rules; reading it takes a hundredth of making it."""
    with open(os.path.join(os.path.dirname(__file__), "rules.json"), encoding="utf-8") as file:
        return json.load(file)
