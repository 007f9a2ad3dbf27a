"""Primed letters that are names of their own, where the document says so."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.latex.names import PRIMED
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term


def with_names(term: Term, scope: Scope) -> Term:
    """The tree in which the ``A'`` that a text describes is a name, not the transpose of A."""
    if not any(text.endswith(PRIMED) for text, _ in scope.known):
        return term

    def rewrite(node: Term) -> Term:
        node = replace(node, args=tuple(map(rewrite, node.args)))
        if node.kind is not Kind.TRANSPOSE or node.text != "'":
            return node
        inner = node.args[0]
        letter = inner.args[0] if inner.kind is Kind.INDEX else inner
        known = scope.find(letter.text + PRIMED, letter.bold)
        if letter.kind is not Kind.NAME or known is None:
            return node
        name = replace(letter, text=letter.text + PRIMED, latex=f"{letter.latex}'")
        if inner is letter:
            return replace(name, span=node.span)
        indices = "".join(index.text for index in inner.args[1:])
        written = inner.latex.replace(letter.latex, name.latex, 1)
        args = (name, *inner.args[1:])
        return replace(inner, args=args, text=f"{name.text}_{indices}", latex=written)

    return rewrite(term)
