"""Marks behind formulas that were checked: ✓, or ✗ with the reason in a note."""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from mdiff_pandoc.document.explanation import explanation
from mdiff_pandoc.document.formats import LATEX_WRITERS, WEB
from mdiff_pandoc.document.formula import NUMBERED, without_comments
from mdiff_pandoc.document.plain_math import readable
from mdiff_pandoc.document.untouched import untouched_run
from mdiff_pandoc.document.words import Words, prose
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.claim import Claim

# a cross in a row is known by the two spaces before it, in MathML, MathJax and KaTeX
STYLE = """<style>
.mdiff-checked { display: flex; align-items: center; }
.mdiff-checked > :first-child { flex: 1; min-width: 0; overflow: auto hidden; padding: 0.3em 0; }
.mdiff-mark { margin-left: 0.2em; font-weight: bold; }
.mdiff-mark.mdiff-verified { color: #1b7f37; }
.mdiff-mark.mdiff-refuted { color: #c1121f; cursor: help; }
.mdiff-checked > .mdiff-in-rows { position: absolute; clip-path: inset(50%); }
.mdiff-checked mspace + mspace + mtext[mathvariant="sans-serif"],
.mdiff-checked mjx-mstyle + mjx-mstyle + .mjx-ss, .mdiff-checked .mspace + .mspace + .mord.text {
  color: #c1121f; cursor: help; }
@media print { .mdiff-checked > :first-child { overflow: visible; } }
</style>"""
MACROS = r"""\providecommand{\mdiffcross}{{\ifdefined\color\color{red}\fi\boldsymbol{\times}}}
\providecommand{\mdiffnote}[1]{\footnote{#1}}
% in front of a display formula, and the cross in it
\providecommand{\mdiffnotebelow}[1]{\stepcounter{footnote}\footnotetext{#1}%
  \ifvmode\nopagebreak\fi}
\providecommand{\mdiffcrossnote}{\mdiffcross^{\thefootnote}}"""
_TEXT_WRITERS = ("plain", "ansi")
_SIGNS = {"verified": "✓", "refuted": "✗"}
_TEX_SIGNS = {"verified": r"\checkmark", "refuted": r"\text{✗}"}
_LATEX_SIGNS = {"verified": r"\checkmark", "refuted": r"\mdiffcross"}
_WEB_CROSS = r"\;\textsf{✗}"
_LATEX_CROSS_WITH_NOTE = r"\mdiffcrossnote"
_TAILS = tuple(
    rf" \quad {sign}"
    for sign in (
        _LATEX_CROSS_WITH_NOTE,
        _WEB_CROSS,
        *dict.fromkeys((*_TEX_SIGNS.values(), *_LATEX_SIGNS.values())),
    )
)
# what ends a display formula and is none of its sides: numbers, labels, the end of its environment
_END = regex(
    r"(?:\s|\\\\(?:\s*\[[^\]]*\])?|\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"
    r"|\\q?quad(?:\\q?quad|\s)*\(\d+\w?\)[\s.]*"
    rf"|\\end\s*\{{(?:{'|'.join(sorted(NUMBERED))}|displaymath|math)\*?\}})*\Z"
)
_GROUP = regex(r"(\\begin\s*\{[^{}]*\}|\{)|(\\end\s*\{[^{}]*\}|\})|(\\\\)|(&)|\\.", re.S)


def verdict_of(claims: Sequence[Claim]) -> str:
    """``refuted`` if one of the equalities is, ``verified`` if all are, else nothing.

    Definitions are no claims.
    """
    verdicts = {claim.verdict for claim in claims}
    if "refuted" in verdicts:
        return "refuted"
    return "verified" if verdicts - {"definition"} == {"verified"} else ""


def unmarked(text: str) -> str:
    """The LaTeX of a formula without a mark that an earlier run has put into it."""
    for tail in _TAILS:
        text = text.replace(tail, "")
    return text


def is_marked(formula: pf.Element, after: Sequence[pf.Element]) -> bool:
    """Has an earlier run marked the formula, which the inlines ``after`` follow?"""
    next_to = next((inline for inline in after if not isinstance(inline, pf.Space)), None)
    marked = "mdiff-mark" in getattr(next_to, "classes", ()) or (
        next_to is not None and untouched_run([next_to], 0) > 0
    )
    return marked or unmarked(formula.text) != formula.text


