"""Reads what sentences say: "let A be a symmetric matrix", "x is a vector of length n"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from mdiff_pandoc.document.assertion import CONDITION
from mdiff_pandoc.document.decompositions import factor_facts
from mdiff_pandoc.document.facts import ANEW, FREE, Subject, membership, primed, product_of
from mdiff_pandoc.document.lines import is_matrix_name, named_lines
from mdiff_pandoc.document.properties import (
    OF_VECTORS,
    PROPERTY,
    SQUARE_ONLY,
    TOGETHER,
    told_in,
    unread,
)
from mdiff_pandoc.document.shadow import (
    FIRST,
    NAMES,
    OTHER,
    SIZED,
    SPACE,
    TOLD,
    Shadow,
    lower,
)
from mdiff_pandoc.document.totals import base_of, told_totals
from mdiff_pandoc.patterns import regex

_SUBJECTS = rf"[{NAMES}{TOLD}](?:\s*(?:,\s*and|,|and|or)\s+[{NAMES}{TOLD}]){{0,9}}"
_BE = r"(is|are|be|being|denotes?|remains?)\b(?:\s+(?:both|all|each|again|also|then))?"
_IS_DESCRIBED = regex(
    rf"([{OTHER}])\s+(?:is|be|denotes|stands for)\s+"
    rf"((?:the|an?)\s+[^.;:{OTHER}{NAMES}{TOLD}]*\b(?:matrix|vector)\b[^.;:]*)"
)
_NO_NAME = regex(r"\b(?:transpos\w*|derivatives?|gradient|Jacobian)\b")
_PRODUCT_IS = regex(
    rf"(?:[Ll]et|[Ss]uppose|[Aa]ssume)\s+(?:that\s+)?([{OTHER}])\s+(?:be|is)\s+(?:an?\s+)?(?:square|matrix)"
)
_NOUN = r"(?:matrix|matrices|vectors?|scalars?|numbers?|constants?)"
_APPOSED = rf"an?\s+[^.;:,{NAMES}{TOLD}]{{0,60}}\b{_NOUN}\b(?!\s+[{NAMES}{TOLD}])"
_CLAUSE = regex(
    rf"({_SUBJECTS})\s+{_BE}\s+"
    rf"(?=((?:[^.;:,]|,(?=\s*(?:(?:and\s+)?(?:real|square|{PROPERTY.pattern})|{_APPOSED})))"
    r"{0,300}))"
)
_HAS = regex(
    rf"({_SUBJECTS})\s+(has|have|with)\s+(?:(?:length|dimension)\s+([{NAMES}])|"
    r"(?:strictly\s+|only\s+)?(positive)\s+(?:entries|elements|components)|"
    r"(?:mutually\s+)?(orthonormal)\s+columns)"
)
_IN = regex(
    rf"({_SUBJECTS})\s+(?:(is|are|be|lies?|lives?)\s+)?(?:(?:both|all|a|the|real|given|column|"
    rf"vectors?|matrix|matrices|points?)\s+){{0,6}}in\s+({SPACE})"
)
_MAPPING = regex(
    rf"({_SUBJECTS})\s+(is|are|be)\s+an?\s+(?:[\w-]+\s+){{0,4}}(?:mapping|map|function)\s+"
    r"from\s+(\W)\s+(?:in)?to\s+(\W)"
)
# "the trace of A is a scalar" says nothing of A
_OF = regex(
    rf"\b(?:of|to|by|times|between|in|on|from|over)\s+(?:the\s+)?(?:{_NOUN}\s+)?"
    rf"(?:[{NAMES}{TOLD}{OTHER}]\s*(?:,|and|or|times)\s*(?:and\s+)?)*\Z|[{NAMES}{TOLD}{OTHER}]\s+times\s+\Z"
)
# "the rows of X in R^n", "the eigenvalues of A, which are positive" say nothing of it either
_PART_OF = regex(
    r"\b(?:columns?|rows?|entries|elements|range|image|span|kernel|space|eigen\w+)\s+(?:of|in)\s+"
    r"(?:the\s+)?(?:matrix\s+)?\Z"
)
_APART = regex(r",|\b(?:which|that)\b")
_OR = regex(rf",?\s+or\s+(?:not\b|{PROPERTY.pattern})")
_RELATED = regex(
    rf"({_SUBJECTS})\s+(?:(?:is|are|be)\s+)?({TOGETHER})\b(?:\s+(?:with|to|of)\s+({_SUBJECTS}))?"
)
_PARTS_ARE = regex(
    r"(?:\A|[.;:,(]\s*|\b(?:all|the|where|that|and|if)\s+)"
    r"(?:(columns)|entries|elements|components)\s+of\s+(?:the\s+(?:matrix|vector)\s+)?"
    rf"({_SUBJECTS})\s+are\s+(?:all\s+|mutually\s+)?(?:strictly\s+)?(?:(orthonormal)|(positive))\b"
)
_NEXT = regex(rf"\s*(?:,|\band|\bor|\bwhere|\bwhile)\s+[{NAMES}{TOLD}]")
_AFTER = regex(
    rf"({_SUBJECTS})\s*[,(]?\s*(?:(?:(?:which|that)\s+(?:is|are)|also|again|both|all|assumed|taken|"
    r"supposed|known|to\s+be)\s+){0,3}"
    rf"((?:an?\s+(?:real\s+)?)?(?:{PROPERTY.pattern})"
    rf"(?:(?:\s+and|,(?:\s+and)?)?\s+(?:{PROPERTY.pattern}))*(?:\s+{SIZED})?(?:\s+{_NOUN}(?!\s+[{NAMES}{TOLD}]))?)"
)
_WORD = rf"(?:[\w{SIZED}]|[{NAMES}]-)[\w\-]*"
_BEFORE = regex(rf"(?<![\w\-])({_WORD}(?:,?\s+{_WORD}){{0,7}})\s+({_SUBJECTS})")
_LISTED = regex(rf"^.*,(?!\s*(?:and\s+)?(?:{PROPERTY.pattern}))|^.*\b(?:and|or)$")
_KIND = regex(
    r"(?:\b(square)\b.*)?(?<!row )\b(?:(vector)s?|matrix|matrices)"
    r"(?=\s*$|\s+of\s+(?:all\s+)?ones\s*$)"
)
_ARBITRARY = regex(r"\b(?:arbitrary|general|generic)\b")
_NO_LONGER = regex(r"\bno\s+longer\b[^.;:?!]*\Z")
_REACH = 80  # how far before a subject "no longer" may stand, in characters
_COMMUTATION = regex(r"\b(?:commutation|vec-permutation)\s+matri")  # a K of its own
_STOP = regex(
    r"\b(?:of|to|in|on|by|for|that|which|whose|from|than|via|at|under|is|are|be|has|have|"
    r"then|gives?|we|so|entry|entries|elements?|part|if|when|where|with|not|let|as)\b"
)
_SINGULAR = regex(r"\b(?:matrix|vector|scalar|number|constant)\b|^\W*an?\b")
_PLURAL = regex(r"\b(?:matrices|vectors|scalars|numbers|constants)\b")
_LENGTH = regex(
    rf"\b(?:of|with)\s+(?:length|dimension|size|order|dimensions)\s+([{NAMES}{SIZED}])|"
    rf"\bwith\s+([{NAMES}])\s+(?:entries|components|elements)"
)
_ROWS_COLUMNS = regex(rf"\bwith\s+([{NAMES}])\s+rows?\s+and\s+([{NAMES}])\s+columns?")
_Listed = tuple[int, Subject, str]


class Reader(Shadow):
    """Reads one text: what its formulas state, and what its words do."""

    def clauses(self) -> Iterator[tuple[int, str]]:
        """Shapes and properties that are said in words."""
        yield from ((place, self._tagged(fact, place)) for place, fact in self._clauses())

    def _clauses(self) -> Iterator[tuple[int, str]]:
        if not self.subjects:  # nobody that anything could be told of
            return
        low = lower(self.shadow)
        for match in _CLAUSE.finditer(low):
            if _OF.search(low, 0, match.start()):
                continue
            if _NO_LONGER.search(low, max(0, match.start() - _REACH), match.end(3)):
                for place, subject in self._named(match, match[2]):
                    yield from ((place, f"{name} {ANEW}") for name in subject.names)
            elif self._counts(match.start()):
                named, start = self._named(match, match[2]), match.start(3)
                yield from self._describe(named, _phrase(match[3]), start, predicate=True)
        for match in _PARTS_ARE.finditer(low):
            fits = bool(match[1]) == bool(match[3])
            if fits and self._counts(match.start(2)):
                words = "orthonormal columns" if match[3] else "positive"
                for place, subject, _ in self._listed(match, 2):
                    yield from ((place, f"{name} {words}") for name in subject.names)
        for match in _AFTER.finditer(low):
            if self._counts(match.start()) and not _is_of_part(match):
                other = _OR.match(low, match.end())
                phrase = low[match.start(2) : (other or match).end()]
                yield from self._describe(self._named(match, ""), phrase, match.start(2))
        for match in _BEFORE.finditer(low):
            phrase = match[1]
            for pattern in (_STOP, _LISTED):
                for stop in pattern.finditer(match[1]):
                    phrase = " " * stop.end() + phrase[stop.end() :]
            if phrase.strip() and self._counts(match.start(2)):
                listed = self._listed(match, 2)
                singular = _SINGULAR.search(phrase) is not None
                if singular or not (_together(listed) or _PLURAL.search(phrase)):
                    listed = listed[:1]
                tail = _LENGTH.match(low, match.end() + 1) or _ROWS_COLUMNS.match(
                    low, match.end() + 1
                )
                phrase += low[match.end(1) : match.end()] + " " + tail[0] if tail else ""
                named = [(place, subject) for place, subject, _ in listed]
                yield from self._describe(named, phrase, match.start(1))
        yield from self._together(low)
        for match, words in told_totals(low, NAMES + TOLD, OTHER):
            one = self._formula(match.start("one")) if match["one"] else "1"
            if one.strip() == "1" and self._counts(match.start()):
                place = match.start("names")
                for subject in self.subjects[place]:
                    yield from ((place, f"{base_of(name)} {words}") for name in subject.names)
        if self.supposed:
            return
        for match in _HAS.finditer(low):
            part = match[2] != "with" and _OF.search(low, 0, match.start())
            if part or not self._counts(match.start()):
                continue
            for place, subject in self._named(match, match[2].replace("with", "")):
                for name in subject.names:
                    if match[3]:
                        yield place, membership(name, self._size(match.start(3)))
                    else:
                        yield place, f"{name} {'positive' if match[4] else 'orthonormal columns'}"
        for match in _IN.finditer(low):
            if (_OF if match[2] else _PART_OF).search(low, 0, match.start()):
                continue
            for place, subject in self._named(match, match[2] or "be"):
                if subject.size is None:
                    exponent = self.dims[match.start(3)]
                    yield from ((place, membership(name, exponent)) for name in subject.names)
        for match in _MAPPING.finditer(low):
            domain, values = (self._formula(match.start(group)) for group in (3, 4))
            if domain and values and not _OF.search(low, 0, match.start()):
                for place, subject in self._named(match, match[2]):
                    yield from (
                        (place, rf"{name} : {domain} \to {values}") for name in subject.names
                    )

    def _together(self, low: str) -> Iterator[tuple[int, str]]:
        """What is told of several symbols together: "A and B commute", "x is orthogonal to y"."""
        for match in _RELATED.finditer(low):
            listed = [*self._listed(match, 1), *(self._listed(match, 3) if match[3] else ())]
            names = [name for _, subject, _ in listed for name in subject.names]
            if any(subject.stated for _, subject, _ in listed) or not self._counts(match.start()):
                continue
            if not _OF.search(low, 0, match.start()):
                place, words = match.start(1), " ".join(match[2].split())
                for one, other in combinations(dict.fromkeys(names), 2):
                    yield place, unread(one, words, [other])

    def primed(self) -> Iterator[tuple[int, str]]:
        """Primed letters that a sentence describes, as in "where A' is the matrix whose …"."""
        for match in _IS_DESCRIBED.finditer(self.shadow):
            latex = self.math[ord(self.text[match.start(1)]) - FIRST]
            if (name := primed(latex)) and not _NO_NAME.search(match[2]):
                yield match.start(1), f"{name}' described"

    def products(self) -> Iterator[tuple[int, str]]:
        """What a sentence such as "let ABC be a square matrix" says of the factors: shapes anew."""
        for match in _PRODUCT_IS.finditer(self.shadow):
            latex = self.math[ord(self.text[match.start(1)]) - FIRST]
            yield from ((match.start(1), f"{name} {FREE}") for name in product_of(latex))

    def parts(self) -> Iterator[tuple[int, str]]:
        """What is said of the rows, the columns and the factors of a matrix."""
        for place, fact in (
            *factor_facts(self.text, self.math),
            *named_lines(self.text, self.math),
        ):
            if self._counts(place):
                yield place, fact

    def _listed(self, match: re.Match[str], group: int) -> list[_Listed]:
        """The subjects in a group of ``match``, each with its place and what stands before it."""
        listed: list[_Listed] = []
        last = match.start(group)
        for place in range(match.start(group), match.end(group)):
            for number, subject in enumerate(self.subjects.get(place, ())):
                joiner = match.string[last:place] if not number else ","
                listed.append((place, subject, joiner))
                last = place + 1
        return listed

    def _named(self, match: re.Match[str], verb: str) -> list[tuple[int, Subject]]:
        """The subjects that ``verb`` speaks of: in the singular, only of the one next to it."""
        listed = self._listed(match, 1)
        plural = verb in ("are", "have", "denote", "remain", "lie", "live")
        several = len(listed[-1][1].names) > 1 and listed[-1][1].stated if listed else False
        if (
            (plural and several and "," in listed[-1][2])
            or (verb in ("be", "being") and not _alike(listed))
            or (not verb and not _together(listed))
            or verb in ("is", "has", "denotes", "remains", "lies", "lives")
        ):
            listed = listed[-1:]
        return [(place, subject) for place, subject, _ in listed]

    def _describe(
        self,
        named: Sequence[tuple[int, Subject]],
        phrase: str,
        start: int,
        *,
        predicate: bool = False,
    ) -> Iterator[tuple[int, str]]:
        """Facts about subjects that ``phrase``, standing at ``start``, states."""
        if CONDITION.search(phrase) or _COMMUTATION.search(phrase):
            return
        if _ARBITRARY.search(phrase):
            yield from ((place, f"{name} {ANEW}") for place, s in named for name in s.names)
        exponent = self._exponent(phrase, start)
        kind = _KIND.search(phrase)
        told = told_in(phrase, predicate=predicate)
        for place, subject in named:
            for name in subject.names:
                if subject.size is None and exponent is not None:
                    yield place, membership(name, exponent)
                elif subject.size is None and kind:
                    yield place, f"{name} {'square' if kind[1] else kind[2] or 'matrix'}"
                yield from ((place, unread(name, words)) for words in told.unread)
                for words in told.facts:
                    if not (subject.square or words not in SQUARE_ONLY):
                        continue
                    if words not in OF_VECTORS or not (
                        is_matrix_name(name) or r"\times" in (subject.size or "")
                    ):
                        yield place, f"{name} {words}"

    def _exponent(self, phrase: str, start: int) -> str | None:
        """The dimensions in a phrase; empty for a scalar, None when it names none."""
        if rows := _ROWS_COLUMNS.search(phrase):
            pair = (self._size(start + rows.start(group)) for group in (1, 2))
            return r" \times ".join(pair)
        for offset, char in enumerate(phrase):
            if char in (SIZED, SPACE):
                return self.dims.get(start + offset)
        if re.search(r"\bvectors?\b", phrase):
            if length := _LENGTH.search(phrase):
                return self._size(start + length.start(length.lastindex or 1))
            if short := re.search(rf"([{NAMES}])-(?:dimensional\s+)?(?:\w+\s+)?vectors?", phrase):
                return self._size(start + short.start(1))
            return None
        return "" if re.search(r"\b(?:scalars?|real numbers?)\b", phrase) else None


def _is_of_part(match: re.Match[str]) -> bool:
    """Is it the trace that "the trace of A, which is positive" speaks of, and not A?"""
    gap = match.string[match.end(1) : match.start(2)]
    apart = _APART.search(gap) and (len(match[1]) == 1 or "positive" in match[2])
    return bool(apart) and _OF.search(match.string, 0, match.start()) is not None


def _alike(listed: list[_Listed]) -> bool:
    """Is this a list of names alone, or one without a comma that would part it?"""
    return not any(subject.stated for _, subject, _ in listed) or not any(
        "," in joiner for _, _, joiner in listed[1:]
    )


def _together(listed: list[_Listed]) -> bool:
    """Are these names alone, with an "and" before the last?"""
    return not any(subject.stated for _, subject, _ in listed) and (
        len(listed) < 2 or "and" in listed[-1][2]
    )


def _phrase(clause: str) -> str:
    """The noun phrase or adjectives at the start of a predicate, with what tells its size."""
    if following := _NEXT.search(clause):
        clause = clause[: following.start()]
    noun = re.search(rf"\b{_NOUN}\b", clause)
    stop = _STOP.search(clause)
    if stop and not (noun and noun.end() <= stop.start()):
        return clause[: stop.start()]
    if not noun:
        return clause
    tail = clause[noun.end() :]
    size = _LENGTH.match(tail.lstrip()) or _ROWS_COLUMNS.match(tail.lstrip())
    positive = re.match(
        r"\s+(?:of|with)\s+(?:of\s+|strictly\s+)?positive (?:entries|elements)"
        r"|\s+of\s+(?:all\s+)?ones",
        tail,
    )
    space = re.match(rf"\s+in\s+{SPACE}", tail)
    order = re.match(rf"\s+of\s+(?:size|order|dimensions?|shape)\s+{SIZED}", tail)
    for keep in (size, positive, space, order):
        if keep:
            return clause[: noun.end() + len(tail) - len(tail.lstrip()) + keep.end()]
    return clause[: noun.end()]
