"""The reader's public face: a request in LaTeX becomes a typed expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mdiff_pandoc.errors import (
    LimitError,
    MdiffError,
    ParseError,
    Span,
    UnknownSymbolError,
    UnsupportedError,
)
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.latex.declarations import Fact, is_fact, read_fact
from mdiff_pandoc.latex.infer import Question, infer
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.latex.resolve import Definitions, Sources, names_in, settle_calls, walk
from mdiff_pandoc.latex.scope import Definition, Key, Scope, scope_of
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
    """A gradient that is asked for.

    ``f`` is the scalar function with definitions put in, ``variable`` the symbol to
    differentiate by. ``transposed``: the answer is to be transposed. ``derivative`` is the
    left-hand side as written, ``operator`` the same for the bare function ``name``, ``f_latex``
    the function as written. ``assumed`` are the shapes that no declaration gave, ``notes`` the
    readings an author must know of. ``declared_only``: the variable does not occur in ``f``.
    """

    f: Expr
    variable: Expr
    transposed: bool
    order: int
    notation: Notation
    derivative: str
    operator: str
    name: str
    f_latex: str
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    declared_only: bool = False


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
    latex: str, declare: Sequence[str] = (), context: Sequence[str] = ()
) -> tuple[Expr, Notation]:
    """Read one side of a formula, of any shape. Raises MdiffError with a span."""
    return _guarded(lambda: _Reader(latex, declare, context, "elementwise").expression(), latex)


T = TypeVar("T")


def _guarded(read: Callable[[], T], latex: str) -> T:
    try:
        return read()
    except RecursionError:
        raise LimitError("the formula is nested too deeply", Span(0, len(latex))) from None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A derivative taken apart: the term, the terms of a sum after it, what wraps it."""

    node: Term
    rest: tuple[Term, ...] = ()
    wrapped: str = ""


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

    def expression(self) -> tuple[Expr, Notation]:
        from mdiff_pandoc.latex.visit import parse

        scope = scope_of(self.declare, self.context)
        sources = Sources(self.latex)
        try:
            written = parse(self.latex)
            definitions = Definitions(scope, sources, None)
            term = settle_calls(definitions.expand(written), scope, None)
            question = Question(
                term, sources.text, scope, constants=definitions.constant, scalar=False
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
        side, named = _last_side(term)
        asked = _take_apart(side)
        node = asked.node
        if node.text[-1:].isdigit():
            raise UnsupportedError(
                "Hessians are not supported yet", node.span, "ask for the gradient, \\nabla_x f"
            )
        operand = self._operand(asked)
        variable, transposed = _variable(node, operand, scope)
        definitions = Definitions(scope, sources, variable)
        whole, definition = definitions.operand(operand)
        _require_definition(operand, definition, scope, variable)
        whole = settle_calls(whole, scope, variable)
        if variable is None:
            variable = _only_symbol(whole, scope, node)
        occurs = any(text == variable[0] for text, _ in names_in(whole)) or any(
            t.kind is Kind.INDEX and t.text == variable[0] for t in walk(whole)
        )
        if not occurs and scope.find(*variable) is None:
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
            )
        )
        assert answer.variable is not None
        for used in definitions.used:
            if used is not definition:
                self.notes[f"with {used.name.latex} = {definitions.chosen[used.name.text]}"] = None
        f = self._matrix_form(answer.expr)
        symbols = dict(answer.symbols)
        key = getattr(answer.variable.data, "name", variable[0])
        if len(node.args) > 1 and node.args[1].latex:
            symbols[key] = _plain_variable(node.args[1]).latex or symbols[key]
        notation = observe(symbols, sources.text, term, *([whole] if definition else []))
        name = self._name(named, operand, definition, scope, symbols)
        f_latex = _unbracketed(self._slice(operand.span))
        if definition is not None:
            f_latex = definitions.chosen[definition.name.text]
        return Request(
            f=f,
            variable=answer.variable,
            transposed=transposed != bool(asked.wrapped),
            order=1,
            notation=notation,
            derivative=self._derivative(term, side),
            operator=self._operator(asked, operand, name),
            name=name,
            f_latex=f_latex,
            assumed=answer.assumed,
            notes=(*self.notes, *answer.notes),
            declared_only=not occurs,
        )

    def _slice(self, span: Span) -> str:
        return self.latex[span.start : span.end].strip()

    def _operand(self, asked: _Asked) -> Term:
        node = asked.node
        operand = node.args[0] if node.args else node
        if operand.kind is Kind.EMPTY or not node.args:
            raise ParseError(
                "there is nothing to differentiate",
                node.span,
                "write the function after the operator, as in \\nabla_X \\operatorname{tr}(AX)",
            )
        if not asked.rest:
            return operand
        if node.span.end > operand.span.end:
            raise UnsupportedError(
                "something is added to a derivative whose function stands in brackets",
                asked.rest[0].span,
                "put the whole sum in the brackets, or ask for the derivative alone",
            )
        self.notes["the operator is read as applying to the whole sum"] = None
        first = operand.args if operand.kind is Kind.SUM else (operand,)
        span = operand.span.join(asked.rest[-1].span)
        return Term(Kind.SUM, span, (*first, *asked.rest))

    def _matrix_form(self, f: Expr) -> Expr:
        from mdiff_pandoc.latex.index_sums import has_index_sum, to_matrix_form

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

    def _operator(self, asked: _Asked, operand: Term, name: str) -> str:
        node = asked.node
        if "fraction" in node.text:
            before = self.latex[node.span.start : operand.span.start]
            after = self.latex[operand.span.end : node.span.end]
            opened = _OPEN.search(before)
            closed = _CLOSE.match(after)
            if opened and closed:
                before, after = before[: opened.start()], after[closed.end() :]
            gap = " " if before[-1:].isalpha() else ""
            written = before + gap + name + after
        else:
            written = f"{node.latex} {name}"
        return rf"\left({written}\right)^{asked.wrapped}" if asked.wrapped else written


