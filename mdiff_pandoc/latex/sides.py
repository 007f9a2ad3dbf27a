r"""The sides of a chain of equalities, read together so that each gives shapes to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import LimitError, MdiffError, Span
from mdiff_pandoc.expr import FUNCTIONS, Expr, Layout, zero
from mdiff_pandoc.latex.called import with_calls
from mdiff_pandoc.latex.chains import LONGEST, Side
from mdiff_pandoc.latex.conventions import USUAL, Conventions
from mdiff_pandoc.latex.definitions import Definitions
from mdiff_pandoc.latex.dependence import dependence, losses
from mdiff_pandoc.latex.differential_sides import completed, with_gradients
from mdiff_pandoc.latex.differentials import is_before
from mdiff_pandoc.latex.elaboration import Guess
from mdiff_pandoc.latex.held import with_held
from mdiff_pandoc.latex.index_letters import with_index_letters
from mdiff_pandoc.latex.infer import Answer, Question, infer
from mdiff_pandoc.latex.labels import labelled
from mdiff_pandoc.latex.limits import refuse_last_entries
from mdiff_pandoc.latex.loose import Indexed, with_indices
from mdiff_pandoc.latex.naming import unnamed
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.observe import observe
from mdiff_pandoc.latex.operands import with_narrow_operands
from mdiff_pandoc.latex.parameters import with_parameters
from mdiff_pandoc.latex.pinned import pinned, released_scope
from mdiff_pandoc.latex.reading import settled
from mdiff_pandoc.latex.resolve import is_operator
from mdiff_pandoc.latex.scope import Key, Scope, scope_of
from mdiff_pandoc.latex.sources import Sources
from mdiff_pandoc.latex.spelled import spelled
from mdiff_pandoc.latex.squares import Square, square_of
from mdiff_pandoc.latex.styles import in_one_style
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.latex.target import target_of, with_operators

# what a d at the beginning of a side is the differential of
# what a letter's sort may cost for the sake of two sides of one shape
_LIKELY = 2.0


class Sides(Struct, frozen=True):
    """The sides of a chain as expressions.

    ``symbols`` are their names in the author's LaTeX, ``assumed`` the shapes that no declaration
    gave, ``notes`` the readings an author must know of. ``alike`` tells that all sides have one
    shape; where they have not, each was read for itself. ``guessed`` tells, by the names of
    unspecified functions, what an equality that speaks of them would be refuted on. ``holdable``
    are the names that ``held`` holds constant, ``invented`` those of sizes that nobody named.
    ``pinned``: a variable of a derivative has the value that a definition gives it. ``named`` are
    the sides as written, with NAMED nodes where definitions are put in.
    """

    exprs: tuple[Expr, ...]
    notation: Notation
    symbols: Mapping[str, str]
    alike: bool = True
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    guessed: Mapping[str, Guess] = field(default_factory=dict)
    holdable: tuple[str, ...] = ()
    invented: frozenset[str] = frozenset()
    pinned: bool = False
    named: tuple[Expr, ...] = ()


def read_sides(
    sides: Sequence[Side],
    latex: str,
    declare: Sequence[str] = (),
    context: Sequence[str] = (),
    conventions: Conventions = USUAL,
) -> Sides:
    """Read the sides of a chain in the formula ``latex``.

    ``declare`` and ``context`` are as for `read_request`. Raises MdiffError with a span in
    ``latex``, or in the declaration that the error's ``source`` holds.
    """
    if len(latex) > LONGEST:
        raise LimitError(
            f"the formula has {len(latex)} characters; mdiff reads up to {LONGEST}",
            Span(0, len(latex)),
            "split it into several formulas",
        )
    try:
        scope = scope_of(tuple(declare), tuple(context))
        parsed = [_parsed(side, latex, scope) for side in sides]
        if conventions.narrow:
            parsed = [with_narrow_operands(term) for term in parsed]
        return _read(sides, parsed, latex, scope, conventions)
    except RecursionError:
        raise LimitError("the formula is nested too deeply", Span(0, len(latex))) from None


def _read(
    sides: Sequence[Side],
    parsed: Sequence[Term],
    latex: str,
    scope: Scope,
    conventions: Conventions,
) -> Sides:
    sources = Sources(latex)
    place = sides[0].span.join(sides[-1].span)
    try:
        parsed, letters = with_index_letters(parsed, scope)
        terms = completed(
            with_gradients(parsed) if conventions.gradients else parsed,
            calls=not conventions.slopes,
        )
        written = tuple(with_parameters(labelled(side, scope), scope) for side in terms)
        held_fast = pinned(written, scope)
        scope = released_scope(scope, held_fast) if conventions.released else scope
        definitions = Definitions(scope, sources, (), every=True, beside=written)
        whole = _whole([definitions.expand(term) for term in written], definitions, place)
        refuse_last_entries(whole)
        whole = in_one_style(whole, every=conventions.merged)
        whole, scope = _with_squares(whole, scope)
        whole, called = with_calls(whole, scope)
        differentials = _has_differential(whole)
        told = frozenset(called)
        whole = settled(whole, scope, (), sources, differentials=differentials, functions=told)
        indexed = with_indices(whole, len(sides), wide=conventions.wide, letters=letters)
        bodies = indexed.whole.args[len(sides) :]
        kept = with_held(
            indexed.whole.args[: len(sides)], dict(zip(definitions.bodies, bodies, strict=True))
        )
        if conventions.held:
            definitions.bodies.update(kept.bodies)
            args = (*kept.sides, *bodies, *kept.bodies.values())
            indexed = replace(indexed, whole=replace(indexed.whole, args=args))
        question = _question(indexed, len(sides), sources, scope, definitions)
        question = replace(
            question,
            functions={**question.functions, **called},
            matrix_functions=conventions.functions == "matrix",
            layout=Layout(conventions.layout),
            stacked=conventions.stacked,
            rows=conventions.rows,
        )
        answer, alike = _inferred(question, len(sides))
    except MdiffError as error:
        raise sources.relocate(error).at(place) from None
    values = [answer.values[name].args[0] for name in map(_name, range(len(sides)))]
    exprs = [unnamed(value) for value in values]
    solid = [expr for expr, term in zip(exprs, written, strict=True) if not _is_zero(term)]
    if solid:
        exprs = [
            zero(*solid[0].shape) if _is_zero(t) else e for e, t in zip(exprs, written, strict=True)
        ]
    symbols = {name: text for name, text in answer.symbols.items() if " " not in name}
    put_in = (u.name for u in definitions.used if (u.name.text, u.name.bold) in definitions.bodies)
    spelled = {name.text: name.latex for name in put_in}
    used = (f"{u.name.latex} = {definitions.chosen[u.name.text]}" for u in definitions.used)
    return Sides(
        tuple(exprs),
        observe({**spelled, **symbols}, sources.text, *written, spellings=answer.heads),
        symbols,
        alike,
        answer.assumed,
        (*(f"with ${fact}$" for fact in used), *definitions.notes, *indexed.notes, *answer.notes),
        answer.guessed,
        kept.names,
        answer.invented,
        bool(held_fast) and not conventions.released,
        tuple(values),
    )


def _with_squares(whole: Term, scope: Scope) -> tuple[Term, Scope]:
    r"""The sides with :math:`\sigma^2` as one symbol, where it is differentiated by."""
    found: dict[Key, Square] = {}
    for node in walk(whole):
        if node.kind is Kind.DERIVATIVE and any(arg.kind is Kind.POWER for arg in node.args[1:]):
            square = square_of(target_of(node).variables, scope)
            if square is not None:
                found[square.key] = square
    for square in found.values():
        whole, scope = square.put_in(whole), square.known_in(scope)
    return whole, scope


@lru_cache(maxsize=256)
def _term(text: str) -> Term | MdiffError:
    from mdiff_pandoc.latex.visit import parse

    try:
        return parse(text)
    except MdiffError as error:
        return error


def is_readable(side: Side) -> bool:
    """Is a side, by itself, of a form that can be read at all?"""
    return not isinstance(_term(side.text), MdiffError)


def _parsed(side: Side, latex: str, scope: Scope) -> Term:
    from mdiff_pandoc.latex.bodies import moved

    term = _term(side.text)
    start = side.span.start
    if isinstance(term, MdiffError):
        failure = type(term)(term.message, term.span, term.hint)
        if failure.span is not None:
            failure.span = Span(failure.span.start + start, failure.span.end + start)
        raise failure
    return with_operators(moved(spelled(term, side.text, scope), start), latex, scope)


def _name(number: int) -> str:
    """The name of a side; no name that an author writes has a blank in it."""
    return f"side {number}"


def _whole(terms: Sequence[Term], definitions: Definitions, place: Span) -> Term:
    return Term(Kind.LIST, place, (*terms, *definitions.bodies.values()))


def _is_zero(term: Term) -> bool:
    """Is it a 0, which has the shape of the other sides?"""
    return term.kind is Kind.NUMBER and term.text == "0"


def _has_differential(whole: Term) -> bool:
    """Does a d stand where only a differential can be meant?"""
    return any(
        node.kind is Kind.DIFFERENTIAL or (node.kind is Kind.CALL and node.text == "d")
        for node in walk(whole)
    ) or (_begins_with_d(*whole.args) and not _has_quantity_d(whole))


def _begins_with_d(side: Term, *others: Term) -> bool:
    """Is it ``d \\log x`` or ``d \\|x\\|``?

    In front of a derivative a d may be a number, unless the other sides have such d, too.
    """
    if side.kind is not Kind.PRODUCT or not is_before(side.args[:2]):
        return False
    derivative = any(node.kind is Kind.DERIVATIVE for node in walk(side))
    products = (node for other in others for node in walk(other) if node.kind is Kind.PRODUCT)
    return not derivative or any(any(map(is_before, pairwise(p.args))) for p in products)


def _has_quantity_d(whole: Term) -> bool:
    """Does a d stand where nothing follows that it could be the differential of?"""
    for node in walk(whole):
        before = node.args[:-1] if node.kind is Kind.PRODUCT else ()
        if any(arg.text == "d" and arg not in before for arg in node.args):
            return True
    return False


def _question(
    indexed: Indexed, count: int, sources: Sources, scope: Scope, definitions: Definitions
) -> Question:
    whole = indexed.whole
    terms, bodies = whole.args[:count], whole.args[count:]
    names = tuple(
        Term(Kind.NAME, term.span, (), _name(number), _name(number))
        for number, term in enumerate(terms)
    )
    shaping = tuple(n for n, term in zip(names, terms, strict=True) if not _is_zero(term)) or names
    together = shaping[0] if len(shaping) == 1 else Term(Kind.HADAMARD, whole.span, shaping)
    found = dependence(
        terms, dict(zip(definitions.bodies, bodies, strict=True)), scope, definitions.depends
    )
    sided: dict[Key, Term] = {(_name(n), False): term for n, term in enumerate(found.sides)}
    return Question(
        together,
        sources.text,
        scope,
        constants=definitions.constant,
        shape=None,
        differentials=_has_differential(whole),
        free=indexed.loose,
        bodies={**found.bodies, **sided},
        functions={**_scalar_functions(whole, scope), **losses(found, scope)},
        lenient=True,
        dependent=found.names,
        tops=found.tops,
        guessed=found.guessed,
    )


def _inferred(question: Question, count: int) -> tuple[Answer, bool]:
    """The reading in which all sides have one shape, unless a much likelier one says otherwise."""
    failure: MdiffError | None = None
    alike: Answer | None = None
    try:
        alike = infer(question)
    except MdiffError as error:
        failure = error
    if alike is not None and (alike.cost == 0 or count == 1):
        return alike, True
    try:
        apart = infer(replace(question, term=Term(Kind.NAME, question.term.span, (), _name(0))))
    except MdiffError as error:
        if alike is not None:
            return alike, True
        raise (failure or error) from None
    if alike is not None and alike.cost <= apart.cost + _LIKELY:
        return alike, True
    return apart, False


def _scalar_functions(whole: Term, scope: Scope) -> dict[str, str]:
    """The functions that nobody defined and a gradient is taken of have scalar values."""
    found = {}
    for node in walk(whole):
        if node.kind is not Kind.DERIVATIVE or not node.args:
            continue
        call = target_of(node).operand if len(node.args) > 1 else node.args[0]
        if call.kind is Kind.CALL and not is_operator(call) and call.text not in FUNCTIONS:
            known = scope.find(call.text, call.bold) or scope.find_definition(call.text, call.bold)
            if known is None:
                found[call.text] = "scalar"
    return found
