"""Functions, norms and operators with a head, in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mdiff_pandoc.expr import FUNCTIONS, Dim, Expr, Index, Op, Unknown
from mdiff_pandoc.expr.special import blocks
from mdiff_pandoc.latex.printer_names import HEADS, dim_latex, indices_latex
from mdiff_pandoc.latex.printer_piece import (
    HADAMARD,
    POSTFIX,
    PRODUCT,
    Piece,
    at_least,
    enclose,
    juxtapose,
    superscript,
)


class Context(Protocol):
    """What the form of a node needs to know of the printer."""

    def of(self, expr: Expr) -> Piece:
        """The piece of an argument, which is printed already."""

    def head(self, name: str) -> str:
        """The author's spelling of a head, or the usual one."""

    def author(self, name: str) -> str:
        """The author's spelling of a head, or nothing."""

    def name(self, name: str) -> str:
        """The LaTeX of a plain name."""

    def is_named(self, expr: Expr) -> bool:
        """Is the expression written under a name?"""

    @property
    def transpose(self) -> str:
        """The superscript of a transpose, with its braces."""

    @property
    def plain_norms(self) -> bool:
        """Are the usual norms written without a subscript?"""


Form = Callable[[Context, Expr], Piece]


def applied(head: str, argument: Piece) -> Piece:
    """A head and its argument in brackets; bare letters are set off from other factors."""
    bare = len(head) > 1 and head.isalpha()
    return Piece(head + enclose(argument), tall=argument.tall, spaced=bare)


def name_piece(text: str) -> Piece:
    """The piece of a name; one with a superscript takes no other."""
    return Piece(text, POSTFIX if "^" in text or "'" in text else Piece("").level)


def _headed(context: Context, expr: Expr) -> Piece:
    return applied(context.head(_HEADS[expr.op]), context.of(expr.args[0]))


def _det(context: Context, expr: Expr) -> Piece:
    argument = context.of(expr.args[0])
    head = context.head("det")
    if head != "bars":
        return applied(head, argument)
    if "|" in argument.text.replace(r"\|", ""):
        return applied(HEADS["det"], argument)
    return Piece(enclose(argument, "|", "|"), tall=argument.tall)


def _norm(context: Context, expr: Expr) -> Piece:
    argument = context.of(expr.args[0])
    kind = r"\infty" if expr.data == "inf" else str(expr.data)
    plain = context.plain_norms and kind == ("2" if expr.args[0].is_vector else "F")
    subscript = "" if plain else f"_{kind}" if len(kind) == 1 else f"_{{{kind}}}"
    return Piece(enclose(argument, r"\|", r"\|") + subscript, tall=argument.tall)


def _function(context: Context, expr: Expr) -> Piece:
    (arg,) = expr.args
    argument = context.of(arg)
    name = expr.data
    if isinstance(name, Unknown):
        text = context.name(name.name)
        marks = "'" * name.order if name.order < 3 else f"^{{({name.order})}}"
        return applied(text + marks, argument)
    assert isinstance(name, str)
    head = context.author(name) or FUNCTIONS[name].latex
    if name == "sqrt":
        return Piece(rf"\sqrt{{{argument.text}}}", POSTFIX, argument.tall)
    if name == "abs":
        if not arg.is_scalar:
            return applied(r"\operatorname{abs}", argument)
        text = enclose(argument, r"\lvert ", r" \rvert")
        return Piece(text, tall=argument.tall)
    if name == "exp" and head in _BASES_OF_EXP:
        return superscript(Piece(head), f"{{{argument.text}}}")
    closed = applied(head, argument)
    if name == "log" and arg.op is Op.DET:
        gap = "" if argument.text[0] == "|" else " "
        text = head + gap + argument.text
        return Piece(text, PRODUCT, argument.tall, open_right=True, closed=closed.text)
    return closed


def _matrix_function(context: Context, expr: Expr) -> Piece:
    """``\\operatorname{expm}(X)``, unless the author has another spelling of it."""
    argument = context.of(expr.args[0])
    name = str(expr.data)
    head = context.author(name + "m") or rf"\operatorname{{{name}m}}"
    if head in _BASES_OF_EXP:
        return superscript(Piece(head), f"{{{argument.text}}}")
    if head == r"\sqrt":
        return Piece(rf"\sqrt{{{argument.text}}}", POSTFIX, argument.tall)
    if head.startswith("^"):
        return superscript(argument, head[1:])
    return applied(head, argument)


