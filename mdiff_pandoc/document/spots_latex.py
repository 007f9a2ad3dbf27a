"""Formulas in LaTeX, by their delimiters; comments, verbatim text and the preamble hold none."""

from __future__ import annotations

import re

from mdiff_pandoc.document.macros import Definition, closing_brace, find_definitions
from mdiff_pandoc.document.spots import MATH_ENVIRONMENTS, Marks, Regions, Spot, Spots
from mdiff_pandoc.patterns import regex

_VERBATIM = frozenset(
    "verbatim Verbatim BVerbatim LVerbatim lstlisting minted comment filecontents "
    "tikzpicture".split()
)
_START = regex(
    r"(?P<comment>%[^\n]*)"
    r"|\\(?:verb|lstinline)\*?(?:\[[^\]\n]*\])?(?P<verb>[^\sA-Za-z*\[])"
    r"|\\mintinline(?:\[[^\]\n]*\])?\{[^{}\n]*\}(?P<minted>[^\s])"
    r"|\\begin\s*\{\s*(?P<environment>[A-Za-z]+)(?P<star>\*?)\s*\}"
    r"|\\end\s*\{\s*(?P<end>document|(?:wrap)?figure|(?:long)?table)\*?\s*\}"
    r"|(?P<false>\\iffalse(?![A-Za-z@]))"
    r"|\\(?:title|author|date|url|path|nolinkurl|href|includegraphics|index|marginpar)\s*"
    r"(?:\[[^\]\n]*\]\s*)?(?P<apart>(?=\{))"
    r"|\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\s*(?P<short>(?=\[))"
    r"|(?P<ensured>\\ensuremath\s*(?=\{))"
    r"|\\(?P<caption>caption)\*?\s*(?=[\[{])"
    r"|(?P<dollars>\$\$)|(?P<dollar>\$)|(?P<bracket>\\\[)|(?P<parenthesis>\\\()"
    r"|(?P<command>\\[A-Za-z@]+)|\\.",
    re.S,
)
_COMMENT = regex(r"(?<!\\)((?:\\\\)*)(%[^\n]*)")
_DOCUMENT = regex(r"\\begin\s*\{document\}")
_FLOATS = ("figure", "wrapfigure", "table", "longtable")
_OWN = regex(
    r"\\newenvironment\*?\s*\{\s*([A-Za-z]+)\s*\}\s*\{\s*\\begin\s*\{([A-Za-z]+)\*?\}\s*\}"
)
_BLANK = regex(r"\n[ \t]*\n")
_ENDING = regex(r"\\(begin|end)\s*\{\s*([A-Za-z]+\*?)\s*\}")
_COMMAND = regex(r"\\[A-Za-z@]+|\\.", re.S)
_MOST_UNCLOSED = 20  # a text with more is no LaTeX
_FAR = 300  # how far beyond the first closer one outside of braces is looked for
_CLOSERS = {"dollars": "$$", "dollar": "$", "bracket": r"\]", "parenthesis": r"\)"}
_INSIDE = regex(r"%[^\n]*|\\[^A-Za-z]|\$\$|[${}]", re.S)


def spots_in_latex(text: str) -> Spots:
    """The formulas of a LaTeX document, outside of its preamble, title and abstract."""
    scan = _Scan(text)
    scan.run()
    spots = sorted(scan.spots, key=lambda spot: spot.order)
    apart = [(start, end) for start, end, _ in scan.marks.ranges]
    return Spots(scan.marks.veil(), spots, scan.definitions, apart)


