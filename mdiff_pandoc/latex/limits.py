r"""Upper limits of sums that are written without one, as in :math:`\frac1n \sum_i`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import SCALAR
from mdiff_pandoc.latex.kinds import NUMBERS
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk


def with_limits(term: Term, scope: Scope, variables: tuple[Key, ...]) -> Term:
    """The tree in which a mean runs to the number that it is divided by.

    That is a letter for a number of things, such as n, that nothing else declares to be a matrix,
    and by which the derivative is not taken.
    """
    if not any(map(_is_open, walk(term))):
        return term
    asked = {text for text, _ in variables}

    def count_in(term: Term) -> Term | None:
        for name in _divisors(term):
            known = scope.find(name.text, name.bold)
            told = known is not None and (known.kind or known.shape not in (None, SCALAR))
            if name.text in NUMBERS and name.text not in asked and not told:
                return name
        return None

    def rewrite(node: Term, count: Term | None) -> Term:
        if node.kind is Kind.DIVIDE:
            upper, lower = node.args
            found = count_in(node) or count
            return replace(node, args=(rewrite(upper, found), rewrite(lower, None)))
        if node.kind is Kind.PRODUCT:
            found = next(filter(None, map(count_in, node.args)), count)
            return replace(node, args=tuple(rewrite(arg, found) for arg in node.args))
        if _is_open(node):
            body = rewrite(node.args[0], None)
            if count is None:
                return replace(node, args=(body, *node.args[1:]))
            first = node.args[1] if len(node.args) > 1 else Term(Kind.EMPTY, node.span)
            return replace(node, args=(body, first, count))
        inside = count if node.kind in (Kind.NEG, Kind.SUM) else None
        args = tuple(rewrite(arg, inside) for arg in node.args)
        return node if args == node.args else replace(node, args=args)

    return rewrite(term, None)


def refuse_last_entries(*terms: Term) -> None:
    """Raise UnsupportedError where an index is a letter of a limit such as n - 1.

    There n is one number and no index that takes all values: in a sum to n - 1, the entry n of x
    is not among those that are summed.
    """
    nodes = [node for term in terms for node in walk(term)]
    sums = [node for node in nodes if node.kind is Kind.INDEX_SUM]
    uppers = [node.args[2] for node in sums if len(node.args) > 2]
    ends = {n.text for upper in uppers if upper.args for n in walk(upper) if n.kind is Kind.NAME}
    ends -= {node.text for node in sums}
    for node in nodes if ends else ():
        indices = node.args[1:] if node.kind is Kind.INDEX else ()
        found = next((i for i in indices if i.kind is Kind.NAME and i.text in ends), None)
        if found is not None:
            raise UnsupportedError(
                f"the index {found.text} is the number that a sum runs up to, less or more some",
                node.span,
                "let the sum run over all entries, or take an entry by another index",
            )


def _is_open(node: Term) -> bool:
    """Is this a sum without an upper limit?"""
    return node.kind is Kind.INDEX_SUM and (len(node.args) < 3 or node.args[2].kind is Kind.EMPTY)


def _divisors(term: Term) -> Iterator[Term]:
    """The names that a coefficient is divided by: n of ``1/(2n)``."""
    if term.kind is Kind.DIVIDE:
        lower = term.args[1]
        factors = lower.args if lower.kind is Kind.PRODUCT else (lower,)
        yield from (factor for factor in factors if factor.kind is Kind.NAME)
