"""The table of the parser's choices, against what the runtime finds in the grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mdiff_pandoc.errors import ParseError
from mdiff_pandoc.latex import grammar
from mdiff_pandoc.latex.grammar import Lexeme, Type
from mdiff_pandoc.latex.visit import parse, tree_of

CASES = Path(__file__).parent / "cases"
TYPES = [number for name, number in vars(Type).items() if name.isupper() and number != -1]


def formulas() -> Iterator[str]:
    """What stands between the bars and equality signs of the case files."""
    for file in sorted(CASES.glob("*.txt")):
        for line in file.read_text("utf-8").splitlines():
            yield from re.split(r" \| |&?=", line)


def runtime_tree(types: tuple[int, ...]) -> str:
    """The tree by the runtime's own prediction, or "" where it finds none."""
    ours, generated, cancelled = grammar._machinery()
    from antlr4.atn.PredictionMode import PredictionMode

    stream = grammar._Stream([Lexeme(number, "x", 0, 1) for number in types], 1)
    parser = generated(stream)
    parser.removeErrorListeners()
    parser._errHandler = ours(stream)._errHandler
    parser._interp.predictionMode = PredictionMode.SLL
    try:
        tree = parser.relation(0)
    except cancelled:
        return ""
    return shown(tree) if stream.index == stream.last else ""


def our_tree(types: tuple[int, ...]) -> str:
    try:
        return shown(grammar.parse_tree([Lexeme(number, "x", 0, 1) for number in types], 1))
    except ParseError:
        return ""


def shown(node: Any) -> str:
    if not hasattr(node, "children"):
        return str(node.symbol.type)
    parts = " ".join(map(shown, node.children or ()))
    return f"({node.getRuleIndex()} {parts})"


@pytest.fixture(scope="module")
def statements() -> list[tuple[int, ...]]:
    """The token types of all statements that the cases are made of."""
    seen: dict[tuple[int, ...], None] = {}

    def noting(lexemes: list[Lexeme], end: int) -> Any:
        seen[tuple(lexeme.type for lexeme in lexemes)] = None
        return tree_of(lexemes, end)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mdiff_pandoc.latex.visit.tree_of", noting)
        for formula in formulas():
            try:
                parse(formula)
            except Exception:  # half a row, or prose
                continue
    return [types for types in seen if len(types) < 60]


def test_the_choices_are_those_of_the_runtime(statements: list[tuple[int, ...]]) -> None:
    trees = [our_tree(types) for types in statements]
    assert len(trees) > 500
    assert trees == [runtime_tree(types) for types in statements]


def test_the_choices_are_those_of_the_runtime_in_broken_statements(
    statements: list[tuple[int, ...]],
) -> None:
    chance = random.Random(7)
    found = 0
    for _ in range(6000):
        types = list(chance.choice(statements))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(types) + 1)
            types[place : place + chance.randint(0, 1)] = chance.choices(
                TYPES, k=chance.randint(0, 1)
            )
        broken = tuple(types)
        pairs = set(pairwise(broken))
        if pairs & {(Type.ROW, Type.CLOSE_MATRIX), (Type.ROW, Type.CLOSE_LIST)}:
            continue  # an empty last row, which the reader leaves out
        tree = our_tree(broken)
        found += tree != ""
        assert tree == runtime_tree(broken), broken
    assert found > 1000


def test_a_matrix_may_end_its_last_row() -> None:
    rows = r"\begin{bmatrix} a \\ b \\ \end{bmatrix}"
    assert parse(rows).args == parse(rows.replace(r"b \\", "b")).args
