"""The reader's public face: a request in LaTeX becomes a typed expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from mdiff_pandoc.errors import (
    LimitError,
    MdiffError,
    Span,
    UnknownSymbolError,
    UnsupportedError,
)
from mdiff_pandoc.expr import Expr, Layout, Shape
from mdiff_pandoc.expr.matrix_form import has_index_sum, to_matrix_form
from mdiff_pandoc.latex.ambiguities import refuse_expectations, refuse_free_entries
from mdiff_pandoc.latex.asked import (
    Asked,
    last_side,
    occurs_in,
    only_symbol,
    plain_variable,
    require_definition,
    take_apart,
    variable_of,
)
from mdiff_pandoc.latex.declarations import Fact, is_fact, read_fact
from mdiff_pandoc.latex.differentials import settle_differentials
from mdiff_pandoc.latex.infer import Question, infer
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.latex.resolve import Definitions, Sources, settle_calls
from mdiff_pandoc.latex.scope import Definition, Key, Scope, scope_of
from mdiff_pandoc.latex.squares import square_of
from mdiff_pandoc.latex.subscripts import settle_subscripts
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
_FREE_NAMES = (
    ("f", "f"),
    ("phi", r"\phi"),
    ("g", "g"),
    ("h", "h"),
    ("psi", r"\psi"),
    ("F", "F"),
    ("G", "G"),
    ("f_0", "f_0"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A derivative that is asked for.

    ``f`` is the function with definitions put in, ``variables`` the symbol to differentiate by,
    or two of them. ``layout`` is the one that the notation fixes, if it does. ``transposed``: the
    answer is to be transposed. ``derivative`` is the left-hand side as written, ``operator`` the
    same for the bare function ``name``, ``f_latex`` the function as written. ``assumed`` are the
    shapes that no declaration gave, ``notes`` the readings an author must know of.
    ``declared_only``: the variable does not occur in ``f``.
    """

    f: Expr
    variables: tuple[Expr, ...]
    transposed: bool
    notation: Notation
    derivative: str
    operator: str
    name: str
    f_latex: str
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    declared_only: bool = False
    layout: Layout | None = None

    @property
    def variable(self) -> Expr:
        """The variable, or the first of two."""
        return self.variables[0]


def read_request(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    functions: str = "elementwise",
) -> Request:
    """Read a derivative of a scalar function, with or without ``= ?``.

    ``declare`` holds the request's own declarations, ``context`` those of the document in
    reading order. Raises MdiffError with a span in ``latex``, or in the declaration that the
    error's ``source`` holds.
    """
    return _guarded(lambda: _Reader(latex, declare, context, functions).request(), latex)


def read_expression(
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    *,
    shape: Shape | None = None,
    differentials: bool = False,
) -> tuple[Expr, Notation]:
    """Read one side of a formula, of any shape or of a known one. Raises MdiffError with a span.

    With ``differentials``, ``dX``, ``d(AX)`` and ``d \\log\\det X`` are differentials.
    """
    reader = _Reader(latex, declare, context, "elementwise")
    return _guarded(lambda: reader.expression(shape, differentials), latex)


T = TypeVar("T")


def _guarded(read: Callable[[], T], latex: str) -> T:
    try:
        return read()
    except RecursionError:
        raise LimitError("the formula is nested too deeply", Span(0, len(latex))) from None


