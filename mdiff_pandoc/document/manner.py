"""What the words before a formula say of it: a new definition, or a conclusion."""

from __future__ import annotations

import re

from mdiff_pandoc.patterns import regex

_NEAR = 240
# another thing than the one before
_OTHER = regex(
    r"\b(?:similarly|likewise|analogously|another|instead|how about|consider\w*|suppose|redefine)\b"
)
_CHOSEN = regex(
    r"\b(?:let|define[sd]?|defining|denot\w+|assum\w+|where|take|put|set|choose|given)\b"
)
_NAMED = regex(
    r"\b(?:definition|different|new|next|following|examples?|minimi[sz]\w*|maximi[sz]\w*|objective|"
    r"loss|cost|problem|model|this time)\b"
)
_CONCLUDED = regex(
    r"\b(?:expand\w*|re-?writ\w+|writ\w+ (?:this|it|that|the)|equivalent\w*|that is|i\.e\.|thus|"
    r"hence|therefore|so|then|(?:we|this|which|it) (?:get|gets|obtain|obtains|have|find|see|gives?|"
    r"yields?|becomes?|follows|is|equals)|gives?|yields?|becomes?|simplif\w+|substitut\w+|"
    r"in other words|can be written|recall|remember|again)\b"
)


def manner_of(before: str) -> str:
    """``introduced``, ``concluded`` or nothing: what the sentence before a formula says.

    ``before`` is the text up to the formula, in which private characters stand for others. Words
    such as "similarly" and "consider" speak of something else; between choosing ("let") and
    concluding ("thus") the later word decides; a mere "loss" or "example" concludes nothing.
    """
    sentence = re.split(r"[.;?!](?=\s)", before[-_NEAR:].lower())[-1]
    if _OTHER.search(sentence):
        return "introduced"
    chosen, concluded = (
        max((found.start() for found in words.finditer(sentence)), default=-1)
        for words in (_CHOSEN, _CONCLUDED)
    )
    if concluded > chosen:
        return "concluded"
    return "introduced" if chosen >= 0 or _NAMED.search(sentence) else ""
