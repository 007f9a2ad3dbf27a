"""Expressions: one frozen, hash-consed, shape-typed record for every kind of node.

A node is interned: two structurally equal expressions are the same object, so equality is
identity and every cached property is computed once. The functions of `build` check shapes and
make nodes; nothing here simplifies or reorders.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from enum import StrEnum
from weakref import WeakValueDictionary

from msgspec import Struct, field

from mdiff_pandoc.expr.dims import SCALAR, Dim, Shape


class Op(StrEnum):
    """The kinds of node. The comment gives the arguments and the data."""

    NUMBER = "number"  # data: Fraction
    DIMENSION = "dimension"  # data: Dim, a dimension used as a number
    CONSTANT = "constant"  # data: "pi" or "e"
    SYMBOL = "symbol"  # data: Symbol
    META = "meta"  # data: Meta, a metavariable of a rule
    IDENTITY = "identity"
    ONES = "ones"
    ZERO = "zero"
    BASIS = "basis"  # data: Index; the unit vector e_i
    SUM = "sum"  # flat, two or more terms of one shape
    MUL = "mul"  # flat product of scalars
    SCALE = "scale"  # scalar, non-scalar
    MATMUL = "matmul"  # flat chain of non-scalars
    POWER = "power"  # base scalar or square matrix, exponent scalar
    INVERSE = "inverse"
    TRANSPOSE = "transpose"
    TRACE = "trace"
    DET = "det"
    NORM = "norm"  # data: "F", "2", "*", "inf" or a Fraction p >= 1
    HADAMARD = "hadamard"  # flat
    HDIV = "hdiv"  # elementwise quotient
    HPOWER = "hpower"  # elementwise power: non-scalar base, scalar exponent
    FUNC = "func"  # data: name of an elementwise function, or Unknown
    DIAG = "diag"  # vector to diagonal matrix
    DIAGONAL = "diagonal"  # square matrix to the vector of its diagonal
    TRIANGLE = "triangle"  # data: "lower" or "upper"; the triangular part of a square matrix
    KRON = "kron"
    VEC = "vec"
    UNVEC = "unvec"  # vector of length mn to an m×n matrix; the shape says m and n
    ENTRY = "entry"  # data: (Index, Index); of a vector the second is 1
    ROW = "row"  # data: Index; a row as a 1×n matrix
    COLUMN = "column"  # data: Index; a column as an m×1 vector
    INDEX_SUM = "index_sum"  # data: Range; the body
    DELTA = "delta"  # data: (Index, Index), the Kronecker delta
    DIFF = "diff"  # the differential d(·), of its argument's shape
    DERIVATIVE = "derivative"  # (f, variable), data: Layout; unevaluated, see `build.derivative`
    NAMED = "named"  # data: a name for the argument, which it has the value of
    APPLY = "apply"  # data: the name of an unspecified function of the arguments
    SLOPE = "slope"  # an APPLY that is scalar; data: which argument, from 0; its gradient there
    COMMUTATION = "commutation"  # data: (Dim, Dim); K_{m,n}
    BLOCK = "block"  # data: how many block rows and columns; the blocks row by row
    MATRIX_FUNCTION = "matrix_function"  # data: name of an analytic function; square matrix
    PSEUDO_INVERSE = "pseudo_inverse"
    ADJUGATE = "adjugate"
    CROSS = "cross"  # of two vectors of length 3
    SOFTMAX = "softmax"
    LOGSUMEXP = "logsumexp"
    EIGENVALUE = "eigenvalue"  # of a symmetric matrix; data: "max", "min" or Index
    EIGENVECTOR = "eigenvector"  # the unit eigenvector of that eigenvalue
    SINGULAR_VECTOR = "singular_vector"  # data: "left" or "right", of the largest singular value
    LARGEST = "largest"  # the unit vector e_k for the entry x_k of largest absolute value
    EXPECTATION = "expectation"  # data: tuple of the names of the random symbols


Index = int | str


class Layout(StrEnum):
    """How a derivative of a vector is laid out: the rows are those of f, or of the variable."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class Symbol(Struct, frozen=True):
    """What identifies a symbol beside its shape.

    ``name`` is the plain name (``X``, ``Sigma_1``, ``mu``); ``assumptions`` are words of
    `ASSUMPTIONS`; ``indices`` mark a member of an indexed family, such as the sample
    :math:`x_i` of a sum over samples.
    """

    name: str
    assumptions: frozenset[str] = frozenset()
    indices: tuple[Index, ...] = ()


ASSUMPTIONS = frozenset(
    {
        "symmetric",
        "positive definite",
        "diagonal",
        "orthogonal",
        "skew",
        "lower triangular",
        "upper triangular",
        "positive",
        "constant",
        "invertible",
        "unit",
        "sums to one",
        "rows sum to one",
        "binary",
    }
)
# those that restrict no direction in which a variable may move; the sums and the entries 0 and 1
# are what data have, and a derivative by data is that by free entries
UNRESTRICTING = frozenset(
    {"positive", "constant", "invertible", "sums to one", "rows sum to one", "binary"}
)


class Unknown(Struct, frozen=True):
    """An unspecified elementwise function f, or its ``order``-th derivative."""

    name: str
    order: int = 0


