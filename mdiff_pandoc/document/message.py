"""One message about a document, in the manner of a compiler: place, kind, text, code and caret."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from mdiff_pandoc.errors import Span, caret

NAMELESS = "document"  # the name of a document that nobody named
STYLES = {
    "error": "bold red",
    "warning": "yellow",
    "note": "cyan",
    "refuted": "bold red",
    "undecided": "yellow",
    "verified": "green",
    "definition": "cyan",
}
_SHOWN = frozenset(("error", "warning", "refuted"))  # with the author's line
_NAMED = 5  # places of messages of the same words
_HINTS = frozenset(("help", "write"))

Segment = tuple[str, str]  # a text and its style


class Spot(Struct, frozen=True):
    """A place in the author's file: ``line`` and ``column`` from 1, columns in characters.

    A ``column`` of 0 is not known.

    ``text`` is the line of the document, in which the place has ``length`` characters from
    ``offset`` on; in a notebook that is a line of the cell ``cell``, counted from 1.
    """

    line: int
    column: int
    text: str = ""
    offset: int = 0
    length: int = 1
    cell: int | None = None


class Message(Struct, frozen=True):
    """Something to tell about a document.

    ``kind`` is ``error``, ``warning``, ``note`` or a verdict, ``code`` what ``mdiff explain``
    knows. ``spot`` is where it stands, else ``equation`` counts the formulas from 1 (0: no
    formula). ``excerpt`` is the author's text with the place in it, where ``spot`` is not of that
    text; ``details`` are lines below it, ``footers`` lines with a label, such as ``help``.
    ``more`` are the places of other messages of the same words.
    """

    file: str
    kind: str
    text: str
    code: str = ""
    equation: int = 0
    spot: Spot | None = None
    excerpt: tuple[str, Span] | None = None
    details: tuple[str, ...] = ()
    footers: tuple[tuple[str, str], ...] = ()
    more: tuple[Spot | None, ...] = ()

    @property
    def place(self) -> str:
        """The place as compilers write it, as far as it is known."""
        if self.spot is not None:
            cell = f" (cell {self.spot.cell})" if self.spot.cell else ""
            column = f":{self.spot.column}" if self.spot.column else ""
            return f"{self.file}:{self.spot.line}{column}{cell}"
        name = "mdiff" if self.file == NAMELESS else self.file
        return f"{name}: equation {self.equation}" if self.equation else name

    @property
    def sentence(self) -> str:
        """The message and what helps, in one line."""
        advice = dict(self.footers).get("help", "")
        return self.text + (f"; {advice}" if advice else "")

    def rows(self) -> Iterator[tuple[Segment, ...]]:
        """The lines of the message, each in parts that have a style."""
        code = f" [{self.code}]" if self.code else ""
        style = STYLES.get(self.kind, "")
        more = self._more()
        yield (
            (self.place, "bold"),
            (": ", ""),
            (self.kind, style),
            (f": {self.text}{code}{more}", ""),
        )
        yield from self._excerpt()
        for line in self.details:
            yield ((f"  {line}", ""),)
        for label, text in self.footers:
            yield (f"  {label}: ", "bold green" if label in _HINTS else ""), (text, "")

    def plain(self) -> str:
        """The message as text."""
        return "\n".join("".join(text for text, _ in row) for row in self.rows())

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface; line and column are 0 where they are not known."""
        spot = self.spot
        found: dict[str, object] = {
            "line": spot.line if spot else 0,
            "column": spot.column if spot else 0,
            "equation": self.equation,
            "kind": self.kind,
            "code": self.code,
            "message": self.text,
            "hint": dict(self.footers).get("help", ""),
        }
        return found if spot is None or spot.cell is None else {**found, "cell": spot.cell}

    def _more(self) -> str:
        if not self.more:
            return ""
        spots = [spot for spot in self.more if spot is not None]
        if len(spots) < len(self.more):
            return f" (and {len(self.more)} more)"
        named = ", ".join(f"{spot.line}:{spot.column}" for spot in spots[:_NAMED])
        return f" (and {len(spots)} more: {named}{', …' * (len(spots) > _NAMED)})"

    def _excerpt(self) -> Iterator[tuple[Segment, ...]]:
        if self.kind not in _SHOWN:
            return
        if self.excerpt is not None:
            (text, span), number = self.excerpt, ""
        elif self.spot is not None and self.spot.text:
            spot = self.spot
            text, span = spot.text, Span(spot.offset, spot.offset + spot.length)
            number = str(spot.line)
        else:
            return
        shown, mark = caret(text, span)
        yield (f"  {number} | ", "dim"), (shown.removeprefix("  "), "")
        if span.end > span.start:
            gutter = " " * len(number)
            yield (f"  {gutter} | ", "dim"), (mark.removeprefix("  "), "bold red")
