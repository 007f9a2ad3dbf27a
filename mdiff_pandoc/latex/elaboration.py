"""One reading of a formula: its letters, their shapes, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from mdiff_pandoc.errors import MdiffError, ShapeError, Span, UnsupportedError
from mdiff_pandoc.expr import ONE, Dim, Expr, Layout, Shape, basis, identity, named, ones, symbol
from mdiff_pandoc.latex.draft import Draft, Settle, Shapes
from mdiff_pandoc.latex.properties import CONSTANTS
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term


class Letter(Struct):
    """One symbol of the formula: name, LaTeX, shape, and what is assumed of it.

    ``declared``: its shape stands in a declaration or a definition. ``family``: the index, where it
    stands for the members :math:`x_i` of a family. ``exponent``: it is the power of a matrix.
    ``unit``: it stands for the unit vectors :math:`e_i`. ``members``: how many a family has.
    """

    name: str
    latex: str
    shape: Shape
    assumptions: frozenset[str] = frozenset()
    declared: bool = False
    family: str = ""
    exponent: bool = False
    unit: bool = False
    members: Dim | None = None


class Guess(NamedTuple):
    """What is guessed of an unspecified function: all of it, or the ``shape`` of its values."""

    reason: str
    shape: bool = False


class Named(Struct):
    """What a name stands for; ``value`` is made once the shapes are settled."""

    name: str
    draft: Draft
    value: Expr | None = None

    def built(self, settle: Settle) -> Expr:
        """The value, made where it is asked for first: it may stand in an earlier definition."""
        if self.value is None:
            self.value = named(self.name, self.draft.build(settle))
        return self.value


class Elaboration(Struct):
    """One reading of a formula, with a shape for every letter.

    ``letters`` are the symbols by key, ``key`` gives the key of a name and its style,
    ``handlers`` the reading of each kind of term, ``dimensions`` the names that stand for
    dimensions. ``differentials`` may stand only where they are asked for. With ``entrywise_bars``,
    ``|x|`` of a vector is no norm, with ``square_diagonals`` the diag of a matrix is a matrix.
    ``ranges`` has the upper and lower bound of each index in force.
    ``named`` is what has a definition, ``entries`` are those to differentiate by; ``notes``
    collects the readings that an author must know of. ``functions`` are the undeclared functions
    that are no elementwise ones, with the kind of their values, ``function_shapes`` the shapes of
    these, ``called`` all unspecified functions with their LaTeX; ``heads`` the spellings of
    functions of whole matrices, and the letters of constant ones. ``stacked``: a derivative with
    more than two indices is one of vec by vec; ``layout`` is that of Jacobians whose notation
    does not tell; ``rows``: the derivative of a scalar by a column is a row. ``lenient``: what
    is no formula by itself may be read as its author must have meant it. ``dependent`` are the
    keys of quantities that depend on others somehow, with a letter for their shape; ``guessed``
    is what is guessed of unspecified functions, by name.
    """

    shapes: Shapes
    letters: dict[str, Letter]
    key: Callable[[str, bool], str]
    handlers: Mapping[Kind, Handler]
    dimensions: frozenset[str] = frozenset()
    matrix_functions: bool = False
    differentials: bool = False
    entrywise_bars: bool = False
    square_diagonals: bool = False
    ranges: dict[str, tuple[Dim, int]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    entries: list[Draft | None] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    functions: Mapping[str, str] = field(default_factory=dict)
    function_shapes: dict[str, Shape] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    stacked: bool = False
    layout: Layout = Layout.NUMERATOR
    rows: bool = False
    lenient: bool = False
    dependent: frozenset[str] = frozenset()
    guessed: dict[str, Guess] = field(default_factory=dict)

    def draft(self, term: Term) -> Draft:
        """The meaning of a term. Raises MdiffError with a span."""
        handler = self.handlers.get(term.kind)
        if handler is None:
            raise UnsupportedError(f"this {term.kind.value} is not supported here", term.span)
        try:
            return handler(self, term)
        except MdiffError as error:
            raise error.at(term.span) from None

    def note(self, text: str) -> None:
        """Say something that the author must know of."""
        self.notes[text] = None

    def drafts(self, term: Term) -> list[Draft]:
        """The meanings of a term's arguments."""
        return [self.draft(arg) for arg in term.args]

    def text(self, draft: Draft) -> str:
        """What the author wrote there."""
        return self.shapes.text(draft)

    def letter(self, letter: Letter, span: Span, indices: tuple[str | int, ...] = ()) -> Draft:
        """A symbol, or a member of a family."""

        if letter.unit:
            place = indices or (int(letter.name.rpartition("_")[2]),)
            self.note(f"${letter.latex.partition('_')[0]}_i$ is read as the i-th unit vector")
            size = self.shapes.fresh()  # each occurrence has its own length
            return Draft((size, ONE), span, lambda settle: basis(place[0], settle(size)))

        def build(settle: Settle) -> Expr:
            rows, columns = settle(letter.shape[0]), settle(letter.shape[1])
            if letter.assumptions.isdisjoint(CONSTANTS) or indices:
                return symbol(letter.name, rows, columns, letter.assumptions, indices)
            if "identity" in letter.assumptions:
                self.heads["identity"] = letter.latex
                return identity(rows)
            self.heads["ones" if columns == ONE else "ones_matrix"] = letter.latex
            return ones(rows, columns)

        return Draft(letter.shape, span, build)

    def common_shape(self, drafts: Sequence[Draft], verb: str, span: Span) -> Shape:
        """Require parts of one shape. Raises ShapeError naming the first two that differ."""
        first = drafts[0]
        for draft in drafts[1:]:
            if not self.shapes.same(first.shape, draft.shape):
                scalars = [d for d in (first, draft) if self.shapes.is_scalar(d)]
                scalar = self.text(scalars[0]).lstrip("-+ ") if len(scalars) == 1 else ""
                raise ShapeError(
                    f"cannot {verb} {self.shapes.named(first)} and {self.shapes.named(draft)}: "
                    "the shapes differ",
                    first.span.join(draft.span),
                    f"write {scalar} I or {scalar} \\mathbf{{1}}" if scalar else "",
                )
        return first.shape


Handler = Callable[[Elaboration, Term], Draft]
