"""Which words before a formula introduce something new, and which conclude."""

from __future__ import annotations

import pytest

from mdiff_pandoc.document.manner import manner_of


@pytest.mark.parametrize(
    "words",
    [
        "Let ",
        "Consider this example: ",
        "Similarly, we have: ",
        "Now consider a more complicated example: ",
        "How about when we have a trace of a sum: ",
        "Thus it holds. We define ",
        "The objective is ",
        "where we set ",
    ],
)
def test_introduced(words: str) -> None:
    assert manner_of(words) == "introduced"


@pytest.mark.parametrize(
    "words",
    [
        "Expanding the outer product, we have: ",
        "We can write this using indices as ",
        "Let us simplify. Thus ",
        "so that the loss becomes ",
        "Let us expand the loss: ",
        "Recall that the cost is ",
    ],
)
def test_concluded(words: str) -> None:
    assert manner_of(words) == "concluded"


@pytest.mark.parametrize("words", ["", "Consider this. ", "The first line: "])
def test_neither(words: str) -> None:
    assert manner_of(words) == ""
