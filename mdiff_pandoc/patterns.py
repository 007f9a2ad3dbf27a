"""Regular expressions that are compiled where they are first used.

A build that finds its answers in the cache needs few of them, and compiling all takes longer than
everything else that it does.
"""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["regex"]


class _Lazy:
    """Becomes, method by method, the compiled pattern."""

    def __init__(self, source: str, flags: int) -> None:
        self.pattern = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        self.__dict__[name] = found
        return found


def regex(source: str, flags: int = 0) -> re.Pattern[str]:
    """``re.compile(source, flags)``, put off. An error in ``source`` comes up at its first use."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
