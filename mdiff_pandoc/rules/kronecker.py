"""The table of Kronecker products, ``vec``, the commutation matrix and ``Diag``.

Sources: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed. (MN).
"""

from __future__ import annotations

from mdiff_pandoc.expr import (
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
    meta,
    scale,
    transpose,
    vec,
)
from mdiff_pandoc.rules.kronecker_moves import (
    Simplifier,
    common_kron_factor,
    commutation_out,
    commutations_cancel,
    diags_joined,
    identities,
    inverse_of_kron,
    mixed_product,
    neighbours,
    outer,
    plain_commutation,
    row_times_diag,
    sum_of_diags,
    swapped,
    transposed_vec,
    vec_joined,
    vec_of_outer,
    vecs_joined,
)
from mdiff_pandoc.rules.rule import Rule, Table, Varies


def _rule(
    name: str,
    left: Expr,
    right: Expr,
    source: str,
    rewrite: Simplifier,
    *,
    quiet: bool = False,
    on: str,
) -> Rule:
    def apply(expr: Expr, _: Varies) -> Expr | None:
        return rewrite(expr)

    roots = frozenset(Op[word] for word in on.split())
    return Rule(name, Table.KRONECKER, left, right, source, quiet, apply, roots=roots)


_A = meta("A", "m", "n")
_B = meta("B", "p", "q")
_C = meta("C", "n", "k")
_D = meta("D", "q", "r")
_E = meta("E", "m", "n")
_X = meta("X", "n", "n")
_Y = meta("Y", "p", "p")
_a = meta("a", "m")
_b = meta("b", "n")
_c = meta("c", "m")
_s = meta("alpha")
_KRON = "MN ch. 2 §2"
_COMMUTATION = "MN ch. 3 §7"
_HADAMARD = "MN ch. 3 §6"

KRONECKER: tuple[Rule, ...] = (
    _rule(
        "identity and coefficients in a Kronecker product",
        kron(scale(_s, _A), _B),
        scale(_s, kron(_A, _B)),
        _KRON,
        identities,
        quiet=True,
        on="KRON",
    ),
    _rule(
        "Kronecker product of a column and a row",
        kron(_a, transpose(_b)),
        matmul(_a, transpose(_b)),
        _KRON,
        outer,
        quiet=True,
        on="KRON",
    ),
    _rule(
        "mixed product",
        matmul(kron(_A, _B), kron(_C, _D)),
        kron(matmul(_A, _C), matmul(_B, _D)),
        _KRON,
        neighbours(mixed_product),
        on="MATMUL",
    ),
    _rule(
        "inverse of a Kronecker product",
        inverse(kron(_X, _Y)),
        kron(inverse(_X), inverse(_Y)),
        _KRON,
        inverse_of_kron,
        on="INVERSE",
    ),
    _rule(
        "commutation matrix of a vector",
        commutation("m", 1),
        identity("m"),
        _COMMUTATION,
        plain_commutation,
        quiet=True,
        on="COMMUTATION INVERSE",
    ),
    _rule(
        "commutation matrices cancel",
        matmul(commutation("m", "n"), commutation("n", "m")),
        kron(identity("m"), identity("n")),
        _COMMUTATION,
        commutations_cancel,
        quiet=True,
        on="MATMUL",
    ),
    _rule(
        "commutation of a vec",
        matmul(commutation("m", "n"), vec(_A)),
        vec(transpose(_A)),
        _COMMUTATION,
        neighbours(transposed_vec),
        quiet=True,
        on="MATMUL",
    ),
    _rule(
        "commutation of a Kronecker product",
        matmul(commutation("p", "m"), kron(_A, _B), commutation("n", "q")),
        kron(_B, _A),
        f"{_COMMUTATION}, Theorem 9",
        swapped,
        on="MATMUL",
    ),
    _rule(
        "Kronecker product times a vec",
        matmul(kron(transpose(_D), _A), vec(meta("C", "n", "q"))),
        vec(matmul(_A, meta("C", "n", "q"), _D)),
        "MN ch. 2 §4, Theorem 2",
        neighbours(vec_joined),
        on="MATMUL",
    ),
    _rule(
        "Hadamard product of vecs",
        hadamard(vec(_A), vec(_E)),
        vec(hadamard(_A, _E)),
        _HADAMARD,
        vecs_joined,
        quiet=True,
        on="HADAMARD",
    ),
    _rule(
        "product of Diags",
        matmul(diag(_a), diag(_c)),
        diag(hadamard(_a, _c)),
        _HADAMARD,
        neighbours(diags_joined),
        on="MATMUL",
    ),
    _rule(
        "row times Diag",
        matmul(transpose(_a), diag(_c)),
        transpose(hadamard(_a, _c)),
        _HADAMARD,
        neighbours(row_times_diag),
        on="MATMUL",
    ),
    _rule(
        "vec of an outer product",
        vec(matmul(_a, transpose(_b))),
        kron(_b, _a),
        "MN ch. 2 §4",
        vec_of_outer,
        on="VEC",
    ),
    _rule(
        "sum of Diags",
        add(diag(_a), diag(_c)),
        diag(add(_a, _c)),
        _HADAMARD,
        sum_of_diags,
        on="SUM",
    ),
    _rule(
        "common Kronecker factor",
        add(kron(_A, _B), kron(_E, _B)),
        kron(add(_A, _E), _B),
        _KRON,
        common_kron_factor,
        on="SUM",
    ),
    _rule(
        "commutation matrix taken out",
        add(kron(_A, _A), matmul(commutation("m", "m"), kron(_A, _A))),
        matmul(add(kron(identity("m"), identity("m")), commutation("m", "m")), kron(_A, _A)),
        _COMMUTATION,
        commutation_out,
        on="SUM",
    ),
)
