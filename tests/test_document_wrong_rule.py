"""A wrong rule in a table: the document keeps the author's text, and the report names the rule."""

from __future__ import annotations

import json
import subprocess
import sys

import pypandoc
import pytest
from msgspec.structs import replace

from mdiff_pandoc.calculus import Tables
from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.expr import Expr, number, scale
from mdiff_pandoc.rules import TABLES

NOTE = r"""
Before it, $\nabla_x a^\top x = ?$ is still answered.

$$\nabla_X \operatorname{tr}(A X^{-1}) = ?$$
"""


def pandoc(*args: str, text: str) -> str:
    command = [pypandoc.get_pandoc_path(), *args]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout


def spoiled(name: str) -> Tables:
    """The project's tables with a factor 2 too many in one rule."""
    rule = next(rule for rules in TABLES.values() for rule in rules if rule.name == name)

    def wrong(expr: Expr, varies: object) -> Expr | None:
        new = rule.apply(expr, varies)  # type: ignore[arg-type]
        return None if new is None else scale(number(2), new)

    return Tables(
        {
            table: tuple(replace(r, rewrite=wrong) if r is rule else r for r in rules)
            for table, rules in TABLES.items()
        }
    )


@pytest.mark.parametrize("name", ["inverse", "cyclic property"])
def test_a_wrong_rule_never_reaches_the_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDIFF_CACHE", "off")  # which does not know that the rules are others
    source = pandoc("-t", "json", text=NOTE)
    right = convert(source.encode(), "html")
    assert "aligned" in right.json.decode()
    assert right.report == ()

    engine = sys.modules["mdiff_pandoc.calculus.problem"]
    tables = spoiled(name)
    monkeypatch.setattr(engine, "default_tables", lambda: tables)
    wrong = convert(source.encode(), "html")
    report = "\n".join(wrong.report)
    assert "internal-check" in report
    assert name in report
    page = pandoc("-f", "json", "-t", "gfm", text=wrong.json.decode())
    assert r"\nabla_X \operatorname{tr}(A X^{-1}) = ?" in page
    assert r"\nabla_x a^\top x = a" in page
    assert "aligned" not in page
    assert json.loads(wrong.json)["blocks"]
