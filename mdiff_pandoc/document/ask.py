"""Asks the service, and turns a fault in it into an answer like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct

from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.service import Answer, Options, derive


class InternalError(MdiffError):
    """A fault of mdiff itself; the document keeps the author's text."""

    code: ClassVar[str] = "internal"


class Question(Struct, frozen=True):
    """A request with all that its answer depends on: what ``derive`` takes."""

    latex: str
    declare: tuple[str, ...]
    context: tuple[str, ...]
    options: Options

    def compute(self) -> Answer:
        """The answer of the service."""
        return derive(self.latex, self.declare, self.context, self.options)

    def failed(self, fault: Exception) -> Answer:
        """The answer after a fault: an InternalError, so that the rest is done."""
        return Answer("error", error=internal(fault))


def ask(latex: str, declare: Sequence[str], context: Sequence[str], options: Options) -> Answer:
    """The answer of the service. A fault ends in an InternalError, so that the rest is done."""
    question = Question(latex, tuple(declare), tuple(context), options)
    try:
        return question.compute()
    except Exception as fault:  # whatever it is, the document must be built
        return question.failed(fault)


def internal(fault: Exception) -> InternalError:
    """The error to report for an exception that nobody expected."""
    return InternalError(
        f"mdiff failed with {type(fault).__name__}: {fault}",
        hint="this is a fault of mdiff: please report it with the formula",
    )
