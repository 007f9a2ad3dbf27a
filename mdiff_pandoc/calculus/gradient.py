"""The gradient of a scalar by differentials and identification.

The differential is expanded from the outside in, one nonlinear operation a line. After each, the
inner-product rules bring every term to the form ``tr(P dY)``, ``p^T dy`` or ``c dy``. When only
``dX`` is left, ``df = tr(G^T dX)`` identifies the gradient G.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §§12-15 and ch. 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from mdiff_pandoc.calculus.derivation import Derivation, Line, Side, Step
from mdiff_pandoc.calculus.rewriting import (
    Path,
    Rewriter,
    active_path,
    at,
    differentials,
    replaced,
)
from mdiff_pandoc.calculus.terms import (
    cofactor,
    core_path,
    is_final,
    is_plain,
    is_plain_product,
    stopping_point,
    sum_path,
)
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    add,
    diff,
    matmul,
    mul,
    number,
    scale,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.expr.numpy import parameters
from mdiff_pandoc.rules import TABLES, Rule, Table
from mdiff_pandoc.rules.match import Bindings, instantiate
from mdiff_pandoc.rules.transposes import transposed

_CLOSED = frozenset({Op.DIFF, Op.FUNC, Op.NORM})
_LINEAR = frozenset(
    {
        Op.SUM, Op.TRACE, Op.TRANSPOSE, Op.DIAG, Op.DIAGONAL, Op.VEC, Op.UNVEC, Op.ENTRY,
        Op.ROW, Op.COLUMN, Op.INDEX_SUM,
    }
)  # fmt: skip
_PRODUCTS = frozenset({Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.KRON})
_LIMIT = 5_000
_DISTRIBUTE = "distributivity"
_ASIDE = frozenset({"transpose of a product", "like terms"})


class Tables:
    """The rules that an engine works with; another set can be given, as the tests do."""

    def __init__(self, tables: dict[Table, tuple[Rule, ...]] | None = None) -> None:
        tables = tables or TABLES
        self.differentials = (*tables[Table.DIFFERENTIAL], *tables[Table.FUNCTION])
        self.inner_products = tables[Table.INNER_PRODUCT]
        self.tidy = Rewriter(tables[Table.ALGEBRA], _CLOSED)
        quiet = tuple(rule for rule in tables[Table.ALGEBRA] if rule.quiet)
        self.polish = Rewriter(quiet, _CLOSED)
        self.shorten = Rewriter((*tables[Table.ALGEBRA], *tables[Table.SHORTENING]), _CLOSED)
        rules = [rule for table in tables.values() for rule in table]
        self.quiet = frozenset(rule.name for rule in rules if rule.quiet)
        self._structures = {rule.name: rule for rule in tables[Table.STRUCTURE]}

    def structure(self, variable: Expr) -> Rule | None:
        """The rule for the structure of a variable. Raises UnsupportedError where none is known."""
        for word in _UNSUPPORTED:
            if variable.assumed(word):
                raise UnsupportedError(
                    f"the derivative by a variable that is {word} is not supported",
                    hint="declare it without that property to get the gradient among all matrices",
                )
        for word, name in _STRUCTURE_OF.items():
            if variable.assumed(word):
                return self._structures[f"{name} variable"]
        return None


@cache
def default_tables() -> Tables:
    """The project's own tables, indexed once."""
    return Tables()


def gradient(f: Expr, variable: Expr, tables: Tables | None = None) -> Derivation:
    """The derivation of the gradient of a scalar ``f`` by a symbol, of that symbol's shape.

    Raises UnsupportedError when ``f`` is no scalar or no rule covers an operation in it.
    """
    if not f.is_scalar:
        raise UnsupportedError("the gradient is that of a scalar function")
    return _Engine(f, variable, tables or default_tables()).run()


