"""Exchange with SymPy: scalar expressions, and the matrix expressions that SymPy has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import Any

from mdiff_pandoc.errors import LimitError, UnsupportedError
from mdiff_pandoc.expr import build, special
from mdiff_pandoc.expr.dims import Dim
from mdiff_pandoc.expr.node import Expr, Index, Op, Range, Symbol, Unknown
from mdiff_pandoc.expr.words import in_words

_SAME_NAME = "log exp sin cos tan cot sec csc sinh cosh tanh sign".split()
_SYMPY_NAMES = {name: name for name in _SAME_NAME} | {
    "abs": "Abs",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
}


def to_sympy(expr: Expr) -> Any:
    """The SymPy expression of the same value; vectors are n×1 matrices.

    Dimensions become positive integer symbols. Raises UnsupportedError for what SymPy has no
    matrix expression for (norms, vec, rows, differentials…).
    """
    try:
        return _To().convert(expr)
    except RecursionError:
        raise LimitError("the expression is nested too deeply for SymPy") from None
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UnsupportedError(f"SymPy refuses the expression: {error}") from None


def from_sympy(expr: Any, symbols: Sequence[Expr] = ()) -> Expr:
    """The expression of a SymPy object.

    ``symbols`` gives names their shapes and assumptions; another positive integer symbol is a
    dimension, any other a new symbol. Raises UnsupportedError for what has no counterpart.
    """
    try:
        return _From(symbols).convert(expr)
    except RecursionError:
        raise LimitError("the expression is nested too deeply") from None


@cache
def _sympy() -> Any:
    return import_module("sympy")


@cache
def _own_functions() -> dict[str, Any]:
    """SymPy classes for the functions that it has no name for, with their derivatives."""
    sympy = _sympy()
    base: Any = sympy.Function

    class sigma(base):  # type: ignore[misc]
        def fdiff(self, argindex: int = 1) -> Any:
            return self * (1 - self)

        def _eval_rewrite_as_exp(self, arg: Any, **_: Any) -> Any:
            return 1 / (1 + sympy.exp(-arg))

        def _eval_evalf(self, prec: int) -> Any:
            return self.rewrite(sympy.exp)._eval_evalf(prec)

    class softplus(base):  # type: ignore[misc]
        def fdiff(self, argindex: int = 1) -> Any:
            return sigma(self.args[0])

        def _eval_rewrite_as_log(self, arg: Any, **_: Any) -> Any:
            return sympy.log(1 + sympy.exp(arg))

        def _eval_evalf(self, prec: int) -> Any:
            return self.rewrite(sympy.log)._eval_evalf(prec)

    return {"sigma": sigma, "softplus": softplus}


def _apply(name: str, argument: Any) -> Any:
    """A known function of a SymPy scalar."""
    sympy = _sympy()
    if name in _SYMPY_NAMES:
        return getattr(sympy, _SYMPY_NAMES[name])(argument)
    match name:
        case "sqrt":
            return sympy.sqrt(argument)
        case "relu":
            return sympy.Max(0, argument)
        case "step":
            return sympy.Heaviside(argument, sympy.Rational(1, 2))
    function = _own_functions().get(name)
    if function is None:
        raise UnsupportedError(f"SymPy has no expression for the function {name}")
    return function(argument)


class _To:
    def __init__(self) -> None:
        self._done: dict[Expr, Any] = {}

    def convert(self, expr: Expr) -> Any:
        found = self._done.get(expr)
        if found is None:
            args = [self.convert(arg) for arg in expr.args]
            found = self._done[expr] = self._node(expr, args)
        return found

    def _node(self, expr: Expr, args: list[Any]) -> Any:
        sympy = _sympy()

        diagonal = sympy.matrices.expressions.diagonal
        plain: dict[Op, Callable[..., Any]] = {
            Op.SUM: sympy.Add if expr.is_scalar else sympy.MatAdd,
            Op.MUL: sympy.Mul,
            Op.SCALE: sympy.MatMul,
            Op.MATMUL: sympy.MatMul,
            Op.POWER: sympy.Pow if expr.is_scalar else sympy.MatPow,
            Op.INVERSE: sympy.Inverse,
            Op.TRANSPOSE: sympy.Transpose,
            Op.TRACE: sympy.Trace,
            Op.DET: sympy.Determinant,
            Op.HADAMARD: sympy.HadamardProduct,
            Op.HPOWER: sympy.HadamardPower,
            Op.DIAG: diagonal.DiagMatrix,
            Op.DIAGONAL: diagonal.DiagonalOf,
            Op.KRON: sympy.KroneckerProduct,
        }
        if any(arg.is_scalar for arg in expr.args) and expr.op in _SCALARS_THEMSELVES:
            return args[0]
        if expr.op in plain:
            result = plain[expr.op](*args)
            return _only_entry(result) if expr.is_scalar and expr.op is Op.MATMUL else result
        match expr.op:
            case Op.NUMBER:
                return sympy.Rational(str(expr.data))
            case Op.CONSTANT:
                return sympy.pi if expr.data == "pi" else sympy.E
            case Op.DIMENSION:
                return _dim_to_sympy(expr.data)  # type: ignore[arg-type]
            case Op.SYMBOL:
                return self._symbol(expr)
            case Op.IDENTITY | Op.ONES | Op.ZERO:
                return _special(expr)
            case Op.NAMED:
                return args[0]
            case Op.BLOCK:
                width = expr.data[1]  # type: ignore[index]
                rows = [args[start : start + width] for start in range(0, len(args), width)]
                whole = all(arg.is_scalar for arg in expr.args)
                return (sympy.ImmutableMatrix if whole else sympy.BlockMatrix)(rows)
            case Op.HDIV:
                return sympy.HadamardProduct(args[0], sympy.HadamardPower(args[1], -1))
            case Op.FUNC:
                return self._function(expr, args[0])
            case Op.ENTRY:
                row, column = (_index_to_sympy(index) - 1 for index in expr.data)  # type: ignore[attr-defined]
                return sympy.matrices.expressions.matexpr.MatrixElement(args[0], row, column)
            case Op.DELTA:
                return sympy.KroneckerDelta(*map(_index_to_sympy, expr.data))  # type: ignore[call-overload]
            case Op.INDEX_SUM if expr.is_scalar:
                data = expr.data
                assert isinstance(data, Range)
                upper = _dim_to_sympy(data.upper)
                return sympy.Sum(args[0], (_index_to_sympy(data.index), data.lower, upper))
        raise UnsupportedError(f"SymPy has no expression for this operation: {in_words(expr)}")

    def _symbol(self, expr: Expr) -> Any:
        sympy = _sympy()

        data = expr.data
        assert isinstance(data, Symbol)
        if data.indices:
            raise UnsupportedError(f"SymPy has no expression for a family such as {data.name}")
        if expr.is_scalar:
            positive = True if "positive" in data.assumptions else None
            return sympy.Symbol(data.name, real=True, positive=positive)
        return sympy.MatrixSymbol(data.name, *map(_dim_to_sympy, expr.shape))

    def _function(self, expr: Expr, argument: Any) -> Any:
        sympy = _sympy()

        name = expr.data
        if isinstance(name, Unknown):
            if name.order:
                raise UnsupportedError("the derivative of an unknown function has no SymPy form")
            function: Any = sympy.Function(name.name)
            return function(argument) if expr.is_scalar else argument.applyfunc(function)
        assert isinstance(name, str)
        if expr.is_scalar:
            return _apply(name, argument)
        variable = sympy.Symbol("x", real=True)
        return argument.applyfunc(sympy.Lambda(variable, _apply(name, variable)))


_SCALARS_THEMSELVES = frozenset(
    {Op.TRANSPOSE, Op.TRACE, Op.DET, Op.INVERSE, Op.DIAGONAL, Op.ENTRY, Op.VEC}
)


def _only_entry(matrix: Any) -> Any:
    return _sympy().matrices.expressions.matexpr.MatrixElement(matrix, 0, 0)


def _dim_to_sympy(dim: Dim) -> Any:
    sympy = _sympy()
    total = sympy.Integer(0)
    for names, coefficient in dim.terms:
        factors = [sympy.Symbol(name, integer=True, positive=True) for name in names]
        total += sympy.Mul(coefficient, *factors)
    return total


def _index_to_sympy(index: Index) -> Any:
    sympy = _sympy()
    return sympy.Integer(index) if isinstance(index, int) else sympy.Symbol(index, integer=True)


def _special(expr: Expr) -> Any:
    sympy = _sympy()
    if expr.is_scalar:
        return sympy.Integer(0 if expr.op is Op.ZERO else 1)
    rows, columns = map(_dim_to_sympy, expr.shape)
    if expr.op is Op.IDENTITY:
        return sympy.Identity(rows)
    return (sympy.OneMatrix if expr.op is Op.ONES else sympy.ZeroMatrix)(rows, columns)


class _From:
    def __init__(self, symbols: Sequence[Expr]) -> None:
        self._symbols = {s.data.name: s for s in symbols if isinstance(s.data, Symbol)}

    def convert(self, expr: Any) -> Expr:
        sympy = _sympy()

        if expr.is_Rational:
            return build.number(Fraction(int(expr.p), int(expr.q)))
        if expr in (sympy.pi, sympy.E):
            return build.constant("pi" if expr == sympy.pi else "e")
        if expr.is_Symbol or isinstance(expr, sympy.MatrixSymbol):
            return self._symbol(expr)
        name = type(expr).__name__
        handler = _FROM.get(name)
        if handler is not None:
            return handler(self, expr)
        if isinstance(expr, sympy.Function):
            return self._function(expr, name)
        raise UnsupportedError(f"SymPy's {name} has no counterpart")

    def all(self, exprs: Sequence[Any]) -> list[Expr]:
        return [self.convert(expr) for expr in exprs]

    def _symbol(self, expr: Any) -> Expr:
        known = self._symbols.get(expr.name)
        if known is not None:
            return known
        if expr.is_Symbol:
            if expr.is_integer and expr.is_positive:
                return build.dimension(expr.name)
            return build.symbol(expr.name, assumptions=["positive"] if expr.is_positive else [])
        rows, columns = map(_dim_from_sympy, expr.shape)
        return build.symbol(expr.name, rows, columns)

    def _function(self, expr: Any, name: str) -> Expr:
        (argument,) = self.all(expr.args[:1])
        known = _FROM_NAMES.get(name)
        if known is None and (expr.func.__module__ is not None or len(expr.args) != 1):
            raise UnsupportedError(f"SymPy's {name} has no counterpart")
        return build.function(known or Unknown(name), argument)

    def power(self, expr: Any) -> Expr:
        base, exponent = self.all(expr.args)
        if exponent.data == Fraction(1, 2):
            return build.function("sqrt", base)
        return build.power(base, exponent)

    def hadamard(self, expr: Any) -> Expr:
        above = [arg for arg in expr.args if not _is_reciprocal(arg)]
        below = [arg.args[0] for arg in expr.args if _is_reciprocal(arg)]
        rows, columns = map(_dim_from_sympy, expr.shape)
        top = build.hadamard(*self.all(above)) if above else build.ones(rows, columns)
        return build.hdivide(top, build.hadamard(*self.all(below))) if below else top

    def elementwise(self, expr: Any) -> Expr:
        sympy = _sympy()

        variable = sympy.Symbol("x", real=True)
        marker = build.symbol("x")
        inner = _From([marker]).convert(expr.function(variable))
        argument = self.convert(expr.expr)
        if inner.op is Op.FUNC and inner.args[0] is marker:
            return build.function(inner.data, argument)  # type: ignore[arg-type]
        if inner.op is Op.POWER and inner.args[0] is marker and not inner.args[1].symbols:
            return build.hpower(argument, inner.args[1])
        raise UnsupportedError("an elementwise function that is no single function")

    def element(self, expr: Any) -> Expr:
        parent, row, column = expr.args
        base = self.convert(parent)
        return base if base.is_scalar else build.entry(base, *map(_index_of, (row, column)))

    def block(self, expr: Any) -> Expr:
        return special.block([self.all(row) for row in getattr(expr, "blocks", expr).tolist()])

    def constant(self, expr: Any) -> Expr:
        rows, columns = map(_dim_from_sympy, expr.shape)
        name = type(expr).__name__
        if name == "Identity":
            return build.identity(rows)
        return (build.ones if name == "OneMatrix" else build.zero)(rows, columns)

    def maximum(self, expr: Any) -> Expr:
        rest = [arg for arg in expr.args if arg != 0]
        if len(rest) != 1:
            raise UnsupportedError("only Max(0, x) has a counterpart")
        return build.function("relu", self.convert(rest[0]))

    def total(self, expr: Any) -> Expr:
        body, (index, lower, upper) = expr.args[0], expr.args[1]
        if len(expr.args) != 2 or not lower.is_Integer:
            raise UnsupportedError("only a sum over one index has a counterpart")
        return build.index_sum(
            index.name, _dim_from_sympy(upper), self.convert(body), lower=int(lower)
        )


def _is_reciprocal(expr: Any) -> bool:
    return type(expr).__name__ == "HadamardPower" and expr.args[1] == -1


def _dim_from_sympy(expr: Any) -> Dim:
    sympy = _sympy()
    total = Dim.of(0)
    for term in sympy.Add.make_args(sympy.expand(expr)):
        product = Dim.of(1)
        for factor in sympy.Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            whole = base.is_Integer or base.is_Symbol
            if not whole or not exponent.is_Integer or exponent < 1:
                raise UnsupportedError(f"the dimension {expr} is no polynomial")
            dim = Dim.of(int(base) if base.is_Integer else base.name)
            for _ in range(int(exponent)):
                product = product * dim
        total = total + product
    return total


def _index_of(expr: Any) -> Index:
    """An index counted from 1, of one that SymPy counts from 0."""
    index = expr + 1
    if index.is_Integer:
        return int(index)
    if not index.is_Symbol:
        raise UnsupportedError(f"the index {index} is no single symbol")
    return str(index.name)


def _index(expr: Any) -> Index:
    return _index_of(expr - 1)


_FROM_NAMES = {theirs: ours for ours, theirs in _SYMPY_NAMES.items()} | {
    "sigma": "sigma",
    "softplus": "softplus",
    "Heaviside": "step",
}
_FROM: dict[str, Callable[[_From, Any], Expr]] = {
    "Add": lambda self, e: build.add(*self.all(e.args)),
    "MatAdd": lambda self, e: build.add(*self.all(e.args)),
    "Mul": lambda self, e: build.mul(*self.all(e.args)),
    "MatMul": lambda self, e: build.matmul(*self.all(e.args)),
    "Pow": _From.power,
    "MatPow": lambda self, e: build.power(*self.all(e.args)),
    "Inverse": lambda self, e: build.inverse(self.convert(e.args[0])),
    "Transpose": lambda self, e: build.transpose(self.convert(e.args[0])),
    "Trace": lambda self, e: build.trace(self.convert(e.args[0])),
    "Determinant": lambda self, e: build.det(self.convert(e.args[0])),
    "HadamardProduct": _From.hadamard,
    "HadamardPower": lambda self, e: build.hpower(*self.all(e.args)),
    "DiagMatrix": lambda self, e: build.diag(self.convert(e.args[0])),
    "DiagonalOf": lambda self, e: build.diagonal(self.convert(e.args[0])),
    "KroneckerProduct": lambda self, e: _kron(self.all(e.args)),
    "ElementwiseApplyFunction": _From.elementwise,
    "MatrixElement": _From.element,
    "Identity": _From.constant,
    "OneMatrix": _From.constant,
    "ZeroMatrix": _From.constant,
    "BlockMatrix": _From.block,
    "ImmutableDenseMatrix": _From.block,
    "Max": _From.maximum,
    "Sum": _From.total,
    "KroneckerDelta": lambda self, e: build.delta(*map(_index, e.args[:2])),
}


def _kron(factors: list[Expr]) -> Expr:
    product = factors[0]
    for factor in factors[1:]:
        product = build.kron(product, factor)
    return product
