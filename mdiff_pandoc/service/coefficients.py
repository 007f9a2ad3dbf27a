"""Capital letters that may stand for numbers, as C does in the loss of a support vector machine."""

from __future__ import annotations

from collections.abc import Iterable

from mdiff_pandoc.patterns import regex

__all__ = ["coefficients"]

_SIGN = regex(r"\\[A-Za-z]+|[A-Z]")
_OF_MATRICES = regex(
    r"\s*\}*\s*(?:\^\s*\{?\s*(?:-|T\b|\\top|\\mathsf|\\intercal|\\prime|\\mathrm|\\text|\\odot)|_|')"
)
_DIFFERENTIATED = regex(
    r"(?:\\nabla\s*_\s*\{?|\\partial|∂|∇\s*_?\s*\{?|(?<![A-Za-z\\])d)\s*\{?\s*(\\[A-Za-z]+|[A-Z])"
)


def coefficients(text: str, facts: Iterable[str]) -> tuple[str, ...]:
    """The capital letters of a formula that nothing says to be matrices.

    Such are neither in the ``facts``, nor transposed, inverted or indexed, nor what the derivative
    is taken by.
    """
    told = {found[0] for fact in facts for found in _SIGN.finditer(fact)}
    told |= {found[1] for found in _DIFFERENTIATED.finditer(text)}
    told |= {f[0] for f in _SIGN.finditer(text) if _OF_MATRICES.match(text, f.end())}
    letters = dict.fromkeys(found[0] for found in _SIGN.finditer(text))
    return tuple(letter for letter in letters if letter not in told and len(letter) == 1)
