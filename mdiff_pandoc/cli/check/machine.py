"""What came of a check, for programs: one JSON object, or GitHub's workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from mdiff_pandoc.cli.check.outcome import Outcome, Run, is_open, one_line, to_write
from mdiff_pandoc.document.checked import FoundClaim
from mdiff_pandoc.document.counterexample import counterexample_lines, tells_all
from mdiff_pandoc.document.message import Spot

_TITLE = 72


def as_json(run: Run) -> str:
    """One object: ``claims`` of all files in order, ``files`` with what else is known of each."""
    claims = [
        {"file": outcome.file, **found.as_json()}
        for outcome in run.outcomes
        for found in outcome.document.claims
    ]
    whole = {
        "claims": claims,
        "files": [_file(outcome) for outcome in run.outcomes],
        "problems": list(run.problems),
        "summary": run.counts(),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _file(outcome: Outcome) -> dict[str, object]:
    about = outcome.document.as_json()
    return {
        "file": outcome.file,
        "summary": outcome.document.counts(),
        "remarks": about["remarks"],
        "problems": about["problems"],
        "error": outcome.failure.as_json() if outcome.failure else None,
    }


def as_github(run: Run) -> str:
    """Workflow commands: an annotation at the place of every equality that is not verified."""
    return "\n".join([*_commands(run), run.summary()])


def _commands(run: Run) -> Iterator[str]:
    for argument in run.problems:
        yield _command("error", {"title": "mdiff"}, argument)
    for outcome in run.outcomes:
        file = outcome.file.replace("\\", "/")
        if outcome.failure:
            title = {"file": file, "title": f"mdiff: {outcome.failure.code}"}
            yield _command("error", title, outcome.failure.line())
        for problem in outcome.document.problems:
            where = {"file": file, **_place(problem.spot), "title": f"mdiff: {problem.code}"}
            yield _command("warning", where, problem.sentence)
        for found in outcome.document.claims:
            if found.claim.verdict == "refuted" or is_open(found.claim):
                kind = "error" if run.fails(found) else "notice"
                yield _command(kind, _properties(file, found), message(found))


def _properties(file: str, found: FoundClaim) -> dict[str, object]:
    title = f"mdiff: {found.claim.verdict}: {one_line(found.claim.latex, _TITLE)}"
    return {"file": file, **_place(found.spot), "title": title}


def _place(spot: Spot | None) -> dict[str, object]:
    return {"line": spot.line, "col": spot.column} if spot else {}


def _command(kind: str, properties: Mapping[str, object], text: str) -> str:
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{kind} {listed}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def message(found: FoundClaim) -> str:
    """All that is known of an equality, in several lines: reason, counterexample, repair."""
    claim = found.claim
    example = claim.counterexample
    lines = [
        one_line(claim.latex),
        "" if example and tells_all(example, claim.reason) else claim.reason,
    ]
    if example:
        lines += counterexample_lines(example)
    lines += [f"help: {claim.suggestion}"] if claim.suggestion else []
    lines += [f"write: {claim.repaired}"] if to_write(claim) else []
    lines += [f"note: {note}" for note in claim.notes]
    return "\n".join(line for line in lines if line)
