"""The gradient of a scalar by differentials and identification.

The differential is expanded from the outside in, one nonlinear operation a line. After each, the
inner-product rules bring every term to the form ``tr(P dY)``, ``p^T dy`` or ``c dy``. When only
``dX`` is left, ``df = tr(G^T dX)`` identifies the gradient G.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §§12-15 and ch. 9.
"""

from __future__ import annotations

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.rewriting import (
    Path,
    active_path,
    at,
    differentials,
)
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.calculus.terms import (
    cofactor,
    core_path,
    is_final,
    is_plain,
    is_plain_product,
)
from mdiff_pandoc.calculus.workbench import Workbench
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    add,
    derivative,
    diff,
    matmul,
    mul,
    number,
    scale,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.rules.match import Bindings, instantiate
from mdiff_pandoc.rules.transposes import transposed


def gradient(f: Expr, variable: Expr, tables: Tables | None = None) -> Derivation:
    """The derivation of the gradient of a scalar ``f`` by a symbol, of that symbol's shape.

    Raises UnsupportedError when ``f`` is no scalar or no rule covers an operation in it.
    """
    if not f.is_scalar:
        raise UnsupportedError("the gradient is that of a scalar function")
    return _Engine(f, variable, tables or default_tables()).run()


class _Engine(Workbench):
    def __init__(self, f: Expr, variable: Expr, tables: Tables) -> None:
        super().__init__(f, variable, tables)
        self.slope = diff(f)
        self.asked = derivative(f, variable)
        self.lines.append(Line(f, f.args[0] if f.op is Op.NAMED else f, ()))

    def run(self) -> Derivation:
        if self.variable not in self.f.symbols:
            result = zero(*self.variable.shape)
            self.expr = number(0)
            self.steps.append(Step("differential of a constant", (), diff(self.f), self.expr))
            self.line(self.slope, ("f does not depend on the variable",))
            return self._finish(result)
        while any(node is not self.goal for _, node in differentials(self.expr)):
            self.expand()
            self.line(self.slope)
            self._isolate()
            self.line(self.slope)
        self._project()
        self.line(self.slope)
        return self._identify()

    def _isolate(self) -> None:
        """Bring every term to ``tr(P dY)``, ``p^T dy`` or ``c dy``; merge like terms."""
        index = 0
        while index < len(self.terms()):
            path, term = self.terms()[index]
            if not self._isolate_once(path, term):
                index += 1
        self.tidy(())
        self._gather()

    def _isolate_once(self, path: Path, term: Expr) -> bool:
        """One move in one term; False when it is in its final form."""
        if self.tidy(path):
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
                    self.apply(rule.name, path + core + place, new)
                    return True
        raise UnsupportedError("no inner-product rule brings this differential to the end")

    def _sum_in_front(self, path: Path, term: Expr, core: Path) -> bool:
        """Take ``dY`` out of the innermost index sum or expectation around it."""
        for depth in range(len(core) - 1, -1, -1):
            node = at(term, core[:depth])
            if node.op not in (Op.INDEX_SUM, Op.EXPECTATION):
                continue
            for rule in self.tables.inner_products:
                new = rule.apply(node, self.varies)
                if new is not None:
                    self.apply(rule.name, path + core[:depth], new)
                    return True
            return False
        return False

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
        self.apply("collect terms", (), add(*terms) if terms else number(0))
        self.tidy(())

    def _project(self) -> None:
        """For a structured variable, keep the part of the gradient that ``dX`` can see."""
        rule = self.tables.structure(self.variable)
        if rule is None or not self.expr.has_diff:
            return
        total, _ = self.tables.shorten.run(add(*(cofactor(term) for _, term in self.terms())))
        dims = {"n": self.variable.shape[0]}
        bound = Bindings({"P": transposed(total), "Z": self.goal}, dims)
        seen, _ = self.tables.tidy.run(instantiate(_before(rule.right), bound))
        seen, _ = self.tables.shorten.run(seen)
        if seen is not transposed(total):
            self.apply("collect terms", (), pairing(total, self.goal))
            self.apply(rule.name, (), pairing(transposed(seen), self.goal))
            self.notes.append(_STRUCTURE_NOTES[rule.name])

    def _identify(self) -> Derivation:
        if not self.expr.has_diff:
            return self._finish(zero(*self.variable.shape))
        terms = [term for _, term in self.terms()]
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
        self.line(self.asked, (label,))
        self.expr, self.steps = self.tables.shorten.run(self.expr)
        if self.expr is not self.lines[-1].expr:
            self.line(self.asked)
        return self._finish(self.expr)

    def _finish(self, result: Expr) -> Derivation:
        if self.lines[-1].lhs is not self.asked:
            self.steps = [Step("identification", (), self.expr, result)]
            self.expr = result
            self.line(self.asked)
        notes = tuple(dict.fromkeys(self.notes))
        return Derivation(self.f, self.variable, tuple(self.lines), result, self.asked, notes)


_STRUCTURE_NOTES = {
    f"{name} variable": f"the variable is {name}: the gradient is taken among {name} matrices"
    for name in ("symmetric", "skew", "diagonal")
}


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
