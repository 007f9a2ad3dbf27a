"""An expression with other arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdiff_pandoc.expr import build, special
from mdiff_pandoc.expr.dims import ONE
from mdiff_pandoc.expr.node import Expr, Layout, Op, make

_WITH_DATA = frozenset(
    {
        Op.ENTRY, Op.ROW, Op.COLUMN, Op.INDEX_SUM, Op.FUNC, Op.NORM, Op.EXPECTATION, Op.NAMED,
    }
)  # fmt: skip


def rebuild(expr: Expr, args: Sequence[Expr]) -> Expr:
    """``expr`` with other arguments, through its constructor, so that shapes are checked."""
    if all(new is old for new, old in zip(args, expr.args, strict=True)):
        return expr
    data = expr.data
    match expr.op:
        case Op.SUM:
            return build.add(*args)
        case Op.MUL | Op.MATMUL:
            return build.matmul(*args)
        case Op.HADAMARD:
            return build.hadamard(*args)
        case Op.UNVEC:
            return build.unvec(args[0], expr.shape)
        case Op.TRIANGLE:
            return build.triangle(args[0], str(data))
        case Op.DERIVATIVE:
            return special.derivative(args[0], args[1], Layout(str(data)))
        case Op.BLOCK:
            assert isinstance(data, tuple)
            width = data[1]
            return special.block(
                [args[start : start + width] for start in range(0, len(args), width)]
            )
        case Op.APPLY:
            return special.apply(str(data), args, expr.shape)
        case Op.SLOPE:
            assert isinstance(data, int)
            return special.slope(args[0], data)
        case Op.MATRIX_FUNCTION:
            return special.matrix_function(str(data), args[0])
        case Op.EIGENVALUE:
            return special.eigenvalue(args[0], _index(data))
        case Op.EIGENVECTOR:
            return special.eigenvector(args[0], _index(data))
        case Op.SINGULAR_VECTOR:
            return special.singular_vector(args[0], str(data))
        case op if op in _WITH_DATA:
            return _rebuild_with_data(expr, args[0])
        case _:
            return _PLAIN[expr.op](*args)


def _index(data: object) -> int | str:
    assert isinstance(data, int | str)
    return data


def _rebuild_with_data(expr: Expr, body: Expr) -> Expr:
    shape = body.shape
    if expr.op is Op.ROW:
        shape = (ONE, body.shape[1])
    elif expr.op is Op.COLUMN:
        shape = (body.shape[0], ONE)
    elif expr.op in (Op.ENTRY, Op.NORM):
        shape = expr.shape
    return make(expr.op, (body,), data=expr.data, shape=shape)


_PLAIN: dict[Op, Callable[..., Expr]] = {
    Op.SCALE: build.scale,
    Op.POWER: build.power,
    Op.INVERSE: build.inverse,
    Op.TRANSPOSE: build.transpose,
    Op.TRACE: build.trace,
    Op.DET: build.det,
    Op.HDIV: build.hdivide,
    Op.HPOWER: build.hpower,
    Op.DIAG: build.diag,
    Op.DIAGONAL: build.diagonal,
    Op.KRON: build.kron,
    Op.VEC: build.vec,
    Op.DIFF: build.diff,
    Op.PSEUDO_INVERSE: special.pseudo_inverse,
    Op.ADJUGATE: special.adjugate,
    Op.CROSS: special.cross,
    Op.SOFTMAX: special.softmax,
    Op.LARGEST: special.largest,
    Op.LOGSUMEXP: special.logsumexp,
}
