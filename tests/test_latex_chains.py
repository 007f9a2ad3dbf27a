"""How a formula falls into chains of sides."""

from __future__ import annotations

import pytest

from mdiff_pandoc.latex.chains import Sign, chains

CHAINS = [
    ("a = b = c", [["a", "b", "c"]]),
    (r"\begin{aligned} f &= g \\ &= h \end{aligned}", [["f", "g", "h"]]),
    (r"\begin{aligned} f &= g, \\ &= h, \\ p &= q \end{aligned}", [["f", "g", "h"], ["p", "q"]]),
    (r"\begin{align*} f &= g + \\ &\quad h \end{align*}", [["f", "g + h"]]),
    (r"\begin{align} f &= g \\ &\quad + h \end{align}", [["f", "g + h"]]),
    (
        r"A = \begin{bmatrix} a & b \\ c & d \end{bmatrix}, B = C",
        [["A", r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}"], ["B", "C"]],
    ),
    (r"\begin{eqnarray} f &=& g \\ &=& h &=& k \end{eqnarray}", [["f", "g", "h", "k"]]),
    (r"\begin{array}{rcl} a &=& b \\ &=& c\end{array}", [["a", "b", "c"]]),
    (r"\eqalign{ C &= A \\ dC &= dA }", [["C", "A"], ["dC", "dA"]]),
    (r"\implies \nabla f = g", [[r"\nabla f", "g"]]),
    (r"a = b \Rightarrow c = d", [["a", "b"], ["c", "d"]]),
    (r"f = g \quad \text{where } D = BX", [["f", "g"], ["D", "BX"]]),
    (r"f = g , \qquad (4)", [["f", "g"]]),
    (r"f = g \ . \tag{1}", [["f", "g"]]),
    (r"f = g \label{eq:1} \\", [["f", "g"]]),
    (r"\boxed{a = b}", [["a", "b"]]),
    (r"\sum_{i=1}^n x_i = s % = t", [[r"\sum_{i=1}^n x_i", "s"]]),
    (r"f(x, y) = \left( x = y \right)", [["f(x, y)", r"\left( x = y \right)"]]),
    ("= a + b", [["", "a + b"]]),
    ("a =", [["a", ""]]),
    (r"x \in \mathbb{R}^n", [["x", r"\mathbb{R}^n"]]),
    ("a + b", []),
    (r"a \mathrel{=} b", [["a", "b"]]),
    (r"\displaystyle a = b", [["a", "b"]]),
]
SIGNS = [
    ("=", Sign.EQUAL),
    (r"\overset{(1)}{=}", Sign.EQUAL),
    (r"\stackrel{\text{chain rule}}{=}", Sign.EQUAL),
    (r"\underset{A = A^T}{=}", Sign.EQUAL),
    (":=", Sign.DEFINED),
    ("=:", Sign.DEFINED),
    (r"\coloneqq", Sign.DEFINED),
    (r"\triangleq", Sign.DEFINED),
    (r"\overset{\text{def}}{=}", Sign.DEFINED),
    (r"\stackrel{!}{=}", Sign.DEMANDED),
    (r"\stackrel{?}{=}", Sign.ASKED),
    (r"\approx", Sign.OTHER),
    (r"\le", Sign.OTHER),
    (r"\not=", Sign.OTHER),
    ("<", Sign.OTHER),
    ("≈", Sign.OTHER),
]


@pytest.mark.parametrize(("latex", "expected"), CHAINS)
def test_sides(latex: str, expected: list[list[str]]) -> None:
    found = [[" ".join(side.text.split()) for side in chain.sides] for chain in chains(latex)]
    assert found == expected


@pytest.mark.parametrize(("latex", "expected"), CHAINS)
def test_each_side_tells_its_place(latex: str, expected: list[list[str]]) -> None:
    for chain in chains(latex):
        for side in chain.sides:
            written = latex[side.span.start : side.span.end].split()
            assert side.text.split() == [word for word in written if word not in ("&", r"\\")] or (
                "&" in "".join(written) and len(side.text) == side.span.end - side.span.start
            )


@pytest.mark.parametrize(("latex", "expected"), SIGNS)
def test_signs(latex: str, expected: Sign) -> None:
    [chain] = chains(f"a {latex} b")
    [relation] = chain.relations
    assert relation.sign is expected
    assert (relation.span.start, relation.span.end) == (2, 2 + len(latex))


def test_an_arrow_leads_to_a_consequence() -> None:
    [first, second] = chains(r"a = b \implies c = d")
    assert (first.follows, second.follows) == (False, True)


def test_the_word_before_a_statement() -> None:
    [_, second] = chains(r"a = b, \quad \text{where } c = d")
    assert second.introduced == "where"
