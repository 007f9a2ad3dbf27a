"""One request being read, from the surface tree to the expression."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from mdiff_pandoc.errors import UnknownSymbolError, UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Unknown, walk
from mdiff_pandoc.expr.indices import meets_several
from mdiff_pandoc.expr.matrix_form import has_index_sum, to_matrix_form
from mdiff_pandoc.latex.ambiguities import (
    refuse_applications,
    refuse_free_entries,
    refuse_members,
    refuse_numbered,
)
from mdiff_pandoc.latex.asked import (
    Asked,
    argument_of,
    last_side,
    occurs_in,
    only_symbol,
    require_definition,
    take_apart,
)
from mdiff_pandoc.latex.definitions import Definitions
from mdiff_pandoc.latex.differentials import settle_differentials
from mdiff_pandoc.latex.entries import Variable, as_member, free_indices, variable_of
from mdiff_pandoc.latex.indices import apart, repeated
from mdiff_pandoc.latex.infer import Answer, Question, infer
from mdiff_pandoc.latex.limits import refuse_last_entries, with_limits
from mdiff_pandoc.latex.manner import Manner, manner_of, upright
from mdiff_pandoc.latex.naming import unnamed
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.operators import settle_operators
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.latex.requested import Request
from mdiff_pandoc.latex.resolve import FUNCTIONS, settle_calls
from mdiff_pandoc.latex.scope import Definition, Key, Scope
from mdiff_pandoc.latex.sources import Sources
from mdiff_pandoc.latex.squares import square_of
from mdiff_pandoc.latex.subscripts import settle_subscripts
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.target import Target, style_of, target_of, with_operators
from mdiff_pandoc.latex.unspecified import unspecified_functions
from mdiff_pandoc.latex.words import derivative_text, free_name, operand_text, operator_of


class Reading:
    """Reads one request; ``body`` is its text, ``functions`` and ``form`` are the options."""

    def __init__(
        self, body: str, scope: Scope, sources: Sources, functions: str, form: str
    ) -> None:
        self.body, self.scope, self.sources = body, scope, sources
        self.matrix_functions = functions == "matrix"
        self.form = form
        self.notes: dict[str, None] = {}
        self.renamed: dict[str, str] = {}
        self.functions: dict[str, str] = {}

    def read(self, term: Term) -> Request:
        """The request that a formula makes. Raises MdiffError."""
        term = with_operators(term, self.body, self.scope)
        side, named = last_side(term)
        asked = take_apart(side)
        target = target_of(replace(asked.node, args=(asked.operand, *asked.node.args[1:])))
        f_latex = operand_text(asked, target, self.body)
        if asked.widened:
            self.notes["the operator is read as applying to the whole sum"] = None
        definitions, definition, whole, variables = self._function(asked, target)
        refuse_last_entries(term, whole)
        absent = self._absent(variables, whole, asked, target)
        answer = self._infer(whole, variables, definitions, asked, target)
        for used in definitions.used:
            if used is not definition:
                told = f"{used.name.latex} = {definitions.chosen[used.name.text]}"
                self.notes[f"with ${told}$"] = None
        for held, text in definitions.held.items():
            self.notes[f"${held}$ is held constant: ${held} = {text}$ is not put in"] = None
        by_entry = any(variable.entry is not None for variable in variables)
        loose = repeated(whole.args[0]) if by_entry else []
        if loose:
            told = ", ".join(f"${index}$" for index in loose)
            self.notes[f"no sum runs over {told}: repeated indices are not summed"] = None
        f = unnamed(answer.expr)
        if not by_entry and not f.free:
            f = self._matrix_form(f)
        manner = manner_of(target, f, answer.variables, bool(asked.wrapped), self.form)
        named_f = upright(answer.expr) if manner.turned else answer.expr
        names = {used.name.text: used.name.latex for used in definitions.used}
        symbols = {**names, **answer.symbols}
        notation = observe(symbols, self.sources.text, whole, term, spellings=answer.heads)
        operand = target.operand
        if definition is not None and operand.latex:
            name = operand.latex
        elif named is not None:
            name = named.latex
        else:
            name = self._free_name(f, symbols, operand)
        if definition is not None:
            f_latex = definitions.chosen[definition.name.text]
            if self.renamed or not _keeps_names(definition, operand):
                f_latex = print_latex(f, notation)
        elif manner.f is not f or target.lying or self.renamed or operand.kind is Kind.INDEX:
            f_latex = print_latex(manner.f, notation)
        elif f.op is Op.APPLY and operand.kind is Kind.NAME:
            f_latex = print_latex(f, notation)
        elif target.whole:
            f_latex = self.body[operand.span.start : operand.span.end]
        return Request(
            f=manner.f,
            variables=manner.variables,
            transposed=manner.transposed,
            notation=notation,
            derivative=derivative_text(term, side, self.body),
            operator=operator_of(asked, _signed(name, target, manner, notation), self.body),
            name=name,
            f_latex=f_latex,
            assumed=answer.assumed,
            notes=(*self.notes, *answer.notes),
            declared_only=bool(absent),
            named=None if named_f is manner.f else named_f,
            layout=manner.layout,
            form=manner.form,
        )

    def _free_name(self, f: Expr, symbols: Mapping[str, str], operand: Term) -> str:
        """A name for the function; an entry ``(AB)_{ij}`` is called F_{ij}."""
        scope = self.scope
        taken = set(symbols) | {text for text, _ in {**scope.known, **scope.definitions}}
        taken |= {name for node in walk(f) if (name := _function(node))}
        named = all(arg.kind is Kind.NAME for arg in operand.args)
        if operand.kind is Kind.INDEX and operand.args[0].kind is Kind.NAME:
            return operand.latex
        if _function(f) and named and operand.kind in (Kind.CALL, Kind.NAME):
            return operand.latex
        if operand.kind is not Kind.INDEX or f.op is not Op.ENTRY:
            return free_name(f, taken)
        indices = "".join(index.latex or index.text for index in operand.args[1:])
        return f"{free_name(f.args[0], taken)}_{{{indices}}}"

    def _function(
        self, asked: Asked, target: Target
    ) -> tuple[Definitions, Definition | None, Term, tuple[Variable, ...]]:
        """The function and its definitions, as one LIST, and what to differentiate by."""
        operand, scope = target.operand, self.scope
        square = square_of(target.variables, scope)
        written = target.variables if square is None else (square.base,) * target.order
        variables = tuple(variable_of(term, operand, scope, self.sources) for term in written)
        if not variables and (argument := argument_of(operand, scope)) is not None:
            variables = (Variable(argument),)
        keys = tuple(variable.key for variable in variables)
        definitions = Definitions(scope, self.sources, keys)
        operand = settle_operators(operand, scope, self.sources.text)
        operand = _with_arguments(settle_subscripts(operand, scope, keys), scope)
        whole, definition = definitions.operand(operand)
        main = whole
        whole = Term(Kind.LIST, whole.span, (whole, *definitions.bodies.values()))
        self.functions = unspecified_functions(main, whole, definitions.bodies, keys, scope)
        if main.kind is Kind.CALL and style_of(target.inner) in ("nabla", "hessian"):
            self._whole_function(main, turned=target.flat)
        require_definition(operand, definition, scope, keys, self.functions, turned=target.flat)
        whole = settled(whole, scope, keys, self.sources, functions=frozenset(self.functions))
        if square is None:
            variables = (
                tuple(
                    as_member(variable, term, whole)
                    for variable, term in zip(variables, written, strict=False)
                )
                or variables
            )
        if square is not None:
            whole, self.scope = square.put_in(whole), square.known_in(scope)
            variables = (Variable(square.key),)
        if not variables:
            variables = (Variable(only_symbol(whole, scope, asked.node)),)
        variables = (variables * target.order)[: target.order]
        indices = {
            index.text
            for variable in variables
            if variable.entry is not None
            for index in variable.entry.args[1:]
        }
        whole, self.renamed = apart(whole, indices)
        if self.renamed:
            old, new = ", ".join(self.renamed), ", ".join(self.renamed.values())
            self.notes[f"the summation indices ${old}$ are called ${new}$ here"] = None
        return definitions, definition, whole, variables

    def _whole_function(self, main: Term, *, turned: bool) -> None:
        """``\\nabla f(Ax)`` and ``\\nabla_{A^T} f(A)`` are of functions with scalar values."""
        names = not turned and all(arg.kind is Kind.NAME for arg in main.args)
        if not names and self.scope.find(main.text, main.bold) is None and main.text in FUNCTIONS:
            self.functions.setdefault(main.text, "scalar")

    def _absent(
        self, variables: tuple[Variable, ...], whole: Term, asked: Asked, target: Target
    ) -> list[int]:
        """The places of the variables that do not occur. Raises UnknownSymbolError."""
        keys = [variable.key for variable in variables]
        absent = [place for place, key in enumerate(keys) if not occurs_in(key[0], whole)]
        for place in absent:
            if self.scope.find(*keys[place]) is None:
                raise UnknownSymbolError(
                    f"{keys[place][0]} neither occurs in the function nor is declared",
                    target.variables[place].span if target.variables else asked.node.span,
                    "differentiate by a symbol of the function, or declare this one",
                )
        return absent

    def _infer(
        self,
        whole: Term,
        variables: tuple[Variable, ...],
        definitions: Definitions,
        asked: Asked,
        target: Target,
    ) -> Answer:
        free = free_indices(whole, target.operand, variables)
        main, *bodies = whole.args
        answer = infer(
            Question(
                main,
                self.sources.text,
                self.scope,
                tuple(variable.key for variable in variables),
                asked.node.text.startswith("d-"),
                definitions.constant,
                self.matrix_functions,
                written=target.variables[0].latex if target.variables else "",
                any_shape=style_of(target.inner) not in ("nabla", "hessian"),
                entries=tuple(variable.entry for variable in variables),
                members=tuple(variable.member for variable in variables),
                free=free,
                functions=self.functions,
                bodies=dict(zip(definitions.bodies, bodies, strict=True)),
            )
        )
        if not any(variable.is_scalar for variable in answer.variables):
            scalars = {str(getattr(s.data, "name", "")) for s in answer.expr.symbols if s.is_scalar}
            refuse_free_entries(whole, variables[0].key[0], scalars, free)
        for variable, written in zip(variables, target.variables, strict=False):
            if variable.entry is None and written.kind in (Kind.INDEX, Kind.NAME):
                refuse_members(whole, written)
        for symbol, written in zip(answer.variables, target.variables, strict=False):
            if symbol.op is Op.SYMBOL and symbol.free and meets_several(answer.expr, symbol):
                raise UnsupportedError(
                    f"several of the family of {written.latex or written.text} stand in one term "
                    "of a sum",
                    written.span,
                    "write the terms that the variable stands in apart",
                )
        signs = target.flat or target.lying or target.sided
        for variable, symbol in zip(variables, answer.variables, strict=True):
            if signs and symbol.is_scalar and variable.entry is None:
                self._refuse_flat_scalar(variable.key, target)
            refuse_numbered(answer.expr.symbols, symbol, target.operand.span, self.scope)
        return answer

    def _refuse_flat_scalar(self, key: Key, target: Target) -> None:
        """A transpose speaks of a vector; only a declaration makes it one of a scalar."""
        if self.scope.find(*key) is None:
            raise UnsupportedError(
                f"a transpose stands in this derivative, but {key[0]} may be a scalar as well",
                target.inner.span,
                rf"declare it, as in {key[0]} \in \mathbb{{R}}^n",
            )

    def _matrix_form(self, f: Expr) -> Expr:
        form = to_matrix_form(f) if has_index_sum(f) else None
        if form is None:
            return f
        self.notes["the sums are written in matrix form"] = None
        return form


def settled(
    term: Term,
    scope: Scope,
    variables: tuple[Key, ...],
    sources: Sources,
    *,
    differentials: bool = False,
    functions: frozenset[str] = frozenset(),
) -> Term:
    """The tree in which every d, name before brackets, subscript and mean is told."""
    term = settle_operators(term, scope, sources.text)
    term = settle_differentials(term, scope, variables, allowed=differentials)
    term = settle_calls(term, scope, variables, functions)
    refuse_applications(term, scope, {text for text, _ in variables}, sources.text)
    term = settle_subscripts(term, scope, variables, sums=not variables)
    return with_limits(term, scope, variables)


def _with_arguments(operand: Term, scope: Scope) -> Term:
    """A function that is declared by its arguments: L(Y) for an L of which ∂L/∂Y is known."""
    known = scope.find(operand.text, operand.bold) if operand.kind is Kind.NAME else None
    if known is None or known.kind != "function" or not known.parameters:
        return operand
    if scope.find_definition(operand.text, operand.bold) is not None:
        return operand
    span = operand.span
    args = tuple(Term(Kind.NAME, span, (), p.text, p.latex, p.bold) for p in known.parameters)
    return replace(operand, kind=Kind.CALL, args=args)


def _function(node: Expr) -> str:
    """The name of a function that is not specified; empty for anything else."""
    if isinstance(node.data, Unknown):
        return node.data.name
    return str(node.data) if node.op is Op.APPLY else ""


def _signed(name: str, target: Target, manner: Manner, notation: Notation) -> str:
    """The name of the function with the signs that stand on it under the operator."""
    if target.whole:
        head = notation.heads.get("vec", r"\operatorname{vec}")
        name = f"{head}({name})"
    return f"{name}^{notation.transpose}" if manner.turned or target.lying else name


def _keeps_names(definition: Definition, operand: Term) -> bool:
    """Does a call use the names of the definition's own parameters?"""
    return (
        operand.kind is not Kind.CALL
        or not definition.parameters
        or [arg.text for arg in operand.args]
        == [parameter.text for parameter in definition.parameters]
    )
