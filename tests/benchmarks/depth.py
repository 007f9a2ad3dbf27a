"""How the cost grows with the nesting depth: derive, verify and print, for each style.

Run with ``python tests/benchmarks/depth.py``. The slope is the exponent p of seconds ~ depth^p
between the last two depths; a cost that is exponential in the depth would show as a slope that
grows with every row. A style that refuses a depth (too many places of the variable) shows a dash.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from mdiff_pandoc.calculus import Problem, derivation_of
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import (
    Expr,
    add,
    function,
    inverse,
    matmul,
    named,
    norm,
    power,
    symbol,
    trace,
    transpose,
)
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_latex
from mdiff_pandoc.service import judged

DEPTHS = (2, 4, 8, 16)
NAMED_DEPTHS = (25, 50, 100, 200)
STYLES = ("differential", "occurrences", "backprop")
X = symbol("X", "n", "n")
LIMIT = 20.0


def chain(depth: int) -> tuple[Expr, Expr]:
    """``‖σ(W σ(W … σ(W x)))‖²``, by x."""
    x, weight = symbol("x", "n"), symbol("W", "n", "n")
    layer = x
    for _ in range(depth):
        layer = function("tanh", matmul(weight, layer))
    return power(norm(layer, "2"), 2), x


def shared(depth: int) -> tuple[Expr, Expr]:
    """The same weight in every layer, by the weight."""
    f, _ = chain(depth)
    return f, symbol("W", "n", "n")


def network(depth: int) -> tuple[Expr, Expr]:
    """The same with a name for every layer and a weight of its own, by the first weight."""
    layer = symbol("x", "n_0")
    for k in range(1, depth + 1):
        weight = symbol(f"W_{k}", f"n_{k}", f"n_{k - 1}")
        layer = named(f"h_{k}", function("tanh", matmul(weight, layer)))
    return power(norm(layer, "2"), 2), symbol("W_1", "n_1", "n_0")


def inverses(depth: int) -> tuple[Expr, Expr]:
    """``tr((A_1 + (A_2 + … (A_k + X)^{-1} …)^{-1})^{-1})``."""
    inner = X
    for k in range(depth, 0, -1):
        inner = inverse(add(symbol(f"A_{k}", "n", "n"), inner))
    return trace(inner), X


def products(depth: int) -> tuple[Expr, Expr]:
    """``tr(A_1 X A_2 X … A_k X)``."""
    factors = [part for k in range(depth) for part in (symbol(f"A_{k + 1}", "n", "n"), X)]
    return trace(matmul(*factors)), X


def sums(depth: int) -> tuple[Expr, Expr]:
    """``tr(A_1 + X^T (A_2 + X^T (…) X) X)``."""
    inner = X
    for k in range(depth, 0, -1):
        inner = add(symbol(f"A_{k}", "n", "n"), matmul(transpose(X), inner, X))
    return trace(inner), X


def seconds(f: Expr, variable: Expr, style: str) -> float | None:
    """The time to derive, verify and print; None where the style refuses."""
    names = f if style == "backprop" else None
    start = time.perf_counter()
    try:
        derivation = derivation_of(Problem(f, (variable,), style, named=names))
    except MdiffError:
        return None
    judged(derivation)
    for line in derivation.lines:
        print_latex(line.expr, Notation(), {derivation.f: "f"})
    return time.perf_counter() - start


def row(make: Callable[[int], tuple[Expr, Expr]], depths: tuple[int, ...], style: str) -> str:
    """One line of the table."""
    cells, times = [], []
    for depth in depths:
        if times and times[-1] > LIMIT:
            break
        took = seconds(*make(depth), style)
        if took is None:
            break
        times.append(took)
        cells.append(f"{1e3 * took:10.1f}")
    cells += ["         -"] * (len(depths) - len(cells))
    known = len(times) > 1
    slope = math.log2(times[-1] / times[-2]) / math.log2(depths[1] / depths[0]) if known else 0
    return f"{make.__name__:10} {style:13}{''.join(cells)}   {slope:5.2f}"


def main() -> None:
    """Print the table, in milliseconds."""
    seconds(*chain(1), "backprop")
    for makes, depths, styles in (
        ((chain, shared, inverses, products, sums), DEPTHS, STYLES),
        ((network,), NAMED_DEPTHS, ("backprop",)),
    ):
        print(f"{'ms at depth':24}{''.join(f'{depth:10}' for depth in depths)}   slope")
        for make in makes:
            for style in styles:
                print(row(make, depths, style), flush=True)


if __name__ == "__main__":
    main()
