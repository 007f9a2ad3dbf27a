"""Pieces of a printed formula: text, how tightly it binds, and how pieces are put together."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

SUM = 0
SIGNED = 1  # begins with a minus sign
HADAMARD = 2
KRON = 3
PRODUCT = 4
POSTFIX = 5  # takes no further superscript
ATOM = 6


class Piece(NamedTuple):
    """A printed expression.

    ``level`` is one of the levels above, the higher the tighter. ``tall`` asks for brackets that
    grow. ``open_right``: what follows would be taken into it, as by a sum sign. ``closed`` is the
    same expression in a form that needs no outer brackets, if it has one. ``spaced``: set off
    from its neighbours by thin spaces, as a differential is.
    """

    text: str
    level: int = ATOM
    tall: bool = False
    open_right: bool = False
    closed: str = ""
    spaced: bool = False


def enclose(piece: Piece, left: str = "(", right: str = ")") -> str:
    """The piece between brackets, which grow where it is tall."""
    if piece.tall:
        return rf"\left{left}{piece.text}\right{right}"
    return f"{left}{piece.text}{right}"


def at_least(piece: Piece, level: int, *, last: bool = True) -> str:
    """The piece as an operand of an operator of a level, in brackets if it binds less tightly."""
    if piece.level >= level and (last or not piece.open_right):
        return piece.text
    return piece.closed or enclose(piece)


def juxtapose(pieces: Sequence[Piece]) -> Piece:
    """A product in the order given; a single piece stays as it is."""
    if len(pieces) == 1:
        return pieces[0]
    texts = [at_least(piece, PRODUCT, last=False) for piece in pieces[:-1]]
    texts.append(at_least(pieces[-1], PRODUCT))
    parts = [texts[0]]
    for position in range(1, len(texts)):
        if texts[position][0].isdigit():
            parts.append(r" \cdot ")
        elif pieces[position - 1].spaced or pieces[position].spaced:
            parts.append(r"\, ")
        else:
            parts.append(" ")
        parts.append(texts[position])
    tall = any(piece.tall for piece in pieces)
    return Piece("".join(parts), PRODUCT, tall, pieces[-1].open_right)


def negated(piece: Piece) -> Piece:
    """The piece with a minus sign in front."""
    return Piece("-" + at_least(piece, HADAMARD), SIGNED, piece.tall, piece.open_right)


def superscript(piece: Piece, exponent: str) -> Piece:
    """The piece raised to an exponent, given with its braces or as a prime."""
    mark = exponent if exponent == "'" else "^" + exponent
    return Piece(at_least(piece, ATOM) + mark, POSTFIX, piece.tall)


def powered(base: Piece, exponent: Fraction) -> Piece:
    r"""The piece to a power; of a symbol that is written as a square, ``\sigma^4``."""
    if base.text.endswith("^2") and exponent.denominator == 1:
        return superscript(Piece(base.text.removesuffix("^2")), f"{{{2 * exponent}}}")
    return superscript(base, f"{{{exponent}}}")


def fraction(numerator: str, denominator: str) -> Piece:
    """A fraction."""
    return Piece(rf"\frac{{{numerator}}}{{{denominator}}}", POSTFIX, tall=True)
