r"""Derivatives by an entry :math:`X_{jk}`: which names are entries, and which indices are free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError
from mdiff_pandoc.expr import ONE, SCALAR
from mdiff_pandoc.latex.ambiguities import member_met
from mdiff_pandoc.latex.definitions import Definitions
from mdiff_pandoc.latex.indices import INDEXED
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.sources import Sources
from mdiff_pandoc.latex.subscripts import numbered_entry, settle_subscripts
from mdiff_pandoc.latex.surface import Kind, Term, walk
from mdiff_pandoc.patterns import regex

_NUMBERED = regex(r"(\w+)_(\d+)")


class Variable(Struct, frozen=True):
    """What a derivative is taken by: a symbol, or the entry ``entry`` of one.

    ``member``: or the member ``entry`` of a family that sums run over.
    """

    key: Key
    entry: Term | None = None
    member: bool = False


def variable_of(term: Term, operand: Term, scope: Scope, sources: Sources) -> Variable:
    """The symbol or the entry that a term to differentiate by stands for. Raises ParseError."""
    named = (Kind.NAME, Kind.INDEX)
    if term.kind not in named or term.text in ("", "0", "1", "dots", "infty"):
        raise ParseError(
            "a derivative is taken by a symbol",
            term.span,
            "name what stands here, as in Y = AX, and differentiate by Y",
        )
    if term.kind is Kind.NAME and not _NUMBERED.fullmatch(term.text):
        return Variable((term.text, term.bold))
    base, bold = (
        (term.args[0].text, term.args[0].bold)
        if term.kind is Kind.INDEX
        else (term.text.rpartition("_")[0], term.bold)
    )
    itself = Variable((term.text, bold))
    if scope.find(term.text, bold) is not None:
        return itself
    candidates = ((base, bold), (term.text, bold))
    definitions = Definitions(scope, Sources(sources.text), candidates)
    whole, _ = definitions.operand(operand)
    whole = Term(Kind.LIST, whole.span, (whole, *definitions.bodies.values()))
    if term.kind is Kind.NAME:
        pair = Term(Kind.LIST, term.span, (term, whole))
        settled = settle_subscripts(pair, scope, ()).args[0]
        if settled.kind is not Kind.INDEX and _only_whole(term.text, base, bold, whole, scope):
            settled = numbered_entry(term, base, (term.text.rpartition("_")[2],))
        if settled.kind is not Kind.INDEX:
            return itself
        term = settled
    elif not _is_entry(term, whole, scope):
        return itself
    small = len(term.args) == 3 and scope.find(base, bold) is None
    capital = base[:1].upper() + base[1:]
    if small and capital != base and _stands_alone(capital, whole):
        letter = replace(term.args[0], text=capital, latex=capital)
        return Variable((capital, bold), replace(term, args=(letter, *term.args[1:])))
    return Variable((base, bold), term)


def _only_whole(name: str, base: str, bold: bool, whole: Term, scope: Scope) -> bool:
    """Does an undeclared x stand in the function, and ``x_1`` only under the operator?"""
    if is_capital(base) or name.endswith("_0") or scope.find(base, bold) is not None:
        return False
    named = {node.text for node in walk(whole) if node.kind is Kind.NAME}
    return name not in named and _stands_alone(base, whole)


def _is_entry(term: Term, whole: Term, scope: Scope) -> bool:
    """Is ``x_i`` an entry of x here, and no symbol of its own?"""
    base, *indices = term.args
    if len(indices) == 2:
        return True
    if _is_declared_family(base, scope):
        return False
    known = scope.find(base.text, base.bold)
    if known is not None and known.shape is not None:
        return ONE in known.shape
    letters = {index.text for index in indices}
    summed = any(node.kind is Kind.INDEX_SUM and node.text in letters for node in walk(whole))
    others = any(
        node.kind is Kind.INDEX and node.args[0].text == base.text and node.text != term.text
        for node in walk(whole)
    )
    itself = any(node.kind is Kind.INDEX and node.text == term.text for node in walk(whole))
    if not summed and itself and _scalar_members(base.text, whole):
        return True
    return summed or _stands_alone(base.text, whole) or (others and not itself)


def _scalar_members(name: str, whole: Term) -> bool:
    """Does a sum run over ``x_j``, which no transpose, norm or matrix shows to be vectors?"""
    shown = any(
        node.kind in (Kind.TRANSPOSE, Kind.NORM, Kind.INNER)
        or (node.kind is Kind.NAME and is_capital(node.text))
        for node in walk(whole)
    )
    return not shown and any(
        node.args[0].text == name and not _letters(node).isdisjoint(bound)
        for node, bound in _indexed(whole)
    )


def _is_declared_family(base: Term, scope: Scope) -> bool:
    """Is some ``x_j`` declared as a vector or a matrix?"""
    return any(
        known.name.indices and known.name.base == base.text and known.shape not in (None, SCALAR)
        for known in scope.known.values()
    )


def _stands_alone(name: str, term: Term) -> bool:
    """Does a name stand without an index somewhere?"""
    if term.kind is Kind.NAME:
        return term.text == name
    inner = term.args[1:] if term.kind in INDEXED and term.args[0].kind is Kind.NAME else term.args
    return any(_stands_alone(name, arg) for arg in inner)


def as_member(variable: Variable, term: Term, whole: Term) -> Variable:
    """The member :math:`w_k` of a family where a sum runs over the family, else the variable."""
    if term.kind is not Kind.INDEX or len(term.args) != 2 or term.args[1].kind is not Kind.NAME:
        return variable
    told = variable.entry is not None and not _is_transposed(term.args[0].text, whole)
    if told or member_met(whole, term) is None:
        return variable
    return Variable((term.args[0].text, term.args[0].bold), term, member=True)


def _is_transposed(base: str, whole: Term) -> bool:
    """Does a member stand transposed, so that it is no entry?"""
    return any(
        node.kind is Kind.TRANSPOSE
        and node.args[0].kind is Kind.INDEX
        and node.args[0].args[0].text == base
        for node in walk(whole)
    )


def free_indices(whole: Term, operand: Term, variables: Sequence[Variable]) -> frozenset[str]:
    """The indices that no sum binds: those of the variables, and of the entries in the function.

    Without entries under the operator or as the whole function there are none.
    """
    entries = [variable.entry for variable in variables if variable.entry is not None]
    if not entries and operand.kind is not Kind.INDEX:
        return frozenset()
    found = {index for entry in entries for index in _letters(entry)}
    bases = {variable.key[0] for variable in variables}
    if operand.kind is Kind.INDEX:
        bases.add(operand.args[0].text)
    for node, bound in _indexed(whole):
        base = node.args[0]
        if base.kind is Kind.NAME and len(node.args) == 2 and base.text not in bases:
            continue
        found |= _letters(node) - bound
    return frozenset(found)


def _letters(node: Term) -> set[str]:
    return {index.text for index in node.args[1:] if index.kind is Kind.NAME}


def _indexed(term: Term) -> Iterator[tuple[Term, frozenset[str]]]:
    """The indexed terms, each with the indices that sums bind there."""
    stack: list[tuple[Term, frozenset[str]]] = [(term, frozenset())]
    while stack:
        node, bound = stack.pop()
        if node.kind in INDEXED:
            yield node, bound
        inside = bound | {node.text} if node.kind is Kind.INDEX_SUM else bound
        stack += [(arg, inside) for arg in node.args]
