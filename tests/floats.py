"""Values in floating point, by the exported NumPy code: a third opinion beside the judge's two."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mdiff_pandoc.expr import Dim, Expr, Meta, Op, Symbol, matmul, meta, rebuild, symbol, walk
from mdiff_pandoc.expr.numpy import numpy_source, parameters

STRUCTURES = {
    "symmetric",
    "positive definite",
    "diagonal",
    "skew",
    "orthogonal",
    "lower triangular",
    "upper triangular",
    "unit",
}


def grounded(expr: Expr) -> Expr:
    """``expr`` with symbols for metavariables, their differentials, and upstream gradients."""
    if expr.op in (Op.SLOPE, Op.DERIVATIVE):
        return symbol(f"g_{expr.args[0].data}_{expr.args[-1].data}_{expr.data}", *expr.shape)
    if expr.op is Op.META and isinstance(expr.data, Meta):
        return symbol(expr.data.name, *expr.shape, expr.data.requires)
    if expr.op is Op.DIFF:
        inner = grounded(expr.args[0])
        assert isinstance(inner.data, Symbol), "the differential of a compound has no value"
        if inner.data.assumptions & {"orthogonal", "unit"}:
            turn = symbol("d_" + inner.data.name, inner.shape[0], inner.shape[0], ("skew",))
            return matmul(turn, inner)
        words = inner.data.assumptions & {"constant", "symmetric"}
        words |= {"symmetric"} if "positive definite" in inner.data.assumptions else set()
        return symbol("d_" + inner.data.name, *inner.shape, words)
    return rebuild(expr, [grounded(arg) for arg in expr.args]) if expr.args else expr


def named(expr: Expr) -> Expr:
    """``expr`` with symbols for metavariables, of the same name, shape and assumptions."""
    if isinstance(expr.data, Meta):
        words = expr.data.requires
        words |= {"symmetric"} if words & {"diagonal", "positive definite"} else frozenset()
        return symbol(expr.data.name, *expr.shape, words)
    return rebuild(expr, [named(arg) for arg in expr.args]) if expr.args else expr


def moving(expr: Expr) -> Expr:
    """``expr`` with metavariables for symbols, which differentials do not see."""
    if isinstance(expr.data, Symbol) and "constant" not in expr.data.assumptions:
        return meta(expr.data.name, *expr.shape, requires=tuple(expr.data.assumptions))
    return rebuild(expr, [moving(arg) for arg in expr.args]) if expr.args else expr


def values(exprs: list[Expr], seed: int) -> list[Any]:
    """The value of every expression at one random point; None where NumPy has none it can trust.

    A value that a tiny change of the point changes much is not trusted.
    """
    rng = np.random.default_rng(seed)
    symbols = tuple(dict.fromkeys(s for e in exprs for s in parameters(e)))
    random = {
        name for e in exprs for node in walk(e) if node.op is Op.EXPECTATION for name in node.data
    }
    names = sorted({name for e in exprs for name in _dims(e)})
    sizes = {name: 2 + (i + seed) % 4 for i, name in enumerate(names)}
    for index in frozenset().union(*(e.free for e in exprs)):
        sizes[index] = 1 if seed == 1 else 1 + ord(index[0]) % 2
    point = [float(2 + seed) if _is_exponent(s) else value(s, sizes, rng) for s in symbols]
    for place, node in enumerate(symbols):
        if node.data.name in random:
            point[place] = np.array([value(node, sizes, rng) for _ in range(3)])
    near = [part * (1 + 1e-11) for part in point]
    return [_steady(expr, symbols, point, near, sizes) for expr in exprs]


def _steady(
    expr: Expr,
    symbols: tuple[Expr, ...],
    point: list[Any],
    near: list[Any],
    sizes: Mapping[str, int],
) -> Any:
    here, there = _run(expr, symbols, point, sizes), _run(expr, symbols, near, sizes)
    return here if here is not None and there is not None and same(here, there) else None


def _dims(expr: Expr) -> set[str]:
    own = expr.shape[0].names | expr.shape[1].names
    if isinstance(expr.data, Dim):
        own |= expr.data.names
    return own.union(*(_dims(arg) for arg in expr.args))


def value(expr: Expr, sizes: Mapping[str, int], rng: np.random.Generator) -> Any:
    """A random value for a symbol, away from 0 and within its assumptions."""
    assert isinstance(expr.data, Symbol)
    words = expr.data.assumptions
    shape = tuple(_size(dim, sizes) for dim in expr.shape)
    if expr.is_scalar:
        return float(rng.uniform(0.2, 0.45))
    array = rng.uniform(0.2, 0.45, shape)
    if "diagonal" in words:
        return np.diag(np.diag(array))
    if "positive definite" in words:
        return array @ array.T + np.eye(shape[0])
    if "symmetric" in words:
        return array + array.T
    if "skew" in words:
        return array - array.T
    if "lower triangular" in words:
        return np.tril(array)
    if "upper triangular" in words:
        return np.triu(array)
    if "orthogonal" in words:
        tall = shape[0] >= shape[1]
        return np.linalg.qr(array)[0] if tall else np.full(shape, np.nan)
    if "unit" in words:
        return array / np.linalg.norm(array)
    return array


def _is_exponent(expr: Expr) -> bool:
    return isinstance(expr.data, Symbol) and expr.data.name == "k"


def _size(dim: Dim, sizes: Mapping[str, int]) -> int:
    return dim.at(sizes)


def _run(expr: Expr, symbols: tuple[Expr, ...], point: list[Any], sizes: Mapping[str, int]) -> Any:
    namespace: dict[str, Any] = {}
    exec(numpy_source(expr, symbols), namespace)
    call: Callable[..., Any] = namespace["derivative"]
    extra = list(inspect.signature(call).parameters)[len(symbols) :]
    rest: list[Any] = []
    for name in extra:
        if name in sizes:
            rest.append(sizes[name])
        elif name == "f":
            rest.append(lambda x: np.exp(x) + x**2)
        elif name == "df":
            rest.append(lambda x: np.exp(-x) + 3 * x)
        else:
            return None
    with np.errstate(all="ignore"):
        try:
            result = np.asarray(call(*point, *rest))
        except (np.linalg.LinAlgError, IndexError, TypeError):
            return None
    sound = np.isrealobj(result) and np.all(np.isfinite(result))
    return result if sound else None


def same(left: Any, right: Any) -> bool:
    """Do two values agree to about six digits?"""
    return bool(np.allclose(left, right, rtol=1e-6, atol=1e-6 * (1 + np.abs(left).max())))
