"""What is printed reads back as the same expression."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import SYMBOLS, expressions

from mdiff_pandoc import expr as ex
from mdiff_pandoc.expr import ONE, Dim, Expr, Op
from mdiff_pandoc.latex.notation import Notation
from mdiff_pandoc.latex.printer import print_declaration, print_latex
from mdiff_pandoc.latex.reader import read_expression

SIZED = Notation(sized=True)
DECLARED = [print_declaration(symbol) for symbol in SYMBOLS]


def split(expr: Expr) -> tuple[list[Expr], Expr | None]:
    """The scalar factors of a canonical expression, and the rest of it."""
    if expr.op is Op.SCALE:
        return split(expr.args[0])[0], expr.args[1]
    if expr.is_scalar:
        return list(expr.args) if expr.op is Op.MUL else [expr], None
    return [], expr


def join(scalars: Sequence[Expr], body: Expr | None) -> Expr:
    """Scalar factors in a fixed order, numbers and powers merged, and then the rest."""
    number = Fraction(1)
    exponents: dict[Expr, Fraction] = {}
    for factor in scalars:
        base, exponent = factor, Fraction(1)
        if factor.op is Op.POWER and factor.args[1].op is Op.NUMBER:
            base, exponent = factor.args[0], factor.args[1].data
        if base.op is Op.NUMBER:
            number *= base.data**exponent
        else:
            exponents[base] = exponents.get(base, Fraction(0)) + exponent
    factors = [
        base if exponent == 1 else ex.power(base, exponent)
        for base, exponent in sorted(exponents.items(), key=lambda item: repr(item[0]))
        if exponent
    ]
    if number != 1 or (not factors and body is None):
        factors.insert(0, ex.number(number))
    product = ex.mul(*factors) if factors else None
    if body is None:
        assert product is not None
        return product
    return body if product is None else ex.scale(product, body)


def ones(rows: Dim, columns: Dim) -> Expr:
    if rows == columns == ONE:
        return ex.number(1)
    if columns == ONE:
        return ex.ones(rows)
    row = ex.transpose(ex.ones(columns))
    return row if rows == ONE else ex.matmul(ex.ones(rows), row)


def canonical(expr: Expr) -> Expr:
    """One form for all that differ by the order of scalar factors and by nesting."""
    args = [canonical(arg) for arg in expr.args]
    match expr.op:
        case Op.MUL | Op.SCALE | Op.MATMUL | Op.HADAMARD | Op.KRON:
            scalars: list[Expr] = []
            bodies: list[Expr] = []
            for arg in args:
                more, body = split(arg)
                scalars += more
                bodies += [] if body is None else [body]
            if not bodies:
                return join(scalars, None)
            build = {Op.HADAMARD: ex.hadamard, Op.KRON: ex.kron}.get(expr.op, ex.matmul)
            more, body = split(build(*bodies))
            return join([*scalars, *more], body)
        case Op.POWER if expr.is_scalar and args[1].op is Op.NUMBER:
            return join(
                [
                    ex.power(factor.args[0], factor.args[1].data * args[1].data)
                    if factor.op is Op.POWER and factor.args[1].op is Op.NUMBER
                    else ex.power(factor, args[1])
                    for factor in split(args[0])[0]
                ],
                None,
            )
        case Op.INVERSE if args[0].op is Op.TRANSPOSE:
            return ex.transpose(canonical(ex.inverse(args[0].args[0])))
        case Op.ONES:
            return ones(*expr.shape)
        case Op.DIMENSION if len(expr.data.terms) == 1:
            ((names, coefficient),) = expr.data.terms
            return join([ex.number(coefficient), *map(ex.dimension, names)], None)
    return ex.rebuild(expr, args)


def is_usual(expr: Expr) -> bool:
    """Is nothing divided by a differential, which could print as a derivative?"""
    divisors = {Op.POWER: 0, Op.HDIV: 1}
    return not any(
        node.args[divisors[node.op]].has_diff for node in ex.walk(expr) if node.op in divisors
    )


def check(expr: Expr, notation: Notation = SIZED) -> None:
    latex = print_latex(expr, notation)
    back, _ = read_expression(latex, DECLARED, differentials=True)
    assert canonical(back) is canonical(expr), latex


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions(max_size=8, differentials=True).filter(is_usual))
def test_an_expression_survives(expr: Expr) -> None:
    check(expr)


@pytest.mark.parametrize(
    "notation",
    [
        Notation(transpose="T", sized=True),
        Notation(transpose=r"{\mathsf T}", sized=True),
        Notation(transpose="'", sized=True),
        Notation(heads={"hadamard": r"\circ", "det": "bars", "log": r"\ln"}, sized=True),
        Notation(heads={"trace": "tr", "Diag": r"\operatorname{Diag}"}, sized=True),
    ],
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expr=expressions(max_size=6))
def test_an_expression_survives_in_any_notation(notation: Notation, expr: Expr) -> None:
    check(expr, notation)
