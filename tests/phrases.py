"""What the source of mdiff says: its sentences and names, collected from the syntax of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "mdiff_pandoc"
_WORDY = re.compile(
    r"[A-Za-z]{2,}[,;:]? [a-z]{2,}|\b(?:is|are) \S|^ ?(?:with|for|holds|throughout)\b"
)
_HINTS = ("hint", "source")
_NO_TEXTS = ("split", "cast", "startswith")


@dataclass(frozen=True)
class Phrase:
    """A sentence, or a part of one, with ``{}`` where something is put in."""

    file: str
    text: str

    def filled(self) -> Iterator[str]:
        """The sentence with something put in, of several kinds; formulas get a letter."""
        pieces = self.text.split("$")
        pieces[1::2] = (piece.replace("{}", "x") for piece in pieces[1::2])
        text = "$".join(pieces)
        yield from dict.fromkeys(text.replace("{}", part) for part in ("$x$", "x", ""))


def said_in(folder: str, *kinds: str) -> list[Phrase]:
    """The phrases in the modules of a folder, or of one module, without docstrings and hints.

    ``kinds`` of texts: ``note`` (given to a function of this name), names of errors (their
    messages), and ``other``.
    """
    path = PACKAGE / folder
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found: list[Phrase] = []
    for file in files:
        name = str(file.relative_to(PACKAGE))
        texts = _texts(ast.parse(file.read_text("utf-8")), kinds, "other")
        found += (Phrase(name, text) for text in texts if _WORDY.search(text))
    return list(dict.fromkeys(found))


def _texts(node: ast.AST, kinds: Sequence[str], kind: str) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case ast.keyword(arg=name) if name in _HINTS:
            return
        case ast.Call(func=function):
            *module, called = ast.unparse(function).split(".")
            if module == ["re"] or called in _NO_TEXTS:
                return
            if called.endswith("Error"):
                for arg in node.args[:1]:  # what follows are places and hints
                    yield from _texts(arg, kinds, called)
                return
            kind = "note" if called == "note" else kind
        case ast.Constant(value=str(text)) if kind in kinds:
            yield text
        case ast.JoinedStr(values=values):
            if kind in kinds:
                yield "".join(map(_piece, values))
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield from _texts(value.value, kinds, kind)
            return
        case ast.BinOp(op=ast.Add()) if kind in kinds and (whole := _joined(node)):
            yield whole
            return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, kinds, kind)


def _joined(node: ast.expr) -> str:
    """A text that is put together with ``+``, if texts stand in it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = _joined(node.left), _joined(node.right)
        return "".join(side or "{}" for side in sides) if any(sides) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_piece, node.values))
    return str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _piece(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "{}"
