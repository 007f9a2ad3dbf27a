"""Whole documents: the same bytes in give the same bytes out, without a look at what they say."""

from __future__ import annotations

from mdiff_pandoc.document.cache.keys import key_of
from mdiff_pandoc.document.cache.shared import store
from mdiff_pandoc.document.cache.store import FORMULA, PAGE
from mdiff_pandoc.document.scan import formulas_that_ask


class Kept:
    """What was made of a document, given all that it depends on."""

    def __init__(self, raw: bytes, writer: str, *given: str) -> None:
        # a document that speaks of the cache may say that it wants none
        self._wanted = b'"cache"' not in raw
        self._raw = raw
        self._parts: tuple[str | bytes, ...] = (raw, writer, *given)

    def found(self) -> bytes | None:
        """The document that an earlier build has made."""
        kept = store() if self._wanted else None
        page = None if kept is None else kept.get(self._key())
        return page if page is not None and page.lstrip()[:1] == b"{" else None

    def has_news(self) -> bool:
        """Is there a formula that no build has asked for yet, or a cache to find that out with?"""
        kept = store() if self._wanted else None
        if kept is None or not kept.usable:
            return False
        asked = self._asked()
        return len(kept.get_all(asked)) < len(asked)

    def keep(self, made: bytes) -> None:
        """Leave the document to later builds."""
        self._put(PAGE, [(self._key(), made)])

    def note(self) -> None:
        """Note what was asked for."""
        self._put(FORMULA, [(key, b"") for key in self._asked()])

    def _put(self, kind: str, values: list[tuple[bytes, bytes]]) -> None:
        kept = store() if self._wanted else None
        if kept is not None:
            kept.put(kind, values)

    def _asked(self) -> list[bytes]:
        return [key_of(FORMULA, text) for text in dict.fromkeys(formulas_that_ask(self._raw))]

    def _key(self) -> bytes:
        return key_of(PAGE, *self._parts)