class _Engine:
    def __init__(self, f: Expr, variable: Expr, tables: Tables) -> None:
        self.f = f
        self.variable = variable
        self.tables = tables
        self.goal = diff(variable)
        self.expr = diff(f)
        self.steps: list[Step] = []
        self.lines = [Line(Side.FUNCTION, f, ())]
        self.notes: list[str] = []

    def run(self) -> Derivation:
        if self.variable not in self.f.symbols:
            result = zero(*self.variable.shape)
            self.expr = number(0)
            self.steps.append(Step("differential of a constant", (), diff(self.f), self.expr))
            self._line(Side.DIFFERENTIAL, ("f does not depend on the variable",))
            return self._finish(result)
        while any(node is not self.goal for _, node in differentials(self.expr)):
            self._expand()
            self._line(Side.DIFFERENTIAL)
            self._isolate()
            self._line(Side.DIFFERENTIAL)
        self._project()
        self._line(Side.DIFFERENTIAL)
        return self._identify()

    def varies(self, expr: Expr) -> bool:
        return self.variable in expr.symbols

    def _terms(self) -> Sequence[tuple[Path, Expr]]:
        if self.expr.op is Op.SUM:
            return [((i,), term) for i, term in enumerate(self.expr.args)]
        return [((), self.expr)]

    def _apply(self, rule: str, path: Path, new: Expr) -> None:
        self.steps.append(Step(rule, path, at(self.expr, path), new))
        self.expr = replaced(self.expr, path, new)

    def _line(self, side: Side, labels: Sequence[str] = ()) -> None:
        """Close a line, if anything has changed since the last one."""
        if not self.steps:
            return
        names = labels or self._names(self.steps)
        constants = self._constants(self.steps) if side is Side.DIFFERENTIAL else ()
        self.lines.append(Line(side, self.expr, tuple(names), tuple(self.steps), constants))
        self.steps = []

    def _names(self, steps: Sequence[Step]) -> list[str]:
        """The rules that a reader wants named; bookkeeping only where nothing else was done."""
        spoken = [s for s in steps if s.rule not in self.tables.quiet | {_DISTRIBUTE}]
        names = [s.rule for s in spoken if not self._constant_product(s)]
        worth = [name for name in names if name not in _ASIDE]
        if not names and not self._constants(steps):
            names = [steps[0].rule]
        return list(dict.fromkeys(worth or names))

    def _constant_product(self, step: Step) -> bool:
        """A product of which only one factor varies is no product rule to a reader."""
        if step.before.op is not Op.DIFF or step.before.args[0].op not in _PRODUCTS:
            return False
        return sum(map(self.varies, step.before.args[0].args)) == 1

    def _constants(self, steps: Sequence[Step]) -> tuple[Expr, ...]:
        """The symbols in the constant factors that products were expanded around."""
        factors = [
            factor
            for step in steps
            if self._constant_product(step)
            for factor in step.before.args[0].args
            if not self.varies(factor)
        ]
        symbols = [symbol for factor in factors for symbol in parameters(factor)]
        return tuple(dict.fromkeys(symbols))

    def _expand(self) -> None:
        """Go through linear operations and one nonlinear one, in every term."""
        frozen: set[Expr] = {self.goal}
        for _ in range(_LIMIT):
            found = next(
                ((p, node) for p, node in differentials(self.expr) if node not in frozen), None
            )
            if found is None:
                break
            path, node = found
            rule, new = self._differential(node)
            body = node.args[0]
            self._apply(rule.name, path, new)
            if not self._is_linear(body):
                frozen.update(stopping_point(inner) for _, inner in differentials(new))
        else:
            raise UnsupportedError("the differential has too many terms")
        self._distribute()
        new, steps = self.tables.polish.run(self.expr)
        self.steps += steps
        self.expr = new

    def _differential(self, node: Expr) -> tuple[Rule, Expr]:
        for rule in self.tables.differentials:
            new = rule.apply(node, self.varies)
            if new is not None:
                return rule, new
        raise UnsupportedError(f"no differential is known for this operation: {node.args[0].op}")

    def _is_linear(self, body: Expr) -> bool:
        if body.op is Op.TRACE and body.args[0].op is Op.POWER:
            return False
        if body.op in _PRODUCTS:
            return sum(map(self.varies, body.args)) == 1
        return body.op in _LINEAR

    def _distribute(self) -> None:
        """Write every term as a product with one differential in it."""
        index = 0
        while index < len(terms := self._terms()):
            path, term = terms[index]
            place = sum_path(term)
            if place is None:
                index += 1
                continue
            total = at(term, place)
            parts = [replaced(term, place, part) for part in total.args if part.has_diff]
            self._apply(_DISTRIBUTE, path, add(*parts))

    def _isolate(self) -> None:
        """Bring every term to ``tr(P dY)``, ``p^T dy`` or ``c dy``; merge like terms."""
        index = 0
        while index < len(self._terms()):
            path, term = self._terms()[index]
            if not self._isolate_once(path, term):
                index += 1
        self._tidy(())
        self._gather()

    def _isolate_once(self, path: Path, term: Expr) -> bool:
        """One move in one term; False when it is in its final form."""
        if self._tidy(path):
            return True
        if not term.has_diff:
            return False
        core = core_path(term)
        node = at(term, core)
        if is_final(node):
            return self._sum_in_front(path, term, core)
        inside = active_path(node)
        for depth in range(len(inside) + 1):
            place = inside[:depth]
            for rule in self.tables.inner_products:
                new = rule.apply(at(node, place), self.varies)
                if new is not None:
                    self._apply(rule.name, path + core + place, new)
                    return True
        raise UnsupportedError("no inner-product rule brings this differential to the end")

    def _sum_in_front(self, path: Path, term: Expr, core: Path) -> bool:
        """Take ``dY`` out of the innermost index sum around it."""
        for depth in range(len(core) - 1, -1, -1):
            node = at(term, core[:depth])
            if node.op is not Op.INDEX_SUM:
                continue
            for rule in self.tables.inner_products:
                new = rule.apply(node, self.varies)
                if new is not None:
                    self._apply(rule.name, path + core[:depth], new)
                    return True
            return False
        return False

    def _tidy(self, path: Path) -> bool:
        new, steps = self.tables.tidy.run(at(self.expr, path), path)
        if steps:
            self.steps += steps
            self.expr = replaced(self.expr, path, new)
        return bool(steps)

    def _gather(self) -> None:
        """Terms with the same compound ``dY`` become one, so that work stays linear."""
        if self.expr.op is not Op.SUM:
            return
        groups: dict[Expr, list[Expr]] = {}
        for term in self.expr.args:
            groups.setdefault(at(term, active_path(term)), []).append(term)
        if all(len(g) == 1 or node is self.goal for node, g in groups.items()):
            return
        terms: list[Expr] = []
        for node, group in groups.items():
            if node is self.goal or len(group) == 1 or not all(map(is_plain, group)):
                terms += group
            else:
                total, _ = self.tables.shorten.run(add(*map(cofactor, group)))
                if total.op is not Op.ZERO and total != number(0):
                    terms.append(pairing(total, node))
        self._apply("collect terms", (), add(*terms) if terms else number(0))
        self._tidy(())

    def _project(self) -> None:
        """For a structured variable, keep the part of the gradient that ``dX`` can see."""
        rule = self.tables.structure(self.variable)
        if rule is None or not self.expr.has_diff:
            return
        total, _ = self.tables.shorten.run(add(*(cofactor(term) for _, term in self._terms())))
        dims = {"n": self.variable.shape[0]}
        bound = Bindings({"P": transposed(total), "Z": self.goal}, dims)
        seen, _ = self.tables.tidy.run(instantiate(_before(rule.right), bound))
        seen, _ = self.tables.shorten.run(seen)
        if seen is not transposed(total):
            self._apply("collect terms", (), pairing(total, self.goal))
            self._apply(rule.name, (), pairing(transposed(seen), self.goal))
            self.notes.append(_STRUCTURE_NOTES[rule.name])

    def _identify(self) -> Derivation:
        if not self.expr.has_diff:
            return self._finish(zero(*self.variable.shape))
        terms = [term for _, term in self._terms()]
        plain = len(terms) == 1 and self.goal.op is Op.DIFF and is_plain_product(terms[0])
        total = add(*(cofactor(term, transpose if plain else transposed) for term in terms))
        before = self.expr
        self.expr = total
        label = "identification"
        if not plain:
            self.expr, steps = self.tables.tidy.run(total)
            self.steps = [Step("identification", (), before, total), *steps]
        else:
            self.steps = [Step("identification", (), before, total)]
        self._line(Side.GRADIENT, (label,))
        self.expr, self.steps = self.tables.shorten.run(self.expr)
        if self.expr is not self.lines[-1].expr:
            self._line(Side.GRADIENT)
        return self._finish(self.expr)

    def _finish(self, result: Expr) -> Derivation:
        if self.lines[-1].side is not Side.GRADIENT:
            self.steps = [Step("identification", (), self.expr, result)]
            self.expr = result
            self._line(Side.GRADIENT)
        return Derivation(
            self.f, self.variable, tuple(self.lines), result, tuple(dict.fromkeys(self.notes))
        )


_STRUCTURE_NOTES = {
    f"{name} variable": f"the variable is {name}: the gradient is taken among {name} matrices"
    for name in ("symmetric", "skew", "diagonal")
}
_STRUCTURE_OF = {
    "diagonal": "diagonal",
    "symmetric": "symmetric",
    "positive definite": "symmetric",
    "skew": "skew",
}
_UNSUPPORTED = ("orthogonal", "lower triangular", "upper triangular", "unit")


def _before(product: Expr) -> Expr:
    """P in ``tr(P Z)``."""
    chain = product.args[0]
    if chain.op is Op.SCALE:
        return scale(chain.args[0], matmul(*chain.args[1].args[:-1]))
    return matmul(*chain.args[:-1])


def pairing(gradient: Expr, node: Expr) -> Expr:
    """``tr(G^T dY)``, ``g^T dy`` or ``g dy``; for a row dY, ``G dY^T``."""
    if node.is_scalar:
        return mul(gradient, node)
    if node.shape[0] == ONE:
        return matmul(gradient, transpose(node))
    product = matmul(transposed(gradient), node)
    if node.is_vector:
        return product
    if product.op is Op.SCALE:
        return mul(product.args[0], trace(product.args[1]))
    return trace(product)
