"""The reader's public face: a request in LaTeX becomes a typed expression."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from mdiff_pandoc.errors import LimitError, MdiffError, Span
from mdiff_pandoc.expr import Expr, Shape
from mdiff_pandoc.latex.declarations import is_fact, read_fact
from mdiff_pandoc.latex.definitions import Definitions
from mdiff_pandoc.latex.fact import Fact
from mdiff_pandoc.latex.infer import Question, infer
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.reading import Reading, settled
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.latex.requested import Request
from mdiff_pandoc.latex.scope import scope_of
from mdiff_pandoc.latex.sources import Sources
from mdiff_pandoc.latex.surface import Kind, Term

__all__ = [
    "Fact",
    "Request",
    "RequestText",
    "find_request",
    "is_fact",
    "read_expression",
    "read_fact",
    "read_request",
]

_LONGEST = 40_000


def read_request(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    functions: str = "elementwise",
    form: str = "",
) -> Request:
    """Read a derivative, with or without ``= ?``.

    ``declare`` holds the request's own declarations, ``context`` those of the document in
    reading order; ``functions`` and ``form`` are the options. Raises MdiffError with a span in
    ``latex``, or in the declaration that the error's ``source`` holds.
    """
    return _guarded(lambda: _Reader(latex, declare, context, functions, form).request(), latex)


def read_expression(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    *,
    shape: Shape | None = None,
    differentials: bool = False,
    functions: str = "elementwise",
    free: Collection[str] = (),
) -> tuple[Expr, Notation]:
    """Read one side of a formula, of any shape or of a known one. Raises MdiffError with a span.

    With ``differentials``, ``dX``, ``d(AX)`` and ``d \\log\\det X`` are differentials.
    ``functions`` is the option; ``free`` are indices that no sum runs over.
    """
    reader = _Reader(latex, declare, context, functions)
    return _guarded(lambda: reader.expression(shape, differentials, frozenset(free)), latex)


T = TypeVar("T")


def _guarded(read: Callable[[], T], latex: str) -> T:
    try:
        return read()
    except RecursionError:
        raise LimitError("the formula is nested too deeply", Span(0, len(latex))) from None


class _Reader:
    def __init__(
        self,
        latex: str,
        declare: Sequence[str],
        context: Sequence[str],
        functions: str,
        form: str = "",
    ) -> None:
        if len(latex) > _LONGEST:
            raise LimitError(
                f"the formula has {len(latex)} characters; mdiff reads up to {_LONGEST}",
                Span(0, len(latex)),
                "split it into several formulas",
            )
        self.latex = self.body = latex
        self.declare, self.context = tuple(declare), tuple(context)
        self.functions, self.form = functions, form

    def expression(
        self, shape: Shape | None, differentials: bool, free: frozenset[str]
    ) -> tuple[Expr, Notation]:
        from mdiff_pandoc.latex.visit import parse

        scope = scope_of(self.declare, self.context)
        sources = Sources(self.latex)
        try:
            written = parse(self.latex)
            definitions = Definitions(scope, sources, ())
            main = definitions.expand(written)
            whole = Term(Kind.LIST, main.span, (main, *definitions.bodies.values()))
            term, *bodies = settled(whole, scope, (), sources, differentials=differentials).args
            question = Question(
                term,
                sources.text,
                scope,
                constants=definitions.constant,
                matrix_functions=self.functions == "matrix",
                shape=shape,
                differentials=differentials,
                free=free,
                bodies=dict(zip(definitions.bodies, bodies, strict=True)),
            )
            answer = infer(question)
        except MdiffError as error:
            raise sources.relocate(error).at(Span(0, len(self.latex))) from None
        return answer.expr, observe(answer.symbols, self.latex, written)

    def request(self) -> Request:
        from mdiff_pandoc.latex.visit import parse

        found = find_request(self.latex, marked=True)
        body, offset = self.latex, 0
        if found is not None:
            body, offset = found.body, found.offset
            if found.before and is_fact(found.before):
                self.context = (*self.context, found.before)
        scope = scope_of(self.declare, self.context)
        self.body = " " * offset + body
        sources = Sources(self.body)
        try:
            return Reading(self.body, scope, sources, self.functions, self.form).read(
                parse(self.body)
            )
        except MdiffError as error:
            raise sources.relocate(error).at(Span(offset, offset + len(body))) from None
