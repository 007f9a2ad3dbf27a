"""Whether a sentence asserts what a formula in it says, or supposes, demands or derives it."""

from __future__ import annotations

import re
from enum import StrEnum

from mdiff_pandoc.patterns import regex

_NEAR = 160  # how far back a condition reaches, in characters
_REACH = 300  # and the sentences that are looked at
CONDITION = regex(
    r"\b(?:if|iff|when|whenever|unless|whether|provided|n't|not|never|nor|need|no longer|cannot|"
    r"wrong|false|neither|almost|nearly|approximately|sometimes|rarely|hardly|seldom|possibly|perhaps|maybe|might|unclear|nobody|only)\b"
)
_FORMULA = "[\ue000-\uf8ff]"
_PARTS, _SENTENCE = ".;:,?!", ".;:?!"  # what ends a part of a sentence, and all of it
_ENDS, _STOPS = (regex(rf"[{marks}](?=\s|\Z)") for marks in (_PARTS, _SENTENCE))
# it is spoken of, and not said
_SPOKEN_OF = regex(
    r"\b(?:compar\w+|contrast|unlike|as opposed|rather than|instead of|without(?! loss))\b"
)
_DENIED = regex(
    r"\s*(?:(?:does|do|is|are|need|can)\s*(?:not|n.t)\b|cannot\b|fails?\b|"
    r"is\s+(?:false|wrong|no longer|never|impossible|violated)\b)"
)
_UNREAL = regex(r"^\W*(?:were|had)\b|\bwould\b")
_CASE = regex(r"(?<!our )(?<!this )(?<!that )(?<!any )(?<!each )(?<!either )\bcase\b")
_TAKEN = regex(
    r"\b(?:consider\w*|assum\w+|suppos\w+|restrict\w*|focus\w*|treat\w*|take|study|to the|in the)\b"
)
_FOR = regex(
    r"\bfor\b(?!\s+(?:example|instance|now|simplicity|convenience|brevity|ease|this)\b)"
    rf"(?:[^,]|,(?=\s*(?:and\s+)?(?:{_FORMULA}|\Z)))*\Z"
)
_VERB = regex(r"\b(?:is|are|be|has|have|let|assume|suppose|get|obtain|denotes?|reads?|becomes?)\b")
# what a question takes for granted
_GRANTED = regex(r"\b(?:let|where|given|suppose|assum\w+)\b[^,]*\Z")
_QUALIFIED = regex(r"\b(?:for|with|of)\b[^,]*\Z")
_WHICH = regex(r"^\W*(?:(?:so|and|but|then|now|hence)\s+)?(?:what(?!\s+(?:if|about))|how)\b")
IN_GENERAL = "in general"
_IN_GENERAL = regex(
    r"\b(?:in\s+general|generally|in\s+the\s+general\s+case|otherwise|"
    r"for\s+(?:an?\s+)?(?:general|arbitrary|non-?symmetric)|"
    r"without\s+(?:this|that|these|the|any|such)(?:\s+\w+)?\s+"
    r"(?:assumptions?|conditions?|restrictions?|symmetry))\b"
)
_MEMBERSHIP = regex(r"\\in(?![A-Za-z])|\\partial")
_CONSTANT = regex(r"=\s*(?:-?[\d./]+|\\mathbf\s*\{?[01]\}?|[A-Za-z]|\\[a-z]+)\s*$")
_SUPPOSED = regex(r"\b(?:if|when|whenever|unless|provided|at|for|near|around|case|unlike)\b[^,]*$")
_SPECIAL = regex(r"\b(?:at|for|near|around|case|unlike)\b")
_CONSTRAINED = regex(r"\b(?:subject to|s\.t\.|such that|constraints?|constrained|under)\b")
_SOLVED = regex(
    r"\b(?:stationar\w+|critical points?|optimum|optimality|optimal (?:point|value|choice)s?|"
    r"at the (?:minimum|maximum|solution)|minimi[sz]ers?|maximi[sz]ers?|equal to zero|"
    r"to zero|vanish\w*|solutions?|solv(?:e|es|ed|ing)|normal equations?|fixed points?|"
    r"equilibrium|closed form|updated?(?: rule| step)? (?:is|reads|becomes|by|as|to)|"
    r"subject to|constraints?)\b|=\s*0"
)
_DEFINES_FUNCTION = regex(r"[^=(]*\(")
# such a name is that of the solution, and not of the variable
_OF_SOLUTION = regex(r"(?:let\s+)?\\(?:wide)?hat(?![A-Za-z])")
_OBJECTIVE = regex(
    r"\b(?:(?:mini|maxi)mi[sz](?:e|es|ing)|(?:minimum|maximum|(?:mini|maxi)mi[sz]ers?) of|"
    r"solv(?:e|es|ing)|"
    r"consider|objective|loss|cost|function|energy|likelihood|lagrangian|problem)"
    r"(?:\s+(?:the|a|an|is|loss|cost|objective|function|by|now|then))*\W*$"
)
_CONSEQUENCE = regex(
    r"^\W*(?:this|it|that|which|hence|therefore|thus|so|then|we (?:get|obtain|find))\b|"
    r"\b(?:that is|gives?|yields?|implies|leads to|results? in)\b"
)


