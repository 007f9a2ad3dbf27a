"""Where the formulas, options and declarations of pandoc's tree stand in the author's file.

Nothing is read and nothing is searched before a message asks for a place. A place that is not
certain is none: of several input files, or where pandoc's tree holds what the file does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document.message import NAMELESS, Spot
from mdiff_pandoc.errors import MdiffError, Span
from mdiff_pandoc.patterns import regex

if TYPE_CHECKING:
    from mdiff_pandoc.document.locate import Place
    from mdiff_pandoc.document.source import Source

_KEPT = frozenset(("Math", "RawInline", "RawBlock", "CodeBlock", "Div", "Span"))
_LARGEST = 20_000_000  # bytes of a file that is looked into
_CODE = regex(r"(?:`{3,}|~{3,})[^`\n]*\b(?:mdiff|math)\b[^`\n]*\n")
_COMMENT = regex(r"<!--.*?-->", re.S)
_MATH = regex(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*math\b", re.M)
_LOST = " \t\n_*…"  # of a text, in the tree
_PREFIX = " \t>"
_FOLLOWING = 4  # formulas of the sentence behind a request, which may explain it


class _Origin(Struct, frozen=True):
    """The element that a formula was read from, and where the formula begins in its text."""

    element: object
    offset: int


class Places:
    """The places of one document, which pandoc read from ``file`` (maybe) into ``tree``.

    Where ``source`` is given, it is what pandoc read.

    ``note`` is told of each element of the walk with its JSON, ``begin`` of each formula.
    """

    def __init__(self, tree: Mapping[str, Any], file: str, source: Source | None = None) -> None:
        self._tree, self._file = tree, file
        if source is not None:
            self.source = source
        self._nodes: dict[int, tuple[object, Mapping[str, Any]]] = {}  # keeps the elements alive
        self._origins: dict[int, _Origin] = {}

    def note(self, node: Mapping[str, Any], element: object) -> None:
        """Remember what ``element`` of the walk was made from."""
        if node.get("t") in _KEPT:  # citations have none
            self._nodes[id(element)] = (element, node)

    def stands_for(self, new: object, old: object) -> None:
        """The element ``new`` was made in the place of ``old``."""
        if id(old) in self._nodes:
            self._nodes[id(new)] = (new, self._nodes[id(old)][1])

    def begin(self, equation: int, element: object, offset: int = 0) -> None:
        """The formula with this number begins at ``offset`` of the text of ``element``."""
        self._origins[equation] = _Origin(element, offset)

    @cached_property
    def source(self) -> Source | None:
        """The author's file, if it can be read."""
        if self._file == NAMELESS:
            return None
        from pathlib import Path

        from mdiff_pandoc.document.source import read_source

        path = Path(self._file)
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            source = read_source(path.read_bytes(), self._file)
        except (OSError, ValueError, MdiffError):
            return None
        if source.dialect == "markdown" and _MATH.search(source.text) and not self._codes("math"):
            source = replace(source, reader="gfm")  # which reads such code as formulas
        return source if source.text else None

    def _codes(self, name: str) -> bool:
        """Does the tree have code of this class?"""
        return any(name in node["c"][0][1] for node in _code_blocks(self._tree["blocks"]))

    def of_formula(self, equation: int, span: Span | None = None, text: str = "") -> Spot | None:
        """The place of a range of a formula, which reads ``text``; without one, of all of it."""
        found = self.range_of(equation, span, text)
        return None if found is None else self._spot(*found)

    def of_element(self, element: object, offset: int, span: Span | None, text: str) -> Spot | None:
        """The place of a range of what begins at ``offset`` of an element and reads ``text``."""
        found = self._range(_Origin(element, offset), span, text)
        return None if found is None else self._spot(*found)

    def range_of(
        self, equation: int, span: Span | None = None, text: str = ""
    ) -> tuple[int, int] | None:
        """The range in ``source.text`` of a range of a formula."""
        origin = self._origins.get(equation)
        return None if origin is None else self._range(origin, span, text)

    def number(self, equation: int) -> int | None:
        """The number of a formula among the Math elements in pandoc's reading order, from 0."""
        origin = self._origins.get(equation)
        node = None if origin is None else self._node(origin.element)
        return None if node is None else self._in_blocks.get(id(node))

    def _range(self, origin: _Origin, span: Span | None, text: str) -> tuple[int, int] | None:
        node, source = self._node(origin.element), self.source
        if node is None or source is None:
            return None
        offset = origin.offset
        if not _text_of(node).startswith(text, offset):
            rows = _offset_of(text, _text_of(node))
            offset, span = (offset, None) if rows is None else (rows, span)
        if node["t"] == "CodeBlock":
            lines = self._code.get(id(node))
            at = span or Span(0, len(text))
            return None if not lines else _in_code(_text_of(node), source.text, lines, offset, at)
        place = self._formulas.get(id(node)) or self._single(node)
        if place is None:
            return None
        if span is None:
            return place.span(offset, offset + 1) if offset else (place.start, place.end)
        start = offset + span.start
        return place.span(start, max(start + 1, offset + span.end))

    def _node(self, element: object) -> Mapping[str, Any] | None:
        kept = self._nodes.get(id(element))
        return kept and kept[1]

    def of_declaration(self, text: str, span: Span | None, before: int) -> Spot | None:
        """The place of a declaration in a formula: the last one before, or the next one."""
        key = "".join(text.split())
        for equation in (*range(before, 0, -1), *range(before + 1, before + _FOLLOWING)):
            origin = self._origins.get(equation)
            node = None if origin is None else self._node(origin.element)
            if origin is None or node is None or not key:
                continue
            whole = _text_of(node)
            marks = [i for i, char in enumerate(whole) if not char.isspace()]
            bare = "".join(whole[i] for i in marks)
            start = bare.find(key)
            if start < 0 or bare.find(key, start + 1) >= 0:
                continue
            at = span or Span(0, len(text))
            first = start + len("".join(text[: at.start].split()))
            last = start + max(len("".join(text[: at.end].split())), first - start + 1)
            begin, end = marks[min(first, len(marks) - 1)], marks[min(last, len(marks)) - 1] + 1
            return self.of_element(origin.element, 0, Span(begin, end), whole)
        return None

    def of_option(self, key: str, element: object = None) -> Spot | None:
        """The place of an option: of the metadata, or of the attributes of ``element``."""
        if self.source is None or not key:
            return None
        from mdiff_pandoc.document.options_in_text import in_metadata

        node = None if element is None else self._node(element)
        if element is None:
            written = in_metadata(self.source, key)
        else:
            written = self._attributes.get((id(node), key))
        if written is None or (node and node["t"] != "CodeBlock" and self._apart(*written)):
            return None
        return self._spot(*written)

    @cached_property
    def _attributes(self) -> Mapping[tuple[int, str], tuple[int, int]]:
        from mdiff_pandoc.document.options_in_text import in_attributes

        return {} if self.source is None else in_attributes(self.source, self._tree)

    def of_text(self, text: str, index: int, total: int) -> Spot | None:
        """The place of the text of a paragraph, which is the one with this ``index`` of ``total``.

        A mark of emphasis, which is none in a formula, may be missing in the text.
        """
        if self.source is None or not text:
            return None
        pattern = r"[\s_*>]*".join(re.escape(char) for char in text if char not in _LOST)
        spans = (match.span() for match in re.finditer(pattern, self._text))
        found = [span for span in spans if not self._apart(*span)]
        return self._spot(*found[index]) if len(found) == total else None

    def _spot(self, start: int, end: int) -> Spot:
        source = self.source
        assert source is not None
        line, column = source.position(start)
        text, offset = source.line(start)
        length = max(1, min(end - start, len(text) - offset))
        return Spot(line, column, text, offset, length, source.cell(start))

    @cached_property
    def _formulas(self) -> Mapping[int, Place]:
        """The places of the formulas in the blocks, by the ids of their JSON."""
        source = self.source
        if source is None:
            return {}
        from mdiff_pandoc.document.locate import formulas, locate

        found = formulas(self._tree)
        pairs = list(zip(found, locate(self._tree, source), strict=True))
        # a formula that the tree has more often than the file may come from another file
        taken = Counter((place.start, place.end) for _, place in pairs if place is not None)
        return {
            id(formula.element): place
            for formula, place in pairs
            if place is not None
            and taken[place.start, place.end] == 1
            and not self._apart(place.start, place.end)
        }

    def _apart(self, start: int, end: int) -> bool:
        """Does a range of the text lie in code or in a comment, where pandoc reads no formula?"""
        index = bisect_right(self._no_formulas, (start, len(self._text))) - 1
        return start == end or (index >= 0 and start < self._no_formulas[index][1])

    @property
    def _text(self) -> str:
        return "" if self.source is None else self.source.text

    @cached_property
    def _no_formulas(self) -> list[tuple[int, int]]:
        """Ranges of code and comments in order, those in others left out."""
        from mdiff_pandoc.document.spots_markdown import spots_in_markdown

        source = self.source
        if source is None or source.dialect not in ("markdown", "gfm"):
            return []
        fenced = source.dialect == "gfm"
        found = [match.span() for match in _COMMENT.finditer(source.text)]
        for begin, end in source.parts:
            spots = spots_in_markdown(source.text[begin:end], fenced=fenced)
            formulas = sorted(spot.start for spot in spots.spots)
            found += [
                (begin + first, begin + last)
                for first, last in spots.apart
                if bisect_left(formulas, first) == bisect_left(formulas, last)
            ]
        kept: list[tuple[int, int]] = []
        for first, last in sorted(found):
            if not kept or last > kept[-1][1]:
                kept.append((first, last))
        return kept

    def _single(self, node: Mapping[str, Any]) -> Place | None:
        """The place of a formula outside the blocks, such as in the title, if there is only one."""
        source = self.source
        text = _text_of(node)
        if source is None or id(node) in self._in_blocks or not text.strip():
            return None
        from mdiff_pandoc.document.locate import Place

        pattern = r"\s+".join(map(re.escape, text.split()))
        found = list(re.finditer(rf"(?<=\$){pattern}(?=\s*\$)", source.text))
        if len(found) != 1:
            return None
        [match] = found
        return Place(match.start(), match.end(), False, text, source.text, {})

    @cached_property
    def _in_blocks(self) -> Mapping[int, int | None]:
        """The numbers of the formulas in the blocks, by the ids of their JSON."""
        from mdiff_pandoc.document.locate import formulas

        return {id(formula.element): formula.number for formula in formulas(self._tree)}

    @cached_property
    def _code(self) -> Mapping[int, tuple[int, ...]]:
        """Where the lines of fenced code begin in the text, by the ids of the blocks' JSON."""
        source = self.source
        if source is None:
            return {}
        text = source.text
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        blocks: dict[tuple[str, ...], list[int]] = {}
        for node in _code_blocks(self._tree["blocks"]):
            blocks.setdefault(_words(node["c"][1].split("\n")), []).append(id(node))
        fences: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
        lengths = {len(words) for words in blocks}
        for fence in _CODE.finditer(text):
            first = bisect_right(starts, fence.end() - 1)
            for length in lengths:
                here = starts[first : first + length]
                words = _words(_line_at(text, begin).lstrip(_PREFIX) for begin in here)
                if words in blocks:
                    fences.setdefault(words, []).append(tuple(here))
        return {
            node: lines
            for words, nodes in blocks.items()
            if len(nodes) == len(fences.get(words, ()))
            for node, lines in zip(nodes, fences[words], strict=True)
        }


