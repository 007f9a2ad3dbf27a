"""The words by which authors describe symbols, and what they assume of them."""

from __future__ import annotations

PROPERTIES: dict[str, frozenset[str]] = {
    words: frozenset(assumptions.split(", "))
    for words, assumptions in {
        "symmetric": "symmetric",
        "self adjoint": "symmetric",
        "positive definite": "positive definite, symmetric",
        "pd": "positive definite, symmetric",
        "spd": "positive definite, symmetric",
        "positive semidefinite": "symmetric",
        "positive semi definite": "symmetric",
        "psd": "symmetric",
        "skew": "skew",
        "skew symmetric": "skew",
        "antisymmetric": "skew",
        "diagonal": "diagonal, symmetric",
        "orthogonal": "orthogonal",
        "orthonormal": "orthogonal",
        "orthonormal columns": "orthonormal columns",
        "orthonormal factor": "orthonormal columns",
        "right orthonormal factor": "orthonormal columns",
        "diagonal factor": "diagonal, symmetric",
        "upper triangular factor": "upper triangular",
        "lower triangular": "lower triangular",
        "upper triangular": "upper triangular",
        "positive": "positive",
        "nonnegative": "positive",
        "non negative": "positive",
        "constant": "constant",
        "constants": "constant",
        "fixed": "constant",
        "invertible": "invertible",
        "nonsingular": "invertible",
        "non singular": "invertible",
        "regular": "invertible",
        "unit": "unit",
        "sums to one": "sums to one",
        "columns sum to one": "sums to one",
        "rows sum to one": "rows sum to one",
        "binary": "binary",
        "one hot": "binary, sums to one",
        "rows one hot": "binary, rows sum to one",
        "probability": "positive, sums to one",
        "row stochastic": "positive, rows sum to one",
        "ones": "ones",
        "identity": "identity",
    }.items()
}
KINDS = {
    "scalar": "scalar",
    "scalars": "scalar",
    "number": "scalar",
    "numbers": "scalar",
    "vector": "vector",
    "vectors": "vector",
    "matrix": "matrix",
    "matrices": "matrix",
    "square": "square",
}
FILLERS = frozenset(
    (
        "is",
        "are",
        "be",
        "a",
        "an",
        "the",
        "and",
        "with",
        "of",
        "real",
        "column",
        "entries",
        "size",
        "entry",
        "dimension",
        "valued",
        "norm",
        "shape",
        "both",
        "all",
        "entrywise",
        "elementwise",
    )
)
# words for what is no symbol at all
CONSTANTS = frozenset(("ones", "identity"))
# what is told of a matrix that need not be square: Q^T Q = I
TALL = frozenset(("orthonormal columns",))
SQUARE_ONLY = frozenset(
    (
        "identity",
        "symmetric",
        "positive definite",
        "diagonal",
        "skew",
        "invertible",
        "lower triangular",
        "upper triangular",
    )
)
