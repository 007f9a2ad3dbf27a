"""What the operations are called in messages."""

from __future__ import annotations

from mdiff_pandoc.expr.node import Expr, Op

_WORDS = {
    Op.MUL: "product",
    Op.SCALE: "scalar multiple",
    Op.MATMUL: "matrix product",
    Op.DET: "determinant",
    Op.HADAMARD: "elementwise product",
    Op.HDIV: "elementwise quotient",
    Op.HPOWER: "elementwise power",
    Op.FUNC: "elementwise function",
    Op.DIAG: "diagonal matrix",
    Op.TRIANGLE: "triangular part",
    Op.KRON: "Kronecker product",
    Op.INDEX_SUM: "sum over an index",
    Op.DELTA: "Kronecker delta",
    Op.DIFF: "differential",
    Op.NAMED: "named expression",
    Op.APPLY: "unspecified function",
    Op.SLOPE: "gradient of an unspecified function",
    Op.COMMUTATION: "commutation matrix",
    Op.BLOCK: "block matrix",
    Op.MATRIX_FUNCTION: "function of a matrix",
    Op.PSEUDO_INVERSE: "pseudo-inverse",
    Op.CROSS: "cross product",
    Op.LOGSUMEXP: "log-sum-exp",
    Op.SINGULAR_VECTOR: "singular vector",
    Op.LARGEST: "unit vector of the largest entry",
}


def in_words(expr: Expr) -> str:
    """The name of an operation, without an article."""
    return _WORDS.get(expr.op, expr.op.value)
