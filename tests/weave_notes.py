"""The notes in ``tests/weave``, read and woven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.document.weave.dialects import AUTO, DIALECTS, Dialect, dialect_of, guessed
from mdiff_pandoc.document.weave.text import FileText
from mdiff_pandoc.document.weave.weaver import Weaved, strip, weave

FOLDER = Path(__file__).parent / "weave"
_NESTING = frozenset(
    "BulletList OrderedList Table Header BlockQuote Note Div DefinitionList Link Image".split()
)


def notes() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.name[0].isdigit())


def dialect_of_note(name: str) -> Dialect:
    """GitHub's own must be named; the others are seen from the ending or the text."""
    if name.startswith("20"):
        return DIALECTS["gfm"]
    found = dialect_of(name)
    assert found is not None
    text = FileText.decode((FOLDER / name).read_bytes(), name).text if found is AUTO else ""
    return guessed(text) if found is AUTO else found


def woven(data: bytes, name: str, dialect: Dialect) -> Weaved:
    return weave(FileText.decode(data, name), name, dialect, read_ast)


def stripped(data: bytes, name: str, dialect: Dialect) -> bytes:
    return strip(FileText.decode(data, name), dialect).file.encode()


def words(node: Any) -> Iterator[str]:
    """The words, the code and the nesting of a part of pandoc's tree, without its formulas."""
    if isinstance(node, list):
        for item in node:
            yield from words(item)
    elif isinstance(node, dict):
        kind, content = node.get("t"), node.get("c")
        if kind == "Str":
            yield content
        elif kind in ("Code", "CodeBlock"):
            if not {"mdiff", "math"}.intersection(content[0][1]):
                yield content[1]
        elif kind in _NESTING:
            yield f"<{kind}>"
            yield from words(content)
            yield f"</{kind}>"
        elif kind is None:
            yield from words(list(node.values()))
        elif kind not in ("Math", "RawInline", "RawBlock"):
            yield from words(content)


def missing(wanted: Iterator[str], given: Iterator[str]) -> str:
    """The first of ``wanted`` that is not among ``given`` behind the one before it."""
    rest = iter(given)
    return next((word for word in wanted if word not in rest), "")
