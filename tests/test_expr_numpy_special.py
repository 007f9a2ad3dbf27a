"""The exported code of derivatives, names, indices and functions of matrices."""

from __future__ import annotations

import numpy as np
import pytest

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import Dim, Expr
from mdiff_pandoc.expr.numpy import numpy_source

RANDOM = np.random.default_rng(3)
A, B = ex.symbol("A", "m", "n"), ex.symbol("B", "n", "p")
X, x, t = ex.symbol("X", "n", "n"), ex.symbol("x", "n"), ex.symbol("t")
a, b = ex.symbol("a", 3), ex.symbol("b", 3)
C = ex.named("C", ex.matmul(A, B))
a_, b_ = RANDOM.normal(size=(2, 3, 1))
A_, B_ = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(3, 4))
X_ = RANDOM.normal(size=(3, 3))
S_ = X_ @ X_.T + np.eye(3)
x_ = RANDOM.normal(size=(3, 1))


def run(source: str, **values: object) -> object:
    namespace: dict[str, object] = {}
    exec(source, namespace)
    return namespace["derivative"](**values)


def e(scalar: float) -> np.ndarray:
    return np.full((1, 1), scalar)


def squared(name: str) -> np.ndarray:
    """The matrix function applied twice or to its inverse, as the definition has it."""
    value = run(numpy_source(ex.matrix_function(name, X)), X=S_)
    back = {"sqrt": lambda r: r @ r, "log": lambda r: run(numpy_source(EXPM), X=r)}[name]
    return back(value)


EXPM = ex.matrix_function("exp", X)


@pytest.mark.parametrize(
    ("expr", "values", "wanted"),
    [
        (ex.block([[X, x], [ex.transpose(x), t]]), {"X": X_, "x": x_, "t": 2.0},
         np.block([[X_, x_], [x_.T, e(2)]])),
        (ex.block([[t, t], [t, t]]), {"t": 2.0}, np.full((2, 2), 2.0)),
        (ex.pseudo_inverse(A), {"A": A_}, A_.T @ np.linalg.inv(A_ @ A_.T)),
        (ex.adjugate(X), {"X": X_}, np.linalg.det(X_) * np.linalg.inv(X_)),
        (ex.adjugate(X), {"X": np.diag([0.0, 2.0, 3.0])}, np.diag([6.0, 0.0, 0.0])),
        (ex.cross(a, b), {"a": a_, "b": b_}, np.cross(a_.T, b_.T).T),
        (ex.softmax(x), {"x": x_}, np.exp(x_) / np.sum(np.exp(x_))),
        (ex.logsumexp(x), {"x": x_}, np.log(np.sum(np.exp(x_)))),
        (ex.eigenvalue(X), {"X": np.diag([1.0, 4.0, 2.0])}, 4.0),
        (ex.eigenvalue(X, "min"), {"X": np.diag([1.0, 4.0, 2.0])}, 1.0),
        (ex.eigenvalue(X, 1), {"X": np.diag([1.0, 4.0, 2.0])}, 4.0),
        (ex.eigenvalue(X, "i"), {"X": np.diag([1.0, 4.0, 2.0]), "i": 2}, 2.0),
        (ex.norm(X, "*"), {"X": S_}, np.trace(S_)),
        (ex.norm(X, "2"), {"X": np.diag([1.0, -4.0, 2.0])}, 4.0),
        (ex.norm(x, "inf"), {"x": x_}, np.max(np.abs(x_))),
        (ex.norm(x, "2"), {"x": x_}, np.sqrt(np.sum(x_**2))),
        (ex.diff(X), {"dX": X_}, X_),
        (ex.trace(ex.matmul(ex.transpose(X), ex.diff(X))), {"X": X_, "dX": S_}, np.sum(X_ * S_)),
        (C, {"A": A_, "B": B_}, A_ @ B_),
        (ex.matmul(ex.derivative(ex.apply("f", [C]), C), ex.transpose(B)),
         {"B": B_, "df_dC": A_ @ B_}, A_ @ B_ @ B_.T),
        (ex.slope(ex.apply("f", [C])), {"A": A_, "B": B_, "grad_f": np.exp}, np.exp(A_ @ B_)),
        (ex.apply("H", [A, X]), {"A": A_, "X": X_, "H": lambda P, Q: np.sum(P) + np.sum(Q)},
         np.sum(A_) + np.sum(X_)),
        (ex.expectation(ex.matmul(ex.transpose(x), X, x), ["x"]), {"x": [x_, 2 * x_], "X": X_},
         2.5 * (x_.T @ X_ @ x_).item()),
        (ex.expectation(ex.trace(X), ["x"]), {"X": X_}, np.trace(X_)),
    ],
)  # fmt: skip
def test_the_source_computes_the_value(
    expr: Expr, values: dict[str, object], wanted: object
) -> None:
    np.testing.assert_allclose(run(numpy_source(expr), **values), wanted)


