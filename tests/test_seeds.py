"""Every equality of the five seeds, real notes with real mistakes, has the verdict it deserves."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from problems import CASES, SHARED

from mdiff_pandoc.cli.pandoc import read_ast
from mdiff_pandoc.document.checked import CheckedDocument
from mdiff_pandoc.document.claims import check_document
from mdiff_pandoc.document.locate import formulas
from mdiff_pandoc.document.source import read_source

SEEDS = sorted((SHARED / "seeds").glob("*.txt"))


def table() -> dict[tuple[str, int, int], tuple[str, str]]:
    """Verdict and remark by seed, formula and equality."""
    rows = {}
    for line in (CASES / "seed_verdicts.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            seed, math, equality, verdict, remark = line.split(" | ", 4)
            rows[seed, int(math), int(equality)] = verdict, remark
    return rows


TABLE = table()


@cache
def checked(path: Path) -> CheckedDocument:
    source = read_source(path.read_bytes(), path.name)
    return check_document(read_ast(source), source, path.name)


def test_the_table_has_all_equalities() -> None:
    counts = Counter(verdict for verdict, _ in TABLE.values())
    assert counts.total() == 167
    assert counts["refuted"] == 7


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_each_equality_has_its_verdict(path: Path) -> None:
    found = {
        (path.name[:3], item.math, item.claim.equality): item.claim.verdict
        for item in checked(path).claims
    }
    expected = {key: verdict for key, (verdict, _) in TABLE.items() if key[0] == path.name[:3]}
    assert found == expected


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_each_equality_stands_where_its_place_says(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    for item in checked(path).claims:
        assert item.source == lines[item.sign_line - 1]
        assert lines[item.sign_line - 1][item.sign_column - 1] == "="


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_what_is_wrong_or_open_says_why_in_one_line(path: Path) -> None:
    for item in checked(path).claims:
        claim = item.claim
        assert "\n" not in claim.reason
        assert bool(claim.reason) == (claim.verdict in ("refuted", "undecided"))


@pytest.mark.skipif(not SEEDS, reason="the seeds are not here")
def test_all_formulas_are_counted() -> None:
    total = 0
    for path in SEEDS:
        source = read_source(path.read_bytes(), path.name)
        total += sum(formula.number is not None for formula in formulas(read_ast(source)))
    assert total == 193
