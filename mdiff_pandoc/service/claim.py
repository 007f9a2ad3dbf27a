"""What a formula that an author wrote is checked with."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from mdiff_pandoc.errors import Span

VERDICTS = ("verified", "refuted", "undecided", "definition")


class Claim(Struct, frozen=True):
    """One equality of a chain, judged.

    ``equality`` counts the equalities of its formula from 0; ``latex`` is both sides as written;
    ``span`` is the place of the equality in the formula, ``sign`` that of its sign. ``verdict`` is
    one of ``VERDICTS``, ``reason`` one line where it is not verified, ``suggestion`` one line with
    the nearest formula that holds and ``repaired`` this formula's right-hand side.
    ``counterexample`` is ready for JSON: ``sizes``, ``values`` of the symbols, ``indices``,
    ``functions``, the ``left`` and ``right`` side as rows, and the first wrong ``entry``. A
    ``request`` asks for its right side: it is undecided, and nothing that the author claims.
    """

    equality: int
    latex: str
    span: Span
    sign: Span
    verdict: str
    reason: str = ""
    counterexample: Mapping[str, object] | None = None
    suggestion: str = ""
    repaired: str = ""
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    verification: Mapping[str, object] = field(default_factory=dict)
    request: bool = False

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface, without the place in a document."""
        found: dict[str, object] = {
            "equality": self.equality,
            "latex": self.latex,
            "span": [self.span.start, self.span.end],
            "verdict": self.verdict,
            "reason": self.reason,
            "counterexample": None if self.counterexample is None else dict(self.counterexample),
            "suggestion": self.suggestion,
        }
        for key in ("repaired", "assumed", "notes", "request"):
            if value := getattr(self, key):
                found[key] = list(value) if isinstance(value, tuple) else value
        if self.verification:
            found["verification"] = dict(self.verification)
        return found


class Checked(Struct, frozen=True):
    """What one formula is checked with.

    ``facts`` are the definitions that it makes, as declarations for what follows; ``last`` is its
    last side, from which a formula that begins with ``=`` goes on, and ``anchor`` the side to trust
    where that one was wrong or could not be read; ``remarks`` tell of relations
    that are no equalities and were not checked. ``judged`` is false for an outline in which some
    equality was not.
    """

    claims: tuple[Claim, ...] = ()
    facts: tuple[str, ...] = ()
    last: str = ""
    anchor: str = ""
    remarks: tuple[str, ...] = ()
    judged: bool = True
