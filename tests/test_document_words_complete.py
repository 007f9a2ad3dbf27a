"""Whatever mdiff says in a document has a translation, which keeps its formulas and its holes."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from phrases import Phrase, said_in

import mdiff_pandoc.document.words as words_package
from mdiff_pandoc.document.words import Words, quality
from mdiff_pandoc.document.words.language import phrases_of_label
from mdiff_pandoc.document.words.phrasebook import HOLE, languages, table
from mdiff_pandoc.latex.properties import PROPERTIES
from mdiff_pandoc.rules import TABLES
from mdiff_pandoc.rules.examples import EXAMPLES
from mdiff_pandoc.service import Answer, Options, derive

# words that no text of that language has outside its formulas
ENGLISH = re.compile(
    r"\b(?:the|of|is|are|and|with|for|by|at|on|to|from|holds|without|be|has|have|no|not|that|this|"
    r"which|each|than|as|or|it|where|does|do|term|entry|rule|side|left|right)\b"
)
# what is put together with other words before it is said, as it is said then
_ENTRY_OF_TENSOR = (
    "in {} layout this is an entry of a tensor of dimensions ${}$ ({}); the form vec gives a matrix"
)
_SAID_AS = {
    "the expectation is taken over ": "the expectation is taken over $x$ and $y$",
    "the second derivative as a linear map of ": "the second derivative as a linear map of $dX$",
    "{} of the function": "rows of the function",
    "{} of the variable": "columns of the variable",
    "rows as the {}, columns as the {}": (
        r"numerator layout: rows as the function, columns as the variable, $m \times n$"
    ),
    _ENTRY_OF_TENSOR: (
        r"in numerator layout this is an entry of a tensor of dimensions $m \times n$ "
        "(rows of the function, columns of the variable); the form vec gives a matrix"
    ),
    "{} {}; without that restriction it would be ": (
        "the variable is a unit vector: the gradient is taken on the tangent space of the sphere, "
        r"$(I - x x^\top) g$ for the variable $x$ and the unrestricted gradient $g$ (Edelman, "
        "Arias and Smith 1998, §2; Absil, Mahony and Sepulchre 2008, §3.6); "
        "without that restriction it would be $a$"
    ),
    "the block {} does not fit the others of its {}": (
        "the shapes do not meet: the block A (m×n) does not fit the others of its column"
    ),
    "cannot {} {} and {}: the shapes differ": (
        "the shapes do not meet: cannot add A (m×n) and x (n×1)"
    ),
    "is {}": "$A$ is symmetric",
    "are {}": "$A$ and $B$ are symmetric",
    "is a unit vector": "$x$ is a unit vector",
    "are unit vectors": "$x$ and $y$ are unit vectors",
    "; in general {}": "It holds if $A$ is symmetric; in general the right side is $A$",
    " on the left": "It holds with $A$ and $B$ exchanged on the left",
    "the variable is {}, and so is its gradient:": (
        "the variable is symmetric, and so is its gradient: $A$"
    ),
    "the {} ${}$ is missing: ${}$": "the factor $A$ is missing: $A B$",
    " throughout": "it holds with $A$ in place of $B$ throughout",
    "with {} in place of {}{}": "holds with $A$ in place of $B$",
    "without the factor {}{}": "holds without the factor $A$ in the first term",
    "with the term {} added{}": "holds with the term $A$ added and without the factor $B$",
    " in the {} term": "holds with $A$ in place of $B$ in the eighth term",
    r"\text{the mean of {} equally likely values, numbered by the last index}": (
        "for $x = 1$ and $E: \\text{the mean of 3 equally likely values, numbered by the last "
        "index}$"
        ", the left side is 1 and the right side 2"
    ),
    ", first in entry ({}, {})": "the two sides differ, first in entry (1, 2): 3 and 4",
    " for {}": "the two sides differ for i = 1, j = 2: 3 and 4",
}
# what stands in no document: properties of symbols, parts of texts to look for, messages on stderr
_NOT_SAID = {
    "positive definite",
    "a unit vector",
    "MN ch. 5 §4",
    "ask for the gradient with the option symmetric: entries, which has it as an entry",
    "styles for it: {}",
    "gradient in the style {}",
    "the derivative is 0 because {} does not occur in the expression",
    "the derivative is 0 although {} occurs in the expression",
    "with ${} = ",
    "the two sides differ",
    "the two sides are equal, but {}",
    "agrees with the side before the slip",
    "compared with the last side before that can be read",
    ": these shapes do not meet",
    ": the shapes differ",
    "in the definition of",
    "the two sides cannot be equal, {}: the shapes differ",
    "{}; with other shapes it holds",
    "'{}', which is said of {}, is not read",
    "one side is written out for one size",
    "term missing",
    "term too many",
    "factor missing",
    "factor too many",
    "value of {}",
    "left factor {} of {}",
    "right factor {} of {}",
    "high precision",
    "small positive",
    "great slack",
    "rows sum to one",
    "sums to one",
    "left side",
    "right side",
    "  they differ in entry ({}, {}): {} is not {}",
    "counterexample with {}:",
}
_SHAPES = ("ShapeError", "NotSquareError", "NoProductError", "NoEntryError")
_VERIFY = ("UnsupportedError", "RedrawError")


def _phrases() -> list[Phrase]:
    return [
        *said_in("calculus", "other"),
        *said_in("latex", "note", *_SHAPES),
        *said_in("latex/reading.py", "other"),
        *said_in("expr", *_SHAPES),
        *said_in("service/__init__.py", "other"),
        *said_in("service/rows.py", "other"),
        *said_in("service/explained.py", "other"),
        *said_in("service/identity.py", "other"),
        *said_in("service/judging.py", "other"),
        *said_in("service/repairs", "other"),
        *said_in("verify", "other", *_VERIFY),
        *said_in("document/explanation.py", "other"),
        *said_in("document/counterexample.py", "other"),
        *said_in("document/words/badge.py", "other"),
        *said_in("document/words/below.py", "other"),
        *said_in("document/words/rule_list.py", "other"),
    ]


def _is_said(text: str, words: Words) -> bool:
    said = words.say(text)
    return said != text and not ENGLISH.search(_prose(said))


def _prose(text: str) -> str:
    return "".join(text.split("$")[::2])


@pytest.mark.parametrize("language", languages())
def test_every_rule_has_a_name_in_every_language(language):
    rules = {rule.name for rules in TABLES.values() for rule in rules}
    assert rules
    assert sorted(rules - table(language).keys()) == []


@pytest.mark.parametrize("language", languages())
def test_whatever_the_source_says_is_translated(language):
    words = Words(language)
    missing = [
        f"{phrase.file}: {phrase.text!r}"
        for phrase in _phrases()
        if phrase.text not in _NOT_SAID and not any(_is_said(text, words) for text in _ways(phrase))
    ]
    assert not missing, "\n".join(missing)


def _ways(phrase: Phrase) -> list[str]:
    if phrase.text in _SAID_AS:
        return [_SAID_AS[phrase.text]]
    return list(phrase.filled())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("word", sorted(PROPERTIES))
def test_what_is_declared_in_a_word_is_translated(language, word):
    words = Words(language)
    told = quality("S", word)
    assert words.say(told).startswith(words.say("with") + " $S$ ")
    assert table(language).keys() & {told.replace("$S$", "$<name>$")}


def test_the_exceptions_stand_in_the_source():
    texts = {phrase.text for phrase in _phrases()}
    assert sorted({*_SAID_AS, *_NOT_SAID} - texts) == []


@pytest.mark.parametrize("language", languages())
def test_translations_keep_holes_and_formulas(language):
    for key, value in table(language).items():
        assert value, key
        assert set(HOLE.findall(value)) == set(HOLE.findall(key)), key
        assert Counter(_formulas(value)) == Counter(_formulas(key)), key
        if language != "en":
            assert not ENGLISH.search(HOLE.sub("", _prose(value))), key


def _formulas(text: str) -> list[str]:
    return [re.sub(r"\\text\{[^}]*\}", "", formula) for formula in text.split("$")[1::2]]


@pytest.mark.parametrize("language", languages())
def test_no_phrase_stands_in_two_sections(language):
    path = Path(words_package.__file__).parent / "languages" / f"{language}.json"
    pairs: list[tuple[str, object]] = []
    json.loads(path.read_text("utf-8"), object_pairs_hook=pairs.extend)
    counts = Counter(key for key, _ in pairs)
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_the_example_of_a_rule_is_told_in_german(rule):
    answer = _answered(EXAMPLES[rule])
    words = Words("de")
    for step in answer.steps:
        for part in phrases_of_label(step.rule_latex):
            assert _MATH_ALONE.fullmatch(part) or _is_said(part, words), part
    for note in answer.notes:
        assert _is_said(note, words), note


_MATH_ALONE = re.compile(r"(?:\$[^$]*\$)?")


def _answered(example: str) -> Answer:
    *told, request = (part.strip() for part in example.split(";"))
    pairs = [part.partition(": ") for part in told]
    options = {key: value for key, _, value in pairs if key in Options.__struct_fields__}
    declared = [part for part, (key, _, _) in zip(told, pairs, strict=True) if key not in options]
    answer = derive(request, declared, options=Options(**options))
    assert answer.error is None
    return answer
