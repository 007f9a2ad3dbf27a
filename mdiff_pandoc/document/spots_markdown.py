"""Formulas in Markdown, by their delimiters; code, comments and links hold none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mdiff_pandoc.document.blocks import Blocks
from mdiff_pandoc.document.macros import find_definitions
from mdiff_pandoc.document.spots import Regions, Spot, Spots
from mdiff_pandoc.patterns import regex

_START = regex(
    r"(?P<environment>\\begin\s*\{\s*(?P<name>[^{}\s]+)\s*\})"
    r"|(?P<dollars>\$\$)|(?P<dollar>\$)|(?P<ticks>`+)|(?P<comment><!--)"
    r"|(?P<note>\[\^(?P<label>[^\]\s]+)\](?!:))"
    r"|(?P<link>\]\((?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)(?=[\s)]))"
    r"|(?P<tag></?[A-Za-z][\w-]*(?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=`]+))?)*"
    r"\s*/?>|<[A-Za-z][\w+.-]*:[^\s<>]*>)"
    r"|\\[^A-Za-z]",
    re.S,
)
_END = regex(r"\\end\s*\{\s*([^{}\s]+)\s*\}")
_BLANK = regex(r"\n[ \t]*(?=\n)")
_DISPLAY = regex(r"\$\$(.+?)\$\$", re.S)
_INLINE = regex(
    r"\$(?![\s$])((?:\\text\{(?:[^{}\\]|\\.|\{[^{}]*\})*+\}|\\.|[^\\$\s]|\s++(?!\$))++)\$(?!\d)",
    re.S,
)
_REPEATS = 20  # references to one footnote, beyond which its formulas keep the first place
_TICKED = regex(r"`.+`", re.S)  # the other form of GitHub's formulas
_TICKS = regex(r"`+")


def spots_in_markdown(text: str, *, fenced: bool = False) -> Spots:
    """The formulas of pandoc's Markdown; those in footnotes where these are referred to.

    ``fenced`` tells that code of the language ``math`` is a formula, as on GitHub.
    """
    blocks = Blocks(text, fenced=fenced)
    veil = blocks.marks.veil()
    scan = _Scan(veil, environments=not fenced)
    scan.run()
    scan.spots += [Spot(start, end, True, (start,)) for start, end in blocks.math]
    spots = sorted(_as_read(scan, blocks.notes), key=lambda spot: spot.order)
    taken = Regions([(spot.start, spot.end, "") for spot in scan.spots])
    definitions = [d for d in find_definitions(veil) if taken.around(d.start) is None]
    return Spots(veil, spots, definitions, [*blocks.apart, *scan.code], blocks)


def _as_read(scan: _Scan, notes: list[tuple[int, int, str]]) -> Iterator[Spot]:
    """The formulas as often as a reader meets them: once for each reference to their footnote."""
    regions = Regions(notes)
    valid = {label: start for start, _, label in regions.ranges}  # the last one of a name is read
    references: dict[str, list[int]] = defaultdict(list)
    for label, place in scan.references:
        if regions.around(place) is None:
            references[label].append(place)
    for spot in scan.spots:
        note = regions.around(spot.start)
        if note is None:
            yield spot
        elif valid[note[2]] == note[0]:
            for place in references[note[2]][:_REPEATS]:
                yield Spot(spot.start, spot.end, spot.display, (place, spot.start))


class _Scan:
    """One pass over the inlines of all blocks; bare ``environments`` of TeX may be formulas.

    They are none on GitHub, where those in sentences may have ticks, too.
    """

    def __init__(self, veil: str, *, environments: bool) -> None:
        self.veil = veil
        self.environments = environments
        self.spots: list[Spot] = []
        self.references: list[tuple[str, int]] = []
        self.code: list[tuple[int, int]] = []
        # where each environment ends for the last time, and comments do
        self.ends = {match[1]: match.start() for match in _END.finditer(veil)}
        self.last_comment = veil.rfind("-->")
        self.stop = 0  # where the paragraph ends

    def run(self) -> None:
        veil = self.veil
        place = 0
        while match := _START.search(veil, place):
            begin = match.start()
            if begin >= self.stop:
                blank = _BLANK.search(veil, begin)
                self.stop = blank.start() if blank else len(veil)
            place = match.end()
            if match["environment"]:
                if self.environments:
                    place = self._environment(match["name"], begin, place)
            elif match["dollars"] or match["dollar"]:
                pattern = _DISPLAY if match["dollars"] else _INLINE
                if found := pattern.match(veil, begin, self.stop):
                    display = bool(match["dollars"])
                    ticks = not (display or self.environments) and _TICKED.fullmatch(found[1])
                    start, end = found.start(1) + bool(ticks), found.end(1) - bool(ticks)
                    self.spots.append(Spot(start, end, display, (begin,)))
                    place = found.end()
            elif match["ticks"]:
                ends = (
                    ticks.end()
                    for ticks in _TICKS.finditer(veil, place, self.stop)
                    if ticks[0] == match["ticks"]
                )
                if end := next(ends, 0):
                    self.code.append((begin, end))
                    place = end
            elif match["comment"] and place <= self.last_comment:
                place = max(veil.find("-->", place) + 3, place)
            elif match["note"]:
                self.references.append((match["label"], begin))

    def _environment(self, name: str, begin: int, end: int) -> int:
        if self.ends.get(name, -1) < end:
            return end
        depth = 1
        ending = re.compile(rf"\\(begin|end)\s*\{{\s*{re.escape(name)}\s*\}}")
        for match in ending.finditer(self.veil, end):
            depth += 1 if match[1] == "begin" else -1
            if depth == 0:
                self.spots.append(Spot(begin, match.end(), True, (begin,)))
                return match.end()
        self.ends[name] = -1
        return end
