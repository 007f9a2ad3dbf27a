"""What a derivative asks for: the function, the variables in order, layout and form."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import ParseError, UnsupportedError
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.notations import INDEX_LETTERS
from mdiff_pandoc.latex.scope import Scope
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.patterns import regex

_ORDER = "123456789"


class Target(Struct, frozen=True):
    """A derivative, nested ones taken together.

    ``operand`` is the innermost function, ``inner`` the derivative that holds it. ``variables``
    are the terms to differentiate by, in the order of differentiation and without transposes;
    empty where none is written. ``flat``: the variable of a first derivative stood transposed;
    ``lying``: so did the function. ``vec``: a variable stood in ``vec``; ``whole``: so did the
    function. Neither sign is part of ``operand``. ``sided``: a transpose says which variable of a
    second derivative has the rows.
    """

    operand: Term
    inner: Term
    variables: tuple[Term, ...]
    order: int
    flat: bool = False
    lying: bool = False
    vec: bool = False
    whole: bool = False
    sided: bool = False


def style_of(node: Term) -> str:
    """The style of a DERIVATIVE without its order; ``D`` for ``D_X f``."""
    style = node.text.rstrip(_ORDER)
    return "jacobian" if style == "subscript" and "D" in node.latex.partition("_")[0] else style


def target_of(node: Term) -> Target:
    r"""The derivative taken apart.

    A second derivative has two variables, the first one that of the rows:
    :math:`\partial^2 f/\partial x\,\partial y^\top` and
    :math:`\frac{\partial}{\partial y} \frac{\partial f}{\partial x}` have the rows of x and the
    columns of y. Raises UnsupportedError for a higher order.
    """
    operand, written, order = node.args[0], node.args[1:], _order(node)
    if style_of(node) in ("nabla", "subscript", "hessian"):
        if style_of(node) == "nabla" and order == 1 and len({t.text for t in written}) > 1:
            _refuse_several(node, written)
        written, order = _split(written, order)
    inner = operand.args[0] if operand.kind is Kind.TRANSPOSE else operand
    if inner.kind is Kind.DERIVATIVE and inner.args:
        return _nested(node, inner, operand is not inner, written, order)
    if order > 2:
        raise UnsupportedError(
            f"derivatives of order {order} are not supported",
            node.span,
            "ask for the first or the second derivative",
        )
    plain = [_plain(term) for term in written]
    vec = any(found for _, _, found in plain)
    if order == 1:
        bare, lying, whole = (
            _plain(operand, by=False)
            if vec or operand.kind is Kind.TRANSPOSE
            else (operand, False, False)
        )
        if whole and not vec:
            bare, whole = operand.args[0], False
        flat = bool(plain) and plain[0][1]
        variables = tuple(term for term, _, _ in plain)
        return Target(bare, node, variables, 1, flat, lying, vec, whole)
    if len(plain) == 1:
        plain *= 2
    if len(plain) == 2 and plain[0][1] and not plain[1][1]:
        plain.reverse()
    variables, sided = tuple(term for term, _, _ in plain), any(flat for _, flat, _ in plain)
    return Target(operand, node, variables, 2, vec=vec, sided=sided)


def _refuse_several(node: Term, written: tuple[Term, ...]) -> None:
    r"""Raise UnsupportedError for the stacked gradient :math:`\nabla_{w,b} f`."""
    names = [term.latex or term.text for term in written]
    asked = " and ".join(rf"\nabla_{{{name}}}" for name in names)
    second = rf"; for the mixed second derivative write \nabla^2_{{{', '.join(names)}}}"
    raise UnsupportedError(
        "a gradient is taken by one symbol at a time",
        node.span,
        f"ask for {asked}{second if len(names) == 2 else ''}",
    )


def _order(node: Term) -> int:
    style = node.text.rstrip(_ORDER)
    return int(node.text[len(style) :] or 1)


def _nested(node: Term, inner: Term, turned: bool, written: tuple[Term, ...], order: int) -> Target:
    """A derivative of a derivative. Raises UnsupportedError beyond the second order."""
    first = target_of(inner)
    if order != 1 or first.order != 1:
        raise UnsupportedError(
            "derivatives of an order above two are not supported",
            node.span,
            "ask for the first or the second derivative",
        )
    plain = [_plain(term) for term in written]
    outer = tuple(term for term, _, _ in plain)
    variables = (first.variables or outer) + (outer or first.variables)
    if first.flat != turned:
        variables = variables[::-1]
    vec = first.vec or any(found for _, _, found in plain)
    sided = first.flat or turned or any(flat for _, flat, _ in plain)
    return replace(first, variables=variables, order=2, flat=False, vec=vec, sided=sided)


def _plain(term: Term, *, by: bool = True) -> tuple[Term, bool, bool]:
    """A variable, or a function, without transpose and ``vec``, and whether each stood there.

    Raises ParseError for the vec of a transpose to differentiate ``by``.
    """
    flat = term.kind is Kind.TRANSPOSE
    inner = term.args[0] if flat else term
    vec = inner.kind is Kind.APPLY and inner.text == "vec" and len(inner.args) == 1
    inner = inner.args[0] if vec else inner
    if by and vec and inner.kind is Kind.TRANSPOSE:
        raise ParseError(
            "a derivative is taken by a symbol, not by its transpose in vec",
            term.span,
            r"write \operatorname{vec}(X)",
        )
    return inner, flat, vec


def _split(written: tuple[Term, ...], order: int) -> tuple[tuple[Term, ...], int]:
    r"""The two variables of ``\nabla_{xx}`` and ``\nabla^2_{x,y}``, and the order."""
    if len(written) == 1 and written[0].kind is Kind.PRODUCT and len(written[0].args) == 2:
        pair = written[0].args
        plain = [_plain(term)[0] for term in pair]
        names = all(term.kind in (Kind.NAME, Kind.INDEX) for term in plain)
        if names and (order == 2 or plain[0].text == plain[1].text or not _capital(plain)):
            return pair, 2
    return written, 2 if len(written) == 2 else order


def _capital(terms: list[Term]) -> bool:
    return all(is_capital(term.text) for term in terms)


def _is_known(name: Term, scope: Scope) -> bool:
    known = scope.find(name.text, name.bold) or scope.find_definition(name.text, name.bold)
    return known is not None


_BRACKET = regex(r"\s*(?:\\(?:left|[bB]igg?l?)\s*)?\[")
_OPERATORS = {"J": "jacobian-of", "H": "hessian-of2", "D": "jacobian"}


def with_operators(term: Term, latex: str, scope: Scope) -> Term:
    """The tree in which sides such as ``J_f(x)``, ``H_f`` and ``D f(x)`` are derivatives.

    A D that is declared or defined is no operator. Raises UnsupportedError for the directional
    derivative ``D f(X)[H]``.
    """
    if term.kind in (Kind.RELATION, Kind.LIST):
        return replace(term, args=tuple(with_operators(arg, latex, scope) for arg in term.args))
    factors = term.args if term.kind is Kind.PRODUCT else (term,)
    head, rest = factors[0], factors[1:]
    written = latex[term.span.start : term.span.end]
    if head.kind is Kind.INDEX and len(head.args) == 2 and len(rest) <= 1:
        base, of = head.args
        named = of.kind is Kind.NAME and of.text not in INDEX_LETTERS
        if base.text in ("J", "H") and named and all(arg.kind is Kind.NAME for arg in rest):
            return Term(
                Kind.DERIVATIVE, term.span, (of, *rest), _OPERATORS[base.text], written.strip()
            )
    if head.kind is Kind.NAME and head.text == "D" and rest and not _is_known(head, scope):
        of = rest[0]
        if len(rest) > 1 and of.kind is Kind.CALL and _BRACKET.match(latex, of.span.end):
            raise UnsupportedError("a directional derivative is not read", term.span)
        if len(rest) == 1 and of.kind in (Kind.CALL, Kind.NAME):
            front = latex[head.span.start : of.span.start].strip()
            return Term(Kind.DERIVATIVE, term.span, (of,), "jacobian", front)
    return term
