"""Marks behind formulas that were checked: ✓, or ✗ with the reason in a note."""

from __future__ import annotations

import re
from collections.abc import Sequence

import panflute as pf

from mdiff_pandoc.document.counterexample import counterexample_sentence, tells_all
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
MACROS = r"""\providecommand{\mdiffcross}{{\ifdefined\color\color{red}\fi\boldsymbol{\times}}}
\providecommand{\mdiffnote}[1]{\marginpar{\raggedright\footnotesize
  \dimen0=\dimexpr\paperwidth-1in-\hoffset-\oddsidemargin-\textwidth-\marginparsep-1em\relax
  \ifdim\dimen0<\hsize \hsize=\dimen0 \fi #1}}
\providecommand{\mdiffbeside}[1]{% on the line that a display formula begins a paragraph with
  \ifvmode\nointerlineskip\makebox[.6\linewidth]{}\fi\mdiffnote{#1}}"""
_TEXT_WRITERS = ("plain", "ansi")
_SIGNS = {"verified": "✓", "refuted": "✗"}
_TEX_SIGNS = {"verified": r"\checkmark", "refuted": r"\text{✗}"}
_LATEX_SIGNS = {"verified": r"\checkmark", "refuted": r"\mdiffcross"}
_TAILS = tuple(rf" \quad {sign}" for sign in {*_TEX_SIGNS.values(), *_LATEX_SIGNS.values()})
# what ends a display formula and is none of its sides: numbers, labels, the end of its environment
_END = re.compile(
    r"(?:\s|\\\\(?:\s*\[[^\]]*\])?|\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])"
    r"|\\q?quad(?:\\q?quad|\s)*\(\d+\w?\)[\s.]*"
    rf"|\\end\s*\{{(?:{'|'.join(sorted(NUMBERED))}|displaymath|math)\*?\}})*\Z"
)
# what may stand between an equation and the end of its row, behind its punctuation
_ROW_END = re.compile(
    r"(?P<punctuation>(?:\s*(?:[.,;]|\\[,;:! ]))*)"
    r"(?:\s|\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z]))*\\\\"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_WORDS = re.compile(r"\\(?:operatorname|mathrm|text|mathbf|boldsymbol|mathbb)\s*\{([^{}]*)\}")
_TEX_WORD = re.compile(r"[^\s,;:]*[\\^_][^\s,;:]*")
_READABLE = (
    (re.compile(r"\\left\(\\begin\{smallmatrix\}\s*"), "["),
    (re.compile(r"\s*\\end\{smallmatrix\}\\right\)"), "]"),
    (re.compile(r"\s*\\\\"), ";"),
    (re.compile(r"\s*&\s*"), " "),
    (re.compile(r"\^\s*(?:T|\\top|\{\s*(?:T|\\top)\s*\})(?![A-Za-z])"), "ᵀ"),
    (re.compile(r"\^\s*\{\s*-\s*(?:T|\\top)\s*\}"), "⁻ᵀ"),
    (re.compile(r"\^\s*\{\s*-\s*1\s*\}"), "⁻¹"),
    (re.compile(r"\^\s*(?:2|\{\s*2\s*\})"), "²"),
    (re.compile(r"_\s*\{(\w+)\}"), r"_\1"),
    (re.compile(r"\\nabla(?![A-Za-z])\s*"), "∇"),
    (re.compile(r"\\partial(?![A-Za-z])\s*"), "∂"),
    (re.compile(r"\\odot(?![A-Za-z])"), "⊙"),
    (re.compile(r"\\otimes(?![A-Za-z])"), "⊗"),
    (re.compile(r"\\mapsto(?![A-Za-z])"), "↦"),
    (re.compile(r"\\lVert(?![A-Za-z])\s*|\s*\\rVert(?![A-Za-z])|\\\|"), "‖"),
    (re.compile(r"\\(?:left|right)(?![A-Za-z])\s*|\\[,;:! ]"), " "),
    (re.compile(r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"(\1)/(\2)"),
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
    told: list[str] = []
    for claim in claims:
        if claim.verdict != "refuted":
            continue
        suggestion = claim.suggestion
        if suggestion.startswith("holds"):
            suggestion = f"It {suggestion}"
        reason, example = claim.reason, claim.counterexample
        if example and tells_all(example, reason):
            reason = counterexample_sentence(example) or reason
        if len(claims) > 1 and claim.equality < len(_ORDINALS):
            reason = f"the {_ORDINALS[claim.equality]} equality: {reason or 'wrong'}"
        told += (_sentence(_with_math(text)) for text in (reason, suggestion) if text)
    return " ".join(told)


def unmarked(text: str) -> str:
    """The LaTeX of a formula without a mark that an earlier run has put into it."""
    for tail in _TAILS:
        text = text.replace(tail, "")
    return text


def is_marked(formula: pf.Element, after: Sequence[pf.Element]) -> bool:
    """Has an earlier run marked the formula, which the inlines ``after`` follow?"""
    next_to = next((inline for inline in after if not isinstance(inline, pf.Space)), None)
    return "mdiff-mark" in getattr(next_to, "classes", ()) or unmarked(formula.text) != formula.text


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
        web = WEB.match(self.writer) is not None
        if not verdict or (isinstance(formula, pf.RawInline) and not self.latex and not web):
            return shown
        self.count += 1
        values = {"data-verdict": verdict}
        if verdict == "refuted":
            wrong = (str(claim.equality) for claim in claims if claim.verdict == "refuted")
            values["data-equality"] = " ".join(wrong)
        if web:
            title = _readable(explanation(claims)) if verdict == "refuted" else "verified"
            values = {"title": title, "role": "img", "aria-label": title, **values}
            mark = self._mark(verdict, [pf.Str(_SIGNS[verdict])], values)
            if not display:
                return [*shown, mark]
            text, _ = _with_marked_rows(formula.text, claims, _TEX_SIGNS["refuted"])
            shown[0] = pf.Math(text, format="DisplayMath")
            return [pf.Span(*shown, mark, classes=["mdiff-checked"])]
        note = explanation(claims) if notes and verdict == "refuted" else ""
        if self.latex:
            return self._in_latex(shown, claims, values, note, display=display)
        if display and not note:
            return [_signed(formula, claims, _TEX_SIGNS[verdict]), *attached]
        sign: list[pf.Element] = [pf.Str(_SIGNS[verdict])]
        mark = self._mark(verdict, sign + self._footnote(note), values)
        if not display:
            return [*shown, mark]
        text, _ = _with_marked_rows(formula.text, claims, _TEX_SIGNS["refuted"])
        return [pf.Math(text, format="DisplayMath"), *attached, pf.Space(), mark]

    def _in_latex(
        self,
        shown: Sequence[pf.Element],
        claims: Sequence[Claim],
        values: dict[str, str],
        note: str,
        *,
        display: bool,
    ) -> list[pf.Element]:
        verdict = values["data-verdict"]
        sign = _LATEX_SIGNS[verdict]
        beside: list[pf.Element] = []
        if note and self.writer == "beamer":
            beside = self._footnote(note)
        elif note:
            macro = r"\mdiffbeside{" if display else r"\mdiffnote{"
            beside = [
                pf.RawInline(macro, format="latex"),
                *prose(note),
                pf.RawInline("}", format="latex"),
            ]
        if not display:
            formula = pf.Math(rf"\,{sign}", format="InlineMath")
            return [*shown, self._mark(verdict, [formula, *beside], values)]
        formula = _signed(shown[0], claims, sign)
        if not beside:
            return [formula, *shown[1:]]
        if self.writer == "beamer":
            return [formula, *shown[1:], self._mark(verdict, beside, values)]
        return [self._mark(verdict, beside, values), formula, *shown[1:]]

    def _footnote(self, note: str) -> list[pf.Element]:
        shown = _readable(note) if self.writer in _TEXT_WRITERS else note
        return [pf.Note(pf.Para(*prose(shown)))] if note else []

    def _mark(self, verdict: str, content: Sequence[pf.Element], values: dict[str, str]) -> pf.Span:
        return pf.Span(*content, classes=["mdiff-mark", f"mdiff-{verdict}"], attributes=values)


def _signed(formula: pf.Element, claims: Sequence[Claim], sign: str) -> pf.Element:
    """The display formula with ``sign`` in it: at the end of wrong rows, else at its own end."""
    text, complete = _with_marked_rows(formula.text, claims, sign)
    if not complete:
        match = _END.search(text)
        assert match is not None
        text = rf"{text[: match.start()]} \quad {sign}{text[match.start() :]}"
    if isinstance(formula, pf.RawInline):
        return pf.RawInline(text, format=formula.format)
    return pf.Math(text, format=formula.format)


def _with_marked_rows(text: str, claims: Sequence[Claim], sign: str) -> tuple[str, bool]:
    """The formula with ``sign`` in rows that end with a refuted equality; were those all?

    The last row is none of them: its end is the end of the formula.
    """
    complete = any(claim.verdict == "refuted" for claim in claims)
    for claim in reversed(claims):
        if claim.verdict == "refuted":
            match = _ROW_END.match(text, claim.span.end)
            complete = complete and match is not None
            if match is not None:
                stop = match.end("punctuation")
                text = rf"{text[:stop]} \quad {sign}{text[stop:]}"
    return text, complete


def _with_math(text: str) -> str:
    """Text in which the LaTeX words stand between dollars, as a message may hold them bare."""
    pieces = text.split("$")
    pieces[::2] = (_TEX_WORD.sub(_as_math, piece) for piece in pieces[::2])
    return "$".join(pieces)


def _as_math(match: re.Match[str]) -> str:
    word = match[0]
    whole = all(word.count(one) == word.count(other) for one, other in ("{}", "()", "[]"))
    return f"${word}$" if whole and r"\left" not in word and r"\right" not in word else word


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
