"""Whole documents: the same bytes in give the same bytes out, without a look at what they say."""

from __future__ import annotations

from mdiff_pandoc.document.cache.keys import key_of
from mdiff_pandoc.document.cache.shared import store
from mdiff_pandoc.document.cache.store import PAGE


class Kept:
    """What was made of a document, given all that it depends on."""

    def __init__(self, raw: bytes, writer: str, *given: str) -> None:
        # a document that speaks of the cache may say that it wants none
        self._wanted = b'"cache"' not in raw
        self._parts: tuple[str | bytes, ...] = (raw, writer, *given)

    def found(self) -> bytes | None:
        """The document that an earlier build has made."""
        kept = store() if self._wanted else None
        return None if kept is None else kept.get(self._key())

    def keep(self, made: bytes) -> None:
        """Leave the document to later builds."""
        kept = store() if self._wanted else None
        if kept is not None:
            kept.put(PAGE, [(self._key(), made)])

    def _key(self) -> bytes:
        return key_of(PAGE, *self._parts)
