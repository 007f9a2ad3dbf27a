"""How the entries of an expression are made of the entries of its parts, one function a rule.

Each takes a scalar node and returns what it equals, or None where it does not apply. Indices that
a function introduces are called ``#1``, ``#2``, or ``#k`` where k would do; who applies it gives
them names.
"""

from __future__ import annotations

from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Index,
    Op,
    Range,
    add,
    delta,
    divide,
    entry,
    function,
    index_sum,
    inverse,
    matmul,
    mul,
    norm,
    number,
    power,
    rebuild,
    scale,
    trace,
)
from mdiff_pandoc.expr.indices import reindexed
from mdiff_pandoc.expr.networks import flipped

FIRST, SECOND = "#1", "#2"
Place = tuple[Index, Index]


def part(whole: Expr, row: Index, column: Index = 1) -> Expr:
    """An entry; of a transpose that of what is transposed, of a scalar the scalar itself.

    A product that is a row is turned, unless it is made of a row ``B_{k:}``.
    """
    while whole.op is Op.TRANSPOSE and not whole.is_scalar:
        whole, row, column = whole.args[0], column, row
    turned = whole.op is Op.MATMUL and whole.args[0].op is not Op.ROW
    if _is_row(whole) and turned and not whole.is_scalar:
        whole, row, column = flipped(whole), column, row
    return whole if whole.is_scalar else entry(whole, row, column)


def place_in(node: Expr, op: Op) -> tuple[Expr, Index, Index] | None:
    """The whole of that kind that a node is an entry of, and the row and the column."""
    if node.op is not Op.ENTRY or node.args[0].op is not op or not isinstance(node.data, tuple):
        return None
    return node.args[0], node.data[0], node.data[1]


def _is_row(expr: Expr) -> bool:
    return expr.shape[0] == ONE


def trace_as_sum(node: Expr) -> Expr | None:
    """``tr A = Σ_i A_ii``"""
    if node.op is not Op.TRACE:
        return None
    (whole,) = node.args
    if whole.op is Op.KRON:
        return None
    if whole.is_scalar:
        return whole
    return index_sum(FIRST, whole.shape[0], part(whole, FIRST, FIRST))


def frobenius_product(node: Expr) -> Expr | None:
    """``tr(A^T B) = Σ_i Σ_j A_ij B_ij``"""
    if node.op is not Op.TRACE or node.args[0].op is not Op.MATMUL:
        return None
    first, *rest = node.args[0].args
    if first.op is not Op.TRANSPOSE or ONE in first.shape:
        return None
    left, right = first.args[0], matmul(*rest)
    body = mul(part(left, FIRST, SECOND), part(right, FIRST, SECOND))
    rows, columns = left.shape
    return index_sum(FIRST, rows, index_sum(SECOND, columns, body))


def trace_of_kron(node: Expr) -> Expr | None:
    """``tr(A ⊗ B) = tr A tr B`` for square factors."""
    if node.op is not Op.TRACE or node.args[0].op is not Op.KRON:
        return None
    left, right = node.args[0].args
    if left.shape[0] != left.shape[1] or right.shape[0] != right.shape[1]:
        return None
    return mul(trace(left), trace(right))


def dot_product(node: Expr) -> Expr | None:
    """``a^T A b = Σ_i a_i [A b]_i``"""
    if node.op is not Op.MATMUL or not node.is_scalar:
        return None
    first, *rest = node.args
    other = matmul(*rest)
    vecs = [arg.args[0] if arg.op is Op.TRANSPOSE else arg for arg in (first, other)]
    if vecs[0].op is vecs[1].op is Op.VEC and vecs[0].args[0].shape == vecs[1].args[0].shape:
        left, right = (arg.args[0] for arg in vecs)
        rows, columns = left.shape
        product = mul(part(left, FIRST, SECOND), part(right, FIRST, SECOND))
        return index_sum(FIRST, rows, index_sum(SECOND, columns, product))
    return index_sum(FIRST, first.shape[1], mul(part(first, 1, FIRST), part(other, FIRST)))


