"""Random chains of equal sides, and the same with one slip, as LaTeX with declarations.

Equal sides come from true rewrites at random places, from index forms and from the engine's own
derivatives. A slip is judged in floating point by the exported NumPy code, which shares nothing
with the checker: a mutant that is equal by accident is no slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from entry_forms import entry_form
from floats import grounded, same, values
from mutants import mutants
from rewrites import rewritten

from mdiff_pandoc import expr as ex
from mdiff_pandoc.calculus import Problem, derivation_of, gradient
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import ONE, SCALAR, Dim, Expr, Layout, Op, Shape, walk
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_declaration, print_latex

M, N, P = (Dim.of(name) for name in "mnp")
_DIMS = (M, N, P)
_SHAPES = (SCALAR, (M, ONE), (N, ONE), (M, N), (N, P), (N, N), (P, P))
_POSITIVE = frozenset({"positive"})
_SYMBOLS = (
    *(ex.symbol(name) for name in ("t", "c", "lambda")),
    *(ex.symbol(name, "m") for name in ("u", "a", "b")),
    *(ex.symbol(name, "n") for name in ("x", "y", "mu")),
    *(ex.symbol(name, "p") for name in ("w", "z")),
    *(ex.symbol(name, "m", "n") for name in ("A", "X")),
    *(ex.symbol(name, "n", "p") for name in ("B", "W")),
    *(ex.symbol(name, "p", "m") for name in ("C", "H")),
    *(ex.symbol(name, "n", "n") for name in ("G", "M", "Y")),
    ex.symbol("S", "n", "n", ("symmetric",)),
    ex.symbol("Sigma", "n", "n", ("positive definite", "symmetric")),
    ex.symbol("Q", "p", "p"),
    ex.symbol("R", "m", "m"),
)
_FUNCTIONS = ("exp", "sin", "cos", "tanh", "sigma")
_TRANSPOSES = ("T", r"\top", r"{\top}", r"{\mathsf T}", r"\intercal", r"{\mathrm{T}}")
_TRACES = (r"\operatorname{tr}", r"\mathrm{tr}", r"\text{tr}", r"\operatorname{Tr}", "tr")


@dataclass
class Sample:
    """A chain as an author writes it; ``slip`` is the side with the slip, None where all hold."""

    kind: str
    latex: str
    declare: tuple[str, ...]
    slip: int | None = None
    name: str = ""
    sides: tuple[Expr, ...] = field(default=(), repr=False)


class Maker:
    """Makes random expressions from one source of randomness."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def leaf(self, shape: Shape) -> Expr:
        """A symbol of a shape, transposed where it must be, or ones, an identity, a number."""
        rng = self.rng
        named = [s for s in _SYMBOLS if s.shape == shape]
        if ONE not in shape or shape[0] == ONE != shape[1]:
            named += [ex.transpose(s) for s in _SYMBOLS if s.shape == shape[::-1]]
        if shape == SCALAR:
            named.append(ex.number(rng.choice((2, 3))))
        elif shape[0] == shape[1] and rng.random() < 0.15:
            return ex.identity(shape[0])
        elif shape[1] == ONE and rng.random() < 0.15:
            return ex.ones(*shape)
        return rng.choice(named) if named else ex.ones(*shape)

    def make(self, shape: Shape, size: int) -> Expr:
        """An expression of a shape with about ``size`` operations."""
        if size <= 0:
            return self.leaf(shape)
        rng = self.rng
        first = rng.randint(0, size - 1)
        rest = size - 1 - first
        rows, columns = shape
        one, two = rng.choice(_DIMS), rng.choice(_DIMS)

        def of(shape: Shape, size: int) -> Expr:
            return self.make(shape, size)

        options: list[Callable[[], Expr]] = [
            lambda: ex.add(of(shape, first), of(shape, rest)),
            lambda: ex.sub(of(shape, first), of(shape, rest)),
            lambda: ex.scale(of(SCALAR, 0), of(shape, size - 1)),
            *[lambda: ex.matmul(of((rows, one), first), of((one, columns), rest))] * 3,
            lambda: ex.function(rng.choice(_FUNCTIONS), of(shape, size - 1)),
        ]
        if shape == SCALAR:
            options += [
                *[lambda: ex.trace(of((one, one), size - 1))] * 3,
                lambda: ex.det(of((one, one), size - 1)),
                lambda: ex.power(of(SCALAR, size - 1), 2),
                lambda: ex.power(ex.norm(of((one, two), size - 1), "F"), 2),
                lambda: ex.power(ex.norm(of((one, ONE), size - 1), "2"), 2),
                lambda: ex.norm(of((one, ONE), size - 1), "2"),
                lambda: ex.matmul(
                    ex.transpose(ex.vec(of((one, two), first))), ex.vec(of((one, two), rest))
                ),
                lambda: ex.trace(ex.kron(of((one, one), first), of((two, two), rest))),
            ]
        else:
            options += [
                lambda: ex.transpose(of(shape[::-1], size - 1)),
                lambda: ex.hadamard(of(shape, first), of(shape, rest)),
                lambda: ex.hpower(of(shape, size - 1), 2),
            ]
        if rows == columns != ONE:
            options += [
                lambda: ex.inverse(of(shape, min(1, size - 1))),
                lambda: ex.power(of(shape, size - 1), 2),
                lambda: ex.diag(of((rows, ONE), size - 1)),
            ]
        if columns == ONE != rows:
            options.append(lambda: ex.diagonal(of((rows, rows), size - 1)))
        return rng.choice(options)()


