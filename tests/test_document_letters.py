"""Patterns in which a letter may be a command find what the written-out ones find."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdiff_pandoc.document.letters import GREEK, LETTER, lettered

WRITTEN_OUT = rf"(?:[A-Za-z]|\\(?:{'|'.join(GREEK)})(?![A-Za-z]))"
SOURCES = (
    "{0}",
    r"({0})\s*=\s*({0})(?:\s*_\s*(\w))?",
    r"({0})\s*\^\s*T\s*\1(?![A-Za-z])",
    r"(?P<name>{0}) [a-z]+",
    r"\\frac\s*\{{\s*({0})\s*\}}\{{({0})\}}",
)
_PARTS = (
    *(rf"\{name}" for name in GREEK[::6]),
    *"Axy=_^{ }T1",
    *(r"\frac", r"\in", r"\alphas", "\\\\", "symmetric", "x = ", r"\eta^T \eta", r"\frac{\mu}{x}"),
)
PARTS = st.lists(st.sampled_from(_PARTS), max_size=12)


def shown(found: re.Match[str] | None, groups: int) -> object:
    if found is None:
        return None
    return found.span(), [(found[group], found.span(group)) for group in range(groups + 1)]


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=300, deadline=None)
@given(parts=PARTS, before=st.integers(0, 5))
def test_it_finds_what_the_pattern_written_out_finds(
    source: str, parts: list[str], before: int
) -> None:
    text, start = "".join(parts), len("".join(parts[:before]))
    ours, theirs = lettered(source.format(LETTER)), re.compile(source.format(WRITTEN_OUT))
    for name in ("search", "match", "fullmatch"):
        found, expected = (getattr(pattern, name)(text, start) for pattern in (ours, theirs))
        assert shown(found, theirs.groups) == shown(expected, theirs.groups)
    every = [shown(found, theirs.groups) for found in theirs.finditer(text)]
    assert [shown(found, theirs.groups) for found in ours.finditer(text)] == every
    assert ours.findall(text) == [found[0] for found in theirs.finditer(text)]
    assert ours.sub("#", text) == theirs.sub("#", text)
    assert ours.sub(lambda found: f"<{found[0]}>", text) == theirs.sub(
        lambda found: f"<{found[0]}>", text
    )


def test_a_named_group_is_found_by_its_name() -> None:
    found = lettered(rf"(?P<name>{LETTER}) is (?P<kind>\w+)?").search(r"so \theta is ")
    assert found is not None
    assert (found["name"], found["kind"], found.start("name")) == (r"\theta", None, 3)
