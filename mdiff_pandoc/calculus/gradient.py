"""The gradient of a scalar by differentials and identification.

The differential is expanded from the outside in, one nonlinear operation a line. After each, the
inner-product rules bring every term to the form ``tr(P dY)``, ``p^T dy`` or ``c dy``. When only
``dX`` is left, ``df = tr(G^T dX)`` identifies the gradient G.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §§12-15 and ch. 9.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdiff_pandoc.calculus.derivation import Derivation, Line, Side, Step
from mdiff_pandoc.calculus.rewriting import (
    Path,
    Rewriter,
    active_path,
    at,
    differentials,
    replaced,
)
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    add,
    diff,
    identity,
    matmul,
    mul,
    number,
    scale,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.rules import STRUCTURES, TABLES, Rule, Table
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


_default: list[Tables] = []


def default_tables() -> Tables:
    """The project's own tables, indexed once."""
    if not _default:
        _default.append(Tables())
    return _default[0]


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
        quiet = self.tables.quiet
        names = [s.rule for s in steps if s.rule not in quiet and not self._constant_product(s)]
        return list(dict.fromkeys(names))

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
        symbols = [s for factor in factors for s in _in_order(factor)]
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
                frozen.update(_cores(inner) for _, inner in differentials(new))
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
            place = _sum_in(term)
            if place is None:
                index += 1
                continue
            total = at(term, place)
            parts = [replaced(term, place, part) for part in total.args if part.has_diff]
            self._apply("distributivity", path, add(*parts))

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
        core = _core(term)
        node = at(term, core)
        if _is_final(node):
            return self._sum_in_front(path, term, core)
        inside = active_path(node)
        for depth in range(len(inside) + 1):
            place = inside[:depth]
            for rule in self.tables.inner_products:
                new = rule.apply(at(node, place), self.varies)
                if new is not None:
                    self._apply(rule.name, path + core + place, new)
                    return True
        raise UnsupportedError(f"no inner-product rule brings this differential to the end")

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
            if node is self.goal or len(group) == 1 or not all(map(_is_plain, group)):
                terms += group
            else:
                cofactor = add(*(_cofactor(term) for term in group))
                cofactor, _ = self.tables.shorten.run(cofactor)
                if cofactor.op is not Op.ZERO and cofactor != number(0):
                    terms.append(_pairing(cofactor, node))
        self._apply("collect terms", (), add(*terms) if terms else number(0))
        self._tidy(())

    def _project(self) -> None:
        """For a structured variable, keep the part of the gradient that ``dX`` can see."""
        rule = next((STRUCTURES[w] for w in _structures(self.variable) if w in STRUCTURES), None)
        if rule is None or not self.expr.has_diff:
            return
        total, _ = self.tables.shorten.run(add(*(_cofactor(t) for _, t in self._terms())))
        dims = {"n": self.variable.shape[0]}
        bound = Bindings({"P": transposed(total), "Z": self.goal}, dims)
        cofactor, _ = self.tables.tidy.run(instantiate(_cofactor_of(rule), bound))
        cofactor, _ = self.tables.shorten.run(cofactor)
        if cofactor is not transposed(total):
            self._apply("collect terms", (), _pairing(total, self.goal))
            self._apply(rule.name, (), _pairing(transposed(cofactor), self.goal))
            self.notes.append(_STRUCTURE_NOTES[rule.name])

    def _identify(self) -> Derivation:
        if not self.expr.has_diff:
            return self._finish(zero(*self.variable.shape))
        terms = [term for _, term in self._terms()]
        plain = len(terms) == 1 and self.goal.op is Op.DIFF and _is_product(terms[0])
        total = add(*(_cofactor(term, transpose if plain else transposed) for term in terms))
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
    "symmetric variable": "the variable is symmetric: the gradient is taken among symmetric matrices",
    "skew variable": "the variable is skew: the gradient is taken among skew-symmetric matrices",
    "diagonal variable": "the variable is diagonal: the gradient is taken among diagonal matrices",
}


def _cofactor_of(rule: Rule) -> Expr:
    """P' in ``tr(P Z) = tr(P' Z)``."""
    product = rule.right.args[0]
    if product.op is Op.SCALE:
        return scale(product.args[0], matmul(*product.args[1].args[:-1]))
    return matmul(*product.args[:-1])


