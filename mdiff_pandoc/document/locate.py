"""Where each formula of pandoc's tree stands in the author's file."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.align import align
from mdiff_pandoc.document.macros import Definition, Macro, trace
from mdiff_pandoc.document.source import Source
from mdiff_pandoc.document.spots import Marks, Spot, Spots, body_of
from mdiff_pandoc.document.spots_latex import spots_in_latex
from mdiff_pandoc.document.spots_markdown import spots_in_markdown
from mdiff_pandoc.patterns import regex

_FINDERS: Mapping[str, Callable[[str], Spots]] = {
    "markdown": spots_in_markdown,
    "gfm": partial(spots_in_markdown, fenced=True),
    "latex": spots_in_latex,
}
_TEX = ("tex", "latex")
_RAW = regex(r"\s*(?:\\(?!(?:re|provide)?newcommand|[gex]?def|Declare|let)[^{}]*)?\\begin\s*\{")
_NOTHING: Mapping[str, Macro] = {}
_EFFORT = 50_000_000  # characters read in search of formulas that stand between no delimiters
_SURE = 8  # a text this long is no accident, whatever stands around it
_BEFORE = ("$", "(", "[", "}", "`")
_AFTER = ("$", "\\", "`")


class Formula(Struct, frozen=True):
    """A Math element of pandoc's tree, or raw TeX with an environment (``raw``).

    ``number`` counts Math elements from 0, raw TeX has none; ``element`` is its JSON.
    """

    text: str
    display: bool
    raw: bool
    number: int | None
    element: Mapping[str, Any]


class Place(Struct, frozen=True, dict=True):
    """The range of a formula's LaTeX in the text of its source, without its delimiters.

    ``raw`` tells that it is raw TeX, such as a bare environment in Markdown.
    """

    start: int
    end: int
    raw: bool
    _text: str
    _veil: str
    _macros: Mapping[str, Macro]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range in the source of the range from ``start`` to ``end`` in the formula's text.

        What a macro of the author stands for gives the range of the whole macro.
        """
        marks, begins, ends = self._map
        first = bisect_left(marks, start)
        last = bisect_left(marks, end, lo=first) - 1
        if first == len(marks):
            return self.end, self.end
        if last < first:
            return begins[first], begins[first]
        return min(begins[first : last + 1]), max(ends[first : last + 1])

    @property
    def veil(self) -> str:
        """The text of the source, with everything blanked out that is no part of a formula."""
        return self._veil

    def is_sure(self) -> bool:
        """Does the formula stand here, character by character?"""
        left, right = body_of(self._text)
        begin, end = body_of(self._veil[self.start : self.end])
        traced = trace(self._veil, self.start + begin, self.start + end, self._macros)
        return "".join(self._text[left:right].split()) == "".join(char for char, _, _ in traced)

    @cached_property
    def _map(self) -> tuple[list[int], list[int], list[int]]:
        """For each character of the text that is no white space: its offset, and its range."""
        left, right = body_of(self._text)
        inside = self._veil[self.start : self.end]
        begin, end = body_of(inside)
        traced = trace(self._veil, self.start + begin, self.start + end, self._macros)
        here = [i for i in range(left, right) if not self._text[i].isspace()]
        same = min(len(here), len(traced))
        head = _common(((self._text[i] for i in here), (t[0] for t in traced)), same)
        rest = same - head
        tail = _common(((self._text[i] for i in here[::-1]), (t[0] for t in traced[::-1])), rest)
        starts, ends = [t[1] for t in traced[:head]], [t[2] for t in traced[:head]]
        if head + tail < len(here):
            # what cannot be told apart takes all that lies between
            between = traced[head : len(traced) - tail]
            low = between[0][1] if between else (ends[-1] if ends else self.start + begin)
            high = between[-1][2] if between else low
            starts += [low] * (len(here) - head - tail)
            ends += [high] * (len(here) - head - tail)
        starts += [t[1] for t in traced[len(traced) - tail :]]
        ends += [t[2] for t in traced[len(traced) - tail :]]
        before, after = left > 0, right < len(self._text)
        marks = [0] * before + here + [right] * after
        starts = [self.start] * before + starts + [self.start + end] * after
        ends = [self.start + begin] * before + ends + [self.end] * after
        return marks, starts, ends


