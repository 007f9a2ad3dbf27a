"""Expressions in LaTeX, in the author's own notation.

Only TeX that pandoc converts in every writer is used. What is printed reads back as the same
expression, up to the order of scalar factors and the nesting of sums and products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from mdiff_pandoc.expr import ONE, Dim, Expr, Index, Meta, Op, Range, Symbol
from mdiff_pandoc.latex.notation import MEMBER, Notation
from mdiff_pandoc.latex.printer_derivatives import DERIVATIVES, called
from mdiff_pandoc.latex.printer_functions import FORMS, name_piece
from mdiff_pandoc.latex.printer_names import (
    HEADS,
    dim_latex,
    indices_latex,
    monomials_latex,
    name_latex,
    portable,
    signed_sum,
    space_latex,
)
from mdiff_pandoc.latex.printer_piece import (
    ATOM,
    HADAMARD,
    KRON,
    POSTFIX,
    PRODUCT,
    SIGNED,
    SUM,
    Piece,
    at_least,
    enclose,
    fraction,
    juxtapose,
    negated,
    powered,
    superscript,
)
from mdiff_pandoc.latex.printer_scalars import exponent_latex, scaled

_DEFAULT = Notation()
_NO_NAMES: Mapping[Expr, str] = MappingProxyType({})


def print_latex(
    expr: Expr, notation: Notation = _DEFAULT, names: Mapping[Expr, str] = _NO_NAMES
) -> str:
    """The LaTeX of an expression; those in ``names`` are written as told there."""
    printer = _Printer(notation)
    printer.call(names)
    return printer.piece(expr).text


def print_declaration(symbol: Expr, notation: Notation = _DEFAULT) -> str:
    """Where a symbol lives: ``X \\in \\mathbb{R}^{m \\times n}``, ``t \\in \\mathbb{R}``."""
    return rf"{print_latex(symbol, notation)} \in {space_latex(symbol.shape)}"


class _Printer:
    """Prints one expression: children before parents, so that depth costs no recursion."""

    def __init__(self, notation: Notation) -> None:
        self._notation = notation
        self._pieces: dict[Expr, Piece] = {}
        self._called = _NO_NAMES
        self._taken: set[str] = set()  # names with which an entry x_2 could be confused
        mark = notation.transpose.strip()
        bare = mark[1:-1].strip() if mark.startswith("{") and mark.endswith("}") else mark
        self._prime = bare in ("'", r"\prime")
        braced = bare if len(bare) == 1 and bare == mark else f"{{{bare}}}"
        self.transpose = "'" if self._prime else braced
        self._inverse_transpose = f"{{-{bare}}}"
        self.plain_norms = notation.plain_norms

    def call(self, names: Mapping[Expr, str]) -> None:
        """Write these expressions under names."""
        self._called = names
        self._pieces |= {expr: called(text) for expr, text in names.items()}

    def is_named(self, expr: Expr) -> bool:
        """Is the expression written under a name?"""
        return expr.op in _NAMES or expr in self._called

    def piece(self, expr: Expr) -> Piece:
        pieces = self._pieces
        self._taken |= {getattr(symbol.data, "name", "") for symbol in expr.symbols}
        stack = [expr]
        while stack:
            node = stack[-1]
            if node in pieces:
                stack.pop()
                continue
            pending = [arg for arg in node.args if arg not in pieces]
            if pending and node.op is not Op.NAMED:
                stack.extend(pending)
            else:
                pieces[node] = _HANDLERS[node.op](self, node)
                stack.pop()
        return pieces[expr]

    def of(self, expr: Expr) -> Piece:
        """The piece of an argument, which is printed already."""
        return self._pieces[expr]

    def head(self, name: str) -> str:
        """The author's spelling of a head, or the usual one."""
        return self.author(name) or HEADS[name]

    def author(self, name: str) -> str:
        """The author's spelling of a head, or nothing."""
        return portable(self._notation.heads.get(name, ""))

    def name(self, name: str) -> str:
        """The LaTeX of a plain name."""
        return portable(self._notation.symbols.get(name, "")) or name_latex(name)

    # Leaves

    def _number(self, expr: Expr) -> Piece:
        value = expr.data
        assert isinstance(value, Fraction)
        magnitude = abs(value)
        if magnitude.denominator == 1:
            piece = Piece(str(magnitude))
        else:
            piece = fraction(str(magnitude.numerator), str(magnitude.denominator))
        return negated(piece) if value < 0 else piece

    def _dimension(self, expr: Expr) -> Piece:
        terms = monomials_latex(expr.data)  # type: ignore[arg-type]
        text = signed_sum(terms)
        if len(terms) > 1:
            return Piece(text, SUM)
        if terms[0][0]:
            return Piece(text, SIGNED)
        return Piece(text, PRODUCT if " " in text else POSTFIX if "^" in text else ATOM)

    def _constant(self, expr: Expr) -> Piece:
        return Piece(r"\pi" if expr.data == "pi" else "e")

    def _symbol(self, expr: Expr) -> Piece:
        data = expr.data
        assert isinstance(data, Symbol)
        text = self.name(data.name)
        member = self._notation.symbols.get(data.name + MEMBER, "") if data.indices else ""
        if member:
            text = portable(member).replace(MEMBER, indices_latex(data.indices))
        elif data.indices:
            text = _subscripted(text, indices_latex(data.indices))
        return name_piece(text)

    def _meta(self, expr: Expr) -> Piece:
        assert isinstance(expr.data, Meta)
        return Piece(name_latex(expr.data.name))

    def _identity(self, expr: Expr) -> Piece:
        if expr.is_scalar:
            return Piece("1")
        return Piece(self.head("identity") + self._size(expr.shape[0]))

    def _size(self, dim: Dim) -> str:
        return f"_{{{dim_latex(dim)}}}" if self._notation.sized else ""

    def _ones(self, expr: Expr) -> Piece:
        rows, columns = expr.shape
        if expr.is_scalar:
            return Piece("1")
        left = Piece(self.head("ones") + self._size(rows))
        right = superscript(Piece(self.head("ones") + self._size(columns)), self.transpose)
        if columns == ONE:
            return left
        if rows == ONE:
            return right
        author = self.author("ones_matrix")
        return Piece(author) if author else juxtapose([left, right])

    def _zero(self, expr: Expr) -> Piece:
        rows, columns = expr.shape
        if not self._notation.sized:
            return Piece(self.head("zero"))
        size = dim_latex(rows) + ("" if columns == ONE else rf" \times {dim_latex(columns)}")
        return Piece(_subscripted(self.head("zero"), size))

    def _basis(self, expr: Expr) -> Piece:
        return Piece(_subscripted(self.head("basis"), indices_latex((expr.data,))))  # type: ignore[arg-type]

    def _delta(self, expr: Expr) -> Piece:
        return Piece(_subscripted(self.head("delta"), indices_latex(expr.data)))  # type: ignore[arg-type]

    # Sums and products

    def _sum(self, expr: Expr) -> Piece:
        terms: list[tuple[bool, str]] = []
        tall = False
        for arg in expr.args:
            piece = self.of(arg)
            tall = tall or piece.tall
            text = at_least(piece, SIGNED)
            negative = text.startswith("-")
            terms.append((negative, text[1:] if negative else text))
        return Piece(signed_sum(terms), SUM, tall)

    def _mul(self, expr: Expr) -> Piece:
        return scaled(expr.args, None, self._pieces)

    def _scale(self, expr: Expr) -> Piece:
        coefficient, body = expr.args
        scalars = coefficient.args if coefficient.op is Op.MUL else (coefficient,)
        return scaled(scalars, body, self._pieces)

    def _matmul(self, expr: Expr) -> Piece:
        pieces = []
        for arg in expr.args:
            piece = self.of(arg)
            if arg.op is Op.HDIV:  # a bare fraction among matrices would look like a quotient
                piece = Piece(enclose(piece), tall=piece.tall)
            pieces.append(piece)
        return juxtapose(pieces)

    def _hadamard(self, expr: Expr) -> Piece:
        operator = self.head("hadamard")
        return self._infix(expr, HADAMARD, KRON, f" {operator} ")

    def _kron(self, expr: Expr) -> Piece:
        return self._infix(expr, KRON, PRODUCT, f" {self.head('kron')} ")

    def _infix(self, expr: Expr, level: int, inner: int, operator: str) -> Piece:
        pieces = [self.of(arg) for arg in expr.args]
        first, *rest = pieces
        # the sign of the first factor is that of the whole
        lead = expr.args[0]
        looser = expr.op is Op.KRON and lead.op is Op.SCALE and lead.args[1].op is Op.HADAMARD
        signed = first.level == SIGNED and not looser
        texts = [first.text if signed else at_least(first, level, last=False)]
        texts += [at_least(piece, inner, last=piece is rest[-1]) for piece in rest]
        tall = any(piece.tall for piece in pieces)
        open_right = pieces[-1].open_right and pieces[-1].text == texts[-1]
        return Piece(operator.join(texts), SIGNED if signed else level, tall, open_right)

    def _hdiv(self, expr: Expr) -> Piece:
        above, below = expr.args
        unit = above.op is Op.ONES
        return fraction("1" if unit else self.of(above).text, self.of(below).text)

    # Superscripts

    def _power(self, expr: Expr) -> Piece:
        base, exponent = expr.args
        if expr.is_scalar and _is_negative_number(exponent):
            return scaled((expr,), None, self._pieces)
        if exponent.op is Op.NUMBER and isinstance(exponent.data, Fraction):
            return powered(self.of(base), exponent.data)
        return superscript(self.of(base), f"{{{exponent_latex(exponent, self.of(exponent))}}}")

    def _hpower(self, expr: Expr) -> Piece:
        base, exponent = expr.args
        operator = self.head("hadamard")
        operator = operator if operator.startswith("\\") else r"\odot"
        text = exponent_latex(exponent, self.of(exponent))
        if self.of(exponent).level <= PRODUCT:
            text = f"({text})"
        return superscript(self.of(base), f"{{{operator} {text}}}")

    def _inverse(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        if arg.op is Op.TRANSPOSE and not self._prime:
            return superscript(self.of(arg.args[0]), self._inverse_transpose)
        return superscript(self.of(arg), "{-1}")

    def _transposed(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        if arg.op is Op.INVERSE and not self._prime:
            return superscript(self.of(arg.args[0]), self._inverse_transpose)
        return superscript(self.of(arg), self.transpose)

    # Indices

    def _entry(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        place: tuple[Index, Index] = expr.data  # type: ignore[assignment]
        name = getattr(arg.data, "name", "")
        if arg.shape[0] == ONE and not arg.is_scalar and place[0] == 1:
            return self._indexed(arg, indices_latex(place[1:]))
        if not arg.is_vector:
            close = "".join(map(str, place))
            digits = len(close) == 2 and close.isdigit() and f"{name}_{close}" not in self._taken
            subscript = close if digits else indices_latex(place)
            if name and self.author("entry") == name.lower():
                return Piece(_subscripted(name.lower(), subscript))
            return self._indexed(arg, subscript)
        taken = isinstance(place[0], int) and f"{name}_{place[0]}" in self._taken
        return self._indexed(arg, indices_latex(place[:1]), bare=not taken)

    def _row(self, expr: Expr) -> Piece:
        return self._indexed(expr.args[0], indices_latex((expr.data,)) + ":")  # type: ignore[arg-type]

    def _column(self, expr: Expr) -> Piece:
        return self._indexed(expr.args[0], ":" + indices_latex((expr.data,)))  # type: ignore[arg-type]

    def _indexed(self, base: Expr, subscript: str, *, bare: bool = True) -> Piece:
        piece = self.of(base)
        named = self.is_named(base) and piece.level == ATOM
        if bare and named and "_" not in piece.text:
            return Piece(_subscripted(piece.text, subscript))
        return Piece(_subscripted(enclose(piece, "[", "]"), subscript), tall=piece.tall)

    def _index_sum(self, expr: Expr) -> Piece:
        data = expr.data
        assert isinstance(data, Range)
        head = rf"\sum_{{{name_latex(data.index)}={data.lower}}}^{{{dim_latex(data.upper)}}}"
        body = at_least(self.of(expr.args[0]), PRODUCT)
        return Piece(f"{head} {body}", PRODUCT, tall=True, open_right=True)


def _subscripted(text: str, subscript: str) -> str:
    return f"{text}_{{{subscript}}}"


def _is_negative_number(expr: Expr) -> bool:
    return isinstance(expr.data, Fraction) and expr.op is Op.NUMBER and expr.data < 0


_NAMES = frozenset({Op.SYMBOL, Op.META, Op.NAMED})
_HANDLERS: dict[Op, Callable[[_Printer, Expr], Piece]] = {
    **FORMS,
    **DERIVATIVES,
    Op.NUMBER: _Printer._number,
    Op.DIMENSION: _Printer._dimension,
    Op.CONSTANT: _Printer._constant,
    Op.SYMBOL: _Printer._symbol,
    Op.META: _Printer._meta,
    Op.IDENTITY: _Printer._identity,
    Op.ONES: _Printer._ones,
    Op.ZERO: _Printer._zero,
    Op.BASIS: _Printer._basis,
    Op.SUM: _Printer._sum,
    Op.MUL: _Printer._mul,
    Op.SCALE: _Printer._scale,
    Op.MATMUL: _Printer._matmul,
    Op.POWER: _Printer._power,
    Op.INVERSE: _Printer._inverse,
    Op.TRANSPOSE: _Printer._transposed,
    Op.HADAMARD: _Printer._hadamard,
    Op.HDIV: _Printer._hdiv,
    Op.HPOWER: _Printer._hpower,
    Op.KRON: _Printer._kron,
    Op.ENTRY: _Printer._entry,
    Op.ROW: _Printer._row,
    Op.COLUMN: _Printer._column,
    Op.INDEX_SUM: _Printer._index_sum,
    Op.DELTA: _Printer._delta,
}
