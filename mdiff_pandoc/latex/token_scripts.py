"""Superscripts, subscripts and primes: what stands after a base, and what each one means."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.errors import ParseError, Span
from mdiff_pandoc.latex.grammar import Builder
from mdiff_pandoc.latex.notations import FONTS
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.token_names import Names
from mdiff_pandoc.latex.tokens import TokenKind

_TRANSPOSES = frozenset(["T", "\\top", "\\intercal", "\\mathsf{T}", "\\transp", "\\tp"])
_STARS = frozenset(["*", "\\ast", "\\star"])
_ELEMENTWISE = frozenset(["\\odot", "\\circ"])


class Range(Struct, frozen=True):
    """Tokens ``[begin, end)`` of a script; ``sign`` is the index of its caret or underscore."""

    sign: int
    begin: int
    end: int
    after: int


class Scripts(Struct):
    """The scripts after a base, and the index of the token after them.

    ``late_primes``: the primes stand behind the subscript.
    """

    next: int
    primes: int = 0
    late_primes: bool = False
    sup: Range | None = None
    sub: Range | None = None
    sup_first: bool = False


def read_scripts(names: Names, index: int, end: int) -> Scripts:
    """The scripts that begin at ``index``. Raises ParseError for two of one kind."""
    tokens = names.tokens
    scripts = Scripts(index)
    while scripts.next < end:
        token = tokens[scripts.next]
        if token.kind is TokenKind.PRIME:
            scripts.late_primes = scripts.late_primes or scripts.sub is not None
            scripts.primes += 1
            scripts.next += 1
            if scripts.primes > 3:
                raise ParseError("more than three primes", token.span, "take some out")
            continue
        if token.kind not in (TokenKind.SUP, TokenKind.SUB):
            break
        part = Range(scripts.next, *names.argument(scripts.next, scripts.next + 1))
        superscript = token.kind is TokenKind.SUP
        texts = [found.text for found in tokens[part.begin : part.end]]
        if superscript and texts and set(texts) <= {"'"}:
            scripts.primes += len(texts)
        elif (scripts.sup if superscript else scripts.sub) is not None:
            what = "superscripts" if superscript else "subscripts"
            place = Span(token.start, tokens[part.after - 1].end)
            raise ParseError(f"two {what} on one base", place, "put braces round the base")
        elif superscript:
            scripts.sup, scripts.sup_first = part, scripts.sub is None
        else:
            scripts.sub = part
        scripts.next = part.after
    return scripts


class Superscript(Struct, frozen=True):
    """What a superscript means.

    ``postfix`` builds a transpose or inverse; otherwise the tokens ``[begin, end)`` are an
    exponent and ``power`` builds the term. ``star`` and ``bracket`` are parts of a name.
    """

    begin: int
    end: int
    kind: Kind = Kind.POWER
    power: Builder | None = None
    star: bool = False
    bracket: bool = False

    def postfix(self, latex: str) -> Builder:
        """The builder of a transpose or inverse; ``latex`` is the superscript as written."""
        return scripted(self.kind, latex)


def scripted(kind: Kind, latex: str, text: str = "") -> Builder:
    """A builder that puts a transpose or inverse on a term."""
    return lambda args, span: Term(kind, span, tuple(args), text, latex)


def _power(args: list[Term], span: Span) -> Term:
    return Term(Kind.POWER, span, tuple(args))


def _elementwise(args: list[Term], span: Span) -> Term:
    return Term(Kind.APPLY, span, tuple(args), "hpower")


def exponential(written: str) -> Builder:
    """A builder for a power of e."""
    return lambda args, span: Term(Kind.APPLY, span, (args[1],), "exp", written)


def classify(names: Names, part: Range) -> Superscript:
    """The meaning of a superscript."""
    tokens = names.tokens[part.begin : part.end]
    texts = [t.text for t in tokens if t.text not in FONTS and t.text not in ("{", "}")]
    transposes = [text in _TRANSPOSES for text in texts]
    rest = [text for text, is_transpose in zip(texts, transposes, strict=True) if not is_transpose]
    if any(transposes) and transposes.count(True) == 1:
        if not rest:
            return Superscript(part.begin, part.end, Kind.TRANSPOSE)
        if rest in (["-"], ["-", "1"]):
            return Superscript(part.begin, part.end, Kind.INVERSE_TRANSPOSE)
    if texts == ["-", "1"]:
        return Superscript(part.begin, part.end, Kind.INVERSE)
    if texts in (["+"], ["\\dagger"]):
        return Superscript(part.begin, part.end, Kind.PSEUDO_INVERSE)
    if texts and texts[0] in _ELEMENTWISE and len(texts) > 1:
        return Superscript(part.begin + 1, part.end, power=_elementwise)
    if len(texts) == 1 and texts[0] in _STARS:
        return Superscript(part.begin, part.end, star=True)
    bracketed = bool(tokens) and tokens[0].text in ("(", "[")
    if bracketed and names.closing.get(part.begin) == part.end - 1:
        return Superscript(part.begin + 1, part.end - 1, power=_power, bracket=True)
    return Superscript(part.begin, part.end, power=_power)


def superscript_latex(names: Names, part: Range) -> str:
    """A superscript without its caret, and without braces that do nothing."""
    if part.end == part.begin + 1:
        single = names.written(part.begin, part.end)
        if len(single) == 1 or (single[0] == "\\" and single[1:].isalpha()):
            return single
    return names.written(part.sign + 1, part.after)
