"""How a derivative is to be laid out, as far as the notation says it."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import ONE, Expr, Layout, Op, add, matmul, scale, transpose
from mdiff_pandoc.latex.target import Target, style_of


class Manner(Struct, frozen=True):
    """The function and the variables as they are to be derived, and what the notation fixes.

    ``turned``: the function was written as a row without a sign of transposition round it.
    """

    f: Expr
    variables: tuple[Expr, ...]
    layout: Layout | None = None
    form: str = ""
    transposed: bool = False
    turned: bool = False


def manner_of(
    target: Target, f: Expr, variables: tuple[Expr, ...], wrapped: bool, form: str
) -> Manner:
    r"""The manner that a derivative is asked for in.

    ``wrapped``: the whole derivative is transposed; ``form`` is the option. Raises
    UnsupportedError where the notation asks for what there is not.
    """
    span, written = target.inner.span, target.operand
    if target.order == 2:
        if not f.is_scalar and not all(variable.is_scalar for variable in variables):
            raise UnsupportedError(
                "the second derivative of a vector or matrix has more than two indices",
                written.span,
                "ask for the Hessian of one entry, or of a scalar",
            )
        return Manner(
            f,
            variables[::-1] if wrapped else variables,
            layout=Layout.NUMERATOR if target.sided else None,
            form="vec" if target.vec else "",
        )
    if f.is_scalar:
        if target.vec:
            raise UnsupportedError(
                "the derivative of a scalar by the vec of a matrix is vec of its gradient",
                span,
                rf"ask for \frac{{\partial f}}{{\partial {target.variables[0].latex}}}",
            )
        return Manner(f, variables, transposed=target.flat != wrapped)
    [variable] = variables
    if target.vec:
        layout = Layout.NUMERATOR if target.flat and not target.lying else None
        layout = Layout.DENOMINATOR if target.lying and not target.flat else layout
        return Manner(f, variables, _turned(layout, wrapped), "vec")
    if variable.is_scalar:
        lying = transpose(f) if target.lying else f
        return Manner(transpose(lying) if wrapped else lying, variables)
    turned = f.shape[0] == ONE and variable.is_vector
    f = upright(f) if turned else f
    lying_down = turned or target.lying
    if f.is_vector and variable.is_vector:
        layout = None
        if target.flat != lying_down:
            layout = Layout.NUMERATOR if target.flat else Layout.DENOMINATOR
        return Manner(f, variables, _turned(layout, wrapped), turned=turned)
    f = transpose(f) if target.lying else f
    if target.flat or wrapped:
        raise UnsupportedError(
            "a derivative with more than two indices has no transpose",
            span,
            r"ask for \frac{\partial F}{\partial X}",
        )
    if not form and style_of(target.inner).startswith("jacobian"):
        raise UnsupportedError(
            "the Jacobian of a matrix function has several forms: vec and index",
            span,
            r"set the option form to vec, for \partial \operatorname{vec} F/\partial "
            r"\operatorname{vec}(X)^\top, or to index, for \partial F_{ij}/\partial X_{pq}",
        )
    return Manner(f, variables)


def _turned(layout: Layout | None, wrapped: bool) -> Layout | None:
    """The layout of the transposed derivative."""
    if not wrapped:
        return layout
    return Layout.NUMERATOR if layout is Layout.DENOMINATOR else Layout.DENOMINATOR


def upright(row: Expr) -> Expr:
    """The column vector of a row, the transpose moved inwards."""
    match row.op:
        case Op.TRANSPOSE:
            return row.args[0]
        case Op.SUM:
            return add(*map(upright, row.args))
        case Op.SCALE:
            return scale(row.args[0], upright(row.args[1]))
        case Op.MATMUL:
            return matmul(*map(_transposed, reversed(row.args)))
    return transpose(row)


def _transposed(factor: Expr) -> Expr:
    symmetric = factor.assumed("symmetric")
    if symmetric or factor.op is Op.TRANSPOSE:
        return factor if symmetric else factor.args[0]
    return transpose(factor)
