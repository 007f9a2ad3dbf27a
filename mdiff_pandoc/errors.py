"""Errors that an author can act on: what is wrong, where it stands, what to write instead."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from msgspec import Struct


class Span(Struct, frozen=True):
    """A half-open range of character offsets ``[start, end)`` in the author's LaTeX."""

    start: int
    end: int

    def join(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class MdiffError(Exception):
    """Base of every error that mdiff reports.

    Attributes: ``message`` (one sentence), ``span`` (place in the source or None), ``hint``
    (what to write instead; by default the ``advice`` of the kind), ``code`` (stable name of the
    kind, for ``mdiff explain``), ``source`` (the text that ``span`` speaks of, when that is one
    of the declarations and not the formula itself).
    """

    code: ClassVar[str] = "error"
    advice: ClassVar[str] = "see mdiff explain for what this kind of error means"

    def __init__(self, message: str, span: Span | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint or self.advice
        self.source: str | None = None

    def at(self, span: Span) -> MdiffError:
        """This error with a place, if it has none yet."""
        if self.span is None:
            self.span = span
        return self

    def show(self, source: str) -> str:
        """The message with the line of ``source`` it speaks of and a caret under the place."""
        lines = [f"error: {self.message} [{self.code}]"]
        if self.span is not None:
            lines += caret(source if self.source is None else self.source, self.span)
        if self.hint:
            lines.append(f"  help: {self.hint}")
        return "\n".join(lines)


def caret(source: str, span: Span, width: int = 76) -> list[str]:
    """Two lines: the part of ``source`` around ``span`` and carets under it."""
    start = max(0, min(span.start, len(source)))
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", start)
    line = source[begin : end if end >= 0 else len(source)].replace("\t", " ")
    column = start - begin
    length = max(1, min(span.end - start, len(line) - column))
    cut = max(0, column - width // 2) if len(line) > width else 0
    shown = line[cut : cut + width]
    prefix = "…" if cut else ""
    suffix = "…" if cut + width < len(line) else ""
    within = column - cut
    before = _columns(shown[:within])
    carets = "^" * max(1, _columns(shown[within : within + length]))
    return [f"  {prefix}{shown}{suffix}", "  " + " " * (len(prefix) + before) + carets]


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: East Asian letters two, accents none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


class ParseError(MdiffError):
    """The LaTeX is not a formula that the reader understands."""

    code = "parse"
    advice = "write a formula in the notation of the notation table"


class UnknownCommandError(ParseError):
    """A command or operator that the reader does not know."""

    code = "unknown-command"


class LimitError(MdiffError):
    """The formula is larger or nested deeper than the reader accepts."""

    code = "too-large"
    advice = "split it into several formulas"


class ShapeError(MdiffError):
    """Shapes that cannot meet: a non-conformable sum or product, or a wrong argument."""

    code = "shape-mismatch"
    advice = "declare the shapes, as in X \\in \\mathbb{R}^{m \\times n}, or change the expression"


class NotSquareError(ShapeError):
    """An inverse, determinant, trace or power of a matrix that is not square."""

    code = "not-square"


class NoProductError(ShapeError):
    """A product of factors that do not meet and that no one multiplies entry by entry."""


class NoEntryError(ShapeError):
    """An index of an entry of a matrix that runs over a dimension of another size."""


class DeclarationError(MdiffError):
    """A declaration that cannot be read, or that contradicts another one."""

    code = "declaration"
    advice = "write it as X \\in \\mathbb{R}^{m \\times n} or as S symmetric"


class UnknownSymbolError(MdiffError):
    """A derivative by a symbol that neither occurs nor is declared."""

    code = "unknown-symbol"
    advice = "define or declare it before"


class UnsupportedError(MdiffError):
    """A well-formed request for which no rule or evaluator exists."""

    code = "unsupported"
    advice = "write the expression without it"


class IndicesError(UnsupportedError):
    """A derivative with more than two indices where a matrix is needed."""


class NotEqualError(MdiffError):
    """Two sides that are asked to be shown equal, and are not."""

    code = "not-equal"
    advice = "correct one of the sides"


class OptionError(MdiffError):
    """An option with an unknown name or a wrong value; ``key`` is its name, if it has one.

    Of an entry of ``symbols``, ``key`` is the name of the symbol.
    """

    code = "option"
    advice = "see the table of options"
    key = ""


class VerificationError(MdiffError):
    """A derivation whose own check failed: a fault of mdiff, to be reported."""

    code = "internal-check"
    advice = "this is a fault of mdiff: please report it with the formula"
