"""Lines of text as a source has them: inlines of pandoc in Markdown or LaTeX."""

from __future__ import annotations

from collections.abc import Iterable

import panflute as pf
from msgspec import Struct

from mdiff_pandoc.patterns import regex

_MARKDOWN = regex(r"([\\`*_\[\]<>#|$~^])")
_LATEX = regex(r"[\\{}$&#%_~^]")
_NAMES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_BAR = regex(r"\\\||(?<!\\)\|")
_TAG = regex(r"<(?=[A-Za-z/!?])")
_SPACES = (pf.Space, pf.SoftBreak, pf.LineBreak)


def without_bars(latex: str) -> str:
    """LaTeX without the sign that parts the cells of a table."""
    return _BAR.sub(lambda match: r"\Vert " if match[0] == r"\|" else r"\vert ", latex)


def calm(latex: str, *, bars: bool) -> str:
    """A formula that Markdown takes for nothing else; without bars, where these are not taken."""
    latex = _TAG.sub("< ", latex).replace("{{", "{ {")  # two open a tag of Jekyll's
    return latex if bars else without_bars(latex)


class Sentences(Struct, frozen=True):
    """Writes text, formulas between the given delimiters."""

    tex: bool
    opening: str
    closing: str
    bars: bool = True

    def text(self, inlines: Iterable[pf.Element]) -> str:
        """A paragraph on one line."""
        return "".join(map(self._inline, inlines)).strip()

    def _inline(self, inline: pf.Element) -> str:
        if isinstance(inline, pf.Math):
            latex = " ".join(inline.text.split())
            latex = latex if self.tex else calm(latex, bars=self.bars)
            return f"{self.opening}{latex}{self.closing}"
        if isinstance(inline, _SPACES):
            return " "
        if isinstance(inline, pf.Link):
            inner = self.text(inline.content)
            return rf"\href{{{inline.url}}}{{{inner}}}" if self.tex else f"[{inner}]({inline.url})"
        if hasattr(inline, "content"):
            return self.text(inline.content)
        return self._escaped(getattr(inline, "text", ""))

    def _escaped(self, text: str) -> str:
        if not self.tex:
            return _MARKDOWN.sub(r"\\\1", text)
        return _LATEX.sub(lambda match: _NAMES.get(match[0], "\\" + match[0]), text)
