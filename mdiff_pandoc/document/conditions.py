"""Conditions in a sentence that mdiff cannot use: "if every row of $Y$ sums to one, then …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from mdiff_pandoc.document.facts import formula_subjects, symbols_in
from mdiff_pandoc.document.properties import unread
from mdiff_pandoc.document.prose import Prose, sentence_at
from mdiff_pandoc.document.shadow import FIRST
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.claim import Checked, Claim
from mdiff_pandoc.service.defining import is_derived

_REASON = "the sentence supposes something that mdiff cannot use"
_STATED = "states a condition, which holds for some values only"
# in front of an equation that is no claim
_ASSUMES = regex(
    r"\b(?:let|assum\w+|suppos\w+|with|where|such\s+that|satisf\w+|subject\s+to|given)\b"
    r"(?:(?!\b(?:then|so|have|get|obtain|find|gives?|yields?|is|are|follows|both|sides?)\b)[^.;:?!]){0,60}\Z"
)
_CLAUSE = regex(
    r"\b(?:if|when|whenever|provided(?:\s+that)?|assuming(?:\s+that)?|as\s+long\s+as|"
    r"under\s+the\s+(?:assumption|condition|hypothesis)(?:\s+that)?)\s+"
    r"(?P<told>(?:(?!,\s|;\s|:\s|\bthen\b).)*)",
    re.S,
)
# what is done, or is not so, supposes nothing of the symbols
_NO_CONDITION = regex(
    r"(?:we|one|you|i|they|both|\w+ing|\w+ed|needed|necessary|possible)\b|.*\b(?:not|never|no)\b|"
    r".*\b(?:differentiat\w+|deriv\w+|gradients?|comput\w+|multipl\w+|insert\w*|substitut\w+|"
    r"appl(?:y|ied)|expand\w*|defin\w+|denotes?|writ\w+|call\w*|view\w*|regard\w*|given)\b",
    re.S,
)
# indices are compared where they are told apart
_INDICES = regex(r"\s*[a-z]\s*(?:=|\\neq?(?![A-Za-z])|≠|\\not\s*=)\s*[a-z]\s*")
# what is said of several symbols together, be some of it understood or not
_OF_SEVERAL = regex(
    r"\b(?:commut\w+|minimi[sz]\w+|maximi[sz]\w+|solv\w+|solutions?|optim\w+|stationary|critical|"
    r"eigen\w+|sums?\s+to|orthogonal\s+to|independent|uncorrelated|converges?)\b"
)


def supposes_more(prose: Prose, supposed: Sequence[tuple[int, str]], place: int) -> bool:
    """Does the sentence around ``place`` have a condition on symbols that no fact states?

    ``supposed`` are the facts that the text supposes, with their places.
    """
    start, end = sentence_at(prose, place)
    text = prose.text.lower()
    for clause in _CLAUSE.finditer(text, start, end):
        formulas = {
            here: prose.math[ord(prose.text[here]) - FIRST]
            for here in range(*clause.span("told"))
            if 0 <= ord(prose.text[here]) - FIRST < len(prose.math)
        }
        if not formulas or _NO_CONDITION.match(clause["told"]):
            continue
        if any(_INDICES.fullmatch(latex) for latex in formulas.values()):
            continue
        known = {here for here, _ in supposed}
        named = {here for here, latex in formulas.items() if formula_subjects(latex)}
        if not (named and named <= known) or _OF_SEVERAL.search(clause["told"]):
            return True
    return False


def assumed(checked: Checked, before: str) -> tuple[Checked, list[str]]:
    """The verdicts on a formula behind ``before``, and the facts that its equations are not used.

    What does not hold and is assumed, as in "matrices with AB = BA", is a condition.
    """
    wrong = [claim for claim in checked.claims if claim.verdict == "refuted"]
    if not all(claim.verification for claim in wrong):  # the shapes do not meet
        return checked, []
    if not wrong or any(map(_is_derived, wrong)) or not _ASSUMES.search(before.lower()):
        return checked, []
    facts = []
    for claim in wrong:
        first, *others = symbols_in(claim.latex) or [""]
        if first:
            facts.append(unread(first, claim.latex.replace("=", "equals"), others))
    return softened(checked, _STATED), facts


def _is_derived(claim: Claim) -> bool:
    return is_derived(claim.latex) or claim.latex.startswith("d")


def softened(checked: Checked, reason: str = _REASON) -> Checked:
    """The verdicts where it is not known what is supposed: nothing is refuted."""
    return replace(
        checked,
        claims=tuple(
            claim
            if claim.verdict != "refuted"
            else replace(
                claim,
                verdict="undecided",
                reason=reason,
                counterexample=None,
                suggestion="",
                repaired="",
            )
            for claim in checked.claims
        ),
    )
