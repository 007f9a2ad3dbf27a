"""From the surface tree to drafts: what each part of a formula means, and its shape."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from mdiff_pandoc.errors import MdiffError, ParseError, ShapeError, Span, UnsupportedError
from mdiff_pandoc.expr import (
    ONE,
    SCALAR,
    Dim,
    Expr,
    Op,
    Shape,
    add,
    constant,
    diff,
    dimension,
    divide,
    hadamard,
    hdivide,
    identity,
    kron,
    matmul,
    mul,
    neg,
    number,
    ones,
    power,
    scale,
    trace,
    transpose,
    zero,
)
from mdiff_pandoc.latex.draft import Build, Draft, Settle
from mdiff_pandoc.latex.elaboration import Elaboration, Handler
from mdiff_pandoc.latex.surface import Kind, Term


def _number(this: Elaboration, term: Term) -> Draft:
    try:
        value = Fraction(term.text)
    except ValueError:
        raise ParseError(f"'{term.text}' is no number", term.span) from None
    return Draft(SCALAR, term.span, lambda _: number(value), numeric=True)


def _name(this: Elaboration, term: Term) -> Draft:
    key = this.key(term.text, term.bold)
    part = this.named.get(key)
    if part is not None and term.text not in this.ranges:
        return Draft(part.draft.shape, term.span, part.built, part.draft.numeric)
    letter = this.letters.get(key)
    if letter is not None and term.text not in this.ranges:
        return this.letter(letter, term.span)
    return _special(this, term)


def _special(this: Elaboration, term: Term) -> Draft:
    """A name with a fixed meaning: the identity, ones, zero, π, a dimension."""
    match term.text:
        case "I":
            size = this.shapes.fresh()
            return Draft((size, size), term.span, lambda settle: identity(settle(size)))
        case "J":
            shape = (this.shapes.fresh(), this.shapes.fresh())
            this.note(f"${term.latex or 'J'}$ is read as the matrix of ones")
            return Draft(shape, term.span, _ones(shape))
        case "1":
            shape = (this.shapes.fresh(), ONE)
            return Draft(shape, term.span, _ones(shape))
        case "0":
            shape = (this.shapes.fresh(non_unit=False), this.shapes.fresh(non_unit=False))
            return Draft(shape, term.span, lambda settle: zero(*map(settle, shape)))
        case "pi" | "e":
            name = term.text
            return Draft(SCALAR, term.span, lambda _: constant(name), numeric=True)
    if term.text in this.ranges:
        raise UnsupportedError(
            f"the index {term.text} cannot stand as a number",
            term.span,
            "put the numbers in a vector",
        )
    if term.text in this.dimensions:
        dim = Dim.of(term.text)
        return Draft(SCALAR, term.span, lambda settle: dimension(settle(dim)), numeric=True)
    raise UnsupportedError(
        f"{term.latex or term.text} cannot be read here", term.span, "write the formula out in full"
    )


def _ones(shape: Shape) -> Build:
    return lambda settle: ones(settle(shape[0]), settle(shape[1]))


def _sum(this: Elaboration, term: Term) -> Draft:
    parts = this.drafts(term)
    solid = [p for p in parts if not (p.numeric and this.shapes.is_scalar(p))]
    if not solid:
        numeric = all(part.numeric for part in parts)
        return Draft(
            SCALAR, term.span, lambda settle: add(*(p.build(settle) for p in parts)), numeric
        )
    shape = this.common_shape(solid, "add", term.span)
    scalar = this.shapes.is_scalar(solid[0])
    if not scalar:
        for part in parts:
            if (
                part.numeric
                and this.shapes.is_scalar(part)
                and this.text(part).lstrip("-+ ") != "0"
            ):
                this.note(f"${this.text(part).lstrip('-+ ')}$ is added to every entry")

    def build(settle: Settle) -> Expr:
        rows, columns = settle(shape[0]), settle(shape[1])
        terms = []
        for part in parts:
            expr = part.build(settle)
            if not scalar and expr.is_scalar:
                expr = _spread(expr, rows, columns)
            terms.append(expr)
        return add(*terms)

    return Draft(shape, term.span, build)


def _spread(expr: Expr, rows: Dim, columns: Dim) -> Expr:
    """A number times ones."""
    if expr is number(0):
        return zero(rows, columns)
    return ones(rows, columns) if expr is number(1) else scale(expr, ones(rows, columns))


def _neg(this: Elaboration, term: Term) -> Draft:
    part = this.draft(term.args[0])
    return Draft(part.shape, term.span, lambda settle: neg(part.build(settle)), part.numeric)


def product(this: Elaboration, term: Term) -> Draft:
    """A product in the order written."""
    parts = this.drafts(term)
    return this.shapes.product(_without_ones(this, term, parts), term.span)


def _without_ones(this: Elaboration, term: Term, parts: list[Draft]) -> list[Draft]:
    """The factors without a bold 1 behind a column, which can only be the number."""
    if not this.lenient:
        return parts
    kept = parts[:1]
    for factor, part in zip(term.args[1:], parts[1:], strict=True):
        one = factor.kind is Kind.NAME and factor.text == "1"
        column = this.shapes.is_column(kept[-1]) and not any(map(this.shapes.is_row, kept))
        if one and column and this.shapes.is_column(part):
            this.note(f"${factor.latex}$ behind a column is read as the number 1")
        else:
            kept.append(part)
    return kept


def _dot(this: Elaboration, term: Term) -> Draft:
    """``x \\cdot y`` of two vectors is their inner product, anything else a product."""
    left, right = term.args
    if left.kind is Kind.NEG or right.kind is Kind.NEG:
        unsigned = tuple(side.args[0] if side.kind is Kind.NEG else side for side in term.args)
        part = _dot(this, replace(term, args=unsigned))
        if left.kind is right.kind:
            return part
        return Draft(part.shape, term.span, lambda settle: neg(part.build(settle)))
    if left.kind is not Kind.PRODUCT or right.kind is not Kind.PRODUCT:
        sides = _columns(this, term)
        if sides is not None:
            return _scaled_inner_product(this, term, sides)
    factors = [
        f for side in term.args for f in (side.args if side.kind is Kind.PRODUCT else (side,))
    ]
    return this.shapes.product([this.draft(factor) for factor in factors], term.span)


def _scaled_inner_product(this: Elaboration, term: Term, sides: tuple[Draft, Draft]) -> Draft:
    """The scalar factors of both sides, times the inner product of what is left of them."""
    scalars: list[Draft] = []
    vectors: list[Draft] = []
    for side, whole in zip(term.args, sides, strict=True):
        factors = [this.draft(factor) for factor in side.args] if side.kind is Kind.PRODUCT else []
        found = [factor for factor in factors if this.shapes.is_scalar(factor)]
        scalars += found
        rest = [factor for factor in factors if factor not in found]
        vectors.append(this.shapes.product(rest, side.span) if found else whole)
    inner = _inner_product(this, vectors[0], vectors[1], term.span)
    return this.shapes.product([*scalars, inner], term.span) if scalars else inner


def _columns(this: Elaboration, term: Term) -> tuple[Draft, Draft] | None:
    """The two sides, if both are column vectors."""
    mark = this.shapes.unifier.mark()
    try:
        left, right = this.drafts(term)
    except MdiffError:
        this.shapes.unifier.undo(mark)
        return None
    if this.shapes.is_column(left) and this.shapes.is_column(right):
        return left, right
    this.shapes.unifier.undo(mark)
    return None


def _inner(this: Elaboration, term: Term) -> Draft:
    left, right = this.drafts(term)
    return _inner_product(this, left, right, term.span)


def _inner_product(this: Elaboration, left: Draft, right: Draft, span: Span) -> Draft:
    shape = this.common_shape((left, right), "take the inner product of", span)
    vectors = this.shapes.is_unit(shape[1])
    scalars = this.shapes.is_scalar(left)

    def build(settle: Settle) -> Expr:
        first, second = left.build(settle), right.build(settle)
        if scalars:
            return matmul(first, second)
        joined = matmul(transpose(first), second)
        return joined if vectors else trace(joined)

    return Draft(SCALAR, span, build)


def _divide(this: Elaboration, term: Term) -> Draft:
    above, below = this.drafts(term)
    numeric = above.numeric and below.numeric
    if this.shapes.is_scalar(below):
        return Draft(
            above.shape,
            term.span,
            lambda settle: _quotient(above.build(settle), below.build(settle)),
            numeric,
        )
    if this.shapes.is_scalar(above):
        if not above.numeric:
            raise ShapeError(
                f"cannot divide {this.shapes.named(above)} by {this.shapes.named(below)}: the "
                "denominator has the shape of a matrix or vector",
                term.span,
                "write ^{-1} for an inverse, \\oslash for a quotient entry by entry",
            )
        this.note(f"the quotient by ${this.text(below)}$ is taken entry by entry")
        return _divided_into(above, below, term.span)
    return _elementwise_quotient(this, above, below, term.span)


def _quotient(above: Expr, below: Expr) -> Expr:
    """A quotient by a scalar; of two numbers it is one number."""
    numbers = above.op is Op.NUMBER and below.op is Op.NUMBER
    if numbers and isinstance(above.data, Fraction) and isinstance(below.data, Fraction):
        if not below.data:
            raise UnsupportedError("a division by zero")
        return number(above.data / below.data)
    if above is number(1):
        return power(below, -1)
    return mul(above, power(below, -1)) if above.is_scalar else divide(above, below)


def _oslash(this: Elaboration, term: Term) -> Draft:
    above, below = this.drafts(term)
    if this.shapes.is_scalar(above) and not this.shapes.is_scalar(below):
        return _divided_into(above, below, term.span)
    return _elementwise_quotient(this, above, below, term.span)


def _divided_into(above: Draft, below: Draft, span: Span) -> Draft:
    """A scalar by every entry."""

    def build(settle: Settle) -> Expr:
        denominator = below.build(settle)
        return hdivide(_spread(above.build(settle), *denominator.shape), denominator)

    return Draft(below.shape, span, build)


def _elementwise_quotient(this: Elaboration, above: Draft, below: Draft, span: Span) -> Draft:
    shape = this.common_shape((above, below), "divide entry by entry", span)
    return Draft(shape, span, lambda settle: hdivide(above.build(settle), below.build(settle)))


def _hadamard(this: Elaboration, term: Term) -> Draft:
    parts = this.drafts(term)
    solid = [part for part, arg in zip(parts, term.args, strict=True) if not _is_zero(arg)]
    shape = this.common_shape(solid or parts, "multiply entry by entry", term.span)
    if solid and len(solid) < len(parts):
        return Draft(shape, term.span, lambda settle: zero(*map(settle, shape)))
    return Draft(shape, term.span, lambda settle: hadamard(*(p.build(settle) for p in parts)))


def _is_zero(term: Term) -> bool:
    return term.kind is Kind.NUMBER and term.text == "0"


def _kron(this: Elaboration, term: Term) -> Draft:
    parts = this.drafts(term)
    rows, columns = parts[0].shape
    for part in parts[1:]:
        rows, columns = rows * part.shape[0], columns * part.shape[1]

    def build(settle: Settle) -> Expr:
        expr = parts[0].build(settle)
        for part in parts[1:]:
            expr = kron(expr, part.build(settle))
        return expr

    shapes = tuple(part.shape for part in parts)
    return Draft((rows, columns), term.span, build, kron=shapes)


def _differential(this: Elaboration, term: Term) -> Draft:
    if not this.differentials:
        raise UnsupportedError("a differential cannot stand in the function itself", term.span)
    part = this.draft(term.args[0])
    return Draft(part.shape, term.span, lambda settle: diff(part.build(settle)))


def _refuse(message: str, hint: str = "") -> Handler:
    def handler(this: Elaboration, term: Term) -> Draft:
        raise UnsupportedError(message, term.span, hint)

    return handler


HANDLERS: dict[Kind, Handler] = {
    Kind.NUMBER: _number,
    Kind.NAME: _name,
    Kind.SUM: _sum,
    Kind.NEG: _neg,
    Kind.PRODUCT: product,
    Kind.DIVIDE: _divide,
    Kind.HADAMARD: _hadamard,
    Kind.OSLASH: _oslash,
    Kind.KRON: _kron,
    Kind.INNER: _inner,
    Kind.DOT: _dot,
    Kind.DIFFERENTIAL: _differential,
    Kind.RELATION: _refuse("a relation cannot stand here", "write one derivative, then = ?"),
    Kind.LIST: _refuse("several formulas cannot stand here", "write one derivative, then = ?"),
    Kind.EMPTY: _refuse("something is missing here", "write the function after the operator"),
}