def formulas(ast: Mapping[str, Any]) -> list[Formula]:
    """The formulas of pandoc's tree in reading order: depth first through its blocks.

    Metadata (title, author, abstract) are left out, and so is the text of a figure's image where
    it repeats the caption. Raw TeX is taken where an environment begins it.
    """
    found: list[Formula] = []
    number = 0
    for element in _elements(ast["blocks"]):
        content = element["c"]
        if element["t"] == "Math":
            display = content[0]["t"] == "DisplayMath"
            found.append(Formula(content[1], display, False, number, element))
            number += 1
        elif content[0] in _TEX and _RAW.match(content[1]):
            found.append(Formula(content[1], True, True, None, element))
    return found


def _elements(blocks: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Formulas and raw text, depth first."""
    stack: list[Any] = list(reversed(blocks))
    captions: list[Any] = []
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += reversed(node)
        elif isinstance(node, dict):
            kind = node.get("t")
            if kind in ("Math", "RawInline", "RawBlock"):
                yield node
            elif kind == "Figure":
                captions += [block.get("c") for block in node["c"][1][1]]
                stack += [node["c"][2], node["c"][1]]
            elif kind != "Image" or node["c"][1] not in captions:
                stack += reversed(node.values())


def locate(ast: Mapping[str, Any], source: Source) -> list[Place | None]:
    """The places of ``formulas(ast)``, one for each; None where a formula is not in the text.

    The tree may come from ``source.reader`` or, with macros expanded, from ``source.expanding``.
    """
    wanted = formulas(ast)
    page = _Page(source)
    keys = [_key(formula.text, formula.display) for formula in wanted]
    macros, spot_keys = page.keys(keys)
    places = _Search(wanted, keys, page, spot_keys, macros).run()
    return list(places)


def _key(text: str, display: bool) -> str:
    """What does not depend on white space and on the name of the environment around."""
    begin, end = body_of(text)
    return ("$" if display else "") + "".join(text[begin:end].split())


def _common(pair: tuple[Iterator[str], Iterator[str]], most: int) -> int:
    count = 0
    for one, other in zip(*pair, strict=False):
        if count == most or one != other:
            break
        count += 1
    return count


class _Page:
    """All formulas of a source in reading order, and the macros that are in force there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        find = _FINDERS.get(source.dialect, Spots)
        pieces: list[str] = []
        self.spots: list[Spot] = []
        self.definitions: list[Definition] = []
        last = 0
        for start, end in source.parts:
            found = find(source.text[start:end])
            pieces += [source.text[last:start], found.veil]
            last = end
            for spot in found.spots:
                order = (start, *spot.order)
                moved = Spot(spot.start + start, spot.end + start, spot.display, order)
                self.spots.append(moved)
            self.definitions += [
                replace(new, start=new.start + start, end=new.end + start)
                for new in found.definitions
            ]
        self.veil = "".join(pieces)
        self._in_force: list[Mapping[str, Macro]] = [_NOTHING]
        for new in self.definitions:
            before = self._in_force[-1]
            kept = new.weak and new.name in before
            self._in_force.append(before if kept else {**before, new.name: new.macro})
        self._places = [new.start for new in self.definitions]

    def macros(self, place: int) -> Mapping[str, Macro]:
        """The macros that are in force at ``place``."""
        return self._in_force[bisect_right(self._places, place)]

    def keys(self, wanted: Sequence[str]) -> tuple[bool, list[str]]:
        """The keys of all spots: with macros expanded, where the tree has them so."""
        plain = [_key(self.veil[s.start : s.end], s.display) for s in self.spots]
        if not self.definitions:
            return False, plain
        names = re.compile("|".join(re.escape(new.name) for new in self.definitions))
        expanded = [
            self._expanded(spot) if names.search(self.veil, spot.start, spot.end) else key
            for spot, key in zip(self.spots, plain, strict=True)
        ]
        known, other = set(plain), set(expanded)
        better = sum(key in other for key in wanted) > sum(key in known for key in wanted)
        return better, expanded if better else plain

    def _expanded(self, spot: Spot) -> str:
        begin, end = body_of(self.veil[spot.start : spot.end])
        macros = self.macros(spot.start)
        traced = trace(self.veil, spot.start + begin, spot.start + end, macros)
        return ("$" if spot.display else "") + "".join(char for char, _, _ in traced)


class _Search:
    """Finds each wanted formula: among the spots, else in the bare text, else by its neighbours."""

    def __init__(
        self,
        wanted: Sequence[Formula],
        keys: Sequence[str],
        page: _Page,
        spot_keys: Sequence[str],
        macros: bool,
    ) -> None:
        self.wanted, self.keys, self.page, self.macros = wanted, keys, page, macros
        self.chosen = align(keys, spot_keys)
        self.used = {spot for spot in self.chosen if spot is not None}
        self.where: dict[str, list[int]] = defaultdict(list)
        for index, key in enumerate(spot_keys):
            self.where[key].append(index)
        self.effort = 0

    def run(self) -> list[Place | None]:
        """One place for each wanted formula."""
        places = [
            None if spot is None else self._place(index, spot)
            for index, spot in enumerate(self.chosen)
        ]
        missing = [i for i, place in enumerate(places) if place is None]
        for index in missing:
            spot = self._nearest(index, unused=True)
            if spot is not None:
                self._take(places, index, spot)
        for index in missing:
            if places[index] is None:
                places[index] = self._in_text(index, places)
        for index in missing:
            if places[index] is None:
                spot = self._nearest(index, unused=False)
                if spot is not None:
                    places[index] = self._place(index, spot)
        self._pair(places)
        return places

    def _take(self, places: list[Place | None], index: int, spot: int) -> None:
        self.used.add(spot)
        places[index] = self._place(index, spot)

    def _place(self, index: int, spot: int) -> Place:
        found = self.page.spots[spot]
        return self._made(index, found.start, found.end)

    def _made(self, index: int, start: int, end: int) -> Place:
        veil = self.page.veil
        while start < end and veil[start].isspace():
            start += 1
        while start < end and veil[end - 1].isspace():
            end -= 1
        macros = self.page.macros(start) if self.macros else _NOTHING
        formula = self.wanted[index]
        return Place(start, end, formula.raw, formula.text, veil, macros)

    def _nearest(self, index: int, *, unused: bool) -> int | None:
        """The spot with the same text that is nearest to where it is expected."""
        known = self.where.get(self.keys[index], ())
        free = [spot for spot in known if spot not in self.used] if unused else known
        before = next((s for s in self.chosen[index::-1] if s is not None), -1)
        return min(free, key=lambda spot: abs(spot - before - 1), default=None)

    @cached_property
    def _bare(self) -> tuple[str, list[int]]:
        """The whole text without white space, and where its characters stand."""
        marks = Marks(self.page.source.text)
        for new in self.page.definitions:
            marks.blank(new.start, new.end)
        text = marks.veil()
        places = [i for i, char in enumerate(text) if not char.isspace()]
        return "".join([text[i] for i in places]), places

    def _in_text(self, index: int, places: Sequence[Place | None]) -> Place | None:
        """The formula as it stands between its neighbours, delimiters around it or not."""
        bare, offsets = self._bare
        key = "".join(self.wanted[index].text.split())
        if not key or self.effort > _EFFORT:
            return None
        before = next((p.end for p in reversed(places[:index]) if p), 0)
        after = next((p.start for p in places[index + 1 :] if p), len(self.page.source.text))
        low, high = bisect_left(offsets, before), bisect_left(offsets, after)
        found = bare.find(key, low, high)
        while found >= 0:
            end = found + len(key)
            delimited = bare.startswith(_AFTER, end) and bare.endswith(_BEFORE, 0, found)
            if len(key) >= _SURE or delimited:
                self.effort += end - low
                return self._made(index, offsets[found], offsets[end - 1] + 1)
            found = bare.find(key, found + 1, high)
        self.effort += max(high - low, 0)
        return None

    def _pair(self, places: list[Place | None]) -> None:
        """Formulas between two that are known stand where as many spots of their kind do."""
        index = 0
        while index < len(places):
            if places[index] is not None:
                index += 1
                continue
            end = index
            while end < len(places) and places[end] is None:
                end += 1
            before, after = self.chosen[:index], self.chosen[end:]
            low = next((s for s in reversed(before) if s is not None), -1)
            high = next((s for s in after if s is not None), len(self.page.spots))
            free = [spot for spot in range(low + 1, high) if spot not in self.used]
            if len(free) == end - index:
                for offset, spot in enumerate(free):
                    if self._alike(self.wanted[index + offset], self.page.spots[spot]):
                        self._take(places, index + offset, spot)
            index = end

    def _alike(self, formula: Formula, spot: Spot) -> bool:
        """Could one be the other, with macros that are not known here?"""
        one = Counter("".join(formula.text.split()))
        other = Counter("".join(self.page.veil[spot.start : spot.end].split()))
        shared = (one & other).total()
        return formula.display == spot.display and 3 * shared >= 2 * min(one.total(), other.total())
