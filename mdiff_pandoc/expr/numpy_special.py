"""The NumPy code of derivatives, names and functions of matrices, and the helpers it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr.build import dimension, index_sum, power, scale
from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.node import Expr, Index, Op, Symbol, make, walk
from mdiff_pandoc.expr.numpy_forms import TIMES, Code, Context, operand
from mdiff_pandoc.expr.special import blocks
from mdiff_pandoc.expr.substitute import substitute

HELPERS = {
    "expm": """def expm(X):
    halvings = max(0, int(np.ceil(np.log2(np.linalg.norm(X, 1) + 1e-300))) + 1)
    term = total = np.eye(len(X))
    for k in range(1, 20):
        term = term @ X / (k * 2**halvings)
        total = total + term
    return np.linalg.matrix_power(total, 2**halvings)
""",
    "matrix_function": '''def matrix_function(f, X):
    """f of a matrix with independent eigenvectors."""
    values, vectors = np.linalg.eig(X)
    return ((vectors * f(values + 0j)) @ np.linalg.inv(vectors)).real
''',
    "adjugate": """def adjugate(X):
    U, s, V = np.linalg.svd(X)
    rest = [np.prod(np.delete(s, k)) for k in range(len(s))]
    return np.linalg.det(U) * np.linalg.det(V) * (V.T * rest) @ U.T
""",
    "softmax": """def softmax(x):
    e = np.exp(x - np.max(x))
    return e / np.sum(e)
