"""Prints what a code in a message means: one page for a terminal, or all of them in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill, indent

from msgspec import Struct

_WIDTH = 80
_PAGE = """# What messages mean

A message ends with its code, in brackets. `mdiff explain parse` prints the part of this page on the
code `parse`.
"""


class Explanation(Struct, frozen=True):
    """A page about one code.

    ``example`` is a document that gives the message, ``mended`` one that does not; in another
    ``language`` than Markdown they are what is typed. Texts are Markdown.
    """

    summary: str
    meaning: str
    remedy: str
    example: str = ""
    mended: str = ""
    language: str = "markdown"

    def page(self, code: str) -> str:
        """The page as plain text."""
        parts = [f"{code}: {self.summary}", _filled(self.meaning)]
        parts.append(_filled(f"What to do: {self.remedy}"))
        if self.example:
            parts.append(f"Example:\n{indent(self.example, '  ')}")
        if self.mended:
            parts.append(f"Write instead:\n{indent(self.mended, '  ')}")
        return "\n\n".join(parts)

    def section(self, code: str) -> str:
        """The page as a section in Markdown."""
        summary = f"*{self.summary[0].upper()}{self.summary[1:]}.*"
        parts = [f"## {code}", summary, _filled(self.meaning)]
        parts.append(_filled(f"What to do: {self.remedy}"))
        if self.example:
            parts.append(self._fenced(self.example))
        if self.mended:
            parts.append(f"Write instead:\n\n{self._fenced(self.mended)}")
        return "\n\n".join(parts)

    def _fenced(self, text: str) -> str:
        return f"````{self.language}\n{text}\n````"


def errors_page(explanations: Mapping[str, Explanation]) -> str:
    """All pages as one document in Markdown."""
    sections = [explanation.section(code) for code, explanation in explanations.items()]
    return "\n\n".join([_PAGE.rstrip(), *sections]) + "\n"


def _filled(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
