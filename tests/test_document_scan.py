"""The first look at a document's bytes never overlooks a request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdiff_pandoc.document.scan import may_ask
from mdiff_pandoc.latex.request import find_request

PIECES = [
    *(r"\nabla_x", r"\frac{\partial f}{\partial x}", "f(x)", "=", "=", "?", "{?}", r"\boxed{?}"),
    *(r"\label{eq:a}", r"\tag{1}", r"\tag*{x = y}", r"\quad", r"\,", "&", r"\\", "\n", "\t", " "),
    *(
        "% a = b\n",
        ".",
        ",",
        r"\begin{aligned}",
        r"\end{aligned}",
        "2x",
        r"\alpha",
        '"',
        "é",
        "\x01",
    ),
    *("\u00a0", r"\text{ if }", r"\begin{alignat}{2}", "{ }", "~", r"\nonumber", r"\notag", "|"),
]


def page(*blocks: Any) -> bytes:
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": list(blocks)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def formula(text: str) -> Any:
    return {"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, text]}]}


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_asks_may_ask(text: str) -> None:
    if find_request(text) is not None:
        assert may_ask(page(formula("a = b"), formula(text)))


@given(st.lists(st.sampled_from(PIECES[6:]), max_size=4).map("".join))
def test_what_stands_behind_the_last_equality_sign_decides(rest: str) -> None:
    text = r"\nabla_x f(x) = " + rest
    if find_request(text) is not None:
        assert may_ask(page(formula(text)))


@pytest.mark.parametrize(
    "block",
    [
        formula(r"\nabla_x f = 2x"),
        formula(r"a = \alpha \label{eq:a}"),
        {"t": "Para", "c": [{"t": "Str", "c": 'says "t":"Math" and = ?'}]},
        {"t": "RawBlock", "c": ["html", "<a b='c' d=?>"]},
        {"t": "CodeBlock", "c": [["", ["python"], []], "x = ?"]},
    ],
)
def test_what_asks_nothing_is_let_through(block: Any) -> None:
    assert not may_ask(page(block))


@pytest.mark.parametrize(
    "block",
    [
        {"t": "Div", "c": [["", ["mdiff"], []], []]},
        {"t": "RawBlock", "c": ["latex", r"\begin{align} \nabla_x x &= \end{align}"]},
        {"t": "RawInline", "c": ["tex", "="]},
        {"t": "CodeBlock", "c": [["", ["math"], []], r"\nabla_x x ="]},
        {"c": [{"t": "DisplayMath"}, r"\nabla_x x ="], "t": "Math"},
    ],
)
def test_what_may_ask_is_looked_at_again(block: Any) -> None:
    assert may_ask(page(block))


def test_a_document_in_another_hand_is_looked_at_again() -> None:
    assert may_ask(json.dumps({"t": "Math"}).encode())
