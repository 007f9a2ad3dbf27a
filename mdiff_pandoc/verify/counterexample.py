"""Counterexamples that a reader can follow: small integers, small sizes, both sides in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Symbol, diff, make, walk
from mdiff_pandoc.verify.compare import assignments
from mdiff_pandoc.verify.inspector import Inspector
from mdiff_pandoc.verify.instances import VARIANTS, Instance, is_unspecified
from mdiff_pandoc.verify.matrices import DRAWS
from mdiff_pandoc.verify.point import Pair, Point, Setting
from mdiff_pandoc.verify.precise import FINEST, precision
from mdiff_pandoc.verify.sample import RedrawError, Sizes
from mdiff_pandoc.verify.small import STYLES, RealPoint, SmallPoint, dimension_names, small_sizes

Rows = tuple[tuple[str, ...], ...]

# points that are tried, fewer where they cost more microseconds together, and how many more after
# the first failure for one with shorter numbers
TRIES = 240
WORK = 2e5
LEAST = 20
PATIENCE = 8
# letters of the longest number that is short enough
SHORT = 8
# a gap that six digits show
VISIBLE = 1e-4
# a fraction so near is the number
ROUNDING = 1e-40
_DENOMINATOR = 100
MEAN = rf"\text{{the mean of {DRAWS} equally likely values, numbered by the last index}}"


class Counterexample(Struct, frozen=True):
    """Values for which two sides differ.

    ``values`` holds the rows of every symbol that occurs, of members of a family each by its own
    indices, and of differentials ``dX``; ``indices`` the free indices; ``functions`` a line of
    LaTeX for every unspecified function, as ``z \\mapsto …``, and for the expectation ``E``.
    ``left`` and ``right`` are both sides in full, and ``entry`` the first place where they differ,
    counted from 1; None for scalars. ``parts`` holds the parts of the sides that were asked for.
    Numbers are integers, fractions, or decimals of six digits.
    """

    sizes: Mapping[str, int]
    values: Mapping[Expr, Rows]
    indices: Mapping[str, int]
    functions: Mapping[str, str]
    left: Rows
    right: Rows
    entry: tuple[int, int] | None
    parts: Mapping[Expr, Rows] = field(default_factory=dict)

    def sentence(self, sides: str) -> str:
        """What differs, in one sentence; ``sides`` is what both sides are called."""
        row, column = self.entry or (1, 1)
        place = f", first in entry ({row}, {column})" if self.entry else ""
        if self.indices:
            told = ", ".join(f"{name} = {value}" for name, value in sorted(self.indices.items()))
            place += f" for {told}"
        one, other = self.left[row - 1][column - 1], self.right[row - 1][column - 1]
        return f"{sides} differ{place}: {one} and {other}"


def find_counterexample(
    left: Expr,
    right: Expr,
    setting: Setting,
    styles: Mapping[Expr, str],
    parts: Sequence[Expr] = (),
) -> Counterexample | None:
    """A failure of ``left = right`` with small integers, or None where none is found.

    ``styles`` tells how to draw symbols that must keep a value inside a domain, ``parts`` are
    parts of the sides whose values are to be told too.
    """
    if left.shape != right.shape:
        return None
    best: Counterexample | None = None
    waited, work = 0, 0.0
    for number, attempt in enumerate(_attempts(left, right, setting, styles)):
        if number == TRIES or waited == PATIENCE or (number >= LEAST and work > WORK):
            break
        work += attempt.claim.work
        waited += best is not None
        try:
            found = attempt.run(left, right, parts)
        except (RedrawError, ZeroDivisionError, UnsupportedError):
            continue
        if found is not None and (best is None or _length(found) < _length(best)):
            best = found
            if _length(best) <= SHORT:
                break
    return best


class _Claim(Struct, frozen=True):
    """Both sides over concrete functions."""

    instance: Instance | None
    left: Expr
    right: Expr
    rational: bool
    order: int
    work: float


class _Attempt(Struct, frozen=True):
    claim: _Claim
    point: SmallPoint

    def run(self, left: Expr, right: Expr, parts: Sequence[Expr]) -> Counterexample | None:
        """A counterexample at this point, with the symbols of both sides as they are given."""
        claim, point = self.claim, self.point
        if claim.rational:
            return self._compared(point, left, right, parts)
        found = None
        for finer in (0, FINEST):
            # a coarse step finds a gap, the finest one says how large it is
            with precision(max(claim.order, 1), finer):
                real = RealPoint(point)
                real.shorten(finer)
                found = self._compared(real, left, right, parts)
            if found is None or claim.order == 0:
                break
        return found

    def _compared(
        self, point: Point, left: Expr, right: Expr, parts: Sequence[Expr]
    ) -> Counterexample | None:
        claim = self.claim
        for _ in assignments(point, claim.left, claim.right):
            sides = _grid(point.value(claim.left)), _grid(point.value(claim.right))
            place = _first_gap(*sides)
            if place is not None:
                texts = claim.instance.texts(self.point) if claim.instance is not None else {}
                if any(x.op is Op.EXPECTATION for side in (left, right) for x in walk(side)):
                    texts |= {"E": MEAN}
                one, other = (tuple(tuple(map(_shown, line)) for line in side) for side in sides)
                return Counterexample(
                    dict(self.point.sizes),
                    _values(self.point, left, right),
                    dict(point.env),
                    texts,
                    one,
                    other,
                    None if left.is_scalar else place,
                    dict(self._parts(point, parts)),
                )
        return None

    def _parts(self, point: Point, parts: Sequence[Expr]) -> Iterator[tuple[Expr, Rows]]:
        instance = self.claim.instance
        for part in parts:
            try:
                value = point.value(part if instance is None else instance.of(part))
            except (RedrawError, ZeroDivisionError, UnsupportedError):
                continue
            yield part, tuple(tuple(map(_shown, line)) for line in _grid(value))


def _attempts(
    left: Expr, right: Expr, setting: Setting, styles: Mapping[Expr, str]
) -> Iterator[_Attempt]:
    claims = list(_claims(left, right, setting))
    number = 0
    for chosen in small_sizes(dimension_names(left, right)):
        for claim in claims:
            for style in STYLES:
                sizes = Sizes(0)
                sizes.update(chosen)
                point = SmallPoint(setting, sizes, number, style, styles)
                yield _Attempt(claim, point)
                number += 1


def _claims(left: Expr, right: Expr, setting: Setting) -> Iterator[_Claim]:
    variants: list[int | None] = [None]
    if any(is_unspecified(node) for side in (left, right) for node in walk(side)):
        variants = list(range(VARIANTS))
    for variant in variants:
        instance = None if variant is None else Instance(variant)
        inspector = Inspector(setting)
        try:
            sides = (left, right) if instance is None else (instance.of(left), instance.of(right))
            one, other = map(inspector.inspect, sides)
        except UnsupportedError:
            continue
        rational, order = one.rational and other.rational, max(one.order, other.order)
        yield _Claim(instance, *sides, rational, order, inspector.work + one.work + other.work)


def _grid(value: Any) -> list[list[Any]]:
    found: list[list[Any]] = value.tolist() if hasattr(value, "tolist") else [[value]]
    return found


def _first_gap(left: list[list[Any]], right: list[list[Any]]) -> tuple[int, int] | None:
    gaps = [
        (i, j)
        for i, lines in enumerate(zip(left, right, strict=True), 1)
        for j, (a, b) in enumerate(zip(*lines, strict=True), 1)
        if _differ(a, b)
    ]
    return gaps[0] if gaps else None


def _differ(a: Any, b: Any) -> bool:
    gap = a - b
    if not hasattr(gap, "is_finite"):
        return bool(gap != 0)
    if not gap.is_finite():
        raise RedrawError("no point with finite values was found")
    return bool(gap.abs_lower() > VISIBLE * max(1, (abs(a) + abs(b)).abs_upper()))


def _shown(number: Any) -> str:
    if not hasattr(number, "is_finite"):
        return str(number)
    near = Fraction(float(number)).limit_denominator(_DENOMINATOR)
    if (number - number.__class__(near.numerator) / near.denominator).abs_upper() < ROUNDING:
        return str(near)
    return f"{float(number):.6g}"


def _length(found: Counterexample) -> int:
    """How long the longest number is; those that only decimals can show are all alike."""
    sides = [*found.values.values(), found.left, found.right]
    numbers = [x for rows in sides for line in rows for x in line]
    return max((len(x) for x in numbers if "." not in x or "e" in x), default=0)


def _values(point: SmallPoint, left: Expr, right: Expr) -> dict[Expr, Rows]:
    nodes = [node for side in (left, right) for node in walk(side)]
    found: dict[Expr, Rows] = {}
    moves: dict[Expr, Any] = {}
    moving = {symbol for node in nodes if node.op is Op.DIFF for symbol in node.symbols}
    for node in nodes:
        if node.op in (Op.SYMBOL, Op.META):
            for symbol, (value, direction) in _members(point, node):
                found[symbol] = _rows(value)
                if direction is not None and node in moving:
                    moves[diff(symbol)] = direction
    variable = point.setting.variable
    if moving and variable is not None and variable.op is not Op.SYMBOL:
        moves[diff(variable)] = point.differential.test
    return found | {step: _rows(value) for step, value in moves.items()}


def _members(point: SmallPoint, node: Expr) -> list[tuple[Expr, Pair]]:
    """The symbol, or its values by their indices: members of its family, or random draws."""
    data = node.data
    if not isinstance(data, Symbol):
        return [(node, point.symbol(node))]
    family = data.name, node.shape, data.assumptions
    drawn = [k for k in point.values if isinstance(k, tuple) and k[:-1] == family]
    if not data.indices and (node in point.values or not drawn):
        return [(node, point.symbol(node))]
    return [
        (make(node.op, data=replace(data, indices=key[-1]), shape=node.shape), point.values[key])
        for key in sorted(drawn, key=lambda key: key[-1])
    ]


def _rows(value: Any) -> Rows:
    return tuple(tuple(str(x) for x in line) for line in _grid(value))