def test_the_commutation_matrix_exchanges_rows_and_columns() -> None:
    K = run(numpy_source(ex.commutation("m", "n")), m=2, n=3)
    vec = A_.reshape(-1, 1, order="F")
    np.testing.assert_array_equal(K @ vec, A_.T.reshape(-1, 1, order="F"))


@pytest.mark.parametrize("name", ["sqrt", "log"])
def test_functions_of_matrices_undo_one_another(name: str) -> None:
    np.testing.assert_allclose(squared(name), S_)


def test_the_matrix_exponential_needs_no_eigenvectors() -> None:
    nilpotent = np.array([[0.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(run(numpy_source(EXPM), X=nilpotent), [[1, 1], [0, 1]])
    np.testing.assert_allclose(
        run(numpy_source(EXPM), X=np.diag([1.0, 9.0])), np.diag(np.exp([1.0, 9.0]))
    )
    np.testing.assert_allclose(run(numpy_source(EXPM), X=np.zeros((2, 2))), np.eye(2))


def test_eigenvectors_belong_to_their_values() -> None:
    v = run(numpy_source(ex.eigenvector(X)), X=S_)
    top = run(numpy_source(ex.eigenvalue(X)), X=S_)
    np.testing.assert_allclose(S_ @ v, top * v)
    u, w = (run(numpy_source(ex.singular_vector(A, side)), A=A_) for side in ("left", "right"))
    np.testing.assert_allclose(A_ @ w, np.linalg.norm(A_, 2) * u)


def test_free_indices_become_the_axes_of_an_array() -> None:
    expr = ex.mul(ex.delta("i", "p"), ex.entry(B, "q", "j"))
    sizes = [("i", Dim.of("m")), ("j", Dim.of("p")), ("p", Dim.of("m")), ("q", Dim.of("n"))]
    got = run(numpy_source(expr, [A, B], sizes), A=A_, B=B_)
    np.testing.assert_allclose(got, np.einsum("ip,qj->ijpq", np.eye(2), B_))


def test_sums_inside_an_entry_are_shared_between_loops() -> None:
    total = ex.index_sum("k", "n", ex.mul(ex.entry(A, "i", "k"), ex.entry(B, "k", "j")))
    source = numpy_source(
        ex.mul(total, ex.delta("p", "q")),
        indices=[("i", Dim.of("m")), ("j", Dim.of("p")), ("p", Dim.of(2)), ("q", Dim.of(2))],
    )
    np.testing.assert_allclose(
        run(source, A=A_, B=B_), np.einsum("ij,pq->ijpq", A_ @ B_, np.eye(2))
    )


def test_an_unevaluated_derivative_by_entries_is_an_entry_of_a_parameter() -> None:
    expr = ex.derivative(ex.apply("f", [A]), ex.entry(A, "i", "j"))
    source = numpy_source(expr, [], [("i", Dim.of(2)), ("j", Dim.of(3))])
    np.testing.assert_allclose(run(source, df_dA=A_), A_)


def test_a_name_that_is_used_twice_is_a_variable() -> None:
    assert "C = A @ B" in numpy_source(ex.hadamard(C, C))
