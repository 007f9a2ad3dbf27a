r"""Conditions on two indices, such as :math:`i \ne j`, as a formula or a sentence states them."""

from __future__ import annotations

from collections.abc import Iterable

from mdiff_pandoc.patterns import regex

# two indices, and whether they are equal
Tie = tuple[str, str, bool]

_LETTER = "[ijklrs]"  # m, n, p, q may be sizes, and others quantities
_TIE = regex(
    rf"(?<![A-Za-z0-9_{{^\\=])({_LETTER})\s*(=|≠|\\neq?(?![A-Za-z])|\\not\s*=)\s*({_LETTER})"
    r"(?!\s*[A-Za-z0-9_({^'+\-=])"
)


def tie(text: str) -> Tie | None:
    """The condition that a formula, or a fact made of it, consists of, if it is one."""
    found = _TIE.fullmatch(text.removeprefix("let ").strip(" .,;:()\n"))
    return None if found is None else (found[1], found[3], found[2] == "=")


def ties(latex: str, spoken: Iterable[str] = ()) -> tuple[Tie, ...]:
    """The conditions in a formula; where there are none, those among the texts ``spoken``.

    Where there are several, each may be meant.
    """
    here = tuple((one, other, sign == "=") for one, sign, other in _TIE.findall(latex))
    found = here or tuple(told for told in map(tie, spoken) if told is not None)
    return tuple(dict.fromkeys(found))