class _Reader:
    def __init__(
        self, latex: str, declare: Sequence[str], context: Sequence[str], functions: str
    ) -> None:
        if len(latex) > _LONGEST:
            raise LimitError(
                f"the formula has {len(latex)} characters; mdiff reads up to {_LONGEST}",
                Span(0, len(latex)),
                "split it into several formulas",
            )
        self.latex = self.body = latex
        self.declare, self.context = tuple(declare), tuple(context)
        self.matrix_functions = functions == "matrix"
        self.notes: dict[str, None] = {}

    def expression(self, shape: Shape | None, differentials: bool) -> tuple[Expr, Notation]:
        from mdiff_pandoc.latex.visit import parse

        scope = scope_of(self.declare, self.context)
        sources = Sources(self.latex)
        try:
            written = parse(self.latex)
            definitions = Definitions(scope, sources, None)
            term = _settled(definitions.expand(written), scope, None, sources, differentials)
            question = Question(
                term,
                sources.text,
                scope,
                constants=definitions.constant,
                shape=shape,
                differentials=differentials,
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
            return self._request(parse(sources.text), scope, sources)
        except MdiffError as error:
            raise sources.relocate(error).at(Span(offset, offset + len(body))) from None

    def _request(self, term: Term, scope: Scope, sources: Sources) -> Request:
        side, named = last_side(term)
        asked = take_apart(side)
        node = asked.node
        if node.text[-1:].isdigit():
            raise UnsupportedError(
                "Hessians are not supported yet", node.span, "ask for the gradient, \\nabla_x f"
            )
        operand = asked.operand
        f_latex = self._operand_text(asked)
        square = square_of(node.args[1:], scope)
        if square is not None:
            node = replace(node, args=(node.args[0], square.base))
        variable, transposed = variable_of(node, operand, scope)
        definitions = Definitions(scope, sources, variable)
        operand = settle_subscripts(operand, scope, variable)
        whole, definition = definitions.operand(operand)
        require_definition(operand, definition, scope, variable)
        whole = _settled(whole, scope, variable, sources)
        if square is not None:
            whole, scope, variable = square.put_in(whole), square.known_in(scope), square.key
            node = replace(node, args=(node.args[0], square.symbol))
        if variable is None:
            variable = only_symbol(whole, scope, node)
        occurs = occurs_in(variable[0], whole)
        if not occurs and square is None and scope.find(*variable) is None:
            raise UnknownSymbolError(
                f"{variable[0]} neither occurs in the function nor is declared",
                node.args[1].span if len(node.args) > 1 else node.span,
                "differentiate by a symbol of the function, or declare this one",
            )
        answer = infer(
            Question(
                whole,
                sources.text,
                scope,
                variable,
                node.text.startswith("d-"),
                definitions.constant,
                self.matrix_functions,
                written=plain_variable(node.args[1]).latex if len(node.args) > 1 else "",
            )
        )
        assert answer.variable is not None
        if not answer.variable.is_scalar:
            scalars = {str(getattr(s.data, "name", "")) for s in answer.expr.symbols if s.is_scalar}
            refuse_free_entries(whole, variable[0], scalars)
        for used in definitions.used:
            if used is not definition:
                told = f"{used.name.latex} = {definitions.chosen[used.name.text]}"
                self.notes[f"with ${told}$"] = None
        for held, text in definitions.held.items():
            self.notes[f"${held}$ is held constant: ${held} = {text}$ is not put in"] = None
        f = self._matrix_form(answer.expr)
        symbols = dict(answer.symbols)
        notation = observe(symbols, sources.text, term, *([whole] if definition else []))
        name = self._name(named, operand, definition, scope, symbols)
        if definition is not None:
            f_latex = definitions.chosen[definition.name.text]
            if not _keeps_names(definition, operand):
                f_latex = print_latex(f, notation)
        return Request(
            f=f,
            variables=(answer.variable,),
            transposed=transposed != bool(asked.wrapped),
            notation=notation,
            derivative=self._derivative(term, side),
            operator=self._operator(asked, name),
            name=name,
            f_latex=f_latex,
            assumed=answer.assumed,
            notes=(*self.notes, *answer.notes),
            declared_only=not occurs,
        )

    def _operand_text(self, asked: Asked) -> str:
        """What the author differentiates, as written."""
        node = asked.node
        start = node.args[0].span.start
        if "fraction" in node.text:
            opened = _OPEN.search(self.body, node.span.start, start)
            start = opened.start() if opened else start
            return _unbracketed(self.body[start : _group_end(self.body, node.args[0].span)].strip())
        if self.body.startswith(node.latex, node.span.start):
            start = node.span.start + len(node.latex)
        end = node.span.end if asked.wrapped else len(self.body)
        if asked.widened:
            inner = self.body[start : node.span.end].strip()
            if _unbracketed(inner) != inner:
                raise UnsupportedError(
                    "something is added to a derivative whose function stands in brackets",
                    Span(node.span.end, end),
                    "put the whole sum in the brackets, or ask for the derivative alone",
                )
            self.notes["the operator is read as applying to the whole sum"] = None
        return _unbracketed(self.body[start:end].strip(" \n\t.,;"))

    def _matrix_form(self, f: Expr) -> Expr:
        if not has_index_sum(f):
            return f
        form = to_matrix_form(f)
        if form is None:
            return f
        self.notes["the sums are written in matrix form"] = None
        return form

    def _name(
        self,
        named: Term | None,
        operand: Term,
        definition: Definition | None,
        scope: Scope,
        symbols: dict[str, str],
    ) -> str:
        """The name of the function in the lines of the derivation."""
        if definition is not None and operand.latex:
            return operand.latex
        if named is not None:
            return named.latex
        taken = set(symbols) | {text for text, _ in {**scope.known, **scope.definitions}}
        return next((latex for text, latex in _FREE_NAMES if text not in taken), r"f_{0}")

    def _derivative(self, term: Term, side: Term) -> str:
        start = 0 if term is side else self.body.rfind("=", 0, side.span.start) + 1
        return self.body[start:].strip(" &\n\t")

    def _operator(self, asked: Asked, name: str) -> str:
        node = asked.node
        if "fraction" in node.text:
            operand = node.args[0].span
            before = self.body[node.span.start : operand.start]
            after = self.body[_group_end(self.body, operand) : node.span.end]
            before = _OPEN.sub("", before)
            gap = " " if before[-1:].isalpha() else ""
            written = before + gap + name + after
        else:
            written = f"{node.latex} {name}"
        return rf"\left({written}\right)^{asked.wrapped}" if asked.wrapped else written


def _settled(
    term: Term, scope: Scope, variable: Key | None, sources: Sources, differentials: bool = False
) -> Term:
    """The tree in which every d, every name before brackets and every subscript is told."""
    refuse_expectations(term, scope, sources.text)
    term = settle_differentials(term, scope, variable, allowed=differentials)
    return settle_subscripts(settle_calls(term, scope, variable), scope, variable)


def _keeps_names(definition: Definition, operand: Term) -> bool:
    """Does a call use the names of the definition's own parameters?"""
    return (
        operand.kind is not Kind.CALL
        or not definition.parameters
        or [arg.text for arg in operand.args]
        == [parameter.text for parameter in definition.parameters]
    )


_OPEN = re.compile(r"(?:\\left|\\[bB]igg?l?)?\s*[(\[]\s*\Z")
_LEADING = re.compile(r"(?:\\(?:left|[bB]igg?l?))?\s*[(\[]")
_TRAILING = re.compile(r"(?:\\(?:right|[bB]igg?r?))?\s*[)\]]\Z")


def _group_end(text: str, span: Span) -> int:
    """The end of the braced group that ``span`` stands in."""
    depth = 0
    for position in range(span.start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth < 0:
            return position
    return span.end


def _unbracketed(text: str) -> str:
    """The text without one pair of brackets round the whole."""
    opened, closed = _LEADING.match(text), _TRAILING.search(text)
    if opened is None or closed is None or opened.end() > closed.start():
        return text
    inner = text[opened.end() : closed.start()]
    depth = 0
    for char in inner:
        depth += (char in "([") - (char in ")]")
        if depth < 0:
            return text
    return inner.strip()
