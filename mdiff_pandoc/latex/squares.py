r"""Derivatives by a square, such as :math:`\sigma^2`: the square is one scalar symbol."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.errors import Span, UnsupportedError
from mdiff_pandoc.expr import SCALAR
from mdiff_pandoc.latex.kinds import is_capital
from mdiff_pandoc.latex.names import Name
from mdiff_pandoc.latex.scope import Key, Known, Scope
from mdiff_pandoc.latex.surface import Kind, Term


class Square(Struct, frozen=True):
    """The square of the scalar ``base``, as one symbol ``symbol``."""

    base: Term
    symbol: Term

    @property
    def key(self) -> Key:
        """The name of the symbol and its style."""
        return self.symbol.text, self.symbol.bold

    def known_in(self, scope: Scope) -> Scope:
        """The scope in which the symbol is a positive scalar."""
        name = Name(self.symbol.text, self.symbol.latex, False, self.symbol.text)
        told = Known(name, SCALAR, "scalar", frozenset(("positive",)), self.symbol.latex)
        return replace(scope, known={**scope.known, self.key: told})

    def put_in(self, term: Term) -> Term:
        """The term in which the even powers of the base are powers of the symbol.

        Raises UnsupportedError where another power of the base is left.
        """
        if self._is_base(term) or (term.kind is Kind.INVERSE and self._is_base(term.args[0])):
            raise self._left_over(term.span)
        if term.kind is Kind.POWER and self._is_base(term.args[0]):
            exponent = _integer(term.args[1])
            if exponent is None or exponent % 2:
                raise self._left_over(term.span)
            if exponent == 2:
                return replace(self.symbol, span=term.span)
            size = Term(Kind.NUMBER, term.args[1].span, (), str(abs(exponent) // 2))
            half = size if exponent > 0 else Term(Kind.NEG, size.span, (size,))
            return replace(term, args=(replace(self.symbol, span=term.args[0].span), half))
        args = tuple(self.put_in(arg) for arg in term.args)
        return term if args == term.args else replace(term, args=args)

    def _is_base(self, term: Term) -> bool:
        return term.kind in (Kind.NAME, Kind.INDEX) and term.text == self.base.text

    def _left_over(self, span: Span) -> UnsupportedError:
        square, base = self.symbol.latex, self.base.latex
        return UnsupportedError(
            f"the derivative is taken by {square}, but another power of {base} stands here",
            span,
            f"write s = {square} and differentiate by s, or differentiate by {base}",
        )


def square_of(variables: Sequence[Term], scope: Scope) -> Square | None:
    """The square that a derivative is taken by, if it is one of a scalar."""
    if not variables or variables[0].kind is not Kind.POWER:
        return None
    if any(term.args[:1] != variables[0].args[:1] for term in variables[1:]):
        return None
    base, exponent = variables[0].args
    if base.kind not in (Kind.NAME, Kind.INDEX) or _integer(exponent) != 2:
        return None
    known = scope.find(base.text, base.bold)
    if known is None and (base.bold or is_capital(base.text)):
        return None
    if known is not None and (known.shape not in (None, SCALAR) or known.kind not in _SCALARS):
        return None
    letter, _, subscript = base.text.partition("_")
    name = f"{letter}2_{subscript}" if subscript else f"{letter}2"
    symbol = Term(Kind.NAME, variables[0].span, (), name, f"{base.latex}^2")
    return Square(base, symbol)


_SCALARS = ("", "scalar")


def _integer(exponent: Term) -> int | None:
    """The value of a whole exponent."""
    if exponent.kind is Kind.NEG:
        value = _integer(exponent.args[0])
        return None if value is None else -value
    if exponent.kind is Kind.NUMBER and exponent.text.isdigit() and len(exponent.text) < 10:
        return int(exponent.text)
    return None
