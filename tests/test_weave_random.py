"""Mixtures of what notes are made of: weaving can be undone, and done again, byte by byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weave_notes import stripped, woven

from mdiff_pandoc.cli.pandoc import PandocMissing, find_pandoc
from mdiff_pandoc.document.weave.dialects import DIALECTS, Dialect
from mdiff_pandoc.document.weave.markers import keep, kept

try:
    find_pandoc()
except PandocMissing:
    pytest.skip("pandoc is not installed", allow_module_level=True)

INLINE = r"$\nabla_x x^\top x = ?$"
DISPLAY = r"$$\nabla_x a^\top x = ?$$"
WIDE = "$$\n\\nabla_X \\operatorname{tr}(AX) = ?\n$$"
MARKDOWN = [
    "plain text, café 🙂 and 50 % of it",
    f"Then {INLINE} holds; {INLINE}",
    INLINE,
    DISPLAY,
    f"text\n{DISPLAY}\nmore",
    WIDE,
    f"{WIDE} {{#eq:a}}",
    f"- {INLINE}\n- {DISPLAY}\n- last",
    f"1. one\n\n   {DISPLAY}\n\n2.\ttwo {INLINE}",
    f"> {INLINE}\n> {DISPLAY}\n>\n> > {DISPLAY}",
    f"| a | b |\n|---|---|\n| {INLINE} | $|x|$ |",
    f"# Heading {INLINE}",
    f"note[^1]\n\n[^1]: {INLINE}",
    f"<div>\n\n{WIDE}\n\n</div>",
    f"::: {{.mdiff}}\n{WIDE}\n:::",
    f"``` mdiff\nP symmetric\n{DISPLAY.strip('$')}\n```",
    f"``` tex\n<!-- mdiff: {INLINE} -->{INLINE}<!-- /mdiff d5ef08fa -->\n```",
    "an open `` ` and $ and $$ and -- and <!-- in text",
    f"**{DISPLAY}** and *{INLINE}*",
    "\\begin{equation}\\label{a}\n\\nabla_x x^\\top x = ?\n\\end{equation}",
    f"\\begin{{theorem}}\n{INLINE} and\n\\[ \\nabla_x a^\\top x = ? \\]\n\\end{{theorem}}",
    r"broken $\nabla_x (x = ?$ here",
]
LATEX = [
    "Plain text, 50\\% of it. % a comment",
    f"Then ({INLINE}) holds, {INLINE}\nand on {INLINE}% tight",
    "\\[ \\nabla_x a^\\top x = ? \\] goes on",
    "  \\[\n    \\nabla_X \\operatorname{tr}(AX) = ?.\n  \\]",
    DISPLAY,
    "\\begin{align}\n f &= X \\\\\n \\nabla_x x^\\top x &= ? \\label{b}\n\\end{align}",
    f"\\begin{{itemize}}\n\\item {INLINE}\n\\item\n{WIDE}\n\\end{{itemize}}",
    f"\\footnote{{{INLINE}}} \\emph{{{INLINE}}}",
    f"\\begin{{verbatim}}\n% mdiff: x\n{INLINE}\n\\end{{verbatim}}",
]
ENDS = ("\n", "\r\n", "\r")


def mixed(pieces: list[str]) -> st.SearchStrategy[bytes]:
    text = st.lists(st.sampled_from(pieces), min_size=1, max_size=5).map("\n\n".join)
    last = st.sampled_from(["", "\n", "\n\n", "  ", " \n"])
    ends = st.lists(st.sampled_from(ENDS), min_size=1, max_size=3)
    mark = st.sampled_from([b"", b"\xef\xbb\xbf"])

    def made(text: str, last: str, ends: list[str], mark: bytes) -> bytes:
        lines = (text + last).split("\n")
        pieces = [line + ends[index % len(ends)] for index, line in enumerate(lines[:-1])]
        return mark + "".join([*pieces, lines[-1]]).encode()

    return st.builds(made, text, last, ends, mark)


def assert_undone(data: bytes, name: str, dialect: Dialect) -> None:
    new = woven(data, name, dialect).file.encode()
    assert stripped(new, name, dialect) == data
    assert woven(new, name, dialect).file.encode() == new


@settings(max_examples=40)
@given(mixed(MARKDOWN), st.sampled_from(["markdown", "gfm", "kramdown", "myst"]))
def test_markdown(data: bytes, dialect: str) -> None:
    assert_undone(data, "note.md", DIALECTS[dialect])


@settings(max_examples=20)
@given(mixed(LATEX))
def test_latex(data: bytes) -> None:
    assert_undone(data, "note.tex", DIALECTS["latex"])


@settings(max_examples=20)
@given(
    st.lists(
        st.lists(st.sampled_from(MARKDOWN), min_size=1, max_size=3).map("\n\n".join),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_notebooks(cells: list[str], indent: int | str | None, listed: bool, plain: bool) -> None:
    book = {
        "cells": [
            {
                "cell_type": "markdown",
                "metadata": {},
                "source": cell.splitlines(keepends=True) if listed else cell,
            }
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    data = json.dumps(book, indent=indent, ensure_ascii=plain).encode()
    assert_undone(data, "note.ipynb", DIALECTS["ipynb"])
    json.loads(woven(data, "note.ipynb", DIALECTS["ipynb"]).file.encode())


@given(
    st.text(st.sampled_from("$-->%n0A{}|`<!\\ \t\n\r\u2028é🙂")),
    st.sampled_from(ENDS),
    st.booleans(),
    st.booleans(),
)
def test_kept_text_comes_back(text: str, eol: str, tex: bool, bars: bool) -> None:
    held = keep(text, eol, tex=tex, bars=bars)
    assert kept(held, eol) == text
    assert len(held.splitlines()) <= 1
    assert tex or ("--" not in held and "{%" not in held and "{{" not in held)
