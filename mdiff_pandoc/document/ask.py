"""Asks the service, and turns a fault in it into an answer like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.service import Answer, Options, derive


class InternalError(MdiffError):
    """A fault of mdiff itself; the document keeps the author's text."""

    code: ClassVar[str] = "internal"


def ask(latex: str, declare: Sequence[str], context: Sequence[str], options: Options) -> Answer:
    """The answer of the service. A fault ends in an InternalError, so that the rest is done."""
    try:
        return derive(latex, declare, context, options)
    except Exception as fault:  # whatever it is, the document must be built
        return Answer("error", error=internal(fault))


def internal(fault: Exception) -> InternalError:
    """The error to report for an exception that nobody expected."""
    return InternalError(
        f"mdiff failed with {type(fault).__name__}: {fault}",
        hint="this is a fault of mdiff: please report it with the formula",
    )
