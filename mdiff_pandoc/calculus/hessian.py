"""Second derivatives of scalars: the differential of the gradient, and identification.

By a vector ``d(∇f) = H dx`` identifies the Hessian. By a matrix the answer is the linear map
``d(∇f) = H[dX]`` itself, or on request the matrix in ``d vec(∇f) = H d vec X``.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 6 and ch. 10.
"""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Note, Step
from mdiff_pandoc.calculus.gradient import gradient
from mdiff_pandoc.calculus.jacobian import JacobianEngine, jacobian
from mdiff_pandoc.calculus.rewriting import differentials
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.calculus.workbench import Workbench
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Layout, Op, add, derivative, diff, matmul, scale, zero
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.rules.commutative import key
from mdiff_pandoc.rules.transposes import transposed

_SYMMETRY = "the Hessian equals its transpose; this was checked too"
_FEW = 24  # terms that one product may be multiplied out to
_WORTH = 1.5  # how much longer a form that shows the symmetry may be


def hessian(
    f: Expr,
    variable: Expr,
    other: Expr | None = None,
    *,
    form: str = "",
    layout: Layout = Layout.NUMERATOR,
    tables: Tables | None = None,
) -> Derivation:
    """The second derivative of a scalar: first by ``variable``, then by ``other``, if given.

    Of a vector or a matrix it is taken by a scalar, twice.

    By two vectors it is a matrix, its rows as the first; ``∂²f/∂x∂y^T``. Where a matrix is among
    the variables it is the linear map ``d(∇f)``, or with ``form`` ``vec`` the matrix of
    ``d vec(∇f)``. Raises UnsupportedError for a function that is no scalar, and when no rule
    covers an operation in it.
    """
    tables = tables or default_tables()
    second = variable if other is None else other
    if f.is_scalar:
        head = gradient(f, variable, tables)
    elif variable.is_scalar and second.is_scalar:
        head = jacobian(f, variable, Layout.NUMERATOR, tables)
    else:
        raise UnsupportedError(
            "the Hessian is that of a scalar function",
            hint="take a scalar: an entry, a norm, a trace, a product with a vector",
        )
    slope, name = head.result, head.asked
    matrices = any(not (v.is_scalar or v.is_vector) for v in (variable, second))
    if slope.is_scalar and not second.is_scalar:
        tail = _of_scalar(slope, name, second, tables)
    elif matrices and not second.is_scalar and form != "vec":
        tail = _Map(slope, name, second, tables).run()
    else:
        tail = _Second(slope, name, second, layout, tables, symmetric=second is variable).run()
    lines = [*head.lines, *tail.lines]
    if second is not variable:
        first = len(head.lines)
        lines = [replace(line, moving=variable) for line in lines[:first]] + lines[first:]
    notes = tuple(dict.fromkeys((*head.notes, *tail.notes)))
    return replace(tail, f=f, variable=second, lines=tuple(lines), notes=notes)


def _of_scalar(slope: Expr, name: Expr, variable: Expr, tables: Tables) -> Derivation:
    """The gradient of a first derivative that is a scalar."""
    tail = gradient(slope, variable, tables)
    asked = derivative(name, variable)
    heads = {diff(slope): diff(name), tail.asked: asked}
    lines = [replace(line, lhs=heads[line.lhs]) for line in tail.lines[1:]]
    return replace(tail, lines=tuple(lines), asked=asked)


class _Second(JacobianEngine):
    """The Jacobian of a gradient, in a form that shows its symmetry where it has one."""

    def __init__(
        self,
        slope: Expr,
        name: Expr,
        variable: Expr,
        layout: Layout,
        tables: Tables,
        *,
        symmetric: bool,
    ) -> None:
        super().__init__(slope, variable, layout, tables, name)
        self.symmetric = symmetric and not variable.is_scalar

    def run(self) -> Derivation:
        derivation = super().run()
        lines = derivation.lines[1:]
        if not self.symmetric:
            return replace(derivation, lines=lines)
        result = derivation.result
        return replace(
            derivation, lines=lines, checks=((transposed(result), result),), notes=(_SYMMETRY,)
        )

    def shortest(self, total: Expr) -> Expr:
        short = super().shortest(total)
        if not self.symmetric or _shows_symmetry(short):
            return short
        for terms in (total, spread(total)):
            plain, steps = self.tables.collect.run(terms)
            if _shows_symmetry(plain) and length(plain) <= _WORTH * length(short):
                if terms is not total:
                    steps.insert(0, Step("distributive law", (), total, terms))
                self.steps = steps
                return plain
        return short


def spread(expr: Expr) -> Expr:
    """``expr`` with its matrix products multiplied out, if that gives few terms."""
    return add(*_terms(expr))


def _terms(expr: Expr) -> list[Expr]:
    if expr.op is Op.SUM:
        return [part for term in expr.args for part in _terms(term)]
    if expr.op is Op.SCALE:
        return [scale(expr.args[0], part) for part in _terms(expr.args[1])]
    if expr.op is not Op.MATMUL:
        return [expr]
    products: list[tuple[Expr, ...]] = [()]
    for factor in expr.args:
        parts = _terms(factor)
        if len(products) * len(parts) > _FEW:
            return [expr]
        products = [(*product, part) for product in products for part in parts]
    return [matmul(*product) for product in products]


def _shows_symmetry(expr: Expr) -> bool:
    return key(transposed(expr)) == key(expr)


class _Map(Workbench):
    """The differential of a gradient by a matrix, as a linear map of ``dX``."""

    def __init__(self, slope: Expr, name: Expr, variable: Expr, tables: Tables) -> None:
        super().__init__(slope, variable, tables)
        self.asked = diff(name)

    def run(self) -> Derivation:
        while any(node is not self.goal for _, node in differentials(self.expr)):
            self.expand()
            self.line(self.asked)
        self.tidy(())
        self.line(self.asked)
        if not self.expr.has_diff:
            self.expr = zero(*self.f.shape)
        for _ in range(2):  # a transpose taken out may leave a coefficient inside
            self.expr, steps = self.tables.shorten.run(self.expr)
            self.steps += steps
        self.line(self.asked)
        notes: tuple[Note, ...] = (("the second derivative as a linear map of ", self.goal),)
        return Derivation(self.f, self.variable, tuple(self.lines), self.expr, self.asked, notes)
