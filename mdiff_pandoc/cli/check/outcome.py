"""What came of one file, and of all files of a run."""

from __future__ import annotations

from msgspec import Struct

from mdiff_pandoc.document.checked import CheckedDocument, FoundClaim
from mdiff_pandoc.service.claim import VERDICTS, Claim


class Failure(Struct, frozen=True):
    """Why a file could not be checked: the fields of an error of the machine interface.

    ``place`` is the line of the file, from 1; 0 where none is to blame.
    """

    code: str
    message: str
    hint: str = ""
    place: int = 0

    def line(self) -> str:
        """All of it in one line."""
        return self.message + (f"; {self.hint}" if self.hint else "")

    def as_json(self) -> dict[str, str]:
        """The fields of the machine interface."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class Outcome(Struct, frozen=True):
    """What came of one file: its equalities, or why it could not be checked."""

    file: str
    document: CheckedDocument
    failure: Failure | None = None


class Run(Struct, frozen=True):
    """What came of all files, in their order; ``problems`` are arguments that name no file."""

    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...] = ()
    strict: bool = False

    def counts(self) -> dict[str, int]:
        """How many equalities of all files have each verdict, and how many ``requests``."""
        total = dict.fromkeys((*VERDICTS, "requests"), 0)
        for outcome in self.outcomes:
            for kind, number in outcome.document.counts().items():
                total[kind] += number
        return total

    def fails(self, found: FoundClaim) -> bool:
        """Does this equality make the run fail?"""
        return found.claim.verdict == "refuted" or (self.strict and is_open(found.claim))

    def exit_code(self) -> int:
        """2 when something could not be read, else 1 when an equality fails, else 0."""
        if self.problems or any(outcome.failure for outcome in self.outcomes):
            return 2
        claims = (found for outcome in self.outcomes for found in outcome.document.claims)
        return int(any(self.fails(found) for found in claims))

    def summary(self) -> str:
        """One line: how many equalities of which verdict in how many files."""
        counts = self.counts()
        requests = counts.pop("requests")
        checked = sum(outcome.failure is None for outcome in self.outcomes)
        parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS[:3]]
        parts.append(_plural(counts["definition"], "definition"))
        total = _plural(sum(counts.values()), "equality", "equalities")
        line = f"{total} in {_plural(checked, 'file')}: {', '.join(parts)}"
        line += f"; {_plural(requests, 'request')}" if requests else ""
        unread, missing = len(self.outcomes) - checked, len(self.problems)
        line += f"; {_plural(unread, 'file')} not read" if unread else ""
        named = "names no document" if missing == 1 else "name no document"
        return line + (f"; {_plural(missing, 'argument')} {named}" if missing else "")


def is_open(claim: Claim) -> bool:
    """Does the author claim something that could not be judged?"""
    return claim.verdict == "undecided" and not claim.request


def place(outcome: Outcome, found: FoundClaim) -> str:
    """Where the sign of an equality stands, as compilers write it."""
    if not found.sign_line:
        return outcome.file
    cell = f" (cell {found.cell})" if found.cell else ""
    return f"{outcome.file}:{found.sign_line}:{found.sign_column}{cell}"


def to_write(claim: Claim) -> bool:
    """Is there a right side to write that the suggestion does not end with?"""
    return bool(claim.repaired) and not claim.suggestion.endswith(f"${claim.repaired}$")


def one_line(latex: str, width: int = 0) -> str:
    """LaTeX without line breaks, cut to ``width`` characters when that is given."""
    line = " ".join(latex.split())
    return line[: width - 1] + "…" if 0 < width < len(line) else line


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
