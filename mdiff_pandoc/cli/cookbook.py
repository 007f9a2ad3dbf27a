"""The page of identities: what the literature has, as mdiff derives it, or why it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mdiff_pandoc.cli.identities import SOURCES, Identity, identities
from mdiff_pandoc.cli.rules import statement
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.latex.reader import read_expression
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.service import Options, derive
from mdiff_pandoc.verify import Status, Verdict, judge_equal

_RULES = {rule.name: rule for table in TABLES.values() for rule in table}
_BAR = re.compile(r"\\\||(?<!\\)\|")


def cookbook_page() -> str:
    """The identities of every source as a Markdown document."""
    return "\n".join(_markdown()).rstrip() + "\n"


def _markdown() -> Iterator[str]:
    yield from ("---", "title: Identities of the literature", "---", "")
    for source, (title, remark) in SOURCES.items():
        yield from (f"# {title}", "", remark, "")
        yield from ("| number | identity | verified |", "| --- | --- | --- |")
        for identity in identities(source):
            latex, said = answered(identity)
            math = _BAR.sub(_bar, " ".join(latex.split()))
            yield f"| {identity.number} | ${math}$ | {said} |"
        yield ""


def _bar(match: re.Match[str]) -> str:
    """A bar would end the cell of a table."""
    return r"\Vert " if match.group() == r"\|" else r"\vert "


def answered(identity: Identity) -> tuple[str, str]:
    """An identity in LaTeX, with our own right-hand side, and what the judge says of it."""
    if identity.missing:
        return identity.latex, f"not done: {identity.missing}"
    if identity.rule:
        rule = _RULES.get(identity.rule)
        if rule is None:
            return identity.latex, "not done: no rule of ours"
        return statement(rule), f"{_said(judge_equal(rule.left, rule.right))}, rule “{rule.name}”"
    if identity.claim:
        return identity.latex, _claimed(identity)
    options = Options.from_mapping(identity.options)
    answer = derive(f"{identity.latex} = ?", identity.declarations, options=options)
    if answer.error is not None:
        return identity.latex, f"not done: {answer.error.message}"
    said = answer.status
    if said == "verified":
        said = f"yes, {answer.verification['method']}"
    return f"{answer.lhs} = {answer.result}", said


def _claimed(identity: Identity) -> str:
    try:
        return _said(judge_equal(*claimed(identity)))
    except MdiffError as error:
        return f"not done: {error.message}"


def claimed(identity: Identity) -> tuple[Expr, Expr]:
    """Both sides of a claim, in which the indices i and j may be free. Raises MdiffError."""
    left, _, right = identity.latex.partition(" = ")
    ours, _ = read_expression(left, identity.declarations, free="ij")
    theirs, _ = read_expression(right, identity.declarations, shape=ours.shape, free="ij")
    return ours, theirs


def _said(verdict: Verdict) -> str:
    if verdict.status is Status.VERIFIED:
        return f"yes, {verdict.method}"
    return f"{verdict.status}: {verdict.reason}"
