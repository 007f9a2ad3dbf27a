"""The tokens of document LaTeX, each with its place in the author's source.

Spacing, comments, sizes (``\\big``), numbering (``\\tag``, ``\\label``) and style commands are not
tokens. Nothing here knows the grammar, so that looking for requests and declarations stays cheap.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from mdiff_pandoc.errors import LimitError, Span
from mdiff_pandoc.latex.notations import (
    FRACTIONS,
    NORM_MACROS,
    OPERATORS,
    RELATIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    UNICODE,
)
from mdiff_pandoc.patterns import regex

MAX_LENGTH = 20_000


class TokenKind(StrEnum):
    """The kinds of token. The comment gives ``text``."""

    COMMAND = "command"  # with its backslash: \frac, \mathbb, \R
    LETTER = "letter"  # one letter; of a styled Unicode letter, the plain one
    NUMBER = "number"  # digits, perhaps with a point
    WORD = "word"  # the letters of \operatorname{tr}, \mathrm{tr}, \mathsf T, {\rm tr}
    TEXT = "text"  # the content of \text{…}, stripped
    OPEN = "open"  # { ( [ \{ | \| \langle; | and \| only where the author marked the side
    CLOSE = "close"  # } ) ] \} | \| \rangle
    BAR = "bar"  # | || \| whose side is not marked
    BEGIN = "begin"  # name of the environment
    END = "end"
    SUP = "sup"
    SUB = "sub"
    PRIME = "prime"  # one ' a token
    OPERATOR = "operator"  # a key of notations.OPERATORS
    RELATION = "relation"  # = \in \le …
    AMP = "amp"
    NEWLINE = "newline"  # \\
    PUNCT = "punct"  # , ; . ? !
    OTHER = "other"  # any other character


class Token(Struct, frozen=True):
    """A token: kind, normalised text, and its place ``[start, end)`` in the source."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The place as a Span."""
        return Span(self.start, self.end)


_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
_DELIMITER = r"(?:\\[A-Za-z]+|\\[^A-Za-z\s]|[^\\\s])"
_MASTER = regex(
    rf"""
    (?P<skip>\s+|%[^\n]*(?:\n|$)|\\[,;:!>\s/]|~
      |\\(?:quad|qquad|enspace|thinspace|medspace|thickspace|negthinspace|displaystyle|textstyle
        |scriptstyle|scriptscriptstyle|limits|nolimits|displaylimits|notag|nonumber|hfill|hfil
        |centering|allowbreak|nobreak|noindent|null|strut|mathstrut|rule|hline|middle|space
        |(?:[bB]igg?m?))(?![A-Za-z])
      |\\(?:tag|label|hspace|vspace|phantom|hphantom|vphantom|color|intertext|shortintertext
        |vadjust|mbox\s*\{{\s*\}}|kern|mkern|mskip|hskip)(?![A-Za-z])\*?\s*
        (?:{_BRACES}|-?[\d.]+\s*(?:pt|em|ex|mu|mm|cm|in))?)
  | (?P<word>\\operatorname\*?\s*\{{\s*(?P<opname>[A-Za-z][A-Za-z\s\\,;!-]*)\}}
      |\\(?:mathop|operatorname\*?)\s*\{{\s*\\(?:mathrm|rm|text|operatorname)\s*\{{?\s*(?P<mathop>[A-Za-z]+)\s*\}}?\s*\}}
      |\\(?:mathrm|mathsf|mathup|symup)\s*(?:\{{\s*(?P<roman>[A-Za-z][A-Za-z\s]*)\}}
        |(?<=[a-z])\s+(?P<letter>[A-Za-z]))
      |\{{\s*\\(?:rm|sf)(?![A-Za-z])\s*(?P<rm>[A-Za-z]+)\s*\}})
  | (?P<text>\\(?:text|textrm|textit|textsf|textnormal|textup|textbf|mbox|hbox)\s*
      \{{(?P<content>(?:[^{{}}]|\{{[^{{}}]*\}})*)\}})
  | \{{\s*\\(?P<declared>bf|rm|it|sf|cal|tt|boldmath|mit)(?![A-Za-z])
  | \\(?P<side>left|right|mleft|mright|[bB]igg?[lr])(?![A-Za-z])\s*(?P<sided>{_DELIMITER})
  | \\(?P<env>begin|end)\s*\{{\s*(?P<name>[A-Za-z]+\*?)\s*\}}
  | \\(?:stackrel|overset|underset)\s*{_BRACES}\s*
      (?:\{{\s*(?P<decorated>=|<|>|:=|\\[A-Za-z]+)\s*\}}|(?P<undressed>=|<|>))
  | (?P<newline>\\\\\*?(?:[ \t]*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|\\[a-z]+)\s*\])?|\\cr\b)
  | (?P<command>\\(?:[A-Za-z]+\*?|[^A-Za-z]|$))
  | (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<relation>:=|=:|[=<>])
  | (?P<bar>\|\||\|)
  | (?P<dots>\.\.\.)
  | (?P<scripted>[{"".join(SUPERSCRIPTS)}]+|[{"".join(SUBSCRIPTS)}]+)
  | (?P<character>.)
    """,
    re.VERBOSE | re.DOTALL,
)

