"""The author's own words in an answer: the function, its name, the derivative as written."""

from __future__ import annotations

from collections.abc import Collection

from mdiff_pandoc.errors import Span, UnsupportedError
from mdiff_pandoc.expr import ONE, Expr
from mdiff_pandoc.latex.asked import Asked
from mdiff_pandoc.latex.brackets import group_end, opening, unbracketed
from mdiff_pandoc.latex.surface import Kind, Term
from mdiff_pandoc.latex.target import Target, style_of

_FREE_NAMES = (
    ("f", "f"),
    ("phi", r"\phi"),
    ("g", "g"),
    ("h", "h"),
    ("psi", r"\psi"),
    ("f_0", "f_0"),
    ("H", "H"),
    ("G", "G"),
    ("F", "F"),
)


def free_name(f: Expr, taken: Collection[str]) -> str:
    """A name for the function that stands for nothing else: f, or F of a matrix."""
    free = _FREE_NAMES if f.is_scalar or ONE in f.shape else _FREE_NAMES[::-1]
    return next((latex for text, latex in free if text not in taken), r"f_{0}")


def operand_text(asked: Asked, target: Target, body: str) -> str:
    """What the author differentiates, as written in ``body``. Raises UnsupportedError."""
    node = asked.node
    if target.inner.args[0] is not asked.operand:  # a derivative of a derivative
        span = target.operand.span
        return unbracketed(body[span.start : span.end].strip())
    start = node.args[0].span.start
    if "fraction" in node.text:
        start = opening(body, node.span.start, start)
        return unbracketed(body[start : group_end(body, node.args[0].span)].strip())
    if body.startswith(node.latex, node.span.start):
        start = node.span.start + len(node.latex)
    end = node.span.end if asked.wrapped else len(body)
    if asked.widened:
        inner = body[start : node.span.end].strip()
        if unbracketed(inner) != inner:
            raise UnsupportedError(
                "something is added to a derivative whose function stands in brackets",
                Span(node.span.end, end),
                "put the whole sum in the brackets, or ask for the derivative alone",
            )
    return unbracketed(body[start:end].strip(" \n\t.,;"))


def derivative_text(term: Term, side: Term, body: str) -> str:
    """The left-hand side as written: ``side``, or the whole formula ``term``."""
    start = 0 if term is side else body.rfind("=", 0, side.span.start) + 1
    return body[start:].strip(" &\n\t")


def operator_of(asked: Asked, name: str, body: str) -> str:
    """The derivative as the author wrote it, of the bare function ``name``."""
    written = _operator(asked.node, name, body)
    return rf"\left({written}\right)^{asked.wrapped}" if asked.wrapped else written


def _operator(node: Term, name: str, body: str) -> str:
    if style_of(node).endswith("-of"):
        return node.latex
    operand = node.args[0]
    inner = operand.args[0] if operand.kind is Kind.TRANSPOSE else operand
    nested = inner.kind is Kind.DERIVATIVE
    text = _operator(inner, name, body) if nested else name
    if "fraction" not in node.text:
        return f"{node.latex} {text}"
    after = body[group_end(body, operand.span) : node.span.end]
    before = body[node.span.start : opening(body, node.span.start, operand.span.start)]
    return before + (" " if before[-1:].isalpha() else "") + text + after
