"""Jacobians, and derivatives of matrices by matrices as Jacobians of their vecs.

The differential is expanded from the outside in, as for a gradient. The rules of the vec table
bring every term to the form ``J dy`` (``J vec dY`` for a matrix). When only ``dx`` is left,
``dy = J dx`` identifies the Jacobian J.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §§12-15 and ch. 9.
"""

from __future__ import annotations

from collections import Counter

from mdiff_pandoc.calculus.derivation import Derivation, Line, Note, Step
from mdiff_pandoc.calculus.rewriting import Path, active_path, at, differentials, replaced
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.calculus.terms import is_final
from mdiff_pandoc.calculus.workbench import Workbench
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    Expr,
    Layout,
    Op,
    Range,
    add,
    derivative,
    diff,
    dimension,
    identity,
    matmul,
    mul,
    number,
    scale,
    vec,
    zero,
)
from mdiff_pandoc.rules.commutative import chain_of
from mdiff_pandoc.rules.randomness import is_random
from mdiff_pandoc.rules.transposes import transposed

_MANY = 2  # occurrences of one compound differential from which on vecs are gathered


def jacobian(
    f: Expr,
    variable: Expr,
    layout: Layout = Layout.NUMERATOR,
    tables: Tables | None = None,
) -> Derivation:
    """The derivation of the Jacobian of ``f`` by a symbol, or by the vec of one.

    By a scalar the result has the shape of ``f``. Otherwise it is ``∂y/∂x^T``, with ``vec f`` for y
    where f is a matrix and the vec of the variable for x where that is one; its transpose in the
    layout ``denominator``. Raises UnsupportedError when no rule covers an operation in ``f``.
    """
    return JacobianEngine(f, variable, layout, tables or default_tables()).run()


class JacobianEngine(Workbench):
    """Derives one Jacobian.

    ``name`` is what the left-hand sides call ``f``: another expression of the same value, such as
    the derivative that ``f`` is.
    """

    def __init__(
        self, f: Expr, variable: Expr, layout: Layout, tables: Tables, name: Expr | None = None
    ) -> None:
        base = variable.args[0] if variable.op is Op.VEC else variable
        super().__init__(f, base, tables)
        self.name = name or f
        self.layout = layout
        self.lhs = diff(self.name)
        self.stacked = base.is_scalar or f.is_vector
        self.target = base if base.is_scalar or base.is_vector else vec(base)
        function = self.name if base.is_scalar or f.is_vector else _column(self.name)
        self.asked = derivative(function, self.target, layout)
        self.function = function

    def run(self) -> Derivation:
        """The whole derivation, from ``f`` to its Jacobian."""
        self.lines.append(Line(self.f, self.f, ()))
        self.expand_all()
        result = self.identify()
        notes = tuple(dict.fromkeys((*self.notes, *self.conventions())))
        return Derivation(self.f, self.variable, tuple(self.lines), result, self.asked, notes)

    def conventions(self) -> list[Note]:
        """What a reader must know about the layout."""
        if self.target.is_scalar and not self.f.is_vector:
            return []
        rows, columns = ("function", "variable")
        if self.layout is Layout.DENOMINATOR:
            rows, columns = columns, rows
        if self.target.is_scalar:
            about = "a row" if self.layout is Layout.DENOMINATOR else "a column"
        else:
            about = f"rows as the {rows}, columns as the {columns}"
        height, width = (dimension(size) for size in self.asked.shape)
        return [(f"{self.layout} layout: {about}, ", height, " × ", width)]

    def expand_all(self) -> None:
        """Lines for ``df``, until ``dx`` or ``vec dX`` stands at the end of every term."""
        if not self.varies(self.f):
            self.expr = zero(*self.f.shape)
            self.steps.append(Step("differential of a constant", (), diff(self.f), self.expr))
            self.line(self.lhs, ("the function does not depend on the variable",))
            return
        while any(node is not self.goal for _, node in differentials(self.expr)):
            self.expand()
            self.line(self.lhs)
            if not self.stacked and self._crowded():
                self._stack()
            if self.stacked:
                self._isolate()
                self.line(self.lhs)
        if not self.stacked:
            self._arrange(())
            self.line(self.lhs)
            self._stack()
        self._isolate(last=True)
        self.line(self.lhs)

    def _crowded(self) -> bool:
        """Does one compound differential stand in so many terms that they must be gathered?"""
        counts = Counter(node for _, node in differentials(self.expr) if node is not self.goal)
        return any(count > _MANY for count in counts.values())

    def _stack(self) -> None:
        """The vec of both sides."""
        before = self.expr
        self.lhs = diff(self.function)
        self.stacked = True
        self.expr = add(*(_column(term) for _, term in self.terms()))
        self.steps.append(Step("vec of both sides", (), before, self.expr))

    def _isolate(self, *, last: bool = False) -> None:
        """Bring every term to ``J dy``; merge like terms."""
        index = 0
        while index < len(self.terms()):
            path, term = self.terms()[index]
            if not self._isolate_once(path, term):
                index += 1
        self._arrange(())
        self._gather()
        if last and self.target.op is Op.VEC:
            step = vec(self.goal)
            for path, term in self.terms():
                place = _place_of(step, term)
                if place is not None:
                    self.apply("differential of vec", path + place, diff(self.target))

    def _arrange(self, path: Path) -> bool:
        """Bring what stands at ``path`` to the normal form of algebra; was there anything to do?"""
        new, steps = self.tables.arrange.run(at(self.expr, path), path)
        if steps:
            self.steps += steps
            self.expr = replaced(self.expr, path, new)
        return bool(steps)

    def _isolate_once(self, path: Path, term: Expr) -> bool:
        """One move in one term; False when it is in its final form."""
        if self._arrange(path):
            return True
        if not term.has_diff or _is_final(term):
            return False
        inside = active_path(term)
        node = at(term, inside)
        waits = not (node.is_scalar or node.is_vector or node is self.goal)
        waits |= self.target.is_scalar and not node.is_scalar
        if waits and not self._crowded():
            return False
        for depth in range(len(inside)):
            part = at(term, inside[:depth])
            if part.is_scalar and (part.op is Op.MUL or is_final(part)):
                continue
            rules = self.tables.inner_products if part.is_scalar else self.tables.vec
            for rule in rules:
                new = rule.apply(part, self.varies)
                if new is not None:
                    self.apply(rule.name, path + inside[:depth], new)
                    return True
        if self.target.is_scalar and not node.is_scalar:
            return False
        raise UnsupportedError("no vec rule brings this differential to the end")

    def _gather(self) -> None:
        """Terms with the same compound ``dy`` become one, so that work stays linear."""
        groups: dict[Expr, list[Expr]] = {}
        for _, term in self.terms():
            if not term.has_diff or not _is_final(term) or _inside(term).op in _AROUND:
                return
            groups.setdefault(at(term, active_path(term)), []).append(term)
        if all(len(group) == 1 or node is self.goal for node, group in groups.items()):
            return
        terms: list[Expr] = []
        for node, group in groups.items():
            if node is self.goal or len(group) == 1:
                terms += group
                continue
            total, _ = self.tables.shorten.run(add(*map(_factor, group)))
            if total.op is not Op.ZERO:
                terms.append(_pairing(total, node))
        self.apply("collect terms", (), add(*terms) if terms else zero(*self.expr.shape))
        self._arrange(())

    def identify(self) -> Expr:
        """The last lines: the Jacobian, and its shortest form."""
        before = self.expr
        if before.has_diff:
            total = add(*(_factor(term) for _, term in self.terms()))
        else:
            total = zero(*derivative(self.function, self.target).shape)
        total = transposed(total) if self.asked.shape != total.shape or self._down() else total
        self.expr, steps = self.tables.tidy.run(total)
        self.steps = [Step("identification", (), before, total), *steps]
        self.line(self.asked, ("identification",))
        self.expr = self.shortest(self.expr)
        self.line(self.asked)
        return self.expr

    def shortest(self, total: Expr) -> Expr:
        """The Jacobian in its shortest form; the steps to it become those of the line."""
        short, self.steps = self.tables.shorten.run(total)
        return short

    def _down(self) -> bool:
        """Is the Jacobian to be transposed?"""
        return self.layout is Layout.DENOMINATOR and (not self.target.is_scalar or self.f.is_vector)


