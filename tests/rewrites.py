"""True rewrites of an expression at random places, none of them taken from the engine's rules."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from mdiff_pandoc import expr as ex
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import ONE, Expr, Op

T = ex.transpose
_CLOSED = {Op.DIFF, Op.SYMBOL, Op.NUMBER, Op.DERIVATIVE, Op.INDEX_SUM, Op.DIMENSION}


def rewritten(rng: Random, expr: Expr) -> Expr:
    """The expression with one rewrite at a random place; itself where none is found."""
    places = list(_places(expr, ()))
    rng.shuffle(places)
    for path, node in places:
        try:
            found = [new for new in _rewrites(rng, node) if new is not node]
        except MdiffError:
            continue
        if not found:
            continue
        new = rng.choice(found)
        assert new.shape == node.shape, (node, new)
        try:
            return _put(expr, path, new)
        except MdiffError:
            continue
    return expr


def _places(expr: Expr, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Expr]]:
    yield path, expr
    if expr.op not in _CLOSED:
        for position, arg in enumerate(expr.args):
            yield from _places(arg, (*path, position))


def _put(expr: Expr, path: tuple[int, ...], new: Expr) -> Expr:
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = _put(args[path[0]], path[1:], new)
    return ex.rebuild(expr, args)


def _rewrites(rng: Random, node: Expr) -> Iterator[Expr]:
    """Expressions that equal a node wherever all of them have values."""
    args = node.args
    match node.op:
        case Op.TRANSPOSE:
            yield from _of_transpose(args[0])
        case Op.MATMUL:
            yield from _of_product(rng, node)
        case Op.SUM:
            yield from _of_sum(rng, node)
        case Op.MUL:
            yield ex.mul(*reversed(args))
            for place, factor in enumerate(args):
                if factor.op is Op.SUM:
                    rest = (*args[:place], *args[place + 1 :])
                    yield ex.add(*(ex.mul(*rest, term) for term in factor.args))
        case Op.SCALE if args[1].op is Op.SUM:
            yield ex.add(*(ex.scale(args[0], term) for term in args[1].args))
        case Op.SCALE if args[0].op is Op.SUM:
            yield ex.add(*(ex.scale(term, args[1]) for term in args[0].args))
        case Op.TRACE:
            yield from _of_trace(rng, args[0])
        case Op.DET:
            yield from _of_det(args[0])
        case Op.INVERSE:
            yield from _of_inverse(args[0])
        case Op.POWER if args[1] is ex.number(2):
            yield from _of_square(args[0])
        case Op.HADAMARD:
            yield ex.hadamard(*reversed(args))
            if args[0].is_vector:
                yield ex.matmul(ex.diag(args[0]), ex.hadamard(*args[1:]))
            if args[0].op is Op.SUM:
                yield ex.add(*(ex.hadamard(term, *args[1:]) for term in args[0].args))
        case Op.HPOWER if args[1] is ex.number(2):
            yield ex.hadamard(args[0], args[0])
        case Op.KRON:
            yield from _of_kron(*args)
        case Op.VEC:
            yield from _of_vec(args[0])
        case Op.FUNC:
            yield from _of_function(str(node.data), args[0])
        case Op.DIAG if args[0].op is Op.HADAMARD:
            yield ex.matmul(*(ex.diag(factor) for factor in args[0].args))
        case Op.DIAG if args[0].op is Op.SUM:
            yield ex.add(*(ex.diag(term) for term in args[0].args))
        case Op.DIAG:
            yield T(node)
        case Op.DIAGONAL if args[0].op is Op.MATMUL and len(args[0].args) == 2:
            left, right = args[0].args
            product = ex.hadamard(left, T(right))
            yield (
                ex.matmul(product, ex.ones(product.shape[1]))
                if product.shape[1] != ONE
                else product
            )
        case Op.DIAGONAL:
            yield ex.diagonal(T(args[0]))
        case Op.ENTRY:
            yield ex.entry(T(args[0]), *reversed(node.data))  # type: ignore[call-overload]
    if ONE not in node.shape and node.op is not Op.TRANSPOSE and rng.random() < 0.2:
        yield T(T(node))
    if node.shape[0] != ONE and node.op is not Op.IDENTITY and rng.random() < 0.1:
        yield ex.matmul(ex.identity(node.shape[0]), node)
    if node.op is Op.SYMBOL and node.assumed("symmetric"):
        yield T(node)


def _of_transpose(body: Expr) -> Iterator[Expr]:
    match body.op:
        case Op.MATMUL:
            yield ex.matmul(*(T(factor) for factor in reversed(body.args)))
        case Op.SUM:
            yield ex.add(*(T(term) for term in body.args))
        case Op.SCALE:
            yield ex.scale(body.args[0], T(body.args[1]))
        case Op.HADAMARD:
            yield ex.hadamard(*(T(factor) for factor in body.args))
        case Op.INVERSE:
            yield ex.inverse(T(body.args[0]))
        case Op.KRON:
            yield ex.kron(T(body.args[0]), T(body.args[1]))
        case Op.TRANSPOSE:
            yield body.args[0]
        case Op.FUNC:
            yield ex.function(str(body.data), T(body.args[0]))
        case Op.DIAG | Op.IDENTITY:
            yield body
        case Op.SYMBOL if body.assumed("symmetric"):
            yield body


def _of_product(rng: Random, node: Expr) -> Iterator[Expr]:
    args = node.args
    for place, factor in enumerate(args):
        before, after = args[:place], args[place + 1 :]
        if factor.op is Op.SUM:
            yield ex.add(*(ex.matmul(*before, term, *after) for term in factor.args))
        if factor.op is Op.DIAG and after and after[0].is_vector:
            rest = ex.hadamard(factor.args[0], after[0])
            yield ex.matmul(*before, rest, *after[1:])
        if factor.op is Op.IDENTITY and len(args) > 1:
            yield ex.matmul(*before, *after)
    if node.is_scalar:
        yield ex.matmul(*(T(factor) for factor in reversed(args)))
        yield ex.trace(ex.matmul(*args[1:], args[0]))
    else:
        yield T(ex.matmul(*(T(factor) for factor in reversed(args))))
    if len(args) == 2 and all(arg.op is Op.INVERSE for arg in args):
        yield ex.inverse(ex.matmul(args[1].args[0], args[0].args[0]))
    if len(args) == 2 and all(arg.op is Op.KRON for arg in args):
        (a, b), (c, d) = (arg.args for arg in args)
        if a.shape[1] == c.shape[0] and b.shape[1] == d.shape[0]:
            yield ex.kron(ex.matmul(a, c), ex.matmul(b, d))
    if len(args) == 2 and args[0].op is Op.KRON and args[1].op is Op.VEC:
        (b, a), x = args[0].args, args[1].args[0]
        if a.shape[1] == x.shape[0] and b.shape[1] == x.shape[1]:
            yield ex.vec(ex.matmul(a, x, T(b)))
    if node.is_scalar and args[-1].op is Op.VEC and args[0].op is Op.TRANSPOSE:
        left = args[0].args[0]
        if len(args) == 2 and left.op is Op.VEC:
            yield ex.trace(ex.matmul(T(left.args[0]), args[1].args[0]))
    del rng


def _of_sum(rng: Random, node: Expr) -> Iterator[Expr]:
    yield ex.add(*reversed(node.args))
    heads = [arg.args[0] for arg in node.args if arg.op is Op.MATMUL]
    if len(heads) == len(node.args) and len(set(heads)) == 1:
        yield ex.matmul(heads[0], ex.add(*(ex.matmul(*arg.args[1:]) for arg in node.args)))
    extra = rng.choice(node.args)
    yield ex.sub(ex.add(*node.args, extra), extra)


def _of_trace(rng: Random, body: Expr) -> Iterator[Expr]:
    yield ex.trace(T(body))
    if body.op is Op.MATMUL:
        place = rng.randint(1, len(body.args) - 1)
        yield ex.trace(ex.matmul(*body.args[place:], *body.args[:place]))
        left, right = body.args[0], ex.matmul(*body.args[1:])
        if ONE not in left.shape:
            both = ex.hadamard(T(left), right)
            yield ex.matmul(T(ex.ones(both.shape[0])), both, ex.ones(both.shape[1]))
            yield ex.matmul(T(ex.vec(T(left))), ex.vec(right))
    if body.op is Op.SUM:
        yield ex.add(*(ex.trace(term) for term in body.args))
    if body.op is Op.SCALE:
        yield ex.mul(body.args[0], ex.trace(body.args[1]))
    if body.op is Op.KRON and all(part.shape[0] == part.shape[1] for part in body.args):
        yield ex.mul(ex.trace(body.args[0]), ex.trace(body.args[1]))
    if body.op is Op.IDENTITY:
        yield ex.dimension(body.shape[0])
    if not body.is_scalar:
        yield ex.matmul(T(ex.ones(body.shape[0])), ex.diagonal(body))


def _of_det(body: Expr) -> Iterator[Expr]:
    yield ex.det(T(body))
    if body.op is Op.MATMUL and all(arg.shape[0] == arg.shape[1] for arg in body.args):
        yield ex.mul(*(ex.det(arg) for arg in body.args))
    if body.op is Op.INVERSE:
        yield ex.power(ex.det(body.args[0]), -1)
    if body.op is Op.SCALE:
        yield ex.mul(ex.power(body.args[0], ex.dimension(body.shape[0])), ex.det(body.args[1]))


def _of_inverse(body: Expr) -> Iterator[Expr]:
    if body.op is Op.MATMUL and all(arg.shape[0] == arg.shape[1] for arg in body.args):
        yield ex.matmul(*(ex.inverse(arg) for arg in reversed(body.args)))
    if body.op is Op.TRANSPOSE:
        yield T(ex.inverse(body.args[0]))
    if body.op is Op.INVERSE:
        yield body.args[0]
    if body.op is Op.SCALE:
        yield ex.divide(ex.inverse(body.args[1]), body.args[0])
    if body.op is Op.KRON and all(part.shape[0] == part.shape[1] for part in body.args):
        yield ex.kron(ex.inverse(body.args[0]), ex.inverse(body.args[1]))


def _of_square(base: Expr) -> Iterator[Expr]:
    if base.op is Op.NORM and base.data == "F" and not base.args[0].is_scalar:
        body = base.args[0]
        yield ex.trace(ex.matmul(T(body), body))
        yield ex.trace(ex.matmul(body, T(body)))
    elif base.op is Op.NORM and base.args[0].is_vector and base.data == "2":
        body = base.args[0]
        yield ex.matmul(T(body), body)
    elif base.is_scalar:
        yield ex.mul(base, base)
    else:
        yield ex.matmul(base, base)
    if base.op is Op.SUM and base.is_scalar and len(base.args) == 2:
        a, b = base.args
        yield ex.add(ex.power(a, 2), ex.mul(ex.number(2), a, b), ex.power(b, 2))


def _of_kron(left: Expr, right: Expr) -> Iterator[Expr]:
    if left.op is Op.MATMUL and right.op is Op.MATMUL:
        a, c = left.args[0], ex.matmul(*left.args[1:])
        b, d = right.args[0], ex.matmul(*right.args[1:])
        if ONE not in (a.shape[1], b.shape[1]):
            yield ex.matmul(ex.kron(a, b), ex.kron(c, d))
    if left.op is Op.SUM:
        yield ex.add(*(ex.kron(term, right) for term in left.args))
    if left.op is Op.TRANSPOSE and right.op is Op.TRANSPOSE:
        yield T(ex.kron(left.args[0], right.args[0]))


def _of_vec(body: Expr) -> Iterator[Expr]:
    if body.op is Op.MATMUL and len(body.args) == 3:
        a, x, b = body.args
        yield ex.matmul(ex.kron(T(b), a), ex.vec(x))
    if body.op is Op.MATMUL and len(body.args) == 2:
        a, x = body.args
        if ONE not in x.shape:
            yield ex.matmul(ex.kron(ex.identity(x.shape[1]), a), ex.vec(x))
    if body.op is Op.SUM:
        yield ex.add(*(ex.vec(term) for term in body.args))
    if body.op is Op.TRANSPOSE and ONE not in body.shape:
        inner = body.args[0]
        yield ex.matmul(ex.commutation(*inner.shape), ex.vec(inner))


def _of_function(name: str, body: Expr) -> Iterator[Expr]:
    if not body.is_scalar and body.op is Op.TRANSPOSE:
        yield T(ex.function(name, body.args[0]))
    if name == "exp" and body.op is Op.SUM:
        yield ex.hadamard(*(ex.function(name, term) for term in body.args))
    if name == "sin" and body.op in (Op.SCALE, Op.MUL) and body.args[0] is ex.number(-1):
        rest = body.args[1] if body.op is Op.SCALE else ex.mul(*body.args[1:])
        yield ex.neg(ex.function(name, rest))
    if name == "tanh" and body.is_scalar:
        double = ex.function("sigma", ex.mul(ex.number(2), body))
        yield ex.sub(ex.mul(ex.number(2), double), ex.number(1))
    if name == "sigma":
        one = ex.number(1) if body.is_scalar else ex.ones(*body.shape)
        yield ex.sub(one, ex.function(name, ex.neg(body)))
    if name == "cos" and body.is_scalar:
        yield ex.sub(
            ex.number(1),
            ex.mul(ex.number(2), ex.power(ex.function("sin", ex.divide(body, ex.number(2))), 2)),
        )
