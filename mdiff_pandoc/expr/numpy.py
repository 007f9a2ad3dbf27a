"""Expressions as NumPy source: one self-contained function."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from mdiff_pandoc.expr.dims import ONE, Dim
from mdiff_pandoc.expr.node import Expr, Index, Op, Range, Symbol, Unknown
from mdiff_pandoc.expr.numpy_code import code_of
from mdiff_pandoc.expr.numpy_forms import Code
from mdiff_pandoc.expr.numpy_special import HELPERS, averaged, operands

_DEEPEST = 30  # Python's parser takes at most 200 brackets within each other
_RESERVED = frozenset({"np", "sum", "range", "float", "int", "len", "derivative", *HELPERS})
_LEAVES = frozenset(
    {Op.NUMBER, Op.DIMENSION, Op.CONSTANT, Op.SYMBOL, Op.IDENTITY, Op.ONES, Op.ZERO, Op.BASIS}
)


def numpy_source(
    expr: Expr,
    symbols: Sequence[Expr] | None = None,
    indices: Sequence[tuple[str, Dim]] = (),
) -> str:
    """The source of ``derivative(…)``, which computes ``expr`` from the values of its symbols.

    Vectors are n×1 arrays, scalars floats, a family of samples is a sequence of them, and so is a
    random symbol: its expectation is the average. The parameters are ``symbols`` in their order
    (by default those of ``expr``, see `parameters`), then what only ``expr`` has: unspecified
    functions (``f``, ``df``, ``d2f``, of matrices ``f`` and its gradient ``grad_f``), derivatives
    that stay unevaluated (``dy_dC``), a differential ``dX``, free indices, counted from 1, and
    dimensions that no parameter has. The function returns an array of the shape of ``expr``, or a
    float. With ``indices``, names and sizes, a scalar gives an array with one axis for each.
    Raises UnsupportedError for metavariables and for differentials of compounds.
    """
    body, families = averaged(expr)
    given = parameters(expr) if symbols is None else symbols
    source = _Source(body, [families.get(symbol, symbol) for symbol in given])
    return source.function(indices)


def parameters(expr: Expr) -> tuple[Expr, ...]:
    """The symbols of ``expr`` in the order in which they first appear."""
    return tuple(node for node in _walk(expr) if node.op is Op.SYMBOL)


def _walk(expr: Expr) -> Iterator[Expr]:
    """Every distinct node that the code computes, in order."""
    seen: set[Expr] = set()
    stack = [expr]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            yield node
            stack.extend(reversed(operands(node)))


class _Scope:
    """The function's body, or the body of a sum: its local names and its statements."""

    def __init__(self, parent: _Scope | None = None, index: str = "", variable: str = "") -> None:
        self.parent = parent
        self.index = index
        self.variable = variable
        self.codes: dict[Expr, Code] = {}
        self.lines: list[str] = []

    def binds(self, variable: str) -> bool:
        """Is the variable that of this sum or of one around it?"""
        return self.variable == variable or (
            self.parent is not None and self.parent.binds(variable)
        )

    def home(self, expr: Expr) -> _Scope:
        """The outermost scope that binds every index free in ``expr``."""
        scope = self
        while scope.parent is not None and scope.index not in expr.free:
            scope = scope.parent
        return scope


