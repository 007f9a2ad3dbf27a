"""Why the equalities of a formula are refuted, in a few lines that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import inf

from mdiff_pandoc.document.counterexample import counterexample_sentence, tells_all
from mdiff_pandoc.document.formula import read_formula
from mdiff_pandoc.document.widths import width
from mdiff_pandoc.document.words import Words
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.claim import Claim

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEX = regex(r"\\[A-Za-z]|[\w)}\]][\^_][\w{\\]|^-[\d./]+$")
_PROSE = regex(r"(?<![\\A-Za-z{])[A-Za-z]{3,}")
_PAIRS = (("{", "}"), ("(", ")"), ("[", "]"), (r"\left", r"\right"))
_LETTER = 4.6  # the width of a letter of running text, in points
_LINE = 345.0  # a line of an article, in points
_NOTE = 4 * _LINE  # three lines in the smaller type of footnotes, for each of
_MOST = 2  # equalities
_EQUALITY, _SIDE = 0.6 * _LINE, 0.9 * _LINE  # what names an equality is no longer than that
_MORE = "See the report of the build."


def explanation(claims: Sequence[Claim], words: Words | None = None) -> str:
    """Why the refuted ones among the equalities of a formula are wrong, formulas as ``$…$``.

    The first two are told of, in a few lines each; what is longer is left to the report. They are
    told in the language of the ``words``.
    """
    words = words or Words()
    told: list[str] = []
    cut = False
    refuted = [claim for claim in claims if claim.verdict == "refuted"]
    for claim in refuted[:_MOST]:
        name = f"{words.say(_named(claim))}: " if len(claims) > 1 else ""
        offered = claim.suggestion
        if offered.startswith("holds"):
            offered = f"It {offered}"
        offered = words.say(offered)
        reason = _fitting([name + words.say(reason) for reason in _reasons(claim)], _NOTE)
        suggestion = _fitting([offered], _NOTE - _size(reason))
        cut |= not reason or (offered != "" and not suggestion)
        told += filter(None, (reason or _sentence(name + words.say("wrong")), suggestion))
    return " ".join([*told, words.say(_MORE)] if cut or len(refuted) > _MOST else told)


def _fitting(texts: Sequence[str], most: float) -> str:
    """The first of the texts, as a sentence, that is no longer than ``most``; or nothing."""
    sentences = (_sentence(_with_math(text)) for text in texts if text)
    return next((sentence for sentence in sentences if _size(sentence) <= most), "")


def _reasons(claim: Claim) -> list[str]:
    """Why the equality is refuted, that which tells most first."""
    reason, example = claim.reason, claim.counterexample
    told = counterexample_sentence(example) if example and tells_all(example, reason) else ""
    return [text for text in (told, reason) if text] or ["wrong"]


def _named(claim: Claim) -> str:
    """The equality itself where it is short, else its right-hand side, else its number."""
    statements = read_formula(claim.latex).statements
    if len(statements) == 1 and r"\\" not in statements[0].text:
        whole = " ".join(statements[0].text.split())
        for shown, most in ((whole, _EQUALITY), (rf"\ldots = {_right_side(whole)}", _SIDE)):
            if width(shown) <= most and "$" not in shown:
                return f"${shown}$"
    if claim.equality < len(_ORDINALS):
        return f"the {_ORDINALS[claim.equality]} equality"
    return f"equality {claim.equality + 1}"


def _right_side(equality: str) -> str:
    """What stands behind the last sign that no braces enclose."""
    depth = stop = 0
    for place, letter in enumerate(equality):
        depth += (letter == "{") - (letter == "}")
        if letter == "=" and depth == 0:
            stop = place + 1
    return equality[stop:].strip()


def _size(text: str) -> float:
    """The width in points; endless where a formula is too wide for a line."""
    pieces = text.split("$")
    formulas = [width(piece) for piece in pieces[1::2]]
    if max(formulas, default=0) > _LINE:
        return inf
    return sum(formulas) + _LETTER * sum(map(len, pieces[::2]))


def _with_math(text: str) -> str:
    """Text in which LaTeX and negative numbers stand between dollars.

    A message may hold them bare; what brackets enclose belongs together.
    """
    pieces = text.split("$")
    pieces[::2] = ("".join(map(_as_math, _words(piece))) for piece in pieces[::2])
    return "$".join(pieces)


def _words(text: str) -> Iterator[str]:
    """The words and the spaces between them; what brackets enclose is one, unless it is prose."""
    words = re.split(r"(\s+)", text)
    while words:
        ends = range(1, len(words) + 1)
        end = next((end for end in ends if _is_closed("".join(words[:end]))), 1)
        if _PROSE.search("".join(words[:end])):
            end = 1
        yield "".join(words[:end])
        del words[:end]


def _is_closed(text: str) -> bool:
    return all(text.count(one) == text.count(other) for one, other in _PAIRS)


def _as_math(word: str) -> str:
    bare = word.rstrip(",;:.")
    if not _TEX.search(bare) or not _is_closed(bare):
        return word
    return f"${bare}${word[len(bare) :]}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
