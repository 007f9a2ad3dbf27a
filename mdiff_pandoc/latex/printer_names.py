"""Names, indices and dimensions in LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.expr import ONE, Dim, Index, Shape
from mdiff_pandoc.latex.notations import ACCENTS, GREEK, LETTER_COMMANDS, PREFIX_FONTS
from mdiff_pandoc.patterns import regex

_PREFIXES = [*ACCENTS.items(), *PREFIX_FONTS.items()]
MARKS = {prefix.rstrip("_"): command for command, prefix in reversed(_PREFIXES)}
HEADS = {
    "trace": r"\operatorname{tr}",
    "det": r"\det",
    "diag": r"\operatorname{diag}",
    "vec": r"\operatorname{vec}",
    "hadamard": r"\odot",
    "kron": r"\otimes",
    "identity": "I",
    "ones": r"\mathbf{1}",
    "zero": "0",
    "basis": "e",
    "delta": r"\delta",
    "differential": "d",
    "partial": r"\partial",
    "softmax": r"\operatorname{softmax}",
    "logsumexp": r"\operatorname{logsumexp}",
    "adj": r"\operatorname{adj}",
    "pseudo_inverse": "+",
    "eigenvalue": r"\lambda",
    "eigenvector": "v",
    "left_singular_vector": "u",
    "right_singular_vector": "v",
    "expectation": r"\mathbb{E}_",
    "commutation": "K",
}
_BM = regex(r"\\bm(?![A-Za-z])")


def portable(latex: str) -> str:
    """The author's LaTeX without ``\\bm``, which needs a package that a writer may not load."""
    return _BM.sub(r"\\boldsymbol", latex) if r"\bm" in latex else latex


def name_latex(name: str) -> str:
    """The usual LaTeX of a plain name: ``Sigma_1`` is ``\\Sigma_{1}``, ``hat_y`` ``\\hat{y}``."""
    head, *rest = [part for part in name.split("_") if part] or [name]
    marks = []
    while head in MARKS and rest:
        marks.append(MARKS[head])
        head, *rest = rest
    base = _base(head)
    for mark in reversed(marks):
        base = f"{mark}{{{base}}}"
    if rest == ["star"]:
        return base + "^{*}"
    return f"{base}_{{{','.join(map(_label, rest))}}}" if rest else base


def _base(word: str) -> str:
    if f"\\{word}" in GREEK or f"\\{word}" in LETTER_COMMANDS:
        return f"\\{word}"
    return rf"\mathrm{{{word}}}" if len(word) > 1 and word.isalpha() else word


def _label(word: str) -> str:
    if f"\\{word}" in GREEK or f"\\{word}" in LETTER_COMMANDS:
        return f"\\{word}"
    return rf"\text{{{word}}}" if len(word) > 2 and word.isalpha() else word


def indices_latex(indices: Sequence[Index]) -> str:
    """Letters side by side, ``ij``; numbers and longer indices with commas, ``1,2``."""
    texts = [str(i) if isinstance(i, int) else name_latex(i) for i in indices]
    return ("" if all(len(text) == 1 and text.isalpha() for text in texts) else ",").join(texts)


def monomials_latex(dim: Dim) -> list[tuple[bool, str]]:
    """The terms of a dimension, highest degree first: is it negative, and its absolute value."""
    parts: list[tuple[bool, str]] = []
    for names, coefficient in sorted(dim.terms, key=lambda term: (-len(term[0]), term[0])):
        factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not names else []
        for name in dict.fromkeys(names):
            base, count = name_latex(name.lstrip("?")), names.count(name)
            factors.append(base if count == 1 else f"{base}^{{{count}}}")
        parts.append((coefficient < 0, " ".join(factors)))
    return parts or [(False, "0")]


def dim_latex(dim: Dim) -> str:
    """A dimension: ``m``, ``m n``, ``n + 1``."""
    return signed_sum(monomials_latex(dim))


def space_latex(shape: Shape) -> str:
    """The space that matrices of a shape make up: ``\\mathbb{R}^{m \\times n}``."""
    rows, columns = shape
    texts = [dim_latex(dim) for dim in shape]
    if columns == ONE:
        size = "" if rows == ONE else texts[0]
    else:
        sides = zip(texts, shape, strict=True)
        size = r" \times ".join(f"({t})" if len(d.terms) > 1 else t for t, d in sides)
    return r"\mathbb{R}" + (f"^{{{size}}}" if len(size) > 1 else f"^{size}" if size else "")


def signed_sum(terms: Sequence[tuple[bool, str]]) -> str:
    """Terms joined by their signs, ``a - b``; each with whether it is subtracted."""
    (negative, text), *rest = terms
    parts = ["-" + text if negative else text]
    for subtracted, term in rest:
        parts.append(" - " if subtracted else " + ")
        parts.append(term)
    return "".join(parts)
