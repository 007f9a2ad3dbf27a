r"""Claims about gradients through named quantities, one link of the chain at a time.

Where L depends on z through named :math:`w_1, …, w_k` only, which use z directly,
:math:`\partial L/\partial z` is the derivative of :math:`\sum_i \langle G_i, w_i(z)\rangle` with
:math:`G_i = \partial L/\partial w_i` held constant (the chain rule of functions of several
variables; Magnus & Neudecker, 3rd ed., ch. 5 §12). A claim that holds for every value of the
:math:`G_i` and of the other names holds for those at hand. So a claim about a long chain is judged
by its own link alone; one that does not hold so generally is judged as a whole.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from mdiff_pandoc.expr import (
    Expr,
    Op,
    add,
    derivative,
    matmul,
    mul,
    substitute,
    symbol,
    trace,
    transpose,
)
from mdiff_pandoc.expr.naming import parts, surface

Claim = tuple[Expr, Expr]
_users: WeakKeyDictionary[Expr, dict[Expr, list[Expr]]] = WeakKeyDictionary()


def link(left: Expr, right: Expr) -> Claim | None:
    """A claim about one link from which ``left = right`` follows, if they are of that kind."""
    if left.op is Op.DERIVATIVE:
        return _gradient_link(left, right)
    whole = left.args[0] if left.op is Op.NAMED else left
    names = {node: _free(node) for node in (*surface(whole), *surface(right)) if _is_name(node)}
    if not names or _has_derivative(whole) or _has_derivative(right):
        return None
    return substitute(whole, names), substitute(right, names)


def _gradient_link(left: Expr, right: Expr) -> Claim | None:
    f, variable = left.args
    if not f.is_scalar or variable.op not in (Op.SYMBOL, Op.NAMED):
        return None
    slopes = [node for node in surface(right) if node.op is Op.DERIVATIVE]
    users = _users_of(f).get(variable, [])
    upstream = {derivative(f, user): user for user in users if user is not f}
    inner = [node for node in slopes if node not in upstream]
    if not upstream or not all(node.args[0] in users for node in inner):
        return None
    moving = variable if variable.op is Op.SYMBOL else _free(variable)
    values = {user: _over_symbols(user) for user in users}
    terms = [value for user, value in values.items() if user is f]
    weights: dict[Expr, Expr] = {}
    for asked, user in upstream.items():
        weights[asked] = symbol(f"slope {user.data}", *user.shape)
        terms.append(_inner(weights[asked], values[user]))
    put: dict[Expr, Expr] = dict(weights)
    for node in inner:
        of, by = node.args
        if by.op not in (Op.SYMBOL, Op.NAMED):
            return None
        put[node] = derivative(values[of], _free(by) if by.op is Op.NAMED else by)
    for node in surface(right):
        if _is_name(node):
            put[node] = values.get(node) or _free(node)
    return derivative(add(*terms), moving), substitute(right, put)


def _users_of(f: Expr) -> dict[Expr, list[Expr]]:
    """Which names, and f itself, use a name or a symbol directly."""
    found = _users.get(f)
    if found is None:
        found = _users[f] = {}
        for part in (*parts(f), f) if f.op is not Op.NAMED else parts(f):
            for node in surface(_value(part)):
                if node.op in (Op.NAMED, Op.SYMBOL):
                    found.setdefault(node, []).append(part)
    return found


def _over_symbols(part: Expr) -> Expr:
    """What a name stands for, with symbols for the names in it."""
    value = _value(part)
    return substitute(value, {node: _free(node) for node in surface(value) if _is_name(node)})


def _value(part: Expr) -> Expr:
    return part.args[0] if part.op is Op.NAMED else part


def _free(name: Expr) -> Expr:
    """A symbol that can take any value in place of a name."""
    return symbol(f"any {name.data}", *name.shape)


def _is_name(node: Expr) -> bool:
    return node.op is Op.NAMED


def _has_derivative(expr: Expr) -> bool:
    return expr.has_diff or any(node.op in (Op.DERIVATIVE, Op.SLOPE) for node in surface(expr))


def _inner(weight: Expr, value: Expr) -> Expr:
    if value.is_scalar:
        return mul(weight, value)
    product = matmul(transpose(weight), value)
    return product if product.is_scalar else trace(product)
