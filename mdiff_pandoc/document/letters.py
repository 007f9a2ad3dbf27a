r"""Patterns in which one letter may be a command, as :math:`\alpha` is.

A pattern that names all the commands wherever a letter may stand takes longer to compile than a
derivation to find. So each command is put in code before a text is looked at: a character of its
own, and as many that fill it up, so that all places stay what they are.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, cast

from mdiff_pandoc.patterns import regex

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi "
    "pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta "
    "Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
).split()
_FIRST, _FILLER = 0xF0001, chr(0xF0000)  # characters that no text has
_CODES = {name: chr(_FIRST + place) for place, name in enumerate(GREEK)}
_COMMAND = regex(rf"\\({'|'.join(GREEK)})(?![A-Za-z])")
LETTER = rf"(?:[A-Za-z]|[{chr(_FIRST)}-{chr(_FIRST + len(GREEK) - 1)}]{_FILLER}*)"

DRESS = r"\\(?:mathbf|boldsymbol|bm|pmb|vec|hat|tilde|bar|mathcal|mathsf|mathrm|mathit)"


def lettered(source: str, flags: int = 0) -> re.Pattern[str]:
    """Like ``regex``, for a ``source`` with ``LETTER`` in it.

    It searches, matches, finds and substitutes in texts as they were written; what it finds has
    groups and places. As a replacement it takes a function, or text as it is.
    """
    return cast("re.Pattern[str]", _Lettered(source, flags))


class _Lettered:
    def __init__(self, source: str, flags: int) -> None:
        self._pattern = regex(source, flags)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> _Match | None:
        return _match(self._pattern.search(_coded(text), start, end), text)

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> _Match | None:
        return _match(self._pattern.match(_coded(text), start, end), text)

    def fullmatch(self, text: str, start: int = 0, end: int = sys.maxsize) -> _Match | None:
        return _match(self._pattern.fullmatch(_coded(text), start, end), text)

    def finditer(self, text: str) -> Iterator[_Match]:
        for found in self._pattern.finditer(_coded(text)):
            yield _Match(found, text)

    def findall(self, text: str) -> list[str | None]:
        """All that is found, each as a whole."""
        return [found[0] for found in self.finditer(text)]

    def sub(self, new: str | Callable[[Any], str], text: str) -> str:
        parts: list[str] = []
        last = 0
        for found in self.finditer(text):
            parts += text[last : found.start()], new if isinstance(new, str) else new(found)
            last = found.end()
        return "".join((*parts, text[last:]))


class _Match:
    """What was found in the text as it was written."""

    def __init__(self, found: re.Match[str], text: str) -> None:
        self._found, self._text = found, text
        self.start, self.end, self.span = found.start, found.end, found.span

    def __getitem__(self, group: int | str) -> str | None:
        start, end = self._found.span(group)
        return None if start < 0 else self._text[start:end]


def _match(found: re.Match[str] | None, text: str) -> _Match | None:
    return None if found is None else _Match(found, text)


@lru_cache(maxsize=1024)
def _coded(text: str) -> str:
    return _COMMAND.sub(_code, text) if "\\" in text else text


def _code(command: re.Match[str]) -> str:
    return _CODES[command[1]] + _FILLER * len(command[1])
