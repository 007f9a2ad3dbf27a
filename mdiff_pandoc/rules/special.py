"""The table of differentials of functions of whole vectors and matrices.

Sources: Magnus & Neudecker, *Matrix Differential Calculus with Applications in Statistics and
Econometrics*, 3rd ed. (MN); Higham, *Functions of Matrices*, 2008; Boyd & Vandenberghe, *Convex
Optimization*, 2004 (BV); Watson, *Characterization of the subdifferential of some matrix norms*,
1992; Petersen & Pedersen, *The Matrix Cookbook*, 2012 (PP).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Meta,
    Op,
    add,
    adjugate,
    block,
    blocks,
    cross,
    det,
    diag,
    diff,
    eigenvalue,
    eigenvector,
    expectation,
    function,
    hadamard,
    identity,
    inverse,
    kron,
    largest,
    logsumexp,
    matmul,
    matrix_function,
    meta,
    mul,
    neg,
    norm,
    number,
    ones,
    pseudo_inverse,
    scale,
    singular_vector,
    softmax,
    sub,
    trace,
    transpose,
    unvec,
    vec,
)
from mdiff_pandoc.expr.words import in_words
from mdiff_pandoc.rules.differential_moves import argument_of, product_rule, sum_of
from mdiff_pandoc.rules.parts import placed
from mdiff_pandoc.rules.randomness import is_random
from mdiff_pandoc.rules.rule import Rewrite, Rule, Table, Varies
from mdiff_pandoc.rules.transposes import SYMMETRIC, transposed

_X = meta("X", "n", "n")
_S = meta("S", "n", "n", requires=("symmetric",))
_V = meta("S", "n", "n", requires=("positive definite",))
_Y = meta("Y", "m", "n")
_Z = meta("Z", "m", "p")
_T = meta("X", "n", "m")
_a, _x = meta("a", "n"), meta("x", "n")
_b, _c = meta("b", 3), meta("c", 3)
_t = meta("tau")
_K = meta("A", "n", "n", requires=("constant",))

SLOPES: dict[str, Callable[[Expr], Expr]] = {  # f′ of the analytic functions of a matrix
    "exp": lambda x: matrix_function("exp", x),
    "log": inverse,
    "sqrt": lambda x: scale(number(Fraction(1, 2)), inverse(matrix_function("sqrt", x))),
    "sin": lambda x: matrix_function("cos", x),
    "cos": lambda x: neg(matrix_function("sin", x)),
    "sinh": lambda x: matrix_function("cosh", x),
    "cosh": lambda x: matrix_function("sinh", x),
}
_POSITIVE = ("log", "sqrt")


def _of(op: Op, after: Callable[[Expr], Expr | None]) -> Rewrite:
    """``d f(X)`` by a formula in the node ``f(X)``."""

    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        inner = argument_of(expr, op)
        return None if inner is None else after(inner)

    return rewrite


def _softmax(s: Expr) -> Expr:
    return matmul(sub(diag(s), matmul(s, transpose(s))), diff(s.args[0]))


def _log_softmax(expr: Expr, _: Varies) -> Expr | None:
    """``d log softmax(x) = dx - 1 softmax(x)^T dx``."""
    inner = argument_of(expr, Op.FUNC)
    if inner is None or inner.data != "log" or inner.args[0].op is not Op.SOFTMAX:
        return None
    s = inner.args[0]
    step = diff(s.args[0])
    return sub(step, matmul(ones(s.shape[0]), transpose(s), step))


def _logsumexp(node: Expr) -> Expr:
    x = node.args[0]
    return matmul(transpose(softmax(x)), diff(x))


def _matrix_norm(kind: str, after: Callable[[Expr], Expr]) -> Rewrite:
    """``d‖X‖`` of a norm of a matrix, by a formula in X."""

    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        inner = argument_of(expr, Op.NORM)
        if inner is None or inner.data != kind or ONE in inner.args[0].shape:
            return None
        return after(inner.args[0])

    return rewrite


def is_wide(x: Expr) -> bool:
    """Is it known that there are fewer rows than columns?"""
    rows, columns = (dim.value for dim in x.shape)
    return rows is not None and columns is not None and rows < columns


def nuclear_slope(x: Expr) -> Expr:
    """The gradient ``X (X^T X)^{-1/2}`` of the nuclear norm, for full rank.

    A matrix with fewer rows than columns has :math:`(X X^T)^{-1/2} X`.
    """
    if is_wide(x):
        return matmul(inverse(matrix_function("sqrt", matmul(x, transposed(x)))), x)
    return matmul(x, inverse(matrix_function("sqrt", matmul(transposed(x), x))))


def _nuclear(x: Expr) -> Expr:
    return trace(matmul(transposed(nuclear_slope(x)), diff(x)))


def _spectral(x: Expr) -> Expr:
    return matmul(transpose(singular_vector(x, "left")), diff(x), singular_vector(x, "right"))


def _maximum(x: Expr) -> Expr:
    return matmul(transpose(hadamard(function("sign", x), largest(x))), diff(x))


def _maximum_norm(expr: Expr, _: Varies) -> Expr | None:
    """``d‖x‖_∞`` of a vector."""
    inner = argument_of(expr, Op.NORM)
    if inner is None or inner.data != "inf" or not inner.args[0].is_vector:
        return None
    return _maximum(inner.args[0])


def _trace_of(name: str) -> Rewrite:
    """``d tr f(X) = tr(f′(X) dX)``, as X commutes with every power of itself."""

    def rewrite(expr: Expr, _: Varies) -> Expr | None:
        inner = argument_of(expr, Op.TRACE)
        if inner is None:
            return None
        body = inner.args[0]
        if body.op is not Op.MATRIX_FUNCTION or body.data != name:
            return None
        x = body.args[0]
        return _trace(SLOPES[name](x), diff(x))

    return rewrite


def _trace(slope: Expr, step: Expr) -> Expr:
    product = matmul(slope, step)
    return (
        mul(product.args[0], trace(product.args[1])) if product.op is Op.SCALE else trace(product)
    )


def _along_a_line(expr: Expr, varies: Varies) -> Expr | None:
    """``d f(tA) = dt A f′(tA)`` for a constant A, which commutes with f(tA)."""
    inner = argument_of(expr, Op.MATRIX_FUNCTION)
    if inner is None or inner.args[0].op is not Op.SCALE:
        return None
    t, a = inner.args[0].args
    if varies(a):
        return None
    return scale(diff(t), matmul(a, SLOPES[str(inner.data)](inner.args[0])))


def _square_root(expr: Expr, _: Varies) -> Expr | None:
    """``S dS + dS S = dX`` for the square root S, solved by vec."""
    inner = argument_of(expr, Op.MATRIX_FUNCTION)
    if inner is None or inner.data != "sqrt":
        return None
    unit, step = identity(inner.shape[0]), vec(diff(inner.args[0]))
    system = add(kron(unit, inner), kron(transposed(inner), unit))
    return unvec(matmul(inverse(system), step), inner.shape)


def _pseudo_inverse(node: Expr) -> Expr:
    x = node.args[0]
    rows, columns = x.shape
    outside = sub(identity(rows), matmul(x, node))
    inside = sub(identity(columns), matmul(node, x))
    step, flipped = diff(x), transpose(diff(x))
    return add(
        neg(matmul(node, step, node)),
        matmul(node, transpose(node), flipped, outside),
        matmul(inside, flipped, transpose(node), node),
    )


def _adjugate(node: Expr) -> Expr:
    x = node.args[0]
    back, step = inverse(x), diff(x)
    inner = sub(scale(trace(matmul(back, step)), back), matmul(back, step, back))
    return scale(det(x), inner)


def _eigenvalue(node: Expr) -> Expr | None:
    a = node.args[0]
    v = eigenvector(a, node.data)  # type: ignore[arg-type]
    return matmul(transpose(v), diff(a), v) if is_symmetric(a) else None


def eigenvector_slope(v: Expr) -> Expr:
    """``(λI - A)^+ = (λI - A + v v^T)^{-1} - v v^T`` in ``dv = (λI - A)^+ dA v``."""
    a = v.args[0]
    value = eigenvalue(a, v.data)  # type: ignore[arg-type]
    along = matmul(v, transpose(v))
    regular = add(scale(value, identity(a.shape[0])), neg(a), along)
    return sub(inverse(regular), along)


def _eigenvector(node: Expr) -> Expr | None:
    a = node.args[0]
    return matmul(eigenvector_slope(node), diff(a), node) if is_symmetric(a) else None


def is_symmetric(a: Expr) -> bool:
    """Is a matrix known to be symmetric, by its form or by an assumption?"""
    words = a.data.requires if isinstance(a.data, Meta) else frozenset()
    return transposed(a) is a or not words.isdisjoint(SYMMETRIC)


def _block(expr: Expr, varies: Varies) -> Expr | None:
    """A term for each block that varies: its differential, with zeros in the other places."""
    inner = argument_of(expr, Op.BLOCK)
    if inner is None:
        return None
    terms = [
        placed(diff(part), inner, i, j)
        for i, row in enumerate(blocks(inner))
        for j, part in enumerate(row)
        if varies(part)
    ]
    return sum_of(terms, inner)


def _expectation(expr: Expr, varies: Varies) -> Expr | None:
    """``d E[f] = E[df]``. Raises UnsupportedError for a random variable of differentiation."""
    inner = argument_of(expr, Op.EXPECTATION)
    if inner is None:
        return None
    if any(is_random(symbol, inner) and varies(symbol) for symbol in inner.symbols):
        raise UnsupportedError(
            "the variable of differentiation is random: the expectation does not depend on it",
            hint="take the derivative by a parameter, or leave the expectation out",
        )
    return expectation(diff(inner.args[0]), inner.data)  # type: ignore[arg-type]


def _rule(
    name: str, left: Expr, right: Expr, source: str, rewrite: Rewrite, *, quiet: bool = False
) -> Rule:
    return Rule(name, Table.DIFFERENTIAL, diff(left), right, source, quiet, rewrite)


_ALONG = matmul(eigenvector(_V), transpose(eigenvector(_V)))
_ROOT = matrix_function("sqrt", _V)
SPECIAL: tuple[Rule, ...] = (
    _rule(
        "logarithm of softmax",
        function("log", softmax(_x)),
        sub(diff(_x), matmul(ones("n"), transpose(softmax(_x)), diff(_x))),
        "quotient rule, MN ch. 5 §12",
        _log_softmax,
    ),
    _rule(
        "softmax",
        softmax(_x),
        _softmax(softmax(_x)),
        "quotient rule, MN ch. 5 §12",
        _of(Op.SOFTMAX, _softmax),
    ),
    _rule(
        "logsumexp",
        logsumexp(_x),
        _logsumexp(logsumexp(_x)),
        "BV app. A.4; chain rule, MN ch. 5 §12",
        _of(Op.LOGSUMEXP, _logsumexp),
    ),
    _rule(
        "nuclear norm",
        norm(_T, "*"),
        _nuclear(_T),
        "Watson 1992, §2; for full column rank",
        _matrix_norm("*", _nuclear),
    ),
    _rule(
        "spectral norm",
        norm(_Y, "2"),
        _spectral(_Y),
        "Watson 1992, §2; for a simple largest singular value",
        _matrix_norm("2", _spectral),
    ),
    _rule(
        "maximum norm",
        norm(_x, "inf"),
        _maximum(_x),
        "Watson 1992, §2; for one entry of largest absolute value",
        _maximum_norm,
    ),
    *(
        _rule(
            f"trace of {name}m",
            trace(matrix_function(name, x)),
            _trace(SLOPES[name](x), diff(x)),
            "MN ch. 8 §2; Higham ch. 3",
            _trace_of(name),
        )
        for name in SLOPES
        for x in [_V if name in _POSITIVE else _X]
    ),
    _rule(
        "matrix function along a line",
        matrix_function("exp", scale(_t, _K)),
        scale(diff(_t), matmul(_K, matrix_function("exp", scale(_t, _K)))),
        "MN ch. 8 §2; Higham §10.1",
        _along_a_line,
    ),
    _rule(
        "square root of a matrix",
        _ROOT,
        unvec(
            matmul(
                inverse(add(kron(identity("n"), _ROOT), kron(_ROOT, identity("n")))),
                vec(diff(_V)),
            ),
            _V.shape,
        ),
        "Higham §6.1; MN ch. 2 §4",
        _square_root,
    ),
    _rule(
        "pseudo-inverse",
        pseudo_inverse(_Y),
        _pseudo_inverse(pseudo_inverse(_Y)),
        "MN ch. 8 §5; Golub and Pereyra 1973; for constant rank",
        _of(Op.PSEUDO_INVERSE, _pseudo_inverse),
    ),
    _rule(
        "adjugate",
        adjugate(_X),
        _adjugate(adjugate(_X)),
        "MN ch. 8 §6",
        _of(Op.ADJUGATE, _adjugate),
    ),
    _rule(
        "eigenvalue",
        eigenvalue(_S),
        matmul(transpose(eigenvector(_S)), diff(_S), eigenvector(_S)),
        "MN ch. 8 §9; PP (67)",
        _of(Op.EIGENVALUE, _eigenvalue),
    ),
    _rule(
        "eigenvector",
        eigenvector(_V),
        matmul(
            sub(
                inverse(add(scale(eigenvalue(_V), identity("n")), neg(_V), _ALONG)),
                _ALONG,
            ),
            diff(_V),
            eigenvector(_V),
        ),
        "MN ch. 8 §9; PP (68); Golub and Meyer 1986 for the pseudo-inverse in it",
        _of(Op.EIGENVECTOR, _eigenvector),
    ),
    _rule(
        "cross product",
        cross(_b, _c),
        add(cross(diff(_b), _c), cross(_b, diff(_c))),
        "MN ch. 8 §2",
        product_rule(Op.CROSS),
    ),
    _rule(
        "differential of a block matrix",
        block([[_Y, _Z]]),
        block([[diff(_Y), diff(_Z)]]),
        "MN ch. 8 §2",
        _block,
        quiet=True,
    ),
    _rule(
        "differential of an expectation",
        expectation(_a),
        expectation(diff(_a)),
        "linearity of the expectation",
        _expectation,
        quiet=True,
    ),
)


def refusal(body: Expr) -> tuple[str, str]:
    """Why no rule has the differential of this expression, and what to ask for instead."""
    if body.op is Op.MATRIX_FUNCTION:
        return (
            f"the differential of the matrix function {body.data} has no closed form, as the "
            "matrix does not commute with its differential",
            "under a trace, tr f(X), or of a scalar times a constant matrix, f(tA), it has",
        )
    if body.op in (Op.EIGENVALUE, Op.EIGENVECTOR):
        return (
            "eigenvalues are differentiated for a symmetric matrix",
            "declare the matrix symmetric",
        )
    return f"no differential is known for this operation: {in_words(body)}", ""
