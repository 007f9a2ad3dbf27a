"""What a request is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from mdiff_pandoc.errors import MdiffError


class StepText(Struct, frozen=True):
    """One row of a derivation: ``lhs = latex``, and the ``rule`` in words and in LaTeX."""

    lhs: str
    latex: str
    rule: str = ""
    rule_latex: str = ""


class Answer(Struct, frozen=True):
    """What a request is answered with.

    ``status`` is ``verified``, ``undecided`` or ``error``; ``result`` the right-hand side alone;
    ``lhs`` its left-hand side, ``as_written`` by the author or, where the answer has another form,
    such as entries of a derivative of a matrix, restated; ``derivation`` an ``aligned`` block;
    ``verification`` holds ``method``, ``points``, ``error_bound``, ``shapes`` and ``lines``, which
    count the choices of the free sizes and the lines that were judged, and a ``reason`` where
    something could not be judged.
    """

    status: str
    result: str = ""
    lhs: str = ""
    as_written: bool = True
    derivation: str = ""
    steps: tuple[StepText, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    verification: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    numpy: str = ""
    error: MdiffError | None = None

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface."""
        if self.error is not None:
            return {"status": "error", "error": _error_json(self.error)}
        result: dict[str, object] = {
            "status": self.status,
            "result": self.result,
            "derivation": self.derivation,
            "steps": [
                {"latex": f"{step.lhs} = {step.latex}".strip(), "rule": step.rule}
                for step in self.steps
            ],
            "assumed": list(self.assumed),
            "verification": dict(self.verification),
            "numpy": self.numpy,
        }
        if self.notes:
            result["notes"] = list(self.notes)
        if self.warnings:
            result["warnings"] = list(self.warnings)
        return result


def _error_json(error: MdiffError) -> dict[str, object]:
    span = None if error.span is None else [error.span.start, error.span.end]
    found: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "span": span,
        "hint": error.hint,
    }
    # the span counts in the declaration where that is what is wrong
    return found if error.source is None else {**found, "declaration": error.source}
