"""Formulas that authors write for two different things: refused, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from itertools import pairwise

from mdiff_pandoc.errors import ParseError, Span, UnknownCommandError, UnsupportedError
from mdiff_pandoc.expr import FUNCTIONS, Expr, Symbol
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.notations import INDEX_LETTERS
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, names_in
from mdiff_pandoc.patterns import regex

_ENCLOSED = (Kind.BARS, Kind.NORM, Kind.APPLY)
_NUMBERED = regex(r"(\w+)_\d+")
_SPACES = " \n\t{}"
_UPRIGHT = regex(r"\\(?:operatorname|mathop|mathrm|mathsf|text|textrm|rm)(?![A-Za-z])")
_TIMES = regex(r"\\cdot|\\times|\*")
_CLOSING = regex(r"[\s{}]*(?:\\(?:right|[bB]igg?r?)\s*)?[)\]]")
_BRACKETED = (Kind.SUM, Kind.NEG, Kind.PRODUCT)


def refuse_ambiguities(term: Term) -> None:
    """Raise ParseError for an open argument or an index outside its sum."""
    sums: set[str] = set()
    strays: list[tuple[str, Span]] = []
    stack: list[tuple[Term, frozenset[str]]] = [(term, frozenset())]
    while stack:
        node, bound = stack.pop()
        inside = bound
        if node.kind is Kind.INDEX_SUM:
            sums.add(node.text)
            inside = bound | {node.text}
        elif node.kind in (Kind.INDEX, Kind.ROW, Kind.COLUMN):
            places = [arg for arg in node.args[1:] if arg.kind is Kind.NAME]
            strays += [(arg.text, node.span) for arg in places if arg.text not in bound]
            _refuse_shifted(node, bound)
        elif node.kind is Kind.NAME and bound:
            _refuse_hidden(node, bound)
        elif node.kind is Kind.APPLY:
            _refuse_open_argument(node)
        stack += [(arg, inside) for arg in node.args]
    for index, span in strays:
        if index in sums:
            raise ParseError(
                f"the index {index} stands outside the sum over {index}",
                span,
                "put all that the sum runs over in brackets",
            )


def _refuse_shifted(node: Term, bound: Set[str]) -> None:
    """Refuse ``x_{i+1}`` under a sum over i."""
    moved = [arg for arg in node.args[1:] if arg.kind is not Kind.NAME]
    if any(text in bound for arg in moved for text, _ in names_in(arg)):
        raise UnsupportedError(
            f"the place of {node.latex or node.text} is computed from a summation index",
            node.span,
            "entries are read at the indices themselves, as in x_i",
        )


def _refuse_hidden(node: Term, bound: Set[str]) -> None:
    """Refuse a name whose subscript speaks of a summation index, as of three indices."""
    below = node.latex.partition("_")[2]
    letters = set(below.strip("{} ")) if set(below) <= INDEX_LETTERS | {"{", "}"} else set()
    words = re.findall(
        r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])", re.sub(r"\\text\w*\{.*?\}", "", below)
    )
    found = (letters | set(words)) & bound
    if found:
        raise UnsupportedError(
            f"the subscript of {node.latex} speaks of the summation index {min(found)}",
            node.span,
            "entries have one or two indices, as in x_i or X_{ij}",
        )


def refuse_members(term: Term, variable: Term) -> None:
    r"""Raise UnsupportedError where a sum meets the variable :math:`x_i` as one of its family.

    The derivative of :math:`\sum_j g(x_i, x_j)` by a vector :math:`x_i` has a term of its own for
    j = i, unless :math:`x_j` stands in :math:`\|x_i - x_j\|` alone.
    """
    met = member_met(term, variable)
    if met is not None:
        raise UnsupportedError(
            f"{variable.latex or variable.text} is one of the {met.latex or met.text} "
            "that a sum runs over",
            variable.span,
            "write the term of the sum that it stands in apart",
        )


def member_met(term: Term, variable: Term) -> Term | None:
    """The member of the variable's family that a sum runs over, the variable perhaps among them.

    A distance from the variable to the others does not count: the variable's own is 0.
    """
    base = variable.args[0].text if variable.args else variable.text.rpartition("_")[0]
    own = {arg.text for arg in variable.args[1:] if arg.kind is Kind.NAME}
    if not base:
        return None
    stack: list[tuple[Term, frozenset[str], bool]] = [(term, frozenset(), False)]
    while stack:
        node, bound, apart = stack.pop()
        if node.kind is Kind.INDEX_SUM:
            bound |= {node.text}
        elif node.kind is Kind.NORM:
            apart = own.isdisjoint(bound) and _is_distance(node.args[0], variable)
        elif node.kind is Kind.INDEX and node.args[0].text == base and not apart:
            letters = {arg.text for arg in node.args[1:] if arg.kind is Kind.NAME}
            if letters & bound:
                return node
        stack += [(arg, bound, apart) for arg in node.args]
    return None


def _is_distance(term: Term, variable: Term) -> bool:
    """Is it ``x_i - x_j`` or ``x_j - x_i`` for the variable ``x_i``?"""
    signs = [arg.kind is Kind.NEG for arg in term.args]
    if term.kind is not Kind.SUM or len(signs) != 2 or sum(signs) != 1:
        return False
    members = [arg.args[0] if arg.kind is Kind.NEG else arg for arg in term.args]
    return all(member.kind in (Kind.INDEX, Kind.NAME) for member in members) and any(
        member.text == variable.text for member in members
    )


def refuse_numbered(symbols: Iterable[Expr], variable: Expr, span: Span, scope: Scope) -> None:
    """Raise UnsupportedError for a scalar ``x_1`` beside a vector x that is differentiated by.

    Or the other way round, unless ``x_1`` is declared.
    """
    names = {symbol.data.name: symbol for symbol in symbols if isinstance(symbol.data, Symbol)}
    for name, symbol in names.items():
        found = _NUMBERED.fullmatch(name)
        base = found[1] if found is not None and symbol.is_scalar else ""
        whole = names.get(base)
        if whole is None or whole.is_scalar or variable not in (symbol, whole):
            continue
        if scope.find(name, False) is None and scope.find(name, True) is None:
            raise UnsupportedError(
                f"is {name} an entry of {base} or a scalar of its own?",
                span,
                f"declare it, or declare the shape of {base} for its entry",
            )


def refuse_free_entries(term: Term, variable: str, scalars: Set[str], free: frozenset[str]) -> None:
    """Raise UnsupportedError for an entry of the variable with an index that no sum binds.

    ``x_i`` is one where it is among the ``scalars`` or x never stands without an index; else it
    is a sample, a symbol of its own. The ``free`` indices are those that stand for any place.
    """
    entries: list[Term] = []
    alone = False
    stack: list[tuple[Term, frozenset[str]]] = [(term, free)]
    while stack:
        node, bound = stack.pop()
        if node.kind is Kind.INDEX_SUM:
            bound |= {node.text}
        elif node.kind is Kind.INDEX and node.args[0].text == variable:
            loose = any(arg.kind is Kind.NAME and arg.text not in bound for arg in node.args[1:])
            entries += [node] if loose else []
            alone = alone or not loose
            continue
        alone = alone or (node.kind is Kind.NAME and node.text == variable)
        stack += [(arg, bound) for arg in node.args]
    for entry in entries:
        if not alone or entry.text in scalars:
            raise UnsupportedError(
                f"the entry {entry.latex or entry.text} has an index that no sum runs over",
                entry.span,
                "ask for the derivative of a scalar by the whole vector or matrix",
            )


_SCRIPTS = (Kind.TRANSPOSE, Kind.POWER, Kind.INVERSE, Kind.INVERSE_TRANSPOSE)


def refuse_applications(term: Term, scope: Scope, variables: Set[str], source: str) -> None:
    r"""Raise UnsupportedError for what looks like a function of the variable and is none.

    Nobody writes a product with a lone letter in brackets: neither :math:`a(x)` with an undeclared
    a, nor :math:`(f \circ g)(x)` or :math:`f^2(x)`. UnknownCommandError for a word before what it
    may act on, as in ``\operatorname{eig} X``.
    """
    stack = [term]
    while stack:
        node = stack.pop()
        stack += node.args
        if node.kind is not Kind.PRODUCT:
            continue
        for left, right in pairwise(node.args):
            _refuse_word(left, right, scope, variables, source)
            lone = right.args[0] if right.kind in _SCRIPTS else right
            if lone.kind is not Kind.NAME or lone.text not in variables:
                continue
            if not _in_brackets(lone, left.span.start, source):
                continue
            undeclared = {text for text, bold in names_in(left) if scope.find(text, bold) is None}
            if undeclared and undeclared.isdisjoint(variables):
                name = left.latex if left.kind is Kind.NAME and left.latex else "f"
                raise UnsupportedError(
                    f"is this a product, or a function of {lone.latex or lone.text}?",
                    Span(left.span.start, right.span.end),
                    rf"declare the function, as in {name} : \mathbb{{R}}^n \to \mathbb{{R}}, "
                    "or write the product without these brackets",
                )


def _refuse_word(left: Term, right: Term, scope: Scope, variables: Set[str], source: str) -> None:
    while left.args and left.kind in (*_SCRIPTS, Kind.INDEX):
        left = left.args[0]
    if left.kind is not Kind.NAME or not _is_word(left) or left.text in variables:
        return
    if scope.find(left.text, left.bold) is None and not _TIMES.search(
        source, left.span.end, right.span.start
    ):
        raise UnknownCommandError(
            f"the operator {left.text} is not known",
            left.span,
            "see the notation table; name a quantity by one letter, or write \\cdot after it",
        )


def _is_word(name: Term) -> bool:
    """Is this a word of several upright letters?"""
    return len(name.text) > 1 and name.text.isalpha() and bool(_UPRIGHT.match(name.latex))


def _in_brackets(lone: Term, start: int, source: str) -> bool:
    """Does a bracket open between ``start`` and the term, and close behind it?"""
    before, after = source[start : lone.span.start], source[lone.span.end :]
    return before.rstrip(_SPACES)[-1:] in ("(", "[") and bool(_CLOSING.match(after))


def has_open_argument(term: Term) -> bool:
    """Is this an elementwise function, such as log, of an argument that nothing encloses?"""
    if term.kind is not Kind.APPLY or term.text not in FUNCTIONS or term.latex == "e":
        return False
    argument = term.args[0]
    return argument.kind not in _ENCLOSED and argument.span.end == term.span.end


def _refuse_open_argument(term: Term) -> None:
    if not has_open_argument(term) or term.args[0].kind is not Kind.PRODUCT:
        return
    first, *others = term.args[0].args
    base = first
    while base.kind in (Kind.POWER, Kind.INDEX):
        base = base.args[0]
    if base.kind is not Kind.NAME or is_capital(base.text):
        return
    for factor in others:
        if factor.kind in _BRACKETED and factor.span.end <= term.span.end:
            raise ParseError(
                f"does {term.latex} act on its first factor or on the whole product?",
                term.span,
                "put its argument in brackets",
            )