def _code_blocks(node: Any) -> Iterator[Mapping[str, Any]]:
    """The code blocks whose lines are formulas, in reading order."""
    if isinstance(node, list):
        for item in node:
            yield from _code_blocks(item)
    elif isinstance(node, dict):
        if node.get("t") == "CodeBlock":
            if {"mdiff", "math"}.intersection(node["c"][0][1]):
                yield node
        elif "c" in node and node.get("t") != "Math":
            yield from _code_blocks(node["c"])


def _offset_of(rows: str, whole: str) -> int | None:
    """Where ``rows``, in an environment of their own, begin to stand in the ``whole`` formula."""
    from mdiff_pandoc.document.spots import body_of

    begin, end = body_of(rows)
    inside = rows[begin:end].strip()
    found = whole.find(inside) if inside else -1
    if found < 0 or whole.find(inside, found + 1) >= 0:
        return None
    return found - rows.index(inside, begin)


def _text_of(node: Mapping[str, Any]) -> str:
    """The text of a formula, of raw TeX or of code."""
    return str(node["c"][1])


def _line_at(text: str, begin: int) -> str:
    end = text.find("\n", begin)
    return text[begin : end if end >= 0 else len(text)]


def _words(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple("".join(line.split()) for line in lines)


def _in_code(
    code: str, text: str, starts: tuple[int, ...], offset: int, at: Span
) -> tuple[int, int]:
    """The range in ``text`` of a range of ``code``, whose lines begin at ``starts``."""
    marks: list[int] = []
    for begin in starts:
        line = _line_at(text, begin)
        lead = len(line) - len(line.lstrip(_PREFIX))
        marks += [begin + lead + i for i, char in enumerate(line[lead:]) if not char.isspace()]
    first = len("".join(code[: offset + at.start].split()))
    last = max(first + 1, len("".join(code[: offset + at.end].split())))
    if first >= len(marks):
        end = starts[-1] + len(_line_at(text, starts[-1]))
        return end, end
    return marks[first], marks[min(last, len(marks)) - 1] + 1
