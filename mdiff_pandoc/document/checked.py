"""What the formulas of one document are checked with, and where they stand in its file."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from mdiff_pandoc.document.message import Message, Spot
from mdiff_pandoc.service.claim import VERDICTS, Claim


class FoundClaim(Struct, frozen=True):
    """One equality of a document: its verdict and its place.

    ``math`` counts the Math elements in pandoc's reading order from 0; None in a raw TeX
    environment, which pandoc does not read as one. The equality begins at ``line`` and ``column``
    and ends before ``end_line`` and ``end_column``; its sign stands at ``sign_line`` and
    ``sign_column``: all count from 1, columns in characters; 0 where the place is not known.
    ``source`` is the line of the document that holds the sign, which stands there after
    ``offset`` characters; ``cell`` counts the cells of a notebook from 1.
    """

    claim: Claim
    math: int | None
    line: int
    column: int
    sign_line: int
    sign_column: int
    end_line: int
    end_column: int
    source: str = ""
    offset: int = 0
    cell: int | None = None

    @property
    def spot(self) -> Spot | None:
        """The place of the sign, if it is known."""
        if not self.sign_line:
            return None
        sign = self.claim.sign
        length = max(1, sign.end - sign.start)
        return Spot(self.sign_line, self.sign_column, self.source, self.offset, length, self.cell)

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface."""
        found: dict[str, object] = {
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "math": self.math,
            **self.claim.as_json(),
        }
        return found if self.cell is None else {**found, "cell": self.cell}


class Remark(Struct, frozen=True):
    """Something worth knowing about a formula that is no verdict: a relation left alone."""

    line: int
    column: int
    text: str

    def as_json(self) -> dict[str, object]:
        """The fields of the machine interface."""
        return {"line": self.line, "column": self.column, "text": self.text}


class CheckedDocument(Struct, frozen=True):
    """All equalities of a document, in reading order.

    ``problems`` tell what is wrong with the options and declarations of the document itself.
    """

    file: str
    claims: tuple[FoundClaim, ...] = ()
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Message, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many equalities have each verdict, and how many ``requests`` there are beside."""
        claims = (found.claim for found in self.claims)
        found = Counter("requests" if claim.request else claim.verdict for claim in claims)
        return {kind: found[kind] for kind in (*VERDICTS, "requests")}

    def as_json(self) -> dict[str, object]:
        """One object with ``claims``, ``remarks`` and ``problems``."""
        return {
            "file": self.file,
            "claims": [claim.as_json() for claim in self.claims],
            "remarks": [remark.as_json() for remark in self.remarks],
            "problems": [problem.as_json() for problem in self.problems],
        }
