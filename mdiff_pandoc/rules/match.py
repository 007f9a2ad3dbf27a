"""Matching of rule patterns, and instantiation of their other side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from mdiff_pandoc.expr import (
    Dim,
    Expr,
    Meta,
    Op,
    Shape,
    dimension,
    hadamard,
    identity,
    make,
    matmul,
    mul,
    ones,
    rebuild,
    unvec,
    zero,
)

_COMMUTATIVE = {Op.HADAMARD: hadamard, Op.MUL: mul}


class Bindings(Struct):
    """What the metavariables and the dimension names of a pattern stand for.

    A metavariable without a value stands for an empty segment.
    """

    values: dict[str, Expr] = field(default_factory=dict)
    dims: dict[str, Dim] = field(default_factory=dict)

    def copy(self) -> Bindings:
        """Bindings that can be extended without touching these."""
        return Bindings(dict(self.values), dict(self.dims))


def match(pattern: Expr, expr: Expr) -> Bindings | None:
    """The bindings under which ``pattern`` is ``expr``, or None."""
    return next(_match(pattern, expr, Bindings()), None)


def _match(pattern: Expr, expr: Expr, bound: Bindings) -> Iterator[Bindings]:
    if isinstance(pattern.data, Meta):
        result = _bind(pattern, pattern.data, expr, bound)
        if result is not None:
            yield result
        return
    if pattern.op is Op.MATMUL:
        factors = expr.args if expr.op is Op.MATMUL else (expr,)
        yield from _match_chain(pattern.args, factors, bound)
        return
    if pattern.op is not expr.op or pattern.data != expr.data:
        return
    if pattern.op is Op.UNVEC:
        bound = bound.copy()
        if not _bind_shape(pattern.shape, expr.shape, bound):
            return
    if pattern.op in _COMMUTATIVE and len(pattern.args) == 2:
        yield from _match_commutative(pattern, expr, bound)
    elif len(pattern.args) == len(expr.args):
        if not pattern.args:
            result = bound.copy()
            if _bind_shape(pattern.shape, expr.shape, result):
                yield result
            return
        yield from _match_all(pattern.args, expr.args, bound)


def _match_all(
    patterns: Sequence[Expr], exprs: Sequence[Expr], bound: Bindings
) -> Iterator[Bindings]:
    if not patterns:
        yield bound
        return
    for result in _match(patterns[0], exprs[0], bound):
        yield from _match_all(patterns[1:], exprs[1:], result)


def _match_commutative(pattern: Expr, expr: Expr, bound: Bindings) -> Iterator[Bindings]:
    """Match ``Q ⊙ Z`` against a flat product: the marked factor to Z, the others to Q."""
    join = _COMMUTATIVE[pattern.op]
    first, second = pattern.args
    for position, factor in enumerate(expr.args):
        rest = join(*expr.args[:position], *expr.args[position + 1 :])
        if isinstance(first.data, Meta) and first.data.active:
            pair = (factor, rest)
        else:
            pair = (rest, factor)
        yield from _match_all((first, second), pair, bound)


def _match_chain(
    patterns: Sequence[Expr], factors: Sequence[Expr], bound: Bindings
) -> Iterator[Bindings]:
    if not patterns:
        if not factors:
            yield bound
        return
    head = patterns[0]
    data = head.data
    if not (isinstance(data, Meta) and data.segment):
        if factors:
            for result in _match(head, factors[0], bound):
                yield from _match_chain(patterns[1:], factors[1:], result)
        return
    least = 0 if data.optional else 1
    most = len(factors) - len(
        [p for p in patterns[1:] if not (isinstance(p.data, Meta) and p.data.optional)]
    )
    if not data.active:
        # the differential ends the segment, and starts the next part where that must hold it
        until = next((i for i, factor in enumerate(factors) if factor.has_diff), len(factors))
        most = min(most, until)
        if len(patterns) > 1 and patterns[1].has_diff and patterns[1].op is not Op.MATMUL:
            least = max(least, until)
    for count in range(most, least - 1, -1):
        if count == 0:
            yield from _match_chain(patterns[1:], factors, bound)
            continue
        segment = factors[0] if count == 1 else matmul(*factors[:count])
        for result in _match(head, segment, bound):
            yield from _match_chain(patterns[1:], factors[count:], result)


def _bind(pattern: Expr, data: Meta, expr: Expr, bound: Bindings) -> Bindings | None:
    if data.active != expr.has_diff:
        return None
    known = bound.values.get(data.name)
    if known is not None:
        return bound if known is expr else None
    if any(not expr.assumed(word) for word in data.requires):
        return None
    result = bound.copy()
    if not _bind_shape(pattern.shape, expr.shape, result):
        return None
    result.values[data.name] = expr
    return result


def _bind_shape(pattern: Shape, shape: Shape, bound: Bindings) -> bool:
    for wanted, actual in zip(pattern, shape, strict=True):
        name = wanted.name
        if name is None:
            if not wanted.names and wanted != actual:
                return False
        elif bound.dims.setdefault(name, actual) != actual:
            return False
    return True


def instantiate(pattern: Expr, bound: Bindings) -> Expr:
    """``pattern`` with its metavariables and dimensions replaced.

    An optional metavariable that matched nothing is the identity of its size.
    """
    if isinstance(pattern.data, Meta):
        value = bound.values.get(pattern.data.name)
        return value if value is not None else identity(pattern.shape[0].substitute(bound.dims))
    match pattern.op:
        case Op.IDENTITY:
            return identity(_size(pattern, bound)[0])
        case Op.ONES:
            return ones(*_size(pattern, bound))
        case Op.ZERO:
            return zero(*_size(pattern, bound))
        case Op.DIMENSION if isinstance(pattern.data, Dim):
            return dimension(pattern.data.substitute(bound.dims))
        case Op.UNVEC:
            return unvec(instantiate(pattern.args[0], bound), _size(pattern, bound))
        case Op.MATMUL:
            factors = [
                instantiate(arg, bound)
                for arg in pattern.args
                if not (isinstance(arg.data, Meta) and arg.data.name not in bound.values)
            ]
            return matmul(*factors)
        case _ if not pattern.args:
            return make(pattern.op, (), pattern.data, pattern.shape)
        case _:
            return rebuild(pattern, [instantiate(arg, bound) for arg in pattern.args])


def _size(pattern: Expr, bound: Bindings) -> Shape:
    rows, columns = pattern.shape
    return rows.substitute(bound.dims), columns.substitute(bound.dims)
