"""What is random in an expectation, and how its constants come out of it."""

from __future__ import annotations

from mdiff_pandoc.expr import Expr, Op, Symbol, expectation, matmul, mul, scale


def is_random(expr: Expr, around: Expr) -> bool:
    """Does an expression depend on what the expectation ``around`` it averages over?"""
    assert isinstance(around.data, tuple)
    return _depends(expr, frozenset(around.data))


def _depends(expr: Expr, names: frozenset[object]) -> bool:
    if not any(isinstance(s.data, Symbol) and s.data.name in names for s in expr.symbols):
        return False
    if expr.op is Op.EXPECTATION and isinstance(expr.data, tuple):
        return _depends(expr.args[0], names - frozenset(expr.data))
    return expr.op is Op.SYMBOL or any(_depends(arg, names) for arg in expr.args)


def expected(body: Expr, around: Expr) -> Expr:
    """The expectation of ``body`` with its constant factors in front of it and behind."""
    if not is_random(body, around):
        return body
    if body.op is Op.SCALE:
        coefficient, inner = body.args
        fixed, moving = _sorted(coefficient, around)
        rest = scale(mul(*moving), inner) if moving else inner
        whole = _average(rest, around) if moving else expected(rest, around)
        return scale(mul(*fixed), whole) if fixed else whole
    if body.op is Op.MUL:
        fixed, moving = _sorted(body, around)
        return mul(*fixed, _average(mul(*moving), around))
    if body.op is Op.MATMUL:
        random = [position for position, f in enumerate(body.args) if is_random(f, around)]
        first, last = random[0], random[-1] + 1
        middle = _average(matmul(*body.args[first:last]), around)
        return matmul(*body.args[:first], middle, *body.args[last:])
    return _average(body, around)


def _sorted(product: Expr, around: Expr) -> tuple[list[Expr], list[Expr]]:
    """The constant and the random factors of a product of scalars."""
    factors = product.args if product.op is Op.MUL else (product,)
    fixed = [factor for factor in factors if not is_random(factor, around)]
    return fixed, [factor for factor in factors if is_random(factor, around)]


def _average(body: Expr, around: Expr) -> Expr:
    return expectation(body, around.data)  # type: ignore[arg-type]