def samples(seed: int) -> Iterator[tuple[Sample, Sample | None]]:
    """Without end: a chain that holds, and one of it with a slip where one was found."""
    rng = Random(seed)
    while True:
        kind = rng.choice(_KINDS)
        try:
            sides = kind(rng)
        except MdiffError:
            continue
        if sides is None or any(side.size > 60 or _is_unclear(side) for side in sides):
            continue
        style = _style(rng, sides)
        truth = _sample(kind.__name__.strip("_"), sides, style)
        yield truth, _slipped(rng, sides, style, truth.kind)


def _rewriting(rng: Random) -> list[Expr]:
    """An expression, rewritten step by step."""
    sides = [Maker(rng).make(rng.choice(_SHAPES), rng.randint(1, 6))]
    return _carried_on(rng, sides, rng.choice((1, 1, 2, 3)))


def _carried_on(rng: Random, sides: list[Expr], count: int) -> list[Expr]:
    for _ in range(count):
        side = sides[-1]
        for _ in range(rng.randint(1, 3)):
            side = rewritten(rng, side)
        sides.append(side)
    return sides


def _vectorised(rng: Random) -> list[Expr]:
    """Kronecker products and vec, where sides are long vectors and large matrices."""
    make = Maker(rng).make
    one, two, three = (rng.choice(_DIMS) for _ in range(3))
    left, right = make((one, two), 1), make((two, three), 1)
    inner = ex.matmul(left, make((two, two), 1), right)
    start = rng.choice(
        (
            ex.vec(inner),
            ex.kron(ex.matmul(left, right), ex.matmul(right, make((three, one), 1))),
            ex.matmul(ex.kron(left, right), ex.kron(right, make((three, two), 1))),
            ex.matmul(ex.kron(left, right), ex.vec(make((three, two), 1))),
            ex.vec(ex.transpose(left)),
        )
    )
    return _carried_on(rng, [start], rng.choice((1, 2)))


def _by_entries(rng: Random) -> list[Expr]:
    """An entry, or a scalar, as sums over entries."""
    make = Maker(rng).make
    shape = rng.choice(_SHAPES)
    side = make(shape, rng.randint(1, 4))
    if shape == SCALAR:
        return [side, entry_form(side)]
    whole = ex.entry(side, "i", "j" if shape[1] != ONE else 1)
    return [whole, entry_form(whole)]


