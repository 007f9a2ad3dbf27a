"""Why an equality that does not hold in a reading is not refuted: the reading rests on a guess."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mdiff_pandoc.patterns import regex

if TYPE_CHECKING:
    from mdiff_pandoc.expr import Expr
    from mdiff_pandoc.latex.sides import Sides
    from mdiff_pandoc.verify import Judge

# names such as w_lambda, hat_w or x_star are those of certain quantities
_DECORATED = regex(r"_(?!\d+\Z)")
_NUMBERED = regex(r"(.+)_(\d+)")


def doubt(sides: Sides, left: Expr, right: Expr, judge: Judge) -> str:
    """What the document does not say of the quantities of an equality; empty where it says all."""
    return (
        _of_functions(sides, left, right)
        or _of_descriptions(sides, left, right)
        or _of_entries(sides, left, right)
        or _of_names(sides, left, right)
        or _of_decorated(sides, left, right)
        or _of_members(sides, left, right)
        or _of_variables(sides, left, right)
        or _of_shares(sides, left, right)
        or _of_binaries(sides, left, right, judge)
        or _of_indices(left, right)
    )


def _of_functions(sides: Sides, left: Expr, right: Expr) -> str:
    """Is it guessed how an unspecified quantity depends on others, or what its shape is?

    A side that speaks of such quantities beside one that speaks of none tells what they are.
    """
    called = [list(_unspecified(side)) for side in (left, right)]
    for node in (node for nodes in called for node in nodes):
        guess = sides.guessed.get(_function(node))
        if guess is not None and (left.shape != right.shape or not guess.shape):
            return guess.reason
    if bool(called[0]) != bool(called[1]):
        from mdiff_pandoc.latex.printer import print_latex

        node = (*called[0], *called[1])[0]
        name = sides.symbols.get(_function(node), _function(node))
        told = " and ".join(f"${print_latex(arg, sides.notation)}$" for arg in node.args)
        return f"how ${name}$ depends on {told} is not said"
    return ""


def _unspecified(side: Expr) -> Iterator[Expr]:
    """The calls of unspecified functions."""
    from mdiff_pandoc.expr import Op, walk

    for node in walk(side):
        if node.op is Op.APPLY or (node.op is Op.FUNC and _function(node)):
            yield node


def _function(node: Expr) -> str:
    """The name of an unspecified function; empty for one that is known."""
    from mdiff_pandoc.expr import Op, Unknown

    if isinstance(node.data, Unknown):
        return node.data.name
    return str(node.data) if node.op is Op.APPLY else ""


def _of_descriptions(sides: Sides, left: Expr, right: Expr) -> str:
    """Is something only described in words, as an A' that is no transpose?"""
    from mdiff_pandoc.latex.names import PRIMED

    described = {_name(node) for side in (left, right) for node in side.symbols}
    told = sorted(name for name in described if name.endswith(PRIMED))
    return f"{_told(sides, told)} is only described in words" if told else ""


def _of_entries(sides: Sides, left: Expr, right: Expr) -> str:
    """Do names stand there that seem to be entries, of which nothing is said?

    They are :math:`a_0, a_1` on the side without a vector a, and the names in an explicit matrix
    of which the other side does not speak.
    """
    for side, other in ((left, right), (right, left)):
        for base, names in _numbered(side.symbols - other.symbols).items():
            vectors = [s for s in other.symbols - side.symbols if _name(s) == base]
            if len(names) > 1 and any(not vector.is_scalar for vector in vectors):
                return (
                    f"how {_told(sides, names)} are related to {_told(sides, [base])} is not said"
                )
        named = {_name(node) for node in _listed(side) - other.symbols}
        if named:
            return f"nothing is said of {_told(sides, sorted(named))} before"
    return ""


def _of_names(sides: Sides, left: Expr, right: Expr) -> str:
    """Is one side a quantity of which nothing is known, so that the other may be what it is?"""
    from mdiff_pandoc.expr import Op, walk

    for side, other in ((left, right), (right, left)):
        base = _base(side)
        base = base.args[0] if base.op is Op.DIFF else base
        if base.op is not Op.SYMBOL or _name(base) in {_name(node) for node in other.symbols}:
            continue
        latex = sides.symbols.get(_name(base), _name(base))
        derived = any(node.op is Op.DERIVATIVE for node in walk(other))
        if not derived or any(fact.startswith(f"{latex} ") for fact in sides.assumed):
            return f"nothing is said of {_told(sides, [_name(base)])} before"
    return ""


def _of_decorated(sides: Sides, left: Expr, right: Expr) -> str:
    r"""Does one side alone speak of a :math:`w_\lambda` or :math:`\hat w` that nobody defined?"""
    for side, other in ((left, right), (right, left)):
        for name in sorted(map(_name, side.symbols - other.symbols)):
            if _DECORATED.search(name.removesuffix("_bold")) and _is_undeclared(sides, name):
                return f"nothing is said of {_told(sides, [name])} before"
    return ""


