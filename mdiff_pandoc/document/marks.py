"""Marks behind formulas that were checked: ✓, or ✗ with the reason in a note."""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from mdiff_pandoc.document.formula import NUMBERED
from mdiff_pandoc.document.render import LATEX_WRITERS, prose
from mdiff_pandoc.service.claim import Claim

WEB = re.compile(r"html|epub|chunkedhtml|revealjs|s5|slidy|slideous|dzslides")
STYLE = (
    "<style>.mdiff-checked { display: flex; align-items: center; } "
    ".mdiff-checked > :first-child { flex: 1; min-width: 0; } "
    ".mdiff-mark { margin-left: 0.2em; font-weight: bold; } "
    ".mdiff-mark.mdiff-verified { color: #1b7f37; } "
    ".mdiff-mark.mdiff-refuted { color: #c1121f; cursor: help; }</style>"
)
_SIGNS = {"verified": "✓", "refuted": "✗"}
_LATEX_SIGNS = {"verified": r"\checkmark", "refuted": r"\boldsymbol{\times}"}
_TAILS = tuple(
    rf" \quad {sign}" for sign in (*_LATEX_SIGNS.values(), rf"\text{{{_SIGNS['refuted']}}}")
)
# what ends a display formula and is none of its sides: numbers, labels, the end of its environment
_END = re.compile(
    r"(?:\s|\\\\(?:\s*\[[^\]]*\])?|\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"
    r"|\\q?quad(?:\\q?quad|\s)*\(\d+\w?\)[\s.]*"
    rf"|\\end\s*\{{(?:{'|'.join(sorted(NUMBERED))}|displaymath|math)\*?\}})*\Z"
)
# the line that a display formula begins a paragraph with anyway, to hang the margin note on
_BESIDE = r"\ifvmode\nointerlineskip\makebox[.6\linewidth]{}\fi"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_WORDS = re.compile(r"\\(?:operatorname|mathrm|text|mathbf|boldsymbol|mathbb)\s*\{([^{}]*)\}")
_READABLE = (
    (re.compile(r"\^\s*(?:T|\\top|\{\s*(?:T|\\top)\s*\})(?![A-Za-z])\s*"), "ᵀ"),
    (re.compile(r"\^\s*\{\s*-\s*(?:T|\\top)\s*\}\s*"), "⁻ᵀ"),
    (re.compile(r"\^\s*\{\s*-\s*1\s*\}\s*"), "⁻¹"),
    (re.compile(r"\^\s*(?:2|\{\s*2\s*\})\s*"), "²"),
    (re.compile(r"\\nabla(?![A-Za-z])\s*"), "∇"),
    (re.compile(r"\\partial(?![A-Za-z])\s*"), "∂"),
    (re.compile(r"\\odot(?![A-Za-z])"), "⊙"),
    (re.compile(r"\\otimes(?![A-Za-z])"), "⊗"),
    (re.compile(r"\\times(?![A-Za-z])"), "×"),
    (re.compile(r"\\[lr]Vert(?![A-Za-z])\s*|\\\|"), "‖"),
    (re.compile(r"\\(?:left|right)(?![A-Za-z])|\\[,;:! ]"), " "),
)


def verdict_of(claims: Sequence[Claim]) -> str:
    """``refuted`` if one of the equalities is, ``verified`` if all are, else nothing.

    Definitions are no claims.
    """
    verdicts = {claim.verdict for claim in claims}
    if "refuted" in verdicts:
        return "refuted"
    return "verified" if verdicts - {"definition"} == {"verified"} else ""


def explanation(claims: Sequence[Claim]) -> str:
    """Why the refuted ones among the equalities of a formula are wrong, formulas as ``$…$``."""
    told = []
    for claim in claims:
        if claim.verdict != "refuted":
            continue
        suggestion = claim.suggestion
        if suggestion.startswith("holds"):
            suggestion = f"It {suggestion}"
        text = " ".join(map(_sentence, filter(None, (claim.reason, suggestion))))
        if len(claims) > 1 and claim.equality < len(_ORDINALS):
            text = f"The {_ORDINALS[claim.equality]} equality: {text}"
        told.append(text)
    return " ".join(told)


