"""Lines about a part of a long computation, judged without the rest of it.

A line that holds whatever a quantity is holds for the one that it is about. So in
``∂L/∂h = W^T ∂L/∂z`` L may be any function of h and z, and h any vector: the line is stated for an
unspecified function and a fresh symbol. Where no other derivative stands in the line, it is stated
for L itself over symbols for its names. What is verified then is true; what is not may still be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from mdiff_pandoc.expr import Expr, Layout, Op, apply, derivative, named, substitute, symbol
from mdiff_pandoc.verify.moves import base_of
from mdiff_pandoc.verify.point import Setting

# functions up to this size are cheap to differentiate as they are
SMALL = 30
_OPAQUE = frozenset({Op.DERIVATIVE, Op.DIFF, Op.EXPECTATION})


def generalised(left: Expr, right: Expr, setting: Setting) -> tuple[Expr, Expr] | None:
    """A shorter equality that implies ``left = right``, or None where nothing is gained."""
    if left.has_diff or right.has_diff or left.size + right.size <= SMALL:
        return None
    asked = [node for node in _surface((left, right)) if node.op is Op.DERIVATIVE]
    bases = dict.fromkeys(base_of(node.args[1]) for node in asked)
    if len(bases) < 2 and not (len(asked) == 1 and asked[0].args[1].op is Op.NAMED):
        return None
    if not any(node.args[0].size > SMALL for node in asked) or any(base.free for base in bases):
        return None
    values = _fresh((left, right, *bases), bases, setting)
    if len(asked) == 1:
        f, variable = asked[0].args
        if not _is_shallow(f, bases, values, setting):
            return None
        layout = Layout(str(asked[0].data))
        values[asked[0]] = derivative(substitute(f, values), substitute(variable, values), layout)
        return substitute(left, values), substitute(right, values)
    arguments: dict[Expr, list[Expr]] = {}
    for f in dict.fromkeys(node.args[0] for node in asked):
        found = _outermost(f, bases)
        if found is None:
            return None
        arguments[f] = found
    for number, (f, found) in enumerate(arguments.items()):
        call = apply(f"function {number}", [substitute(part, values) for part in found], f.shape)
        for node in asked:
            if node.args[0] is f:
                variable = substitute(node.args[1], values)
                values[node] = derivative(call, variable, Layout(str(node.data)))
    return substitute(left, values), substitute(right, values)


def _surface(roots: Iterable[Expr]) -> Iterable[Expr]:
    """The distinct nodes, without what names stand for and what is differentiated."""
    stack = list(roots)
    seen = set(stack)
    while stack:
        node = stack.pop()
        yield node
        if node.op not in (Op.NAMED, Op.DERIVATIVE):
            new = [arg for arg in node.args if arg not in seen]
            seen.update(new)
            stack.extend(reversed(new))


def _outermost(f: Expr, bases: Collection[Expr]) -> list[Expr] | None:
    """The variables through which ``f`` depends on all of them; None where that is not clear."""
    found = []
    stack, seen = [f], {f}
    while stack:
        node = stack.pop()
        if node in bases:
            found.append(node)
            continue
        if node.op in _OPAQUE:
            return None
        new = [arg for arg in node.args if arg not in seen]
        seen.update(new)
        stack.extend(reversed(new))
    return found


def _is_shallow(
    f: Expr, bases: Collection[Expr], values: dict[Expr, Expr], setting: Setting
) -> bool:
    """Is ``f`` small over symbols for its names? They join the others in ``values``."""
    stack, seen = [f], {f}
    while stack and len(seen) <= SMALL:
        node = stack.pop()
        if node in values:
            continue
        if _is_apart(node, bases, setting):
            values[node] = symbol(f"value {len(values)}", *node.shape)
            continue
        new = [arg for arg in node.args if arg not in seen]
        seen.update(new)
        stack.extend(reversed(new))
    return not stack


def _is_apart(node: Expr, bases: Collection[Expr], setting: Setting) -> bool:
    """A name that no variable stands in, but what it names itself."""
    if node.op is not Op.NAMED or node.free:
        return False
    return not any(setting.holds(base, node) for base in bases if base is not node)


def _fresh(roots: Iterable[Expr], bases: Collection[Expr], setting: Setting) -> dict[Expr, Expr]:
    """A symbol for each name that no variable stands in; other names are replaced by numbers."""
    values: dict[Expr, Expr] = {}
    kept = []
    stack = list(roots)
    seen = set(stack)
    while stack:
        node = stack.pop()
        if node.op is Op.NAMED and not node.free:
            others = (base for base in bases if base is not node)
            if not any(setting.holds(base, node) for base in others):
                values[node] = symbol(f"value {len(values)}", *node.shape)
                continue
            kept.append(node)
        if node.op is not Op.DERIVATIVE:
            new = [arg for arg in node.args if arg not in seen]
            seen.update(new)
            stack.extend(new)
    for node in sorted(kept, key=lambda part: part.size):
        values[node] = named(f"name {len(values)}", substitute(node.args[0], values))
    return values
