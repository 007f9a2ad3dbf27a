"""What was written: the formula as a tree with places, before shapes and meanings are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mdiff_pandoc.errors import Span


class Kind(StrEnum):
    """The kinds of term. The comment gives the arguments and ``text``."""

    NUMBER = "number"  # text: "2", "0.5"
    NAME = "name"  # text: plain name (X, Sigma_1, mu); latex: as written
    SUM = "sum"  # two or more terms; a subtracted one stands in NEG
    NEG = "neg"
    PRODUCT = "product"  # juxtaposition, \cdot, \times, *; flat, in order
    DIVIDE = "divide"  # numerator, denominator; text: "frac" or "/"
    HADAMARD = "hadamard"  # flat
    OSLASH = "oslash"  # elementwise quotient
    KRON = "kron"  # flat
    INNER = "inner"  # \langle A, B\rangle, A : B
    DOT = "dot"  # an explicit a \cdot b whose two sides are names; may be an inner product
    POWER = "power"  # base, exponent
    TRANSPOSE = "transpose"
    INVERSE = "inverse"  # ^{-1}
    INVERSE_TRANSPOSE = "inverse_transpose"  # ^{-T}
    APPLY = "apply"  # text: canonical head (trace, det, log, exp, diag, vec, sqrt…); arguments
    CALL = "call"  # text: name; a name before brackets: unknown function, or a product
    BARS = "bars"  # |x|: determinant of a matrix, absolute value of a scalar
    NORM = "norm"  # text: "" when no subscript, else "2", "F", "1", "p", …
    INDEX = "index"  # base, then index terms: A_{ij}, [AB]_{ik}, x_i
    ROW = "row"  # base, index: B_{k:}
    COLUMN = "column"  # base, index: B_{:k}
    INDEX_SUM = "index_sum"  # body; text: index name; args: body, lower, upper (may be EMPTY)
    MATRIX = "matrix"  # arguments are ROW_LIST terms
    ROW_LIST = "row_list"
    DIFFERENTIAL = "differential"  # dX, \mathrm{d}X
    DERIVATIVE = "derivative"  # operand (or EMPTY), variable…; text: style, see Derivative styles
    RELATION = "relation"  # two or more sides; text: the relation signs, space-separated
    EMPTY = "empty"  # nothing, or the question mark of a request


@dataclass(frozen=True, slots=True)
class Term:
    """A node of the surface tree.

    ``span`` is its place in the author's LaTeX, ``latex`` what the author wrote for a name or a
    head (so that it can be printed back), ``bold`` whether the name was set in bold.
    """

    kind: Kind
    span: Span
    args: tuple[Term, ...] = ()
    text: str = ""
    latex: str = ""
    bold: bool = False