class Standing(StrEnum):
    """What a text makes of something that is told in it."""

    SAID = "said"
    HELD = "held"  # "for symmetric A": until the text speaks of all cases
    SUPPOSED = "supposed"  # "if A is symmetric": in its sentence
    DENIED = "denied"


def standing(text: str, place: int) -> Standing:
    """What the lower-case ``text`` makes of what is told of the symbol or formula at ``place``.

    Questions, negations and comparisons say nothing.
    """
    if is_asked(text, place) or _DENIED.match(text, place + 1):
        return Standing.DENIED
    start = _clause(text, place)
    if words := CONDITION.findall(text, start, place):
        return Standing.SUPPOSED if _SUPPOSING.issuperset(words) else Standing.DENIED
    if _SPOKEN_OF.search(text, start, place):
        return Standing.DENIED
    if _UNREAL.search(text[start : _end(text, place, _PARTS)]):
        return Standing.SUPPOSED
    if _CASE.search(text, start, place):
        taken = _TAKEN.search(text, start, place)
        return Standing.HELD if taken else Standing.SUPPOSED
    condition = _FOR.search(text, _clause(text, place, _SENTENCE), place)
    held = condition is not None and not _VERB.search(condition[0])
    return Standing.HELD if held else Standing.SAID


_SUPPOSING = frozenset(("if", "when", "whenever", "provided"))


def is_asked(text: str, place: int, *, defined: bool = False) -> bool:
    """Does what stands at ``place`` belong to a question, which does not take it for granted?

    "What is the gradient of f = …?" says what is ``defined`` in it.
    """
    stop = _end(text, place, _SENTENCE)
    if text[stop : stop + 1] != "?":
        return False
    before = text[_clause(text, place, _SENTENCE) : place]
    if _GRANTED.search(before):
        return False
    return not (_WHICH.search(before) and (defined or _QUALIFIED.search(before)))


def _clause(text: str, place: int, marks: str = _PARTS) -> int:
    """Where the clause that ``place`` stands in begins."""
    near = max(0, place - _NEAR)
    return max(near, *(text.rfind(mark, near, place) + 1 for mark in marks))


def _end(text: str, place: int, marks: str) -> int:
    """Where the clause that ``place`` stands in ends: at a mark in front of a space."""
    far = min(len(text), place + _REACH)
    found = (_STOPS if marks == _SENTENCE else _ENDS).search(text, place, far)
    return found.start() if found else far


def in_general(text: str) -> list[int]:
    """The places at which a lower-case text begins to speak of all cases."""
    return [found.start() for found in _IN_GENERAL.finditer(text)]


def is_special_case(fact: str, before: str) -> bool:
    """Is ``fact``, stated after the text ``before``, a special value ("for A = I")?"""
    return _is_special(fact, re.split(r"[.;?!](?=\s)", before)[-1])


def _is_special(fact: str, sentence: str) -> bool:
    return bool(_CONSTANT.search(fact) and _SUPPOSED.search(sentence))


def may_suppose(text: str) -> bool:
    """Does a word of the text suppose something?"""
    return bool(CONDITION.search(text) or _SPECIAL.search(text) or _UNREAL.search(text))


def is_asserted(fact: str, text: str, place: int) -> bool:
    """Is ``fact``, stated by a formula at ``place``, one that holds from here on?

    A condition, a constraint, the solution of an equation and the step of an iteration are not.
    """
    *earlier, sentence = re.split(r"[.;?!](?=\s)", text[max(0, place - _REACH) : place])
    if _MEMBERSHIP.search(fact):
        return not is_asked(text, place, defined=True)
    if "=" not in fact:
        told = standing(text, place)
        return told in (Standing.SAID, Standing.HELD) and not _CONSTRAINED.search(sentence)
    if _is_special(fact, sentence):
        return False
    if _DEFINES_FUNCTION.match(fact):
        return True
    if is_asked(text, place, defined=True):
        return False
    if _OF_SOLUTION.match(fact) or _OBJECTIVE.search(sentence):
        return True
    follows = earlier and _SOLVED.search(earlier[-1]) and _CONSEQUENCE.search(sentence)
    return not (_SOLVED.search(sentence) or follows)