def _structures(variable: Expr) -> list[str]:
    words = {"positive definite": "symmetric"}
    found = [w for w in ("diagonal", "symmetric", "positive definite", "skew") if
             variable.assumed(w)]  # fmt: skip
    for word in ("orthogonal", "lower triangular", "upper triangular", "unit"):
        if variable.assumed(word):
            raise UnsupportedError(
                f"the derivative by a variable that is {word} is not supported",
                hint="declare it without that property to get the gradient among all matrices",
            )
    return [words.get(word, word) for word in found]


def _in_order(expr: Expr) -> list[Expr]:
    """The symbols of ``expr`` in reading order."""
    if expr.op is Op.SYMBOL:
        return [expr]
    return [s for arg in expr.args for s in _in_order(arg)]


def _cores(node: Expr) -> Expr:
    """The differential to stop at: transposes are looked through."""
    body = node.args[0]
    return _cores(diff(body.args[0])) if body.op is Op.TRANSPOSE else node


def _sum_in(term: Expr) -> Path | None:
    """The path to the outermost sum over differentials in a term."""
    path: list[int] = []
    while term.op is not Op.DIFF:
        if term.op is Op.SUM:
            return tuple(path) if path else None
        position = next((i for i, arg in enumerate(term.args) if arg.has_diff), None)
        if position is None:
            return None
        path.append(position)
        term = term.args[position]
    return None


def _core(term: Expr) -> Path:
    """The path to the factor of a scalar term that holds the differential."""
    path: list[int] = []
    while term.op in (Op.MUL, Op.INDEX_SUM):
        position = next(i for i, arg in enumerate(term.args) if arg.has_diff)
        path.append(position)
        term = term.args[position]
    return tuple(path)


def _is_final(node: Expr) -> bool:
    if node.op is Op.DIFF:
        return True
    chain = node.args[0] if node.op is Op.TRACE else node
    last = chain.args[-1] if chain.op is Op.MATMUL else chain
    if last.op is Op.TRANSPOSE and last.args[0].op is Op.DIFF:
        return node.op is Op.MATMUL and last.args[0].shape[0] == ONE
    if last.op is not Op.DIFF:
        return False
    if node.op is Op.TRACE:
        return not (last.is_vector or last.is_scalar or chain.is_scalar)
    return node.op is Op.MATMUL and last.is_vector


def _is_plain(term: Expr) -> bool:
    return not any(node.op is Op.INDEX_SUM for node in _spine(term))


def _spine(term: Expr) -> list[Expr]:
    nodes = [term]
    for position in active_path(term):
        nodes.append(nodes[-1].args[position])
    return nodes


def _is_product(term: Expr) -> bool:
    """Is the cofactor a plain product, whose transpose is worth a line of its own?"""
    chain = at(term, _core(term))
    chain = chain.args[0] if chain.op is Op.TRACE else chain
    factors = chain.args[:-1] if chain.op is Op.MATMUL else ()
    return len(factors) > 1 and all(f.op in (Op.SYMBOL, Op.INVERSE) for f in factors)


def _cofactor(term: Expr, flip: object = transposed) -> Expr:
    """G in ``tr(G^T dY)``, ``g^T dy`` or ``g dy``; for a row dY, in ``G dY^T``."""
    factors = term.args if term.op is Op.MUL else (term,)
    core = next(factor for factor in factors if factor.has_diff)
    coefficients = [factor for factor in factors if factor is not core]
    node = at(core, active_path(core))
    chain = core.args[0] if core.op is Op.TRACE else core
    before = chain.args[:-1] if chain.op is Op.MATMUL else ()
    if node.is_scalar:
        body = number(1)
    elif core.op is not Op.TRACE and chain.args[-1] is not node:
        body = matmul(*before)
    elif before:
        body = flip(matmul(*before))  # type: ignore[operator]
    else:
        body = identity(node.shape[0])
    if not coefficients:
        return body
    return mul(*coefficients) if body == number(1) else scale(mul(*coefficients), body)


def _pairing(cofactor: Expr, node: Expr) -> Expr:
    """``tr(G^T dY)``, ``g^T dy`` or ``g dy``."""
    if node.is_scalar:
        return mul(cofactor, node)
    if node.shape[0] == ONE:
        return matmul(cofactor, transpose(node))
    product = matmul(transposed(cofactor), node)
    if node.is_vector:
        return product
    if product.op is Op.SCALE:
        return mul(product.args[0], trace(product.args[1]))
    return trace(product)
