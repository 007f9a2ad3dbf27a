"""Formulas in plain Unicode, for titles and other places where no formula can stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import category

from mdiff_pandoc.patterns import regex

_TOKEN = regex(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\(?:left|right)(?![A-Za-z])\s*\.?|\\[A-Za-z]+\*?|\\.|\s+|.",
    re.S,
)
# commands that HTML calls otherwise, or whose HTML names mean something else
_NAMED = {
    "partial": "∂", "cdot": "·", "circ": "∘", "infty": "∞", "star": "⋆", "ldots": "…",
    "cdots": "…", "dots": "…", "vdots": "⋮", "to": "→", "implies": "⇒", "iff": "⇔", "neg": "¬",
    "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "mid": "|", "coloneqq": ":=",
    "Pr": "Pr", "sup": "sup", "deg": "deg", "quad": " ", "qquad": " ", "oslash": "⊘",
    "epsilon": "ε", "varepsilon": "ε", "top": "⊤", "intercal": "⊤", "backslash": "\\",
}  # fmt: skip
_SIGNS = {r"\|": "‖", r"\{": "{", r"\}": "}", r"\%": "%", r"\_": "_", "~": " ", "&": " "}
_FONTS = frozenset(
    "mathbf mathrm mathsf mathit mathcal mathtt mathfrak boldsymbol bm text textbf textrm textit "
    "textsf operatorname operatorname* mathop mathrel mathbin ensuremath mbox".split()
)
_WORDS = frozenset(("text", "textrm", "mbox"))
_CLOSE = ("^", "_", "(", r"\left(", r"\bigl(", r"\Bigl(")  # follow the name of a function closely
_DROPPED = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle "
    "textstyle limits nolimits nonumber notag".split()
)
_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7",
}  # fmt: skip
_RAISED = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzT⊤′'",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ′′",
        strict=True,
    )
)
_LOWERED = dict(
    zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_SCRIPTS = "".join({*_RAISED.values(), *_LOWERED.values()})
_ONE = regex(rf"\d+(?:\.\d+)?|(?:[∂∇]|d(?=[^\W\d_]))?[^\W\d_][\u0300-\u036f\u20d7{_SCRIPTS}]*|.")
_BRACKETED = regex(r"(?<![\w)])\((\[[^()\[\]]*\])\)")


def readable(text: str) -> str:
    """Text whose formulas between dollars are written in plain Unicode."""
    pieces = text.split("$")
    pieces[1::2] = map(plain_math, pieces[1::2])
    return "".join(pieces)


def plain_math(latex: str) -> str:
    """A formula in plain Unicode: ``\\frac{1}{2} X^\\top \\beta`` as ``1/2 Xᵀ β``.

    A command without a sign of its own leaves its name.
    """
    tokens = _TOKEN.findall(latex)
    text, _ = _row(tokens, 0)
    return _BRACKETED.sub(r"\1", " ".join(text.split())).replace(" ;", ";")


def _row(
    tokens: list[str], at: int, ends: Callable[[str], bool] = lambda _: False
) -> tuple[str, int]:
    """The text up to a token that ``ends`` it, and the place behind that token."""
    parts: list[str] = []
    while at < len(tokens):
        if ends(tokens[at]):
            return "".join(parts), at + 1
        part, at = _one(tokens, at)
        if part[:1].isalpha() and len(parts) > 1 and parts[-1] == " " and _is_greek(parts[-2]):
            parts.pop()  # this space ended a command
        parts.append(part)
    return "".join(parts), at


def _is_greek(part: str) -> bool:
    return (
        len(part) == 1 and not part.isascii() and (category(part) in ("Ll", "Lu") or part in "∂∇")
    )


def _one(tokens: list[str], at: int) -> tuple[str, int]:
    token, at = tokens[at], at + 1
    if token == "{":
        return _row(tokens, at, lambda end: end == "}")
    if token in ("^", "_"):
        script, at = _argument(tokens, at)
        return _script(token, script), at
    if token.startswith(r"\begin"):
        rows, at = _row(tokens, at, lambda end: end.startswith(r"\end"))
        return f"[{' '.join(rows.replace(' ;', ';').split())}]", at
    if token.isspace():
        return " ", at
    if token in _SIGNS:
        return _SIGNS[token], at
    if token.startswith("\\"):
        return _command(token[1:], tokens, at)
    return token.replace("}", ""), at


def _command(name: str, tokens: list[str], at: int) -> tuple[str, int]:
    if not name[:1].isalpha():
        return ("; " if name == "\\" else "" if name == "!" else " "), at
    if name.rstrip(" .\n") in _DROPPED:
        return "", at
    if name in ("frac", "dfrac", "tfrac"):
        over, at = _argument(tokens, at)
        under, at = _argument(tokens, at)
        return f"{_grouped(over)}/{_one_factor(under)}", at
    if name in ("label", "tag", "tag*"):
        return "", _argument(tokens, at)[1]
    if name == "sqrt":
        inside, at = _argument(tokens, at)
        return f"√{_one_factor(inside)}", at
    if name in _ACCENTS:
        inside, at = _argument(tokens, at)
        return inside + (_ACCENTS[name] if len(inside) == 1 else ""), at
    if name in _FONTS:
        words, behind = _argument(tokens, at)
        return _spaced(words, tokens[at:behind]) if name in _WORDS else words, behind
    if name == "mathbb":
        letter, at = _argument(tokens, at)
        return (_entity(f"{letter}opf") or letter), at
    sign = _NAMED.get(name) or _entity(name)
    if sign is None:
        close = at < len(tokens) and tokens[at].startswith(_CLOSE)
        return f" {name}" + " " * (not close), at
    return sign, at


def _argument(tokens: list[str], at: int) -> tuple[str, int]:
    at = _behind_space(tokens, at)
    text, at = _one(tokens, at) if at < len(tokens) else ("", at)
    return text.strip(), at


def _spaced(words: str, tokens: list[str]) -> str:
    """Words with the space that their braces begin and end with."""
    inside = "".join(tokens).strip().removeprefix("{").removesuffix("}").replace("~", " ")
    return " " * inside.startswith(" ") + words + " " * inside.endswith(" ")


def _behind_space(tokens: list[str], at: int) -> int:
    return at + 1 if at < len(tokens) and tokens[at].isspace() else at


def _script(sign: str, script: str) -> str:
    table = _RAISED if sign == "^" else _LOWERED
    close = script.replace(" ", "")
    if all(letter in table for letter in close):
        return "".join(table[letter] for letter in close)
    return sign + _grouped(script)


def _grouped(text: str) -> str:
    """The text in brackets, but for a single name or number."""
    return text if re.fullmatch(r"[∂∇]?[^\W_]+|.", text) else f"({text})"


def _one_factor(text: str) -> str:
    """The text in brackets, but for a single letter or number: what is divided by, all of it."""
    return text if _ONE.fullmatch(text) else f"({text})"


def _entity(name: str) -> str | None:
    """The character that HTML calls by a name."""
    from html.entities import html5

    return html5.get(f"{name};")
