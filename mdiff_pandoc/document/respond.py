"""Answers requests: one formula in, the elements that stand in its place out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import panflute as pf
from msgspec import Struct
from msgspec.structs import replace

from mdiff_pandoc.document import render
from mdiff_pandoc.document.ask import Question
from mdiff_pandoc.document.cache.results import Result, result
from mdiff_pandoc.document.facts import formula_facts
from mdiff_pandoc.document.formula import ENVIRONMENTS, Formula, Statement, read_formula
from mdiff_pandoc.document.inlines import bare
from mdiff_pandoc.document.layout import aligned
from mdiff_pandoc.document.numbers import Numbering, kept_rows
from mdiff_pandoc.document.reminder import reminder
from mdiff_pandoc.document.report import Report
from mdiff_pandoc.document.scope import Scope
from mdiff_pandoc.document.settings import Settings, symbol_facts
from mdiff_pandoc.document.words import RuleList, Words, quality
from mdiff_pandoc.errors import DeclarationError, MdiffError, OptionError
from mdiff_pandoc.latex.properties import PROPERTIES
from mdiff_pandoc.latex.request import RequestText, find_request
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.service import Answer

_SPACE = r"(?:\\[,;:! ]|\\q?quad(?![A-Za-z])|~|&|\{\}|\s)*"
_EQUALS = regex(rf"{_SPACE}=")
_MARK = regex(
    rf"{_SPACE}(?:\\(?:boxed|fbox|text|mathrm|mathbf|textbf|textcolor\s*\{{\w+\}})\s*)?"
    r"(?:\{\s*\?+\s*\}|\?+)"
)
_ENVIRONMENT = regex(
    rf"\s*\\begin\s*\{{(?:{'|'.join(ENVIRONMENTS)})\*?\}}.*\\end\s*\{{[^{{}}]*\}}\s*", re.S
)
_WORDED = regex(r"\s*(\\?\w+)\s*:\s*(.+)")
_SUM = regex(r"\\(?:sum|prod|int)(?![A-Za-z])")
_PROPERTY = regex(rf"\s*\\?\w[\w\\{{}}]*\s+(?:{'|'.join(PROPERTIES)})\s*")
_NAME = regex(r"\s*(?:let )?(?P<name>\\?\w+)")
_LATER = Answer("error", error=MdiffError("not asked yet"))


class Surroundings(Struct, frozen=True):
    """What holds at a request: settings, facts before it, facts in the formula itself.

    The ``scope`` knows what earlier sections said.
    """

    settings: Settings
    facts: tuple[str, ...]
    own: tuple[str, ...]
    marked: bool = False
    scope: Scope | None = None


class Asked(Struct, frozen=True):
    """A statement with the request in it; ``offset`` counts in the source of the formula."""

    statement: Statement
    request: RequestText
    offset: int

    def answered(self, source: str, answer: Answer) -> str:
        """The source with the result in the place of the question mark."""
        start, end, text = self.change(source, answer)
        return source[:start] + text + source[end:]

    def change(self, source: str, answer: Answer) -> tuple[int, int, str]:
        """The range of the source that the result takes, and what it puts there.

        Where the answer has another form than the derivative that was asked for, the left-hand
        side is the one of the answer.
        """
        stop = self.offset + len(self.request.body)
        text = self.statement.text
        inside = stop - self.statement.start
        equals = _EQUALS.match(text, inside)
        if equals:
            inside = equals.end()
            if mark := _MARK.match(text, inside):
                inside = mark.end()
        end = self.statement.start + inside
        if answer.as_written:
            return len(source[:stop].rstrip()), end, f" = {answer.result}"
        return self.offset, end, f"{answer.lhs} = {answer.result}"


class Responder:
    """Asks the service and builds elements; ``equation`` is the number of the formula at hand."""

    def __init__(
        self,
        writer: str,
        report: Report,
        words: Words | None = None,
        rules: RuleList | None = None,
    ) -> None:
        self.writer = writer
        self.words = words or Words()
        self.rules = rules or RuleList(self.words)
        self.report = report
        self.cited: frozenset[str] = frozenset()  # the labels that TeX in the document refers to
        self.equation = 0
        self.sums = False  # does a derivation show sums in its rows?
        self.answers: dict[Question, Result] = {}
        self.ahead: list[Question] | None = None  # what is only asked, and not answered yet

    def begin(self, element: pf.Element, offset: int = 0) -> None:
        """Go on to the next formula, which begins at ``offset`` of the text of ``element``."""
        self.equation += 1
        if self.report.places is not None:
            self.report.places.begin(self.equation, element, offset)

    def asks(self, source: str, marked: bool, after: Sequence[pf.Element] = ()) -> bool:
        """Does a formula hold a request that the inlines ``after`` it do not answer?"""
        asked = _requests(source, marked)
        if len(asked) == 1 and not asked[0].request.explicit:
            return not _goes_on(after)
        return bool(asked)

    @staticmethod
    def is_display(source: str) -> bool:
        """Is a piece of raw TeX one display environment and nothing else?"""
        return _ENVIRONMENT.fullmatch(source) is not None

    def inline(
        self,
        element: pf.Element,
        around: Surroundings,
        attached: Sequence[pf.Element] = (),
        anchor: pf.Span | None = None,
    ) -> list[pf.Element]:
        """The results written into a formula that stays where it is.

        The ``anchor``, a span with an id around it, or the id ``attached`` to it stay next to it.
        """
        source = element.text
        last: Answer | None = None
        changes: list[tuple[int, int, str]] = []
        for asked in reversed(_requests(source, around.marked)):
            answer = self._answer(asked, element.text, around)
            if answer.error is not None:
                shown = [*_inside(anchor, [element]), *attached]
                return self._failed(shown, answer.error, around.settings, whole=False)
            changes.append(asked.change(source, answer))
            source = asked.answered(source, answer)
            last = answer
        if last is None:
            return [*_inside(anchor, [element]), *attached]
        self.changed(element, changes)
        element.text = source
        made = render.inline(element, self.words.answer(last), self.writer)
        made.content = [*_inside(anchor, list(made.content)), *attached]
        return [made]

    def changed(self, element: pf.Element, changes: Sequence[tuple[int, int, str]]) -> None:
        """Hear of the ``changes`` that are about to be made to a formula: range and new text."""

    def display(
        self,
        element: pf.Element,
        attached: Sequence[pf.Element],
        around: Surroundings,
        *,
        whole: bool,
        anchor: pf.Span | None = None,
    ) -> list[pf.Element]:
        """Blocks for a display formula: derivations, and the rows that ask nothing, in order.

        ``anchor`` is a span with an id around the formula alone. What numbers or names the formula
        as a whole goes to its last result.
        """
        formula = read_formula(element.text)
        requests = _requests(element.text, around.marked)
        asked = {item.statement.start: item for item in requests}
        answers = {
            start: self._answer(item, formula.source, around) for start, item in asked.items()
        }
        done = [start for start, answer in answers.items() if answer.error is None]
        if not done:
            failure = next(answer.error for answer in answers.values() if answer.error)
            shown = [*_inside(anchor, [element]), *attached]
            return self._failed(shown, failure, around.settings, whole=whole)
        raw = element.format if isinstance(element, pf.RawInline) else ""
        made: list[pf.Element] = []
        kept: list[Statement] = []
        for statement in formula.statements:
            if statement.start not in done:
                kept.append(statement)
                continue
            made += self._kept(formula, kept, raw)
            kept = []
            numbering = Numbering(statement, raw=raw, cited=self.cited)
            if statement.start == done[-1]:
                numbered = formula.numbered(statement)
                numbering = Numbering(numbered, attached, anchor, raw, self.cited)
            item, answer = asked[statement.start], answers[statement.start]
            made += self._derivation(item, answer, numbering, around)
        return made + self._kept(formula, kept, raw)

    def program(self, block: pf.CodeBlock, around: Surroundings) -> list[pf.Element]:
        """The derivations for a code block of declarations and requests.

        A line that cannot be read or answered stays as it was written; the others are answered.
        """
        declared: list[str] = []
        made: list[pf.Element] = []
        failure: MdiffError | None = None
        answered = False
        for line, offset in lines_of(block.text):
            text = line.strip()
            if not text or text.startswith(("%", "#")):
                continue
            request = find_request(text, marked=True)
            if request is None:
                try:
                    declared += _declarations(text)
                except MdiffError as error:
                    self.report.error(
                        error, 0, text, order=self.equation, element=block, line=offset
                    )
                    self.report.failed += 1
                    if around.settings.on_error == "fail":
                        self.report.stop("on-error: fail")
                    failure = failure or error
                    made.append(self._failed_line(block, text, error, around.settings))
                continue
            self.begin(block, offset)
            statement = Statement(text, 0, len(text))
            item = Asked(statement, request, request.offset)
            own = replace(around, own=tuple(declared))
            answer = self._answer(item, text, own)
            if answer.error is not None:
                failure = failure or answer.error
                made.append(self._failed_line(block, text, answer.error, around.settings))
                continue
            answered = True
            told = _told(answer, declared, text)
            made += self._derivation(item, told, Numbering(statement), own)
        if failure is not None and not answered:
            return self._failed_block(block, failure, around.settings)
        if made and block.identifier and isinstance(made[0], pf.Div):
            made[0].identifier = block.identifier
        return made

    def replacement(self, source: str, around: Surroundings, *, display: bool) -> str:
        """Raw TeX for a formula of raw TeX: results, or the derivation of a lone request."""
        asked = _requests(source, around.marked)
        text = source
        for item in reversed(asked):
            answer = self._answer(item, source, around)
            if answer.error is not None:
                return source
            if display and len(asked) == 1 and not item.request.before:
                return aligned(
                    self.words.answer(answer).steps, render.punctuation_of(item.request.suffix)
                )
            text = item.answered(text, answer)
        return text

    def _answer(self, asked: Asked, source: str, around: Surroundings) -> Answer:
        definitions = tuple(fact for fact in around.own if r"\in" not in fact and "=" in fact)
        declared = tuple(fact for fact in around.own if fact not in definitions)
        context = around.facts + definitions
        question = Question(asked.request.body, declared, context, around.settings.options())
        if self.ahead is not None:
            self.ahead.append(question)
            return _LATER
        found = self.answers.get(question)
        if found is None:
            found = result(question, cached=around.settings.cache)
        self.answers[question] = found._replace(cached=True)
        answer: Answer = found.value
        hint = ""
        if answer.status != "verified" and around.scope is not None:
            ended = around.scope.earlier()
            hint = reminder(question, answer, ended, cached=around.settings.cache)
        self.report.answer(
            answer,
            self.equation,
            source,
            asked.offset,
            latex=asked.request.body,
            seconds=found.seconds,
            cached=found.cached,
            hint=hint,
        )
        if answer.error is not None and around.settings.on_error == "fail":
            self.report.stop("on-error: fail")
        return answer

    def _derivation(
        self,
        asked: Asked,
        answer: Answer,
        numbering: Numbering,
        around: Surroundings,
    ) -> list[pf.Element]:
        request = asked.request
        punctuation = render.punctuation_of(request.suffix)
        given = "" if punctuation else request.suffix.strip(" .,;\\")
        before: list[pf.Element] = []
        if request.before:
            before = [pf.Para(pf.Math(request.before, format="DisplayMath"))]
        if request.after:
            given = rf"{given} \quad {request.after}" if given else request.after
        rules = self.rules.links(answer)
        manner = render.Manner(
            self.writer, around.settings, numbering, punctuation, self.words, rules
        )
        answer = self.words.answer(answer)
        self.sums |= any(_SUM.search(step.latex) for step in answer.steps)
        return [*before, render.derivation(answer, manner, given=given)]

    def _kept(self, formula: Formula, kept: Sequence[Statement], raw: str) -> list[pf.Element]:
        """The rows without request, in the author's own environment."""
        if not kept:
            return []
        return [pf.Para(kept_rows(formula.rows(kept), self.writer, raw))]

    def _failed(
        self, shown: list[pf.Element], error: MdiffError, settings: Settings, *, whole: bool
    ) -> list[pf.Element]:
        if settings.on_error == "keep":
            return shown
        attributes = render.error_attributes(error)
        if whole:
            return [pf.Div(pf.Para(*shown), classes=["mdiff-error"], attributes=attributes)]
        return [pf.Span(*shown, classes=["mdiff-error"], attributes=attributes)]

    def _failed_line(
        self, block: pf.CodeBlock, line: str, error: MdiffError, settings: Settings
    ) -> pf.Element:
        shown = pf.CodeBlock(line, classes=block.classes)
        if settings.on_error == "keep":
            return shown
        attributes = render.error_attributes(error)
        return pf.Div(shown, classes=["mdiff-error"], attributes=attributes)

    def _failed_block(
        self, block: pf.CodeBlock, error: MdiffError, settings: Settings
    ) -> list[pf.Element]:
        if settings.on_error == "keep":
            return []
        return [pf.Div(block, classes=["mdiff-error"], attributes=render.error_attributes(error))]


