"""Hypothesis strategies for well-shaped expressions over every kind of node.

Nothing is evaluated here: an inverse may turn out singular, a logarithm negative. Strategies
that need values filter for themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Dim, Expr, Shape

M, N, P = (Dim.of(name) for name in "mnp")
ONE = ex.ONE
DIMS = (M, N, P)

# one symbol at least for each shape; no letter that LaTeX or a reader could take for a constant
SYMBOLS: tuple[Expr, ...] = (
    ex.symbol("t"),
    ex.symbol("c"),
    ex.symbol("lambda"),
    ex.symbol("u", "m"),
    ex.symbol("a", "m"),
    ex.symbol("x", "n"),
    ex.symbol("mu", "n"),
    ex.symbol("w", "p"),
    ex.symbol("A", "m", "n"),
    ex.symbol("X", "m", "n"),
    ex.symbol("B", "n", "p"),
    ex.symbol("C", "p", "m"),
    ex.symbol("W_1", "m", "p"),
    ex.symbol("F", "n", "m"),
    ex.symbol("G", "p", "n"),
    ex.symbol("K", "m", "m"),
    ex.symbol("S", "n", "n"),
    ex.symbol("Sigma", "n", "n"),
    ex.symbol("Q", "p", "p"),
)

FUNCTIONS = ("log", "exp", "sin", "cos", "tanh", "sigma", "sqrt", "softplus", "arctan")
NUMBERS = (2, 3, 5, 12)


@st.composite
def expressions(
    draw: st.DrawFn,
    shape: Shape | None = None,
    *,
    max_size: int = 12,
    transcendental: bool = True,
    differentials: bool = False,
    indices: bool = True,
    symbols: tuple[Expr, ...] = SYMBOLS,
) -> Expr:
    """An expression of a shape, by default of any over the dimensions m, n, p and 1.

    ``max_size`` bounds the number of operations; ``transcendental`` allows functions, norms and
    roots, ``differentials`` the differential of symbols and of compounds, ``indices`` entries,
    rows, columns and index sums.
    """
    dims = st.sampled_from(DIMS)
    letters = list("srqlkji")

    def leaf(shape: Shape) -> Expr:
        named = [s for s in symbols if s.shape == shape]
        named += [ex.transpose(s) for s in symbols if s.shape == shape[::-1] and shape[0] != ONE]
        if shape[0] == ONE and shape[1] != ONE:
            named = [ex.transpose(s) for s in symbols if s.shape == shape[::-1]]
        if shape[0] == shape[1] != ONE and draw(st.integers(0, 5)) == 0:
            return ex.identity(shape[0])
        if shape == ex.SCALAR:
            named.append(ex.number(draw(st.sampled_from(NUMBERS))))
        elif not named or (shape[1] == ONE and draw(st.integers(0, 4)) == 0):
            return ex.ones(*shape)
        return draw(st.sampled_from(named))

    def any_shape(shape: Shape, size: int) -> list[Callable[[], Expr]]:
        rows, columns = shape
        first = draw(st.integers(0, size - 1))
        rest = size - 1 - first

        def chain() -> Expr:
            inner = draw(dims)
            return ex.matmul(build((rows, inner), first), build((inner, columns), rest))

        def coefficient() -> Expr:
            scalar = ex.number(draw(st.sampled_from([-1, 2, -3])))
            return ex.scale(scalar, build(shape, size - 1))

        options = [
            chain,
            chain,
            coefficient,
            lambda: ex.add(build(shape, first), build(shape, rest)),
            lambda: ex.sub(build(shape, first), build(shape, rest)),
            lambda: ex.scale(build(ex.SCALAR, first), build(shape, rest)),
            lambda: ex.divide(build(shape, rest), build(ex.SCALAR, first)),
        ]
        if transcendental:
            name = draw(st.sampled_from(FUNCTIONS))
            options.append(lambda: ex.function(name, build(shape, size - 1)))
        if shape != ex.SCALAR:
            options += [
                lambda: ex.transpose(build(shape[::-1], size - 1)),
                lambda: ex.hadamard(build(shape, first), build(shape, rest)),
                lambda: ex.hdivide(build(shape, first), build(shape, rest)),
                lambda: ex.hpower(build(shape, size - 1), draw(st.sampled_from([2, 3]))),
            ]
        if differentials:
            options.append(lambda: ex.diff(leaf(shape)))
            options.append(lambda: ex.diff(build(shape, size - 1)))
        return options

    def square(shape: Shape, size: int) -> list[Callable[[], Expr]]:
        rows = shape[0]
        return [
            lambda: ex.inverse(build(shape, size - 1)),
            lambda: ex.power(build(shape, size - 1), draw(st.sampled_from([2, 3, 5]))),
            lambda: ex.diag(build((rows, ONE), size - 1)),
        ]

    def vector(shape: Shape, size: int) -> list[Callable[[], Expr]]:
        rows = shape[0]
        options = [lambda: ex.diagonal(build((rows, rows), size - 1))]
        if indices:
            options.append(lambda: ex.column(build((rows, draw(dims)), size - 1), 1))
        return options

    def unvec_of(shape: Shape, size: int) -> list[Callable[[], Expr]]:
        rows, columns = shape
        long = (rows * columns, ONE)
        return [lambda: ex.unvec(ex.vec(build(shape, size - 1)), shape)] if long[0] != rows else []

    def scalar(size: int) -> list[Callable[[], Expr]]:
        first = draw(st.integers(0, size - 1))
        rest = size - 1 - first
        one, two = draw(dims), draw(dims)

        def kron_trace() -> Expr:
            return ex.trace(ex.kron(build((one, one), first), build((two, two), rest)))

        def vec_product() -> Expr:
            left, right = build((one, two), first), build((one, two), rest)
            return ex.matmul(ex.transpose(ex.vec(left)), ex.vec(right))

        options = [
            lambda: ex.trace(build((one, one), size - 1)),
            lambda: ex.trace(build((one, one), size - 1)),
            lambda: ex.det(build((one, one), size - 1)),
            lambda: ex.power(build(ex.SCALAR, size - 1), draw(st.sampled_from([2, 3, -1, -2]))),
            lambda: ex.dimension(one),
            kron_trace,
            vec_product,
        ]
        if transcendental:
            kind = draw(st.sampled_from(["F", 1, 3]))
            options += [
                lambda: ex.norm(build((one, two), size - 1), kind),
                lambda: ex.norm(build((one, ONE), size - 1), "2"),
                lambda: ex.function("log", ex.det(build((one, one), size - 1))),
                lambda: ex.function("abs", build(ex.SCALAR, size - 1)),
            ]
        if indices and letters:

            def total() -> Expr:
                index = letters.pop()
                body = ex.entry(build((one, ONE), first), index)
                return ex.index_sum(index, one, ex.mul(body, build(ex.SCALAR, rest)))

            options += [
                lambda: ex.entry(build((one, two), size - 1), 1, 2),
                lambda: ex.entry(build((one, ONE), size - 1), 2),
                total,
            ]
        return options

    def build(shape: Shape, size: int) -> Expr:
        if size <= 0:
            return leaf(shape)
        options = any_shape(shape, size)
        if shape == ex.SCALAR:
            options += scalar(size)
        elif shape[0] == shape[1]:
            options += square(shape, size)
        elif shape[1] == ONE:
            options += vector(shape, size)
        if ONE not in shape:
            options += unvec_of(shape, size)
        return draw(st.sampled_from(options))()

    if shape is None:
        shape = draw(
            st.one_of(
                st.just(ex.SCALAR),
                st.tuples(dims, st.just(ONE)),
                st.tuples(dims, dims),
            )
        )
    return build(shape, draw(st.integers(0, max_size)))
