"""What is declared of a symbol in a word, as a sentence tells it."""

from __future__ import annotations

_TOLD = {
    "self adjoint": "self-adjoint",
    "pd": "positive definite",
    "spd": "positive definite",
    "positive semi definite": "positive semidefinite",
    "psd": "positive semidefinite",
    "skew": "skew-symmetric",
    "skew symmetric": "skew-symmetric",
    "antisymmetric": "skew-symmetric",
    "orthonormal": "orthogonal",
    "orthonormal columns": "with orthonormal columns",
    "orthonormal factor": "with orthonormal columns",
    "right orthonormal factor": "with orthonormal columns",
    "diagonal factor": "diagonal",
    "upper triangular factor": "upper triangular",
    "positive": "with positive entries",
    "nonnegative": "with positive entries",
    "non negative": "with positive entries",
    "constants": "constant",
    "fixed": "constant",
    "nonsingular": "invertible",
    "non singular": "invertible",
    "regular": "invertible",
    "unit": "of length one",
    "sums to one": "with entries that sum to one",
    "columns sum to one": "with columns that sum to one",
    "rows sum to one": "with rows that sum to one",
    "binary": "with entries 0 and 1",
    "one hot": "one-hot",
    "rows one hot": "with one-hot rows",
    "probability": "with positive entries that sum to one",
    "row stochastic": "with positive rows that sum to one",
    "ones": "of ones",
    "identity": "the identity matrix",
}


def quality(symbol: str, words: str) -> str:
    """``with $S$ symmetric``, from the words of a declaration."""
    words = " ".join(words.split())
    return f"with ${symbol}$ {_TOLD.get(words, words)}"
