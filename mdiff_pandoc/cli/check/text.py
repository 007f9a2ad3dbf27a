"""What came of a check, in the manner of a compiler: place, verdict, the line and a caret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from mdiff_pandoc.cli.check.outcome import Outcome, Run, is_open, one_line, place, to_write
from mdiff_pandoc.document.checked import CheckedDocument, FoundClaim, Remark
from mdiff_pandoc.document.counterexample import counterexample_lines, tells_all
from mdiff_pandoc.document.message import STYLES, Message
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.claim import Claim

_WIDTH = 88
_LATEX = 60


def text_lines(
    run: Run, outcomes: Iterable[Outcome] | None = None, *, quiet: bool, verbose: bool
) -> Iterator[Text]:
    """The lines about ``outcomes`` (by default all of the run), and the summary of the run.

    ``quiet`` leaves what fails the run and nothing else; ``verbose`` adds verified equalities and
    definitions.
    """
    for outcome in run.outcomes if outcomes is None else outcomes:
        yield from _about(outcome, run, quiet=quiet, verbose=verbose)
    if not quiet:
        counts = run.counts()
        colour = "red" if counts["refuted"] else "green" if counts["verified"] else ""
        yield Text(run.summary(), colour)


def _about(outcome: Outcome, run: Run, *, quiet: bool, verbose: bool) -> Iterator[Text]:
    document = outcome.document
    told: set[object] = set()
    if not quiet:
        for problem in document.problems:
            yield from _lines(problem)
    for found in _in_order(document):
        if isinstance(found, Remark):
            if not quiet:
                where = outcome.file + (f":{found.line}:{found.column}" if found.line else "")
                yield _headline(where, "note", "cyan", one_line(found.text))
        elif found.claim.verdict == "refuted":
            yield from _refuted(outcome, found, told, verbose=verbose)
        elif run.fails(found) if quiet else verbose or is_open(found.claim):
            yield from _in_one_line(outcome, found, told, verbose=verbose)


def _in_order(document: CheckedDocument) -> list[FoundClaim | Remark]:
    return sorted((*document.claims, *document.remarks), key=lambda one: (one.line, one.column))


def _headline(where: str, verdict: str, colour: str, rest: str) -> Text:
    return Text.assemble((where, "bold"), ": ", (verdict, colour), f": {rest}")


def _in_one_line(
    outcome: Outcome, found: FoundClaim, told: set[object], *, verbose: bool
) -> Iterator[Text]:
    claim = found.claim
    line = one_line(claim.latex, 0 if verbose else _LATEX)
    verdict = "request" if claim.request else claim.verdict
    if claim.verdict == "verified":
        line += f" ({_method(claim)})"
    elif claim.reason and not claim.request:
        line += f" – {one_line(claim.reason)}"
    yield _headline(place(outcome, found), verdict, STYLES.get(verdict, ""), line)
    if verbose:
        yield from _footnotes(found, told)


def _method(claim: Claim) -> str:
    """How an equality was verified."""
    points = claim.verification.get("points")
    return str(claim.verification.get("method", "")) + (f", {points} points" if points else "")


def _refuted(
    outcome: Outcome, found: FoundClaim, told: set[object], *, verbose: bool
) -> Iterator[Text]:
    claim = found.claim
    example = claim.counterexample
    details: list[str] = []
    if claim.reason and not (example and tells_all(example, claim.reason)):
        details.append(one_line(claim.reason))
    if example:
        details += counterexample_lines(example, _WIDTH)
    footers = [("help", one_line(claim.suggestion))] if claim.suggestion else []
    footers += [("write", one_line(claim.repaired))] if to_write(claim) else []
    yield from _lines(
        Message(
            outcome.file,
            "refuted",
            one_line(claim.latex, 0 if verbose else _WIDTH),
            spot=found.spot,
            excerpt=None if found.spot else (found.source, Span(0, 0)),
            details=tuple(details),
            footers=tuple(footers),
        )
    )
    yield from _footnotes(found, told)
    yield Text("")


def _lines(message: Message) -> Iterator[Text]:
    return (Text.assemble(*row) for row in message.rows())


def _footnotes(found: FoundClaim, told: set[object]) -> Iterator[Text]:
    """What the equality was read with; once for all equalities of a formula."""
    lines = [f"  note: {one_line(note)}" for note in found.claim.notes]
    if found.claim.assumed:
        lines.append(f"  assumed: {', '.join(map(one_line, found.claim.assumed))}")
    for line in lines:
        if (found.math, line) not in told:
            yield Text(line)
        told.add((found.math, line))
