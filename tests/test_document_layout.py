"""Derivations on a page: widths, broken lines, labels, blocks."""

from __future__ import annotations

import json
import re

import pytest

from mdiff_pandoc.document.convert import convert
from mdiff_pandoc.document.layout import (
    PAPER,
    Page,
    aligned,
    block,
    pages,
)
from mdiff_pandoc.document.layout import rows as rows_of
from mdiff_pandoc.document.widths import width
from mdiff_pandoc.service import Answer, Options, StepText, derive

# as TeX sets them in Computer Modern at ten points, display style
MEASURED = [
    (r"\| \mathbf{X} - \mathbf{W} \mathbf{H} \|_F^2", 58.5),
    (r"A^T \left(\dfrac{V}{A X B}\right) B^T", 73.3),
    (r"\operatorname{tr}\left(B \left(\dfrac{\partial y}{\partial C}\right)^T dA\right)", 87.0),
    (r"A^{\top} X^{\top} X X^{\top} C^{\top} X B^{\top} + C X X^{\top} X A X B", 172.2),
    (r"\sum_{k=1}^{n} \sum_{l=1}^{m} A_{kl} B_{lk}", 62.4),
    (r"(dX)^{\top} X + X^{\top}\, dX", 81.9),
    (r"\begin{bmatrix} A_{11} & A_{12} \\ A_{21} & A_{22} \end{bmatrix}", 52.5),
]  # fmt: skip
LONG = [
    (r"\nabla_X \operatorname{tr}(X A X B X^\top C X X^\top)", {}),
    (r"\nabla_X \operatorname{tr}(A X B X C^\top)", {"style": "index"}),
    (r"\nabla_X \operatorname{tr}(A X B X C^\top)", {"style": "occurrences"}),
    (r"\nabla_X \operatorname{tr}(A X)", {"style": "definition"}),
    (r"\nabla_x \|\frac{A x}{\sqrt{x^\top x}} - b \frac{\log(1 + x^\top x)}{1 + x^\top x}\|^2", {}),
    (r"\frac{\partial}{\partial x} \sigma(W \tanh(V x + c) + b)", {}),
    (r"\nabla_x^2 \log(1 + \|A x - b\|^2)", {}),
]  # fmt: skip


def answered(latex: str, options: dict[str, str]) -> Answer:
    answer = derive(latex, options=Options.from_mapping(options))
    assert answer.error is None
    return answer


def rows(text: str) -> list[str]:
    body = text.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
    return body.split(" \\\\\n")


@pytest.mark.parametrize(("latex", "points"), MEASURED)
def test_widths_are_about_those_of_tex(latex: str, points: float) -> None:
    assert 0.8 * points < width(latex) < 1.25 * points


@pytest.mark.parametrize(("latex", "options"), LONG)
def test_no_row_is_wider_than_the_page(latex: str, options: dict[str, str]) -> None:
    laid = rows(aligned(answered(latex, options).steps))
    cells = [row.split(" && ") for row in laid]
    formulas = max(width(cell[0]) for cell in cells)
    labels = max(width(cell[1]) if len(cell) > 1 else 0 for cell in cells)
    assert formulas + labels <= PAPER.width + 12.5  # the sign of equality is counted twice


@pytest.mark.parametrize(("latex", "options"), LONG)
def test_nothing_is_lost_or_torn(latex: str, options: dict[str, str]) -> None:
    steps = answered(latex, options).steps
    said = "".join(f"{step.lhs}={step.latex}{step.rule_latex}" for step in steps)
    laid = aligned(steps).removeprefix("\\begin{aligned}").removesuffix("\\end{aligned}")
    bare = [
        re.sub(
            r"\\(?:left|right|[bB]igg?[lr])(?![A-Za-z])|\\q?quad|\{\}|~|\s|&|\\text|\\dfrac|\\frac"
            r"|\\\\|[{}]",
            "",
            text,
        )
        for text in (said, laid)
    ]
    assert sorted(bare[0]) == sorted(bare[1])
    for row in rows(aligned(steps)):
        assert row.count(r"\left") == row.count(r"\right")
        assert row.count("{") == row.count("}")


