"""Shape inference: the first reading of a formula in which everything conforms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product, zip_longest
from math import inf

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import IndicesError, MdiffError, ShapeError, UnsupportedError
from mdiff_pandoc.expr import ONE, SCALAR, Dim, Expr, Layout, Shape, symbol
from mdiff_pandoc.latex import applied, arrays, elaborate, indexed, powers, spectral
from mdiff_pandoc.latex.ambiguities import refuse_ambiguities
from mdiff_pandoc.latex.dimension_names import DimensionNames
from mdiff_pandoc.latex.draft import Draft, Shapes
from mdiff_pandoc.latex.elaboration import Elaboration, Guess, Letter, Named
from mdiff_pandoc.latex.held import as_written
from mdiff_pandoc.latex.kinds import MEMBERS, Sort, Usage, Uses, assignments, is_capital, options
from mdiff_pandoc.latex.letters import (
    assumption,
    gives_shape,
    is_family,
    is_open,
    letter_of,
    only_exponentials,
    split_styles,
)
from mdiff_pandoc.latex.printer_names import space_latex
from mdiff_pandoc.latex.properties import CONSTANTS, PROPERTIES
from mdiff_pandoc.latex.scope import Key, Known, Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk

_HANDLERS = {
    **elaborate.HANDLERS,
    **applied.HANDLERS,
    **arrays.HANDLERS,
    **indexed.HANDLERS,
    **powers.HANDLERS,
    **spectral.HANDLERS,
}
_FEW = 40  # readings of a side that an author wrote; a likely one is among the first
_LIKELY = 2.0  # what a letter's sort may cost, for a scalar function instead of a vector or matrix
_FIXED = frozenset(("1", "0", "dots", "infty", "I", "J", "pi"))


class Question(Struct, frozen=True):
    """A formula whose shapes are to be found.

    ``constants`` are the definitions that give a symbol its shape without being put in,
    ``variables`` the symbols to differentiate by, ``single`` whether the derivative was written
    as one by a single scalar (``d/dt``), ``shape`` that of the whole where it is known;
    ``any_shape``: it may have another one where no likely reading gives it that.
    ``written`` is the LaTeX of the first variable under the operator. ``entries`` are those of
    the variables to differentiate by instead (None: the whole), ``members`` tells which of them
    are members of a family, ``free`` the indices that no sum
    binds. ``bodies`` are the right-hand sides of the names that are put in, each after those that
    it is made of; ``functions`` the undeclared functions that are no elementwise ones.
    ``stacked``: a derivative with more than two indices inside is one of vec by vec; ``layout`` is
    that of Jacobians inside, and with ``rows`` the derivative of a scalar by a column is a row.
    ``lenient``: what is no formula by itself may be read as its author must have meant it.
    ``dependent`` are the bodies that are unspecified functions of the arguments of a call,
    ``tops`` and ``guessed`` are those of a `Dependence`.
    """

    term: Term
    source: str
    scope: Scope
    variables: tuple[Key, ...] = ()
    single: bool = False
    constants: Mapping[Key, Term] = field(default_factory=dict)
    matrix_functions: bool = False
    shape: Shape | None = SCALAR
    differentials: bool = False
    written: str = ""
    any_shape: bool = False
    entries: tuple[Term | None, ...] = ()
    members: tuple[bool, ...] = ()
    free: frozenset[str] = frozenset()
    bodies: Mapping[Key, Term] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    stacked: bool = False
    layout: Layout = Layout.NUMERATOR
    rows: bool = False
    lenient: bool = False
    dependent: frozenset[Key] = frozenset()
    tops: frozenset[Key] = frozenset()
    guessed: Mapping[str, Guess] = field(default_factory=dict)

    @property
    def whole(self) -> Term:
        """The formula together with the definitions put in."""
        return Term(Kind.LIST, self.term.span, (self.term, *self.bodies.values()))


class Answer(Struct, frozen=True):
    """The formula with its shapes: ``assumed`` are those that no declaration gave.

    ``values`` is what the names stand for, ``cost`` how unlikely the sorts of the letters are,
    ``guessed`` what is guessed of unspecified functions, by their names; ``invented`` are the
    names of the sizes that nobody named.
    """

    expr: Expr
    variables: tuple[Expr, ...]
    symbols: Mapping[str, str]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]
    heads: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Expr] = field(default_factory=dict)
    cost: float = 0.0
    guessed: Mapping[str, Guess] = field(default_factory=dict)
    invented: frozenset[str] = frozenset()


def infer(question: Question) -> Answer:
    """The first reading that conforms. Raises the error of the likeliest reading otherwise."""
    for term in question.whole.args:
        refuse_ambiguities(term)
    try:
        return _Inference(question).solve()
    except ShapeError:
        if not question.constants:
            raise
        return _Inference(replace(question, constants={})).solve()


class _Inference:
    def __init__(self, question: Question) -> None:
        self.question = question
        self.split = split_styles(
            (question.whole, *question.constants.values()), question.scope.known
        )
        self.named = frozenset(self.key(*name) for name in question.bodies)
        self.dependent = frozenset(self.key(*name) for name in question.dependent)
        self.tops = frozenset(self.key(*name) for name in question.tops)
        self.usage = Usage(self.key, self.named)
        self.usage.collect(question.whole, question.free)
        for body in question.constants.values():
            self.usage.collect(body)
        asked = zip_longest(question.variables, question.entries, question.members)
        for (text, bold), entry, member in asked:
            if not member:
                self._note_variable(text, bold, entry)
        for key in self.dependent:
            self.usage.uses.setdefault(key, Uses())
        if self.dependent:
            self._note_ordinary()
        self.dimensions = self._dimensions()

    def key(self, text: str, bold: bool) -> str:
        """The name of the symbol: two styles of one letter are two symbols where both stand."""
        return f"{text}_bold" if bold and text in self.split else text

    def _note_variable(self, text: str, bold: bool, entry: Term | None) -> None:
        uses = self.usage.uses.setdefault(self.key(text, bold), Uses(bold))
        if entry is not None:
            self.usage.uses.pop(self.key(text, bold) + MEMBERS, None)
            uses.latex = uses.latex or entry.args[0].latex
            uses.double_index = uses.double_index or len(entry.args) == 3
            uses.vector += 20.0
        elif not uses.alone and self.question.written:
            uses.latex = self.question.written
        if self.question.single:
            uses.vector -= 6.0

    def _note_ordinary(self) -> None:
        """What stands in a derivative written with a d is rather a scalar."""
        for node in walk(self.question.whole):
            if node.kind is Kind.DERIVATIVE and node.text.startswith("d-"):
                for arg in node.args:
                    uses = self.usage.uses.get(self.key(arg.text, arg.bold))
                    if arg.kind is Kind.NAME and uses is not None:
                        uses.vector -= 3.0

    def _dimensions(self) -> frozenset[str]:
        """The names that stand for numbers of rows and columns."""
        names = set(self.usage.counts)
        for known in self.question.scope.known.values():
            if known.shape is not None:
                names |= known.shape[0].names | known.shape[1].names
        return frozenset(names)

    def _letters(self) -> Iterable[tuple[str, Uses, Known | None]]:
        """The keys that are symbols, with what is declared of them."""
        scope = self.question.scope
        asked = {text for text, _ in self.question.variables}
        exponential = only_exponentials(self.question.whole)
        for key, uses in self.usage.uses.items():
            text = key.removesuffix(MEMBERS)
            if text in self.named and key not in self.dependent:
                continue
            text = text.removesuffix("_bold") if text.removesuffix("_bold") in self.split else text
            known = scope.find(text, uses.bold, exact=text in self.split)
            if key.endswith(MEMBERS):
                known = scope.find_family(text, uses.bold) or known
                yield key, uses, known
                continue
            if known is None and text not in asked:
                fixed = text in _FIXED and key not in self.dependent
                if fixed or (text == "e" and exponential):
                    continue
                beside = is_capital(text) and uses.most < 3.0  # as in N D, a product of numbers
                if text in self.dimensions and (uses.vector < 2.0 or beside):
                    continue
                if text == "delta" and uses.double_index and not uses.alone:
                    continue
            yield key, uses, known

    def solve(self) -> Answer:
        letters = list(self._letters())
        choices = {
            key: options(
                key,
                uses,
                positive=known is not None and "positive" in known.assumptions,
                top=key in self.tops,
            )
            for key, uses, known in letters
            if (known is None or not gives_shape(known)) and not self._constant(key)
        }
        failure: MdiffError | None = None
        unfit: tuple[Elaboration, Draft] | None = None
        other: tuple[Elaboration, Draft] | None = None
        likely = inf if self.question.single else _LIKELY
        costs = {(key, sort): cost for key, found in choices.items() for cost, sort in found}
        wanted = self.question.shape
        bars = any(node.kind is Kind.BARS for node in walk(self.question.whole))
        squares = self.question.lenient and any(map(_is_diagonal, walk(self.question.whole)))
        modes = list(product((False, True)[: 1 + squares], (False, True)[: 1 + bars]))
        found = islice(assignments(choices), _FEW if self.question.lenient else None)
        for sorts, (square, entrywise) in ((s, mode) for s in found for mode in modes):
            shapes = Shapes(self.question.source)
            try:
                reading = self._reading(shapes, letters, sorts)
                reading.entrywise_bars, reading.square_diagonals = entrywise, square
                for name, body in self.question.bodies.items():
                    reading.named[self.key(*name)] = Named(as_written(name[0]), reading.draft(body))
                draft = reading.draft(self.question.term)
                reading.entries = [
                    None if entry is None else reading.draft(entry)
                    for entry in self.question.entries
                ]
                fits = wanted is None or shapes.same(draft.shape, wanted)
                if self.question.any_shape and not fits and other is None:
                    shapes.settle()
                    other = reading, draft
                elif fits:
                    shapes.settle()
            except MdiffError as error:
                preferred = failure is None and unfit is None
                open_indices = self.dependent and isinstance(error, IndicesError)
                if (not choices and len(modes) == 1) or (
                    preferred and isinstance(error, UnsupportedError) and not open_indices
                ):
                    raise
                failure = failure or error
                continue
            unlikely = other is not None and any(costs[item] > likely for item in sorts.items())
            if fits and not unlikely:
                cost = sum(costs[item] for item in sorts.items())
                return replace(self._answer(reading, draft), cost=cost)
            if failure is None and unfit is None:
                unfit = (reading, draft)
        if other is not None:
            return self._answer(*other)
        if unfit is not None:
            raise self._no_scalar(*unfit) if wanted == SCALAR else _wrong_shape(*unfit)
        assert failure is not None
        raise failure

    def _no_scalar(self, reading: Elaboration, draft: Draft) -> UnsupportedError:
        """What a gradient of a vector or matrix is, and how to ask for it."""
        shapes, text = reading.shapes, reading.text(draft)
        kind = "vector" if shapes.is_column(draft) or shapes.is_row(draft) else "matrix"
        latex, sign = self.question.written, ""
        if self.question.variables:
            key = self.key(*self.question.variables[0])
            letter = reading.letters.get(key) or reading.letters[key + MEMBERS]
            latex = latex or letter.latex
            sign = r"^\top" if kind == "vector" and shapes.is_unit(letter.shape[1]) else ""
        return UnsupportedError(
            f"\\nabla is the gradient of a scalar, but {text} has the shape "
            f"{shapes.show(draft.shape)}: the derivative of a {kind} is a Jacobian",
            draft.span,
            rf"ask for \frac{{\partial ({text})}}{{\partial {latex}{sign}}}, or take a scalar: a "
            "norm, a trace, a product with a vector",
        )

    def _constant(self, key: str) -> bool:
        return any(self.key(*name) == key for name in self.question.constants)

    def _is_unit_vector(self, key: str, letter: Letter, constants: Mapping[str, Term]) -> bool:
        """Is it an e_i of which nothing else is known?"""
        scope = self.question.scope
        if key in constants or letter.shape[1] is not ONE or letter.shape[0] is ONE:
            return False
        base, _, place = letter.name.partition("_")
        if base != "e" or not (place.isdigit() if place else bool(letter.family)):
            return False
        names = {base, letter.name}
        asked = any(text in names for text, _ in self.question.variables)
        told = any(scope.find(name, bold) for name in names for bold in (True, False))
        return not (asked or told or scope.find_family(base, bold=True))

    def _reading(
        self,
        shapes: Shapes,
        letters: list[tuple[str, Uses, Known | None]],
        sorts: Mapping[str, Sort],
    ) -> Elaboration:
        table: dict[str, Letter] = {}
        question = self.question
        reading = Elaboration(
            shapes,
            table,
            self.key,
            _HANDLERS,
            self.dimensions,
            question.matrix_functions,
            question.differentials,
            scope=question.scope,
            functions=question.functions,
            stacked=question.stacked,
            layout=question.layout,
            rows=question.rows,
            lenient=question.lenient,
            dependent=self.dependent,
            guessed=dict(question.guessed),
            ranges={index: (shapes.fresh(non_unit=False), 1) for index in question.free},
        )
        constants = {self.key(*name): body for name, body in question.constants.items()}
        for key, uses, known in letters:
            name = key.removesuffix(MEMBERS)
            if name == key:
                table[key] = letter_of(shapes, key, uses, known, sorts.get(key))
            elif is_family(known, sorts.get(key)):
                table[key] = letter_of(shapes, name, uses, known, sorts.get(key), family=uses.index)
            elif name not in self.usage.uses:
                table[name] = letter_of(shapes, name, uses, known, sorts.get(key))
        for key, made in table.items():
            made.unit = self._is_unit_vector(key, made, constants)
        for key in constants:
            letter = table.get(key)
            if letter is not None and not letter.declared:
                letter.shape = (shapes.fresh(non_unit=False), shapes.fresh(non_unit=False))
        for key, body in reversed(constants.items()):
            letter = table.get(key)
            if letter is not None and not letter.declared:
                draft = reading.draft(body)
                diagonal = body.kind is Kind.APPLY and body.text in ("diag", "Diag")
                if diagonal and shapes.is_scalar(draft):  # its entries share the name of a scalar
                    letter.shape = (shapes.fresh(),) * 2
                else:
                    letter.declared = shapes.same(letter.shape, draft.shape)
                if diagonal and not shapes.is_column(draft):
                    letter.assumptions |= PROPERTIES["diagonal"]
        reading.notes.clear()
        return reading

    def _dimension_names(self, reading: Elaboration, variables: Sequence[str]) -> DimensionNames:
        """Names for the dimensions that stay open: those of the variables first."""
        sums = (node for node in walk(self.question.whole) if node.kind is Kind.INDEX_SUM)
        names = DimensionNames(
            reading.shapes,
            {*reading.letters, *reading.dimensions, *reading.ranges, *(node.text for node in sums)},
        )
        letters = sorted(reading.letters.items(), key=lambda item: item[0] not in variables)
        names.give([*(letter.shape for _, letter in letters), *reading.function_shapes.values()])
        return names

    def _answer(self, reading: Elaboration, draft: Draft) -> Answer:
        shapes = reading.shapes
        keys = [self.key(*variable) for variable in self.question.variables]
        names = self._dimension_names(reading, keys)
        settle = names.settle
        for part in reading.named.values():
            part.built(settle)
        expr = draft.build(settle)
        by = []
        for key, entry in zip_longest(keys, reading.entries):
            letter = reading.letters.get(key) or reading.letters[key + MEMBERS]
            rows, columns = settle(letter.shape[0]), settle(letter.shape[1])
            whole = symbol(letter.name, rows, columns, letter.assumptions - CONSTANTS)
            by.append(whole if entry is None else entry.build(settle))
        present = {node.data for node in expr.symbols}
        used = {str(getattr(data, "name", "")) for data in present}
        assumed = [
            assumption(letter, (settle(letter.shape[0]), settle(letter.shape[1])))
            for key, letter in reading.letters.items()
            if (not letter.declared or is_open(shapes, letter))
            and (letter.name in used or key in keys)
        ]
        assumed += [
            rf"{reading.called[name]} \in {space_latex((settle(shape[0]), settle(shape[1])))}"
            for name, shape in reading.function_shapes.items()
        ]
        for letter in reading.letters.values():
            sizes = [settle(dim) for dim in letter.shape]
            if not letter.declared and any(map(_is_never_positive, sizes)):
                raise ShapeError(
                    f"the shape of {letter.latex} does not follow from the formula",
                    draft.span,
                    f"declare it, as in {letter.latex} \\in \\mathbb{{R}}^m",
                )
        symbols = {letter.name: letter.latex for letter in reading.letters.values()}
        symbols.update(reading.called)
        values = {
            part.name: part.value for part in reading.named.values() if part.value is not None
        }
        return Answer(
            expr,
            tuple(by),
            symbols,
            tuple(assumed),
            tuple(reading.notes),
            reading.heads,
            values,
            guessed=_without_primed(reading.guessed, self.question.whole),
            invented=names.given,
        )


def _without_primed(guessed: Mapping[str, Guess], whole: Term) -> dict[str, Guess]:
    """What is guessed; where ``f'`` stands, f acts on every entry."""
    calls = {node.text for node in walk(whole) if node.kind is Kind.CALL}
    return {name: guess for name, guess in guessed.items() if f"{name}'" not in calls}


def _is_diagonal(term: Term) -> bool:
    return term.kind is Kind.APPLY and term.text == "diag" and len(term.args) == 1


def _is_never_positive(dim: Dim) -> bool:
    """Is a size such as ``1 - m`` below 1 whatever its letters are?"""
    constant = sum(count for letters, count in dim.terms if not letters)
    others = [count for letters, count in dim.terms if letters]
    return all(count < 0 for count in others) and constant + sum(others) < 1


def _wrong_shape(reading: Elaboration, draft: Draft) -> ShapeError:
    shapes = reading.shapes
    return ShapeError(
        f"{shapes.text(draft)} has the shape {shapes.show(draft.shape)}, which is not the one that "
        "belongs here",
        draft.span,
    )
