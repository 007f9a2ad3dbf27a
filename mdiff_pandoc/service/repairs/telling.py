"""A repair in one line that a student can use."""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.expr import Expr, Op, number
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.service.repairs.edits import Edit, Kind, difference
from mdiff_pandoc.service.repairs.place import Place, coefficient
from mdiff_pandoc.service.repairs.tidy import tidy

_Change = tuple[Expr, Edit]
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
# marks of a symbol, which is not meant where it stands with them
_MARKS = frozenset({Op.TRANSPOSE, Op.INVERSE})


def told(edits: Sequence[_Change], right: Expr, repaired: str, notation: Notation) -> str:
    """What to do with each of the expressions, one after the other, to get what is ``right``.

    ``repaired`` is that in LaTeX.
    """
    if len(edits) == 1:
        whole = _whole(edits[0][1], repaired, notation)
        if whole:
            return whole
    else:
        apart = _in_order(*edits)
        if apart is None and all(edit.kind is Kind.REPLACED for _, edit in edits):
            edits = [(edits[0][0], difference(edits[0][0], right))]
            if edits[0][1].kind is Kind.DERIVED:
                return f"holds as ${repaired}$"
        edits = apart or edits
    return "holds " + " and ".join(_phrase(root, edit, notation) for root, edit in edits)


def _in_order(first: _Change, second: _Change) -> Sequence[_Change] | None:
    """Two changes from left to right, both of the whole as it was; None where they overlap."""
    (root, one), (_, other) = first, second
    a, b = one.place.path, other.place.path
    if a[: len(b)] == b or b[: len(a)] == a or other.place.found(root) is not other.old:
        return None
    return [(root, edit) for edit in sorted((one, other), key=lambda edit: edit.place.path)]


def _whole(edit: Edit, repaired: str, notation: Notation) -> str:
    """The sentences of their own."""
    if edit.kind is Kind.TURNED:
        return f"right in the other layout; transposed, it is the derivative: ${repaired}$"
    if edit.kind is Kind.DERIVED:
        return f"the derivative is ${repaired}$"
    if edit.kind in (Kind.TERM_MISSING, Kind.FACTOR_MISSING):
        what = "term" if edit.kind is Kind.TERM_MISSING else "factor"
        shown = print_latex(edit.shown[0], notation)
        return f"the {what} ${shown}$ is missing: ${repaired}$"
    if edit.kind is Kind.SIGN and not edit.place.path:
        return f"holds with the opposite sign: ${repaired}$"
    if edit.kind is Kind.REPLACED and edit.place == Place():
        (before, body), (after, new) = coefficient(edit.old), coefficient(edit.new)
        if body is new and abs(after) == 1:
            factor = print_latex(number(before / after), notation)
            return f"holds without the factor ${factor}$: ${repaired}$"
        return f"holds as ${repaired}$" if edit.old.op is Op.SUM else ""
    return ""


def _phrase(root: Expr, edit: Edit, notation: Notation) -> str:
    shown = [f"${print_latex(expr, notation)}$" for expr in edit.shown]
    where = _where(root, edit.place)
    match edit.kind:
        case Kind.SIGN:
            value, _ = coefficient(edit.old)
            body = edit.new if value < 0 else edit.old
            return f"with the sign of ${print_latex(body, notation)}$ reversed{where}"
        case Kind.EXCHANGED:
            return f"with {shown[0]} and {shown[1]} exchanged{where}"
        case Kind.EVERYWHERE:
            often = " throughout" if _count(root, edit.shown[0]) > 1 else ""
            return f"with {shown[1]} in place of {shown[0]}{often}"
        case Kind.TERM_EXTRA:
            return f"without the term {shown[0]}"
        case Kind.FACTOR_EXTRA:
            return f"without the factor {shown[0]}{where}"
        case Kind.TERM_MISSING:
            return f"with the term {shown[0]} added{where}"
    old, new, where = _named(root, edit)
    latex = print_latex(tidy(new), notation)
    return f"with ${latex}$ in place of ${print_latex(old, notation)}${where}"


def _named(root: Expr, edit: Edit) -> tuple[Expr, Expr, str]:
    """What is replaced by what, large enough that the reader finds the place."""
    place: Place | None = edit.place
    while place is not None and (place.path or place.stop):
        old = place.at(root)
        term = _term(root, place)
        if _count(root, old) == 1:
            break
        if term is not None and _count(root.args[term], old) == 1:
            new = edit.new if place is edit.place else _inside(root, place, edit)
            return old, new, _where(root, place)
        place = place.above()
    place = place or Place()
    new = edit.new if place is edit.place else _inside(root, place, edit)
    return place.at(root), new, ""


def _inside(root: Expr, place: Place, edit: Edit) -> Expr:
    """What stands in ``place``, which holds that of the edit, after it."""
    depth = len(place.path)
    inner = Place(edit.place.path[depth:], edit.place.start, edit.place.stop)
    return inner.put(Place(place.path).at(root), edit.new)


def _term(root: Expr, place: Place) -> int | None:
    """The number of the term that a place lies in."""
    return place.path[0] if root.op is Op.SUM and place.path else None


def _where(root: Expr, place: Place) -> str:
    term = _term(root, place)
    if term is None or term >= len(_ORDINALS):
        return ""
    return f" in the {_ORDINALS[term]} term"


def _count(root: Expr, part: Expr) -> int:
    """How often a part is seen in an expression, runs of factors included."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if node is part:
            count += 1
            continue
        if node.op in _MARKS and node.args[0] is part:
            continue
        if node.size >= part.size:
            if part.op is Op.MATMUL and node.op is Op.MATMUL:
                length = len(part.args)
                runs = range(len(node.args) - length + 1)
                count += sum(node.args[k : k + length] == part.args for k in runs)
            stack.extend(node.args)
    return count
