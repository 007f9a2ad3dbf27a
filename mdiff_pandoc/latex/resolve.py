"""Names before brackets: calls told from products."""

from __future__ import annotations

from operator import is_

from msgspec.structs import replace

from mdiff_pandoc.errors import Span, UnknownCommandError, UnsupportedError
from mdiff_pandoc.expr import FUNCTIONS as ELEMENTWISE
from mdiff_pandoc.latex.scope import Key, Scope
from mdiff_pandoc.latex.surface import Kind, Term, as_product, walk

_SCRIPTS = frozenset(
    (
        Kind.TRANSPOSE,
        Kind.INVERSE,
        Kind.INVERSE_TRANSPOSE,
        Kind.PSEUDO_INVERSE,
        Kind.POWER,
        Kind.INDEX,
        Kind.ROW,
        Kind.COLUMN,
    )
)
FUNCTIONS = frozenset("f g h u v p q F G phi varphi psi rho ell cal_L cal_F cal_G".split())


def is_operator(call: Term) -> bool:
    """Is this a call of an operator by a name of several letters?"""
    name = call.text.rstrip("'")
    return (
        call.kind is Kind.CALL
        and len(name) > 1
        and name.isalpha()
        and not call.latex.startswith("\\" + name)
    )


def _differential_first(node: Term) -> Term:
    """``dA (B + C)`` as dA times the bracket."""
    product = as_product(node.args[0])
    if product.kind is not Kind.PRODUCT:
        return node
    name, bracket = product.args
    span = Span(node.span.start, name.span.end)
    return replace(product, span=node.span, args=(replace(node, span=span, args=(name,)), bracket))


def settle_calls(
    term: Term, scope: Scope, variables: tuple[Key, ...], functions: frozenset[str] = frozenset()
) -> Term:
    """The tree with every call that is a product written as one.

    A name before brackets is a function when it is σ or a customary letter for one, is not
    declared and never stands alone; ``functions`` are others. Raises UnknownCommandError for an
    unknown operator.
    """
    alone = {node.text for node in walk(term) if node.kind is Kind.NAME}
    alone |= {text for text, _ in variables}
    for fact in scope.known.values():
        for dim in fact.shape or ():
            alone |= dim.names

    def is_function(call: Term) -> bool:
        name = call.text.rstrip("'")
        known = scope.find(name, call.bold)
        if known is not None and known.kind == "function":
            return True
        if known is not None or name in alone:
            return False
        if name in FUNCTIONS or name in ELEMENTWISE or name in functions:
            return True
        if is_operator(call):
            raise UnknownCommandError(
                f"the operator {name} is not known",
                call.span,
                "see the notation table; an elementwise function of your own is written f(x)",
            )
        return False

    def rewrite(node: Term) -> Term:
        differential = node.kind is Kind.DIFFERENTIAL
        call = node.args[0] if differential else node
        while call.args and (call.kind in _SCRIPTS or call.text == "hpower"):
            call = call.args[0]
        if call.kind is Kind.CALL and not is_function(call):
            node = _differential_first(node) if differential else as_product(node)
            if node.kind is Kind.CALL:
                raise UnsupportedError(
                    f"{call.latex or call.text} is no function that mdiff knows",
                    call.span,
                    f"write its definition before, as in {call.text}(X, Y) = …",
                )
        args = tuple(rewrite(arg) for arg in node.args)
        if node.kind is Kind.PRODUCT:
            flat: list[Term] = []
            for old, new in zip(node.args, args, strict=True):
                split = old.kind is not Kind.PRODUCT and new.kind is Kind.PRODUCT
                flat.extend(new.args if split else (new,))
            args = tuple(flat)
        same = len(args) == len(node.args) and all(map(is_, args, node.args))
        return node if same else replace(node, args=args)

    return rewrite(term)