def unmarked(text: str) -> str:
    """The LaTeX of a formula without a mark that an earlier run has put into it."""
    for tail in _TAILS:
        text = text.replace(tail, "")
    return text


def is_marked(formula: pf.Element, after: Sequence[pf.Element]) -> bool:
    """Has an earlier run marked the formula, which the inlines ``after`` follow?"""
    follows = bool(after) and "mdiff-mark" in getattr(after[0], "classes", ())
    return follows or unmarked(formula.text) != formula.text


class Marker:
    """Puts marks behind formulas in what the ``writer`` takes; ``count`` tells how many."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
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
        if not verdict or (isinstance(formula, pf.RawInline) and not self.latex):
            return shown
        self.count += 1
        values = {"data-verdict": verdict}
        if verdict == "refuted":
            wrong = (str(claim.equality) for claim in claims if claim.verdict == "refuted")
            values["data-equality"] = " ".join(wrong)
        if WEB.match(self.writer):
            title = _readable(explanation(claims)) if verdict == "refuted" else "verified"
            values = {"title": title, "role": "img", "aria-label": title, **values}
            mark = self._mark(verdict, [pf.Str(_SIGNS[verdict])], values)
            return [pf.Span(*shown, mark, classes=["mdiff-checked"])] if display else [*shown, mark]
        note = explanation(claims) if notes and verdict == "refuted" else ""
        if self.latex:
            return self._in_latex(shown, verdict, values, note, display=display)
        if display and not note:
            tail = _TAILS[0] if verdict == "verified" else _TAILS[2]
            return [_ended(formula, tail), *attached]
        sign: list[pf.Element] = [pf.Str(_SIGNS[verdict])]
        mark = self._mark(verdict, sign + _footnote(note), values)
        return [*shown, pf.Space(), mark] if display else [*shown, mark]

    def _in_latex(
        self,
        shown: Sequence[pf.Element],
        verdict: str,
        values: dict[str, str],
        note: str,
        *,
        display: bool,
    ) -> list[pf.Element]:
        sign = _LATEX_SIGNS[verdict]
        beside: list[pf.Element] = []
        if note and self.writer == "beamer":
            beside = _footnote(note)
        elif note:
            beside = [
                pf.RawInline(r"\marginpar{\raggedright\footnotesize ", format="latex"),
                *prose(note),
                pf.RawInline("}", format="latex"),
            ]
        if not display:
            formula = pf.Math(rf"\,{sign}", format="InlineMath")
            return [*shown, self._mark(verdict, [formula, *beside], values)]
        formula = _ended(shown[0], rf" \quad {sign}")
        if not beside:
            return [formula, *shown[1:]]
        if self.writer == "beamer":
            return [formula, *shown[1:], self._mark(verdict, beside, values)]
        anchor = pf.RawInline(_BESIDE, format="latex")
        return [self._mark(verdict, [anchor, *beside], values), formula, *shown[1:]]

    def _mark(self, verdict: str, content: Sequence[pf.Element], values: dict[str, str]) -> pf.Span:
        return pf.Span(*content, classes=["mdiff-mark", f"mdiff-{verdict}"], attributes=values)


def _footnote(note: str) -> list[pf.Element]:
    return [pf.Note(pf.Para(*prose(note)))] if note else []


def _ended(formula: pf.Element, tail: str) -> pf.Element:
    """The formula with something more at its end, before labels, numbers and the like."""
    text = formula.text
    match = _END.search(text)
    assert match is not None
    ended = text[: match.start()] + tail + text[match.start() :]
    if isinstance(formula, pf.RawInline):
        return pf.RawInline(ended, format=formula.format)
    return pf.Math(ended, format=formula.format)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _readable(text: str) -> str:
    """Text with formulas between dollars as plain text, for where no formula can stand."""
    pieces = text.split("$")
    for place in range(1, len(pieces), 2):
        piece = _WORDS.sub(r"\1", pieces[place])
        for pattern, plain in _READABLE:
            piece = pattern.sub(plain, piece)
        pieces[place] = " ".join(piece.split())
    return "".join(pieces)
