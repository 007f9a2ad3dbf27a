"""The verdicts of ``mdiff check`` as text, JSON, workflow commands, JUnit XML and SARIF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mdiff_pandoc.cli.check.junit import as_junit
from mdiff_pandoc.cli.check.machine import as_github, as_json
from mdiff_pandoc.cli.check.outcome import Failure, Outcome, Run
from mdiff_pandoc.cli.check.sarif import as_sarif
from mdiff_pandoc.cli.check.text import text_lines
from mdiff_pandoc.cli.files import find_documents
from mdiff_pandoc.document.checked import CheckedDocument, FoundClaim, Remark
from mdiff_pandoc.document.counterexample import block, counterexample_lines, side_by_side
from mdiff_pandoc.document.message import Message
from mdiff_pandoc.errors import Span
from mdiff_pandoc.service.claim import Claim

LEFT, RIGHT = r"\nabla_X \operatorname{tr}(AX)", "A"
SOURCE = rf"So, $${LEFT} = {RIGHT}$$, 100%: see"
EXAMPLE = {
    "sizes": {"m": 2, "n": 3},
    "values": {"A": [["1", "0", "-2"], ["3", "1", "0"]], "X": [["1", "0"], ["2", "1"], ["0", "1"]]},
    "indices": {},
    "functions": {},
    "left": [["1", "3"], ["0", "1"], ["-2", "0"]],
    "right": [["1", "0", "-2"], ["3", "1", "0"]],
    "entry": [1, 2],
}


def found(verdict: str, line: int = 3, source: str = SOURCE, **rest: Any) -> FoundClaim:
    """The equality of ``SOURCE``, as a document holds it."""
    latex = f"{LEFT} = {RIGHT}"
    sign = len(LEFT) + 1
    claim = Claim(0, latex, Span(0, len(latex)), Span(sign, sign + 1), verdict, **rest)
    begin = SOURCE.index(LEFT) + 1
    end = begin + len(latex)
    place = (line, begin, line, begin + sign, line, end)
    return FoundClaim(claim, 0, *place, source, begin + sign - 1)


REFUTED = found(
    "refuted",
    reason="at $m = 2$, the sides differ: 50%, a: b",
    counterexample=EXAMPLE,
    suggestion=r"holds with $A^\top$ in place of $A$",
    repaired=r"A^\top",
)
UNDECIDED = found("undecided", 5, reason="what g is is not said")
VERIFIED = found("verified", 7, verification={"method": "exact", "points": 4})
DEFINITION = found("definition", 9)
DOCUMENT = CheckedDocument(
    "notes.md",
    (REFUTED, UNDECIDED, VERIFIED, DEFINITION),
    (Remark(4, 1, r"$a \approx b$ is no equality"),),
    (Message("notes.md", "warning", "unknown option `detial`", "option"),),
)
GONE = Outcome("a,b.md", CheckedDocument("a,b.md"), Failure("source", "is gone", "look"))
RUN = Run((Outcome("notes.md", DOCUMENT),))
MIXED = Run((Outcome("notes.md", DOCUMENT), GONE), ("nothing matches the pattern *.tex",))


def text(run: Run, *, quiet: bool = False, verbose: bool = False) -> list[str]:
    return [line.plain for line in text_lines(run, quiet=quiet, verbose=verbose)]


def test_the_caret_stands_under_the_sign() -> None:
    lines = text(RUN)
    start = lines.index(f"notes.md:3:{REFUTED.sign_column}: refuted: {LEFT} = {RIGHT}")
    shown, mark = lines[start + 1], lines[start + 2]
    assert shown[shown.index("|") + 2 :] == SOURCE
    assert mark.count("^") == 1
    assert shown[mark.index("^")] == "="


def test_a_refuted_equality_comes_with_reason_counterexample_and_repair() -> None:
    whole = "\n".join(text(RUN))
    assert "the sides differ" in whole
    assert "counterexample with m = 2, n = 3:" in whole
    assert "they differ in entry (1, 2): 3 is not 0" in whole
    assert r"help: holds with $A^\top$ in place of $A$" in whole
    assert r"write: A^\top" in whole


def test_an_undecided_equality_takes_one_line() -> None:
    [line] = [line for line in text(RUN) if "undecided:" in line]
    assert line.startswith(f"notes.md:5:{UNDECIDED.sign_column}: undecided: ")
    assert line.endswith("– what g is is not said")


def test_more_and_less_is_printed_on_request() -> None:
    default, verbose, quiet = text(RUN), text(RUN, verbose=True), text(RUN, quiet=True)
    assert not any(": verified: " in line or ": definition: " in line for line in default)
    assert any(line.endswith("(exact, 4 points)") for line in verbose)
    assert any("notes.md:9:" in line and ": definition: " in line for line in verbose)
    assert default[-1] == (
        "4 equalities in 1 file: 1 verified, 1 refuted, 1 undecided, 1 definition"
    )
    assert any("note: " in line and "no equality" in line for line in default)
    assert any(line == "notes.md: warning: unknown option `detial` [option]" for line in default)
    assert sum("notes.md" in line for line in quiet) == 1


def test_quiet_prints_what_fails_a_strict_run() -> None:
    strict = Run(RUN.outcomes, strict=True)
    assert any(": undecided: " in line for line in text(strict, quiet=True))


@pytest.mark.parametrize(
    ("claims", "strict", "code"),
    [
        ((VERIFIED, DEFINITION), True, 0),
        ((UNDECIDED,), False, 0),
        ((UNDECIDED,), True, 1),
        ((VERIFIED, REFUTED), False, 1),
        ((), True, 0),
    ],
)
def test_exit_codes(claims: tuple[FoundClaim, ...], strict: bool, code: int) -> None:
    outcome = Outcome("n.md", CheckedDocument("n.md", claims))
    assert Run((outcome,), strict=strict).exit_code() == code
    assert Run((outcome, GONE), strict=strict).exit_code() == 2
    assert Run((outcome,), ("no such file",), strict=strict).exit_code() == 2


def test_matrices_are_aligned_and_cut() -> None:
    assert block("A", [["1", "-10"], ["100", "2"]]) == ["A = [  1 -10]", "    [100   2]"]
    assert block("t", [["3"]]) == block("t", "3") == ["t = 3"]
    large = block("B", [["1"] * 12] * 12)
    assert len(large) == 9
    assert large[0].count("1") == 8


def test_blocks_stand_beside_one_another_while_they_fit() -> None:
    blocks = [["A = [1]", "    [2]"], ["t = 3"], ["B = [5]"]]
    assert list(side_by_side(blocks, 80)) == ["A = [1]    t = 3    B = [5]", "    [2]"]
    assert list(side_by_side(blocks, 10)) == ["A = [1]", "    [2]", "t = 3", "B = [5]"]
    assert list(side_by_side([], 10)) == []


def test_a_counterexample_names_functions_and_indices() -> None:
    lines = counterexample_lines(
        {"sizes": {"n": 2}, "indices": {"i": 1}, "functions": {"f": "f(t) = t^2"}, "left": "1"}
    )
    assert lines == ["counterexample with n = 2, i = 1:", "  f: f(t) = t^2", "  left side = 1"]


def test_json_holds_every_equality_with_its_place() -> None:
    whole = json.loads(as_json(MIXED))
    first = whole["claims"][0]
    fields = "line column math equality latex verdict reason counterexample suggestion".split()
    assert set(fields) <= set(first)
    assert (first["file"], first["line"], first["math"]) == ("notes.md", 3, 0)
    assert first["counterexample"] == EXAMPLE
    assert [claim["verdict"] for claim in whole["claims"]] == [
        "refuted",
        "undecided",
        "verified",
        "definition",
    ]
    assert [file["error"] and file["error"]["code"] for file in whole["files"]] == [None, "source"]
    assert whole["problems"] == ["nothing matches the pattern *.tex"]
    [problem] = whole["files"][0]["problems"]
    assert (problem["line"], problem["code"]) == (0, "option")
    assert whole["summary"]["refuted"] == 1


def test_workflow_commands_are_escaped() -> None:
    lines = as_github(MIXED).splitlines()
    error = next(line for line in lines if line.startswith("::error file=notes.md"))
    head, body = error[2:].split("::", 1)
    properties = dict(part.split("=", 1) for part in head.removeprefix("error ").split(","))
    assert properties["line"] == "3"
    assert properties["col"] == str(REFUTED.sign_column)
    assert properties["title"].startswith("mdiff%3A refuted%3A ")
    assert "50%25, a: b%0A" in body
    assert any(line.startswith("::notice file=notes.md,line=5") for line in lines)
    assert any(line.startswith("::error file=a%2Cb.md") for line in lines)
    assert not any("verified" in line for line in lines if line.startswith("::"))
    strict = as_github(Run(RUN.outcomes, strict=True))
    assert "::notice" not in strict
    assert strict.count("::error") == 2


def test_junit_has_a_case_for_every_equality() -> None:
    odd = found("refuted", 11, reason="a\x00b <&> \ud800")
    run = Run((Outcome("notes.md", CheckedDocument("notes.md", (odd, *DOCUMENT.claims))), GONE))
    root = ET.fromstring(as_junit(run))
    assert root.tag == "testsuites"
    counted = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "6", "failures": "2", "errors": "1", "skipped": "1"}
    suite = root[0]
    assert (suite.get("name"), suite.get("tests")) == ("notes.md", "5")
    assert [case.get("line") for case in suite] == ["11", "3", "5", "7", "9"]
    failure = suite[1].find("failure")
    assert failure is not None
    assert "counterexample" in (failure.text or "")
    strict = ET.fromstring(as_junit(Run(run.outcomes, strict=True)))
    assert (strict.get("failures"), strict.get("skipped")) == ("3", "0")


def test_sarif_has_rules_places_and_fixes() -> None:
    whole = json.loads(as_sarif(MIXED))
    assert whole["version"] == "2.1.0"
    [run] = whole["runs"]
    rules = run["tool"]["driver"]["rules"]
    refuted, undecided = run["results"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == ["refuted", "undecided"]
    assert (refuted["level"], undecided["level"]) == ("error", "note")
    place = refuted["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "notes.md"
    region = place["region"]
    assert SOURCE[region["startColumn"] - 1 : region["endColumn"] - 1] == f"{LEFT} = {RIGHT}"
    [change] = refuted["fixes"][0]["artifactChanges"]
    [replacement] = change["replacements"]
    gone = replacement["deletedRegion"]
    mended = (
        SOURCE[: gone["startColumn"] - 1]
        + replacement["insertedContent"]["text"]
        + SOURCE[gone["endColumn"] - 1 :]
    )
    assert mended == SOURCE.replace("= A$$", r"= A^\top$$")
    [done] = run["invocations"]
    assert not done["executionSuccessful"]
    assert len(done["toolExecutionNotifications"]) == 3


def test_sarif_offers_no_fix_where_the_file_writes_the_formula_otherwise() -> None:
    escaped = found("refuted", source=SOURCE.replace("= A$$", "= X$$"), repaired=r"A^\top")
    run = Run((Outcome("a b.ipynb", CheckedDocument("a b.ipynb", (escaped,))),))
    [result] = json.loads(as_sarif(run))["runs"][0]["results"]
    assert "fixes" not in result
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b.ipynb"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    names = (
        "b.md a.tex notes.txt picture.png deep/c.ipynb deep/.hidden/d.md deep/e.Rmd .f.md "
        "node_modules/g.md env/pyvenv.cfg env/h.md empty/x.png"
    )
    for name in names.split():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_give_their_documents(folder: Path) -> None:
    found = find_documents(["."])
    assert found.problems == ()
    assert found.files == ("./a.tex", "./b.md", "./deep/c.ipynb", "./deep/e.Rmd")


def test_named_files_and_patterns(folder: Path) -> None:
    assert find_documents(["notes.txt", "-"]).files == ("notes.txt", "-")
    assert find_documents(["*.txt"]).files == ("notes.txt",)
    assert find_documents(["*"]).files == ("a.tex", "b.md", "deep/c.ipynb", "deep/e.Rmd")
    assert find_documents(["**/*.ipynb"]).files == ("deep/c.ipynb",)
    assert find_documents(["**/*.md"]).files == ("b.md",)
    assert find_documents(["env/*.md"]).files == ("env/h.md",)
    (folder / "odd[1].md").write_text("")
    assert find_documents(["odd[1].md"]).files == ("odd[1].md",)


def test_every_file_is_taken_once(folder: Path) -> None:
    (folder / "link.md").symlink_to(folder / "b.md")
    assert find_documents(["b.md", "./b.md", str(folder / "b.md"), "link.md"]).files == ("b.md",)


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("a.txe", "a.txe: there is no such file; did you mean a.tex?"),
        ("far/away.md", "far/away.md: there is no such file"),
        ("empty", "empty: no documents in this folder"),
        ("*.rst", "nothing matches the pattern *.rst"),
        ("*.pn*", "no document matches the pattern *.pn*"),
    ],
)
def test_arguments_that_name_no_document(folder: Path, argument: str, problem: str) -> None:
    found = find_documents([argument, "b.md"])
    assert found.files == ("b.md",)
    assert problem in found.problems[0]


def test_a_folder_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find_documents(["."])
    assert found.files == ("./a.tex", "./b.md")
    assert found.problems == ("./deep: cannot read the folder: Permission denied",)