_SINGLE = {
    "{": TokenKind.OPEN,
    "(": TokenKind.OPEN,
    "[": TokenKind.OPEN,
    "}": TokenKind.CLOSE,
    ")": TokenKind.CLOSE,
    "]": TokenKind.CLOSE,
    "^": TokenKind.SUP,
    "_": TokenKind.SUB,
    "'": TokenKind.PRIME,
    "&": TokenKind.AMP,
    ",": TokenKind.PUNCT,
    ";": TokenKind.PUNCT,
    ".": TokenKind.PUNCT,
    "?": TokenKind.PUNCT,
    "!": TokenKind.PUNCT,
}
_COMMANDS = {
    "\\{": (TokenKind.OPEN, "\\{"),
    "\\lbrace": (TokenKind.OPEN, "\\{"),
    "\\}": (TokenKind.CLOSE, "\\}"),
    "\\rbrace": (TokenKind.CLOSE, "\\}"),
    "\\lbrack": (TokenKind.OPEN, "["),
    "\\rbrack": (TokenKind.CLOSE, "]"),
    "\\lgroup": (TokenKind.OPEN, "("),
    "\\rgroup": (TokenKind.CLOSE, ")"),
    "\\langle": (TokenKind.OPEN, "\\langle"),
    "\\rangle": (TokenKind.CLOSE, "\\rangle"),
    "\\lvert": (TokenKind.OPEN, "|"),
    "\\rvert": (TokenKind.CLOSE, "|"),
    "\\lVert": (TokenKind.OPEN, "\\|"),
    "\\rVert": (TokenKind.CLOSE, "\\|"),
    "\\vert": (TokenKind.BAR, "|"),
    "\\|": (TokenKind.BAR, "\\|"),
    "\\Vert": (TokenKind.BAR, "\\|"),
    "\\prime": (TokenKind.PRIME, "'"),
    "\\newline": (TokenKind.NEWLINE, "\\\\"),
    "\\ldotp": (TokenKind.PUNCT, "."),
    "\\lt": (TokenKind.RELATION, "<"),
    "\\gt": (TokenKind.RELATION, ">"),
    "\\minus": (TokenKind.OPERATOR, "-"),
    "\\_": (TokenKind.OTHER, "_"),
}
_SIDED = {
    "(": "(",
    ")": ")",
    "[": "[",
    "]": "]",
    "|": "|",
    "<": "\\langle",
    ">": "\\rangle",
    ".": ".",
    "/": "/",
}
_DECLARED = {
    "bf": "\\mathbf",
    "boldmath": "\\boldsymbol",
    "cal": "\\mathcal",
    "tt": "\\mathtt",
}
CLOSING = {"{": "}", "(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "|": "|"}
CLOSING |= {"\\|": "\\|", "||": "||", "\\begin": "\\end"}


def tokenize(latex: str) -> list[Token]:
    """The tokens of a formula.

    Raises LimitError for a formula of more than `MAX_LENGTH` characters, and nothing else: what
    is not LaTeX comes as a token of kind OTHER.
    """
    if len(latex) > MAX_LENGTH:
        raise LimitError(
            f"the formula has {len(latex)} characters; mdiff reads up to {MAX_LENGTH}",
            Span(0, len(latex)),
            "split it into several formulas",
        )
    tokens: list[Token] = []
    for match in _MASTER.finditer(latex):
        group = match.lastgroup
        if group == "skip":
            continue
        start, end = match.span()
        if group == "number" and end - start > 1 and tokens and _takes_digit(tokens[-1]):
            first = start + 1  # TeX takes one digit: x^12 is x^1 2
            tokens.append(Token(TokenKind.NUMBER, latex[start:first], start, first))
            start = first
        tokens.extend(_token(match, group or "", start, end))
    return tokens


def _takes_digit(token: Token) -> bool:
    return token.kind in (TokenKind.SUP, TokenKind.SUB) or token.text in FRACTIONS


def _token(match: re.Match[str], group: str, start: int, end: int) -> Iterator[Token]:
    text = match.string[start:end]
    match group:
        case "character":
            yield _character(text, start, end)
        case "command":
            yield command_token(text, start, end)
        case "number":
            yield Token(TokenKind.NUMBER, text, start, end)
        case "relation":
            yield Token(TokenKind.RELATION, text, start, end)
        case "bar":
            yield Token(TokenKind.BAR, text, start, end)
        case "newline":
            yield Token(TokenKind.NEWLINE, "\\\\", start, end)
        case "word":
            names = (match[name] for name in ("opname", "mathop", "roman", "letter", "rm"))
            word = next(name for name in names if name is not None)
            yield Token(TokenKind.WORD, re.sub(r"\\.|[^A-Za-z]", "", word), start, end)
        case "text":
            content = match["content"].replace("$", "").strip(" \t\n~")
            if any(char.isalnum() for char in content):
                yield Token(TokenKind.TEXT, content, start, end)
        case "sided":
            yield from _sided(match, start, end)
        case "name":
            kind = TokenKind.BEGIN if match["env"] == "begin" else TokenKind.END
            yield Token(kind, match["name"], start, end)
        case "declared":
            font = _DECLARED.get(match["declared"], "\\mathit")
            yield Token(TokenKind.COMMAND, font, start, end)
            yield Token(TokenKind.OPEN, "{", start, start + 1)
        case "decorated" | "undressed":
            yield Token(TokenKind.RELATION, match[group], start, end)
        case "dots":
            yield Token(TokenKind.COMMAND, "\\dots", start, end)
        case _:
            yield from _unicode_script(text, start, end)


def command_token(text: str, start: int, end: int) -> Token:
    """The token of a command, by what it stands for."""
    if text[-1] == "*" and text[:-1] not in NORM_MACROS:
        text = text[:-1] + "*"
    if text in _COMMANDS:
        kind, name = _COMMANDS[text]
        return Token(kind, name, start, end)
    if text in OPERATORS:
        return Token(TokenKind.OPERATOR, text, start, end)
    if text in RELATIONS:
        return Token(TokenKind.RELATION, text, start, end)
    return Token(TokenKind.COMMAND, text, start, end)


def _character(char: str, start: int, end: int) -> Token:
    if char in _SINGLE:
        return Token(_SINGLE[char], char, start, end)
    if char in OPERATORS:
        return Token(TokenKind.OPERATOR, char, start, end)
    if char.isascii():
        kind = TokenKind.LETTER if char.isalpha() else TokenKind.OTHER
        return Token(kind, char, start, end)
    plain = UNICODE.get(char)
    if plain is not None:
        if plain[0] == "\\":
            return command_token(plain, start, end)
        if plain == ":=":
            return Token(TokenKind.RELATION, plain, start, end)
        return _character(plain, start, end)
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1 and plain.isascii() and plain.isalpha():
        return Token(TokenKind.LETTER, plain, start, end)
    return Token(TokenKind.OTHER, char, start, end)


def _sided(match: re.Match[str], start: int, end: int) -> Iterator[Token]:
    delimiter = match["sided"]
    left = match["side"] in ("left", "mleft") or match["side"][-1] == "l"
    text = _SIDED.get(delimiter, "")
    if not text and delimiter in _COMMANDS:
        text = _COMMANDS[delimiter][1]
    elif not text:
        text = UNICODE.get(delimiter, delimiter)
    if left and text not in CLOSING and text != "." and text in CLOSING.values():
        left = False
    yield Token(TokenKind.OPEN if left else TokenKind.CLOSE, text, start, end)


def _unicode_script(text: str, start: int, end: int) -> Iterator[Token]:
    superscript = text[0] in SUPERSCRIPTS
    table = SUPERSCRIPTS if superscript else SUBSCRIPTS
    yield Token(TokenKind.SUP if superscript else TokenKind.SUB, text, start, start)
    yield Token(TokenKind.OPEN, "{", start, start)
    for offset, char in enumerate(text, start):
        plain = table[char]
        if plain.isdigit():
            yield Token(TokenKind.NUMBER, plain, offset, offset + 1)
        else:
            yield _character(plain, offset, offset + 1)
    yield Token(TokenKind.CLOSE, "}", end, end)
