"""What is random in an expectation, and how its constants come out of it."""

from __future__ import annotations

from mdiff_pandoc.expr import Expr, Op, Symbol, expectation, matmul, mul, scale, walk
from mdiff_pandoc.expr.numpy import parameters
from mdiff_pandoc.expr.substitute import substitute


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


def settled(expr: Expr, variables: frozenset[Expr]) -> Expr:
    """``expr`` where every expectation says what it is over.

    One that names nothing is over all symbols in it but the variables and the constants.
    """
    done: dict[Expr, Expr] = {}
    for node in sorted(_expectations(expr), key=lambda node: node.size):
        body = substitute(node.args[0], done)
        if node.data:
            done[node] = expectation(body, node.data)  # type: ignore[arg-type]
            continue
        free = [s for s in parameters(body) if s not in variables and not s.assumed("constant")]
        names = dict.fromkeys(s.data.name for s in free if isinstance(s.data, Symbol))
        done[node] = expectation(body, tuple(names))
    return substitute(expr, done) if done else expr


def _expectations(expr: Expr) -> list[Expr]:
    return [node for node in walk(expr) if node.op is Op.EXPECTATION]


def random_names(expr: Expr) -> tuple[Expr, ...]:
    """The symbols that the expectations in an expression are over."""
    found: dict[Expr, None] = {}
    for node in _expectations(expr):
        found |= dict.fromkeys(s for s in parameters(node) if is_random(s, node))
    return tuple(found)


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
