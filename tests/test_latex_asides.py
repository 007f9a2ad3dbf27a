"""Remarks at the ends of rows are none of the statements of a formula."""

from __future__ import annotations

import pytest

from mdiff_pandoc.latex.asides import without_asides
from mdiff_pandoc.latex.chains import chains
from mdiff_pandoc.service.check import check

ROWS = r"""\begin{aligned}
f &= \|Xw - y\|^2 \\
df &= 2 (X w - y)^{\top}\, d(X w - y) REMARK
&= 2 (X w - y)^{\top} X\, dw && X \text{ is constant} \\
\nabla_w f &= 2 X^{\top} (X w - y)
\end{aligned}"""


@pytest.mark.parametrize(
    "remark",
    [
        r"\\",
        r"&& \text{power of a norm} \\",
        r"&& X \text{~and~} y \text{~are~constant} \\",
        r"&& \text{chain rule: } \dot{z} = z'\, \dot{x} \\",
        r"&& \text{chain rule:} \\ & && \dot{z} = z'\, \dot{x} \\",
        r"\qquad \text{power of a norm} \\",
        r"\\ & \qquad \text{power of a norm; } X \text{ is constant} \\",
        r"&& \text{power;} \\ & && \text{of a norm} \\",
        r"&& \mbox{(power)} \\[1ex]",
    ],
)
def test_a_chain_goes_on_behind_a_remark(remark: str) -> None:
    latex = ROWS.replace("REMARK", remark)
    assert [claim.verdict for claim in check(latex, (), ()).claims] == [
        "definition",
        "verified",
        "verified",
        "verified",
    ]
    wrong = latex.replace("&= 2 (X w", "&= 3 (X w")
    assert "refuted" in [claim.verdict for claim in check(wrong, (), ()).claims]


@pytest.mark.parametrize(
    "latex",
    [
        r"a &= b && \text{where } r = Xw - y \\",
        r"a &= b && c = d",
        r"a &= b && \text{where} \\ r &= X w",
        r"a &= b \qquad \text{and} \qquad c = d",
        r"a &= b \qquad c = d \\",
        r"f(x) = \begin{cases} 1 && \text{if it is} \\ 0 && \text{else} \end{cases}",
        r"\text{loss} = a \\ \text{ and } b",
        "a &= b & c &= d",
    ],
)
def test_what_states_or_introduces_something_stays(latex: str) -> None:
    assert without_asides(latex) == latex


def test_places_stay_what_they_are() -> None:
    latex = ROWS.replace("REMARK", r"&& \text{by hand} \\")
    assert len(without_asides(latex)) == len(latex)
    assert all(
        latex[side.span.start : side.span.end] == side.text
        for chain in chains(latex)
        for side in chain.sides
        if "&" not in side.text and "text" not in latex[side.span.start : side.span.end]
    )


@pytest.mark.parametrize("indent", [r"&\quad {}", r"&\qquad", "&", r"&\quad\quad"])
def test_a_definition_goes_on_in_the_next_row(indent: str) -> None:
    rows = rf"f &= \|x\|^2 \\ {indent} + \|A x\|^2 \\ \nabla_x f &= 2 x + 2 A^\top A x"
    latex = rf"\begin{{aligned}} {rows} \end{{aligned}}"
    assert [claim.verdict for claim in check(latex, (), ()).claims] == ["definition", "verified"]


def test_a_sum_goes_on_behind_an_empty_group() -> None:
    rows = r"\nabla_x \|A x - b\|^2 &= 2 A^\top A x \\ &\quad {} - 2 A^\top b"
    latex = rf"\begin{{aligned}} {rows} \end{{aligned}}"
    assert [claim.verdict for claim in check(latex, (), ()).claims] == ["verified"]