def test_a_broken_bracket_has_a_fixed_size() -> None:
    term = r"\left(\frac{A B C D}{x}\right) E F G H K L M N"
    inside = f"{term} + {term} - {term}"
    text = aligned([StepText("f", rf"2 \left({inside}\right)^{{\top}} y", "rule", r"\text{rule}")])
    assert text.count(r"\biggl(") == text.count(r"\biggr)") == 1
    assert r"\biggr)^{\top} y" in text


def test_bars_are_not_torn() -> None:
    norm = r"\| A B C D E F G H K L + M N P Q R S T U V W X Y Z + A B C D E F G H \|"
    assert norm in aligned([StepText("f", norm), StepText("g", norm)])


def test_a_label_stands_beside_its_formula_where_there_is_room() -> None:
    steps = [StepText("f", "A X"), StepText("df", r"A\, dX", "A is constant", r"\text{constant}")]
    assert aligned(steps).splitlines()[2] == r"df &= A\, dX && \text{constant}"


def test_a_long_label_is_wrapped_at_words() -> None:
    words = "identification by the entries on and below the diagonal of the whole matrix at once"
    steps = [StepText("f", "x"), StepText("df", "y + z", words, rf"\text{{{words}}}")]
    labels = re.findall(r"\\text\{([^}]*)\}", aligned(steps))
    assert len(labels) > 1
    assert " ".join(labels).replace("~", " ") == words


def test_a_derivation_longer_than_a_page_comes_in_blocks() -> None:
    steps = [StepText(f"f_{{{n}}}", r"\frac{a}{b} x", "r", r"\text{r}") for n in range(60)]
    blocks = [block(part) for part in pages(rows_of(steps, "."))]
    assert len(blocks) > 1
    assert [row for part in blocks for row in rows(part)] == rows(aligned(steps, "."))
    assert max(30 * len(rows(part)) for part in blocks) <= PAPER.height
    assert len(pages(rows_of(steps[:5]))) == 1


@pytest.mark.parametrize(
    ("writer", "space"),
    [("html", r"}\ \text{"), ("epub", r"}\ \text{"), ("latex", " "), ("gfm", " ")],
)
def test_the_words_of_a_label_have_no_tilde_between_them(writer: str, space: str) -> None:
    """MathJax shows a tilde in text as a tilde, KaTeX takes no U+00A0; browsers wrap other spaces,
    and lose words then."""
    request = {"t": "Math", "c": [{"t": "DisplayMath"}, r"\nabla_w \|Xw - y\|^2 = ?"]}
    page = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [{"t": "Para", "c": [request]}]}
    made = json.loads(convert(json.dumps(page).encode(), writer).json)
    text = json.dumps(made["blocks"], ensure_ascii=False).replace(r"\\", "\\")
    assert f"power{space}of{space}a{space}norm" in text
    assert "~" not in text


def test_a_right_side_stands_below_a_long_left_one_where_it_is_broken_less() -> None:
    long = r"\nabla_\Sigma \left( \log\det\Sigma + (y - Xw)^\top \Sigma^{-1} (y - Xw) \right)"
    result = r"\Sigma^{-1} - \Sigma^{-1} (y - Xw) (y - Xw)^\top \Sigma^{-1}"
    rows = aligned([StepText(long, result)], ".", Page(300.0)).splitlines()[1:-1]
    assert rows == [rf"&{long} \\", rf"&\quad = {result}."]


def test_a_right_side_stays_beside_a_short_left_one() -> None:
    result = " + ".join(rf"A_{{{n}}} X B_{{{n}}} X^\top C_{{{n}}}" for n in range(6))
    rows = aligned([StepText("f", result)], "", Page(300.0)).splitlines()[1:-1]
    assert rows[0].startswith("f &= A_{0}")
    assert len(rows) > 1
