"""The chain rule for names and for unspecified functions.

The gradient of an unspecified scalar function by an argument that has a name stays a symbol,
:math:`\\partial y / \\partial C`; by any other argument it is the slope :math:`\\nabla f` there.
Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    UNRESTRICTING,
    Expr,
    Op,
    Symbol,
    add,
    apply,
    derivative,
    diff,
    matmul,
    meta,
    named,
    rebuild,
    scale,
    slope,
    trace,
    transpose,
    unvec,
    vec,
    walk,
)
from mdiff_pandoc.expr.naming import free_name
from mdiff_pandoc.rules.differential_moves import argument_of, inner_product, sum_of
from mdiff_pandoc.rules.rule import Rule, Table, Varies

_VARIABLES = frozenset({Op.SYMBOL, Op.NAMED, Op.APPLY})


def _call(expr: Expr) -> tuple[Expr, Expr] | None:
    """What is differentiated, and the call of an unspecified function that it is or names."""
    inner = argument_of(expr, Op.APPLY, Op.NAMED)
    if inner is None:
        return None
    call = inner
    while call.op is Op.NAMED:
        call = call.args[0]
    return (inner, call) if call.op is Op.APPLY else None


def _gradients(expr: Expr, varies: Varies) -> Expr | None:
    """``d f(C) = tr((∂f/∂C)^T dC)``, a term for each argument that varies.

    By a symbol whose values are restricted it is ``∇f``, which is that among all matrices.
    """
    found = _call(expr)
    if found is None or not found[0].is_scalar:
        return None
    function, call = found
    terms = []
    for position, arg in enumerate(call.args):
        if varies(arg):
            named_arg = arg.op is not Op.APPLY and not _is_restricted(arg)
            alone = named_arg and is_alone(call, position)
            by = derivative(function, arg) if alone else slope(call, position)
            terms.append(inner_product(by, diff(arg)))
    return sum_of(terms, function)


def _is_restricted(arg: Expr) -> bool:
    data = arg.data
    return isinstance(data, Symbol) and not data.assumptions <= UNRESTRICTING


def _jacobians(expr: Expr, varies: Varies) -> Expr | None:
    """``dF = (∂F/∂c^T) dc``; of matrices by their vec, by a scalar ``dF = (dF/dt) dt``."""
    found = _call(expr)
    if found is None or found[0].is_scalar:
        return None
    function, call = found
    terms = []
    for position, arg in enumerate(call.args):
        if varies(arg):
            terms.append(_term(*with_name(function, call, position)))
    return sum_of(terms, function)


def _term(function: Expr, arg: Expr) -> Expr:
    if arg.is_scalar:
        return scale(diff(arg), derivative(function, arg))
    by, step = (arg, diff(arg)) if arg.is_vector else (vec(arg), vec(diff(arg)))
    if function.is_vector:
        return matmul(derivative(function, by), step)
    return unvec(matmul(derivative(vec(function), by), step), function.shape)


def is_alone(call: Expr, position: int) -> bool:
    """Can the derivative by this argument be taken by its name: does no other depend on it?"""
    arg = call.args[position]
    if arg.op not in _VARIABLES:
        return False
    others = (*call.args[:position], *call.args[position + 1 :])
    return all(arg not in walk(other) for other in others)


def with_name(function: Expr, call: Expr, position: int) -> tuple[Expr, Expr]:
    """The function and its argument there, under a name of its own where it has none."""
    arg = call.args[position]
    if is_alone(call, position):
        return function, arg
    arg = named(free_name(call, arg.shape), arg)
    return rebuild(call, [*call.args[:position], arg, *call.args[position + 1 :]]), arg


def _second(expr: Expr, varies: Varies) -> Expr | None:
    """``d(∂F/∂t) = (∂²F/∂t²) dt``, and ``d(∂f/∂x) = (∂²f/∂x∂x^T) dx`` of a scalar f.

    ``d(∇f(u)) = (∂²f/∂u∂u^T) du`` where the argument u has no name yet.
    """
    at = argument_of(expr, Op.SLOPE)
    if at is not None:
        return _second_at(at, varies)
    inner = argument_of(expr, Op.DERIVATIVE)
    if inner is None or inner.args[1].op not in (Op.SYMBOL, Op.NAMED):
        return None
    function, by = inner.args
    call = innermost(function)
    if call.op is not Op.APPLY or [arg for arg in call.args if varies(arg)] != [by]:
        return None
    if by.is_scalar:
        return scale(diff(by), derivative(inner, by))
    return matmul(derivative(inner, by), diff(by)) if inner.is_vector else None


def _second_at(gradient: Expr, varies: Varies) -> Expr | None:
    call, position = gradient.args[0], gradient.data
    assert isinstance(position, int)
    if [i for i, arg in enumerate(call.args) if varies(arg)] != [position]:
        return None
    function, arg = with_name(call, call, position)
    inner = derivative(function, arg)
    if arg.is_scalar:
        return scale(diff(arg), derivative(inner, arg))
    return matmul(derivative(inner, arg), diff(arg)) if arg.is_vector else None


def innermost(function: Expr) -> Expr:
    """What is differentiated, perhaps several times, or named."""
    while function.op in (Op.DERIVATIVE, Op.NAMED):
        function = function.args[0]
    return function


def _definition(expr: Expr, _: Varies) -> Expr | None:
    inner = argument_of(expr, Op.NAMED)
    return None if inner is None else diff(inner.args[0])


_A = meta("A", "m", "n")
_P = meta("P", "p", "q")
_a = meta("a", "n")
_c = named("c", _a)
_f = apply("f", (_A, _P))
_F = apply("F", (_c,), (_A.shape[0], _c.shape[1]))
_g = apply("g", (_c,))

CHAIN: tuple[Rule, ...] = (
    Rule(
        "chain rule",
        Table.CHAIN,
        diff(_f),
        add(
            trace(matmul(transpose(slope(_f, 0)), diff(_A))),
            trace(matmul(transpose(slope(_f, 1)), diff(_P))),
        ),
        "MN ch. 5 §12",
        rewrite=_gradients,
    ),
    Rule(
        "chain rule for Jacobians",
        Table.CHAIN,
        diff(_F),
        matmul(derivative(_F, _c), diff(_a)),
        "MN ch. 5 §12",
        rewrite=_jacobians,
    ),
    Rule(
        "second derivative of an unspecified function",
        Table.CHAIN,
        diff(derivative(_g, _c)),
        matmul(derivative(derivative(_g, _c), _c), diff(_c)),
        "MN ch. 6 §3",
        rewrite=_second,
    ),
    Rule(
        "definition",
        Table.CHAIN,
        diff(named("C", _A)),
        diff(_A),
        "equality of what a name stands for",
        quiet=True,
        rewrite=_definition,
    ),
)
