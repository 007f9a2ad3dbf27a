"""High-precision evaluation: ball arithmetic with central difference quotients.

A differential is ``(Y(x + hV) - Y(x - hV)) / 2h`` with h = 2⁻¹⁵⁰ at 448 bits: its truncation error
is about h² ≈ 10⁻⁹⁰ and its rounding error about as much. Every derivative round another one takes
150 bits more, which keeps both errors as they are. A finer step makes both smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from fractions import Fraction
from random import Random
from typing import Any

from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.verify.evaluate import Evaluator
from mdiff_pandoc.verify.exact import spectral
from mdiff_pandoc.verify.handlers import HANDLERS
from mdiff_pandoc.verify.point import DIFFERENTIAL, Move, Pair, Point, Setting
from mdiff_pandoc.verify.sample import TOTALS, RedrawError, Sizes, full
from mdiff_pandoc.verify.scalars import LARGE, Family, elementwise
from mdiff_pandoc.verify.spectra import (
    eigenvalue,
    eigenvector,
    largest_entry,
    matrix_function,
    matrix_power,
    pseudo_inverse,
    singular_values,
    singular_vector,
)

Style = Callable[[Random], float]

BITS = 448
STEP = 150
# bits by which the finest step is shorter; there, what is as small as its error counts as 0
FINEST = 450
# bits by which the error of a difference quotient may exceed h²
SLACK = 80


@contextmanager
def precision(order: int = 1, finer: int = 0) -> Iterator[None]:
    """The working precision for derivatives of an order, for the time of one comparison.

    ``finer`` is the number of bits by which the step is shorter.
    """
    from flint import ctx

    before = ctx.prec
    ctx.prec = BITS + STEP * max(0, order - 1) + finer * (order + 2)
    try:
        yield
    finally:
        ctx.prec = before


def _mixed(rng: Random) -> float:
    return rng.choice((-1.0, 1.0)) * (0.2 + 1.3 * rng.random())


STYLES: dict[str, Style] = {
    "mixed": _mixed,
    "positive": lambda rng: 0.2 + 1.3 * rng.random(),
    "negative": lambda rng: -0.2 - 1.3 * rng.random(),
    "small": lambda rng: _mixed(rng) / 16,
    "small positive": lambda rng: (0.2 + 1.3 * rng.random()) / 16,
    "slack": lambda rng: 10 + 4 * rng.random(),
    "great slack": lambda rng: 100 + 40 * rng.random(),
    "dominant": _mixed,
    "definite": _mixed,
}


_NORMALISED = frozenset({"orthogonal", "unit", "skew", *TOTALS})


class PrecisePoint(Point):
    """A point over the reals. ``styles`` says how the values of a symbol are drawn.

    With a ``reach`` beyond 1, some symbols have values as much larger, so that both sides of a
    threshold as in ``abs(x - 3)`` are seen. ``truncation`` bounds the error of a difference
    quotient; ``finest``: no shorter step is tried.
    """

    ordered = True

    def __init__(
        self,
        setting: Setting,
        sizes: Sizes,
        rng: Random,
        number: int,
        styles: dict[Expr, str] | None = None,
    ) -> None:
        from flint import arb, arb_mat

        super().__init__(setting, sizes, rng, number)
        self._element = arb
        self._matrix = arb_mat
        self._style: Style = _mixed
        self.styles = {} if styles is None else styles
        self.reach = 1
        self.families: dict[str, Family] = {}
        self._scalars = self._symbols = 0
        self.root = _Precise(self)
        self.shorten(0)

    def shorten(self, bits: int) -> None:
        """Take difference quotients with a step so many bits shorter."""
        two, shift = self._element(2), STEP + bits
        self.step, self.quotient = two**-shift, two ** (shift - 1)
        self.truncation = two ** (SLACK - 2 * shift)
        self.finest = bits >= FINEST

    @property
    def integers(self) -> Set[Expr]:
        """See `Point`."""
        return self.setting.matrix_exponents

    def scalar(self, value: int | Fraction) -> Any:
        """See `Point`."""
        element = self._element(value.numerator)
        return element if value.denominator == 1 else element / value.denominator

    def matrix(self, rows: int, columns: int, entries: Sequence[Any]) -> Any:
        """See `Point`."""
        return self._matrix(rows, columns, entries)

    def random(self) -> Any:
        """See `Point`."""
        return self._element(self._style(self.rng))

    def random_for(self, node: Expr) -> Any:
        """See `Point`."""
        # so small that products of sums of many terms are of moderate size
        return self._element(STYLES[self.styles.get(node, "mixed")](self.rng)) / 4

    def draw_element(self, node: Expr, assumed: Set[str]) -> Any:
        """See `Point`."""
        style = self.styles.get(node, "mixed")
        self._style = STYLES[style]
        if style == "mixed" and self._is_far():
            self._style = self._far
        value = super().draw_element(node, assumed)
        self._style = _mixed
        if node.is_scalar and style == "mixed" and "positive" not in assumed:
            return abs(value) if self._sign() else -abs(value)
        rows, columns = self.shape(node.shape)
        if rows == columns > 1 and assumed.isdisjoint(_NORMALISED):
            one = self.identity(node.shape[0])
            if style == "dominant":
                value = value + one * (2 * rows)
            elif style == "definite" and not assumed:
                # of positive definite symmetric part, but not symmetric
                root = full(self, rows, rows)
                value = root * root.transpose() + one + (value - value.transpose())
        return value

    def _is_far(self) -> bool:
        """Is the next symbol one with large values: all are, every other one, or none?"""
        count, turn = self._symbols, self.number % 6
        self._symbols += 1
        return self.reach > 1 and (turn in (3, 4) or turn == count % 2)

    def _far(self, rng: Random) -> float:
        return _mixed(rng) * self.reach

    def _sign(self) -> bool:
        """Both signs at neighbouring points, all combinations of three scalars over eight."""
        count, bits = self._scalars, self.number
        self._scalars += 1
        return bool((bits ^ (count & 1 and bits >> 1) ^ (count >> 1 & 1 and bits >> 2)) & 1)

    def family(self, name: str) -> Family:
        """The random smooth function that an unknown function stands for at this point."""
        found = self.families.get(name)
        if found is None:
            found = self.families[name] = Family(self.random)
        return found


class _Precise(Evaluator):
    """``side`` is the step along the move, forwards or backwards."""

    point: PrecisePoint

    def __init__(
        self,
        point: PrecisePoint,
        constants: Evaluator | None = None,
        move: Move = DIFFERENTIAL,
        side: Any = None,
    ) -> None:
        super().__init__(point, constants, move)
        self.side = side
        self._moves: dict[object, tuple[_Precise, _Precise]] = {}

    def moved(self, value: Any, direction: Any) -> Pair:
        return value if direction is None else value + direction * self.side, None

    def slope(self, move: Move, body: Callable[[Evaluator], Pair]) -> Pair:
        key = (move.base and self.point.key(move.base), move.place)
        sides = self._moves.get(key)
        if sides is None:
            step = self.point.step
            sides = _Precise(self.point, self, move, step), _Precise(self.point, self, move, -step)
            self._moves[key] = sides
        ahead, behind = sides
        return (body(ahead)[0] - body(behind)[0]) * self.point.quotient, None

    def differential(self, node: Expr) -> Pair:
        body, point = node.args[0], self.point
        move = point.differential
        base = move.base
        if base is None:
            moving = point.setting.metas or not body.symbols.isdisjoint(point.setting.moving)
        else:
            moving = point.setting.holds(base, body)
        if not moving:
            return point.filled(node.shape, 0), None
        if base is None and body.op in (Op.SYMBOL, Op.META):
            step = point.symbol(body)[1]
            return point.filled(node.shape, 0) if step is None else step, None
        return super().differential(node)

    def determinant(self, matrix: Any, tangent: Any) -> Pair:
        value = matrix.det()
        if 0 in value:
            self.point.degenerate = True
        return value, None

    def raised(self, node: Expr) -> Pair:
        exponent = self.point.integer(node.args[1])
        if exponent is not None:
            return self.integer_power(self.get(node.args[0]), exponent, node.shape)
        if not node.is_scalar:
            return matrix_power(self, node)
        base, power = self.get(node.args[0])[0], self.get(node.args[1])[0]
        return _power(base, power, node.args[0]), None

    def raised_entries(self, node: Expr) -> Pair:
        exponent = self.point.integer(node.args[1])
        base = self.get(node.args[0])[0]
        if exponent is not None:
            return self.entry_power((base, None), exponent)
        power = self.get(node.args[1])[0]
        entries = [_power(entry, power, node.args[0]) for entry in base.entries()]
        return self.entrywise(base, entries), None


def _power(base: Any, exponent: Any, node: Expr) -> Any:
    if not base > 0:
        raise RedrawError("no point with a positive base of the power was found", node)
    return base**exponent


def _function(ev: _Precise, node: Expr) -> Pair:
    value = ev.get(node.args[0])[0]
    apply = elementwise(node, ev.point.family)
    if node.is_scalar:
        return apply(value), None
    return ev.entrywise(value, [apply(entry) for entry in value.entries()]), None


def _norm(ev: _Precise, node: Expr) -> Pair:
    body, kind = node.args[0], node.data
    value = ev.get(body)[0]
    if spectral(node):
        if body.is_scalar:
            return abs(value), None
        values = singular_values(value, node)
        return (values[0] if kind == "2" else sum(values[1:], values[0])), None
    entries = [value] if body.is_scalar else value.entries()
    if any(entry.contains(0) for entry in entries) and kind not in ("F", "2"):
        raise RedrawError("no point where the norm is differentiable was found", body)
    if kind == "inf":
        sizes = sorted((abs(entry) for entry in entries), key=lambda x: float(x.mid()))
        if ev.constants is not None and len(sizes) > 1 and not sizes[-1] > sizes[-2]:
            raise RedrawError("no point where the norm is differentiable was found", body)
        return sizes[-1], None
    if kind in ("F", "2"):
        total = sum((entry * entry for entry in entries[1:]), entries[0] * entries[0])
        order = Fraction(2)
    else:
        assert isinstance(kind, Fraction)
        exponent = ev.point.scalar(kind)
        total = sum((abs(entry) ** exponent for entry in entries), ev.point.scalar(0))
        order = kind
    if not total > 0:
        raise RedrawError("no point where the norm is differentiable was found", body)
    if order == 2:
        return total.sqrt(), None
    return total ** (1 / ev.point.scalar(order)), None


def _exponentials(ev: _Precise, node: Expr) -> list[Any]:
    entries: list[Any] = ev.get(node.args[0])[0].entries()
    if not all(abs(entry) < LARGE for entry in entries):
        raise RedrawError("no point with moderate values of exp was found", node)
    return [entry.exp() for entry in entries]


def _softmax(ev: _Precise, node: Expr) -> Pair:
    found = _exponentials(ev, node)
    total = sum(found[1:], found[0])
    return ev.point.matrix(len(found), 1, [x / total for x in found]), None


def _logsumexp(ev: _Precise, node: Expr) -> Pair:
    found = _exponentials(ev, node)
    return sum(found[1:], found[0]).log(), None


def _constant(ev: _Precise, node: Expr) -> Pair:
    one = ev.point.scalar(1)
    return (one.pi() if node.data == "pi" else one.exp()), None


_Precise.handlers = HANDLERS | {
    Op.FUNC: _function,
    Op.NORM: _norm,
    Op.CONSTANT: _constant,
    Op.SOFTMAX: _softmax,
    Op.LOGSUMEXP: _logsumexp,
    Op.MATRIX_FUNCTION: matrix_function,
    Op.EIGENVALUE: eigenvalue,
    Op.EIGENVECTOR: eigenvector,
    Op.SINGULAR_VECTOR: singular_vector,
    Op.LARGEST: largest_entry,
    Op.PSEUDO_INVERSE: pseudo_inverse,
}
