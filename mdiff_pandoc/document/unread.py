"""Requests that pandoc read as text: a blank line between dollars, LaTeX where it is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mdiff_pandoc.patterns import regex

_BYTES = re.compile(
    rb'"t":"(?:Str|RawInline)","c":(?:\["(?:la)?tex",)?"[^"]{0,200}\\\\(?:nabla|partial|[cd]?frac)'
)
_DERIVATIVE = (
    r"\\(?:nabla(?![A-Za-z])|(?:[cd]?frac\s*\{\s*)?(?:\\partial(?![A-Za-z])|d(?![A-Za-z]))"
    r"|partial(?![A-Za-z]))"
)
_REQUEST = regex(rf"{_DERIVATIVE}(?:(?![.?!]\s)[^\0?])*?=\s*\?")
_BLOCKS = ("Para", "Plain")
_SHOWN = 60  # characters of the text in a message
_APART = 4  # paragraphs that a formula with blank lines in it may make


def may_be_unread(raw: bytes) -> bool:
    """Could there be such a request in a document, in pandoc's JSON? Only a certain no is False."""
    return b"?" in raw and _BYTES.search(raw) is not None


def unread_requests(blocks: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The text of each such request in blocks (parsed JSON), in order, and what to write."""
    stack: list[Any] = [list(blocks)]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if not _is_skipped(node):
                stack.append(node.get("c"))
        elif isinstance(node, list):
            if any(isinstance(item, dict) and item.get("t") in _BLOCKS for item in node):
                yield from _among(node)
                node = [i for i in node if not (isinstance(i, dict) and i.get("t") in _BLOCKS)]
            stack += reversed(node)


def _among(blocks: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Those in the paragraphs of one list of blocks."""
    index = 0
    while index < len(blocks):
        used, text = 1, _text(blocks[index])
        if text.count("$$") % 2:
            later = [_text(block) for block in blocks[index + 1 : index + _APART]]
            close = next((n for n, other in enumerate(later) if "$$" in other), None)
            if close is not None:
                used, text = close + 2, "\n\n".join([text, *later[: close + 1]])
        for match in _REQUEST.finditer(text):
            yield _clipped(match[0]), _advice(text[: match.start()], match[0])
        index += used


def _advice(before: str, request: str) -> str:
    if "\n\n" in before + request and "$$" in before:
        return "take the blank line out of the formula"
    if r"\begin{" in before + request:
        return (
            r"write `$$\begin{aligned} … \end{aligned}$$`: "
            "this format takes no LaTeX outside of dollars"
        )
    if before.rstrip().endswith("$"):
        return "no space may stand behind the opening dollar"
    if before.rstrip().endswith(("[", "(")):
        return "write it between dollars, or read the file with +tex_math_single_backslash"
    return "write it between dollars: `$…$`, or `$$…$$` for a derivation"


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _text(block: Any) -> str:
    """What a reader sees of a paragraph; a formula is a NUL."""
    if block.get("t") not in _BLOCKS:
        return "\0"
    parts: list[str] = []
    stack = list(reversed(block["c"]))
    while stack:
        inline = stack.pop()
        kind, content = inline.get("t"), inline.get("c")
        if kind == "Str":
            parts.append(content)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            parts.append(" ")
        elif kind == "RawInline" and content[0] in ("tex", "latex"):
            parts.append("\0" if content[1].startswith(r"\begin") else content[1])
        elif kind in ("Emph", "Strong", "Subscript", "Superscript", "Quoted"):
            inner = content[1] if kind == "Quoted" else content
            stack += reversed(inner)  # underscores and asterisks of a formula
        else:
            parts.append("\0")
    return "".join(parts)


def _is_skipped(node: Any) -> bool:
    kind, content = node.get("t"), node.get("c")
    if kind in ("Math", "Str", "Code", "CodeBlock", "RawInline", "RawBlock"):
        return True
    return kind in ("Div", "Span") and "mdiff-skip" in content[0][1]
