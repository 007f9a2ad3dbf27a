"""Options: what is read, what is refused, and with which hint."""

from __future__ import annotations

import pytest

from mdiff_pandoc.document.settings import (
    Settings,
    from_attributes,
    from_metadata,
    is_option,
    plain,
    symbol_facts,
)
from mdiff_pandoc.errors import OptionError


def test_every_documented_option_is_read() -> None:
    reading = from_metadata(
        {
            "style": "differential",
            "detail": "brief",
            "layout": "numerator",
            "functions": "elementwise",
            "form": "vec",
            "symmetric": "entries",
            "badge": True,
            "on-error": "keep",
            "requests": "marked",
            "quiet": "true",
            "verbose": False,
            "file": "notes.md",
            "symbols": {"A": "m×n symmetric"},
        },
        Settings(),
    )
    settings = reading.settings
    assert reading.errors == ()
    options = settings.options()
    assert (options.detail, options.layout) == ("brief", "numerator")
    assert (options.form, options.symmetric) == ("vec", "entries")
    assert (settings.badge, settings.quiet, settings.verbose) == (True, True, False)
    assert (settings.on_error, settings.requests, settings.file) == ("keep", "marked", "notes.md")
    assert settings.symbols == (r"A \in \mathbb{R}^{m \times n}", "A symmetric")


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [
        ("detial", "brief", "did you mean `detail`?"),
        ("detail", "breif", "brief"),
        ("style", "indices", "did you mean `index`?"),
        ("style", "backpropagation", "did you mean `backprop`?"),
        ("layout", "numerators", "did you mean `numerator`?"),
        ("form", "vector", "did you mean `vec`?"),
        ("form", "kronecker", "one of vec, index, map"),
        ("symmetric", "entry", "did you mean `entries`?"),
        ("symetric", "entries", "did you mean `symmetric`?"),
        ("on-error", "ignore", "mark"),
        ("badge", "perhaps", "true, false"),
        ("symbols", "A", "symbols: {"),
        ("zzz", "1", "known are"),
    ],
)
def test_a_wrong_option_is_an_error_with_the_nearest_known_one(
    key: str, value: str, hint: str
) -> None:
    reading = from_metadata({key: value, "detail": "full"} | {key: value}, Settings())
    [error] = reading.errors
    assert key in error.message
    assert hint in error.hint


def test_wrong_options_lose_nothing_else() -> None:
    reading = from_metadata({"detial": "brief", "badge": True}, Settings())
    assert len(reading.errors) == 1
    assert reading.settings.badge


def test_metadata_that_is_no_map_is_an_error() -> None:
    assert len(from_metadata("full", Settings()).errors) == 1


def test_attributes_of_the_output_format_are_no_options() -> None:
    attributes = {"style": "color: red", "data-x": "1", "lang": "en", "detail": "result"}
    reading = from_attributes(attributes, Settings())
    assert reading.errors == ()
    assert reading.settings.calculus == {"detail": "result"}
    assert is_option("style", "differential")
    assert not is_option("style", "color: red")


def test_symbols_cannot_be_given_on_a_block() -> None:
    assert len(from_attributes({"symbols": "A"}, Settings()).errors) == 1


@pytest.mark.parametrize(
    ("name", "text", "facts"),
    [
        ("A", "m×n", [r"A \in \mathbb{R}^{m \times n}"]),
        ("A", "m x n", [r"A \in \mathbb{R}^{m \times n}"]),
        ("A", "3 by 4", [r"A \in \mathbb{R}^{3 \times 4}"]),
        ("A", r"$m \times n$", [r"A \in \mathbb{R}^{m \times n}"]),
        ("x", "n", [r"x \in \mathbb{R}^{n}"]),
        ("x", False, [r"x \in \mathbb{R}^{n}"]),
        ("t", "scalar", [r"t \in \mathbb{R}"]),
        (
            "Sigma",
            "n×n positive definite",
            [r"\Sigma \in \mathbb{R}^{n \times n}", r"\Sigma positive definite"],
        ),
        (r"\mu", "n", [r"\mu \in \mathbb{R}^{n}"]),
        ("S", "symmetric", ["S symmetric"]),
        (
            "S",
            "n×n, symmetric and invertible",
            [r"S \in \mathbb{R}^{n \times n}", "S symmetric", "S invertible"],
        ),
        ("X", r"$X \in \mathbb{R}^{m \times n}$", [r"X \in \mathbb{R}^{m \times n}"]),
    ],
)
def test_symbols(name: str, text: object, facts: list[str]) -> None:
    assert symbol_facts(name, text) == facts


@pytest.mark.parametrize("text", ["big", "n×n sparse", ""])
def test_a_symbol_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(OptionError):
        symbol_facts("A", text)


def test_plain_reads_pandoc_metadata() -> None:
    words = [{"t": "Str", "c": "m"}, {"t": "Space"}, {"t": "Math", "c": [{"t": "InlineMath"}, "n"]}]
    meta = {
        "t": "MetaMap",
        "c": {
            "t": {"t": "MetaInlines", "c": words},
            "flag": {"t": "MetaBool", "c": True},
            "list": {"t": "MetaList", "c": [{"t": "MetaString", "c": "x"}]},
        },
    }
    assert plain(meta) == {"t": "m $n$", "flag": True, "list": ["x"]}


def test_a_bad_entry_of_symbols_leaves_the_others() -> None:
    symbols = {"A": "n×n symmetric", "B": "who knows", "x": "n"}
    reading = from_metadata({"symbols": symbols}, Settings())
    assert len(reading.errors) == 1
    assert "`B`" in reading.errors[0].message
    assert reading.settings.symbols == (
        r"A \in \mathbb{R}^{n \times n}",
        "A symmetric",
        r"x \in \mathbb{R}^{n}",
    )
