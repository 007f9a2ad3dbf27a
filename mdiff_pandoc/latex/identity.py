r"""Identities to be shown, such as ``(AB)^T = ? = B^T A^T``, read as two sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mdiff_pandoc.errors import LimitError, MdiffError, ShapeError, Span
from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.latex.definitions import Definitions, Sources
from mdiff_pandoc.latex.entries import free_indices
from mdiff_pandoc.latex.infer import Question, infer
from mdiff_pandoc.latex.naming import unnamed
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.reading import settled
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.latex.scope import Key, scope_of
from mdiff_pandoc.latex.surface import Kind, Term

_LONGEST = 40_000
# no name that an author writes has a blank in it
_SIDES: tuple[Key, Key] = (("the left side", False), ("the right side", False))


@dataclass(frozen=True, slots=True)
class Identity:
    """Two sides of one shape that are asked to be shown equal.

    ``left_latex`` and ``right_latex`` are the sides as written, ``assumed`` the shapes that no
    declaration gave, ``notes`` the readings an author must know of.
    """

    left: Expr
    right: Expr
    notation: Notation
    left_latex: str
    right_latex: str
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_identity(latex: str) -> RequestText | None:
    """The two sides that a formula asks about, or None."""
    if "?" not in latex:
        return None
    found = find_request(latex)
    return found if found is not None and found.sign is not None else None


def read_identity(
    found: RequestText,
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    functions: str = "elementwise",
) -> Identity:
    """Read both sides together, so that each gives shapes to the other.

    ``found`` is the request in ``latex``; the rest is as for `read_request`. Raises MdiffError
    with a span in ``latex``, or in the declaration that the error's ``source`` holds.
    """
    if len(latex) > _LONGEST:
        raise LimitError(
            f"the formula has {len(latex)} characters; mdiff reads up to {_LONGEST}",
            Span(0, len(latex)),
            "split it into several formulas",
        )
    try:
        return _read(found, declare, context, functions)
    except RecursionError:
        raise LimitError("the formula is nested too deeply", Span(0, len(latex))) from None


def _read(
    found: RequestText, declare: Sequence[str], context: Sequence[str], functions: str
) -> Identity:
    from mdiff_pandoc.latex.visit import parse

    assert found.sign is not None
    start, stop = found.sign
    left_latex, right_latex = found.body[:start], found.body[stop:]
    scope = scope_of(tuple(declare), tuple(context))
    sources = Sources(" " * found.offset + found.body)
    end = found.offset + len(found.body)
    try:
        written = (
            parse(" " * found.offset + left_latex),
            parse(" " * (found.offset + stop) + right_latex),
        )
        definitions = Definitions(scope, sources, (), every=True)
        sides = [definitions.expand(term) for term in written]
        whole = Term(Kind.LIST, Span(found.offset, end), (*sides, *definitions.bodies.values()))
        left, right, *bodies = settled(whole, scope, (), sources).args
        names = [
            Term(Kind.NAME, term.span, (), text, text)
            for term, (text, _) in zip((left, right), _SIDES, strict=True)
        ]
        entry = next((side for side in (left, right) if side.kind is Kind.INDEX), left)
        answer = infer(
            Question(
                Term(Kind.SUM, whole.span, tuple(names)),
                sources.text,
                scope,
                constants=definitions.constant,
                matrix_functions=functions == "matrix",
                shape=None,
                free=free_indices(whole, entry, ()),
                bodies={
                    **dict(zip(definitions.bodies, bodies, strict=True)),
                    _SIDES[0]: left,
                    _SIDES[1]: right,
                },
            )
        )
    except MdiffError as error:
        raise _told(sources.relocate(error).at(Span(found.offset, end)), found) from None
    first, second = (unnamed(_side(arg)) for arg in answer.expr.args)
    symbols = {name: text for name, text in answer.symbols.items() if " " not in name}
    told = (f"{u.name.latex} = {definitions.chosen[u.name.text]}" for u in definitions.used)
    return Identity(
        first,
        second,
        observe(symbols, sources.text, *written, spellings=answer.heads),
        left_latex.strip(),
        right_latex.strip(),
        answer.assumed,
        (*(f"with ${fact}$" for fact in told), *answer.notes),
    )


def _told(error: MdiffError, found: RequestText) -> MdiffError:
    """What cannot be added, as the sides were, cannot be equal."""
    assert found.sign is not None
    sign, span = found.offset + found.sign[0], error.span
    prefix = "cannot add "
    across = span is not None and span.start <= sign < span.end and error.source is None
    if not isinstance(error, ShapeError) or not across or not error.message.startswith(prefix):
        return error
    message = f"the two sides cannot be equal, {error.message.removeprefix(prefix)}"
    return ShapeError(message, span)


def _side(expr: Expr) -> Expr:
    """A side without the name that it was read under."""
    return expr.args[0] if expr.op is Op.NAMED and " " in str(expr.data) else expr
