"""A text with what stands for its formulas, and what these state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mdiff_pandoc.document.assertion import (
    IN_GENERAL,
    Standing,
    in_general,
    is_asked,
    is_asserted,
    is_special_case,
    standing,
)
from mdiff_pandoc.document.facts import (
    ANEW,
    HELD,
    Subject,
    formula_facts,
    formula_subjects,
    member_of,
    symbol,
)
from mdiff_pandoc.document.plain import plain_definitions
from mdiff_pandoc.patterns import regex

FIRST = 0xE000  # private characters stand for formulas
_NEAR = 80  # how far a "let" reaches, in characters
# a symbol, dimensions, a fact, another formula, a space
NAMES, SIZED, TOLD, OTHER, SPACE = "\uf8f0\uf8f1\uf8f2\uf8f3\uf8f4"
LAST = ord(NAMES)  # where they end
_DIMENSIONS_FORMULA = regex(r"\s*([\w+\-{}\\ ]+?)\s*(?:\\times|×)\s*([\w+\-{}\\ ]+?)\s*")
_SPACE_FORMULA = regex(r"\s*\\mathbb\s*\{?\s*R\s*\}?\s*\^\s*(?:\{([^{}]*)\}|(\w))\s*")
_WORDS_BY = regex(r"(?<![\w×])(\d+|[a-zA-Z])(?:\s*×\s*|\s+x\s+|-by-|\s+by\s+)(\d+|[a-zA-Z])(?!\w)")
_LONGEST = 300  # formulas beyond this many characters declare nothing in words
_LET = regex(r"\blet\b[^.:]{0,80}$")
_PLAIN_NAME = regex(
    r"(?<![\w'’\-])(?<!\w\.)([B-HJ-Z]|A(?=\s+(?:is|are|be)\b)|[b-hj-z])(?![\w'’\-]|\.\w)"
)
_INTRODUCED = regex(
    r"\b(?:let|where|define[sd]?|defining|denote|set|put|write|with|abbreviate)\b[^.;:]{0,60}$"
)


_COUNTED = (Standing.SAID, Standing.HELD)


class Shadow:
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
                shadow[place] = OTHER
            elif space := _SPACE_FORMULA.fullmatch(latex):
                shadow[place], dims[place] = SPACE, (space[1] or space[2]).strip()
            elif pair := _DIMENSIONS_FORMULA.fullmatch(latex):
                shadow[place], dims[place] = SIZED, rf"{pair[1]} \times {pair[2]}"
            elif found := formula_subjects(latex):
                shadow[place] = NAMES if symbol(latex) else TOLD
                subjects[place] = found
            else:
                shadow[place] = OTHER
        text = "".join(shadow)
        for match in _WORDS_BY.finditer(text):
            dims[match.start()] = rf"{match[1]} \times {match[2]}"
            shadow[match.start() : match.end()] = [SIZED, *" " * (len(match[0]) - 1)]
        text = "".join(shadow)
        for match in _PLAIN_NAME.finditer(text):
            subjects[match.start()] = [Subject((match[1],))]
            shadow[match.start()] = NAMES
        self.shadow, self.subjects, self.dims = "".join(shadow), subjects, dims
        self.ended = "".join(map(self._ended, self.text, shadow))
        self.low = lower(self.ended)

    def _ended(self, char: str, kind: str) -> str:
        """What stands for a character: a full stop for a formula that ends in one."""
        formula = ord(char) - FIRST
        ends = 0 <= formula < len(self.math) and self.math[formula].rstrip().endswith(".")
        return "." if ends else kind

    def formulas(self) -> Iterator[tuple[int, str]]:
        """Declarations and definitions that are formulas."""
        for place, char in enumerate(self.text):
            if FIRST <= ord(char) < FIRST + len(self.math):
                before = self.low[max(0, place - _NEAR) : place]
                strong = _INTRODUCED.search(before) is not None
                latex = self.math[ord(char) - FIRST]
                anew = _LET.search(before) is not None
                if self.supposed:
                    yield from ((place, fact) for fact in self._supposed(latex, place))
                    continue
                for fact in formula_facts(latex, strong):
                    if anew and (name := member_of(fact)):
                        yield place, f"{name} {ANEW}"
                    if self._asserts(fact, place, strong=strong):
                        yield place, self._tagged(fact, place)
        if self.supposed:
            return
        for place, definition in plain_definitions(self.text):
            before = self.low[max(0, place - _NEAR) : place]
            strong = _INTRODUCED.search(before) is not None
            for fact in formula_facts(definition, strong):
                if is_asserted(fact, self.low, place):
                    yield place, fact

    def _supposed(self, latex: str, place: int) -> Iterator[str]:
        """What a formula at ``place`` supposes."""
        sure = standing(self.low, place) is Standing.SUPPOSED
        before = self.low[max(0, place - _LONGEST) : place]
        for fact in formula_facts(latex, strong=True):
            if sure or is_special_case(fact, before):
                yield fact

    def _asserts(self, fact: str, place: int, *, strong: bool) -> bool:
        """Does the formula at ``place`` state this fact? "Let" makes an equation a definition."""
        if strong and is_property(fact):
            return standing(self.low, place) in _COUNTED
        defined = strong and not is_asked(self.low, place, defined=True)
        return defined or is_asserted(fact, self.low, place)

    def _tagged(self, fact: str, place: int) -> str:
        """The fact, told as one that holds until the text speaks of all cases where it is such."""
        held = is_property(fact) and standing(self.low, place) is Standing.HELD
        return f"{HELD}{fact}" if held else fact

    def generalised(self) -> Iterator[tuple[int, str]]:
        """Where the text goes on to speak of all cases."""
        yield from ((place, IN_GENERAL) for place in in_general(self.low))

    def _counts(self, place: int) -> bool:
        """Is what stands at ``place`` said, or supposed where that is asked for?"""
        told = standing(self.low, place)
        return told is Standing.SUPPOSED if self.supposed else told in _COUNTED

    def _formula(self, place: int) -> str:
        """The LaTeX of the formula that stands at ``place``; empty if none does."""
        number = ord(self.text[place]) - FIRST
        return self.math[number] if 0 <= number < len(self.math) else ""

    def _size(self, place: int) -> str:
        """The name that stands at ``place``, as a length."""
        return self.subjects[place][0].names[0]


def lower(text: str) -> str:
    """The text in small letters, each at its place."""
    return "".join(char.lower() if char.isascii() else char for char in text)


def is_property(fact: str) -> bool:
    """Does a fact tell a property, and no shape, definition or function?"""
    return not any(sign in fact for sign in ("=", r"\in", ":", r"\partial"))
