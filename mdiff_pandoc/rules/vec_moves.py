"""What the rules of the vec table do to an expression."""

from __future__ import annotations

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    Range,
    commutation,
    diag,
    hadamard,
    hdivide,
    identity,
    index_sum,
    kron,
    matmul,
    mul,
    number,
    ones,
    rebuild,
    scale,
    transpose,
    vec,
)
from mdiff_pandoc.rules.commutative import chain_of
from mdiff_pandoc.rules.transposes import transposed


def scalar_last(expr: Expr) -> Expr | None:
    """``(p^T z) a = a p^T z``."""
    split = _active_coefficient(expr)
    if split is None or split[1].op is not Op.MATMUL or not split[1].args[-1].has_diff:
        return None
    others, active = split
    return _times(others, matmul(expr.args[1], *active.args))


def trace_last(expr: Expr) -> Expr | None:
    """``tr(P Z) a = a vec(P^T)^T vec Z``."""
    split = _active_coefficient(expr)
    if split is None or split[1].op is not Op.TRACE:
        return None
    others, active = split
    chain = chain_of(active.args[0])
    if not chain[-1].has_diff:
        return None
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(chain[-1].shape[0])
    inner = matmul(transpose(vec(transposed(before))), vec(chain[-1]))
    return _times(others, matmul(expr.args[1], *inner.args))


def _active_coefficient(expr: Expr) -> tuple[list[Expr], Expr] | None:
    """The coefficients of a vector: those without and the one with the differential."""
    if expr.op is not Op.SCALE or not expr.args[0].has_diff or not expr.args[1].is_vector:
        return None
    coefficient = expr.args[0]
    factors = coefficient.args if coefficient.op is Op.MUL else (coefficient,)
    active = next(factor for factor in factors if factor.has_diff)
    return [factor for factor in factors if factor is not active], active


def _times(coefficients: list[Expr], product: Expr) -> Expr:
    return scale(mul(*coefficients), product) if coefficients else product


def elementwise(expr: Expr) -> Expr | None:
    """``a ⊙ z = Diag(a) z`` and ``z ⊘ a = Diag(1 ⊘ a) z``."""
    if not expr.has_diff or not expr.is_vector:
        return None
    split = _entry_by_entry(expr)
    return None if split is None else matmul(diag(split[0]), split[1])


def vec_elementwise(expr: Expr) -> Expr | None:
    """``vec(A ⊙ Z) = Diag(vec A) vec Z``, and the same of a quotient."""
    if expr.op is not Op.VEC or not expr.has_diff:
        return None
    split = _entry_by_entry(expr.args[0])
    if split is None:
        return None
    constant, active = split
    return matmul(diag(vec(constant)), vec(active))


def _entry_by_entry(expr: Expr) -> tuple[Expr, Expr] | None:
    """``C`` and ``Z`` where ``expr`` is ``C ⊙ Z``, entry by entry."""
    if expr.op is Op.HADAMARD:
        active = next(arg for arg in expr.args if arg.has_diff)
        return hadamard(*(arg for arg in expr.args if arg is not active)), active
    if expr.op is Op.HDIV and expr.args[0].has_diff:
        return hdivide(ones(*expr.shape), expr.args[1]), expr.args[0]
    return None


def diag_swapped(expr: Expr) -> Expr | None:
    """``Diag(z) a = Diag(a) z`` in a chain."""
    place = _active_place(expr)
    if place is None or expr.args[place].op is not Op.DIAG:
        return None
    after = expr.args[place + 1 :]
    if not after or after[-1].shape[1] != ONE:
        return None
    return matmul(*expr.args[:place], diag(matmul(*after)), expr.args[place].args[0])


def _active_place(expr: Expr) -> int | None:
    """Which factor of a chain holds the differential."""
    if expr.op is not Op.MATMUL:
        return None
    return next((i for i, factor in enumerate(expr.args) if factor.has_diff), None)


def row_transposed(expr: Expr) -> Expr | None:
    """``P z^T q = P q^T z``, where ``z^T q`` is a scalar."""
    place = _active_place(expr)
    if place is None or not expr.is_vector or place == len(expr.args) - 1:
        return None
    row, after = expr.args[place], expr.args[place + 1 :]
    if row.shape[0] != ONE:
        return None
    return matmul(*expr.args[:place], transposed(matmul(*after)), transposed(row))


def scalar_in_front(expr: Expr) -> Expr | None:
    """``P z (p^T q) = (p^T q) P z``."""
    place = _active_place(expr)
    if place is None or not expr.is_vector or place == len(expr.args) - 1:
        return None
    if expr.args[place].shape[1] != ONE:
        return None
    return scale(matmul(*expr.args[place + 1 :]), matmul(*expr.args[: place + 1]))


def kron_of_vectors(expr: Expr) -> Expr | None:
    """``a ⊗ z = (a ⊗ I) z`` and ``z ⊗ a = (I ⊗ a) z``."""
    if expr.op is not Op.KRON or not expr.has_diff or not expr.is_vector:
        return None
    left, right = expr.args
    if left.has_diff:
        return matmul(kron(identity(left.shape[0]), right), left)
    return matmul(kron(left, identity(right.shape[0])), right)


def vec_of_product(expr: Expr) -> Expr | None:
    """``vec(A Z B) = (B^T ⊗ A) vec Z``; a column ``A Z b`` is its own vec."""
    body = expr.args[0] if expr.op is Op.VEC else expr
    place = _active_place(body)
    if place is None or (expr.op is not Op.VEC and not expr.is_vector):
        return None
    active = body.args[place]
    if active.is_vector and expr.op is not Op.VEC:
        return None
    rows, columns = active.shape
    before, after = body.args[:place], body.args[place + 1 :]
    left = matmul(*before) if before else identity(rows)
    right = transposed(matmul(*after)) if after else identity(columns)
    return matmul(kron(right, left), active if active.is_vector else vec(active))


