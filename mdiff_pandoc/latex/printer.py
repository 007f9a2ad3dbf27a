"""Expressions in LaTeX, in the author's own notation.

Only TeX that pandoc converts in every writer is used. What is printed reads back as the same
expression, up to the order of scalar factors and the nesting of sums and products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from mdiff_pandoc.expr import FUNCTIONS, ONE, Dim, Expr, Index, Meta, Op, Range, Symbol, Unknown
from mdiff_pandoc.latex.notation import MEMBER, Notation
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
        self._taken: set[str] = set()  # names with which an entry x_2 could be confused
        mark = notation.transpose.strip()
        bare = mark[1:-1].strip() if mark.startswith("{") and mark.endswith("}") else mark
        self._prime = bare in ("'", r"\prime")
        braced = bare if len(bare) == 1 and bare == mark else f"{{{bare}}}"
        self._transpose = "'" if self._prime else braced
        self._inverse_transpose = f"{{-{bare}}}"

    def call(self, names: Mapping[Expr, str]) -> None:
        """Write these expressions under names."""
        self._pieces |= {expr: Piece(text) for expr, text in names.items()}

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
            if pending:
                stack.extend(pending)
            else:
                pieces[node] = _HANDLERS[node.op](self, node)
                stack.pop()
        return pieces[expr]

    def _of(self, expr: Expr) -> Piece:
        return self._pieces[expr]

    def _head(self, name: str) -> str:
        return self._author(name) or HEADS[name]

    def _author(self, name: str) -> str:
        return portable(self._notation.heads.get(name, ""))

    def _name(self, name: str) -> str:
        return portable(self._notation.symbols.get(name, "")) or name_latex(name)

    def _apply(self, head: str, argument: Piece) -> Piece:
        return Piece(head + enclose(argument), tall=argument.tall)

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
        text = self._name(data.name)
        member = self._notation.symbols.get(data.name + MEMBER, "") if data.indices else ""
        if member:
            text = portable(member).replace(MEMBER, indices_latex(data.indices))
        elif data.indices:
            text = _subscripted(text, indices_latex(data.indices))
        return Piece(text, POSTFIX if "^" in text or "'" in text else ATOM)

    def _meta(self, expr: Expr) -> Piece:
        assert isinstance(expr.data, Meta)
        return Piece(name_latex(expr.data.name))

    def _identity(self, expr: Expr) -> Piece:
        if expr.is_scalar:
            return Piece("1")
        return Piece(self._head("identity") + self._size(expr.shape[0]))

    def _size(self, dim: Dim) -> str:
        return f"_{{{dim_latex(dim)}}}" if self._notation.sized else ""

    def _ones(self, expr: Expr) -> Piece:
        rows, columns = expr.shape
        if expr.is_scalar:
            return Piece("1")
        left = Piece(self._head("ones") + self._size(rows))
        right = superscript(Piece(self._head("ones") + self._size(columns)), self._transpose)
        if columns == ONE:
            return left
        if rows == ONE:
            return right
        author = self._author("ones_matrix")
        return Piece(author) if author else juxtapose([left, right])

    def _zero(self, expr: Expr) -> Piece:
        rows, columns = expr.shape
        if not self._notation.sized:
            return Piece(self._head("zero"))
        size = dim_latex(rows) + ("" if columns == ONE else rf" \times {dim_latex(columns)}")
        return Piece(_subscripted(self._head("zero"), size))

    def _basis(self, expr: Expr) -> Piece:
        return Piece(_subscripted(self._head("basis"), indices_latex((expr.data,))))  # type: ignore[arg-type]

    def _delta(self, expr: Expr) -> Piece:
        return Piece(_subscripted(self._head("delta"), indices_latex(expr.data)))  # type: ignore[arg-type]

    # Sums and products

    def _sum(self, expr: Expr) -> Piece:
        terms: list[tuple[bool, str]] = []
        tall = False
        for arg in expr.args:
            piece = self._of(arg)
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
            piece = self._of(arg)
            if arg.op is Op.HDIV:  # a bare fraction among matrices would look like a quotient
                piece = Piece(enclose(piece), tall=piece.tall)
            pieces.append(piece)
        return juxtapose(pieces)

    def _hadamard(self, expr: Expr) -> Piece:
        operator = self._head("hadamard")
        return self._infix(expr, HADAMARD, KRON, f" {operator} ")

    def _kron(self, expr: Expr) -> Piece:
        return self._infix(expr, KRON, PRODUCT, f" {self._head('kron')} ")

    def _infix(self, expr: Expr, level: int, inner: int, operator: str) -> Piece:
        pieces = [self._of(arg) for arg in expr.args]
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
        return fraction("1" if unit else self._of(above).text, self._of(below).text)

    # Superscripts

    def _power(self, expr: Expr) -> Piece:
        base, exponent = expr.args
        if expr.is_scalar and _is_negative_number(exponent):
            return scaled((expr,), None, self._pieces)
        return superscript(self._of(base), f"{{{exponent_latex(exponent, self._of(exponent))}}}")

    def _hpower(self, expr: Expr) -> Piece:
        base, exponent = expr.args
        operator = self._head("hadamard")
        operator = operator if operator.startswith("\\") else r"\odot"
        text = exponent_latex(exponent, self._of(exponent))
        if self._of(exponent).level <= PRODUCT:
            text = f"({text})"
        return superscript(self._of(base), f"{{{operator} {text}}}")

    def _inverse(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        if arg.op is Op.TRANSPOSE and not self._prime:
            return superscript(self._of(arg.args[0]), self._inverse_transpose)
        return superscript(self._of(arg), "{-1}")

    def _transposed(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        if arg.op is Op.INVERSE and not self._prime:
            return superscript(self._of(arg.args[0]), self._inverse_transpose)
        return superscript(self._of(arg), self._transpose)

    # Functions

    def _headed(self, expr: Expr) -> Piece:
        return self._apply(self._head(_APPLIED[expr.op]), self._of(expr.args[0]))

    def _det(self, expr: Expr) -> Piece:
        argument = self._of(expr.args[0])
        head = self._head("det")
        if head != "bars":
            return self._apply(head, argument)
        if "|" in argument.text.replace(r"\|", ""):
            return self._apply(HEADS["det"], argument)
        return Piece(enclose(argument, "|", "|"), tall=argument.tall)

    def _norm(self, expr: Expr) -> Piece:
        argument = self._of(expr.args[0])
        kind = str(expr.data)
        plain = self._notation.plain_norms and kind == ("2" if expr.args[0].is_vector else "F")
        subscript = "" if plain else f"_{kind}" if len(kind) == 1 else f"_{{{kind}}}"
        return Piece(enclose(argument, r"\|", r"\|") + subscript, tall=argument.tall)

    def _function(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        argument = self._of(arg)
        name = expr.data
        if isinstance(name, Unknown):
            text = self._name(name.name)
            marks = "'" * name.order if name.order < 3 else f"^{{({name.order})}}"
            return self._apply(text + marks, argument)
        assert isinstance(name, str)
        head = self._author(name) or FUNCTIONS[name].latex
        if name == "sqrt":
            return Piece(rf"\sqrt{{{argument.text}}}", POSTFIX, argument.tall)
        if name == "abs":
            if not arg.is_scalar:
                return self._apply(r"\operatorname{abs}", argument)
            text = enclose(argument, r"\lvert ", r" \rvert")
            return Piece(text, tall=argument.tall)
        if name == "exp" and head in ("e", r"\mathrm{e}"):
            return superscript(Piece(head), f"{{{argument.text}}}")
        closed = self._apply(head, argument)
        if name == "log" and arg.op is Op.DET:
            gap = "" if argument.text[0] == "|" else " "
            text = head + gap + argument.text
            return Piece(text, PRODUCT, argument.tall, open_right=True, closed=closed.text)
        return closed

    def _diag(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        inner = arg.args[0] if arg.op is Op.TRANSPOSE else arg
        row = inner is not arg and not inner.is_vector and inner.op is not Op.TRANSPOSE
        head = self._author("Diag") or self._head("diag")
        return self._apply(head, self._of(inner if row else arg))  # diag takes a row as well

    def _unvec(self, expr: Expr) -> Piece:
        rows, columns = expr.shape
        head = f"{self._head('vec')}^{{-1}}_{{{dim_latex(rows)}, {dim_latex(columns)}}}"
        return self._apply(head, self._of(expr.args[0]))

    def _diff(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        head = self._head("differential")
        argument = self._of(arg)
        single = arg.op is Op.ENTRY and not argument.text.startswith(("[", r"\left["))
        if (single or arg.op in (Op.SYMBOL, Op.META)) and argument.level == ATOM:
            text = head + argument.text
        elif arg.op in _HEADED and (argument.level == ATOM or argument.closed):
            closed = head + enclose(argument) if argument.closed else ""
            text = f"{head} {argument.text}"
            return Piece(text, POSTFIX, argument.tall, argument.open_right, closed, spaced=True)
        else:
            text = head + enclose(argument)
        return Piece(text, POSTFIX, argument.tall, spaced=True)

    # Indices

    def _entry(self, expr: Expr) -> Piece:
        (arg,) = expr.args
        place: tuple[Index, Index] = expr.data  # type: ignore[assignment]
        if not arg.is_vector:
            return self._indexed(arg, indices_latex(place))
        name = getattr(arg.data, "name", "")
        taken = isinstance(place[0], int) and f"{name}_{place[0]}" in self._taken
        return self._indexed(arg, indices_latex(place[:1]), bare=not taken)

    def _row(self, expr: Expr) -> Piece:
        return self._indexed(expr.args[0], indices_latex((expr.data,)) + ":")  # type: ignore[arg-type]

    def _column(self, expr: Expr) -> Piece:
        return self._indexed(expr.args[0], ":" + indices_latex((expr.data,)))  # type: ignore[arg-type]

    def _indexed(self, base: Expr, subscript: str, *, bare: bool = True) -> Piece:
        piece = self._of(base)
        named = base.op in (Op.SYMBOL, Op.META) and piece.level == ATOM
        if bare and named and "_" not in piece.text:
            return Piece(_subscripted(piece.text, subscript))
        return Piece(_subscripted(enclose(piece, "[", "]"), subscript), tall=piece.tall)

    def _index_sum(self, expr: Expr) -> Piece:
        data = expr.data
        assert isinstance(data, Range)
        head = rf"\sum_{{{name_latex(data.index)}={data.lower}}}^{{{dim_latex(data.upper)}}}"
        body = at_least(self._of(expr.args[0]), PRODUCT)
        return Piece(f"{head} {body}", PRODUCT, tall=True, open_right=True)


def _subscripted(text: str, subscript: str) -> str:
    return f"{text}_{{{subscript}}}"


def _is_negative_number(expr: Expr) -> bool:
    return isinstance(expr.data, Fraction) and expr.op is Op.NUMBER and expr.data < 0


_APPLIED = {Op.TRACE: "trace", Op.DIAGONAL: "diag", Op.VEC: "vec"}
_HEADED = frozenset({Op.TRACE, Op.DET, Op.NORM, Op.FUNC, Op.VEC, Op.DIAG, Op.DIAGONAL})
_HANDLERS: dict[Op, Callable[[_Printer, Expr], Piece]] = {
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
    Op.TRACE: _Printer._headed,
    Op.DET: _Printer._det,
    Op.NORM: _Printer._norm,
    Op.HADAMARD: _Printer._hadamard,
    Op.HDIV: _Printer._hdiv,
    Op.HPOWER: _Printer._hpower,
    Op.FUNC: _Printer._function,
    Op.DIAG: _Printer._diag,
    Op.DIAGONAL: _Printer._headed,
    Op.KRON: _Printer._kron,
    Op.VEC: _Printer._headed,
    Op.UNVEC: _Printer._unvec,
    Op.ENTRY: _Printer._entry,
    Op.ROW: _Printer._row,
    Op.COLUMN: _Printer._column,
    Op.INDEX_SUM: _Printer._index_sum,
    Op.DELTA: _Printer._delta,
    Op.DIFF: _Printer._diff,
}