def _diag(context: Context, expr: Expr) -> Piece:
    (arg,) = expr.args
    inner = arg.args[0] if arg.op is Op.TRANSPOSE else arg
    row = inner is not arg and not inner.is_vector and inner.op is not Op.TRANSPOSE
    head = context.author("Diag") or context.head("diag")
    if arg.op is Op.MATMUL and all(factor.op is Op.TRANSPOSE for factor in arg.args):
        factors = [factor.args[0] for factor in reversed(arg.args)]
        if factors[0].op is Op.ROW:
            return applied(head, juxtapose([context.of(factor) for factor in factors]))
    return applied(head, context.of(inner if row else arg))  # diag takes a row as well


def _triangle(context: Context, expr: Expr) -> Piece:
    head = r"\operatorname{tril}" if expr.data == "lower" else r"\operatorname{triu}"
    return applied(head, context.of(expr.args[0]))


def _unvec(context: Context, expr: Expr) -> Piece:
    rows, columns = expr.shape
    head = f"{context.head('vec')}^{{-1}}_{{{dim_latex(rows)}, {dim_latex(columns)}}}"
    return applied(head, context.of(expr.args[0]))


def _pseudo_inverse(context: Context, expr: Expr) -> Piece:
    mark = context.head("pseudo_inverse")
    return superscript(context.of(expr.args[0]), f"{{{mark}}}")


def _cross(context: Context, expr: Expr) -> Piece:
    left, right = (context.of(arg) for arg in expr.args)
    text = rf"{at_least(left, PRODUCT, last=False)} \times {at_least(right, PRODUCT)}"
    return Piece(text, HADAMARD, left.tall or right.tall)


def _eigen(context: Context, expr: Expr) -> Piece:
    """``\\lambda_{\\max}(A)``, ``v_{\\max}(A)``; by number ``v_{\\lambda_{2}}(A)``."""
    which: Index = expr.data  # type: ignore[assignment]
    mark = rf"\{which}" if which in ("max", "min") else indices_latex((which,))
    value = context.head("eigenvalue")
    if expr.op is Op.EIGENVALUE:
        return applied(f"{value}_{{{mark}}}", context.of(expr.args[0]))
    place = mark if which in ("max", "min") else f"{value}_{{{mark}}}"
    return applied(f"{context.head('eigenvector')}_{{{place}}}", context.of(expr.args[0]))


def _largest(context: Context, expr: Expr) -> Piece:
    return applied(r"e_{\max}", context.of(expr.args[0]))


def _singular_vector(context: Context, expr: Expr) -> Piece:
    head = context.head(f"{expr.data}_singular_vector")
    return applied(f"{head}_{{1}}", context.of(expr.args[0]))


def _expectation(context: Context, expr: Expr) -> Piece:
    """``\\mathbb{E}[x]``; with what it averages over below where the author writes that."""
    assert isinstance(expr.data, tuple)
    body = context.of(expr.args[0])
    head = context.head("expectation")
    if head.endswith("_"):
        below = ",".join(context.name(name) for name in expr.data)
        head = f"{head}{{{below}}}" if below else head[:-1]
    return Piece(head + enclose(body, "[", "]"), tall=body.tall)


def _commutation(context: Context, expr: Expr) -> Piece:
    rows, columns = _two_dims(expr)
    return Piece(f"{context.head('commutation')}_{{{dim_latex(rows)},{dim_latex(columns)}}}")


def _two_dims(expr: Expr) -> tuple[Dim, Dim]:
    return expr.data  # type: ignore[return-value]


def _block(context: Context, expr: Expr) -> Piece:
    rows = (" & ".join(context.of(part).text for part in row) for row in blocks(expr))
    body = r" \\ ".join(rows)
    return Piece(rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", tall=True)


_BASES_OF_EXP = ("e", r"\mathrm{e}")
_HEADS = {
    Op.TRACE: "trace",
    Op.DIAGONAL: "diag",
    Op.VEC: "vec",
    Op.ADJUGATE: "adj",
    Op.SOFTMAX: "softmax",
    Op.LOGSUMEXP: "logsumexp",
}
FORMS: dict[Op, Form] = {
    **dict.fromkeys(_HEADS, _headed),
    Op.DET: _det,
    Op.NORM: _norm,
    Op.FUNC: _function,
    Op.MATRIX_FUNCTION: _matrix_function,
    Op.DIAG: _diag,
    Op.TRIANGLE: _triangle,
    Op.UNVEC: _unvec,
    Op.PSEUDO_INVERSE: _pseudo_inverse,
    Op.CROSS: _cross,
    Op.EIGENVALUE: _eigen,
    Op.EIGENVECTOR: _eigen,
    Op.SINGULAR_VECTOR: _singular_vector,
    Op.LARGEST: _largest,
    Op.EXPECTATION: _expectation,
    Op.COMMUTATION: _commutation,
    Op.BLOCK: _block,
}