def square_of_norm(node: Expr) -> Expr | None:
    """``‖A‖_F^2 = Σ_i Σ_j A_ij^2`` and ``‖A‖_p^p = Σ_i Σ_j |A_ij|^p``"""
    if node.op is not Op.POWER:
        return None
    kind = norm_exponent(node.args[0])
    exponent = node.args[1].data
    if kind is None or not isinstance(exponent, Fraction) or exponent != kind:
        return None
    return _total_power(node.args[0].args[0], kind)


def norm_as_root(node: Expr) -> Expr | None:
    """``‖A‖_F = (Σ_i Σ_j A_ij^2)^{1/2}`` and ``‖A‖_p = (Σ_i Σ_j |A_ij|^p)^{1/p}``"""
    kind = norm_exponent(node)
    if kind is None:
        return None
    total = _total_power(node.args[0], kind)
    return total if kind == 1 else power(total, 1 / kind)


def norm_exponent(node: Expr) -> Fraction | None:
    """p of a norm that is the p-th root of a sum of p-th powers of entries."""
    if node.op is not Op.NORM:
        return None
    kind, whole = node.data, node.args[0]
    if kind == "F" or (kind == "2" and ONE in whole.shape):
        return Fraction(2)
    return kind if isinstance(kind, Fraction) else None


def _total_power(whole: Expr, exponent: Fraction) -> Expr:
    if whole.op in (Op.VEC, Op.TRANSPOSE):
        return _total_power(whole.args[0], exponent)
    if whole.op is Op.KRON:
        return mul(*(_total_norm(arg, exponent) for arg in whole.args))
    rows, columns = whole.shape
    if whole.is_vector:
        single = part(whole, FIRST)
    elif _is_row(whole):
        single = part(whole, 1, FIRST)
    else:
        single = part(whole, FIRST, SECOND)
    if exponent.denominator != 1 or exponent.numerator % 2:
        single = function("abs", single)
    body = single if exponent == 1 else power(single, exponent)
    if whole.is_scalar:
        return body
    if ONE in whole.shape:
        return index_sum(FIRST, columns if _is_row(whole) else rows, body)
    return index_sum(FIRST, rows, index_sum(SECOND, columns, body))


def _total_norm(whole: Expr, exponent: Fraction) -> Expr:
    return power(norm(whole, "F" if exponent == 2 else exponent), exponent)


def product_entry(node: Expr) -> Expr | None:
    """``[AB]_ij = Σ_k A_ik B_kj``; of a longer chain, the first factor is split off."""
    found = place_in(node, Op.MATMUL)
    if found is None:
        return None
    whole, i, j = found
    first, *rest = whole.args
    other = matmul(*rest)
    if first.shape[1] == ONE:
        return mul(part(first, i), part(other, 1, j))
    inner = mul(part(first, i, FIRST), part(other, FIRST, j))
    return index_sum(FIRST, first.shape[1], inner)


def transposed_entry(node: Expr) -> Expr | None:
    """``[A^T]_ij = A_ji``"""
    found = place_in(node, Op.TRANSPOSE)
    return None if found is None else part(*found)


def transposed_inverse_entry(node: Expr) -> Expr | None:
    """``[(A^T)^{-1}]_ij = [A^{-1}]_ji``"""
    found = place_in(node, Op.INVERSE)
    if found is None or found[0].args[0].op is not Op.TRANSPOSE:
        return None
    whole, i, j = found
    return part(rebuild(whole, (whole.args[0].args[0],)), j, i)


_SPREAD = frozenset({Op.SUM, Op.HADAMARD, Op.FUNC})


def entrywise(node: Expr) -> Expr | None:
    """The entry of a sum, a Hadamard product or a function of the entries."""
    if node.op is not Op.ENTRY or node.args[0].op not in _SPREAD:
        return None
    whole = node.args[0]
    parts = [part(arg, *node.data) for arg in whole.args]  # type: ignore[misc]
    return function(whole.data, parts[0]) if whole.op is Op.FUNC else _JOIN[whole.op](*parts)  # type: ignore[arg-type]


_JOIN = {Op.SUM: add, Op.HADAMARD: mul}


def quotient_entry(node: Expr) -> Expr | None:
    """``[A/B]_ij = A_ij / B_ij``"""
    found = place_in(node, Op.HDIV)
    if found is None:
        return None
    above, below = (part(arg, *found[1:]) for arg in found[0].args)
    return divide(above, below)