class Range(Struct, frozen=True):
    """The range ``lower..upper`` of a bound index; ``upper`` is a dimension."""

    index: str
    upper: Dim
    lower: int = 1


class Meta(Struct, frozen=True):
    """A metavariable of a rule.

    ``segment``: in a chain it takes one or more neighbouring factors. ``optional``: it may take
    none, standing for the identity. ``active``: it must hold the differential, and metavariables
    without the mark must not. ``requires``: assumptions a match must have.
    """

    name: str
    segment: bool = False
    optional: bool = False
    active: bool = False
    requires: frozenset[str] = field(default_factory=frozenset)


class Expr:
    """A node. Compare with ``is`` or ``==``; both mean structural equality.

    Attributes: ``op``, ``args`` (child nodes), ``data`` (see `Op`), ``shape`` (rows, columns),
    ``size`` (number of nodes, shared ones counted each time), ``symbols`` (the symbol nodes in
    it), ``is_scalar``, ``is_vector`` (a column that is no scalar), ``has_diff`` (does a
    differential occur), ``free`` (names of unbound indices).
    """

    __slots__ = (
        "__weakref__",
        "_hash",
        "args",
        "data",
        "free",
        "has_diff",
        "is_scalar",
        "is_vector",
        "op",
        "shape",
        "size",
        "symbols",
    )

    _hash: int
    op: Op
    args: tuple[Expr, ...]
    data: Hashable
    shape: Shape
    size: int
    symbols: frozenset[Expr]
    is_scalar: bool
    is_vector: bool
    has_diff: bool
    free: frozenset[str]

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> tuple[object, ...]:
        return (make, (self.op, self.args, self.data, self.shape))

    def assumed(self, assumption: str) -> bool:
        """Does the symbol itself carry this assumption?"""
        return isinstance(self.data, Symbol) and assumption in self.data.assumptions

    def __repr__(self) -> str:
        return show(self)


_interned: WeakValueDictionary[tuple[object, ...], Expr] = WeakValueDictionary()
_NO_SYMBOLS: frozenset[Expr] = frozenset()
_NO_INDICES: frozenset[str] = frozenset()


def make(op: Op, args: tuple[Expr, ...] = (), data: Hashable = None, shape: Shape = SCALAR) -> Expr:
    """The interned node with these parts; no check, for the constructors of `build` only."""
    key = (op, args, data, shape)
    found = _interned.get(key)
    if found is not None:
        return found
    node = Expr.__new__(Expr)
    node.op, node.args, node.data, node.shape = op, args, data, shape
    node._hash = hash(key)
    node.is_scalar = shape == SCALAR
    node.is_vector = shape[1] == SCALAR[1] and not node.is_scalar
    node.size = 1 + sum(arg.size for arg in args)
    node.has_diff = (
        op is Op.DIFF
        or (isinstance(data, Meta) and data.active)
        or any(arg.has_diff for arg in args)
    )
    if op is Op.SYMBOL:
        node.symbols = frozenset((node,))
    elif len(args) == 1:
        node.symbols = args[0].symbols
    else:
        node.symbols = _NO_SYMBOLS.union(*(arg.symbols for arg in args))
    node.free = _free(op, args, data)
    _interned[key] = node
    return node


_INDEXED = frozenset({Op.ROW, Op.COLUMN, Op.BASIS, Op.EIGENVALUE, Op.EIGENVECTOR})


def _free(op: Op, args: tuple[Expr, ...], data: Hashable) -> frozenset[str]:
    free = _NO_INDICES.union(*(arg.free for arg in args)) if args else _NO_INDICES
    if op is Op.INDEX_SUM and isinstance(data, Range):
        return free - {data.index}
    own: tuple[object, ...]
    if op is Op.SYMBOL and isinstance(data, Symbol):
        own = data.indices
    elif op in (Op.ENTRY, Op.DELTA) and isinstance(data, tuple):
        own = data
    elif op in (Op.ROW, Op.COLUMN, Op.BASIS) or (
        op in (Op.EIGENVALUE, Op.EIGENVECTOR) and data not in ("max", "min")
    ):
        own = (data,)
    else:
        return free
    names = {index for index in own if isinstance(index, str)}
    return free | names if names else free


def walk(expr: Expr) -> Iterator[Expr]:
    """Every distinct node of ``expr``, each once, parents before their first child."""
    seen = {expr}
    stack = [expr]
    while stack:
        node = stack.pop()
        yield node
        for arg in reversed(node.args):
            if arg not in seen:
                seen.add(arg)
                stack.append(arg)


def show(expr: Expr) -> str:
    """A compact form for debugging: ``matmul(A, transpose(B))``."""
    if expr.op is Op.SYMBOL and isinstance(expr.data, Symbol):
        indices = "".join(f"[{index}]" for index in expr.data.indices)
        return expr.data.name + indices
    if expr.op is Op.META and isinstance(expr.data, Meta):
        return expr.data.name
    if expr.op in (Op.NUMBER, Op.DIMENSION, Op.CONSTANT):
        return str(expr.data)
    inner = ", ".join(show(arg) for arg in expr.args)
    data = "" if expr.data is None else f"<{expr.data}>"
    return f"{expr.op.value}{data}({inner})"
