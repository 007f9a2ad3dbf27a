"""The page of identities: what the literature has, as mdiff derives it, or why it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mdiff_pandoc.cli.given import declared, given
from mdiff_pandoc.cli.identities import SOURCES, Identity, identities
from mdiff_pandoc.cli.rules import statement
from mdiff_pandoc.errors import MdiffError
from mdiff_pandoc.expr import Expr
from mdiff_pandoc.latex.reader import read_expression
from mdiff_pandoc.patterns import regex
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.service import Options, derive
from mdiff_pandoc.verify import Status, Verdict, judge_equal

_RULES = {rule.name: rule for table in TABLES.values() for rule in table}
_BAR = regex(r"\\\||(?<!\\)\|")


def cookbook_page() -> str:
    """The identities of every source as a Markdown document."""
    return "\n".join(_markdown()).rstrip() + "\n"


def _markdown() -> Iterator[str]:
    yield from ("---", "title: Identities of the literature", "---", "")
    for source, (title, remark) in SOURCES.items():
        yield from (f"# {title}", "", remark, "")
        yield from ("| number | identity | where | verified |", "| --- | --- | --- | --- |")
        for identity in identities(source):
            latex, said, names = answered(identity)
            math = f"${_BAR.sub(_bar, ' '.join(latex.split()))}$"
            if "symmetric" in identity.options:
                convention = identity.options["symmetric"]
                math = f'<span class="mdiff" symmetric="{convention}">{math}</span>'
            yield f"| {identity.number} | {math} | {_where(identity, names)} | {said} |"
        yield ""


def _where(identity: Identity, names: Sequence[str]) -> str:
    """What the symbols of an identity are; ``names`` are those that its right side introduces."""
    if identity.missing:
        return ""
    if identity.rule and (rule := _RULES.get(identity.rule)) is not None:
        return given(rule.left, rule.right)
    told = declared((*identity.declarations, *names))
    if identity.options.get("symmetric") == "entries":
        told += ", by the free entries"
    return told


def _bar(match: re.Match[str]) -> str:
    """A bar would end the cell of a table."""
    return r"\Vert " if match.group() == r"\|" else r"\vert "


def answered(identity: Identity) -> tuple[str, str, tuple[str, ...]]:
    """An identity in LaTeX, with our own right-hand side, what the judge says of it, and what the
    names are that the right-hand side introduces."""
    if identity.missing:
        return identity.latex, f"not done: {identity.missing}", ()
    if identity.rule:
        rule = _RULES.get(identity.rule)
        if rule is None:
            return identity.latex, "not done: no rule of ours", ()
        said = f"{_said(judge_equal(rule.left, rule.right))}, rule “{rule.name}”"
        return statement(rule), said, ()
    if identity.claim:
        return identity.latex, _claimed(identity), ()
    options = Options.from_mapping(identity.options)
    answer = derive(f"{identity.latex} = ?", identity.declarations, options=options)
    if answer.error is not None:
        return identity.latex, f"not done: {answer.error.message}", ()
    said = answer.status
    if said == "verified":
        said = f"yes, {answer.verification['method']}"
    names = tuple(
        f"{step.lhs} = {step.latex}"
        for step in answer.steps
        if not step.rule and _speaks_of(answer.result, step.lhs)
    )
    return f"{answer.lhs} = {answer.result}", said, names


def _speaks_of(latex: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z(])", latex) is not None


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