def _gradients(rng: Random) -> list[Expr] | None:
    """The gradient of a scalar, by the engine."""
    f = Maker(rng).make(SCALAR, rng.randint(1, 5))
    if not f.symbols:
        return None
    variable = rng.choice(sorted(f.symbols, key=repr))
    if variable.data.assumptions:  # type: ignore[attr-defined]
        return None
    found = gradient(f, variable)
    sides = [ex.derivative(f, variable), found.result]
    return _carried_on(rng, sides, rng.choice((0, 0, 1, 2)))


def _differentials(rng: Random) -> list[Expr] | None:
    """The lines of a derivation that begin with a differential."""
    f = Maker(rng).make(SCALAR, rng.randint(1, 4))
    if not f.symbols:
        return None
    variable = rng.choice(sorted(f.symbols, key=repr))
    if variable.data.assumptions:  # type: ignore[attr-defined]
        return None
    lines = [line for line in gradient(f, variable).lines if line.lhs.op is Op.DIFF]
    if not lines or any(line.lhs is not lines[0].lhs for line in lines):
        return None
    return [lines[0].lhs, *dict.fromkeys(line.expr for line in lines)][:5]


def _jacobians(rng: Random) -> list[Expr] | None:
    """The derivative of a vector by a vector or a scalar, or the Hessian of a scalar."""
    make = Maker(rng).make
    second = rng.random() < 0.4
    f = make(SCALAR if second else (rng.choice(_DIMS), ONE), rng.randint(1, 4))
    wanted = [s for s in sorted(f.symbols, key=repr) if s.is_vector or (s.is_scalar and not second)]
    if not wanted:
        return None
    variable = rng.choice(wanted)
    if second:
        result = derivation_of(Problem(f, (variable, variable))).result
        left = ex.derivative(ex.derivative(f, variable), variable)
    else:
        layout = rng.choice(list(Layout)) if variable.is_vector else Layout.NUMERATOR
        result = derivation_of(Problem(f, (variable,), layout=layout)).result
        left = ex.derivative(f, variable, layout)
    return [left, result] if left.shape == result.shape else None


def _explicit(rng: Random) -> list[Expr]:
    """Matrices written out, multiplied or transposed by hand."""

    def entry() -> Expr:
        if rng.random() < 0.5:
            return ex.number(rng.randint(1, 9))
        return ex.symbol(rng.choice("abcdst"))

    left = [[entry(), entry()], [entry(), entry()]]
    right = [[entry(), entry()], [entry(), entry()]]
    product = [
        [ex.add(*(ex.mul(row[k], right[k][j]) for k in range(2))) for j in range(2)] for row in left
    ]
    match rng.randrange(4):
        case 0:
            return [ex.matmul(ex.block(left), ex.block(right)), ex.block(product)]
        case 1:
            turned = [list(row) for row in zip(*left, strict=True)]
            return [ex.transpose(ex.block(left)), ex.block(turned)]
        case 2:
            (a, b), (c, d) = left
            return [ex.det(ex.block(left)), ex.sub(ex.mul(a, d), ex.mul(b, c))]
        case _:
            total = [
                [ex.add(x, y) for x, y in zip(*rows, strict=True)]
                for rows in zip(left, right, strict=True)
            ]
            return [ex.add(ex.block(left), ex.block(right)), ex.block(total)]


_KINDS: Sequence[Callable[[Random], list[Expr] | None]] = (
    *[_rewriting] * 5,
    *[_gradients] * 3,
    *[_by_entries] * 2,
    _differentials,
    _jacobians,
    _vectorised,
    _explicit,
)


def _style(rng: Random, sides: Sequence[Expr]) -> Notation:
    symbols = {}
    # a size that nothing else tells is written
    sized = any(_is_loose(node) for side in sides for node in walk(side)) or rng.random() < 0.2
    if rng.random() < 0.3:
        for side in sides:
            for node in side.symbols:
                name = node.data.name  # type: ignore[attr-defined]
                if len(name) == 1 and not node.is_scalar:
                    symbols[name] = rf"\mathbf{{{name}}}"
    heads = {"trace": rng.choice(_TRACES)}
    plain = rng.random() < 0.3
    return Notation(symbols, rng.choice(_TRANSPOSES), heads, plain_norms=plain, sized=sized)


