r"""Letters that are indices by their use: a and b in :math:`\partial f/\partial A_{ab}`.

Such subscripts are labels elsewhere, as those of the blocks :math:`\Sigma_{ab}` are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from mdiff_pandoc.errors import Span
from mdiff_pandoc.latex.bodies import parsed
from mdiff_pandoc.latex.indices import INDEXED
from mdiff_pandoc.latex.notations import INDEX_LETTERS
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, as_product, names_in, walk
from mdiff_pandoc.patterns import regex

_LETTERS = frozenset("a b c d u v alpha beta gamma mu nu".split())
_LABELLED = regex(
    r"(?P<base>.+?)\s*_\s*\{\s*(?P<first>\\[A-Za-z]+|[A-Za-z])\s*,?\s*"
    r"(?P<second>\\[A-Za-z]+|[A-Za-z])\s*\}",
    re.S,
)


def with_index_letters(
    terms: Sequence[Term], scope: Scope
) -> tuple[tuple[Term, ...], frozenset[str]]:
    r"""The sides with such subscripts as indices, and the letters that are.

    They are indices where a derivative is taken by an entry of a matrix that is known, where they
    stand at a bracket, as in :math:`(AB)_{ab}`, and where a sum runs over one; elsewhere too then.
    """
    own = set(_entitled(terms, scope))
    own -= {text for term in terms for text in _quantities(term)}
    own = {text for text in own if not _is_known(text, scope)}
    if not own:
        return tuple(terms), frozenset()
    bound = {n.text for term in terms for n in walk(term) if n.kind is Kind.INDEX_SUM}
    letters = own | (bound & _LETTERS)
    return tuple(_indexed(term, letters, scope) for term in terms), frozenset(own)


def _quantities(term: Term) -> Iterator[str]:
    """The names that stand where no index does."""
    if term.kind is Kind.NAME:
        yield term.text
    for arg in term.args[:1] if term.kind in INDEXED else term.args:
        yield from _quantities(arg)


def _entitled(terms: Sequence[Term], scope: Scope) -> Iterator[str]:
    """The letters whose place shows that they are indices."""
    bound = {n.text for term in terms for n in walk(term) if n.kind is Kind.INDEX_SUM}
    for node in (node for term in terms for node in walk(term)):
        summed = _entry(node, _LETTERS, scope) if node.kind is Kind.NAME else None
        if summed is not None and bound & {index.text for index in summed.args[1:]}:
            yield from _LETTERS & {index.text for index in summed.args[1:]}
        if node.kind is Kind.INDEX and len(node.args) == 3 and node.args[0].kind is not Kind.NAME:
            yield from _LETTERS & {index.text for index in node.args[1:]}
        for variable in node.args[1:] if node.kind is Kind.DERIVATIVE else ():
            entry = _entry(variable, _LETTERS, scope)
            if entry is not None and _speaks_of(entry.args[0].text, terms, scope):
                yield from _LETTERS & {index.text for index in entry.args[1:]}


def _entry(term: Term, letters: frozenset[str] | set[str], scope: Scope) -> Term | None:
    """A name with a label of two letters, or with one index, as an entry."""
    if term.kind is Kind.INDEX and len(term.args) == 2:
        return term
    found = _LABELLED.fullmatch(term.latex) if term.kind is Kind.NAME else None
    if found is None or _is_known(term.text, scope):
        return None
    texts = [found[part].lstrip("\\") for part in ("first", "second")]
    base = term.text.removesuffix(f"_{''.join(texts)}").removesuffix(f"_{'_'.join(texts)}")
    if base == term.text or not set(texts) <= letters | INDEX_LETTERS or not set(texts) & letters:
        return None
    written = [found[part] for part in ("first", "second")]
    start = term.span.start
    span = Span(start, start + len(term.latex))
    name = Term(
        Kind.NAME, Span(start, start + found.end("base")), (), base, found["base"], term.bold
    )
    indices = (
        Term(Kind.NAME, span, (), text, latex) for text, latex in zip(texts, written, strict=True)
    )
    return Term(Kind.INDEX, span, (name, *indices), term.text, term.latex)


def _indexed(term: Term, letters: set[str], scope: Scope) -> Term:
    if term.kind is Kind.NAME:
        return _entry(term, letters, scope) or term
    product = as_product(term)
    if product is not term and _entry(product.args[0], letters, scope) is not None:
        return _indexed(product, letters, scope)
    args: list[Term] = []
    for arg in term.args:
        new = _indexed(arg, letters, scope)
        split = term.kind is new.kind is Kind.PRODUCT and arg.kind is not Kind.PRODUCT
        args += new.args if split else (new,)
    return term if tuple(args) == term.args else replace(term, args=tuple(args))


def _is_known(text: str, scope: Scope) -> bool:
    return any(
        scope.find(text, bold) or scope.find_definition(text, bold) for bold in (False, True)
    )


def _speaks_of(base: str, terms: Sequence[Term], scope: Scope) -> bool:
    """Does the document say what this is, or speak of it as a whole?"""
    if _is_known(base, scope):
        return True
    sides = (parsed(side.text) for told in scope.definitions.values() for side in told.sides)
    bodies = (side for side in sides if isinstance(side, Term))
    return any(base == text for term in (*terms, *bodies) for text, _ in names_in(term))
