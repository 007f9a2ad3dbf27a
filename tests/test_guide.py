"""The pages of the guide say what the program says."""

from __future__ import annotations

from pathlib import Path

from mdiff_pandoc.cli.rules import markdown_page
from mdiff_pandoc.rules import TABLES

GUIDE = Path(__file__).resolve().parents[1] / "samples" / "guide"


def test_the_page_of_rules_is_the_table() -> None:
    """Write it anew with ``mdiff rules > samples/guide/rules.md``."""
    assert (GUIDE / "rules.md").read_text("utf-8") == markdown_page()


def test_the_page_names_every_rule() -> None:
    page = markdown_page()
    for rules in TABLES.values():
        for rule in rules:
            assert f"## {rule.name}\n" in page
