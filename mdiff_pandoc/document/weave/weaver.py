"""Weaves derivations into the text of a file, and takes them out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.document.convert import asking
from mdiff_pandoc.document.locate import Place, formulas, locate
from mdiff_pandoc.document.notebook import Cell, read_cells
from mdiff_pandoc.document.places import Places
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.source import Source, SourceError
from mdiff_pandoc.document.spots import Spots
from mdiff_pandoc.document.spots_latex import spots_in_latex
from mdiff_pandoc.document.spots_markdown import spots_in_markdown
from mdiff_pandoc.document.weave import compose, json_text
from mdiff_pandoc.document.weave.collect import Found, collect
from mdiff_pandoc.document.weave.dialects import AUTO, DIALECTS, Dialect, Prepared, guessed
from mdiff_pandoc.document.weave.markers import Damage, find
from mdiff_pandoc.document.weave.page import Page, Range
from mdiff_pandoc.document.weave.preamble import lacks_amsmath, room_in
from mdiff_pandoc.document.weave.text import Edit, FileText
from mdiff_pandoc.document.weave.told import told_in
from mdiff_pandoc.errors import MdiffError

Reading = Callable[[Source], Mapping[str, Any]]


class DamagedError(SourceError):
    """A comment of a woven derivation without its partner: the file is left as it is."""

    code = "weave-marker"
    advice = "put the missing comment back, or remove the other one and what was woven"


class UnwovenError(MdiffError):
    """A request at a place where no derivation can stand in the source."""

    code = "weave-place"
    advice = "write it as a formula between dollars, outside of tables that are drawn with spaces"


class Stripped(Struct, frozen=True):
    """A file without its derivations; ``edited`` are the lines of those that hands changed."""

    file: FileText
    count: int = 0
    edited: tuple[int, ...] = ()


class Weaved(Struct, frozen=True):
    """A file with its derivations: how many there are, and what was noted about its requests."""

    file: FileText
    count: int = 0
    edited: tuple[int, ...] = ()
    report: Report = field(default_factory=Report)

    def tell_in(self, file: FileText, dialect: Dialect) -> None:
        """Have the places of messages told as they stand in ``file``, with derivations or not."""
        places = self.report.places
        if places is not None and places.source is not None:
            places.source = told_in(file, places.source, _apart_in(dialect))


def strip(file: FileText, dialect: Dialect) -> Stripped:
    """The file as the author wrote it. DamagedError: a comment lost its partner."""
    if "mdiff" not in file.raw:
        return Stripped(file)
    if dialect.name == "ipynb":
        return _strip_notebook(file)
    found, damaged = find(file.text, file.eol, _apart_in(dialect))
    if damaged:
        raise _damage(damaged[0], file.text.count("\n", 0, damaged[0].place) + 1)
    edits = [Edit(woven.start, woven.end, woven.original, verbatim=True) for woven in found]
    lines = tuple(file.text.count("\n", 0, woven.start) + 1 for woven in found if woven.edited)
    return Stripped(file.edited(edits), len(found), lines)


def _strip_notebook(file: FileText) -> Stripped:
    cells, apart = read_cells(file.raw), _apart_in(DIALECTS["markdown"])
    edits: list[Edit] = []
    lines: list[int] = []

    def line(cell: Cell, place: int) -> int:
        return file.raw.count("\n", 0, cell.in_file(cell.start + place)) + 1

    for cell in cells:
        found, damaged = find(cell.text, "\n", apart)
        if damaged:
            raise _damage(damaged[0], line(cell, damaged[0].place))
        for woven in found:
            start, end = cell.start + woven.start, cell.start + woven.end
            edits.append(Edit(start, end, woven.original, verbatim=True))
            lines += [line(cell, woven.start)] if woven.edited else []
    return Stripped(json_text.edited(file, cells, edits), len(edits), tuple(lines))


def _damage(damage: Damage, line: int) -> DamagedError:
    what = "has no end" if damage.opens else "has no beginning"
    return DamagedError(f"a woven derivation {what}", line=line)


def _apart_in(dialect: Dialect) -> Callable[[str], Sequence[tuple[int, int]]]:
    """Where the texts of a dialect have code and the like."""
    scan = spots_in_latex if dialect.tex else spots_in_markdown

    def apart(text: str) -> Sequence[tuple[int, int]]:
        known = guessed(text) if dialect is AUTO else dialect
        made = known.prepare(text)
        return [*scan(made.text).apart, *made.hidden]

    return apart


def weave(
    file: FileText,
    name: str,
    dialect: Dialect,
    read: Reading,
    *,
    quiet: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> Weaved:
    """The file with all its requests answered anew; ``read`` makes pandoc's tree of a source.

    ``told`` is called with how many requests are answered, of how many.
    DamagedError, SourceError: the file cannot be read. Requests that fail stay as they stand.
    """
    bare = strip(file, dialect)
    if dialect is AUTO:
        dialect = guessed(bare.file.text)
    page, source = page_of(bare.file, name, dialect)
    ast = read(source)
    report = Report(name, quiet, places=Places(ast, name, source))
    if told is not None:
        total = asking(ast["blocks"])
        report.heard = lambda done: told(done, max(done, total))
    width = room_in(page.text) if dialect.tex else 0.0
    found = collect(ast, report, markdown=not dialect.tex, width=width)

    def comes_back(edits: Sequence[Edit]) -> bool:
        return _comes_back(_edited(bare.file, source.cells, edits), dialect, bare.file)

    places = _places(ast, source) if found else {}
    # the text of an image is met twice, and stands in the file once
    found = [it for it in found if it.node["t"] == "CodeBlock" or id(it.node) in places]
    for kept in (page, _exact(page, bare.file, source.cells)):
        each = _edits(kept, found, places)
        if comes_back(_in_order(each)):
            break
    else:
        each = [edits if comes_back(edits) else [] for edits in each]
    edits = _in_order(each)
    if not comes_back(edits):
        raise UnwovenError("the derivations could not be taken out again, and were not woven")
    for item, made in zip(found, each, strict=True):
        if not made:
            report.error(_unwoven(item), item.equation, item.text)
    if edits and dialect.tex and lacks_amsmath(page.text):
        text = "what was woven needs amsmath: write \\usepackage{amsmath} in the preamble"
        report.warning(text, code="weave-amsmath")
    return Weaved(_edited(bare.file, source.cells, edits), len(edits), bare.edited, report)


def _unwoven(item: Found) -> UnwovenError:
    latex = " ".join(item.text.split())
    error = UnwovenError(f"there is no place for the answer to {latex}")
    if item.table:
        error.hint = "make it a table of pipes, | a | b |: cells drawn with spaces have no room"
    return error


def _comes_back(made: FileText, dialect: Dialect, bare: FileText) -> bool:
    """Is the author's file what is left when all derivations are taken out?"""
    try:
        return strip(made, dialect).file.raw == bare.raw
    except DamagedError:
        return False


