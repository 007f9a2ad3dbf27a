"""How far an operator in front of a product reaches."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.latex.surface import Kind, Term

_CLOSED = (Kind.CALL, Kind.APPLY, Kind.NORM, Kind.BARS, Kind.INNER)


def with_narrow_operands(term: Term) -> Term:
    r"""The tree in which an operator applies to the function behind it alone.

    :math:`\nabla_X H(X, Y) B^T` is then the gradient of H(X, Y) times B^T, and no derivative of a
    product.
    """
    args = tuple(map(with_narrow_operands, term.args))
    node = term if args == term.args else replace(term, args=args)
    if node.kind is not Kind.DERIVATIVE or "fraction" in node.text or not args:
        return node
    operand, variables = args[0], args[1:]
    if operand.kind is not Kind.PRODUCT or operand.args[0].kind not in _CLOSED:
        return node
    first, rest = operand.args[0], operand.args[1:]
    inner = replace(node, span=node.span.join(first.span), args=(first, *variables))
    return Term(Kind.PRODUCT, node.span, (inner, *rest))
