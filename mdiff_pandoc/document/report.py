"""What to tell the author: every problem with its file, line and column, in reading order."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from mdiff_pandoc.document.counterexample import counterexample_lines, tells_all
from mdiff_pandoc.document.message import NAMELESS, Message, Segment, Spot
from mdiff_pandoc.errors import MdiffError, OptionError, Span

if TYPE_CHECKING:
    from mdiff_pandoc.document.places import Places
    from mdiff_pandoc.document.settings import Reading
    from mdiff_pandoc.service import Answer
    from mdiff_pandoc.service.claim import Claim

# what is worth knowing but stops nothing; each is a page of ``mdiff explain``
WarningCode = Literal["not-verified", "zero", "option", "unread", "weave-amsmath"]
_REASONS = {
    "on-error: fail": ("{} request or option failed", "{} requests or options failed"),
    "check: fail": ("{} equality is refuted", "{} equalities are refuted"),
}


def moved(error: MdiffError, offset: int) -> MdiffError:
    """The error with its span counted from ``offset`` characters earlier."""
    if error.span is None or error.source is not None or not offset:
        return error
    shifted = copy.copy(error)
    shifted.span = Span(error.span.start + offset, error.span.end + offset)
    return shifted


class _Told(Struct, frozen=True):
    """A message whose place is looked for when it is needed.

    ``order`` is the number of the last formula before it, ``source`` the text that ``span``
    speaks of; ``declared`` tells that this is a declaration. ``option`` is the name of one
    and the element that has it, ``line`` the element that holds a line and where it begins.
    ``written`` is a text, and how often it was told of before.
    """

    message: Message
    order: int
    source: str = ""
    span: Span | None = None
    declared: bool = False
    option: tuple[str, object] | None = None
    line: tuple[object, int] | None = None
    written: tuple[str, int] | None = None


class Asked(Struct, frozen=True):
    """One request and its answer; ``offset`` counts in ``source``, formula number ``equation``.

    ``seconds`` is how long the answer took, ``cached`` whether it was known before.
    """

    equation: int
    offset: int
    source: str
    latex: str
    answer: Answer
    seconds: float
    cached: bool


class Judged(Struct, frozen=True):
    """One verdict on an equality of the formula ``source`` with the number ``equation``."""

    equation: int
    source: str
    claim: Claim


class Report(Struct):
    """Collects what happened in one document; ``places`` knows where its formulas stand.

    ``heard`` is called with the number of requests that were answered, at each of them.
    """

    file: str = NAMELESS
    quiet: bool = False
    verbose: bool = False
    places: Places | None = None
    heard: Callable[[int], None] | None = None
    answered: int = 0
    failed: int = 0
    judged: Counter[str] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    claims: list[Judged] = field(default_factory=list)
    _told: list[_Told] = field(default_factory=list)
    _stopping: Counter[str] = field(default_factory=Counter)
    _written: Counter[str] = field(default_factory=Counter)

    def answer(
        self,
        answer: Answer,
        equation: int,
        source: str,
        offset: int,
        *,
        latex: str = "",
        seconds: float = 0.0,
        cached: bool = False,
        hint: str = "",
    ) -> None:
        """Note the answer to the request ``latex`` at ``offset`` of the formula ``source``.

        The ``hint`` is told with an answer that is not verified.
        """
        self.asked.append(Asked(equation, offset, source, latex, answer, seconds, cached))
        if self.heard is not None:
            self.heard(len(self.asked))
        if answer.error is not None:
            self.error(answer.error, equation, source, offset, hint=hint)
            return
        self.answered += 1
        span = Span(offset, offset + max(1, len(latex)))
        for warning in answer.warnings:
            self.warning(warning, equation, code="zero", source=source, span=span)
        if answer.status != "verified":
            reason = str(answer.verification.get("reason", "")) or "no evaluator could judge it"
            text = f"the result is not verified: {reason}"
            self.warning(text, equation, code="not-verified", source=source, span=span, help=hint)
        elif self.verbose:
            lhs = " ".join(answer.lhs.split())
            text = f"{lhs} = {answer.result}"
            self._add(Message(self.file, answer.status, text, "", equation), source, span)

    def claim(self, claim: Claim, equation: int, source: str) -> None:
        """Note the verdict on an equality of the formula ``source``, unless it is a request."""
        if claim.request:
            return
        self.judged[claim.verdict] += 1
        self.claims.append(Judged(equation, source, claim))
        latex = " ".join(claim.latex.split())
        message = Message(self.file, claim.verdict, latex, "", equation)
        if claim.verdict == "refuted":
            details = []
            example = claim.counterexample
            if claim.reason and not (example and tells_all(example, claim.reason)):
                details.append(claim.reason)
            if example:
                details += counterexample_lines(example)
            footers = (("help", claim.suggestion),) if claim.suggestion else ()
            message = replace(message, details=tuple(details), footers=footers)
            self._add(message, source, claim.sign)
        elif self.verbose:
            reason = f" – {claim.reason}" if claim.reason else ""
            self._add(replace(message, text=f"{latex}{reason}"), source, claim.sign)

    def error(
        self,
        error: MdiffError,
        equation: int = 0,
        source: str = "",
        offset: int = 0,
        *,
        order: int = 0,
        element: object = None,
        line: int | None = None,
        hint: str = "",
    ) -> None:
        """Note an error whose span counts from ``offset`` of ``source``.

        An error that is of no formula comes behind the one with the number ``order``. The option
        of an OptionError stands in the attributes of ``element``, without one in the metadata;
        what is wrong with a line of code begins at ``line`` of the text of ``element``. The
        ``hint`` takes the place of the error's own.
        """
        self.failed += bool(equation)
        error = moved(error, offset)
        hint = hint or error.hint
        footers = (("help", hint),) if hint else ()
        message = Message(self.file, "error", error.message, error.code, equation, footers=footers)
        where = None if line is None else (element, line)
        declared = error.source is not None and where is None
        option = (error.key, element) if isinstance(error, OptionError) else None
        text = source if error.source is None or where else error.source
        span = error.span or (Span(0, len(source)) if where else None)
        self._told.append(_Told(message, max(order, equation), text, span, declared, option, where))

    def warning(
        self,
        text: str,
        equation: int = 0,
        *,
        code: WarningCode,
        source: str = "",
        span: Span | None = None,
        help: str = "",
        written: str = "",
    ) -> None:
        """Note something that is worth knowing but stopped nothing.

        ``written`` is the text of a paragraph, where it is not about a formula.
        """
        if not self.quiet:
            footers = (("help", help),) if help else ()
            message = Message(self.file, "warning", text, code, equation, footers=footers)
            if written:
                self._written[written] += 1
                place = (written, self._written[written] - 1)
                self._told.append(_Told(message, 0, written=place))
            else:
                self._add(message, source, span)

    @property
    def noted(self) -> int:
        """How many messages there are so far."""
        return len(self._told)

    def messages(self) -> list[Message]:
        """What was noted, in reading order; of messages that say the same, the first."""
        placed = [(told, self._placed(told)) for told in self._told]
        if all(message.spot is not None for _, message in placed):
            placed.sort(key=lambda pair: _position(pair[1].spot))
        else:
            placed.sort(key=lambda pair: pair[0].order)
        groups: dict[object, list[Message]] = {}
        for told, message in placed:
            key = (
                message.kind,
                message.code,
                message.text,
                message.footers,
                told.source,
                told.span,
            )
            group = groups.setdefault(key, [])
            # the caption of an image stands in the tree twice, but in the file once
            if message.spot is None or all(message.spot != other.spot for other in group):
                group.append(message)
        return [
            replace(first, more=tuple(message.spot for message in others))
            for first, *others in groups.values()
        ]

    def rows(self) -> Iterator[tuple[Segment, ...]]:
        """All lines with their styles: the messages, the summary, and why the build stops."""
        for message in self.messages():
            yield from message.rows()
        for line in (*self.summary(), *filter(None, [self.stopped])):
            yield ((line, ""),)

    def summary(self) -> list[str]:
        """How much was done, in lines for a verbose report."""
        if not self.verbose:
            return []
        total = self.answered + self.failed
        lines = [f"{self.title}: {total} requests, {self.failed} failed"]
        if self.judged:
            verdicts = ("verified", "refuted", "undecided")
            counts = ", ".join(f"{self.judged[verdict]} {verdict}" for verdict in verdicts)
            total = sum(self.judged[verdict] for verdict in verdicts)
            lines.append(f"{self.title}: {total} equalities checked: {counts}")
        return lines

    @property
    def title(self) -> str:
        """The beginning of a line about all of the document."""
        return "mdiff" if self.file == NAMELESS else f"mdiff: {self.file}"

    @property
    def fatal(self) -> bool:
        """Is the build to stop?"""
        return bool(self._stopping)

    @property
    def stopped(self) -> str:
        """Why the build is to stop; empty if it is not."""
        if not self._stopping:
            return ""
        reasons = [
            f"{_REASONS[option][number > 1].format(number)} under `{option}`"
            for option, number in sorted(self._stopping.items())
        ]
        return f"{self.title}: the build stops: {', '.join(reasons)}"

    def options(self, reading: Reading) -> None:
        """Tell what was wrong, or without effect, in the options of the document."""
        for error in reading.errors:
            self.error(error)
            if reading.settings.on_error == "fail":
                self.stop("on-error: fail")
        for warning in reading.warnings:
            self.warning(warning, code="option")

    def stop(self, option: str) -> None:
        """Note that the build is to stop because of one problem more, and which option says so."""
        self._stopping[option] += 1

    def _add(self, message: Message, source: str = "", span: Span | None = None) -> None:
        self._told.append(_Told(message, message.equation, source, span))

    def _placed(self, told: _Told) -> Message:
        """The message with its place in the file, else with the author's text."""
        message, places = told.message, self.places
        spot = excerpt = None
        if told.source and told.span is not None:
            excerpt = (told.source, told.span)
        if places is not None:
            if told.written is not None:
                spot = places.of_text(*told.written, self._written[told.written[0]])
            elif told.option is not None:
                spot = places.of_option(*told.option)
            elif told.declared:
                declared = places.of_declaration(told.source, told.span, message.equation)
                if declared is not None:
                    return replace(message, spot=declared)
                return replace(message, spot=places.of_formula(message.equation), excerpt=excerpt)
            elif told.line is not None:
                spot = places.of_element(*told.line, told.span, told.source)
            else:
                spot = places.of_formula(message.equation, told.span, told.source)
        return replace(message, spot=spot, excerpt=None if spot else excerpt)


def _position(spot: Spot | None) -> tuple[int, int]:
    return (spot.line, spot.column) if spot else (0, 0)
