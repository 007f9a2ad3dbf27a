"""Whether a sentence asserts what a formula in it says, or supposes, demands or derives it."""

from __future__ import annotations

import re

from mdiff_pandoc.patterns import regex

_NEAR = 160  # how far back a condition reaches, in characters
CONDITION = regex(
    r"\b(?:if|iff|when|whenever|unless|whether|provided|n't|not|never|nor|need|no longer|cannot|"
    r"wrong|false|sometimes|rarely|hardly|seldom|possibly|perhaps|maybe|might|unclear|nobody|only)\b"
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


def is_conditional(text: str, place: int) -> bool:
    """Does a condition or a negation in its clause govern what stands at ``place``?"""
    return CONDITION.search(text, _clause(text, place), place) is not None


def is_supposed(text: str, place: int) -> bool:
    """Does its clause suppose what stands at ``place``, as "if" and "when" do, without a "not"?"""
    words = CONDITION.findall(text, _clause(text, place), place)
    return bool(words) and all(word in _SUPPOSING for word in words)


_SUPPOSING = frozenset(("if", "when", "whenever", "provided"))


def _clause(text: str, place: int) -> int:
    """Where the clause that ``place`` stands in begins."""
    near = max(0, place - _NEAR)
    return max(near, *(text.rfind(mark, near, place) + 1 for mark in ".;:,?!"))


def is_special_case(fact: str, before: str) -> bool:
    """Is ``fact``, stated after the text ``before``, a special value ("for A = I")?"""
    return _is_special(fact, re.split(r"[.;?!](?=\s)", before)[-1])


def _is_special(fact: str, sentence: str) -> bool:
    return bool(_CONSTANT.search(fact) and _SUPPOSED.search(sentence))


def may_suppose(text: str) -> bool:
    """Does a word of the text suppose something?"""
    return bool(CONDITION.search(text) or _SPECIAL.search(text))


def is_asserted(fact: str, before: str) -> bool:
    """Is ``fact``, stated by a formula after the text ``before``, one that holds from here on?

    A condition, a constraint, the solution of an equation and the step of an iteration are not.
    """
    *earlier, sentence = re.split(r"[.;?!](?=\s)", before)
    if _MEMBERSHIP.search(fact):
        return True
    if "=" not in fact:
        return not (is_conditional(before, len(before)) or _CONSTRAINED.search(sentence))
    if _is_special(fact, sentence):
        return False
    if _DEFINES_FUNCTION.match(fact) or _OF_SOLUTION.match(fact) or _OBJECTIVE.search(sentence):
        return True
    follows = earlier and _SOLVED.search(earlier[-1]) and _CONSEQUENCE.search(sentence)
    return not (_SOLVED.search(sentence) or follows)