_OPEN = re.compile(r"(?:\\left|\\[bB]igg?l?)?\s*[(\[]\s*\Z")
_CLOSE = re.compile(r"\s*(?:\\right|\\[bB]igg?r?)?\s*[)\]]")


def _unbracketed(text: str) -> str:
    """The text without one pair of brackets round the whole."""
    opened, closed = _LEADING.match(text), _TRAILING.search(text)
    if opened and closed and opened.end() <= closed.start():
        inner = text[opened.end() : closed.start()]
        depth = 0
        for char in inner:
            depth += (char in "([") - (char in ")]")
            if depth < 0:
                return text
        return inner.strip()
    return text


_LEADING = re.compile(r"(?:\\left)?[(\[]")
_TRAILING = re.compile(r"(?:\\right)?[)\]]\Z")


def _last_side(term: Term) -> tuple[Term, Term | None]:
    """The derivative that is asked for, and the bare function an earlier side names."""
    if term.kind is Kind.LIST:
        term = next(
            (t for t in reversed(term.args) if _has_derivative(t)),
            term.args[-1],
        )
    if term.kind is not Kind.RELATION:
        return term, None
    sides = [side for side in term.args if side.kind is not Kind.EMPTY]
    if not sides or not _has_derivative(sides[-1]):
        raise UnsupportedError(
            "this formula already has a right-hand side",
            (sides or [term])[-1].span,
            "a request is a derivative followed by = ?",
        )
    named = None
    for side in sides[:-1]:
        if side.kind is Kind.DERIVATIVE and side.args and side.args[0].kind is Kind.NAME:
            named = side.args[0]
    return sides[-1], named


def _has_derivative(term: Term) -> bool:
    return any(node.kind is Kind.DERIVATIVE for node in walk(term))


def _take_apart(term: Term) -> _Asked:
    """The derivative in a term. Raises UnsupportedError where there is more than one reading."""
    if term.kind is Kind.DERIVATIVE:
        return _Asked(term)
    if term.kind is Kind.TRANSPOSE and term.args[0].kind is Kind.DERIVATIVE:
        return _Asked(term.args[0], (), term.latex or r"\top")
    if term.kind is Kind.SUM and term.args[0].kind is Kind.DERIVATIVE:
        node = term.args[0]
        if "fraction" not in node.text and not any(map(_has_derivative, term.args[1:])):
            return _Asked(node, term.args[1:])
    if not _has_derivative(term):
        raise ParseError(
            "there is no derivative here",
            term.span,
            "write \\nabla_X f, \\frac{\\partial f}{\\partial X} or \\frac{d f}{d x}",
        )
    raise UnsupportedError(
        "the derivative is only a part of this formula",
        term.span,
        "ask for one derivative alone; put a sum after the operator in brackets",
    )


