"""The identities of the Matrix Cookbook, of Magnus and Neudecker and of Minka's note."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from benchmarks.lengths import scores
from cookbook import Known, answer_lines, known_identities, outcome
from typer.testing import CliRunner

from mdiff_pandoc.cli import app
from mdiff_pandoc.cli.cookbook import cookbook_page
from mdiff_pandoc.cli.identities import SOURCES, Identity, identities
from mdiff_pandoc.service import Options, derive

GUIDE = Path(__file__).resolve().parents[1] / "samples" / "guide"
KNOWN = list(known_identities())
MISSING = [identity for source in SOURCES for identity in identities(source) if identity.missing]
each_identity = pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)


@each_identity
def test_identity_is_derived_verified_and_no_longer_than_in_the_book(known: Known) -> None:
    """A line that is marked open must fail, so that the list of what is missing stays honest."""
    fault = outcome(known).fault
    if known.open:
        assert fault, "this works now: take its mark “open” away"
    else:
        assert not fault


@pytest.mark.parametrize("identity", MISSING, ids=lambda identity: identity.number)
def test_what_is_not_done_is_refused(identity: Identity) -> None:
    options = Options.from_mapping(identity.options)
    assert derive(f"{identity.latex} = ?", identity.declarations, options=options).error


@pytest.mark.parametrize("source", SOURCES)
def test_every_identity_has_a_right_hand_side_or_a_reason(source: str) -> None:
    numbers = [identity.number for identity in identities(source) if not identity.missing]
    assert numbers == [number for number, *_ in answer_lines(source)]
    assert len(numbers) == len(set(numbers))


def test_every_number_of_section_2_is_there() -> None:
    """The section goes from (32) to (144)."""
    found: set[int] = set()
    for identity in identities("cookbook"):
        first, _, last = identity.number.split(",")[0].rstrip("ab").partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == set(range(32, 145))


def test_the_page_of_identities_is_what_is_derived() -> None:
    """Write it anew with ``mdiff rules --cookbook > samples/guide/cookbook.md``."""
    assert (GUIDE / "cookbook.md").read_text("utf-8") == cookbook_page()


def test_the_command_prints_the_page() -> None:
    run = CliRunner().invoke(app, ["rules", "--cookbook"])
    assert run.exit_code == 0
    assert run.stdout == cookbook_page()


def test_the_score_of_lengths() -> None:
    """Over each set of cases our results are no longer than the known answers."""
    for name, ratios, _ in scores():
        assert statistics.mean(ratios.values()) <= 1.0, name
        assert max(ratios.values()) <= 1.5, name
