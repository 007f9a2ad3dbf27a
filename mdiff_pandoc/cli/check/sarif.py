"""What came of a check as SARIF 2.1.0 (OASIS, 2020), which code-scanning services show."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from urllib.parse import quote

from mdiff_pandoc import __version__
from mdiff_pandoc.cli.check.machine import message
from mdiff_pandoc.cli.check.outcome import Outcome, Run
from mdiff_pandoc.document.checked import FoundClaim

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://pypi.org/project/mdiff-pandoc/"
_RULES: dict[str, tuple[str, str, str]] = {
    "refuted": (
        "error",
        "The two sides of an equality differ.",
        "Both sides were evaluated and differ in every reading that was tried. The message holds "
        "a counterexample and, where one was found, the nearest formula that holds.",
    ),
    "undecided": (
        "note",
        "An equality that could not be judged.",
        "The message says what is missing: a name that is not known, an ellipsis, a function that "
        "is not specified.",
    ),
}


def as_sarif(run: Run) -> str:
    """One run with a result for every equality that is refuted or undecided."""
    results = [
        _result(run, outcome, found)
        for outcome in run.outcomes
        for found in outcome.document.claims
        if found.claim.verdict in _RULES and not found.claim.request
    ]
    driver = {
        "name": "mdiff",
        "version": __version__,
        "informationUri": _HOME,
        "rules": [_rule(name) for name in _RULES],
    }
    done = {
        "executionSuccessful": run.exit_code() != 2,
        "exitCode": run.exit_code(),
        "toolExecutionNotifications": _notifications(run),
    }
    whole = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [done],
                "results": results,
            }
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _rule(name: str) -> dict[str, object]:
    level, short, full = _RULES[name]
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "defaultConfiguration": {"level": level},
        "helpUri": _HOME,
    }


def _result(run: Run, outcome: Outcome, found: FoundClaim) -> dict[str, object]:
    verdict = found.claim.verdict
    place = _artifact(outcome.file)
    if found.line:
        place["region"] = {
            "startLine": found.line,
            "startColumn": found.column,
            "endLine": found.end_line,
            "endColumn": found.end_column,
        }
    result: dict[str, object] = {
        "ruleId": verdict,
        "ruleIndex": list(_RULES).index(verdict),
        "level": "error" if run.fails(found) else _RULES[verdict][0],
        "message": {"text": message(found)},
        "locations": [{"physicalLocation": place}],
    }
    if right := _right_side(found):
        replacement = {
            "deletedRegion": right,
            "insertedContent": {"text": found.claim.repaired},
        }
        change = {**_artifact(outcome.file), "replacements": [replacement]}
        text = found.claim.suggestion or "The right side that holds."
        result["fixes"] = [{"description": {"text": text}, "artifactChanges": [change]}]
    return result


def _right_side(found: FoundClaim) -> dict[str, int] | None:
    """Where the right side stands, if it stands in the file exactly as in the formula."""
    claim = found.claim
    as_written = found.sign_line == found.end_line and found.offset == found.sign_column - 1
    if not claim.repaired or not as_written:
        return None
    start = found.offset + claim.sign.end - claim.sign.start
    written = found.source[start : found.end_column - 1]
    right = written.strip()
    if not right or not claim.latex.rstrip().endswith(right):
        return None
    start += len(written) - len(written.lstrip())
    return {
        "startLine": found.sign_line,
        "startColumn": start + 1,
        "endLine": found.sign_line,
        "endColumn": start + 1 + len(right),
    }


def _notifications(run: Run) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"level": "error", "message": {"text": problem}} for problem in run.problems
    ]
    for outcome in run.outcomes:
        place = [{"physicalLocation": _artifact(outcome.file)}]
        if outcome.failure:
            text = {"text": outcome.failure.line()}
            found.append({"level": "error", "message": text, "locations": place})
        for problem in outcome.document.problems:
            text = {"text": problem.sentence}
            found.append({"level": "warning", "message": text, "locations": place})
    return found


def _artifact(file: str) -> dict[str, object]:
    """The file as a URI, from the folder that is checked where it lies in it."""
    path = PurePath(file)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"artifactLocation": {"uri": path.as_uri()}}
    return {"artifactLocation": {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}}