def _is_unclear(side: Expr) -> bool:
    """Is there a 0 that a reader could take for a number?"""
    return any(arg.op is Op.ZERO for node in walk(side) for arg in node.args)


def _is_loose(node: Expr) -> bool:
    """Has an identity or a vector of ones a size here that nothing else tells?"""
    constant = any(n.op in (Op.IDENTITY, Op.ONES) for n in node.args)
    return constant and (not node.symbols or node.op in (Op.KRON, Op.SCALE))


def _sample(
    kind: str, sides: Sequence[Expr], style: Notation, slip: int | None = None, name: str = ""
) -> Sample:
    texts = [_written(side, style) for side in sides]
    latex = " = ".join(texts)
    symbols = sorted(frozenset().union(*(side.symbols for side in sides)), key=repr)
    declare = []
    for node in symbols:
        declare.append(print_declaration(node, style))
        words = node.data.assumptions  # type: ignore[attr-defined]
        declare += [f"{print_latex(node, style)} {word}" for word in words]
    return Sample(kind, latex, tuple(declare), slip, name, tuple(sides))


def _written(side: Expr, style: Notation) -> str:
    if side.op is Op.DERIVATIVE and side.args[0].is_scalar and not side.args[1].is_scalar:
        variable = print_latex(side.args[1], style)
        return rf"\nabla_{{{variable}}} \left( {print_latex(side.args[0], style)} \right)"
    return print_latex(side, style)


def _slipped(rng: Random, sides: Sequence[Expr], style: Notation, kind: str) -> Sample | None:
    """The chain with a mutant of one side, which is carried on or not."""
    places = [k for k, side in enumerate(sides) if k and not _unevaluated(side)]
    if not places:
        return None
    place = rng.choice(places)
    found = [*mutants(sides[place]), *_index_slips(sides[place])]
    rng.shuffle(found)
    for name, mutant in found[:6]:
        if any(mutant is side for side in sides) or not differ(sides[place], mutant):
            continue
        new = [*sides[:place], mutant]
        if rng.random() < 0.5 and kind == "rewriting":
            new = _carried_on(rng, new, len(sides) - len(new))
        else:
            new += sides[place + 1 :]
        return _sample(kind, new, style, place, name)
    return None


def _unevaluated(side: Expr) -> bool:
    compound = (Op.DERIVATIVE, Op.DIFF)
    return any(n.op in compound and n.args[0].op is not Op.SYMBOL for n in walk(side))


def _index_slips(side: Expr) -> Iterator[tuple[str, Expr]]:
    """Entries with other indices."""
    names = sorted({str(i) for n in walk(side) if n.op is Op.ENTRY for i in n.data})  # type: ignore[attr-defined]
    for node in walk(side):
        if node.op is not Op.ENTRY:
            continue
        row, column = node.data  # type: ignore[misc]
        if column != 1:
            yield "indices exchanged", _replaced(side, node, ex.entry(node.args[0], column, row))
        for name in names:
            if name.isalpha() and name != row:
                yield "wrong index", _replaced(side, node, ex.entry(node.args[0], name, column))


def _replaced(side: Expr, old: Expr, new: Expr) -> Expr:
    if side is old:
        return new
    if not side.args:
        return side
    return ex.rebuild(side, [_replaced(arg, old, new) for arg in side.args])


def differ(left: Expr, right: Expr) -> bool:
    """Do two expressions differ at a random rectangular point, in floating point?"""
    pair = [grounded(left), grounded(right)]
    for seed in range(1, 5):
        try:
            one, other = values(pair, seed)
        except (MdiffError, AssertionError, IndexError, KeyError, ValueError):
            return False
        if one is not None and other is not None and not same(one, other):
            return True
    return False