class _Scan:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = Marks(text)
        self.spots: list[Spot] = []
        bare = _COMMENT.sub(lambda m: m[1] + " " * len(m[2]), text) if "%" in text else text
        self.definitions = find_definitions(bare)
        self.skipped = Regions([(d.start, d.end, "") for d in self.definitions])
        # a macro that stands for \begin{equation} opens one
        self.opening = _delimiters(self.definitions, "begin")
        self.closing = _delimiters(self.definitions, "end")
        self.own = {match[1] for match in _OWN.finditer(bare) if match[2] in MATH_ENVIRONMENTS}
        self.lost: set[str] = set()  # delimiters that nothing closes from here on
        self.float = -1  # where the figure or table begins that this stands in
        self.unclosed = 0  # groups that nothing closes
        self.paragraph = 0  # where the paragraph ends
        self.caption = -1  # where the last caption ends

    def run(self) -> None:
        text = self.text
        start = _DOCUMENT.search(text)
        place = start.end() if start else 0
        while match := _START.search(text, place):
            if region := self.skipped.around(match.start()):
                place = max(region[1], match.start() + 1)
                continue
            kind = match.lastgroup or ""
            if kind == "end" and match["end"] == "document":
                break
            place = max(self._after(match, kind), match.start() + 1)

    def _after(self, match: re.Match[str], kind: str) -> int:
        """Where to go on after what begins at ``match``; spots and marks are noted."""
        text, begin, end = self.text, match.start(), match.end()
        if kind == "comment":
            self.marks.hide(begin, end)
        elif kind in ("verb", "minted"):
            closer = "}" if match[kind] == "{" else match[kind]
            line = text.find("\n", end)
            stop = text.find(closer, end, line if line >= 0 else len(text)) + 1
            if stop:
                self.marks.hide(begin, stop)
                return stop
        elif kind == "false":
            return self._hidden(begin, re.compile(r"\\fi(?![A-Za-z@])"), end)
        elif kind in ("environment", "star"):
            return self._environment(match["environment"], match["star"], begin, end)
        elif kind == "end":
            self.float = -1
        elif kind == "ensured":
            stop = self._group(end)
            if stop > 0:
                self._spot(end + 1, stop - 1, display=False)
            return stop
        elif kind in ("apart", "short"):
            stop = self._group(end) if kind == "apart" else text.find("]", end) + 1
            if stop > 0:
                self.marks.hide(begin, stop)
            return stop
        elif kind == "caption":
            self.caption = self._group(max(text.find("{", end), end))
        elif kind in _CLOSERS:
            display = kind in ("dollars", "bracket")
            stop = self._closer(_CLOSERS[kind], end)
            if stop >= 0:
                self._spot(end, stop, display=display)
                return stop + len(_CLOSERS[kind])
        elif kind == "command" and (name := self.opening.get(match[0])):
            return self._abbreviated(name, end)
        return end

    def _spot(self, start: int, end: int, *, display: bool) -> None:
        # pandoc puts the caption before what it is the caption of
        early = self.float >= 0 and start < self.caption
        order = (self.float, start) if early else (start,)
        self.spots.append(Spot(start, end, display, order))

    def _group(self, begin: int) -> int:
        """The offset after the group that begins here; -1 when nothing closes it."""
        stop = closing_brace(self.text, begin) if self.unclosed < _MOST_UNCLOSED else -1
        self.unclosed += stop < 0
        return stop

    def _hidden(self, begin: int, closer: re.Pattern[str], end: int) -> int:
        found = closer.search(self.text, end)
        if found is None:
            return end
        self.marks.hide(begin, found.end())
        return found.end()

    def _environment(self, name: str, star: str, begin: int, end: int) -> int:
        if name in _VERBATIM or name == "abstract":
            closer = re.compile(rf"\\end\s*\{{\s*{name}{re.escape(star)}\s*\}}")
            return self._hidden(begin, closer, end)
        if name in _FLOATS:
            self.float = begin
        if name not in MATH_ENVIRONMENTS and name not in self.own:
            return end
        if name + star in self.lost:
            return end
        depth = 1
        for match in _ENDING.finditer(self.text, end):
            if match[2] == name + star and not self._in_comment(match.start()):
                depth += 1 if match[1] == "begin" else -1
                if depth == 0:
                    inner = name in ("math", "displaymath") or name in self.own
                    start, stop = (end, match.start()) if inner else (begin, match.end())
                    self._spot(start, stop, display=name != "math")
                    return match.end()
        self.lost.add(name + star)
        return end

    def _abbreviated(self, name: str, begin: int) -> int:
        """A formula between macros that stand for the two ends of an environment."""
        if name not in self.lost:
            for match in _COMMAND.finditer(self.text, begin):
                if self.closing.get(match[0]) == name:
                    self._spot(begin, match.start(), display=True)
                    return match.end()
            self.lost.add(name)
        return begin

    def _in_comment(self, place: int) -> bool:
        line = self.text.rfind("\n", 0, place) + 1
        return any(
            line + match.start(2) < place for match in _COMMENT.finditer(self.text[line:place])
        )

    def _closer(self, closer: str, start: int) -> int:
        """Where the formula that begins at ``start`` ends; -1 when it does not."""
        if closer in self.lost:
            return -1
        depth = 0
        first = -1
        if closer == "$" and start >= self.paragraph:
            blank = _BLANK.search(self.text, start)
            self.paragraph = blank.start() if blank else len(self.text)
        stop = self.paragraph if closer == "$" else len(self.text)
        for match in _INSIDE.finditer(self.text, start, stop):
            token = match[0]
            depth += (token == "{") - (token == "}")
            if token == closer or (closer == "$" and token == "$$" and match.start() > start):
                first = match.start() if first < 0 else first
                if depth <= 0:
                    return match.start()
            elif first >= 0 and match.start() > first + _FAR:
                break
        if first < 0 and closer != "$":
            self.lost.add(closer)
        return first


def _delimiters(definitions: list[Definition], which: str) -> dict[str, str]:
    """The macros whose body is nothing but the begin, or the end, of an environment."""
    found: dict[str, str] = {}
    for definition in definitions:
        match = _ENDING.fullmatch(definition.macro.body.strip())
        if match and match[1] == which and match[2].rstrip("*") in MATH_ENVIRONMENTS:
            found[definition.name] = match[2]
    return found
