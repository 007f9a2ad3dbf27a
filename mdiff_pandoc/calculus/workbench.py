"""A workbench: the expression in hand, and the record of what was done to it."""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.calculus.derivation import Line, Note, Step
from mdiff_pandoc.calculus.members import MEMBER, member_term
from mdiff_pandoc.calculus.rewriting import Path, at, differentials, replaced
from mdiff_pandoc.calculus.structure import Redo, is_structured, relied_on
from mdiff_pandoc.calculus.tables import Tables
from mdiff_pandoc.calculus.terms import stopping_point, sum_path
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, add, diff
from mdiff_pandoc.expr.indices import is_member
from mdiff_pandoc.expr.numpy import parameters
from mdiff_pandoc.rules import Rule, Table
from mdiff_pandoc.rules.special import refusal

_LINEAR = frozenset(
    {
        Op.SUM, Op.TRACE, Op.TRANSPOSE, Op.DIAG, Op.DIAGONAL, Op.VEC, Op.UNVEC, Op.ENTRY,
        Op.TRIANGLE, Op.ROW, Op.COLUMN, Op.INDEX_SUM, Op.BLOCK, Op.EXPECTATION,
    }
)  # fmt: skip
_PRODUCTS = frozenset({Op.MATMUL, Op.MUL, Op.SCALE, Op.HADAMARD, Op.KRON, Op.CROSS})
_LIMIT = 5_000
_DISTRIBUTE = "distributivity"
_SAID_OF_SYMBOLS = frozenset(
    {"symmetry", "skew-symmetry", "orthogonality", "unit length", "positive entries"}
)
_ASIDE = frozenset({"transpose of a product", "like terms"})


class Workbench:
    """What every engine in differential style does: expand differentials, record lines.

    ``expr`` is the expression in hand, ``goal`` the differential of the variable, ``steps`` what
    was done since the last of the ``lines``.
    """

    def __init__(self, f: Expr, variable: Expr, tables: Tables) -> None:
        self.f = f
        self.variable = variable
        self.tables = tables
        self.goal = diff(variable)
        self.expr = diff(f)
        self.steps: list[Step] = []
        self.lines: list[Line] = []
        self.notes: list[Note] = []
        self._relied: list[tuple[Expr, str]] = []
        self._structured = any(map(is_structured, f.symbols | {variable}))

    def varies(self, expr: Expr) -> bool:
        """Does an expression depend on the variable?"""
        if self.variable in expr.symbols:
            return True
        return bool(self.variable.free) and any(map(self._is_member, expr.symbols))

    def _is_member(self, symbol: Expr) -> bool:
        """Is it a member of the family that the variable is one of?"""
        return is_member(symbol, self.variable)

    def terms(self) -> Sequence[tuple[Path, Expr]]:
        """The terms of the expression in hand, with their places."""
        if self.expr.op is Op.SUM:
            return [((i,), term) for i, term in enumerate(self.expr.args)]
        return [((), self.expr)]

    def apply(self, rule: str, path: Path, new: Expr, redo: Redo | None = None) -> None:
        """Replace what stands at ``path``, by the rule of that name.

        ``redo`` does a step that is no rule of a table again, to find what it relied on.
        """
        before = at(self.expr, path)
        self.steps.append(Step(rule, path, before, new))
        if redo is not None and self._structured:
            self._relied += relied_on(before, new, redo)
        self.expr = replaced(self.expr, path, new)

    def line(self, lhs: Expr, labels: Sequence[str] = ()) -> None:
        """Close a line, if anything has changed since the last one."""
        if not self.steps:
            return
        relied = self._relied_on(self.steps) if self._structured else ()
        names = labels or self._names(self.steps)
        if relied:
            names = [name for name in names if name not in _SAID_OF_SYMBOLS]
        constants = self._constants(self.steps) if lhs.op is Op.DIFF else ()
        line = Line(
            lhs, self.expr, tuple(names), tuple(self.steps), constants=constants, relied=relied
        )
        self.lines.append(line)
        self.steps = []

    def _relied_on(self, steps: Sequence[Step]) -> tuple[tuple[Expr, str], ...]:
        """What is known of symbols that the steps since the last line relied on."""
        found, self._relied = self._relied, []
        for step in steps:
            rule = self.tables.rule(step.rule)
            if rule is not None and rule.table is not Table.STRUCTURE:
                found += relied_on(step.before, step.after, self._again(rule))
        return tuple(sorted(set(found), key=repr))

    def _again(self, rule: Rule) -> Redo:
        def redo(expr: Expr, known: Expr, plain: Expr) -> Expr | None:
            if known is self.variable:
                return rule.apply(expr, lambda part: plain in part.symbols)
            return rule.apply(expr, self.varies)

        return redo

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

    def expand(self) -> None:
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
            self.apply(rule.name, path, new)
            if not self._is_linear(body):
                frozen.update(stopping_point(inner) for _, inner in differentials(new))
        else:
            raise UnsupportedError("the differential has too many terms")
        self._distribute()
        new, steps = self.tables.polish.run(self.expr)
        self.steps += steps
        self.expr = new

    def _differential(self, node: Expr) -> tuple[Rule, Expr]:
        if self.variable.free:
            new = member_term(node.args[0], self.variable)
            if new is not None:
                return MEMBER, new
        for rule in self.tables.differentials:
            new = rule.apply(node, self.varies)
            if new is not None:
                return rule, new
        message, hint = refusal(node.args[0])
        raise UnsupportedError(message, hint=hint)

    def _is_linear(self, body: Expr) -> bool:
        if body.op is Op.TRACE and body.args[0].op is Op.POWER:
            return False
        if body.op in _PRODUCTS:
            return sum(map(self.varies, body.args)) == 1
        if body.op is Op.NAMED:
            return body.args[0].op is not Op.APPLY
        return body.op in _LINEAR

    def _distribute(self) -> None:
        """Write every term as a product with one differential in it."""
        index = 0
        while index < len(terms := self.terms()):
            path, term = terms[index]
            place = sum_path(term)
            if place is None:
                index += 1
                continue
            total = at(term, place)
            parts = [replaced(term, place, part) for part in total.args if part.has_diff]
            self.apply(_DISTRIBUTE, path, add(*parts))

    def tidy(self, path: Path) -> bool:
        """Bring what stands at ``path`` to the normal form of algebra; was there anything to do?"""
        new, steps = self.tables.tidy.run(at(self.expr, path), path)
        if steps:
            self.steps += steps
            self.expr = replaced(self.expr, path, new)
        return bool(steps)