def _of_members(sides: Sides, left: Expr, right: Expr) -> str:
    r"""Does one side speak of samples :math:`x_i`, the other of a matrix X that may hold them?"""
    symbols = left.symbols | right.symbols
    families = {_name(node) for node in symbols if getattr(node.data, "indices", ())}
    wholes = {_name(node) for node in symbols if not getattr(node.data, "indices", ())}
    if both := sorted(families & wholes):
        return f"how the entries of {_told(sides, both)} are related to its members is not said"
    for side, other in ((left, right), (right, left)):
        own, theirs = side.symbols - other.symbols, other.symbols - side.symbols
        members = {_name(node) for node in own if getattr(node.data, "indices", ())}
        for name in sorted(members):
            capital = name[:1].upper() + name[1:]
            if capital != name and capital in map(_name, theirs):
                samples, matrix = _told(sides, [name]), _told(sides, [capital])
                return f"how {samples} is related to {matrix} is not said"
    return ""


def _is_undeclared(sides: Sides, name: str) -> bool:
    told = f"{sides.symbols.get(name, name)} \\in "
    return any(assumed.startswith(told) for assumed in sides.assumed)


def _of_variables(sides: Sides, left: Expr, right: Expr) -> str:
    """Is something differentiated by what does not stand in it, as far as is said?"""
    from mdiff_pandoc.expr import Op, walk
    from mdiff_pandoc.latex.printer import print_latex

    for node in (node for side in (left, right) for node in walk(side)):
        if node.op is not Op.DERIVATIVE:
            continue
        f, variable = node.args[0], _base(node.args[1])
        inside = {_name(part) for part in f.symbols} | {
            str(part.data) for part in walk(f) if part.op in (Op.NAMED, Op.APPLY)
        }
        if (_name(variable) or str(variable.data)) not in inside:
            by = print_latex(variable, sides.notation)
            return f"how ${print_latex(f, sides.notation)}$ depends on ${by}$ is not said"
    return ""


def _of_indices(left: Expr, right: Expr) -> str:
    """Is an index loose in what is differentiated, as where a sum was to span another term?"""
    from mdiff_pandoc.expr import Op

    for side, other in ((left, right), (right, left)):
        if side.op is Op.DERIVATIVE and side.args[0].op in (Op.NAMED, Op.SUM, Op.MUL):
            loose = side.args[0].free - side.args[1].free - other.free
            if loose:
                return f"the index ${min(loose)}$ stands outside its sum in the definition"
    return ""


def _of_shares(sides: Sides, left: Expr, right: Expr) -> str:
    """Does the equality hold for shares y, as the labels beside a softmax are?"""
    from mdiff_pandoc.expr import Op, divide, matmul, ones, substitute, transpose, walk
    from mdiff_pandoc.verify import judge_equal

    if not any(node.op is Op.SOFTMAX for side in (left, right) for node in walk(side)):
        return ""
    parts = [node for side in (left, right) for node in walk(side) if node.op is Op.DERIVATIVE]
    moving = {symbol for node in parts for symbol in node.args[1].symbols}
    for node in sorted((left.symbols | right.symbols) - moving, key=_name):
        if node.is_vector:
            total = matmul(transpose(ones(*node.shape)), node)
            share = {node: divide(node, total)}
            if judge_equal(substitute(left, share), substitute(right, share)).status == "verified":
                return f"holds where the entries of {_told(sides, [_name(node)])} add up to 1"
    return ""


def _of_binaries(sides: Sides, left: Expr, right: Expr, judge: Judge) -> str:
    """May the equality hold for entries 0 and 1 alone, as no such values are known to refute it?"""
    names = sorted(_name(node) for node in left.symbols | right.symbols if node.assumed("binary"))
    if not names or left.shape != right.shape or judge.counterexample(left, right) is not None:
        return ""
    return f"may hold for entries 0 and 1 of {_told(sides, names)} alone"


def _base(node: Expr) -> Expr:
    """What a node is an entry, transpose or vec of."""
    from mdiff_pandoc.expr import Op

    while node.op in (Op.TRANSPOSE, Op.ENTRY, Op.VEC):
        node = node.args[0]
    return node


def _name(node: Expr) -> str:
    return str(getattr(node.data, "name", ""))


def _numbered(symbols: Iterable[Expr]) -> dict[str, list[str]]:
    """The scalars ``a_0``, ``a_1`` by the letter ``a``."""
    found: dict[str, list[str]] = {}
    for node in sorted(symbols, key=_name):
        match = _NUMBERED.fullmatch(_name(node))
        if match is not None and node.is_scalar:
            found.setdefault(match[1], []).append(_name(node))
    return found


def _listed(side: Expr) -> set[Expr]:
    """The scalars that an explicit matrix of names lists."""
    from mdiff_pandoc.expr import Op

    while side.op is Op.TRANSPOSE:
        side = side.args[0]
    if side.op is not Op.BLOCK:
        return set()
    return {arg for arg in side.args if arg.op is Op.SYMBOL and arg.is_scalar}


def _told(sides: Sides, names: Iterable[str]) -> str:
    return " and ".join(f"${sides.symbols.get(name, name)}$" for name in names)
