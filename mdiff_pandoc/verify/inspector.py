"""What can be said of an expression before it is evaluated: is it rational, how large, how deep.

Degrees are those of a numerator and a denominator that all entries of a value share; they bound
the number of zeros of a wrong equality (Schwartz 1980, Zippel 1979).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil, prod
from typing import NamedTuple

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import ONE, Dim, Expr, Meta, Op, Range, Symbol, Unknown, walk
from mdiff_pandoc.verify.exact import rational_norm, spectral
from mdiff_pandoc.verify.matrices import DRAWS
from mdiff_pandoc.verify.moves import base_of, is_probed
from mdiff_pandoc.verify.point import LARGEST_EXPONENT, Setting, relatives
from mdiff_pandoc.verify.sample import FEW, POOL, SMALL, Sizes
from mdiff_pandoc.verify.scalars import known
from mdiff_pandoc.verify.unspecified import DEGREE

DEPTH = 2000
# of a derivative of derivatives; below the degree of what stands for an unspecified function
ORDER = DEGREE - 1
# microseconds for both points together
WORK = 1.0e6
TOO_LARGE = "too large to check"
# points at which any two small sizes differ both ways
SMALL_POINTS = 8
# of a size, while there are few dimension names
LARGEST = 5
_PIECEWISE = {"abs", "sign", "relu", "step"}
_REAL = {
    Op.SOFTMAX,
    Op.LOGSUMEXP,
    Op.MATRIX_FUNCTION,
    Op.EIGENVALUE,
    Op.EIGENVECTOR,
    Op.SINGULAR_VECTOR,
    Op.LARGEST,
}
_BRANCHED = {"sqrt", "arcsin", "arccos", "arctan"}


class Facts(NamedTuple):
    """``rational``: made of + − · ÷ alone; ``above``, ``below``: degrees of numerator and
    denominator; ``depth`` of nesting; ``work``: microseconds, of one evaluation for a node with
    unbound indices, else 0 because it is done only once; ``points`` that a check needs;
    ``order`` of the derivatives in it."""

    rational: bool
    above: int
    below: int
    depth: int
    work: float
    points: int
    order: int


class Inspector:
    """Facts of every node met so far, and the total of the work they make.

    It also fills the ``setting`` with what only the expressions tell: moving members of a family,
    metavariables, symbols in exponents.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.facts: dict[Expr, Facts] = {}
        self.work = 0.0
        self._own: dict[Expr, float] = {}
        self._dims: dict[Dim, int] = {}
        self._largest: dict[str, int] = {}
        self._typical = Sizes(0, small=setting.small)

    def inspect(self, root: Expr) -> Facts:
        """The facts of an expression. Raises UnsupportedError for what cannot be evaluated."""
        facts = self.facts
        stack = [root]
        while stack:
            node = stack[-1]
            if node in facts:
                stack.pop()
                continue
            if node.op is Op.DERIVATIVE:
                self._vary(base_of(node.args[1]))
            waiting = [arg for arg in node.args if arg not in facts]
            if waiting:
                stack.extend(waiting)
                continue
            largest = self._largest
            found = self._facts(node)
            if largest is self._largest:
                facts[node] = found
                stack.pop()
        return facts[root]

    def _vary(self, base: Expr) -> None:
        """Note that a derivative is taken by a base, which then is no integer exponent."""
        setting = self.setting
        setting.bases.add(base)
        if base in setting.exponents:
            setting.exponents.discard(base)
            setting.matrix_exponents.discard(base)
            self.facts.clear()

    def _dim(self, dim: Dim) -> int:
        size = self._dims.get(dim)
        if size is None:
            largest = max(SMALL) if self.setting.small else LARGEST
            self._largest.update(dict.fromkeys(dim.names - self._largest.keys(), largest))
            if len(self._largest) > FEW and LARGEST in self._largest.values():
                # with many names the sizes grow, and so do all degrees met so far
                self._largest = dict.fromkeys(self._largest, max(POOL))
                self._dims.clear()
                self.facts.clear()
            size = self._dims[dim] = max(1, dim.at(self._largest))
        return size

    def _size(self, dim: Dim) -> int:
        """As large as a dimension is at a point, which decides how long an evaluation takes."""
        return max(1, dim.at(self._typical))

    def _facts(self, node: Expr) -> Facts:
        return self._combined(node, [self.facts[arg] for arg in node.args], repeated=True)

    def _combined(self, node: Expr, parts: list[Facts], *, repeated: bool) -> Facts:
        """The facts of a node from those of its arguments."""
        rational = self._rational(node)
        depth = order = 0
        points, once = 2, 0.0
        for part in parts:
            rational = rational and part.rational
            depth = part.depth if part.depth > depth else depth
            order = part.order if part.order > order else order
            points = part.points if part.points > points else points
            once += part.work
        depth += 1
        if depth > DEPTH:
            raise UnsupportedError(f"the expression is nested more than {DEPTH} deep")
        if node.op is Op.POWER and node.args[0].op is Op.NORM:
            rational = rational_norm(node) and self.facts[node.args[0].args[0]].rational
        above, below = self._degrees(node, parts)
        order += node.op in (Op.DIFF, Op.DERIVATIVE)
        if order > ORDER:
            raise UnsupportedError(f"derivatives of more than order {ORDER} cannot be checked")
        work = self._work(node)
        if node.op is Op.INDEX_SUM and isinstance(node.data, Range):
            work += self._size(node.data.upper) * once
        elif node.op is Op.EXPECTATION:
            work += DRAWS * self._whole_work(node.args[0])
        elif node.op is Op.DERIVATIVE and repeated:
            rows, columns = node.args[1].shape
            work += self._size(rows) * self._size(columns) * self._whole_work(node.args[0])
        else:
            work += once
        if repeated:
            # done once for every value of its indices, and then kept
            kept = not node.free or node.op is Op.INDEX_SUM
            self._own[node] = work = work * LARGEST ** len(node.free) if kept else work
            if kept:
                self.work, work = self.work + work, 0.0
        points = self._points(node, points)
        return Facts(rational, above, below, depth, work, points, order)

    def _whole_work(self, node: Expr) -> float:
        """The work of a node and of everything in it that is done once."""
        parts = sum(
            self._own[part] for part in walk(node) if not part.free or part.op is Op.INDEX_SUM
        )
        return parts + self.facts[node].work

    def contracted(self, node: Expr) -> Facts:
        """The facts of a derivative of which only one product with a matrix is evaluated."""
        if not is_probed(node):
            return self.inspect(node)
        if node.op is Op.DERIVATIVE:
            self._vary(base_of(node.args[1]))
        parts = [self.contracted(node.args[0]), *map(self.inspect, node.args[1:])]
        return self._combined(node, parts, repeated=False)

    def _points(self, node: Expr, points: int) -> int:
        """How many points a node asks for whose parts ask for ``points``."""
        if node.op is Op.POWER and node.args[0].op is Op.NORM and rational_norm(node):
            return self.facts[node.args[0].args[0]].points
        if node.op is Op.DET:
            # its sign may change with each size, and with the component of an orthogonal factor
            turned = any(symbol.assumed("orthogonal") for symbol in node.symbols)
            shapes = [dim for symbol in node.symbols for dim in symbol.shape]
            names = set(self._largest).union(*(dim.names for dim in shapes))
            points = max(points, 4 if turned else min(4, 1 + len(names)))
        if self.setting.small:
            points = max(points, SMALL_POINTS)
        return max(points, _points(node))

    def _rational(self, node: Expr) -> bool:
        setting = self.setting
        match node.op:
            case Op.CONSTANT:
                return False
            case Op.DIMENSION if setting.small:
                raise UnsupportedError(TOO_LARGE)
            case Op.NORM:
                if node.data == "inf" and ONE not in node.args[0].shape:
                    raise UnsupportedError("this norm of a matrix cannot be evaluated")
                return False
            case op if op in _REAL:
                return False
            case Op.FUNC:
                if not known(node.data):
                    raise UnsupportedError(f"the function {node.data} cannot be evaluated")
                return False
            case Op.META:
                setting.metas = True
            case Op.SYMBOL:
                variable = setting.variable
                movers = setting.moving if variable is None else (variable,)
                if any(relatives(node, mover) for mover in movers):
                    setting.moving.add(node)
            case Op.POWER | Op.HPOWER:
                return self._rational_power(node)
            case Op.EXPECTATION:
                setting.expectations = True
        return True

    def _rational_power(self, node: Expr) -> bool:
        base, exponent = node.args
        matrix = node.op is Op.POWER and not base.is_scalar
        if not _integral(exponent, self.setting):
            return False
        self.setting.exponents |= exponent.symbols
        if matrix:
            self.setting.matrix_exponents |= exponent.symbols
        return True

    def _degrees(self, node: Expr, parts: list[Facts]) -> tuple[int, int]:
        first = parts[0] if parts else None
        match node.op:
            case Op.SYMBOL | Op.META:
                return self._symbol_degrees(node)
            case Op.APPLY | Op.SLOPE:
                # the coefficients of the forms are random beside the arguments
                above = 1 + sum(part.above + part.below for part in parts)
                return DEGREE * above, DEGREE * sum(part.below for part in parts)
            case _ if first is None:
                return 0, 0
            case Op.SUM | Op.BLOCK:
                below = sum(part.below for part in parts)
                return max(part.above - part.below for part in parts) + below, below
            case Op.INDEX_SUM if isinstance(node.data, Range):
                count = self._dim(node.data.upper)
                return first.above + (count - 1) * first.below, count * first.below
            case Op.POWER | Op.HPOWER:
                return self._power_degrees(node, first)
            case Op.INVERSE:
                size = self._dim(node.shape[0])
                return first.below + (size - 1) * first.above, size * first.above
            case Op.DET:
                size = self._dim(node.args[0].shape[0])
                return size * first.above, size * first.below
            case Op.ADJUGATE:
                size = self._dim(node.shape[0]) - 1
                return size * first.above, size * first.below
            case Op.PSEUDO_INVERSE:
                size = min(map(self._dim, node.shape))
                above, below = 2 * first.above, 2 * first.below
                return below + (size - 1) * above + first.above, size * above + first.below
            case Op.EXPECTATION:
                return first.above + (DRAWS - 1) * first.below, DRAWS * first.below
            case Op.HDIV:
                count, second = self._entries(node), parts[1]
                above = first.above + second.below + (count - 1) * second.above
                return above, first.below + count * second.above
            case Op.DIFF | Op.DERIVATIVE:
                return first.above + first.below + 1, 2 * first.below
        return sum(part.above for part in parts), sum(part.below for part in parts)

    def _power_degrees(self, node: Expr, base: Facts) -> tuple[int, int]:
        exponent = node.args[1]
        times = ceil(self._magnitude(exponent))
        above, below = times * base.above, times * base.below
        if isinstance(exponent.data, Fraction) and exponent.data >= 0:
            return above, below
        size = self._entries(node) if node.op is Op.HPOWER else self._dim(node.shape[0])
        inverse = times * (base.below + (size - 1) * base.above)
        return max(above, inverse), max(below, times * size * base.above)

    def _magnitude(self, exponent: Expr) -> Fraction:
        """An upper bound for the absolute value of an exponent."""
        if exponent.op is Op.SUM:
            return sum((self._magnitude(arg) for arg in exponent.args), Fraction(0))
        if exponent.op is Op.MUL:
            return prod((self._magnitude(arg) for arg in exponent.args), start=Fraction(1))
        if isinstance(exponent.data, Fraction):
            return abs(exponent.data)
        if isinstance(exponent.data, Dim):
            return Fraction(self._dim(exponent.data))
        return Fraction(LARGEST_EXPONENT)

    def _symbol_degrees(self, node: Expr) -> tuple[int, int]:
        assumed = node.data.assumptions if isinstance(node.data, Symbol) else frozenset()
        if isinstance(node.data, Meta):
            assumed = node.data.requires
        if "orthogonal" in assumed:
            return (self._dim(node.shape[0]),) * 2
        return (2, 2) if "unit" in assumed else (1, 0)

    def _entries(self, node: Expr) -> int:
        return self._dim(node.shape[0]) * self._dim(node.shape[1])

    def _work(self, node: Expr) -> float:
        entries = self._size(node.shape[0]) * self._size(node.shape[1])
        match node.op:
            case Op.MATMUL:
                rows = self._size(node.shape[0])
                inner = [self._size(arg.shape[1]) for arg in node.args]
                steps = sum(a * b for a, b in pairwise(inner))
                return 2.0 * len(node.args) + 0.02 * rows * steps
            case Op.INVERSE | Op.DET | Op.TRACE | Op.POWER:
                size = self._size(node.args[0].shape[0])
                return 20.0 + 0.3 * float(size) ** 3
            case op if op in _REAL or op in (Op.PSEUDO_INVERSE, Op.ADJUGATE):
                # an adjugate takes a determinant for every entry
                size = max(map(self._size, node.args[0].shape))
                return 50.0 + 5.0 * float(size) ** (5 if op is Op.ADJUGATE else 3)
            case Op.FUNC | Op.NORM | Op.HADAMARD | Op.HDIV | Op.HPOWER | Op.KRON:
                return 5.0 + 2.0 * entries
        return 5.0 + len(node.args) + 0.5 * entries


