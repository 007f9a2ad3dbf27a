"""The letter d: a differential, or a factor like any other."""

from __future__ import annotations

from collections.abc import Sequence, Set

from msgspec.structs import replace

from mdiff_pandoc.expr import SCALAR, Shape
from mdiff_pandoc.latex.kinds import COUNTS, is_capital
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, closed, names_in, walk


def settle_differentials(
    term: Term, scope: Scope, variables: tuple[Key, ...], *, allowed: bool = False
) -> Term:
    """The tree in which every d is either a DIFFERENTIAL or a name.

    A d is a name where it is declared, is a variable, or stands before a number of rows as in
    ``\\frac{1}{dn}``; where differentials are ``allowed``, any other d before a factor is one,
    also beside a number d of rows where a whole side is a differential, in ``d(AX)`` and in
    ``d \\log\\det X``. Elsewhere a d that also stands alone is a name. A letter for a number, such
    as M, may be a matrix: it is one where it is declared as one, transposed or multiplied by
    matrices, and in what a whole side is the differential of.
    """
    if not any("d" in (node.text, node.latex) for node in walk(term)):
        return term
    named = scope.find("d", bold=False) is not None or any(text == "d" for text, _ in variables)
    sure = any(node.kind is Kind.DIFFERENTIAL for node in walk(term))
    whole = allowed and sure and any(map(_is_d, (term, *term.args)))
    for fact in scope.known.values() if not whole else ():
        named = named or any("d" in dim.names for dim in fact.shape or ())
    if not allowed:
        named = named or any(node.kind is Kind.NAME and node.text == "d" for node in walk(term))

    matrices = _matrices(term)
    matrices |= {text for (text, _), fact in scope.known.items() if _has_rows(fact.shape)}
    for side in (term, *term.args) if allowed else ():
        inner = _differentiated(side)
        if inner is not None and inner.kind is not Kind.NAME:
            matrices |= {text for text, _ in names_in(inner)}

    def rewrite(node: Term) -> Term:
        args = tuple(rewrite(arg) for arg in node.args)
        if args != node.args:
            node = replace(node, args=args)
        if node.kind is Kind.DIFFERENTIAL and node.latex == "d":
            return _factor(node) if named or _is_count(node.args[0], matrices) else node
        if not allowed or named:
            return _flat(node) if node.kind is Kind.PRODUCT else node
        if node.kind is Kind.CALL and _is_d(node):
            return Term(Kind.DIFFERENTIAL, node.span, (closed(args[0]),), latex="d")
        return _joined(node) if node.kind is Kind.PRODUCT else node

    return rewrite(term)


def _is_count(term: Term, matrices: Set[str]) -> bool:
    return term.kind is Kind.NAME and term.text in COUNTS and term.text not in matrices


def is_before(factors: Sequence[Term]) -> bool:
    """Are these a d, and what it can only be the differential of: a function, a norm?"""
    return (
        len(factors) == 2
        and (factors[0].kind, factors[0].text, factors[0].bold) == (Kind.NAME, "d", False)
        and factors[1].kind in (Kind.APPLY, Kind.NORM, Kind.BARS)
    )


def _differentiated(side: Term) -> Term | None:
    """What a whole side is the differential of, as in ``d(MM)`` and ``d \\operatorname{tr}(M)``."""
    if _is_d(side):
        return side.args[0]
    return side.args[1] if side.kind is Kind.PRODUCT and is_before(side.args) else None


def _is_d(term: Term) -> bool:
    called = term.kind is Kind.CALL and term.text == "d" and len(term.args) == 1
    return called or term.kind is Kind.DIFFERENTIAL


def _has_rows(shape: Shape | None) -> bool:
    return shape is not None and shape != SCALAR


_OF_MATRICES = (Kind.TRANSPOSE, Kind.INVERSE, Kind.INVERSE_TRANSPOSE)


def _matrices(term: Term) -> set[str]:
    """The letters for numbers that stand where only a matrix can."""
    found: set[str] = set()
    for node in walk(term):
        names = [arg.text for arg in node.args if arg.kind is Kind.NAME and is_capital(arg.text)]
        among = node.kind is Kind.PRODUCT and not COUNTS.issuperset(names)
        of_matrix = node.kind is Kind.APPLY and node.text in ("trace", "det", "logdet", "vec")
        if among or of_matrix or node.kind in _OF_MATRICES:
            found |= COUNTS.intersection(names)
    return found


def _factor(node: Term) -> Term:
    """``dX`` as d times X."""
    start = node.span.start
    name = Term(Kind.NAME, replace(node.span, end=start + 1), (), "d", "d")
    return Term(Kind.PRODUCT, node.span, (name, *node.args))


def _flat(product: Term) -> Term:
    """A product without the products that `_factor` has made in it."""
    if not any(_is_made(arg) for arg in product.args):
        return product
    parts = [arg.args if _is_made(arg) else (arg,) for arg in product.args]
    return replace(product, args=tuple(arg for part in parts for arg in part))


def _is_made(term: Term) -> bool:
    return term.kind is Kind.PRODUCT and bool(term.args) and term.args[0].text == "d"


def _joined(product: Term) -> Term:
    """A product in which each d has taken the factor after it."""
    factors: list[Term] = []
    for arg in product.args:
        before = factors[-1] if factors else None
        if (
            before is not None
            and before.kind is Kind.NAME
            and (before.text, before.bold)
            == (
                "d",
                False,
            )
        ):
            span = before.span.join(arg.span)
            factors[-1] = Term(Kind.DIFFERENTIAL, span, (arg,), latex="d")
        else:
            factors.append(arg)
    if len(factors) == len(product.args):
        return product
    return factors[0] if len(factors) == 1 else replace(product, args=tuple(factors))
