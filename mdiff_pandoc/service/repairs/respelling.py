"""A side whose shapes do not meet, written so that they do and the equality holds.

Such a side is no expression, so it is changed as it is written: transposes put in or taken out,
neighbouring factors exchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from time import thread_time

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError, Span
from mdiff_pandoc.latex.chains import Side
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service.readings import Surroundings, judge_of, outcome_of
from mdiff_pandoc.service.repairs.conventions import derived
from mdiff_pandoc.service.repairs.repair import Repair

_SECONDS = 0.3
_TRANSPOSE = regex(
    r"\^\s*(?:\\top(?![A-Za-z])|\\intercal(?![A-Za-z])|T|\{\s*(?:\\(?:top|intercal)|T"
    r"|\\math(?:sf|rm|tt|bf)\s*\{?\s*T\s*\}?)\s*\})"
)
_OPENED = regex(r"(?:\\(?:left|[bB]igg?l?)\s*)?[(\[]\s*\Z")
_CLOSED = regex(r"\s*(?:\\right|\\[bB]igg?r?)?\s*[)\]]")
# brackets round one of their arguments belong to the argument
_HOLDS_FACTORS = (Kind.PRODUCT, Kind.HADAMARD, Kind.KRON, Kind.NEG, Kind.SUM, Kind.CALL)
_SCRIPTS = (Kind.TRANSPOSE, Kind.INVERSE, Kind.INVERSE_TRANSPOSE)


class _Change(Struct, frozen=True):
    """``new`` for what stands between two places; ``text`` tells it."""

    start: int
    end: int
    new: str
    text: str


def respelled(around: Surroundings, left: Side, right: Side) -> Repair | None:
    """The right side as the author may have meant it; else the derivative that is asked for.

    ``left`` and ``right`` are sides of the formula of ``around``. Every formula that is offered
    was read in these surroundings and verified.
    """
    from mdiff_pandoc.latex.visit import parse

    try:
        written = parse(right.text)
    except MdiffError:
        return None
    found = _TRANSPOSE.search(around.latex)
    changes = list(_changes(right.text, written, found[0] if found else r"^\top"))
    apart = (
        pair
        for pair in combinations(sorted(changes, key=lambda change: change.start), 2)
        if pair[0].end <= pair[1].start
    )
    end = thread_time() + _SECONDS
    for picked in (*((change,) for change in changes), *apart):
        text = right.text
        for change in reversed(picked):
            rest = text[change.end :]
            gap = " " if rest[:1].isalpha() and change.new[-1:].isalpha() else ""
            text = text[: change.start] + change.new + gap + rest
        repair = _judged(around, left, right, text, picked)
        if repair is not None:
            return repair
        if thread_time() > end:
            break
    return _derived(around, left)


def _derived(around: Surroundings, left: Side) -> Repair | None:
    """The derivative that the left side asks for."""
    try:
        sides = around.read((left,))
    except MdiffError:
        return None
    (asked,) = sides.exprs
    expr = derived(asked, judge_of(sides, around))
    if expr is None:
        return None
    latex = print_latex(expr, sides.notation)
    return Repair(expr, latex, f"the derivative is ${latex}$")


def _judged(
    around: Surroundings, left: Side, right: Side, text: str, picked: Sequence[_Change]
) -> Repair | None:
    start, end = right.span.start, right.span.end
    latex = around.latex[:start] + text + around.latex[end:]
    side = Side(text, Span(start, start + len(text)))
    outcome = outcome_of(replace(around, latex=latex), left, side)
    if not outcome.verified or outcome.pair is None:
        return None
    shown = " ".join(text.split())
    told = "holds with " + " and ".join(change.text for change in picked)
    return Repair(outcome.pair[1], shown, f"{told}: ${shown}$")


def _changes(text: str, written: Term, mark: str) -> Iterator[_Change]:
    """Transposes first, then orders, then both."""
    factors = list(_factors(text, written, None))
    for start, end, term in factors:
        new = _turned(text, start, end, term, mark)
        if new is not None:
            yield _replaced(text, start, end, new)
    neighbours = list(_neighbours(text, written))
    for one, other in neighbours:
        a, b = (text[start:end] for start, end, _ in (one, other))
        yield _Change(one[0], other[1], f"{b} {a}", f"${_plain(a)}$ and ${_plain(b)}$ exchanged")
    for one, other in neighbours:
        a, b = (text[start:end] for start, end, _ in (one, other))
        turned_a, turned_b = (_turned(text, *factor, mark) for factor in (one, other))
        if turned_a is not None:
            yield _replaced(text, one[0], other[1], f"{b} {turned_a}")
        if turned_b is not None:
            yield _replaced(text, one[0], other[1], f"{turned_b} {a}")


_Factor = tuple[int, int, Term]


def _replaced(text: str, start: int, end: int, new: str) -> _Change:
    old = _plain(text[start:end])
    return _Change(start, end, new, f"${_plain(new)}$ in place of ${old}$")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _factors(text: str, term: Term, parent: Term | None) -> Iterator[_Factor]:
    """What can be transposed where it stands, brackets included."""
    if term.kind is Kind.CALL and len(term.args) == 1:
        yield from _called(term)
    elif term.kind in (Kind.NAME, *_SCRIPTS) or (term.kind is Kind.SUM and _is_factor(parent)):
        yield _bracketed(text, term, parent)
    inner = term.args[0].args if term.kind in _SCRIPTS else term.args
    for arg in inner:
        if arg.kind is not Kind.NUMBER:
            yield from _factors(text, arg, term)


def _neighbours(text: str, term: Term) -> Iterator[tuple[_Factor, _Factor]]:
    """Neighbouring factors of the products in a term."""
    if term.kind is Kind.PRODUCT:
        args = [arg for arg in term.args if arg.kind is not Kind.NUMBER]
        parts = [_bracketed(text, arg, term) for arg in args]
        yield from pairwise(parts)
    if term.kind is Kind.CALL and len(term.args) == 1:
        name, bracket = _called(term)
        yield name, bracket
    for arg in term.args:
        yield from _neighbours(text, arg)


def _called(term: Term) -> tuple[_Factor, _Factor]:
    """Name and bracket of a product that looks like a call."""
    start, end = term.span.start, term.span.end
    middle = start + len(term.latex)
    name = Term(Kind.NAME, Span(start, middle), (), term.text, term.latex)
    return (start, middle, name), (middle, end, term.args[0])


def _bracketed(text: str, term: Term, parent: Term | None) -> _Factor:
    start, end = term.span.start, term.span.end
    if _is_factor(parent):
        opened, closed = _OPENED.search(text[:start]), _CLOSED.match(text, end)
        if opened and closed:
            return opened.start(), closed.end(), term
    return start, end, term


def _is_factor(parent: Term | None) -> bool:
    return parent is not None and parent.kind in _HOLDS_FACTORS


def _turned(text: str, start: int, end: int, term: Term, mark: str) -> str | None:
    """The transpose of what stands there, as it is written."""
    base = text[start : term.args[0].span.end] if term.args else ""
    if term.kind in _SCRIPTS:
        closed = _CLOSED.match(text, term.args[0].span.end)
        base = text[start : closed.end()] if closed and text[start] in "([\\" else base
    match term.kind:
        case Kind.TRANSPOSE:
            return base
        case Kind.INVERSE:
            return base + "^{-" + mark.lstrip("^").strip("{} ") + "}"
        case Kind.INVERSE_TRANSPOSE:
            return base + "^{-1}"
        case Kind.NAME | Kind.SUM | Kind.PRODUCT:
            return text[start:end].rstrip() + mark
        case _:
            return None