def power_entry(node: Expr) -> Expr | None:
    """The entry of an elementwise power."""
    found = place_in(node, Op.HPOWER)
    return None if found is None else power(part(found[0].args[0], *found[1:]), found[0].args[1])


def multiple_entry(node: Expr) -> Expr | None:
    """``[α A]_ij = α A_ij``"""
    found = place_in(node, Op.SCALE)
    if found is None:
        return None
    return scale(found[0].args[0], part(found[0].args[1], *found[1:]))


def constant_entry(node: Expr) -> Expr | None:
    """The entries of a matrix of ones or zeros, of the identity and of a unit vector."""
    if node.op is not Op.ENTRY or not isinstance(node.data, tuple):
        return None
    whole, (i, j) = node.args[0], node.data
    match whole.op:
        case Op.ONES:
            return number(1)
        case Op.ZERO:
            return number(0)
        case Op.IDENTITY:
            return delta(i, j)
        case Op.BASIS if isinstance(whole.data, int | str):
            return delta(i, whole.data)
    return None


def diag_entry(node: Expr) -> Expr | None:
    """``Diag(x)_ij = δ_ij x_i``"""
    found = place_in(node, Op.DIAG)
    if found is None:
        return None
    whole, i, j = found
    return mul(delta(i, j), part(whole.args[0], i))


def diagonal_entry(node: Expr) -> Expr | None:
    """``diag(A)_i = A_ii``"""
    found = place_in(node, Op.DIAGONAL)
    return None if found is None else part(found[0].args[0], found[1], found[1])


def line_entry(node: Expr) -> Expr | None:
    """The entry of a row or of a column is one of the matrix."""
    if node.op is not Op.ENTRY or not isinstance(node.data, tuple):
        return None
    whole, (i, j) = node.args[0], node.data
    if whole.op is Op.ROW:
        return part(whole.args[0], whole.data, j)  # type: ignore[arg-type]
    if whole.op is Op.COLUMN:
        return part(whole.args[0], i, whole.data)  # type: ignore[arg-type]
    return None


def sum_entry(node: Expr) -> Expr | None:
    """The entry, or the trace, of a sum over an index is the sum of the entries, or traces."""
    whole = node.args[0] if node.args else node
    span = whole.data
    if node.op not in (Op.ENTRY, Op.TRACE) or not isinstance(span, Range):
        return None
    name = "#" + span.index
    body = reindexed(whole.args[0], {span.index: name})
    inner = trace(body) if node.op is Op.TRACE else part(body, *node.data)  # type: ignore[misc]
    return index_sum(name, span.upper, inner, span.lower)


def matrix_power_entry(node: Expr) -> Expr | None:
    """A power of a matrix is a product."""
    found = place_in(node, Op.POWER)
    if found is None:
        return None
    whole, i, j = found
    base, exponent = whole.args
    if not isinstance(exponent.data, Fraction) or exponent.data.denominator != 1:
        return None
    count = exponent.data.numerator
    if not 1 < abs(count) <= _LARGEST:
        return None
    if count < 0:
        base = inverse(base)
    return part(matmul(*[base] * abs(count)), i, j)


_LARGEST = 12


def softmax_entry(node: Expr) -> Expr | None:
    """``softmax(x)_i = exp(x_i) / Σ_k exp(x_k)``"""
    found = place_in(node, Op.SOFTMAX)
    if found is None:
        return None
    vector = found[0].args[0]
    total = index_sum(FIRST, vector.shape[0], function("exp", part(vector, FIRST)))
    return divide(function("exp", part(vector, found[1])), total)


def logsumexp_as_sum(node: Expr) -> Expr | None:
    """``logsumexp(x) = log Σ_i exp(x_i)``"""
    if node.op is not Op.LOGSUMEXP:
        return None
    (vector,) = node.args
    total = index_sum(FIRST, vector.shape[0], function("exp", part(vector, FIRST)))
    return function("log", total)


def named_entry(node: Expr) -> Expr | None:
    """A name stands for its value, and so do its entries."""
    found = place_in(node, Op.NAMED)
    return None if found is None else part(found[0].args[0], *found[1:])
