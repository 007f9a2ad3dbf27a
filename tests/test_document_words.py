"""Every word that a document shows is said in its language, or in its author's words."""

import re

import pytest
from msgspec.structs import replace
from panflute import Math, stringify

from mdiff_pandoc.document.settings import Settings, from_metadata
from mdiff_pandoc.document.words import Words, lines_below, quality
from mdiff_pandoc.document.words.badge import badge_texts
from mdiff_pandoc.document.words.below import joined_facts
from mdiff_pandoc.service import Options, derive

GERMAN = Words("de")
TRACE = r"\nabla_X \operatorname{tr}(AXB)"
NORM = r"\nabla_x \log(x^\top S x)"


@pytest.mark.parametrize("tag", ["de", "de-AT", "de_DE", "DE", "de-Latn-CH"])
def test_a_tag_of_a_language_finds_its_table(tag):
    assert Words(tag).say("product rule") == "Produktregel"


@pytest.mark.parametrize("tag", ["", "en", "en-GB", "tlh", "../de", "*", "d", "de.toml"])
def test_other_tags_leave_the_english(tag):
    assert Words(tag).say("product rule") == "product rule"


@pytest.mark.parametrize(
    ("latex", "german"),
    [
        (r"\text{cyclic property}", r"\text{zyklische Vertauschung}"),
        (
            r"\text{differential of a trace; } A \text{ is constant}",
            r"\text{Differential der Spur; } A \text{ ist konstant}",
        ),
        (
            r"A, B \text{ and } C \text{ are constant}",
            r"A, B \text{ und } C \text{ sind konstant}",
        ),
        (
            r"\text{identification: } df = \operatorname{tr}(G^{\top}\, dX)",
            r"\text{Ablesen: } df = \operatorname{tr}(G^{\top}\, dX)",
        ),
        (r"\text{no rule of this name}", r"\text{no rule of this name}"),
    ],
)
def test_labels_are_said_part_by_part(latex, german):
    assert GERMAN.label(latex) == german


def test_a_label_keeps_its_formulas():
    answer = derive(r"\nabla_X \operatorname{tr}(AXB)", options=Options(style="index"))
    said = GERMAN.answer(answer)
    assert said.steps != answer.steps
    assert [(step.lhs, step.latex) for step in said.steps] == [
        (step.lhs, step.latex) for step in answer.steps
    ]
    assert replace(said, steps=(), notes=()) == replace(answer, steps=(), notes=())


def test_the_authors_words_come_before_those_of_the_language():
    words = Words("de", {"cyclic property": "Spurzyklizität"})
    assert words.label(r"\text{cyclic property; product rule}") == (
        r"\text{Spurzyklizität; Produktregel}"
    )


def test_english_can_be_reworded():
    words = Words("", {"<name> is constant": "since <name> is fixed"})
    assert words.label(r"A \text{ is constant}") == r"\text{since } A \text{ is fixed}"


def test_an_unknown_phrase_is_told_with_the_nearest():
    read = from_metadata({"phrases": {"cyclic proprety": "cyclic"}}, Settings())
    assert not read.errors
    assert len(read.warnings) == 1
    assert "`cyclic proprety`" in read.warnings[0]
    assert "did you mean `cyclic property`?" in read.warnings[0]


@pytest.mark.parametrize("request_", [TRACE, NORM, r"\nabla_x a^\top x"])
def test_the_badge_says_what_was_checked(request_):
    answer = derive(request_)
    short, told = badge_texts(answer)
    found = answer.verification
    lines = sum(1 for step in answer.steps[1:])
    assert found["lines"] == lines
    assert f"{found['points']} random points" in short
    assert f"{lines} lines" in short
    assert f"in {found['shapes']} different shapes" in told
    if found["method"] == "exact":
        assert short.startswith("Verified, exact (")
        power = int(re.search(r"below \$10\^\{(-\d+)\}", told)[1])
        assert 10**power / 10 < found["error_bound"] <= 10**power
    else:
        digits = int(re.match(r"Verified to (\d+) digits", short)[1])
        assert 50 <= digits <= 60
        assert found["error_bound"] <= 10**-digits


@pytest.mark.parametrize(
    "wrong", [{"rules": True}, {"rules": "two words"}, {"phrases": "no map"}, {"rules": ""}]
)
def test_wrong_values_are_reported_and_the_rest_is_read(wrong):
    read = from_metadata({**wrong, "badge": True}, Settings())
    assert len(read.errors) == 1
    assert read.settings == replace(Settings(), badge=True)


def test_no_page_of_rules_is_a_value_too():
    assert from_metadata({"rules": False}, Settings()).settings == Settings()


def test_the_badge_claims_nothing_without_evidence():
    answer = derive(TRACE)
    for missing in ({}, {"method": "exact", "points": 4}, {"method": "high precision"}):
        assert badge_texts(replace(answer, verification=missing)) == ("Verified.", "")


def test_what_is_not_verified_has_the_reason_and_no_badge():
    answer = derive(TRACE)
    undecided = replace(answer, status="undecided", verification={"reason": "too large to check"})
    blocks = lines_below(undecided, GERMAN, badge=True)
    assert "Nicht verifiziert: für eine Prüfung zu groß." in [
        stringify(block).strip() for block in blocks
    ]
    assert not any("mdiff-badge" in block.classes for block in blocks)


def test_the_line_of_assumptions_is_one_sentence():
    answer = replace(
        derive(TRACE),
        assumed=(r"S \in \mathbb{R}^{n \times n}", r"x \in \mathbb{R}^n"),
        notes=(
            "with $C = AB$",
            quality("S", "spd"),
            quality("S", "fixed"),
            "the sums are written in matrix form",
        ),
    )
    [line, note] = (block.content[0].content for block in lines_below(answer, Words()))
    told = "".join(f"${part.text}$" if isinstance(part, Math) else stringify(part) for part in line)
    assert told == (
        r"with $S \in \mathbb{R}^{n \times n}$ positive definite, $x \in \mathbb{R}^n$, $C = AB$ "
        "and $S$ constant."
    )
    assert "".join(map(stringify, note)) == "The sums are written in matrix form."


def test_a_fact_with_dollars_in_its_text_stays_whole():
    fact = r"n \text{ even, as $m$ is}"
    blocks = lines_below(derive(TRACE), Words(), given=fact)
    assert Math(fact, format="InlineMath").text in [
        part.text for part in blocks[0].content[0].content if isinstance(part, Math)
    ]


def test_symbols_of_one_space_are_told_together():
    facts = [r"A \in \mathbb{R}^{n \times n}", r"x \in \mathbb{R}^n", "S = AA^T"]
    assert joined_facts([*facts, r"B \in \mathbb{R}^{n \times n}", facts[1]]) == [
        r"A, B \in \mathbb{R}^{n \times n}",
        *facts[1:],
    ]