def _points(node: Expr) -> int:
    """How many points a node asks for, so that every piece of a function is seen."""
    match node.op:
        case Op.FUNC if node.data in _PIECEWISE:
            return 16 if node.is_scalar else 8
        case Op.FUNC if node.data in _BRANCHED:
            return 8
        case Op.FUNC if isinstance(node.data, Unknown):
            return 3
        case Op.APPLY:
            return 3
        case Op.NORM if spectral(node):
            return 3
        case Op.LARGEST:
            return 40
        case Op.NORM:
            return 16 if node.args[0].is_scalar else 8
        case Op.POWER | Op.HPOWER if not _whole(node.args[1]):
            return 8
        case Op.DIMENSION:
            return 4
        case Op.ONES:
            return 3
    return 2


def _whole(exponent: Expr) -> bool:
    return isinstance(exponent.data, Fraction) and exponent.data.denominator == 1


def _integral(exponent: Expr, setting: Setting) -> bool:
    if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
        return exponent.data.denominator == 1
    if exponent.op is Op.DIMENSION:
        return True
    if exponent.op is Op.SYMBOL:
        assert isinstance(exponent.data, Symbol)
        varies = exponent in setting.bases or exponent in setting.moving
        return not varies and not exponent.data.indices
    if exponent.op in (Op.SUM, Op.MUL):
        return all(_integral(arg, setting) for arg in exponent.args)
    return False
