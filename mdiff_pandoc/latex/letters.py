"""Letters of a formula: which are symbols, with which shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mdiff_pandoc.expr import ONE, SCALAR, Shape
from mdiff_pandoc.latex.draft import Shapes
from mdiff_pandoc.latex.elaboration import Letter
from mdiff_pandoc.latex.kinds import Sort, Uses, is_capital
from mdiff_pandoc.latex.printer_names import name_latex, space_latex
from mdiff_pandoc.latex.properties import SQUARE_ONLY, TALL
from mdiff_pandoc.latex.scope import Key, Known
from mdiff_pandoc.latex.surface import Kind, Term, walk


def split_styles(terms: Iterable[Term], known: Mapping[Key, Known]) -> frozenset[str]:
    """The letters that stand both bold and not: two symbols.

    Entries ``X_{jk}`` of a bold X do not count, nor does the style of the variable under the
    operator.
    """
    styles: set[Key] = set()
    for term in terms:
        indexed_bases = {id(n.args[0]) for n in walk(term) if n.kind is Kind.INDEX}
        for node in walk(term):
            if node.kind is Kind.NAME and id(node) not in indexed_bases:
                styles.add((node.text, node.bold))
    told = {text for text, bold in known if bold and _are_two(text, known)}
    for text, bold in list(styles):
        if text in told:
            styles.add((text, not bold))
    both = {text for text, bold in styles if bold and (text, False) in styles}
    return frozenset(text for text in both if not is_capital(text) or text in told)


def _are_two(text: str, known: Mapping[Key, Known]) -> bool:
    """Is something of its own said of the letter in bold and in italics?

    That a matrix X is a matrix says nothing of another one.
    """
    bold, italic = known.get((text, True)), known.get((text, False))
    if bold is None or italic is None:
        return False
    alike = is_capital(text) and None in (bold.shape, italic.shape)
    return not (alike and {bold.kind, italic.kind} <= {"", "matrix"})


def only_exponentials(term: Term) -> bool:
    """Is every e the base of a power?"""
    bases = {id(node.args[0]) for node in walk(term) if node.kind is Kind.POWER}
    return all(
        id(node) in bases for node in walk(term) if node.kind is Kind.NAME and node.text == "e"
    )


def gives_shape(known: Known) -> bool:
    """Does a declaration say what kind of letter it is?"""
    return known.shape is not None or known.kind in ("scalar", "vector", "matrix", "square")


def is_family(known: Known | None, sort: Sort | None) -> bool:
    """Are x_i members of a family, not entries of x?"""
    if known is not None and gives_shape(known):
        return bool(known.name.indices)
    return sort in (Sort.FAMILY_OF_VECTORS, Sort.FAMILY_OF_MATRICES)


def letter_of(
    shapes: Shapes,
    name: str,
    uses: Uses,
    known: Known | None,
    sort: Sort | None,
    *,
    family: str = "",
) -> Letter:
    """A symbol of one reading, with its declared shape or the one its ``sort`` has."""
    assumptions = known.assumptions if known is not None else frozenset()
    tall = not assumptions.isdisjoint(TALL) and "orthogonal" not in assumptions
    if not assumptions.isdisjoint(TALL):
        assumptions = assumptions - TALL | {"orthogonal"}
    latex = uses.latex or (known.name.latex if known is not None else name_latex(name))
    declared = known is not None and known.shape is not None
    if known is not None and not declared and "positive" in assumptions:
        declared = Sort.SCALAR in (known.kind, sort)
    shape: Shape
    if known is not None and known.shape is not None:
        shape = known.shape
    else:
        kind = known.kind if known is not None and gives_shape(known) else ""
        shaping = assumptions - {"orthogonal"} if tall else assumptions
        shape = _open_shape(shapes, kind or str(sort or Sort.MATRIX), shaping)
    return Letter(name, latex, shape, assumptions, declared, family)


def _open_shape(shapes: Shapes, kind: str, assumptions: frozenset[str]) -> Shape:
    square = assumptions & (SQUARE_ONLY | {"orthogonal"})
    if kind == "square" or (square and (kind != Sort.SCALAR or assumptions & SQUARE_ONLY)):
        size = shapes.fresh()
        return size, size
    if kind == Sort.SCALAR:
        return SCALAR
    rows = shapes.fresh()
    vector = kind in (Sort.VECTOR, Sort.FAMILY_OF_VECTORS)
    return rows, ONE if vector else shapes.fresh()


def is_open(shapes: Shapes, letter: Letter) -> bool:
    """Does the shape still hold a dimension that nobody named?"""
    rows, columns = shapes.resolve(letter.shape)
    return any(name.startswith("?") for name in rows.names | columns.names)


def assumption(letter: Letter, shape: Shape) -> str:
    """``A \\in \\mathbb{R}^{m \\times n}``, as a note says it."""
    latex = letter.latex
    if letter.family and "_" not in latex:
        latex = f"{latex}_{letter.family}"
    space = r"\mathbb{N}" if letter.exponent else space_latex(shape)
    return rf"{latex} \in {space}"