def _plain_variable(term: Term) -> Term:
    return term.args[0] if term.kind is Kind.TRANSPOSE else term


def _variable(node: Term, operand: Term, scope: Scope) -> tuple[Key | None, bool]:
    """The symbol to differentiate by, and whether its transpose was written."""
    variables = node.args[1:]
    if len(variables) > 1:
        raise UnsupportedError(
            "a derivative by several variables is not supported yet",
            variables[1].span,
            "ask for one derivative after the other",
        )
    if not variables:
        if operand.kind is Kind.CALL and [arg.kind for arg in operand.args] == [Kind.NAME]:
            return (operand.args[0].text, operand.args[0].bold), False
        if operand.kind is Kind.NAME:
            definition = scope.find_definition(operand.text, operand.bold)
            if definition is not None and len(definition.parameters) == 1:
                return (definition.parameters[0].text, definition.parameters[0].bold), False
        return None, False
    written = variables[0]
    term = _plain_variable(written)
    if term.kind is Kind.INDEX and term.args[0].kind is Kind.NAME:
        base = term.args[0]
        alone = any(
            n.kind is Kind.NAME and n.text == base.text and n.bold == base.bold
            for n in walk(operand)
        ) and not any(n.kind is Kind.INDEX and n.text == term.text for n in walk(operand))
        if len(term.args) > 2 or alone or scope.find(base.text, base.bold) is not None:
            raise UnsupportedError(
                f"a derivative by the entry {term.latex or term.text} is not supported yet",
                written.span,
                f"ask for the derivative by the whole of {base.latex or base.text}",
            )
        return (term.text, base.bold), written is not term
    if term.kind is not Kind.NAME or term.text in ("0", "1", "dots", "infty"):
        raise ParseError(
            "a derivative is taken by a symbol",
            written.span,
            "name what stands here, as in Y = AX, and differentiate by Y",
        )
    return (term.text, term.bold), written is not term


def _require_definition(
    operand: Term, definition: Definition | None, scope: Scope, variable: Key | None
) -> None:
    """A bare function name needs a definition. Raises UnknownSymbolError."""
    if definition is not None or operand.kind not in (Kind.NAME, Kind.CALL):
        return
    if variable is not None and operand.text == variable[0]:
        return
    known = scope.find(operand.text, operand.bold)
    if known is not None and known.kind != "function":
        return
    if operand.kind is Kind.CALL and (
        operand.text == "sigma" or not all(arg.kind is Kind.NAME for arg in operand.args)
    ):
        return
    name = operand.latex or operand.text
    raise UnknownSymbolError(
        f"{name} has no definition",
        operand.span,
        f"write {name} = … before, or put the expression after the operator",
    )


_CONSTANTS = frozenset(("1", "0", "I", "J", "pi", "e", "dots", "infty"))


def _only_symbol(term: Term, scope: Scope, node: Term) -> Key:
    """The one symbol that ∇ without a subscript can mean. Raises UnknownSymbolError."""
    called = {t.text for t in walk(term) if t.kind is Kind.CALL}
    bound = {t.text for t in walk(term) if t.kind is Kind.INDEX_SUM}
    found: dict[str, Key] = {}
    for text, bold in sorted(names_in(term)):
        known = scope.find(text, bold)
        if known is not None and "constant" in known.assumptions:
            continue
        if text not in _CONSTANTS and text not in called and text not in bound:
            found[text] = (text, bold)
    if len(found) == 1:
        return next(iter(found.values()))
    raise UnknownSymbolError(
        "the derivative does not say by which symbol",
        Span(node.span.start, node.span.start + max(1, len(node.latex))),
        "write the symbol under the operator, as in \\nabla_{X}",
    )
