"""The table of vec rules: they bring ``dx`` or ``vec dX`` to the end of ``J dx``.

``z`` and ``Z`` hold the differential. Sources: Magnus & Neudecker, *Matrix Differential Calculus*,
3rd ed. (MN).
"""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.expr import (
    Expr,
    commutation,
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
    ones,
    scale,
    trace,
    transpose,
    vec,
)
from mdiff_pandoc.rules.rule import Rule, Table, Varies
from mdiff_pandoc.rules.vec_blocks import VEC_BLOCKS
from mdiff_pandoc.rules.vec_moves import (
    diag_swapped,
    diagonal_by_vec,
    elementwise,
    kron_of_vectors,
    row_transposed,
    scalar_in_front,
    scalar_last,
    scalar_outside,
    sum_in_front,
    through_index_sum,
    trace_last,
    vec_elementwise,
    vec_inward,
    vec_of_diag,
    vec_of_diagonal_part,
    vec_of_kron,
    vec_of_product,
    vec_of_transpose,
)

_A = meta("A", "m", "n")
_B = meta("B", "p", "q")
_Z = meta("Z", "m", "n", active=True)
_Znp = meta("Z", "n", "p", active=True)
_Zpq = meta("Z", "p", "q", active=True)
_Znn = meta("Z", "n", "n", active=True)
_a = meta("a", "m")
_b = meta("b", "n")
_z = meta("z", "m", active=True)
_zn = meta("z", "n", active=True)
_P = meta("P", "n", "m")
_pn = meta("p", 1, "n")
_K = commutation("m", "n")


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    source: str,
    rewrite: Callable[[Expr], Expr | None],
    *,
    quiet: bool = False,
) -> Rule:
    def apply(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    return Rule(name, Table.VEC, left, right, source, quiet, apply)


_inner = matmul(kron(identity("n"), commutation("q", "m")), kron(vec(_A), identity("q")))

VEC: tuple[Rule, ...] = (
    _rule(
        "scalar factor of a vector",
        scale(matmul(_pn, _zn), _a),
        matmul(_a, _pn, _zn),
        "MN ch. 1 §3",
        scalar_last,
        quiet=True,
    ),
    _rule(
        "trace as an inner product of vecs",
        scale(trace(matmul(_P, _Z)), meta("a", "p")),
        matmul(meta("a", "p"), transpose(vec(transpose(_P))), vec(_Z)),
        "MN ch. 2 §4",
        trace_last,
    ),
    _rule(
        "elementwise product as Diag",
        hadamard(_a, _z),
        matmul(diag(_a), _z),
        "MN ch. 3 §6",
        elementwise,
    ),
    _rule(
        "Diag of either factor",
        matmul(diag(_z), _a),
        matmul(diag(_a), _z),
        "MN ch. 3 §6",
        diag_swapped,
    ),
    _rule(
        "inner product in a product",
        matmul(_a, transpose(_zn), _b),
        matmul(_a, transpose(_b), _zn),
        "MN ch. 1 §4",
        row_transposed,
    ),
    _rule(
        "scalar factor in front",
        matmul(_z, _pn, _b),
        scale(matmul(_pn, _b), _z),
        "MN ch. 1 §3",
        scalar_in_front,
        quiet=True,
    ),
    _rule(
        "Kronecker product of vectors",
        kron(_a, _zn),
        matmul(kron(_a, identity("n")), _zn),
        "MN ch. 2 §2",
        kron_of_vectors,
    ),
    _rule(
        "vec inward",
        vec(scale(meta("alpha"), _Z)),
        scale(meta("alpha"), vec(_Z)),
        "MN ch. 2 §4",
        vec_inward,
        quiet=True,
    ),
    _rule(
        "vec of a Hadamard product",
        vec(hadamard(_A, _Z)),
        matmul(diag(vec(_A)), vec(_Z)),
        "MN ch. 3 §6",
        vec_elementwise,
    ),
    _rule(
        "vec of a transpose",
        vec(transpose(_Z)),
        matmul(_K, vec(_Z)),
        "MN ch. 3 §7",
        vec_of_transpose,
    ),
    _rule(
        "vec of a Kronecker product",
        vec(kron(_A, _Zpq)),
        matmul(kron(_inner, identity("p")), vec(_Zpq)),
        "MN ch. 3 §7, Theorem 10",
        vec_of_kron,
    ),
    _rule(
        "vec of a diagonal part",
        vec(diag(diagonal(_Znn))),
        matmul(diag(vec(identity("n"))), vec(_Znn)),
        "MN ch. 2 §4, ch. 3 §6",
        vec_of_diagonal_part,
    ),
    _rule(
        "vec of Diag",
        vec(diag(_zn)),
        matmul(diag(vec(identity("n"))), kron(ones("n"), identity("n")), _zn),
        "MN ch. 2 §4, ch. 3 §6",
        vec_of_diag,
    ),
    _rule(
        "diagonal by vec",
        diagonal(_Znn),
        matmul(kron(transpose(ones("n")), identity("n")), diag(vec(identity("n"))), vec(_Znn)),
        "MN ch. 2 §4, ch. 3 §6",
        diagonal_by_vec,
    ),
    _rule(
        "coefficient of a linear operation",
        hdivide(scale(meta("alpha"), _Z), _A),
        scale(meta("alpha"), hdivide(_Z, _A)),
        "MN ch. 3 §6",
        scalar_outside,
        quiet=True,
    ),
    _rule(
        "product with a sum over an index",
        matmul(_A, index_sum("i", "r", scale(entry(meta("c", "r"), "i", 1), _zn))),
        index_sum("i", "r", scale(entry(meta("c", "r"), "i", 1), matmul(_A, _zn))),
        "linearity, MN ch. 1 §3",
        through_index_sum,
        quiet=True,
    ),
    _rule(
        "vector taken out of a sum over an index",
        index_sum("i", "r", scale(entry(meta("c", "r"), "i", 1), matmul(_A, _zn))),
        matmul(index_sum("i", "r", scale(entry(meta("c", "r"), "i", 1), _A)), _zn),
        "linearity, MN ch. 1 §3",
        sum_in_front,
        quiet=True,
    ),
    _rule(
        "vec of a product",
        vec(matmul(_A, _Znp, meta("B", "p", "q"))),
        matmul(kron(transpose(meta("B", "p", "q")), _A), vec(_Znp)),
        "MN ch. 2 §4, Theorem 2",
        vec_of_product,
    ),
    *VEC_BLOCKS,
)
