"""mdiff: verified matrix derivatives for documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdiff_pandoc.document.weave.face import weave as weave
    from mdiff_pandoc.service import derive as derive
    from mdiff_pandoc.service.check import check as check

__version__ = "0.1.0"
__all__ = ["__version__", "check", "derive", "weave"]


def __getattr__(name: str) -> object:
    if name == "derive":
        from mdiff_pandoc.service import derive

        return derive
    if name == "check":
        from mdiff_pandoc.service.check import check

        return check
    if name == "weave":
        from mdiff_pandoc.document.weave.face import weave

        return weave
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
