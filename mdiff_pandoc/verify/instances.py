"""Concrete functions in the place of unspecified ones: polynomials that can be written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Expr,
    Op,
    Shape,
    Unknown,
    add,
    derivative,
    hpower,
    matmul,
    named,
    norm,
    number,
    ones,
    power,
    rebuild,
    scale,
    symbol,
    zero,
)
from mdiff_pandoc.verify.point import Point

# coefficients of the polynomials in one number, by rising powers; the simplest comes first
_POLYNOMIALS: tuple[tuple[int, ...], ...] = (
    (0, 0, 1),
    (0, 0, 0, 1),
    (1, -1, 0, 1),
    (2, 1, -1, 0, 1),
)
VARIANTS = len(_POLYNOMIALS)
_LETTERS = "uvwxyz"
_FIXED = frozenset({"constant"})


def is_unspecified(node: Expr) -> bool:
    """Is it the value of a function that is not said, or a derivative of one?"""
    return node.op in (Op.APPLY, Op.SLOPE) or isinstance(node.data, Unknown)


class Instance:
    """One choice of a concrete function for every unspecified one.

    A function of whole arguments is the sum of their squares, or made of a linear form
    ``Σ P Z Q`` in its arguments Z: of the squares of their entries, or its square or cube. An
    elementwise one is a polynomial.
    """

    def __init__(self, variant: int) -> None:
        self._variant = variant
        self._done: dict[Expr, Expr] = {}
        self._elementwise: set[str] = set()
        # by name: the arguments of a call, the shape of its value and the factors P and Q
        self._calls: dict[str, tuple[tuple[Expr, ...], Shape, tuple[tuple[Expr, Expr], ...]]] = {}

    def of(self, root: Expr) -> Expr:
        """``root`` with the concrete functions. Raises UnsupportedError where they do not fit."""
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [arg for arg in node.args if arg not in self._done]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if node not in self._done:
                self._done[node] = self._replaced(node) if node.args else node
        return self._done[root]

    def texts(self, point: Point) -> dict[str, str]:
        """Each function in a line of LaTeX, with the coefficients of a point."""
        powers = _POLYNOMIALS[self._variant]
        found = {name: rf"t \mapsto {_polynomial(powers)}" for name in sorted(self._elementwise)}
        return found | {name: self._text(point, name) for name in self._calls}

    def _replaced(self, node: Expr) -> Expr:
        if node.op is Op.APPLY:
            args = tuple(self._done[arg] for arg in node.args)
            return named(f"value of {node.data}", self._body(node, args))
        if node.op is Op.SLOPE:
            call, place = node.args[0], node.data
            assert isinstance(place, int)
            args = tuple(self._done[arg] for arg in call.args)
            moving = named(f"argument {place} of {call.data}", args[place])
            return derivative(self._body(call, (*args[:place], moving, *args[place + 1 :])), moving)
        if isinstance(node.data, Unknown):
            self._elementwise.add(node.data.name)
            powers = _POLYNOMIALS[self._variant]
            for _ in range(node.data.order):
                powers = tuple(k * c for k, c in enumerate(powers))[1:]
            return _evaluated(powers, self._done[node.args[0]])
        return rebuild(node, [self._done[arg] for arg in node.args])

    def _body(self, call: Expr, args: tuple[Expr, ...]) -> Expr:
        factors = self._factors(call)
        if self._variant == 0:
            if not call.is_scalar:
                return hpower(args[0], 2)
            return add(*(power(a, 2) if a.is_scalar else power(norm(a), 2) for a in args))
        raised = [hpower(a, 2) for a in args] if self._variant == 1 else args
        form = add(*(matmul(p, a, q) for (p, q), a in zip(factors, raised, strict=True)))
        return form if self._variant == 1 else hpower(form, self._variant)

    def _factors(self, call: Expr) -> tuple[tuple[Expr, Expr], ...]:
        name, args, (rows, columns) = str(call.data), call.args, call.shape
        known = self._calls.get(name)
        if known is not None:
            before, shape, factors = known
            alike = [a.shape for a in before] == [a.shape for a in args] and shape == call.shape
            if not alike and (self._variant or len(before) != len(args)):
                raise UnsupportedError("a function of arguments of several shapes")
            return factors
        if self._variant == 0 and not call.is_scalar and [a.shape for a in args] != [call.shape]:
            raise UnsupportedError("no square of the shape of the value")
        factors = tuple(
            (
                _factor(f"left factor {k} of {name}", (rows, arg.shape[0])),
                _factor(f"right factor {k} of {name}", (arg.shape[1], columns))
                if not (arg.shape[1] == columns == ONE)
                else number(1),
            )
            for k, arg in enumerate(args)
        )
        self._calls[name] = args, call.shape, factors
        return factors

    def _text(self, point: Point, name: str) -> str:
        args, shape, factors = self._calls[name]
        letters = ["t" if args[0].is_scalar else "z"] if len(args) == 1 else list(_LETTERS)
        if len(args) > len(letters):
            raise UnsupportedError("too many arguments to name")
        heads = [
            letter if arg.is_scalar or arg.is_vector else letter.upper()
            for letter, arg in zip(letters, args, strict=False)
        ]
        head = heads[0] if len(heads) == 1 else f"({', '.join(heads)})"
        if self._variant == 0:
            if shape != SCALAR:
                return rf"{head} \mapsto {heads[0]} \odot {heads[0]}"
            squares = [
                f"{letter}^2" if arg.is_scalar else rf"\lVert {letter} \rVert{_sub(arg)}^2"
                for letter, arg in zip(heads, args, strict=True)
            ]
            return rf"{head} \mapsto {' + '.join(squares)}"
        terms: list[tuple[Fraction, str]] = []
        for letter, arg, (p, q) in zip(heads, args, factors, strict=True):
            left, right = point.value(p), point.value(q)
            if shape == SCALAR:
                terms += self._entries(letter.lower(), arg, _grid(left)[0], _grid(right))
            else:
                body = rf"({letter} \odot {letter})" if self._variant == 1 else letter
                terms.append((Fraction(1), f"{_matrix(left)} {body} {_matrix(right)}".strip()))
        form = _combination(terms)
        if self._variant > 1:
            circle = "" if shape == SCALAR else r"\circ "
            form = rf"\left({form}\right)^{{{circle}{self._variant}}}"
        return rf"{head} \mapsto {form}"

    def _entries(
        self, letter: str, arg: Expr, left: Sequence[Fraction], right: Sequence[Sequence[Fraction]]
    ) -> Iterator[tuple[Fraction, str]]:
        """Coefficients and entries of an argument, or their squares, in a linear form."""
        square = "^2" if self._variant == 1 else ""
        for i, p in enumerate(left, 1):
            for j, (q,) in enumerate(right, 1):
                place = f"_{i}" if arg.is_vector else f"_{{{i}{j}}}"
                yield p * q, (letter if arg.is_scalar else letter + place) + square


def _factor(name: str, shape: Shape) -> Expr:
    return symbol(name, *shape, _FIXED)


def _matrix(value: Any) -> str:
    lines = _grid(value)
    if lines == [[1]]:
        return ""
    rows = r" \\ ".join(" & ".join(map(str, line)) for line in lines)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}" if len(lines) * len(lines[0]) > 1 else rows


def _sub(arg: Expr) -> str:
    return "" if arg.is_vector else "_F"


def _grid(value: Any) -> list[list[Fraction]]:
    lines = value.tolist() if hasattr(value, "tolist") else [[value]]
    return [[Fraction(str(x)) for x in line] for line in lines]


def _evaluated(powers: Sequence[int], arg: Expr) -> Expr:
    terms = [
        scale(number(c), ones(*arg.shape) if k == 0 and not arg.is_scalar else hpower(arg, k))
        for k, c in enumerate(powers)
        if c
    ]
    return add(*terms) if terms else zero(*arg.shape)


def _polynomial(powers: Sequence[int]) -> str:
    names = ["", "t"] + [f"t^{k}" for k in range(2, len(powers))]
    return _combination([(Fraction(c), names[k]) for k, c in enumerate(powers)][::-1])


def _combination(terms: Sequence[tuple[Fraction, str]]) -> str:
    """A sum of multiples, with an empty name for 1."""
    text = ""
    for coefficient, name in terms:
        if coefficient:
            size = abs(coefficient)
            factor = str(size) if size != 1 or not name else ""
            sign = "-" if coefficient < 0 else "+" if text else ""
            text += f" {sign} " if text else sign
            text += " ".join(part for part in (factor, name) if part)
    return text or "0"
