r"""What was written: the formula as a tree with places, before shapes and meanings are known.

**Names.** A letter or Greek command is a NAME with the plain name as ``text`` (``X``, ``mu``);
bold fonts, ``\vec``, ``\mathrm`` and ``\mathsf`` do not change it (``bold`` says that one of the
first two stood there). ``\mathcal{L}`` is ``cal_L``, ``\mathbb{E}`` is ``bb_E`` (but ``\mathbb{I}``
is ``I``), accents go in front: ``\hat{y}`` is ``hat_y``. A subscript that is a number, a text or a
label belongs to the name: ``W_1``, ``Sigma_xy``, ``X_train``; a star does too: ``x_star``. Any
other subscript is an INDEX: ``x_i`` is INDEX(x, i), ``A_{ij}`` INDEX(A, i, j), ``I_n`` INDEX(I, n);
its ``text`` is what the name would be if it is no index (``x_i``, ``A_ij``); empty when the base
is no name. A bold 1 is NAME ``1`` with ``bold``; with a size, APPLY ``ones`` with the size or
sizes as arguments; bold 0 likewise, and APPLY ``zeros``. ``x^{(i)}`` is INDEX(x, i), ``W^{(1)}``
NAME ``W_sup_1``. Dots of every kind are NAME ``dots``.

**Calls.** ``A(x + y)`` is CALL ``A``, be it a function or a product; a script after the bracket
stands on the CALL. When the name is a factor, `as_product` gives the product that was meant. An
unknown ``\operatorname{f}(x)`` is a CALL whose name is multi-lettered.

**Heads.** APPLY has as ``text`` a canonical head of ``notations.HEADS`` (``trace``, ``det``,
``logdet``, ``diag``, ``Diag``, ``vec``, ``unvec``, ``log``, ``sigma`` for the logistic function …)
or ``sqrt`` (argument, and the degree of the root if one stands), ``hpower`` (elementwise power:
base, exponent), ``ones``, ``zeros``. `operators` adds ``expectation`` (body, names of what is
random), ``eigenvalue`` (matrix, which one), ``singular_value`` and ``commutation`` (two sizes).

**Derivatives.** ``text`` is the style: ``nabla``, ``partial-fraction`` (operand in the numerator),
``partial-operator`` (fraction before the operand), ``d-fraction``, ``d-operator``, ``subscript``
(``\partial_X f``, ``D_X f``), ``jacobian`` (``\operatorname{Jac}``, ``D f``), ``hessian``,
``jacobian-of`` and ``hessian-of`` (``J_f(x)``, ``H_f``), with ``2``, ``3`` … appended for a higher
order (``nabla2``). The arguments are the operand, EMPTY if none stands there, and the variables:
none for ``\nabla f``,
``x, x^T`` for ``\frac{\partial^2 f}{\partial x \partial x^T}``, twice ``x`` for ``\partial x^2``,
one ``x`` for ``\nabla_x^2``. ``latex`` is the operator as written (``\nabla_X``,
``\frac{\partial}{\partial X}``), for ``\frac{\partial f}{\partial X}`` the whole fraction. An
operator's operand is the product after it, up to + or −: ``\nabla_x a^T x + b`` is
SUM(DERIVATIVE, b). ``\nabla_Y^T f`` and ``\nabla f(x)^T`` are a TRANSPOSE round the DERIVATIVE.

**Differentials.** ``dX`` is DIFFERENTIAL of the factor after it, scripts included; when its
``latex`` is a plain ``d`` it may also have been meant as a product.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import Span


class Kind(StrEnum):
    """The kinds of term. The comment gives the arguments and ``text``."""

    NUMBER = "number"  # text: "2", "0.5"
    NAME = "name"  # text: plain name (X, Sigma_1, mu), see Names; latex: as written
    SUM = "sum"  # two or more terms; a subtracted one stands in NEG
    NEG = "neg"
    PRODUCT = "product"  # juxtaposition, \cdot, \times, *; flat, in order
    DIVIDE = "divide"  # numerator, denominator; text: "frac" or "/"
    HADAMARD = "hadamard"  # flat
    OSLASH = "oslash"  # elementwise quotient
    KRON = "kron"  # flat
    INNER = "inner"  # \langle A, B\rangle, A : B
    DOT = "dot"  # a \cdot b, two sides, neither a number; may be an inner product
    CROSS = "cross"  # a \times b, two sides, neither a number; may be a product
    POWER = "power"  # base, exponent
    TRANSPOSE = "transpose"  # text: "'" for a prime, else ""; latex: superscript as written
    INVERSE = "inverse"  # ^{-1}
    INVERSE_TRANSPOSE = "inverse_transpose"  # ^{-T}
    PSEUDO_INVERSE = "pseudo_inverse"  # ^+, ^\dagger; latex: superscript as written
    APPLY = "apply"  # text: canonical head (trace, det, log, exp, diag, vec, sqrt…); arguments
    CALL = "call"  # a name before brackets; text: its name, primes kept (f'); see `as_product`
    BARS = "bars"  # |x|: determinant of a matrix, absolute value of a scalar
    NORM = "norm"  # text: "" when no subscript, else "2", "F", "1", "p", …
    INDEX = "index"  # base, then index terms: A_{ij}, [AB]_{ik}, x_i
    ROW = "row"  # base, index: B_{k:}
    COLUMN = "column"  # base, index: B_{:k}
    INDEX_SUM = "index_sum"  # body, lower, upper (bounds may be EMPTY); text: index name
    MATRIX = "matrix"  # arguments are ROW_LIST terms
    ROW_LIST = "row_list"
    DIFFERENTIAL = "differential"  # dX, \mathrm{d}X; latex: the d as written
    DERIVATIVE = "derivative"  # operand (or EMPTY), variable…; text: style, see Derivatives
    RELATION = "relation"  # two or more sides; text: the relation signs, space-separated
    LIST = "list"  # several statements, separated by commas, semicolons or rows
    EMPTY = "empty"  # nothing, or the question mark of a request


class Term(Struct, frozen=True):
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


_SCRIPTS = (
    Kind.TRANSPOSE,
    Kind.INVERSE,
    Kind.INVERSE_TRANSPOSE,
    Kind.PSEUDO_INVERSE,
    Kind.POWER,
    Kind.INDEX,
    Kind.ROW,
    Kind.COLUMN,
)


def walk(term: Term) -> Iterator[Term]:
    """Every term of a surface tree, parents first."""
    stack = [term]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def names_in(term: Term) -> set[tuple[str, bool]]:
    """The names of a tree with their styles; of a call, the name that is called too."""
    return {
        (node.text.rstrip("'"), node.bold)
        for node in walk(term)
        if node.kind in (Kind.NAME, Kind.CALL)
    }


def _is_script(term: Term) -> bool:
    return bool(term.args) and (term.kind in _SCRIPTS or term.text == "hpower")


def closed(term: Term) -> Term:
    """What stands in brackets: a script behind them is not one of a CALL within."""
    inner = term
    while _is_script(inner):
        inner = inner.args[0]
    return Term(Kind.PRODUCT, term.span, (term,)) if inner.kind is Kind.CALL else term


def as_product(term: Term) -> Term:
    """A CALL, with the scripts after its bracket, read as name times bracket.

    ``X(Y)^{-1}`` comes as INVERSE(CALL X(Y)) and leaves as PRODUCT(X, INVERSE(Y)); a prime of the
    name becomes a transpose. A term of another kind, or a CALL with several arguments, is
    returned as it is.
    """
    scripts: list[Term] = []
    call = term
    while _is_script(call):
        scripts.append(call)
        call = call.args[0]
    if call.kind is not Kind.CALL or len(call.args) != 1:
        return term
    name = call.text.rstrip("'")
    place = Span(call.span.start, call.args[0].span.start)
    factor = Term(Kind.NAME, place, (), name, call.latex.rstrip("'"), call.bold)
    for _ in call.text[len(name) :]:
        factor = Term(Kind.TRANSPOSE, place, (factor,), "'", "'")
    last = closed(call.args[0]) if scripts else call.args[0]
    for script in reversed(scripts):
        span = Span(last.span.start, script.span.end)
        last = replace(script, span=span, args=(last, *script.args[1:]))
    return Term(Kind.PRODUCT, term.span, (factor, last))