_AROUND = frozenset({Op.INDEX_SUM, Op.EXPECTATION})


def _column(expr: Expr) -> Expr:
    return expr if expr.is_vector else vec(expr)


def _inside(term: Expr) -> Expr:
    """A sum or an expectation without the coefficient before it."""
    if term.op is Op.SCALE and term.args[1].op in _AROUND and not term.args[0].has_diff:
        return term.args[1]
    return term


def _core(term: Expr) -> Expr:
    """A term without the sums and expectations around it that its differential depends on."""
    while (term := _inside(term)).op in _AROUND:
        step = at(term, active_path(term))
        bound = isinstance(term.data, Range) and term.data.index in step.free
        if not bound and not (term.op is Op.EXPECTATION and is_random(step, term)):
            break
        term = term.args[0]
    return term


def _parts(term: Expr) -> tuple[tuple[Expr, ...], Expr]:
    """The scalar factors of a term, and the rest: the number 1 for a scalar term."""
    if term.is_scalar:
        return (term.args if term.op is Op.MUL else (term,)), number(1)
    if term.op is not Op.SCALE:
        return (), term
    coefficient, body = term.args
    return (coefficient.args if coefficient.op is Op.MUL else (coefficient,)), body


def _is_final(term: Expr) -> bool:
    """Is the term ``J dy``, ``J vec dY`` or ``J dα``?"""
    scalars, body = _parts(_core(term))
    active = [factor for factor in scalars if factor.has_diff]
    if active:
        return active[0].op is Op.DIFF
    *before, last = chain_of(body)
    if any(factor.has_diff for factor in before):
        return False
    return (last.op is Op.DIFF and last.is_vector) or (
        last.op is Op.VEC and last.args[0].op is Op.DIFF
    )


def _factor(term: Expr) -> Expr:
    """J in ``J dy``, ``J vec dY`` or ``J dα``."""
    scalars, body = _parts(term)
    others = [factor for factor in scalars if not factor.has_diff]
    if body.has_diff:
        *before, last = chain_of(body)
        body = matmul(*before) if before else identity(last.shape[0])
    if not others:
        return body
    return mul(*others) if body == number(1) else scale(mul(*others), body)


def _pairing(factor: Expr, node: Expr) -> Expr:
    """``J dy``, ``J vec dY`` or ``J dα``."""
    if node.is_scalar:
        return scale(node, factor)
    return matmul(factor, node if node.is_vector else vec(node))


def _place_of(node: Expr, term: Expr) -> Path | None:
    """Where ``node`` stands at the end of a term."""
    place: Path = ()
    while term is not node:
        if not term.has_diff or term.op is Op.DIFF:
            return None
        position = next(i for i, arg in enumerate(term.args) if arg.has_diff)
        place, term = (*place, position), term.args[position]
    return place
