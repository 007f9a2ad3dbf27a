"""Rewriting at a place, with a record of every step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakSet

from mdiff_pandoc.calculus.derivation import Step
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, rebuild
from mdiff_pandoc.rules import Rule

Path = tuple[int, ...]


def at(expr: Expr, path: Path) -> Expr:
    """The subexpression at ``path``."""
    for position in path:
        expr = expr.args[position]
    return expr


def replaced(expr: Expr, path: Path, new: Expr) -> Expr:
    """``expr`` with the subexpression at ``path`` replaced."""
    spine = []
    for position in path:
        spine.append((expr, position))
        expr = expr.args[position]
    for node, position in reversed(spine):
        new = rebuild(node, [*node.args[:position], new, *node.args[position + 1 :]])
    return new


def replay(start: Expr, steps: Sequence[Step]) -> Expr:
    """Apply recorded steps; raises ValueError when a step does not fit its place."""
    for step in steps:
        if at(start, step.where) is not step.before:
            raise ValueError(f"step {step.rule!r} does not stand where it says")
        start = replaced(start, step.where, step.after)
    return start


class Rewriter:
    """Rewrites with a fixed set of rules until none applies, innermost first.

    Nodes already found to be in normal form are remembered, so that work is not repeated.
    ``closed`` are kinds of node whose arguments are left as the author wrote them. The ``last``
    rules are then applied to the whole, each once.
    """

    LIMIT = 20_000

    def __init__(
        self, rules: Sequence[Rule], closed: frozenset[Op], last: Sequence[Rule] = ()
    ) -> None:
        self._rules = {op: tuple(r for r in rules if r.applies_to(op)) for op in Op}
        self._closed = closed
        self._last = tuple(last)
        self._normal: WeakSet[Expr] = WeakSet()

    def run(self, expr: Expr, prefix: Path = ()) -> tuple[Expr, list[Step]]:
        """The normal form and the steps to it, their places under ``prefix``."""
        steps: list[Step] = []
        for _ in range(self.LIMIT):
            found = self._redex(expr, ())
            if found is None:
                return self._finished(expr, steps, prefix), steps
            path, rule, new = found
            steps.append(Step(rule.name, prefix + path, at(expr, path), new))
            expr = replaced(expr, path, new)
        raise UnsupportedError("the formula is too large to simplify")

    def _finished(self, expr: Expr, steps: list[Step], prefix: Path) -> Expr:
        for rule in self._last:
            new = rule.apply(expr)
            if new is not None:
                steps.append(Step(rule.name, prefix, expr, new))
                expr = new
        return expr

    def _redex(self, expr: Expr, path: Path) -> tuple[Path, Rule, Expr] | None:
        if expr in self._normal:
            return None
        if expr.op not in self._closed:
            for position, arg in _looked_into(expr):
                found = self._redex(arg, (*path, *position))
                if found is not None:
                    return found
        for rule in self._rules[expr.op]:
            new = rule.apply(expr)
            if new is not None and new is not expr:
                return path, rule, new
        self._normal.add(expr)
        return None


def _looked_into(expr: Expr) -> Iterator[tuple[Path, Expr]]:
    """The arguments to rewrite; a row in Diag, such as ``B_{k:} X``, is not turned."""
    if expr.op is Op.DIAG and not expr.has_diff:
        turned = expr.args[0]
        line = turned.args[0] if turned.op is Op.TRANSPOSE else turned
        if line.op is Op.MATMUL and line.args[0].op is Op.ROW:
            yield (0, 0), line
            return
    for position, arg in enumerate(expr.args):
        yield (position,), arg


def active_path(expr: Expr) -> Path:
    """The path to the first differential in ``expr``. Raises UnsupportedError without one."""
    path: list[int] = []
    while expr.op is not Op.DIFF:
        position = next((i for i, arg in enumerate(expr.args) if arg.has_diff), None)
        if position is None:
            raise UnsupportedError("the expression is degenerate: an inverse or quotient of 0")
        path.append(position)
        expr = expr.args[position]
    return tuple(path)


def differentials(expr: Expr, path: Path = ()) -> Iterator[tuple[Path, Expr]]:
    """Every differential in ``expr`` with its path, from the left."""
    if expr.op is Op.DIFF:
        yield path, expr
    elif expr.has_diff:
        for position, arg in enumerate(expr.args):
            yield from differentials(arg, (*path, position))
