"""Functions of the eigenvalues of a matrix in ball arithmetic, with certified error bounds.

Eigenvalues and eigenvectors come from Arb's `eig`, which encloses them where they are simple.
Source: Higham, *Functions of Matrices* (2008), §1.2, for functions of matrices by their
eigenvalues on principal branches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.verify.evaluate import Evaluator
from mdiff_pandoc.verify.matrices import pseudo_inverse as of_full_rank
from mdiff_pandoc.verify.point import Pair
from mdiff_pandoc.verify.sample import RedrawError
from mdiff_pandoc.verify.scalars import LARGE

# principal branches that jump on the negative real axis
_CUT: dict[str, Callable[[Any], Any]] = {"log": lambda z: z.log(), "sqrt": lambda z: z.sqrt()}
# entire functions, from the exponentials of A and -A, or of iA
_ENTIRE: dict[str, Callable[[Any, Any], Any]] = {
    "cosh": lambda ahead, behind: (ahead + behind) / 2,
    "sinh": lambda ahead, behind: (ahead - behind) / 2,
}


def matrix_function(ev: Evaluator, node: Expr) -> Pair:
    """An analytic function of a square matrix."""
    name, matrix = str(node.data), _matrix(ev, node.args[0])
    if name in _CUT:
        return _shaped(node, principal(matrix, _CUT[name], node)), None
    if not all(abs(entry) < LARGE for entry in matrix.entries()):
        raise RedrawError(f"no point with moderate values of {name} was found", node)
    if name == "exp":
        return _shaped(node, matrix.exp()), None
    if name in _ENTIRE:
        return _shaped(node, _ENTIRE[name](matrix.exp(), (-matrix).exp())), None
    from flint import acb, acb_mat

    wave = (acb_mat(matrix) * acb(0, 1)).exp()
    parts = [z.real if name == "cos" else z.imag for z in wave.entries()]
    return _shaped(node, ev.point.matrix(matrix.nrows(), matrix.ncols(), parts)), None


def matrix_power(ev: Evaluator, node: Expr) -> Pair:
    """The principal power of a square matrix with an exponent that is no integer."""
    exponent = ev.get(node.args[1])[0]
    matrix = _matrix(ev, node.args[0])
    return principal(matrix, lambda z: (z.log() * exponent).exp(), node), None


def principal(matrix: Any, function: Callable[[Any], Any], node: Expr) -> Any:
    """``R f(Λ) L`` where ``L = R^{-1}``, for a matrix without eigenvalues on the negative axis."""
    from flint import acb_mat, arb_mat

    values, left, right = _eigen(acb_mat(matrix), node, vectors=True)
    if any(z.imag.contains(0) and not z.real > 0 for z in values):
        raise RedrawError("no point off the branch cut of the matrix function was found", node)
    size = matrix.nrows()
    middle = [0] * (size * size)
    middle[:: size + 1] = [function(z) for z in values]
    found = right * acb_mat(size, size, middle) * left
    return arb_mat(size, size, [z.real for z in found.entries()])


def eigenvalue(ev: Evaluator, node: Expr) -> Pair:
    """An eigenvalue of a symmetric matrix; they are numbered from the largest."""
    values = _symmetric(ev, node)[0]
    return values[_which(ev, node, len(values))], None


def eigenvector(ev: Evaluator, node: Expr) -> Pair:
    """The unit eigenvector whose first entry is positive."""
    values, vectors = _symmetric(ev, node)
    vector = vectors[_which(ev, node, len(values))]
    return (vector if not node.is_scalar else vector[0, 0]), None


def singular_vector(ev: Evaluator, node: Expr) -> Pair:
    """A singular vector of the largest singular value; the left one begins positively."""
    matrix = _matrix(ev, node.args[0])
    values, vectors = _decomposed(matrix * matrix.transpose(), node)
    vector = vectors[0]
    if node.data == "right":
        vector = matrix.transpose() * vector * (1 / values[0].sqrt())
    return (vector if not node.is_scalar else vector[0, 0]), None


def largest_entry(ev: Evaluator, node: Expr) -> Pair:
    """The unit vector of the entry of largest absolute value, which must be the only one."""
    entries = [abs(entry) for entry in _matrix(ev, node.args[0]).entries()]
    place = max(range(len(entries)), key=lambda k: _middle(entries[k]))
    if not all(entries[place] > entry for k, entry in enumerate(entries) if k != place):
        raise RedrawError("no point with one largest entry was found", node)
    units = [int(k == place) for k in range(len(entries))]
    return ev.point.matrix(len(entries), 1, units), None


def singular_values(matrix: Any, node: Expr) -> list[Any]:
    """The singular values, all positive, from the largest down."""
    from flint import acb_mat

    wide = matrix.nrows() <= matrix.ncols()
    gram = matrix * matrix.transpose() if wide else matrix.transpose() * matrix
    squares = [z.real for z in _eigen(acb_mat(gram), node, vectors=False)[0]]
    if not all(square > 0 for square in squares):
        raise RedrawError("no point where the norm is differentiable was found", node)
    return sorted((square.sqrt() for square in squares), key=_middle, reverse=True)


def pseudo_inverse(ev: Evaluator, node: Expr) -> Pair:
    """The Moore-Penrose inverse; where a Gram matrix is singular, by its positive eigenvalues.

    That serves for a rank that is short by one, as of ``λI - A`` at an eigenvalue of A.
    """
    try:
        return of_full_rank(ev, node)
    except ZeroDivisionError:
        matrix = _matrix(ev, node.args[0])
    across = matrix.transpose()
    values, vectors = _decomposed(across * matrix, node)
    size = matrix.ncols()
    found = ev.point.matrix(size, size, [0] * (size * size))
    for value, vector in zip(values, vectors, strict=True):
        if not value.contains(0):
            found = found + vector * vector.transpose() * (1 / value)
    return _shaped(node, found * across), None


def _which(ev: Evaluator, node: Expr, count: int) -> int:
    if node.data in ("max", "min"):
        return 0 if node.data == "max" else count - 1
    number = ev.point.index(node.data)
    ev.point.within(number, count)
    return number - 1


def _symmetric(ev: Evaluator, node: Expr) -> tuple[list[Any], list[Any]]:
    """The eigenvalues, from the largest down, and eigenvectors of a matrix that is symmetric."""
    matrix = _matrix(ev, node.args[0])
    across = matrix.transpose()
    pairs = zip(matrix.entries(), across.entries(), strict=True)
    if not all((x - y).contains(0) for x, y in pairs):
        raise UnsupportedError("the eigenvalues of a matrix that is not symmetric")
    return _decomposed((matrix + across) / 2, node)


def _decomposed(matrix: Any, node: Expr) -> tuple[list[Any], list[Any]]:
    from flint import acb_mat, arb_mat

    values, _, right = _eigen(acb_mat(matrix), node, vectors=True)
    size = matrix.nrows()
    order = sorted(range(size), key=lambda k: _middle(values[k].real), reverse=True)
    vectors = []
    for k in order:
        column = [right[i, k] for i in range(size)]
        if column[0].contains(0):
            raise RedrawError("no point where the eigenvectors have a sign was found", node)
        entries = [(z / column[0]).real for z in column]
        length = sum((x * x for x in entries[1:]), entries[0] * entries[0]).sqrt()
        vectors.append(arb_mat(size, 1, [x / length for x in entries]))
    return [values[k].real for k in order], vectors


def _eigen(matrix: Any, node: Expr, *, vectors: bool) -> tuple[list[Any], Any, Any]:
    try:
        if vectors:
            values, left, right = matrix.eig(left=True, right=True)
            return values, left, right
        return matrix.eig(), None, None
    except ValueError:
        raise RedrawError("no point with simple eigenvalues was found", node) from None


def _matrix(ev: Evaluator, node: Expr) -> Any:
    value = ev.get(node)[0]
    return ev.point.matrix(1, 1, [value]) if node.is_scalar else value


def _shaped(node: Expr, matrix: Any) -> Any:
    return matrix[0, 0] if node.is_scalar else matrix


def _middle(ball: Any) -> float:
    return float(ball.mid())
