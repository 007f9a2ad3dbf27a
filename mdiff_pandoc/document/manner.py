"""What the words before a formula say of it: a new definition, or a conclusion."""

from __future__ import annotations

import re

_NEAR = 240
_INTRODUCED = re.compile(
    r"\b(?:let|define[sd]?|defining|definition|denot\w+|consider\w*|suppose|assum\w+|given|where|"
    r"similarly|likewise|analogously|another|other|different|new|next|following|examples?|instead|"
    r"how about|now (?:take|look|let)|take|put|set|choose|minimi[sz]\w*|maximi[sz]\w*|objective|"
    r"loss|cost|problem|model|redefine|this time)\b"
)
_CONCLUDED = re.compile(
    r"\b(?:expand\w*|re-?writ\w+|writ\w+ (?:this|it|that|the)|equivalent\w*|that is|i\.e\.|thus|"
    r"hence|therefore|so|then|(?:we|this|which|it) (?:get|gets|obtain|obtains|have|find|see|gives?|"
    r"yields?|becomes?|follows|is|equals)|gives?|yields?|becomes?|simplif\w+|substitut\w+|"
    r"in other words|can be written|recall|remember|again)\b"
)


def manner_of(before: str) -> str:
    """``introduced``, ``concluded`` or nothing: what the sentence before a formula says.

    ``before`` is the text up to the formula, in which private characters stand for others. The
    later word decides; words of comparison ("similarly") and of choice introduce.
    """
    sentence = re.split(r"[.;?!](?=\s)", before[-_NEAR:].lower())[-1]
    introduced = [found.start() for found in _INTRODUCED.finditer(sentence)]
    concluded = [found.start() for found in _CONCLUDED.finditer(sentence)]
    if introduced and (not concluded or _COMPARED.search(sentence)):
        return "introduced"
    if introduced and concluded:
        return "introduced" if introduced[-1] > concluded[-1] else "concluded"
    return "concluded" if concluded else ""


_COMPARED = re.compile(r"\b(?:similarly|likewise|analogously|consider|another|suppose|let)\b")
