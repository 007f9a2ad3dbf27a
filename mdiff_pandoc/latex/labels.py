r"""Subscripts that are part of a name, as a definition of :math:`K_\theta` tells."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term, walk


def labelled(term: Term, scope: Scope) -> Term:
    """The tree in which an index is part of the name where that name has a definition."""
    labels = {
        key: definition.name
        for key, definition in scope.definitions.items()
        if "_" in definition.name.text and not definition.name.indices
    }
    if not labels or not any(
        (node.text, False) in labels or (node.text, True) in labels for node in walk(term)
    ):
        return term

    def rewrite(node: Term) -> Term:
        args = tuple(map(rewrite, node.args))
        base = node.args[0] if node.kind is Kind.INDEX else None
        if base is not None and base.kind is Kind.NAME and (node.text, base.bold) in labels:
            return Term(Kind.NAME, node.span, (), node.text, node.latex, base.bold)
        return node if args == node.args else replace(node, args=args)

    return rewrite(term)
