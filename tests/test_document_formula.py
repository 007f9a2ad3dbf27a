"""Formulas taken apart: environments, rows, labels, tags."""

import pytest

from mdiff_pandoc.document.formula import read_formula


def texts(source: str) -> list[str]:
    return [" ".join(statement.text.split()) for statement in read_formula(source).statements]


@pytest.mark.parametrize(
    ("source", "statements"),
    [
        ("a = b", ["a = b"]),
        ("\\begin{equation}\n\\label{eq:a}\na = b\n\\end{equation}", ["a = b"]),
        (r"\begin{align} a &= b \\ c &= d \end{align}", ["a = b", "c = d"]),
        (r"\begin{align} a &= b \\ &= c \\ d &= e \end{align}", ["a = b = c", "d = e"]),
        ("\n\\begin{align}\n a &= b\n\\end{align}\n", ["a = b"]),
        (r"\begin{equation}\begin{aligned} a &= b \end{aligned}\end{equation}", ["a = b"]),
        (r"\begin{alignat}{2} a &= b \end{alignat}", ["a = b"]),
        (r"\begin{eqnarray} a &=& b \end{eqnarray}", ["a = b"]),
        (
            r"A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
            [r"A = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}"],
        ),
        ("a = b % here c = d\n + e", ["a = b + e"]),
        (r"a = ? \qquad (4)", ["a = ?"]),
        ("", []),
    ],
)
def test_statements(source: str, statements: list[str]) -> None:
    assert texts(source) == statements


def test_opening_rows_and_closing_are_the_source() -> None:
    source = "\\begin{align}\n a &= b \\\\\n c &= d \\label{x}\n\\end{align}"
    formula = read_formula(source)
    start, end = formula.statements[0].start, formula.statements[-1].end
    assert formula.opening + source[start:end] + formula.closing == source


def test_offsets_point_into_the_source() -> None:
    source = r"\begin{align} a &= b \label{eq:a} \\ \nabla_x f &= ? \tag{7} \end{align}"
    for statement in read_formula(source).statements:
        assert len(statement.text) == statement.end - statement.start
        for place, char in enumerate(statement.text):
            assert char in (" ", source[statement.start + place])


@pytest.mark.parametrize(
    ("source", "labels", "tag", "numbered"),
    [
        (r"\begin{equation}\label{eq:a} a = ? \end{equation}", ("eq:a",), "", True),
        (r"\begin{equation*} a = ? \end{equation*}", (), "", False),
        (r"\begin{align} a = ? \notag \end{align}", (), "", False),
        (r"a = ? \tag{7}", (), "(7)", False),
        (r"a = ? \tag*{A}", (), "A", False),
        (r"a = ? \qquad (4)", (), "(4)", False),
        (r"\label{eq:b} a = ?", ("eq:b",), "", False),
    ],
)
def test_labels_and_tags(source: str, labels: tuple[str, ...], tag: str, numbered: bool) -> None:
    [statement] = read_formula(source).statements
    assert (statement.labels, statement.tag, statement.numbered) == (labels, tag, numbered)


def test_an_environment_that_never_ends_is_left_alone() -> None:
    assert texts(r"\begin{align} a &= b") != []
