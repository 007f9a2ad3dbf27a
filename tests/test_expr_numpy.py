"""The exported NumPy function computes what the expression says."""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import SYMBOLS, expressions

from mdiff_pandoc import expr as ex
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op
from mdiff_pandoc.expr.numpy import numpy_source, parameters


def sound_inverse(matrix: np.ndarray) -> np.ndarray:
    """The inverse, where floating point can be trusted with it."""
    if np.linalg.cond(matrix) > 1e8:
        raise np.linalg.LinAlgError
    return np.linalg.inv(matrix)


SIZES = {"m": 2, "n": 3, "p": 4}
RANDOM = np.random.default_rng(7)
VALUES = {
    symbol: RANDOM.uniform(0.2, 1.2, [dim.at(SIZES) for dim in symbol.shape]) for symbol in SYMBOLS
}
PLAIN = {
    Op.TRANSPOSE: lambda x: x.T,
    Op.INVERSE: sound_inverse,
    Op.TRACE: np.trace,
    Op.DET: np.linalg.det,
    Op.HDIV: np.divide,
    Op.SCALE: np.multiply,
    Op.HPOWER: lambda x, k: x**k,
    Op.DIAG: np.diagflat,
    Op.DIAGONAL: lambda x: np.diag(x).reshape(-1, 1),
    Op.KRON: np.kron,
    Op.VEC: lambda x: x.reshape(-1, 1, order="F"),
}
FOLDED = {
    Op.SUM: np.add,
    Op.MUL: np.multiply,
    Op.MATMUL: np.matmul,
    Op.HADAMARD: np.multiply,
}
FUNCTIONS = {
    "sigma": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)),
}


def value(expr: Expr, at: dict[str, int]) -> np.ndarray:
    """The value as a matrix, one node at a time."""
    shape = [dim.at(SIZES) for dim in expr.shape]
    if expr.op is Op.SYMBOL:
        return VALUES[expr]
    if expr.op is Op.INDEX_SUM:
        steps = range(expr.data.lower, expr.data.upper.at(SIZES) + 1)
        return sum(value(expr.args[0], {**at, expr.data.index: step}) for step in steps)
    args = [value(arg, at) for arg in expr.args]
    if expr.op in PLAIN:
        return np.reshape(PLAIN[expr.op](*args), shape)
    if expr.op in FOLDED:
        total = args[0]
        for arg in args[1:]:
            total = FOLDED[expr.op](total, arg)
        return total
    match expr.op:
        case Op.NUMBER:
            return np.full((1, 1), float(expr.data))
        case Op.DIMENSION:
            return np.full((1, 1), float(expr.data.at(SIZES)))
        case Op.IDENTITY:
            return np.eye(shape[0])
        case Op.ONES:
            return np.ones(shape)
        case Op.POWER if expr.is_scalar:
            return args[0] ** args[1]
        case Op.POWER:
            return np.linalg.matrix_power(args[0], int(args[1].item()))
        case Op.NORM:
            kind = 2 if isinstance(expr.data, str) else float(expr.data)
            return np.full((1, 1), np.sum(np.abs(args[0]) ** kind) ** (1 / kind))
        case Op.FUNC:
            return FUNCTIONS.get(expr.data, getattr(np, expr.data, None))(args[0])
        case Op.UNVEC:
            return args[0].reshape(shape, order="F")
        case Op.ENTRY:
            row, column = (at.get(index, index) for index in expr.data)
            return args[0][row - 1 : row, column - 1 : column]
        case Op.COLUMN:
            return args[0][:, expr.data - 1 : expr.data]
    raise AssertionError(expr.op)


def run(source: str, **values: object) -> object:
    namespace: dict[str, object] = {}
    exec(source, namespace)
    return namespace["derivative"](**values)


def without_remark(source: str) -> str:
    """The source without the line that says which parameters are columns."""
    lines = source.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith('    """'))


def body(expr: Expr) -> str:
    return without_remark(numpy_source(expr)).split("\n    ", 1)[1].strip()


def test_the_columns_are_named() -> None:
    source = numpy_source(ex.matmul(ex.symbol("X", "m", "n"), ex.symbol("x", "n")))
    assert '"""x: n×1 arrays."""' in source


@settings(max_examples=300, deadline=None)
@given(expressions(max_size=10))
def test_the_source_computes_the_expression(expr: Expr) -> None:
    arguments = [VALUES[s].item() if s.is_scalar else VALUES[s] for s in SYMBOLS]
    names = ["lambda_" if symbol.data.name == "lambda" else symbol.data.name for symbol in SYMBOLS]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", DeprecationWarning)
        try:
            with np.errstate(divide="raise", invalid="raise"):
                expected = value(expr, {})
        except (np.linalg.LinAlgError, FloatingPointError, ZeroDivisionError):
            return
        got = run(numpy_source(expr, SYMBOLS), **dict(zip(names, arguments, strict=True)))
    assert isinstance(got, float) if expr.is_scalar else got.shape == expected.shape
    if np.all(np.isfinite(expected)) and np.max(np.abs(expected)) < 1e9:
        wanted = expected.item() if expr.is_scalar else expected
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-7)


A, X, B = ex.symbol("A", "p", "m"), ex.symbol("X", "m", "n"), ex.symbol("B", "n", "p")
x, y = ex.symbol("x", "n"), ex.symbol("y", "n")
S = ex.symbol("S", "n", "n")


