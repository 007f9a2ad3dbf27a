"""What the rules of Kronecker algebra do to an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from mdiff_pandoc.expr import (
    ONE,
    Dim,
    Expr,
    Op,
    add,
    commutation,
    diag,
    hadamard,
    identity,
    inverse,
    kron,
    matmul,
    scale,
    transpose,
    vec,
)
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.commutative import chain_of, product_of
from mdiff_pandoc.rules.transposes import transposed

Simplifier = Callable[[Expr], Expr | None]


def neighbours(join: Callable[[Expr, Expr], Expr | None]) -> Simplifier:
    """A rule for two neighbours in a chain."""

    def rewrite(expr: Expr) -> Expr | None:
        if expr.op is not Op.MATMUL:
            return None
        for place, (left, right) in enumerate(pairwise(expr.args)):
            new = join(left, right)
            if new is not None:
                factors = (*expr.args[:place], new, *expr.args[place + 2 :])
                return matmul(*factors)
        return None

    return rewrite


def identities(expr: Expr) -> Expr | None:
    """``I ⊗ I = I``, and coefficients in front."""
    if expr.op is not Op.KRON:
        return None
    left, right = expr.args
    if left.op is right.op is Op.IDENTITY:
        return identity(expr.shape[0])
    if left.op is Op.SCALE:
        return scale(left.args[0], kron(left.args[1], right))
    if right.op is Op.SCALE:
        return scale(right.args[0], kron(left, right.args[1]))
    return None


def outer(expr: Expr) -> Expr | None:
    """``a ⊗ b^T = b^T ⊗ a = a b^T``."""
    if expr.op is not Op.KRON:
        return None
    left, right = expr.args
    if left.shape[1] == ONE and right.shape[0] == ONE:
        return matmul(left, right)
    return matmul(right, left) if left.shape[0] == ONE and right.shape[1] == ONE else None


def mixed_product(left: Expr, right: Expr) -> Expr | None:
    """``(A ⊗ B)(C ⊗ D) = AC ⊗ BD``."""
    if left.op is not Op.KRON or right.op is not Op.KRON:
        return None
    if left.args[0].shape[1] != right.args[0].shape[0]:
        return None
    return kron(matmul(left.args[0], right.args[0]), matmul(left.args[1], right.args[1]))


def inverse_of_kron(expr: Expr) -> Expr | None:
    """``(A ⊗ B)^{-1} = A^{-1} ⊗ B^{-1}`` for square A and B."""
    if expr.op is not Op.INVERSE or expr.args[0].op is not Op.KRON:
        return None
    parts = expr.args[0].args
    if any(part.shape[0] != part.shape[1] for part in parts):
        return None
    return kron(*(inverse(part) for part in parts))


def plain_commutation(expr: Expr) -> Expr | None:
    """``K_{m,1} = K_{1,m} = I``, ``K_{m,n}^{-1} = K_{n,m}``."""
    if expr.op is Op.COMMUTATION and isinstance(expr.data, tuple):
        return identity(expr.shape[0]) if ONE in expr.data else None
    if expr.op is Op.INVERSE and expr.args[0].op is Op.COMMUTATION:
        return transposed(expr.args[0])
    return None


def commutations_cancel(expr: Expr) -> Expr | None:
    """``K_{m,n} K_{n,m} = I``."""
    if expr.op is not Op.MATMUL:
        return None
    for place, (left, right) in enumerate(pairwise(expr.args)):
        if left.op is Op.COMMUTATION and transposed(left) is right:
            return product_of((*expr.args[:place], *expr.args[place + 2 :]), expr.shape)
    return None


def transposed_vec(left: Expr, right: Expr) -> Expr | None:
    """``K_{m,n} vec A = vec(A^T)``, and the transpose of that."""
    if right.has_diff:
        return None
    if left.op is Op.COMMUTATION and right.op is Op.VEC:
        body = right.args[0]
        return vec(transposed(body)) if left.data == body.shape else None
    if right.op is Op.COMMUTATION and left.op is Op.TRANSPOSE and left.args[0].op is Op.VEC:
        body = left.args[0].args[0]
        return transpose(vec(transposed(body))) if right.data == body.shape[::-1] else None
    return None


def swapped(expr: Expr) -> Expr | None:
    """``K_{p,m} (A ⊗ B) K_{n,q} = B ⊗ A``, and where one of the two is I."""
    if expr.op is not Op.MATMUL:
        return None
    for place, factor in enumerate(expr.args):
        if factor.op is not Op.KRON:
            continue
        (first, second), start, stop = factor.args, place, place + 1
        (m, n), (p, q) = first.shape, second.shape
        before = place and _is_commutation(expr.args[place - 1], p, m)
        after = stop < len(expr.args) and _is_commutation(expr.args[stop], n, q)
        if (before or ONE in (m, p)) and (after or ONE in (n, q)) and (before or after):
            start, stop = start - bool(before), stop + bool(after)
            return matmul(*expr.args[:start], kron(second, first), *expr.args[stop:])
    return None


def _is_commutation(expr: Expr, rows: Dim, columns: Dim) -> bool:
    return expr.op is Op.COMMUTATION and expr.data == (rows, columns)


def vec_joined(left: Expr, right: Expr) -> Expr | None:
    """``(B^T ⊗ A) vec C = vec(A C B)``, and the transpose of that; never of a differential."""
    if right.has_diff:
        return None
    if left.op is Op.TRANSPOSE and left.args[0].op is Op.VEC:
        if right.op is not Op.KRON:
            return None
        joined = vec_joined(transposed(right), left.args[0])
        return None if joined is None else transpose(joined)
    if left.op is not Op.KRON or right.op is not Op.VEC:
        return None
    first, second = left.args
    body = right.args[0]
    if second.shape[1] != body.shape[0] or first.shape[1] != body.shape[1]:
        return None
    product = matmul(second, body, transposed(first))
    return product if product.is_vector else vec(product)


def vecs_joined(expr: Expr) -> Expr | None:
    """``vec A ⊙ vec B = vec(A ⊙ B)``; ``b ⊗ a = vec(a b^T)`` stays as it is."""
    if expr.op is not Op.HADAMARD or any(arg.op is not Op.VEC for arg in expr.args):
        return None
    if expr.has_diff:
        return None
    bodies = [arg.args[0] for arg in expr.args]
    if len({body.shape for body in bodies}) > 1:
        return None
    return vec(hadamard(*bodies))


def diags_joined(left: Expr, right: Expr) -> Expr | None:
    """``Diag(a) Diag(b) = Diag(a ⊙ b)``."""
    if left.op is right.op is Op.DIAG:
        return diag(hadamard(left.args[0], right.args[0]))
    return None


def row_times_diag(left: Expr, right: Expr) -> Expr | None:
    """``a^T Diag(b) = (a ⊙ b)^T``."""
    if right.op is not Op.DIAG or left.op is not Op.TRANSPOSE or not left.args[0].is_vector:
        return None
    return transpose(hadamard(left.args[0], right.args[0]))


def vec_of_outer(expr: Expr) -> Expr | None:
    """``vec(a b^T) = b ⊗ a``."""
    if expr.op is not Op.VEC or expr.args[0].op is not Op.MATMUL or expr.has_diff:
        return None
    factors = expr.args[0].args
    cut = next((i for i, factor in enumerate(factors) if factor.shape[0] == ONE), 0)
    if not cut or expr.args[0].shape[1] == ONE:
        return None
    return kron(transposed(matmul(*factors[cut:])), matmul(*factors[:cut]))


def sum_of_diags(expr: Expr) -> Expr | None:
    """``α Diag(a) + β Diag(b) = Diag(α a + β b)``; differentials stay in terms of their own."""
    if expr.op is not Op.SUM or expr.has_diff:
        return None
    places = [i for i, term in enumerate(expr.args) if _body(term).op is Op.DIAG]
    if len(places) < 2:
        return None
    parts = [_replaced(expr.args[i], _body(expr.args[i]).args[0]) for i in places]
    others = [term for i, term in enumerate(expr.args) if i not in places]
    others.insert(places[0], diag(add(*parts)))
    return add(*others)


def _body(term: Expr) -> Expr:
    return term.args[1] if term.op is Op.SCALE else term


def _replaced(term: Expr, body: Expr) -> Expr:
    return scale(term.args[0], body) if term.op is Op.SCALE else body


def common_kron_factor(expr: Expr) -> Expr | None:
    """``A ⊗ C + B ⊗ C = (A + B) ⊗ C``, from either side."""
    if expr.op is not Op.SUM:
        return None
    for side in (0, 1):
        groups: dict[Expr, list[int]] = {}
        for place, term in enumerate(expr.args):
            if _body(term).op is Op.KRON:
                groups.setdefault(_body(term).args[side], []).append(place)
        for shared, members in groups.items():
            if len(members) < 2:
                continue
            rest = [_replaced(expr.args[i], _body(expr.args[i]).args[1 - side]) for i in members]
            if len({part.shape for part in rest}) > 1:
                continue
            total = add(*rest)
            joined = kron(shared, total) if side == 0 else kron(total, shared)
            others = [term for i, term in enumerate(expr.args) if i not in members]
            others.insert(members[0], joined)
            new = add(*others)
            if length(new) <= length(expr):
                return new
    return None


def commutation_out(expr: Expr) -> Expr | None:
    """``C + K C = (I + K) C`` and ``C + C K = C (I + K)``, K moved through ``⊗`` where needed."""
    if expr.op is not Op.SUM:
        return None
    places = {(_coefficient(t), chain_of(_body(t))): i for i, t in enumerate(expr.args)}
    for j, other in enumerate(expr.args):
        chain = chain_of(_body(other))
        if not any(factor.op is Op.COMMUTATION for factor in chain):
            continue
        for plain, taken_out in _with_commutation(chain):
            i = places.get((_coefficient(other), plain))
            if i is None:
                continue
            others = [part for k, part in enumerate(expr.args) if k not in (i, j)]
            others.insert(min(i, j), _replaced(other, taken_out))
            total = add(*others)
            if length(total) < length(expr):
                return total
    return None


def _coefficient(term: Expr) -> Expr | None:
    return term.args[0] if term.op is Op.SCALE else None


def _with_commutation(chain: tuple[Expr, ...]) -> Iterator[tuple[tuple[Expr, ...], Expr]]:
    """C, and ``(I + K) C`` or ``C (I + K)``, for a chain that is ``K C`` or ``C K``."""
    for form in (chain, *_moved(chain)):
        first, last = form[0], form[-1]
        if first.op is Op.COMMUTATION:
            yield form[1:], matmul(add(identity(first.shape[0]), first), *form[1:])
        if last.op is Op.COMMUTATION:
            yield form[:-1], matmul(*form[:-1], add(identity(last.shape[0]), last))


def _moved(chain: Sequence[Expr]) -> list[tuple[Expr, ...]]:
    """A chain with its commutation matrix moved through the Kronecker product beside it."""
    found: list[tuple[Expr, ...]] = []
    for place, (left, right) in enumerate(pairwise(chain)):
        if left.op is Op.COMMUTATION and right.op is Op.KRON:
            first, second = right.args
            if left.data == (second.shape[0], first.shape[0]):
                pair = (kron(second, first), commutation(second.shape[1], first.shape[1]))
                found.append((*chain[:place], *pair, *chain[place + 2 :]))
        if left.op is Op.KRON and right.op is Op.COMMUTATION:
            first, second = left.args
            if right.data == (first.shape[1], second.shape[1]):
                pair = (commutation(first.shape[0], second.shape[0]), kron(second, first))
                found.append((*chain[:place], *pair, *chain[place + 2 :]))
    return found
