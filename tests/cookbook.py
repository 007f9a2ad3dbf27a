"""Identities of the literature beside the right-hand sides that their sources give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from floats import moving
from problems import CASES

from mdiff_pandoc.calculus import Derivation, derivation_of
from mdiff_pandoc.cli.cookbook import claimed
from mdiff_pandoc.cli.identities import SOURCES, Identity, identities
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr.measure import length
from mdiff_pandoc.latex.reader import read_expression, read_request
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.service import Options, _problem, derive
from mdiff_pandoc.verify import Status, Verdict, judge_equal

RULES = {rule.name: rule for table in TABLES.values() for rule in table}


@dataclass(frozen=True)
class Known:
    """An identity, its right-hand side in the source, and why it is not answered yet, if so."""

    source: str
    identity: Identity
    answer: str
    open: str

    @property
    def name(self) -> str:
        return f"{self.source}-{self.identity.number}"


def known_identities() -> Iterator[Known]:
    """Every identity that has a line in ``tests/cases``, in the order of the sources."""
    for source in SOURCES:
        answers = {number: rest for number, *rest in answer_lines(source)}
        for identity in identities(source):
            if identity.number in answers:
                yield Known(source, identity, *answers[identity.number])


def answer_lines(source: str) -> Iterator[tuple[str, str, str]]:
    """Number, right-hand side and why it is open, line by line."""
    for line in (CASES / f"{source}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            number, answer, remark = (part.strip() for part in f"{line} ".split(" | "))
            yield number, answer, remark.removeprefix("open:").strip()


@dataclass(frozen=True)
class Outcome:
    """What became of an identity: ``fault`` is empty where all is well.

    The lengths, of our right-hand side and of the source's, are in symbols as printed.
    """

    fault: str = ""
    ours: int = 0
    theirs: int = 0


def outcome(known: Known) -> Outcome:
    """Derive or judge an identity, as its kind asks."""
    try:
        if known.identity.rule:
            return _differential(known)
        return _claim(known.identity) if known.identity.claim else _derived(known)
    except MdiffError as error:
        return Outcome(f"{error.code}: {error.message}")


def derivation(identity: Identity) -> Derivation:
    """The derivation of a request, as the service asks for it."""
    options = Options.from_mapping(identity.options)
    latex, declared = f"{identity.latex} = ?", identity.declarations
    request = read_request(latex, declared, (), options.functions, options.form)
    return derivation_of(_problem(request, options))


def _derived(known: Known) -> Outcome:
    identity = known.identity
    options = Options.from_mapping(identity.options)
    answer = derive(f"{identity.latex} = ?", identity.declarations, options=options)
    if answer.error is not None:
        raise answer.error
    if answer.status != "verified":
        return Outcome(f"{answer.status}: {answer.verification.get('reason')}")
    ours = derivation(identity).result
    declared = (*identity.declarations, *answer.assumed)
    theirs, _ = read_expression(
        known.answer, declared, shape=ours.shape, functions=options.functions, free=ours.free
    )
    verdict = judge_equal(ours, theirs)
    if verdict.status is not Status.VERIFIED:
        return _refused(verdict)
    lengths = length(ours), length(theirs)
    longer = lengths[0] > lengths[1]
    fault = f"{lengths[0]} symbols, the source has {lengths[1]}" if longer else ""
    return Outcome(fault, *lengths)


def _refused(verdict: Verdict) -> Outcome:
    return Outcome(f"{verdict.status}: {verdict.reason}")


def _differential(known: Known) -> Outcome:
    declared = known.identity.declarations
    left, _ = read_expression(known.identity.latex, declared, differentials=True)
    right, _ = read_expression(known.answer, declared, shape=left.shape, differentials=True)
    verdict = judge_equal(moving(left), moving(right))
    if verdict.status is not Status.VERIFIED:
        return _refused(verdict)
    rule = RULES.get(known.identity.rule)
    ours = None if rule is None else rule.apply(left)
    if ours is None:
        return Outcome(f"no rule {known.identity.rule!r} applies")
    verdict = judge_equal(moving(ours), moving(right))
    return Outcome() if verdict.status is Status.VERIFIED else _refused(verdict)


def _claim(identity: Identity) -> Outcome:
    verdict = judge_equal(*claimed(identity))
    return Outcome() if verdict.status is Status.VERIFIED else _refused(verdict)
