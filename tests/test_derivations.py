"""Lecture notes as they are written, right and with ten slips: the slips are found, nothing else.

The notes with slips differ from the right ones in the lines of the slips.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mdiff_pandoc.cli.check.run import Checker
from mdiff_pandoc.document.checked import FoundClaim

NOTES = Path(__file__).resolve().parent / "derivations"
# by note: how many equalities are verified, at least, and how many stay open, at most
DECIDED = {"ridge": (17, 5), "backprop": (22, 0)}
each_note = pytest.mark.parametrize("name", DECIDED)


def claims(name: str) -> tuple[FoundClaim, ...]:
    return Checker().outcome(str(NOTES / f"{name}.md")).document.claims


def lines(name: str) -> list[str]:
    return (NOTES / f"{name}.md").read_text("utf-8").splitlines()


@each_note
def test_right_notes_are_verified_where_they_say_enough(name: str) -> None:
    verdicts = [found.claim.verdict for found in claims(name)]
    verified, undecided = DECIDED[name]
    assert "refuted" not in verdicts
    assert verdicts.count("verified") >= verified
    assert verdicts.count("undecided") <= undecided


@each_note
def test_every_slip_is_found_and_nothing_else(name: str) -> None:
    right, wrong = lines(name), lines(f"{name}-slips")
    slips = {n for n, pair in enumerate(zip(right, wrong, strict=True), 1) if len(set(pair)) == 2}
    refuted = [found for found in claims(f"{name}-slips") if found.claim.verdict == "refuted"]
    assert {found.sign_line for found in refuted} == slips
    assert len(refuted) == 10


@each_note
def test_most_slips_come_with_what_would_hold(name: str) -> None:
    refuted = [found for found in claims(f"{name}-slips") if found.claim.verdict == "refuted"]
    assert sum(bool(found.claim.suggestion) for found in refuted) >= 8