""",
}


def operands(node: Expr) -> tuple[Expr, ...]:
    """The arguments that the code of a node computes; what stays unevaluated has none."""
    if node.op is Op.SLOPE:
        return node.args[0].args
    return () if node.op in (Op.DERIVATIVE, Op.DIFF) else node.args


def averaged(expr: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """Expectations as averages over samples, and the families that random symbols become."""
    families: dict[Expr, Expr] = {}
    if not any(node.op is Op.EXPECTATION for node in walk(expr)):
        return expr, families
    done: dict[Expr, Expr] = {}
    nested = sorted((n for n in walk(expr) if n.op is Op.EXPECTATION), key=lambda n: n.size)
    for node in nested:
        assert isinstance(node.data, tuple)
        body = substitute(node.args[0], done)
        members = {s: _member(s) for s in body.symbols if _name(s) in node.data}
        families |= members
        if members:
            total = index_sum("sample", "samples", substitute(body, members))
            body = scale(power(dimension(Dim.of("samples")), -1), total)
        done[node] = body
    return substitute(expr, done), families


def _member(symbol: Expr) -> Expr:
    data = symbol.data
    assert isinstance(data, Symbol)
    indices = ("sample", *data.indices)
    return make(Op.SYMBOL, data=Symbol(data.name, data.assumptions, indices), shape=symbol.shape)


def _name(expr: Expr) -> str:
    """The name of a symbol, a name or an unspecified function; ``f`` for anything else."""
    if expr.op is Op.SYMBOL and isinstance(expr.data, Symbol):
        return expr.data.name
    if expr.op in (Op.NAMED, Op.APPLY):
        return str(expr.data)
    return _name(expr.args[0]) if expr.op in (Op.VEC, Op.TRANSPOSE) else "f"


def _diff(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    """``dX`` is a parameter."""
    (body,) = expr.args
    if body.op not in (Op.SYMBOL, Op.NAMED):
        raise UnsupportedError("the differential of a compound has no NumPy form")
    return Code(context.special(expr, f"d{_name(body)}"))


def _derivative(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    """An unevaluated derivative is a parameter, ``dy_dC``; one by entries is an entry of it."""
    places: list[Index] = []
    bodies: list[Expr] = []
    for part in expr.args:
        body = part.args[0] if part.op is Op.ENTRY else part
        if part is not body:
            assert isinstance(part.data, tuple)
            places += part.data[:1] if body.is_vector else part.data
        bodies.append(body)
    name = f"d{_name(bodies[0])}_d{_name(bodies[1])}"
    if bodies[0].op is Op.DERIVATIVE:
        name = f"d2{_name(bodies[0].args[0])}_d{_name(bodies[0].args[1])}_d{_name(bodies[1])}"
    if not places:
        return Code(context.special((Op.DERIVATIVE, *expr.args, expr.data), name))
    indices = ", ".join(map(context.index, places))
    return Code(f"{context.special((Op.DERIVATIVE, *bodies), name)}[{indices}]")


def _call(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    function = context.special(("function", expr.data), str(expr.data))
    return Code(f"{function}({', '.join(arg.text for arg in args)})")


def _slope(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    """The gradient of ``f`` is a function ``grad_f``, by a second argument ``grad2_f``."""
    call = expr.args[0]
    assert isinstance(expr.data, int)
    number = str(expr.data + 1) if len(call.args) > 1 else ""
    function = context.special((Op.SLOPE, call.data, expr.data), f"grad{number}_{call.data}")
    return Code(f"{function}({', '.join(arg.text for arg in args)})")


def _commutation(expr: Expr, _: Sequence[Code], context: Context) -> Code:
    rows, columns = (context.dim(dim) for dim in expr.data)  # type: ignore[attr-defined]
    size = context.dim(expr.shape[0])
    order = f"np.arange({size}).reshape({columns}, {rows}).T.ravel()"
    return Code(f"np.eye({size})[{order}]")


def _block(expr: Expr, args: Sequence[Code], _: Context) -> Code:
    codes = iter(args)
    rows = [", ".join(next(codes).text for _ in row) for row in blocks(expr)]
    return Code(f"np.block([{', '.join(f'[{row}]' for row in rows)}])")


def _matrix_function(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    if expr.is_scalar:
        return Code(f"np.{expr.data}({args[0].text})")
    if expr.data == "exp":
        return Code(f"{context.helper('expm')}({args[0].text})")
    return Code(f"{context.helper('matrix_function')}(np.{expr.data}, {args[0].text})")


def _pseudo_inverse(expr: Expr, args: Sequence[Code], _: Context) -> Code:
    if expr.is_scalar:
        return Code(f"1 / {operand(args[0])}", TIMES)
    return Code(f"np.linalg.pinv({args[0].text})")


def _with_helper(name: str) -> _Handler:
    def code(expr: Expr, args: Sequence[Code], context: Context) -> Code:
        if expr.is_scalar:
            return Code("1.0")
        return Code(f"{context.helper(name)}({args[0].text})")

    return code


def _logsumexp(_: Expr, args: Sequence[Code], __: Context) -> Code:
    return Code(f"np.logaddexp.reduce(np.ravel({args[0].text}))")


def _eigen(expr: Expr, args: Sequence[Code], context: Context) -> Code:
    """NumPy numbers eigenvalues from the smallest, mathematics from the largest."""
    which: Index = expr.data  # type: ignore[assignment]
    if which in ("max", "min"):
        place = "-1" if which == "max" else "0"
    else:
        place = str(-which) if isinstance(which, int) else f"-1 - ({context.index(which)})"
    if expr.op is Op.EIGENVECTOR:
        return Code(f"np.linalg.eigh({args[0].text})[1][:, [{place}]]")
    if expr.args[0].is_scalar:
        return args[0]
    return Code(f"np.linalg.eigvalsh({args[0].text})[{place}]")


def _singular_vector(expr: Expr, args: Sequence[Code], _: Context) -> Code:
    part = "[0][:, [0]]" if expr.data == "left" else "[2][[0], :].T"
    return Code(f"np.linalg.svd({args[0].text}){part}")


def _largest(_: Expr, args: Sequence[Code], __: Context) -> Code:
    size = f"np.abs({args[0].text})"
    return Code(f"({size} == np.max({size})).astype(float)")


_Handler = Callable[[Expr, Sequence[Code], Context], Code]
SPECIAL: dict[Op, _Handler] = {
    Op.DIFF: _diff,
    Op.DERIVATIVE: _derivative,
    Op.NAMED: lambda _, args, __: args[0],
    Op.APPLY: _call,
    Op.SLOPE: _slope,
    Op.COMMUTATION: _commutation,
    Op.BLOCK: _block,
    Op.MATRIX_FUNCTION: _matrix_function,
    Op.PSEUDO_INVERSE: _pseudo_inverse,
    Op.ADJUGATE: _with_helper("adjugate"),
    Op.CROSS: lambda _, args, __: Code(f"np.cross({args[0].text}, {args[1].text}, axis=0)"),
    Op.SOFTMAX: _with_helper("softmax"),
    Op.LOGSUMEXP: _logsumexp,
    Op.EIGENVALUE: _eigen,
    Op.EIGENVECTOR: _eigen,
    Op.SINGULAR_VECTOR: _singular_vector,
    Op.LARGEST: _largest,
}
