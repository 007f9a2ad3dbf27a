"""The terms of a differential: scalars with one ``dY`` each, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable

from mdiff_pandoc.calculus.rewriting import Path, active_path, at
from mdiff_pandoc.expr import (
    ONE,
    Expr,
    Op,
    diff,
    identity,
    matmul,
    mul,
    number,
    scale,
)
from mdiff_pandoc.rules.transposes import transposed


def stopping_point(node: Expr) -> Expr:
    """The differential to stop at: transposes and numbers are looked through."""
    body = node.args[0]
    if body.op is Op.TRANSPOSE:
        return stopping_point(diff(body.args[0]))
    if body.op in (Op.MUL, Op.SCALE):
        others = [arg for arg in body.args if arg.op is not Op.NUMBER]
        if len(others) == 1:
            return stopping_point(diff(others[0]))
    return node


def sum_path(term: Expr) -> Path | None:
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


def core_path(term: Expr) -> Path:
    """The path to the factor of a scalar term that holds the differential."""
    path: list[int] = []
    while term.op in (Op.MUL, Op.INDEX_SUM, Op.EXPECTATION):
        position = next(i for i, arg in enumerate(term.args) if arg.has_diff)
        path.append(position)
        term = term.args[position]
    return tuple(path)


def is_final(node: Expr) -> bool:
    """Does the differential stand at the end of ``tr(P dY)`` or ``p^T dy``, or alone?"""
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


def is_plain(term: Expr) -> bool:
    """Is there no index sum and no expectation around the differential?"""
    return not any(node.op in (Op.INDEX_SUM, Op.EXPECTATION) for node in _spine(term))


def _spine(term: Expr) -> list[Expr]:
    nodes = [term]
    for position in active_path(term):
        nodes.append(nodes[-1].args[position])
    return nodes


def is_plain_product(term: Expr) -> bool:
    """Is the cofactor a plain product, whose transpose is worth a line of its own?"""
    chain = at(term, core_path(term))
    chain = chain.args[0] if chain.op is Op.TRACE else chain
    factors = chain.args[:-1] if chain.op is Op.MATMUL else ()
    return len(factors) > 1 and all(f.op in (Op.SYMBOL, Op.INVERSE) for f in factors)


def cofactor(term: Expr, flip: Callable[[Expr], Expr] = transposed) -> Expr:
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
        body = flip(matmul(*before))
    else:
        body = identity(node.shape[0])
    if not coefficients:
        return body
    return mul(*coefficients) if body == number(1) else scale(mul(*coefficients), body)
