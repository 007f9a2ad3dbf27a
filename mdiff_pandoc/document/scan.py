"""A first look at pandoc's JSON as bytes: can a document ask anything of mdiff?

Most documents ask nothing, and are let through before anything is parsed. What is not certain to
ask nothing may ask: the second look parses.
"""

from __future__ import annotations

import re

_TEXT = rb'"((?:[^"\\]|\\.)*)"'
_MATH = re.compile(rb'"t":"Math","c":\[\{"t":"(?:Display|Inline)Math"\},' + _TEXT)
_RAW = re.compile(rb'"t":"Raw(?:Inline|Block)","c":\["([^"\\]*)",' + _TEXT)
_CODE = re.compile(rb'"t":"CodeBlock","c":\[\[' + _TEXT + rb",\[([^\]]*)\]")
# behind the last equality sign: labels, spaces and punctuation, which are no right-hand side
_LABEL = re.compile(
    rb"\x00(?:label|tag\*?|eqno|notag|nonumber|begin|end|q?quad)(?![A-Za-z])\s*(?:\{[^{}]*\})*"
)
_SIDE = re.compile(rb"[A-Za-z0-9(\[|]")


def may_ask(raw: bytes) -> bool:
    """Could this document ask for something? Only a certain no is False."""
    if b"mdiff" in raw or b'"t": ' in raw or b'"t" ' in raw:
        return True
    for name, pattern in ((b"Math", _MATH), (b"Raw", _RAW), (b"CodeBlock", _CODE)):
        mark = b'"t":"' + name + (b'"' if name != b"Raw" else b"")
        if raw.count(mark) != sum(1 for _ in pattern.finditer(raw)):
            return True
    return (
        any(_asks(found[1]) for found in _MATH.finditer(raw))
        or any(found[1] in (b"tex", b"latex") and b"=" in found[2] for found in _RAW.finditer(raw))
        or any(b'"math"' in found[2] for found in _CODE.finditer(raw))
    )


def formulas_that_ask(raw: bytes) -> list[bytes]:
    """The formulas that could be requests, as they stand in the bytes of a document."""
    return [found[1] for found in _MATH.finditer(raw) if _asks(found[1])]


def formulas_in(raw: bytes) -> list[str] | None:
    """All formulas of a document, or None where it is not certain that there are no others."""
    import json

    found = [math[1] for math in _MATH.finditer(raw)]
    if b'"t": ' in raw or len(found) != raw.count(b'"t":"Math"'):
        return None
    formulas: list[str] = json.loads(b'["' + b'","'.join(found) + b'"]') if found else []
    return formulas


def _asks(text: bytes) -> bool:
    """Could a formula, as it stands in JSON, be a request?"""
    if b"=" not in text:
        return b"?" in text
    # every backslash is two in JSON; what is one is an escape
    plain = re.sub(rb"\\[nrt]", b" ", text.replace(rb"\\", b"\x00"))
    if b"?" in plain or b"%" in plain or b"\\u" in plain:
        return True
    rest = _LABEL.sub(b"", plain).rpartition(b"=")[2]
    return not rest.isascii() or _SIDE.search(rest) is None
