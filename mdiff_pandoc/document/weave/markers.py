"""The comments around a woven derivation, which keep the author's text.

Markdown::

    <!-- mdiff: $$\\nabla_x x^\\top x = ?$$ -->
    …
    <!-- /mdiff 0f343b09 -->

LaTeX, where the second comment may end its line itself, which a semicolon says::

    % mdiff: \\[ \\nabla_x x^\\top x = ? \\]
    …
    % /mdiff 0f343b09

What the comment cannot hold is written as ``%`` and two hexadecimal digits, the line end of the
file as ``%n``. The number is a hash of what stands between, which tells edits by hand.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from mdiff_pandoc.patterns import regex

# a line that begins with a comment is raw HTML to its end: in a sentence this stands before it
INERT = "<span></span>"
_TOKEN = regex(
    rf"(?:{INERT})?<!-- mdiff: (?P<html>[^\n]*?) -->|(?P<html_end><!-- /mdiff (?P<sum>\w*) -->)"
    r"|% mdiff: (?P<tex>[^\n]*)\n|(?P<tex_end>% /mdiff (?P<number>\w+)(?:;\n)?)"
)
_UNSAFE = regex(r"[%\n\r`\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]|(?<=-)-|\A\s|\s\Z")
_BEFORE_PERCENT = regex(r"\{(?=[{%#])")  # these open tags of Jekyll and Hugo
_CODE = regex(r"%(?:([0-9A-F]{2})|u([0-9A-F]+);|n)")


class Woven(Struct, frozen=True):
    """A derivation in a text, from ``start`` to ``end``, with the author's text for it.

    ``edited`` tells that somebody changed it by hand.
    """

    start: int
    end: int
    original: str
    edited: bool


class Damage(Struct, frozen=True):
    """A comment without its partner, at ``place``; ``opens`` tells which one is there."""

    place: int
    opens: bool


def keep(original: str, eol: str = "\n", *, tex: bool = False, bars: bool = True) -> str:
    """The author's text on one line that a comment may hold, in a table one without ``bars``."""

    def code(match: re.Match[str]) -> str:
        char = match[0]
        if char == "\0":
            return "%n"
        if tex and char in "`-":
            return char
        return f"%{ord(char):02X}" if ord(char) < 0x100 else f"%u{ord(char):X};"

    made = _UNSAFE.sub(code, original.replace(eol, "\0") if eol else original)
    made = made if bars else made.replace("|", "%7C")
    return made if tex else _BEFORE_PERCENT.sub("%7B", made)


def kept(text: str, eol: str = "\n") -> str:
    """The author's text again."""

    def char(match: re.Match[str]) -> str:
        digits = match[1] or match[2]
        return chr(int(digits, 16)) if digits else eol

    return _CODE.sub(char, text)


def opening(original: str, eol: str, *, tex: bool, bars: bool = True) -> str:
    """The comment before a derivation; the one of LaTeX needs a line end behind it."""
    held = keep(original, eol, tex=tex, bars=bars)
    return f"% mdiff: {held}" if tex else f"<!-- mdiff: {held} -->"


def closing(woven: str, *, tex: bool) -> str:
    """The comment behind ``woven``, which is all that stands between the two."""
    return f"% /mdiff {_sum(woven)}" if tex else f"<!-- /mdiff {_sum(woven)} -->"


def _sum(woven: str) -> str:
    lines = woven.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(lines.encode(errors="surrogatepass")).hexdigest()[:8]


def find(
    text: str, eol: str, apart: Callable[[str], Sequence[tuple[int, int]]]
) -> tuple[list[Woven], list[Damage]]:
    """The derivations that were woven into ``text``, and comments that have lost their partner.

    ``text`` has line ends ``\\n``; ``apart`` tells the ranges of a text where comments are none,
    such as code.
    """
    found: list[Woven] = []
    damaged: list[Damage] = []
    before: re.Match[str] | None = None
    for match in _TOKEN.finditer(text):
        if match[0].startswith("%") and not _is_comment(text, match.start()):
            continue
        ends = match["html_end"] or match["tex_end"]
        if ends and before and (before["html"] is None) == (match["html_end"] is None):
            held = before["html"] if before["html"] is not None else before["tex"]
            edited = _sum(text[before.end() : match.start()]) != (match["sum"] or match["number"])
            found.append(Woven(before.start(), match.end(), kept(held, eol), edited))
            before = None
        elif ends:
            damaged.append(Damage(match.start(), opens=False))
        else:
            damaged += [Damage(before.start(), opens=True)] if before else []
            before = match
    damaged += [Damage(before.start(), opens=True)] if before else []
    if not found and not damaged:
        return [], []
    lies_apart = _Apart(text, found, apart)
    return (
        [woven for woven in found if not lies_apart(woven.start)],
        [damage for damage in damaged if not lies_apart(damage.place)],
    )


def _is_comment(text: str, place: int) -> bool:
    r"""Does a comment of TeX begin with the percent sign? Not so in ``\%`` and behind another."""
    percent = text.endswith("%", 0, place)
    end = start = place - percent
    while text.endswith("\\", 0, start):
        start -= 1
    return (end - start) % 2 == percent


class _Apart:
    """Does a place lie in code? It is looked for in the author's text, where nothing is woven."""

    def __init__(
        self,
        text: str,
        found: Sequence[Woven],
        apart: Callable[[str], Sequence[tuple[int, int]]],
    ) -> None:
        pieces, self._ends, self._shift = [], [0], [0]
        shift = last = 0
        for woven in found:
            original = woven.original.replace("\r\n", "\n").replace("\r", "\n")
            pieces += [text[last : woven.start], original]
            last = woven.end
            shift += len(original) - (woven.end - woven.start)
            self._ends.append(last)
            self._shift.append(shift)
        ranges = sorted(apart("".join([*pieces, text[last:]])))
        self._ranges = list(_joined(ranges))
        self._starts = [start for start, _ in self._ranges]

    def __call__(self, place: int) -> bool:
        place += self._shift[bisect_right(self._ends, place) - 1]
        index = bisect_right(self._starts, place) - 1
        return index >= 0 and self._starts[index] < place < self._ranges[index][1]


def _joined(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges in order without those that lie in others."""
    reached = -1
    for start, end in ranges:
        if end > reached:
            yield start, end
            reached = end
