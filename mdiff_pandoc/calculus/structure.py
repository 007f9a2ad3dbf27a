"""Structured symbols: what a derivative by one means, and which steps rely on a structure.

The gradient by a structured variable is the one matrix with its pattern, or in its tangent space,
whose inner product with every admissible direction is the differential. By a symmetric matrix the
derivative by each of the free entries is another convention.

Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 9 §8; Petersen &
Pedersen, *The Matrix Cookbook*, 2012, §2.8; Edelman, Arias & Smith, *The geometry of algorithms
with orthogonality constraints*, 1998, §2; Absil, Mahony & Sepulchre, *Optimization Algorithms on
Matrix Manifolds*, 2008, §3.6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from mdiff_pandoc.calculus.derivation import Note
from mdiff_pandoc.calculus.tables import Tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Symbol, diff, matmul, neg, rebuild, scale, symbol, triangle
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules import Rule
from mdiff_pandoc.rules.match import Bindings, instantiate
from mdiff_pandoc.rules.transposes import transposed

ENTRIES = "entries"
BY_ENTRIES = "symmetric variable, by entries"
_SYMMETRIC = frozenset({"symmetric", "positive definite"})
_ALONE = ("skew", "orthogonal", "unit", "lower triangular", "upper triangular")


def structure_of(variable: Expr) -> str:
    """The structure that restricts the directions of a variable, or ``""``.

    One of ``symmetric``, ``skew``, ``diagonal``, ``lower triangular``, ``upper triangular``,
    ``orthogonal`` and ``unit``; positive and invertible matrices are open sets, which restrict
    nothing. Raises UnsupportedError for a constant, and for structures that exclude each other or
    whose common tangent space is not known.
    """
    data = variable.data
    words = data.assumptions if isinstance(data, Symbol) else frozenset[str]()
    if "constant" in words:
        raise UnsupportedError(
            "the variable of a derivative cannot be constant",
            hint="leave out the word constant, or differentiate by another symbol",
        )
    found = [word for word in _ALONE if word in words]
    if "diagonal" in words or {"lower triangular", "upper triangular"} <= words:
        found = ["diagonal", *(word for word in found if "triangular" not in word)]
    elif words & _SYMMETRIC:
        found.insert(0, "symmetric")
    if len(found) > 1:
        raise UnsupportedError(
            f"the derivative by a variable that is both {found[0]} and {found[1]} is not supported",
            hint="declare it with one of the two properties",
        )
    structure = found[0] if found else ""
    if structure == "unit" and not variable.is_vector:
        raise UnsupportedError("only a column vector can be a unit vector")
    if structure in ("skew", "orthogonal") and variable.is_scalar:
        raise UnsupportedError(f"a scalar that is {structure} cannot vary")
    return "" if variable.is_scalar else structure


LINEAR = ("symmetric", "skew", "diagonal", "lower triangular", "upper triangular")


def require_unrestricted(
    variable: Expr, what: str, allowed: tuple[str, ...] = (), hint: str = ""
) -> None:
    """Raises UnsupportedError where a structure restricts the directions of ``variable``.

    ``what`` names the derivative that has no meaning, or no rule yet, under such a restriction;
    ``allowed`` are the structures under which it has.
    """
    structure = structure_of(variable)
    if structure and structure not in allowed:
        said = "a unit vector" if structure == "unit" else structure
        raise UnsupportedError(
            f"a {what} is not supported for a variable that is {said}",
            hint=hint
            or f"declare it without the word {structure}, so that its entries vary freely",
        )


def rule_name(variable: Expr, convention: str) -> str:
    """The name of the rule for the structure of a variable, or ``""``.

    Raises UnsupportedError as `structure_of` does.
    """
    structure = structure_of(variable)
    if structure == "symmetric" and convention == ENTRIES:
        return BY_ENTRIES
    if structure == "unit":
        return "unit vector as variable"
    if structure == "orthogonal" and variable.shape[0] != variable.shape[1]:
        return "variable with orthonormal columns"
    return f"{structure} variable" if structure else ""


class Restricted(Struct, frozen=True):
    """An unrestricted gradient G among the values of a structured variable X.

    ``df = tr(P dX)`` holds with P = ``before`` for every direction that the structure leaves, by
    ``rule``; ``gradient`` is the answer: P^T or, by entries, what P is the lower part of.
    """

    rule: str
    before: Expr
    gradient: Expr
    note: Note


def restricted(
    unrestricted: Expr, variable: Expr, tables: Tables, convention: str = "projected"
) -> Restricted | None:
    """The gradient by a structured variable; None where its structure restricts nothing.

    ``convention`` is that for a symmetric variable, ``projected`` or ``entries``. Raises
    UnsupportedError as `structure_of` does.
    """
    rule = tables.rule(rule_name(variable, convention))
    if rule is None:
        return None
    note = note_on(rule.name, unrestricted)
    if rule.name == BY_ENTRIES:
        answer, _ = tables.shorten.run(_seen(rule, unrestricted, variable).args[0])
        before, _ = tables.shorten.run(triangle(answer, "lower"))
        return Restricted(rule.name, before, answer, note)
    turned = transposed(unrestricted)
    structure = structure_of(variable)
    if structure not in _TURNED:
        answer, _ = tables.shorten.run(transposed(_seen(rule, turned, variable)))
        return Restricted(rule.name, transposed(answer), answer, note)
    answer, before = (
        tables.shorten.run(_seen(rule, part, variable))[0] for part in (unrestricted, turned)
    )
    if length(answer) <= length(before):
        before, _ = tables.shorten.run(_TURNED[structure](answer))
    else:
        answer, _ = tables.shorten.run(_TURNED[structure](before))
    return Restricted(rule.name, before, answer, note)


# the transpose of a matrix of that structure, written without one
_TURNED: dict[str, Callable[[Expr], Expr]] = {
    "symmetric": lambda expr: expr,
    "diagonal": lambda expr: expr,
    "skew": neg,
}


def _seen(rule: Rule, before: Expr, variable: Expr) -> Expr:
    """The factor in front of ``dX`` on the right side of a rule, P being ``before``."""
    dims = {"n": variable.shape[0], "k": variable.shape[1]}
    values = {"P": before, "Q": variable, "Z": diff(variable)}
    return _before(instantiate(rule.right, Bindings(values, dims)))


def _before(product: Expr) -> Expr:
    """P in ``tr(P Z)`` or ``P z``."""
    if product.op is Op.MUL:
        return scale(matmul(*product.args[:-1]), _before(product.args[-1]))
    chain = product.args[0] if product.op is Op.TRACE else product
    if chain.op is Op.SCALE:
        return scale(chain.args[0], matmul(*chain.args[1].args[:-1]))
    return matmul(*chain.args[:-1])


_PATTERN = (
    "the variable is {0}: the gradient is taken among the {0} matrices, as the part of the "
    "unrestricted gradient $G$ that such a direction sees, {1}"
)
_NOTES: dict[str, str] = {
    "symmetric variable": (
        "the variable is symmetric: the gradient is taken among the symmetric matrices, as the "
        r"projection $\frac{1}{2} (G + G^\top)$ of the unrestricted gradient $G$; it is the "
        "direction of steepest ascent there. The option symmetric: entries gives the derivatives "
        r"by the free entries, $G + G^\top - G \odot I$: off the diagonal they are twice as large, "
        "because an entry and its mirror image move together"
    ),
    BY_ENTRIES: (
        "the variable is symmetric: the derivatives are taken by its free entries, "
        r"$G + G^\top - G \odot I$ for the unrestricted gradient $G$, because an entry off the "
        "diagonal and its mirror image move together. The option symmetric: projected gives "
        r"$\frac{1}{2} (G + G^\top)$, the direction of steepest ascent among the symmetric "
        "matrices, which off the diagonal is half as large"
    ),
    "skew variable": _PATTERN.format("skew", r"$\frac{1}{2} (G - G^\top)$"),
    "diagonal variable": _PATTERN.format("diagonal", r"$G \odot I$"),
    "lower triangular variable": _PATTERN.format(
        "lower triangular", r"$\operatorname{tril}(G)$, the entries on and below the diagonal"
    ),
    "upper triangular variable": _PATTERN.format(
        "upper triangular", r"$\operatorname{triu}(G)$, the entries on and above the diagonal"
    ),
}
_SOURCES = "(Edelman, Arias and Smith 1998, §2; Absil, Mahony and Sepulchre 2008, §3.6)"
_TANGENT: dict[str, str] = {
    "orthogonal variable": (
        "the variable is orthogonal: the gradient is taken on the tangent space of the orthogonal "
        r"matrices, $\frac{1}{2} (G - Q G^\top Q)$ for the variable $Q$ and the unrestricted "
        "gradient $G$"
    ),
    "variable with orthonormal columns": (
        "the variable has orthonormal columns: the gradient is taken on the tangent space of such "
        r"matrices, $G - \frac{1}{2} Q (Q^\top G + G^\top Q)$ for the variable $Q$ and the "
        "unrestricted gradient $G$"
    ),
    "unit vector as variable": (
        "the variable is a unit vector: the gradient is taken on the tangent space of the sphere, "
        r"$(I - x x^\top) g$ for the variable $x$ and the unrestricted gradient $g$"
    ),
}


def note_on(name: str, unrestricted: Expr) -> Note:
    """What a reader must know of the convention behind the rule of this name."""
    tangent = _TANGENT.get(name)
    if tangent is None:
        return _NOTES[name]
    return (f"{tangent} {_SOURCES}; without that restriction it would be ", unrestricted)


def _words(expr: Expr) -> Iterator[tuple[str, frozenset[str]]]:
    """What is known of a symbol, in one word each, with the assumptions that say it."""
    assert isinstance(expr.data, Symbol)
    known = expr.data.assumptions
    if "diagonal" in known:
        yield "diagonal", _SYMMETRIC | {"diagonal"}
    elif known & _SYMMETRIC:
        yield "symmetric", _SYMMETRIC
    for word in (*_ALONE, "positive"):
        if word in known:
            yield word, frozenset({word})


def is_structured(expr: Expr) -> bool:
    """A symbol that an identity of algebra may rely on?"""
    return isinstance(expr.data, Symbol) and next(_words(expr), None) is not None


Redo = Callable[[Expr, Expr, Expr], Expr | None]


def relied_on(before: Expr, after: Expr, redo: Redo) -> Iterator[tuple[Expr, str]]:
    """The symbols, and what is known of them, without which ``after`` would not follow.

    ``redo(expr, known, plain)`` does the step again on ``before`` with the symbol ``plain``, of
    which nothing is assumed, in the place of ``known``.
    """
    for known in sorted(filter(is_structured, before.symbols), key=repr):
        assert isinstance(known.data, Symbol)
        for word, dropped in _words(known):
            data = known.data
            plain = symbol(data.name, *known.shape, data.assumptions - dropped, data.indices)
            again = redo(_exchanged(before, known, plain), known, plain)
            if again is None or _exchanged(again, plain, known) is not after:
                yield known, word


def _exchanged(expr: Expr, old: Expr, new: Expr) -> Expr:
    if expr is old:
        return new
    if old not in expr.symbols:
        return expr
    return rebuild(expr, [_exchanged(arg, old, new) for arg in expr.args])
