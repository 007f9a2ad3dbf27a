"""Names: letters, fonts, accents, and the subscripts that belong to a name or index it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, Span
from mdiff_pandoc.latex.notations import (
    ACCENTS,
    ARROWS,
    BLACKBOARD_MACROS,
    BOLD_FONTS,
    DOTS,
    FONTS,
    FRACTIONS,
    GREEK,
    HEADS,
    INDEX_LETTERS,
    LETTER_COMMANDS,
    OPERATORS,
    PREFIX_FONTS,
)
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_pairs import Paired
from mdiff_pandoc.latex.tokens import Token, TokenKind

_ARGUMENT_KINDS = frozenset(
    {
        TokenKind.COMMAND,
        TokenKind.LETTER,
        TokenKind.NUMBER,
        TokenKind.WORD,
        TokenKind.TEXT,
        TokenKind.PRIME,
    }
)
_DECORATIONS = frozenset(["*", "\\ast", "\\star", "+", "-"])
SubParse = Callable[[int, int], Term]  # the term of the tokens in a range


class Names:
    """Reads names from paired tokens; ``subparse`` reads an index that is an expression."""

    def __init__(self, paired: Paired, latex: str, subparse: SubParse) -> None:
        self.tokens = paired.tokens
        self.closing = paired.closing
        self.latex = latex
        self.subparse = subparse

    def written(self, begin: int, end: int) -> str:
        """The author's LaTeX of the tokens in ``[begin, end)``."""
        return self.latex[self.tokens[begin].start : self.tokens[end - 1].end]

    def argument(self, owner: int, index: int) -> tuple[int, int, int]:
        """Range of the argument at ``index`` of the token ``owner``, and the index after it.

        Raises ParseError when nothing is there that TeX would take.
        """
        tokens = self.tokens
        if index < len(tokens):
            token = tokens[index]
            if token.kind is TokenKind.OPEN and token.text == "{":
                close = self.closing[index]
                return index + 1, close, close + 1
            if token.kind in _ARGUMENT_KINDS or token.text in _DECORATIONS:
                stop = self.unit_end(index)
                return index, stop, stop
        what = self.latex[tokens[owner].start : tokens[owner].end] or tokens[owner].text
        raise ParseError(
            f"{what} has nothing to act on", tokens[owner].span, f"write {what}{{…}} in full"
        )

    def unit_end(self, index: int) -> int:
        """The index after a token together with the arguments that it takes."""
        token = self.tokens[index]
        if index in self.closing:
            return self.closing[index] + 1
        count = 0
        if token.text in FONTS or token.text in ACCENTS or token.text in ARROWS:
            count = 1
        elif token.text in FRACTIONS:
            count = 2
        stop = index + 1
        for _ in range(count):
            stop = self.argument(index, stop)[2]
        return stop

    def read(self, index: int) -> tuple[list[Term], int] | None:
        """The names that begin at ``index`` (several for ``\\mathbf{AB}``) and the index after.

        None when no name begins there.
        """
        token = self.tokens[index]
        name = self._simple(token)
        if name is not None:
            written = self.latex[token.start : token.end]
            return [Term(Kind.NAME, token.span, (), name, written)], index + 1
        if token.kind is not TokenKind.COMMAND:
            return None
        if token.text in FONTS:
            return self._font(index)
        if token.text in ACCENTS or token.text in ARROWS:
            return self._accent(index)
        return None

    def _simple(self, token: Token) -> str | None:
        if token.kind is TokenKind.LETTER:
            return token.text
        if token.kind is TokenKind.COMMAND:
            if token.text in GREEK or token.text in LETTER_COMMANDS:
                return token.text[1:]
            if token.text in DOTS:
                return "dots"
            return "bb_" + token.text[1] if token.text in BLACKBOARD_MACROS else None
        if token.kind in (TokenKind.WORD, TokenKind.TEXT):
            known = token.text in HEADS or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", token.text)
            return None if known else token.text
        return None

    def _font(self, index: int) -> tuple[list[Term], int] | None:
        font = self.tokens[index].text
        begin, end, after = self.argument(index, index + 1)
        terms: list[Term] = []
        position = begin
        while position < end:
            found = self.read(position)
            token = self.tokens[position]
            if found is not None:
                terms.extend(found[0])
                position = found[1]
            elif token.kind is TokenKind.NUMBER:
                terms.extend(self._digits(token, font))
                position += 1
            else:
                return None
        if not terms:
            return None
        if len(terms) == 1:
            place = Span(self.tokens[index].start, self.tokens[after - 1].end)
            written = self.latex[place.start : place.end]
            return [self._styled(replace(terms[0], span=place), font, written)], after
        return [self._styled(term, font, f"{font}{{{term.latex}}}") for term in terms], after

    def _digits(self, token: Token, font: str) -> list[Term]:
        if (font in BOLD_FONTS or font in PREFIX_FONTS) and set(token.text) <= {"0", "1"}:
            places = [Span(start, start + 1) for start in range(token.start, token.end)]
            return [
                Term(Kind.NAME, place, (), digit, digit)
                for place, digit in zip(places, token.text, strict=True)
            ]
        return [Term(Kind.NUMBER, token.span, (), token.text, token.text)]

    @staticmethod
    def _styled(term: Term, font: str, written: str) -> Term:
        text = term.text
        if font in PREFIX_FONTS and text not in ("0", "1"):
            text = text if (text, PREFIX_FONTS[font]) == ("I", "bb_") else PREFIX_FONTS[font] + text
        bold = term.bold or font in BOLD_FONTS or text in ("0", "1")
        return replace(
            term, text=text, latex=written, bold=bold if term.kind is Kind.NAME else False
        )

    def _accent(self, index: int) -> tuple[list[Term], int]:
        token = self.tokens[index]
        begin, end, after = self.argument(index, index + 1)
        place = Span(token.start, self.tokens[after - 1].end)
        written = self.latex[place.start : place.end]
        inner = self.tokens[begin] if begin < end else token
        if token.text in ARROWS and end == begin + 1 and inner.text in ("0", "1"):
            return [Term(Kind.NAME, place, (), inner.text, written, True)], after
        found = self.read(begin) if begin < end else None
        if found is not None and len(found[0]) == 1:
            [term], position = found
            if position + 1 < end and self.tokens[position].kind is TokenKind.SUB:
                first, last, position = self.argument(position, position + 1)
                term = self.subscript(term, first, last, position)
            if position == end and term.kind in (Kind.NAME, Kind.INDEX):
                prefix = ACCENTS.get(token.text, "")
                arrow = token.text in ARROWS
                text = prefix + term.text
                bold = term.bold or arrow
                return [Term(Kind.NAME, place, (), text, written, bold)], after
        raise ParseError(
            f"{token.text} stands over more than one name", place, "put it over a single name"
        )

    def subscript(self, base: Term, begin: int, end: int, after: int) -> Term:
        """A name with the subscript in ``[begin, end)``: a longer name, or a name with indices."""
        stop = self.tokens[after - 1].end
        span = Span(base.span.start, stop)
        script = self._script_before(begin)
        latex = base.latex + self.latex[self.tokens[script].start : stop]
        label = f"{base.text}_{self.label(begin, end)}"
        if base.bold and base.text in ("0", "1"):
            sizes = self._size(base, begin, end) or self.index_terms(begin, end, label=False)
            if sizes:
                head = "ones" if base.text == "1" else "zeros"
                return Term(Kind.APPLY, span, sizes, head, latex, True)
        line = self.line(begin, end)
        if line is not None:
            return Term(line[0], span, (base, line[1]), label, latex)
        indices = self._size(base, begin, end) or self.index_terms(begin, end)
        if indices is None:
            return Term(Kind.NAME, span, (), label, latex, base.bold)
        return Term(Kind.INDEX, span, (base, *indices), label, latex)

    def _size(self, base: Term, begin: int, end: int) -> tuple[Term, ...]:
        """The size of an identity, or of ones, that is a power or product: ``I_{n^2}``.

        The letters of a product such as ``\\mathbf{1}_{m n}`` stand apart.
        """
        tokens = self.tokens[begin:end]
        kinds = {token.kind for token in tokens}
        if base.text not in ("I", "1", "0") or tokens[0].kind is not TokenKind.LETTER:
            return ()
        power = len(tokens) > 2 and tokens[1].kind is TokenKind.SUP
        apart = all(one.end < other.start for one, other in itertools.pairwise(tokens))
        product = base.text == "1" and len(tokens) > 1 and kinds == {TokenKind.LETTER} and apart
        return (self.subparse(begin, end),) if power or product else ()

    def _script_before(self, index: int) -> int:
        while index > 0 and self.tokens[index].kind is not TokenKind.SUB:
            index -= 1
        return index

    def line(self, begin: int, end: int) -> tuple[Kind, Term] | None:
        """ROW or COLUMN with its index, for subscripts like ``k:`` and ``:,k``."""
        if end - begin < 2:
            return None
        marks = (":", "\\cdot", "*", "\\ast", "\\bullet")
        kinds = [token.text in marks for token in self.tokens[begin:end]]
        if kinds.count(True) != 1:
            return None
        if kinds[-1]:
            stop = end - 1 - (self.tokens[end - 2].text == ",")
            return (Kind.ROW, self.subparse(begin, stop)) if begin < stop else None
        if kinds[0]:
            start = begin + 1 + (self.tokens[begin + 1].text == ",")
            return (Kind.COLUMN, self.subparse(start, end)) if start < end else None
        return None

    def index_terms(self, begin: int, end: int, *, label: bool = True) -> tuple[Term, ...] | None:
        """The indices in a subscript, or None when it is a label of the name.

        With ``label=False`` a number, and every pair of letters, counts as an index too.
        """
        tokens = self.tokens[begin:end]
        kinds = {token.kind for token in tokens}
        texts = [token.text for token in tokens]
        if not tokens or kinds & {TokenKind.WORD, TokenKind.TEXT}:
            return None
        if len(tokens) == 1:
            if tokens[0].kind is TokenKind.NUMBER and label:
                return None
            named = self._simple(tokens[0]) is not None or tokens[0].kind is TokenKind.NUMBER
            return (self.subparse(begin, end),) if named else None
        if any(text in (",", "\\times") for text in texts):
            cuts = [i for i, text in enumerate(texts) if text in (",", "\\times")]
            edges = [begin - 1, *(begin + cut for cut in cuts), end]
            parts = [(low + 1, high) for low, high in itertools.pairwise(edges)]
            if all(low < high and self._index_like(low, high) for low, high in parts):
                return tuple(self.subparse(low, high) for low, high in parts)
            return None
        if kinds <= {TokenKind.LETTER, TokenKind.NUMBER, TokenKind.PRIME}:
            return self._letters(begin, end, label)
        first = texts[0] in INDEX_LETTERS or tokens[0].kind is TokenKind.NUMBER
        if first and kinds & {TokenKind.OPERATOR} and tokens[-1].kind is not TokenKind.OPERATOR:
            return None if ":" in texts else (self.subparse(begin, end),)
        return None

    def _index_like(self, begin: int, end: int) -> bool:
        first = self.tokens[begin]
        if end - begin == 1:
            return self._simple(first) is not None or first.kind is TokenKind.NUMBER
        letters = all(token.kind is TokenKind.LETTER for token in self.tokens[begin:end])
        return not letters and first.kind in (TokenKind.LETTER, TokenKind.NUMBER)

    def _letters(self, begin: int, end: int, label: bool) -> tuple[Term, ...] | None:
        units: list[tuple[int, int]] = []
        for position in range(begin, end):
            if self.tokens[position].kind is TokenKind.PRIME and units:
                units[-1] = (units[-1][0], position + 1)
            else:
                units.append((position, position + 1))
        texts = [self.tokens[first].text for first, _ in units]
        if any(text == "'" for text in texts) or len(units) > 2:
            return None
        indexed = [text in INDEX_LETTERS or text in "MNKD" for text in texts]
        numbers = [text.isdigit() for text in texts]
        if label and not (all(map(max, indexed, numbers)) and any(indexed)):
            return None
        terms = []
        for first, last in units:
            token = self.tokens[first]
            text = token.text + "'" * (last - first - 1)
            kind = Kind.NUMBER if token.kind is TokenKind.NUMBER else Kind.NAME
            place = Span(token.start, self.tokens[last - 1].end)
            terms.append(Term(kind, place, (), text, self.latex[place.start : place.end]))
        return tuple(terms)

    def label(self, begin: int, end: int) -> str:
        """A subscript as letters, digits and underscores, for a plain name."""
        words: list[str] = []
        joined = False
        for token in self.tokens[begin:end]:
            single = token.kind in (TokenKind.LETTER, TokenKind.NUMBER)
            if token.kind is TokenKind.OPERATOR:
                word = {"+": "plus", "-": "minus", "*": "asterisk", "/": "over"}.get(
                    OPERATORS[token.text], ""
                )
            elif token.text == "'":
                word = "prime"
            else:
                word = re.sub(r"[^A-Za-z0-9]+", "_", token.text).strip("_")
            if not word or token.text in FONTS:
                continue
            if words and single and joined:
                words[-1] += word
            else:
                words.append(word)
            joined = single
        return "_".join(words) or "sub"
