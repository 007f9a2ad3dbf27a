"""Entries and derivatives by an entry of functions of whole vectors and matrices.

As in `entries`, indices that a function introduces are called ``#1``, ``#2``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Index,
    Op,
    add,
    blocks,
    cross,
    delta,
    det,
    eigenvector,
    expectation,
    identity,
    index_sum,
    inverse,
    matmul,
    mul,
    neg,
    norm,
    number,
    power,
    singular_vector,
    sub,
    transpose,
    unvec,
)
from mdiff_pandoc.expr import derivative as slope_of
from mdiff_pandoc.rules.entries import FIRST, SECOND, part, place_in
from mdiff_pandoc.rules.index_moves import asked_of
from mdiff_pandoc.rules.parts import heights, widths
from mdiff_pandoc.rules.rule import Rewrite, Varies
from mdiff_pandoc.rules.special import SLOPES, eigenvector_slope, is_symmetric, nuclear_slope
from mdiff_pandoc.rules.transposes import transposed

EntryOf = Callable[[Index, Index], Expr]


def through(slope: EntryOf, inner: Expr, variable: Expr) -> Expr:
    """``Σ_k Σ_l G_kl ∂Z_kl`` for the entries of G; ``G_pq`` where Z is the variable itself."""
    if variable.op is Op.ENTRY and variable.args[0] is inner:
        assert isinstance(variable.data, tuple)
        return slope(*variable.data)
    rows, columns = inner.shape
    k: Index = 1 if rows == ONE else FIRST
    m: Index = 1 if columns == ONE else SECOND
    body = mul(slope(k, m), slope_of(part(inner, k, m), variable))
    if columns != ONE:
        body = index_sum(SECOND, columns, body)
    return body if rows == ONE else index_sum(FIRST, rows, body)


def _entries(whole: Expr) -> EntryOf:
    return lambda k, m: part(whole, k, m)


def _scalar(slope: Callable[[Expr], tuple[EntryOf, Expr] | None]) -> Rewrite:
    """A rule for scalars that ``slope`` has the entries of the gradient of, and an argument."""

    def rewrite(node: Expr, _: Varies) -> Expr | None:
        asked = asked_of(node)
        found = None if asked is None else slope(asked[0])
        return None if asked is None or found is None else through(*found, asked[1])

    return rewrite


def _of_trace(f: Expr) -> tuple[EntryOf, Expr] | None:
    if f.op is not Op.TRACE or f.args[0].op is not Op.MATRIX_FUNCTION:
        return None
    inner = f.args[0].args[0]
    whole = SLOPES[str(f.args[0].data)](inner)
    return (lambda k, m: part(whole, m, k)), inner


def _of_trace_of_power(f: Expr) -> tuple[EntryOf, Expr] | None:
    if not is_trace_of_power(f):
        return None
    inner, exponent = f.args[0].args
    whole = power(inner, add(exponent, number(-1)))
    return (lambda k, m: mul(exponent, part(whole, m, k))), inner


def is_trace_of_power(node: Expr) -> bool:
    """``tr X^k`` with a letter as exponent, or a number that is no small integer."""
    if node.op is not Op.TRACE or node.args[0].op is not Op.POWER:
        return False
    exponent = node.args[0].args[1].data
    return not isinstance(exponent, Fraction) or exponent.denominator != 1


def _of_nuclear_norm(f: Expr) -> tuple[EntryOf, Expr] | None:
    if f.op is not Op.NORM or f.data != "*" or ONE in f.args[0].shape:
        return None
    return _entries(nuclear_slope(f.args[0])), f.args[0]


def _of_spectral_norm(f: Expr) -> tuple[EntryOf, Expr] | None:
    if f.op is not Op.NORM or f.data != "2" or ONE in f.args[0].shape:
        return None
    left, right = (singular_vector(f.args[0], side) for side in ("left", "right"))
    return (lambda k, m: mul(part(left, k), part(right, m))), f.args[0]


def _of_eigenvalue(f: Expr) -> tuple[EntryOf, Expr] | None:
    if f.op is not Op.EIGENVALUE or not is_symmetric(f.args[0]):
        return None
    v = eigenvector(f.args[0], f.data)  # type: ignore[arg-type]
    return (lambda k, m: mul(part(v, k), part(v, m))), f.args[0]


trace_of_function = _scalar(_of_trace)
trace_of_power = _scalar(_of_trace_of_power)
nuclear_norm = _scalar(_of_nuclear_norm)
spectral_norm = _scalar(_of_spectral_norm)
eigenvalue_rule = _scalar(_of_eigenvalue)


def is_known_whole(node: Expr) -> bool:
    """Is it a scalar with a rule of its own, which entries would only hide?"""
    if node.op is Op.MATMUL and node.is_scalar:
        return any(_partner(node, op) is not None for op in (Op.CROSS, Op.VEC))
    if node.op is Op.TRACE:
        return node.args[0].op is Op.MATRIX_FUNCTION or is_trace_of_power(node)
    if node.op is Op.NORM:
        return node.data in ("*", "2") and ONE not in node.args[0].shape
    return node.op is Op.EIGENVALUE


def _entry_of(node: Expr, op: Op) -> tuple[Expr, Index, Index, Expr] | None:
    asked = asked_of(node)
    found = None if asked is None else place_in(asked[0], op)
    return None if asked is None or found is None else (*found, asked[1])


def pseudo_inverse_rule(node: Expr, _: Varies) -> Expr | None:
    """``∂(Z^+)_ij``, the three terms of ``dZ^+`` in entries"""
    found = _entry_of(node, Op.PSEUDO_INVERSE)
    if found is None:
        return None
    back, i, j, variable = found
    (z,) = back.args
    rows, columns = z.shape
    outside = sub(identity(rows), matmul(z, back))
    inside = sub(identity(columns), matmul(back, z))
    left, right = matmul(back, transpose(back)), matmul(transpose(back), back)

    def slope(k: Index, m: Index) -> Expr:
        return add(
            neg(mul(part(back, i, k), part(back, m, j))),
            mul(part(left, i, m), part(outside, k, j)),
            mul(part(inside, i, m), part(right, k, j)),
        )

    return through(slope, z, variable)


def adjugate_rule(node: Expr, _: Varies) -> Expr | None:
    """``∂ adj(Z)_ij = det Z Σ_k Σ_l ((Z^{-1})_ij (Z^{-1})_lk - (Z^{-1})_ik (Z^{-1})_lj) ∂Z_kl``"""
    found = _entry_of(node, Op.ADJUGATE)
    if found is None:
        return None
    whole, i, j, variable = found
    (z,) = whole.args
    back = inverse(z)

    def slope(k: Index, m: Index) -> Expr:
        direct = mul(part(back, i, j), part(back, m, k))
        return sub(direct, mul(part(back, i, k), part(back, m, j)))

    return mul(det(z), through(slope, z, variable))


def eigenvector_rule(node: Expr, _: Varies) -> Expr | None:
    """``∂v_i = Σ_k Σ_l ((λI - Z)^+)_ik ∂Z_kl v_l``"""
    found = _entry_of(node, Op.EIGENVECTOR)
    if found is None or not is_symmetric(found[0].args[0]):
        return None
    v, i, _one, variable = found
    front = eigenvector_slope(v)
    return through(lambda k, m: mul(part(front, i, k), part(v, m)), v.args[0], variable)


def along_a_line(node: Expr, varies: Varies) -> Expr | None:
    """``∂f(tA)_ij = [A f′(tA)]_ij ∂t`` for a constant A"""
    found = _entry_of(node, Op.MATRIX_FUNCTION)
    if found is None or found[0].args[0].op is not Op.SCALE:
        return None
    whole, i, j, variable = found
    t, a = whole.args[0].args
    if varies(a):
        return None
    slope = SLOPES[str(whole.data)](whole.args[0])
    return mul(part(matmul(a, slope), i, j), slope_of(t, variable))


def _partner(node: Expr, op: Op) -> tuple[Expr, Expr] | None:
    """A cross product (or a vec) w, and the vector c, in ``c^T w`` or ``w^T c``."""
    if node.op is not Op.MATMUL or not node.is_scalar:
        return None
    if node.args[-1].op is op:
        return node.args[-1], transposed(matmul(*node.args[:-1]))
    if node.args[0].op is Op.TRANSPOSE and node.args[0].args[0].op is op:
        return node.args[0].args[0], matmul(*node.args[1:])
    return None


def triple_product(node: Expr, varies: Varies) -> Expr | None:
    """``∂ a^T (b × c) = Σ_k ((b × c)_k ∂a_k + (c × a)_k ∂b_k + (a × b)_k ∂c_k)``"""
    asked = asked_of(node)
    found = None if asked is None else _partner(asked[0], Op.CROSS)
    if asked is None or found is None:
        return None
    b, c = found[0].args
    a = found[1]
    terms = []
    for moving, held in ((a, (b, c)), (b, (c, a)), (c, (a, b))):
        if varies(moving):
            terms.append(through(_entries(cross(*held)), moving, asked[1]))
    return add(*terms)


def product_with_vec(node: Expr, varies: Varies) -> Expr | None:
    """``∂ c^T vec(Z) = Σ_k Σ_l C_kl ∂Z_kl + vec(Z)^T ∂c`` where ``vec C = c``"""
    asked = asked_of(node)
    found = None if asked is None else _partner(asked[0], Op.VEC)
    if asked is None or found is None:
        return None
    (column, factor), variable = found, asked[1]
    (z,) = column.args
    if varies(factor):
        chain = factor.args if factor.op is Op.MATMUL else (factor,)
        *front, last = chain
        if last.op is not Op.VEC or any(map(varies, front)):
            return None
        turned = matmul(*(transposed(arg) for arg in reversed(front)), column)
        pairs = [(factor, z), (turned, last.args[0])]
    else:
        pairs = [(factor, z)]
    terms = []
    for fixed, moving in pairs:
        if varies(moving):
            whole = fixed.args[0] if fixed.op is Op.VEC else unvec(fixed, moving.shape)
            terms.append(through(_entries(whole), moving, variable))
    return add(*terms)


def expectation_rule(node: Expr, _: Varies) -> Expr | None:
    """``∂E[a] = E[∂a]``"""
    asked = asked_of(node)
    if asked is None or asked[0].op is not Op.EXPECTATION:
        return None
    f, variable = asked
    return expectation(slope_of(f.args[0], variable), f.data)  # type: ignore[arg-type]


def norm_of_cross(node: Expr) -> Expr | None:
    """``‖a × b‖^2 = ‖a‖^2 ‖b‖^2 - (a^T b)^2``"""
    if node.op is not Op.POWER or node.args[1] is not number(2):
        return None
    inner = node.args[0]
    if inner.op is not Op.NORM or inner.data not in ("2", "F") or inner.args[0].op is not Op.CROSS:
        return None
    a, b = inner.args[0].args
    squares = mul(power(norm(a, "2"), 2), power(norm(b, "2"), 2))
    return sub(squares, power(matmul(transpose(a), b), 2))


def norm_of_blocks(node: Expr) -> Expr | None:
    """``‖[A B]‖_F^2 = ‖A‖_F^2 + ‖B‖_F^2``"""
    if node.op is not Op.POWER or node.args[1] is not number(2):
        return None
    inner = node.args[0]
    if inner.op is not Op.NORM or inner.args[0].op is not Op.BLOCK:
        return None
    if inner.data != "F" and not (inner.data == "2" and ONE in inner.args[0].shape):
        return None
    return add(*(power(z if z.is_scalar else norm(z, "F"), 2) for z in inner.args[0].args))


def product_of_blocks(node: Expr) -> Expr | None:
    """``[A B] [C; D] = AC + BD``, in a product of which the whole is a scalar or an entry."""
    chain = node.args[0] if node.op is Op.ENTRY else node
    if chain.op is not Op.MATMUL or (node is chain and not chain.is_scalar):
        return None
    for place in range(len(chain.args) - 1):
        left, right = chain.args[place : place + 2]
        if left.op is not Op.BLOCK or right.op is not Op.BLOCK or len(blocks(left)) > 1:
            continue
        if len(blocks(right)[0]) > 1 or widths(left) != heights(right):
            continue
        joined = add(*(matmul(a, b) for a, b in zip(left.args, right.args, strict=True)))
        product = matmul(*chain.args[:place], joined, *chain.args[place + 2 :])
        return part(product, *node.data) if node.op is Op.ENTRY else product  # type: ignore[misc]
    return None


def explicit_entry(node: Expr) -> Expr | None:
    """``[a b; c d]_ij = Σ_r Σ_s δ_ir δ_js e_rs`` for a matrix given by its entries e"""
    found = place_in(node, Op.BLOCK)
    if found is None or not all(cell.is_scalar for cell in found[0].args):
        return None
    whole, i, j = found
    terms = []
    for r, cells in enumerate(blocks(whole), 1):
        for s, cell in enumerate(cells, 1):
            sides = ((i, r, whole.shape[0]), (j, s, whole.shape[1]))
            deltas = [delta(index, place) for index, place, size in sides if size != ONE]
            terms.append(mul(*deltas, cell))
    return add(*terms)