def _exact(page: Page, file: FileText, cells: Sequence[Cell]) -> Page:
    """The page, on which each byte of the author's is kept that is written in an uncommon way."""
    if not cells:
        return replace(page, eol="")

    def original(start: int, end: int) -> str:
        return json_text.AS_IN_FILE + json_text.piece(file, cells, start, end)

    return replace(page, original=original)


def page_of(file: FileText, name: str, dialect: Dialect) -> tuple[Page, Source]:
    """The text to weave into, and the same for pandoc."""
    plain = dialect.reader.replace("+latex_macros", "")
    cells: tuple[Cell, ...] = ()
    if dialect.name == "ipynb":
        cells = read_cells(file.raw)
        text = FileText("\n\n".join(cell.text for cell in cells))
        parts = [(cell.start, cell.text) for cell in cells]
        made = Prepared(text.text)
        data = file.raw.encode()
    else:
        text, made = file, dialect.prepare(file.text)
        parts, data = [(0, made.text)], made.text.encode()
    lines = [0]
    whole = file.text
    while start := whole.find("\n", lines[-1]) + 1:
        lines.append(start)
    source = Source(name, data, made.text, plain, dialect.reader, cells, lines)
    scan = spots_in_latex if dialect.tex else _scan_of(source)
    found = [(start, scan(part)) for start, part in parts]
    return Page(text, dialect, found, made.directives, text.slice, text.eol), source


def _scan_of(source: Source) -> Callable[[str], Spots]:
    fenced = source.dialect == "gfm"
    return lambda text: spots_in_markdown(text, fenced=fenced)


def _places(ast: Mapping[str, Any], source: Source) -> dict[int, Place | None]:
    """Where the formulas of a tree stand, by the identity of their elements."""
    located = zip(formulas(ast), locate(ast, source), strict=True)
    return {id(formula.element): place for formula, place in located}


def _edits(
    page: Page, found: Sequence[Found], places: Mapping[int, Place | None]
) -> list[list[Edit]]:
    """What is to be changed in the text for each of what was found; nothing without a place."""
    fences = _fences(page, found)
    return [
        _edits_of(page, item, places.get(id(item.node)), fences.get(id(item.node)))
        for item in found
    ]


def _in_order(each: Iterable[Sequence[Edit]]) -> list[Edit]:
    """All edits, each place once, though a reader may meet it twice."""
    kept: list[Edit] = []
    for edit in sorted((edit for edits in each for edit in edits), key=lambda edit: edit.start):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _edits_of(page: Page, item: Found, place: Place | None, fence: Range | None) -> list[Edit]:
    delimiters = (r"\[", r"\]") if page.dialect.tex else ("$$", "$$")
    if fence is not None:
        return compose.derivation(page, item, fence, delimiters)
    if place is None or not place.is_sure():
        return []
    if item.node["t"] == "RawBlock" and item.changes:
        return compose.raw(page, item, place)
    area = page.range_of(place)
    if area is None or (item.table and not page.dialect.tex and not page.in_pipes(place.start)):
        return []
    if item.changes:
        return compose.result(page, item, place, area)
    return compose.derivation(page, item, area, delimiters)


def _fences(page: Page, found: Sequence[Found]) -> dict[int, Range]:
    """The fenced code of the code blocks among what was found."""
    free = list(page.fences)
    made: dict[int, Range] = {}
    for item in found:
        if item.node["t"] == "CodeBlock":
            key = "".join(item.text.split())
            fence = next((f for f in free if "".join(f.text.split()) == key), None)
            if fence is not None:
                free.remove(fence)
                area = page.fenced(fence)
                is_math = fence.info.split()[:1] == ["math"]
                made[id(item.node)] = area if is_math else Range(area.start, area.end, area.end)
    return made


def _edited(file: FileText, cells: Sequence[Cell], edits: Sequence[Edit]) -> FileText:
    """The file with the edits; a notebook in its JSON."""
    if cells:
        return json_text.edited(file, cells, edits)
    return file.edited(edits)
