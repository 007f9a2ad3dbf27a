"""What came of a check as JUnit XML, which every CI server shows: one test case an equality."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from mdiff_pandoc.cli.check.machine import message
from mdiff_pandoc.cli.check.outcome import Outcome, Run, one_line
from mdiff_pandoc.document.checked import FoundClaim
from mdiff_pandoc.patterns import regex

_NO_XML = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(run: Run) -> str:
    """A ``testsuites`` element with a suite for each file.

    Undecided equalities are skipped cases, under ``strict`` failures; what cannot be read is an
    error.
    """
    root = ET.Element("testsuites", name="mdiff check")
    for outcome in run.outcomes:
        root.append(_suite(outcome, run))
    if run.problems:
        suite = ET.SubElement(root, "testsuite", name="arguments")
        for problem in run.problems:
            case = ET.SubElement(suite, "testcase", classname="arguments", name=_xml(problem))
            ET.SubElement(case, "error", type="arguments", message=_xml(problem))
        _count(suite)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _suite(outcome: Outcome, run: Run) -> ET.Element:
    file = _xml(outcome.file)
    suite = ET.Element("testsuite", name=file)
    if outcome.failure:
        case = ET.SubElement(suite, "testcase", classname=file, name="read", file=file)
        text = _xml(outcome.failure.line())
        ET.SubElement(case, "error", type=outcome.failure.code, message=text)
    for found in outcome.document.claims:
        if not found.claim.request:
            _case(suite, file, found, fails=run.fails(found))
    _count(suite)
    return suite


def _case(suite: ET.Element, file: str, found: FoundClaim, *, fails: bool) -> None:
    claim = found.claim
    where = f"{found.sign_line}:{found.sign_column}"
    name = _xml(f"{where} {one_line(claim.latex)}")
    line = str(found.sign_line)
    case = ET.SubElement(suite, "testcase", classname=file, name=name, file=file, line=line)
    text = _xml(one_line(claim.reason) or claim.verdict)
    if fails:
        failure = ET.SubElement(case, "failure", type=claim.verdict, message=text)
        failure.text = _xml(f"{file}:{where}\n{message(found)}")
    elif claim.verdict == "undecided":
        ET.SubElement(case, "skipped", message=text)


def _count(suite: ET.Element) -> None:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    suite.set("tests", str(len(suite)))
    for key, tag in kinds.items():
        suite.set(key, str(sum(case.find(tag) is not None for case in suite)))


def _xml(text: str) -> str:
    """The text without the characters that XML has no way to write."""
    return _NO_XML.sub("\ufffd", text)
