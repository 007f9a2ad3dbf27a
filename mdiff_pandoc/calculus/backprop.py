"""Style ``backprop``: names for intermediate results, then upstream gradients from the end back.

Each named quantity z passes its upstream gradient ``∂L/∂z``, a symbol of the shape of z, to what
it is made of, by the differential of its own definition alone. So the work and the length grow
with the number of names, however deep they are nested.

Source: Magnus & Neudecker, *Matrix Differential Calculus*, 3rd ed., ch. 5 §12; Griewank & Walther,
*Evaluating Derivatives*, 2nd ed., ch. 3.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from fractions import Fraction
from heapq import heappop, heappush

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line, Note, Step
from mdiff_pandoc.calculus.gradient import gradient
from mdiff_pandoc.calculus.names import with_names
from mdiff_pandoc.calculus.structure import rule_name
from mdiff_pandoc.calculus.tables import Tables, default_tables
from mdiff_pandoc.errors import UnsupportedError
from mdiff_pandoc.expr import Expr, Op, Symbol, add, derivative, named, substitute, symbol
from mdiff_pandoc.expr.alike import Pattern, pattern, renamed
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.expr.naming import parts, surface
from mdiff_pandoc.rules.differential_moves import inner_product

# how long a result may be with everything put in; and against that with the author's names
_SHORT = 100
_GROWTH = Fraction(3, 2)
_FIXED = frozenset({Op.NAMED, Op.DERIVATIVE, Op.SLOPE})
_MOVES = frozenset({"identification", "cyclic property", "a scalar is its own trace"})


def backprop(
    f: Expr, variable: Expr, tables: Tables | None = None, *, symmetric: str = "projected"
) -> Derivation:
    """The gradient of a scalar ``f`` by a symbol, through its intermediate results.

    These are the named parts of ``f``; where it has none, names are chosen. ``symmetric`` is the
    convention for a symmetric variable, ``projected`` or ``entries``. Raises
    UnsupportedError when ``f`` is no scalar or no rule covers an operation in it.
    """
    if not f.is_scalar:
        raise UnsupportedError("the gradient is that of a scalar function")
    if not variable.symbols & f.symbols:  # there is nothing to go back through
        return gradient(f, variable, tables, symmetric=symmetric)
    inner = [part for part in parts(f) if part is not f]
    given = any(variable in part.symbols for part in inner)
    root = f if given else with_names(f, variable)
    engine = _Backprop(root, variable, tables or default_tables(), symmetric)
    engine.given = given
    if root is not f:
        engine.lines.append(Line(root, _value(root), ()))
    return engine.run()


class _Backprop:
    def __init__(self, root: Expr, variable: Expr, tables: Tables, symmetric: str) -> None:
        self.root = root
        self.variable = variable
        self.symmetric = symmetric
        self.notes: tuple[Note, ...] = ()
        self.entries = False
        self.given = False  # are the names the author's?
        self.tables = tables
        self.asked = derivative(root, variable)
        self.parts = [part for part in parts(root) if part is not root]
        self.taken = {s.data.name for s in root.symbols if isinstance(s.data, Symbol)}
        self.lines: list[Line] = []
        self.slopes: dict[Expr, Expr] = {}  # the gradients found, by their upstream symbols
        self.local: dict[Expr, Expr] = {}  # a part over symbols for those that it is made of
        self.symbols: dict[Expr, Expr] = {}  # the symbol for a part, or for its upstream gradient
        self.users: dict[Expr, list[Expr]] = {}
        self.links: dict[Hashable, tuple[Pattern, Derivation]] = {}
        self.values = {part.args[0]: part for part in self.parts if part.args[0].args}

    def run(self) -> Derivation:
        self._forward()
        for part in self._backwards():
            self._back(part)
        result = self._short(self._back(self.variable))
        return Derivation(
            self.root,
            self.variable,
            tuple(self.lines),
            result,
            self.asked,
            self.notes,
            entries=self.entries,
            computed=self._computed(result),
        )

    def _forward(self) -> None:
        """Lines for the definitions, and who uses whom."""
        for part in self.parts:
            self.lines.append(Line(part, part.args[0], (), definition=True))
        self.lines.append(Line(self.root, _value(self.root), ()))
        for part in self.parts:
            self.symbols[part] = self._symbol(str(part.data), part)
            upstream = derivative(self.root, part)
            self.symbols[upstream] = self._symbol(f"d{part.data}", part)
        self.wholes = {name: whole for whole, name in self.symbols.items()}
        for part in (*self.parts, self.root):
            leaves = [
                node for node in surface(_value(part)) if node.op is Op.NAMED and node is not part
            ]
            value = substitute(_value(part), {leaf: self.symbols[leaf] for leaf in leaves})
            if part.op is Op.NAMED and value.op is Op.APPLY:
                value = named(str(part.data), value)
            self.local[part] = value
            if self.variable in value.symbols:
                leaves.append(self.variable)
            for leaf in dict.fromkeys(leaves):
                self.users.setdefault(leaf, []).append(part)

    def _backwards(self) -> Iterator[Expr]:
        """The parts that depend on the variable, each after all that use it, else in order."""
        varying = [part for part in self.parts if self.variable in part.symbols]
        places = {part: place for place, part in enumerate(varying)}
        waiting = {part: len(self.users[part]) for part in varying}
        uses: dict[Expr, list[Expr]] = {}
        for part in varying:
            for user in self.users[part]:
                uses.setdefault(user, []).append(part)
        ready: list[tuple[int, Expr]] = []
        done = self.root
        while True:
            for part in uses.get(done, ()):
                waiting[part] -= 1
                if not waiting[part]:
                    heappush(ready, (places[part], part))
            if not ready:
                return
            done = heappop(ready)[1]
            yield done

    def _symbol(self, name: str, like: Expr) -> Expr:
        """A symbol for a part, apart from every symbol of the author's."""
        while name in self.taken:
            name += "'"
        return symbol(name, *like.shape)

    def _back(self, part: Expr) -> Expr:
        """The gradient by a part, from the upstream gradients of those that use it."""
        asked = derivative(self.root, part)
        terms = []
        for user in self.users.get(part, ()):
            value = self.local[user]
            if user is not self.root:
                value = inner_product(self.symbols[derivative(self.root, user)], value)
            terms.append(value)
        found = self._gradient(add(*terms), self.symbols.get(part, part))
        if part is self.variable:
            self.notes, self.entries = found.notes, found.entries
        back = {name: self.wholes[name] for name in found.result.symbols if name in self.wholes}
        result = self._folded(substitute(found.result, back))
        if result is not asked:
            through = self.users[part] != [self.root]
            labels = dict.fromkeys(found.lines[1].labels if len(found.lines) > 1 else ())
            unspoken = _MOVES | {"differential of a trace"} if through else _MOVES
            spoken = [label for label in labels if label not in unspoken]
            if part is self.variable:
                spoken += self._structure(found)
            if through and "chain rule" not in spoken:
                spoken.insert(0, "chain rule")
            spoken = spoken or ["identification"]
            step = Step("chain rule", (), asked, result)
            self.lines.append(Line(asked, result, tuple(spoken), (step,)))
            self.slopes[asked] = result
        return result

    def _structure(self, found: Derivation) -> list[str]:
        """The rule for the structure of the variable, where it was at work."""
        rule = rule_name(self.variable, self.symmetric)
        return [rule] if any(rule in line.labels for line in found.lines) else []

    def _gradient(self, f: Expr, variable: Expr) -> Derivation:
        """The derivation of one link; links that differ in names alone have one."""
        here = pattern(f, variable)
        found = self.links.get(here.key)
        if found is None:
            derivation = gradient(f, variable, self.tables, symmetric=self.symmetric)
            self.links[here.key] = here, derivation
            return derivation
        there, derivation = found
        return replace(derivation, result=renamed(derivation.result, there, here))

    def _folded(self, expr: Expr) -> Expr:
        """An expression with names for what has a name."""
        values = {
            node: node if node.op in _FIXED else self.values[node]
            for node in surface(expr)
            if node.op in _FIXED or node in self.values
        }
        return substitute(expr, values)

    def _short(self, result: Expr) -> Expr:
        """The result with gradients and names put in, while it is short enough to read."""
        known: dict[Expr, Expr] = {}
        for asked, found in self.slopes.items():
            if asked is not self.asked:
                known[asked] = self._put(found, known)
        meanings: dict[Expr, Expr] = {}
        for part in self.parts:
            meanings[part] = self._put(part.args[0], meanings)
        for values, label in ((known, "gradients put in"), (meanings, "names put in")):
            full = self._put(result, values)
            if full is result:
                continue
            if length(full) > _SHORT:
                break
            step = Step(label, (), result, full)
            short, steps = self.tables.shorten.run(full)
            if self.given and values is meanings and length(short) > _GROWTH * length(result):
                break
            result = short
            self.lines.append(Line(self.asked, result, (label,), (step, *steps)))
        return result

    def _computed(self, result: Expr) -> Expr | None:
        """The result over names for the gradients in it; None where it has none that is known."""
        known: dict[Expr, Expr] = {}
        for asked, found in self.slopes.items():
            if asked is not self.asked:
                name = f"grad_{asked.args[1].data}"
                while name in self.taken:
                    name += "_"
                known[asked] = named(name, self._put(found, known))
        computed = self._put(result, known)
        return None if computed is result else computed

    def _put(self, expr: Expr, values: dict[Expr, Expr]) -> Expr:
        found = {
            node: values.get(node, node)
            for node in surface(expr)
            if node.op in _FIXED or node in values
        }
        return substitute(expr, found)


def _value(part: Expr) -> Expr:
    return part.args[0] if part.op is Op.NAMED else part