def test_parameters_are_the_symbols_in_order_of_appearance() -> None:
    f = ex.trace(ex.matmul(A, X, ex.transpose(X), ex.symbol("C", "m", "m"), X, B))
    assert [p.data.name for p in parameters(f)] == ["A", "X", "C", "B"]


def test_parameters_of_the_problem_stay_when_the_result_has_fewer() -> None:
    result = ex.transpose(ex.matmul(B, A))
    assert numpy_source(result, [A, X, B]) == (
        "import numpy as np\n\n\ndef derivative(A, X, B):\n    return (B @ A).T\n"
    )


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("mu", "mu"), ("Sigma_1", "Sigma_1"), ("lambda", "lambda_"), ("x'", "x_"), ("np", "np_")],
)
def test_names_are_made_fit_for_python(name: str, parameter: str) -> None:
    source = numpy_source(ex.symbol(name, "n"))
    assert f"def derivative({parameter}):" in source


def test_names_that_fall_together_are_told_apart() -> None:
    source = numpy_source(ex.add(ex.symbol("x'", "n"), ex.symbol("x*", "n")))
    assert "def derivative(x_, x_2):\n    return x_ + x_2" in without_remark(source)


@pytest.mark.parametrize(
    ("expr", "code"),
    [
        (ex.matmul(ex.transpose(x), S, x), "return float((x.T @ S @ x).item())"),
        (ex.matmul(S, S, x), "return S @ (S @ x)"),
        (ex.matmul(S, x, ex.transpose(y), S), "return (S @ x) @ (y.T @ S)"),
        (ex.scale(ex.number(2), ex.matmul(S, x)), "return 2 * (S @ x)"),
        (ex.neg(ex.matmul(S, x)), "return -S @ x"),
        (ex.sub(x, ex.matmul(S, y)), "return x - S @ y"),
        (ex.divide(x, ex.norm(x, "2")), "return x / np.linalg.norm(x)"),
        (ex.scale(ex.number(Fraction(-1, 2)), x), "return -0.5 * x"),
        (ex.hdivide(x, ex.hadamard(x, y)), "return x / (x * y)"),
        (ex.divide(x, ex.dimension("n")), "return x / x.shape[0]"),
        (ex.identity("n"), "return np.eye(n)"),
        (ex.power(S, 3), "return np.linalg.matrix_power(S, 3)"),
    ],
)
def test_the_code_is_what_one_would_write(expr: Expr, code: str) -> None:
    assert body(expr) == code


def test_shared_parts_are_computed_once() -> None:
    residual = ex.sub(ex.matmul(S, x), y)
    norm = ex.norm(residual, "2")
    assert body(ex.divide(ex.matmul(ex.transpose(S), residual), norm)) == (
        "t1 = S @ x - y\n    return (S.T @ t1) / np.linalg.norm(t1)"
    )


def test_cost_stays_linear_in_the_number_of_distinct_nodes() -> None:
    expr = x
    for _ in range(60):
        expr = ex.hadamard(ex.function("tanh", expr), ex.function("exp", expr))
    assert len(numpy_source(expr)) < 6000


def test_sizes_come_from_the_parameters() -> None:
    expr = ex.kron(ex.identity("m"), ex.ones("p", "n"))
    assert "np.kron(np.eye(A.shape[1]), np.ones((A.shape[0], X.shape[1])))" in numpy_source(
        expr, [A, X, B]
    )


def test_a_size_that_no_parameter_has_is_a_parameter() -> None:
    assert run(numpy_source(ex.dimension("n")), n=4) == 4.0


def test_a_sum_over_samples_takes_a_sequence_of_them() -> None:
    sample = ex.symbol("x", "d", indices=("i",))
    expr = ex.divide(ex.index_sum("i", "n", sample), ex.dimension("n"))
    samples = [np.array([[1.0], [2.0]]), np.array([[3.0], [6.0]])]
    assert "sum(x[i] for i in range(len(x)))" in numpy_source(expr)
    np.testing.assert_allclose(run(numpy_source(expr), x=samples), [[2.0], [4.0]])


def test_what_does_not_depend_on_the_index_is_computed_before_the_loop() -> None:
    product = ex.matmul(S, x)
    expr = ex.index_sum("i", "n", ex.mul(ex.entry(product, "i"), ex.entry(x, "i")))
    assert body(expr) == (
        "t1 = S @ x\n    return float(sum(t1[i, 0] * x[i, 0] for i in range(S.shape[0])))"
    )


def test_a_free_index_is_a_parameter_counted_from_one() -> None:
    assert run(numpy_source(ex.entry(X, "i", "j")), X=np.eye(3)[:2], i=2, j=2) == 1.0


def test_an_unknown_function_and_its_derivative_are_parameters() -> None:
    expr = ex.hadamard(
        ex.function(ex.Unknown("f", 1), x), ex.function(ex.Unknown("f"), ex.matmul(S, x))
    )
    assert numpy_source(expr).startswith("import numpy as np\n\n\ndef derivative(x, S, df, f):")


def test_deep_and_long_expressions_still_compile() -> None:
    deep = x
    for _ in range(300):
        deep = ex.function("tanh", ex.add(deep, x))
    long = ex.add(*[ex.matmul(*[S] * (k + 1), x) for k in range(150)], ex.matmul(*[S] * 400, x))
    compile(numpy_source(deep), "deep", "exec")
    compile(numpy_source(long), "long", "exec")


def test_the_differential_of_a_compound_has_no_numpy_form() -> None:
    with pytest.raises(UnsupportedError, match="diff"):
        numpy_source(ex.diff(ex.matmul(A, X)))
