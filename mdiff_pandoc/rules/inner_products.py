"""The table of inner-product (adjoint) rules: they bring ``dX`` to the end of ``tr(G^T dX)``.

``Z`` is the factor that holds the differential. Sources: Magnus & Neudecker, *Matrix Differential
Calculus*, 3rd ed. (MN); Minka, *Old and New Matrix Algebra Useful for Statistics*, 2000.
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
    ONE,
    Dim,
    Expr,
    Op,
    Range,
    basis,
    column,
    diag,
    diagonal,
    entry,
    hadamard,
    hdivide,
    identity,
    index_sum,
    kron,
    matmul,
    meta,
    mul,
    number,
    rebuild,
    row,
    scale,
    trace,
    transpose,
    triangle,
    unvec,
    vec,
    walk,
)
from mdiff_pandoc.rules.inner_products_special import SPECIAL
from mdiff_pandoc.rules.rule import Rewrite, Rule, Table, Varies

_mn = Dim.of("m") * Dim.of("n")
_P = meta("P", "k", "m", optional=True)
_Pnm = meta("P", "n", "m", optional=True)
_Z = meta("Z", "m", "n", active=True)
_Znm = meta("Z", "n", "m", active=True)
_Zmm = meta("Z", "m", "m", active=True)
_Q = meta("Q", "n", "k", segment=True)
_Qmn = meta("Q", "m", "n")
_Pmm = meta("P", "m", "m", optional=True)
_p = meta("p", 1, "m", segment=True)
_q = meta("q", "m")
_z = meta("z", "m", active=True)
_qs = meta("q", "m", segment=True)
_zmn = meta("z", _mn, active=True)
_pmn = meta("p", 1, _mn, segment=True)
_s = meta("s", active=True)
_X = meta("X", "n", "n")
_Znn = meta("Z", "n", "n", active=True)


def _through_index_sum(expr: Expr, _: Varies) -> Expr | None:
    """``f(Σ_i Z) = Σ_i f(Z)`` for a linear f, at the index sum that holds the differential."""
    for position, arg in enumerate(expr.args):
        if arg.op is Op.INDEX_SUM and arg.has_diff and isinstance(arg.data, Range):
            if any(arg.data.index in other.free for other in expr.args):
                return None
            args = [*expr.args[:position], arg.args[0], *expr.args[position + 1 :]]
            return index_sum(arg.data.index, arg.data.upper, rebuild(expr, args), arg.data.lower)
    return None


def _picked(op: Op) -> Rewrite:
    """An entry, a row or a column as a product with unit vectors."""

    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        return _with_units(expr) if expr.has_diff and expr.op is op else None

    return rewrite


def _with_units(expr: Expr) -> Expr:
    body = expr.args[0]
    rows, columns = body.shape
    first, second = expr.data if isinstance(expr.data, tuple) else (expr.data, expr.data)
    factors = [body]
    if expr.op is not Op.COLUMN and rows != ONE:
        factors.insert(0, transpose(basis(first, rows)))
    if expr.op is not Op.ROW and columns != ONE:
        factors.append(basis(second, columns))
    return matmul(*factors)


def _sum_in_front(expr: Expr, _: Varies) -> Expr | None:
    """``Σ_i c_i tr(P_i Z) = tr((Σ_i c_i P_i) Z)`` when Z does not depend on i; likewise p^T z."""
    if expr.op is not Op.INDEX_SUM or not isinstance(expr.data, Range):
        return None
    span, body = expr.data, expr.args[0]
    factors = body.args if body.op is Op.MUL else (body,)
    active = next(factor for factor in factors if factor.has_diff)
    coefficients = [factor for factor in factors if factor is not active]
    inner = active.args[0] if active.op is Op.TRACE else active
    chain = inner.args if inner.op is Op.MATMUL else (inner,)
    if span.index in chain[-1].free or not chain[-1].has_diff:
        return None
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(chain[-1].shape[0])
    before = number(1) if active.is_scalar and chain[-1] is active else before
    summand = matmul(*coefficients, before) if coefficients else before
    total = index_sum(span.index, span.upper, summand, span.lower)
    product = matmul(total, chain[-1])
    return trace(product) if active.op is Op.TRACE else product


def _triangle(expr: Expr, _: Varies) -> Expr | None:
    """``tr(P tril(Z)) = tr(triu(P) Z)``, and the other way about."""
    if expr.op is not Op.TRACE or not expr.has_diff:
        return None
    chain = expr.args[0].args if expr.args[0].op is Op.MATMUL else (expr.args[0],)
    part = chain[-1]
    if part.op is not Op.TRIANGLE or any(factor.has_diff for factor in chain[:-1]):
        return None
    side = "upper" if part.data == "lower" else "lower"
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(part.shape[0])
    return trace(matmul(triangle(before, side), part.args[0]))


def _kronecker(expr: Expr, _: Varies) -> Expr | None:
    """``tr(P (Q ⊗ Z))`` or ``tr(P (Z ⊗ Q))``, block by block."""
    if expr.op is not Op.TRACE:
        return None
    chain = expr.args[0].args if expr.args[0].op is Op.MATMUL else (expr.args[0],)
    product = chain[-1]
    if product.op is not Op.KRON or not product.has_diff:
        return None
    if any(factor.has_diff for factor in chain[:-1]):
        return None
    left, right = product.args
    square = left.shape[0] == left.shape[1] and right.shape[0] == right.shape[1]
    if len(chain) == 1 and square:
        return mul(trace(left), trace(right))
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(product.shape[1])
    constant, active = (left, right) if right.has_diff else (right, left)
    if before.op is Op.KRON and before.args[0].shape == (left.shape[1], left.shape[0]):
        first, second = before.args
        return mul(
            trace(matmul(second if right.has_diff else first, active)),
            trace(matmul(first if right.has_diff else second, constant)),
        )
    names = _fresh(expr)
    i, j = names
    unit = identity(active.shape[1]), identity(active.shape[0])
    diagonal_only = constant.op is Op.IDENTITY
    e_i = basis(i, constant.shape[0])
    e_j = e_i if diagonal_only else basis(j, constant.shape[1])
    if right.has_diff:
        block = matmul(kron(transpose(e_j), unit[0]), before, kron(e_i, unit[1]))
    else:
        block = matmul(kron(unit[0], transpose(e_j)), before, kron(unit[1], e_i))
    if not diagonal_only:
        block = index_sum(j, constant.shape[1], scale(entry(constant, i, j), block))
    summed = index_sum(i, constant.shape[0], block)
    return trace(matmul(summed, active))


def _fresh(expr: Expr) -> tuple[str, str]:
    """Two index names that do not occur in ``expr``."""
    used = {node.data.index for node in walk(expr) if isinstance(node.data, Range)} | expr.free
    names = [
        name for name in ("i", "j", "k", "l", "r", "s", "t", "u", "v", "w") if name not in used
    ]
    return names[0], names[1]


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    source: str,
    *,
    quiet: bool = False,
) -> Rule:
    return Rule(name, Table.INNER_PRODUCT, left, right, source, quiet)


INNER_PRODUCTS: tuple[Rule, ...] = (
    _rule(
        "cyclic property",
        trace(matmul(_P, _Z, _Q)),
        trace(matmul(_Q, _P, _Z)),
        "MN ch. 1 §10",
    ),
    _rule(
        "trace of a transpose",
        trace(matmul(_Pnm, transpose(_Znm))),
        trace(matmul(transpose(_Pnm), _Znm)),
        "MN ch. 1 §10",
    ),
    _rule(
        "Hadamard product under a trace",
        trace(matmul(_Pnm, hadamard(_Qmn, _Z))),
        trace(matmul(transpose(hadamard(transpose(_Pnm), _Qmn)), _Z)),
        "MN ch. 3 §6; Minka §2",
    ),
    _rule(
        "elementwise quotient under a trace",
        trace(matmul(_Pnm, hdivide(_Z, _Qmn))),
        trace(matmul(transpose(hdivide(transpose(_Pnm), _Qmn)), _Z)),
        "MN ch. 3 §6",
    ),
    _rule(
        "Diag under a trace",
        trace(matmul(_Pmm, diag(_z))),
        matmul(transpose(diagonal(_Pmm)), _z),
        "Minka §2",
    ),
    _rule(
        "unvec under a trace",
        trace(matmul(_Pnm, unvec(_zmn, _Z.shape))),
        matmul(transpose(vec(transpose(_Pnm))), _zmn),
        "MN ch. 2 §4",
    ),
    Rule(
        "triangular part under a trace",
        Table.INNER_PRODUCT,
        trace(matmul(_Pmm, triangle(_Zmm, "lower"))),
        trace(matmul(triangle(_Pmm, "upper"), _Zmm)),
        "linearity, MN ch. 1 §10",
        rewrite=_triangle,
    ),
    Rule(
        "Kronecker product under a trace",
        Table.INNER_PRODUCT,
        trace(
            matmul(
                kron(meta("P", "n", "m"), meta("R", "q", "p")),
                kron(_Qmn, meta("Z", "p", "q", active=True)),
            )
        ),
        mul(
            trace(matmul(meta("R", "q", "p"), meta("Z", "p", "q", active=True))),
            trace(matmul(meta("P", "n", "m"), _Qmn)),
        ),
        "MN ch. 2 §2",
        rewrite=_kronecker,
    ),
    Rule(
        "sum over an index",
        Table.INNER_PRODUCT,
        trace(index_sum("i", "r", scale(entry(meta("a", "r"), "i", 1), _Zmm))),
        index_sum("i", "r", trace(scale(entry(meta("a", "r"), "i", 1), _Zmm))),
        "linearity, MN ch. 1 §10",
        quiet=True,
        rewrite=_through_index_sum,
    ),
    _rule("trace of a scalar", trace(_s), _s, "MN ch. 1 §10", quiet=True),
    _rule(
        "Hadamard product in an inner product",
        matmul(_p, hadamard(_q, _z)),
        matmul(transpose(hadamard(transpose(_p), _q)), _z),
        "MN ch. 3 §6",
    ),
    _rule(
        "elementwise quotient in an inner product",
        matmul(_p, hdivide(_z, _q)),
        matmul(transpose(hdivide(transpose(_p), _q)), _z),
        "MN ch. 3 §6",
    ),
    _rule(
        "Diag in an inner product",
        matmul(_p, diag(_z), _qs),
        matmul(transpose(hadamard(transpose(_p), _qs)), _z),
        "Minka §2",
    ),
    _rule(
        "diagonal in an inner product",
        matmul(_p, diagonal(_Zmm)),
        trace(matmul(diag(transpose(_p)), _Zmm)),
        "Minka §2",
    ),
    _rule(
        "vec in an inner product",
        matmul(_pmn, vec(_Z)),
        trace(matmul(transpose(unvec(transpose(_pmn), _Z.shape)), _Z)),
        "MN ch. 2 §4",
    ),
    _rule(
        "transpose of a scalar",
        matmul(meta("z", 1, "m", active=True), meta("q", "m", 1, segment=True)),
        matmul(
            transpose(meta("q", "m", 1, segment=True)), transpose(meta("z", 1, "m", active=True))
        ),
        "MN ch. 1 §4",
        quiet=True,
    ),
    Rule(
        "a scalar is its own trace",
        Table.INNER_PRODUCT,
        matmul(meta("p", 1, "m", optional=True), _Z, meta("q", "n", 1, optional=True)),
        trace(matmul(meta("q", "n", 1, optional=True), meta("p", 1, "m", optional=True), _Z)),
        "MN ch. 1 §10",
        condition=lambda bound: ONE not in bound.values["Z"].shape,
    ),
    Rule(
        "sum over an index, in front",
        Table.INNER_PRODUCT,
        index_sum("i", "r", mul(entry(meta("a", "r"), "i", 1), trace(matmul(_X, _Znn)))),
        trace(matmul(index_sum("i", "r", scale(entry(meta("a", "r"), "i", 1), _X)), _Znn)),
        "linearity, MN ch. 1 §10",
        quiet=True,
        rewrite=_sum_in_front,
    ),
    Rule(
        "entry as a product",
        Table.INNER_PRODUCT,
        entry(_Z, 1, 2),
        matmul(transpose(basis(1, "m")), _Z, basis(2, "n")),
        "MN ch. 1 §3",
        rewrite=_picked(Op.ENTRY),
    ),
    Rule(
        "row as a product",
        Table.INNER_PRODUCT,
        row(_Z, 1),
        matmul(transpose(basis(1, "m")), _Z),
        "MN ch. 1 §3",
        rewrite=_picked(Op.ROW),
    ),
    Rule(
        "column as a product",
        Table.INNER_PRODUCT,
        column(_Z, 2),
        matmul(_Z, basis(2, "n")),
        "MN ch. 1 §3",
        rewrite=_picked(Op.COLUMN),
    ),
    *SPECIAL,
)
