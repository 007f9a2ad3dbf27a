"""Names for intermediate results: those that a document gives, and those that a network needs."""

from __future__ import annotations

from msgspec.structs import replace

from mdiff_pandoc.calculus.derivation import Derivation, Line
from mdiff_pandoc.expr import Expr, Op, named, rebuild, walk
from mdiff_pandoc.expr.naming import fresh, parts, surface, used_names

_BENT = frozenset(
    {
        Op.FUNC, Op.INVERSE, Op.DET, Op.POWER, Op.NORM, Op.HPOWER, Op.HDIV, Op.MATRIX_FUNCTION,
        Op.PSEUDO_INVERSE, Op.ADJUGATE, Op.SOFTMAX, Op.LOGSUMEXP, Op.EIGENVALUE, Op.APPLY,
    }
)  # fmt: skip
# their values are named too, where they are used further
_VALUES = _BENT - {Op.NORM, Op.DET, Op.POWER}
_FEW = frozenset({Op.SYMBOL, Op.NAMED, Op.NORM, Op.DET})


def calls(expr: Expr) -> bool:
    """Does an unspecified function stand in it?"""
    return any(node.op is Op.APPLY for node in walk(expr))


def with_definitions(derivation: Derivation) -> Derivation:
    """The derivation with a line in front for every name in it that no line defines."""
    defined = {line.lhs for line in derivation.lines} | {derivation.f}
    found: dict[Expr, None] = {}
    for line in derivation.lines:
        for node in surface(line.expr):
            tops = node.args if node.op is Op.DERIVATIVE else (node,)
            for top in tops:
                if top.op is Op.NAMED and top not in defined:
                    found.update(dict.fromkeys(part for part in parts(top) if part not in defined))
    lines = (Line(part, part.args[0], (), definition=True) for part in found)
    return replace(derivation, lines=(*lines, *derivation.lines))


def with_names(f: Expr, variable: Expr) -> Expr:
    """``f`` with names for the intermediate results that depend on the variable.

    An argument of a nonlinear operation is called z, a value of one that is used further h;
    numbered from the inside out.
    """
    return _Namer(f, variable).named(f)


class _Namer:
    def __init__(self, f: Expr, variable: Expr) -> None:
        used = used_names(f)
        stems = {name.split("_")[0] for name in used}
        self._stems = {
            letter: next(fresh((letter, *"qpgrv"), stems)) for letter in ("z", "h", "Z", "H", "s")
        }
        self._counts: dict[str, int] = {}
        self._given: dict[Expr, Expr] = {}
        self._variable = variable

    def named(self, root: Expr) -> Expr:
        """``root`` with the names in; depth costs no recursion."""
        done: dict[Expr, Expr] = {}
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [arg for arg in node.args if arg not in done]
            if node in done or not waiting:
                stack.pop()
                if node not in done:
                    done[node] = self._rebuilt(node, [done[arg] for arg in node.args])
            else:
                stack.extend(waiting)
        return done[root]

    def _rebuilt(self, node: Expr, args: list[Expr]) -> Expr:
        """The node over its new arguments, those named that deserve it."""
        if not args or self._variable not in node.symbols or node.free:
            return node
        if self._is_one(node):
            return rebuild(node, args)
        bent = node.op in _BENT
        names = [self._name(arg, bent=bent) for arg in args]
        return rebuild(node, names)

    def _is_one(self, node: Expr) -> bool:
        """Is there a rule for a function and its argument together only?"""
        inner = node.args[0]
        match node.op:
            case Op.EIGENVALUE | Op.EIGENVECTOR:
                return True
            case Op.TRACE:
                return inner.op is Op.MATRIX_FUNCTION
            case Op.MATRIX_FUNCTION if inner.op is Op.SCALE:
                return self._variable not in inner.args[1].symbols
        return False

    def _name(self, arg: Expr, *, bent: bool) -> Expr:
        compound = bool(arg.args) and arg.op not in _FEW and self._variable in arg.symbols
        if not compound or arg.free or not (bent or arg.op in _VALUES):
            return arg
        found = self._given.get(arg)
        if found is None:
            found = self._given[arg] = named(self._next(arg), arg)
        return found

    def _next(self, arg: Expr) -> str:
        letter = "h" if arg.op in _VALUES else "z"
        if arg.is_scalar:
            letter = "s"
        elif not arg.is_vector:
            letter = letter.upper()
        stem = self._stems[letter]
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}_{self._counts[stem]}"