class _Source:
    def __init__(self, expr: Expr, symbols: Sequence[Expr]) -> None:
        self._expr = expr
        self._names = set(_RESERVED)
        self._parameters: dict[object, str] = {}
        self._variables: dict[str, str] = {}
        self._dims: dict[str, str] = {}
        self._scope = _Scope()
        self._helpers: dict[str, str] = {}
        self._uses = Counter(arg for node in _walk(expr) for arg in operands(node))
        for symbol in (*symbols, *parameters(expr)):
            assert isinstance(symbol.data, Symbol)
            name = self.parameter(symbol.data, symbol) + "[0]" * len(symbol.data.indices)
            for axis, dim in enumerate(symbol.shape):
                if dim.name is not None:
                    self._dims.setdefault(dim.name, f"{name}.shape[{axis}]")
        for node in _walk(expr):
            if node.op is Op.INDEX_SUM:
                self._count_samples(node)

    def function(self, indices: Sequence[tuple[str, Dim]]) -> str:
        """The module: the import, the helpers and the function."""
        if indices:
            lines = self._filled(indices)
        else:
            code = self._emit(self._expr, self._scope)
            result = f"float({code.text})" if self._expr.is_scalar else code.text
            lines = [*self._scope.lines, f"return {result}"]
        body = "\n".join("    " + line for line in lines)
        names = ", ".join(self._parameters.values())
        parts = ["import numpy as np\n", *self._helpers.values()]
        parts.append(f"def derivative({names}):\n{self._remark()}{body}\n")
        return "\n\n".join(parts)

    def _filled(self, indices: Sequence[tuple[str, Dim]]) -> list[str]:
        """An array with an axis for each index, filled in loops."""
        sizes = [self.dim(size) for _, size in indices]
        result = self._fresh("result")
        scopes = [self._scope]
        for name, _ in indices:
            scopes.append(_Scope(scopes[-1], name, self._fresh(name)))
        code = self._emit(self._expr, scopes[-1])
        places = ", ".join(scope.variable for scope in scopes[1:])
        lines = [*scopes[-1].lines, f"{result}[{places}] = {code.text}"]
        for outer, scope, size in zip(scopes[-2::-1], scopes[:0:-1], reversed(sizes), strict=True):
            loop = f"for {scope.variable} in range({size}):"
            lines = [*outer.lines, loop, *("    " + line for line in lines)]
        shape = f"({', '.join(sizes)})" if len(sizes) > 1 else sizes[0]
        return [f"{result} = np.zeros({shape})", *lines, f"return {result}"]

    def _remark(self) -> str:
        """A docstring for what NumPy itself would not refuse: vectors are columns."""
        columns: list[str] = []
        families: list[str] = []
        for key, name in self._parameters.items():
            match key:
                case (str(), int() as indices, (rows, width)) if width == ONE != rows:
                    (families if indices else columns).append(name)
        parts = [f"{', '.join(columns)}: n×1 arrays"] if columns else []
        parts += [f"{', '.join(families)}: lists of n×1 arrays"] if families else []
        return f'    """{"; ".join(parts)}."""\n' if parts else ""

    # The context of `code_of`

    def parameter(self, data: Symbol | Unknown, expr: Expr) -> str:
        """The name of the parameter for a symbol or an unknown function."""
        if isinstance(data, Unknown):
            prefix = {0: "", 1: "d"}.get(data.order, f"d{data.order}")
            return self._parameter(data, prefix + data.name)
        return self._parameter((data.name, len(data.indices), expr.shape), data.name)

    def special(self, key: Hashable, name: str) -> str:
        """The name of a parameter for a function, a differential or a derivative."""
        return self._parameter(("special", key), name)

    def helper(self, name: str) -> str:
        """The name of a function of `HELPERS`, which is defined in front."""
        self._helpers[name] = HELPERS[name]
        return name

    def dim(self, dim: Dim) -> str:
        """The code of a dimension: a size of a parameter, or a parameter of its own."""
        parts: list[str] = []
        for names, coefficient in sorted(dim.terms, reverse=True):
            factors = [self._dims.get(name) or self._own_dim(name) for name in names]
            if abs(coefficient) != 1 or not names:
                factors.insert(0, str(abs(coefficient)))
            sign = "-" if coefficient < 0 else "+"
            lead = f" {sign} " if parts else sign.replace("+", "")
            parts.append(lead + " * ".join(factors))
        return "".join(parts) or "0"

    def index(self, index: Index) -> str:
        """The code of an index, counted from 0."""
        if isinstance(index, int):
            return str(index - 1)
        scope: _Scope | None = self._scope
        while scope is not None:
            if scope.index == index:
                return scope.variable
            scope = scope.parent
        return f"{self._parameter(('index', index), index)} - 1"

    def _own_dim(self, name: str) -> str:
        return self._parameter(("dim", name), name.lstrip("?"))

    def _parameter(self, key: object, name: str) -> str:
        found = self._parameters.get(key)
        if found is None:
            found = self._parameters[key] = self._fresh(name)
        return found

    def _fresh(self, name: str) -> str:
        base = re.sub(r"\W", "_", name, flags=re.ASCII)
        base = "_" + base if base[:1].isdigit() else base or "_"
        base += "_" if keyword.iskeyword(base) or base in _RESERVED else ""
        unique, count = base, 1
        while unique in self._names:
            count += 1
            unique = f"{base}{count}"
        self._names.add(unique)
        return unique

    def _local(self) -> str:
        count = 1
        while f"t{count}" in self._names:
            count += 1
        self._names.add(f"t{count}")
        return f"t{count}"

    def _count_samples(self, total: Expr) -> None:
        """A sum over samples tells how many there are, if no shape does."""
        data = total.data
        assert isinstance(data, Range)
        if data.upper.name is None:
            return
        for node in total.symbols:
            symbol = node.data
            if isinstance(symbol, Symbol) and data.index in symbol.indices:
                place = "[0]" * symbol.indices.index(data.index)
                count = f"len({self.parameter(symbol, node)}{place})"
                self._dims.setdefault(data.upper.name, count)

    # Emission

    def _emit(self, expr: Expr, scope: _Scope) -> Code:
        """The code of ``expr`` within ``scope``; shared parts become local variables."""
        stack = [expr]
        while stack:
            node = stack[-1]
            home = scope.home(node)
            if node in home.codes:
                stack.pop()
                continue
            if node.op is Op.INDEX_SUM:
                code = self._total(node, home)
            else:
                inner = operands(node)
                pending = [arg for arg in inner if arg not in scope.home(arg).codes]
                if pending:
                    stack.extend(reversed(pending))
                    continue
                args = [self._used(arg, scope.home(arg), home) for arg in inner]
                outer, self._scope = self._scope, home
                code = code_of(node, args, self)
                self._scope = outer
            home.codes[node] = code
            if (self._uses[node] > 1 and _is_costly(node)) or code.depth > _DEEPEST:
                self._assign(node, home)
            stack.pop()
        return scope.home(expr).codes[expr]

    def _used(self, arg: Expr, home: _Scope, user: _Scope) -> Code:
        """The code of an argument; computed once, before the loop, if the loop only uses it."""
        if home is not user and _is_costly(arg):
            self._assign(arg, home)
        return home.codes[arg]

    def _assign(self, node: Expr, home: _Scope) -> None:
        code = home.codes[node]
        if not code.text.isidentifier():
            name = self._fresh(str(node.data)) if node.op is Op.NAMED else self._local()
            home.lines.append(f"{name} = {code.text}")
            home.codes[node] = Code(name)

    def _total(self, node: Expr, home: _Scope) -> Code:
        data = node.data
        assert isinstance(data, Range)
        (body,) = node.args
        stop = self.dim(data.upper)
        variable = self._variables.get(data.index, "")
        if not variable or home.binds(variable):
            variable = self._variables[data.index] = self._fresh(data.index)
        inner = _Scope(home, data.index, variable)
        span = stop if data.lower == 1 else f"{data.lower - 1}, {stop}"
        outer, self._scope = self._scope, inner
        self._emit(body, inner)
        code = self._used(body, inner.home(body), inner)
        self._scope = outer
        if not inner.lines:
            return Code(f"sum({code.text} for {variable} in range({span}))", depth=code.depth + 1)
        total = self._local()
        home.lines += [f"{total} = 0", f"for {variable} in range({span}):"]
        home.lines += ["    " + line for line in inner.lines]
        home.lines.append(f"    {total} = {total} + {code.text}")
        return Code(total)


def _is_costly(node: Expr) -> bool:
    """Is it worth a variable of its own?"""
    if node.op is Op.TRANSPOSE or (node.op is Op.POWER and node.is_scalar):
        return any(arg.op not in _LEAVES for arg in node.args)
    return node.op not in _LEAVES and node.op not in (Op.ENTRY, Op.DELTA)