def vec_of_transpose(expr: Expr) -> Expr | None:
    """``vec(Z^T) = K_{m,n} vec Z``; the vec of a row is the transposed row."""
    if expr.op is not Op.VEC or not expr.has_diff:
        return None
    body = expr.args[0]
    if body.is_vector:
        return body
    if body.shape[0] == ONE:
        return transposed(body)
    if body.op is not Op.TRANSPOSE:
        return None
    inner = body.args[0]
    return matmul(commutation(*inner.shape), vec(inner))


def vec_of_kron(expr: Expr) -> Expr | None:
    """``vec(A ⊗ Z) = ((I ⊗ K)(vec A ⊗ I) ⊗ I) vec Z``, and with Z on the left."""
    if expr.op is not Op.VEC or not expr.has_diff or expr.args[0].op is not Op.KRON:
        return None
    left, right = expr.args[0].args
    (m, n), (p, q) = left.shape, right.shape
    if left.has_diff:
        inner = matmul(kron(commutation(q, m), identity(p)), kron(identity(m), vec(right)))
        return matmul(kron(identity(n), inner), vec(left))
    inner = matmul(kron(identity(n), commutation(q, m)), kron(vec(left), identity(q)))
    return matmul(kron(inner, identity(p)), vec(right))


def vec_of_diag(expr: Expr) -> Expr | None:
    """``vec(Diag z) = Diag(vec I) (1 ⊗ I) z``: z stacked n times, the diagonal kept."""
    if expr.op is not Op.VEC or expr.args[0].op is not Op.DIAG or not expr.has_diff:
        return None
    vector = expr.args[0].args[0]
    size = vector.shape[0]
    return matmul(diag(vec(identity(size))), kron(ones(size), identity(size)), vector)


def vec_of_diagonal_part(expr: Expr) -> Expr | None:
    """``vec(Diag(diag(Z))) = Diag(vec I) vec Z``."""
    if expr.op is not Op.VEC or expr.args[0].op is not Op.DIAG or not expr.has_diff:
        return None
    vector = expr.args[0].args[0]
    if vector.op is not Op.DIAGONAL:
        return None
    return matmul(diag(vec(identity(vector.shape[0]))), vec(vector.args[0]))


def diagonal_by_vec(expr: Expr) -> Expr | None:
    """``diag(Z) = (1^T ⊗ I) Diag(vec I) vec Z``; ``diag(A Diag(z) B) = (A ⊙ B^T) z``."""
    if expr.op is not Op.DIAGONAL or not expr.has_diff:
        return None
    body, size = expr.args[0], expr.shape[0]
    place = _active_place(body)
    if place is not None and body.args[place].op is Op.DIAG:
        before, after = body.args[:place], body.args[place + 1 :]
        left = matmul(*before) if before else identity(size)
        right = transposed(matmul(*after)) if after else identity(size)
        return matmul(hadamard(left, right), body.args[place].args[0])
    spread = kron(transpose(ones(size)), identity(size))
    return matmul(spread, diag(vec(identity(size))), vec(body))


def vec_inward(expr: Expr) -> Expr | None:
    """The vec of a multiple, of a sum over an index."""
    if expr.op is not Op.VEC or not expr.has_diff:
        return None
    body = expr.args[0]
    if body.op is Op.INDEX_SUM:
        return rebuild(body, [vec(body.args[0])])
    return scale(body.args[0], vec(body.args[1])) if body.op is Op.SCALE else None


def sum_in_front(expr: Expr) -> Expr | None:
    """``Σ_i A_i z = (Σ_i A_i) z`` when z does not depend on i."""
    if expr.op is not Op.INDEX_SUM or not isinstance(expr.data, Range) or not expr.has_diff:
        return None
    span, body = expr.data, expr.args[0]
    coefficient, product = body.args if body.op is Op.SCALE else (number(1), body)
    chain = chain_of(product)
    if coefficient.has_diff or not chain[-1].has_diff or span.index in chain[-1].free:
        return None
    before = matmul(*chain[:-1]) if len(chain) > 1 else identity(chain[-1].shape[0])
    summand = before if coefficient is number(1) else scale(coefficient, before)
    return matmul(index_sum(span.index, span.upper, summand, span.lower), chain[-1])


def scalar_outside(expr: Expr) -> Expr | None:
    """``(α Z) ⊘ A = α (Z ⊘ A)``, and the same of other linear operations."""
    if expr.op not in _LINEAR or not expr.has_diff:
        return None
    place = next(i for i, arg in enumerate(expr.args) if arg.has_diff)
    if expr.args[place].op is not Op.SCALE or (expr.op is Op.HDIV and place):
        return None
    coefficient, body = expr.args[place].args
    args = [*expr.args[:place], body, *expr.args[place + 1 :]]
    return scale(coefficient, rebuild(expr, args))


_LINEAR = frozenset({Op.HDIV, Op.ENTRY, Op.ROW, Op.COLUMN})


def through_index_sum(expr: Expr) -> Expr | None:
    """``A Σ_i Z B = Σ_i A Z B``."""
    place = _active_place(expr)
    if place is None or expr.args[place].op is not Op.INDEX_SUM:
        return None
    total = expr.args[place]
    assert isinstance(total.data, Range)
    if any(total.data.index in factor.free for factor in expr.args):
        return None
    inside = [*expr.args[:place], total.args[0], *expr.args[place + 1 :]]
    return rebuild(total, [rebuild(expr, inside)])
