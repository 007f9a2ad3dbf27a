"""What is asked for, and which engine derives it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.calculus.backprop import backprop
from mdiff_pandoc.calculus.definition import definition
from mdiff_pandoc.calculus.derivation import Derivation, Line
from mdiff_pandoc.calculus.domains import average_notes, domain_notes
from mdiff_pandoc.calculus.gradient import gradient
from mdiff_pandoc.calculus.hessian import hessian
from mdiff_pandoc.calculus.index import by_entry, by_index, second_by_index, tensor
from mdiff_pandoc.calculus.jacobian import jacobian
from mdiff_pandoc.calculus.names import calls, with_definitions
from mdiff_pandoc.calculus.occurrences import occurrences
from mdiff_pandoc.calculus.structure import LINEAR, require_unrestricted, structure_of
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Layout, Op
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.randomness import settled


class Kind(StrEnum):
    """The kinds of derivative, by the shapes of the function and of the variable."""

    GRADIENT = "gradient"  # of a scalar
    JACOBIAN = "Jacobian"  # of a vector by a vector, or of anything by a scalar
    TENSOR = "derivative with more than two indices"
    ENTRY = "derivative by an entry"
    HESSIAN = "Hessian"  # second derivative of a scalar by one variable
    MIXED = "mixed second derivative"


class Problem(Struct, frozen=True):
    """A derivative to derive.

    ``variables`` are one or two symbols (or entries of them), the outermost derivative last.
    ``named`` is ``f`` with the names that the document gives to parts of it kept as NAMED nodes.
    ``layout``, ``form`` and ``symmetric`` as in the options; ``form`` may be empty.
    """

    f: Expr
    variables: tuple[Expr, ...]
    style: str = "differential"
    layout: Layout = Layout.NUMERATOR
    form: str = ""
    symmetric: str = "projected"
    named: Expr | None = None

    @property
    def variable(self) -> Expr:
        """The variable, or the first of two."""
        return self.variables[0]

    @property
    def kind(self) -> Kind:
        """The kind of derivative."""
        if all(variable.op is Op.ENTRY for variable in self.variables):
            return Kind.ENTRY
        if len(self.variables) == 2:
            same = self.variables[0] is self.variables[1]
            return Kind.HESSIAN if same else Kind.MIXED
        if self.f.is_scalar:
            return Kind.GRADIENT
        if self.variable.is_scalar or (self.f.is_vector and self.variable.is_vector):
            return Kind.JACOBIAN
        return Kind.TENSOR


# the style that has every kind, for kinds that the style asked for has not
_GENERAL = "differential"

# styles in which a gradient can be taken by a structured variable
_WITH_STRUCTURE = ("differential", "occurrences", "index", "backprop")
Engine = Callable[[Problem, Tables], Derivation]


# longer than this, what the author gave names to is not written out
_LONG = 100


def _gradient(problem: Problem, tables: Tables) -> Derivation:
    named = problem.named
    plain = not structure_of(problem.variable) and not problem.variable.free
    if named is not None and plain and length(problem.f) > _LONG:
        return backprop(named, problem.variable, tables)
    return gradient(problem.f, problem.variable, tables, symmetric=problem.symmetric)


def _backprop(problem: Problem, tables: Tables) -> Derivation:
    f = problem.named or problem.f
    return backprop(f, problem.variable, tables, symmetric=problem.symmetric)


def _occurrences(problem: Problem, tables: Tables) -> Derivation:
    return occurrences(problem.f, problem.variable, tables, symmetric=problem.symmetric)


def _tensor(problem: Problem, tables: Tables) -> Derivation:
    if problem.form == "vec":
        return jacobian(problem.f, problem.variable, problem.layout, tables)
    return tensor(problem.f, problem.variable, tables, problem.layout)


def _with_calls(problem: Problem) -> Expr:
    """f, with names where unspecified functions are taken of what has a name."""
    return problem.named if problem.named is not None and calls(problem.named) else problem.f


def _definition(problem: Problem, tables: Tables) -> Derivation:
    return definition(_with_calls(problem), problem.variable, tables)


def _by_index(problem: Problem, tables: Tables) -> Derivation:
    f = _with_calls(problem)
    return by_index(f, problem.variable, tables, problem.layout, problem.symmetric)


def _second_by_index(problem: Problem, tables: Tables) -> Derivation:
    return second_by_index(problem.f, problem.variables, tables, problem.layout)


def _by_entry(problem: Problem, tables: Tables) -> Derivation:
    return by_entry(_with_calls(problem), problem.variables, tables)


def _hessian(problem: Problem, tables: Tables) -> Derivation:
    return hessian(
        problem.f,
        *problem.variables,
        form=problem.form,
        layout=problem.layout,
        tables=tables,
    )


ENGINES: dict[tuple[str, Kind], Engine] = {
    ("differential", Kind.GRADIENT): _gradient,
    ("differential", Kind.JACOBIAN): lambda p, tables: jacobian(p.f, p.variable, p.layout, tables),
    ("differential", Kind.TENSOR): _tensor,
    ("differential", Kind.HESSIAN): _hessian,
    ("differential", Kind.MIXED): _hessian,
    ("differential", Kind.ENTRY): _by_entry,
    ("index", Kind.GRADIENT): _by_index,
    ("index", Kind.JACOBIAN): _by_index,
    ("index", Kind.TENSOR): _tensor,
    ("index", Kind.ENTRY): _by_entry,
    ("index", Kind.HESSIAN): _second_by_index,
    ("index", Kind.MIXED): _second_by_index,
    ("definition", Kind.GRADIENT): _definition,
    ("backprop", Kind.GRADIENT): _backprop,
    ("occurrences", Kind.GRADIENT): _occurrences,
}


def _check_structure(problem: Problem, variable: Expr) -> None:
    """Refuse a variable among whose values the derivative that is asked for has no rule."""
    while variable.op in (Op.ENTRY, Op.TRANSPOSE, Op.VEC):
        variable = variable.args[0]
    kind = problem.kind
    if kind in (Kind.HESSIAN, Kind.MIXED):
        map_only = problem.form != "vec" and problem.symmetric == "projected"
        require_unrestricted(variable, kind, LINEAR if map_only else ())
    elif kind is Kind.ENTRY:
        hint = "ask for the gradient with the option symmetric: entries, which has it as an entry"
        require_unrestricted(variable, kind, hint=hint if variable.assumed("symmetric") else "")
    elif kind is not Kind.GRADIENT:
        require_unrestricted(variable, kind)
    elif problem.style not in _WITH_STRUCTURE:
        hint = f"styles for it: {', '.join(_WITH_STRUCTURE)}"
        require_unrestricted(variable, f"gradient in the style {problem.style}", hint=hint)


def _by_member(problem: Problem) -> tuple[Problem, tuple[str, ...]]:
    """The problem in the style that has gradients by a member of a family.

    Raises UnsupportedError for other derivatives by one where sums run over the family.
    """
    variable = problem.variable
    if variable.op is not Op.SYMBOL or not variable.free:
        return problem, ()
    if problem.kind is not Kind.GRADIENT:
        raise UnsupportedError(
            f"the {problem.kind} by a member of a family that a sum runs over is not supported",
            hint="write the term of the sum that it stands in apart",
        )
    if problem.style == _GENERAL:
        return problem, ()
    said = f"the style {problem.style} has no derivative by a member: derived in {_GENERAL}"
    return replace(problem, style=_GENERAL), (said,)


def _labelled(derivation: Derivation) -> tuple[Line, ...]:
    """The lines, those that rewrite what stands before them by no rule of their own named too."""
    first, *others = derivation.lines
    lines = [first]
    for line in others:
        answer = line.lhs is derivation.asked or line.lhs.op is Op.DIFF
        again = answer and line.lhs is lines[-1].lhs
        bare = again and not (line.labels or line.constants or line.relied)
        lines.append(replace(line, labels=("simplification",)) if bare else line)
    return tuple(lines)


def derivation_of(problem: Problem, tables: Tables | None = None) -> Derivation:
    """The derivation in the style that is asked for, or in ``differential`` where it has no such
    kind of derivative, with a note that says so.

    Raises UnsupportedError where no rule covers an operation.
    """
    for variable in problem.variables:
        _check_structure(problem, variable)
    symbols = frozenset[Expr]().union(*(variable.symbols for variable in problem.variables))
    f = settled(problem.f, symbols)
    assumed = average_notes(f) if f is not problem.f else ()
    named = problem.named and settled(problem.named, symbols)
    problem = replace(problem, f=f, named=named)
    if (problem.style, problem.kind) not in ENGINES:
        said = f"there is no {problem.kind} in the style {problem.style}: derived in {_GENERAL}"
        assumed = (*assumed, said)
        problem = replace(problem, style=_GENERAL)
    problem, fallen = _by_member(problem)
    assumed = (*assumed, *fallen)
    engine = ENGINES[problem.style, problem.kind]
    if problem.style == "differential" and problem.named is not None and calls(problem.named):
        problem = replace(problem, f=problem.named)
    derivation = engine(problem, tables or default_tables())
    notes = (*assumed, *derivation.notes, *domain_notes(problem.f, symbols))
    derivation = replace(derivation, notes=notes, lines=_labelled(derivation))
    return with_definitions(derivation) if calls(problem.f) else derivation
