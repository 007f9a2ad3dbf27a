"""The rules that a document uses: their links, and the list of what they say."""

import json
import os
import re
import subprocess
import sys

import pytest
from test_document_words_complete import ENGLISH

from mdiff_pandoc.cli.pandoc import find_pandoc
from mdiff_pandoc.cli.rules import json_page, markdown_page
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.words import Words
from mdiff_pandoc.document.words.phrasebook import languages
from mdiff_pandoc.document.words.rule_list import RuleList, _table, anchor, slug
from mdiff_pandoc.rules import TABLES

RULES = [rule for rules in TABLES.values() for rule in rules]
ADDRESS = "https://example.org/rules.html"
TRACE = r"$$\nabla_X \operatorname{tr}(AXB) = ?$$"
LIST = "\n\n::: mdiff-rules\nThey are:\n:::\n"
USED = ["differential of a trace", "cyclic property", "transpose of a product"]


def read(text, *more):
    done = subprocess.run(
        [find_pandoc(), "-f", "markdown", "-t", "json", *more],
        input=text.encode(),
        check=True,
        capture_output=True,
    )
    return done.stdout


def write(document, writer):
    done = subprocess.run(
        [find_pandoc(), "-f", "json", "-t", writer, "--wrap=none", "--mathml"],
        input=document,
        check=True,
        capture_output=True,
    )
    assert writer == "plain" or done.stderr == b""  # plain has no place for most formulas
    return done.stdout.decode()


def converted(text, *more, writer="html"):
    done = convert(read(text, *more), writer)
    assert done.report == ()
    return done.json


def test_the_printed_table_is_that_of_the_rules():
    """Write it anew: ``mdiff rules --to json > mdiff_pandoc/document/words/rules.json``."""
    assert _table() == json.loads(json_page())


def test_every_rule_has_its_own_anchor_on_the_page():
    page = write(read(markdown_page()), "html")
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {anchor(rule.name) for rule in RULES} <= set(ids)
    assert len({slug(rule.name) for rule in RULES}) == len(RULES)


def test_every_source_that_is_named_by_its_letters_is_given_in_full():
    sources = _table()["sources"]
    named = {key for rule in RULES for key in re.findall(r"\b[A-Z]{2,}\b", rule.source)}
    assert named
    assert named <= sources.keys()


def test_without_the_option_and_the_block_there_is_no_line():
    assert b"mdiff-used" not in converted(TRACE)


def test_the_option_gives_links_to_the_page():
    text = f"---\nmdiff:\n  rules: {ADDRESS}\n---\n\n{TRACE}"
    other = write(converted(text.replace(ADDRESS, f"<{ADDRESS}#top>")), "html")
    html = write(converted(text), "html")
    assert other == html
    [line] = re.findall(r'<div class="mdiff-used">\s*<p>(.*?)</p>', html, re.S)
    assert re.findall(r'<a href="([^"]+)"', line) == [f"{ADDRESS}#{anchor(name)}" for name in USED]
    assert re.sub("<[^>]+>", "", line) == f"Rules: {', '.join(USED)}."


def test_the_block_is_filled_wherever_it_stands_and_linked_to():
    for text in (TRACE + LIST, LIST + "\n" + TRACE):
        html = write(converted(text), "html")
        [line] = re.findall(r'<div class="mdiff-used">\s*<p>(.*?)</p>', html, re.S)
        targets = re.findall(r'<a href="#([^"]+)"', line)
        assert targets == [f"mdiff-rule-{slug(name)}" for name in USED]
        assert all(html.count(f'id="{target}"') == 1 for target in targets)
        assert html.count("<dt>") == len(USED)
        assert "They are:" in html
        assert "Matrix Differential Calculus" in html
        assert "Matrix Cookbook" in html
        assert "Higham" not in html


def test_in_the_list_names_lead_to_the_page_if_there_is_one():
    text = f"---\nmdiff:\n  rules: {ADDRESS}\n---\n\n{TRACE}{LIST}"
    html = write(converted(text), "html")
    assert re.findall(r'<a href="(https[^"]+)"', html) == [f"{ADDRESS}#{anchor(n)}" for n in USED]


@pytest.mark.parametrize("checks", ["", "---\nmdiff: {check: true, rules: /r.html}\n---\n\n"])
def test_another_run_changes_nothing(checks):
    once = converted(checks + TRACE + LIST)
    assert json.loads(convert(once, "html").json) == json.loads(once)


def test_without_a_derivation_the_block_stays_as_it_is():
    raw = read(LIST)
    assert convert(raw, "html").json is raw


@pytest.mark.parametrize("writer", ["latex", "typst", "docx", "gfm", "plain", "epub", "odt"])
def test_every_writer_takes_links_and_list(writer):
    document = converted(TRACE + LIST, writer=writer)
    if writer in ("docx", "epub", "odt"):
        assert b"mdiff-rule-cyclic-property" in document
        return
    shown = write(document, writer)
    assert "cyclic property" in shown
    assert "Matrix Cookbook" in shown
    if writer != "plain":
        assert shown.count("mdiff-rule-cyclic-property") == 2


@pytest.mark.parametrize("language", languages())
def test_the_list_is_said_in_every_language(language):
    rules = RuleList(Words(language), listed=True)
    for name, rule in _table()["rules"].items():
        for text in (rules._given(rule["given"]), rules._source(rule["source"])):
            said = "".join(text.split("$")[::2])
            assert not ENGLISH.search(said), (name, text)


def test_a_build_that_finds_its_answers_loads_neither_rules_nor_calculus(tmp_path):
    raw = read(f"---\nlang: de\nmdiff: {{rules: /r.html, badge: true}}\n---\n\n{TRACE}{LIST}")
    code = (
        "import sys\n"
        "from mdiff_pandoc.document.convert import convert\n"
        "done = convert(sys.stdin.buffer.read(), 'html')\n"
        "assert b'mdiff-rule-cyclic-property' in done.json\n"
        "heavy = {'sympy', 'antlr4', 'flint', 'mdiff_pandoc.rules', 'mdiff_pandoc.calculus'}\n"
        "sys.stdout.write(' '.join(sorted(heavy & sys.modules.keys())))\n"
    )
    environment = {**os.environ, "MDIFF_CACHE_DIR": str(tmp_path)}
    loaded = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=raw,
            check=True,
            capture_output=True,
            env=environment,
        ).stdout.decode()
        for _ in range(2)
    ]
    assert "mdiff_pandoc.rules" in loaded[0]
    assert loaded[1] == ""
