"""The gradient of a scalar by differentials and identification.

The differential is expanded from the outside in, one nonlinear operation a line. After each, the
inner-product rules bring every term to the form ``tr(P dY)``, ``p^T dy`` or ``c dy``. When only
``dX`` is left, ``df = tr(G^T dX)`` identifies the gradient G.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §§12-15 and ch. 9.
"""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.calculus.derivation import Derivation, Line, Step
from mdiff_pandoc.calculus.rewriting import (
    Path,
    active_path,
    at,
    differentials,
)
from mdiff_pandoc.calculus.structure import BY_ENTRIES, Redo, Restricted, restricted, structure_of
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
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.rules.transposes import transposed


def gradient(
    f: Expr, variable: Expr, tables: Tables | None = None, *, symmetric: str = "projected"
) -> Derivation:
    """The derivation of the gradient of a scalar ``f`` by a symbol, of that symbol's shape.

    ``symmetric`` is the convention for a symmetric variable, ``projected`` or ``entries``. Raises
    UnsupportedError when ``f`` is no scalar, when no rule covers an operation in it, or when the
    variable has a structure among whose matrices no gradient is known.
    """
    if not f.is_scalar:
        raise UnsupportedError("the gradient is that of a scalar function")
    structure_of(variable)
    return _Engine(f, variable, tables or default_tables(), symmetric).run()


class _Engine(Workbench):
    def __init__(self, f: Expr, variable: Expr, tables: Tables, symmetric: str) -> None:
        super().__init__(f, variable, tables)
        self.symmetric = symmetric
        self.part: Restricted | None = None
        self.slope = diff(f)
        self.asked = derivative(f, variable)
        self.lines.append(Line(f, f.args[0] if f.op is Op.NAMED else f, ()))

    def run(self) -> Derivation:
        if not self.varies(self.f):
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
        new = self._gathered(self.expr, self.goal)
        if new is not self.expr:
            self.apply("collect terms", (), new, self._redo(self._gathered))
            self.tidy(())

    def _gathered(self, total: Expr, goal: Expr) -> Expr:
        groups: dict[Expr, list[Expr]] = {}
        for term in total.args:
            groups.setdefault(at(term, active_path(term)), []).append(term)
        if all(len(g) == 1 or node is goal for node, g in groups.items()):
            return total
        terms: list[Expr] = []
        for node, group in groups.items():
            if node is goal or len(group) == 1 or not all(map(is_plain, group)):
                terms += group
            else:
                together, _ = self.tables.shorten.run(add(*map(cofactor, group)))
                if together.op is not Op.ZERO and together != number(0):
                    terms.append(pairing(together, node))
        return add(*terms) if terms else number(0)

    def _project(self) -> None:
        """For a structured variable, keep the part of the gradient that ``dX`` can see."""
        if not self.expr.has_diff:
            return
        total = self._unrestricted(self.expr) if structure_of(self.variable) else self.expr
        self.part = restricted(total, self.variable, self.tables, self.symmetric)
        if self.part is None:
            return
        self.notes.append(self.part.note)
        if self.part.gradient is total:
            self.part = None
            return
        collected = pairing(total, self.goal)
        if collected is not self.expr:
            self.apply("collect terms", (), collected, self._redo(self._collected))
        nothing = self.part.gradient.op is Op.ZERO
        new = number(0) if nothing else paired(self.part.before, self.goal)
        self.apply(self.part.rule, (), new)

    def _unrestricted(self, total: Expr) -> Expr:
        """G in ``tr(G^T dX)``, which may be several terms."""
        terms = total.args if total.op is Op.SUM else (total,)
        return self.tables.shorten.run(add(*map(cofactor, terms)))[0]

    def _collected(self, total: Expr, goal: Expr) -> Expr:
        return pairing(self._unrestricted(total), goal)

    def _redo(self, function: Callable[[Expr, Expr], Expr]) -> Redo:
        def redo(expr: Expr, known: Expr, plain: Expr) -> Expr:
            return function(expr, diff(plain) if known is self.variable else self.goal)

        return redo

    def _identify(self) -> Derivation:
        if not self.expr.has_diff:
            return self._finish(zero(*self.variable.shape))
        if self.part is not None:
            by_entries = self.part.rule == BY_ENTRIES
            self.apply("identification", (), self.part.gradient)
            self.line(self.asked, (_BY_ENTRIES if by_entries else "identification",))
            return self._finish(self.expr)
        terms = [term for _, term in self.terms()]
        plain = len(terms) == 1 and self.goal.op is Op.DIFF and is_plain_product(terms[0])
        total = add(*(cofactor(term, transpose if plain else transposed) for term in terms))
        self.apply("identification", (), total, None if plain else _cofactors)
        if not plain:
            self.tidy(())
        self.line(self.asked, ("identification",))
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
        entries = self.part is not None and self.part.rule == BY_ENTRIES
        lines = tuple(self.lines)
        return Derivation(self.f, self.variable, lines, result, self.asked, notes, entries=entries)


_BY_ENTRIES = "identification by the entries on and below the diagonal"


def _cofactors(total: Expr, *_: Expr) -> Expr:
    terms = total.args if total.op is Op.SUM else (total,)
    return add(*map(cofactor, terms))


def pairing(gradient: Expr, node: Expr) -> Expr:
    """``tr(G^T dY)``, ``g^T dy`` or ``g dy``; for a row dY, ``G dY^T``."""
    if node.is_scalar:
        return mul(gradient, node)
    if node.shape[0] == ONE:
        return matmul(gradient, transpose(node))
    return paired(transposed(gradient), node)


def paired(before: Expr, node: Expr) -> Expr:
    """``tr(P dY)`` or ``p dy``."""
    product = matmul(before, node)
    if node.is_vector:
        return product
    if product.op is Op.SCALE:
        return mul(product.args[0], trace(product.args[1]))
    return trace(product)