def _inside(anchor: pf.Span | None, inlines: list[pf.Element]) -> list[pf.Element]:
    """The inlines, inside their span where they had one."""
    if anchor is None:
        return inlines
    anchor.content = inlines
    return [anchor]


@lru_cache(maxsize=64)
def _requests(source: str, marked: bool) -> tuple[Asked, ...]:
    asked = []
    for statement in read_formula(source).statements:
        request = find_request(statement.text, marked=marked)
        if request is not None:
            asked.append(Asked(statement, request, statement.start + request.offset))
    return tuple(asked)


def lines_of(text: str) -> Iterator[tuple[str, int]]:
    """The lines of a text, each with the offset of its first character that is no white space."""
    start = 0
    for line in text.splitlines(keepends=True):
        yield line, start + len(line) - len(line.lstrip())
        start += len(line)


def _goes_on(after: Sequence[pf.Element]) -> bool:
    """Does another formula follow at once, as the right-hand side of one that ended in ``=``?"""
    for inline in map(bare, after):
        if isinstance(inline, pf.Math):
            return find_request(inline.text) is None
        if isinstance(inline, pf.Str) and not re.fullmatch(r"\W*", inline.text):
            return False
    return False


def _told(answer: Answer, declared: Sequence[str], request: str) -> Answer:
    """The answer, which tells what a code block declared of the symbols of its ``request``, too."""
    shapes: list[str] = []
    properties: list[str] = []
    for fact in declared:
        name = _NAME.match(fact)
        if name is None or name["name"] not in request:
            continue
        if _PROPERTY.fullmatch(fact):
            symbol, _, words = fact.strip().partition(" ")
            properties.append(quality(symbol, words))
        elif worded := _WORDED.fullmatch(fact):
            shapes += symbol_facts(worded[1], worded[2])
        else:
            shapes.append(fact.removeprefix("let "))
    notes = tuple(dict.fromkeys((*properties, *answer.notes)))
    return replace(answer, assumed=(*shapes, *answer.assumed), notes=notes)


def _declarations(text: str) -> list[str]:
    """The declarations on a line of an ``mdiff`` code block."""
    if _PROPERTY.fullmatch(text):
        return [text]
    if found := list(formula_facts(text)):
        return found
    if worded := _WORDED.fullmatch(text):
        try:
            return symbol_facts(worded[1], worded[2])
        except OptionError as error:
            raise DeclarationError(error.message, error.span, error.hint) from None
    raise DeclarationError(
        f"neither a declaration nor a derivative: `{text}`",
        hint=r"write e.g. `X \in \mathbb{R}^{m \times n}`, `S symmetric` or `\nabla_X f(X)`",
    )
