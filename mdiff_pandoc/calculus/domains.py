"""Where a function has no derivative, or no real value: what a reader of a result must know."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from mdiff_pandoc.calculus.derivation import Note
from mdiff_pandoc.calculus.signs import is_positive
from mdiff_pandoc.expr import FUNCTIONS, ONE, Domain, Expr, Op, walk
from mdiff_pandoc.rules.randomness import random_names
from mdiff_pandoc.rules.special import is_wide

_FUNCTIONS = {
    Domain.POSITIVE: "${}$ needs positive arguments",
    Domain.NONZERO: "${}$ has no derivative where its argument is 0",
    Domain.OPEN_UNIT: "${}$ has a derivative for arguments between $-1$ and $1$",
    Domain.ABOVE_ONE: "${}$ has a derivative for arguments above 1",
}
_NORMS = {
    "F": "the norm has no derivative where its argument is 0",
    "2": "the norm has no derivative where its argument is 0",
    "1": "the 1-norm has no derivative where an entry of its argument is 0",
    "inf": "the maximum norm has a derivative where one entry has the largest absolute value; "
    r"$e_{\max}$ is the unit vector of its place",
    "*": "the nuclear norm is differentiated for a matrix of full column rank",
    "spectral": "the spectral norm has a derivative where the largest singular value is simple; "
    "$u_1$ and $v_1$ are its singular vectors, of unit length",
}
_OTHERS = {
    Op.PSEUDO_INVERSE: "the pseudo-inverse has a derivative where the rank does not change",
    Op.ADJUGATE: "the adjugate is differentiated for an invertible matrix",
    Op.EIGENVALUE: "the eigenvalue is taken to be simple; $v$ is its eigenvector of unit length",
    Op.EIGENVECTOR: "the eigenvalue is taken to be simple; $v$ is its eigenvector of unit length, "
    "whose sign is free",
}
_HEADS = {"abs": r"\lvert \cdot \rvert", "sqrt": r"\sqrt{\cdot}"}


def domain_notes(f: Expr, symbols: frozenset[Expr]) -> tuple[str, ...]:
    """What must hold where ``f`` is differentiated by any of these symbols, in words."""
    found: dict[str, None] = {}
    for node in walk(f):
        if node.symbols & symbols:
            found |= dict.fromkeys(_notes(node))
        for arg in node.args:
            if arg.op is Op.NORM and arg.symbols & symbols and not _smooth(node):
                found[_norm_note(arg)] = None
    if f.op is Op.NORM and f.symbols & symbols:
        found[_norm_note(f)] = None
    return tuple(note for note in found if note)


def average_notes(f: Expr) -> tuple[Note, ...]:
    """What the expectations in ``f`` are taken over."""
    symbols = random_names(f)
    parts: list[str | Expr] = []
    for position, symbol in enumerate(symbols):
        parts += [" and " if position == len(symbols) - 1 else ", ", symbol]
    return (("the expectation is taken over ", *parts[1:]),) if parts else ()


def _notes(node: Expr) -> Iterator[str]:
    if node.op in _OTHERS:
        yield _OTHERS[node.op]
    elif node.op is Op.MATRIX_FUNCTION and node.data in ("log", "sqrt"):
        name = {"log": "logarithm", "sqrt": "square root"}[str(node.data)]
        yield f"the {name} of a matrix needs eigenvalues that are neither negative nor 0"
    elif node.op is Op.FUNC and node.data in FUNCTIONS:
        function = FUNCTIONS[str(node.data)]
        positive = function.domain is Domain.POSITIVE and is_positive(node.args[0])
        if function.domain in _FUNCTIONS and not positive:
            head = _HEADS.get(str(node.data), function.latex)
            yield _FUNCTIONS[function.domain].format(head)
        elif node.data == "tan":
            yield r"$\tan$ needs arguments whose cosine is not 0"
    elif _is_root(node) and not is_positive(node.args[0]):
        yield "a power that is no integer needs a positive base"


def _norm_note(norm: Expr) -> str:
    kind = str(norm.data)
    if kind == "2" and ONE not in norm.args[0].shape:
        kind = "spectral"
    if kind == "*" and is_wide(norm.args[0]):
        return _NORMS["*"].replace("column", "row")
    return _NORMS.get(kind, _NORMS["F"])


def _smooth(parent: Expr) -> bool:
    """Is a norm under this node differentiable at 0, as its square is?"""
    if parent.op is not Op.POWER or parent.args[0].data in ("*", "inf", Fraction(1)):
        return False
    exponent = parent.args[1].data
    spectral = parent.args[0].data == "2" and ONE not in parent.args[0].args[0].shape
    return isinstance(exponent, Fraction) and exponent > 1 and not spectral


def _is_root(node: Expr) -> bool:
    if node.op not in (Op.POWER, Op.HPOWER):
        return False
    exponent = node.args[1].data
    return isinstance(exponent, Fraction) and exponent.denominator != 1
