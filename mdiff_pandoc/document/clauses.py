"""Reads what sentences say: "let A be a symmetric matrix", "x is a vector of length n"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mdiff_pandoc.document.assertion import (
    CONDITION,
    is_asserted,
    is_conditional,
    is_special_case,
    is_supposed,
)
from mdiff_pandoc.document.decompositions import factor_facts
from mdiff_pandoc.document.facts import (
    ANEW,
    FREE,
    Subject,
    formula_facts,
    formula_subjects,
    member_of,
    membership,
    primed,
    product_of,
    symbol,
)
from mdiff_pandoc.document.lines import is_matrix_name, named_lines
from mdiff_pandoc.document.plain import plain_definitions
from mdiff_pandoc.document.totals import base_of, told_totals
from mdiff_pandoc.patterns import regex

FIRST = 0xE000  # private characters stand for formulas
_NEAR = 80  # how far a "let" reaches, in characters
_S, _D, _T, _O, _E = "\uf8f0\uf8f1\uf8f2\uf8f3\uf8f4"  # symbol, dimensions, fact, other, space
LAST = ord(_S)  # where they end
_DIMENSIONS = regex(r"\s*([\w+\-{}\\ ]+?)\s*(?:\\times|×)\s*([\w+\-{}\\ ]+?)\s*")
_SPACE = regex(r"\s*\\mathbb\s*\{?\s*R\s*\}?\s*\^\s*(?:\{([^{}]*)\}|(\w))\s*")
_WORDS_BY = regex(r"(?<![\w×])(\d+|[a-zA-Z])(?:\s*×\s*|\s+x\s+|-by-|\s+by\s+)(\d+|[a-zA-Z])(?!\w)")
_LONGEST = 300  # formulas beyond this many characters declare nothing in words

_PROPERTIES = (
    (r"positive[- ]definite", "positive definite"),
    (r"positive[- ]semi-?\s?definite", "positive semidefinite"),
    (r"skew[- ]symmetric|antisymmetric", "skew"),
    (r"(?<!block )symmetric", "symmetric"),
    (r"(?<!block )diagonal", "diagonal"),
    (r"orthonormal\s+columns", "orthonormal columns"),
    (
        r"(?:orthogonal|orthonormal)"
        r"(?!\s+(?:project\w*|bas[ie]s|to|complement\w*|vectors?|eigenvectors?|rows?|directions?))",
        "orthogonal",
    ),
    (r"(?<!block )lower[- ]triangular", "lower triangular"),
    (r"(?<!block )upper[- ]triangular", "upper triangular"),
    (r"invertible|non-?singular|regular", "invertible"),
    (r"constant", "constant"),
    (r"unit(?=\s+(?:\w+\s+)?vectors?)|(?<=of )unit(?=\s+(?:length|norm))", "unit"),
    (r"all[- ]ones?|(?<=of )ones|(?<=of all )ones", "ones"),
    (r"identity(?=\s+matri)|(?<=the )identity", "identity"),
    (r"one[- ]hot", "one hot"),
    (r"probability\s+(?:vectors?|distributions?)", "probability"),
    (r"row[- ]stochastic", "row stochastic"),
    (r"column[- ]stochastic", "columns sum to one"),
    (r"binary(?=\s+(?:mask|matri|vector))", "binary"),
    (r"positive(?!\s+(?:integer|part|root))|strictly positive", "positive"),
)
_SQUARE_ONLY = frozenset(
    (
        "positive definite",
        "positive semidefinite",
        "skew",
        "symmetric",
        "diagonal",
        "orthogonal",
        "lower triangular",
        "upper triangular",
        "invertible",
        "identity",
    )
)
_OF_VECTORS = frozenset(("one hot", "probability"))
_PROPERTY = regex(
    rf"(?<![\w-])(?:{'|'.join(f'({pattern})' for pattern, _ in _PROPERTIES)})(?![\w-])"
)
_SUBJECTS = rf"[{_S}{_T}](?:\s*(?:,\s*and|,|and|or)\s+[{_S}{_T}]){{0,9}}"
_BE = r"(is|are|be|being|denotes?|remains?)\b(?:\s+(?:both|all|each|again|also|then))?"
_IS_DESCRIBED = regex(
    rf"([{_O}])\s+(?:is|be|denotes|stands for)\s+"
    rf"((?:the|an?)\s+[^.;:{_O}{_S}{_T}]*\b(?:matrix|vector)\b[^.;:]*)"
)
_NO_NAME = regex(r"\b(?:transpos\w*|derivatives?|gradient|Jacobian)\b")
_PRODUCT_IS = regex(
    rf"(?:[Ll]et|[Ss]uppose|[Aa]ssume)\s+(?:that\s+)?([{_O}])\s+(?:be|is)\s+(?:an?\s+)?(?:square|matrix)"
)
_NOUN = r"(?:matrix|matrices|vectors?|scalars?|numbers?|constants?)"
_APPOSED = rf"an?\s+[^.;:,{_S}{_T}]{{0,60}}\b{_NOUN}\b(?!\s+[{_S}{_T}])"
_CLAUSE = regex(
    rf"({_SUBJECTS})\s+{_BE}\s+"
    rf"(?=((?:[^.;:,]|,(?=\s*(?:(?:and\s+)?(?:real|square|{_PROPERTY.pattern})|{_APPOSED})))"
    r"{0,300}))"
)
_HAS = regex(
    rf"({_SUBJECTS})\s+(has|have|with)\s+(?:(?:length|dimension)\s+([{_S}])|"
    r"(?:strictly\s+|only\s+)?(positive)\s+(?:entries|elements|components)|"
    r"(?:mutually\s+)?(orthonormal)\s+columns)"
)
_IN = regex(
    rf"({_SUBJECTS})\s+(?:(is|are|be|lies?|lives?)\s+)?(?:(?:both|all|a|the|real|given|column|"
    rf"vectors?|matrix|matrices|points?)\s+){{0,6}}in\s+({_E})"
)
_MAPPING = regex(
    rf"({_SUBJECTS})\s+(is|are|be)\s+an?\s+(?:[\w-]+\s+){{0,4}}(?:mapping|map|function)\s+"
    r"from\s+(\W)\s+(?:in)?to\s+(\W)"
)
# "the trace of A is a scalar" says nothing of A
_OF = regex(
    rf"\b(?:of|to|by|times|between|in|on|from|over)\s+(?:the\s+)?(?:{_NOUN}\s+)?"
    rf"(?:[{_S}{_T}{_O}]\s*(?:,|and|or|times)\s*(?:and\s+)?)*\Z|[{_S}{_T}{_O}]\s+times\s+\Z"
)
_PARTS_ARE = regex(
    r"(?:\A|[.;:,(]\s*|\b(?:all|the|where|that|and|if)\s+)"
    r"(?:(columns)|entries|elements|components)\s+of\s+(?:the\s+(?:matrix|vector)\s+)?"
    rf"({_SUBJECTS})\s+are\s+(?:all\s+|mutually\s+)?(?:strictly\s+)?(?:(orthonormal)|(positive))\b"
)
_NEXT = regex(rf"\s*(?:,|\band|\bor|\bwhere|\bwhile)\s+[{_S}{_T}]")
_AFTER = regex(
    rf"({_SUBJECTS})\s*[,(]?\s*(?:(?:(?:which|that)\s+(?:is|are)|also|again|both|all|assumed|taken|"
    r"supposed|known|to\s+be)\s+){0,3}"
    rf"((?:an?\s+(?:real\s+)?)?(?:{_PROPERTY.pattern})"
    rf"(?:(?:\s+and|,(?:\s+and)?)?\s+(?:{_PROPERTY.pattern}))*(?:\s+{_D})?(?:\s+{_NOUN}(?!\s+[{_S}{_T}]))?)"
)
_WORD = rf"(?:[\w{_D}]|[{_S}]-)[\w\-]*"
_BEFORE = regex(rf"(?<![\w\-])({_WORD}(?:,?\s+{_WORD}){{0,7}})\s+({_SUBJECTS})")
_LISTED = regex(rf"^.*,(?!\s*(?:and\s+)?(?:{_PROPERTY.pattern}))|^.*\b(?:and|or)$")
_KIND = regex(
    r"(?:\b(square)\b.*)?(?<!row )\b(?:(vector)s?|matrix|matrices)"
    r"(?=\s*$|\s+of\s+(?:all\s+)?ones\s*$)"
)
_COMMUTATION = regex(r"\b(?:commutation|vec-permutation)\s+matri")  # a K of its own
_STOP = regex(
    r"\b(?:of|to|in|on|by|for|that|which|whose|from|than|via|at|under|is|are|be|has|have|"
    r"then|gives?|we|so|entry|entries|elements?|part|if|when|where|with|not|let|as)\b"
)
_SINGULAR = regex(r"\b(?:matrix|vector|scalar|number|constant)\b|^\W*an?\b")
_PLURAL = regex(r"\b(?:matrices|vectors|scalars|numbers|constants)\b")
_LENGTH = regex(
    rf"\b(?:of|with)\s+(?:length|dimension|size|order|dimensions)\s+([{_S}{_D}])|"
    rf"\bwith\s+([{_S}])\s+(?:entries|components|elements)"
)
_ROWS_COLUMNS = regex(rf"\bwith\s+([{_S}])\s+rows?\s+and\s+([{_S}])\s+columns?")
_LET = regex(r"\blet\b[^.:]{0,80}$")
_PLAIN_NAME = regex(
    r"(?<![\w'’\-])(?<!\w\.)([B-HJ-Z]|A(?=\s+(?:is|are|be)\b)|[b-hj-z])(?![\w'’\-]|\.\w)"
)
_INTRODUCED = regex(
    r"\b(?:let|where|define[sd]?|defining|denote|set|put|write|with|abbreviate)\b[^.;:]{0,60}$"
)


_Listed = tuple[int, Subject, str]


class Reader:
    """Reads one text; ``shadow`` is the text with the kind of each formula in its place.

    With ``supposed`` it reads what the text supposes ("if A is symmetric") instead of what it says.
    """

    def __init__(self, text: str, math: Sequence[str], *, supposed: bool = False) -> None:
        self.text = text
        self.supposed = supposed
        self.math = math
        shadow = list(text)
        subjects: dict[int, list[Subject]] = {}
        dims: dict[int, str] = {}
        for place, char in enumerate(text):
            if not FIRST <= ord(char) < FIRST + len(math):
                continue
            latex = math[ord(char) - FIRST]
            if len(latex) > _LONGEST:
                shadow[place] = _O
            elif space := _SPACE.fullmatch(latex):
                shadow[place], dims[place] = _E, (space[1] or space[2]).strip()
            elif pair := _DIMENSIONS.fullmatch(latex):
                shadow[place], dims[place] = _D, rf"{pair[1]} \times {pair[2]}"
            elif found := formula_subjects(latex):
                shadow[place] = _S if symbol(latex) else _T
                subjects[place] = found
            else:
                shadow[place] = _O
        text = "".join(shadow)
        for match in _WORDS_BY.finditer(text):
            dims[match.start()] = rf"{match[1]} \times {match[2]}"
            shadow[match.start() : match.end()] = [_D, *" " * (len(match[0]) - 1)]
        text = "".join(shadow)
        for match in _PLAIN_NAME.finditer(text):
            subjects[match.start()] = [Subject((match[1],))]
            shadow[match.start()] = _S
        self.shadow, self.subjects, self.dims = "".join(shadow), subjects, dims
        self.ended = "".join(map(self._ended, self.text, shadow))

    def _ended(self, char: str, kind: str) -> str:
        """What stands for a character: a full stop for a formula that ends in one."""
        formula = ord(char) - FIRST
        ends = 0 <= formula < len(self.math) and self.math[formula].rstrip().endswith(".")
        return "." if ends else kind

    def formulas(self) -> Iterator[tuple[int, str]]:
        """Declarations and definitions that are formulas."""
        for place, char in enumerate(self.text):
            if FIRST <= ord(char) < FIRST + len(self.math):
                before = self.ended[max(0, place - _NEAR) : place]
                strong = _INTRODUCED.search(before.lower()) is not None
                latex = self.math[ord(char) - FIRST]
                reach = self.ended[max(0, place - _LONGEST) : place].lower()
                anew = _LET.search(before.lower()) is not None
                if self.supposed:
                    sure = is_supposed(reach, len(reach))
                    for fact in formula_facts(latex, strong=True):
                        if sure or is_special_case(fact, reach):
                            yield place, fact
                    continue
                for fact in formula_facts(latex, strong):
                    if anew and (name := member_of(fact)):
                        yield place, f"{name} {ANEW}"
                    if strong or is_asserted(fact, reach):
                        yield place, fact
        if self.supposed:
            return
        for place, definition in plain_definitions(self.text):
            before = self.text[max(0, place - _NEAR) : place]
            strong = _INTRODUCED.search(before.lower()) is not None
            reach = self.text[max(0, place - _LONGEST) : place].lower()
            told = (fact for fact in formula_facts(definition, strong))
            yield from ((place, fact) for fact in told if is_asserted(fact, reach))

    def clauses(self) -> Iterator[tuple[int, str]]:
        """Shapes and properties that are said in words."""
        low = "".join(c.lower() if c.isascii() else c for c in self.shadow)
        for match in _CLAUSE.finditer(low):
            if self._counts(low, match.start()) and not _OF.search(low, 0, match.start()):
                named = self._named(match, match[2])
                yield from self._describe(named, _phrase(match[3]), match.start(3))
        for match in _PARTS_ARE.finditer(low):
            fits = bool(match[1]) == bool(match[3])
            if fits and self._counts(low, match.start(2)):
                words = "orthonormal columns" if match[3] else "positive"
                for place, subject, _ in self._listed(match, 2):
                    yield from ((place, f"{name} {words}") for name in subject.names)
        for match in _AFTER.finditer(low):
            if self._counts(low, match.start()):
                yield from self._describe(self._named(match, ""), match[2], match.start(2))
        for match in _BEFORE.finditer(low):
            phrase = match[1]
            for pattern in (_STOP, _LISTED):
                for stop in pattern.finditer(match[1]):
                    phrase = " " * stop.end() + phrase[stop.end() :]
            if phrase.strip() and self._counts(low, match.start(2)):
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
        for match, words in told_totals(low, _S + _T, _O):
            one = self._formula(match.start("one")) if match["one"] else "1"
            if one.strip() == "1" and self._counts(low, match.start()):
                place = match.start("names")
                for subject in self.subjects[place]:
                    yield from ((place, f"{base_of(name)} {words}") for name in subject.names)
        if self.supposed:
            return
        for match in _HAS.finditer(low):
            for place, subject in self._named(match, match[2].replace("with", "")):
                for name in subject.names:
                    if match[3]:
                        yield place, membership(name, self._size(match.start(3)))
                    else:
                        yield place, f"{name} {'positive' if match[4] else 'orthonormal columns'}"
        for match in _IN.finditer(low):
            for place, subject in self._named(match, match[2] or "be"):
                if subject.size is None:
                    exponent = self.dims[match.start(3)]
                    yield from ((place, membership(name, exponent)) for name in subject.names)
        for match in _MAPPING.finditer(low):
            domain, values = (self._formula(match.start(group)) for group in (3, 4))
            if domain and values:
                for place, subject in self._named(match, match[2]):
                    yield from (
                        (place, rf"{name} : {domain} \to {values}") for name in subject.names
                    )

    def _counts(self, low: str, place: int) -> bool:
        """Is what stands at ``place`` said, or supposed where that is asked for?"""
        return is_supposed(low, place) if self.supposed else not is_conditional(low, place)

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
        low = self.shadow.lower()
        for place, fact in (
            *factor_facts(self.text, self.math),
            *named_lines(self.text, self.math),
        ):
            if self._counts(low, place):
                yield place, fact

    def _formula(self, place: int) -> str:
        """The LaTeX of the formula that stands at ``place``; empty if none does."""
        number = ord(self.text[place]) - FIRST
        return self.math[number] if 0 <= number < len(self.math) else ""

    def _size(self, place: int) -> str:
        """The name that stands at ``place``, as a length."""
        return self.subjects[place][0].names[0]

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
        self, named: Iterable[tuple[int, Subject]], phrase: str, start: int
    ) -> Iterator[tuple[int, str]]:
        """Facts about subjects that ``phrase``, standing at ``start``, states."""
        if CONDITION.search(phrase) or _COMMUTATION.search(phrase):
            return
        exponent = self._exponent(phrase, start)
        kind = _KIND.search(phrase)
        told = [_PROPERTIES[(found.lastindex or 1) - 1][1] for found in _PROPERTY.finditer(phrase)]
        for place, subject in named:
            for name in subject.names:
                if subject.size is None and exponent is not None:
                    yield place, membership(name, exponent)
                elif subject.size is None and kind:
                    yield place, f"{name} {'square' if kind[1] else kind[2] or 'matrix'}"
                for words in told:
                    if not (subject.square or words not in _SQUARE_ONLY):
                        continue
                    if words not in _OF_VECTORS or not (
                        is_matrix_name(name) or r"\times" in (subject.size or "")
                    ):
                        yield place, f"{name} {words}"

    def _exponent(self, phrase: str, start: int) -> str | None:
        """The dimensions in a phrase; empty for a scalar, None when it names none."""
        if rows := _ROWS_COLUMNS.search(phrase):
            pair = (self._size(start + rows.start(group)) for group in (1, 2))
            return r" \times ".join(pair)
        for offset, char in enumerate(phrase):
            if char in (_D, _E):
                return self.dims.get(start + offset)
        if re.search(r"\bvectors?\b", phrase):
            if length := _LENGTH.search(phrase):
                return self._size(start + length.start(length.lastindex or 1))
            if short := re.search(rf"([{_S}])-(?:dimensional\s+)?(?:\w+\s+)?vectors?", phrase):
                return self._size(start + short.start(1))
            return None
        return "" if re.search(r"\b(?:scalars?|real numbers?)\b", phrase) else None


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
    space = re.match(rf"\s+in\s+{_E}", tail)
    order = re.match(rf"\s+of\s+(?:size|order|dimensions?|shape)\s+{_D}", tail)
    for keep in (size, positive, space, order):
        if keep:
            return clause[: noun.end() + len(tail) - len(tail.lstrip()) + keep.end()]
    return clause[: noun.end()]
