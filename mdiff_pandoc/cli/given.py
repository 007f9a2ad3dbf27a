"""What a statement on a generated page asks of its symbols, in words that mdiff itself reads."""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.expr import Expr, Meta, Op, Symbol, walk
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.printer_names import name_latex, space_latex
from mdiff_pandoc.patterns import regex

_WORDS = {
    "skew": "is skew-symmetric",
    "unit": "is a unit vector",
    "positive": "has positive entries",
    "constant": "is constant",
}
_TOLD = regex(r"(?P<names>[^ ]+(?:, [^ ]+)*) (?P<word>symmetric|diagonal|constant)")


def given(*sides: Expr) -> str:
    r"""The shapes, properties and definitions of all symbols: ``$A \in \mathbb{R}^{m \times n}$``.

    Symbols of one shape are told together. Empty where there is no symbol.
    """
    spaces: dict[str, dict[str, None]] = {}
    words: dict[str, None] = {}
    names: dict[str, None] = {}
    for node in (node for side in sides for node in walk(side)):
        if node.op is Op.NAMED:
            names[f"${name_latex(str(node.data))} = {print_latex(node.args[0])}$"] = None
        if node.op is Op.APPLY and all(arg.op is Op.SYMBOL for arg in node.args):
            spaces.setdefault(space_latex(node.shape), {})[print_latex(node)] = None
        if isinstance(node.data, Meta | Symbol):
            latex = print_latex(node)
            spaces.setdefault(space_latex(node.shape), {})[latex] = None
            words.update(dict.fromkeys(f"${latex}$ {word}" for word in _words(node)))
    members = [rf"${', '.join(found)} \in {space}$" for space, found in spaces.items()]
    return ", ".join((*members, *words, *names))


def _words(node: Expr) -> list[str]:
    assert isinstance(node.data, Meta | Symbol)
    found = node.data.requires if isinstance(node.data, Meta) else node.data.assumptions
    square = node.shape[0] == node.shape[1]
    told = []
    for word in sorted(found):
        if word == "orthogonal" and not square:
            told.append("has orthonormal columns")
        elif word == "positive" and node.is_scalar:
            told.append("is positive")
        else:
            told.append(_WORDS.get(word, f"is {word}"))
    return told


def declared(declarations: Sequence[str]) -> str:
    """Declarations of a request as such a text."""
    parts = []
    for text in filter(None, declarations):
        found = _TOLD.fullmatch(text)
        if found is None:
            parts.append(f"${text}$")
        else:
            parts += [f"${name}$ is {found['word']}" for name in found["names"].split(", ")]
    return ", ".join(parts)
