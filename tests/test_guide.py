"""The pages of the guide say what the program says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from mdiff_pandoc.cli.check.run import Checker
from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.cli.rules import markdown_page
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.service.options import CALCULUS_OPTIONS, values_of

GUIDE = Path(__file__).resolve().parents[1] / "samples" / "guide"


def test_the_page_of_rules_is_the_table() -> None:
    """Write it anew with ``mdiff rules > samples/guide/rules.md``."""
    assert (GUIDE / "rules.md").read_text("utf-8") == markdown_page()


def test_the_page_names_every_rule() -> None:
    page = markdown_page()
    for rules in TABLES.values():
        for rule in rules:
            assert f"## {rule.name}\n" in page


def test_the_page_of_styles_is_answered_without_a_word() -> None:
    page = GUIDE / "styles.md"
    raw = subprocess.run([find_pandoc(), str(page), "-t", "json"], check=True, capture_output=True)
    done = convert(raw.stdout, "html", file=page.name)
    assert done.report == ()
    assert done.json.count(b'"mdiff-verified"') == page.read_text("utf-8").count("= ?")


def test_the_page_of_styles_and_the_readme_name_every_style_form_and_convention() -> None:
    page = (GUIDE / "styles.md").read_text("utf-8")
    readme = (GUIDE.parents[1] / "README.md").read_text("utf-8")
    table = readme.partition("\n## Options\n")[2].partition("\n## ")[0]
    for option in CALCULUS_OPTIONS:
        for value in filter(None, values_of(option)):
            assert f"`{value}`" in table
    for style in values_of("style"):
        assert f"## `{style}`" in page
    for option in ("layout", "form", "symmetric"):
        assert f"{option}=" in page


def test_the_page_of_verdicts_shows_a_tick_and_a_cross() -> None:
    page = GUIDE / "verdicts.md"
    raw = subprocess.run([find_pandoc(), str(page), "-t", "json"], check=True, capture_output=True)
    done = convert(raw.stdout, "html", file=page.name)
    assert re.findall(rb'"data-verdict","(\w+)"', done.json) == [b"verified", b"refuted"]
    [told] = done.report
    assert "refuted" in told
    assert "counterexample" in told
    html = subprocess.run(
        [find_pandoc(), "-f", "json", "-t", "html", "--mathml"],
        input=done.json,
        check=True,
        capture_output=True,
    )
    assert html.stderr == b""
    wrong = html.stdout.decode().partition("\u2717</mtext></mtd></mtr></mtable>")
    assert wrong[1], "the cross stands in the last row"
    assert "\u2717" not in wrong[0]


def test_every_statement_of_the_generated_pages_is_verified_as_it_stands_there() -> None:
    """What a statement asks of its symbols stands beside it, in words that the checker reads."""
    for page in ("rules.md", "cookbook.md"):
        outcome = Checker().outcome(str(GUIDE / page))
        found = [found.claim for found in outcome.document.claims]
        assert len(found) > 200
        left = [c for c in found if c.verdict not in ("verified", "definition")]
        assert not left, [(claim.verdict, claim.latex, claim.reason) for claim in left]


def test_no_sample_has_a_wrong_equality_but_the_page_of_verdicts() -> None:
    samples = GUIDE.parent
    pages = [*samples.glob("*.md"), *samples.glob("*.tex"), GUIDE / "styles.md"]
    for page in [*pages, samples.parent / "README.md"]:
        outcome = Checker().outcome(str(page))
        wrong = [c.claim.latex for c in outcome.document.claims if c.claim.verdict == "refuted"]
        assert not wrong, (page.name, wrong)