class Marker:
    """Puts marks behind formulas in what the ``writer`` takes; ``count`` tells how many."""

    def __init__(self, writer: str, words: Words | None = None) -> None:
        self.writer = writer
        self.words = words or Words()
        self.latex = writer in LATEX_WRITERS
        self.count = 0

    def marked(
        self,
        formula: pf.Element,
        attached: Sequence[pf.Element],
        claims: Sequence[Claim],
        *,
        display: bool,
        notes: bool,
    ) -> list[pf.Element]:
        """The formula and the inlines that belong to it, with the mark that it deserves.

        ``notes`` tells that a note can stand here: in the margin, or at the foot.
        """
        verdict = verdict_of(claims)
        shown = [formula, *attached]
        web = WEB.match(self.writer) is not None
        if not verdict or (isinstance(formula, pf.RawInline) and not self.latex and not web):
            return shown
        self.count += 1
        values = {"data-verdict": verdict}
        told = ""
        if verdict == "refuted":
            wrong = (str(claim.equality) for claim in claims if claim.verdict == "refuted")
            values["data-equality"] = " ".join(wrong)
            told = explanation(claims, self.words) if notes or web else ""
        if self.latex:
            return self._in_latex(shown, claims, values, told, display=display)
        if web:
            return self._on_web(shown, claims, values, readable(told), display=display)
        note = self._footnote(told)
        if not display:
            sign = pf.Str(_SIGNS[verdict])
            return [*shown, self._mark(verdict, [sign, *note], values)]
        shown[0] = _signed(formula, claims, _TEX_SIGNS[verdict])
        return [*shown, pf.Space(), self._mark(verdict, note, values)] if note else shown

    def _on_web(
        self,
        shown: list[pf.Element],
        claims: Sequence[Claim],
        values: dict[str, str],
        told: str,
        *,
        display: bool,
    ) -> list[pf.Element]:
        """With the reason as ``title``: of the mark, or of the whole formula with marked rows."""
        verdict = values["data-verdict"]
        title = told or self.words.say(verdict)
        values = {"title": title, "role": "img", "aria-label": title, **values}
        mark = self._mark(verdict, [pf.Str(_SIGNS[verdict])], values)
        if not display:
            return [*shown, mark]
        outer = {}
        crossed = _with_crosses(shown[0].text, claims, _WEB_CROSS)
        if crossed:
            mark.classes.append("mdiff-in-rows")
            outer["title"] = title
        shown[0] = pf.Math(crossed or shown[0].text, format="DisplayMath")
        return [pf.Span(*shown, mark, classes=["mdiff-checked"], attributes=outer)]

    def _in_latex(
        self,
        shown: Sequence[pf.Element],
        claims: Sequence[Claim],
        values: dict[str, str],
        told: str,
        *,
        display: bool,
    ) -> list[pf.Element]:
        verdict = values["data-verdict"]
        sign = _LATEX_SIGNS[verdict]
        note: list[pf.Element] = []
        if told:
            macro = r"\mdiffnotebelow{" if display else r"\mdiffnote{"
            opening, closing = (pf.RawInline(raw, format="latex") for raw in (macro, "}"))
            note = [opening, *prose(told), closing]
        if not display:
            formula = pf.Math(rf"\,{sign}", format="InlineMath")
            return [*shown, self._mark(verdict, [formula, *note], values)]
        formula = _signed(shown[0], claims, _LATEX_CROSS_WITH_NOTE if note else sign)
        before = [self._mark(verdict, note, values)] if note else []
        return [*before, formula, *shown[1:]]

    def _footnote(self, note: str) -> list[pf.Element]:
        shown = readable(note) if self.writer in _TEXT_WRITERS else note
        return [pf.Note(pf.Para(*prose(shown)))] if note else []

    def _mark(self, verdict: str, content: Sequence[pf.Element], values: dict[str, str]) -> pf.Span:
        return pf.Span(*content, classes=["mdiff-mark", f"mdiff-{verdict}"], attributes=values)


def _signed(formula: pf.Element, claims: Sequence[Claim], sign: str) -> pf.Element:
    """The display formula with ``sign`` in it: in every wrong row of several, else at its end."""
    text = _with_crosses(formula.text, claims, sign)
    if not text:
        text = _inserted(formula.text, _said(without_comments(formula.text)), sign)
    if isinstance(formula, pf.RawInline):
        return pf.RawInline(text, format=formula.format)
    return pf.Math(text, format=formula.format)


def _with_crosses(text: str, claims: Sequence[Claim], sign: str) -> str:
    """The formula with ``sign`` behind every cell in which a refuted equality ends.

    Empty where none is refuted, or all equalities end in the only row.
    """
    source = without_comments(text)
    first = min((claim.sign.start for claim in claims if claim.span.end <= len(text)), default=0)
    cells = [
        _cell(source, claim.span.end if claim.span.end <= len(text) else first) for claim in claims
    ]
    wrong = {
        end for (end, _), claim in zip(cells, claims, strict=True) if claim.verdict == "refuted"
    }
    alone = not any(several for _, several in cells) and len({end for end, _ in cells}) < 2
    if not wrong or alone:
        return ""
    for end in sorted(wrong, reverse=True):
        text = _inserted(text, end, sign)
    return text


def _inserted(text: str, place: int, sign: str) -> str:
    return rf"{text[:place]} \quad {sign}{text[place:]}"


def _cell(text: str, at: int) -> tuple[int, bool]:
    """Where what the cell around ``at`` says ends, and whether there are other rows around it."""
    rows = [False]  # for every open group: has a row ended in it?
    level, stop = 0, -1
    for match in _GROUP.finditer(text):
        opens, closes, breaks, parts = match.groups()
        if not level and match.start() >= at:
            level = len(rows)
        if stop < 0 and len(rows) == level and (closes or breaks or parts):
            stop = match.start()
        if opens:
            rows.append(False)
        elif closes and len(rows) > 1:
            several = rows.pop()
            if len(rows) < level:
                return _said(text, at, stop), several
        elif breaks:
            rows[-1] = True
    return _said(text, at, None if stop < 0 else stop), rows[-1]


def _said(text: str, start: int = 0, stop: int | None = None) -> int:
    match = _END.search(text, start, len(text) if stop is None else stop)
    assert match is not None
    return match.start()
